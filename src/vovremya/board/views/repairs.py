"""The window «Ремонты»: everything about a visit, and the way to every step (M3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.history import history, last_news
from vovremya.board.queries.windows import VisitWindow, cases_of, visit_seen, visit_window, visits_of_client
from vovremya.board.texts import REFUSALS, STEPS
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    opening,
    pressing,
    refusal_text,
)
from vovremya.customers.actions import reveal
from vovremya.customers.models import Phone, PhoneReveal
from vovremya.directory.rules import Right
from vovremya.kernel import phones
from vovremya.kernel.refusal import NotFound
from vovremya.visits.actions.contact import add_number
from vovremya.visits.models import Visit
from vovremya.visits.refusals import NotPlanned
from vovremya.visits.rules.steps import Step
from vovremya.visits.rules.words import Status, kind_in
from vovremya.visits.texts import CONTACTS, STATES
from vovremya.waitlist.queries import wait_of_visit

#: Steps that open a window; the others are pressed at once, but for the one that the board takes over.
_WINDOWS = {
    Step.LATE_NOTICE: "late-notice",
    Step.MOVE: "booking",
    Step.WANT_SOONER: "waiting",
    Step.WAVE: "wave",
    Step.REMOVE: "removal",
    Step.CHANGE_BAY: "booking",
}
_URLS = {
    Step.LATE_NOTICE: "late_notice",
    Step.MOVE: "move",
    Step.WANT_SOONER: "want_sooner",
    Step.WAVE: "wave",
    Step.REMOVE: "remove",
    Step.CHANGE_BAY: "change_bay",
    Step.CLIENT_WARNED: "client_warned",
    Step.RESTORE: "restore",
    Step.REOPEN: "reopen",
}
_PRESSED = {
    Step.CHECK_IN: "check-in",
    Step.UNDO_CHECK_IN: "undo-check-in",
    Step.START_WORK: "start-work",
    Step.UNDO_START_WORK: "undo-start-work",
    Step.END_WORK: "end-work",
    Step.UNDO_END_WORK: "undo-end-work",
    Step.MARK_NO_SHOW: "no-show",
    Step.UNDO_NO_SHOW: "undo-no-show",
}


@dataclass(frozen=True)
class Button:
    """A step as the window offers it; `why_off` says why it cannot be taken."""

    name: str
    url: str
    window: str
    key: str
    letter: str
    sign: str
    why_off: str


@dataclass(frozen=True)
class ShownPhone:
    id: int
    text: str
    is_wrong: bool
    is_whole: bool
    has_key: bool


@require_safe
@at_desk
def repairs(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    if "HX-Request" not in request.headers:
        visit = visit_seen(visit_id, desk.actor)
        return redirect(f"{reverse('board', args=(visit.branch.code,))}?day={visit.on.isoformat()}")
    return draw_repairs(request, desk, visit_id)


def draw_repairs(request: HttpRequest, desk: Desk, visit_id: int, errors: Errors | None = None) -> HttpResponse:
    window = visit_window(visit_id, desk.actor, desk.now)
    context = {
        **window_context(window),
        "buttons": _buttons(window),
        "may_dial": window.steps.get(Step.DIAL, "not_allowed"),
        "why_no_dial": REFUSALS.get(window.steps.get(Step.DIAL, ""), ""),
        "may_see_client": desk.actor.may(Right.SEE_CLIENTS, window.visit.branch_id),
        "may_add_number": desk.actor.may(Right.CHANGE_CLIENT, window.visit.branch_id),
        "visits": _visits_beside(window.visit, desk),
        "cases": cases_of(window.visit),
        "wait": wait_of_visit(visit_id),
        "errors": errors or Errors(),
    }
    return answer(request, "board/repairs.html", context, status=422 if errors else 200)


@require_safe
@at_desk
def visit_history(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """The history in plain words: the tabs «История переносов» and «Журнал»."""
    visit = visit_seen(visit_id, desk.actor)
    zone = ZoneInfo(visit.branch.zone)
    lines = history(visit.pk, visit.branch_id, zone)
    if request.GET.get("only") == "moves":
        lines = [line for line in lines if line.kind in ("visit_booked", "visit_moved", "visit_restored")]
    return answer(request, "board/history.html", {"lines": lines, "zone": zone})


@require_safe
@at_desk
def news(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """What somebody did to the visit while its window is open; the form behind is not touched.

    What the clock did is to be seen already, and one's own doing is no news: «Ремонты» under a window shows it.
    """
    visit = visit_seen(visit_id, desk.actor)
    window = request.GET.get("window", "repairs")
    zone = ZoneInfo(visit.branch.zone)
    user_id, change = last_news(visit.pk, zone)
    if change is None or user_id is None:
        return HttpResponse(status=204)
    if user_id == desk.user.pk:
        if window != "repairs":
            return HttpResponse(status=204)
        response = draw_repairs(request, desk, visit_id)
        response["HX-Retarget"] = "#repairs"
        return response
    context = {
        "visit": visit,
        "is_arrived": visit.status == Status.ARRIVED,
        "change": change.words,
        "window": window,
        "why_off": _why_off(visit, zone),
    }
    return answer(request, "board/news.html", context)


def _why_off(visit: Visit, zone: ZoneInfo) -> str:
    """Why the card that is open can neither move nor remove the visit any more."""
    if visit.status == Status.PLANNED:
        return ""
    return refusal_text(NotPlanned(f"not_planned_{visit.status}", visit=visit), zone)


@require_POST
@at_desk
def show_number(request: HttpRequest, desk: Desk, visit_id: int, phone_id: int) -> HttpResponse:
    """«Показать»: the whole number, kept in the access log."""
    visit = visit_seen(visit_id, desk.actor)
    phone = Phone.objects.filter(pk=phone_id, client_id=visit.client_id).first()
    if phone is None:
        raise NotFound
    number = reveal(phone, desk.actor, visit.branch_id, PhoneReveal.Purpose.SHOW, desk.now, visit.pk)
    return answer(request, "board/number.html", {"number": phones.display(number)})


@require_POST
@at_desk
def number_added(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    window = request.POST.get("window", "repairs")
    with pressing() as press:
        add_number(
            visit_id,
            request.POST.get("phone", "")[:100],
            actor=desk.actor,
            now=desk.now,
            request=asked(request, "number"),
        )
    if refusal := press.refusal:
        errors = errors_of(refusal, ZoneInfo(visit.branch.zone))
        text = next(iter(errors.fields.values()), errors.form)
        context = {"visit": visit, "error": text, "typed_number": request.POST.get("phone", ""), "window": window}
        return answer(request, "board/add_number.html", context, status=422)
    url = reverse("late_notice" if window == "late-notice" else "repairs", args=(visit_id,))
    return answer(request, "board/add_number.html", {"visit": visit}, triggers=opening(window, url, visit_id))


def window_context(window: VisitWindow) -> dict[str, object]:
    """What the heads of all windows of a visit show."""
    visit = window.visit
    return {
        "w": window,
        "visit": visit,
        "zone": visit.branch.zone,
        "state_word": state_word(window),
        "phones": shown_phones(window.phones),
        "works": list(visit.works.all()),
        "why_not_arrived": visit.status,
    }


def shown_phones(client_phones: Sequence[Phone], dialled_id: int | None = None) -> list[ShownPhone]:
    """Masked, but for the number that is being dialled: that is in the access log already.

    The key dials the first number that is right.
    """
    first_id = next((phone.pk for phone in client_phones if not phone.is_wrong), None)
    return [
        ShownPhone(
            id=phone.pk,
            text=phones.display(phone.number) if phone.pk == dialled_id else phones.masked(phone.number),
            is_wrong=phone.is_wrong,
            is_whole=phone.pk == dialled_id,
            has_key=phone.pk == first_id,
        )
        for phone in client_phones
    ]


def state_word(window: VisitWindow) -> str:
    counts_to = window.change.counts_to
    time = f"{counts_to.astimezone(window.zone):%H:%M}" if counts_to else ""
    return STATES[window.state].format(time=time)


def _buttons(window: VisitWindow) -> list[Button]:
    return [
        Button(
            name=_name(step, window),
            url=_url(step, window.visit),
            window=_WINDOWS.get(step, ""),
            key=STEPS[step][1],
            letter=str(STEPS[step][2]),
            sign=STEPS[step][3],
            why_off=str(REFUSALS.get(why_off, why_off)) if why_off else "",
        )
        for step, why_off in window.steps.items()
        if step is not Step.DIAL
    ]


def _name(step: Step, window: VisitWindow) -> str:
    kind = kind_in(window.state)
    return str(CONTACTS[kind] if step is Step.LATE_NOTICE and kind else STEPS[step][0])


def _url(step: Step, visit: Visit) -> str:
    if step is Step.MOVE_BY_HAND:
        return ""
    if step in _URLS:
        return reverse(_URLS[step], args=(visit.pk,))
    return reverse("step", args=(visit.pk, _PRESSED[step]))


def _visits_beside(visit: Visit, desk: Desk) -> list[dict[str, object]]:
    """The client's visits: those behind the branch wall by date and branch only."""
    return [
        {
            "visit": other,
            "is_here": desk.actor.sees(other.branch_id),
            "is_this": other.pk == visit.pk,
            "is_this_car": other.car_id == visit.car_id,
        }
        for other in visits_of_client(visit)
    ]
