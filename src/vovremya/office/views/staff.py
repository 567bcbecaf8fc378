"""«Сотрудники»: who works here, in which roles, and whether they get in; what was done to whom, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    at_desk,
    errors_of,
    nothing,
    pressing,
    told_of,
    whole_number,
)
from vovremya.board.views.pages import branch_seen
from vovremya.directory.actions import access, staff
from vovremya.directory.models import Branch, StaffChange, User
from vovremya.directory.queries import invitation_of, person_of, second_step_of
from vovremya.directory.rules import Deed, Person, Right, Role, digest_of_roles, sees_person, why_not
from vovremya.directory.texts import ROLES
from vovremya.kernel.refusal import NotAllowed, NotFound, Refusal
from vovremya.office.queries.staff import (
    Wanted,
    changes_of,
    keys_named,
    names_words,
    roles_words,
    shown_sessions,
    staff_list,
)
from vovremya.office.views.framing import office_frame

LINK, TEMPORARY = "link", "temporary"


@require_safe
@at_desk
def staff_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _seen(desk, code)
    branches = _branches(desk, Right.SEE_STAFF)
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "branch", "role", "state")}
    by_code = {each.code: each.pk for each in branches}
    wanted = Wanted(asked["q"], by_code.get(asked["branch"]), asked["role"], asked["state"] == "off")
    context = {
        **office_frame(desk, branch, "staff"),
        "staff": staff_list(branches, wanted),
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "of_branches": branches,
        "roles": list(ROLES.items()),
        "may_edit_staff": desk.actor.may(Right.EDIT_NETWORK, branch.pk),
    }
    return render(request, "office/staff.html", context)


@require_safe
@at_desk
def person_page(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    branch = _seen(desk, code)
    user, person = _person(desk, user_id)
    branches = _branches(desk, Right.SEE_STAFF)
    why = {deed: why_not(deed, desk.actor, person) for deed in Deed}
    context = {
        **office_frame(desk, branch, "staff"),
        "person": user,
        "is_self": user.pk == desk.user.pk,
        "roles": roles_words(person.roles, branches),
        "step": second_step_of(user.pk),
        "invitation": invitation_of(user.pk),
        "changes": changes_of(user, branches),
        "sessions": [] if why[Deed.END_SESSIONS] else shown_sessions(user.pk, desk.real_now),
        "person_url": reverse("staff_sessions", args=(branch.code, user.pk)),
        "may": {deed.value: code is None for deed, code in why.items()},
        "may_give_roles": bool(_branches(desk, Right.EDIT_NETWORK)),
        "works_elsewhere": why[Deed.LET_IN] == "works_elsewhere_too",
        "real_now": desk.real_now,
    }
    return render(request, "office/person.html", context)


@at_desk
def new_person(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """A new member of staff, and how they get in for the first time: told once."""
    branch = _edited(desk, code)
    if request.method != "POST":
        return _window_or_list(request, branch, "office/person_new.html", _roles_context(desk, {branch.pk: []}))
    roles = _roles_typed(desk, request.POST)
    with pressing() as press:
        user = staff.take_on(_names_typed(request.POST), roles, actor=desk.actor, now=desk.now)
    if press.refusal:
        return _again(request, branch, "office/person_new.html", press.refusal, _roles_context(desk, roles))
    return _let_in(request, desk, branch, user, request.POST.get("by", LINK))


@at_desk
def brought_in(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Somebody of another branch works here too."""
    branch = _edited(desk, code)
    typed_roles = {branch.pk: request.POST.getlist(f"roles_{branch.pk}")}
    context = {"grid": [(branch, _checked(typed_roles[branch.pk]))]}
    if request.method != "POST":
        return _window_or_list(request, branch, "office/person_brought_in.html", context)
    with pressing() as press:
        roles = _roles_named(typed_roles[branch.pk])
        staff.bring_in(request.POST.get("username", "")[:100], branch.pk, roles, actor=desk.actor, now=desk.now)
    if press.refusal:
        return _again(request, branch, "office/person_brought_in.html", press.refusal, context)
    return nothing(_done(_("Роли даны."), closes=True))


@at_desk
def person_names(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    branch = _edited(desk, code)
    user, person = _person(desk, user_id)
    _require(Deed.NAME, desk, person)
    typed = {name: getattr(user, name) for name in staff.LONGEST}
    if request.method != "POST":
        context = {"person": user, "typed": typed, "seen": staff.names_of(user).digest}
        return _window_or_list(request, branch, "office/person_names.html", context)
    change, seen = None, request.POST.get("seen")
    with pressing() as press:
        change = staff.name(user.pk, _names_typed(request.POST), actor=desk.actor, now=desk.now, seen=seen)
    if press.refusal:
        context = {"person": user, "seen": _told_names(press.refusal) or seen}
        return _again(request, branch, "office/person_names.html", press.refusal, context)
    return nothing(_done(_("Сохранено."), branch, change, closes=True))


@at_desk
def person_roles(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    """The grid of branches and roles, as far as it is the administrator's."""
    branch = _edited(desk, code)
    user, person = _person(desk, user_id)
    context: dict[str, Any] = {"person": user}
    if request.method != "POST":
        shown = [each.pk for each in _branches(desk, Right.EDIT_NETWORK)]
        context |= {**_roles_context(desk, person.roles), "seen": digest_of_roles(person.roles, shown)}
        return _window_or_list(request, branch, "office/person_roles.html", context)
    roles = _roles_typed(desk, request.POST)
    changes: list[StaffChange] = []
    seen = request.POST.get("seen")
    with pressing() as press:
        changes = staff.give_roles_in(user.pk, roles, actor=desk.actor, now=desk.now, seen=seen)
    if press.refusal:
        context |= _roles_context(desk, {**person.roles, **roles})
        context["seen"] = _told_roles(press.refusal, desk) or seen
        return _again(request, branch, "office/person_roles.html", press.refusal, context)
    only = changes[0] if len(changes) == 1 else None
    return nothing(_done(_("Роли сохранены."), branch, only, closes=True))


@at_desk
def person_let_in(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    """A new invitation or temporary password: for a first sign-in that was missed, or a password that was forgotten."""
    branch = _edited(desk, code)
    user, person = _person(desk, user_id)
    _require(Deed.LET_IN, desk, person)
    if request.method != "POST":
        return _window_or_list(request, branch, "office/person_let_in.html", {"person": user})
    return _let_in(request, desk, branch, user, request.POST.get("by", LINK))


@require_POST
@at_desk
def person_switched(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    """Off or on, as it is said: pressed twice it is no other than pressed once."""
    branch = _edited(desk, code)
    user, _person_as_is = _person(desk, user_id)
    is_on = request.POST.get("state") == "on"
    change = None
    with pressing() as press:
        if is_on:
            change = staff.switch_on(user.pk, actor=desk.actor, now=desk.now)
        else:
            change = staff.switch_off(user, desk.actor, desk.now)
    words = _("Вход включён.") if is_on else _("Вход отключён, сеансы завершены.")
    return _pressed(press.refusal, branch, words, change)


@at_desk
def person_second_step(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    """Taken away of who has lost the telephone and the codes: asked once, since nobody can bring it back."""
    branch = _edited(desk, code)
    user, person = _person(desk, user_id)
    _require(Deed.LET_IN, desk, person)
    if request.method != "POST":
        return _window_or_list(request, branch, "office/person_second_step.html", {"person": user})
    with pressing() as press:
        access.take_second_step_away(user.pk, actor=desk.actor, now=desk.now)
    if press.refusal:
        return _again(request, branch, "office/person_second_step.html", press.refusal, {"person": user})
    return nothing(_done(_("Второй шаг отключён, сеансы завершены."), closes=True))


@require_POST
@at_desk
def staff_sessions(request: HttpRequest, desk: Desk, code: str, user_id: int) -> HttpResponse:
    branch = _edited(desk, code)
    user, _person_as_is = _person(desk, user_id)
    names = request.POST.getlist("session")
    keys = keys_named(user.pk, names, desk.real_now) if names else None
    count = 0
    with pressing() as press:
        count = access.end_sessions_of(user.pk, keys, actor=desk.actor, now=desk.now)
    words = ngettext("Завершён %(count)d сеанс.", "Завершено сеансов: %(count)d.", count) % {"count": count}
    return _pressed(press.refusal, branch, words if count else _("Этот сеанс уже завершён."))


@require_POST
@at_desk
def staff_change_taken_back(request: HttpRequest, desk: Desk, code: str, change_id: int) -> HttpResponse:
    branch = _edited(desk, code)
    change = None
    with pressing() as press:
        change = staff.take_back(change_id, actor=desk.actor, now=desk.now)
    return _pressed(press.refusal, branch, _("Возвращено, как было."), change)


# --- who, where ------------------------------------------------------------------------------------------------------


def _seen(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.SEE_STAFF)
    return branch


def _edited(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.EDIT_NETWORK)
    return branch


def _branches(desk: Desk, right: Right) -> list[Branch]:
    return [branch for branch in desk.branches if desk.actor.may(right, branch.pk)]


def _person(desk: Desk, user_id: int) -> tuple[User, Person]:
    """`NotFound` alike for who does not exist and who works behind the wall."""
    user = User.objects.filter(pk=user_id).first()
    person = person_of(user.pk) if user else None
    if user is None or person is None or not sees_person(desk.actor, person):
        raise NotFound
    return user, person


def _require(deed: Deed, desk: Desk, person: Person) -> None:
    """The window whose form would be refused is not opened."""
    if why_not(deed, desk.actor, person):
        raise NotAllowed(right=Right.EDIT_NETWORK)


# --- what was typed --------------------------------------------------------------------------------------------------


def _names_typed(form: QueryDict) -> staff.Names:
    return staff.Names(**{name: form.get(name, "")[:longest] for name, longest in staff.LONGEST.items()})


def _roles_typed(desk: Desk, form: QueryDict) -> dict[int, list[Role]]:
    """Of the branches that the form shows, as far as one is administrator there."""
    shown = {whole_number(each) for each in form.getlist("branch")}
    branches = [branch for branch in _branches(desk, Right.EDIT_NETWORK) if branch.pk in shown]
    return {branch.pk: _roles_named(form.getlist(f"roles_{branch.pk}")) for branch in branches}


def _roles_named(names: list[str]) -> list[Role]:
    return [role for role in Role if role in names]


def _roles_context(desk: Desk, held: Mapping[int, Any]) -> dict[str, Any]:
    branches = _branches(desk, Right.EDIT_NETWORK)
    return {"grid": [(branch, _checked(held.get(branch.pk, ()))) for branch in branches]}


def _checked(held: Any) -> list[tuple[str, str, bool]]:
    return [(role.value, str(ROLES[role]), role in held) for role in Role]


def _told_names(refusal: Refusal) -> str:
    """What stands there by now, in words. Returns the digest of it, since the window says it then."""
    stands = refusal.facts.get("value")
    if not isinstance(stands, staff.Names):
        return ""
    refusal.facts["value"] = names_words(asdict(stands))
    return stands.digest


def _told_roles(refusal: Refusal, desk: Desk) -> str:
    """The same of roles."""
    stands = refusal.facts.get("value")
    if not isinstance(stands, dict):
        return ""
    words = roles_words(stands, _branches(desk, Right.EDIT_NETWORK))
    refusal.facts["value"] = "; ".join(map(": ".join, words)) or _("нет")
    return digest_of_roles(stands, stands)


# --- answers ---------------------------------------------------------------------------------------------------------


def _window_or_list(request: HttpRequest, branch: Branch, template: str, context: Mapping[str, Any]) -> HttpResponse:
    if "HX-Request" not in request.headers:
        return redirect("staff", code=branch.code)
    shown = {"branch": branch, "address": request.path, "errors": Errors(), **context}
    return answer(request, template, shown)


def _again(
    request: HttpRequest,
    branch: Branch,
    template: str,
    refusal: Refusal,
    context: Mapping[str, Any],
) -> HttpResponse:
    """The window with what was typed, and what is wrong with it."""
    shown = {"branch": branch, "address": request.path, "errors": _errors_of(refusal, branch), "typed": request.POST}
    return answer(request, template, {**shown, **context}, status=422)


def _let_in(request: HttpRequest, desk: Desk, branch: Branch, user: User, by: str) -> HttpResponse:
    """The secret is in this answer and nowhere else."""
    who: dict[str, Any] = {"actor": desk.actor, "now": desk.now, "real_now": desk.real_now}
    context: dict[str, Any] = {"person": user, "branch": branch, "errors": Errors()}
    if by == TEMPORARY:
        context["password"] = access.give_temporary_password(user.pk, **who)
    else:
        secret = access.invite(user.pk, **who)
        context["link"] = request.build_absolute_uri(reverse("invitation", args=(secret,)))
    return answer(request, "office/person_secret.html", context)


def _errors_of(refusal: Refusal, branch: Branch) -> Errors:
    return errors_of(refusal, ZoneInfo(branch.zone))


def _pressed(refusal: Refusal | None, branch: Branch, words: str, change: StaffChange | None = None) -> HttpResponse:
    if refusal:
        return nothing(told_of(_errors_of(refusal, branch)), status=422)
    return nothing(_done(words, branch, change))


def _done(
    words: str, branch: Branch | None = None, change: StaffChange | None = None, *, closes: bool = False
) -> dict[str, object]:
    """The page behind is drawn anew. What was not changed cannot be taken back."""
    undo = reverse("staff_change_taken_back", args=(branch.code, change.pk)) if branch and change else None
    return {
        "vovremya:close": {"windows": ["settings"] if closes else []},
        "vovremya:toast": {"text": words, "undo": undo},
    }
