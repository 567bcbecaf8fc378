"""No foreign branch: every address × every role and method, from one table of what each of them asks for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.test import Client as HttpClient
from django.urls import reverse

from tests.cast import LATE_CLIENT, MOSCOW, TODAY, TOMORROW, Cast, at
from tests.flows.seat import Seat, StoppedClock
from vovremya.board.urls import urlpatterns
from vovremya.board.views.reception import STEPS
from vovremya.customers.models import Phone
from vovremya.directory.rules import Right
from vovremya.journal.models import Entry
from vovremya.visits.actions import contact, reception, removal
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Answer, CallResult

STAFF = ("operator", "master", "supervisor", "manager", "administrator")
NUMBER = re.sub(r"\D", "", LATE_CLIENT[1])[1:]


@dataclass
class Scene:
    """The late visit of 10:00 at 10:12, with what an address needs of it."""

    cast: Cast
    visit: Visit
    clock: StoppedClock

    @property
    def phone(self) -> Phone:
        return self.cast.late_phone

    def fresh(self) -> Visit:
        return Visit.objects.get(pk=self.visit.pk)

    @property
    def who(self) -> dict[str, Any]:
        """The operator, now."""
        return {"actor": self.cast.operator, "now": at("10:12"), "real_now": at("10:12")}

    @property
    def case_version(self) -> int:
        return self.visit.cases.get().version

    def open_card(self) -> None:
        contact.open_card(self.visit.pk, **self.who)
        self.clock.let_pass(contact.LEASE_LASTS)  # so that anybody may take it over
        contact.release_card(self.visit.pk, actor=self.cast.operator, now=at("10:12"))

    def reach(self) -> None:
        contact.open_card(self.visit.pk, **self.who)
        contact.record_attempt(self.visit.pk, CallResult.ANSWERED, **self.who, case_version=self.case_version)
        contact.release_card(self.visit.pk, actor=self.cast.operator, now=at("10:12"))

    def give_grounds(self) -> None:
        for clock in ("10:12", "10:17"):
            self.clock.show(clock)
            who: dict[str, Any] = {"actor": self.cast.operator, "now": at(clock), "real_now": at(clock)}
            contact.open_card(self.visit.pk, **who)
            contact.record_attempt(self.visit.pk, CallResult.BUSY, **who, case_version=self.case_version)
            contact.release_card(self.visit.pk, actor=self.cast.operator, now=at(clock))

    def finish(self) -> None:
        self.reach()
        card = contact.CardInput(Answer.YES, "5", comment="Едет")
        version = self.case_version
        contact.finish(self.visit.pk, card, **self.who, case_version=version, zone=MOSCOW)

    def arrive(self) -> None:
        reception.check_in(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def begin_work(self) -> None:
        self.arrive()
        reception.start_work(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def end_work(self) -> None:
        self.begin_work()
        reception.end_work(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def remove(self) -> None:
        form = removal.RemovalInput(self.cast.reason("expensive"), is_said_by_client=True)
        removal.remove(self.visit.pk, form, actor=self.cast.operator, now=at("10:12"), plan_version=1)

    def let_the_day_end(self) -> None:
        self.clock.show("09:00", TOMORROW)

    def miss(self) -> None:
        self.let_the_day_end()
        reception.mark_no_show(self.visit.pk, actor=self.cast.operator, now=at("09:00", TOMORROW))

    def slot(self) -> str:
        return f"{self.cast.bays[1].pk} {at('15:00').isoformat()} {at('16:00').isoformat()}"


def nothing(_scene: Scene) -> None:
    pass


def empty(_scene: Scene) -> dict[str, object]:
    return {}


Rights = tuple[Right, ...]
#: For whoever works in the branch.
ALL = (Right.SEE_BOARD,)


@dataclass(frozen=True)
class Door:
    """What an address asks for: any of these rights to read, any of those to write; None: there is no such way."""

    reads: Rights | None = None
    writes: Rights | None = None
    set_up: Callable[[Scene], None] = nothing
    form: Callable[[Scene], dict[str, object]] = empty
    path: Callable[[Scene], dict[str, object]] = lambda scene: {"visit_id": scene.visit.pk}
    query: str = ""
    takes_card: bool = False  # reading opens the card and holds it


CONTACT, MOVE = (Right.CONTACT,), (Right.MOVE,)
REMOVE = (Right.REMOVE, Right.REMOVE_FOR_STATION)
PLANS = (Right.MOVE, Right.RESTORE_TODAY)


def with_version(scene: Scene, **more: object) -> dict[str, object]:
    return {"case_version": scene.case_version, **more}


def of_branch(scene: Scene) -> dict[str, object]:
    return {"code": scene.cast.branch.code}


def step(name: str, right: Right, set_up: Callable[[Scene], None] = nothing) -> Door:
    return Door(writes=(right,), set_up=set_up, path=lambda scene: {"visit_id": scene.visit.pk, "step": name})


DOORS = {
    "home": Door(reads=ALL, path=lambda _: {}),
    "repairs": Door(reads=ALL),
    "visit_history": Door(reads=ALL),
    "visit_news": Door(reads=ALL),
    "show_number": Door(
        writes=(Right.SEE_PHONE,), path=lambda scene: {"visit_id": scene.visit.pk, "phone_id": scene.phone.pk}
    ),
    "add_number": Door(writes=(Right.CHANGE_CLIENT,), form=lambda _: {"phone": "8 912 000-00-07"}),
    "dial": Door(writes=(Right.CONTACT, Right.SEE_PHONE), form=lambda scene: {"phone": scene.phone.pk}),
    "late_notice": Door(reads=ALL, writes=ALL, takes_card=True),
    "client_warned": Door(writes=CONTACT),
    "result": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda scene: with_version(scene, result="answered")),
    "save_card": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda scene: with_version(scene, result="busy")),
    "finish": Door(
        writes=CONTACT,
        set_up=Scene.reach,
        form=lambda scene: with_version(scene, answer="yes", eta="5", comment="Едет"),
    ),
    "call_back_later": Door(writes=CONTACT, set_up=Scene.reach, form=with_version),
    "keep_waiting": Door(writes=CONTACT, set_up=Scene.give_grounds),
    "add_note": Door(
        writes=CONTACT,
        set_up=Scene.open_card,
        form=lambda scene: {"case": scene.visit.cases.get().pk, "comment": "Приедет завтра"},
    ),
    "take_over": Door(writes=CONTACT, set_up=Scene.open_card),
    "release_card": Door(writes=CONTACT, set_up=Scene.open_card),
    "lease": Door(writes=CONTACT, set_up=Scene.open_card),
    "draft": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda _: {"comment": "Думает", "sequence": 1}),
    "reopen": Door(writes=(Right.REOPEN,), set_up=Scene.finish),
    "move": Door(
        reads=PLANS, writes=MOVE, form=lambda scene: {"slot": scene.slot(), "plan_version": scene.visit.plan_version}
    ),
    "slots_for_move": Door(reads=PLANS, writes=MOVE, form=lambda scene: {"slot": scene.slot()}),
    "change_bay": Door(
        reads=(Right.CHANGE_BAY_OF_ARRIVED,),
        writes=(Right.CHANGE_BAY_OF_ARRIVED,),
        set_up=Scene.arrive,
        form=lambda scene: {"bay": scene.cast.bays[1].pk, "duration": 90, "plan_version": 1},
    ),
    "remove": Door(
        reads=REMOVE,
        writes=REMOVE,
        form=lambda scene: {
            "reason": scene.cast.reason("duplicate"),
            "comment": "Записан дважды",
            "plan_version": scene.visit.plan_version,
        },
    ),
    "restore": Door(writes=(Right.RESTORE_TODAY, Right.RESTORE_ANY_DAY), set_up=Scene.remove),
    "step check-in": step("check-in", Right.CHECK_IN),
    "step undo-check-in": step("undo-check-in", Right.CHECK_IN, Scene.arrive),
    "step start-work": step("start-work", Right.WORK, Scene.arrive),
    "step undo-start-work": step("undo-start-work", Right.WORK, Scene.begin_work),
    "step end-work": step("end-work", Right.WORK, Scene.begin_work),
    "step undo-end-work": step("undo-end-work", Right.WORK, Scene.end_work),
    "step no-show": step("no-show", Right.MARK_NO_SHOW, Scene.let_the_day_end),
    "step undo-no-show": step("undo-no-show", Right.MARK_NO_SHOW, Scene.miss),
    "board": Door(reads=ALL, path=of_branch),
    "search": Door(reads=ALL, path=of_branch, query="?q=Смирнова"),
    "removed": Door(reads=ALL, path=of_branch, set_up=Scene.remove),
    "not_arrived": Door(reads=ALL, path=of_branch, set_up=Scene.let_the_day_end),
    "booking": Door(
        reads=(Right.BOOK,),
        writes=(Right.BOOK,),
        path=of_branch,
        form=lambda scene: {"slot": scene.slot(), "name": "Кот Иван", "phone": "8 912 000-00-08"},
    ),
    "slots_for_booking": Door(
        reads=(Right.BOOK,), writes=(Right.BOOK,), path=of_branch, form=lambda scene: {"slot": scene.slot()}
    ),
    "clients_found": Door(reads=(Right.BOOK,), path=of_branch, query="?who=9123456789"),
}


@pytest.fixture
def scene(cast: Cast, visit: Visit, clock: StoppedClock) -> Scene:
    clock.show("10:12")
    return Scene(cast, visit, clock)


def address(name: str, scene: Scene) -> str:
    return reverse(name.split()[0], kwargs=DOORS[name].path(scene))


def everything() -> dict[str, list[dict[str, Any]]]:
    """All that is written in the database, but for who is signed in."""
    models = (model for model in apps.get_models() if model._meta.app_label not in ("sessions", "axes"))
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}  # type: ignore[attr-defined]


def may(scene: Scene, name: str, rights: Rights) -> bool:
    return any(scene.cast.actor(name).may(right, scene.cast.branch.pk) for right in rights)


# --- the table ---------------------------------------------------------------------------------------------------


def test_every_address_of_the_board_is_in_the_table() -> None:
    names = {pattern.name for pattern in urlpatterns}
    assert {name.split()[0] for name in DOORS} == names
    assert {name.removeprefix("step ") for name in DOORS if name.startswith("step ")} == set(STEPS)


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("name", DOORS)
def test_reading_is_for_those_who_may(scene: Scene, seat: Callable[[str], Seat], name: str, role: str) -> None:
    door = DOORS[name]
    door.set_up(scene)
    screen = seat(role)
    before = everything()
    status = screen.get(address(name, scene) + door.query).status
    if door.reads is None:
        assert status == 405
    elif may(scene, role, door.reads):
        assert status in (200, 302)
    else:
        assert status == 403
    if not (door.takes_card and may(scene, role, CONTACT)):
        assert everything() == before, "reading writes nothing"


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("name", DOORS)
def test_writing_is_for_those_who_may(scene: Scene, seat: Callable[[str], Seat], name: str, role: str) -> None:
    door = DOORS[name]
    door.set_up(scene)
    form = door.form(scene)
    screen = seat(role)
    before = everything()
    status = screen.post(address(name, scene), form).status
    if door.writes is None:
        assert status == 405
    elif not may(scene, role, door.writes):
        assert status == 403
    elif name == "lease":
        assert status == 409, "nobody has the card"
    else:
        assert status in (200, 204)
        return
    assert everything() == before


@pytest.mark.parametrize("name", DOORS)
def test_the_stranger_finds_nothing_there(scene: Scene, seat: Callable[[str], Seat], name: str) -> None:
    if name == "home":
        return  # leads everybody to the own branch
    door = DOORS[name]
    door.set_up(scene)
    form = door.form(scene)
    screen = seat("stranger")
    before = everything()
    statuses = [screen.get(address(name, scene) + door.query).status, screen.post(address(name, scene), form).status]
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
def test_no_page_and_no_window_shows_a_whole_number(scene: Scene, supervisor: Seat, name: str) -> None:
    DOORS[name].set_up(scene)
    page = supervisor.get(address(name, scene) + DOORS[name].query)
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
