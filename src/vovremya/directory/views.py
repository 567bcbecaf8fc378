"""The door: signing in and out, in one step or two, by an invitation; and what is said when it stays shut."""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from vovremya.directory.actions.access import accept_invitation, choose_language, pass_second_step
from vovremya.directory.backend import StaffBackend
from vovremya.directory.models import User
from vovremya.directory.queries import demo_logins, has_second_step, has_staff, invited_by
from vovremya.directory.rules import LONGEST_USERNAME, Language, digest_of_secret, fold_username
from vovremya.directory.sessions import begin
from vovremya.directory.signals import user_signed_out
from vovremya.directory.texts import REFUSALS, ROLES
from vovremya.kernel import clock
from vovremya.kernel.refusal import Refusal

#: Whoever has said the password has so long for the second step.
CODE_WITHIN = timedelta(minutes=10)
_HALFWAY, _INVITED = "_halfway", "_invited"


class LoginForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("Логин"),
        max_length=100,
        error_messages={"required": gettext_lazy("Введите логин.")},
        strip=True,
    )
    password = forms.CharField(
        label=gettext_lazy("Пароль"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={"required": gettext_lazy("Введите пароль.")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(max_length=100, error_messages={"required": gettext_lazy("Введите код.")}, strip=True)


class PasswordForm(forms.Form):
    password = forms.CharField(
        max_length=1000, strip=False, error_messages={"required": gettext_lazy("Придумайте пароль.")}
    )
    again = forms.CharField(
        max_length=1000, strip=False, error_messages={"required": gettext_lazy("Повторите пароль.")}
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("Пароли не совпадают."))
        return again


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _entrance(request)
    form = LoginForm(request.POST)
    if form.is_valid():
        # Folded here, so that the throttle counts «Ivanova» and «IVANOVA» as one login.
        username = fold_username(form.cleaned_data["username"])
        user = None
        # Folded, one character may become eighteen: nobody has such a login, and the throttle no room for it.
        if len(username) <= LONGEST_USERNAME:
            user = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
        if not isinstance(user, User):
            form.add_error(None, _("Неверный логин или пароль."))
        elif user.temporary_until is not None and user.temporary_until <= clock.real_now():
            form.add_error(None, _("Временный пароль больше не действует: попросите у администратора новый."))
        elif has_second_step(user.pk):
            return _to_second_step(request, user)
        else:
            return _let_in(request, user)
    return _login_page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of the telephone, or one of those for when it is lost."""
    user = _halfway(request)
    if user is None:
        return redirect("login")
    if request.method != "POST":
        return _code_page(request, CodeForm())
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            pass_second_step(user.pk, form.cleaned_data["code"], real_now=clock.real_now())
        except Refusal as refusal:
            if refusal.code == "second_step_shut":
                return locked_out(request)
            form.add_error("code", REFUSALS[refusal.code])
        else:
            return _let_in(request, user)
    return _code_page(request, form, status=422)


@require_http_methods(["GET", "HEAD"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The secret goes from the address into the session at once: no page with it in its address is shown, so that it is
    neither in the history of the browser nor told to anybody as where one came from. Looking uses nothing up: programs
    look at a link that is sent by them."""
    digest = digest_of_secret(secret)
    if invited_by(digest, clock.real_now()) is None:
        response = render(request, "directory/invitation_gone.html", status=410)
    else:
        request.session[_INVITED] = digest
        response = redirect("invited")
    response["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest) -> HttpResponse:
    """The password is set by whoever has the invitation; then the door asks for it as always."""
    digest = request.session.get(_INVITED, "")
    user = invited_by(digest, clock.real_now())
    if user is None:
        return render(request, "directory/invitation_gone.html", status=410)
    if request.method != "POST":
        return _invited_page(request, user, PasswordForm())
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            password = form.cleaned_data["password"]
            accept_invitation(digest, password, now=clock.now(), real_now=clock.real_now())
        except Refusal as refusal:
            if refusal.code == "invitation_gone":
                return render(request, "directory/invitation_gone.html", status=410)
            form.add_error("password", REFUSALS[refusal.code])
        else:
            auth.logout(request)  # whoever was signed in here is not the one who was invited
            messages.success(request, _("Пароль задан. Теперь войдите с ним."))
            return redirect("login")
    return _invited_page(request, user, form, status=422)


@require_POST
def logout(request: HttpRequest) -> HttpResponseRedirect:
    auth.logout(request)
    user_signed_out.send(logout)
    return redirect("login")


@require_POST
def language_chosen(request: HttpRequest) -> HttpResponseRedirect:
    """From the menu of the user, on whatever page it stood: that page is drawn anew."""
    user = get_user(request)
    if not isinstance(user, User):
        return redirect("login")
    if (chosen := request.POST.get("language")) in set(Language):
        choose_language(user, Language(chosen))
    page = request.headers.get("Referer", "")
    return HttpResponseRedirect(page if _is_ours(page, request) else reverse(settings.LOGIN_REDIRECT_URL))


def locked_out(request: HttpRequest, *_details: object) -> HttpResponse:
    """After too many failures django-axes answers with this instead of the login page."""
    return render(request, "directory/locked_out.html", status=429)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or stale: another tab signed in or out, or cookies are off."""
    return render(request, "directory/form_expired.html", status=403)


def _login_page(request: HttpRequest, form: LoginForm, status: int = 200) -> HttpResponse:
    logins = [
        (login.username, ", ".join(str(ROLES[role]) for role in login.roles), login.branch)
        for login in (demo_logins() if settings.DEMO else ())
    ]
    context = {"form": form, "next": _wanted(request), "demo_logins": logins}
    return render(request, "directory/login.html", context, status=status)


def _entrance(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return _to_work(request)
    return _login_page(request, LoginForm()) if has_staff() else redirect("first_administrator")


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    wanted = _wanted(request)
    request.session.pop(_HALFWAY, None)
    request.session.set_expiry(None)
    begin(request, user)
    return HttpResponseRedirect(wanted or reverse(settings.LOGIN_REDIRECT_URL))


def _to_second_step(request: HttpRequest, user: User) -> HttpResponse:
    """Under a new key: whoever has planted the one before does not wait behind it for the code to be typed."""
    wanted = _wanted(request)
    request.session.flush()
    request.session.set_expiry(CODE_WITHIN)
    request.session[_HALFWAY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": (clock.real_now() + CODE_WITHIN).isoformat(),
        "next": wanted,
    }
    return redirect("second_step")


def _halfway(request: HttpRequest) -> User | None:
    """Who has said the password and not the code yet. For some minutes, and only while the password is that one."""
    kept = request.session.get(_HALFWAY)
    if kept is None or datetime.fromisoformat(kept["until"]) <= clock.real_now():
        return None
    user = StaffBackend().get_user(kept["user"])
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return user


def _code_page(request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    return render(request, "directory/second_step.html", {"form": form}, status=status)


def _invited_page(request: HttpRequest, user: User, form: PasswordForm, status: int = 200) -> HttpResponse:
    return render(request, "directory/invited.html", {"form": form, "invited": user}, status=status)


def _to_work(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_wanted(request) or reverse(settings.LOGIN_REDIRECT_URL))


def _wanted(request: HttpRequest) -> str:
    """The page asked for before the login, if it is one of ours."""
    kept = request.session.get(_HALFWAY, {}).get("next", "")
    url = request.POST.get("next", request.GET.get("next", kept))
    return url if _is_ours(url, request) else ""


def _is_ours(url: str, request: HttpRequest) -> bool:
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
