"""The pages: the board of a day, the lists beside it, the search."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from vovremya.board.bars import draw_bars
from vovremya.board.queries.day import Bar, BoardDay, board_day
from vovremya.board.queries.lists import found_visits, not_arrived_visits, removed_visits
from vovremya.board.texts import LEGEND, MONTHS, STATE_FILTERS, WEEKDAYS
from vovremya.board.views.answering import Desk, at_desk, read_day, require
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.directory.queries import advisors_of
from vovremya.directory.rules import Right, rights_of
from vovremya.directory.texts import ROLES
from vovremya.journal.queries import latest_cursor
from vovremya.kernel import clock
from vovremya.schedule.queries import business_day_of
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.visits.texts import STATES

_HOUR = 60


@dataclass(frozen=True)
class Row:
    bay: Bay
    bars: SafeString
    lanes: int
    load: int


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
    zone = ZoneInfo(branch.zone)
    # The cursor first: what is written after it arrives by the feed.
    cursor = latest_cursor()
    today = business_day_of(branch.pk, desk.now)
    on = read_day(request.GET.get("day")) or today.on
    shown = board_day(branch, on, desk.now)
    is_today = on == today.on
    context = {
        **_frame(desk, branch, "board"),
        **_board_context(shown, desk.now),
        "is_today": is_today,
        "today": today.on,
        "day_words": day_words(on),
        "day_before": on - timedelta(days=1),
        "day_after": on + timedelta(days=1),
        "midnight_ms": clock.to_milliseconds(shown.day.midnight_at),
        "time_words": f"{desk.now.astimezone(zone):%H:%M}",
        "cursor": cursor,
        "live_name": _live_name(request, branch),
        "advisors": advisors_of(branch),
        "legend": LEGEND,
        "state_filters": STATE_FILTERS,
        "state_words": {str(state): word for state, word in STATES.items()},
        "today_bars": "" if is_today else _today_bars(branch, today.on, desk.now),
    }
    return render(request, "board/board.html", context)


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


def day_words(on: date) -> str:
    return f"{WEEKDAYS[on.weekday()]}, {on.day} {MONTHS[on.month - 1]}"


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


def _board_context(shown: BoardDay, now: datetime) -> dict[str, object]:
    from_minute, to_minute = _minutes_shown(shown)
    open_minutes = _open_minutes(shown.day)
    rows: dict[BayGroup, list[Row]] = {}
    for bay in shown.bays:
        rows.setdefault(bay.group, []).append(_row(shown, bay, now, open_minutes))
    total = sum(len(bars) for bars in shown.bars.values())
    return {
        "board": shown,
        "rows": list(rows.items()),
        "groups": list(rows),
        "bay_count": len(shown.bays),
        "hours": _hours(shown, from_minute, to_minute),
        "from_minute": from_minute,
        "to_minute": to_minute,
        "open_minutes": open_minutes,
        "breaks": _breaks(shown, from_minute, to_minute),
        "counts": {"total": total},
        "visits_word": _plural(total, "визит", "визита", "визитов"),
    }


def _row(shown: BoardDay, bay: Bay, now: datetime, open_minutes: int) -> Row:
    bars = shown.bars.get(bay.pk, ())
    busy = sum(_minutes(bar.ends_at - bar.starts_at) for bar in bars)
    return Row(
        bay=bay,
        bars=_drawn(bars, shown, now),
        lanes=max((bar.lane for bar in bars), default=0) + 1,
        load=round(100 * busy / open_minutes) if open_minutes else 0,
    )


def _today_bars(branch: Branch, on: date, now: datetime) -> SafeString:
    """Where another day is shown, the queue still is today's."""
    today = board_day(branch, on, now)
    return _drawn((bar for bars in today.bars.values() for bar in bars), today, now)


def _drawn(bars: Iterable[Bar], shown: BoardDay, now: datetime) -> SafeString:
    drawn = draw_bars(bars, midnight_at=shown.day.midnight_at, zone=shown.zone, now=now)
    return mark_safe(drawn)  # noqa: S308  # draw_bars escapes


def _minutes_shown(shown: BoardDay) -> tuple[int, int]:
    """Whole hours from opening to closing, wider where a visit lies outside, over midnight where work goes on."""
    day = shown.day
    starts_at, ends_at = shown.shown
    instants = [moment for bars in shown.bars.values() for bar in bars for moment in (bar.starts_at, bar.ends_at)]
    if day.opens_at and day.closes_at:
        instants += [day.opens_at, day.closes_at]
    if starts_at < day.midnight_at:
        instants.append(starts_at)
    if _runs_on(shown):
        instants.append(ends_at)
    if not instants:
        return 8 * _HOUR, 20 * _HOUR
    first = _minutes(max(starts_at, min(instants)) - day.midnight_at)
    last = _minutes(min(ends_at, max(instants)) - day.midnight_at)
    return first // _HOUR * _HOUR, -(-max(last, first + _HOUR) // _HOUR) * _HOUR


def _runs_on(shown: BoardDay) -> bool:
    """Whether work goes on over the midnight after the day."""
    closes_at = shown.day.closes_at
    return closes_at is not None and shown.day.midnight_at + timedelta(days=1) <= closes_at < shown.shown[1]


def _hours(shown: BoardDay, from_minute: int, to_minute: int) -> Sequence[str]:
    """By the wall clock, so that a day with a gap or an overlap reads as the clock did."""
    midnight = shown.day.midnight_at
    return [
        f"{(midnight + timedelta(minutes=minute)).astimezone(shown.zone):%H:%M}"
        for minute in range(from_minute, to_minute, _HOUR)
    ]


def _open_minutes(day: BusinessDay) -> int:
    if day.opens_at is None or day.closes_at is None:
        return 0
    lunch = _minutes(day.lunch[1] - day.lunch[0]) if day.lunch else 0
    return _minutes(day.closes_at - day.opens_at) - lunch


def _breaks(shown: BoardDay, from_minute: int, to_minute: int) -> SafeString:
    """Lunch and closed hours, drawn behind the bars of every row."""
    day = shown.day
    spans: list[tuple[int, int, str]] = []
    if day.opens_at is None or day.closes_at is None:
        spans.append((from_minute, to_minute, "закрыто"))
    else:
        opens, closes = (_minutes(moment - day.midnight_at) for moment in (day.opens_at, day.closes_at))
        spans += [(max(from_minute, 0), opens, ""), (closes, closes if _runs_on(shown) else to_minute, "")]
    if day.lunch:
        starts, ends = (_minutes(moment - day.midnight_at) for moment in day.lunch)
        spans.append((starts, ends, "обед"))
    return mark_safe(  # noqa: S308  # numbers and our own words
        "".join(f'<div class="brk" style="--s:{s};--d:{e - s}">{word}</div>' for s, e, word in spans if e > s)
    )


def _minutes(span: timedelta) -> int:
    return int(span / timedelta(minutes=1))


def _plural(count: int, one: str, few: str, many: str) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return one
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return few
    return many
