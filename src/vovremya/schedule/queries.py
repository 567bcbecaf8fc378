"""Reading hours, occupations and free slots, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from vovremya.directory.models import Bay, Branch
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.models import BranchException, Occupation
from vovremya.schedule.rules import hours, obstacles, slots
from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours
from vovremya.schedule.rules.obstacles import Obstacle
from vovremya.schedule.rules.occupied import Occupied
from vovremya.schedule.rules.slots import BayLoad, Slot, Station, Taken, Wish
from vovremya.storage.statements import Reading

#: No row lasts longer; bounds the index range of a period's read. What lasts longer has several rows.
LONGEST_OCCUPATION = timedelta(days=31)
#: How far ahead slots are looked for unless the wish says.
SEARCHED_DAYS = 30

_ZONE_AND_WEEK = Reading(
    lambda branch_id: Branch.objects.filter(pk=branch_id).values_list(
        "zone",
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


@dataclass(frozen=True)
class Calendar:
    """A branch's hours in its zone."""

    week: WeekHours
    zone: ZoneInfo

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


def calendar_of(branch_id: int) -> Calendar:
    """Two queries."""
    rows = _ZONE_AND_WEEK.all(branch_id)
    if not rows:
        raise NotFound
    week: list[DayHours | None] = [None] * 7
    for _zone, weekday, opens, closes, lunch_starts, lunch_ends in rows:
        if weekday is not None:
            week[weekday] = _day_hours(opens, closes, lunch_starts, lunch_ends)
    by_date = {on: _day_hours(opens, closes) for on, opens, closes in _EXCEPTIONS.all(branch_id)}
    return Calendar(WeekHours(week, by_date), ZoneInfo(rows[0][0]))


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


def in_the_way(
    bay_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    lane: int | None = None,
    ignoring: int | None = None,
) -> list[Occupied]:
    """What overlaps a period of the bay, in one lane or in any; `ignoring` is a visit. One query."""
    rows = Occupation.objects.filter(bay_id=bay_id, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if lane is not None:
        rows = rows.filter(lane=lane)
    if ignoring is not None:
        rows = rows.exclude(visit_id=ignoring)
    return as_occupied(rows.order_by("starts_at", "id"))


def obstacles_around(
    bay: Bay, starts_at: datetime, ends_at: datetime, *, asker: Asker, calendar: Calendar, knows_hours: bool
) -> list[Obstacle]:
    """What a visit of the bay meets when it is moved by hand in the days of the period, the day before and after
    included. A work that is on already knows no hours. Two queries."""
    first_on = calendar.day_of(starts_at).on - timedelta(days=1)
    last_on = calendar.day_of(ends_at).on + timedelta(days=1)
    days = calendar.days(first_on, (last_on - first_on).days + 1)
    period = days[0].midnight_at, days[-1].ends_at
    bay_groups = list(Bay.objects.filter(branch_id=bay.branch_id, is_active=True).values_list("id", "group_id"))
    own_ids = [bay_id for bay_id, group_id in bay_groups if group_id == bay.group_id]
    occupied = _occupations(bay.branch_id, *period, asker.real_now).filter(bay_id__in=own_ids)
    return [
        *obstacles.in_other_groups(bay_groups, bay.group_id, period),
        *(obstacles.of_hours(days) if knows_hours else ()),
        *obstacles.of_bays(as_occupied(occupied), user_id=asker.user_id, visit_id=asker.visit_id or 0),
    ]


def live_holds(user_id: int, real_now: datetime) -> list[Occupied]:
    """What the user holds, the oldest first. One query."""
    rows = Occupation.objects.filter(of=Occupation.Of.HOLD, held_by_id=user_id, held_until__gt=real_now)
    return as_occupied(rows.order_by("held_until", "starts_at"))


def free_slots(
    branch_id: int,
    wish: Wish,
    *,
    now: datetime,
    asker: Asker,
    limit: int = 20,
    arrivals: Sequence[datetime] = (),
    arrivals_per_quarter_hour: int | None = None,
) -> list[Slot]:
    """The soonest slots that fulfil a wish; `arrivals` are those of the advisor wished for. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    station = lookup.station_for(wish, now, arrivals, arrivals_per_quarter_hour)
    return slots.free_slots(station, wish, now=now, limit=limit)


def nearest_slots(
    branch_id: int,
    wish: Wish,
    *,
    to: datetime,
    now: datetime,
    asker: Asker,
    limit: int = 3,
) -> list[Slot]:
    """The slots around a start that somebody else took. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    return slots.nearest_slots(lookup.station_for(wish, now), wish, to=to, now=now, limit=limit)


def bay_fits(branch_id: int, bay_id: int, starts_at: datetime, ends_at: datetime, *, asker: Asker) -> bool:
    """Whether the bay takes just this period, to the minute. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    station = lookup.station_around(starts_at, ends_at)
    return slots.is_free(station, bay_id, starts_at, ends_at, ignored_visit_id=asker.visit_id)


def bay_free_from(
    branch_id: int, bay_id: int, since: datetime, duration: timedelta, *, asker: Asker, days: int = 8
) -> datetime | None:
    """The first whole minute from which the bay can take a work so long; None where it cannot begin within
    so many business days, that of `since` included. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    last_day = lookup.calendar.day(lookup.calendar.day_of(since).on + timedelta(days=days - 1))
    station = lookup.station_around(since, last_day.ends_at)
    since = _whole_minute(since)
    free_at = slots.free_from(station, bay_id, since, duration, ignored_visit_id=asker.visit_id)
    return free_at if free_at is not None and free_at < last_day.ends_at else None


def station_of_days(branch_id: int, first_on: date, count: int, *, asker: Asker) -> Station:
    """All bays of consecutive days, as the rules look at them. Four queries."""
    lookup = _Lookup(branch_id, calendar_of(branch_id), asker)
    return lookup._station(lookup.calendar.days(first_on, count))


def _whole_minute(instant: datetime) -> datetime:
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)


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

    def station_for(
        self,
        wish: Wish,
        now: datetime,
        arrivals: Sequence[datetime] = (),
        arrivals_per_quarter_hour: int | None = None,
    ) -> Station:
        today_on = self.calendar.day_of(now).on
        first_on = max(today_on, wish.from_on or today_on)
        count = SEARCHED_DAYS
        if wish.until_on:
            # A day more: a work may run into the night that follows.
            count = max(1, min(count, (wish.until_on - first_on).days + 2))
        return self._station(self.calendar.days(first_on, count), arrivals, arrivals_per_quarter_hour)

    def station_around(self, starts_at: datetime, ends_at: datetime) -> Station:
        """With the days before and after: round the clock, a stretch of hours knows no midnight."""
        first_on = self.calendar.day_of(starts_at).on - timedelta(days=1)
        last_on = self.calendar.day_of(ends_at).on + timedelta(days=1)
        return self._station(self.calendar.days(first_on, (last_on - first_on).days + 1))

    def _station(
        self,
        days: Sequence[BusinessDay],
        arrivals: Sequence[datetime] = (),
        arrivals_per_quarter_hour: int | None = None,
    ) -> Station:
        taken: dict[int, list[Taken]] = defaultdict(list)
        # From an hour before the first day, so that a slot is seen to follow right after a visit.
        rows = _touching(self.branch_id, days[0].midnight_at - timedelta(hours=1), days[-1].ends_at)
        rows = rows.filter(_live(self.asker.real_now))
        rows = rows.exclude(of=Occupation.Of.HOLD, held_by_id=self.asker.user_id)
        for bay_id, starts_at, ends_at, visit_id in rows.values_list("bay_id", "starts_at", "ends_at", "visit_id"):
            taken[bay_id].append(Taken(starts_at, ends_at, visit_id))
        bays = Bay.objects.filter(branch_id=self.branch_id, is_active=True).values_list("id", "group_id")
        return Station(
            zone=self.calendar.zone,
            days=days,
            bays=[BayLoad(bay_id, group_id, taken[bay_id]) for bay_id, group_id in bays],
            arrivals=arrivals,
            arrivals_per_quarter_hour=arrivals_per_quarter_hour,
        )


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
