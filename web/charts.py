"""The charts of the board as ECharts options: plain dicts that the page draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Option = Mapping[str, Any]

FONT = {
    "fontFamily": "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"
}
"""Named, not inherited: ECharts measures its labels outside of the page."""

GRID = {"left": 4, "right": 20, "top": 16, "bottom": 16, "outerBoundsMode": "same"}
"""The labels of the axes are kept inside the chart."""


def funnel(steps: Sequence[tuple[str, int]]) -> Option:
    """How many got how far, the widest at the top."""
    return {
        "textStyle": FONT,
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "funnel",
                "sort": "none",
                "left": "2%",
                "width": "52%",
                "top": 12,
                "bottom": 12,
                "gap": 3,
                "minSize": "2%",
                "label": {"position": "right", "formatter": "{b}: {c}"},
                "data": [{"name": name, "value": count} for name, count in steps],
            }
        ],
    }


def weekly(weeks: Sequence[tuple[str, Decimal | None]], average: Decimal | None, words: str) -> Option:
    """A rate for each week, in per cent, with the rate of the whole period as a line."""
    series: dict[str, Any] = {
        "type": "line",
        "name": words,
        "connectNulls": True,
        "smooth": 0.2,
        "areaStyle": {"opacity": 0.14},
        "data": [None if rate is None else float(rate) for _, rate in weeks],
    }
    if average is not None:
        series["markLine"] = {
            "silent": True,
            "symbol": "none",
            "lineStyle": {"type": "dashed"},
            "label": {"formatter": "{c} %", "position": "insideEndTop"},
            "data": [{"yAxis": round(float(average), 1)}],
        }
    return {
        "textStyle": FONT,
        "tooltip": {"trigger": "axis"},
        "grid": GRID,
        "xAxis": {"type": "category", "data": [week for week, _ in weeks], "boundaryGap": False},
        "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": "{value} %"}},
        "series": [series],
    }


Times = Sequence[tuple[str, Decimal | None, Decimal | None]]
"""Name, median and p90 of each stage."""


def stages(rows: Times, median: str, p90: str) -> Option:
    """Median and p90 of the time in each stage, in days; the first row is drawn at the top."""
    return {
        "textStyle": FONT,
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"bottom": 0, "data": [median, p90]},
        "grid": {**GRID, "bottom": 40},
        "xAxis": {"type": "value"},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [name for name, _, _ in rows],
            "axisLabel": {"width": 110, "overflow": "truncate"},
        },
        "series": [
            _bars(median, [middle for _, middle, _ in rows]),
            _bars(p90, [high for _, _, high in rows]),
        ],
    }


def _bars(name: str, values: Sequence[Decimal | None]) -> Option:
    return {
        "type": "bar",
        "name": name,
        "barGap": "10%",
        "barMaxWidth": 18,
        "data": [None if value is None else float(value) for value in values],
    }
