"""Every change by anyone on every open board, and what the board says when the line is lost."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, press, rect
from tests.browser.trial import Trial
from vovremya.directory.actions import set_zone
from vovremya.directory.actions.staff import switch_off
from vovremya.directory.models import User
from vovremya.directory.rules import PROGRAM
from vovremya.visits.actions.branch_settings import change_setting, change_zone, take_back_change, value_of
from vovremya.visits.actions.reception import check_in
from vovremya.visits.rules.settings import Setting, SettingOf

LIVE_WITHIN_MS = 1_000
TELLS_LOSS_WITHIN_MS = 10_000
BACK_WITHIN_MS = 15_000
TYPED = "Едет с дачи"
#: What asks after the worker is hurried.
HURRIES = """
const every = setInterval;
window.setInterval = (work, delay) => every(work, delay / 10);
"""
#: Gives the test the page's line to its worker.
HOLDS_WORKER_LINE = (
    HURRIES
    + """
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (...said) {
  window.workerLine = this;
  post.apply(this, said);
};
"""
)
#: The first worker never comes to life.
HANGS_AT_FIRST = (
    HURRIES
    + """
const Real = SharedWorker;
let isFirst = true;
window.SharedWorker = function (...given) {
  const worker = isFirst ? { port: { postMessage() {}, close() {} } } : new Real(...given);
  isFirst = false;
  return worker;
};
"""
)
#: The page has a line of its own and counts how often it is told to fetch the board anew.
COUNTS_RELOADS = """
delete window.SharedWorker;
let reloads = 0;
const Source = EventSource;
window.EventSource = class extends Source {
  constructor(url) {
    super(url);
    this.addEventListener("reload", () => document.documentElement.dataset.reloads = ++reloads);
  }
};
"""


def banner(screen: Screen, kind: str) -> Locator:
    return screen.board.locator(f"[data-banner={kind}]")


def keeps_its_page(screen: Screen) -> None:
    screen.page.evaluate("window.wasHereBefore = true")


def expect_same_page(screen: Screen) -> None:
    assert screen.page.evaluate("window.wasHereBefore") is True


def test_change_by_another_workplace_arrives_within_a_second(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen, master = seat("operator"), seat("master")
    press(master.open_repairs(visit), "Прибыл")
    name = screen.name_of(visit, "прибыл")
    expect(screen.bar(visit)).to_have_accessible_name(name, timeout=LIVE_WITHIN_MS)


def test_change_by_another_process_arrives_within_a_second(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    name = screen.name_of(visit, "прибыл")
    trial.act(check_in, visit.pk, by=trial.cast.master)
    expect(screen.bar(visit)).to_have_accessible_name(name, timeout=LIVE_WITHIN_MS)


def test_new_and_moved_visits_come_and_go_by_themselves(trial: Trial, screen: Screen) -> None:
    visit = trial.book("12:00")
    expect(screen.bar(visit)).to_be_visible(timeout=LIVE_WITHIN_MS)
    trial.move(visit, "14:00", bay=2)
    expect(screen.page.locator(f"#track-{trial.cast.bays[2].pk} #bar-{visit.pk}")).to_be_visible(timeout=LIVE_WITHIN_MS)
    trial.move(visit, "14:00", on=trial.day_after)
    expect(screen.bar(visit)).to_have_count(0, timeout=LIVE_WITHIN_MS)
    expect(screen.page.locator("[data-count=total]")).to_have_text("0")


def import_day(trial: Trial, folder: Path, *visits: str) -> None:
    file = folder / "schedule.csv"
    lines = [f"{trial.today:%d.%m.%Y};{visit}" for visit in visits]
    file.write_text("\n".join(["Дата;Время;Пост;Клиент;Телефон;Авто;Госномер;Н/ч", *lines]), encoding="utf-8")
    trial.console("import", str(file), "--branch", "SEV")


def test_imported_day_appears_on_the_open_board(trial: Trial, screen: Screen, tmp_path: Path) -> None:
    import_day(
        trial,
        tmp_path,
        "12:00;Пост 2;Рябов Сергей Львович;8 (905) 222-33-44;Kia Rio;Т862РС 77;1,5",
        "10:15;Пост 1;Титова Лариса;8 905 555-66-77;Lada Vesta;У333РВ 77;1",
    )
    for name in ("Т862РС77, Рябов Сергей, 12:00, по плану", "У333РВ77, Титова Лариса, 10:15, опаздывает"):
        expect(screen.board.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_board_has_more_hours_when_a_visit_comes_before_them(trial: Trial, screen: Screen, tmp_path: Path) -> None:
    expect(screen.page.get_by_role("columnheader", name="07:00", exact=True)).to_have_count(0)
    keeps_its_page(screen)
    import_day(trial, tmp_path, "07:15;Пост 2;Рябов Сергей Львович;8 (905) 222-33-44;Kia Rio;Т862РС 77;1,5")
    bar = screen.board.get_by_role("button", name=re.compile("^Т862РС77"))
    seven = screen.page.get_by_role("columnheader", name="07:00", exact=True)
    expect(seven).to_be_attached()
    assert rect(seven)["left"] < rect(bar)["left"] < rect(seven)["right"]
    expect_same_page(screen)


def test_other_hours_of_the_day_are_seen_on_the_open_board(trial: Trial, screen: Screen) -> None:
    visit = trial.book("12:00")
    expect(screen.bar(visit)).to_be_visible()
    screen.bar(visit).focus()
    before = rect(screen.bar(visit))
    keeps_its_page(screen)
    of = SettingOf(trial.cast.branch.pk, Setting.EXCEPTION, on=trial.today)
    trial.act(change_setting, of, {"hours": [420, 1380], "title": "Длинный день"}, by=trial.cast.supervisor)
    for hour in ("07:00", "22:00"):
        expect(screen.page.get_by_role("columnheader", name=hour, exact=True)).to_be_attached()
    row = screen.page.locator(f".row[data-bay='{trial.cast.bays[0].pk}']")
    expect(row).to_have_attribute("data-day", "0 1440")
    expect(row).to_have_attribute("data-open", str(16 * 60))
    noon = rect(screen.page.get_by_role("columnheader", name="12:00", exact=True))
    assert abs(rect(screen.bar(visit))["left"] - noon["left"]) < 2
    # What was in view stays where it was, and so does the focus.
    assert abs(rect(screen.bar(visit))["left"] - before["left"]) < 2
    expect(screen.bar(visit)).to_be_focused()
    expect_same_page(screen)


def test_other_names_of_groups_and_bays_are_seen_on_the_open_board(trial: Trial, screen: Screen) -> None:
    keeps_its_page(screen)
    bay, branch_id = trial.cast.bays[2], trial.cast.branch.pk
    groups = screen.page.get_by_label("Группа постов", exact=True)
    groups.select_option(str(bay.group_id))
    renamed = {
        SettingOf(branch_id, Setting.GROUP, bay.group_id): {"name": "Агрегатный", "advisor_id": None},
        SettingOf(branch_id, Setting.BAY, bay.pk): {"name": "Яма", "group_id": bay.group_id},
    }
    changes = [trial.act(change_setting, of, value, by=trial.cast.supervisor) for of, value in renamed.items()]
    expect(screen.page.locator(".heads > .grp")).to_have_text("Агрегатный")
    expect(screen.page.locator(f"#head-{bay.pk} b")).to_have_text("Яма")
    for name in ("Агрегатный", "Яма"):
        expect(screen.page.get_by_role("rowheader", name=name, exact=True)).to_be_attached()
    expect(groups.locator("option:checked")).to_have_text("Агрегатный")
    for change in filter(None, changes):
        trial.act(take_back_change, change.pk, branch_id, by=trial.cast.supervisor)
    expect(screen.page.locator(".heads > .grp")).to_contain_text("Слесарный")
    expect(screen.page.locator(f"#head-{bay.pk} b")).to_have_text("Пост 3")
    expect_same_page(screen)


def test_what_changes_while_the_board_is_fetched_anew_is_fetched_too(trial: Trial, seat: Seat) -> None:
    screen = seat(clock_script=COUNTS_RELOADS)
    of = SettingOf(trial.cast.branch.pk, Setting.EXCEPTION, on=trial.today)
    held: list[tuple[Route, APIResponse]] = []
    screen.page.route("**/?day=*", lambda route: held.append((route, route.fetch())), times=1)
    trial.act(change_setting, of, {"hours": [420, 1380], "title": "Длинный день"}, by=trial.cast.supervisor)
    expect(screen.page.locator("html")).to_have_attribute("data-reloads", "1")
    gives_up_at = time.monotonic() + 10
    while not held:
        assert time.monotonic() < gives_up_at, "the board was not fetched"
        screen.page.wait_for_timeout(20)
    trial.act(change_setting, of, {"hours": [360, 1380], "title": "Длинный день"}, by=trial.cast.supervisor)
    expect(screen.page.locator("html")).to_have_attribute("data-reloads", "2")
    (route, answer), *_ = held
    route.fulfill(response=answer)
    expect(screen.page.get_by_role("columnheader", name="06:00", exact=True)).to_be_attached()


def close_bay(trial: Trial, bay: int, note: str = "Ремонт") -> None:
    of = SettingOf(trial.cast.branch.pk, Setting.CLOSURES, trial.cast.bays[bay].pk)
    closed = {"from": trial.at("12:00").isoformat(), "until": trial.at("14:00").isoformat(), "note": note}
    trial.act(change_setting, of, [closed], by=trial.cast.supervisor)


def test_bay_out_of_use_is_seen_on_the_open_board(trial: Trial, screen: Screen) -> None:
    bay = trial.cast.bays[1].pk
    keeps_its_page(screen)
    close_bay(trial, 1, "Течёт масло")
    out = screen.page.locator(f"#track-{bay} .brk.out")
    expect(out).to_have_text("не работает: Течёт масло")
    trial.act(change_setting, SettingOf(trial.cast.branch.pk, Setting.CLOSURES, bay), [], by=trial.cast.supervisor)
    expect(out).to_have_count(0)
    expect_same_page(screen)


def test_new_bay_comes_to_the_open_board_and_the_selected_bar_stays_so(trial: Trial, screen: Screen) -> None:
    visit, branch_id, boss = trial.book("12:00"), trial.cast.branch.pk, trial.cast.administrator
    screen.bar(visit).click()
    keeps_its_page(screen)
    of_first = SettingOf(branch_id, Setting.BAY, trial.cast.bays[0].pk)
    another = {**trial.backstage(value_of, of_first), "name": "Пост 9"}
    made = trial.act(change_setting, SettingOf(branch_id, Setting.BAY), another, by=boss)
    assert made
    expect(screen.page.locator(".rh").get_by_text("Пост 9")).to_be_attached()
    screen.expect_back_on_board(visit)
    trial.act(take_back_change, made.pk, branch_id, by=boss)
    expect(screen.page.locator(".rh").get_by_text("Пост 9")).to_have_count(0)
    screen.expect_back_on_board(visit)
    expect_same_page(screen)


def test_night_after_midnight_belongs_to_the_day_before_until_closing(trial: Trial, screen: Screen) -> None:
    of = SettingOf(trial.cast.branch.pk, Setting.EXCEPTION, on=trial.today)
    trial.act(change_setting, of, {"hours": [540, 1560], "title": "До двух"}, by=trial.cast.supervisor)
    expect(screen.page.get_by_role("columnheader", name="01:00", exact=True)).to_be_attached()
    trial.set_clock_on_next_day("01:59")
    screen.expect_time("01:59")
    expect(banner(screen, "day")).to_have_count(0)
    trial.set_clock_on_next_day("02:00:01")
    screen.expect_time("02:00")
    expect(banner(screen, "day")).to_contain_text("Начался новый день.")


def test_moved_clock_is_followed_by_open_boards(trial: Trial, screen: Screen) -> None:
    trial.console("clock", "--shift", "2h")
    screen.expect_time("12:28")


@pytest.fixture
def go_to_samara(trial: Trial) -> Iterator[Callable[[], object]]:
    """An hour ahead; the tests that follow are in Moscow again."""
    branch_id = trial.cast.branch.pk
    yield lambda: trial.act(change_zone, branch_id, "Europe/Samara", by=trial.cast.administrator)
    trial.backstage(set_zone, branch_id, "Europe/Moscow")


def test_board_is_drawn_anew_when_its_zone_changes(
    trial: Trial, screen: Screen, go_to_samara: Callable[[], object]
) -> None:
    trial.book("12:00")
    keeps_its_page(screen)
    go_to_samara()
    screen.expect_time("11:28")
    assert screen.page.evaluate("window.wasHereBefore") is None


def test_zone_waits_for_the_window_to_close(trial: Trial, screen: Screen, go_to_samara: Callable[[], object]) -> None:
    card = screen.reach(trial.book_late())
    card.get_by_label("Комментарий").fill(TYPED)
    go_to_samara()
    expect(screen.page.get_by_text("Часовой пояс филиала изменён.")).to_be_visible()
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    screen.expect_time("10:28")
    press(card, "Сохранить")
    screen.expect_time("11:28")


def test_focus_stays_on_the_bar_that_is_drawn_anew(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    trial.act(check_in, visit.pk, by=trial.cast.master)
    screen.expect_bar(visit, "прибыл")
    expect(screen.bar(visit)).to_be_focused()


def test_board_of_another_day_has_the_queue_of_today(trial: Trial, screen: Screen) -> None:
    screen.open_board(trial.day_after)
    visit = trial.book_late()
    expect(screen.queue.get_by_role("button", name=re.compile("^Смирнова Анна"))).to_be_visible()
    expect(screen.bar(visit)).to_have_count(0)
    trial.act(check_in, visit.pk, by=trial.cast.master)
    expect(screen.queue).to_contain_text("Звонить некому")


def test_restarted_server_is_caught_up_with_without_a_reload(trial: Trial, seat: Seat) -> None:
    arrives, moves = trial.book_late(), trial.book("12:00", bay=1)
    screen = seat()
    keeps_its_page(screen)
    card = screen.open_card(arrives)
    card.get_by_label("Комментарий").fill(TYPED)
    trial.stop()
    expect(screen.board.locator("[data-banner=lost]")).to_contain_text(
        re.compile(r"Нет связи с 10:28:\d\d\. Данные на 10:28:\d\d"), timeout=TELLS_LOSS_WITHIN_MS
    )
    expect(screen.page.locator("#line")).to_have_text("нет связи")
    trial.act(check_in, arrives.pk, by=trial.cast.master)
    trial.move(moves, "16:00", bay=2)
    new = trial.book("18:00")
    trial.start()

    expect(screen.board.locator("[data-banner=lost]")).to_have_count(0, timeout=BACK_WITHIN_MS)
    screen.expect_bar(arrives, "прибыл")
    expect(screen.bar(moves)).to_have_attribute("data-start", "16:00")
    expect(screen.bar(new)).to_be_attached()
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    expect(card.locator(".notice")).to_contain_text("Клиент прибыл")
    expect_same_page(screen)


def test_window_of_a_visit_of_another_day_hears_news_after_the_board_was_fetched_anew(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00", on=trial.day_after)
    screen = seat("second_operator")
    screen.page.get_by_role("combobox", name="Поиск").fill("Смирнова")
    screen.page.locator(f"#search-results [data-visit='{visit.pk}']").click()
    notice = screen.repairs.locator(".notice")
    close_bay(trial, 2)
    expect(notice).to_contain_text("записан на")
    trial.move(visit, "14:00", on=trial.day_after)
    expect(notice).to_contain_text("14:00")


def test_colours_go_on_by_the_clock_while_the_line_is_lost(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:20")
    trial.set_clock("10:29:55", speed=1)
    screen = seat()
    screen.expect_bar(visit, "по плану")
    trial.stop()
    screen.expect_bar(visit, "опаздывает")
    trial.start()


def test_silent_server_is_taken_for_lost_within_ten_seconds(trial: Trial, seat: Seat) -> None:
    screen = seat()
    trial.hang()
    try:
        expect(screen.board.locator("[data-banner=lost]")).to_be_visible(timeout=TELLS_LOSS_WITHIN_MS)
    finally:
        trial.wake()
    expect(screen.board.locator("[data-banner=lost]")).to_have_count(0, timeout=BACK_WITHIN_MS)


def test_many_tabs_share_one_line(trial: Trial, seat: Seat) -> None:
    """A browser grants six connections a server; the seventh tab must not wait for ever."""
    visit = trial.book_late()
    screen = seat()
    tabs = [screen.another_tab() for _ in range(7)]
    trial.act(check_in, visit.pk, by=trial.cast.master)
    for tab in [screen, *tabs]:
        tab.expect_bar(visit, "прибыл")


@pytest.mark.parametrize("fate", ['postMessage({ kind: "leave" })', "close()"], ids=["dropped", "dead"])
def test_tab_that_its_worker_lost_comes_back_by_itself(trial: Trial, seat: Seat, fate: str) -> None:
    """The worker takes a tab that sleeps for gone; or the worker itself has died."""
    screen = seat(clock_script=HOLDS_WORKER_LINE)
    screen.page.evaluate(f"window.workerLine.{fate}")
    visit = trial.book("12:00")
    expect(screen.bar(visit)).to_be_visible()
    trial.act(check_in, visit.pk, by=trial.cast.master)
    screen.expect_bar(visit, "прибыл")
    expect(screen.page.locator("#line")).to_have_text("на связи")
    expect(screen.board.locator("[data-banner=lost]")).to_have_count(0)


def test_worker_that_never_came_to_life_is_replaced(trial: Trial, seat: Seat) -> None:
    screen = seat(clock_script=HANGS_AT_FIRST)
    visit = trial.book("12:00")
    expect(screen.bar(visit)).to_be_visible(timeout=LIVE_WITHIN_MS)
    expect(screen.board.locator("[data-banner=lost]")).to_have_count(0)


def test_stream_of_a_switched_off_user_ends(trial: Trial, seat: Seat) -> None:
    screen = seat("manager")
    user = trial.backstage(User.objects.get, pk=trial.cast.manager.user_id)
    trial.backstage(switch_off, user, PROGRAM, trial.now)
    expect(screen.board.locator("[data-banner=bye]")).to_contain_text("Вход закончился")
    visit = trial.book_late()
    expect(screen.bar(visit)).to_have_count(0)
    press(screen.board.locator("[data-banner=bye]"), "Войти")
    expect(screen.page).to_have_url(re.compile("/login/"))


def test_logout_in_one_tab_ends_the_others(trial: Trial, seat: Seat) -> None:
    screen = seat("master")
    other = screen.another_tab()
    screen.page.get_by_role("group").filter(has_text="Орлов").locator("summary").click()
    press(screen.page.locator(".user"), "Выйти")
    expect(screen.page.get_by_role("heading", name="Вход")).to_be_visible()
    expect(other.board.locator("[data-banner=bye]")).to_contain_text("Вход закончился", timeout=BACK_WITHIN_MS)
    trial.forget_sessions()
