"""What «Предварительная запись» offers: free times by the client's wishes, clients and cars by phone."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from vovremya.board.rules import FIRST_DAY, LAST_DAY
from vovremya.board.texts import OVER_NIGHT, SLOT_REASONS, day_words
from vovremya.customers.models import Car, Client
from vovremya.customers.queries import campaigns_open_for, find
from vovremya.directory.models import BayGroup, Branch, Work
from vovremya.directory.queries import advisors_of, bays_of
from vovremya.schedule.queries import Asker, free_slots, nearest_slots
from vovremya.schedule.rules.hours import minute_of
from vovremya.schedule.rules.slots import END_OF_NIGHT, PartOfDay, Slot, SlotReason, Wish, groups_fit_for_all
from vovremya.storage.statements import Reading
from vovremya.visits.models import Visit
from vovremya.visits.queries import arrivals_between, is_client_of
from vovremya.visits.rules.words import Status
from vovremya.waitlist.queries import has_waited_at

SHOWN_SLOTS = 24
SHOWN_NEAREST = 3
STEP_MINUTES = 15
SHORTEST_SEARCH = 3
DEFAULT_MINUTES = 60
_LAST_VISITS = 3
_LOOKED_THROUGH = 20
_CLIENT = Reading(
    lambda client_id, network_id: Client.objects.filter(
        pk=client_id, network_id=network_id, merged_into=None, erased_at=None
    )
)
_VISIT_HERE = Reading(
    lambda client_id, branch_id: Visit.objects.filter(client_id=client_id, branch_id=branch_id).values_list("id")[:1]
)


@dataclass(frozen=True)
class Wishes:
    """What the client asks for; empty is anything."""

    duration_minutes: int
    is_norm: bool = False  # the norm of the works: a bay's coefficient makes hours on it
    days: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()
    part: PartOfDay | None = None
    not_before: time | None = None
    not_after: time | None = None
    group_id: int | None = None
    bay_id: int | None = None
    advisor_id: int | None = None
    waits_on_site: bool = False
    is_best_fit_first: bool = False
    fit_group_ids: frozenset[int] | None = None  # where the works can be done; None: anywhere

    @property
    def wish(self) -> Wish:
        not_before = self.not_before or time()
        not_after = END_OF_NIGHT if self.not_after is None else minute_of(self.not_after)
        return Wish(
            duration_minutes=self.duration_minutes,
            is_norm=self.is_norm,
            days=frozenset(self.days),
            weekdays=frozenset(self.weekdays),
            part_of_day=self.part,
            not_before_minute=minute_of(not_before),
            not_after_minute=not_after,
            group_id=self.group_id,
            bay_id=self.bay_id,
            advisor_id=self.advisor_id,
            waits_on_site=self.waits_on_site,
            is_best_fit_first=self.is_best_fit_first,
            fit_group_ids=self.fit_group_ids,
            step_minutes=STEP_MINUTES,
        )


@dataclass(frozen=True)
class FreeTime:
    """A slot as the list shows it. `value` is what the form sends back."""

    value: str
    starts_at: datetime
    ends_at: datetime
    bay_name: str
    advisor: str
    reason_code: SlotReason
    is_continued: bool


def free_times(
    branch: Branch, wishes: Wishes, *, now: datetime, asker: Asker, limit: int = SHOWN_SLOTS
) -> list[FreeTime]:
    """Soonest or best-fitting first. Where the days wished for have nothing free, it is empty: the form says so."""
    wish = replace(wishes.wish, ignored_visit_id=asker.visit_id)
    arrivals = partial(arrivals_between, branch.pk, ignoring=asker.visit_id)
    slots = free_slots(branch.pk, wish, now=now, asker=asker, arrivals_between=arrivals, limit=limit)
    return _shown(branch, slots, wishes.advisor_id)


def nearest_times(branch: Branch, wishes: Wishes, lost_at: datetime, *, now: datetime, asker: Asker) -> list[FreeTime]:
    """The three around a time that somebody else took; whatever day was wished for, the lost one was on it."""
    return nearest_of_wish(branch, wishes.wish, lost_at, now=now, asker=asker)


def nearest_of_wish(
    branch: Branch, wish: Wish, lost_at: datetime, *, now: datetime, asker: Asker, limit: int = SHOWN_NEAREST
) -> list[FreeTime]:
    wish = replace(wish, ignored_visit_id=asker.visit_id)
    arrivals = partial(arrivals_between, branch.pk, ignoring=asker.visit_id)
    slots = nearest_slots(branch.pk, wish, to=lost_at, now=now, asker=asker, arrivals_between=arrivals, limit=limit)
    return _shown(branch, slots, wish.advisor_id)


def _shown(branch: Branch, slots: Iterable[Slot], wished_advisor_id: int | None) -> list[FreeTime]:
    bays = {bay.pk: bay for bay in bays_of(branch)}
    names = {advisor.pk: advisor.name for advisor in advisors_of(branch)}
    return [
        FreeTime(
            value=slot_value(slot.bay_id, slot.starts_at, slot.ends_at),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            bay_name=bays[slot.bay_id].name,
            advisor=names.get(wished_advisor_id or bays[slot.bay_id].group.advisor_id or 0, ""),
            reason_code=slot.reason_code,
            is_continued=slot.is_continued,
        )
        for slot in slots
        if slot.bay_id in bays
    ]


@dataclass(frozen=True)
class Ordered:
    """What works together ask for."""

    norm_minutes: int
    fit_group_ids: frozenset[int] | None


def ordered(branch: Branch, works: QuerySet[Work], coefficient: Decimal = Decimal(1)) -> Ordered:
    """The coefficient is the car's. Two queries."""
    chosen = list(works.prefetch_related(Prefetch("bay_groups", BayGroup.objects.filter(branch=branch))))
    return Ordered(
        norm_minutes=round(sum(work.norm_minutes for work in chosen) * coefficient),
        fit_group_ids=groups_fit_for_all([group.pk for group in work.bay_groups.all()] for work in chosen),
    )


def works_by_ids(branch: Branch, work_ids: Collection[int]) -> QuerySet[Work]:
    return Work.objects.filter(pk__in=work_ids, network_id=branch.network_id)


def slot_value(bay_id: int, starts_at: datetime, ends_at: datetime) -> str:
    return f"{bay_id} {starts_at.isoformat()} {ends_at.isoformat()}"


def read_slot(value: str) -> tuple[int, datetime, datetime] | None:
    """The slot that a form sends back; None for anything else."""
    bay, *times = value.split(" ")
    if not (bay.isascii() and bay.isdigit() and len(bay) < 19):  # no column holds more
        return None
    try:
        starts_at, ends_at = map(datetime.fromisoformat, times)
    except ValueError:
        return None
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        return None
    is_sensible = all(FIRST_DAY < each.date() < LAST_DAY for each in (starts_at, ends_at))
    return (int(bay), starts_at, ends_at) if is_sensible else None


def clients_by_text(branch: Branch, text: str) -> list[Client]:
    if len(text) < SHORTEST_SEARCH:
        return []
    return find(text, branch.network, is_client_of(branch.pk) | has_waited_at(branch.pk))[:8]


def last_visits(clients: Collection[Client]) -> dict[int, list[Visit]]:
    """By client, the latest few. What was done elsewhere in the network is not told: see the template. Two queries."""
    visits = Visit.objects.filter(client__in=clients).select_related("branch").prefetch_related("works")
    found: dict[int, list[Visit]] = {}
    for visit in visits.order_by("-starts_at")[: _LAST_VISITS * _LOOKED_THROUGH]:
        if len(of_client := found.setdefault(visit.client_id, [])) < _LAST_VISITS:
            of_client.append(visit)
    return found


@dataclass(frozen=True)
class OpenCampaign:
    """What the car's maker asks its owner to come for, and has not been done; `booked_on`: where a visit is planned."""

    work: Work
    until: date | None
    booked_on: date | None


def car_coefficient(branch: Branch, car_id: int | None) -> Decimal:
    """How the car's labour stands to the norm. One query, none without a car."""
    cars = Car.objects.filter(pk=car_id, client__network=branch.network_id) if car_id else Car.objects.none()
    return cars.values_list("coefficient", flat=True).first() or Decimal(1)


def open_campaigns(branch: Branch, clients: Collection[Client], on: date) -> dict[int, list[OpenCampaign]]:
    """By car. One query, and one more where there are any."""
    cars = [car for client in clients for car in client.cars.all()]
    named = campaigns_open_for(branch.network, cars, on)
    if not named:
        return {}
    codes = {campaign.work.code for campaigns in named.values() for campaign in campaigns}
    visits = Visit.objects.filter(car__in=named, works__code__in=codes).exclude(
        status__in=(Status.REMOVED, Status.NO_SHOW)
    )
    planned: dict[tuple[int, str], date] = {}
    done: set[tuple[int, str]] = set()
    for car_id, code, status, day in visits.values_list("car", "works__code", "status", "on"):
        if status == Status.PLANNED:
            planned[car_id, code] = day
        else:
            done.add((car_id, code))
    return {
        car_id: [
            OpenCampaign(campaign.work, campaign.until, planned.get((car_id, campaign.work.code)))
            for campaign in campaigns
            if (car_id, campaign.work.code) not in done
        ]
        for car_id, campaigns in named.items()
    }


def are_of_campaigns(branch: Branch, car: Car | None, works: Collection[Work], on: date) -> bool:
    """Whether there are any, and every one of them is what the car's maker asks for. One query at most."""
    if not works or car is None:
        return False
    asked_for = campaigns_open_for(branch.network, [car], on).get(car.pk, ())
    return {work.pk for work in works} <= {campaign.work_id for campaign in asked_for}


def client_chosen(branch: Branch, client_id: int, typed: Iterable[str]) -> Client | None:
    """One whom the branch knows, or whom the search finds: a mere id opens nobody from behind the wall."""
    client = _CLIENT.first(client_id, branch.network_id)
    if client is None or _VISIT_HERE.first(client.pk, branch.pk):
        return client
    return client if any(client in clients_by_text(branch, text) for text in typed) else None


def by_day(times: Sequence[FreeTime], zone: ZoneInfo) -> list[tuple[str, list[FreeTime]]]:
    return _grouped(times, lambda time: day_words(time.starts_at.astimezone(zone).date()))


def by_fit(times: Sequence[FreeTime]) -> list[tuple[str, list[FreeTime]]]:
    return _grouped(times, lambda time: str(OVER_NIGHT if time.is_continued else SLOT_REASONS[time.reason_code]))


def _grouped(times: Sequence[FreeTime], heading: Callable[[FreeTime], str]) -> list[tuple[str, list[FreeTime]]]:
    groups: dict[str, list[FreeTime]] = {}
    for free in times:
        groups.setdefault(heading(free), []).append(free)
    return list(groups.items())
