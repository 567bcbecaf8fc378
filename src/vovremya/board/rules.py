"""What the board of a date shows, and how full the days of its bays are. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from vovremya.schedule.rules.cells import EPOCH
from vovremya.schedule.rules.hours import BusinessDay, narrowed
from vovremya.schedule.rules.occupied import Period, left_of
from vovremya.schedule.rules.slots import BayLoad, Station, Taken, days_of_bay

#: A branch at work over midnight sees this much of the day before and after: late clients and those to come.
OVER_MIDNIGHT = timedelta(hours=3)
#: Beyond these no board is asked for but by a slip of the hand.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: Thousandths of the open hours that can still be seen.
_NARROWEST = 8

DayOf = Callable[[date], BusinessDay]


def shown_period(on: date, day_of: DayOf) -> Period:
    """The date from midnight to midnight, to closing where that comes later, and over midnight where work goes on."""
    before, day, after = (day_of(on + _DAY * number) for number in (-1, 0, 1))
    starts_at = day.midnight_at
    ends_at = max(after.midnight_at, day.closes_at or after.midnight_at)
    if _runs_on(before, day):
        starts_at -= OVER_MIDNIGHT
    if _runs_on(day, after):
        ends_at += OVER_MIDNIGHT
    return starts_at, ends_at


def dates_shown_on(period: Period, dates: Sequence[date], day_of: DayOf) -> list[date]:
    """Those of the dates whose boards show something of the period."""
    shown = ((on, shown_period(on, day_of)) for on in dates)
    return [on for on, (starts_at, ends_at) in shown if period[0] < ends_at and period[1] > starts_at]


@dataclass(frozen=True, slots=True)
class Room:
    """A day of one bay or of several together, in minutes."""

    open_for: int  # hours, without the lunch and what takes the bay out of use
    busy_for: int  # with visits, on whatever lane and in whatever hours
    free_for: int  # in which nothing is on the bay and a car can be received for it

    @property
    def load(self) -> int:
        return load(self.busy_for, self.open_for)


#: Of a bay that is retired.
NO_ROOM = Room(0, 0, 0)


def together(rooms: Iterable[Room]) -> Room:
    parts = [(room.open_for, room.busy_for, room.free_for) for room in rooms]
    return Room(*map(sum, zip(*parts, strict=True))) if parts else NO_ROOM


def rooms_of(station: Station, *, since: datetime = EPOCH) -> Mapping[int, Sequence[Room]]:
    """By bay, of the days of the station. What was free before `since` is so no longer."""
    starts = [day.starts_at for day in station.days]
    return {bay.bay_id: _rooms_of_bay(station, bay, starts, since) for bay in station.bays}


def _rooms_of_bay(station: Station, bay: BayLoad, starts: Sequence[datetime], since: datetime) -> list[Room]:
    taken_by_day: list[list[Taken]] = [[] for _ in starts]
    for taken in bay.taken:
        first = max(bisect_right(starts, taken.starts_at) - 1, 0)
        for number in range(first, bisect_left(starts, taken.ends_at)):
            taken_by_day[number].append(taken)
    days = zip(station.days, days_of_bay(station, bay), taken_by_day, strict=True)
    return [_room(day, own, taken, _reception(station, bay, day), since) for day, own, taken in days]


def _room(
    day: BusinessDay, own: BusinessDay, taken: Sequence[Taken], reception: Period | None, since: datetime
) -> Room:
    working = _working(own)
    closures = [(each.starts_at, each.ends_at) for each in taken if each.is_closure]
    occupied = [(each.starts_at, each.ends_at) for each in taken]
    open_for = sum(minutes_between(*part) for period in working for part in left_of(period, closures))
    busy_for = sum(minutes_of_day((each.starts_at, each.ends_at), day) for each in taken if not each.is_closure)
    free = [part for period in working for part in left_of(period, occupied)]
    return Room(open_for, busy_for, sum(_to_be_had(part, reception, since) for part in free))


def _to_be_had(free: Period, reception: Period | None, since: datetime) -> int:
    """Of a stretch that is free, what a visit can fill whose car is received in time."""
    if reception is None or free[0] >= reception[1] or free[1] <= reception[0]:
        return 0
    return minutes_between(max(free[0], reception[0], since), free[1])


def _reception(station: Station, bay: BayLoad, day: BusinessDay) -> Period | None:
    """When the advisor of the bay's group receives cars; None: not on this day."""
    advisor = station.advisors.get(bay.advisor_id or 0)
    if advisor is not None and advisor.shifts is not None:
        day = narrowed(day, advisor.shifts, station.zone)
    return (day.opens_at, day.closes_at) if day.opens_at and day.closes_at else None


def _working(day: BusinessDay) -> list[Period]:
    """The hours without the lunch."""
    if day.opens_at is None or day.closes_at is None:
        return []
    return left_of((day.opens_at, day.closes_at), [day.lunch] if day.lunch else [])


def open_minutes(day: BusinessDay) -> int:
    """In which a bay can be at work: the hours without the lunch."""
    return sum(minutes_between(*period) for period in _working(day))


def load(busy_minutes: int, of_minutes: int) -> int:
    """In per cent."""
    return round(100 * busy_minutes / of_minutes) if of_minutes else 0


def minutes_of_day(period: Period, day: BusinessDay) -> int:
    """What of the period lies in the business day."""
    return minutes_between(max(period[0], day.starts_at), min(period[1], day.ends_at))


def minutes_between(since: datetime, until: datetime) -> int:
    return max(until - since, timedelta(0)) // _MINUTE


def place_in_hours(period: Period, day: BusinessDay) -> tuple[int, int]:
    """Where a small picture of the day shows it: its beginning and its length in thousandths of the open hours."""
    opens_at, closes_at = day.opens_at or day.starts_at, day.closes_at or day.ends_at
    begin, end = ((min(max(each, opens_at), closes_at) - opens_at) / (closes_at - opens_at) for each in period)
    return round(1000 * begin), max(round(1000 * (end - begin)), _NARROWEST)


def week_of(on: date) -> list[date]:
    """From Monday to Sunday."""
    monday = on - _DAY * on.weekday()
    return [monday + _DAY * number for number in range(7)]


def _runs_on(day: BusinessDay, following: BusinessDay) -> bool:
    return day.closes_at is not None and following.opens_at is not None and day.closes_at >= following.opens_at
