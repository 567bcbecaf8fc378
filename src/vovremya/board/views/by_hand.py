"""Moving a bar by hand: what is in its way, to be shown before the drop; the drop itself; and taking it back.

The page asks and is answered in JSON: it is the board that acts here, and no window. The bar comes as it does by the
feed, drawn by the same function, so that nobody who drops one sees it jump back for a moment.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from vovremya.board.bars import draw_visit
from vovremya.board.queries.windows import visit_seen
from vovremya.board.rules import shown_period
from vovremya.board.texts import MOVED_BY_HAND, OBSTACLES, REFUSALS, UNDONE_BY_HAND
from vovremya.board.views.answering import (
    Desk,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    read_day,
    whole_number,
)
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, NotAllowed, Refusal
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.refusals import BayTaken
from vovremya.schedule.rules.obstacles import Obstacle
from vovremya.visits.actions.by_hand import ByHand, move_by_hand, undo_move_by_hand
from vovremya.visits.models import Visit
from vovremya.visits.queries import obstacles_by_hand
from vovremya.visits.refusals import InTheWay, NotPlanned, WrongMoment
from vovremya.visits.rules.words import Status

_MINUTE = timedelta(minutes=1)
_DAY_MINUTES = 24 * 60


@at_desk
def by_hand(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Reading: where the visit stands now, and what it meets elsewhere on the board of the day. Writing: the drop."""
    visit = visit_seen(visit_id, desk.actor)
    if request.method == "POST":
        return _drop(request, desk, visit)
    calendar = calendar_of(visit.branch_id)
    on = read_day(request.GET.get("day")) or visit.on
    midnight_at = calendar.day(on).midnight_at
    shown = shown_period(on, calendar.day)
    known = {"version": visit.version, "plan": visit.plan_version}
    try:
        obstacles = obstacles_by_hand(
            visit, *shown, actor=desk.actor, now=desk.now, real_now=desk.real_now, calendar=calendar
        )
    except (NotAllowed, NotPlanned, WrongMoment) as refusal:
        return JsonResponse({**known, "whyNot": errors_of(refusal, calendar.zone).form})
    starts = (visit.starts_at - midnight_at) // _MINUTE
    return JsonResponse(
        {
            **known,
            "place": {"bay": visit.bay_id, "start": starts, "lasts": (visit.ends_at - visit.starts_at) // _MINUTE},
            "mayOverbook": desk.actor.may(Right.OVERBOOK, visit.branch_id),
            "fixed": "" if visit.status == Status.PLANNED else REFUSALS["arrival_stays"],
            "obstacles": _shown(obstacles, midnight_at, calendar.zone),
        }
    )


@require_POST
@at_desk
def undone_by_hand(request: HttpRequest, desk: Desk, visit_id: int, plan_version: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        undo_move_by_hand(
            visit_id,
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            plan_version=plan_version,
            request=asked(request, "undo"),
        )
    zone = ZoneInfo(visit.branch.zone)
    if refusal := press.refusal:
        return nothing({"vovremya:toast": {"text": _words(refusal, zone)}}, status=422)
    said = UNDONE_BY_HAND.format(**_told(visit_seen(visit_id, desk.actor), zone))
    return nothing({"vovremya:toast": {"text": said}})


def _drop(request: HttpRequest, desk: Desk, visit: Visit) -> HttpResponse:
    zone = ZoneInfo(visit.branch.zone)
    plan_version = whole_number(request.POST.get("plan_version")) or 0
    with pressing() as press:
        move_by_hand(
            visit.pk,
            _shift(request),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            plan_version=plan_version,
            request=asked(request, "by hand"),
        )
    if refusal := press.refusal:
        return JsonResponse({"refused": _words(refusal, zone)}, status=422)
    return JsonResponse(
        {
            "drawn": draw_visit(visit.pk, desk.now),
            "said": MOVED_BY_HAND.format(**_told(visit_seen(visit.pk, desk.actor), zone)),
            "undo": reverse("undo_by_hand", args=(visit.pk, plan_version + 1)),
        }
    )


def _shift(request: HttpRequest) -> ByHand:
    bay_id = whole_number(request.POST.get("bay"))
    later, longer = (_signed_minutes(request.POST.get(name)) for name in ("later", "longer"))
    if bay_id is None or later is None or longer is None:
        raise BadInput({"slot": "slot_needed"})
    overbooked = (whole_number(each) for each in request.POST.get("on_top_of", "").split(","))
    return ByHand(bay_id, later, longer, frozenset(each for each in overbooked if each))


def _signed_minutes(text: str | None) -> timedelta | None:
    """Within the board of a day and the nights beside it."""
    minutes = whole_number((text or "").removeprefix("-"))
    if minutes is None or minutes > 3 * _DAY_MINUTES:
        return None
    return timedelta(minutes=-minutes if (text or "").startswith("-") else minutes)


def _shown(obstacles: Sequence[Obstacle], midnight_at: datetime, zone: ZoneInfo) -> list[dict[str, object]]:
    """As the ghost meets them: in whole minutes of the board, like the bars."""
    names = _names(obstacles)
    return [
        {
            "bay": obstacle.bay_id,
            "from": (obstacle.starts_at - midnight_at) // _MINUTE,
            "to": -((midnight_at - obstacle.ends_at) // _MINUTE),
            "touch": obstacle.touch,
            "longest": obstacle.longest and obstacle.longest // _MINUTE,
            "visit": obstacle.visit_id,
            "words": _obstacle_words(obstacle, names, zone),
        }
        for obstacle in obstacles
    ]


def _names(obstacles: Sequence[Obstacle]) -> dict[int, str]:
    """By what the visits in the way are known. One query."""
    visit_ids = [obstacle.visit_id for obstacle in obstacles if obstacle.visit_id]
    found = Visit.objects.filter(pk__in=visit_ids).values_list("pk", "car__plate", "client__name")
    return {pk: plate or name for pk, plate, name in found}


def _obstacle_words(obstacle: Obstacle, names: dict[int, str], zone: ZoneInfo) -> str:
    facts = {
        "from": f"{obstacle.starts_at.astimezone(zone):%H:%M}",
        "to": f"{obstacle.ends_at.astimezone(zone):%H:%M}",
        "who": names.get(obstacle.visit_id or 0, ""),
        "note": f": {obstacle.note}" if obstacle.note else "",
    }
    return OBSTACLES[obstacle.kind].format(**facts)


def _words(refusal: Refusal, zone: ZoneInfo) -> str:
    """A toast has no fields: what belongs to one is said all the same."""
    if isinstance(refusal, InTheWay):
        obstacle = refusal.facts["obstacle"]
        assert isinstance(obstacle, Obstacle)
        refusal.facts["words"] = _obstacle_words(obstacle, _names([obstacle]), zone)
    if isinstance(refusal, BayTaken):
        refusal.facts["visits"] = gettext("это время только что заняли")
    errors = errors_of(refusal, zone)
    return " ".join(filter(None, [errors.form, *errors.fields.values()]))


def _told(visit: Visit, zone: ZoneInfo) -> dict[str, str]:
    return {
        "plate": visit.car.plate if visit.car else visit.client.name,
        "from": f"{visit.starts_at.astimezone(zone):%H:%M}",
        "to": f"{visit.ends_at.astimezone(zone):%H:%M}",
        "bay": visit.bay.name,
    }
