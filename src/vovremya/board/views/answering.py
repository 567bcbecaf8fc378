"""What every view of the desk shares: who acts, what was asked, and how an answer or a refusal goes back."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import activate, gettext

from vovremya.board.history import last_change
from vovremya.board.rules import FIRST_DAY, LAST_DAY
from vovremya.board.texts import REFUSALS
from vovremya.directory.models import Branch, User
from vovremya.directory.queries import actor_of, branches_of
from vovremya.directory.rules import Actor, Debt
from vovremya.directory.sessions import debt_of
from vovremya.journal.actions import Request
from vovremya.kernel import clock
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit

#: Fields of a form that are not part of what was asked.
_NOT_ASKED = frozenset({"csrfmiddlewaretoken", "request_key", "sequence"})


#: A view that is for reading alone, or for writing alone, says so itself.
_METHODS = ("GET", "HEAD", "POST")


#: Where a debt is settled.
_DEBTS = {Debt.PASSWORD: "own_password", Debt.SECOND_STEP: "own_second_step"}


@dataclass(frozen=True)
class Desk:
    """The operator at the screen: who acts, and when."""

    user: User
    actor: Actor
    now: datetime
    real_now: datetime

    @cached_property
    def branches(self) -> Sequence[Branch]:
        """Those of the menu: read once, by the first who asks."""
        return branches_of(self.actor)

    def branch(self, code: str) -> Branch:
        """`NotFound` alike whether it does not exist or lies behind the wall."""
        found = next((branch for branch in self.branches if branch.code == code), None)
        if found is None:
            raise NotFound
        return found


Arguments = ParamSpec("Arguments")


View = Callable[Concatenate[HttpRequest, Desk, Arguments], HttpResponseBase]
Answering = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


def at_desk(view: View[Arguments]) -> Answering[Arguments]:
    """A view for signed-in staff: reads the clock once, and turns what lies behind the wall into a 404. Whoever has
    something to do before all else is led there."""
    return _signed_in(view, _to_debt)


def at_own_account(view: View[Arguments]) -> Answering[Arguments]:
    """Like that, for the pages where it is done."""
    return _signed_in(view, lambda _request, _user: None)


def _signed_in(
    view: View[Arguments], lead_away: Callable[[HttpRequest, User], HttpResponse | None]
) -> Answering[Arguments]:
    @wraps(view)
    def inner(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        user = get_user(request)  # what `request.user` stands for, which finds it out at every look
        if not isinstance(user, User):
            return _to_login(request)
        activate(user.language)
        if led_away := lead_away(request, user):
            return led_away
        desk = Desk(user=user, actor=actor_of(user), now=clock.now(), real_now=clock.real_now())
        response: HttpResponseBase
        try:
            response = view(request, desk, *args, **kwargs)
        except NotFound as refusal:
            raise Http404 from refusal
        except NotAllowed as refusal:
            response = render(request, "403.html", {"text": REFUSALS[refusal.code]}, status=403)
        return _remembering(user.language, request, response)

    return cast(Answering[Arguments], inner)


def _remembering(language: str, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """For the pages where nobody is signed in, or nobody asks who is: the login, errors."""
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.SECURE_COOKIES,
            httponly=True,
            samesite="Lax",
        )
    return response


def _to_login(request: HttpRequest) -> HttpResponse:
    address = reverse("login")
    if "HX-Request" in request.headers:
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    asked_for = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return HttpResponse(status=302, headers={"Location": address + asked_for})


def _to_debt(request: HttpRequest, user: User) -> HttpResponse | None:
    """A window that was open when a second step was demanded may still be saved: the next page asks for it."""
    is_in_window = "HX-Request" in request.headers
    debt = debt_of(user, request.session)
    if debt is None and user.owes_second_step and request.method != "POST" and not is_in_window:
        debt = Debt.SECOND_STEP
    if debt is None:
        return None
    address = reverse(_DEBTS[debt])
    return HttpResponse(status=401, headers={"HX-Redirect": address}) if is_in_window else redirect(address)


@dataclass
class Press:
    """One press of a button and what was refused of it."""

    refusal: Refusal | None = None


@contextmanager
def pressing() -> Iterator[Press]:
    """A repeated press counts as done; a refusal is kept, to be answered in the window.

    What lies behind the wall or beyond the right goes on to the frame.
    """
    press = Press()
    try:
        yield press
    except AlreadyDone:
        pass
    except (NotAllowed, NotFound):
        raise
    except Refusal as refusal:
        press.refusal = refusal


def asked(request: HttpRequest, action: str) -> Request | None:
    """The request key of a form with the digest of what was typed into it; None where the form has none."""
    key = request.POST.get("request_key", "")
    if not key:
        return None
    body: Mapping[str, object] = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_ASKED}
    return Request.of(key[:64], f"{action} {request.path}"[:40], body)


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def read_day(text: str | None) -> date | None:
    """A day that a form or an address names; None for anything that no calendar of a branch holds."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


@dataclass
class Errors:
    """Texts by field; those that belong to no field stand at the head of the form."""

    fields: dict[str, str] = field(default_factory=dict)
    form: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.fields or self.form)


def errors_of(refusal: Refusal, zone: ZoneInfo) -> Errors:
    if isinstance(refusal, BadInput):
        fields = {name: _words(code, refusal.facts, zone) for name, code in refusal.problems.items()}
        return Errors(fields=fields, code=refusal.code)
    text = refusal_text(refusal, zone)
    if refusal.field:
        return Errors(fields={refusal.field: text}, code=refusal.code)
    return Errors(form=text, code=refusal.code)


def refusal_text(refusal: Refusal, zone: ZoneInfo) -> str:
    facts = dict(refusal.facts)
    visit = facts.get("visit")
    if isinstance(visit, Visit):
        change = last_change(visit.pk, zone)
        facts["change"] = change.words if change else gettext("программа")
        facts["by"] = f" ({change.who}, {change.at:%H:%M})" if change else ""
    return _words(refusal.code, facts, zone)


def _words(code: str, facts: Mapping[str, object], zone: ZoneInfo) -> str:
    shown = {
        name: value.astimezone(zone).strftime("%H:%M") if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
    template = REFUSALS.get(code, REFUSALS["refused"])
    try:
        return template.format(**shown)
    except KeyError:
        return str(REFUSALS["refused"])


def answer(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    triggers: Mapping[str, object] | None = None,
) -> HttpResponse:
    response = render(request, template, context, status=status)
    return _with_triggers(response, triggers)


def nothing(triggers: Mapping[str, object], *, status: int = 204) -> HttpResponse:
    """No content to swap; the windows follow the triggers."""
    return _with_triggers(HttpResponse(status=status), triggers)


def dialling(number: str, branch: Branch) -> dict[str, object]:
    """The telephone of the workplace dials. In the branch where people practise it does not, and says so."""
    if branch.is_training:
        text = gettext("Учебный филиал: никому не звоним. Представьте, что на том конце клиент.")
        return {"vovremya:toast": {"text": text, "undo": None}}
    return {"vovremya:dial": {"tel": number}}


def closing(visit_id: int | None, *windows: str, toast: str | Promise = "", undo: str = "") -> dict[str, object]:
    """Close the windows and go back to the bar of the visit on «График» (M9)."""
    triggers: dict[str, object] = {"vovremya:close": {"windows": list(windows), "visit": visit_id}}
    if toast:
        triggers["vovremya:toast"] = {"text": str(toast), "undo": undo or None}
    return triggers


def opening(window: str, url: str, visit_id: int | None) -> dict[str, object]:
    return {"vovremya:open": {"window": window, "url": url, "visit": visit_id}}


def told_of(errors: Errors) -> dict[str, object]:
    """A refusal of a press that no window is open for."""
    return {"vovremya:toast": {"text": next(iter(errors.fields.values()), errors.form), "undo": None}}


def _with_triggers(response: HttpResponse, triggers: Mapping[str, object] | None) -> HttpResponse:
    if triggers:
        response["HX-Trigger"] = json.dumps(triggers)  # ASCII: a header holds no Cyrillic
    return response
