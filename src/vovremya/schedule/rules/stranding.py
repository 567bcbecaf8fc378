"""Which planned visits the schedule of a branch has no place for, and why.

What a change strands is what the rule says after it and did not say before: so one rule serves every setting, a change
that is taken back, and the list of those that still stand outside.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from vovremya.schedule.rules.hours import BusinessDay, WeekHours, business_day, narrowed, open_stretches
from vovremya.schedule.rules.occupied import Period, left_of
from vovremya.schedule.rules.slots import meets_lunch

_DAY = timedelta(days=1)


class Why(StrEnum):
    BRANCH_RETIRED = "branch_retired"
    BAY_RETIRED = "bay_retired"
    BRANCH_CLOSED = "branch_closed"
    BAY_CLOSED = "bay_closed"
    BAY_OUT_OF_USE = "bay_out_of_use"
    LUNCH = "lunch"
    OTHER_GROUP = "other_group"
    ADVISOR_AWAY = "advisor_away"


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit to come, as the schedule sees it."""

    visit_id: int
    plan_version: int
    bay_id: int
    advisor_id: int | None
    parts: tuple[Period, ...]  # one, or one a day of a work over nights
    fit_group_ids: frozenset[int] | None = None  # where its works can be done; None: anywhere
    is_here: bool = False  # the car has come: of the schedule only its bay matters

    @property
    def starts_at(self) -> datetime:
        return self.parts[0][0]

    @property
    def lasts(self) -> timedelta:
        return sum((ends_at - starts_at for starts_at, ends_at in self.parts), timedelta())


@dataclass(frozen=True, slots=True)
class BayTerms:
    group_id: int
    is_active: bool = True
    own_hours: WeekHours | None = None


@dataclass(frozen=True, slots=True)
class AdvisorTerms:
    is_active: bool = True
    shifts: WeekHours | None = None


@dataclass(frozen=True)
class Terms:
    """The settings of a branch. What they say of a time is worked out once: thousands of visits share a few hundred."""

    zone: ZoneInfo
    week: WeekHours
    bays: Mapping[int, BayTerms]
    advisors: Mapping[int, AdvisorTerms] = field(default_factory=dict)
    closures: Mapping[int, Sequence[Period]] = field(default_factory=dict)  # by bay
    takes_visits: bool = True  # not where the branch is retired
    _days: dict[date, BusinessDay] = field(default_factory=dict)
    _around: dict[tuple[int | None, date, date], "_Around"] = field(default_factory=dict)
    _closed: dict[tuple[int | None, tuple[Period, ...]], Why | None] = field(default_factory=dict)
    _away: dict[tuple[int | None, datetime], bool] = field(default_factory=dict)

    def day(self, on: date) -> BusinessDay:
        if on not in self._days:
            self._days[on] = business_day(on, self.week, self.zone)
        return self._days[on]

    def around(self, period: Period, bay_id: int | None = None) -> "_Around":
        """The days of a period with those before and after: round the clock, a stretch of hours knows no midnight."""
        own = self.bays[bay_id].own_hours if bay_id is not None else None
        first_on, last_on = (each.astimezone(self.zone).date() for each in period)
        key = (bay_id if own else None, first_on, last_on)
        if key not in self._around:
            count = (last_on - first_on).days + 3
            days = [self.day(first_on + _DAY * number) for number in range(-1, count - 1)]
            of_bay = [narrowed(day, own, self.zone) for day in days] if own else days
            self._around[key] = _Around(of_bay, open_stretches(of_bay))
        return self._around[key]

    def why_closed(self, planned: Planned) -> Why | None:
        key = (planned.bay_id if self.bays[planned.bay_id].own_hours else None, planned.parts)
        if key not in self._closed:
            self._closed[key] = _why_closed(self, planned)
        return self._closed[key]

    def is_advisor_away(self, planned: Planned) -> bool:
        key = (planned.advisor_id, planned.starts_at)
        if key not in self._away:
            self._away[key] = _is_advisor_away(self, planned)
        return self._away[key]


@dataclass(frozen=True, slots=True)
class _Around:
    days: Sequence[BusinessDay]
    stretches: Sequence[Period]

    def holds(self, period: Period) -> bool:
        return any(opens_at <= period[0] and period[1] <= closes_at for opens_at, closes_at in self.stretches)


@dataclass(frozen=True, slots=True)
class Stranded:
    planned: Planned
    reasons: tuple[Why, ...]


def stranded_by(terms: Terms, visits: Iterable[Planned]) -> list[Stranded]:
    """The visits that stand outside these terms."""
    found = ((planned, why_outside(terms, planned)) for planned in visits)
    return [Stranded(planned, reasons) for planned, reasons in found if reasons]


def why_outside(terms: Terms, planned: Planned) -> tuple[Why, ...]:
    bay = terms.bays.get(planned.bay_id)
    if bay is None or not bay.is_active:
        return (Why.BAY_RETIRED,)
    if planned.is_here:
        return ()
    if not terms.takes_visits:
        return (Why.BRANCH_RETIRED,)
    why_closed = terms.why_closed(planned)
    reasons = [why_closed]
    if any(left_of(part, terms.closures.get(planned.bay_id, ())) != [part] for part in planned.parts):
        reasons.append(Why.BAY_OUT_OF_USE)
    if planned.fit_group_ids is not None and bay.group_id not in planned.fit_group_ids:
        reasons.append(Why.OTHER_GROUP)
    if why_closed is not Why.BRANCH_CLOSED and terms.is_advisor_away(planned):
        reasons.append(Why.ADVISOR_AWAY)
    return tuple(reason for reason in reasons if reason)


def newly_stranded(before: Collection[Stranded], after: Collection[Stranded]) -> list[Stranded]:
    """What a change strands: visits that had a place before it, and those that lose it in one more way."""
    known = {each.planned.visit_id: set(each.reasons) for each in before}
    new = ((each, set(each.reasons) - known.get(each.planned.visit_id, set())) for each in after)
    return [Stranded(each.planned, tuple(why for why in each.reasons if why in added)) for each, added in new if added]


def digest_of(stranded: Iterable[Stranded]) -> str:
    """What is confirmed is this very list: another visit, another plan or another reason makes another digest."""
    lines = sorted(f"{each.planned.visit_id} {each.planned.plan_version} {' '.join(each.reasons)}" for each in stranded)
    return sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def _why_closed(terms: Terms, planned: Planned) -> Why | None:
    if not all(terms.around(part).holds(part) for part in planned.parts):
        return Why.BRANCH_CLOSED
    of_bay = [(part, terms.around(part, planned.bay_id)) for part in planned.parts]
    if not all(around.holds(part) for part, around in of_bay):
        return Why.BAY_CLOSED
    (starts_at, ends_at), around = of_bay[0]
    return Why.LUNCH if meets_lunch(around.days, starts_at, ends_at, planned.lasts) else None


def _is_advisor_away(terms: Terms, planned: Planned) -> bool:
    advisor = terms.advisors.get(planned.advisor_id or 0)
    if advisor is None:
        return False
    if not advisor.is_active:
        return True
    if advisor.shifts is None:
        return False
    days = terms.around((planned.starts_at, planned.starts_at)).days
    return not any(narrowed(day, advisor.shifts, terms.zone).is_open(planned.starts_at) for day in days)
