"""The promised arrival: reading what the operator typed and telling near from far (M8, M10). Pure."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vovremya.kernel.refusal import Refusal
from vovremya.visits.rules.case import PolicyFacts

#: Nobody promises to arrive later than this on the phone; a longer time is a slip of the finger.
LONGEST_ETA = timedelta(hours=12)
#: A clock time of the current minute is "now", not the past.
CURRENT_MINUTE = timedelta(minutes=1)

# The page reads the same to show what it comes to: eta.ts, held to the same table.
_IN, _AT = r"(?:(?:через|in)\s+)?", r"(?:(?:в|к|at|by)\s+)?"
_OF_MINUTES = r"(?:м|мин|минут[аыу]?|m|mins?|minutes?)?"
_OF_HOURS = r"(?:ч|час|часа|часов|h|hours?)"
_MINUTES = re.compile(rf"^{_IN}(\d{{1,4}})\s*{_OF_MINUTES}\.?$", re.ASCII)
_HOURS = re.compile(rf"^{_IN}(\d{{1,2}})\s*{_OF_HOURS}\.?(?:\s*(\d{{1,2}})\s*{_OF_MINUTES}\.?)?$", re.ASCII)
_CLOCK = re.compile(rf"^{_AT}(\d{{1,2}})[:.,-](\d{{2}})$", re.ASCII)


class BadEta(Refusal):
    """`eta_unreadable`, `eta_past` or `eta_absurd`, at the field `eta`."""

    code = "eta_unreadable"


def read_eta(typed: str, *, answered_at: datetime, zone: ZoneInfo, longest: timedelta = LONGEST_ETA) -> datetime:
    """The promised arrival (UTC) from minutes («25», «через 1 ч 10 мин») or the branch's clock («10:52», «в 10-52»).

    Minutes count from the moment the client answered. Who is called again about a visit to come may name a later time
    than who is on the way: `longest`. Raises `BadEta`.
    """
    text = " ".join(typed.lower().split())
    if match := _MINUTES.match(text):
        return _sensible(answered_at + timedelta(minutes=int(match[1])), answered_at, longest)
    if match := _HOURS.match(text):
        hours = timedelta(hours=int(match[1]), minutes=int(match[2] or 0))
        return _sensible(answered_at + hours, answered_at, longest)
    if match := _CLOCK.match(text):
        next_at = _next_clock_time(int(match[1]), int(match[2]), answered_at, zone, longest)
        return _sensible(next_at, answered_at, longest)
    raise BadEta(field="eta", typed=typed)


def _next_clock_time(hour: int, minute: int, answered_at: datetime, zone: ZoneInfo, longest: timedelta) -> datetime:
    """When the branch's clock shows that time next: today, shortly after midnight, or turned back in the night."""
    if hour > 23 or minute > 59:
        raise BadEta(field="eta", typed=f"{hour}:{minute:02}")
    today = answered_at.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    meant = (today, today.replace(fold=1), today + timedelta(days=1))
    instants = [each.astimezone(answered_at.tzinfo) for each in meant]
    earliest, latest = answered_at - CURRENT_MINUTE, answered_at + longest
    return min((instant for instant in instants if earliest <= instant <= latest), default=instants[0])


def _sensible(expected_at: datetime, answered_at: datetime, longest: timedelta) -> datetime:
    if expected_at < answered_at - CURRENT_MINUTE:
        raise BadEta("eta_past", field="eta")
    if expected_at - answered_at > longest:
        raise BadEta("eta_absurd", field="eta")
    return max(expected_at, answered_at)


def is_near(expected_at: datetime, *, answered_at: datetime, policy: PolicyFacts) -> bool:
    """An arrival exactly `near_within` after the call is still near (M8, M10)."""
    return expected_at - answered_at <= policy.near_within


def is_within_grace(expected_at: datetime, *, starts_at: datetime, policy: PolicyFacts) -> bool:
    """A warned arrival no later than the planned start + `late_after` is only noted (hard case 26)."""
    return expected_at <= starts_at + policy.late_after
