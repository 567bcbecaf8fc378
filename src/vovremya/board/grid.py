"""The grid of a day: which hours it shows, its rows with their heads and bars. The same for everybody.

Drawn by plain f-strings like the bars: forty rows by a template would take as long as a thousand bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from django.utils.translation import gettext

from vovremya.board.bars import BarDrawing
from vovremya.board.queries.day import Bar, BoardDay
from vovremya.board.rules import load, minutes_of_day, open_minutes
from vovremya.board.texts import OUT_OF_USE, RETIRED
from vovremya.directory.models import Bay, BayGroup
from vovremya.schedule.queries import Closure
from vovremya.schedule.rules.hours import BusinessDay

_HOUR = 60


@dataclass(frozen=True)
class Grid:
    from_minute: int
    to_minute: int
    hours: tuple[str, ...]
    groups: tuple[tuple[int, str], ...]
    bay_count: int
    visit_count: int
    heads: str
    rows: str


def draw_grid(shown: BoardDay, now: datetime) -> Grid:
    from_minute, to_minute = _minutes_shown(shown)
    rooms = {pk: _room(day) for pk, day in shown.own_days.items()}
    breaks = {pk: _breaks(shown, day, from_minute, to_minute) for pk, day in shown.own_days.items()}
    branch_room, branch_breaks = _room(shown.day), _breaks(shown, shown.day, from_minute, to_minute)
    drawing = _drawing(shown, now)
    heads, rows = [], []
    bays_by_group: dict[BayGroup, list[Bay]] = {}
    for bay in shown.bays:
        bays_by_group.setdefault(bay.group, []).append(bay)
    for group, bays in bays_by_group.items():
        heads.append(_group_head(group))
        rows.append(_group_row(group))
        for bay in bays:
            bars = shown.bars.get(bay.pk, ())
            lanes = max((bar.lane for bar in bars), default=0) + 1
            busy = sum(minutes_of_day((bar.starts_at, bar.ends_at), shown.day) for bar in bars)
            heads.append(_head(bay, lanes, load(busy, open_minutes(shown.day_of(bay)))))
            closed = _closures(shown, shown.closures.get(bay.pk, ()), from_minute, to_minute)
            drawn = breaks.get(bay.pk, branch_breaks) + closed + "".join(map(drawing.draw, bars))
            rows.append(_row(bay, lanes, rooms.get(bay.pk, branch_room), drawn))
    return Grid(
        from_minute=from_minute,
        to_minute=to_minute,
        hours=_hours(shown, from_minute, to_minute),
        groups=tuple((group.pk, group.name) for group in bays_by_group),
        bay_count=len(shown.bays),
        visit_count=sum(map(len, shown.bars.values())),
        heads="".join(heads),
        rows="".join(rows),
    )


def draw_list(shown: BoardDay, now: datetime) -> str:
    """The bars alone: where another day is shown, the queue still is today's. A work over the night is on both days,
    and its id on the board shown."""
    drawing = _drawing(shown, now)
    return "".join(
        drawing.draw(bar).replace(f' id="bar-{bar.visit_id}"', "", 1) for bars in shown.bars.values() for bar in bars
    )


def draw_ahead(bars: Sequence[Bar], today: BoardDay, now: datetime) -> str:
    """Those of other days that the queue of today has, each with its date."""
    drawing = _drawing(today, now)
    return "".join(
        drawing.draw(bar).replace(
            f' id="bar-{bar.visit_id}"', f' data-day="{bar.starts_at.astimezone(today.zone):%Y-%m-%d}"', 1
        )
        for bar in bars
    )


def _drawing(shown: BoardDay, now: datetime) -> BarDrawing:
    return BarDrawing(midnight_at=shown.day.midnight_at, zone=shown.zone, now=now)


def _group_head(group: BayGroup) -> str:
    said = gettext("мастер-приёмщик {name}")
    advisor = f" · {escape(said.format(name=group.advisor.name))}" if group.advisor else ""
    return f'<div class="grp" data-group="{group.pk}">{escape(group.name)}{advisor}</div>'


def _head(bay: Bay, lanes: int, percent: int) -> str:
    name, mechanic = escape(bay.name), escape(bay.mechanic if bay.is_active else str(RETIRED))
    title = escape(gettext("Загрузка поста"))
    return (
        f'<div class="rh" id="head-{bay.pk}" data-group="{bay.group_id}" style="--lanes:{lanes}">'
        f'<b title="{name}">{name}</b><span class="ld" data-load title="{title}">{percent}%</span>'
        f'<small title="{mechanic}">{mechanic}</small></div>'
    )


def _group_row(group: BayGroup) -> str:
    return (
        f'<div class="gap" role="row" data-group="{group.pk}">'
        f'<span class="visually-hidden" role="rowheader">{escape(group.name)}</span></div>'
    )


def _row(bay: Bay, lanes: int, room: str, content: str) -> str:
    several = f' data-lanes="{lanes}"' if lanes > 1 else ""
    return (
        f'<div class="row" role="row" data-bay="{bay.pk}" data-group="{bay.group_id}" {room}'
        f' style="--lanes:{lanes}"{several}><span class="visually-hidden" role="rowheader">{escape(bay.name)}</span>'
        f'<div class="track" id="track-{bay.pk}" role="gridcell">{content}</div></div>'
    )


def _room(day: BusinessDay) -> str:
    """Of what minutes a load is made, for the board in the browser: how many, and between which."""
    begins, ends = (_minutes(each - day.midnight_at) for each in (day.starts_at, day.ends_at))
    return f'data-open="{open_minutes(day)}" data-day="{begins} {ends}"'


def _minutes_shown(shown: BoardDay) -> tuple[int, int]:
    """Whole hours from opening to closing, wider where a visit lies outside, over midnight where work goes on."""
    day = shown.day
    starts_at, ends_at = shown.shown
    instants = [moment for bars in shown.bars.values() for bar in bars for moment in (bar.starts_at, bar.ends_at)]
    if day.opens_at and day.closes_at:
        instants += [day.opens_at, day.closes_at]
    if starts_at < day.midnight_at:
        instants.append(starts_at)
    if _runs_on(shown):
        instants.append(ends_at)
    if not instants:
        return 8 * _HOUR, 20 * _HOUR
    first = _minutes(max(starts_at, min(instants)) - day.midnight_at)
    last = _minutes(min(ends_at, max(instants)) - day.midnight_at)
    return first // _HOUR * _HOUR, -(-max(last, first + _HOUR) // _HOUR) * _HOUR


def _runs_on(shown: BoardDay) -> bool:
    """Whether work goes on over the midnight after the day."""
    closes_at = shown.day.closes_at
    return closes_at is not None and shown.day.midnight_at + timedelta(days=1) <= closes_at < shown.shown[1]


def _hours(shown: BoardDay, from_minute: int, to_minute: int) -> tuple[str, ...]:
    """By the wall clock, so that a day with a gap or an overlap reads as the clock did."""
    midnight = shown.day.midnight_at
    return tuple(
        f"{(midnight + timedelta(minutes=minute)).astimezone(shown.zone):%H:%M}"
        for minute in range(from_minute, to_minute, _HOUR)
    )


def _breaks(shown: BoardDay, day: BusinessDay, from_minute: int, to_minute: int) -> str:
    """Lunch and closed hours of the branch or of one bay, drawn behind the bars of the row."""
    spans: list[tuple[int, int, str]] = []
    if day.opens_at is None or day.closes_at is None:
        spans.append((from_minute, to_minute, gettext("закрыто")))
    else:
        opens, closes = (_minutes(moment - day.midnight_at) for moment in (day.opens_at, day.closes_at))
        spans += [
            (max(from_minute, 0), opens, ""),
            (closes, closes if _runs_on(shown) and day.closes_at == shown.day.closes_at else to_minute, ""),
        ]
    if day.lunch:
        starts, ends = (_minutes(moment - day.midnight_at) for moment in day.lunch)
        spans.append((starts, ends, gettext("обед")))
    return "".join(f'<div class="brk" style="--s:{s};--d:{e - s}">{word}</div>' for s, e, word in spans if e > s)


def _closures(shown: BoardDay, closures: Sequence[Closure], from_minute: int, to_minute: int) -> str:
    """Times when the bay is out of use, each with why: it stands where nobody can be booked."""
    drawn = []
    for closure in closures:
        starts, ends = (_minutes(each - shown.day.midnight_at) for each in (closure.starts_at, closure.ends_at))
        starts, ends = max(starts, from_minute), min(ends, to_minute)
        words = escape(f"{OUT_OF_USE}: {closure.note}" if closure.note else str(OUT_OF_USE))
        if ends > starts:
            drawn.append(f'<div class="brk out" style="--s:{starts};--d:{ends - starts}" title="{words}">{words}</div>')
    return "".join(drawn)


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
