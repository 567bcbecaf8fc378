"""Free slots: when and where a work of a given length fits.

The whole period searched is one set of cells a bay. A slot begins on a whole cell and keeps whole cells to
its end; occupations may begin and end at any instant and take every cell they touch. A work that does not end
before closing goes on when the bay opens next, unless the client waits for it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain, islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from vovremya.schedule.rules.cells import (
    CELL,
    CELL_MINUTES,
    EPOCH,
    Cells,
    Line,
    WorkingTime,
    ascending,
    descending,
    has,
    run,
    starts_of_runs,
)
from vovremya.schedule.rules.hours import BusinessDay, WeekHours, instant_at, narrowed, open_stretches
from vovremya.schedule.rules.occupied import Period, left_of

#: Neither before a night nor after it is less than this done of a work: sooner it is put off as a whole.
SHORTEST_PART = timedelta(hours=1)

_CELLS_OF_QUARTER_HOUR = 3
#: Wall minutes reach to the end of the night that follows a date.
END_OF_NIGHT = 2 * 24 * 60


class PartOfDay(StrEnum):
    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"


_PART_MINUTES = {
    None: (0, END_OF_NIGHT),
    PartOfDay.MORNING: (0, 12 * 60),
    PartOfDay.DAY: (12 * 60, 17 * 60),
    PartOfDay.EVENING: (17 * 60, END_OF_NIGHT),
}


class SlotReason(StrEnum):
    """Why a slot is worth offering, the best fit first."""

    FILLS_GAP = "fills_gap"  # no idle time is left on either side
    AFTER_PREVIOUS = "after_previous"
    BEFORE_NEXT = "before_next"
    FREE = "free"


_FIT = {reason: rank for rank, reason in enumerate(SlotReason)}


@dataclass(frozen=True, slots=True)
class Taken:
    """An occupied period of a bay, in whatever lane. The branch's pause is kept to all but a closure."""

    starts_at: datetime
    ends_at: datetime
    visit_id: int | None = None
    is_closure: bool = False


@dataclass(frozen=True, slots=True)
class BayLoad:
    """A bay and what occupies it in the period searched."""

    bay_id: int
    group_id: int
    taken: Sequence[Taken] = ()
    coefficient: float = 1.0
    own_hours: WeekHours | None = None  # within those of the branch
    advisor_id: int | None = None  # who receives the cars of its group


@dataclass(frozen=True, slots=True)
class AdvisorLoad:
    """When an advisor receives cars, how many in a quarter of an hour, and who comes already."""

    shifts: WeekHours | None = None  # None: whenever the branch is open
    arrivals_per_quarter_hour: int | None = None
    arrivals: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Station:
    """What a search looks at: consecutive days, the bays in the order of the board, the advisors by id."""

    zone: ZoneInfo
    days: Sequence[BusinessDay]
    bays: Sequence[BayLoad]
    advisors: Mapping[int, AdvisorLoad] = field(default_factory=dict)
    pause: timedelta = timedelta()  # between two visits on one bay


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; empty is anything. Starts are offered every `step_minutes` and right after a visit."""

    duration_minutes: int
    from_on: date | None = None
    until_on: date | None = None
    days: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset()  # Monday is 0
    part_of_day: PartOfDay | None = None
    not_before_minute: int = 0  # on the wall clock of every day
    not_after_minute: int = END_OF_NIGHT
    group_id: int | None = None
    bay_id: int | None = None
    advisor_id: int | None = None
    fit_group_ids: frozenset[int] | None = None  # where the works can be done; None: anywhere
    waits_on_site: bool = False  # over no lunch and no night
    is_norm: bool = False  # a bay's coefficient makes hours on it of the duration
    is_best_fit_first: bool = False
    step_minutes: int = CELL_MINUTES
    ignored_visit_id: int | None = None  # its own occupation counts as free
    is_every_bay_listed: bool = False  # else only the best-fitting bay of a start

    def __post_init__(self) -> None:
        if self.duration_minutes <= 0:
            raise ValueError("a work takes time")
        if self.step_minutes <= 0 or self.step_minutes % CELL_MINUTES:
            raise ValueError("a step is a multiple of five minutes")

    @property
    def may_go_on(self) -> bool:
        """Over a night, be it on a bay that takes twice as long."""
        return not self.waits_on_site and timedelta(minutes=self.duration_minutes) >= SHORTEST_PART

    def duration_on(self, bay: BayLoad) -> timedelta:
        return timedelta(minutes=minutes_on_bay(self.duration_minutes, bay.coefficient if self.is_norm else 1.0))


@dataclass(frozen=True, slots=True)
class Slot:
    bay_id: int
    starts_at: datetime
    ends_at: datetime
    reason_code: SlotReason
    is_continued: bool = False  # after a night


def minutes_on_bay(norm_minutes: int, coefficient: float) -> int:
    """Labour time × coefficient, in whole cells; a norm that no coefficient changes stays as it is."""
    if coefficient == 1.0:
        return norm_minutes
    return max(CELL_MINUTES, round(norm_minutes * coefficient / CELL_MINUTES) * CELL_MINUTES)


def groups_fit_for_all(groups_of_works: Iterable[Collection[int]]) -> frozenset[int] | None:
    """Where every one of the works can be done; None is anywhere, which is what a work that names no group says."""
    fit: frozenset[int] | None = None
    for groups in groups_of_works:
        if groups:
            fit = frozenset(groups) if fit is None else fit & frozenset(groups)
    return fit


def free_slots(station: Station, wish: Wish, *, now: datetime, limit: int = 20) -> list[Slot]:
    """The soonest slots first, at one start the best-fitting bay first; or the other way round if so wished."""

    def soonest(slot: Slot) -> tuple[Any, ...]:
        return slot.starts_at, slot.is_continued, _FIT[slot.reason_code]

    bays = _free_bays(station, wish, now)
    if wish.is_best_fit_first:
        return _choose(chain.from_iterable(bay.best(limit) for bay in bays), best_fitting, wish, limit)
    found = (islice(bay.slots(bay.soonest()), limit) for bay in bays)
    return _choose(chain.from_iterable(found), soonest, wish, limit)


def best_fitting(slot: Slot) -> tuple[Any, ...]:
    """Sorts slots by how well they fit, the best first, and at one fit the soonest."""
    return slot.is_continued, _FIT[slot.reason_code], slot.starts_at


def slots_within(station: Station, wish: Wish, period: Period, *, now: datetime) -> list[Slot]:
    """All slots of which the work is done in the period, wholly or in part, the best-fitting first."""
    bays = (bay.within(period) for bay in _free_bays(station, wish, now))
    return sorted(chain.from_iterable(bay.slots(bay.soonest()) for bay in bays), key=best_fitting)


def nearest_slots(station: Station, wish: Wish, *, to: datetime, now: datetime, limit: int = 3) -> list[Slot]:
    """The slots around a start that was lost, the nearest first, of two equally near the later."""

    def nearest(slot: Slot) -> tuple[Any, ...]:
        return abs(slot.starts_at - to), slot.starts_at < to, slot.is_continued, _FIT[slot.reason_code]

    found = (
        islice(bay.slots(starts), limit)
        for bay in _free_bays(station, wish, now)
        for starts in (bay.soonest(since=to), bay.latest(before=to))
    )
    return _choose(chain.from_iterable(found), nearest, wish, limit)


def _choose(found: Iterator[Slot], rank: Callable[[Slot], tuple[Any, ...]], wish: Wish, limit: int) -> list[Slot]:
    ranked = sorted(found, key=rank)  # stable: of equals, the first bay of the board
    if not wish.is_every_bay_listed:
        best_of_start: dict[datetime, Slot] = {}
        for slot in ranked:
            best_of_start.setdefault(slot.starts_at, slot)
        ranked = list(best_of_start.values())
    return ranked[:limit]


def is_free(
    station: Station,
    bay_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignored_visit_id: int | None = None,
) -> bool:
    """Whether this very period, on whatever minute, lies in the bay's hours and clear of every occupation."""
    bay = _bay(station, bay_id)
    days = days_of_bay(station, bay)
    return (
        any(opens_at <= starts_at and ends_at <= closes_at for opens_at, closes_at in open_stretches(days))
        and not meets_lunch(days, starts_at, ends_at, ends_at - starts_at)
        and not any(
            taken_from < ends_at and taken_until > starts_at
            for taken_from, taken_until in _taken(station, bay, ignored_visit_id)
        )
    )


def meets_lunch(days: Sequence[BusinessDay], starts_at: datetime, ends_at: datetime, duration: timedelta) -> bool:
    """Nobody comes in the lunch, and what can be done before or after it is not done over it."""
    return any(lunch[0] <= starts_at < lunch[1] for lunch in _lunches(days)) or any(
        lunch[0] < ends_at and lunch[1] > starts_at for lunch in _dividing_lunches(days, duration)
    )


def free_from(
    station: Station,
    bay_id: int,
    since: datetime,
    duration: timedelta,
    *,
    ignored_visit_id: int | None = None,
) -> datetime | None:
    """The first instant, on whatever minute, from which the bay is free for so long at a stretch, if ever."""
    bay = _bay(station, bay_id)
    days = days_of_bay(station, bay)
    turns = {since}
    turns.update(ends_at for _, ends_at in _taken(station, bay, ignored_visit_id))
    turns.update(opens_at for opens_at, _ in open_stretches(days))
    turns.update(ends_at for _, ends_at in _lunches(days))
    return next(
        (
            turn
            for turn in sorted(turns)
            if turn >= since and is_free(station, bay_id, turn, turn + duration, ignored_visit_id=ignored_visit_id)
        ),
        None,
    )


def worked_periods(days: Sequence[BusinessDay], starts_at: datetime, ends_at: datetime) -> list[Period]:
    """What a work occupies of a bay of those days: all of the time but for the nights that it lasts over.

    Where it begins before opening or ends after closing, by hand or in an import, it still is in the bay.
    """
    stretches = open_stretches(days)
    nights = (
        (closes_at, opens_at)
        for (_, closes_at), (opens_at, _) in pairwise(stretches)
        if starts_at < closes_at and opens_at < ends_at
    )
    return left_of((starts_at, ends_at), nights)


def end_of_work(days: Sequence[BusinessDay], starts_at: datetime, duration: timedelta) -> datetime:
    """When a work begun then is done. What would leave less than an hour for the next day is done after closing."""
    left = duration
    for opens_at, closes_at in open_stretches(days):
        if closes_at <= starts_at:
            continue
        begins_at = max(starts_at, opens_at) if left < duration else starts_at
        if begins_at + left < closes_at + SHORTEST_PART:
            return begins_at + left
        left -= closes_at - begins_at
    return starts_at + duration


def days_of_bay(station: Station, bay: BayLoad) -> Sequence[BusinessDay]:
    if bay.own_hours is None:
        return station.days
    return [narrowed(day, bay.own_hours, station.zone) for day in station.days]


def _bay(station: Station, bay_id: int) -> BayLoad:
    return next((bay for bay in station.bays if bay.bay_id == bay_id), BayLoad(bay_id, 0))


def _taken(station: Station, bay: BayLoad, ignored_visit_id: int | None) -> list[Period]:
    """With the pause before and after."""
    return [
        (taken.starts_at, taken.ends_at)
        if taken.is_closure
        else (taken.starts_at - station.pause, taken.ends_at + station.pause)
        for taken in bay.taken
        if ignored_visit_id is None or taken.visit_id != ignored_visit_id
    ]


def _lunches(days: Sequence[BusinessDay]) -> list[Period]:
    return [day.lunch for day in days if day.lunch is not None]


def _dividing_lunches(days: Sequence[BusinessDay], duration: timedelta) -> list[Period]:
    """Lunch divides a day, unless the work is longer than either of its halves."""
    return [
        day.lunch
        for day in days
        if day.lunch and day.opens_at and day.closes_at
        if max(day.lunch[0] - day.opens_at, day.closes_at - day.lunch[1]) >= duration
    ]


@dataclass(frozen=True)
class _Ground:
    """What bays of the same hours have in common for works of one length; sets count the cells of `working`."""

    cells: Cells
    working: WorkingTime
    length: int
    open: int  # all cells but those of lunches that divide
    openings: int  # cells with closed time before them
    over_night: int  # starts of works that would go on after a night
    torn: int  # those that would leave too little on one side of it

    @classmethod
    def of(cls, days: Sequence[BusinessDay], wish: Wish, duration: timedelta, cells: Cells) -> "_Ground":
        stretches = [(cells.from_(opens_at), cells.begun_by(closes_at)) for opens_at, closes_at in open_stretches(days)]
        working = WorkingTime([(first, end) for first, end in stretches if first < end])
        length = -(-duration // CELL)
        resting = 0
        for lunch in _lunches(days) if wish.waits_on_site else _dividing_lunches(days, duration):
            resting |= cells.touched(*lunch)
        openings = over_night = torn = 0
        part = length if wish.waits_on_site else SHORTEST_PART // CELL
        for opening in working.first_cells[:-1]:
            begun_before = run(max(0, opening - length + 1), opening)
            openings |= run(opening, opening + 1)
            over_night |= begun_before
            torn |= begun_before & (run(max(0, opening - part + 1), opening) | run(0, max(0, opening - length + part)))
        return cls(cells, working, length, run(0, working.size) & ~working.of(resting), openings, over_night, torn)


@dataclass(frozen=True)
class _FreeBay:
    """One bay's starts that fulfil a wish, and which of them fit how well."""

    bay_id: int
    ground: _Ground
    duration: timedelta
    starts: int
    by_reason: Mapping[SlotReason, int]

    @classmethod
    def of(cls, bay_id: int, ground: _Ground, duration: timedelta, line: Line, wished: int, on_step: int) -> "_FreeBay":
        working, length = ground.working, ground.length
        taken, after_previous = line.gathered(working.stretches), line.gathered(working.stretches, later=1)
        starts = starts_of_runs(ground.open & ~taken, length) & ~ground.torn & wished & (on_step | after_previous)
        closed_after = ground.openings >> length
        before_next = taken >> length & ~closed_after
        idle = ground.open << 1 & ~ground.openings & ~after_previous
        idle |= ground.open >> length & ~closed_after & ~before_next
        fills_gap = starts & (after_previous | before_next) & ~idle
        return cls(
            bay_id,
            ground,
            duration,
            starts,
            {
                SlotReason.FILLS_GAP: fills_gap,
                SlotReason.AFTER_PREVIOUS: starts & after_previous & ~fills_gap,
                SlotReason.BEFORE_NEXT: starts & before_next & ~after_previous & ~fills_gap,
                SlotReason.FREE: starts & ~(after_previous | before_next),
            },
        )

    def soonest(self, since: datetime = EPOCH) -> Iterator[int]:
        first = self.ground.working.since(self.ground.cells.from_(since))
        return ascending(self.starts >> first << first)

    def latest(self, before: datetime) -> Iterator[int]:
        return descending(self.starts & run(0, self.ground.working.since(self.ground.cells.from_(before))))

    def within(self, period: Period) -> "_FreeBay":
        """With those starts alone after which the period is worked in."""
        first, end = self.ground.cells.begun_by(period[0]), self.ground.cells.from_(period[1])
        first, end = self.ground.working.since(first), self.ground.working.since(end)
        since = max(0, first - self.ground.length + 1) if first < end else end  # closed all the while: no work is done
        return replace(self, starts=self.starts & run(since, end))

    def best(self, limit: int) -> Iterator[Slot]:
        """So many of the best-fitting, those that are done in one go first."""
        for among in (~self.ground.over_night, self.ground.over_night):
            found = chain.from_iterable(ascending(starts & among) for starts in self.by_reason.values())
            yield from islice(self.slots(found), limit)

    def slots(self, starts: Iterator[int]) -> Iterator[Slot]:
        ground = self.ground
        spare = ground.length * CELL - self.duration
        for start in starts:
            last = ground.cells.instant(ground.working.outside(start + ground.length - 1))
            yield Slot(
                self.bay_id,
                ground.cells.instant(ground.working.outside(start)),
                last + CELL - spare,
                next(reason for reason, fitting in self.by_reason.items() if has(fitting, start)),
                is_continued=has(ground.over_night, start),
            )


def _free_bays(station: Station, wish: Wish, now: datetime) -> Iterator[_FreeBay]:
    if not station.days:
        return
    # From the midnight that steps count from, and a cell more for what comes right before the first.
    cells = Cells.since(station.days[0].midnight_at - CELL)
    until = station.days[-1].ends_at
    wished = _wished_starts(station, wish, cells) & cells.starting(now, until)
    on_step = _starts_on_step(station, wish, cells)
    grounds: dict[tuple[object, timedelta], _Ground] = {}
    received: dict[int | None, int] = {None: wished}
    for bay in _bays_wished(station, wish):
        days, duration = days_of_bay(station, bay), wish.duration_on(bay)
        key = id(bay.own_hours), duration
        if key not in grounds:
            grounds[key] = _Ground.of(days, wish, duration, cells)
        advisor_id = wish.advisor_id or bay.advisor_id
        if advisor_id not in received:
            received[advisor_id] = wished & _received(station, station.advisors.get(advisor_id or 0), cells)
        line = Line(cells, until)
        for period in _taken(station, bay, wish.ignored_visit_id):
            line.mark(*period)
        starts = received[advisor_id] & ~_lunch_cells(days, cells)
        working = grounds[key].working
        yield _FreeBay.of(bay.bay_id, grounds[key], duration, line, working.of(starts), working.of(on_step))


def _bays_wished(station: Station, wish: Wish) -> list[BayLoad]:
    """Of an advisor those of the own groups; one who has none receives at every bay."""
    leads = wish.advisor_id is not None and any(bay.advisor_id == wish.advisor_id for bay in station.bays)
    return [
        bay
        for bay in station.bays
        if wish.bay_id in (None, bay.bay_id)
        and wish.group_id in (None, bay.group_id)
        and (wish.fit_group_ids is None or bay.group_id in wish.fit_group_ids)
        and not (leads and bay.advisor_id != wish.advisor_id)
    ]


def _wished_starts(station: Station, wish: Wish, cells: Cells) -> int:
    starts = 0
    for day in station.days:
        if hours := _wished_hours(wish, day, station.zone):
            starts |= cells.starting(*hours)
    return starts


def is_wished(wish: Wish, day: BusinessDay, starts_at: datetime, zone: ZoneInfo) -> bool:
    """Whether the wish names this start of its business day, wherever that is."""
    hours = _wished_hours(wish, day, zone)
    return hours is not None and hours[0] <= starts_at < hours[1]


def _wished_hours(wish: Wish, day: BusinessDay, zone: ZoneInfo) -> Period | None:
    """From when on the day the client would come, and before when; None where the day is not wished for."""
    if (wish.from_on and day.on < wish.from_on) or (wish.until_on and day.on > wish.until_on):
        return None
    if (wish.days and day.on not in wish.days) or (wish.weekdays and day.on.weekday() not in wish.weekdays):
        return None
    since_minute, before_minute = _PART_MINUTES[wish.part_of_day]
    since = instant_at(day.on, max(since_minute, wish.not_before_minute), zone)
    before = instant_at(day.on, min(before_minute, wish.not_after_minute + 1), zone)
    return max(day.starts_at, since), min(day.ends_at, before)


def _lunch_cells(days: Sequence[BusinessDay], cells: Cells) -> int:
    """Nobody comes in the lunch."""
    starts = 0
    for lunch in _lunches(days):
        starts |= cells.starting(*lunch)
    return starts


def _received(station: Station, advisor: AdvisorLoad | None, cells: Cells) -> int:
    """Starts at which the advisor is there and has not as many cars to receive as one can."""
    everything = cells.starting(station.days[0].midnight_at, station.days[-1].ends_at)
    if advisor is None:
        return everything
    starts = everything
    if advisor.shifts is not None:
        starts = 0
        for day in station.days:
            shift = narrowed(day, advisor.shifts, station.zone)
            if shift.opens_at and shift.closes_at:
                starts |= cells.starting(shift.opens_at, shift.closes_at)
    return starts & ~_full_quarter_hours(advisor, cells)


def _full_quarter_hours(advisor: AdvisorLoad, cells: Cells) -> int:
    if advisor.arrivals_per_quarter_hour is None:
        return 0
    quarter = _CELLS_OF_QUARTER_HOUR * CELL
    received: dict[int, int] = {}
    full = 0
    for arrival in advisor.arrivals:
        number = (arrival - EPOCH) // quarter
        received[number] = received.get(number, 0) + 1
        if received[number] == advisor.arrivals_per_quarter_hour:
            full |= cells.starting(EPOCH + number * quarter, EPOCH + (number + 1) * quarter)
    return full


def _starts_on_step(station: Station, wish: Wish, cells: Cells) -> int:
    """Every so many minutes of each day, counted from its local midnight."""
    step = wish.step_minutes // CELL_MINUTES
    starts = 0
    for day in station.days:
        first = cells.from_(day.midnight_at)
        count = -(-(cells.from_(day.ends_at) - first) // step)
        every_step = ((1 << count * step) - 1) // ((1 << step) - 1)
        starts |= every_step << first & cells.starting(day.starts_at, day.ends_at)
    return starts
