"""Opening hours: from minutes on a branch's wall clock to instants.

Wall minutes count from local midnight; those above 1440 belong to the night that follows. A wall time that
the clock skips is the instant of the skip, one that it shows twice is the first: so wall order is never
turned round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_OF_DAY = 24 * 60

# A branch on duty at midnight still gives a client who was due just before it this much time.
_CASE_LASTS_AT_LEAST = timedelta(hours=2)
_OPENING_LOOKED_FOR_DAYS = 15
# More than a week of days that touch: every weekday does.
_TOUCHING_DAYS_NEVER_CLOSE = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayHours:
    """Hours of one day; `closes_at_minute` may exceed 1440. Round the clock is 0..1440."""

    opens_at_minute: int
    closes_at_minute: int
    lunch: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.opens_at_minute < MINUTES_OF_DAY:
            raise ValueError("a day opens between 0 and 1439")
        if not 0 < self.closes_at_minute - self.opens_at_minute <= MINUTES_OF_DAY:
            raise ValueError("a day closes after it opens, within 24 hours")
        if self.lunch is not None:
            starts, ends = self.lunch
            if not self.opens_at_minute <= starts < ends <= self.closes_at_minute:
                raise ValueError("lunch lies within the hours")


def hours_by_clock(opens: time, closes: time, lunch: tuple[time, time] | None = None) -> DayHours:
    """As somebody writes them down: a closing that is not after the opening is that of the night, 0:00 to 0:00 is round
    the clock. Raises `ValueError` where the lunch lies outside."""
    opens_minute = minute_of(opens)

    def later(clock: time) -> int:
        minute = minute_of(clock)
        return minute if minute >= opens_minute else minute + MINUTES_OF_DAY

    closes_minute = later(closes)
    if closes_minute == opens_minute:
        closes_minute += MINUTES_OF_DAY
    return DayHours(opens_minute, closes_minute, (later(lunch[0]), later(lunch[1])) if lunch else None)


def minute_of(clock: time) -> int:
    """Since midnight."""
    return clock.hour * 60 + clock.minute


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The hours of each weekday, Monday first, and of the dates that differ; None is closed."""

    days: Sequence[DayHours | None]
    exceptions: Mapping[date, DayHours | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ValueError("a week has seven days")

    def on(self, day: date) -> DayHours | None:
        if day in self.exceptions:
            return self.exceptions[day]
        return self.days[day.weekday()]


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """A date's share of time. Days follow each other without a gap: one ends where the next starts."""

    on: date
    midnight_at: datetime
    starts_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    ends_at: datetime
    lunch: tuple[datetime, datetime] | None = None

    def is_open(self, instant: datetime) -> bool:
        """Lunch counts as open: the doors are, only the bays rest."""
        return self.opens_at is not None and self.closes_at is not None and self.opens_at <= instant < self.closes_at


@lru_cache(maxsize=4096)  # placing a visit asks for the same few instants of its day some forty times
def instant_at(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant when the wall clock of `zone` first shows `minute` of the date, or skips over it."""
    wall = datetime.combine(on, time()) + timedelta(minutes=minute)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _skip_between(before, instant, zone)


def _skip_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second in which the zone's offset changes, `before` being still under the old one."""
    old_offset = before.astimezone(zone).utcoffset()
    seconds = int((after - before).total_seconds())
    known_old, known_new = 0, seconds
    while known_new - known_old > 1:
        middle = (known_old + known_new) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old_offset:
            known_old = middle
        else:
            known_new = middle
    return before + timedelta(seconds=known_new)


def business_day(on: date, week: WeekHours, zone: ZoneInfo) -> BusinessDay:
    """The date's business day: up to 24:00 local, or to closing where the hours run past midnight."""
    midnight_at = instant_at(on, 0, zone)
    next_midnight_at = instant_at(on + _DAY, 0, zone)
    starts_at = midnight_at
    if night := week.on(on - _DAY):
        starts_at = max(midnight_at, instant_at(on - _DAY, night.closes_at_minute, zone))
    hours = week.on(on)
    if hours is None:
        return BusinessDay(on, midnight_at, starts_at, None, None, next_midnight_at)
    opens_at = max(starts_at, instant_at(on, hours.opens_at_minute, zone))
    closes_at = instant_at(on, hours.closes_at_minute, zone)
    ends_at = max(next_midnight_at, closes_at)
    if closes_at <= opens_at:
        # Wholly skipped by the clock, or swallowed by the night before.
        return BusinessDay(on, midnight_at, starts_at, None, None, ends_at)
    return BusinessDay(
        on, midnight_at, starts_at, opens_at, closes_at, ends_at, _lunch(on, hours, opens_at, closes_at, zone)
    )


def _lunch(
    on: date, hours: DayHours, opens_at: datetime, closes_at: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime] | None:
    if hours.lunch is None:
        return None
    lunch = instant_at(on, hours.lunch[0], zone), instant_at(on, hours.lunch[1], zone)
    return _within(lunch, opens_at, closes_at)


def _within(
    lunch: tuple[datetime, datetime], opens_at: datetime, closes_at: datetime
) -> tuple[datetime, datetime] | None:
    starts_at, ends_at = max(opens_at, lunch[0]), min(closes_at, lunch[1])
    return (starts_at, ends_at) if starts_at < ends_at else None


def narrowed(day: BusinessDay, own: WeekHours, zone: ZoneInfo) -> BusinessDay:
    """The day of a bay that has hours of its own: the branch's, and within them only its own."""
    hours = own.on(day.on)
    closed = replace(day, opens_at=None, closes_at=None, lunch=None)
    if day.opens_at is None or day.closes_at is None or hours is None:
        return closed
    opens_at = max(day.opens_at, instant_at(day.on, hours.opens_at_minute, zone))
    closes_at = min(day.closes_at, instant_at(day.on, hours.closes_at_minute, zone))
    if closes_at <= opens_at:
        return closed
    lunch = _within(day.lunch, opens_at, closes_at) if day.lunch else None
    return replace(day, opens_at=opens_at, closes_at=closes_at, lunch=lunch)


def open_stretches(days: Sequence[BusinessDay]) -> list[tuple[datetime, datetime]]:
    """From opening to closing; days that touch run together."""
    stretches: list[tuple[datetime, datetime]] = []
    for day in days:
        if day.opens_at is None or day.closes_at is None:
            continue
        if stretches and stretches[-1][1] == day.opens_at:
            stretches[-1] = (stretches[-1][0], day.closes_at)
        else:
            stretches.append((day.opens_at, day.closes_at))
    return stretches


def business_days(first_on: date, count: int, week: WeekHours, zone: ZoneInfo) -> tuple[BusinessDay, ...]:
    return tuple(business_day(first_on + _DAY * number, week, zone) for number in range(count))


def business_day_of(instant: datetime, week: WeekHours, zone: ZoneInfo) -> BusinessDay:
    """The day an instant belongs to: before the closing of the night's hours it is still yesterday."""
    local_on = instant.astimezone(zone).date()
    # Tomorrow is for zones that turn the clock back over midnight.
    around = (business_day(on, week, zone) for on in (local_on, local_on - _DAY, local_on + _DAY))
    return next(day for day in around if day.starts_at <= instant < day.ends_at)


def is_open(instant: datetime, week: WeekHours, zone: ZoneInfo) -> bool:
    return business_day_of(instant, week, zone).is_open(instant)


def closing_after(instant: datetime, week: WeekHours, zone: ZoneInfo) -> datetime | None:
    """The closing that follows an instant; None where the branch never closes, day touching day.

    Where it stays shut for the two weeks to come, it has closed already: the instant itself.
    """
    day = business_day_of(instant, week, zone)
    for _ in range(_OPENING_LOOKED_FOR_DAYS):
        if day.closes_at is not None and day.closes_at > instant:
            break
        day = business_day(day.on + _DAY, week, zone)
    else:
        return instant
    for _ in range(_TOUCHING_DAYS_NEVER_CLOSE):
        following = business_day(day.on + _DAY, week, zone)
        if following.opens_at != day.closes_at:
            return day.closes_at
        day = following
    return None


def case_day_end(starts_at: datetime, week: WeekHours, zone: ZoneInfo) -> datetime:
    """When the late contact of a visit that starts then expires: at the end of its business day.

    A branch at work across that instant does not drop a client of 23:55 five minutes later.
    """
    day = business_day_of(starts_at, week, zone)
    if is_open(day.ends_at, week, zone) and day.closes_at == day.ends_at:
        return max(day.ends_at, starts_at + _CASE_LASTS_AT_LEAST)
    return day.ends_at
