"""«Календари»: secret addresses under which a bay or an advisor is followed from any calendar program."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from vovremya.board.views.answering import Desk, at_desk, whole_number
from vovremya.board.views.pages import branch_seen
from vovremya.directory.models import Branch
from vovremya.directory.queries import advisors_of, bays_of
from vovremya.directory.rules import Right
from vovremya.exchange.actions.calendars import Subject, revoke_calendar, share_calendar
from vovremya.exchange.queries import calendar_links
from vovremya.exchange.texts import CALENDAR_PROBLEMS
from vovremya.kernel.refusal import BadInput
from vovremya.office.views.framing import office_frame


@at_desk
def calendars(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """A POST makes an address and shows it, this once."""
    branch = _editable(desk, code)
    if request.method != "POST":
        return _draw(request, desk, branch, {})
    typed = {"name": request.POST.get("name", ""), "subject": request.POST.get("subject", "")}
    try:
        link, token = share_calendar(branch, _subject(typed["subject"]), typed["name"], actor=desk.actor, now=desk.now)
    except BadInput as refusal:
        errors = {field: CALENDAR_PROBLEMS[problem] for field, problem in refusal.problems.items()}
        return _draw(request, desk, branch, {"typed": typed, "errors": errors}, status=422)
    address = request.build_absolute_uri(reverse("calendar_feed", args=(token,)))
    return _draw(request, desk, branch, {"made": link, "address": address})


@require_POST
@at_desk
def calendar_revoked(_request: HttpRequest, desk: Desk, code: str, link_id: int) -> HttpResponse:
    branch = _editable(desk, code)
    revoke_calendar(branch, link_id, actor=desk.actor, now=desk.now)
    return HttpResponse(status=303, headers={"Location": reverse("calendars", args=(branch.code,))})


def _draw(request: HttpRequest, desk: Desk, branch: Branch, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {
        **office_frame(desk, branch, "calendars"),
        "links": calendar_links(branch),
        "bays": [(f"bay-{bay.pk}", bay.name) for bay in bays_of(branch)],
        "advisors": [(f"advisor-{advisor.pk}", advisor.name) for advisor in advisors_of(branch)],
        **more,
    }
    return render(request, "office/calendars.html", context, status=status)


def _subject(text: str) -> Subject:
    """«bay-3», «advisor-2»; anything else is nobody's."""
    kind, _, number = text.partition("-")
    subject_id = whole_number(number)
    return Subject(bay_id=subject_id) if kind == "bay" else Subject(advisor_id=subject_id)


def _editable(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.EDIT_BRANCH)
    return branch
