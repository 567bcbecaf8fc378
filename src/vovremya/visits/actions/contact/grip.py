"""Holding a card: whose it is, whether it may be acted on, and what the guards of every contact action share."""

from datetime import datetime, timedelta

from vovremya.directory.rules import Actor
from vovremya.schedule.queries import calendar_of
from vovremya.storage.statements import Deleting, Writing
from vovremya.visits.actions.reminding import plan_reminder, remind_from, remind_no_more
from vovremya.visits.actions.turn import Turn
from vovremya.visits.models import Case, Lease
from vovremya.visits.queries import case_facts, lease_of, policy_facts
from vovremya.visits.refusals import CallInProgress, CardHeld, Conflict, WrongMoment
from vovremya.visits.rules.journal_facts import CardFinished, CardFreed, CardOpened, CardTaken, TellingBegun
from vovremya.visits.rules.words import Answer, CaseKind, Confirmation, Grounds, Outcome, kind_in

LEASE_LASTS = timedelta(seconds=90)

_LEASES = Writing(Lease)
_OWN_LEASE = Deleting(lambda case_id, user_id: Lease.objects.filter(case_id=case_id, user_id=user_id))


def person(actor: Actor) -> int:
    """Contacts are made by people: the program never dials."""
    assert actor.user_id is not None
    return actor.user_id


def open_case(turn: Turn) -> None:
    turn.require_planned()
    if turn.case is None:
        kind = kind_in(turn.state)
        if kind is None:
            raise WrongMoment("not_late")
        new_case(turn, kind)


def new_case(turn: Turn, kind: CaseKind, *, is_incoming: bool = False) -> None:
    turn.case = _case_made(turn, kind=kind, is_incoming=is_incoming)
    turn.attempts = []
    if kind is CaseKind.REMIND:
        make_due(turn)
    turn.record(CardOpened(round=turn.case.round, is_incoming=is_incoming))


def new_case_of_move(turn: Turn, known_starts_at: datetime) -> None:
    """The station has moved the visit: its client, who means to come at the time known before, is to be told."""
    turn.case = _case_made(turn, kind=CaseKind.MOVE, known_starts_at=known_starts_at)
    turn.attempts = []
    turn.record(TellingBegun(known_starts_at=known_starts_at))


def make_due(turn: Turn) -> None:
    """Who could not be reached may be called again before the next reminder, or without one."""
    remind_at = turn.visit.remind_at
    if remind_at is None or remind_at > turn.now:
        remind_from(turn.visit, turn.now)


def end_reminder(turn: Turn, outcome: Outcome, answer: Answer | None = None) -> None:
    """Reminded, the client comes; or the visit stays unconfirmed until the next reminder, if there is one."""
    visit, case = turn.visit, require_case(turn)
    if outcome is Outcome.REMINDED:
        visit.confirmation = Confirmation.CONFIRMED
        remind_no_more(visit)
        # A promise is part of the plan: whoever meant to move or remove the visit has to look again.
        visit.plan_version += 1
    else:
        visit.confirmation = Confirmation.UNCONFIRMED
        plan_reminder(visit, calendar_of(visit.branch_id), after=turn.now, known_since=None)
    turn.end_case(outcome)
    turn.record(CardFinished(outcome=outcome, answer=answer), words=case.comment, case=case)


def _case_made(turn: Turn, **more: object) -> Case:
    last_round = turn.visit.cases.order_by("-round").values_list("round", flat=True).first() or 0
    return Case.objects.create(
        visit=turn.visit,
        branch_id=turn.visit.branch_id,
        policy=turn.visit.policy,
        round=last_round + 1,
        plan_version=turn.visit.plan_version,
        opened_at=turn.now,
        opened_by_id=turn.actor.user_id,
        **more,
    )


def require_case(turn: Turn) -> Case:
    turn.require_planned()
    if turn.case is None:
        raise WrongMoment("case_ended", visit=turn.visit)
    return turn.case


def card_in_hand(turn: Turn, case_version: int, real_now: datetime) -> Case:
    """The open case, unchanged since the card was drawn and held by the actor."""
    turn.require_planned()
    if turn.case is None:
        raise Conflict("case_ended", visit=turn.visit)
    if turn.case.plan_version != turn.visit.plan_version or turn.case.version != case_version:
        raise Conflict(visit=turn.visit)
    require_card(turn, real_now)
    return turn.case


def require_card(turn: Turn, real_now: datetime) -> None:
    hold(turn, real_now, require_free(turn))


def require_free(turn: Turn) -> Lease | None:
    """Nobody else holds the card, or speaks to the client; the actor's own lease, if there is one."""
    require_no_call_elsewhere(turn)
    lease = lease_held(turn)
    if lease and is_anothers(turn, lease):
        raise CardHeld(who=str(lease.user), since=lease.taken_at)
    return lease


def require_no_call_elsewhere(turn: Turn) -> None:
    attempt = turn.live_attempt
    if attempt and is_called_elsewhere(turn):
        raise CallInProgress(who=str(attempt.started_by), at=attempt.started_at)


def is_called_elsewhere(turn: Turn) -> bool:
    attempt = turn.live_attempt
    return attempt is not None and attempt.started_by_id != turn.actor.user_id


def is_anothers(turn: Turn, lease: Lease | None) -> bool:
    return lease is not None and lease.user_id != turn.actor.user_id


def lease_held(turn: Turn) -> Lease | None:
    assert turn.case is not None
    return lease_of(turn.case)


def hold(turn: Turn, real_now: datetime, lease: Lease | None) -> None:
    """Take the card, whoever has the lease, or renew the actor's own; who holds it is shown on every board."""
    assert turn.case is not None
    until = real_now + LEASE_LASTS
    if lease and not is_anothers(turn, lease):
        lease.until = until
        _LEASES.save(lease)
        return
    if lease:
        lease.delete()
    turn.record(CardTaken())
    _LEASES.create(Lease(case=turn.case, user_id=person(turn.actor), taken_at=turn.now, until=until))


def free(turn: Turn) -> None:
    assert turn.case is not None
    if _OWN_LEASE.delete(turn.case.pk, person(turn.actor)):
        turn.record(CardFreed())


def reach(case: Case, answered_at: datetime) -> None:
    """The client is spoken to: the retry and the grounds of this round fall away (hard case 9)."""
    case.reached_at = answered_at
    case.first_reached_at = case.first_reached_at or answered_at
    case.last_reached_at = answered_at
    case.retry_at = None
    case.grounds = Grounds.NONE


def call_again(turn: Turn, case: Case) -> None:
    """A number is there again: what was to be done before the numbers ran out."""
    failures = case_facts(case, turn.attempts).failures
    last_ended_at = failures[-1].ended_at if failures else None
    case.grounds = Grounds.NONE
    case.retry_at = last_ended_at + policy_facts(case.policy).retry_after if last_ended_at else None
