"""The door and the walls: login, throttling, what others may not see, pages of errors."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Seat
from tests.browser.trial import Trial
from tests.cast import PASSWORD


@pytest.fixture
def page(chromium: Browser, trial: Trial) -> Iterator[Page]:
    """Somebody at the door."""
    context = chromium.new_context(base_url=trial.address, locale="ru-RU")
    yield context.new_page()
    context.close()


def sign_in(page: Page, username: str, password: str) -> None:
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Войти").click()


def test_login_leads_to_the_page_asked_for(trial: Trial, page: Page) -> None:
    page.goto(f"/SEV/?day={trial.day_after}")
    expect(page).to_have_url(re.compile("/login/"))
    sign_in(page, "Operator", PASSWORD)
    expect(page.get_by_role("main", name="График")).to_have_attribute("data-day", trial.day_after.isoformat())


def test_wrong_password_says_so_and_keeps_the_login(page: Page) -> None:
    page.goto("/login/")
    sign_in(page, "operator", "wrong")
    expect(page.get_by_role("alert")).to_have_text("Неверный логин или пароль.")
    expect(page.get_by_label("Логин")).to_have_value("operator")


def test_empty_fields_are_told_at_the_fields(page: Page) -> None:
    page.goto("/login/")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_label("Логин")).to_have_accessible_description("Введите логин.")
    expect(page.get_by_label("Пароль")).to_have_accessible_description("Введите пароль.")


def test_login_is_closed_after_ten_wrong_passwords(page: Page) -> None:
    page.goto("/login/")
    for _ in range(9):
        sign_in(page, "admin", "wrong")
        expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, "admin", "wrong")
    expect(page.get_by_role("heading", name="Вход закрыт")).to_be_visible()
    page.goto("/login/")
    sign_in(page, "admin", PASSWORD)
    expect(page.get_by_role("heading", name="Вход закрыт")).to_be_visible()


def test_stranger_sees_nothing_of_the_branch(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    page = seat("stranger").page
    expect(page.locator("#board")).to_have_attribute("data-branch", "VOS")
    for path in ("/SEV/", f"/visits/{visit.pk}/", "/SEV/removed/", "/SEV/not-arrived/"):
        page.goto(path)
        expect(page.get_by_role("heading", name="Такой страницы нет")).to_be_visible()
        expect(page.get_by_text("Смирнова")).to_have_count(0)


def test_page_that_is_not_there_has_a_way_back(trial: Trial, seat: Seat) -> None:
    page = seat().page
    page.goto("/SEV/nowhere/")
    expect(page.get_by_role("heading", name="Такой страницы нет")).to_be_visible()
    page.get_by_role("link", name="На график").click()
    expect(page.get_by_role("main", name="График")).to_be_visible()


def test_back_after_logout_shows_no_clients(trial: Trial, page: Page) -> None:
    visit = trial.book_late()
    page.goto("/login/")
    sign_in(page, "supervisor", PASSWORD)
    expect(page.locator(f"#bar-{visit.pk}")).to_be_visible()
    page.locator(".user summary").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()
    expect(page.get_by_text("Смирнова")).to_have_count(0)


def test_form_of_a_session_that_ended_elsewhere_is_explained(trial: Trial, page: Page) -> None:
    page.goto("/login/")
    page.context.clear_cookies()
    sign_in(page, "operator", PASSWORD)
    expect(page.get_by_role("heading", name="Форма устарела")).to_be_visible()


def test_telephone_number_is_hidden_until_it_is_asked_for(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen = seat()
    assert "345-67-89" not in screen.page.content()
    repairs = screen.open_repairs(visit)
    expect(repairs).not_to_contain_text("345-67-89")
    repairs.get_by_role("button", name="Показать номер").click()
    expect(repairs.get_by_text("+7 912 345-67-89")).to_be_visible()
    expect(repairs.get_by_role("button", name="Показать номер")).to_have_count(0)
