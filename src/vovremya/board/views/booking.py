"""«Предварительная запись»: a new visit by phone, and moving one by the client's wishes (M10)."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from vovremya.board.queries.booking import (
    client_chosen,
    read_slot,
    works_by_ids,
)
from vovremya.board.queries.windows import VisitWindow, typed_in_card, visit_seen, visit_window
from vovremya.board.texts import MORE_FIELDS, MOVED_COMMENT, booked_words
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    closing,
    nothing,
    opening,
    pressing,
    whole_number,
)
from vovremya.board.views.booking_fields import (
    cars_to_choose,
    client_and_car,
    client_id_chosen,
    details_typed,
    fill_in_typed,
    looked_for,
    numbers_typed,
    typed_coefficient,
)
from vovremya.board.views.free_times import (
    ASKED_BY,
    booking_errors,
    branch_to_book,
    duration_typed,
    minutes_of,
    plan_of,
    slot_pressed,
    slots_context,
    wished_for,
    wishes_context,
    wishes_for_booking,
    wishes_for_move,
    work_ids_in,
)
from vovremya.board.views.overbooking import PlannedSlot, on_top_of, read_overbooking
from vovremya.board.views.repairs import window_context
from vovremya.directory.models import Branch
from vovremya.directory.queries import bays_of, works_of
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal
from vovremya.schedule.queries import Asker, end_of_work
from vovremya.schedule.refusals import BayTaken
from vovremya.ui.dates import day_and_month
from vovremya.visits.actions import contact
from vovremya.visits.actions.booking import Plan, book, change_arrived, move
from vovremya.visits.actions.cars import change_coefficient
from vovremya.visits.actions.removal import restore
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit
from vovremya.visits.queries import work_lasts
from vovremya.visits.rules.words import Status
from vovremya.waitlist.actions.keeping import Wanted, put_on_list, want_sooner


@at_desk
def move_window(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Move mode: the visit is carried along, wishes narrow the free times, «Перенести» moves."""
    window = visit_window(visit_id, desk.actor, desk.now)
    desk.actor.require(window.visit.branch_id, Right.MOVE, Right.RESTORE_TODAY)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("board", code=window.visit.branch.code)
        return _draw_move(request, desk, window, Errors())
    slot, beneath = _wanted(request)
    if slot is None:
        return _draw_move(request, desk, window, booking_errors(BadInput({"slot": "slot_needed"}), window.zone))
    plan = plan_of(request, window.visit.branch, slot, window.visit)
    with pressing() as press:
        _move_or_restore(request, desk, window, plan, beneath)
    if refusal := press.refusal:
        return _draw_move(request, desk, window, booking_errors(refusal, window.zone))
    if request.GET.get("from") == "card":
        # The card comes back with the outcome and the comment made ready.
        card = opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id)
        return nothing({"vovremya:close": {"windows": ["booking"], "visit": visit_id}} | card)
    local = plan.starts_at.astimezone(window.zone)
    toast = gettext("Запись перенесена на {day}, {time}.").format(day=day_and_month(local), time=f"{local:%H:%M}")
    return nothing(closing(visit_id, "booking", "late-notice", "repairs", toast=toast))


@at_desk
def change_bay(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Another bay or end of work for a client who is here; the arrival time stays."""
    window = visit_window(visit_id, desk.actor, desk.now)
    desk.actor.require(window.visit.branch_id, Right.CHANGE_BAY_OF_ARRIVED)
    errors = Errors()
    if request.method == "POST":
        try:
            _change_bay(request, desk, window)
            return nothing(closing(visit_id, "booking", "repairs", toast=gettext("Пост и время работ изменены.")))
        except (NotAllowed, NotFound):
            raise
        except Refusal as refusal:
            errors = booking_errors(refusal, window.zone)
    context = {
        **window_context(window),
        "bays": bays_of(window.visit.branch),
        "duration": request.POST.get("duration") or minutes_of(work_lasts(window.visit)),
        "bay_id": whole_number(request.POST.get("bay")) or window.visit.bay_id,
        "errors": errors,
    }
    return answer(request, "board/change_bay.html", context, status=422 if errors else 200)


@at_desk
def booking_window(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """A new visit by phone, in the order of the call."""
    branch = branch_to_book(desk, code)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("board", code=branch.code)
        return _draw_booking(request, desk, branch, Errors())
    zone = ZoneInfo(branch.zone)
    try:
        visit = _book(request, desk, branch)
    except AlreadyDone as done:
        visit = visit_seen(done.entry.visit_id or 0, desk.actor)
    except (NotAllowed, NotFound):
        raise
    except Refusal as refusal:
        return _draw_booking(request, desk, branch, booking_errors(refusal, zone))
    local = visit.starts_at.astimezone(zone)
    toast = booked_words(local, visit.bay)
    if request.POST.get("sooner") == "yes":
        toast += " " + gettext("Хочет раньше: в листе ожидания.")
    return nothing(closing(visit.pk, "booking", toast=toast))


@require_POST
@at_desk
def put_on_waitlist(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """There is no time that suits: the client waits for one, with all that was asked for and wished."""
    branch = branch_to_book(desk, code)
    with pressing() as press:
        _put_on_list(request, desk, branch)
    if refusal := press.refusal:
        return _draw_booking(request, desk, branch, booking_errors(refusal, ZoneInfo(branch.zone)))
    toast = gettext("Клиент в листе ожидания: позвоним, когда освободится время.")
    return nothing(closing(None, "booking", toast=toast))


def _change_bay(request: HttpRequest, desk: Desk, window: VisitWindow) -> None:
    minutes = duration_typed(request.POST.get("duration"), 0)
    if not minutes:
        raise BadInput({"ends_at": "duration_needed"})
    visit, bay_id = window.visit, whole_number(request.POST.get("bay")) or 0
    bay = next((bay for bay in bays_of(visit.branch) if bay.pk == bay_id), visit.bay)
    with suppress(AlreadyDone):
        change_arrived(
            visit.pk,
            bay_id,
            end_of_work(bay, visit.starts_at, timedelta(minutes=minutes), visit.closes_at),
            actor=desk.actor,
            now=desk.now,
            plan_version=whole_number(request.POST.get("plan_version")) or 0,
            real_now=desk.real_now,
            request=asked(request, "bay"),
        )


def _move_or_restore(
    request: HttpRequest, desk: Desk, window: VisitWindow, plan: Plan, on_top_of: frozenset[int] | None
) -> None:
    if _is_restoring(request):
        restore(
            window.visit.pk,
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            plan=plan,
            request=asked(request, "restore"),
        )
        return
    local = plan.starts_at.astimezone(window.zone)
    move(
        window.visit.pk,
        plan,
        actor=desk.actor,
        now=desk.now,
        real_now=desk.real_now,
        plan_version=whole_number(request.POST.get("plan_version")) or 0,
        comment=MOVED_COMMENT.format(day=day_and_month(local), time=f"{local:%H:%M}"),
        from_card=request.GET.get("from") == "card",
        late_reason_id=whole_number(typed_in_card(window.standing.case, desk.actor).get("reason")),
        is_overbooked=on_top_of is not None,
        on_top_of=on_top_of,
        with_chain=request.POST.get("chain") == "yes",
        request=asked(request, "move"),
    )


def _is_restoring(request: HttpRequest) -> bool:
    """The window says what it is for: a visit removed behind an open move is not brought back by it."""
    return request.GET.get("restore") == "1"


def _draw_move(request: HttpRequest, desk: Desk, window: VisitWindow, errors: Errors) -> HttpResponse:
    visit = window.visit
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit.pk)
    wishes = wishes_for_move(request, visit, group_id=visit.bay.group_id)
    context = {
        **window_context(window),
        **wishes_context(visit.branch),
        **slots_context(request, desk, visit.branch, asker, wishes, errors),
        **_overbooking_context(request, desk, visit.branch, asker, errors),
        "is_restoring": _is_restoring(request),
        "over_url": reverse("overbooking_of_move", args=(visit.pk,))
        + f"?{urlencode({'query': request.GET.urlencode()})}",
        "send_to": f"{request.path}?{request.GET.urlencode()}",
        "asked_by": "#booking .wishes :is(input, select)",
        "is_move": True,
        "query": request.GET.urlencode(),
        "slots_url": reverse("slots_for_move", args=(visit.pk,)),
        "has_followers": visit.followers.filter(status=Status.PLANNED).exists(),
    }
    return answer(request, "board/move.html", context, status=422 if errors else 200)


def _draw_booking(request: HttpRequest, desk: Desk, branch: Branch, errors: Errors) -> HttpResponse:
    client_id = client_id_chosen(request, branch)
    client = client_chosen(branch, client_id, looked_for(request)) if client_id else None
    prefetch_related_objects([client] if client else [], "phones", "cars")
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id)
    context = {
        "branch": branch,
        "zone": branch.zone,
        **wishes_context(branch),
        **slots_context(request, desk, branch, asker, wishes_for_booking(request, branch), errors),
        **_overbooking_context(request, desk, branch, asker, errors),
        "over_url": reverse("overbooking_of_new", args=(branch.code,)),
        "send_to": request.path,
        "works": works_of(branch),
        "chosen_works": request.POST.getlist("work"),
        "repair_kinds": Visit.RepairKind.choices,
        "sources": [choice for choice in Visit.Source.choices if choice[0] != Visit.Source.IMPORT],
        "slots_url": reverse("slots_for_booking", args=(branch.code,)),
        "asked_by": ASKED_BY,
        "client": client,
        "cars": cars_to_choose(branch, [client], desk.now)[client.pk] if client else (),
        "may_wait": desk.actor.may(Right.KEEP_WAITLIST, branch.pk),
        "more_fields": MORE_FIELDS,
        "has_more_typed": any(request.POST.get(name) for name, _, _ in MORE_FIELDS),
        "typed": request.POST,
    }
    return answer(request, "board/booking.html", context, status=422 if errors else 200)


def _overbooking_context(
    request: HttpRequest, desk: Desk, branch: Branch, asker: Asker, errors: Errors
) -> dict[str, object]:
    """What a time that was just lost would be on top of: shown anew where that has changed."""
    may_overbook = desk.actor.may(Right.OVERBOOK, branch.pk) and not _is_restoring(request)
    lost = read_slot(slot_pressed(request)) if errors.code == BayTaken.code else None
    over = read_overbooking(request.POST.get("overbook", ""))
    slot = over[0] if over else lost
    return {"may_overbook": may_overbook, "on_top": on_top_of(branch, slot, asker) if slot and may_overbook else None}


def _wanted(request: HttpRequest) -> tuple[PlannedSlot | None, frozenset[int] | None]:
    """The time that was pressed, and the visits that it is knowingly on top of, if it is to be overbooked."""
    over = read_overbooking(request.POST.get("overbook", ""))
    return over or (read_slot(slot_pressed(request)), None)


def _book(request: HttpRequest, desk: Desk, branch: Branch) -> Visit:
    slot, beneath = _wanted(request)
    client_id = client_id_chosen(request, branch)
    name = request.POST.get("name", "").strip()
    problems = {}
    if slot is None:
        problems["slot"] = "slot_needed"
    if not client_id and not name:
        problems["name"] = "client_needed"
    if problems or slot is None:
        raise BadInput(problems)
    numbers = numbers_typed(request)
    with transaction.atomic():
        client, car = client_and_car(request, desk, branch, client_id, name)
        visit = book(
            branch.pk,
            client,
            car,
            plan_of(request, branch, slot),
            details_typed(request, branch, car, desk.now),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            is_overbooked=beneath is not None,
            on_top_of=beneath,
            request=asked(request, "book"),
        )
        fill_in_typed(request, client)
        if request.POST.get("sooner") == "yes":
            want_sooner(visit, wished_for(request), actor=desk.actor, now=desk.now)
        if coefficient := typed_coefficient(request):
            change_coefficient(visit.pk, coefficient, actor=desk.actor, now=desk.now)
    # After it: whoever adds a number has the client's other visits told, and locks them before any bay.
    known = set(client.phones.values_list("number", flat=True)) if numbers else ()
    for number in numbers:
        if number not in known:
            contact.add_number(visit.pk, number, actor=desk.actor, now=desk.now)
    return visit


def _put_on_list(request: HttpRequest, desk: Desk, branch: Branch) -> None:
    client_id = client_id_chosen(request, branch)
    name = request.POST.get("name", "").strip()
    if not client_id and not name:
        raise BadInput({"name": "client_needed"})
    wishes = wishes_for_booking(request, branch)
    with transaction.atomic():
        client, car = client_and_car(request, desk, branch, client_id, name)
        wanted = Wanted(
            client,
            car,
            wishes.duration_minutes,
            is_norm=wishes.is_norm,
            works=list(works_by_ids(branch, work_ids_in(request.POST))),
            details=details_typed(request, branch, car, desk.now),
        )
        key = asked(request, "wait")
        put_on_list(branch.pk, wanted, wished_for(request), actor=desk.actor, now=desk.now, request=key)
        fill_in_typed(request, client)
