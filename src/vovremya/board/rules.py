"""What the board of a date shows. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from vovremya.schedule.rules.hours import BusinessDay

#: A branch at work over midnight sees this much of the day before and after: late clients and those to come.
OVER_MIDNIGHT = timedelta(hours=3)
#: Beyond these no board is asked for but by a slip of the hand.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
_DAY = timedelta(days=1)

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


def _runs_on(day: BusinessDay, following: BusinessDay) -> bool:
    return day.closes_at is not None and following.opens_at is not None and day.closes_at >= following.opens_at
