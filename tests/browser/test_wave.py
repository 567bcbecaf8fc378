"""The wave: a client forty minutes late is saved from the keyboard without the bay losing an hour."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import press
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial
from vovremya.visits.models import Visit

#: From the focused yellow bar to the plan that is done.
FEW_KEYS = ("Enter", "KeyY", "Digit1", "KeyR", "KeyV", "Control+Enter")


def test_a_late_client_is_saved_in_few_keys_and_the_rest_of_the_day_shows_what_changed(
    trial: Trial, seat: Seat
) -> None:
    late, follower, elsewhere = _a_busy_morning(trial)
    screen, other = seat(), seat("second_operator")
    screen.bar(late).focus()
    for key in FEW_KEYS:
        screen.page.keyboard.press(key)
    # The card comes back with the outcome; one key more ends it.
    expect(screen.card).to_contain_text("Запись перенесена на")
    screen.page.keyboard.press("Control+Enter")
    screen.expect_back_on_board(late)
    for one in (screen, other):
        expect(one.bar(late)).to_have_attribute("data-start", "10:58")
        expect(one.bar(follower)).to_have_attribute("data-bay-name", "Пост 3")
        expect(one.bar(elsewhere)).to_have_attribute("data-bay-name", "Пост 2")
    expect(screen.bar(follower)).to_have_class(re.compile(r"\bmoved\b"))
    expect(other.queue).to_contain_text("Звонить некому")


def test_who_is_shifted_is_told_by_a_call_of_its_own(trial: Trial, seat: Seat) -> None:
    late, follower, _ = _a_busy_morning(trial)
    screen = seat()
    press(screen.open_repairs(late), "Сдвиг записей")
    wave = screen.page.get_by_role("dialog", name="Сдвиг записей")
    wave.get_by_label("Опоздание").fill("50")
    expect(wave).to_contain_text("Приедет в 10:50")
    wave.locator(".plan", has_text="следующих сдвинуть").click()
    press(wave, "Применить")
    screen.expect_toast("План применён. Сдвинуто других записей: 1. Предстоит 1 звонок — в очереди «Контакты».")
    expect(screen.bar(follower)).to_have_attribute("data-start", "11:50")
    screen.expect_bar(follower, "сообщить о переносе")
    expect(screen.queue).to_contain_text("Сообщить о переносе · 1")
    screen.queue.get_by_role("button", name="Звонок о переносе").click()
    expect(screen.card).to_have_accessible_name("Звонок о переносе")
    expect(screen.card).to_contain_text("Клиент ждёт визита в 11:00, запись сдвинута на 11:50.")
    screen.dial()
    expect_accessible(screen.page)
    screen.page.keyboard.press("Digit1")
    screen.page.keyboard.press("KeyL")
    screen.page.keyboard.press("Control+Enter")
    screen.expect_toast("Опрос завершён.")
    screen.expect_bar(follower, "по плану")
    expect(screen.queue).not_to_contain_text("Сообщить о переносе")


def test_enter_in_the_field_brings_the_variants_and_moves_nobody(trial: Trial, seat: Seat) -> None:
    late, follower, _ = _a_busy_morning(trial)
    screen = seat()
    press(screen.open_repairs(late), "Сдвиг записей")
    wave = screen.page.get_by_role("dialog", name="Сдвиг записей")
    field = wave.get_by_label("Опоздание")
    field.fill("50")
    field.press("Enter")
    expect(wave).to_contain_text("Приедет в 10:50")
    with screen.page.expect_request("**/wave/?part=plans*"):
        field.press("Enter")
    expect(wave).to_be_visible()
    expect(screen.bar(late)).to_have_attribute("data-start", "10:00")
    expect(screen.bar(follower)).to_have_attribute("data-start", "11:00")


def _a_busy_morning(trial: Trial) -> tuple[Visit, Visit, Visit]:
    """At 10:28 the client of 10:00 is late; the next is due on the bay at eleven, and only the third bay has room."""
    late = trial.book("10:00", minutes=60)
    return late, _book_another(trial, "11:00", 0, 60, 1), _book_another(trial, "10:30", 1, 120, 2)


def _book_another(trial: Trial, clock: str, bay: int, minutes: int, number: int) -> Visit:
    client, car = trial.register("Кравцов Илья", f"+7 900 600-00-0{number}", plate=f"К00{number}ТО 777")
    return trial.book(clock, bay=bay, minutes=minutes, client=client, car=car)
