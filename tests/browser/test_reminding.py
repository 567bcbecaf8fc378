"""Clients are reminded: the queue of today has those of tomorrow, and the bar says what came of it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial


def test_a_client_of_tomorrow_is_reminded_from_the_queue_of_today(trial: Trial, seat: Seat) -> None:
    visit = trial.book("14:00", on=trial.day_after)
    screen = seat()
    expect(screen.queue).to_contain_text("Звонить некому")
    trial.console("reminders", trial.cast.branch.code, "--day-before", "10:30")
    trial.set_clock("10:30")
    reminder = screen.queue.get_by_role("button", name="Напоминание о визите")
    expect(screen.queue).to_contain_text("Напомнить · 1")
    expect(screen.queue).to_contain_text(f"{trial.day_after:%d.%m} 14:00")
    for at, said in (("10:31", "Повторный звонок в 10:36."), ("10:37", "Визит не подтверждён, запись остаётся.")):
        trial.set_clock(at)
        reminder.click()
        expect(screen.card).to_have_accessible_name("Напоминание о визите")
        expect(screen.card).to_contain_text("Визит завтра в 14:00.")
        if at == "10:31":
            expect_accessible(screen.page)
        for key in ("Digit6", "KeyC"):
            screen.page.keyboard.press(key)
        screen.expect_toast(said)
    expect(screen.queue).to_contain_text("Звонить некому")

    screen.open_board(trial.day_after)
    screen.expect_bar(visit, "не подтверждён")
    expect(screen.bar(visit)).to_have_css("background-image", re.compile("repeating-linear-gradient"))
    expect_accessible(screen.page)
    screen.bar(visit).focus()
    for key in ("KeyJ", "KeyY", "Digit1", "KeyL", "Control+Enter"):
        screen.page.keyboard.press(key)
    screen.expect_toast("Опрос завершён.")
    screen.expect_bar(visit, "подтверждён")
    expect(screen.bar(visit)).to_have_css("background-image", "none")
