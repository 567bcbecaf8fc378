"""Bringing in the visits of another program's table, many at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction

from vovremya.customers.models import Car, Client
from vovremya.directory.models import Policy
from vovremya.directory.queries import policy_in_force
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import AboutVisit, record_many
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.schedule.actions import Wanted, occupy_many
from vovremya.schedule.queries import Calendar, calendar_of, place_in_day, worked_periods
from vovremya.visits.actions.booking import Details, ImportedFrom, Plan, book, require_in_use
from vovremya.visits.actions.reminding import plan_reminder
from vovremya.visits.models import Visit, VisitWork
from vovremya.visits.queries import policy_facts, visit_facts
from vovremya.visits.rules.chain import is_in_a_row
from vovremya.visits.rules.journal_facts import VisitBooked
from vovremya.visits.rules.timeline import next_change_at, state_timeline
from vovremya.visits.rules.words import Status

_DESCRIBED = tuple(each.name for each in fields(Details) if each.name != "works")


@dataclass(frozen=True)
class NewVisit:
    client: Client
    car: Car | None
    plan: Plan
    details: Details
    external_number: str = ""


@transaction.atomic
def book_imported(branch_id: int, wanted: Sequence[NewVisit], *, actor: Actor, now: datetime) -> list[Visit]:
    """Book visits whose bays were just seen to be free; in a fixed number of queries but for cars in a row.

    Raises `NotAllowed`, and `IntegrityError` where a bay has been taken meanwhile.
    """
    if not actor.sees(branch_id):
        raise NotFound()
    if not actor.may(Right.IMPORT, branch_id):
        raise NotAllowed(right=Right.IMPORT)
    in_a_row = _in_a_row(branch_id, wanted)
    apart = [index for index in range(len(wanted)) if index not in in_a_row]
    booked = dict(zip(apart, _book_apart(branch_id, [wanted[index] for index in apart], actor, now), strict=True))
    for index in sorted(in_a_row, key=lambda index: wanted[index].plan.starts_at):
        each, origin = wanted[index], ImportedFrom(wanted[index].external_number)
        booked[index] = book(
            branch_id, each.client, each.car, each.plan, each.details, actor=actor, now=now, imported=origin
        )
    return [booked[index] for index in range(len(wanted))]


def _in_a_row(branch_id: int, wanted: Sequence[NewVisit]) -> set[int]:
    """Those that begin where another visit of the car ends, or end where one begins."""
    cars = [each.car.pk for each in wanted if each.car]
    others = Visit.objects.filter(branch_id=branch_id, car_id__in=cars)
    periods = [
        *others.exclude(status__in=(Status.REMOVED, Status.NO_SHOW)).values_list("car_id", "starts_at", "ends_at"),
        *((each.car.pk, each.plan.starts_at, each.plan.ends_at) for each in wanted if each.car),
    ]
    by_car: dict[int | None, list[tuple[datetime, datetime]]] = {}
    for car_id, starts_at, ends_at in periods:
        by_car.setdefault(car_id, []).append((starts_at, ends_at))
    return {
        index
        for index, each in enumerate(wanted)
        if each.car
        and any(
            is_in_a_row(ends_at, each.plan.starts_at) or is_in_a_row(each.plan.ends_at, starts_at)
            for starts_at, ends_at in by_car[each.car.pk]
        )
    }


def _book_apart(branch_id: int, wanted: Sequence[NewVisit], actor: Actor, now: datetime) -> list[Visit]:
    calendar, policy = calendar_of(branch_id), policy_in_force(branch_id, now)
    require_in_use(calendar)
    visits = [_visit(branch_id, each, calendar, policy, actor, now) for each in wanted]
    Visit.objects.bulk_create(visits)
    pairs = list(zip(visits, wanted, strict=True))
    VisitWork.objects.bulk_create(
        VisitWork(visit=visit, name=work.name, code=work.code, norm_minutes=work.norm_minutes, position=position)
        for visit, each in pairs
        for position, work in enumerate(each.details.works)
    )
    occupy_many(branch_id, [wanted for visit in visits for wanted in _occupied_by(visit)])
    action_id = uuid.uuid4()
    told = [
        AboutVisit(branch_id, visit.pk, _booked(each), now, action_id, words=each.details.comment)
        for visit, each in pairs
    ]
    record_many(told, actor=actor, now=now)
    return visits


def _visit(branch_id: int, wanted: NewVisit, calendar: Calendar, policy: Policy, actor: Actor, now: datetime) -> Visit:
    plan, details = wanted.plan, wanted.details
    place = place_in_day(branch_id, plan.starts_at, calendar)
    visit = Visit(
        branch_id=branch_id,
        client=wanted.client,
        car=wanted.car,
        bay_id=plan.bay_id,
        advisor_id=plan.advisor_id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        on=place.on,
        closes_at=place.closes_at,
        day_ends_at=place.case_ends_at,
        policy=policy,
        **{name: getattr(details, name) for name in _DESCRIBED},
        booked_by_id=actor.user_id,
        booked_at=now,
        announced_until=now,
        external_number=wanted.external_number,
        imported_starts_at=plan.starts_at,
        imported_ends_at=plan.ends_at,
        imported_bay_id=plan.bay_id,
    )
    plan_reminder(visit, calendar, after=now, known_since=None)
    facts = visit_facts(visit, None, ())
    visit.next_change_at = next_change_at(facts, state_timeline(facts, policy_facts(policy)), now)
    return visit


def _occupied_by(visit: Visit) -> list[Wanted]:
    """A period, or one for each day of a work that lasts over nights."""
    is_done_before_closing = visit.closes_at is None or visit.ends_at <= visit.closes_at
    periods = (
        [(visit.starts_at, visit.ends_at)]
        if is_done_before_closing  # whose bay need not be read
        else worked_periods(visit.bay, visit.starts_at, visit.ends_at, visit.closes_at)
    )
    return [Wanted(visit.pk, visit.bay_id, starts_at, ends_at) for starts_at, ends_at in periods]


def _booked(wanted: NewVisit) -> VisitBooked:
    return VisitBooked(
        starts_at=wanted.plan.starts_at,
        ends_at=wanted.plan.ends_at,
        bay_id=wanted.plan.bay_id,
        advisor_id=wanted.plan.advisor_id,
        source=wanted.details.source,
    )
