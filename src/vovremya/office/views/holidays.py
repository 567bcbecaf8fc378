"""The public holidays, proposed: those that are ticked become special days, of one branch or of several, at once."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from vovremya.board.views.answering import (
    Desk,
    answer,
    asked,
    at_desk,
    nothing,
    pressing,
    read_day,
    whole_number,
)
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.office.queries.network import EVE_SHORTER_MINUTES, branches_edited, holidays_of
from vovremya.office.queries.settings import changes_made_with, confirming
from vovremya.office.texts.directories import HOLIDAYS, HOLIDAYS_TAKEN
from vovremya.office.views.setting_fields import read_hours
from vovremya.office.views.settings import editable, saved, told_refusal
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.rules.holidays import Holiday, days_off, eves
from vovremya.visits.actions.branch_settings import Wanted, change_settings
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.refusals import WouldStrand
from vovremya.visits.rules.settings import Setting, SettingOf, Value


@at_desk
def holidays_window(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = editable(desk, code)
    this_year = calendar_of(branch.pk).day_of(desk.now).on.year
    asked_for = whole_number((request.POST or request.GET).get("year"))
    year = asked_for if asked_for in (this_year, this_year + 1) else this_year
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("settings", code=branch.code)
        return _draw(request, desk, branch, year, this_year)
    change_ids: list[int] = []
    with pressing() as press:
        wanted = list(_wanted(request, desk, branch, year))
        try:
            made = change_settings(
                wanted,
                actor=desk.actor,
                now=desk.now,
                confirmed=request.POST.get("confirmed", ""),
                request=asked(request, "holidays"),
            )
            change_ids = [change.pk for change in made]
        except AlreadyDone as done:
            change_ids = changes_made_with(done.entry)
    if press.refusal:
        return _draw(request, desk, branch, year, this_year, press.refusal)
    return nothing(saved(branch, None, HOLIDAYS_TAKEN, several=change_ids))


def _wanted(request: HttpRequest, desk: Desk, branch: Branch, year: int) -> Iterator[Wanted]:
    """A special day for each that is ticked, in each branch that is ticked. Raises `BadInput`."""
    typed = request.POST
    names = {each.on: each.holiday for each in (*days_off(year), *eves(year))}
    days = [on for text in typed.getlist("days") if (on := read_day(text)) in names and on is not None]
    if not days:
        raise BadInput({"days": "days_needed"})
    codes = typed.getlist("branches") or [branch.code]
    branches = [each for each in branches_edited(desk.actor, desk.branches) if each.code in codes]
    hours = read_hours({**typed.dict(), "open": "yes"}) if typed.get("how") == "open" else None
    for each in branches:
        week = calendar_of(each.pk).week.days
        for on in days:
            usual = week[on.weekday()]
            if names[on] is Holiday.EVE:
                if usual is None:  # closed anyway
                    continue
                value: Value = [usual.opens_at_minute, usual.closes_at_minute - EVE_SHORTER_MINUTES]
                if value[1] <= value[0]:
                    continue
            else:
                value = hours
            title = str(HOLIDAYS[names[on]])
            yield Wanted(SettingOf(each.pk, Setting.EXCEPTION, on=on), {"hours": value, "title": title})


def _draw(
    request: HttpRequest, desk: Desk, branch: Branch, year: int, this_year: int, refusal: Refusal | None = None
) -> HttpResponse:
    calendar = calendar_of(branch.pk)
    others = [each for each in branches_edited(desk.actor, desk.branches) if each.pk != branch.pk]
    context = {
        "branch": branch,
        "zone": branch.zone,
        "address": request.path,
        "year": year,
        "years": (this_year, this_year + 1),
        "holidays": holidays_of(branch, year, calendar, calendar.day_of(desk.now).on),
        "others": others,
        "typed": request.POST,
        "ticked": [on for text in request.POST.getlist("days") if (on := read_day(text))],
        "branches_ticked": request.POST.getlist("branches"),
        "errors": told_refusal(refusal, branch, SettingOf(branch.pk, Setting.EXCEPTION)),
        "confirming": confirming(refusal) if isinstance(refusal, WouldStrand) else None,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return answer(request, "office/holidays.html", context, status=422 if refusal else 200)
