"""The door: signing in and out, and what is said when it stays shut."""

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from vovremya.directory.actions import choose_language
from vovremya.directory.models import User
from vovremya.directory.queries import demo_logins, has_staff
from vovremya.directory.rules import Language, fold_username
from vovremya.directory.signals import user_signed_out
from vovremya.directory.texts import ROLES


class LoginForm(forms.Form):
    username = forms.CharField(
        label=_("Логин"), max_length=100, error_messages={"required": _("Введите логин.")}, strip=True
    )
    password = forms.CharField(
        label=_("Пароль"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput,
        error_messages={"required": _("Введите пароль.")},
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _entrance(request)
    form = LoginForm(request.POST)
    if form.is_valid():
        # Folded here, so that the throttle counts «Ivanova» and «IVANOVA» as one login.
        username = fold_username(form.cleaned_data["username"])
        user = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
        if user is not None:
            auth.login(request, user)
            return _to_work(request)
        form.add_error(None, gettext("Неверный логин или пароль."))
    return _login_page(request, form, status=422)


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


def _to_work(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_wanted(request) or reverse(settings.LOGIN_REDIRECT_URL))


def _wanted(request: HttpRequest) -> str:
    """The page asked for before the login, if it is one of ours."""
    url = request.POST.get("next", request.GET.get("next", ""))
    return url if _is_ours(url, request) else ""


def _is_ours(url: str, request: HttpRequest) -> bool:
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
