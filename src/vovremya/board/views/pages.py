"""The pages: the board of a day, the lists beside it, the search."""

import hashlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from vovremya.board import snapshots
from vovremya.board.queries.lists import found_visits, not_arrived_visits, removed_visits
from vovremya.board.views.answering import Desk, at_desk, read_day, require
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right, rights_of
from vovremya.directory.texts import ROLES
from vovremya.kernel import clock
from vovremya.ui.packing import Piece, gzipped, plain


@require_safe
@at_desk
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not desk.branches:
        return render(request, "board/no_branch.html", status=403)
    return redirect("board", code=desk.branches[0].code)


@require_safe
@at_desk
def board(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch(desk, code)
    snapshot = snapshots.of(branch, read_day(request.GET.get("day")), now=desk.now, real_now=desk.real_now)
    frame = _frame(desk, branch, "board")
    # Whatever the page shows of the one who looks at it.
    looker = (
        desk.user.full_name,
        desk.user.short_name,
        frame["role_words"],
        frame["may_book"],
        branch.code,
        *_shown(desk.branches),
    )
    words = {
        "csrf_token": get_token(request),
        "now_ms": str(clock.to_milliseconds(desk.now)),
        "speed": f"{clock.speed():g}",
        "time_words": f"{desk.now.astimezone(ZoneInfo(branch.zone)):%H:%M}",
        "live_name": _live_name(request, branch),
    }
    page = snapshot.page(looker, words, lambda shown: render_to_string("board/board.html", {**frame, **shown}, request))
    return _sent(request, page)


def _shown(branches: Sequence[Branch]) -> list[tuple[object, ...]]:
    return [(branch.code, branch.name, branch.address, branch.zone) for branch in branches]


def _sent(request: HttpRequest, parts: Sequence[Piece | bytes]) -> HttpResponse:
    """The middleware leaves alone what is compressed already."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(plain(parts))
    return HttpResponse(gzipped(parts), headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


@require_safe
@at_desk
def search(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch(desk, code)
    found = found_visits(branch, request.GET.get("q", "").strip()[:100], desk.now)
    return render(request, "board/found.html", {"found": found, "zone": ZoneInfo(branch.zone)})


@require_safe
@at_desk
def removed(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Removed visits by the day they were booked for; the newest removal first."""
    branch = _branch(desk, code)
    on = read_day(request.GET.get("day"))
    context = {
        **_frame(desk, branch, "removed"),
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
    branch = _branch(desk, code)
    context = {
        **_frame(desk, branch, "not_arrived"),
        "visits": not_arrived_visits(branch, desk.now),
        "zone": branch.zone,
    }
    return render(request, "board/not_arrived.html", context)


def _live_name(request: HttpRequest, branch: Branch) -> str:
    """A public name of this login: a new one never inherits an old one's stream."""
    session_key = request.session.session_key or ""
    return f"{hashlib.sha256(session_key.encode()).hexdigest()[:16]}-{branch.code}"


def _branch(desk: Desk, code: str) -> Branch:
    branch = desk.branch(code)
    require(desk, branch.pk, Right.SEE_BOARD)
    return branch


def _frame(desk: Desk, branch: Branch, section: str) -> dict[str, object]:
    roles = desk.actor.roles.get(branch.pk, frozenset())
    return {
        "branch": branch,
        "branches": desk.branches,
        # As text: a number would be printed the Russian way.
        "now_ms": str(clock.to_milliseconds(desk.now)),
        "speed": f"{clock.speed():g}",
        "section": section,
        "role_words": ", ".join(ROLES[role].lower() for role in sorted(roles)),
        "may_book": Right.BOOK in rights_of(roles),
    }
