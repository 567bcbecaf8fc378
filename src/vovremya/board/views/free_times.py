"""The list of free times in «Предварительная запись»: wishes, what is held, and what was lost to others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from vovremya.board.history import last_change
from vovremya.board.queries.booking import (
    DEFAULT_MINUTES,
    Ordered,
    Wishes,
    by_day,
    by_fit,
    car_coefficient,
    free_times,
    nearest_times,
    ordered,
    read_slot,
    works_by_ids,
)
from vovremya.board.queries.windows import visit_seen
from vovremya.board.texts import DURATIONS, PARTS_OF_DAY, WEEKDAYS, read_out
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    at_desk,
    errors_of,
    read_day,
    whole_number,
)
from vovremya.directory.models import Branch, User
from vovremya.directory.queries import advisors_of, bay_in_use, bays_of, branch_by_code
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal
from vovremya.schedule.actions import Hold, hold, release_holds
from vovremya.schedule.queries import Asker, holds_of_others
from vovremya.schedule.refusals import BayTaken, TooLong
from vovremya.schedule.rules.hours import minute_of
from vovremya.schedule.rules.occupied import Occupied
from vovremya.schedule.rules.slots import PartOfDay
from vovremya.visits.actions.booking import Plan
from vovremya.visits.models import Visit
from vovremya.visits.queries import work_lasts, works_of_directory
from vovremya.waitlist.actions.keeping import WishedFor

_MINUTE = timedelta(minutes=1)
_SHORTEST_MINUTES = 5
LEAST_COEFFICIENT, MOST_COEFFICIENT = Decimal("0.5"), Decimal(3)
#: What a list of times goes by.
ASKED_BY = "#booking .asked :is(input, select), #booking [name=car]:checked, #booking [name=slot]:checked"
DAYS_TO_CHOOSE = 14


@at_desk
def slots_for_move(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """The list of free times by the wishes; a POST holds the chosen one for five minutes."""
    visit = visit_seen(visit_id, desk.actor)
    desk.actor.require(visit.branch_id, Right.MOVE, Right.RESTORE_TODAY)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit_id)
    return _draw_slots(request, desk, visit.branch, asker, wishes_for_move(request, visit))


@at_desk
def slots_for_booking(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_to_book(desk, code)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id)
    return _draw_slots(request, desk, branch, asker, wishes_for_booking(request, branch))


@require_POST
@at_desk
def holds_released(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The window was closed without saving: what it held is free again at once."""
    branch = branch_by_code(code, desk.actor)
    desk.actor.require(branch.pk, Right.BOOK, Right.MOVE)
    release_holds(desk.user.pk)
    return HttpResponse(status=204)


def branch_to_book(desk: Desk, code: str) -> Branch:
    branch = branch_by_code(code, desk.actor)
    desk.actor.require(branch.pk, Right.BOOK)
    return branch


def _draw_slots(request: HttpRequest, desk: Desk, branch: Branch, asker: Asker, wishes: Wishes) -> HttpResponse:
    errors = Errors()
    if request.method == "POST":
        try:
            held = _hold(branch, request.POST.get("slot", ""), desk, asker)
            return answer(request, "board/read_out.html", _read_out(branch, held, wishes.advisor_id))
        except (NotAllowed, NotFound):
            raise
        except Refusal as refusal:
            errors = booking_errors(refusal, ZoneInfo(branch.zone))
    context = slots_context(request, desk, branch, asker, wishes, errors)
    drawn = {**context, "slots_url": request.path, "zone": branch.zone, "is_list_alone": True}
    response = answer(request, "board/slots.html", drawn, status=422 if errors else 200)
    if errors:
        # The choice itself fills the line to read out: the list as it is now takes the place of the old one.
        response["HX-Retarget"], response["HX-Reswap"] = "#slots", "innerHTML"
    return response


def _hold(branch: Branch, typed: str, desk: Desk, asker: Asker) -> Hold:
    desk.actor.require(branch.pk, Right.MOVE)
    slot = read_slot(typed)
    if slot is None:
        raise BadInput({"slot": "slot_needed"})
    bay_id, starts_at, ends_at = slot
    bay = next((bay for bay in bays_of(branch) if bay.pk == bay_id), None)
    if bay is None:
        raise NotFound
    if ends_at <= starts_at:
        raise BadInput({"slot": "ends_before_start"})
    return hold(bay, starts_at, ends_at, user_id=desk.user.pk, real_now=desk.real_now, visit_id=asker.visit_id)


def _read_out(branch: Branch, held: Hold, wished_advisor_id: int | None) -> dict[str, object]:
    """What the operator says aloud once the time is held."""
    bay = next(bay for bay in bays_of(branch) if bay.pk == held.bay_id)
    advisors = {advisor.pk: advisor for advisor in advisors_of(branch)}
    advisor = advisors.get(wished_advisor_id or bay.group.advisor_id or 0)
    return {"words": read_out(held.starts_at, held.ends_at, ZoneInfo(branch.zone), advisor)}


def slots_context(
    request: HttpRequest, desk: Desk, branch: Branch, asker: Asker, wishes: Wishes, errors: Errors
) -> dict[str, object]:
    zone = ZoneInfo(branch.zone)
    times = free_times(branch, wishes, now=desk.now, asker=asker)
    chosen = slot_pressed(request)
    lost = read_slot(chosen) if errors.code == BayTaken.code else None
    today = desk.now.astimezone(zone).date()
    return {
        "wishes": wishes,
        "slot_groups": by_fit(times) if wishes.is_best_fit_first else by_day(times, zone),
        "nearest": nearest_times(branch, wishes, lost[1], now=desk.now, asker=asker) if lost else (),
        "held_by_others": holds_of_others(branch.pk, asker),
        "chosen_slot": chosen,
        "is_chosen_offered": chosen in [free.value for free in times],
        "today": today,
        "coming_days": [today + timedelta(days=number) for number in range(DAYS_TO_CHOOSE)],
        "errors": errors,
    }


def wishes_for_booking(request: HttpRequest, branch: Branch) -> Wishes:
    """As long as the works take, unless the operator says how long."""
    asked_for = _asked_for(request)
    work_ids = work_ids_in(asked_for)
    of_works = Ordered(0, None)
    if work_ids:
        coefficient = read_coefficient(asked_for.get("coefficient", ""))
        of_car = coefficient or car_coefficient(branch, whole_number(asked_for.get("car")))
        of_works = ordered(branch, works_by_ids(branch, work_ids), of_car)
    typed_minutes = duration_typed(asked_for.get("duration"), 0)
    return replace(
        wishes_typed(asked_for),
        duration_minutes=typed_minutes or of_works.norm_minutes or DEFAULT_MINUTES,
        is_norm=not typed_minutes and of_works.norm_minutes > 0,
        waits_on_site=asked_for.get("waits_on_site") == "yes",
        fit_group_ids=of_works.fit_group_ids,
    )


def work_ids_in(asked_for: QueryDict) -> list[int]:
    return [number for text in asked_for.getlist("work") if (number := whole_number(text))]


def read_coefficient(text: str) -> Decimal | None:
    """Of a car's labour to the norm; None for what is none."""
    try:
        coefficient = round(Decimal(text.strip().replace(",", ".")), 2)
        return coefficient if LEAST_COEFFICIENT <= coefficient <= MOST_COEFFICIENT else None
    except ArithmeticError:
        return None


def wishes_for_move(request: HttpRequest, visit: Visit, group_id: int | None = None) -> Wishes:
    """The work is as long as it was; `group_id` is wished for until the operator chooses."""
    asked_for = _asked_for(request)
    wishes = wishes_typed(asked_for)
    return wishes_of_visit(visit, replace(wishes, group_id=wishes.group_id if "group" in asked_for else group_id))


def wishes_of_visit(visit: Visit, wishes: Wishes) -> Wishes:
    """What is wished for, for what the visit is for."""
    return replace(
        wishes,
        duration_minutes=max(_SHORTEST_MINUTES, minutes_of(work_lasts(visit))),
        waits_on_site=visit.waits_on_site,
        fit_group_ids=ordered(visit.branch, works_of_directory(visit)).fit_group_ids,
    )


def wishes_typed(asked_for: QueryDict) -> Wishes:
    return Wishes(
        duration_minutes=DEFAULT_MINUTES,
        days=tuple(day for text in asked_for.getlist("on") if (day := read_day(text))),
        weekdays=tuple(number for number in range(7) if str(number) in asked_for.getlist("weekday")),
        part=next((part for part in PartOfDay if part == asked_for.get("part")), None),
        not_before=read_time(asked_for.get("after", "")),
        not_after=read_time(asked_for.get("before", "")),
        group_id=whole_number(asked_for.get("group")),
        advisor_id=whole_number(asked_for.get("advisor")),
        bay_id=whole_number(asked_for.get("bay")),
        is_best_fit_first=asked_for.get("order") == "fit",
    )


def wished_for(request: HttpRequest) -> WishedFor:
    """The wishes as they go onto the waiting list, with how long and how urgently the client waits."""
    wishes = wishes_typed(request.POST)
    return WishedFor(
        days=wishes.days,
        weekdays=wishes.weekdays,
        part_of_day=wishes.part,
        not_before_minute=None if wishes.not_before is None else minute_of(wishes.not_before),
        not_after_minute=None if wishes.not_after is None else minute_of(wishes.not_after),
        group_id=wishes.group_id,
        bay_id=wishes.bay_id,
        advisor_id=wishes.advisor_id,
        until_on=read_day(request.POST.get("until")),
        is_urgent=request.POST.get("urgent") == "yes",
    )


def _asked_for(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def read_time(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def plan_of(
    request: HttpRequest, branch: Branch, slot: tuple[int, datetime, datetime], visit: Visit | None = None
) -> Plan:
    """Received by the advisor wished for, else by the one of the bay's group; who moves within it keeps theirs."""
    advisor_id = whole_number(request.POST.get("advisor"))
    if advisor_id is None:
        bay = bay_in_use(branch.pk, slot[0])
        stays = visit is not None and (bay is None or bay.group_id == visit.bay.group_id)
        advisor_id = visit.advisor_id if visit and stays else bay.group.advisor_id if bay else None
    return Plan(*slot, advisor_id=advisor_id)


def wishes_context(branch: Branch) -> dict[str, object]:
    return {
        "bay_groups": list({bay.group_id: bay.group for bay in bays_of(branch)}.values()),
        "all_bays": bays_of(branch),
        "weekdays": tuple(enumerate(WEEKDAYS)),
        "advisors": advisors_of(branch),
        "parts": PARTS_OF_DAY,
        "durations": DURATIONS,
    }


def booking_errors(refusal: Refusal, zone: ZoneInfo) -> Errors:
    """A slot lost to another is said by name: who took the time, and when."""
    if isinstance(refusal, BayTaken):
        visits = in_the_way_words(refusal.facts["in_the_way"], zone)  # type: ignore[arg-type]
        text = errors_of(Refusal("bay_taken", visits=visits), zone).form
        return Errors(fields={"slot": f"{text} {gettext('Выберите другое время.')}"}, code=refusal.code)
    if isinstance(refusal, TooLong):
        return Errors(fields={"slot": errors_of(refusal, zone).form}, code=refusal.code)
    return errors_of(refusal, zone)


def slot_pressed(request: HttpRequest) -> str:
    """Who presses on after losing the time, before choosing another, is told again who took it."""
    asked_for = _asked_for(request)
    return asked_for.get("slot") or asked_for.get("lost_slot", "")


def in_the_way_words(occupied: Sequence[Occupied], zone: ZoneInfo) -> str:
    visits = Visit.objects.select_related("car", "client").in_bulk(
        [each.visit_id for each in occupied if each.visit_id]
    )
    holders = User.objects.in_bulk([each.held_by_id for each in occupied if each.held_by_id])
    words = []
    for each in occupied:
        if each.visit_id and (visit := visits.get(each.visit_id)):
            change = last_change(visit.pk, zone)
            who = f" ({change.who}, {change.at:%H:%M})" if change else ""
            period = f"{visit.starts_at.astimezone(zone):%H:%M}–{visit.ends_at.astimezone(zone):%H:%M}"
            words.append(f"{period} {visit.car.plate if visit.car else visit.client.name}{who}")
        elif each.held_by_id and each.held_until:
            said = gettext("время держит {who} до {until}")
            until = f"{each.held_until.astimezone(zone):%H:%M}"
            words.append(said.format(who=holders[each.held_by_id], until=until))
        else:
            words.append(each.note or gettext("пост закрыт"))
    return ", ".join(dict.fromkeys(words)) or gettext("время держит другой оператор")


def minutes_of(span: timedelta) -> int:
    return int(span / _MINUTE)


def duration_typed(text: str | None, default: int) -> int:
    minutes = whole_number(text)
    return minutes if minutes and 5 <= minutes <= 24 * 60 else default
