"""«Сотрудники» and «Мой вход» in a browser: by keys, with an open board that ends, and readable to everybody."""

from playwright.sync_api import Page, expect
from pyotp import TOTP

from tests.browser.conftest import Seat
from tests.browser.screen import follow
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial
from tests.cast import PASSWORD
from vovremya.kernel import clock
from vovremya.visits.actions.removal import RemovalInput, remove

LONG_NAME = "Константинопольская-Преображенская Александра Владиславовна"


def test_person_is_taken_on_and_switched_off_and_the_open_board_ends(trial: Trial, seat: Seat) -> None:
    colleague = seat("second_operator").page
    page = seat("administrator").page
    follow(page.get_by_role("link", name="Настройки"))
    follow(page.get_by_role("link", name="Сотрудники"))
    expect_accessible(page)
    window, keys = page.get_by_role("dialog", name="Настройки", exact=True), page.keyboard
    page.get_by_role("button", name="Новый сотрудник").press("Enter")
    expect(window.get_by_label("Фамилия, имя, отчество")).to_be_focused()
    keys.press("Control+Enter")
    expect(window.get_by_text("Придумайте логин.")).to_be_visible()
    expect_accessible(page)
    window.get_by_label("Фамилия, имя, отчество").fill(LONG_NAME)
    window.get_by_label("Логин").fill("konstantinopol")
    window.get_by_role("checkbox", name="Оператор, Север").press("Space")
    keys.press("Control+Enter")
    link = window.get_by_label("Ссылка", exact=True)
    expect(link).to_be_focused()
    assert link.input_value().startswith(f"{trial.address}/invitation/")
    window.get_by_role("button", name="Скопировать").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Скопировано.")
    expect_accessible(page)
    keys.press("Escape")
    expect(page.get_by_role("link", name=LONG_NAME)).to_be_visible()
    # The page was drawn anew behind its window: its buttons are as good as before.
    page.get_by_role("link", name="Петрова", exact=True).click()
    page.get_by_role("button", name="Роли").press("Enter")
    expect(window.get_by_role("checkbox", name="Оператор, Север")).to_be_checked()
    expect_accessible(page)
    window.get_by_role("checkbox", name="Мастер-приёмщик, Север").press("Space")
    keys.press("Control+Enter")
    expect(page.get_by_text("Оператор, Мастер-приёмщик").first).to_be_visible()
    expect_accessible(page)
    page.get_by_role("button", name="Отключить вход").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Вход отключён, сеансы завершены.")
    expect(colleague.locator("[data-banner=bye]")).to_contain_text("Вход закончился")
    expect(page.get_by_role("button", name="Включить вход")).to_be_visible()


def test_own_second_step_is_set_up_and_asked_for(trial: Trial, seat: Seat) -> None:
    page = seat("master").page
    page.locator(".user summary").click()
    follow(page.get_by_role("link", name="Мой вход"))
    expect_accessible(page)
    page.get_by_role("link", name="Настроить").click()
    expect(page.get_by_role("img", name="Картинка для приложения")).to_be_visible()
    page.get_by_text("Не снимается?").click()
    expect_accessible(page)
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Нынешний пароль").fill(PASSWORD)
    _enter(page, TOTP(secret).at(clock.real_now()), "Включить")
    expect(page.get_by_role("listitem")).to_have_count(10)
    expect_accessible(page)
    recovery = page.get_by_role("listitem").first.inner_text()
    page.context.clear_cookies()
    page.goto("/login/")
    page.get_by_label("Логин").fill("master")
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти").click()
    _enter(page, "000000", "Войти")
    expect(page.get_by_text("Код не подходит.")).to_be_visible()
    expect_accessible(page)
    _enter(page, recovery, "Войти")
    expect(page.locator("#board")).to_be_visible()


def test_lists_of_the_supervisor_are_readable_to_everybody(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    reason = trial.backstage(trial.cast.reason, "expensive")
    override = RemovalInput(reason, override="Клиент в больнице")
    trial.act(remove, visit.pk, override, by=trial.cast.supervisor, plan_version=1)
    screen = seat("supervisor")
    page = screen.page
    follow(page.get_by_role("link", name="Настройки"))
    follow(page.get_by_role("link", name="Требует внимания"))
    expect(page.get_by_text("Удалено без основания").last).to_be_visible()
    expect_accessible(page)
    page.get_by_role("button", name="Просмотрено").first.press("Enter")
    expect(page.get_by_label("Что выяснилось")).to_be_focused()
    expect_accessible(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Всё просмотрено")).to_be_visible()
    page.get_by_role("link", name="Журнал доступа").click()
    expect(page.get_by_role("heading", name="Журнал доступа к номерам")).to_be_visible()
    expect_accessible(page)


def _enter(page: Page, code: str, button: str) -> None:
    page.get_by_label("код", exact=False).first.fill(code)
    page.get_by_role("button", name=button, exact=True).click()
