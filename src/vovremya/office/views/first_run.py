"""The first steps: the first administrator of an empty installation, its first branch, and what is still to be done."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from vovremya.board.views.answering import Desk, Errors, at_desk, errors_of, whole_number
from vovremya.board.views.pages import branch_seen
from vovremya.directory.actions.first_run import take_on_first_administrator
from vovremya.directory.actions.staff import Names
from vovremya.directory.models import Branch
from vovremya.directory.queries import has_branches, has_staff
from vovremya.directory.rules import Right
from vovremya.directory.sessions import begin
from vovremya.kernel import clock
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.office.queries.first_run import beginnings_of
from vovremya.office.queries.network import zones_at
from vovremya.office.views.framing import office_frame
from vovremya.office.views.setting_fields import read_week
from vovremya.office.views.settings import days_shown
from vovremya.visits.actions.founding import FirstBranch, GroupGiven, equip, found_first_branch
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.settings import hours_of_value

#: As many groups of bays as the first form takes; the settings take more.
_GROUP_ROWS = 5
_GROUP_FIELDS = ("name", "bays", "advisor")
_HOURS_TYPED = {"from": "08:00", "to": "20:00"}
_ZONE = "Europe/Moscow"
#: No refusal of these pages names a time.
_NO_ZONE = ZoneInfo("UTC")


class AdministratorForm(forms.Form):
    code = forms.CharField(max_length=40, error_messages={"required": _("Введите код из консоли.")})
    full_name = forms.CharField(max_length=200, error_messages={"required": _("Напишите имя и фамилию.")})
    username = forms.CharField(max_length=100, error_messages={"required": _("Придумайте логин.")})
    password = forms.CharField(max_length=1000, strip=False, error_messages={"required": _("Придумайте пароль.")})
    password_again = forms.CharField(max_length=1000, strip=False, error_messages={"required": _("Повторите пароль.")})

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("password") and typed.get("password_again") not in (None, typed["password"]):
            self.add_error("password_again", _("Пароли не совпали."))
        return typed


@sensitive_post_parameters("password", "password_again", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def first_administrator(request: HttpRequest) -> HttpResponse:
    """Of an installation that nobody has used. Afterwards there is no such page."""
    if has_staff():
        return _onwards(request)
    if request.method != "POST":
        return _administrator_page(request, AdministratorForm(initial={"code": request.GET.get("code", "")}))
    form = AdministratorForm(request.POST)
    if not form.is_valid():
        return _administrator_page(request, form, status=422)
    typed = form.cleaned_data
    try:
        names = Names(typed["full_name"], "", typed["username"])
        user = take_on_first_administrator(names, typed["password"], typed["code"], now=clock.now())
    except NotFound:
        return _onwards(request)
    except Refusal as refusal:
        for name, text in errors_of(refusal, _NO_ZONE).fields.items():
            form.add_error(name, text)
        return _administrator_page(request, form, status=422)
    begin(request, user)
    return redirect("first_branch")


def _onwards(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated or has_branches():
        raise Http404
    return redirect("first_branch")


def _administrator_page(request: HttpRequest, form: AdministratorForm, status: int = 200) -> HttpResponse:
    return render(request, "office/first_administrator.html", {"form": form}, status=status)


@at_desk
def first_branch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whoever has signed in before there is a branch is the first administrator."""
    if has_branches():
        raise NotFound
    if request.method != "POST":
        return _branch_page(request, desk, _first_branch_typed(), Errors())
    typed = request.POST
    try:
        branch = found_first_branch(
            desk.user, _read_branch(typed), is_supervisor=typed.get("is_supervisor") == "yes", now=desk.now
        )
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _branch_page(request, desk, typed.dict(), errors_of(refusal, _NO_ZONE), status=422)
    return redirect("start", code=branch.code)


def _first_branch_typed() -> Mapping[str, Any]:
    days = {f"{name}_{number}": text for number in range(7) for name, text in _HOURS_TYPED.items()}
    return {"zone": _ZONE, "is_supervisor": "yes", **{f"open_{number}": "yes" for number in range(7)}, **days}


def _read_branch(typed: QueryDict) -> FirstBranch:
    return FirstBranch(
        network=typed.get("network", "")[:200],
        name=typed.get("name", "")[:200],
        zone=typed.get("zone", ""),
        hours=[hours_of_value(value) for value in read_week(typed)],
        code=typed.get("code", "")[:20],
        address=typed.get("address", "")[:300],
    )


def _branch_page(
    request: HttpRequest, desk: Desk, typed: Mapping[str, Any], errors: Errors, status: int = 200
) -> HttpResponse:
    context = {
        "typed": typed,
        "errors": errors,
        "days": days_shown(typed, errors),
        "has_lunch": True,
        "title": _("Часы работы"),
        "zones": zones_at(desk.now),
        "is_typed": bool(errors),
    }
    return render(request, "office/first_branch.html", context, status=status)


@at_desk
def start(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """«Начало работы»: what a new branch has, and what it lacks yet; the first bays are put up here."""
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.EDIT_NETWORK)
    errors, typed = Errors(), QueryDict()
    if request.method == "POST":
        typed = request.POST
        try:
            with suppress(WrongMoment):  # pressed twice: the bays are there
                equip(branch, _read_groups(typed), actor=desk.actor, now=desk.now)
        except BadInput as refusal:
            errors = errors_of(refusal, _NO_ZONE)
        else:
            return _start_again(branch)
    context = {
        **office_frame(desk, branch, "start"),
        "beginnings": beginnings_of(branch, desk.user),
        "groups": _groups_shown(typed, errors),
        "errors": errors,
    }
    return render(request, "office/start.html", context, status=422 if errors else 200)


def _start_again(branch: Branch) -> HttpResponse:
    return HttpResponseRedirect(reverse("start", args=(branch.code,)), status=303)


def _read_groups(typed: QueryDict) -> list[GroupGiven]:
    """Rows that say anything. Their number in the form is that of the errors, so empty ones stand only at the end."""
    rows = [tuple(typed.get(f"{name}_{row}", "").strip() for name in _GROUP_FIELDS) for row in range(_GROUP_ROWS)]
    last = max((row for row, said in enumerate(rows) if any(said)), default=0)
    return [GroupGiven(name[:100], _read_bays(bays), advisor[:200]) for name, bays, advisor in rows[: last + 1]]


def _read_bays(text: str) -> int | list[str]:
    """«7», or «Пост 1, Подъёмник 5»."""
    number = whole_number(text)
    if number is not None:
        return number
    return [name[:100] for each in text.split(",") if (name := " ".join(each.split()))]


def _groups_shown(typed: QueryDict, errors: Errors) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            **{name: typed.get(f"{name}_{row}", "") for name in _GROUP_FIELDS},
            "errors": {name: errors.fields.get(f"{name}_{row}", "") for name in _GROUP_FIELDS},
        }
        for row in range(_GROUP_ROWS)
    ]
