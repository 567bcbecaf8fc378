"""No foreign branch: every address × every role and method, from the one table of what each of them asks for."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client as HttpClient
from django.urls import URLPattern

from tests.apps.visits.test_rights import CASES, SPECIAL
from tests.cast import LATE_CLIENT, TODAY, at
from tests.flows.doors import (
    BEHIND_A_SECRET,
    CONTACT,
    DOORS,
    STAFF,
    Scene,
    address,
    address_to_read,
    everything,
    may,
    with_version,
)
from tests.flows.seat import Seat, StoppedClock
from vovremya.board.urls import urlpatterns, windows
from vovremya.board.views.reception import STEPS
from vovremya.customers.models import Phone
from vovremya.directory.models import Membership
from vovremya.directory.rules import RIGHTS, Right, Role
from vovremya.exchange.urls import urlpatterns as of_exchange
from vovremya.journal.models import Entry
from vovremya.office.urls import urlpatterns as of_office
from vovremya.office.views.imports import STEPS as STEPS_OF_IMPORT
from vovremya.visits.models import Visit

NUMBER = re.sub(r"\D", "", LATE_CLIENT[1])[1:]


# --- the table ---------------------------------------------------------------------------------------------------


def test_every_address_is_in_the_table() -> None:
    patterns = (*windows, *urlpatterns, *of_office, *of_exchange)
    names = {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)}
    assert {name.split()[0] for name in DOORS} | {*BEHIND_A_SECRET} == names
    assert {name.removeprefix("step ") for name in DOORS if name.startswith("step ")} == set(STEPS)
    assert {name.split()[1] for name in DOORS if name.startswith("import_step ")} == set(STEPS_OF_IMPORT)


def test_every_right_is_refused_somewhere() -> None:
    asked_by_actions = {right for case in (*CASES, *SPECIAL) for right in case.rights}
    asked_by_pages = {right for door in DOORS.values() for right in (*(door.reads or ()), *(door.writes or ()))}
    assert set(Right) - asked_by_actions - asked_by_pages == {Right.SEE_REPORTS}, "there are no reports yet"


@pytest.mark.parametrize("name", DOORS)
def test_reading_is_for_those_who_may(
    scene: Scene, seat: Callable[[str], Seat], subtests: pytest.Subtests, name: str
) -> None:
    door = DOORS[name]
    door.set_up(scene)
    for role in STAFF:
        with subtests.test(role=role):
            screen = seat(role)
            before = everything()
            status = screen.get(address_to_read(name, scene)).status
            if door.reads is None:
                assert status == 405
            elif may(scene, role, door.reads):
                assert status in (200, 302)
            else:
                assert status == 403
            if not (door.takes_card and may(scene, role, CONTACT)):
                assert everything() == before, "reading writes nothing"


@pytest.mark.parametrize("name", DOORS)
def test_writing_is_refused_to_those_who_may_not(
    scene: Scene, seat: Callable[[str], Seat], subtests: pytest.Subtests, name: str
) -> None:
    door = DOORS[name]
    door.set_up(scene)
    form = door.form(scene)
    for role in STAFF:
        if door.writes is not None and may(scene, role, door.writes):
            continue
        with subtests.test(role=role):
            screen = seat(role)
            before = everything()
            assert screen.post(address(name, scene), form).status == (405 if door.writes is None else 403)
            assert everything() == before


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (name, role)
        for name, door in DOORS.items()
        for role in STAFF
        if RIGHTS[Role(role)].intersection(door.writes or ())
    ],
)
def test_writing_is_for_those_who_may(scene: Scene, seat: Callable[[str], Seat], name: str, role: str) -> None:
    door = DOORS[name]
    door.set_up(scene)
    form = door.form(scene)
    assert may(scene, role, door.writes or ())
    screen = seat(role)
    before = everything()
    status = screen.post(address(name, scene), form).status
    if name == "lease":
        assert status == 409, "nobody has the card"
        assert everything() == before
    else:
        assert status in (200, 204, 303)


@pytest.mark.parametrize("name", DOORS)
def test_the_stranger_finds_nothing_there(scene: Scene, seat: Callable[[str], Seat], name: str) -> None:
    if name == "home":
        return  # leads everybody to the own branch
    door = DOORS[name]
    door.set_up(scene)
    form = door.form(scene)
    screen = seat("stranger")
    before = everything()
    statuses = [screen.get(address_to_read(name, scene)).status, screen.post(address(name, scene), form).status]
    assert statuses == [404 if way is not None else 405 for way in (door.reads, door.writes)]
    assert everything() == before


@pytest.mark.parametrize("name", DOORS)
def test_who_is_signed_out_is_led_to_the_door(scene: Scene, name: str) -> None:
    door = DOORS[name]
    url = address(name, scene)
    before = everything()
    http = HttpClient()
    for way, ask in ((door.reads, http.get), (door.writes, http.post)):
        if way is None:
            continue
        assert ask(url).headers["Location"].startswith("/login/")
        in_window = ask(url, headers={"HX-Request": "true"})
        assert (in_window.status_code, in_window.headers["HX-Redirect"]) == (401, "/login/")
    assert everything() == before


# --- what a number alone does not open ---------------------------------------------------------------------------


def test_stranger_is_led_to_the_own_branch(seat: Callable[[str], Seat]) -> None:
    response = seat("stranger").http.get("/")
    assert response.headers["Location"] == "/VOS/"


def test_unknown_branch_and_foreign_branch_are_answered_alike(seat: Callable[[str], Seat]) -> None:
    stranger = seat("stranger")
    assert stranger.get("/SEV/").status == stranger.get("/NONE/").status == 404


def test_client_of_another_branch_is_not_chosen_by_a_mere_number(
    scene: Scene, seat: Callable[[str], Seat], clock: StoppedClock
) -> None:
    clock.set(at("10:12"))
    stranger = seat("stranger")
    chosen = {"client": scene.cast.late_client.pk, "slot": ""}
    refused = stranger.post("/VOS/booking/", chosen)
    assert "Смирнова" not in refused.html
    found_by_phone = stranger.post("/VOS/booking/", {**chosen, "who": "8 (912) 345-67-89"})
    assert "Смирнова" in found_by_phone.html


@pytest.mark.parametrize(
    "name", ["client", "client_facet", "client_file", "client_erasure", "client_keeping", "client_number"]
)
def test_merged_client_of_another_branch_is_not_opened_by_a_mere_number(
    scene: Scene, seat: Callable[[str], Seat], name: str
) -> None:
    """By whoever may do it in a branch of the same network, once for the merged one and once for the kept."""
    scene.merge()
    kept, gone = scene.cast.late_client, scene.twin_id
    assert gone
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        Membership.objects.create(user_id=scene.cast.stranger.user_id or 0, branch=scene.cast.other_branch, role=role)
    stranger, door = seat("stranger"), DOORS[name]
    foreign = address(name, scene).replace("/SEV/", "/VOS/")
    number = Phone.objects.get(client=gone).pk
    merged = foreign.replace(f"/clients/{kept.pk}/", f"/clients/{gone}/").replace(
        f"/phones/{scene.phone.pk}/", f"/phones/{number}/"
    )
    before = everything()
    for url in (foreign, merged):
        statuses = [stranger.get(url).status, stranger.post(url, door.form(scene)).status]
        assert statuses == [404 if way is not None else 405 for way in (door.reads, door.writes)]
    assert everything() == before
    stranger.get("/office/VOS/clients/?q=89123456789", as_page=True)
    assert stranger.http.get(f"/office/VOS/clients/{gone}/").headers["Location"].endswith(f"/{kept.pk}/")


def test_surname_finds_no_client_of_another_branch(scene: Scene, seat: Callable[[str], Seat]) -> None:
    stranger = seat("stranger")
    assert "Никого не нашли" in stranger.get("/VOS/booking/clients/?who=Смирнова").text
    assert "Смирнова" in stranger.get("/VOS/booking/clients/?who=м347вс77").text


def test_visits_elsewhere_are_a_date_and_a_branch(scene: Scene, seat: Callable[[str], Seat], supervisor: Seat) -> None:
    other = Visit.objects.get(pk=scene.cast.book("12:00").pk)
    Visit.objects.filter(pk=other.pk).update(branch=scene.cast.other_branch)
    shown = supervisor.repairs(scene.visit).one(class_="beside").all("li")
    elsewhere = next(line for line in shown if "Восток" in line.text)
    assert elsewhere.text == "22.11.2026 · Восток"
    assert not elsewhere.all("a")


def test_other_branchs_visit_is_not_finished_along(scene: Scene, operator: Seat) -> None:
    scene.reach()
    foreign = scene.cast.book("09:30", bay=1)
    Visit.objects.filter(pk=foreign.pk).update(branch=scene.cast.other_branch)
    before = Entry.objects.count()
    form = with_version(scene, answer="yes", eta="5", comment="Едет", also=foreign.pk)
    assert operator.post(f"/visits/{scene.visit.pk}/finish/", form).status == 404
    assert Entry.objects.count() == before


def test_card_of_a_visit_takes_no_note_about_another(scene: Scene, operator: Seat) -> None:
    scene.open_card()
    other = scene.cast.book("12:00")
    form = {"case": scene.visit.cases.get().pk, "comment": "x"}
    assert operator.post(f"/visits/{other.pk}/note/", form).status == 404


def test_number_of_another_client_is_not_shown(scene: Scene, operator: Seat) -> None:
    other, _ = scene.cast.register("Кот Иван", "+7 912 000-00-01")
    phone = other.phones.get()
    assert operator.post(f"/visits/{scene.visit.pk}/phones/{phone.pk}/").status == 404


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.reads])
def test_no_page_and_no_window_shows_a_whole_number(scene: Scene, seat: Callable[[str], Seat], name: str) -> None:
    DOORS[name].set_up(scene)
    reader = next(role for role in ("supervisor", "administrator") if may(scene, role, DOORS[name].reads or ()))
    page = seat(reader).get(address_to_read(name, scene))
    assert page.status in (200, 302)
    assert NUMBER not in re.sub(r"\D", "", page.html)


def test_nothing_is_asked_for_by_dates_out_of_the_calendar(scene: Scene, operator: Seat) -> None:
    far: list[date | datetime | str] = [date.max, date.min, "2026-13-01", "завтра", "²⁰"]
    for on in far:
        assert operator.get(f"/SEV/?day={on}", as_page=True).status == 200
        assert operator.get(f"/SEV/removed/?day={on}", as_page=True).status == 200
        assert operator.get(f"/SEV/booking/slots/?on={on}").status == 200
        slot = f"{scene.cast.bays[0].pk} {on}T10:00:00+00:00 {on}T11:00:00+00:00"
        assert operator.post("/SEV/booking/slots/", {"slot": slot}).status == 422
    assert operator.bar(scene.visit, TODAY).state == "late"
