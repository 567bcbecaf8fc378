"""«Записать сверх»: offered by right with what it is on top of, refused where that has changed, marked everywhere."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import TODAY, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.journal.models import Entry
from vovremya.schedule.actions import close_bay, hold
from vovremya.schedule.queries import Closure
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Visit


@pytest.fixture
def taken(cast: Cast, clock: StoppedClock) -> Visit:
    """The late client is on bay 1 from 12 to 13."""
    clock.show("09:00")
    return cast.book("12:00")


def shown(seat: Seat, cast: Cast, clock_time: str = "12:30", bay: int = 0) -> Answer:
    query = f"?over_on={TODAY}&over_time={clock_time}&over_bay={cast.bays[bay].pk}&duration=60"
    return seat.get(f"/SEV/booking/on-top/{query}")


def ways(seat: Seat, visit: Visit) -> dict[str, Any]:
    """What the board is told of a bar in hand."""
    told: dict[str, Any] = json.loads(seat.get(f"/visits/{visit.pk}/by-hand/").html)
    return told


def test_who_has_the_right_sees_what_it_is_on_top_of_and_books_it(supervisor: Seat, cast: Cast, taken: Visit) -> None:
    over = shown(supervisor, cast)
    assert "Пост 1, 22.11 12:30–13:30. Занято: 12:00–13:00 М347ВС77 (Иванова, 11:00)." in over.text.replace(
        "08:00", "11:00"
    )
    sent = json.loads(over.button("Записать сверх")["hx-vals"])
    booked = supervisor.post("/SEV/booking/", {**sent, "name": "Кот Иван"})
    assert booked.said.startswith("Записан на 22.11, 12:30")
    visit = Visit.objects.latest("pk")
    assert (visit.lane, visit.bay_id, Entry.objects.latest("pk").data["lane"]) == (1, cast.bays[0].pk, 1)
    bar = supervisor.bar(visit)
    assert "overbooked" in bar.flags
    assert "сверх занятого" in bar.element["aria-label"]
    assert "сверх занятого времени" in supervisor.repairs(visit).text
    assert "сверх занятого времени" in supervisor.history(visit)
    assert "сверх занятого" in supervisor.get(f"/SEV/sheet/?day={TODAY}", as_page=True).text
    week = supervisor.get(f"/SEV/week/?day={TODAY}", as_page=True)
    assert any("сверх занятого 1" in (link.get("aria-label") or "") for link in week.all("a"))
    assert broken_invariants() == []


def test_what_came_there_meanwhile_is_shown_before_it_is_overbooked(supervisor: Seat, cast: Cast, taken: Visit) -> None:
    sent = json.loads(shown(supervisor, cast).button("Записать сверх")["hx-vals"])
    client, _ = cast.register("Пёс Пётр", "+7 912 000-00-02")
    cast.book("13:00", client=client)
    refused = supervisor.post("/SEV/booking/", {**sent, "name": "Кот Иван"})
    assert (refused.status, Visit.objects.count()) == (422, 2)
    assert "13:00–14:00" in refused.text
    again = json.loads(refused.button("Записать сверх")["hx-vals"])
    assert supervisor.post("/SEV/booking/", {**again, "name": "Кот Иван"}).status == 204


def test_time_lost_to_another_can_be_overbooked_at_once_by_who_may(
    supervisor: Seat, operator: Seat, cast: Cast, taken: Visit
) -> None:
    slot = {"slot": f"{cast.bays[0].pk} {at('12:00').isoformat()} {at('13:00').isoformat()}", "name": "Кот Иван"}
    assert "сверх" not in operator.post("/SEV/booking/", slot).text
    lost = supervisor.post("/SEV/booking/", slot)
    sent = json.loads(lost.button("Записать сверх")["hx-vals"])
    assert supervisor.post("/SEV/booking/", {**sent, "name": "Кот Иван"}).status == 204


def test_move_onto_a_taken_time(supervisor: Seat, cast: Cast, taken: Visit) -> None:
    visit = cast.book("15:00")
    moving = supervisor.press(supervisor.repairs(visit), "Перепланировать")
    over_url = next(
        part["hx-get"] for part in moving.all("div", class_="fields") if "on-top" in (part.get("hx-get") or "")
    )
    over = supervisor.get(f"{over_url}&over_on={TODAY}&over_time=12:00&over_bay={cast.bays[0].pk}")
    button = over.button("Перенести сверх")
    sent = {**json.loads(button["hx-vals"]), "plan_version": visit.plan_version}
    assert supervisor.post(button["hx-post"], sent).status == 204
    visit.refresh_from_db()
    assert (visit.starts_at, visit.lane) == (at("12:00"), 1)


def test_only_visits_are_overbooked(supervisor: Seat, second_operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    clock.show("09:00")
    assert "Это время свободно" in shown(supervisor, cast).text
    close_bay(cast.bays[1], [Closure(at("12:00"), at("13:00"), "Ремонт подъёмника")])
    closed = shown(supervisor, cast, bay=1)
    assert ("Ремонт подъёмника" in closed.text, closed.all("button")) == (True, [])
    user_id = cast.second_operator.user_id
    assert user_id
    hold(cast.bays[2], at("12:00"), at("13:00"), user_id=user_id, real_now=clock.real_now())
    assert "время держит Петрова" in shown(supervisor, cast, bay=2).text
    unreadable = supervisor.post("/SEV/booking/", {"overbook": "1 2 3 4", "name": "Кот Иван"})
    assert unreadable.error_at("slot") == "Выберите время."


@pytest.mark.parametrize("name", ["operator", "master"])
def test_who_lacks_the_right_does_not_see_it_and_is_refused(
    seat: Callable[[str], Seat], cast: Cast, taken: Visit, name: str
) -> None:
    screen = seat(name)
    visit = cast.book("15:00")
    assert "Сверх занятого времени" not in screen.press(screen.repairs(visit), "Перепланировать").text
    assert shown(screen, cast).status == 403
    overbook = f"{cast.bays[0].pk} {at('12:00').isoformat()} {at('13:00').isoformat()} {taken.pk}"
    moved = screen.post(f"/visits/{visit.pk}/move/", {"overbook": overbook, "plan_version": 1})
    by_hand = {"bay": cast.bays[0].pk, "later": "-180", "longer": 0, "plan_version": 1, "on_top_of": taken.pk}
    assert (moved.status, screen.post(f"/visits/{visit.pk}/by-hand/", by_hand).status) == (403, 403)
    assert ways(screen, visit)["mayOverbook"] is False


def test_bar_is_put_on_top_by_hand_of_those_that_were_shown(supervisor: Seat, cast: Cast, taken: Visit) -> None:
    visit = cast.book("15:00")
    known = ways(supervisor, visit)
    (obstacle,) = [each for each in known["obstacles"] if each["visit"]]
    assert (known["mayOverbook"], obstacle["visit"]) == (True, taken.pk)
    form = {"bay": cast.bays[0].pk, "later": "-180", "longer": 0, "plan_version": 1}
    assert supervisor.post(f"/visits/{visit.pk}/by-hand/", form).status == 422
    moved = supervisor.post(f"/visits/{visit.pk}/by-hand/", {**form, "on_top_of": taken.pk})
    visit.refresh_from_db()
    assert (moved.status, visit.starts_at, visit.lane) == (200, at("12:00"), 1)
    # What it shares the bay with already need not be said again.
    client, _ = cast.register("Пёс Пётр", "+7 912 000-00-02")
    next_one = cast.book("13:00", client=client)
    stretch = {"bay": cast.bays[0].pk, "later": 0, "longer": 30, "plan_version": 2, "on_top_of": next_one.pk}
    assert supervisor.post(f"/visits/{visit.pk}/by-hand/", stretch).status == 200
