"""What has left the board is found again: removed, not arrived, and the history in plain words."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, choose, press
from tests.browser.trial import Trial
from vovremya.visits.actions.removal import RemovalInput, remove
from vovremya.visits.models import Visit


def removed_visit(trial: Trial) -> Visit:
    visit = trial.book_late()
    reason = trial.backstage(trial.cast.reason, "changed_mind")
    wish = RemovalInput(reason, comment="Передумал совсем", is_said_by_client=True)
    trial.act(remove, visit.pk, wish, by=trial.cast.operator, plan_version=1)
    return visit


def list_of(screen: Screen, trial: Trial, name: str) -> Locator:
    screen.page.get_by_role("link", name=name, exact=True).click()
    expect(screen.page.get_by_role("heading", level=1, name=name)).to_be_visible()
    return (
        screen.page.get_by_role("table", name=re.compile(name))
        .get_by_role("row")
        .filter(has_text=f"{trial.today:%d.%m.%Y} 10:15")
    )


def test_removed_visit_is_listed_with_its_reason_and_restored(trial: Trial, seat: Seat) -> None:
    visit = removed_visit(trial)
    screen = seat()
    expect(screen.bar(visit)).to_have_count(0)
    row = list_of(screen, trial, "Удалённые")
    for words in ("Смирнова Анна Викторовна", "М347ВС77", "Передумал", "Передумал совсем", "Иванова"):
        expect(row).to_contain_text(words)
    row.get_by_role("link", name="Открыть").click()
    expect(screen.repairs).to_contain_text("Удалена")
    press(screen.repairs, "Восстановить")
    expect(screen.repairs).to_be_hidden()
    expect(row).to_have_count(0)
    expect(screen.page.get_by_text("Удалённых записей нет")).to_be_visible()
    screen.open_board().expect_bar(visit, "опаздывает")


def test_removed_list_is_narrowed_by_day_and_client(trial: Trial, seat: Seat) -> None:
    removed_visit(trial)
    screen = seat()
    row = list_of(screen, trial, "Удалённые")
    screen.page.get_by_label("День записи").fill(trial.today.isoformat())
    screen.page.get_by_label("Клиент").fill("9123456789")
    screen.page.get_by_role("button", name="Показать").click()
    expect(row).to_have_count(1)
    screen.page.get_by_label("Клиент").fill("Незнакомцев")
    screen.page.get_by_role("button", name="Показать").click()
    expect(screen.page.get_by_text("Удалённых записей нет")).to_be_visible()


def test_visit_whose_bay_is_taken_meanwhile_is_restored_to_another_time(trial: Trial, seat: Seat) -> None:
    visit = removed_visit(trial)
    trial.book("10:30", **trial.somebody())
    screen = seat()
    list_of(screen, trial, "Удалённые").get_by_role("link", name="Открыть").click()
    press(screen.repairs, "Восстановить")
    expect(screen.booking).to_contain_text("Восстановление записи")
    screen.booking.get_by_role("radio").first.check()
    press(screen.booking, "Восстановить")
    expect(screen.booking).to_be_hidden()
    screen.open_board().expect_bar(visit, "по плану")


def test_removal_is_undone_from_its_message(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    press(screen.open_repairs(visit), "Удалить запись")
    choose(screen.removal, "Передумал")
    screen.removal.get_by_label("Об отказе сказал сам клиент").check()
    press(screen.removal, "Удалить запись")
    expect(screen.bar(visit)).to_have_count(0)
    screen.page.locator("#toasts").get_by_role("button", name="Отменить").click()
    screen.expect_bar(visit, "опаздывает")


def test_removal_for_the_clients_reason_needs_the_clients_words(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    press(screen.open_repairs(visit), "Удалить запись")
    choose(screen.removal, "Недоволен прошлым обслуживанием нужен комментарий")
    press(screen.removal, "Удалить запись")
    expect(screen.removal.get_by_role("textbox", name="Комментарий")).to_have_accessible_description(
        "Напишите комментарий."
    )
    screen.removal.get_by_role("textbox", name="Комментарий").fill("Ждал час")
    press(screen.removal, "Удалить запись")
    expect(screen.removal).to_contain_text("Отметьте, что об отказе сказал сам клиент.")
    expect(screen.removal.get_by_role("textbox", name="Комментарий")).to_have_value("Ждал час")
    screen.removal.get_by_label("Об отказе сказал сам клиент").check()
    press(screen.removal, "Удалить запись")
    expect(screen.bar(visit)).to_have_count(0)


def test_who_did_not_come_by_the_days_end_is_listed_and_marked(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:15")
    screen = seat()
    trial.set_clock("23:59:59")
    screen.expect_bar(visit, "просрочен")
    trial.set_clock_on_next_day("00:00:01")
    row = list_of(screen, trial, "Не приехали")
    expect(row).to_contain_text("не приехал, решения нет")
    row.get_by_role("link", name="Открыть").click()
    press(screen.repairs, "Неявка")
    expect(screen.repairs).to_be_hidden()
    expect(row).to_contain_text("неявка")
    expect(row.get_by_role("link", name="Открыть")).to_be_focused()


def test_history_is_told_in_plain_words(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    screen.open_repairs(visit)
    card = screen.dial()
    choose(card, "Занят")
    card.get_by_label("Комментарий").fill("Гудки")
    press(card, "Сохранить")
    expect(card).to_be_hidden()
    repairs = screen.open_repairs(visit)
    repairs.get_by_role("tab", name="Журнал").click()
    journal = repairs.get_by_role("tabpanel", name="Журнал")
    day = f"{trial.today:%d.%m}"
    for line in (
        f"{day} 10:28 Результат звонка: занят, повтор в 10:33 Гудки Иванова",
        f"{day} 10:28 Звонок клиенту Иванова",
        f"{day} 10:25 Клиент опаздывает программа",
        f"{day} 08:00 Записан на {day} 10:15, Пост 1 Иванова",
    ):
        expect(journal.get_by_role("listitem").filter(has_text=re.compile(line.replace(" ", r"\s*")))).to_have_count(1)


def test_week_is_renewed_when_it_is_come_back_to_and_leads_to_the_day(trial: Trial, seat: Seat) -> None:
    screen = seat()
    screen.page.keyboard.press("4")
    day = screen.page.get_by_role("link", name=re.compile(rf"^Пост 1, {trial.today.day} "))
    expect(day).to_have_accessible_name(re.compile("0 визитов"))
    day.focus()
    visit = trial.book("12:00")
    screen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(day).to_have_accessible_name(re.compile("1 визит, загрузка 8 %, свободно 11 ч"))
    expect(day).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.bar(visit)).to_be_visible()
