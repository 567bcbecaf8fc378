"""The way from the door to the board and back; the door itself is tested in tests/apps/directory."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import PASSWORD, Cast, at
from tests.flows.seat import Seat, StoppedClock
from vovremya.directory.actions.staff import switch_off
from vovremya.directory.models import User
from vovremya.directory.rules import PROGRAM
from vovremya.visits.models import Visit


def sign_in(http: Client, username: str, password: str = PASSWORD, **others: str) -> int:
    return http.post("/login/", {"username": username, "password": password, **others}).status_code


def test_login_leads_to_the_page_that_was_asked_for_with_all_of_its_address(cast: Cast, client: Client) -> None:
    asked_for = f"/SEV/removed/?{urlencode({'day': '2026-11-22', 'q': 'Кот'})}"
    turned_away = client.get(asked_for).headers["Location"]
    door = urlsplit(turned_away)
    assert (door.path, parse_qs(door.query)) == ("/login/", {"next": [asked_for]})
    response = client.post(turned_away, {"username": "operator", "password": PASSWORD})
    assert response.headers["Location"] == asked_for
    assert 'value="Кот"' in client.get(asked_for).content.decode()


def test_press_of_one_who_is_signed_out_leads_to_the_door_and_is_not_repeated_by_it(
    cast: Cast, visit: Visit, client: Client
) -> None:
    response = client.post(f"/visits/{visit.pk}/check-in/")
    assert (response.status_code, response.headers["Location"]) == (302, "/login/")


@pytest.mark.parametrize(
    "url", ["//elsewhere.example", "/\\elsewhere.example", "https:elsewhere.example", "\thttps://elsewhere.example"]
)
def test_address_that_only_looks_like_ours_leads_to_the_own_board(cast: Cast, client: Client, url: str) -> None:
    response = client.post("/login/", {"username": "operator", "password": PASSWORD, "next": url})
    assert response.headers["Location"] == "/"


def test_logins_of_the_demo_open_no_board_outside_it(cast: Cast, client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert sign_in(client, "operator") == 422
    assert client.get("/SEV/").status_code == 302


def test_board_opened_in_the_demo_is_shut_when_the_demo_is_over(operator: Seat, settings: Settings) -> None:
    settings.DEMO = False
    response = operator.http.get("/SEV/", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login/")


def test_too_many_wrong_passwords_keep_the_right_one_out_too(cast: Cast, client: Client) -> None:
    answers = {sign_in(client, "operator", f"wrong {number}") for number in range(10)}
    assert answers == {422, 429}
    assert sign_in(client, "operator") == 429
    assert client.get("/SEV/").status_code == 302
    assert sign_in(client, "master") == 302, "a colleague at the same address is not locked out"


def test_one_who_is_switched_off_can_press_nothing_any_more(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    clock.show("10:12")
    repairs = operator.repairs(visit)
    switch_off(User.objects.get(pk=cast.operator.user_id or 0), PROGRAM, at("10:12"))
    assert operator.press(repairs, "Прибыл").status == 401
    assert Visit.objects.get().status == "planned"


def test_signing_out_shuts_the_board(operator: Seat) -> None:
    operator.http.post("/logout/")
    assert operator.http.get("/SEV/").headers["Location"].startswith("/login/")


def test_form_without_its_token_writes_nothing(cast: Cast, visit: Visit) -> None:
    http = Client(enforce_csrf_checks=True)
    http.force_login(User.objects.get(username="operator"), backend="vovremya.directory.backend.StaffBackend")
    assert http.post(f"/visits/{visit.pk}/check-in/").status_code == 403
    assert Visit.objects.get().status == "planned"


def test_page_that_is_not_there_is_a_page_of_our_own(operator: Seat) -> None:
    response = operator.http.get("/visits/99999/history/")
    assert response.status_code == 404
    assert "Traceback" not in response.content.decode()
    assert "На график" in response.content.decode()
