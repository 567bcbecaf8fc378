"""«Записать сверх»: whoever has the right is told what a visit would be on top of, and says so once.

What is sent back names the visits that were shown: where anything else has come there meanwhile, it is shown anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from vovremya.board.queries.booking import Wishes, read_slot, slot_value
from vovremya.board.queries.windows import visit_seen
from vovremya.board.texts import NOT_ON_TOP
from vovremya.board.views.answering import Desk, answer, at_desk, read_day, whole_number
from vovremya.board.views.free_times import (
    branch_to_book,
    in_the_way_words,
    read_time,
    wishes_for_booking,
    wishes_for_move,
)
from vovremya.directory.models import Bay, Branch
from vovremya.directory.queries import bays_of
from vovremya.directory.rules import Right
from vovremya.schedule.queries import Asker, end_of_work, in_the_way, place_in_day, worked_periods
from vovremya.schedule.rules.hours import instant_at, minute_of
from vovremya.schedule.rules.occupied import Occupied
from vovremya.schedule.rules.slots import minutes_on_bay

PlannedSlot = tuple[int, datetime, datetime]


@dataclass(frozen=True)
class OnTop:
    """A time that is taken, with what a visit there would be on top of. `value` is what the button sends."""

    value: str
    bay_name: str
    starts_at: datetime
    ends_at: datetime
    words: str
    why_not: str  # empty: it is offered


@require_safe
@at_desk
def overbooking_of_new(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_to_book(desk, code)
    desk.actor.require(branch.pk, Right.OVERBOOK)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id)
    return _draw(request, branch, asker, wishes_for_booking(request, branch), reverse("booking", args=(code,)))


@require_safe
@at_desk
def overbooking_of_move(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    visit = visit_seen(visit_id, desk.actor)
    desk.actor.require(visit.branch_id, Right.OVERBOOK)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit_id)
    query = f"?{query}" if (query := request.GET.get("query", "")) else ""
    move_url = reverse("move", args=(visit_id,)) + query
    return _draw(request, visit.branch, asker, wishes_for_move(request, visit), move_url)


def _draw(request: HttpRequest, branch: Branch, asker: Asker, wishes: Wishes, send_to: str) -> HttpResponse:
    slot = _slot_typed(request, branch, wishes)
    context = {
        "on_top": on_top_of(branch, slot, asker) if slot else None,
        "send_to": send_to,
        "zone": branch.zone,
        "is_move": asker.visit_id is not None,
    }
    return answer(request, "board/on_top.html", context)


def on_top_of(branch: Branch, slot: PlannedSlot, asker: Asker) -> OnTop | None:
    """What occupies the bay in that time, but for the visit that moves and what the asker holds."""
    bay_id, starts_at, ends_at = slot
    bay = next((bay for bay in bays_of(branch) if bay.pk == bay_id), None)
    if bay is None or ends_at <= starts_at:
        return None
    periods = worked_periods(bay, starts_at, ends_at, place_in_day(branch.pk, starts_at).closes_at)
    occupied = [each for each in in_the_way(bay.pk, periods, ignoring=asker.visit_id) if _is_in_force(each, asker)]
    visit_ids = sorted({each.visit_id for each in occupied if each.visit_id})
    words = in_the_way_words(occupied, ZoneInfo(branch.zone)) if occupied else ""
    value = f"{slot_value(bay.pk, starts_at, ends_at)} {','.join(map(str, visit_ids))}"
    return OnTop(value, bay.name, starts_at, ends_at, words, _why_not(occupied))


def read_overbooking(value: str) -> tuple[PlannedSlot, frozenset[int]] | None:
    """The time and the visits that the button «Записать сверх» sends back; None for anything else."""
    slot_text, _, ids = value.rpartition(" ")
    slot = read_slot(slot_text)
    visit_ids = [whole_number(each) for each in ids.split(",")]
    if slot is None or not all(visit_ids):
        return None
    return slot, frozenset(each for each in visit_ids if each)


def _slot_typed(request: HttpRequest, branch: Branch, wishes: Wishes) -> PlannedSlot | None:
    on, at = read_day(request.GET.get("over_on")), read_time(request.GET.get("over_time", ""))
    bay = next((bay for bay in bays_of(branch) if bay.pk == whole_number(request.GET.get("over_bay"))), None)
    if on is None or at is None or bay is None:
        return None
    starts_at = instant_at(on, minute_of(at), ZoneInfo(branch.zone))
    return bay.pk, starts_at, _end_of(bay, starts_at, wishes)


def _end_of(bay: Bay, starts_at: datetime, wishes: Wishes) -> datetime:
    minutes = minutes_on_bay(wishes.duration_minutes, bay.coefficient if wishes.is_norm else 1.0)
    closes_at = place_in_day(bay.branch_id, starts_at).closes_at
    return end_of_work(bay, starts_at, timedelta(minutes=minutes), closes_at)


def _is_in_force(occupied: Occupied, asker: Asker) -> bool:
    if occupied.held_until is None:
        return True
    return occupied.held_by_id != asker.user_id and occupied.held_until > asker.real_now


def _why_not(occupied: Sequence[Occupied]) -> str:
    if not occupied:
        return str(NOT_ON_TOP["free"])
    return "" if all(each.visit_id for each in occupied) else str(NOT_ON_TOP["no_visit"])
