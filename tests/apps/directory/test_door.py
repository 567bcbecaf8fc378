"""Signing in and out."""

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from tests.apps.conftest import Hire
from vovremya.directory.actions.staff import switch_off
from vovremya.directory.models import Branch, User
from vovremya.directory.queries import is_session_alive, user_of_session
from vovremya.directory.rules import PROGRAM, Role

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.apps.directory.urls")]

PASSWORD = "right password"


@pytest.fixture
def operator(hire: Hire, branch: Branch) -> User:
    return hire("ivanova", branch)


def sign_in(client: Client, username: str = "ivanova", password: str = PASSWORD, **others: str) -> "Response":
    return client.post("/login/", {"username": username, "password": password, **others})


def session_key(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def test_the_right_password_opens_the_door(client: Client, operator: User) -> None:
    response = sign_in(client)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.get("/").content.decode() == "Иванова"


def test_the_login_is_taken_in_any_case(client: Client, operator: User) -> None:
    assert sign_in(client, " IVANOVA").status_code == 302


@pytest.mark.parametrize(("username", "password"), [("ivanova", "wrong"), ("nobody", PASSWORD)])
def test_wrong_login_and_wrong_password_are_answered_alike(
    client: Client, operator: User, username: str, password: str
) -> None:
    response = sign_in(client, username, password)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Неверный логин или пароль." in page
    assert f'value="{username}"' in page, "what was typed is kept"
    assert password not in page


def test_empty_fields_are_named(client: Client) -> None:
    page = sign_in(client, "", "").content.decode()
    assert "Введите логин." in page
    assert "Введите пароль." in page


def test_too_long_and_broken_input_is_refused_at_the_field(client: Client) -> None:
    assert sign_in(client, "x" * 101).status_code == 422
    assert sign_in(client, "ﷺ" * 20).status_code == 422, "eighteen letters each, when it is folded"
    assert sign_in(client, "iva\0nova").status_code == 400  # no keyboard types that


def test_an_unknown_login_costs_as_much_hashing_as_a_known_one(
    client: Client, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda _user, raw: hashed.append(raw))
    sign_in(client, "nobody")
    assert hashed == [PASSWORD]


def test_after_the_login_the_page_asked_for_opens(client: Client, operator: User) -> None:
    asked = client.get("/", {"day": "2026-11-22"})
    assert asked.status_code == 302
    assert 'name="next" value="/?day=2026-11-22"' in client.get(asked.headers["Location"]).content.decode()
    assert sign_in(client, next="/?day=2026-11-22").headers["Location"] == "/?day=2026-11-22"


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_login_never_leads_to_a_foreign_page(client: Client, operator: User, url: str) -> None:
    assert sign_in(client, next=url).headers["Location"] == "/"


def test_one_who_is_signed_in_goes_straight_to_work(client: Client, operator: User) -> None:
    sign_in(client)
    assert client.get("/login/").headers["Location"] == "/"


def test_logging_out_ends_the_session_and_needs_a_press(client: Client, operator: User) -> None:
    sign_in(client)
    key = session_key(client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").status_code == 302
    assert not is_session_alive(key)


def test_ten_failures_shut_the_door_for_this_login_from_this_address(client: Client, operator: User) -> None:
    answers = [sign_in(client, ("ivanova", "IVANOVA")[failure % 2], "wrong") for failure in range(10)]
    assert [answer.status_code for answer in answers] == [422] * 9 + [429]
    page = sign_in(client)
    assert page.status_code == 429
    assert "Слишком много попыток. Подождите 15 минут." in page.content.decode()
    assert client.get("/").status_code == 302


def test_a_form_without_its_token_is_refused_with_a_page_of_our_own(operator: User) -> None:
    response = sign_in(Client(enforce_csrf_checks=True))
    assert response.status_code == 403
    assert "Форма устарела" in response.content.decode()


def test_one_who_is_switched_off_is_out_at_once_and_stays_out(client: Client, operator: User, now: datetime) -> None:
    sign_in(client)
    key = session_key(client)
    assert is_session_alive(key)
    switch_off(operator, PROGRAM, now)
    assert not is_session_alive(key)
    assert client.get("/").status_code == 302
    assert sign_in(client).status_code == 422


def test_a_former_session_does_not_come_back_with_the_access(client: Client, operator: User, now: datetime) -> None:
    sign_in(client)
    switch_off(operator, PROGRAM, now)
    User.objects.update(is_active=True)
    assert not is_session_alive(session_key(client))
    assert client.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_begun_with_the_old_one(client: Client, operator: User) -> None:
    sign_in(client)
    operator.set_password("new password")
    operator.save()
    assert not is_session_alive(session_key(client))


def test_an_expired_session_is_not_alive(client: Client, operator: User) -> None:
    sign_in(client)
    session = client.session
    session.set_expiry(-1)
    session.save()
    assert not is_session_alive(session_key(client))


@pytest.mark.parametrize("key", ["", "unknown", "x" * 32])
def test_an_unknown_session_is_nobodys(key: str) -> None:
    assert user_of_session(key) is None


def test_a_session_without_a_user_is_nobodys(client: Client) -> None:
    session = client.session
    session["anything"] = 1
    session.save()
    assert user_of_session(session.session_key or "") is None


def test_a_demo_login_opens_the_demo_only(client: Client, hire: Hire, branch: Branch, settings: Settings) -> None:
    hire("operator", branch, is_demo=True)
    settings.DEMO = False
    assert sign_in(client, "operator").status_code == 422
    settings.DEMO = True
    assert sign_in(client, "operator").status_code == 302
    settings.DEMO = False
    assert client.get("/").status_code == 302, "a session begun in the demo is worth nothing elsewhere"
    assert not is_session_alive(session_key(client))


def test_the_demos_door_shows_its_logins(
    client: Client, hire: Hire, branch: Branch, other_branch: Branch, settings: Settings
) -> None:
    hire("supervisor", branch, other_branch, role=Role.SUPERVISOR, is_demo=True)
    hire("ivanova", branch)
    settings.DEMO = True
    page = client.get("/login/").content.decode()
    assert '<th scope="row">supervisor</th><td>Старший смены</td><td>Север</td>' in page
    assert "ivanova" not in page
    settings.DEMO = False
    assert "supervisor" not in client.get("/login/").content.decode()


def test_every_page_forbids_foreign_and_inline_code_and_is_not_stored(client: Client, hire: Hire) -> None:
    hire("operator")
    headers = client.get("/login/").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].count("unsafe-inline") == 1, "for the bars' style attributes alone"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
