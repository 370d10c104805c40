"""The figures a manager steers by, computed from the history alone.

Each is computed `as_of` an instant and sees only what was recorded by then, so that last month's
report can be made again. Tests, imports that do not count as new, spam and the losers of a merge
are left out. Percentiles are nearest rank, intervals Wilson's.
"""

from processes.kpis.board import FUNNEL, Week, close_rate_by_week, funnel, known_since, won_amount
from processes.kpis.compute import FIGURES, compute
from processes.kpis.figure import Kpi
from processes.kpis.journeys import Journey, journeys
from processes.kpis.stages import Stage, stages

__all__ = [
    "FIGURES",
    "FUNNEL",
    "Journey",
    "Kpi",
    "Stage",
    "Week",
    "close_rate_by_week",
    "compute",
    "funnel",
    "journeys",
    "known_since",
    "stages",
    "won_amount",
]
