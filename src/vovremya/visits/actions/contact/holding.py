"""The card itself: opened, held, taken over, given back, kept as a draft, opened again (M4)."""

import logging
from datetime import datetime

from django.db import transaction

from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request
from vovremya.storage.statements import Reading, Writing
from vovremya.visits.actions.contact.grip import (
    LEASE_LASTS,
    free,
    hold,
    is_anothers,
    is_called_elsewhere,
    lease_held,
    make_due,
    open_case,
    person,
    require_case,
    require_no_call_elsewhere,
)
from vovremya.visits.actions.turn import turn_on
from vovremya.visits.models import Case, Draft, Lease
from vovremya.visits.refusals import CardHeld, WrongMoment
from vovremya.visits.rules.journal_facts import CardTakenOver, CaseReopened, LeaseLapsed
from vovremya.visits.rules.steps import may_be_reopened
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Outcome

logger = logging.getLogger(__name__)

_DRAFT = Reading(lambda case_id, user_id: Draft.objects.filter(case_id=case_id, user_id=user_id))
_DRAFTS = Writing(Draft)


def open_card(visit_id: int, *, actor: Actor, now: datetime, real_now: datetime) -> Case:
    """Open the card of a visit whose client is to be called and hold it; one that another operator has is only read
    (M4)."""
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now) as turn:
        open_case(turn)
        lease = lease_held(turn)
        if not is_called_elsewhere(turn) and not is_anothers(turn, lease):
            hold(turn, real_now, lease)
        assert turn.case is not None
        return turn.case


def renew_lease(case_id: int, *, actor: Actor, real_now: datetime) -> bool:
    """Hold the card for another 90 s; False where it is not the actor's any more."""
    mine = Lease.objects.filter(case_id=case_id, user_id=person(actor))
    return bool(mine.update(until=real_now + LEASE_LASTS))


def take_over(
    visit_id: int, *, actor: Actor, now: datetime, real_now: datetime, request: Request | None = None
) -> Case:
    """Take another operator's card knowingly: anyone once the lease has lapsed, before that only by right.

    Never during a live call. Raises `CardHeld`, `CallInProgress`.
    """
    with turn_on(visit_id, actor=actor, right=Right.CONTACT, now=now, request=request) as turn:
        case = require_case(turn)
        require_no_call_elsewhere(turn)
        lease = lease_held(turn)
        if lease and lease.user_id != actor.user_id:
            before_lapse = lease.until > real_now
            if before_lapse and not turn.may(Right.TAKE_OVER):
                raise CardHeld(who=str(lease.user), since=lease.taken_at)
            turn.record(CardTakenOver(from_user_id=lease.user_id, before_lapse=before_lapse))
        hold(turn, real_now, lease)
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
        free(turn)


def lapse_leases(real_now: datetime, now: datetime) -> int:
    """Free the cards whose operators have fallen silent; called by the watch. Returns how many.

    One that fails is said in the log and does not hold up the others.
    """
    lapsed = list(Lease.objects.filter(until__lte=real_now).select_related("case"))
    for lease in lapsed:
        try:
            _lapse(lease, real_now, now)
        except Exception:
            logger.exception("the lease of case %s cannot lapse", lease.case_id)
    return len(lapsed)


def _lapse(lease: Lease, real_now: datetime, now: datetime) -> None:
    with turn_on(lease.case.visit_id, actor=PROGRAM, right=None, now=now) as turn:
        if Lease.objects.filter(pk=lease.pk, until__lte=real_now).delete()[0]:
            turn.record(LeaseLapsed(from_user_id=lease.user_id), case=lease.case)


def save_draft(case_id: int, *, actor: Actor, sequence: int, body: dict[str, object], real_now: datetime) -> bool:
    """Keep what is typed; a write that comes late (by the client's sequence number) is dropped. True if kept."""
    with transaction.atomic():
        # Locked, or a draft that comes while the contact is being ended would outlive it.
        case = Case.objects.select_for_update(no_key=True).filter(pk=case_id, ended_at=None).first()
        if case is None or not actor.may(Right.CONTACT, case.branch_id):
            return False
        draft = _DRAFT.first(case.pk, person(actor))
        if draft and draft.sequence >= sequence:
            return False
        _write_draft(draft or _draft_of(case, actor), sequence, body, real_now)
        return True


def keep_as_draft(case: Case, body: dict[str, object], *, actor: Actor, real_now: datetime) -> None:
    """What is saved in the card goes before every draft on its way, so the next number is its own.

    Of a card in which nothing has been typed no draft is made. The case is locked by whoever calls.
    """
    draft = _DRAFT.first(case.pk, person(actor))
    if draft or any(body.values()):
        draft = draft or _draft_of(case, actor)
        _write_draft(draft, draft.sequence + 1, body, real_now)


def _draft_of(case: Case, actor: Actor) -> Draft:
    return Draft(case_id=case.pk, user_id=person(actor))


def _write_draft(draft: Draft, sequence: int, body: dict[str, object], real_now: datetime) -> None:
    draft.sequence, draft.body, draft.saved_at = sequence, body, real_now
    if draft._state.adding:
        _DRAFTS.create(draft)
    else:
        _DRAFTS.save(draft)


def reopen(visit_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Case:
    """Open an ended case of the same day again as a new revision, or a reminder as long as it could be made; the old
    answers stay in the journal."""
    with turn_on(visit_id, actor=actor, right=Right.REOPEN, now=now, request=request) as turn:
        turn.require_planned()
        case = Case.objects.filter(visit_id=visit_id, ended_at__isnull=False).order_by("-round").first()
        is_over = turn.case is not None or turn.judged_at >= turn.visit.day_ends_at
        if case is None or is_over or not may_be_reopened(CaseKind(case.kind), turn.state):
            raise WrongMoment("nothing_to_reopen")
        if case.outcome == Outcome.CONFIRMED:
            turn.visit.expected_at = None
        if case.kind == CaseKind.REMIND:
            turn.visit.confirmation = Confirmation.NONE
            make_due(turn)
        case.answer = ""
        case.revision += 1
        turn.open_again(case)
        turn.record(CaseReopened(revision=case.revision))
        return case
