"""Free slots: when and where a work of a given length fits.

The whole period searched is one set of cells a bay. A slot begins on a whole cell and keeps whole cells to
its end; occupations may begin and end at any instant and take every cell they touch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from vovremya.schedule.rules.cells import (
    CELL,
    CELL_MINUTES,
    EPOCH,
    Cells,
    ascending,
    descending,
    has,
    run,
    starts_of_runs,
)
from vovremya.schedule.rules.hours import BusinessDay, instant_at

_CELLS_OF_QUARTER_HOUR = 3
# Wall minutes reach to the end of the night that follows a date.
_END_OF_NIGHT = 2 * 24 * 60

Period = tuple[datetime, datetime]


class PartOfDay(StrEnum):
    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"


_PART_MINUTES = {
    None: (0, _END_OF_NIGHT),
    PartOfDay.MORNING: (0, 12 * 60),
    PartOfDay.DAY: (12 * 60, 17 * 60),
    PartOfDay.EVENING: (17 * 60, _END_OF_NIGHT),
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
    """An occupied period of a bay, in whatever lane."""

    starts_at: datetime
    ends_at: datetime
    visit_id: int | None = None


@dataclass(frozen=True, slots=True)
class BayLoad:
    """A bay and what occupies it in the period searched."""

    bay_id: int
    group_id: int
    taken: Sequence[Taken] = ()


@dataclass(frozen=True, slots=True)
class Station:
    """What a search looks at: consecutive days, the bays in the order of the board, an advisor's arrivals."""

    zone: ZoneInfo
    days: Sequence[BusinessDay]
    bays: Sequence[BayLoad]
    arrivals: Sequence[datetime] = ()
    arrivals_per_quarter_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Starts are offered every `step_minutes` and right after a previous visit."""

    duration_minutes: int
    from_on: date | None = None
    until_on: date | None = None
    part_of_day: PartOfDay | None = None
    not_before_minute: int = 0  # on the wall clock of every day
    group_id: int | None = None
    bay_id: int | None = None
    step_minutes: int = CELL_MINUTES
    ignored_visit_id: int | None = None  # its own occupation counts as free
    is_every_bay_listed: bool = False  # else only the best-fitting bay of a start

    def __post_init__(self) -> None:
        if self.duration_minutes <= 0:
            raise ValueError("a work takes time")
        if self.step_minutes <= 0 or self.step_minutes % CELL_MINUTES:
            raise ValueError("a step is a multiple of five minutes")

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)


@dataclass(frozen=True, slots=True)
class Slot:
    bay_id: int
    starts_at: datetime
    ends_at: datetime
    reason_code: SlotReason


def free_slots(station: Station, wish: Wish, *, now: datetime, limit: int = 20) -> list[Slot]:
    """The soonest slots first, at one start the best-fitting bay first."""

    def soonest(slot: Slot) -> tuple[datetime, int]:
        return slot.starts_at, _FIT[slot.reason_code]

    found = (islice(bay.slots(bay.soonest()), limit) for bay in _free_bays(station, wish, now))
    return _choose(chain.from_iterable(found), soonest, wish, limit)


def nearest_slots(station: Station, wish: Wish, *, to: datetime, now: datetime, limit: int = 3) -> list[Slot]:
    """The slots around a start that was lost, the nearest first, of two equally near the later."""

    def nearest(slot: Slot) -> tuple[timedelta, bool, int]:
        return abs(slot.starts_at - to), slot.starts_at < to, _FIT[slot.reason_code]

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
    """Whether this very period, on whatever minute, lies in the hours and clear of every occupation."""
    stretches = _open_stretches(station.days, ends_at - starts_at)
    return (
        any(opens_at <= starts_at and ends_at <= closes_at for opens_at, closes_at in stretches)
        and not any(lunch[0] <= starts_at < lunch[1] for lunch in _lunches(station.days))
        and not any(
            taken.starts_at < ends_at and taken.ends_at > starts_at
            for taken in _taken(station, bay_id, ignored_visit_id)
        )
    )


def free_from(
    station: Station,
    bay_id: int,
    since: datetime,
    duration: timedelta,
    *,
    ignored_visit_id: int | None = None,
) -> datetime | None:
    """The first instant, on whatever minute, from which the bay is free for so long; None in no day given."""
    turns = {since}
    turns.update(taken.ends_at for taken in _taken(station, bay_id, ignored_visit_id))
    turns.update(opens_at for opens_at, _ in _open_stretches(station.days, duration))
    turns.update(ends_at for _, ends_at in _lunches(station.days))
    return next(
        (
            turn
            for turn in sorted(turns)
            if turn >= since and is_free(station, bay_id, turn, turn + duration, ignored_visit_id=ignored_visit_id)
        ),
        None,
    )


def _taken(station: Station, bay_id: int, ignored_visit_id: int | None) -> list[Taken]:
    return [
        taken
        for bay in station.bays
        if bay.bay_id == bay_id
        for taken in bay.taken
        if ignored_visit_id is None or taken.visit_id != ignored_visit_id
    ]


def _lunches(days: Sequence[BusinessDay]) -> list[Period]:
    return [day.lunch for day in days if day.lunch is not None]


def _open_stretches(days: Sequence[BusinessDay], duration: timedelta) -> list[Period]:
    """When bays work; days that touch run together. Lunch divides a day, unless the work is longer."""
    stretches: list[Period] = []
    for day in days:
        if day.opens_at is None or day.closes_at is None:
            continue
        parts = [(day.opens_at, day.closes_at)]
        if day.lunch is not None:
            divided = [(day.opens_at, day.lunch[0]), (day.lunch[1], day.closes_at)]
            if any(ends_at - starts_at >= duration for starts_at, ends_at in divided):
                parts = divided
        for opens_at, closes_at in parts:
            if stretches and stretches[-1][1] == opens_at:
                stretches[-1] = (stretches[-1][0], closes_at)
            else:
                stretches.append((opens_at, closes_at))
    return stretches


@dataclass(frozen=True, slots=True)
class _FreeBay:
    """One bay's starts that fulfil a wish."""

    bay_id: int
    cells: Cells
    starts: int
    taken: int
    working: int
    length: int
    duration: timedelta

    def soonest(self, since: datetime = EPOCH) -> Iterator[int]:
        first = self.cells.from_(since)
        return ascending(self.starts >> first << first)

    def latest(self, before: datetime) -> Iterator[int]:
        return descending(self.starts & run(0, self.cells.from_(before)))

    def slots(self, starts: Iterator[int]) -> Iterator[Slot]:
        for start in starts:
            starts_at = self.cells.instant(start)
            yield Slot(self.bay_id, starts_at, starts_at + self.duration, self._reason(start))

    def _reason(self, start: int) -> SlotReason:
        end = start + self.length
        is_after_previous = has(self.taken, start - 1)
        is_before_next = has(self.taken, end)
        is_idle_before = not is_after_previous and has(self.working, start - 1)
        is_idle_after = not is_before_next and has(self.working, end)
        if (is_after_previous or is_before_next) and not (is_idle_before or is_idle_after):
            return SlotReason.FILLS_GAP
        if is_after_previous:
            return SlotReason.AFTER_PREVIOUS
        return SlotReason.BEFORE_NEXT if is_before_next else SlotReason.FREE


def _free_bays(station: Station, wish: Wish, now: datetime) -> Iterator[_FreeBay]:
    if not station.days:
        return
    # From the midnight that steps count from, and a cell more for what comes right before the first.
    cells = Cells.since(station.days[0].midnight_at - CELL)
    length = -(-wish.duration_minutes // CELL_MINUTES)
    working = 0
    for opens_at, closes_at in _open_stretches(station.days, wish.duration):
        working |= cells.within(opens_at, closes_at)
    wished = _wished_starts(station, wish, cells) & cells.starting(now, station.days[-1].ends_at)
    on_step = _starts_on_step(station, wish, cells)
    for bay in station.bays:
        if wish.bay_id not in (None, bay.bay_id) or wish.group_id not in (None, bay.group_id):
            continue
        taken = 0
        for occupied in _taken(station, bay.bay_id, wish.ignored_visit_id):
            taken |= cells.touched(occupied.starts_at, occupied.ends_at)
        starts = starts_of_runs(working & ~taken, length) & wished & (on_step | taken << 1)
        yield _FreeBay(bay.bay_id, cells, starts, taken, working, length, wish.duration)


def _wished_starts(station: Station, wish: Wish, cells: Cells) -> int:
    since_minute, before_minute = _PART_MINUTES[wish.part_of_day]
    since_minute = max(since_minute, wish.not_before_minute)
    starts = 0
    for day in station.days:
        if (wish.from_on and day.on < wish.from_on) or (wish.until_on and day.on > wish.until_on):
            continue
        since = max(day.starts_at, instant_at(day.on, since_minute, station.zone))
        before = min(day.ends_at, instant_at(day.on, before_minute, station.zone))
        starts |= cells.starting(since, before)
    for lunch in _lunches(station.days):
        starts &= ~cells.starting(*lunch)
    return starts & ~_full_quarter_hours(station, cells)


def _full_quarter_hours(station: Station, cells: Cells) -> int:
    """Starts at which the advisor receives as many cars as one can."""
    if station.arrivals_per_quarter_hour is None:
        return 0
    quarter = _CELLS_OF_QUARTER_HOUR * CELL
    received: dict[int, int] = {}
    full = 0
    for arrival in station.arrivals:
        number = (arrival - EPOCH) // quarter
        received[number] = received.get(number, 0) + 1
        if received[number] == station.arrivals_per_quarter_hour:
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
