"""A week of a branch, bay by bay: how full each day is, and where there is room. A fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vovremya.board.queries.day import Bar, bars_between
from vovremya.board.rules import NO_ROOM, Room, place_in_hours, rooms_of, together, week_of
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.directory.queries import bays_of
from vovremya.schedule.queries import calendar_of, capacity_of_days
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.visits.rules.timeline import state_at
from vovremya.visits.rules.words import LATE_STATES, State

#: Of a larger branch the week shows one bay group: nobody looks through hundreds of rows for an hour that is free.
MOST_BAYS = 40


@dataclass(frozen=True)
class SmallBar:
    """In thousandths of the open hours."""

    begins: int
    lasts: int
    state: State
    is_overbooked: bool


@dataclass(frozen=True)
class Cell:
    """A day of a bay, of a group, or of all that is shown."""

    on: date
    room: Room
    visit_count: int
    late_count: int
    overbooked_count: int
    bars: Sequence[SmallBar] = ()


@dataclass(frozen=True)
class BayWeek:
    bay: Bay
    days: Sequence[Cell]


@dataclass(frozen=True)
class GroupWeek:
    group: BayGroup
    days: Sequence[Cell]
    bays: Sequence[BayWeek]


@dataclass(frozen=True)
class BranchWeek:
    on_days: Sequence[date]
    today: date
    groups: Sequence[BayGroup]
    group: BayGroup | None  # None: all of them
    may_show_all: bool
    days: Sequence[Cell]
    shown: Sequence[GroupWeek]


def branch_week(branch: Branch, on: date, group_id: int | None, now: datetime) -> BranchWeek:
    """The week of a date, of one bay group or of the whole branch where it is not too large."""
    calendar = calendar_of(branch.pk)
    on_days = week_of(on)
    station = capacity_of_days(branch.pk, on_days[0], len(on_days), calendar)
    days, rooms = station.days, rooms_of(station)
    bars: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars_between(branch.pk, days[0].starts_at, days[-1].ends_at, now):
        bars[bar.bay_id].append(bar)
    bays = bays_of(branch, with_retired=bars)
    groups = list({bay.group: None for bay in bays})
    group = next((each for each in groups if each.pk == group_id), None)
    may_show_all = len(bays) <= MOST_BAYS
    if group is None and not may_show_all:
        group = groups[0]
    no_rooms = [NO_ROOM] * len(days)
    weeks = {
        bay: BayWeek(
            bay,
            [
                cell_of(day, bars[bay.pk], room, now)
                for day, room in zip(days, rooms.get(bay.pk, no_rooms), strict=True)
            ],
        )
        for bay in bays
        if group is None or bay.group == group
    }
    shown = [
        GroupWeek(each, _together(days, of_group), of_group)
        for each in groups
        if (of_group := [week for bay, week in weeks.items() if bay.group == each])
    ]
    today = calendar.day_of(now).on
    whole = _together(days, weeks.values())
    return BranchWeek(on_days, today, groups, group, may_show_all, whole, shown)


def bars_of_day(bars: Iterable[Bar], day: BusinessDay) -> list[Bar]:
    """Those that touch the business day: a visit that only runs into it takes its time, too."""
    return [bar for bar in bars if bar.starts_at < day.ends_at and bar.ends_at > day.starts_at]


def cell_of(day: BusinessDay, bars: Iterable[Bar], room: Room, now: datetime) -> Cell:
    """The day of one bay."""
    of_day = bars_of_day(bars, day)
    states = [state_at(bar.timeline, now).state for bar in of_day]
    return Cell(
        on=day.on,
        room=room,
        visit_count=len(of_day),
        late_count=sum(state in LATE_STATES for state in states),
        overbooked_count=sum(bar.lane > 0 for bar in of_day),
        bars=[
            SmallBar(*place_in_hours((bar.starts_at, bar.ends_at), day), state, bar.lane > 0)
            for bar, state in zip(of_day, states, strict=True)
        ],
    )


def _together(days: Sequence[BusinessDay], weeks: Iterable[BayWeek]) -> list[Cell]:
    """The same day of several bays."""
    columns = zip(*(week.days for week in weeks), strict=True)
    return [_sum(day, cells) for day, cells in zip(days, columns, strict=False)]


def _sum(day: BusinessDay, cells: Sequence[Cell]) -> Cell:
    return Cell(
        on=day.on,
        room=together(cell.room for cell in cells),
        visit_count=sum(cell.visit_count for cell in cells),
        late_count=sum(cell.late_count for cell in cells),
        overbooked_count=sum(cell.overbooked_count for cell in cells),
    )
