"""What is done about a late visit and those that it hits: all of it, or nothing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.actions import queue_for_several, vacate
from vovremya.schedule.queries import place_in_day
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book, realign_followers, shift
from vovremya.visits.actions.contact.grip import new_case_of_move
from vovremya.visits.actions.removal import remove_for_other_branch
from vovremya.visits.actions.turn import Turn, lock_several_with_those_in_a_row, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.refusals import Conflict, WrongMoment
from vovremya.visits.rules.words import CaseKind


@dataclass(frozen=True)
class Shift:
    """A visit as it was seen, and its place in the plan."""

    visit_id: int
    plan_version: int
    bay_id: int
    starts_at: datetime


@dataclass(frozen=True)
class Words:
    """What stands beside the entries: of the late visit, and of those that give way."""

    late: str
    others: str


def apply_plan(
    late: Shift,
    others: Sequence[Shift],
    words: Words,
    *,
    arrives_at: datetime,
    from_card: bool,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    request: Request | None = None,
) -> list[int]:
    """Move the late visit and whoever gives way to it; returns the visits whose clients are to be told by a call.

    `from_card`: the late client is on the line and agrees; another day is for such alone. A client who has to be told
    gets a contact of its own. Raises `Conflict` where any of the visits has been changed since the plan was made,
    `BayTaken` where its place has been taken, `NotPlanned`, `WrongMoment`, `NotAllowed`, `BadInput`.
    """
    action_id = uuid.uuid4()
    visit_ids = [late.visit_id, *(other.visit_id for other in others)]
    told: list[int] = []
    with transaction.atomic():
        lock_several_with_those_in_a_row(visit_ids)
        with turn_on(
            late.visit_id, actor=actor, right=Right.MOVE, now=now, request=request, action_id=action_id
        ) as turn:
            _require_same(turn, late)
            _require_agreement(turn, late, from_card=from_card)
            queue_for_several([each.bay_id for each in (late, *others)], visit_ids)
            for other in others:
                vacate(other.visit_id, now)
            _shift(turn, late, words.late, from_card=from_card, real_now=real_now)
            if not from_card and _is_to_be_told(turn, arrives_at):
                told.append(turn.visit.pk)
            moved = [turn.visit]
        for other in others:
            with turn_on(other.visit_id, actor=actor, right=Right.MOVE, now=now, action_id=action_id) as turn:
                if turn.visit.branch_id != moved[0].branch_id:
                    raise NotFound
                _require_same(turn, other)
                known_starts_at = _known_start(turn)
                _shift(turn, other, words.others, from_card=False, real_now=real_now)
                if turn.visit.client_id != moved[0].client_id and _is_to_be_told(turn, known_starts_at):
                    told.append(turn.visit.pk)
                moved.append(turn.visit)
        for visit in moved:
            realign_followers(visit, now, actor, action_id)
    return told


def rebook_elsewhere(
    late: Shift,
    branch_id: int,
    comment: str,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    request: Request | None = None,
) -> Visit:
    """The client on the line agrees to another branch: off this board, booked there with all that it is for.

    Raises `Conflict`, `BayTaken`, `NotPlanned`, `WrongMoment`, `NotAllowed`, `BadInput`.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_several_with_those_in_a_row([late.visit_id], branch_id=branch_id)
        with turn_on(
            late.visit_id, actor=actor, right=Right.REMOVE, now=now, request=request, action_id=action_id
        ) as turn:
            _require_same(turn, late)
            _require_talk(turn)
            visit = turn.visit
            if visit.followers.filter(status=visit.status).exists():
                raise WrongMoment("moves_with_its_next")
            remove_for_other_branch(turn, comment)
            booked = book(
                branch_id,
                visit.client,
                visit.car,
                Plan(late.bay_id, late.starts_at, late.starts_at + (visit.ends_at - visit.starts_at)),
                _details(visit),
                actor=actor,
                now=now,
                real_now=real_now,
                action_id=action_id,
            )
        realign_followers(visit, now, actor, action_id)
    return booked


def _require_same(turn: Turn, seen: Shift) -> None:
    turn.require_planned()
    if turn.visit.plan_version != seen.plan_version:
        raise Conflict("plan_changed", visit=turn.visit)


def _require_agreement(turn: Turn, late: Shift, *, from_card: bool) -> None:
    """Nobody is put off to another day unasked."""
    if not from_card and place_in_day(turn.visit.branch_id, late.starts_at).on != turn.visit.on:
        raise WrongMoment("not_reached")


def _require_talk(turn: Turn) -> None:
    if turn.case is None or turn.case.reached_at is None:
        raise WrongMoment("not_reached")


def _shift(turn: Turn, to: Shift, comment: str, *, from_card: bool, real_now: datetime) -> None:
    visit = turn.visit
    ends_at = to.starts_at + (visit.ends_at - visit.starts_at)
    plan = Plan(to.bay_id, to.starts_at, ends_at, visit.advisor_id)
    shift(turn, plan, from_card=from_card, comment=comment, real_now=real_now)


def _known_start(turn: Turn) -> datetime:
    """When the client means to come: who has not heard of the last move yet, at the time before it."""
    case = turn.case
    return case.known_starts_at if case and case.known_starts_at else turn.visit.starts_at


def _is_to_be_told(turn: Turn, known_starts_at: datetime) -> bool:
    """Opens the contact where the client does not know; one that is open already goes on."""
    if turn.visit.starts_at == known_starts_at:
        return False
    if turn.case is None:
        new_case_of_move(turn, known_starts_at)
    return turn.case is not None and turn.case.kind == CaseKind.MOVE


def _details(visit: Visit) -> Details:
    return Details(
        reason=visit.reason,
        works=[PlannedWork(work.name, work.code, work.norm_minutes) for work in visit.works.all()],
        repair_kind=visit.repair_kind,
        source=visit.source,
        comment=visit.comment,
        parts=visit.parts,
        waits_on_site=visit.waits_on_site,
        needs_loan_car=visit.needs_loan_car,
        needs_tow_truck=visit.needs_tow_truck,
        wished_ready_at=visit.wished_ready_at,
    )
