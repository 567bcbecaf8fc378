"""The window of a contact, «Оповещение об опоздании» first: dial, result, script, answer (M4–M9, M12)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.conversation import script_steps, spoken_day
from vovremya.board.queries.offers import LEAD, Offer, Offers, offers_for, own_bay_from
from vovremya.board.queries.windows import CardWindow, VisitWindow, card_window, draft_sequence, eta_text, visit_seen
from vovremya.board.texts import (
    ETA_CHOICES,
    READY_COMMENTS,
    READY_COMMENTS_OF_MOVE,
    READY_COMMENTS_OF_REMINDER,
    RESULT_KEYS,
)
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
    refusal_text,
    whole_number,
)
from vovremya.board.views.repairs import draw_repairs, shown_phones, window_context
from vovremya.customers.actions import reveal
from vovremya.customers.models import PhoneReveal
from vovremya.directory.queries import late_reasons_of
from vovremya.directory.rules import Right
from vovremya.kernel.clock import to_milliseconds
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.schedule.queries import Asker
from vovremya.visits.actions import contact
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.models import Case, Visit
from vovremya.visits.queries import last_case_of, open_case_of
from vovremya.visits.refusals import CardHeld, Conflict, NotPlanned
from vovremya.visits.rules.arrival import BadEta, read_eta
from vovremya.visits.rules.steps import Step
from vovremya.visits.rules.words import CHOSEN_RESULTS, Answer, CallResult, CaseKind, Outcome, Status
from vovremya.visits.texts import ANSWERS, CONTACTS, OUTCOMES, RESULTS

#: Results that say at once how the call goes on; the others wait for «Сохранить».
_AT_ONCE = frozenset({CallResult.ANSWERED, CallResult.WRONG_NUMBER, CallResult.DROPPED, CallResult.LINE_FAULT})
_TYPED = ("result", "eta", "eta_text", "reason", "answer", "comment", "later")


@at_desk
def late_notice(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Open the card and hold it where it is free. Only the windows of the board ask for it.

    A POST brings the card up to date and keeps what was typed into it.
    """
    visit = visit_seen(visit_id, desk.actor)
    if "HX-Request" not in request.headers:
        return redirect(f"{reverse('board', args=(visit.branch.code,))}?day={visit.on.isoformat()}")
    if desk.actor.may(Right.CONTACT, visit.branch_id):
        try:
            contact.open_card(visit_id, actor=desk.actor, now=desk.now, real_now=desk.real_now)
        except NotFound:
            raise
        except Refusal as refusal:
            # An ended contact speaks for itself; that nobody is late yet must be said.
            is_over = visit.status != Status.PLANNED or last_case_of(visit_id) is not None
            errors = None if is_over else errors_of(refusal, ZoneInfo(visit.branch.zone))
            return _ended_card(request, desk, visit, errors)
    return draw_card(request, desk, visit_id, is_typed_kept=request.method == "POST")


@require_safe
@at_desk
def offers(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """What can be offered from the arrival on that stands in the card now, and the script with these times."""
    card = card_window(visit_id, desk.actor, desk.now, desk.real_now)
    if card is None:
        return HttpResponse(status=204)  # the notice of the window says how the contact has ended
    found = _offers(card, request.GET, desk)
    context = {
        "zone": card.window.visit.branch.zone,
        "offers": found,
        "script": script_steps(card.window, found, desk.user),
        "is_news": True,
    }
    return answer(request, "board/offers_news.html", context)


@require_POST
@at_desk
def dial_number(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """«Набрать»: the attempt runs, the card opens by itself, the telephone dials."""
    visit = visit_seen(visit_id, desk.actor)
    is_in_card = request.POST.get("window") == "late-notice"
    if not desk.actor.may(Right.CONTACT, visit.branch_id):
        return _ordinary_call(request, desk, visit)
    with pressing() as press:
        contact.dial(
            visit_id,
            whole_number(request.POST.get("phone")) or 0,
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            is_repeat_confirmed=request.POST.get("confirmed") == "yes",
            request=asked(request, "dial"),
        )
    if refusal := press.refusal:
        is_no_contact = isinstance(refusal, NotPlanned) or refusal.code == "not_late"
        if is_no_contact and not is_in_card:
            return _ordinary_call(request, desk, visit)
        errors = errors_of(refusal, ZoneInfo(visit.branch.zone))
        draw = draw_card if is_in_card else draw_repairs
        return draw(request, desk, visit_id, errors=errors)
    triggers = dialling(_number(request, visit), visit.branch)
    if is_in_card:
        return draw_card(request, desk, visit_id, triggers=triggers)
    triggers |= opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id)
    return nothing(triggers)


@require_POST
@at_desk
def warned(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """«Клиент предупредил»: the client calls us, before the lateness or after it."""
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        contact.client_called(
            visit_id, actor=desk.actor, now=desk.now, real_now=desk.real_now, request=asked(request, "warned")
        )
    if refusal := press.refusal:
        return draw_repairs(request, desk, visit_id, errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return nothing(opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id))


@require_POST
@at_desk
def result(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """A result that leads on at once: reached, wrong number, broken line."""
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        _record(request, desk, visit_id)
    if refusal := press.refusal:
        return draw_card(request, desk, visit_id, errors=errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return draw_card(request, desk, visit_id, is_typed_kept=True)


@require_POST
@at_desk
def save(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """«Сохранить»: a failure is written, the contact moves, and the board is in view again (M5)."""
    visit = visit_seen(visit_id, desk.actor)
    zone = ZoneInfo(visit.branch.zone)
    has_result = bool(request.POST.get("result"))
    with pressing() as press:
        if has_result:
            _record(request, desk, visit_id)
            contact.release_card(visit_id, actor=desk.actor, now=desk.now)
        else:
            contact.save_card(
                visit_id,
                _card_input(request),
                actor=desk.actor,
                now=desk.now,
                real_now=desk.real_now,
                case_version=_version(request),
                typed=_draft_body(request),
                request=asked(request, "save"),
            )
    if refusal := press.refusal:
        return draw_card(request, desk, visit_id, errors=errors_of(refusal, zone))
    toast = _what_is_next(visit_id, zone) if has_result else gettext("Карточка сохранена.")
    return nothing(closing(visit_id, "late-notice", "repairs", toast=toast))


def _what_is_next(visit_id: int, zone: ZoneInfo) -> str:
    case = last_case_of(visit_id)
    if case and case.outcome == Outcome.UNCONFIRMED:
        return gettext("Визит не подтверждён, запись остаётся.")
    if case and case.grounds:
        return gettext("Основание для удаления записи.")
    if case and case.retry_at:
        return gettext("Повторный звонок в {time}.").format(time=f"{case.retry_at.astimezone(zone):%H:%M}")
    return gettext("Карточка сохранена.")


@require_POST
@at_desk
def finished(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """«Опрос завершён»: back to «График» by itself, or on to the move or the removal that the answer asks for."""
    visit = visit_seen(visit_id, desk.actor)
    also = tuple(number for text in request.POST.getlist("also") if (number := whole_number(text)))
    with pressing() as press:
        contact.finish(
            visit_id,
            _card_input(request),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            case_version=_version(request),
            zone=ZoneInfo(visit.branch.zone),
            also_visit_ids=also,
            request=asked(request, "finish"),
        )
    if refusal := press.refusal:
        return _not_finished(request, desk, visit, refusal)
    return nothing(closing(visit_id, "late-notice", "repairs", toast=gettext("Опрос завершён.")))


@require_POST
@at_desk
def later(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """The client asked to be called later, or somebody else answered."""
    visit = visit_seen(visit_id, desk.actor)
    zone = ZoneInfo(visit.branch.zone)
    with pressing() as press:
        contact.call_back_later(
            visit_id,
            request.POST.get("later", ""),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            case_version=_version(request),
            zone=zone,
            by_other_person=request.POST.get("who") == "other",
            comment=request.POST.get("comment", "")[:4000],
            request=asked(request, "later"),
        )
    if refusal := press.refusal:
        errors = errors_of(refusal, zone)
        if "eta" in errors.fields:
            errors.fields["later"] = errors.fields.pop("eta")
        return draw_card(request, desk, visit_id, errors=errors)
    return nothing(closing(visit_id, "late-notice", "repairs", toast=_what_is_next(visit_id, zone)))


@require_POST
@at_desk
def wait_on(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        contact.keep_waiting(visit_id, actor=desk.actor, now=desk.now, request=asked(request, "wait"))
    if refusal := press.refusal:
        return draw_card(request, desk, visit_id, errors=errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return nothing(closing(visit_id, "late-notice", "repairs", toast=gettext("Ждём дальше.")))


@require_POST
@at_desk
def note(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """A comment for the history of a contact that has ended: moved from the card, or overtaken by someone."""
    visit = visit_seen(visit_id, desk.actor)
    case_id = whole_number(request.POST.get("case")) or 0
    if not visit.cases.filter(pk=case_id).exists():
        raise NotFound
    with pressing() as press:
        contact.add_note(
            case_id,
            request.POST.get("comment", "")[:4000],
            actor=desk.actor,
            now=desk.now,
            result=next((result for result in CHOSEN_RESULTS if result == request.POST.get("result")), None),
            request=asked(request, "note"),
        )
    if refusal := press.refusal:
        return _ended_card(request, desk, visit, errors_of(refusal, ZoneInfo(visit.branch.zone)))
    was_moved = _was_moved(last_case_of(visit_id))
    toast = gettext("Опрос завершён.") if was_moved else gettext("Комментарий сохранён.")
    return nothing(closing(visit_id, "late-notice", "repairs", toast=toast))


@require_POST
@at_desk
def taken_over(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        contact.take_over(
            visit_id, actor=desk.actor, now=desk.now, real_now=desk.real_now, request=asked(request, "take-over")
        )
    if refusal := press.refusal:
        return draw_card(request, desk, visit_id, errors=errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return draw_card(request, desk, visit_id, adopted=request.POST.get("adopt") == "yes")


@require_POST
@at_desk
def reopened(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        contact.reopen(visit_id, actor=desk.actor, now=desk.now, request=asked(request, "reopen"))
    if refusal := press.refusal:
        return draw_repairs(request, desk, visit_id, errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return nothing(opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id))


@require_POST
@at_desk
def released(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """The window was closed without a result: the card is free, the draft is kept."""
    contact.release_card(visit_id, actor=desk.actor, now=desk.now)
    return HttpResponse(status=204)


@require_POST
@at_desk
def lease(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    case = _case_in_hand(desk, visit_id)
    is_mine = case is not None and contact.renew_lease(case.pk, actor=desk.actor, real_now=desk.real_now)
    return HttpResponse(status=204 if is_mine else 409)


@require_POST
@at_desk
def draft(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Keep what is typed; one that comes late is dropped, and told the number that it came after."""
    case = _case_in_hand(desk, visit_id)
    if case is None:
        return HttpResponse(status=409)
    is_kept = contact.save_draft(
        case.pk,
        actor=desk.actor,
        sequence=whole_number(request.POST.get("sequence")) or 0,
        body=_draft_body(request),
        real_now=desk.real_now,
    )
    return HttpResponse(status=204) if is_kept else HttpResponse(draft_sequence(case, desk.user.pk), status=409)


def _draft_body(request: HttpRequest) -> dict[str, object]:
    return {name: request.POST.get(name, "")[:4000] for name in _TYPED if name in request.POST}


def _case_in_hand(desk: Desk, visit_id: int) -> Case | None:
    visit = visit_seen(visit_id, desk.actor)
    desk.actor.require(visit.branch_id, Right.CONTACT)
    return open_case_of(visit_id)


def draw_card(
    request: HttpRequest,
    desk: Desk,
    visit_id: int,
    *,
    errors: Errors | None = None,
    is_typed_kept: bool = False,
    adopted: bool = False,
    triggers: dict[str, object] | None = None,
) -> HttpResponse:
    """The card as it stands; what was typed comes from the refused form, else from the draft."""
    if errors and errors.code == Conflict.code:
        # Out of date is not out of hand: where nobody has the card now, the next press passes.
        with suppress(Refusal):
            contact.open_card(visit_id, actor=desk.actor, now=desk.now, real_now=desk.real_now)
    card = card_window(visit_id, desk.actor, desk.now, desk.real_now)
    if card is None:
        return _ended_card(request, desk, visit_seen(visit_id, desk.actor), errors)
    typed = _typed(request, card, is_posted=errors is not None or is_typed_kept, adopted=adopted)
    if is_typed_kept:
        typed.pop("result", None)
    context = {
        **window_context(card.window),
        **_card_context(card, _offers(card, typed, desk), desk),
        "typed": typed,
        "errors": errors or Errors(),
        "may_remove": card.window.steps.get(Step.REMOVE) == "",
        "may_move": card.window.steps.get(Step.MOVE) == "",
    }
    return answer(request, "board/late_notice.html", context, status=422 if errors else 200, triggers=triggers)


def _card_context(card: CardWindow, offers: Offers, desk: Desk) -> dict[str, object]:
    window = card.window
    case = card.case
    policy = window.standing.policy
    is_deadline = not (case.reached_at or case.retry_at or case.grounds) and case.kind == CaseKind.LATE
    deadline = card.deadline if is_deadline else None
    counts_to = case.retry_at or deadline
    return {
        "card": card,
        "phones": shown_phones(window.phones, dialled_id=_dialled_id(card, desk)),
        "why_no_dial": _why_no_dial(card, desk),
        "case": case,
        "offers": offers,
        "busy_bay_from": _busy_bay_from(card, desk),
        "script": script_steps(window, offers, desk.user),
        "results": [
            (result, RESULTS[result], key, result in _AT_ONCE)
            for result, key in zip(CHOSEN_RESULTS, RESULT_KEYS, strict=True)
        ],
        "result_words": RESULTS,
        "eta_choices": ETA_CHOICES,
        "answers": [(answer, ANSWERS[answer]) for answer in Answer],
        "late_reasons": late_reasons_of(window.visit.branch, with_retired=case.late_reason_id),
        "visit_day": spoken_day(window.visit.starts_at, window.now, window.zone),
        "ready_comments": _ready_comments(window, case),
        "near_within": int(policy.near_within.total_seconds() // 60),
        "retry_after": int(policy.retry_after.total_seconds() // 60),
        "failures_left": policy.attempts
        - (len(window.standing.facts.case.failures) if window.standing.facts.case else 0),
        "is_reached": case.reached_at is not None,
        "answered_ms": to_milliseconds(case.reached_at) if case.reached_at else "",
        "counts_to_ms": to_milliseconds(counts_to) if counts_to else "",
        "is_deadline": case.retry_at is None and deadline is not None,
    }


def _ready_comments(window: VisitWindow, case: Case) -> dict[str, str]:
    if case.kind == CaseKind.LATE:
        return {answer: str(words) for answer, words in READY_COMMENTS.items()}
    time = f"{window.visit.starts_at.astimezone(window.zone):%H:%M}"
    day = spoken_day(window.visit.starts_at, window.now, window.zone)
    ready = READY_COMMENTS_OF_MOVE if case.kind == CaseKind.MOVE else READY_COMMENTS_OF_REMINDER
    return {answer: words.format(time=time, day=day) for answer, words in ready.items()}


def _offers(card: CardWindow, typed: Mapping[str, object], desk: Desk) -> Offers:
    # Who is reminded and wants another time wants none before the one that is booked.
    is_reminder = card.case.kind == CaseKind.REMIND
    arrives_at = card.window.visit.starts_at if is_reminder else _arrival(typed, card.case, card.window.zone)
    return offers_for(card.window, desk.actor, desk.now, desk.real_now, arrives_at)


def _arrival(typed: Mapping[str, object], case: Case, zone: ZoneInfo) -> datetime | None:
    """The promised arrival, as far as what stands in the card can be read."""
    text = eta_text(typed)
    if case.reached_at is None or not text:
        return None
    try:
        return read_eta(text, answered_at=case.reached_at, zone=zone)
    except BadEta:
        return None


def _busy_bay_from(card: CardWindow, desk: Desk) -> Offer | None:
    """When the bay that another car has not left can be had."""
    if card.on_the_bay is None:
        return None
    visit = card.window.visit
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit.pk)
    return own_bay_from(desk.now + LEAD, visit, asker)


def _dialled_id(card: CardWindow, desk: Desk) -> int | None:
    """The number that this operator is calling: shown whole, for those who dial on a telephone of their own."""
    attempt = card.live_attempt
    return attempt.phone_id if attempt and attempt.started_by_id == desk.user.pk else None


def _why_no_dial(card: CardWindow, desk: Desk) -> str:
    """The client of a card in other hands is called by who has it; who leads no contacts may call about anything."""
    lease = card.lease
    if lease is None or card.is_mine or not desk.actor.may(Right.CONTACT, card.window.visit.branch_id):
        return ""
    return refusal_text(CardHeld(who=str(lease.user), since=lease.taken_at), card.window.zone)


def _typed(request: HttpRequest, card: CardWindow, *, is_posted: bool, adopted: bool) -> dict[str, object]:
    if is_posted:
        return {name: request.POST.get(name, "") for name in _TYPED} | {"also": request.POST.getlist("also")}
    draft = card.others_draft if adopted else card.draft
    if draft:
        # What stands in a window of a card that was out of hand may be newer than the draft.
        newer = {} if adopted else {name: request.POST[name] for name in _TYPED if request.POST.get(name)}
        return dict(draft.body) | newer | {"is_draft": True}
    case = card.case
    return {"comment": case.comment, "reason": str(case.late_reason_id or "")}


def _ended_card(request: HttpRequest, desk: Desk, visit: Visit, errors: Errors | None) -> HttpResponse:
    """There is no open case: the client has arrived, the visit was moved or removed, or nobody is late.

    What was typed stays and can still be added to the history (hard cases 1 and 5).
    """
    last = last_case_of(visit.pk)
    typed = request.POST.get("comment", "")
    is_moved = _was_moved(last)
    context = {
        "visit": visit,
        "zone": visit.branch.zone,
        "case": last,
        "heading": CONTACTS[CaseKind(last.kind)] if last else CONTACTS[CaseKind.LATE],
        "outcome": OUTCOMES[Outcome(last.outcome)] if last and last.outcome else "",
        "is_moved": is_moved,
        "typed": {"comment": typed or (last.comment if last and is_moved else "")},
        "may_add": last is not None and desk.actor.may(Right.CONTACT, visit.branch_id),
        "errors": errors or Errors(),
    }
    return answer(request, "board/card_ended.html", context, status=422 if errors and typed else 200)


def _was_moved(case: Case | None) -> bool:
    """The card that came back from the booking: what remains to be done with it is «Опрос завершён» (M10)."""
    return case is not None and case.outcome == Outcome.MOVED


def _not_finished(request: HttpRequest, desk: Desk, visit: Visit, refusal: Refusal) -> HttpResponse:
    if refusal.code in ("move_first", "removal_first"):
        name, window = ("move", "booking") if refusal.code == "move_first" else ("remove", "removal")
        url = reverse(name, args=(visit.pk,)) + "?from=card"
        return nothing(opening(window, url, visit.pk))
    return draw_card(request, desk, visit.pk, errors=errors_of(refusal, ZoneInfo(visit.branch.zone)))


def _ordinary_call(request: HttpRequest, desk: Desk, visit: Visit) -> HttpResponse:
    """A call about a visit that is not late, or by one who leads no contacts: no card, only the access log."""
    phone = visit.client.phones.filter(pk=whole_number(request.POST.get("phone")) or 0).first()
    if phone is None:
        raise NotFound
    number = reveal(phone, desk.actor, visit.branch_id, PhoneReveal.Purpose.DIAL, desk.now, visit.pk)
    return nothing(dialling(number, visit.branch))


def _number(request: HttpRequest, visit: Visit) -> str:
    """What was dialled just now, and laid down in the access log by the action."""
    phone = visit.client.phones.filter(pk=whole_number(request.POST.get("phone")) or 0).first()
    return phone.number if phone else ""


def _record(request: HttpRequest, desk: Desk, visit_id: int) -> None:
    result = next((result for result in CHOSEN_RESULTS if result == request.POST.get("result")), None)
    if result is None:
        raise BadInput({"result": "result_needed"})
    contact.record_attempt(
        visit_id,
        result,
        actor=desk.actor,
        now=desk.now,
        real_now=desk.real_now,
        case_version=_version(request),
        comment=request.POST.get("comment", "")[:4000] if result not in _AT_ONCE else "",
        request=asked(request, "result"),
    )


def _card_input(request: HttpRequest) -> CardInput:
    answer_given = request.POST.get("answer", "")
    return CardInput(
        answer=Answer(answer_given) if answer_given in list(Answer) else None,
        eta=eta_text(request.POST),
        is_eta_unknown=request.POST.get("eta") == "unknown",
        late_reason_id=whole_number(request.POST.get("reason")),
        comment=request.POST.get("comment", "")[:4000],
    )


def _version(request: HttpRequest) -> int:
    return whole_number(request.POST.get("case_version")) or 0
