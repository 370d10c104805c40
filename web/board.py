"""Bottlenecks: the figures a manager steers by, and where work waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from flask import Blueprint, render_template, request
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import func, select

from engine import people
from engine.db import Transaction
from engine.tables import Case, Task, Version
from processes import kpis
from processes.kpis import Kpi, Stage
from web import auth, charts, heat, names
from web.door import door
from web.names import Names
from web.text import day, duration, number, percent, short_money
from web.words import role

pages = Blueprint("board", __name__)

PERIODS = (4, 12, 26, 52)
"""The periods to choose from, in weeks."""

USUAL = 12

LISTED = 50
"""How many stalled cases are listed; the number of all of them is on the card."""

BARS = 8
"""How many stages the chart of times shows: those that take the most time."""


@dataclass(frozen=True)
class Card:
    """One figure, what it is made of, and how it was in the period before."""

    label: str
    value: str
    note: str
    change: str = ""
    better: bool | None = None


@dataclass(frozen=True)
class Period:
    """The weeks looked at, and as many before them."""

    weeks: int
    now: datetime

    @property
    def start(self) -> datetime:
        return self.now - timedelta(weeks=self.weeks)

    @property
    def before(self) -> datetime:
        return self.start - timedelta(weeks=self.weeks)


@dataclass(frozen=True)
class Stalled:
    """A case that stands still: since when, where, and who could move it."""

    case_no: str
    title: str
    detail: str
    since: datetime
    in_stage_since: datetime | None
    process: str
    stage: str
    who: str


@pages.get("/board")
def index() -> str:
    auth.require(auth.BOARD_ROLES)
    weeks = request.args.get("weeks", USUAL, type=int)
    here, language = door(), str(get_locale())
    period = Period(weeks if weeks in PERIODS else USUAL, here.clock())
    with here.reading() as tx:
        newest = _newest(tx, language)
        stages = kpis.stages(tx, as_of=period.now, from_=period.start)
        rate, cards = _cards(tx, period, language)
        page = {
            "cards": cards,
            "heat": heat.processes(tx, newest.values(), period.start, language),
            "funnel": _funnel(tx, period),
            "weekly": _weekly(tx, period, rate, language),
            "times": _times(stages, newest),
            "slowest": _slowest(stages, newest, language),
            "stages": [(one, *_called(one, newest)) for one in stages],
            "stalled": _stalled(tx, newest, language),
        }
    return render_template("board.html", weeks=period.weeks, periods=PERIODS, **page)


def _newest(tx: Transaction, language: str) -> dict[str, Names]:
    """The newest version of each process."""
    ids = tx.session.scalars(select(func.max(Version.id)).group_by(Version.process))
    return {one.model.process: one for one in names.of(tx, sorted(ids), language).values()}


def _cards(tx: Transaction, period: Period, language: str) -> tuple[Kpi, list[Card]]:
    """The close rate as a figure, and all cards."""
    zone = door().settings.timezone

    def figures(start: datetime, end: datetime | None) -> dict[str, Kpi]:
        wanted = ["K01", "K01_resolved", "K05"]
        found = kpis.compute(tx, wanted, from_=start, to=end, as_of=period.now, zone=zone)
        return {one.id: one for one in found}

    now = figures(period.start, None)
    first = kpis.known_since(tx)
    # A period that is known only in part is nothing to compare with.
    known = first is not None and first <= period.before
    before = figures(period.before, period.start) if known else None
    currency = door().settings.currency
    won = kpis.won_amount(tx, period.start, period.now, currency=currency)
    won_before = kpis.won_amount(tx, period.before, period.start, currency=currency) if before else None
    rate, response = now["K01"], now["K05"]
    stalled = _count_stalled(tx)
    running = tx.session.scalar(select(func.count()).where(Case.ended_at.is_(None))) or 0
    return rate, [
        Card(
            _("Close rate"),
            _rate(rate, language),
            _interval(rate, now["K01_resolved"], language),
            *_points(rate, before["K01"] if before else None, language),
        ),
        Card(
            _("First response"),
            duration(None if response.value is None else response.value * 3600, language),
            _("median of %(n)s answered leads", n=number(response.n, language)),
            *_faster(response, before["K05"] if before else None, language),
        ),
        Card(
            _("Won"),
            short_money(won, currency, language),
            _("in offers decided in this period"),
            *_more(won, won_before, currency, language),
        ),
        Card(
            _("Stalled cases"),
            number(stalled, language),
            ngettext("of %(num)s open case", "of %(num)s open cases", running),
        ),
    ]


def _count_stalled(tx: Transaction) -> int:
    query = select(func.count()).where(Case.stalled_since.is_not(None), Case.ended_at.is_(None))
    return tx.session.scalar(query) or 0


def _rate(kpi: Kpi, language: str) -> str:
    return percent(None if kpi.value is None else kpi.value / 100, language)


def _interval(kpi: Kpi, decided: Kpi, language: str) -> str:
    if kpi.ci_low is None or kpi.ci_high is None:
        return str(_("nothing qualified in this period"))
    low, high = (percent(end / 100, language, 0) for end in (kpi.ci_low, kpi.ci_high))
    words: str = _(
        "%(won)s of %(n)s qualified, %(decided)s decided; 95 %% interval %(low)s to %(high)s",
        won=number(kpi.numerator or 0, language),
        n=number(kpi.n, language),
        decided=percent((decided.value or Decimal(0)) / 100, language, 0),
        low=low,
        high=high,
    )
    return words


def _points(now: Kpi, before: Kpi | None, language: str) -> tuple[str, bool | None]:
    if before is None or now.value is None or before.value is None:
        return "", None
    change = round(now.value - before.value, 1)
    return _signed(change, number(abs(change), language) + "\u00a0%"), _better(change)


def _faster(now: Kpi, before: Kpi | None, language: str) -> tuple[str, bool | None]:
    if before is None or now.value is None or before.value is None:
        return "", None
    change = now.value - before.value
    return _signed(change, duration(abs(change) * 3600, language)), _better(-change)


def _more(now: Decimal, before: Decimal | None, currency: str, language: str) -> tuple[str, bool | None]:
    if before is None or now == before:
        return "", None
    change = now - before
    return _signed(change, short_money(abs(change), currency, language)), _better(change)


def _signed(change: Decimal, shown: str) -> str:
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{shown}"


def _better(change: Decimal) -> bool | None:
    return None if change == 0 else change > 0


def _funnel(tx: Transaction, period: Period) -> charts.Option | None:
    called = {
        "received": _("New"),
        "answered": _("Answered"),
        "qualified": _("Qualified"),
        "offered": _("Offer sent"),
        "won": _("Won"),
    }
    steps = kpis.funnel(tx, period.start, None, as_of=period.now)
    return charts.funnel([(called[key], count) for key, count in steps]) if steps[0][1] else None


def _weekly(tx: Transaction, period: Period, rate: Kpi, language: str) -> charts.Option | None:
    zone = door().settings.timezone
    weeks = kpis.close_rate_by_week(tx, period.start, period.now, as_of=period.now, zone=zone)
    shown = [(day(week.monday, language, zone, year=False), week.rate) for week in weeks]
    return charts.weekly(shown, rate.value, _("Close rate")) if rate.value is not None else None


def _times(stages: Sequence[Stage], newest: Mapping[str, Names]) -> charts.Option | None:
    measured = [one for one in stages if one.median is not None][:BARS]
    rows = [(_called(one, newest)[1], one.median, one.p90) for one in measured]
    return charts.stages(rows, _("Median"), _("90th percentile")) if rows else None


def _slowest(stages: Sequence[Stage], newest: Mapping[str, Names], language: str) -> str:
    """The slowest stage in a sentence."""
    measured = [one for one in stages if one.median is not None]
    if not measured:
        return str(_("No stage has been left in this period yet."))
    worst = max(measured, key=lambda one: one.median or 0)
    half = duration((worst.median or 0) * 86400, language)
    words = [_("Slowest is “{stage}”: half of the cases stay longer than {half}.")]
    if worst.p90 is not None:
        words.append(_("One in ten stays longer than {tenth}."))
    tenth = duration((worst.p90 or 0) * 86400, language)
    return " ".join(words).format(stage=_called(worst, newest)[1], half=half, tenth=tenth)


def _called(stage: Stage, newest: Mapping[str, Names]) -> tuple[str, str]:
    """The names of a stage's process and of the stage."""
    known = newest.get(stage.process)
    return (known.process, known.stage(stage.stage)) if known else (stage.process, stage.stage)


def _stalled(tx: Transaction, newest: Mapping[str, Names], language: str) -> list[Stalled]:
    """The cases that stand still, the longest first, with who could move them."""
    query = select(Case).where(Case.stalled_since.is_not(None), Case.ended_at.is_(None))
    found = list(tx.session.scalars(query.order_by(Case.stalled_since).limit(LISTED)))
    called = names.of(tx, (one.version_id for one in found), language)
    titles = door().engine.catalog.titles
    subjects = {(one.subject_kind, one.subject_id) for one in found if one.subject_kind and one.subject_id}
    known = titles(tx.session, subjects) if subjects else {}
    waiting = _holders(tx, [one.id for one in found])
    rows = []
    for one in found:
        title = known.get((one.subject_kind or "", one.subject_id or 0))
        rows.append(
            Stalled(
                case_no=one.case_no,
                title=title.name if title else one.case_no,
                detail=title.detail if title else "",
                since=one.stalled_since or tx.now,
                in_stage_since=one.stage_since,
                process=called[one.version_id].process,
                stage=names.stage((called[one.version_id], *newest.values()), one.stage),
                who=", ".join(waiting.get(one.id, ())),
            )
        )
    return rows


def _holders(tx: Transaction, case_ids: Sequence[int]) -> dict[int, list[str]]:
    """For each case who has, or could take, its open tasks."""
    query = select(Task.case_id, Task.role, Task.person_id).where(Task.case_id.in_(case_ids))
    rows = tx.session.execute(query.where(Task.state == "open").order_by(Task.id)).all()
    known = people.names(tx, (row.person_id for row in rows))
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(known.get(row.person_id or 0) or role(row.role))
    return found
