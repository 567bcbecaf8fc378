"""«Лист ожидания» on the screen: coming onto it, the calls about what became free, and two desks at one of them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.cast import TOMORROW, Cast, at
from tests.flows.page import Answer, Element
from tests.flows.seat import Seat, StoppedClock
from vovremya.board.live.reading import read_calls
from vovremya.customers.models import PhoneReveal
from vovremya.visits.actions import removal
from vovremya.visits.models import Visit
from vovremya.waitlist.actions import keeping
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.rules.words import OfferAnswer

LIST = "/SEV/waiting/"


@pytest.fixture
def morning(clock: StoppedClock) -> None:
    clock.show("08:30")


@pytest.fixture
def evening(cast: Cast, morning: None) -> Visit:
    """The late client comes tomorrow at 20:00, and would rather come sooner."""
    visit = cast.book("20:00", on=TOMORROW)
    keeping.want_sooner(visit, keeping.WishedFor(days=[TOMORROW]), actor=cast.operator, now=at("08:10"))
    return visit


@pytest.fixture
def freed(cast: Cast, evening: Visit) -> Visit:
    """Somebody of tomorrow at noon has just refused."""
    client, _ = cast.register("Гость", "+7 912 000-02-01")
    visit = cast.book("12:00", on=TOMORROW, client=client)
    said = removal.RemovalInput(cast.reason("expensive"), is_said_by_client=True)
    removal.remove(visit.pk, said, actor=cast.operator, now=at("08:29"), plan_version=1)
    return visit


def wait_without_a_visit(cast: Cast, name: str = "Кот Иван", is_urgent: bool = False) -> Wait:
    client, car = cast.register(name, f"+7 912 000-01-{len(name):02}", plate="А001АА77")
    wanted = keeping.Wanted(client, car, 60)
    return keeping.put_on_list(
        cast.branch.pk, wanted, keeping.WishedFor(is_urgent=is_urgent), actor=cast.operator, now=at("08:12")
    )


def offers_of(page: Answer) -> list[Element]:
    return [button for button in page.all("button") if button.has("data-slot")]


def propose(seat: Seat, button: Element) -> Answer:
    """«Предложить», and the window that opens by it."""
    pressed = seat.post(button["data-post"], {"slot": button["data-slot"]})
    opened = seat.get(pressed.opened_at)
    return Answer(pressed.status, opened.html, pressed.triggers | opened.triggers, opened.root)


def calls_told(cast: Cast) -> str:
    return read_calls(cast.branch.pk).frame.decode()


# --- coming onto the list ------------------------------------------------------------------------------------------


def test_who_finds_no_time_is_put_on_the_list_with_all_that_was_typed(
    cast: Cast, morning: None, operator: Seat
) -> None:
    window = operator.get("/SEV/booking/")
    nobody = operator.press(window, "В лист ожидания без записи")
    assert nobody.error_at("name")
    said = operator.press(
        window,
        "В лист ожидания без записи",
        name="Кот Иван",
        phone="8 912 000-00-08",
        plate="а001аа77",
        weekday=["1", "3"],
        after="10:00",
        before="12:30",
        duration="90",
        reason="Стучит",
        waits_on_site="yes",
        urgent="yes",
    )
    assert said.closed == {"booking"}
    wait = Wait.objects.get()
    assert (wait.client.name, wait.duration_minutes, wait.reason, wait.waits_on_site) == (
        "Кот Иван",
        90,
        "Стучит",
        True,
    )
    assert (wait.weekdays, wait.not_before_minute, wait.not_after_minute, wait.is_urgent) == ([1, 3], 600, 750, True)
    page = operator.get(LIST, as_page=True)
    (row,) = page.one("tbody").all("tr")
    assert "Кот Иван срочно" in row.text
    assert "вт, чт · не раньше 10:00 · не позже 12:30 · ждёт на месте · до 22.12" in row.text
    known = {"who": "8 912 000-00-08", "client": str(wait.client_id), "car": str(wait.car_id)}
    found = operator.get("/SEV/booking/clients/?who=Кот")
    assert "Кот Иван" in found.text, "the branch knows who waits, by name as well"
    again = operator.press(window, "В лист ожидания без записи", **known)
    assert "уже в листе ожидания с 22.11 (записал: Иванова)" in again.alert


def test_who_takes_a_time_may_wait_for_a_sooner_one_at_once(cast: Cast, morning: None, operator: Seat) -> None:
    slot = f"{cast.bays[0].pk} {at('15:00').isoformat()} {at('16:00').isoformat()}"
    said = operator.press(
        operator.get("/SEV/booking/"), "Записать", slot=slot, name="Кот Иван", sooner="yes", part="day"
    )
    visit = Visit.objects.get()
    assert said.said == "Записан на 22.11, 15:00, Пост 1. Хочет раньше: в листе ожидания."
    assert (Wait.objects.get().visit, Wait.objects.get().part_of_day) == (visit, "day")


def test_who_waited_is_booked_and_waits_on_for_a_sooner_time(cast: Cast, morning: None, operator: Seat) -> None:
    wait = wait_without_a_visit(cast)
    slot = f"{cast.bays[0].pk} {at('15:00').isoformat()} {at('16:00').isoformat()}"
    known = {"who": "8 912 000-01-08", "client": str(wait.client_id), "car": str(wait.car_id)}
    said = operator.press(operator.get("/SEV/booking/"), "Записать", **known, slot=slot, sooner="yes")
    assert "Хочет раньше: в листе ожидания." in said.said
    (on_list,) = Wait.objects.all()
    assert (on_list.pk, on_list.visit, on_list.ending) == (wait.pk, Visit.objects.get(), "")


def test_wishes_of_a_visit_are_given_changed_and_taken_back(cast: Cast, morning: None, operator: Seat) -> None:
    visit = cast.book("20:00", on=TOMORROW)
    window = operator.press(operator.repairs(visit), "Хочет раньше")
    assert "Раньше уже свободно: 22.11 09:00 Пост 1" in window.text
    assert operator.press(window, "Перепланировать").title == "Предварительная запись"
    assert operator.press(window, "Поставить в лист", part="morning", comment="Спешит").closed == {"waiting"}
    assert "Хочет раньше: в листе ожидания с 22.11 08:30, Иванова" in operator.repairs(visit).text
    assert "Хочет раньше: записан в лист ожидания" in operator.history(visit)
    again = operator.press(operator.repairs(visit), "Хочет раньше")
    assert (again.value("part"), again.value("comment"), again.value("until")) == ("morning", "Спешит", "2026-11-23")
    assert (
        operator.press(again, "Сохранить", part="day", until="2026-11-20").error_at("until") == "Этот день уже прошёл."
    )
    assert operator.press(again, "Сохранить", part="day").said == "Пожелания изменены."
    assert operator.press(again, "Снять с листа").error_at("why") == "Напишите комментарий."
    gone = operator.press(again, "Снять с листа", why="Передумал")
    assert operator.get(LIST, as_page=True).text.count("Никто не ждёт") == 1
    ended = operator.get(f"{LIST}?show=ended", as_page=True)
    assert "снят, Иванова Передумал" in ended.one("tbody").text
    assert operator.post(str(gone.undo)).said == "Клиент снова в листе ожидания."
    assert operator.post(str(gone.undo)).said == "Клиент уже в листе ожидания."
    assert "ушёл из листа ожидания: снят" in operator.history(visit).lower()


def test_the_list_is_searched_and_narrowed(cast: Cast, evening: Visit, operator: Seat) -> None:
    wait_without_a_visit(cast, is_urgent=True)

    def shown(query: str) -> list[str]:
        page = operator.get(f"{LIST}?{query}", as_page=True)
        cells = [row.all("td")[1].text for row in page.all("tr") if row.all("td")]
        return re.findall("Смирнова|Кот", " ".join(cells))

    assert shown("") == ["Смирнова", "Кот"]
    assert shown("show=visit") == shown("q=Смирнова") == shown("q=М347") == ["Смирнова"]
    assert shown("show=none") == shown("show=urgent") == ["Кот"]
    assert shown("q=Никто") == []


# --- the call --------------------------------------------------------------------------------------------------------


def test_a_time_that_became_free_is_a_call_to_whom_it_fits(
    cast: Cast, freed: Visit, evening: Visit, operator: Seat
) -> None:
    other = wait_without_a_visit(cast)
    Wait.objects.filter(pk=other.pk).update(added_at=at("08:05"))
    assert '"count":1' in calls_told(cast)
    page = operator.get(LIST, as_page=True)
    assert "Освободилось время · 1 звонок" in page.text
    call = page.one("article")
    assert "12:00–13:00 Пост 1 свободно 23.11 12:00–13:00, освободилось 22.11 08:29" in call.text
    assert [button["aria-label"] if button.has("aria-label") else button.text for button in offers_of(page)] == [
        "Предложить Кот Иван",
        "Предложить Смирнова Анна Викторовна",
    ]
    window = propose(operator, offers_of(page)[1])
    assert "Освободилось время: могу записать вас на понедельник, 23 ноября, в 12:00 вместо 23.11, 20:00" in window.text
    assert "+7 912 ···-··-89" in window.text
    assert operator.press(window, "Набрать").dialled == "+79123456789"
    assert PhoneReveal.objects.get().purpose == PhoneReveal.Purpose.DIAL
    assert "Вы предлагаете это время до 08:35: Смирнова" in operator.get(LIST, as_page=True).text
    done = operator.press(window, "Согласен, перенести")
    assert (done.closed, done.said) == ({"waiting", "repairs"}, "Записан на 23.11, 12:00, Пост 1.")
    evening.refresh_from_db()
    assert evening.starts_at == at("12:00", TOMORROW)
    page = operator.get(LIST, as_page=True)
    assert [row.text.split()[3] for row in page.one("tbody").all("tr")] == ["Кот"]
    assert "Предложенное время 23.11 12:00, Пост 1: согласился" in operator.history(evening)
    assert "20:00–21:00 Пост 1" in page.one("article").text, "what was left goes to the next"


def test_the_time_to_be_offered_heads_the_call_and_beside_it_stands_what_is_free(
    cast: Cast, evening: Visit, operator: Seat
) -> None:
    client, _ = cast.register("Гость", "+7 912 000-02-01")
    visit = cast.book("12:00", on=TOMORROW, client=client, minutes=120)
    said = removal.RemovalInput(cast.reason("expensive"), is_said_by_client=True)
    removal.remove(visit.pk, said, actor=cast.operator, now=at("08:29"), plan_version=1)
    call = operator.get(LIST, as_page=True).one("article")
    assert "12:00–13:00 Пост 1 свободно 23.11 12:00–14:00, освободилось 22.11 08:29" in call.text


def test_who_refuses_makes_room_for_the_next_and_the_answer_can_be_taken_back(
    cast: Cast, freed: Visit, operator: Seat
) -> None:
    wait_without_a_visit(cast)
    first = operator.get(LIST, as_page=True)
    refused = operator.press(propose(operator, offers_of(first)[0]), "Отказался")
    assert refused.said == "Отказ отмечен: время свободно для следующего."
    page = operator.get(LIST, as_page=True)
    assert [button.text for button in offers_of(page)] == ["Предложить Кот Иван"]
    assert "23.11 12:00 отказался" in page.text
    assert operator.post(str(refused.undo)).said == "Ответ отменён: время снова можно предложить."
    assert operator.post(str(refused.undo)).said == "Отменять нечего: ответ уже другой."
    unreached = operator.press(propose(operator, offers_of(first)[0]), "Не дозвонились")
    assert unreached.said == "Не дозвонились: время свободно для следующего."


def test_of_two_desks_one_has_the_time_and_the_other_is_told_who_and_what_is_nearest(
    cast: Cast, freed: Visit, seat: Callable[[str], Seat]
) -> None:
    wait_without_a_visit(cast)
    first, second = seat("operator"), seat("second_operator")
    page = second.get(LIST, as_page=True)
    propose(first, offers_of(page)[0])
    held = second.get(LIST, as_page=True)
    assert "Иванова держит это время до 08:35: Смирнова Анна Викторовна" in held.text
    lost = propose(second, offers_of(page)[1])
    assert lost.status == 422
    assert "Пост занят: время держит Иванова до 08:35." in lost.text
    nearest = lost.one("section", class_="nearest").all("button")
    assert len(nearest) == 3
    window = second.press(lost, nearest[0].text)
    assert "Согласен, записать" in window.text
    assert TimeOffer.objects.filter(answer="").count() == 2


def test_who_agrees_too_late_is_told_who_was_first(
    cast: Cast, freed: Visit, seat: Callable[[str], Seat], clock: StoppedClock
) -> None:
    first, second = seat("operator"), seat("second_operator")
    window = propose(first, offers_of(first.get(LIST, as_page=True))[0])
    clock.let_pass(timedelta(minutes=5))
    late = first.get(f"/SEV/offers/{TimeOffer.objects.get().pk}/")
    assert "Время больше не держится" in late.text
    slot = f"{cast.bays[0].pk} {at('12:00', TOMORROW).isoformat()} {at('13:00', TOMORROW).isoformat()}"
    assert second.post("/SEV/booking/", {"slot": slot, "name": "Новый", "phone": "89120000003"}).status == 204
    lost = first.press(window, "Согласен, перенести")
    assert lost.status == 422
    assert "12:00–13:00 Новый (Петрова, 08:30)" in lost.text
    assert len(lost.one("section", class_="nearest").all("button")) == 3


def test_a_window_that_is_closed_lets_the_time_go(cast: Cast, freed: Visit, operator: Seat) -> None:
    window = propose(operator, offers_of(operator.get(LIST, as_page=True))[0])
    operator.post(window.one("form")["data-close-url"])
    assert TimeOffer.objects.get().answer == OfferAnswer.GIVEN_UP
    assert "до 08:35" not in operator.get(LIST, as_page=True).text
    operator.post(window.one("form")["data-close-url"])


def test_a_visit_that_was_moved_while_the_client_thought_is_shown_as_it_is(
    cast: Cast, freed: Visit, evening: Visit, operator: Seat
) -> None:
    window = propose(operator, offers_of(operator.get(LIST, as_page=True))[0])
    Visit.objects.filter(pk=evening.pk).update(plan_version=2)
    asked = operator.press(window, "Согласен, перенести")
    assert "Запись изменили, пока окно было открыто" in asked.alert
    assert operator.press(asked, "Согласен, перенести").closed == {"waiting", "repairs"}


def test_a_master_sees_the_list_and_keeps_nothing_of_it(cast: Cast, freed: Visit, master: Seat) -> None:
    page = master.get(LIST, as_page=True)
    assert "Смирнова" in page.text
    assert offers_of(page) == []
