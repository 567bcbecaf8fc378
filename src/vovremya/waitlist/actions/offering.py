"""Offering a time by a call: it is held meanwhile, and whoever agrees is booked or moved with all the usual guards."""

from dataclasses import dataclass, fields
from datetime import datetime

from vovremya.directory.models import Bay
from vovremya.directory.queries import bay_in_use
from vovremya.directory.rules import Actor
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput, NotFound
from vovremya.schedule.actions import hold, queue_for_several
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book, move
from vovremya.visits.models import Visit
from vovremya.visits.refusals import WrongMoment
from vovremya.waitlist.actions.turn import WaitTurn, turn_on_wait
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.refusals import OfferedByOther, OfferEnded
from vovremya.waitlist.rules.journal_facts import TimeOffered
from vovremya.waitlist.rules.words import ASKED, OPEN, Ending, OfferAnswer


@dataclass(frozen=True)
class OfferedTime:
    bay_id: int
    starts_at: datetime
    ends_at: datetime


def offer(
    wait_id: int,
    time: OfferedTime,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    request: Request | None = None,
) -> TimeOffer:
    """Hold the time for the operator while the client is called; of one's own calls to the client the last counts.

    Raises `BayTaken` with what is in the way, `OfferedByOther`, `NotWaiting`, `WrongMoment`.
    """
    assert actor.user_id is not None
    with turn_on_wait(wait_id, actor=actor, now=now, request=request) as turn:
        bay = _bay(turn.wait, time.bay_id)
        if time.ends_at <= time.starts_at or time.starts_at <= now:
            raise WrongMoment("starts_in_past")
        if turn.listed.waiting.was_asked(time.starts_at, time.ends_at):
            raise WrongMoment("asked_already")
        _queue_for_bays(turn, bay)
        _end_offer_before(turn, real_now)
        visit_id = turn.wait.visit_id
        held = hold(bay, time.starts_at, time.ends_at, user_id=actor.user_id, real_now=real_now, visit_id=visit_id)
        offered = TimeOffer.objects.create(
            wait=turn.wait,
            bay=bay,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            offered_at=now,
            offered_by_id=actor.user_id,
            held_until=held.held_until,
        )
        turn.record(TimeOffered(turn.wait.pk, offered.pk, bay.pk, time.starts_at, time.ends_at))
    return offered


def accept(
    offer_id: int,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    plan_version: int,
    comment: str = "",
    request: Request | None = None,
) -> Visit:
    """The client agrees: moved, or booked, and off the list. `plan_version`: of the visit as it was shown; 0 of none.

    Raises what `move` and `book` raise, and `OfferEnded`, `NotWaiting`.
    """
    with turn_on_wait(_wait_id(offer_id), actor=actor, now=now, request=request, is_to_book=True) as turn:
        offered = _require_open(turn, offer_id)
        wait = turn.wait
        plan = Plan(offered.bay_id, offered.starts_at, offered.ends_at, _advisor_id(wait, offered.bay))
        if wait.visit:
            visit = move(
                wait.visit.pk,
                plan,
                actor=actor,
                now=now,
                real_now=real_now,
                plan_version=plan_version,
                comment=comment,
            )
        else:
            visit = book(
                wait.branch_id,
                wait.client,
                wait.car,
                plan,
                _details(wait),
                actor=actor,
                now=now,
                real_now=real_now,
                action_id=turn.action_id,
            )
            wait.visit = visit
        turn.answer(offered, OfferAnswer.ACCEPTED)
        turn.end(Ending.SERVED)
    return visit


def decline(
    offer_id: int, answer: OfferAnswer, *, actor: Actor, now: datetime, request: Request | None = None
) -> TimeOffer:
    """«Отказался», «Не дозвонились», or the operator offers it no longer: the time goes to the next."""
    with turn_on_wait(_wait_id(offer_id), actor=actor, now=now, request=request) as turn:
        offered = _require_open(turn, offer_id)
        turn.answer(offered, answer)
    return offered


def take_back_answer(offer_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> TimeOffer:
    """«Отказался» or «Не дозвонились» was pressed by mistake: the time may be offered to the client again."""
    with turn_on_wait(_wait_id(offer_id), actor=actor, now=now, request=request) as turn:
        offered = _offer(turn, offer_id)
        if offered.answer not in ASKED:
            raise WrongMoment("nothing_to_take_back")
        turn.answer(offered, OfferAnswer.TAKEN_BACK)
    return offered


def _wait_id(offer_id: int) -> int:
    wait_id = TimeOffer.objects.filter(pk=offer_id).values_list("wait_id", flat=True).first()
    if wait_id is None:
        raise NotFound
    return wait_id


def _offer(turn: WaitTurn, offer_id: int) -> TimeOffer:
    return next(each for each in turn.listed.offers if each.pk == offer_id)


def _require_open(turn: WaitTurn, offer_id: int) -> TimeOffer:
    offered = _offer(turn, offer_id)
    if offered.answer not in OPEN:
        raise OfferEnded(who=str(offered.offered_by), at=offered.answered_at)
    return offered


def _queue_for_bays(turn: WaitTurn, bay: Bay) -> None:
    """Before the hold of the call before is let go: who books over it, and has the bay, would wait for this action."""
    before = {each.bay_id for each in turn.listed.offers if not each.answer}
    queue_for_several({*before, bay.pk}, ())


def _end_offer_before(turn: WaitTurn, real_now: datetime) -> None:
    before = next((each for each in turn.listed.offers if not each.answer), None)
    if before is None:
        return
    is_live = turn.listed.is_held(before, real_now)
    if is_live and before.offered_by_id != turn.actor.user_id:
        raise OfferedByOther(who=str(before.offered_by), until=before.held_until)
    turn.answer(before, OfferAnswer.GIVEN_UP if is_live else OfferAnswer.LAPSED)


def _bay(wait: Wait, bay_id: int) -> Bay:
    bay = bay_in_use(wait.branch_id, bay_id)
    if bay is None:
        raise BadInput({"bay": "bay_unknown"})
    return bay


def _advisor_id(wait: Wait, bay: Bay) -> int | None:
    """The one wished for, else the visit's own where it stays in its group, else the one of the bay's group."""
    if wait.advisor_id:
        return wait.advisor_id
    if wait.visit and wait.visit.bay.group_id == bay.group_id:
        return wait.visit.advisor_id
    return bay.group.advisor_id


def _details(wait: Wait) -> Details:
    works = [PlannedWork(work.name, work.code, work.norm_minutes) for work in wait.works.all()]
    described = {each.name: getattr(wait, each.name) for each in fields(Details) if each.name != "works"}
    return Details(works=works, **described)
