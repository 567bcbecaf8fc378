"""The reception desk: the client arrives, work starts and ends, or the client never came."""

import uuid
from datetime import datetime

from django.db import transaction

from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request
from vovremya.visits.actions.booking import realign_followers
from vovremya.visits.actions.turn import Turn, lock_with_those_in_a_row, turn_on
from vovremya.visits.models import Case, Visit
from vovremya.visits.refusals import Conflict, WrongMoment
from vovremya.visits.rules.journal_facts import (
    ArrivalUndone,
    CardFinished,
    ClientArrived,
    NoShowMarked,
    WorkEnded,
    WorkStarted,
)
from vovremya.visits.rules.words import Outcome, State, Status


def check_in(
    visit_id: int, *, actor: Actor, now: datetime, plan_version: int | None = None, request: Request | None = None
) -> Visit:
    """«Прибыл»: the client is here. Wins over an open contact at once (hard case 1).

    Without `plan_version` the client is here whatever was planned meanwhile. Raises `NotPlanned`, `Conflict`.
    """
    with turn_on(visit_id, actor=actor, right=Right.CHECK_IN, now=now, request=request) as turn:
        turn.require_planned()
        visit = turn.visit
        if plan_version is not None and plan_version != visit.plan_version:
            raise Conflict("plan_changed", visit=visit)
        visit.status = Status.ARRIVED
        visit.arrived_at = now
        if turn.case:
            case = turn.end_case(Outcome.ARRIVED)
            turn.record(CardFinished(outcome=Outcome.ARRIVED), case=case)
        late_minutes = max(0, int((now - visit.starts_at).total_seconds() // 60))
        turn.record(ClientArrived(late_minutes=late_minutes, after_removal=_was_removed(visit)))
    return visit


def undo_check_in(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    """Take the arrival back on the same day; the contact is open again as it was."""
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(visit_id, actor=actor, right=Right.CHECK_IN, now=now, request=request) as turn:
            visit = turn.visit
            if visit.status != Status.ARRIVED or visit.arrived_at is None:
                raise WrongMoment("not_arrived")
            if turn.judged_at >= visit.day_ends_at:
                raise WrongMoment("another_day")
            closed = Case.objects.filter(visit=visit, outcome=Outcome.ARRIVED, ended_at=visit.arrived_at).first()
            # The client has been late all the while.
            turn.announce_since(visit.arrived_at)
            visit.status = Status.PLANNED
            visit.arrived_at = None
            turn.record(ArrivalUndone(), case=closed)
            if closed:
                turn.open_again(closed)
    return visit


def start_work(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    with turn_on(visit_id, actor=actor, right=Right.WORK, now=now, request=request) as turn:
        _require_status(turn, Status.ARRIVED)
        turn.visit.status = Status.IN_WORK
        turn.visit.work_started_at = now
        turn.record(WorkStarted())
    return turn.visit


def undo_start_work(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    with turn_on(visit_id, actor=actor, right=Right.WORK, now=now, request=request) as turn:
        _require_status(turn, Status.IN_WORK)
        turn.visit.status = Status.ARRIVED
        turn.visit.work_started_at = None
        turn.record(WorkStarted(is_undone=True))
    return turn.visit


def end_work(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    with turn_on(visit_id, actor=actor, right=Right.WORK, now=now, request=request) as turn:
        _require_status(turn, Status.IN_WORK)
        turn.visit.status = Status.DONE
        turn.visit.work_ended_at = now
        turn.record(WorkEnded())
    return turn.visit


def undo_end_work(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    with turn_on(visit_id, actor=actor, right=Right.WORK, now=now, request=request) as turn:
        _require_status(turn, Status.DONE)
        turn.visit.status = Status.IN_WORK
        turn.visit.work_ended_at = None
        turn.record(WorkEnded(is_undone=True))
    return turn.visit


def mark_no_show(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    """A visit of the list «Не приехали» becomes a no-show; a person decides, never the program."""
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(
            visit_id, actor=actor, right=Right.MARK_NO_SHOW, now=now, request=request, action_id=action_id
        ) as turn:
            turn.require_planned()
            if turn.state is not State.NOT_ARRIVED:
                raise WrongMoment("day_not_over")
            turn.visit.status = Status.NO_SHOW
            turn.record(NoShowMarked())
        realign_followers(turn.visit, now, actor, action_id)
    return turn.visit


def undo_no_show(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Visit:
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(visit_id, actor=actor, right=Right.MARK_NO_SHOW, now=now, request=request) as turn:
            _require_status(turn, Status.NO_SHOW)
            turn.visit.status = Status.PLANNED
            turn.record(NoShowMarked(is_undone=True))
    return turn.visit


def _require_status(turn: Turn, status: Status) -> None:
    if turn.visit.status != status:
        raise WrongMoment(f"needs_{status}")


def _was_removed(visit: Visit) -> bool:
    """Whether the visit had been removed and was restored on the day the client came (hard case 2)."""
    return visit.removed_at is not None and visit.removed_at < visit.day_ends_at
