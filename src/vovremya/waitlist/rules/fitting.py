"""Whom of those who wait a time that became free fits, and whom best. Pure.

What fits a wish the search for free times decides, as it does in the window of pre-booking: `schedule/rules/slots`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from vovremya.schedule.rules.hours import BusinessDay
from vovremya.schedule.rules.occupied import left_of
from vovremya.schedule.rules.slots import BayLoad, Slot, Station, Wish, best_fitting, days_of_bay, slots_within

#: A work that goes on after closed days begins no longer before the time that it takes, and ends no longer after it.
DAYS_AROUND = 7


@dataclass(frozen=True)
class Freed:
    """A period of a bay that was given up."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime
    freed_at: datetime


@dataclass(frozen=True)
class Asked:
    """A time that was offered, and the client refused or was not reached."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime
    at: datetime

    def is_met_by(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and self.ends_at > starts_at


@dataclass(frozen=True)
class Waiting:
    """One who waits."""

    wait_id: int
    wish: Wish  # in which the own visit counts as free
    added_at: datetime
    is_urgent: bool = False
    sooner_than: datetime | None = None  # the start of the own visit
    asked: Sequence[Asked] = ()

    def was_asked(self, starts_at: datetime, ends_at: datetime) -> bool:
        """On whatever bay: who cannot come then cannot come a quarter of an hour later."""
        return any(asked.is_met_by(starts_at, ends_at) for asked in self.asked)

    def was_asked_about(self, freed: "Freed") -> bool:
        """Nobody is called twice about one time that became free."""
        return any(
            asked.bay_id == freed.bay_id
            and asked.at >= freed.freed_at
            and asked.is_met_by(freed.starts_at, freed.ends_at)
            for asked in self.asked
        )


@dataclass(frozen=True)
class Fit:
    waiting: Waiting
    slot: Slot


@dataclass(frozen=True)
class Call:
    """A time that is free again, and whom it fits, the best first: there is somebody to be called."""

    freed: Freed
    fits: Sequence[Fit]


def calls(station: Station, freed: Iterable[Freed], waiting: Sequence[Waiting], *, now: datetime) -> list[Call]:
    """The soonest first."""
    found = [Call(each, fits(station, each, waiting, now=now)) for each in still_free(station, freed, now=now)]
    return sorted((call for call in found if call.fits), key=lambda call: (call.freed.starts_at, call.freed.bay_id))


def to_call_about(
    station: Station, freed: Iterable[Freed], waiting: Sequence[Waiting], *, now: datetime
) -> list[Freed]:
    """The times of the calls alone: the first whom one fits is enough."""
    return [
        each
        for each in still_free(station, freed, now=now)
        if next(_fits_found(station, each, waiting, now), None) is not None
    ]


def still_free(station: Station, freed: Iterable[Freed], *, now: datetime) -> list[Freed]:
    """What is left of what became free, each stretch of a bay once."""
    taken = {bay.bay_id: [(each.starts_at, each.ends_at) for each in bay.taken] for bay in station.bays}
    return [
        replace(each, starts_at=starts_at, ends_at=ends_at)
        for each in _joined(freed)
        if each.bay_id in taken and each.ends_at > now
        for starts_at, ends_at in left_of((max(each.starts_at, now), each.ends_at), taken[each.bay_id])
    ]


def fits(station: Station, freed: Freed, waiting: Iterable[Waiting], *, now: datetime) -> list[Fit]:
    """Urgent ones first, then whoever leaves the bay the least idle, then who has waited longest."""

    def best(fit: Fit) -> tuple[Any, ...]:
        is_continued, fitness, _ = best_fitting(fit.slot)
        return not fit.waiting.is_urgent, is_continued, fitness, fit.waiting.added_at, fit.waiting.wait_id

    return sorted(_fits_found(station, freed, waiting, now), key=best)


def _fits_found(station: Station, freed: Freed, waiting: Iterable[Waiting], now: datetime) -> Iterator[Fit]:
    bay = next(bay for bay in station.bays if bay.bay_id == freed.bay_id)
    around: dict[timedelta, Station] = {}
    for each in waiting:
        duration = each.wish.duration_on(bay)
        if duration not in around:
            around[duration] = _around(station, bay, freed, duration)
        if slot := _best_slot(around[duration], freed, each, now):
            yield Fit(each, slot)


def _best_slot(station: Station, freed: Freed, waiting: Waiting, now: datetime) -> Slot | None:
    """The best of the times that are there because of what was freed: of equal ones what takes the most of it.

    Who came onto the list later saw it free.
    """
    wish = waiting.wish
    if waiting.added_at > freed.freed_at or wish.bay_id not in (None, freed.bay_id) or waiting.was_asked_about(freed):
        return None
    period = freed.starts_at - station.pause, freed.ends_at + station.pause
    found = (
        slot
        for slot in slots_within(station, replace(wish, bay_id=freed.bay_id), period, now=now)
        if waiting.sooner_than is None or slot.starts_at < waiting.sooner_than
        if not waiting.was_asked(slot.starts_at, slot.ends_at)
    )
    return min(found, key=lambda slot: (*best_fitting(slot)[:2], -_taken_of(freed, slot), slot.starts_at), default=None)


def _taken_of(freed: Freed, slot: Slot) -> timedelta:
    return min(freed.ends_at, slot.ends_at) - max(freed.starts_at, slot.starts_at)


def _around(station: Station, bay: BayLoad, freed: Freed, duration: timedelta) -> Station:
    """The bay on the days of what was freed, and on those before and after in which a work so long may begin and end:
    each day more would be looked through for everybody who waits."""
    open_for = [_open_for(day) for day in days_of_bay(station, bay)]
    first = sum(day.ends_at <= freed.starts_at for day in station.days)
    end = sum(day.starts_at < freed.ends_at for day in station.days)
    before, after = _days_holding(duration, open_for[:first][::-1]), _days_holding(duration, open_for[end:])
    days = station.days[first - before : end + after]
    since, until = days[0].midnight_at - timedelta(hours=1), days[-1].ends_at
    near = replace(bay, taken=[each for each in bay.taken if each.ends_at > since and each.starts_at < until])
    return replace(station, days=days, bays=[near if each is bay else each for each in station.bays])


def _days_holding(duration: timedelta, open_for: Sequence[timedelta]) -> int:
    """So many of the days as are open for so long together, and an open one more for the lunches in them."""
    left = duration
    for number, span in enumerate(open_for, start=1):
        if left <= timedelta() and span:
            return number
        left -= span
    return len(open_for)


def _open_for(day: BusinessDay) -> timedelta:
    return day.closes_at - day.opens_at if day.opens_at and day.closes_at else timedelta()


def _joined(freed: Iterable[Freed]) -> list[Freed]:
    """Periods of a bay that meet are one; as old as the latest of them."""
    joined: list[Freed] = []
    for each in sorted(freed, key=lambda one: (one.bay_id, one.starts_at)):
        last = joined[-1] if joined else None
        if last and last.bay_id == each.bay_id and each.starts_at <= last.ends_at:
            joined[-1] = replace(
                last, ends_at=max(last.ends_at, each.ends_at), freed_at=max(last.freed_at, each.freed_at)
            )
        else:
            joined.append(each)
    return joined
