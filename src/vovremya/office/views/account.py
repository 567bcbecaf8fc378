"""«Мой вход»: the own password, the second step, and where one is signed in. Needs no branch."""

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import Desk, at_own_account
from vovremya.directory.actions.access import (
    RecoveryCodes,
    change_password,
    draw_salt,
    drop_own_second_step,
    end_own_sessions,
    renew_recovery_codes,
    secret_of,
    set_up_second_step,
)
from vovremya.directory.queries import is_second_step_demanded, second_step_of
from vovremya.directory.rules import Role, address_for_telephone
from vovremya.directory.sessions import debt_of, forget_debt
from vovremya.directory.texts import REFUSALS
from vovremya.directory.views import PasswordForm
from vovremya.kernel.refusal import Refusal
from vovremya.office.queries.staff import keys_named, roles_words, shown_sessions

_SALT = "_second_step_salt"


class CurrentForm(forms.Form):
    current = forms.CharField(
        max_length=1000, strip=False, error_messages={"required": gettext_lazy("Введите нынешний пароль.")}
    )


class ChangeForm(PasswordForm, CurrentForm):
    pass


class NewCodeForm(forms.Form):
    code = forms.CharField(max_length=100, error_messages={"required": gettext_lazy("Введите код из приложения.")})


class CodeAndCurrentForm(NewCodeForm, CurrentForm):
    pass


@require_safe
@at_own_account
def account(request: HttpRequest, desk: Desk) -> HttpResponse:
    step = second_step_of(desk.user.pk)
    roles = {branch_id: [Role(role) for role in held] for branch_id, held in desk.actor.roles.items()}
    context = {
        "person": desk.user,
        "roles": roles_words(roles, desk.branches),
        "step": step,
        "codes_left": len(step.recovery_digests) if step else 0,
        "is_demanded": is_second_step_demanded(desk.user),
        "sessions": shown_sessions(desk.user.pk, desk.real_now, request.session.session_key),
        "zone": _zone(desk),
    }
    return render(request, "office/account.html", context)


@sensitive_post_parameters("current", "password", "again")
@at_own_account
def own_password(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_themself(request, desk, form):
        try:
            key = request.session.session_key
            user = change_password(desk.user.pk, form.cleaned_data["password"], now=desk.now, session_key=key)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("Пароль изменён. Остальные сеансы завершены."))
            return redirect("home")
    must = desk.user.temporary_until is not None
    context = {"form": form, "person": desk.user, "must": must}
    return render(request, "office/own_password.html", context, status=422 if form.errors else 200)


@at_own_account
def own_second_step(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The picture for the telephone, and a code to show that it has taken it; then the recovery codes, this once."""
    if desk.user.temporary_until is not None:
        return redirect("own_password")
    if second_step_of(desk.user.pk):
        return redirect("account")
    salt = request.session.setdefault(_SALT, draw_salt())
    # Who has just said it, to get here, is not asked again.
    asks_password = debt_of(desk.user, request.session) is None
    kind = CodeAndCurrentForm if asks_password else NewCodeForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid() and (not asks_password or _is_themself(request, desk, form)):
        try:
            typed = form.cleaned_data["code"]
            codes = set_up_second_step(desk.user.pk, salt, typed, now=desk.now, real_now=desk.real_now)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            del request.session[_SALT]
            forget_debt(request.session)
            return _recovery_page(request, codes)
    secret = secret_of(salt)
    context = {
        "form": form,
        "picture": _picture(address_for_telephone(secret, desk.user.username)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "must": desk.user.owes_second_step,
        "asks_password": asks_password,
    }
    return render(request, "office/own_second_step.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("current")
@at_own_account
def own_recovery_codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """New ones for those of before, which are worth nothing from then on."""
    form = CurrentForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_themself(request, desk, form):
        return _recovery_page(request, renew_recovery_codes(desk.user.pk))
    context = {"form": form, "purpose": "codes"}
    return render(request, "office/own_current.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("current")
@at_own_account
def own_second_step_off(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = CurrentForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_themself(request, desk, form):
        try:
            drop_own_second_step(desk.user.pk, now=desk.now)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Второй шаг входа отключён."))
            return redirect("account")
    context = {"form": form, "purpose": "off"}
    return render(request, "office/own_current.html", context, status=422 if form.errors else 200)


@require_POST
@at_own_account
def own_sessions_ended(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One of them, or all but this."""
    names = request.POST.getlist("session")
    keys = keys_named(desk.user.pk, names, desk.real_now) if names else None
    count = end_own_sessions(desk.user.pk, keys, now=desk.now, session_key=request.session.session_key)
    words = ngettext("Завершён %(count)d сеанс.", "Завершено сеансов: %(count)d.", count) % {"count": count}
    messages.success(request, words if count else _("Этот сеанс уже завершён."))
    return redirect("account")


def _recovery_page(request: HttpRequest, codes: RecoveryCodes) -> HttpResponse:
    return render(request, "office/own_codes.html", {"codes": codes.codes})


def _is_themself(request: HttpRequest, desk: Desk, form: forms.Form) -> bool:
    """Whoever sits down at a screen that was left open changes nothing of how one gets in. Asked as the door asks, so
    that wrong passwords are counted and shut it."""
    said = authenticate(request, username=desk.user.username, password=form.cleaned_data["current"])
    if said is None:
        form.add_error("current", REFUSALS["password_wrong"])
    return said is not None


def _show(form: forms.Form, refusal: Refusal) -> None:
    form.add_error(refusal.field, REFUSALS[refusal.code])


def _picture(text: str) -> SafeString:
    """Squares black on white whatever the theme: cameras read no other."""
    squares = segno.make(text, error="m")
    return mark_safe(  # noqa: S308  # squares, and no word of what they say
        squares.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)
    )


def _zone(desk: Desk) -> str:
    return desk.branches[0].zone if desk.branches else "UTC"
