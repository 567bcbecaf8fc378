"""An empty database becomes a station at work, in the browser alone."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock, answer
from vovremya.directory.actions import create_installation
from vovremya.directory.models import Branch, SettingChange, User
from vovremya.directory.queries import actor_of, first_code
from vovremya.directory.rules import Role
from vovremya.schedule.queries import calendar_of

PASSWORD = "четыре зайца бегут"
ADMINISTRATOR = {
    "full_name": "Белова Ирина Сергеевна",
    "username": "Belova",
    "password": PASSWORD,
    "password_again": PASSWORD,
}
BRANCH = {"network": "Автосеть", "name": "Север", "zone": "Asia/Novosibirsk", "is_supervisor": "yes"}
HOURS = {
    f"{name}_{day}": text for day in range(6) for name, text in (("open", "yes"), ("from", "08:00"), ("to", "20:00"))
}
GROUPS = {"name_0": "Слесарный", "bays_0": "2", "advisor_0": "Орлов Виктор Ильич"}
GROUPS |= {"name_1": "Шины", "bays_1": " Шиномонтаж ", "advisor_1": "орлов виктор ильич".title()}


@pytest.fixture
def empty(db: None, clock: StoppedClock) -> None:
    clock.set(at("10:00"))
    create_installation()


@pytest.fixture
def founder(empty: None, client: Client) -> Client:
    client.post("/setup/", {**ADMINISTRATOR, "code": first_code()})
    return client


def posted(http: Client, url: str, form: dict[str, str]) -> Answer:
    return answer(http.post(url, form))


def test_whoever_has_the_code_becomes_the_administrator(empty: None, client: Client) -> None:
    assert client.get("/").headers["Location"].startswith("/login/")
    assert client.get("/login/").headers["Location"] == "/setup/"
    shown = answer(client.get(f"/setup/?code={first_code()}"))
    assert shown.one(id="code").attributes["value"] == first_code()
    made = client.post("/setup/", {**ADMINISTRATOR, "code": first_code().lower().replace("-", " ")})
    assert (made.status_code, made.headers["Location"]) == (302, "/setup/branch/")
    user = User.objects.get()
    assert (user.username, user.short_name, user.check_password(PASSWORD)) == ("belova", "Белова И.", True)
    assert client.get("/").headers["Location"] == "/setup/branch/", "whoever leaves goes on from there"


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "code", "Код не подходит"),
        ({"code": ""}, "code", "Введите код"),
        ({"username": " "}, "username", "Придумайте логин"),
        ({"full_name": ""}, "full_name", "Напишите имя"),
        ({"password_again": "другой пароль"}, "password_again", "Пароли не совпали"),
    ],
)
def test_first_administrator_is_told_what_is_wrong(
    empty: None, client: Client, typed: dict[str, str], field: str, said: str
) -> None:
    refused = posted(client, "/setup/", {**ADMINISTRATOR, "code": first_code(), **typed})
    assert (refused.status, User.objects.count()) == (422, 0)
    assert said in refused.one(id=f"{field}-error").text
    assert refused.one(id="full_name").attributes["value"] == {**ADMINISTRATOR, **typed}["full_name"]
    assert PASSWORD not in refused.html


def test_nobody_is_first_where_somebody_works(cast: Cast, client: Client, seat: Callable[[str], Seat]) -> None:
    people = [client, *(seat(name).http for name in ("operator", "supervisor", "administrator", "stranger"))]
    for http in people:
        assert http.get("/setup/").status_code == http.post("/setup/", ADMINISTRATOR).status_code == 404
    for http in people[1:]:
        assert http.get("/setup/branch/").status_code == http.post("/setup/branch/", BRANCH | HOURS).status_code == 404
    assert client.get("/setup/branch/").status_code == 302
    assert Branch.objects.count() == 2


def test_network_branch_bays_and_advisors(founder: Client) -> None:
    made = founder.post("/setup/branch/", BRANCH | HOURS)
    assert (made.status_code, made.headers["Location"]) == (302, "/office/SEVER/start/")
    branch = Branch.objects.get()
    assert (branch.name, branch.zone, branch.network.name) == ("Север", "Asia/Novosibirsk", "Автосеть")
    assert calendar_of(branch.pk).day_of(at("10:00")).on.isoformat() == "2026-11-22"
    roles = actor_of(User.objects.get()).roles
    assert roles == {branch.pk: {Role.ADMINISTRATOR, Role.SUPERVISOR}}
    assert branch.network.works.exists()
    assert branch.policies.exists()
    assert branch.script.exists()

    assert "Завести посты" in answer(founder.get("/office/SEVER/start/")).text
    assert founder.post("/office/SEVER/start/", GROUPS).status_code == 303
    bays = list(branch.bays.values_list("name", "group__name", "group__advisor__name"))
    named = (("Пост 1", "Слесарный"), ("Пост 2", "Слесарный"), ("Шиномонтаж", "Шины"))
    assert bays == [(bay, group, "Орлов В.") for bay, group in named]
    assert SettingChange.objects.filter(branch=branch).count() == 6, "each is in the history, and can be taken back"
    done = answer(founder.get("/office/SEVER/start/"))
    assert "3 пост" in done.text
    assert "Завести посты" not in done.text
    assert "Шиномонтаж" in answer(founder.get("/SEVER/")).text

    again = posted(founder, "/office/SEVER/start/", GROUPS)
    assert (again.status, branch.bays.count()) == (303, 3)
    assert founder.get("/setup/branch/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"network": " "}, "network", "Напишите название"),
        ({"name": ""}, "name", "Напишите название"),
        ({"code": "офис"}, "code", "латинских букв"),
        ({"code": "setup"}, "code", "не занят страницами"),
        ({"zone": "Луна"}, "zone", "Такого часового пояса нет"),
        ({"to_3": ""}, "day-3", "Укажите часы"),
        ({f"open_{day}": "" for day in range(6)}, "hours", "хотя бы один рабочий день"),
    ],
)
def test_first_branch_is_told_what_is_wrong_and_nothing_is_made(
    founder: Client, typed: dict[str, str], field: str, said: str
) -> None:
    refused = posted(founder, "/setup/branch/", {**BRANCH, **HOURS, **typed})
    assert (refused.status, Branch.objects.count()) == (422, 0)
    assert said in refused.one(id=f"{field}-error").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name_0": ""}, "name-0"),
        ({"bays_1": " , "}, "bays-1"),
        ({"bays_1": "Пост 9, Пост 9"}, "bays-1"),
        ({"bays_0": "Шиномонтаж"}, "bays-0"),
        ({"bays_0": "0"}, "bays-0"),
        ({"bays_0": "99"} | {"bays_1": "2"}, "bays-0"),
        ({"name_3": "Мойка"}, "name-2"),
    ],
)
def test_bays_are_told_what_is_wrong_and_none_is_made(founder: Client, typed: dict[str, str], field: str) -> None:
    founder.post("/setup/branch/", BRANCH | HOURS)
    refused = posted(founder, "/office/SEVER/start/", GROUPS | typed)
    assert (refused.status, Branch.objects.get().bays.count()) == (422, 0)
    assert refused.one(id=f"{field}-error").text
    assert refused.one(name="advisor_0").attributes["value"] == GROUPS["advisor_0"]
