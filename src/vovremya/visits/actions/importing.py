"""Bringing in the visits of another program's table, many at a time."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from vovremya.customers.actions import card
from vovremya.customers.actions.erasing import note_words_came
from vovremya.customers.models import Car, Client
from vovremya.directory.models import Policy
from vovremya.directory.queries import policy_in_force
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import AboutVisit, record_many
from vovremya.kernel.clock import from_milliseconds, to_milliseconds
from vovremya.schedule.actions import Wanted, occupy_many
from vovremya.schedule.queries import Calendar, calendar_of, place_in_day, worked_periods
from vovremya.visits.actions.booking import (
    Details,
    ImportedFrom,
    Plan,
    PlannedWork,
    book,
    change_works,
    realign_followers,
    require_in_use,
    take_back_move,
)
from vovremya.visits.actions.reminding import plan_reminder
from vovremya.visits.actions.removal import remove_as_mistake
from vovremya.visits.actions.turn import Turn, lock_with_those_in_a_row, turn_on
from vovremya.visits.models import Case, Visit, VisitWork
from vovremya.visits.queries import last_move, policy_facts, touched_since, visit_facts
from vovremya.visits.refusals import Conflict
from vovremya.visits.rules.chain import is_in_a_row
from vovremya.visits.rules.journal_facts import VisitBooked, VisitChanged
from vovremya.visits.rules.timeline import next_change_at, state_timeline
from vovremya.visits.rules.words import Outcome, Status

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
    actor.require(branch_id, Right.IMPORT)
    in_a_row = _in_a_row(branch_id, wanted)
    apart = [index for index in range(len(wanted)) if index not in in_a_row]
    booked = dict(zip(apart, _book_apart(branch_id, [wanted[index] for index in apart], actor, now), strict=True))
    for index in sorted(in_a_row, key=lambda index: wanted[index].plan.starts_at):
        each, origin = wanted[index], ImportedFrom(wanted[index].external_number)
        booked[index] = book(
            branch_id, each.client, each.car, each.plan, each.details, actor=actor, now=now, imported=origin
        )
    if wanted:
        note_words_came(branch_id, min(each.plan.starts_at for each in wanted), now)
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
    card.require_in_use({visit.client_id for visit in visits})
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


def as_it_is(visit_id: int) -> dict[str, Any]:
    """What an import can change of a visit, as JSON values: by this it is put back. Call it under the visit's lock."""
    visit = Visit.objects.get(pk=visit_id)
    works = visit.works.values_list("name", "code", "norm_minutes")
    return {
        "old_starts_at": to_milliseconds(visit.starts_at),
        "old_ends_at": to_milliseconds(visit.ends_at),
        "old_bay_id": visit.bay_id,
        "old_lane": visit.lane,
        "old_policy_id": visit.policy_id,
        "old_expected_at": to_milliseconds(visit.expected_at) if visit.expected_at else None,
        "old_remind_at": to_milliseconds(visit.remind_at) if visit.remind_at else None,
        "old_confirmation": visit.confirmation,
        "imported": [
            to_milliseconds(visit.imported_starts_at) if visit.imported_starts_at else None,
            to_milliseconds(visit.imported_ends_at) if visit.imported_ends_at else None,
            visit.imported_bay_id,
        ],
        "fields": {name: getattr(visit, name) for name in _CHANGEABLE},
        "works": [list(work) for work in works],
    }


_CHANGEABLE = ("advisor_id", "client_id", "car_id", "reason", "repair_kind", "comment")


def take_back_booking(visit_id: int, entry_id: int, comment: str, *, actor: Actor, now: datetime) -> None:
    """Remove a visit that an import has made, as a mistake; it can be restored. Its record's number is free again.

    Raises `Conflict` where anybody has touched it since, `NotPlanned`, and `NotAllowed`.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with _untouched(visit_id, entry_id, actor, now, action_id) as turn:
            turn.visit.external_number = ""
            remove_as_mistake(turn, comment)
            visit = turn.visit
        realign_followers(visit, now, actor, action_id)


def take_back_change(
    visit_id: int, entry_id: int, before: Mapping[str, Any], *, actor: Actor, now: datetime, real_now: datetime
) -> None:
    """Put a visit back to what it was before an import changed it, with the contact that its move had closed.

    Raises `Conflict` where anybody has touched it since, `BayTaken` where its old place is taken, and `NotAllowed`.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with _untouched(visit_id, entry_id, actor, now, action_id) as turn:
            visit = turn.visit
            changed = [name for name, value in before["fields"].items() if getattr(visit, name) != value]
            for name in changed:
                setattr(visit, name, before["fields"][name])
            changed += change_works(visit, [PlannedWork(*work) for work in before["works"]])
            if changed:
                turn.record(VisitChanged(fields=" ".join(changed)))
            is_moved = any(before[f"old_{name}"] != value for name, value in _place_of(visit).items())
            if is_moved:
                _take_back_move(turn, before, real_now)
            starts_at, ends_at, visit.imported_bay_id = before["imported"]
            visit.imported_starts_at = from_milliseconds(starts_at) if starts_at else None
            visit.imported_ends_at = from_milliseconds(ends_at) if ends_at else None
        if is_moved:
            realign_followers(visit, now, actor, action_id)


def _place_of(visit: Visit) -> dict[str, int]:
    return {
        "starts_at": to_milliseconds(visit.starts_at),
        "ends_at": to_milliseconds(visit.ends_at),
        "bay_id": visit.bay_id,
    }


def _take_back_move(turn: Turn, before: Mapping[str, Any], real_now: datetime) -> None:
    moved = last_move(turn.visit.pk)
    assert moved is not None  # by the import
    closed = Case.objects.filter(
        visit=turn.visit, outcome=Outcome.CLOSED_BY_PLAN, ended_at=moved.at, ended_by_id=moved.user_id
    ).first()
    turn.announce_since(moved.at)  # the client may have been late all the while
    take_back_move(turn, before, real_now)
    if closed and turn.case is None:
        turn.open_again(closed)


@contextmanager
def _untouched(visit_id: int, entry_id: int, actor: Actor, now: datetime, action_id: uuid.UUID) -> Iterator[Turn]:
    with turn_on(visit_id, actor=actor, right=Right.IMPORT, now=now, action_id=action_id) as turn:
        if touched_since({visit_id: entry_id}):
            raise Conflict("touched_since_import", visit=turn.visit)
        turn.require_planned()
        yield turn
