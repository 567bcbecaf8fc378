"""«График» beyond the late client: finding, narrowing, days, zoom, sound, theme."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, rect
from tests.browser.trial import Trial
from vovremya.visits.actions.reception import check_in

COUNTS_TONES = """
window.tones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };
"""
#: A tab in the background that no hand has touched.
HIDDEN_AND_FIRST = """
Object.defineProperty(Document.prototype, "hidden", { get: () => true });
window.Notification = class {
  static permission = "granted";
  constructor(title) { window.notified = title; }
  close() {}
};
const ask = LockManager.prototype.request;
LockManager.prototype.request = function (name, ...rest) {
  localStorage.setItem("asked", name);
  return ask.call(this, name, ...rest);
};
"""
#: The tab in front asks for its lock when the other one has asked for its own.
COMES_SECOND = """() => {
  const ask = LockManager.prototype.request;
  LockManager.prototype.request = async function (...asked) {
    if (!localStorage.getItem("asked")) await new Promise((done) => addEventListener("storage", done));
    return ask.apply(this, asked);
  };
}"""


def found(screen: Screen) -> Locator:
    return screen.page.get_by_role("listbox", name="Найдено").get_by_role("option")


def search(screen: Screen, text: str) -> None:
    screen.page.get_by_role("combobox", name="Поиск").fill(text)


# --- search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["М347ВС", "m347bc", "347", "+7 912 345-67-89", "8 (912) 345 67 89", "9123456789", "смирн", "СМИРНОВА АННА"],
    ids=[
        "Cyrillic plate",
        "Latin plate",
        "digits of the plate",
        "phone",
        "phone with 8",
        "bare phone",
        "surname",
        "name",
    ],
)
def test_visit_is_found_by(trial: Trial, screen: Screen, text: str) -> None:
    visit = trial.book("12:00")
    trial.book("13:00", bay=1, **trial.somebody())
    search(screen, text)
    expect(found(screen).first).to_have_attribute("data-visit", str(visit.pk))
    expect(found(screen).filter(has_text="Кравцов")).to_have_count(0)
    screen.page.keyboard.press("Enter")
    expect(screen.repairs.get_by_text("Смирнова Анна Викторовна")).to_be_visible()
    screen.page.keyboard.press("Escape")
    expect(screen.bar(visit)).to_be_focused()


def test_bar_drawn_anew_under_the_pointer_opens_all_the_same(trial: Trial, screen: Screen) -> None:
    visit = trial.book("12:00")
    place, mouse = rect(screen.bar(visit)), screen.page.mouse
    mouse.move(place["x"] + 9, place["y"] + 9)
    mouse.down()
    mouse.up()
    mouse.down(click_count=2)
    trial.act(check_in, visit.pk, by=trial.cast.operator)
    expect(screen.bar(visit)).to_have_class(re.compile("s-arrived"))
    mouse.up(click_count=2)
    expect(screen.repairs).to_be_visible()


def test_visit_is_found_by_vin_and_number(trial: Trial, screen: Screen) -> None:
    visit = trial.book("13:00", **trial.somebody())
    for text in ("XTA21099043576182", str(visit.pk), f"№ {visit.pk}"):
        search(screen, text)
        expect(found(screen).first).to_have_attribute("data-visit", str(visit.pk))


def test_enter_opens_what_is_found_by_the_text_in_the_field_alone(trial: Trial, screen: Screen) -> None:
    trial.book("12:00"), trial.book("13:00", bay=1, **trial.somebody())
    search(screen, "Смирнова")
    expect(found(screen).first).to_contain_text("Смирнова")
    slow: list[Route] = []
    screen.page.route("**/search?*", lambda route: slow.append(route))
    with screen.page.expect_request("**/search?*"):
        search(screen, "Кравцов")
        screen.page.keyboard.press("Enter")
    expect(found(screen)).to_have_count(0)
    expect(screen.repairs).to_be_hidden()
    slow[0].continue_()
    expect(screen.repairs.get_by_text("Кравцов Антон Ильич")).to_be_visible()


def test_search_that_finds_nothing_says_so(trial: Trial, screen: Screen) -> None:
    search(screen, "Незнакомцев")
    expect(screen.page.get_by_role("listbox", name="Найдено")).to_contain_text("Ничего не нашли")


def test_visit_of_another_day_is_found_and_opened(trial: Trial, screen: Screen) -> None:
    visit = trial.book("12:00", on=trial.day_after)
    search(screen, "М347ВС")
    expect(found(screen).first).to_have_attribute("data-visit", str(visit.pk))
    found(screen).first.click()
    expect(screen.repairs).to_contain_text(f"{trial.day_after:%d.%m} 12:00")


# --- narrowing -----------------------------------------------------------------------------------------------------


def test_filter_by_state_leaves_the_rest_faint_and_may_be_reset(trial: Trial, seat: Seat) -> None:
    late, arrived = trial.book_late(), trial.book("10:20", bay=1)
    trial.act(check_in, arrived.pk, by=trial.cast.master)
    screen = seat()
    screen.page.get_by_label("Состояние").select_option("Опаздывают")
    expect(screen.bar(arrived)).to_have_class(re.compile(r"\boff\b"))
    expect(screen.bar(late)).not_to_have_class(re.compile(r"\boff\b"))
    screen.page.reload()
    expect(screen.bar(arrived)).to_have_class(re.compile(r"\boff\b"))
    screen.page.get_by_role("button", name="Сбросить фильтры").click()
    expect(screen.bar(arrived)).not_to_have_class(re.compile(r"\boff\b"))


def test_bar_passes_the_filter_as_its_state_turns(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:20")
    screen = seat()
    screen.page.get_by_label("Состояние").select_option("Опаздывают")
    expect(screen.bar(visit)).to_have_class(re.compile(r"\boff\b"))
    trial.set_clock("10:30:01")
    expect(screen.bar(visit)).not_to_have_class(re.compile(r"\boff\b"))


def test_filter_by_advisor_and_bay_group(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen = seat()
    screen.page.get_by_label("Мастер-приёмщик").select_option("Орлов В.")
    expect(screen.bar(visit)).not_to_have_class(re.compile(r"\boff\b"))
    screen.page.get_by_label("Группа постов").select_option("Слесарный")
    expect(screen.bar(visit)).to_be_visible()


def test_counters_and_loads_follow_the_day(trial: Trial, screen: Screen) -> None:
    first, second = trial.book_late(), trial.book("12:00", minutes=120)
    for name, count in (("total", "2"), ("arrived", "0"), ("late", "1")):
        expect(screen.page.locator(f"[data-count={name}]")).to_have_text(count)
    expect(screen.page.locator("[data-load]").first).to_have_text("25%")
    expect(screen.page.locator(".kpi").first).to_have_text("2визита")
    trial.act(check_in, first.pk, by=trial.cast.master)
    expect(screen.page.locator("[data-count=arrived]")).to_have_text("1")
    expect(screen.page.locator(".kpi.late")).to_be_hidden()
    expect(screen.bar(second)).to_be_visible()


# --- days and zoom -------------------------------------------------------------------------------------------------


def test_days_go_back_and_forward_and_home(trial: Trial, screen: Screen) -> None:
    today, tomorrow = trial.book("12:00"), trial.book("12:00", on=trial.day_after)
    expect(screen.bar(today)).to_be_visible()
    screen.page.get_by_role("link", name="Следующий день").click()
    expect(screen.bar(tomorrow)).to_be_visible()
    screen.page.get_by_role("link", name="Сегодня", exact=True).click()
    expect(screen.bar(today)).to_be_visible()
    screen.page.get_by_role("link", name="Предыдущий день").click()
    expect(screen.page.locator("#board")).to_have_attribute("data-day", (trial.today - timedelta(days=1)).isoformat())
    screen.page.keyboard.press("Shift+ArrowRight")
    expect(screen.bar(today)).to_be_visible()


def test_day_is_chosen_from_the_calendar(trial: Trial, screen: Screen) -> None:
    visit = trial.book("12:00", on=trial.day_after)
    day = screen.page.get_by_label("Выбрать день")
    day.evaluate(
        "(field, value) => { field.value = value; field.dispatchEvent(new Event('change')); }",
        trial.day_after.isoformat(),
    )
    expect(screen.bar(visit)).to_be_visible()


@pytest.mark.parametrize(("name", "key"), [("День", "1"), ("9 часов", "2"), ("4 часа", "3")])
def test_bars_stand_under_their_hours_at_every_zoom(trial: Trial, seat: Seat, name: str, key: str) -> None:
    visit = trial.book("12:00", minutes=120)
    screen = seat()
    zoom = screen.page.get_by_role("group", name="Масштаб").get_by_role("button", name=name)
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    screen.bar(visit).scroll_into_view_if_needed()
    bar = rect(screen.bar(visit))
    noon, two = (rect(screen.page.get_by_role("columnheader", name=hour, exact=True)) for hour in ("12:00", "14:00"))
    assert abs(bar["left"] - noon["left"]) < 2
    assert abs(bar["right"] - two["left"]) < 6
    screen.page.get_by_role("button", name="9 часов").click()
    screen.page.keyboard.press(key)
    expect(zoom).to_have_attribute("aria-pressed", "true")


def test_line_of_now_stands_at_the_clock(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:20", minutes=60)
    screen = seat()
    bar, now = rect(screen.bar(visit)), rect(screen.page.locator(".now").first)
    assert abs(now["left"] - (bar["left"] + (bar["width"] + 3) * 8 / 60)) < 3


def test_line_of_now_stays_in_sight_when_the_zoom_changes(trial: Trial, seat: Seat) -> None:
    trial.book("10:20")
    screen = seat()
    for key in ("1", "3", "2", "3"):
        screen.page.keyboard.press(key)
        expect(screen.page.locator(".nowp")).to_be_in_viewport(ratio=1)
        now, head = rect(screen.page.locator(".nowp")), rect(screen.page.locator(".hours .c"))
        assert now["left"] >= head["right"] - now["width"]


def test_board_of_another_day_opens_at_its_first_visit(trial: Trial, seat: Seat) -> None:
    visit = trial.book("19:30", on=trial.day_after)
    screen = seat().open_board(trial.day_after)
    expect(screen.bar(visit)).to_be_in_viewport(ratio=1)


def test_day_without_visits_says_so_and_leads_to_booking(trial: Trial, seat: Seat) -> None:
    screen = seat().open_board(trial.day_after)
    empty = screen.page.get_by_text("На этот день записей нет.")
    expect(empty).to_be_visible()
    screen.page.get_by_role("link", name="Записать на этот день").click()
    expect(screen.booking.get_by_label("День", exact=True)).to_have_value(trial.day_after.isoformat())
    screen.page.keyboard.press("Escape")
    trial.book("12:00", on=trial.day_after)
    expect(empty).to_be_hidden()


# --- sound and theme -----------------------------------------------------------------------------------------------


def test_new_late_client_sounds_unless_muted(trial: Trial, seat: Seat) -> None:
    trial.book("10:20"), trial.book("10:22", bay=1)
    screen = seat(clock_script=COUNTS_TONES)
    bell = screen.page.get_by_role("button", name="Звук и уведомления")
    expect(bell).to_have_attribute("aria-pressed", "true")
    screen.page.locator(".kpis").click(position={"x": 600, "y": 5})  # a browser lets a page sound after a touch alone
    trial.set_clock("10:30:01")
    screen.page.wait_for_function("() => window.tones > 0")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "false")
    heard = screen.page.evaluate("window.tones")
    trial.set_clock("10:32:01")
    expect(screen.page.locator("[data-count=late]")).to_have_text("2")
    assert screen.page.evaluate("window.tones") == heard


def test_late_client_sounds_where_a_tab_may_and_is_notified_of_where_it_is_hidden(trial: Trial, seat: Seat) -> None:
    trial.book("10:20")
    screen = seat(clock_script=COUNTS_TONES)
    hidden = Screen(screen.context, trial.cast.branch.code, [HIDDEN_AND_FIRST]).open_board()
    screen.page.bring_to_front()
    screen.page.locator(".kpis").click(position={"x": 600, "y": 5})
    screen.page.evaluate(COMES_SECOND)
    trial.set_clock("10:30:01")
    hidden.page.wait_for_function("() => window.notified?.startsWith('М347ВС')")
    screen.page.wait_for_function("() => window.tones > 0")


def test_chosen_theme_is_kept(trial: Trial, screen: Screen) -> None:
    screen.page.locator(".user summary").click()
    screen.page.get_by_role("button", name="Тёмное").click()
    expect(screen.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    screen.page.reload()
    expect(screen.page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_system_theme_is_followed(trial: Trial, seat: Seat) -> None:
    expect(seat(color_scheme="dark").page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_legend_says_every_state_in_words(trial: Trial, screen: Screen) -> None:
    screen.page.locator(".legend-menu summary").click()
    legend = screen.page.locator(".legend")
    for word in ("по плану", "ожидается", "опаздывает", "основание для удаления", "прибыл", "в работе", "завершён"):
        expect(legend.get_by_text(word, exact=True)).to_be_in_viewport(ratio=1)


def test_master_sees_what_is_his_to_do(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat("master")
    repairs = screen.open_repairs(visit)
    expect(repairs.get_by_role("button", name="Прибыл", exact=True)).to_be_enabled()
    expect(repairs.get_by_role("button", name="Оповещение об опоздании", exact=True)).to_be_disabled()
    repairs.get_by_role("button", name="Прибыл", exact=True).click()
    screen.expect_bar(visit, "прибыл")
    screen.open_repairs(visit).get_by_role("button", name="Начать работу", exact=True).click()
    screen.expect_bar(visit, "в работе")
    screen.open_repairs(visit).get_by_role("button", name="Завершить работу", exact=True).click()
    screen.expect_bar(visit, "завершён")
