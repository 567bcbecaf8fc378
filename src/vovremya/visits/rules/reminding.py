"""When a client is reminded of a visit to come. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vovremya.schedule.rules.hours import BusinessDay, instant_at

#: Whoever has just agreed to a time need not be reminded of it.
KNOWS_FOR = timedelta(hours=12)
#: A reminder that would fall behind the hours of calling is due so long before they end.
LAST_CALLS = timedelta(hours=1)
#: Who calls us so shortly before the visit speaks of the way and not of the reminder.
ON_THE_WAY_FOR = timedelta(hours=2)
#: Longer than any holidays.
_LOOKED_BACK_DAYS = 14
_DAY = timedelta(days=1)

DayOf = Callable[[date], BusinessDay]


@dataclass(frozen=True)
class ReminderPolicy:
    """When the branch reminds; with neither, never. Minutes of the day by the branch's clock."""

    day_before_minute: int | None = None
    before: timedelta | None = None
    calls_from_minute: int = 9 * 60
    calls_until_minute: int = 20 * 60

    @property
    def reminds(self) -> bool:
        return self.day_before_minute is not None or self.before is not None


class Reminder(NamedTuple):
    """From `due_at` on the client is to be called; between the last call of that day and the first of the visit's own
    nobody is."""

    due_at: datetime
    pauses_at: datetime | None = None
    resumes_at: datetime | None = None

    def is_paused(self, instant: datetime) -> bool:
        if self.pauses_at is None or instant < self.pauses_at:
            return False
        return self.resumes_at is None or instant < self.resumes_at


class _Calls(NamedTuple):
    """When on a day clients may be called."""

    on: date
    begin_at: datetime
    end_at: datetime

    @property
    def last_at(self) -> datetime:
        return max(self.begin_at, self.end_at - LAST_CALLS)


def next_reminder(
    starts_at: datetime,
    policy: ReminderPolicy,
    *,
    after: datetime,
    known_since: datetime | None,
    day_of: DayOf,
    zone: ZoneInfo,
) -> Reminder | None:
    """The first that comes due after that instant; `known_since`: when the client agreed to the time, if just now."""
    earliest = known_since + KNOWS_FOR if known_since else after
    days = _days_of_calls(starts_at, policy, day_of, zone)
    due = [each for each in _instants(starts_at, policy, days, zone) if each > after and each >= earliest]
    return _with_pause(min(due), starts_at, days) if due else None


def reminder_from(
    due_at: datetime, starts_at: datetime, policy: ReminderPolicy, *, day_of: DayOf, zone: ZoneInfo
) -> Reminder:
    """Due from that instant, whatever the policy says of when."""
    return _with_pause(due_at, starts_at, _days_of_calls(starts_at, policy, day_of, zone))


def speaks_of_the_way(starts_at: datetime, now: datetime) -> bool:
    """Of a client who calls us before the visit: whether to warn of a lateness (hard case 26)."""
    return starts_at - now <= ON_THE_WAY_FOR


def _days_of_calls(starts_at: datetime, policy: ReminderPolicy, day_of: DayOf, zone: ZoneInfo) -> list[_Calls]:
    """That of the visit, if there is one, and the last one before it."""
    starts_on = starts_at.astimezone(zone).date()
    days: list[_Calls] = []
    for number in range(_LOOKED_BACK_DAYS + 1):
        calls = _calls_of(day_of(starts_on - _DAY * number), policy, zone)
        if calls:
            days.insert(0, calls)
        if calls and number:
            break
    return days


def _calls_of(day: BusinessDay, policy: ReminderPolicy, zone: ZoneInfo) -> _Calls | None:
    if day.opens_at is None or day.closes_at is None:
        return None
    begin_at = max(day.opens_at, instant_at(day.on, policy.calls_from_minute, zone))
    end_at = min(day.closes_at, instant_at(day.on, policy.calls_until_minute, zone))
    return _Calls(day.on, begin_at, end_at) if begin_at < end_at else None


def _instants(starts_at: datetime, policy: ReminderPolicy, days: list[_Calls], zone: ZoneInfo) -> list[datetime]:
    instants = []
    if policy.day_before_minute is not None and days and days[0].on < starts_at.astimezone(zone).date():
        wanted = instant_at(days[0].on, policy.day_before_minute, zone)
        instants.append(max(days[0].begin_at, min(wanted, days[0].last_at)))
    if policy.before is not None:
        wanted = starts_at - policy.before
        begun = [day for day in days if day.begin_at <= wanted]
        if begun:
            instants.append(wanted if wanted < begun[-1].end_at else begun[-1].last_at)
    return instants


def _with_pause(due_at: datetime, starts_at: datetime, days: list[_Calls]) -> Reminder:
    """Outside of the hours of calling somebody has meant it: no pause before the next day."""
    pauses_at = next((day.end_at for day in days if day.begin_at <= due_at < day.end_at), None)
    if pauses_at is None or pauses_at >= starts_at:
        return Reminder(due_at)
    resumes_at = next((day.begin_at for day in days if pauses_at < day.begin_at < starts_at), None)
    return Reminder(due_at, pauses_at, resumes_at)
