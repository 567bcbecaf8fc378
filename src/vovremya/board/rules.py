"""What the board of a date shows. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from vovremya.schedule.rules.hours import BusinessDay

#: A branch at work over midnight sees this much of the day before and after: late clients and those to come.
OVER_MIDNIGHT = timedelta(hours=3)
#: Beyond these no board is asked for but by a slip of the hand.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: Thousandths of the open hours that can still be seen.
_NARROWEST = 8

Period = tuple[datetime, datetime]
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


def open_minutes(day: BusinessDay) -> int:
    """In which a bay can be at work: the hours without the lunch."""
    if day.opens_at is None or day.closes_at is None:
        return 0
    lunch = (day.lunch[1] - day.lunch[0]) // _MINUTE if day.lunch else 0
    return (day.closes_at - day.opens_at) // _MINUTE - lunch


def load(busy_minutes: int, of_minutes: int) -> int:
    """In per cent."""
    return round(100 * busy_minutes / of_minutes) if of_minutes else 0


def minutes_of_day(period: Period, day: BusinessDay) -> int:
    """What of the period lies in the business day."""
    return max(min(period[1], day.ends_at) - max(period[0], day.starts_at), timedelta(0)) // _MINUTE


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
