"""Offering a time to one who waits: it is held, the client is called, and what the client says is done at once."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from vovremya.board.queries.booking import SHOWN_NEAREST, FreeTime, nearest_of_wish, read_slot
from vovremya.board.queries.waitlist import row_of, why_fits
from vovremya.board.texts import booked_words, offer_out
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    closing,
    dialling,
    errors_of,
    nothing,
    opening,
    pressing,
    told_of,
    whole_number,
)
from vovremya.board.views.free_times import booking_errors
from vovremya.board.views.repairs import shown_phones
from vovremya.board.views.waitlist import wait_here
from vovremya.customers.actions import reveal
from vovremya.customers.models import Phone, PhoneReveal
from vovremya.directory.queries import bays_of
from vovremya.kernel import clock, phones
from vovremya.kernel.refusal import BadInput, NotFound
from vovremya.schedule.queries import Asker, in_the_way, place_in_day, worked_periods
from vovremya.schedule.refusals import BayTaken
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.waitlist.actions import offering
from vovremya.waitlist.actions.offering import OfferedTime
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.queries import OnList, as_they_stand
from vovremya.waitlist.rules.words import OPEN, OfferAnswer

_LOOKED_THROUGH = 12
_DECLINED = {
    OfferAnswer.REFUSED: _("Отказ отмечен: время свободно для следующего."),
    OfferAnswer.UNREACHED: _("Не дозвонились: время свободно для следующего."),
}


@at_desk
def offer_time(request: HttpRequest, desk: Desk, code: str, wait_id: int) -> HttpResponse:
    """A POST holds the time and opens the call; a GET says who took it, and what is nearest."""
    wait = wait_here(desk, code, wait_id)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("waitlist", code=code)
        return _draw_lost(request, desk, wait, request.GET.get("slot", ""))
    slot = request.POST.get("slot", "")
    offer_id = 0
    with pressing() as press:
        try:
            offer_id = _offer(request, desk, wait_id, slot).pk
        except AlreadyDone as done:
            offer_id = whole_number(str(done.entry.data.get("offer"))) or 0
    if refusal := press.refusal:
        errors = booking_errors(refusal, ZoneInfo(wait.branch.zone))
        if isinstance(refusal, BayTaken):
            lost = f"{reverse('offer_time', args=(code, wait_id))}?slot={slot.replace('+', '%2B').replace(' ', '+')}"
            return nothing(opening("waiting", lost, wait.visit_id), status=422)
        return nothing(told_of(errors), status=422)
    return nothing(opening("waiting", reverse("time_offer", args=(code, offer_id)), wait.visit_id))


@at_desk
def time_offer(request: HttpRequest, desk: Desk, code: str, offer_id: int) -> HttpResponse:
    """The call about a time that is held: who it is, what to say, and what the client answered."""
    offer = _offer_here(desk, code, offer_id)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("waitlist", code=code)
        return _draw_offer(request, desk, offer, Errors())
    if request.POST.get("answer") == OfferAnswer.ACCEPTED:
        return _accepted(request, desk, offer)
    chosen = next((answer for answer in _DECLINED if answer == request.POST.get("answer")), OfferAnswer.UNREACHED)
    with pressing() as press:
        key = asked(request, "decline")
        offering.decline(offer_id, chosen, actor=desk.actor, now=desk.now, request=key)
    if refusal := press.refusal:
        return _draw_offer(request, desk, offer, booking_errors(refusal, ZoneInfo(offer.wait.branch.zone)))
    undo = reverse("answer_taken_back", args=(code, offer_id))
    return nothing(closing(None, "waiting", toast=_DECLINED[chosen], undo=undo))


@require_POST
@at_desk
def offer_given_up(request: HttpRequest, desk: Desk, code: str, offer_id: int) -> HttpResponse:
    """The window was closed without an answer: the time is free again at once."""
    _offer_here(desk, code, offer_id)
    with pressing():
        offering.decline(offer_id, OfferAnswer.GIVEN_UP, actor=desk.actor, now=desk.now)
    return HttpResponse(status=204)


@require_POST
@at_desk
def answer_taken_back(request: HttpRequest, desk: Desk, code: str, offer_id: int) -> HttpResponse:
    offer = _offer_here(desk, code, offer_id)
    with pressing() as press:
        key = asked(request, "take back")
        offering.take_back_answer(offer_id, actor=desk.actor, now=desk.now, request=key)
    if refusal := press.refusal:
        return nothing(told_of(errors_of(refusal, ZoneInfo(offer.wait.branch.zone))), status=422)
    return nothing(closing(None, "waiting", toast=gettext("Ответ отменён: время снова можно предложить.")))


@require_POST
@at_desk
def number_dialled(request: HttpRequest, desk: Desk, code: str, wait_id: int, phone_id: int) -> HttpResponse:
    """«Набрать»: the telephone dials, and who saw the number is kept in the access log."""
    wait = wait_here(desk, code, wait_id)
    phone = Phone.objects.filter(pk=phone_id, client_id=wait.client_id).first()
    if phone is None:
        raise NotFound
    number = reveal(phone, desk.actor, wait.branch_id, PhoneReveal.Purpose.DIAL, desk.now, wait.visit_id)
    context = {"number": phones.display(number)}
    return answer(request, "board/number.html", context, triggers=dialling(number, wait.branch))


def _offer(request: HttpRequest, desk: Desk, wait_id: int, typed: str) -> TimeOffer:
    slot = read_slot(typed)
    if slot is None:
        raise BadInput({"slot": "slot_needed"})
    return offering.offer(
        wait_id,
        OfferedTime(*slot),
        actor=desk.actor,
        now=desk.now,
        real_now=desk.real_now,
        request=asked(request, "offer"),
    )


def _accepted(request: HttpRequest, desk: Desk, offer: TimeOffer) -> HttpResponse:
    zone = ZoneInfo(offer.wait.branch.zone)
    visit_id = offer.wait.visit_id
    with pressing() as press:
        visit_id = offering.accept(
            offer.pk,
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            plan_version=whole_number(request.POST.get("plan_version")) or 0,
            request=asked(request, "accept"),
        ).pk
    if refusal := press.refusal:
        return _draw_offer(request, desk, offer, booking_errors(refusal, zone))
    local = offer.starts_at.astimezone(zone)
    return nothing(closing(visit_id, "waiting", "repairs", toast=booked_words(local, offer.bay)))


def _offer_here(desk: Desk, code: str, offer_id: int) -> TimeOffer:
    offers = TimeOffer.objects.select_related("bay__group", "wait__branch")
    offer = offers.filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    offer.wait = wait_here(desk, code, offer.wait_id)
    return offer


def _draw_offer(request: HttpRequest, desk: Desk, offer: TimeOffer, errors: Errors) -> HttpResponse:
    (listed,) = as_they_stand(offer.wait.branch_id, [offer.wait], desk.now)
    zone = ZoneInfo(offer.wait.branch.zone)
    remains = (offer.held_until - desk.real_now) * clock.speed()
    visit = listed.visit
    time = OfferedTime(offer.bay_id, offer.starts_at, offer.ends_at)
    context = {
        **_context(request, desk, listed, time),
        "url": reverse("time_offer", args=(offer.wait.branch.code, offer.pk)),
        "release_url": reverse("offer_given_up", args=(offer.wait.branch.code, offer.pk)),
        "is_open": offer.answer in OPEN and errors.code != BayTaken.code,
        "is_lapsed": not listed.is_held(offer, desk.real_now),
        "held_until_ms": str(clock.to_milliseconds(desk.now + remains)),
        "words": offer_out(offer.starts_at, offer.ends_at, zone, visit.starts_at if visit else None),
        "nearest": _nearest(desk, listed, time) if errors.code == BayTaken.code else (),
        "is_lost": errors.code == BayTaken.code,
        "errors": errors,
    }
    return answer(request, "board/time_offer.html", context, status=422 if errors else 200)


def _draw_lost(request: HttpRequest, desk: Desk, wait: Wait, typed: str) -> HttpResponse:
    """Who took the time, and the nearest three."""
    slot = read_slot(typed)
    if slot is None:
        raise NotFound
    (listed,) = as_they_stand(wait.branch_id, [wait], desk.now)
    time = OfferedTime(*slot)
    bay = next((bay for bay in bays_of(wait.branch) if bay.pk == time.bay_id), None)
    if bay is None:
        raise NotFound
    closes_at = place_in_day(wait.branch_id, time.starts_at).closes_at
    taken = in_the_way(bay.pk, worked_periods(bay, time.starts_at, time.ends_at, closes_at))
    context = {
        **_context(request, desk, listed, time),
        "is_open": False,
        "nearest": _nearest(desk, listed, time),
        "is_lost": True,
        "errors": booking_errors(BayTaken(bay.pk, taken), ZoneInfo(wait.branch.zone)),
    }
    return answer(request, "board/time_offer.html", context)


def _context(request: HttpRequest, desk: Desk, listed: OnList, time: OfferedTime) -> dict[str, object]:
    wait, branch = listed.wait, listed.wait.branch
    zone = ZoneInfo(branch.zone)
    row = row_of(listed)
    names = {bay.pk: bay for bay in bays_of(branch)}
    return {
        "branch": branch,
        "zone": branch.zone,
        "wait": wait,
        "visit": listed.visit,
        "phones": shown_phones(list(wait.client.phones.all())),
        "wishes": row.wishes,
        "works": row.works,
        "why": why_fits(listed, None, zone, desk.now.astimezone(zone).date()),
        "starts_at": time.starts_at,
        "ends_at": time.ends_at,
        "bay": names.get(time.bay_id),
        "offer_url": reverse("offer_time", args=(branch.code, wait.pk)),
    }


def _nearest(desk: Desk, listed: OnList, lost: OfferedTime) -> list[FreeTime]:
    """Of those the client would take: sooner than the own visit, and not asked about yet."""
    waiting, visit = listed.waiting, listed.visit
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit.pk if visit else None)
    found = nearest_of_wish(
        listed.wait.branch, waiting.wish, lost.starts_at, now=desk.now, asker=asker, limit=_LOOKED_THROUGH
    )
    sooner = (free for free in found if waiting.sooner_than is None or free.starts_at < waiting.sooner_than)
    return [free for free in sooner if not waiting.was_asked(free.starts_at, free.ends_at)][:SHOWN_NEAREST]
