"""English is another way to say the same: chosen by each user, and no word of Russian is left that is not data."""

import inspect
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from tests import cast as cast_of_tests
from tests.cast import PASSWORD, Cast
from tests.flows import doors
from tests.flows.doors import DOORS, Scene, address, address_to_read, may
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.board import snapshots
from vovremya.customers.rules.consents import Purpose
from vovremya.customers.texts import first_wording
from vovremya.directory.actions.access import choose_language
from vovremya.directory.models import ScriptStep, User
from vovremya.directory.rules import Language
from vovremya.exchange.rules.headings import recognise
from vovremya.exchange.texts import COLUMNS
from vovremya.visits.models import Visit

CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
LATIN = str.maketrans(dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejziiklmnoprstufhccss'y'eua", strict=True)))
#: A language is named in itself.
NAMED_IN_ITSELF = "Русский"


def speak(seat: Seat, language: str) -> Answer:
    return seat.post("/language/", {"language": language})


# --- every window ------------------------------------------------------------------------------------------------


def write_latin() -> None:
    """The data that the cast has brought along, in Latin letters."""
    for model in apps.get_models():
        if model._meta.app_label not in ("directory", "customers", "visits"):
            continue
        texts = [field.name for field in model._meta.fields if isinstance(field, models.CharField | models.TextField)]
        for row in model._base_manager.values("pk", *texts):
            latin = {name: row[name].lower().translate(LATIN) for name in texts if CYRILLIC.search(str(row[name]))}
            if latin:
                model._base_manager.filter(pk=row["pk"]).update(**latin)


def typed_in_tests() -> list[str]:
    """What the doors and the cast write themselves."""
    sources = inspect.getsource(cast_of_tests) + inspect.getsource(doors)
    return sorted(set(re.findall(r'"([^"\n]*[а-яёА-ЯЁ][^"\n]*)"', sources)), key=len, reverse=True)


def test_no_window_speaks_russian(
    scene: Scene, seat: Callable[[str], Seat], clock: StoppedClock, subtests: pytest.Subtests
) -> None:
    screen = seat("supervisor")
    speak(screen, "en")
    write_latin()
    read_to_clients = map(first_wording, Purpose)
    data = [NAMED_IN_ITSELF, *read_to_clients, *typed_in_tests()]
    for name, door in DOORS.items():
        with subtests.test(name), transaction.atomic():
            clock.show("10:12")
            snapshots.forget_all()
            door.set_up(scene)
            said = []
            if door.reads is not None and may(scene, "supervisor", door.reads):
                said.append(screen.http.get(address_to_read(name, scene)))
            if door.writes is not None and may(scene, "supervisor", door.writes):
                said += [screen.http.post(address(name, scene), form) for form in (door.form(scene), {})]
            russian = [line for answer in said for line in words_of(answer) if CYRILLIC.search(without(line, data))]
            assert russian == []
            transaction.set_rollback(True)


def words_of(answer: Any) -> list[str]:
    triggers = json.loads(answer.headers.get("HX-Trigger", "{}"))
    content = b"".join(answer) if answer.streaming else answer.content
    return [*content.decode(errors="replace").splitlines(), json.dumps(triggers, ensure_ascii=False)]


def without(line: str, data: list[str]) -> str:
    for each in data:
        line = line.replace(each, "")
    return line


# --- whose language ----------------------------------------------------------------------------------------------


def test_user_chooses_on_whatever_page_and_comes_back_to_it(operator: Seat, second_operator: Seat) -> None:
    page = "http://testserver/SEV/week/?day=2026-11-22"
    response = operator.http.post("/language/", {"language": "en"}, headers={"Referer": page})
    assert response.headers["Location"] == page
    assert '<html lang="en"' in operator.http.get("/SEV/").content.decode()
    assert '<html lang="ru"' in second_operator.http.get("/SEV/").content.decode()
    assert User.objects.get(username="operator").language == "en"


@pytest.mark.parametrize("page", ["", "https://elsewhere.example/SEV/", "//elsewhere.example"])
def test_choice_leads_nowhere_else(operator: Seat, page: str) -> None:
    response = operator.http.post("/language/", {"language": "en"}, headers={"Referer": page})
    assert response.headers["Location"] == "/"


def test_language_that_is_not_there_changes_nothing(operator: Seat) -> None:
    speak(operator, "de")
    assert User.objects.get(username="operator").language == "ru"


def test_who_is_signed_out_chooses_nothing(cast: Cast, client: Client) -> None:
    assert client.post("/language/", {"language": "en"}).headers["Location"] == "/login/"
    assert client.get("/language/").status_code == 405


@pytest.mark.parametrize(
    ("asked_for", "language"), [("", "ru"), ("en-US,en;q=0.9", "en"), ("ru-RU", "ru"), ("de-DE,de;q=0.9", "ru")]
)
def test_door_speaks_the_language_of_the_browser(cast: Cast, client: Client, asked_for: str, language: str) -> None:
    page = client.get("/login/", headers={"Accept-Language": asked_for}).content.decode()
    assert f'<html lang="{language}"' in page
    assert ("Sign in" in page) is (language == "en")
    refused = client.post("/login/", headers={"Accept-Language": asked_for}).content.decode()
    assert ("Enter your login." in refused) is (language == "en")


def test_language_of_the_user_stays_at_the_door_and_with_errors(cast: Cast, client: Client) -> None:
    choose_language(User.objects.get(username="operator"), Language.ENGLISH)
    client.post("/login/", {"username": "operator", "password": PASSWORD})
    client.get("/SEV/")
    client.post("/logout/")
    for url, status, words in (("/login/", 200, "Sign in"), ("/nothing/there/", 404, "There is no such page")):
        response = client.get(url, headers={"Accept-Language": "ru"})
        assert response.status_code == status
        assert words in response.content.decode()


def test_language_costs_no_question(operator: Seat) -> None:
    asked = []
    for language in ("ru", "en"):
        speak(operator, language)
        operator.get("/SEV/week/")
        with CaptureQueriesContext(connection) as captured:
            operator.get("/SEV/week/")
        asked.append(len(captured))
    assert asked[0] == asked[1]


# --- the board ---------------------------------------------------------------------------------------------------


def test_board_is_kept_in_each_language(
    visit: Visit, operator: Seat, second_operator: Seat, clock: StoppedClock
) -> None:
    clock.show("10:12")
    speak(operator, "en")
    for _ in range(2):
        assert operator.bar(visit).word == "late"
        assert second_operator.bar(visit).word == "опаздывает"


def test_script_speaks_its_own_language_whoever_reads_it(scene: Scene, operator: Seat, second_operator: Seat) -> None:
    speak(second_operator, "en")
    for language, text, spoken in (
        ("ru", "Могу предложить {slot_1} или {slot_2}.", "Могу предложить сегодня в "),
        ("en", "I can offer {slot_1} or {slot_2}.", "I can offer today at "),
    ):
        ScriptStep.objects.filter(moment=ScriptStep.Moment.MOVE).update(text=text)
        for screen in (operator, second_operator):
            assert spoken in screen.get(f"/visits/{scene.visit.pk}/contact/").text, language


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "en"])
def test_headings_that_the_program_writes_are_read_again(language: str) -> None:
    with override(language):
        titles = {column: str(title) for column, title in COLUMNS.items()}
    assert {
        column: heading and heading.column for column, heading in ((c, recognise(t)) for c, t in titles.items())
    } == {column: column for column in titles}
