"""«Требует внимания» for the supervisor, and «Журнал доступа»: what was done, by whom, and what was found of it."""

from collections.abc import Callable
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    read_day,
    told_of,
    whole_number,
)
from vovremya.board.views.pages import branch_seen
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import NotFound
from vovremya.office.queries.attention import (
    AccessLog,
    Asked,
    ExportLog,
    ShownMatter,
    access_log,
    export_log,
    matter_seen,
    matters,
    people_of,
)
from vovremya.office.queries.places import Place, read_place
from vovremya.office.texts.attention import MATTERS
from vovremya.office.views.framing import office_frame
from vovremya.visits.actions.matters import look_over, open_again

_LONGEST_NOTE = 1000


@require_safe
@at_desk
def attention(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _supervised(desk, code)
    wanted = Asked(
        on=read_day(request.GET.get("day")),
        user_id=whole_number(request.GET.get("user")),
        kind=request.GET.get("kind", ""),
        with_looked_over=request.GET.get("show") == "all",
    )
    shown = matters(branch, wanted, read_place(request.GET.get("before", "")))
    context = {
        **office_frame(desk, branch, "attention"),
        "matters": shown,
        "asked": wanted,
        "is_narrowed": wanted != Asked(),
        "kinds": MATTERS.items(),
        "people": people_of(branch),
        "older": _older(request, shown.next),
        "is_first": "before" not in request.GET,
    }
    return render(request, "office/attention.html", context)


@at_desk
def matter(request: HttpRequest, desk: Desk, code: str, matter_id: int) -> HttpResponse:
    """What happened, and what the supervisor says of it."""
    branch = _supervised(desk, code)
    shown = matter_seen(branch, matter_id)
    if shown is None:
        raise NotFound
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("attention", code=branch.code)
        return _draw_matter(request, branch, shown, Errors())
    note = request.POST.get("note", "")[:_LONGEST_NOTE]
    with pressing() as press:
        look_over(matter_id, branch.pk, note, actor=desk.actor, now=desk.now, request=asked(request, "look over"))
    if press.refusal:
        return _draw_matter(request, branch, shown, errors_of(press.refusal, ZoneInfo(branch.zone)), note)
    undo = reverse("matter_open_again", args=(branch.code, matter_id))
    return nothing(_done(_("Просмотрено."), "settings", undo=undo))


@require_POST
@at_desk
def matter_open_again(request: HttpRequest, desk: Desk, code: str, matter_id: int) -> HttpResponse:
    branch = _supervised(desk, code)
    with pressing() as press:
        open_again(matter_id, branch.pk, actor=desk.actor, now=desk.now, request=asked(request, "open again"))
    if press.refusal:
        return nothing(told_of(errors_of(press.refusal, ZoneInfo(branch.zone))), status=422)
    return nothing(_done(_("Снова в списке.")))


@require_safe
@at_desk
def access_log_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    number = request.GET.get("number", "").strip()[:40]
    return _log_page(request, desk, code, access_log, "office/access_log.html", number)


@require_safe
@at_desk
def export_log_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    return _log_page(request, desk, code, export_log, "office/export_log.html")


def _log_page(
    request: HttpRequest,
    desk: Desk,
    code: str,
    read: Callable[[Branch, Asked, Place | None], AccessLog | ExportLog],
    template: str,
    number: str = "",
) -> HttpResponse:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.SEE_ACCESS_LOG)
    wanted = Asked(read_day(request.GET.get("day")), whole_number(request.GET.get("user")), number=number)
    shown = read(branch, wanted, read_place(request.GET.get("before", "")))
    context = {
        **office_frame(desk, branch, "access_log"),
        "log": shown,
        "asked": wanted,
        "is_narrowed": wanted != Asked(),
        "people": people_of(branch),
        "older": _older(request, shown.next),
        "is_first": "before" not in request.GET,
    }
    return render(request, template, context)


def _supervised(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.LOOK_OVER)
    return branch


def _draw_matter(
    request: HttpRequest, branch: Branch, shown: ShownMatter, errors: Errors, note: str = ""
) -> HttpResponse:
    context = {"branch": branch, "shown": shown, "zone": branch.zone, "errors": errors, "note": note}
    return answer(request, "office/matter.html", context, status=422 if errors else 200)


def _older(request: HttpRequest, place: Place | None) -> str:
    """The address of the page that follows, narrowed as this one is."""
    if place is None:
        return ""
    kept = {name: value for name, value in request.GET.items() if value and name != "before"}
    return f"?{urlencode({**kept, 'before': str(place)})}"


def _done(words: str, *windows: str, undo: str | None = None) -> dict[str, object]:
    return {"vovremya:close": {"windows": list(windows)}, "vovremya:toast": {"text": words, "undo": undo}}
