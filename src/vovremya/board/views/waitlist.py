"""«Лист ожидания»: the page, putting a visit's client onto the list, changing the wishes, leaving."""

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.queries.booking import SHOWN_NEAREST, FreeTime, Wishes, free_times
from vovremya.board.queries.waitlist import coming_days, waitlist
from vovremya.board.queries.windows import visit_seen
from vovremya.board.texts import WAITLIST_FILTERS, calls_word
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    closing,
    errors_of,
    nothing,
    pressing,
    told_of,
)
from vovremya.board.views.free_times import DAYS_TO_CHOOSE, wished_for, wishes_context, wishes_of_visit, wishes_typed
from vovremya.board.views.pages import branch_seen, frame, live_name
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.journal.queries import latest_cursor
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.queries import Asker
from vovremya.schedule.rules.slots import PartOfDay
from vovremya.visits.models import Visit
from vovremya.waitlist.actions import keeping
from vovremya.waitlist.models import Wait
from vovremya.waitlist.queries import wait_of_visit, wait_seen

_COMMENT_AT_MOST = 4000


@require_safe
@at_desk
def waitlist_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Whom to call about what became free, and who waits."""
    branch = branch_seen(desk, code)
    show, text = request.GET.get("show", ""), request.GET.get("q", "").strip()[:100]
    cursor = latest_cursor(branch.pk)
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id)
    listed = waitlist(branch, show=show, text=text, now=desk.now, asker=asker, today=_today(desk, branch))
    context = {
        **frame(desk, branch, "waitlist"),
        "calls": listed.calls,
        "calls_word": calls_word(len(listed.calls)),
        "rows": listed.rows,
        "filters": WAITLIST_FILTERS,
        "show": show,
        "q": request.GET.get("q", ""),
        "may_keep": desk.actor.may(Right.KEEP_WAITLIST, branch.pk),
        "cursor": cursor,
        "live_name": live_name(request, branch),
        "zone": branch.zone,
    }
    return render(request, "board/waitlist.html", context)


@at_desk
def want_sooner(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """«Хочет раньше»: the visit's place on the list, new or as it stands."""
    visit = visit_seen(visit_id, desk.actor)
    desk.actor.require(visit.branch_id, Right.KEEP_WAITLIST)
    wait = wait_of_visit(visit_id)
    if request.method != "POST" and "HX-Request" not in request.headers:
        return redirect("board", code=visit.branch.code)
    if request.method != "POST":
        return _draw_wait(request, desk, visit.branch, wait, visit, Errors())
    with pressing() as press:
        keeping.want_sooner(
            visit,
            wished_for(request),
            comment=_comment(request),
            actor=desk.actor,
            now=desk.now,
            request=asked(request, "sooner"),
        )
    if refusal := press.refusal:
        errors = errors_of(refusal, ZoneInfo(visit.branch.zone))
        return _draw_wait(request, desk, visit.branch, wait, visit, errors)
    toast = gettext("Клиент в листе ожидания: позвоним, когда освободится время раньше.")
    return nothing(closing(visit_id, "waiting", toast=toast))


@at_desk
def wait_window(request: HttpRequest, desk: Desk, code: str, wait_id: int) -> HttpResponse:
    """The wishes of one who waits."""
    wait = wait_here(desk, code, wait_id)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("waitlist", code=code)
        return _draw_wait(request, desk, wait.branch, wait, wait.visit, Errors())
    with pressing() as press:
        _change(request, desk, wait_id)
    if refusal := press.refusal:
        errors = errors_of(refusal, ZoneInfo(wait.branch.zone))
        return _draw_wait(request, desk, wait.branch, wait, wait.visit, errors)
    return nothing(closing(None, "waiting", toast=gettext("Пожелания изменены.")))


@require_POST
@at_desk
def withdrawn(request: HttpRequest, desk: Desk, code: str, wait_id: int) -> HttpResponse:
    """Off the list, with a way back."""
    wait = wait_here(desk, code, wait_id)
    with pressing() as press:
        why = request.POST.get("why", "")[:_COMMENT_AT_MOST]
        key = asked(request, "withdraw")
        keeping.withdraw(wait_id, why, actor=desk.actor, now=desk.now, request=key)
    if refusal := press.refusal:
        errors = errors_of(refusal, ZoneInfo(wait.branch.zone))
        return _draw_wait(request, desk, wait.branch, wait, wait.visit, errors)
    undo = reverse("put_back", args=(code, wait_id))
    return nothing(closing(wait.visit_id, "waiting", toast=gettext("Клиент снят с листа ожидания."), undo=undo))


@require_POST
@at_desk
def put_back(request: HttpRequest, desk: Desk, code: str, wait_id: int) -> HttpResponse:
    wait = wait_here(desk, code, wait_id)
    with pressing() as press:
        keeping.put_back(wait_id, actor=desk.actor, now=desk.now, request=asked(request, "back"))
    if refusal := press.refusal:
        return nothing(told_of(errors_of(refusal, ZoneInfo(wait.branch.zone))), status=422)
    return nothing(closing(wait.visit_id, "waiting", toast=gettext("Клиент снова в листе ожидания.")))


def wait_here(desk: Desk, code: str, wait_id: int) -> Wait:
    """On this side of the branch wall, by whoever keeps the list."""
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.KEEP_WAITLIST)
    wait = wait_seen(branch.pk, wait_id)
    if wait is None:
        raise NotFound
    return wait


def _change(request: HttpRequest, desk: Desk, wait_id: int) -> None:
    key = asked(request, "wishes")
    comment = _comment(request)
    keeping.change_wishes(wait_id, wished_for(request), comment=comment, actor=desk.actor, now=desk.now, request=key)


def _comment(request: HttpRequest) -> str:
    return request.POST.get("comment", "")[:_COMMENT_AT_MOST]


def _draw_wait(
    request: HttpRequest, desk: Desk, branch: Branch, wait: Wait | None, visit: Visit | None, errors: Errors
) -> HttpResponse:
    about = visit or wait
    assert about is not None
    today = _today(desk, branch)
    wishes = wishes_typed(request.POST) if request.method == "POST" else _wishes_of(wait)
    context = {
        **wishes_context(branch),
        "branch": branch,
        "zone": branch.zone,
        "wait": wait,
        "visit": visit,
        "client": about.client,
        "car": about.car,
        "url": reverse("wait", args=(branch.code, wait.pk)) if wait else request.path,
        "wishes": wishes,
        "today": today,
        "coming_days": coming_days(today, DAYS_TO_CHOOSE, wishes.days),
        "sooner": () if wait or visit is None else _free_sooner(desk, branch, visit),
        "typed": request.POST if request.method == "POST" else _typed_of(wait),
        "errors": errors,
    }
    return answer(request, "board/wait.html", context, status=422 if errors else 200)


def _free_sooner(desk: Desk, branch: Branch, visit: Visit) -> list[FreeTime]:
    """What could be offered at once, before anybody has to wait."""
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=visit.pk)
    wishes = wishes_of_visit(visit, Wishes(duration_minutes=0, group_id=visit.bay.group_id))
    found = free_times(branch, wishes, now=desk.now, asker=asker, limit=SHOWN_NEAREST)
    return [free for free in found if free.starts_at < visit.starts_at]


def _wishes_of(wait: Wait | None) -> Wishes:
    if wait is None:
        return Wishes(duration_minutes=0)
    return Wishes(
        duration_minutes=0,
        days=tuple(map(date.fromisoformat, wait.days)),
        weekdays=tuple(wait.weekdays),
        part=PartOfDay(wait.part_of_day) if wait.part_of_day else None,
        not_before=_wall_time(wait.not_before_minute),
        not_after=_wall_time(wait.not_after_minute),
        group_id=wait.group_id,
        bay_id=wait.bay_id,
        advisor_id=wait.advisor_id,
    )


def _typed_of(wait: Wait | None) -> Mapping[str, str]:
    if wait is None:
        return {}
    return {
        "until": wait.until_on.isoformat(),
        "urgent": "yes" if wait.is_urgent else "",
        "comment": wait.comment,
    }


def _wall_time(minute: int | None) -> time | None:
    return None if minute is None else time(minute // 60, minute % 60)


def _today(desk: Desk, branch: Branch) -> date:
    local: datetime = desk.now.astimezone(ZoneInfo(branch.zone))
    return local.date()
