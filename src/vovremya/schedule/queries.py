"""Reading hours, occupations and free slots, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet

from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.models import BayHours, BranchException, Occupation
from vovremya.schedule.rules import hours, obstacles, slots
from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours
from vovremya.schedule.rules.obstacles import Obstacle
from vovremya.schedule.rules.occupied import Occupied, Period
from vovremya.schedule.rules.slots import AdvisorLoad, BayLoad, Slot, Station, Taken, Wish
from vovremya.schedule.rules.stranding import AdvisorTerms, BayTerms, Terms
from vovremya.storage.statements import Reading

#: No row lasts longer; bounds the index range of a period's read. What lasts longer has several rows.
LONGEST_OCCUPATION = timedelta(days=31)
#: How far ahead slots are looked for unless the wish says.
SEARCHED_DAYS = 60
#: A row of hours: weekday, opening, closing; of whoever has none, nothing.
OfWeekday = tuple[int | None, int | None, int | None]
#: How many days after the last one wished for a work may go on, closed ones among them.
LONGEST_WORK_DAYS = 14

_ZONE_AND_WEEK = Reading(
    lambda branch_id: Branch.objects.filter(pk=branch_id).values_list(
        "zone",
        "is_active",
        "hours__weekday",
        "hours__opens_minute",
        "hours__closes_minute",
        "hours__lunch_starts_minute",
        "hours__lunch_ends_minute",
    )
)
_EXCEPTIONS = Reading(
    lambda branch_id: BranchException.objects.filter(branch_id=branch_id).values_list(
        "on", "opens_minute", "closes_minute"
    )
)

_BAYS = Reading(
    lambda branch_id: (
        Bay.objects.filter(branch_id=branch_id, is_active=True)
        .order_by("group__position", "position", "id", "own_hours__weekday")
        .values_list(
            "id",
            "group_id",
            "coefficient",
            "group__advisor_id",
            "branch__pause_minutes",
            "own_hours__weekday",
            "own_hours__opens_minute",
            "own_hours__closes_minute",
        )
    )
)
_HOURS_OF_BAYS = Reading(
    lambda branch_id: BayHours.objects.filter(bay__branch_id=branch_id).values_list(
        "bay_id", "weekday", "opens_minute", "closes_minute"
    )
)
_ADVISORS = Reading(
    lambda branch_id: Advisor.objects.filter(branch_id=branch_id).values_list(
        "id",
        "arrivals_per_quarter_hour",
        "shifts__weekday",
        "shifts__opens_minute",
        "shifts__closes_minute",
    )
)
# COALESCE gives an instant as it is stored: the driver for SQLite would make an object of each, a thousand times over.
_TAKEN = """
SELECT bay_id, COALESCE(starts_at, NULL), COALESCE(ends_at, NULL), visit_id, "of" = 'closure'
  FROM schedule_occupation
 WHERE branch_id = %s AND starts_at < %s AND starts_at > %s AND ends_at > %s
   AND ("of" <> 'hold' OR (held_until > %s AND held_by_id <> %s))
"""


@dataclass(frozen=True)
class Calendar:
    """A branch's hours in its zone."""

    week: WeekHours
    zone: ZoneInfo
    takes_visits: bool = True  # not where the branch is retired

    def day(self, on: date) -> BusinessDay:
        return hours.business_day(on, self.week, self.zone)

    def days(self, first_on: date, count: int) -> tuple[BusinessDay, ...]:
        return hours.business_days(first_on, count, self.week, self.zone)

    def day_of(self, instant: datetime) -> BusinessDay:
        return hours.business_day_of(instant, self.week, self.zone)


@dataclass(frozen=True)
class DayPlace:
    """What the branch's hours make of an instant at which a visit starts."""

    on: date
    closes_at: datetime | None  # the closing that follows; None: never closes
    case_ends_at: datetime
    is_open_at_start: bool


@dataclass(frozen=True)
class Asker:
    """For whom the bays are looked at: the holds of that user and the occupation of that visit count as free."""

    real_now: datetime
    user_id: int | None = None
    visit_id: int | None = None


#: Every hold has lapsed by then.
_WHEN_NOTHING_IS_HELD = Asker(real_now=datetime.max.replace(tzinfo=UTC))


def calendar_of(branch_id: int) -> Calendar:
    """Two queries."""
    rows = _ZONE_AND_WEEK.all(branch_id)
    if not rows:
        raise NotFound
    week: list[DayHours | None] = [None] * 7
    for _zone, _is_active, weekday, opens, closes, lunch_starts, lunch_ends in rows:
        if weekday is not None:
            week[weekday] = _day_hours(opens, closes, lunch_starts, lunch_ends)
    by_date = {on: _day_hours(opens, closes) for on, opens, closes in _EXCEPTIONS.all(branch_id)}
    return Calendar(WeekHours(week, by_date), ZoneInfo(rows[0][0]), takes_visits=rows[0][1])


def _day_hours(
    opens: int | None, closes: int | None, lunch_starts: int | None = None, lunch_ends: int | None = None
) -> DayHours | None:
    if opens is None or closes is None:
        return None
    lunch = None if lunch_starts is None or lunch_ends is None else (lunch_starts, lunch_ends)
    return DayHours(opens, closes, lunch)


def business_day_on(branch_id: int, on: date) -> BusinessDay:
    return calendar_of(branch_id).day(on)


def business_day_of(branch_id: int, instant: datetime) -> BusinessDay:
    return calendar_of(branch_id).day_of(instant)


def place_in_day(branch_id: int, starts_at: datetime, calendar: Calendar | None = None) -> DayPlace:
    """Who places many visits gives the calendar."""
    calendar = calendar or calendar_of(branch_id)
    day = calendar.day_of(starts_at)
    return DayPlace(
        on=day.on,
        closes_at=hours.closing_after(starts_at, calendar.week, calendar.zone),
        case_ends_at=hours.case_day_end(starts_at, calendar.week, calendar.zone),
        is_open_at_start=day.is_open(starts_at),
    )


def occupations(branch_id: int, since: datetime, until: datetime, real_now: datetime) -> list[Occupied]:
    """What occupies the branch's bays in a period, by start; lapsed holds no more. One query."""
    return as_occupied(_occupations(branch_id, since, until, real_now))


@dataclass(frozen=True)
class Closure:
    """A time when a bay is out of use, and why."""

    starts_at: datetime
    ends_at: datetime
    note: str = ""

    def as_value(self) -> dict[str, str]:
        """As JSON has it."""
        return {"from": self.starts_at.isoformat(), "until": self.ends_at.isoformat(), "note": self.note}


def closures_of(bay_id: int) -> list[Closure]:
    """Of all times. One query."""
    rows = Occupation.objects.filter(of=Occupation.Of.CLOSURE, bay_id=bay_id).order_by("starts_at")
    return [Closure(*row) for row in rows.values_list("starts_at", "ends_at", "note")]


def closures_between(branch_id: int, since: datetime, until: datetime) -> dict[int, list[Closure]]:
    """By bay, by start. One query."""
    found: dict[int, list[Closure]] = defaultdict(list)
    rows = _touching(branch_id, since, until).filter(of=Occupation.Of.CLOSURE).order_by("starts_at")
    for bay_id, begins_at, over_at, note in rows.values_list("bay_id", "starts_at", "ends_at", "note"):
        found[bay_id].append(Closure(begins_at, over_at, note))
    return found


def in_the_way(
    bay_id: int, periods: Iterable[Period], *, lane: int | None = None, ignoring: int | None = None
) -> list[Occupied]:
    """What overlaps periods of the bay, in one lane or in any; `ignoring` is a visit. One query."""
    overlaps = Q(pk__in=())
    for starts_at, ends_at in periods:
        overlaps |= Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
    rows = Occupation.objects.filter(overlaps, bay_id=bay_id)
    if lane is not None:
        rows = rows.filter(lane=lane)
    if ignoring is not None:
        rows = rows.exclude(visit_id=ignoring)
    return as_occupied(rows.order_by("starts_at", "id"))


def obstacles_around(
    branch_id: int,
    fit_group_ids: Collection[int],
    starts_at: datetime,
    ends_at: datetime,
    *,
    asker: Asker,
    calendar: Calendar,
    knows_hours: bool,
) -> list[Obstacle]:
    """What a visit that such groups of bays can do meets when it is moved by hand in the days of the period, the day
    before and after included. A work that is on already knows no hours. Three queries."""
    first_on = calendar.day_of(starts_at).on - timedelta(days=1)
    last_on = calendar.day_of(ends_at).on + timedelta(days=1)
    days = calendar.days(first_on, (last_on - first_on).days + 1)
    period = days[0].midnight_at, days[-1].ends_at
    bay_groups = list(Bay.objects.filter(branch_id=branch_id, is_active=True).values_list("id", "group_id"))
    fit_ids = [bay_id for bay_id, group_id in bay_groups if group_id in fit_group_ids]
    occupied = _occupations(branch_id, *period, asker.real_now).filter(bay_id__in=fit_ids)
    return [
        *obstacles.in_other_groups(bay_groups, fit_group_ids, period),
        *(_obstacles_of_hours(branch_id, days, calendar.zone) if knows_hours else ()),
        *obstacles.of_bays(as_occupied(occupied), user_id=asker.user_id, visit_id=asker.visit_id or 0),
    ]


def _obstacles_of_hours(branch_id: int, days: Sequence[BusinessDay], zone: ZoneInfo) -> Iterator[Obstacle]:
    yield from obstacles.of_hours(days)
    for bay_id, own in own_hours_of_bays(branch_id).items():
        yield from obstacles.of_own_hours(bay_id, [hours.narrowed(day, own, zone) for day in days])


def live_holds(user_id: int, real_now: datetime) -> list[Occupied]:
    """What the user holds, the oldest first. One query."""
    rows = Occupation.objects.filter(of=Occupation.Of.HOLD, held_by_id=user_id, held_until__gt=real_now)
    return as_occupied(rows.order_by("held_until", "starts_at"))


#: By advisor, the planned arrivals of a period: visits stand above, so whoever asks brings them along.
ArrivalsBetween = Callable[[datetime, datetime], Mapping[int, Sequence[datetime]]]


def free_slots(
    branch_id: int, wish: Wish, *, now: datetime, asker: Asker, arrivals_between: ArrivalsBetween, limit: int = 20
) -> list[Slot]:
    """The slots that fulfil a wish, soonest or best-fitting first. Five queries and, where needed, the arrivals."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    return slots.free_slots(lookup.station_for(wish, now, arrivals_between), wish, now=now, limit=limit)


def nearest_slots(
    branch_id: int,
    wish: Wish,
    *,
    to: datetime,
    now: datetime,
    asker: Asker,
    arrivals_between: ArrivalsBetween,
    limit: int = 3,
) -> list[Slot]:
    """The slots around a start that somebody else took. As many queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    station = lookup.station_for(wish, now, arrivals_between)
    return slots.nearest_slots(station, wish, to=to, now=now, limit=limit)


def bay_free_from(
    branch_id: int, bay_id: int, since: datetime, duration: timedelta, *, asker: Asker, days: int = 8
) -> datetime | None:
    """The first whole minute from which the bay can take a work so long at a stretch; None where it cannot begin
    within so many business days, that of `since` included. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    last_day = lookup.calendar.day(lookup.calendar.day_of(since).on + timedelta(days=days - 1))
    station = lookup.station_around(since, last_day.ends_at)
    since = _whole_minute(since)
    free_at = slots.free_from(station, bay_id, since, duration, ignored_visit_id=asker.visit_id)
    return free_at if free_at is not None and free_at < last_day.ends_at else None


def station_of_days(
    branch_id: int, first_on: date, count: int, *, asker: Asker, arrivals_between: ArrivalsBetween
) -> Station:
    """All bays and advisors of consecutive days, as the rules look at them. Five queries and, where needed, the
    arrivals."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    days = lookup.calendar.days(first_on, count)
    return lookup.station(days, arrivals_between)


def capacity_of_days(branch_id: int, first_on: date, count: int, calendar: Calendar) -> Station:
    """All bays of consecutive days with the shifts of the advisors; what is held for a moment is left out. Three
    queries."""
    lookup = _Lookup(branch_id, calendar, _WHEN_NOTHING_IS_HELD)
    days = calendar.days(first_on, count)
    return lookup.station(days, lambda _since, _until: {})


def own_hours_of_bays(branch_id: int) -> dict[int, WeekHours]:
    """Of the bays that have any. One query."""
    found = {bay_id: _own_hours(rows) for bay_id, rows in _hours_by_owner(_HOURS_OF_BAYS.all(branch_id)).items()}
    return {bay_id: own for bay_id, own in found.items() if own}


def parts_over_nights(visit_ids: QuerySet[Any, Any] | Collection[int]) -> dict[int, list[Period]]:
    """By visit, what it occupies, a period a day. One query."""
    parts: dict[int, list[Period]] = defaultdict(list)
    rows = Occupation.objects.filter(of=Occupation.Of.VISIT, visit_id__in=visit_ids).order_by("starts_at")
    for visit_id, starts_at, ends_at in rows.values_list("visit_id", "starts_at", "ends_at"):
        parts[visit_id or 0].append((starts_at, ends_at))
    return parts


def terms_of(branch_id: int, since: datetime) -> Terms:
    """The settings that a planned visit keeps to. Seven queries."""
    calendar = calendar_of(branch_id)
    own_hours = own_hours_of_bays(branch_id)
    bays = Bay.objects.filter(branch_id=branch_id).values_list("id", "group_id", "is_active")
    advisors = dict(Advisor.objects.filter(branch_id=branch_id).values_list("id", "is_active"))
    shifts = _hours_by_owner(_ADVISORS.all(branch_id))
    closures: dict[int, list[Period]] = defaultdict(list)
    rows = Occupation.objects.filter(branch_id=branch_id, of=Occupation.Of.CLOSURE, ends_at__gt=since)
    for bay_id, *period in rows.values_list("bay_id", "starts_at", "ends_at"):
        closures[bay_id].append((period[0], period[1]))
    return Terms(
        zone=calendar.zone,
        week=calendar.week,
        closures=closures,
        takes_visits=calendar.takes_visits,
        bays={bay_id: BayTerms(group_id, is_active, own_hours.get(bay_id)) for bay_id, group_id, is_active in bays},
        advisors={pk: AdvisorTerms(is_active, _own_hours(shifts[pk])) for pk, is_active in advisors.items()},
    )


def _hours_by_owner(rows: Iterable[Sequence[Any]]) -> dict[int, list[OfWeekday]]:
    """Of bays or advisors: the key first, the weekday and its hours last."""
    own_hours: dict[int, list[OfWeekday]] = defaultdict(list)
    for owner_id, *_, weekday, opens, closes in rows:
        own_hours[owner_id].append((weekday, opens, closes))
    return own_hours


def _whole_minute(instant: datetime) -> datetime:
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)


def worked_periods(bay: Bay, starts_at: datetime, ends_at: datetime, closes_at: datetime | None) -> list[Period]:
    """What a work occupies of the bay: without the nights that it lasts over. No query where it ends before closing.

    `closes_at` is the closing that follows the start; None: there is none.
    """
    is_too_long = ends_at - starts_at > LONGEST_OCCUPATION  # whoever occupies refuses it
    if closes_at is None or ends_at <= closes_at or is_too_long:
        return [(starts_at, ends_at)]
    return slots.worked_periods(_days_of_bay(bay, starts_at, ends_at), starts_at, ends_at)


def end_of_work(bay: Bay, starts_at: datetime, duration: timedelta, closes_at: datetime | None) -> datetime:
    """When a work begun then is done, over nights where it is long. No query where that is before closing."""
    if closes_at is None or starts_at + duration <= closes_at:
        return starts_at + duration
    return slots.end_of_work(_days_of_bay(bay, starts_at, starts_at + LONGEST_OCCUPATION), starts_at, duration)


def _days_of_bay(bay: Bay, starts_at: datetime, ends_at: datetime) -> Sequence[BusinessDay]:
    """Three queries."""
    calendar = calendar_of(bay.branch_id)
    own_hours = _own_hours(bay.own_hours.values_list("weekday", "opens_minute", "closes_minute"))
    first_on, last_on = calendar.day_of(starts_at).on, calendar.day_of(ends_at).on
    days = calendar.days(first_on, (last_on - first_on).days + 1)
    return [hours.narrowed(day, own_hours, calendar.zone) for day in days] if own_hours else days


def _own_hours(rows: Iterable[OfWeekday]) -> WeekHours | None:
    week: list[DayHours | None] = [None] * 7
    for weekday, opens, closes in rows:
        if weekday is not None:
            week[weekday] = _day_hours(opens, closes)
    return WeekHours(week) if any(week) else None


def holds_of_others(branch_id: int, asker: Asker) -> list[Occupation]:
    """What is held at this moment by others than the asker, soonest first, with bays and holders. One query."""
    return [each for each in held_on(branch_id, asker.real_now) if each.held_by_id != asker.user_id]


def held_on(branch_id: int, real_now: datetime) -> list[Occupation]:
    """What is held at this moment by anybody, soonest first, with bays and holders. One query."""
    rows = Occupation.objects.filter(branch_id=branch_id, of=Occupation.Of.HOLD, held_until__gt=real_now)
    return list(rows.select_related("bay", "held_by").order_by("starts_at", "id"))


def as_occupied(rows: QuerySet[Occupation]) -> list[Occupied]:
    return [
        Occupied(*row)
        for row in rows.values_list(
            "of", "bay_id", "lane", "starts_at", "ends_at", "visit_id", "held_by_id", "held_until", "note"
        )
    ]


@dataclass(frozen=True)
class _Lookup:
    """Reads the bays of a branch as they are for one who asks."""

    branch_id: int
    calendar: Calendar
    asker: Asker

    def station_for(self, wish: Wish, now: datetime, arrivals_between: ArrivalsBetween) -> Station:
        today_on = self.calendar.day_of(now).on
        first_on = max(today_on, wish.from_on or today_on, *([min(wish.days)] if wish.days else []))
        count = SEARCHED_DAYS
        last_on = min([day for day in (wish.until_on, max(wish.days, default=None)) if day], default=None)
        if last_on:
            # A day more, or some: a work may run into the night that follows, or on over closed days.
            goes_on = LONGEST_WORK_DAYS if wish.may_go_on else 1
            count = max(1, min(count, (last_on - first_on).days + 1 + goes_on))
        return self.station(self.calendar.days(first_on, count), arrivals_between)

    def station(self, days: Sequence[BusinessDay], arrivals_between: ArrivalsBetween) -> Station:
        """With the advisors."""
        return replace(self._station(days), advisors=self._advisors(days, arrivals_between))

    def station_around(self, starts_at: datetime, ends_at: datetime) -> Station:
        """With the days before and after: round the clock, a stretch of hours knows no midnight."""
        first_on = self.calendar.day_of(starts_at).on - timedelta(days=1)
        last_on = self.calendar.day_of(ends_at).on + timedelta(days=1)
        return self._station(self.calendar.days(first_on, (last_on - first_on).days + 1))

    def _station(self, days: Sequence[BusinessDay]) -> Station:
        # From an hour before the first day, so that a slot is seen to follow right after a visit.
        taken = self._taken(days[0].midnight_at - timedelta(hours=1), days[-1].ends_at)
        rows = _BAYS.all(self.branch_id)
        own_hours = _hours_by_owner(rows)
        bays = {
            bay_id: BayLoad(bay_id, group_id, taken[bay_id], coefficient, _own_hours(own_hours[bay_id]), advisor_id)
            for bay_id, group_id, coefficient, advisor_id, *_ in rows
        }
        pause = timedelta(minutes=rows[0][4] if rows else 0)
        return Station(zone=self.calendar.zone, days=days, bays=list(bays.values()), pause=pause)

    def _taken(self, since: datetime, until: datetime) -> dict[int, list[Taken]]:
        """Thousands of rows: by a statement of our own."""
        adapted = connection.ops.adapt_datetimefield_value
        taken: dict[int, list[Taken]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(
                _TAKEN,
                [
                    self.branch_id,
                    adapted(until),
                    adapted(since - LONGEST_OCCUPATION),
                    adapted(since),
                    adapted(self.asker.real_now),
                    self.asker.user_id or 0,
                ],
            )
            for bay_id, starts_at, ends_at, visit_id, is_closure in cursor.fetchall():
                taken[bay_id].append(Taken(_at(starts_at), _at(ends_at), visit_id, bool(is_closure)))
        return taken

    def _advisors(self, days: Sequence[BusinessDay], arrivals_between: ArrivalsBetween) -> dict[int, AdvisorLoad]:
        rows = _ADVISORS.all(self.branch_id)
        limits: dict[int, int | None] = {advisor_id: limit for advisor_id, limit, *_ in rows}
        shifts = _hours_by_owner(rows)
        is_limited = any(limit is not None for limit in limits.values())
        arrivals = arrivals_between(days[0].midnight_at, days[-1].ends_at) if is_limited else {}
        return {
            advisor_id: AdvisorLoad(_own_hours(shifts[advisor_id]), limit, arrivals.get(advisor_id, ()))
            for advisor_id, limit in limits.items()
        }


@lru_cache(maxsize=8192)  # most rows begin or end where others do
def _at_as_text(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _at(value: Any) -> datetime:
    """An instant as the driver gives it: a text without a zone on SQLite, aware on PostgreSQL."""
    return _at_as_text(value) if isinstance(value, str) else value


def _occupations(branch_id: int, since: datetime, until: datetime, real_now: datetime) -> QuerySet[Occupation]:
    return _touching(branch_id, since, until).filter(_live(real_now)).order_by("starts_at", "id")


def _touching(branch_id: int, since: datetime, until: datetime) -> QuerySet[Occupation]:
    return Occupation.objects.filter(
        branch_id=branch_id,
        starts_at__lt=until,
        starts_at__gt=since - LONGEST_OCCUPATION,
        ends_at__gt=since,
    )


def _live(real_now: datetime) -> Q:
    return ~Q(of=Occupation.Of.HOLD) | Q(held_until__gt=real_now)
