"""What the client says, and how the contact ends (M7–M12)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from vovremya.customers.actions.card import hold_client
from vovremya.directory.models import LateReason
from vovremya.directory.queries import late_reason_by_id
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.visits.actions.contact.grip import (
    card_in_hand,
    end_reminder,
    free,
    open_case,
    reach,
    require_case,
    require_free,
)
from vovremya.visits.actions.contact.holding import keep_as_draft
from vovremya.visits.actions.turn import Turn, lock_in_order, turn_on
from vovremya.visits.models import Attempt, Case, Visit
from vovremya.visits.queries import policy_facts
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.arrival import LONGEST_ETA, is_near, is_within_grace, read_eta
from vovremya.visits.rules.journal_facts import (
    CallBackPromised,
    CallEnded,
    CardFinished,
    CardSaved,
    NoteAdded,
    WaitingKept,
)
from vovremya.visits.rules.words import Answer, CallResult, CaseKind, Outcome


@dataclass(frozen=True)
class CardInput:
    """What the operator filled into the card."""

    answer: Answer | None = None
    eta: str = ""
    is_eta_unknown: bool = False
    late_reason_id: int | None = None
    comment: str = ""


def call_back_later(
    visit_id: int,
    typed_time: str,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    case_version: int,
    zone: ZoneInfo,
    by_other_person: bool = False,
    comment: str = "",
    request: Request | None = None,
) -> Case:
    """Asked to be called later, or another person answered: not a failure; earlier ones no longer count.

    An empty time means `retry_after` from now; it never goes beyond the closing.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = card_in_hand(turn, case_version, real_now)
        if case.reached_at is None:
            raise WrongMoment("not_reached")
        retry_at = now + policy_facts(case.policy).retry_after
        if typed_time.strip():
            until_visit = turn.visit.starts_at - now if case.kind == CaseKind.REMIND else LONGEST_ETA
            retry_at = read_eta(typed_time, answered_at=now, zone=zone, longest=max(until_visit, LONGEST_ETA))
        if turn.visit.closes_at and now < turn.visit.closes_at:
            retry_at = min(retry_at, turn.visit.closes_at)
        case.retry_at = retry_at
        case.reached_at = None
        case.comment = comment
        turn.store_case()
        turn.record(CallBackPromised(retry_at=retry_at, by_other_person=by_other_person), words=comment)
        free(turn)
        return case


def keep_waiting(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Case:
    """The grounds are there, the operator waits on all the same and is reminded after `retry_after`."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = require_case(turn)
        require_free(turn)
        if not case.grounds:
            raise WrongMoment("no_grounds")
        until = now + policy_facts(case.policy).retry_after
        case.retry_at = until
        turn.store_case()
        free(turn)
        turn.record(WaitingKept(until=until))
        return case


def finish(
    visit_id: int,
    card: CardInput,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    case_version: int,
    zone: ZoneInfo,
    also_visit_ids: tuple[int, ...] = (),
    request: Request | None = None,
) -> Case:
    """«Опрос завершён» with the answer «Да»: the client is on the way (M8, M9, M12), knows of the new time, or says
    to come.

    `also_visit_ids` are the client's other visits that the same conversation serves (hard case 10).
    Raises `BadInput` with the problems by field, `Conflict`, `CardLost`, and `WrongMoment`: `move_first` and
    `removal_first` where the answer asks for a move or a removal that has not been made yet.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_in_order([visit_id, *also_visit_ids], actor)
        with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request, action_id=action_id) as turn:
            case = card_in_hand(turn, case_version, real_now)
            client_id = turn.visit.client_id
            answered_at = case.reached_at
            ended = _finish(turn, card, zone)
        for other_id in also_visit_ids:
            assert answered_at is not None
            with _same_conversation(other_id, client_id, answered_at, actor, now, action_id) as other:
                _finish(other, card, zone)
    return ended


def add_note(
    case_id: int,
    comment: str,
    *,
    actor: Actor,
    now: datetime,
    result: CallResult | None = None,
    request: Request | None = None,
) -> Case:
    """Words for the history of a case that ended meanwhile or by a move from the card (M10, cases 1, 5).

    `result` is how the actor's call ended that the end of the case cut short; it decides nothing any more.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise NotFound
    with turn_on(case.visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        attempt = _cut_short(case, actor) if result else None
        if attempt and result:
            attempt.result = result
            attempt.save()
            turn.record(CallEnded(attempt=attempt.pk, result=result, counts=False), case=case)
        elif not comment.strip():
            raise BadInput({"comment": "comment_needed"})
        if not comment.strip():
            return case
        hold_client(turn.visit.client_id)
        turn.record(NoteAdded(), words=comment, case=case)
        case.comment = f"{case.comment}\n{comment}".strip() if case.comment != comment else case.comment
        case.save()
    return case


def _cut_short(case: Case, actor: Actor) -> Attempt | None:
    """The last call of an ended case, where it was this actor's and has no result."""
    last = case.attempts.last() if case.ended_at else None
    is_theirs = last is not None and last.result == CallResult.UNKNOWN and last.started_by_id == actor.user_id
    return last if is_theirs else None


def save_card(
    visit_id: int,
    card: CardInput,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    case_version: int,
    typed: dict[str, object] | None = None,
    request: Request | None = None,
) -> Case:
    """«Сохранить» without a result: all that is `typed` is kept as the draft, the card is free, the case stays in the
    queue."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = card_in_hand(turn, case_version, real_now)
        case.comment = card.comment or case.comment
        case.late_reason = _late_reason(turn.visit, card) or case.late_reason
        turn.store_case()
        turn.record(CardSaved(), words=card.comment)
        if typed:
            keep_as_draft(case, typed, actor=actor, real_now=real_now)
        free(turn)
        return case


def _late_reason(visit: Visit, card: CardInput) -> LateReason | None:
    return late_reason_by_id(card.late_reason_id, visit.branch.network_id)


def _finish(turn: Turn, card: CardInput, zone: ZoneInfo) -> Case:
    case = require_case(turn)
    if case.reached_at is None:
        raise WrongMoment("not_reached")
    if card.answer is None:
        raise BadInput({"answer": "answer_needed"})
    if card.answer is Answer.MOVE:
        raise WrongMoment("move_first")
    if card.answer is Answer.NO:
        raise WrongMoment("removal_first")
    if case.kind != CaseKind.LATE:
        return _finish_agreed(turn, card)
    expected_at, is_far = _promised_arrival(turn, card, zone)
    turn.announce_since(case.reached_at)
    case.answer = card.answer
    case.expected_at = expected_at
    case.late_reason = _late_reason(turn.visit, card)
    case.comment = card.comment.strip()
    turn.visit.expected_at = expected_at
    # A promise is part of the plan: whoever meant to move or remove the visit has to look again.
    turn.visit.plan_version += 1
    turn.end_case(Outcome.CONFIRMED)
    turn.record(
        CardFinished(
            outcome=Outcome.CONFIRMED,
            answer=card.answer,
            expected_at=expected_at,
            late_reason=case.late_reason.code if case.late_reason else None,
            is_far=is_far,
        ),
        words=case.comment,
        case=case,
    )
    return case


def _finish_agreed(turn: Turn, card: CardInput) -> Case:
    """The client knows of the time and comes: the plan stays as it is."""
    case = require_case(turn)
    if not card.comment.strip():
        raise BadInput({"comment": "comment_needed"})
    case.answer = Answer.YES
    case.comment = card.comment.strip()
    if case.kind == CaseKind.REMIND:
        end_reminder(turn, Outcome.REMINDED, Answer.YES)
    else:
        turn.end_case(Outcome.TOLD)
        turn.record(CardFinished(outcome=Outcome.TOLD, answer=Answer.YES), words=case.comment, case=case)
    return case


def _promised_arrival(turn: Turn, card: CardInput, zone: ZoneInfo) -> tuple[datetime, bool]:
    """The ETA of a «Да», and whether it is far and passes by the supervisor's right only."""
    case = turn.case
    assert case is not None
    assert case.reached_at is not None
    policy = policy_facts(case.policy)
    if card.is_eta_unknown:
        raise BadInput({"eta": "eta_unknown_with_yes"})
    if not card.eta.strip():
        raise BadInput({"eta": "eta_needed"})
    expected_at = read_eta(card.eta, answered_at=case.reached_at, zone=zone)
    if not card.comment.strip():
        raise BadInput({"comment": "comment_needed"})
    if is_near(expected_at, answered_at=case.reached_at, policy=policy):
        return expected_at, False
    if case.is_incoming and is_within_grace(expected_at, starts_at=turn.visit.starts_at, policy=policy):
        return expected_at, False
    if turn.may(Right.OVERRIDE):
        return expected_at, True
    raise BadInput({"eta": "eta_far"}, near=int(policy.near_within.total_seconds() // 60))


@contextmanager
def _same_conversation(
    visit_id: int,
    client_id: int,
    answered_at: datetime,
    actor: Actor,
    now: datetime,
    action_id: uuid.UUID,
) -> Iterator[Turn]:
    """Another late visit of the same client: its case is reached by the same call."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, action_id=action_id) as turn:
        if turn.visit.client_id != client_id:
            raise NotAllowed()
        open_case(turn)
        require_free(turn)
        reach(require_case(turn), answered_at)
        yield turn
