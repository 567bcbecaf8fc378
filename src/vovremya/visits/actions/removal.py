"""«Удалить запись» and taking it back (M6, M11). Removed visits stay in the database."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vovremya.customers.actions.card import hold_client
from vovremya.directory.models import RemovalReason
from vovremya.directory.queries import late_reason_by_id
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput, NotAllowed
from vovremya.schedule.actions import vacate
from vovremya.visits.actions.booking import Plan, bring_back_plan, realign_followers
from vovremya.visits.actions.turn import Turn, lock_with_those_in_a_row, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.refusals import CallInProgress, Conflict, WrongMoment
from vovremya.visits.rules.journal_facts import CardFinished, VisitRemoved, VisitRestored
from vovremya.visits.rules.removal import (
    ReasonFacts,
    ReasonGroup,
    RemovalFacts,
    RemovalRights,
    require_ground,
)
from vovremya.visits.rules.words import Answer, Grounds, Outcome, State, Status

#: The reason of the directory by which a visit leaves for another branch of the network.
OTHER_BRANCH = "other_branch"
#: And by which one leaves that should never have been made.
MISTAKE = "operator_error"


@dataclass(frozen=True)
class RemovalInput:
    """What the removal dialog holds."""

    reason_id: int | None
    comment: str = ""
    is_said_by_client: bool = False
    override: str = ""  # a supervisor's words instead of the ground
    late_reason_id: int | None = None  # as it was chosen in the card

    @property
    def words(self) -> str:
        return "\n".join(text for text in (self.comment.strip(), self.override.strip()) if text)


def remove(
    visit_id: int,
    removal: RemovalInput,
    *,
    actor: Actor,
    now: datetime,
    plan_version: int,
    request: Request | None = None,
) -> Visit:
    """Take the visit off the board with its reason, on the ground that the reason's group demands.

    Raises `NotPlanned`, `NoGround`, `BadInput`, `Conflict`, `CallInProgress`.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(
            visit_id, actor=actor, right=Right.SEE_BOARD, now=now, request=request, action_id=action_id
        ) as turn:
            rights = _rights(turn)
            turn.require_planned()
            _require_no_call_elsewhere(turn)
            if turn.visit.plan_version != plan_version:
                raise Conflict("plan_changed", visit=turn.visit)
            reason = _reason(turn.visit, removal.reason_id)
            facts = _facts(turn, removal)
            require_ground(_reason_facts(reason), facts, rights, removal.override)
            if removal.words:
                hold_client(turn.visit.client_id)
            _remove(turn, reason, removal)
            visit = turn.visit
        realign_followers(visit, now, actor, action_id)
    return visit


def remove_for_other_branch(turn: Turn, comment: str) -> None:
    """Take the visit off this board as a part of booking it at another branch, as its client has just agreed to."""
    reason = RemovalReason.objects.get(network_id=turn.visit.branch.network_id, code=OTHER_BRANCH)
    case = turn.case
    assert case is not None
    case.answer = Answer.MOVE
    case.comment = comment
    turn.end_case(Outcome.MOVED)
    turn.record(CardFinished(outcome=Outcome.MOVED, answer=Answer.MOVE), words=comment, case=case)
    _remove(turn, reason, RemovalInput(reason.pk, comment, is_said_by_client=True))


def remove_as_mistake(turn: Turn, comment: str) -> None:
    """Take the visit off the board as a part of taking back what made it."""
    reason = RemovalReason.objects.get(network_id=turn.visit.branch.network_id, code=MISTAKE)
    _remove(turn, reason, RemovalInput(reason.pk, comment))


def restore(
    visit_id: int,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime | None = None,
    plan: Plan | None = None,
    request: Request | None = None,
) -> Visit:
    """Put a removed visit back on its bay, or on `plan` where the bay is taken meanwhile.

    On the visit's own day by operator or master, on any day by a supervisor (hard case 2). Holds give way as where it
    is booked.
    Raises `BayTaken` with the visits in the way.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(
            visit_id, actor=actor, right=Right.SEE_BOARD, now=now, request=request, action_id=action_id
        ) as turn:
            visit = turn.visit
            is_today = visit.removed_at is not None and now < visit.day_ends_at
            if not turn.may(Right.RESTORE_ANY_DAY) and not (is_today and turn.may(Right.RESTORE_TODAY)):
                raise NotAllowed(right=Right.RESTORE_ANY_DAY)
            if visit.status != Status.REMOVED or visit.removed_at is None:
                raise WrongMoment("not_removed")
            hold_client(visit.client_id)
            visit.status = Status.PLANNED
            turn.announce_since(visit.removed_at)
            plan = plan or Plan(visit.bay_id, visit.starts_at, visit.ends_at, visit.advisor_id)
            bring_back_plan(turn, plan, real_now)
            turn.record(VisitRestored(starts_at=visit.starts_at, bay_id=visit.bay_id))
        realign_followers(visit, now, actor, action_id)
    return visit


def _rights(turn: Turn) -> RemovalRights:
    rights = RemovalRights(
        may_remove=turn.may(Right.REMOVE),
        may_remove_for_station=turn.may(Right.REMOVE_FOR_STATION),
        may_override=turn.may(Right.OVERRIDE),
    )
    if not (rights.may_remove or rights.may_remove_for_station):
        raise NotAllowed(right=Right.REMOVE)
    return rights


def _require_no_call_elsewhere(turn: Turn) -> None:
    attempt = turn.live_attempt
    if attempt and attempt.started_by_id != turn.actor.user_id:
        raise CallInProgress(who=str(attempt.started_by), at=attempt.started_at)


def _reason(visit: Visit, reason_id: int | None) -> RemovalReason:
    if reason_id:
        reasons = RemovalReason.objects.filter(network_id=visit.branch.network_id, is_active=True)
        if reason := reasons.filter(pk=reason_id).first():
            return reason
    raise BadInput({"reason": "reason_needed"})


def _reason_facts(reason: RemovalReason) -> ReasonFacts:
    return ReasonFacts(
        group=ReasonGroup(reason.group),
        needs_comment=reason.needs_comment,
        is_for_operator=reason.is_for_operator,
    )


def _facts(turn: Turn, removal: RemovalInput) -> RemovalFacts:
    case = turn.case
    return RemovalFacts(
        has_grounds=case is not None and case.grounds != Grounds.NONE,
        is_not_arrived=turn.state is State.NOT_ARRIVED,
        client_said_so=removal.is_said_by_client or (case is not None and case.reached_at is not None),
        client_called_back=case is not None and case.is_incoming,
        comment=removal.comment,
    )


def _remove(turn: Turn, reason: RemovalReason, removal: RemovalInput) -> None:
    visit = turn.visit
    if turn.case:
        turn.case.comment = removal.comment.strip() or turn.case.comment
        late_reason = late_reason_by_id(removal.late_reason_id, visit.branch.network_id) or turn.case.late_reason
        turn.case.late_reason = late_reason
        outcome = _outcome(ReasonGroup(reason.group))
        if outcome is Outcome.REFUSED:
            turn.case.answer = Answer.NO
        ended = turn.end_case(outcome)
        code = late_reason.code if late_reason else None
        turn.record(CardFinished(outcome=outcome, late_reason=code), words=removal.comment, case=ended)
    visit.status = Status.REMOVED
    visit.removed_at = turn.now
    visit.removed_by_id = turn.actor.user_id
    visit.removal_reason = reason
    visit.removal_comment = removal.words
    vacate(visit.pk, turn.now)
    is_override = bool(removal.override.strip()) and turn.may(Right.OVERRIDE)
    turn.record(VisitRemoved(reason=reason.code, group=reason.group, is_override=is_override), words=removal.words)


def _outcome(group: ReasonGroup) -> Outcome:
    match group:
        case ReasonGroup.CLIENT:
            return Outcome.REFUSED
        case ReasonGroup.NO_CONTACT:
            return Outcome.UNREACHED
        case ReasonGroup.STATION | ReasonGroup.TECHNICAL:
            return Outcome.REMOVED
