"""«Филиалы»: those of the network that the administrator sees, and a new one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    whole_number,
)
from vovremya.board.views.pages import branch_seen
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput
from vovremya.office.queries.network import branches_set, zones_at
from vovremya.office.texts.directories import BRANCH_OPENED
from vovremya.office.views.framing import office_frame
from vovremya.office.views.settings import zone_of
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.branches import Opening, open_branch

_MOST_BAYS = 100
#: The hours that a new branch may begin with: by name, from Monday to Sunday.
_WEEKS: dict[str, list[DayHours | None]] = {
    "daily": [DayHours(9 * 60, 21 * 60)] * 7,
    "weekdays": [*[DayHours(9 * 60, 18 * 60)] * 5, None, None],
    "six": [*[DayHours(9 * 60, 20 * 60)] * 6, None],
    "always": [DayHours(0, 24 * 60)] * 7,
}
_BEGINS_WITH = {"week": "daily", "bays": "3", "with_hours": "yes", "with_bays": "yes", "with_talk": "yes"}


@require_safe
@at_desk
def branches_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.EDIT_NETWORK)
    context = {
        **office_frame(desk, branch, "branches"),
        "shown": branches_set(desk.branches, desk.actor, desk.now),
    }
    return render(request, "office/branches.html", context)


@at_desk
def branch_opened(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.EDIT_NETWORK)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("branches", code=branch.code)
        return _draw(request, desk, branch, {**_BEGINS_WITH, "zone": branch.zone})
    with pressing() as press:
        wanted = _read(request, desk)
        open_branch(branch.pk, wanted, actor=desk.actor, now=desk.now, request=asked(request, "open branch"))
    if press.refusal:
        typed = {name: request.POST.get(name, "") for name in request.POST}
        return _draw(request, desk, branch, typed, errors_of(press.refusal, zone_of(branch)))
    return nothing(
        {"vovremya:close": {"windows": ["settings"]}, "vovremya:toast": {"text": str(BRANCH_OPENED), "undo": None}}
    )


def _read(request: HttpRequest, desk: Desk) -> Opening:
    typed = request.POST
    like = desk.branch(typed["like"]) if typed.get("like") else None
    ticked = {name: like is not None and typed.get(name) == "yes" for name in _OF_ANOTHER}
    bays = whole_number(typed.get("bays", "").strip() or "0")
    if not ticked["with_bays"] and (bays is None or bays > _MOST_BAYS):
        raise BadInput({"bays": "bay_count_unfit"}, most=_MOST_BAYS)
    return Opening(
        code=typed.get("code", "").strip(),
        name=typed.get("name", "").strip()[:200],
        zone=typed.get("zone", "").strip(),
        address=typed.get("address", "").strip()[:300],
        week=_WEEKS.get(typed.get("week", ""), [None] * 7),
        bay_count=0 if ticked["with_bays"] else bays or 0,
        like_id=like.pk if like else None,
        **ticked,
    )


_OF_ANOTHER = ("with_hours", "with_bays", "with_advisors", "with_talk")


def _draw(
    request: HttpRequest, desk: Desk, branch: Branch, typed: dict[str, Any], errors: Errors | None = None
) -> HttpResponse:
    context = {
        "branch": branch,
        "branches": desk.branches,
        "address": request.path,
        "typed": typed,
        "zones": zones_at(desk.now),
        "errors": errors or Errors(),
    }
    return answer(request, "office/branch_opened.html", context, status=422 if errors else 200)
