"""Getting in over HTTP: by an invitation, with a temporary password, in two steps; and the own account."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.conf import settings as django_settings
from django.test import Client
from pyotp import TOTP

from tests.cast import PASSWORD, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock, answer
from vovremya.directory.actions import access, staff
from vovremya.directory.models import Invitation, SecondStep, Session, User
from vovremya.directory.queries import is_session_alive
from vovremya.directory.rules import WRONG_CODES_AT_MOST, Role
from vovremya.kernel import clock as kernel_clock

GOOD = "лошадь на скрепке"


@pytest.fixture
def user(cast: Cast) -> User:
    return User.objects.get(pk=cast.operator.user_id or 0)


def sign_in(http: Client, password: str = PASSWORD, username: str = "operator") -> str:
    """Where it leads; nothing where it is refused."""
    return http.post("/login/?next=/SEV/removed/", {"username": username, "password": password}).headers.get(
        "Location", ""
    )


def page(http: Client, url: str) -> Answer:
    return answer(http.get(url))


def invite(cast: Cast, user: User) -> str:
    now = kernel_clock.real_now()
    return access.invite(user.pk, actor=cast.administrator, now=now, real_now=now)


def set_up(user: User) -> tuple[str, access.RecoveryCodes]:
    now, salt = kernel_clock.real_now(), access.draw_salt()
    secret = access.secret_of(salt)
    codes = access.set_up_second_step(
        user.pk, salt, TOTP(secret).at(now - timedelta(seconds=30)), now=now, real_now=now
    )
    return secret, codes


def key_of(http: Client) -> str:
    return http.cookies[django_settings.SESSION_COOKIE_NAME].value


# --- by an invitation --------------------------------------------------------------------------------------------


def test_invitation_sets_the_password_once_and_leaves_no_trace_in_addresses(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    secret = invite(cast, user)
    assert sign_in(client) == "", "the password that was is worth nothing"
    for _ in range(2):  # whatever looks at links before people do uses nothing up
        led = client.get(f"/invitation/{secret}/")
        assert (led.headers["Location"], led.headers["Referrer-Policy"]) == ("/invitation/", "no-referrer")
    shown = page(client, "/invitation/")
    assert "Иванова, ваш логин — operator" in shown.text
    assert secret not in shown.html
    form = {"password": "qwertyuiop", "again": "qwertyuiop"}
    refused = answer(client.post("/invitation/", form))
    assert refused.error_at("password") == "Этот пароль слишком частый: его подбирают первым."
    assert (
        answer(client.post("/invitation/", {"password": GOOD, "again": "x"})).error_at("again")
        == "Пароли не совпадают."
    )
    done = client.post("/invitation/", {"password": GOOD, "again": GOOD})
    assert done.headers["Location"] == "/login/", "it opens no session by itself"
    assert client.get("/SEV/").status_code == 302
    assert sign_in(client, GOOD) == "/SEV/removed/"
    for url in (f"/invitation/{secret}/", "/invitation/"):
        assert "Приглашение не действует" in page(Client(), url).text


def test_worthless_invitation_makes_no_session(cast: Cast, user: User, clock: StoppedClock, client: Client) -> None:
    secret = invite(cast, user)
    clock.let_pass(access.INVITED_FOR)
    for guess in (secret, "x", "0" * 43):
        assert client.get(f"/invitation/{guess}/").status_code == 410
    assert not Session.objects.exists()


def test_invitation_that_lapses_while_the_form_is_open_is_told(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    client.get(f"/invitation/{invite(cast, user)}/")
    Invitation.objects.all().delete()
    assert client.post("/invitation/", {"password": GOOD, "again": GOOD}).status_code == 410


def test_invitation_does_not_pass_the_second_step(cast: Cast, user: User, clock: StoppedClock, client: Client) -> None:
    set_up(user)
    client.get(f"/invitation/{invite(cast, user)}/")
    client.post("/invitation/", {"password": GOOD, "again": GOOD})
    assert sign_in(client, GOOD) == "/login/code/"


# --- with a temporary password -----------------------------------------------------------------------------------


def test_temporary_password_leads_nowhere_but_to_a_new_one(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    now = kernel_clock.real_now()
    given = access.give_temporary_password(user.pk, actor=cast.administrator, now=now, real_now=now)
    assert sign_in(client, given) == "/SEV/removed/"
    for url in ("/", "/SEV/", "/office/SEV/"):
        assert client.get(url).headers["Location"] == "/account/password/"
    in_window = client.post("/SEV/booking/", {}, headers={"HX-Request": "true"})
    assert (in_window.status_code, in_window.headers["HX-Redirect"]) == (401, "/account/password/")
    assert not is_session_alive(key_of(client)), "no feed either"
    assert client.get("/account/second-step/").headers["Location"] == "/account/password/"
    assert "Вы вошли с временным паролем" in page(client, "/account/password/").text
    wrong = answer(client.post("/account/password/", {"current": "x", "password": GOOD, "again": GOOD}))
    assert wrong.error_at("current") == "Это не ваш нынешний пароль."
    same = answer(client.post("/account/password/", {"current": given, "password": given, "again": given}))
    assert same.error_at("password") == "Это тот же пароль: придумайте другой."
    changed = client.post("/account/password/", {"current": given, "password": GOOD, "again": GOOD})
    assert changed.headers["Location"] == "/"
    assert client.get("/SEV/").status_code == 200
    assert is_session_alive(key_of(client))


def test_temporary_password_lapses(cast: Cast, user: User, clock: StoppedClock, client: Client) -> None:
    now = kernel_clock.real_now()
    given = access.give_temporary_password(user.pk, actor=cast.administrator, now=now, real_now=now)
    clock.let_pass(access.TEMPORARY_FOR)
    refused = answer(client.post("/login/", {"username": "operator", "password": given}))
    assert "Временный пароль больше не действует" in refused.text
    assert "Неверный логин или пароль" in answer(client.post("/login/", {"username": "operator", "password": "x"})).text


def test_password_guessed_at_an_open_screen_is_counted_as_at_the_door(operator: Seat, clock: StoppedClock) -> None:
    form = {"current": "guess", "password": GOOD, "again": GOOD}
    answers = [operator.http.post("/account/password/", form).status_code for _ in range(11)]
    assert (answers[0], answers[-1]) == (422, 429)
    assert operator.http.post("/account/password/", {**form, "current": PASSWORD}).status_code == 429


def test_failed_check_of_a_password_leaves_nothing_that_was_typed(operator: Seat, clock: StoppedClock) -> None:
    for url, typed in (
        ("/account/password/", {"current": "guessed too low", "password": GOOD, "again": GOOD}),
        ("/account/second-step/?said=guessed+too+low", {"current": "guessed too low", "code": "314159"}),
    ):
        for _ in range(2):  # the second is put to the first
            assert operator.http.post(url, typed).status_code == 422
    assert AccessAttempt.objects.get().failures_since_start == 4
    kept = str([list(model._base_manager.values_list()) for model in apps.get_models()])
    assert [word for word in ("guessed", GOOD, "314159") if word in kept] == []


def test_what_was_typed_before_this_release_is_forgotten(cast: Cast) -> None:
    attempt = AccessAttempt.objects.create(username="operator", failures_since_start=3)
    AccessAttempt.objects.update(post_data="current=guessed")
    AccessLog.objects.create(username="operator", ip_address="10.0.0.1")
    import_module("vovremya.directory.migrations.0010_nothing_typed_is_kept").forget(apps, None)
    attempt.refresh_from_db()
    assert (attempt.post_data, attempt.failures_since_start, AccessLog.objects.count()) == ("", 3, 0)


def test_sign_in_leaves_no_row_but_its_session(operator: Seat) -> None:
    assert operator.http.get("/SEV/").status_code == 200
    assert not AccessLog.objects.exists()


# --- in two steps ------------------------------------------------------------------------------------------------


def test_password_alone_opens_nothing_of_who_has_a_second_step(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    secret, _ = set_up(user)
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted or ""
    assert sign_in(client) == "/login/code/"
    halfway = key_of(client)
    assert halfway != planted, "whoever has planted a session does not wait behind it"
    assert client.get("/SEV/").status_code == 302
    assert not is_session_alive(halfway)
    assert answer(client.post("/login/code/", {"code": ""})).error_at("code") == "Введите код."
    wrong = answer(client.post("/login/code/", {"code": "12 34 56"}))
    assert wrong.error_at("code").startswith("Код не подходит.")
    passed = client.post("/login/code/", {"code": TOTP(secret).at(kernel_clock.real_now())})
    assert passed.headers["Location"] == "/SEV/removed/"
    assert key_of(client) != halfway
    assert client.get("/SEV/").status_code == 200
    assert Client().get("/login/code/").headers["Location"] == "/login/"


def test_code_is_waited_for_ten_minutes_and_while_the_password_is_the_same(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    secret, _ = set_up(user)
    for spoil in (lambda: clock.let_pass(timedelta(minutes=10)), lambda: User.objects.update(session_generation=9)):
        sign_in(client)
        spoil()
        late = client.post("/login/code/", {"code": TOTP(secret).at(kernel_clock.real_now())})
        assert late.headers["Location"] == "/login/"
    assert client.get("/SEV/").status_code == 302


def test_codes_are_not_guessed_from_many_addresses_at_once(
    cast: Cast, user: User, clock: StoppedClock, client: Client
) -> None:
    secret, recovery = set_up(user)
    statuses = []
    for number in range(WRONG_CODES_AT_MOST):
        http = Client(REMOTE_ADDR=f"10.0.0.{number}")
        sign_in(http)
        statuses.append(http.post("/login/code/", {"code": f"{number:06}"}).status_code)
    assert statuses == [422] * (WRONG_CODES_AT_MOST - 1) + [429]
    sign_in(client)
    assert client.post("/login/code/", {"code": TOTP(secret).at(kernel_clock.real_now())}).status_code == 429
    clock.let_pass(timedelta(minutes=15))
    sign_in(client)
    assert client.post("/login/code/", {"code": recovery.codes[0]}).headers["Location"] == "/SEV/removed/"


def test_demanded_step_is_set_up_before_anything_else(cast: Cast, clock: StoppedClock, client: Client) -> None:
    staff.demand_second_step(cast.branch.pk, [Role.OPERATOR])
    assert sign_in(client) == "/SEV/removed/"
    assert client.get("/SEV/").headers["Location"] == "/account/second-step/"
    assert client.post("/SEV/booking/", {}).headers["Location"] == "/account/second-step/"
    assert not is_session_alive(key_of(client))
    setting_up = page(client, "/account/second-step/")
    assert "Ваша роль требует второго шага" in setting_up.text
    secret = setting_up.one("code").text.replace(" ", "")
    again = page(client, "/account/second-step/")
    assert again.one("code").text.replace(" ", "") == secret, "looked at again, it is the same"
    refused = answer(client.post("/account/second-step/", {"code": "000000"}))
    assert refused.error_at("code").startswith("Код не подходит.")
    codes = answer(client.post("/account/second-step/", {"code": TOTP(secret).at(kernel_clock.real_now())}))
    assert len(codes.all("li")) == 10
    assert client.get("/SEV/").status_code == 200
    assert is_session_alive(key_of(client))
    own = page(client, "/account/")
    assert "Запасных кодов осталось: 10" in own.text
    assert "/account/second-step/off/" not in own.html, "the role demands it"
    refused = answer(client.post("/account/second-step/off/", {"current": PASSWORD}))
    assert refused.alert == "Второй шаг требует ваша роль: отключить его нельзя."
    assert client.get("/account/second-step/").headers["Location"] == "/account/"


def test_window_that_was_open_when_it_was_demanded_is_saved_and_the_next_page_asks_for_it(
    cast: Cast, operator: Seat, clock: StoppedClock
) -> None:
    booking = operator.get("/SEV/booking/")
    staff.demand_second_step(cast.branch.pk, [Role.OPERATOR])
    slot = next(each["value"] for each in booking.all("input", name="slot"))
    assert operator.press(booking, "Записать", slot=slot, name="Кот Иван").said.startswith("Записан")
    assert operator.http.get("/SEV/").headers["Location"] == "/account/second-step/"


def test_step_is_switched_on_and_off_and_its_codes_renewed_by_who_says_the_password(
    cast: Cast, operator: Seat, clock: StoppedClock
) -> None:
    assert "Выключен." in page(operator.http, "/account/").text
    secret = page(operator.http, "/account/second-step/").one("code").text.replace(" ", "")
    code = TOTP(secret).at(clock.real_now())
    for wrong in ("", "guess"):
        refused = answer(operator.http.post("/account/second-step/", {"code": code, "current": wrong}))
        assert refused.error_at("current"), "nobody who sits down at an open screen sets up a telephone of their own"
    first = answer(operator.http.post("/account/second-step/", {"code": code, "current": PASSWORD}))
    assert answer(operator.http.post("/account/second-step/codes/", {"current": "x"})).error_at("current")
    second = answer(operator.http.post("/account/second-step/codes/", {"current": PASSWORD}))
    told = [{each.text for each in shown.all("li")} for shown in (first, second)]
    assert told[0].isdisjoint(told[1])
    assert operator.http.post("/account/second-step/off/", {"current": PASSWORD}).headers["Location"] == "/account/"
    assert not SecondStep.objects.exists()


# --- the own sessions --------------------------------------------------------------------------------------------


def test_own_sessions_are_seen_and_ended(cast: Cast, clock: StoppedClock, seat: Callable[[str], Seat]) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 YaBrowser/25.1 Safari/537.36"
    here, there, third = Client(HTTP_USER_AGENT=agent), Client(REMOTE_ADDR="10.1.2.3"), Client()
    for http in (here, there, third):
        assert sign_in(http) == "/SEV/removed/"
    own = page(here, "/account/")
    assert "Яндекс Браузер, Windows 127.0.0.1" in own.text
    assert "10.1.2.3" in own.text
    assert own.text.count("сейчас, это он") == 1
    assert not any(key_of(http) in own.html for http in (here, there, third)), "a key is worth the session"
    row = next(row for row in own.all("tr") if "10.1.2.3" in row.text)
    ended = here.post("/account/sessions/", {"session": row.one("button")["value"]}, follow=True)
    assert "Завершён 1 сеанс." in ended.content.decode()
    assert [http.get("/SEV/").status_code for http in (here, there, third)] == [200, 302, 200]
    stranger = Client()
    sign_in(stranger, username="second")
    named = page(stranger, "/account/").all("button", name="session")
    assert not named
    again = here.post("/account/sessions/", {"session": row.one("button")["value"]}, follow=True)
    assert "Этот сеанс уже завершён." in again.content.decode()
    here.post("/account/sessions/")
    assert [http.get("/SEV/").status_code for http in (here, third, stranger)] == [200, 302, 200]


def test_nobody_gets_to_an_account_without_signing_in(cast: Cast, client: Client) -> None:
    for url in ("", "password/", "second-step/", "second-step/off/", "second-step/codes/"):
        assert client.get(f"/account/{url}").headers["Location"].startswith("/login/")
    assert client.post("/account/sessions/").headers["Location"] == "/login/"


def test_account_needs_no_branch(cast: Cast, operator: Seat, user: User) -> None:
    user.memberships.all().delete()
    assert "Мой вход" in page(operator.http, "/account/").text
    assert at("08:00") == kernel_clock.real_now()
