"""Moving a visit by hand on the board, and taking that back within ten seconds."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, replayed
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.rules.obstacles import Place, first_met
from vovremya.visits.actions.booking import Plan, beside, change_arrived, move, realign_followers, take_back_move
from vovremya.visits.actions.turn import AlreadyDone, Turn, lock_with_those_in_a_row, locked_visit, turn_on
from vovremya.visits.models import Case, Visit
from vovremya.visits.queries import last_move, obstacles_by_hand, place_of, undoable_until
from vovremya.visits.refusals import Conflict, InTheWay, WrongMoment
from vovremya.visits.rules.journal_facts import HANDS
from vovremya.visits.rules.words import Outcome, Status

#: Ten seconds on the screen, and what the press takes over a slow line. Of real time: it is a hand that is waited for.
UNDOABLE_FOR = timedelta(seconds=15)


@dataclass(frozen=True)
class ByHand:
    """To which bay the hand has brought the visit, and by how much it changed start and length."""

    bay_id: int
    later_by: timedelta
    longer_by: timedelta
    on_top_of: frozenset[int] = frozenset()  # visits there that are overbooked knowingly


def move_by_hand(
    visit_id: int,
    shift: ByHand,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    plan_version: int,
    request: Request | None = None,
) -> Visit:
    """What «Перенести» and «Пост и время» do, where the board shows that nothing is in the way but what is overbooked.

    Raises as they do, and `InTheWay` with the obstacle.
    """
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        visit = locked_visit(visit_id, actor)
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        if visit.plan_version != plan_version:
            raise Conflict("moved_meanwhile", visit=visit)
        starts_at = visit.starts_at + shift.later_by
        ends_at = visit.ends_at + shift.later_by + shift.longer_by
        place = Place(shift.bay_id, starts_at, ends_at)
        _require_nothing_in_the_way(visit, place, shift.on_top_of, actor, now, real_now)
        on_top_of = shift.on_top_of | beside(visit) if shift.on_top_of else None
        undoable_until = real_now + UNDOABLE_FOR
        if visit.status != Status.PLANNED:
            if shift.later_by:
                raise WrongMoment("arrival_stays")
            return change_arrived(
                visit_id,
                shift.bay_id,
                ends_at,
                actor=actor,
                now=now,
                plan_version=plan_version,
                real_now=real_now,
                on_top_of=on_top_of,
                undoable_until=undoable_until,
                request=request,
            )
        stays_overbooked = visit.lane > 0 and actor.may(Right.OVERBOOK, visit.branch_id)
        return move(
            visit_id,
            Plan(shift.bay_id, starts_at, ends_at, visit.advisor_id),
            actor=actor,
            now=now,
            real_now=real_now,
            plan_version=plan_version,
            is_overbooked=stays_overbooked or bool(shift.on_top_of),
            on_top_of=on_top_of,
            undoable_until=undoable_until,
            request=request,
        )


def undo_move_by_hand(
    visit_id: int,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    plan_version: int,
    request: Request | None = None,
) -> Visit:
    """Back to where the hand took it from, with the contact that the move had closed. `plan_version`: as it was moved.

    Raises `WrongMoment` when the ten seconds are over, `Conflict` where anybody has done anything to the visit since,
    and `BayTaken` where the old place is taken.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(visit_id, actor=actor, right=None, now=now, request=request, action_id=action_id) as turn:
            actor.require(turn.visit.branch_id, Right.MOVE, Right.CHANGE_BAY_OF_ARRIVED)
            moved = _require_undoable(turn, plan_version, real_now)
            closed = Case.objects.filter(
                visit=turn.visit, outcome=Outcome.CLOSED_BY_PLAN, ended_at=moved.at, ended_by_id=moved.user_id
            ).first()
            # The client may have been late all the while.
            turn.announce_since(moved.at)
            take_back_move(turn, moved.data, real_now)
            if closed:
                turn.open_again(closed)
        realign_followers(turn.visit, now, actor, action_id)
    return turn.visit


def _require_nothing_in_the_way(
    visit: Visit, new: Place, on_top_of: frozenset[int], actor: Actor, now: datetime, real_now: datetime
) -> None:
    if new.ends_at <= new.starts_at:
        raise BadInput({"ends_at": "ends_before_start"})
    calendar = calendar_of(visit.branch_id)
    starts_at, ends_at = new.starts_at, new.ends_at
    obstacles = obstacles_by_hand(visit, starts_at, ends_at, actor=actor, now=now, real_now=real_now, calendar=calendar)
    unseen = [each for each in obstacles if each.visit_id not in on_top_of]
    if obstacle := first_met(unseen, place_of(visit), new):
        raise InTheWay(obstacle=obstacle)


def _require_undoable(turn: Turn, plan_version: int, real_now: datetime) -> Entry:
    """The move that is to be undone: by hand, just now, and the last that anybody did."""
    entries = Entry.objects.filter(visit_id=turn.visit.pk)
    moved = last_move(turn.visit.pk)
    until = undoable_until(moved) if moved else None
    if moved is None or until is None or turn.visit.plan_version != plan_version:
        raise Conflict("changed_since_move", visit=turn.visit)
    since = entries.filter(id__gt=moved.pk, user__isnull=False).exclude(action_id=moved.action_id)
    # A contact about the new time would be closed by the old one, unseen by who has it in hand.
    has_new_contact = turn.case is not None and moved.data["starts_at"] != moved.data["old_starts_at"]
    if has_new_contact or since.exclude(kind__in=HANDS).exists():
        raise Conflict("changed_since_move", visit=turn.visit)
    if real_now > until:
        raise WrongMoment("undo_too_late")
    return moved
