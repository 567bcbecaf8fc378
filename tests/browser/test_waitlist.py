"""The waiting list by the keyboard: from «Хочет раньше» to the call, before the eyes of a second operator."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Seat
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial
from vovremya.visits.actions.removal import RemovalInput, remove


def test_a_time_that_became_free_is_offered_by_one_desk_before_the_eyes_of_the_other(trial: Trial, seat: Seat) -> None:
    guest, _ = trial.backstage(trial.cast.register, "Гость Игорь", "8 912 000-02-01")
    evening, noon = trial.book("20:00"), trial.book("12:00", client=guest)
    screen, other = seat(), seat("second_operator")
    page, second = screen.page, other.page

    screen.bar(evening).focus()
    page.keyboard.press("Enter")
    expect(screen.repairs).to_be_visible()
    page.keyboard.press("KeyK")
    waiting = _window(page)
    expect(waiting.get_by_label("Ждёт до")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Control+Enter")
    screen.expect_toast("Клиент в листе ожидания: позвоним, когда освободится время раньше.")

    reason = RemovalInput(trial.backstage(trial.cast.reason, "forgot"), is_said_by_client=True)
    trial.act(remove, noon.pk, reason, by=trial.cast.supervisor, plan_version=1)
    for one in (page, second):
        expect(one.get_by_role("link", name="1 звонок по листу ожидания")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("5")
    second.get_by_role("link", name="1 звонок по листу ожидания").click()
    for one in (page, second):
        expect(one.get_by_role("article")).to_contain_text("12:00")
    expect_accessible(page)

    page.get_by_role("button", name="Предложить").focus()
    page.keyboard.press("Enter")
    expect(waiting).to_contain_text("Скажите клиенту")
    expect_accessible(page)
    expect(second.get_by_role("article")).to_contain_text("Иванова держит это время до")
    second.get_by_role("button", name="Предложить").press("Enter")
    expect(second.locator("#toasts")).to_contain_text("Этому клиенту уже звонит Иванова")

    page.keyboard.press("KeyY")
    expect(waiting).to_contain_text("+7 912 345-67-89")
    assert screen.dialled == ["+79123456789"]
    page.keyboard.press("Digit2")
    for one in (page, second):
        expect(one.locator("#list")).to_contain_text("Пока звонить некому")
        expect(one.locator("#list")).to_contain_text("отказался")
    page.get_by_role("button", name="Отменить").press("Enter")
    for one in (page, second):
        expect(one.get_by_role("article")).to_contain_text("12:00")

    page.get_by_role("button", name="Предложить").press("Enter")
    expect(waiting).to_contain_text("Скажите клиенту")
    page.keyboard.press("Control+Enter")
    screen.expect_toast("Записан на")
    for one in (page, second):
        expect(one.locator("#list")).to_contain_text("Никто не ждёт")


def _window(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Лист ожидания")
