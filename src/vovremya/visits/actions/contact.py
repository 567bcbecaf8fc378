"""The late contact: the card, the calls, the answers (M3–M12)."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from vovremya.customers.actions import add_phone, reveal, strike_out
from vovremya.customers.models import Phone, PhoneReveal
from vovremya.directory.models import LateReason
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.visits.actions.turn import Turn, lock_in_order, turn_on
from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
from vovremya.visits.queries import case_facts, lease_of, policy_facts
from vovremya.visits.refusals import (
    CallInProgress,
    CardHeld,
    Conflict,
    DialledRecently,
    WrongMoment,
)
from vovremya.visits.rules.arrival import is_near, is_within_grace, read_eta
from vovremya.visits.rules.journal_facts import (
    CallBackPromised,
    CallEnded,
    CallStarted,
    CardFinished,
    CardFreed,
    CardOpened,
    CardSaved,
    CardTaken,
    CardTakenOver,
    CaseReopened,
    ClientCalled,
    LeaseLapsed,
    NoteAdded,
    NumberAdded,
    WaitingKept,
)
from vovremya.visits.rules.next_step import (
    CallAgainAt,
    GroundsForRemoval,
    NextStep,
    Talk,
    counts_as_failure,
    next_step,
)
from vovremya.visits.rules.timeline import contact_deadline
from vovremya.visits.rules.words import LATE_STATES, Answer, CallResult, Grounds, Outcome, State

LEASE_LASTS = timedelta(seconds=90)
#: Dialling the same number again within this time warns (hard case 10).
SAME_NUMBER_WARNS_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class CardInput:
    """What the operator filled into the card."""

    answer: Answer | None = None
    eta: str = ""
    is_eta_unknown: bool = False
    late_reason_id: int | None = None
    comment: str = ""


# --- the lease -----------------------------------------------------------------------------------------------


def open_card(visit_id: int, *, actor: Actor, now: datetime, real_now: datetime) -> Case:
    """Open the late notice of a late visit and hold it; one that another operator has is only read (M4)."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now) as turn:
        _open_case(turn)
        if not _is_called_elsewhere(turn) and not _is_held_elsewhere(turn):
            _hold(turn, real_now)
        assert turn.case is not None
        return turn.case


def renew_lease(case_id: int, *, actor: Actor, real_now: datetime) -> bool:
    """Hold the card for another 90 s; False where it is not the actor's any more."""
    mine = Lease.objects.filter(case_id=case_id, user_id=_person(actor))
    return bool(mine.update(until=real_now + LEASE_LASTS))


def take_over(
    visit_id: int, *, actor: Actor, now: datetime, real_now: datetime, request: Request | None = None
) -> Case:
    """Take another operator's card knowingly: anyone once the lease has lapsed, before that only by right.

    Never during a live call. Raises `CardHeld`, `CallInProgress`.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = _require_case(turn)
        _require_no_call_elsewhere(turn)
        lease = _lease(turn)
        if lease and lease.user_id != actor.user_id:
            before_lapse = lease.until > real_now
            if before_lapse and not turn.may(Right.TAKE_OVER):
                raise CardHeld(who=str(lease.user), since=lease.taken_at)
            turn.record(CardTakenOver(from_user_id=lease.user_id, before_lapse=before_lapse))
        _hold(turn, real_now)
        return case


def release_card(visit_id: int, *, actor: Actor, now: datetime) -> None:
    """Close the card without a result: the case is due again, the draft is kept; a call ends unknown."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now) as turn:
        if turn.case is None:
            return
        attempt = turn.live_attempt
        if attempt and attempt.started_by_id == actor.user_id:
            turn.end_live_attempt(CallResult.UNKNOWN, at=now)
            turn.store_case()
        _free(turn)


def lapse_leases(real_now: datetime, now: datetime) -> int:
    """Free the cards whose operators have fallen silent; called by the watch. Returns how many."""
    lapsed = list(Lease.objects.filter(until__lte=real_now).select_related("case"))
    for lease in lapsed:
        with turn_on(lease.case.visit_id, actor=PROGRAM, right=None, now=now) as turn:
            if Lease.objects.filter(pk=lease.pk, until__lte=real_now).delete()[0]:
                turn.record(LeaseLapsed(from_user_id=lease.user_id), case=lease.case)
    return len(lapsed)


def save_draft(case_id: int, *, actor: Actor, sequence: int, body: dict[str, object], real_now: datetime) -> bool:
    """Keep what is typed; a write that comes late (by the client's sequence number) is dropped. True if kept."""
    with transaction.atomic():
        case = Case.objects.filter(pk=case_id, ended_at=None).first()
        if case is None or not actor.may(Right.CONTACT, case.branch_id):
            return False
        draft = Draft.objects.select_for_update().filter(case=case, user_id=_person(actor)).first()
        if draft and draft.sequence >= sequence:
            return False
        Draft.objects.update_or_create(
            case=case,
            user_id=actor.user_id,
            defaults={"sequence": sequence, "body": body, "saved_at": real_now},
        )
        return True


# --- calls ---------------------------------------------------------------------------------------------------


def dial(
    visit_id: int,
    phone_id: int,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    is_repeat_confirmed: bool = False,
    request: Request | None = None,
) -> Attempt:
    """Start an attempt on one of the client's numbers; opens the card of a late visit by itself (M4).

    Dialling a client who was already reached says that the talk broke off.
    Raises `CardHeld`, `CallInProgress`, `DialledRecently`, `WrongMoment`.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        other_visit_ids = _visits_being_called(actor, visit_id)
        lock_in_order([visit_id, *other_visit_ids], actor)
        _end_other_calls(other_visit_ids, actor, now, action_id)
        with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request, action_id=action_id) as turn:
            _open_case(turn)
            _require_card(turn, real_now)
            phone = _number_to_dial(turn, phone_id)
            if not is_repeat_confirmed:
                _require_not_dialled_recently(turn, phone)
            attempt = _start_attempt(turn, phone)
            attempt.save()
            assert turn.case is not None
            turn.case.reached_at = None
            turn.store_case()
            reveal(phone, actor, turn.visit.branch_id, PhoneReveal.Purpose.DIAL, now)
            turn.record(CallStarted(attempt=attempt.pk))
    return attempt


def record_attempt(
    visit_id: int,
    result: CallResult,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    case_version: int,
    phone_id: int | None = None,
    comment: str = "",
    request: Request | None = None,
) -> NextStep:
    """Note how the call ended; without a dialled call, one that was made by hand just now (M5, M6, M7).

    `comment` may stay empty. Raises `Conflict`, `CardLost`, `CallInProgress`.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = _card_in_hand(turn, case_version, real_now)
        if case.reached_at and result is not CallResult.DROPPED:
            raise WrongMoment("already_reached")
        attempt = _broken_talk(turn) if case.reached_at else _attempt_to_end(turn, phone_id)
        step = _step_after(turn, attempt, result)
        attempt.result = result
        attempt.ended_at = now
        attempt.answered_at = now if result is CallResult.ANSWERED else attempt.answered_at
        attempt.counts = counts_as_failure(step)
        attempt.save()
        _apply_step(turn, step)
        if result is CallResult.WRONG_NUMBER and attempt.phone:
            strike_out(attempt.phone)
        turn.record(
            CallEnded(
                attempt=attempt.pk,
                result=result,
                counts=attempt.counts,
                retry_at=case.retry_at,
                grounds=Grounds(case.grounds) or None,
                in_time=_is_in_time(turn, attempt),
            ),
            words=comment,
        )
        turn.store_case()
    return step


def client_called(
    visit_id: int, *, actor: Actor, now: datetime, real_now: datetime, request: Request | None = None
) -> Case:
    """«Клиент предупредил», or the client calls back: a card in `reached`; retry and grounds fall away.

    Hard cases 9 and 26. Raises `CallInProgress` while another desk is calling.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        turn.require_planned()
        if turn.state is State.NOT_ARRIVED:
            raise WrongMoment("day_over")
        if turn.case is None:
            _new_case(turn, is_incoming=True)
        case = _require_case(turn)
        _require_no_call_elsewhere(turn)
        lease = _lease(turn)
        if lease and lease.user_id != actor.user_id:
            turn.record(CardTakenOver(from_user_id=lease.user_id, before_lapse=lease.until > real_now))
        turn.end_live_attempt(CallResult.UNKNOWN, at=now)
        _reach(case, now)
        case.is_incoming = True
        turn.store_case()
        _hold(turn, real_now)
        turn.record(ClientCalled())
        return case


def add_number(visit_id: int, typed: str, *, actor: Actor, now: datetime, request: Request | None = None) -> Phone:
    """«Добавить номер»: saved to the client; a malformed one is refused at the field (hard case 16)."""
    with turn_on(visit_id, actor=actor, right=Right.CHANGE_CLIENT, now=now, request=request) as turn:
        phone = add_phone(turn.visit.client, typed, actor, now)
        if turn.case and turn.case.grounds == Grounds.WRONG_NUMBERS:
            _call_again(turn, turn.case)
            turn.store_case()
        turn.record(NumberAdded())
        return phone


# --- answers -------------------------------------------------------------------------------------------------


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
        case = _card_in_hand(turn, case_version, real_now)
        if case.reached_at is None:
            raise WrongMoment("not_reached")
        policy = policy_facts(case.policy)
        retry_at = read_eta(typed_time, answered_at=now, zone=zone) if typed_time.strip() else now + policy.retry_after
        if turn.visit.closes_at and now < turn.visit.closes_at:
            retry_at = min(retry_at, turn.visit.closes_at)
        case.retry_at = retry_at
        case.reached_at = None
        case.comment = comment
        turn.store_case()
        turn.record(CallBackPromised(retry_at=retry_at, by_other_person=by_other_person), words=comment)
        _free(turn)
        return case


def keep_waiting(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Case:
    """The grounds are there, the operator waits on all the same and is reminded after `retry_after`."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = _require_case(turn)
        _require_free(turn)
        if not case.grounds:
            raise WrongMoment("no_grounds")
        until = now + policy_facts(case.policy).retry_after
        case.retry_at = until
        turn.store_case()
        _free(turn)
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
    """«Опрос завершён» with the answer «Да»: the client is on the way (M8, M9, M12).

    `also_visit_ids` are the client's other late visits that the same conversation serves (hard case 10).
    Raises `BadInput` with the problems by field, `Conflict`, `CardLost`, and `WrongMoment`: `move_first` and
    `removal_first` where the answer asks for a move or a removal that has not been made yet.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_in_order([visit_id, *also_visit_ids], actor)
        with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request, action_id=action_id) as turn:
            case = _card_in_hand(turn, case_version, real_now)
            client_id = turn.visit.client_id
            answered_at = case.reached_at
            ended = _finish(turn, card, zone)
        for other_id in also_visit_ids:
            assert answered_at is not None
            with _same_conversation(other_id, client_id, answered_at, actor, now, action_id) as other:
                _finish(other, card, zone)
    return ended


def add_note(case_id: int, comment: str, *, actor: Actor, now: datetime, request: Request | None = None) -> Case:
    """Words for the history of a case that ended meanwhile or by a move from the card (M10, cases 1, 5)."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise NotFound
    with turn_on(case.visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        if not comment.strip():
            raise BadInput({"comment": "comment_needed"})
        turn.record(NoteAdded(), words=comment, case=case)
        case.comment = f"{case.comment}\n{comment}".strip() if case.comment != comment else case.comment
        case.save()
    return case


def save_card(
    visit_id: int,
    card: CardInput,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    case_version: int,
    request: Request | None = None,
) -> Case:
    """«Сохранить» without a result: the draft is kept, the card is free, the case stays in the queue."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = _card_in_hand(turn, case_version, real_now)
        case.comment = card.comment or case.comment
        case.late_reason = _late_reason(turn.visit, card) or case.late_reason
        turn.store_case()
        turn.record(CardSaved(), words=card.comment)
        _free(turn)
        return case


def reopen(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Case:
    """Open an ended case of the same day again as a new revision; the old answers stay in the journal."""
    with turn_on(visit_id, actor=actor, right=Right.REOPEN, now=now, request=request) as turn:
        turn.require_planned()
        case = Case.objects.filter(visit_id=visit_id, ended_at__isnull=False).order_by("-round").first()
        if turn.case or case is None or now >= turn.visit.day_ends_at:
            raise WrongMoment("nothing_to_reopen")
        if case.outcome == Outcome.CONFIRMED:
            turn.visit.expected_at = None
        case.outcome = ""
        case.ended_at = None
        case.ended_by = None
        case.answer = ""
        case.plan_version = turn.visit.plan_version
        case.revision += 1
        turn.case = case
        turn.attempts = list(case.attempts.select_related("phone", "started_by"))
        turn.store_case()
        turn.record(CaseReopened(revision=case.revision))
        return case


# --- the guards and the steps --------------------------------------------------------------------------------


def _person(actor: Actor) -> int:
    """Contacts are made by people: the program never dials."""
    assert actor.user_id is not None
    return actor.user_id


def _open_case(turn: Turn) -> None:
    turn.require_planned()
    if turn.case is None:
        if turn.state not in LATE_STATES:
            raise WrongMoment("not_late")
        _new_case(turn)


def _new_case(turn: Turn, *, is_incoming: bool = False) -> None:
    last_round = turn.visit.cases.order_by("-round").values_list("round", flat=True).first() or 0
    turn.case = Case.objects.create(
        visit=turn.visit,
        branch_id=turn.visit.branch_id,
        policy=turn.visit.policy,
        round=last_round + 1,
        plan_version=turn.visit.plan_version,
        opened_at=turn.now,
        opened_by_id=turn.actor.user_id,
        is_incoming=is_incoming,
    )
    turn.attempts = []
    turn.record(CardOpened(round=turn.case.round, is_incoming=is_incoming))


def _require_case(turn: Turn) -> Case:
    turn.require_planned()
    if turn.case is None:
        raise WrongMoment("case_ended", visit=turn.visit)
    return turn.case


def _card_in_hand(turn: Turn, case_version: int, real_now: datetime) -> Case:
    """The open case, unchanged since the card was drawn and held by the actor."""
    turn.require_planned()
    if turn.case is None:
        raise Conflict("case_ended", visit=turn.visit)
    if turn.case.plan_version != turn.visit.plan_version or turn.case.version != case_version:
        raise Conflict(visit=turn.visit)
    _require_card(turn, real_now)
    return turn.case


def _require_card(turn: Turn, real_now: datetime) -> None:
    _require_free(turn)
    _hold(turn, real_now)


def _require_free(turn: Turn) -> None:
    """Nobody else holds the card, or speaks to the client."""
    _require_no_call_elsewhere(turn)
    lease = _lease(turn)
    if lease and _is_held_elsewhere(turn):
        raise CardHeld(who=str(lease.user), since=lease.taken_at)


def _require_no_call_elsewhere(turn: Turn) -> None:
    attempt = turn.live_attempt
    if attempt and _is_called_elsewhere(turn):
        raise CallInProgress(who=str(attempt.started_by), at=attempt.started_at)


def _is_called_elsewhere(turn: Turn) -> bool:
    attempt = turn.live_attempt
    return attempt is not None and attempt.started_by_id != turn.actor.user_id


def _is_held_elsewhere(turn: Turn) -> bool:
    lease = _lease(turn)
    return lease is not None and lease.user_id != turn.actor.user_id


def _lease(turn: Turn) -> Lease | None:
    assert turn.case is not None
    return lease_of(turn.case)


def _hold(turn: Turn, real_now: datetime) -> None:
    """Take the card or renew the lease; who holds it is shown on every board."""
    assert turn.case is not None
    lease = _lease(turn)
    if lease is None or lease.user_id != turn.actor.user_id:
        Lease.objects.filter(case=turn.case).delete()
        lease = Lease(case=turn.case, user_id=_person(turn.actor), taken_at=turn.now)
        turn.record(CardTaken())
    lease.until = real_now + LEASE_LASTS
    lease.save()


def _free(turn: Turn) -> None:
    if Lease.objects.filter(case=turn.case, user_id=_person(turn.actor)).delete()[0]:
        turn.record(CardFreed())


def _visits_being_called(actor: Actor, except_visit_id: int) -> list[int]:
    live = Attempt.objects.filter(started_by_id=actor.user_id, result="").exclude(case__visit_id=except_visit_id)
    return list(live.values_list("case__visit_id", flat=True))


def _end_other_calls(visit_ids: Sequence[int], actor: Actor, now: datetime, action_id: uuid.UUID) -> None:
    """Dialling another client ends the operator's call before: nobody speaks on two lines."""
    for visit_id in visit_ids:
        with turn_on(visit_id, actor=actor, right=None, now=now, action_id=action_id) as turn:
            if turn.live_attempt:
                turn.end_live_attempt(CallResult.UNKNOWN, at=now)
                turn.store_case()


def _number_to_dial(turn: Turn, phone_id: int) -> Phone:
    if turn.live_attempt:
        raise CallInProgress("call_in_progress_here", at=turn.live_attempt.started_at)
    phone = Phone.objects.filter(pk=phone_id, client_id=turn.visit.client_id, is_wrong=False).first()
    if phone is None:
        raise BadInput({"phone": "phone_not_dialable"})
    return phone


def _require_not_dialled_recently(turn: Turn, phone: Phone) -> None:
    """The same number about another visit: the client has just been called."""
    recent = Attempt.objects.filter(
        phone__number=phone.number, started_at__gt=turn.now - SAME_NUMBER_WARNS_FOR
    ).exclude(case__visit_id=turn.visit.pk)
    if attempt := recent.select_related("started_by").first():
        raise DialledRecently(who=str(attempt.started_by), at=attempt.started_at)


def _start_attempt(turn: Turn, phone: Phone | None) -> Attempt:
    attempt = Attempt(case=turn.case, phone=phone, started_at=turn.now, started_by_id=_person(turn.actor))
    turn.attempts.append(attempt)
    return attempt


def _attempt_to_end(turn: Turn, phone_id: int | None) -> Attempt:
    """The live call; else the last one, where its result was never said; else a call made by hand."""
    if turn.live_attempt:
        return turn.live_attempt
    last = turn.attempts[-1] if turn.attempts else None
    if last and last.result == CallResult.UNKNOWN and last.started_by_id == turn.actor.user_id:
        return last
    phones = Phone.objects.filter(client_id=turn.visit.client_id, is_wrong=False)
    phone = (phones.filter(pk=phone_id).first() if phone_id else None) or phones.first()
    if phone is None:
        raise BadInput({"phone": "no_number"})
    return _start_attempt(turn, phone)


def _broken_talk(turn: Turn) -> Attempt:
    """The line broke in the talk: of our call, or of the client's."""
    assert turn.case is not None
    last = turn.attempts[-1] if turn.attempts else None
    if last and last.answered_at == turn.case.reached_at:
        return last
    attempt = _start_attempt(turn, None)
    attempt.is_incoming = True
    return attempt


def _step_after(turn: Turn, attempt: Attempt, result: CallResult) -> NextStep:
    standing = turn.standing
    assert standing.facts.case is not None
    others = Phone.objects.filter(client_id=turn.visit.client_id, is_wrong=False)
    if attempt.phone_id:
        others = others.exclude(pk=attempt.phone_id)
    return next_step(
        result,
        started_at=attempt.started_at,
        ended_at=turn.now,
        case=standing.facts.case,
        policy=standing.policy,
        has_another_number=others.exists(),
    )


def _apply_step(turn: Turn, step: NextStep) -> None:
    case = turn.case
    assert case is not None
    match step:
        case Talk():
            _reach(case, turn.now)
        case CallAgainAt(retry_at):
            case.retry_at = retry_at
        case GroundsForRemoval(grounds):
            case.grounds = grounds
            case.retry_at = None
        case _:
            case.reached_at = None


def _reach(case: Case, answered_at: datetime) -> None:
    """The client is spoken to: the retry and the grounds of this round fall away (hard case 9)."""
    case.reached_at = answered_at
    case.first_reached_at = case.first_reached_at or answered_at
    case.last_reached_at = answered_at
    case.retry_at = None
    case.grounds = Grounds.NONE


def _call_again(turn: Turn, case: Case) -> None:
    """A number is there again: what was to be done before the numbers ran out."""
    failures = case_facts(case, turn.attempts).failures
    last_ended_at = failures[-1].ended_at if failures else None
    case.grounds = Grounds.NONE
    case.retry_at = last_ended_at + policy_facts(case.policy).retry_after if last_ended_at else None


def _is_in_time(turn: Turn, attempt: Attempt) -> bool | None:
    """Whether this attempt met the contact deadline; None where none counts."""
    standing = turn.standing
    deadline = contact_deadline(standing.facts, standing.policy)
    return None if deadline is None else attempt.started_at <= deadline


def _late_reason(visit: Visit, card: CardInput) -> LateReason | None:
    if card.late_reason_id is None:
        return None
    return LateReason.objects.filter(pk=card.late_reason_id, network_id=visit.branch.network_id).first()


def _finish(turn: Turn, card: CardInput, zone: ZoneInfo) -> Case:
    case = _require_case(turn)
    if case.reached_at is None:
        raise WrongMoment("not_reached")
    if card.answer is None:
        raise BadInput({"answer": "answer_needed"})
    if card.answer is Answer.MOVE:
        raise WrongMoment("move_first")
    if card.answer is Answer.NO:
        raise WrongMoment("removal_first")
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
        _open_case(turn)
        _require_free(turn)
        _reach(_require_case(turn), answered_at)
        yield turn
