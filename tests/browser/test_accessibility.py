"""Every screen and its main states under axe: nothing serious, nothing critical, in light and dark."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Seat
from tests.browser.full_day import FullDay
from tests.browser.screen import Screen, answer, choose, follow, press
from tests.browser.trial import Trial
from vovremya.board.texts import WEEKDAYS, WEEKDAYS_WHOLE
from vovremya.visits.actions.reception import check_in
from vovremya.visits.actions.removal import RemovalInput, remove

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
THEMES = ("light", "dark")
PUTS_ON = """(theme) => {
  document.documentElement.setAttribute("data-bs-theme", theme);
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def expect_accessible(page: Page) -> None:
    page.evaluate("document.fonts.ready")
    found: list[str] = []
    for theme in THEMES:
        page.evaluate(PUTS_ON, theme)
        for violation in Axe().run(page, options=RULES).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                places = [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"][:3]]
                found.append(f"{theme} {violation['id']}: " + "\n    ".join(places))
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def day_of_module() -> dict[str, FullDay]:
    return {}


@pytest.fixture
def day(served: Trial, day_of_module: dict[str, FullDay]) -> FullDay:
    """One day for all who only look; built by the first."""
    if "day" not in day_of_module:
        served.begin_day("10:28")
        day_of_module["day"] = FullDay(served)
    return day_of_module["day"]


@pytest.fixture
def desk(day: FullDay, sit_down: Seat) -> Screen:
    return sit_down()


Scene = Callable[[Screen, FullDay], None]
SCENES: dict[str, Scene] = {}


def scene(stage: Scene) -> Scene:
    SCENES[stage.__name__] = stage
    return stage


# --- the board and what folds out of it ----------------------------------------------------------------------------


@scene
def board_in_every_state(screen: Screen, day: FullDay) -> None:
    expect(screen.bar(day.grounds)).to_be_visible()
    screen.bar(day.late).click()


@scene
def board_narrowed(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_label("Состояние").select_option("Прибыли")


@scene
def board_of_a_day_without_visits(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Следующий день").click()
    expect(screen.page.get_by_role("link", name="Сегодня", exact=True)).to_be_visible()


@scene
def legend(screen: Screen, day: FullDay) -> None:
    screen.page.locator(".legend-menu summary").click()


@scene
def user_menu(screen: Screen, day: FullDay) -> None:
    screen.page.locator(".user summary").click()


@scene
def list_of_keys(screen: Screen, day: FullDay) -> None:
    screen.page.keyboard.press("?")
    expect(screen.page.get_by_role("dialog", name="Клавиши")).to_be_visible()


@scene
def help_beside_the_board(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Справка").click()
    expect(screen.page.get_by_role("dialog", name="Справка").get_by_role("heading", name="График")).to_be_visible()


@scene
def page_of_the_manual(screen: Screen, day: FullDay) -> None:
    screen.page.goto("/help/states/")
    expect(screen.page.get_by_role("rowheader", name="основание для удаления")).to_be_visible()


@scene
def week(screen: Screen, day: FullDay) -> None:
    screen.page.keyboard.press("4")
    expect(screen.page.get_by_role("heading", name="Неделя")).to_be_visible()


@scene
def capacity(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Загрузка").click()
    expect(screen.page.get_by_role("link", name="Записать: Слесарный").first).to_be_visible()


@scene
def sheet_of_the_day(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Лист дня для печати").click()
    expect(screen.page.get_by_role("button", name="Напечатать")).to_be_visible()


@scene
def bar_in_hand(screen: Screen, day: FullDay) -> None:
    screen.bar(day.planned).focus()
    for key in ("KeyV", "ArrowUp", "Control+ArrowLeft"):
        screen.page.keyboard.press(key)
    expect(screen.board.locator(".carrying")).to_contain_text("Enter поставить")


@scene
def search_results(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("combobox", name="Поиск").fill("Кравцов")
    expect(screen.page.get_by_role("listbox", name="Найдено").get_by_role("option").first).to_be_visible()


# --- «Ремонты» -----------------------------------------------------------------------------------------------------


@scene
def repairs_of_a_late_client(screen: Screen, day: FullDay) -> None:
    screen.open_repairs(day.late)


@scene
def repairs_of_a_client_with_a_long_name(screen: Screen, day: FullDay) -> None:
    screen.open_repairs(day.planned)


@scene
def repairs_with_contacts(screen: Screen, day: FullDay) -> None:
    screen.open_repairs(day.grounds).get_by_role("tab", name=re.compile("Контакты")).click()


@scene
def repairs_with_journal(screen: Screen, day: FullDay) -> None:
    repairs = screen.open_repairs(day.grounds)
    repairs.get_by_role("tab", name="Журнал").click()
    expect(repairs.get_by_role("tabpanel", name="Журнал").get_by_role("listitem").first).to_be_visible()


@scene
def repairs_without_a_phone(screen: Screen, day: FullDay) -> None:
    repairs = screen.open_repairs(day.no_phone)
    repairs.get_by_label("Телефон").fill("12")
    press(repairs, "Добавить")
    expect(repairs.get_by_label("Телефон")).to_have_attribute("aria-invalid", "true")


@scene
def repairs_of_an_arrived_client(screen: Screen, day: FullDay) -> None:
    screen.open_repairs(day.arrived)


# --- the card ------------------------------------------------------------------------------------------------------


@scene
def card_before_the_call(screen: Screen, day: FullDay) -> None:
    card = screen.open_card(day.overdue)
    choose(card, "Занят")


@scene
def card_of_a_client_on_the_line(screen: Screen, day: FullDay) -> None:
    card = screen.open_card(day.undecided)
    choose(card, "5 мин к 10:32")
    answer(card, "Да").click()


@scene
def card_of_a_far_client(screen: Screen, day: FullDay) -> None:
    card = screen.open_card(day.undecided)
    choose(card, "Указать время")
    card.get_by_label("Время приезда").fill("25")


@scene
def card_with_mistakes(screen: Screen, day: FullDay) -> None:
    card = screen.open_card(day.undecided)
    choose(card, "Указать время")
    card.get_by_label("Время приезда").fill("скоро")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    expect(card.get_by_label("Время приезда")).to_have_attribute("aria-invalid", "true")


@scene
def card_with_grounds(screen: Screen, day: FullDay) -> None:
    expect(screen.open_card(day.grounds).get_by_text("Решаете вы")).to_be_visible()


@scene
def question_about_unsaved_text(screen: Screen, day: FullDay) -> None:
    screen.open_card(day.retry_due).get_by_label("Комментарий").fill("Едет")
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("alertdialog")).to_be_visible()


# --- booking and removal -------------------------------------------------------------------------------------------


@scene
def new_booking(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Запись", exact=True).click()
    expect(screen.booking.get_by_role("radio").first).to_be_attached()


@scene
def booking_with_mistakes(screen: Screen, day: FullDay) -> None:
    new_booking(screen, day)
    press(screen.booking, "Записать")
    expect(screen.booking.get_by_text("Выберите время.")).to_be_visible()


@scene
def move(screen: Screen, day: FullDay) -> None:
    press(screen.open_repairs(day.planned), "Перепланировать")
    expect(screen.booking.get_by_role("radio").first).to_be_attached()


@scene
def wave(screen: Screen, day: FullDay) -> None:
    press(screen.open_repairs(day.late), "Сдвиг записей")
    window = screen.page.get_by_role("dialog", name="Сдвиг записей")
    window.get_by_label("Опоздание").fill("когда-нибудь")
    expect(window.get_by_text("Не понимаю")).to_be_visible()
    window.get_by_label("Опоздание").fill("60")
    expect(window.get_by_role("radio", checked=True)).to_be_visible()


@scene
def removal(screen: Screen, day: FullDay) -> None:
    press(screen.open_repairs(day.grounds), "Удалить запись")
    expect(screen.removal.get_by_role("radio", checked=True)).to_be_visible()


@scene
def removal_with_mistakes(screen: Screen, day: FullDay) -> None:
    press(screen.open_repairs(day.late), "Удалить запись")
    press(screen.removal, "Удалить запись")
    expect(screen.removal.get_by_text("Выберите причину.")).to_be_visible()


# --- lists ---------------------------------------------------------------------------------------------------------


@scene
def removed_list(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Удалённые").click()


@scene
def waitlist(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Ожидание").click()
    expect(screen.page.get_by_text("Никто не ждёт")).to_be_visible()


@scene
def not_arrived_list(screen: Screen, day: FullDay) -> None:
    screen.page.get_by_role("link", name="Не приехали").click()


@scene
def list_of_those_outside(screen: Screen, day: FullDay) -> None:
    screen.page.goto("/office/SEV/outside/")
    expect(screen.page.get_by_text("Все записи на своём месте")).to_be_visible()


@pytest.mark.parametrize("name", SCENES)
def test_screen(desk: Screen, day: FullDay, name: str) -> None:
    SCENES[name](desk, day)
    expect_accessible(desk.page)


# --- what changes the day of others, or stands outside -------------------------------------------------------------


def test_card_that_another_operator_has(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    first, second = seat("operator"), seat("second_operator")
    first.open_card(visit)
    second.open_card(visit)
    expect_accessible(second.page)


def test_card_of_a_client_who_came_in_meanwhile(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    trial.act(check_in, visit.pk, by=trial.cast.master)
    expect(card.locator(".notice")).to_contain_text("Клиент прибыл")
    expect_accessible(screen.page)
    press(card.locator(".notice"), "Обновить карточку")
    expect(card.get_by_role("button", name="Закрыть", exact=True)).to_be_visible()
    expect_accessible(screen.page)


def test_message_with_a_way_back(trial: Trial, screen: Screen) -> None:
    press(screen.open_repairs(trial.book_late()), "Прибыл")
    screen.expect_toast("Клиент прибыл.")
    expect_accessible(screen.page)


def test_settings_with_what_they_would_strand(trial: Trial, seat: Seat) -> None:
    """By keys alone: from the page to the hours, what they strand, saving all the same, and back by its message."""
    trial.book("19:30")
    screen = seat("supervisor")
    page, keys = screen.page, screen.page.keyboard
    follow(page.get_by_role("link", name="Настройки"))
    expect_accessible(page)
    window = page.get_by_role("dialog", name="Настройки", exact=True)
    settings = ("Особый день", "Изменить: Напоминания о визите", "Изменить: Пост 1", "Изменить: Орлов В.")
    for name in (*settings, "Изменить: Слесарный"):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        expect(window.get_by_role("button", name="Сохранить")).to_be_visible()
        expect_accessible(page)
        keys.press("Escape")
        expect(window).to_be_hidden()
    page.get_by_role("button", name="Изменить: Часы работы").press("Enter")
    expect(window.get_by_role("checkbox", name="Понедельник")).to_be_focused()
    window.get_by_label(f"{WEEKDAYS_WHOLE[trial.today.weekday()]}: до").fill("18:00")
    keys.press("Control+Enter")
    expect(window.get_by_role("alert")).to_contain_text("Вне расписания останется 1 визит")
    expect_accessible(page)
    keys.press("Control+Enter")
    expect(window).to_be_hidden()
    expect(page.get_by_text("Вне расписания 1 визит.")).to_be_visible()
    expect(page.get_by_text(f"{WEEKDAYS[trial.today.weekday()]} 09:00–18:00")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Отменить").press("Enter")
    expect(page.get_by_text("ежедневно 09:00–21:00")).to_be_visible()
    follow(page.get_by_role("link", name="История изменений"))
    expect(page.get_by_text("возвращено")).to_be_visible()
    expect_accessible(page)


def test_lists_with_visits(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    wish = RemovalInput(trial.backstage(trial.cast.reason, "forgot"), is_said_by_client=True)
    trial.act(remove, visit.pk, wish, by=trial.cast.operator, plan_version=1)
    trial.book("10:15")
    trial.set_clock_on_next_day("09:00")
    screen = seat()
    for name in ("Удалённые", "Не приехали"):
        screen.page.get_by_role("link", name=name).click()
        expect(screen.page.get_by_role("link", name="Открыть").first).to_be_visible()
        expect_accessible(screen.page)
    screen.page.get_by_role("link", name="Открыть").first.click()
    expect(screen.repairs).to_be_visible()
    expect_accessible(screen.page)


def test_lost_line(trial: Trial, seat: Seat) -> None:
    trial.book_late()
    screen = seat()
    trial.stop()
    expect(screen.board.locator("[data-banner=lost]")).to_be_visible(timeout=10_000)
    expect_accessible(screen.page)
    trial.start()


@pytest.fixture
def door(seat: Seat) -> Page:
    page = seat().page
    page.context.clear_cookies()
    return page


def test_door_and_errors(door: Page) -> None:
    door.goto("/login/")
    expect_accessible(door)
    door.get_by_role("button", name="Войти").click()
    expect(door.get_by_label("Логин")).to_have_attribute("aria-invalid", "true")
    expect_accessible(door)


def test_page_that_is_not_there(screen: Screen) -> None:
    screen.page.goto("/SEV/nowhere/")
    expect_accessible(screen.page)
