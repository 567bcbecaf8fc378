"""Calls to the client and from the client, and what follows from their results (M4–M7)."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from vovremya.customers.actions import add_phone, reveal, strike_out
from vovremya.customers.actions.card import hold_client
from vovremya.customers.models import Phone, PhoneReveal
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput, NotFound
from vovremya.visits.actions.contact.grip import (
    call_again,
    card_in_hand,
    end_reminder,
    hold,
    lease_held,
    new_case,
    open_case,
    person,
    reach,
    require_card,
    require_case,
    require_no_call_elsewhere,
)
from vovremya.visits.actions.turn import Turn, lock_in_order, turn_on
from vovremya.visits.models import Attempt, Case, Visit
from vovremya.visits.refusals import CallInProgress, DialledRecently, WrongMoment
from vovremya.visits.rules.journal_facts import (
    CallEnded,
    CallStarted,
    CardFinished,
    CardTakenOver,
    ClientCalled,
    NumberAdded,
    VisitChanged,
)
from vovremya.visits.rules.matters import contradiction
from vovremya.visits.rules.next_step import (
    CallAgainAt,
    GroundsForRemoval,
    NextStep,
    Talk,
    Unconfirmed,
    counts_as_failure,
    next_step,
)
from vovremya.visits.rules.reminding import speaks_of_the_way
from vovremya.visits.rules.timeline import contact_deadline
from vovremya.visits.rules.words import REMINDING_STATES, CallResult, CaseKind, Grounds, Outcome, State, Status

#: Dialling the same number again within this time warns (hard case 10).
SAME_NUMBER_WARNS_FOR = timedelta(minutes=5)


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
            open_case(turn)
            require_card(turn, real_now)
            phone = _number_to_dial(turn, phone_id)
            if not is_repeat_confirmed:
                _require_not_dialled_recently(turn, phone)
            attempt = _start_attempt(turn, phone)
            attempt.save()
            assert turn.case is not None
            turn.case.reached_at = None
            turn.store_case()
            reveal(phone, actor, turn.visit.branch_id, PhoneReveal.Purpose.DIAL, now, turn.visit.pk)
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
    action_id = uuid.uuid4()
    with (
        _numbers_changing(visit_id, now, action_id) if result is CallResult.WRONG_NUMBER else transaction.atomic(),
        turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request, action_id=action_id) as turn,
    ):
        case = card_in_hand(turn, case_version, real_now)
        if case.reached_at and result is not CallResult.DROPPED:
            raise WrongMoment("already_reached")
        attempt = _broken_talk(turn) if case.reached_at else _attempt_to_end(turn, phone_id)
        dialled_for = None if attempt._state.adding else now - attempt.started_at
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
                contradiction=contradiction(result, dialled_for),
            ),
            words=comment,
        )
        if isinstance(step, Unconfirmed):
            end_reminder(turn, Outcome.UNCONFIRMED)
        else:
            turn.store_case()
    return step


def client_called(
    visit_id: int, *, actor: Actor, now: datetime, real_now: datetime, request: Request | None = None
) -> Case:
    """«Клиент предупредил», or the client calls back: a card in `reached`; retry and grounds fall away.

    Who is to be reminded and calls by himself confirms, moves or refuses; shortly before the visit it is a lateness
    that he warns of. Hard cases 9 and 26. Raises `CallInProgress` while another desk is calling.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        turn.require_planned()
        if turn.state is State.NOT_ARRIVED:
            raise WrongMoment("day_over")
        speaks_of_the_visit = not speaks_of_the_way(turn.visit.starts_at, turn.judged_at)
        if turn.case is None:
            is_reminded = turn.state in REMINDING_STATES and speaks_of_the_visit
            new_case(turn, CaseKind.REMIND if is_reminded else CaseKind.LATE, is_incoming=True)
        require_no_call_elsewhere(turn)
        if require_case(turn).kind == CaseKind.REMIND and not speaks_of_the_visit:
            reminder = turn.end_case(Outcome.OVERTAKEN)
            turn.record(CardFinished(outcome=Outcome.OVERTAKEN), case=reminder)
            new_case(turn, CaseKind.LATE, is_incoming=True)
        case = require_case(turn)
        lease = lease_held(turn)
        if lease and lease.user_id != actor.user_id:
            turn.record(CardTakenOver(from_user_id=lease.user_id, before_lapse=lease.until > real_now))
        turn.end_live_attempt(CallResult.UNKNOWN, at=now)
        reach(case, now)
        case.is_incoming = True
        turn.store_case()
        hold(turn, real_now, lease)
        turn.record(ClientCalled())
        return case


def add_number(visit_id: int, typed: str, *, actor: Actor, now: datetime, request: Request | None = None) -> Phone:
    """«Добавить номер»: saved to the client; a malformed one is refused at the field (hard case 16)."""
    action_id = uuid.uuid4()
    with (
        _numbers_changing(visit_id, now, action_id),
        turn_on(
            visit_id, actor=actor, right=Right.CHANGE_CLIENT, now=now, request=request, action_id=action_id
        ) as turn,
    ):
        hold_client(turn.visit.client_id)
        phone = add_phone(turn.visit.client, typed, actor, now)
        _lift_wrong_numbers(turn)
        turn.record(NumberAdded())
        return phone


@contextmanager
def _numbers_changing(visit_id: int, now: datetime, action_id: uuid.UUID) -> Iterator[None]:
    """Whether the client can be called at all is on the bars of the client's other visits, too: they are told."""
    with transaction.atomic():
        visit = Visit.objects.filter(pk=visit_id).first()
        if visit is None:
            raise NotFound
        planned = Visit.objects.filter(client_id=visit.client_id, status=Status.PLANNED).exclude(pk=visit_id)
        other_ids = list(planned.values_list("pk", flat=True))
        lock_in_order([visit_id, *other_ids], PROGRAM)
        could_be_called = _can_be_called(visit.client_id)
        yield
        if could_be_called == _can_be_called(visit.client_id):
            return
        for other_id in sorted(other_ids):
            with turn_on(other_id, actor=PROGRAM, right=None, now=now, action_id=action_id) as turn:
                if not could_be_called:
                    _lift_wrong_numbers(turn)
                turn.record(VisitChanged(fields="phones"))


def _can_be_called(client_id: int) -> bool:
    return Phone.objects.filter(client_id=client_id, is_wrong=False).exists()


def _lift_wrong_numbers(turn: Turn) -> None:
    if turn.case and turn.case.grounds == Grounds.WRONG_NUMBERS:
        call_again(turn, turn.case)
        turn.store_case()


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
    """The same number about another visit: the client has just been called. By whom is said to who sees that branch."""
    recent = _attempts_on_number(phone, turn.visit.branch.network_id).filter(
        started_at__gt=turn.now - SAME_NUMBER_WARNS_FOR
    )
    attempt = recent.exclude(case__visit_id=turn.visit.pk).select_related("started_by", "case__visit").first()
    if attempt:
        is_seen = turn.actor.sees(attempt.case.visit.branch_id)
        who = str(attempt.started_by) if is_seen else gettext("другой филиал")
        raise DialledRecently(who=who, at=attempt.started_at)


def _attempts_on_number(phone: Phone, network_id: int) -> QuerySet[Attempt]:
    """Whosever of the network the number is; by the key, which alone is indexed."""
    return Attempt.objects.filter(
        phone__number_key=phone.number_key, phone__number=phone.number, phone__client__network_id=network_id
    )


def _start_attempt(turn: Turn, phone: Phone | None) -> Attempt:
    attempt = Attempt(case=turn.case, phone=phone, started_at=turn.now, started_by_id=person(turn.actor))
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
            reach(case, turn.now)
        case CallAgainAt(retry_at):
            case.retry_at = retry_at
        case GroundsForRemoval(grounds):
            case.grounds = grounds
            case.retry_at = None
        case _:
            case.reached_at = None


def _is_in_time(turn: Turn, attempt: Attempt) -> bool | None:
    """Whether this attempt met the contact deadline; None where none counts, as in a call about anything else."""
    standing = turn.standing
    if turn.case is None or turn.case.kind != CaseKind.LATE:
        return None
    deadline = contact_deadline(standing.facts, standing.policy)
    return None if deadline is None else attempt.started_at <= deadline
