"""One visit, several people at it at once: the card has one hand at a time, and nobody loses what they typed."""

import re
import time
from datetime import timedelta

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, answer, choose, press
from tests.browser.trial import Trial
from vovremya.kernel import clock
from vovremya.visits.actions.reception import check_in
from vovremya.visits.actions.removal import RemovalInput, remove
from vovremya.visits.models import Lease, Visit

TOLD_WITHIN_SECONDS = 2.0
TYPED = "Стоит на мосту, перезвонит"


def notice(window: Locator) -> Locator:
    return window.locator(".notice")


def expect_told(window: Locator, words: str | re.Pattern[str], since: float) -> None:
    expect(notice(window)).to_contain_text(words)
    assert time.monotonic() - since < TOLD_WITHIN_SECONDS


def let_lease_lapse(visit: Visit) -> None:
    Lease.objects.filter(case__visit_id=visit.pk).update(until=clock.real_now() - timedelta(seconds=1))


def test_second_operator_reads_and_sees_who_has_the_card(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    first, second = seat("operator"), seat("second_operator")
    first.open_card(visit)
    card = second.open_card(visit)
    expect(card.get_by_text("Карточку ведёт Иванова с 10:28.")).to_be_visible()
    expect(card.get_by_text("Вы можете только читать.")).to_be_visible()
    for name in ("Сохранить", "Опрос завершён", "Взять карточку"):
        expect(card.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(card.get_by_label("Комментарий")).to_be_disabled()
    expect(card.get_by_role("radio", name="Занят", exact=True)).to_be_disabled()
    card.get_by_role("button", name="Набрать", exact=True).click(force=True)
    second.expect_toast("Карточку ведёт Иванова с 10:28.")
    assert second.dialled == []


def test_others_see_in_the_queue_who_has_the_card(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    first, second = seat("operator"), seat("second_operator")
    first.open_card(visit)
    expect(second.queue).to_contain_text("ведёт Иванова")
    first.page.keyboard.press("Escape")
    expect(second.queue).not_to_contain_text("ведёт Иванова")


def test_two_who_dial_at_once_ring_once(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    first, second = seat("operator"), seat("second_operator")
    first.open_repairs(visit)
    second.open_repairs(visit)
    first.dial()
    press(second.repairs, "Набрать")
    expect(second.repairs.get_by_role("alert")).to_contain_text("Иванова")
    assert second.dialled == []


def test_lapsed_card_may_be_taken_over_with_its_draft(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    first, second = seat("operator"), seat("second_operator")
    card = first.open_card(visit)
    card.get_by_label("Комментарий").fill(TYPED)
    expect(card.get_by_text(re.compile("Черновик сохранён"))).to_be_visible()
    first.context.set_offline(True)
    trial.backstage(let_lease_lapse, visit)

    press(second.open_repairs(visit), "Оповещение об опоздании")
    expect(second.card).to_be_visible()
    if second.card.get_by_role("button", name="Взять карточку").is_visible():
        press(second.card, "Взять карточку")
    expect(second.card.get_by_text(f"Черновик: Иванова — «{TYPED}»")).to_be_visible()
    press(second.card, "Взять черновик")
    expect(second.card.get_by_label("Комментарий")).to_have_value(TYPED)
    expect(second.card.get_by_role("button", name="Сохранить", exact=True)).to_be_visible()


def test_supervisor_takes_over_before_the_lapse_but_not_during_a_call(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    operator, supervisor = seat("operator"), seat("supervisor")
    operator.open_repairs(visit)
    operator.dial()
    card = supervisor.open_card(visit)
    expect(card.get_by_text("Идёт звонок.")).to_be_visible()
    expect(card.get_by_role("button", name="Взять карточку")).to_have_count(0)

    choose(operator.card, "Обрыв")
    expect(operator.card.get_by_role("row", name=re.compile("Обрыв"))).to_be_visible()
    operator.card.get_by_label("Комментарий").fill(TYPED)
    press(notice(supervisor.card), "Обновить карточку")
    press(supervisor.card, "Взять карточку")
    expect(supervisor.card.get_by_role("button", name="Сохранить", exact=True)).to_be_visible()
    expect(notice(operator.card)).to_contain_text("Кузнецова, 10:28")
    expect(operator.card.get_by_label("Комментарий")).to_have_value(TYPED)
    # What is saved now is refused, with the text kept.
    choose(operator.card, "Занят")
    press(operator.card, "Сохранить")
    expect(operator.card.get_by_role("alert").first).to_contain_text("Кузнецова")
    expect(operator.card.get_by_label("Комментарий")).to_have_value(TYPED)


def test_check_in_while_the_card_is_open_is_told_and_keeps_the_text(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    card.get_by_label("Комментарий").fill(TYPED)
    trial.act(check_in, visit.pk, by=trial.cast.master)
    arrived = time.monotonic()
    expect_told(card, "Клиент прибыл", arrived)
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    for name in ("Перепланировать", "Удалить запись"):
        expect(card.get_by_role("button", name=name, exact=True)).to_be_disabled()
    card.get_by_role("button", name="Удалить запись", exact=True).click(force=True)
    screen.expect_toast("Клиент уже прибыл (Орлов, 10:28).")

    answer(card, "Да").click()
    press(card, "Опрос завершён")
    expect(card.get_by_text("Клиент прибыл в 10:28.")).to_be_visible()
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    for name in ("Перепланировать", "Удалить запись"):
        expect(card.get_by_role("button", name=name, exact=True)).to_have_count(0)
    press(card, "Сохранить комментарий")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "прибыл")


def test_arrived_clients_card_closes_in_one_click(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.open_card(visit)
    trial.act(check_in, visit.pk, by=trial.cast.master)
    press(notice(card), "Обновить карточку")
    expect(card.get_by_text("Клиент прибыл в 10:28.")).to_be_visible()
    press(card, "Закрыть")
    expect(card).to_be_hidden()


def test_masters_move_wins_and_the_comment_can_still_be_added(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    card.get_by_label("Комментарий").fill(TYPED)
    trial.move(visit, "15:00")
    moved = time.monotonic()
    expect_told(card, "Орлов, 10:28: перенесён", moved)
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    expect(card.get_by_role("alert")).to_contain_text("Орлов")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    press(card, "Сохранить комментарий")
    screen.expect_bar(visit, "по плану")
    expect(screen.bar(visit)).to_have_attribute("data-start", "15:00")
    repairs = screen.open_repairs(visit)
    repairs.get_by_role("tab", name="Журнал").click()
    expect(repairs).to_contain_text(TYPED)


def test_client_calls_back_while_the_removal_is_open(trial: Trial, seat: Seat) -> None:
    """Both stood at the grounds; one is about to remove, the other has the client on the line."""
    visit = trial.book_late()
    screen, second = seat("operator"), seat("second_operator")
    for time_of_day, result in (("10:28:00", "Занят"), ("10:33:01", "Вне сети")):
        trial.set_clock(time_of_day)
        screen.expect_time(time_of_day[:5])
        screen.open_repairs(visit)
        card = screen.dial()
        choose(card, result)
        press(card, "Сохранить")
        expect(card).to_be_hidden()
    press(screen.open_repairs(visit), "Удалить запись")
    press(second.open_repairs(visit), "Клиент предупредил")
    expect(second.card.get_by_text("Клиент позвонил сам")).to_be_visible()
    press(screen.removal, "Удалить запись")
    expect(screen.removal.get_by_text(re.compile("только что позвонил"))).to_be_visible()
    screen.expect_bar(visit, "нет ответа")


def test_bar_that_somebody_removed_leaves_the_board_and_its_window_says_so(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.open_card(visit)
    card.get_by_label("Комментарий").fill(TYPED)
    wish = RemovalInput(trial.backstage(trial.cast.reason, "no_parts"), comment="Нет колодок")
    trial.act(remove, visit.pk, wish, by=trial.cast.master, plan_version=1)
    expect(screen.bar(visit)).to_have_count(0)
    expect(notice(card)).to_contain_text("Орлов, 10:28: запись удалена")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
