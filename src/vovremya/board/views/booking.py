"""«Предварительная запись»: a new visit by phone, and moving one by the client's wishes (M10)."""

from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from vovremya.board.queries.booking import Wishes, by_day, client_chosen, clients_by_text, free_times, read_slot
from vovremya.board.queries.windows import VisitWindow, typed_in_card, visit_seen, visit_window
from vovremya.board.texts import DURATIONS, MOVED_COMMENT, PARTS_OF_DAY
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    closing,
    errors_of,
    nothing,
    opening,
    pressing,
    read_day,
    require,
    whole_number,
)
from vovremya.board.views.repairs import window_context
from vovremya.customers.actions import NO_CAR, add_car, register
from vovremya.customers.models import Car, Client
from vovremya.customers.rules import CarGiven
from vovremya.directory.models import Branch, Work
from vovremya.directory.queries import advisors_of, bays_of, branch_by_code, works_of
from vovremya.directory.rules import Right
from vovremya.kernel import phones
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal
from vovremya.schedule.actions import hold
from vovremya.schedule.queries import Asker
from vovremya.schedule.refusals import BayTaken, TooLong
from vovremya.schedule.rules.slots import PartOfDay
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book, change_arrived, move
from vovremya.visits.actions.removal import restore
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status

_MINUTE = timedelta(minutes=1)
_DEFAULT_MINUTES = 60


@at_desk
def move_window(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Move mode: the visit is carried along, wishes narrow the free times, «Перенести» moves."""
    window = visit_window(visit_id, desk.actor, desk.now)
    require(desk, window.visit.branch_id, Right.MOVE, Right.RESTORE_TODAY)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("board", code=window.visit.branch.code)
        return _draw_move(request, desk, window, Errors())
    slot = read_slot(_slot_pressed(request))
    if slot is None:
        return _draw_move(request, desk, window, _errors(BadInput({"slot": "slot_needed"}), window.zone))
    plan = Plan(*slot, advisor_id=whole_number(request.POST.get("slot_advisor")) or window.visit.advisor_id)
    with pressing() as press:
        _move_or_restore(request, desk, window, plan)
    if refusal := press.refusal:
        return _draw_move(request, desk, window, _errors(refusal, window.zone))
    if request.GET.get("from") == "card":
        # The card comes back with the outcome and the comment made ready.
        card = opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id)
        return nothing({"vovremya:close": {"windows": ["booking"], "visit": visit_id}} | card)
    local = plan.starts_at.astimezone(window.zone)
    toast = f"Запись перенесена на {local:%d.%m, %H:%M}."
    return nothing(closing(visit_id, "booking", "late-notice", "repairs", toast=toast))


@at_desk
def slots_for_move(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """The list of free times by the wishes; a POST holds the chosen one for five minutes."""
    visit = visit_seen(visit_id, desk.actor)
    require(desk, visit.branch_id, Right.MOVE, Right.RESTORE_TODAY)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit_id)
    return _draw_slots(request, desk, visit.branch, asker, _minutes(visit.ends_at - visit.starts_at))


@at_desk
def change_bay(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Another bay or end of work for a client who is here; the arrival time stays."""
    window = visit_window(visit_id, desk.actor, desk.now)
    require(desk, window.visit.branch_id, Right.CHANGE_BAY_OF_ARRIVED)
    errors = Errors()
    if request.method == "POST":
        try:
            _change_bay(request, desk, window)
            return nothing(closing(visit_id, "booking", "repairs", toast="Пост и время работ изменены."))
        except (NotAllowed, NotFound):
            raise
        except Refusal as refusal:
            errors = _errors(refusal, window.zone)
    context = {
        **window_context(window),
        "bays": bays_of(window.visit.branch),
        "duration": request.POST.get("duration") or _minutes(window.visit.ends_at - window.visit.starts_at),
        "bay_id": whole_number(request.POST.get("bay")) or window.visit.bay_id,
        "errors": errors,
    }
    return answer(request, "board/change_bay.html", context, status=422 if errors else 200)


@at_desk
def booking_window(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """A new visit by phone, in the order of the call."""
    branch = _branch(desk, code)
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
        return _draw_booking(request, desk, branch, _errors(refusal, zone))
    local = visit.starts_at.astimezone(zone)
    return nothing(closing(visit.pk, "booking", toast=f"Записан на {local:%d.%m, %H:%M}, {visit.bay.name}."))


@at_desk
def slots_for_booking(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch(desk, code)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id)
    return _draw_slots(request, desk, branch, asker, _DEFAULT_MINUTES)


@require_safe
@at_desk
def clients_found(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Clients by phone, plate, VIN or surname, to choose from: never an automatic pick (hard case 9)."""
    branch = _branch(desk, code)
    text = request.GET.get("who", "").strip()[:100]
    found = [
        {"client": client, "cars": client.cars.all(), "phones": [phones.masked(p.number) for p in client.phones.all()]}
        for client in clients_by_text(branch, text)
    ]
    return answer(request, "board/clients_found.html", {"found": found, "text": text})


def _branch(desk: Desk, code: str) -> Branch:
    branch = branch_by_code(code, desk.actor)
    require(desk, branch.pk, Right.BOOK)
    return branch


def _change_bay(request: HttpRequest, desk: Desk, window: VisitWindow) -> None:
    minutes = _duration(request.POST.get("duration"), 0)
    if not minutes:
        raise BadInput({"ends_at": "duration_needed"})
    with suppress(AlreadyDone):
        change_arrived(
            window.visit.pk,
            whole_number(request.POST.get("bay")) or 0,
            window.visit.starts_at + timedelta(minutes=minutes),
            actor=desk.actor,
            now=desk.now,
            plan_version=whole_number(request.POST.get("plan_version")) or 0,
            request=asked(request, "bay"),
        )


def _move_or_restore(request: HttpRequest, desk: Desk, window: VisitWindow, plan: Plan) -> None:
    if _is_restoring(request):
        restore(window.visit.pk, actor=desk.actor, now=desk.now, plan=plan, request=asked(request, "restore"))
        return
    local = plan.starts_at.astimezone(window.zone)
    move(
        window.visit.pk,
        plan,
        actor=desk.actor,
        now=desk.now,
        real_now=desk.real_now,
        plan_version=whole_number(request.POST.get("plan_version")) or 0,
        comment=MOVED_COMMENT.format(day=f"{local:%d.%m}", time=f"{local:%H:%M}"),
        from_card=request.GET.get("from") == "card",
        late_reason_id=whole_number(typed_in_card(window.standing.case, desk.actor).get("reason")),
        is_overbooked=request.POST.get("overbook") == "yes",
        with_chain=request.POST.get("chain") == "yes",
        request=asked(request, "move"),
    )


def _is_restoring(request: HttpRequest) -> bool:
    """The window says what it is for: a visit removed behind an open move is not brought back by it."""
    return request.GET.get("restore") == "1"


def _draw_move(request: HttpRequest, desk: Desk, window: VisitWindow, errors: Errors) -> HttpResponse:
    visit = window.visit
    minutes = _minutes(visit.ends_at - visit.starts_at)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit.pk)
    context = {
        **window_context(window),
        **_wishes_context(visit.branch),
        **_slots_context(request, desk, visit.branch, asker, minutes, default_group=visit.bay.group_id),
        "is_restoring": _is_restoring(request),
        "query": request.GET.urlencode(),
        "slots_url": reverse("slots_for_move", args=(visit.pk,)),
        "has_followers": visit.followers.filter(status=Status.PLANNED).exists(),
        "errors": errors,
    }
    return answer(request, "board/move.html", context, status=422 if errors else 200)


def _draw_booking(request: HttpRequest, desk: Desk, branch: Branch, errors: Errors) -> HttpResponse:
    client_id = whole_number(request.POST.get("client"))
    context = {
        "branch": branch,
        "zone": branch.zone,
        **_wishes_context(branch),
        **_slots_context(
            request, desk, branch, Asker(real_now=desk.real_now, user_id=desk.actor.user_id), _DEFAULT_MINUTES
        ),
        "works": works_of(branch),
        "chosen_works": request.POST.getlist("work"),
        "repair_kinds": Visit.RepairKind.choices,
        "sources": [choice for choice in Visit.Source.choices if choice[0] != Visit.Source.IMPORT],
        "slots_url": reverse("slots_for_booking", args=(branch.code,)),
        "client": client_chosen(branch, client_id, _who(request)) if client_id else None,
        "typed": request.POST,
        "errors": errors,
    }
    return answer(request, "board/booking.html", context, status=422 if errors else 200)


def _draw_slots(request: HttpRequest, desk: Desk, branch: Branch, asker: Asker, default_minutes: int) -> HttpResponse:
    errors = Errors()
    if request.method == "POST":
        try:
            _hold(branch, request.POST.get("slot", ""), desk, asker)
            return HttpResponse(status=204)
        except (NotAllowed, NotFound):
            raise
        except Refusal as refusal:
            errors = _errors(refusal, ZoneInfo(branch.zone))
    context = _slots_context(request, desk, branch, asker, default_minutes)
    drawn = {**context, "slots_url": request.path, "zone": branch.zone, "errors": errors}
    response = answer(request, "board/slots.html", drawn, status=422 if errors else 200)
    if errors:
        # The choice itself swaps nothing: the list as it is now takes the place of the old one.
        response["HX-Retarget"], response["HX-Reswap"] = "#slots", "innerHTML"
    return response


def _hold(branch: Branch, typed: str, desk: Desk, asker: Asker) -> None:
    require(desk, branch.pk, Right.MOVE)
    slot = read_slot(typed)
    if slot is None:
        raise BadInput({"slot": "slot_needed"})
    bay_id, starts_at, ends_at = slot
    bay = next((bay for bay in bays_of(branch) if bay.pk == bay_id), None)
    if bay is None:
        raise NotFound
    if ends_at <= starts_at:
        raise BadInput({"slot": "ends_before_start"})
    hold(bay, starts_at, ends_at, user_id=desk.user.pk, real_now=desk.real_now, visit_id=asker.visit_id)


def _slots_context(
    request: HttpRequest,
    desk: Desk,
    branch: Branch,
    asker: Asker,
    default_minutes: int,
    default_group: int | None = None,
) -> dict[str, object]:
    asked_for = request.POST if request.method == "POST" else request.GET
    group = whole_number(asked_for.get("group")) if "group" in asked_for else default_group
    wishes = Wishes(
        duration_minutes=_duration(asked_for.get("duration"), default_minutes),
        on=read_day(asked_for.get("on")),
        part=PartOfDay(asked_for["part"]) if asked_for.get("part") in list(PartOfDay) else None,
        group_id=group,
        advisor_id=whole_number(asked_for.get("advisor")),
    )
    times = free_times(branch, wishes, now=desk.now, asker=asker)
    return {
        "wishes": wishes,
        "slot_days": by_day(times, ZoneInfo(branch.zone)),
        "chosen_slot": _slot_pressed(request),
        "today": desk.now.astimezone(ZoneInfo(branch.zone)).date(),
    }


def _wishes_context(branch: Branch) -> dict[str, object]:
    return {
        "bay_groups": list({bay.group_id: bay.group for bay in bays_of(branch)}.values()),
        "advisors": advisors_of(branch),
        "parts": PARTS_OF_DAY,
        "durations": DURATIONS,
    }


def _book(request: HttpRequest, desk: Desk, branch: Branch) -> Visit:
    slot = read_slot(_slot_pressed(request))
    client_id = whole_number(request.POST.get("client"))
    name = request.POST.get("name", "").strip()
    problems = {}
    if slot is None:
        problems["slot"] = "slot_needed"
    if not client_id and not name:
        problems["name"] = "client_needed"
    if problems or slot is None:
        raise BadInput(problems)
    with transaction.atomic():
        client, car = _client_and_car(request, desk, branch, client_id, name)
        return book(
            branch.pk,
            client,
            car,
            Plan(*slot, advisor_id=whole_number(request.POST.get("slot_advisor"))),
            _details(request, branch),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            request=asked(request, "book"),
        )


def _client_and_car(
    request: HttpRequest, desk: Desk, branch: Branch, client_id: int | None, name: str
) -> tuple[Client, Car | None]:
    given = CarGiven(
        make=request.POST.get("make", "").strip(),
        model=request.POST.get("model", "").strip(),
        plate=request.POST.get("plate", "").strip(),
        vin=request.POST.get("vin", "").strip(),
    )
    if client_id:
        client = client_chosen(branch, client_id, _who(request))
        if client is None:
            raise NotFound
        car_id = whole_number(request.POST.get("car"))
        known = next((car for car in client.cars.all() if car.pk == car_id), None)
        return client, known or (None if given.is_empty else add_car(client, given))
    typed_phone = request.POST.get("phone", "").strip()
    registered = register(
        branch.network, name, [typed_phone] if typed_phone else [], NO_CAR if given.is_empty else given, now=desk.now
    )
    return registered.client, registered.car


def _who(request: HttpRequest) -> str:
    return request.POST.get("who", "").strip()[:100]


def _details(request: HttpRequest, branch: Branch) -> Details:
    chosen = {number for text in request.POST.getlist("work") if (number := whole_number(text))}
    works = Work.objects.filter(pk__in=chosen, network_id=branch.network_id)
    kind = request.POST.get("repair_kind", "")
    source = request.POST.get("source", "")
    return Details(
        reason=request.POST.get("reason", "")[:4000],
        works=[PlannedWork(work.name, work.code, work.norm_minutes) for work in works],
        repair_kind=kind if kind in Visit.RepairKind.values else Visit.RepairKind.COMMERCIAL,
        source=source if source in Visit.Source.values else Visit.Source.CALL,
        comment=request.POST.get("comment", "")[:4000],
        waits_on_site=request.POST.get("waits_on_site") == "yes",
        needs_loan_car=request.POST.get("needs_loan_car") == "yes",
        needs_tow_truck=request.POST.get("needs_tow_truck") == "yes",
    )


def _errors(refusal: Refusal, zone: ZoneInfo) -> Errors:
    """A slot lost to another is said by name: who took the time."""
    if isinstance(refusal, BayTaken):
        taken = Visit.objects.filter(pk__in=refusal.facts["visit_ids"]).select_related("car", "client")
        words = [
            f"{visit.starts_at.astimezone(zone):%H:%M}–{visit.ends_at.astimezone(zone):%H:%M} "
            f"{visit.car.plate if visit.car else visit.client.name}"
            for visit in taken
        ]
        refusal.facts["visits"] = ", ".join(words) or "время держит другой оператор"
        text = errors_of(Refusal("bay_taken", visits=refusal.facts["visits"]), zone).form
        return Errors(fields={"slot": f"{text} Выберите другое время."}, code=refusal.code)
    if isinstance(refusal, TooLong):
        return Errors(fields={"slot": errors_of(refusal, zone).form}, code=refusal.code)
    return errors_of(refusal, zone)


def _slot_pressed(request: HttpRequest) -> str:
    """Who presses on after losing the time, before choosing another, is told again who took it."""
    return request.POST.get("slot") or request.POST.get("lost_slot", "")


def _minutes(span: timedelta) -> int:
    return int(span / _MINUTE)


def _duration(text: str | None, default: int) -> int:
    minutes = whole_number(text)
    return minutes if minutes and 5 <= minutes <= 24 * 60 else default
