"""What the windows say when server or line fail in the midst of a press, and that it is done once all the same."""

import re

from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, answer, choose, press
from tests.browser.test_booking import new_booking
from tests.browser.trial import Trial
from vovremya.journal.models import Entry
from vovremya.visits.models import Visit

TYPED = "Пробка на МКАД, едет"
#: As nginx says it while the server behind it is begun anew.
BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"


def filled_card(screen: Screen, visit: Visit) -> Locator:
    card = screen.reach(visit)
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill(TYPED)
    return card


def filled_booking(screen: Screen) -> Locator:
    window = new_booking(screen)
    window.get_by_label("Имя или организация").fill("Гришин Олег")
    window.get_by_label("Телефон", exact=True).fill("8 (905) 123-45-67")
    choose(window, "12:00 Пост 1")
    return window


def times_finished(trial: Trial, visit: Visit) -> int:
    return trial.backstage(Entry.objects.filter(visit_id=visit.pk, kind="card_finished").count)


def lose_answer_once(screen: Screen, path: str) -> None:
    """The server does it, and the line breaks before the page hears so."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    screen.page.route(re.compile(path), lose, times=1)


def test_page_of_a_proxy_never_takes_the_place_of_the_form(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = filled_card(screen, visit)
    screen.page.route("**/finish/", lambda route: route.fulfill(status=502, body=BAD_GATEWAY), times=1)
    press(card, "Опрос завершён")
    expect(card.get_by_role("alert")).to_contain_text("Сервер не отвечает. Введённое осталось в окне.")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    press(card.get_by_role("alert"), "Повторить")
    screen.expect_back_on_board(visit)
    assert times_finished(trial, visit) == 1


def test_choice_that_broke_off_is_repeated(trial: Trial, screen: Screen) -> None:
    """A choice that stands already does not change by another click."""
    visit = trial.book_late()
    screen.open_repairs(visit)
    card = screen.dial()
    screen.page.route("**/result/", lambda route: route.abort(), times=1)
    choose(card, "Дозвонились")
    press(card.get_by_role("alert"), "Повторить")
    expect(card.get_by_role("group", name="Когда приедет")).to_be_visible()


def test_silent_server_is_waited_for_in_words(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = filled_card(screen, visit)
    trial.hang()
    try:
        press(card, "Опрос завершён")
        expect(card.get_by_role("status").filter(has_text="Сервер пока не ответил, ждём.")).to_be_visible()
        expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    finally:
        trial.wake()
    screen.expect_back_on_board(visit)
    assert times_finished(trial, visit) == 1


def test_booking_whose_answer_is_lost_is_booked_once(trial: Trial, seat: Seat) -> None:
    screen = seat()
    window = filled_booking(screen)
    lose_answer_once(screen, "/booking/$")
    press(window, "Записать")
    expect(window.get_by_role("alert")).to_contain_text("Нет связи с сервером. Введённое осталось в окне.")
    press(window.get_by_role("alert"), "Повторить")
    expect(window).to_be_hidden()
    assert trial.backstage(Visit.objects.filter(on=trial.today).count) == 1


def test_changed_after_a_lost_answer_it_is_still_booked_once(trial: Trial, screen: Screen) -> None:
    """Whoever thinks that nothing was saved may choose another time before pressing again."""
    window = filled_booking(screen)
    lose_answer_once(screen, "/booking/$")
    press(window, "Записать")
    expect(window.get_by_role("alert")).to_be_visible()
    choose(window, "14:00 Пост 1")
    press(window, "Записать")
    expect(window.get_by_text("Форма уже отправлена: сохранено то, что было в ней тогда.")).to_be_visible()
    expect(window.get_by_label("Имя или организация")).to_have_value("Гришин Олег")
    press(window, "Записать")
    expect(window.get_by_text("Форма уже отправлена: сохранено то, что было в ней тогда.")).to_be_visible()
    assert trial.backstage(Visit.objects.filter(on=trial.today).count) == 1
