"""The pages: the board of a day, the lists beside it, the search."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from vovremya.board import snapshots
from vovremya.board.queries.capacity import capacity
from vovremya.board.queries.lists import found_visits, not_arrived_visits, removed_visits
from vovremya.board.queries.sheet import day_sheet
from vovremya.board.queries.week import branch_week
from vovremya.board.texts import LEGEND, day_words, hours_words, week_words
from vovremya.board.views.answering import Desk, at_desk, read_day, whole_number
from vovremya.directory.models import Branch
from vovremya.directory.queries import has_branches
from vovremya.directory.rules import Right, rights_of
from vovremya.directory.texts import ROLES
from vovremya.kernel import clock
from vovremya.schedule.queries import calendar_of
from vovremya.ui.packing import Piece, gzipped, plain
from vovremya.visits.actions.branch_settings import EDITORS

_WEEK = timedelta(days=7)


@require_safe
@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not desk.branches:
        return render(request, "board/no_branch.html", status=403) if has_branches() else redirect("first_branch")
    return redirect("board", code=desk.branches[0].code)


@require_safe
@at_desk
def board(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_seen(desk, code)
    snapshot = snapshots.of(branch, read_day(request.GET.get("day")), now=desk.now, real_now=desk.real_now)
    framed = frame(desk, branch, "board")
    # Whatever the page shows of the one who looks at it.
    looker = (
        desk.user.full_name,
        desk.user.short_name,
        framed["role_words"],
        framed["may_book"],
        framed["may_see_clients"],
        branch.code,
        *_shown(desk.branches),
    )
    words = {
        "csrf_token": get_token(request),
        "now_ms": str(clock.to_milliseconds(desk.now)),
        "speed": f"{clock.speed():g}",
        "time_words": f"{desk.now.astimezone(ZoneInfo(branch.zone)):%H:%M}",
        "live_name": live_name(request, branch),
    }
    page = snapshot.page(looker, words, lambda shown: render_to_string("board/board.html", framed | {**shown}, request))
    return _sent(request, page)


def _shown(branches: Sequence[Branch]) -> list[tuple[object, ...]]:
    return [(branch.code, branch.name, branch.address, branch.zone, branch.is_active) for branch in branches]


def _sent(request: HttpRequest, parts: Sequence[Piece | bytes]) -> HttpResponse:
    """The middleware leaves alone what is compressed already."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(plain(parts))
    return HttpResponse(gzipped(parts), headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


@require_safe
@at_desk
def week(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The bays over seven days: how full they are, and a click to the day."""
    branch = branch_seen(desk, code)
    today = calendar_of(branch.pk).day_of(desk.now).on
    on = read_day(request.GET.get("day")) or today
    shown = branch_week(branch, on, whole_number(request.GET.get("group")), desk.now)
    context = {
        **frame(desk, branch, "week"),
        "week": shown,
        "now": desk.now,
        "on": on,
        "week_words": week_words(shown.on_days),
        "day_heads": [(cell, day_words(cell.on)) for cell in shown.days],
        "week_before": on - _WEEK,
        "week_after": on + _WEEK,
        "legend": LEGEND,
    }
    return render(request, "board/week.html", context)


@require_safe
@at_desk
def capacity_to_come(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The days to come by bay group: how full, how many hours are free, and a click to the day or to booking on it."""
    branch = branch_seen(desk, code)
    shown = capacity(branch, desk.now)
    context = {
        **frame(desk, branch, "capacity"),
        "capacity": shown,
        "now": desk.now,
        "days": [(day, day_words(day.on)) for day in shown.days],
    }
    return render(request, "board/capacity.html", context)


@require_safe
@at_desk
def day_on_paper(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The day on paper: signs and words instead of colours, a page a bay group."""
    branch = branch_seen(desk, code)
    on = read_day(request.GET.get("day")) or calendar_of(branch.pk).day_of(desk.now).on
    group_id = whole_number(request.GET.get("group"))
    with_phones = desk.actor.may(Right.SEE_PHONE, branch.pk)
    sheet = day_sheet(branch, on, group_id, desk.now, with_phones=with_phones)
    context = {
        **frame(desk, branch, "sheet"),
        "sheet": sheet,
        "hours_words": hours_words(sheet.day, ZoneInfo(branch.zone)),
        "on": on,
        "group_id": group_id,
        "day_words": day_words(on),
        "printed_at": desk.now,
        "printed_by": desk.user.short_name,
        "zone": branch.zone,
        "with_phones": with_phones,
    }
    return render(request, "board/sheet.html", context)


@require_safe
@at_desk
def search(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_seen(desk, code)
    found = found_visits(branch, request.GET.get("q", "").strip()[:100], desk.now)
    return render(request, "board/found.html", {"found": found, "zone": ZoneInfo(branch.zone)})


@require_safe
@at_desk
def removed(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Removed visits by the day they were booked for; the newest removal first."""
    branch = branch_seen(desk, code)
    on = read_day(request.GET.get("day"))
    context = {
        **frame(desk, branch, "removed"),
        "visits": removed_visits(branch, on, request.GET.get("q", "").strip()[:100]),
        "on": on,
        "q": request.GET.get("q", ""),
        "zone": branch.zone,
    }
    return render(request, "board/removed.html", context)


@require_safe
@at_desk
def not_arrived(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """«Не приехали»: planned visits whose day is over, and the no-shows of the last week."""
    branch = branch_seen(desk, code)
    context = {
        **frame(desk, branch, "not_arrived"),
        "visits": not_arrived_visits(branch, desk.now),
        "zone": branch.zone,
    }
    return render(request, "board/not_arrived.html", context)


def live_name(request: HttpRequest, branch: Branch) -> str:
    """A public name of this login: a new one never inherits an old one's stream."""
    session_key = request.session.session_key or ""
    return f"{hashlib.sha256(session_key.encode()).hexdigest()[:16]}-{branch.code}"


def branch_seen(desk: Desk, code: str) -> Branch:
    branch = desk.branch(code)
    desk.actor.require(branch.pk, Right.SEE_BOARD)
    return branch


def frame(desk: Desk, branch: Branch, section: str) -> dict[str, object]:
    roles = desk.actor.roles.get(branch.pk, frozenset())
    return {
        "branch": branch,
        "branches": desk.branches,
        # As text: a number would be printed the Russian way.
        "now_ms": str(clock.to_milliseconds(desk.now)),
        "speed": f"{clock.speed():g}",
        "section": section,
        "role_words": ", ".join(ROLES[role].lower() for role in sorted(roles)),
        "may_book": Right.BOOK in rights_of(roles) and branch.is_active,
        "may_see_clients": Right.SEE_CLIENTS in rights_of(roles),
        "may_edit": not rights_of(roles).isdisjoint(EDITORS),
    }
