"""What the windows say when server or line fail in the midst of a press, and that it is done once all the same."""

import re
from collections.abc import Callable

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

NOTES_THE_ANSWER = """() => {
  window.answered = new Promise((come) => document.addEventListener("htmx:finally:request", ({ detail }) => {
    if (detail.ctx.request.action.endsWith("/result/")) come();
  }));
}"""


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


def leave_before_the_answer(screen: Screen, visit: Visit) -> Callable[[], None]:
    """Dialled and reached, and the card is closed while that is on its way. Returns how the answer comes."""
    held: list[Route] = []
    screen.page.route("**/result/", lambda route: held.append(route), times=1)
    screen.open_repairs(visit)
    card = screen.dial()
    with screen.page.expect_request("**/result/"):
        choose(card, "Дозвонились")
    screen.page.keyboard.press("Escape")
    press(screen.page.get_by_role("alertdialog"), "Закрыть без сохранения")
    expect(card).to_be_hidden()
    screen.page.evaluate(NOTES_THE_ANSWER)

    def come() -> None:
        held[0].continue_()
        screen.page.evaluate("window.answered")

    return come


def test_answer_that_comes_after_closing_does_not_fill_the_closed_card(trial: Trial, screen: Screen) -> None:
    come = leave_before_the_answer(screen, trial.book_late())
    come()
    expect(screen.card).to_be_empty()


def test_answer_that_comes_after_closing_does_not_take_the_place_of_the_next_card(trial: Trial, screen: Screen) -> None:
    come = leave_before_the_answer(screen, trial.book_late())
    screen.page.keyboard.press("Escape")
    client, car = trial.register("Кравцов Илья", "+7 900 600-00-01", plate="К001ТО 777")
    card = screen.open_card(trial.book("10:15", bay=1, client=client, car=car))
    come()
    expect(card).to_contain_text("Кравцов Илья")
    expect(card).not_to_contain_text("Смирнова Анна")


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
