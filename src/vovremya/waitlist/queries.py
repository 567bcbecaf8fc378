"""Reading the waiting list: who is on it, what was offered, and who is to be called about a time that became free."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vovremya.directory.models import BayGroup, Work
from vovremya.schedule.models import Occupation
from vovremya.schedule.queries import (
    Asker,
    Calendar,
    calendar_of,
    held_on,
    station_of_days,
)
from vovremya.schedule.rules.slots import END_OF_NIGHT, PartOfDay, Station, Wish, groups_fit_for_all, is_wished
from vovremya.storage.statements import Reading
from vovremya.visits.models import Visit, VisitWork
from vovremya.visits.queries import arrivals_between, work_lasts
from vovremya.visits.rules.words import Status
from vovremya.waitlist.models import FreedTime, TimeOffer, Wait
from vovremya.waitlist.rules.fitting import DAYS_AROUND, Asked, Call, Freed, Waiting, calls, to_call_about
from vovremya.waitlist.rules.leaving import Start, VisitOfWait, ending
from vovremya.waitlist.rules.words import ASKED, Ending

#: As in the window of pre-booking.
STEP_MINUTES = 15
DEFAULT_MINUTES, SHORTEST_MINUTES = 60, 5
ENDED_SHOWN_FOR = timedelta(days=30)
ENDED_SHOWN_AT_MOST = 100

#: Nobody holds anything at the end of time: a time that is offered, or looked at by somebody, is there all the same.
_AS_IF_NOTHING_WERE_HELD = Asker(real_now=datetime(9999, 1, 1, tzinfo=UTC))

_ON_LIST = Reading(lambda branch_id: Wait.objects.filter(branch_id=branch_id, ended_at=None).values_list("id")[:1])


def is_anybody_on_list(branch_id: int) -> bool:
    """One query, whatever has been."""
    return _ON_LIST.first(branch_id) is not None


@dataclass(frozen=True)
class OnList:
    """One who waits, as it stands now. `visit` is the own one, or one that was booked meanwhile."""

    wait: Wait
    visit: Visit | None
    waiting: Waiting
    ending: Ending | None  # what is to be written down yet
    offers: Sequence[TimeOffer]  # the newest last
    held_offers: Collection[int] = ()  # those without an answer whose time is not let go

    def under_way(self, real_now: datetime) -> TimeOffer | None:
        """The offer that somebody is calling about at this moment."""
        return next((offer for offer in self.offers if self.is_held(offer, real_now)), None)

    def is_held(self, offer: TimeOffer, real_now: datetime) -> bool:
        """Whoever books something, or holds two times more, has let it go before its five minutes are over."""
        return offer.pk in self.held_offers and offer.held_until > real_now


@dataclass(frozen=True)
class Glance:
    """What the head of the board says of the list; `seen` is another where a page of it would be."""

    count_of_calls: int = 0
    seen: tuple[object, ...] = ()


def waits_on_list(branch_id: int) -> QuerySet[Wait]:
    return with_people(Wait.objects.filter(branch_id=branch_id, ended_at=None)).order_by("added_at", "id")


def with_people(waits: QuerySet[Wait]) -> QuerySet[Wait]:
    return waits.select_related(
        "branch", "client", "car", "visit__bay__group", "group", "bay", "advisor", "added_by", "ended_by"
    ).prefetch_related("works", "visit__works")


def on_list(branch_id: int, now: datetime) -> list[OnList]:
    """Who waits at the branch, the longest first. In a fixed number of queries."""
    waits = list(waits_on_list(branch_id))
    if not waits:
        return []
    return [each for each in as_they_stand(branch_id, waits, now) if each.ending is None]


def as_they_stand(branch_id: int, waits: Sequence[Wait], now: datetime) -> list[OnList]:
    """The waits of a branch with their visits and offers, and who leaves the list by itself. A fixed number of queries,
    but for works over nights."""
    calendar = calendar_of(branch_id)
    booked = _booked_meanwhile(branch_id, [wait for wait in waits if wait.visit_id is None])
    visits = {wait.pk: wait.visit or booked.get(wait.pk) for wait in waits}
    works = _work_ids(waits, visits)
    groups = _groups_of_works(branch_id, {work_id for ids in works.values() for work_id in ids})
    offers: dict[int, list[TimeOffer]] = defaultdict(list)
    for offer in TimeOffer.objects.filter(wait__in=waits).select_related("offered_by", "bay"):
        offers[offer.wait_id].append(offer)
    held = _held_offers([offer.pk for of in offers.values() for offer in of if not offer.answer])
    found = []
    for wait in waits:
        visit = visits[wait.pk]
        of_works = groups_fit_for_all(groups[work_id] for work_id in works[wait.pk])
        waiting = _waiting(wait, visit, _groups_fit(wait, visit, of_works), offers[wait.pk])
        ended = _ending(wait, visit, waiting, calendar, now)
        found.append(OnList(wait, visit, waiting, ended, offers[wait.pk], held))
    return found


def calls_to_make(branch_id: int, listed: Sequence[OnList], now: datetime) -> list[Call]:
    """The times that became free and fit somebody. Seven queries and the arrivals, where anything became free."""
    found = list(_freed_times(branch_id, now))
    if not found or not listed:
        return []
    return calls(_station_around(branch_id, found), _as_freed(found), [each.waiting for each in listed], now=now)


def at_a_glance(branch_id: int, now: datetime, real_now: datetime) -> Glance:
    """One query where nobody waits."""
    if not is_anybody_on_list(branch_id):
        return Glance()
    listed = on_list(branch_id, now)
    found = list(_freed_times(branch_id, now))
    seen: list[object] = [_as_seen(each) for each in listed]
    if not found or not listed:
        return Glance(seen=tuple(seen))
    station = _station_around(branch_id, found)
    about = to_call_about(station, _as_freed(found), [each.waiting for each in listed], now=now)
    seen += [(each.bay_id, each.starts_at if each.starts_at > now else None, each.ends_at) for each in about]
    bay_ids = {each.bay_id for each in about}
    # Whom a time fits hangs on what is beside it.
    seen += [(bay.bay_id, tuple(bay.taken)) for bay in station.bays if bay.bay_id in bay_ids]
    held = [hold for hold in held_on(branch_id, real_now) if hold.bay_id in bay_ids]
    seen += [(hold.bay_id, hold.starts_at, hold.ends_at, hold.held_by_id, hold.held_until) for hold in held]
    return Glance(len(about), tuple(seen))


def _as_seen(listed: OnList) -> tuple[object, ...]:
    wait, visit = listed.wait, listed.visit
    offers = tuple((offer.pk, offer.answer, offer.pk in listed.held_offers) for offer in listed.offers)
    return wait.pk, wait.is_urgent, wait.comment, visit and (visit.pk, visit.starts_at), listed.waiting.wish, offers


def _as_freed(found: Iterable[FreedTime]) -> list[Freed]:
    return [Freed(each.bay_id, each.starts_at, each.ends_at, each.freed_at) for each in found]


def _station_around(branch_id: int, found: Collection[FreedTime]) -> Station:
    calendar = calendar_of(branch_id)
    first_on = calendar.day_of(min(each.starts_at for each in found)).on - timedelta(days=DAYS_AROUND)
    last_on = calendar.day_of(max(each.ends_at for each in found)).on + timedelta(days=DAYS_AROUND)
    return station_of_days(
        branch_id,
        first_on,
        (last_on - first_on).days + 1,
        asker=_AS_IF_NOTHING_WERE_HELD,
        arrivals_between=partial(arrivals_between, branch_id),
    )


def ended_waits(branch_id: int, now: datetime) -> list[Wait]:
    """Who left the list lately, the last first."""
    ended = Wait.objects.filter(branch_id=branch_id, ended_at__gte=now - ENDED_SHOWN_FOR)
    return list(with_people(ended).order_by("-ended_at", "-id")[:ENDED_SHOWN_AT_MOST])


def has_waited_at(branch_id: int) -> Exists:
    """Asked of a client: whether the branch has or had them on its list."""
    return Exists(Wait.objects.filter(client=OuterRef("pk"), branch_id=branch_id))


def wait_seen(branch_id: int, wait_id: int) -> Wait | None:
    return with_people(Wait.objects.filter(pk=wait_id, branch_id=branch_id)).first()


def wait_to_attach(visit: Visit) -> int | None:
    """The place that the client of a visit had before it was booked, with that car rather than with none."""
    before = Wait.objects.filter(
        Q(car_id__in=[visit.car_id] if visit.car_id else []) | Q(car=None),
        branch_id=visit.branch_id,
        client_id=visit.client_id,
        visit=None,
        ended_at=None,
        added_at__lt=visit.booked_at,
    )
    return before.order_by(F("car").asc(nulls_last=True), "added_at", "id").values_list("pk", flat=True).first()


def wait_of_visit(visit_id: int) -> Wait | None:
    return Wait.objects.select_related("added_by").filter(visit_id=visit_id, ended_at=None).first()


def last_day(days: Iterable[date], until_on: date | None, otherwise: date) -> date:
    """The last that is of use: of the days wished for, of those up to the day that was named."""
    latest = max(days, default=None)
    named = [each for each in (latest, until_on) if each]
    return min(named) if named else otherwise


def _freed_times(branch_id: int, now: datetime) -> QuerySet[FreedTime]:
    return FreedTime.objects.filter(branch_id=branch_id, ends_at__gt=now).order_by("starts_at", "id")


def _booked_meanwhile(branch_id: int, waits: Sequence[Wait]) -> dict[int, Visit]:
    """By wait: the latest visit that its client has been booked for since, with that car where one is named.

    Not one that is to be sooner already, by a wait of its own.
    """
    if not waits:
        return {}
    clients = {wait.client_id for wait in waits}
    since = min(wait.added_at for wait in waits)
    is_waited_for = Exists(Wait.objects.filter(visit=OuterRef("pk"), ended_at=None))
    visits = Visit.objects.filter(~is_waited_for, branch_id=branch_id, client_id__in=clients, booked_at__gte=since)
    planned = list(
        visits.filter(status=Status.PLANNED).select_related("bay__group").prefetch_related("works").order_by("id")
    )
    return {
        wait.pk: visit
        for wait in waits
        for visit in planned
        if visit.client_id == wait.client_id and visit.booked_at > wait.added_at
        if wait.car_id is None or visit.car_id in (None, wait.car_id)
    }


def _held_offers(offer_ids: Sequence[int]) -> frozenset[int]:
    if not offer_ids:
        return frozenset()
    hold = Occupation.objects.filter(
        of=Occupation.Of.HOLD,
        bay_id=OuterRef("bay"),
        held_by_id=OuterRef("offered_by"),
        held_until=OuterRef("held_until"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    return frozenset(TimeOffer.objects.filter(Exists(hold), pk__in=offer_ids).values_list("pk", flat=True))


def _work_ids(waits: Sequence[Wait], visits: Mapping[int, Visit | None]) -> dict[int, list[int]]:
    """By wait; of a visit those of its works that the directory knows."""
    of_visits = [visit for visit in visits.values() if visit]
    codes: dict[int, list[str]] = defaultdict(list)
    for visit_id, code in (
        VisitWork.objects.filter(visit__in=of_visits).exclude(code="").values_list("visit_id", "code")
    ):
        codes[visit_id].append(code)
    networks = {wait.branch.network_id for wait in waits}
    known = Work.objects.filter(network__in=networks, code__in={code for of in codes.values() for code in of})
    by_code = dict(known.values_list("code", "id"))
    return {
        wait.pk: [by_code[code] for code in codes[visit.pk] if code in by_code]
        if (visit := visits[wait.pk])
        else [work.pk for work in wait.works.all()]
        for wait in waits
    }


def _groups_of_works(branch_id: int, work_ids: Collection[int]) -> Mapping[int, set[int]]:
    groups: dict[int, set[int]] = defaultdict(set)
    pairs = BayGroup.objects.filter(branch_id=branch_id, works__in=work_ids).values_list("works", "id")
    for work_id, group_id in pairs:
        groups[work_id].add(group_id)
    return groups


def _groups_fit(wait: Wait, visit: Visit | None, of_works: frozenset[int] | None) -> frozenset[int] | None:
    """Of a visit its own group and those that its works name, as where a hand may bring it, unless the client wishes
    for a bay."""
    if visit is None or wait.bay_id or wait.group_id:
        return of_works
    return frozenset({visit.bay.group_id}) | (of_works or frozenset())


def _waiting(
    wait: Wait, visit: Visit | None, fit_group_ids: frozenset[int] | None, offers: Sequence[TimeOffer]
) -> Waiting:
    return Waiting(
        wait_id=wait.pk,
        wish=wish_of(wait, visit, fit_group_ids),
        added_at=wait.added_at,
        is_urgent=wait.is_urgent,
        sooner_than=visit.starts_at if visit else None,
        asked=[
            Asked(offer.bay_id, offer.starts_at, offer.ends_at, offer.answered_at or offer.offered_at)
            for offer in offers
            if offer.answer in ASKED
        ],
    )


def wish_of(wait: Wait, visit: Visit | None, fit_group_ids: frozenset[int] | None) -> Wish:
    return Wish(
        duration_minutes=_minutes_of(visit) if visit else wait.duration_minutes or DEFAULT_MINUTES,
        is_norm=wait.is_norm and visit is None,
        until_on=wait.until_on,
        days=frozenset(map(date.fromisoformat, wait.days)),
        weekdays=frozenset(wait.weekdays),
        part_of_day=PartOfDay(wait.part_of_day) if wait.part_of_day else None,
        not_before_minute=wait.not_before_minute or 0,
        not_after_minute=END_OF_NIGHT if wait.not_after_minute is None else wait.not_after_minute,
        group_id=wait.group_id,
        bay_id=wait.bay_id,
        advisor_id=wait.advisor_id,
        fit_group_ids=fit_group_ids,
        waits_on_site=(visit or wait).waits_on_site,
        step_minutes=STEP_MINUTES,
        ignored_visit_id=visit.pk if visit else None,
    )


def _minutes_of(visit: Visit) -> int:
    """No query where the work is done before closing."""
    return max(SHORTEST_MINUTES, int(work_lasts(visit) / timedelta(minutes=1)))


def _ending(wait: Wait, visit: Visit | None, waiting: Waiting, calendar: Calendar, now: datetime) -> Ending | None:
    seen = None
    if visit:
        known_at = wait.known_starts_at if wait.visit_id else None
        known = _start(waiting.wish, known_at, calendar) if known_at else None
        seen = VisitOfWait(Status(visit.status), _start(waiting.wish, visit.starts_at, calendar), known)
    return ending(seen, until_on=wait.until_on, today_on=calendar.day_of(now).on, now=now)


def _start(wish: Wish, starts_at: datetime, calendar: Calendar) -> Start:
    day = calendar.day_of(starts_at)
    return Start(starts_at, day.on, is_wished(wish, day, starts_at, calendar.zone))
