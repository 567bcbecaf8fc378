"""Beside the straight way: the queue's own buttons, two visits of one client, special rights, closing time."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, answer, choose, press
from tests.browser.trial import Trial
from vovremya.visits.actions.reception import check_in


def test_card_is_opened_from_the_queue(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    press(screen.queue, "Оповещение об опоздании: Смирнова Анна")
    expect(screen.card).to_be_visible()
    screen.page.keyboard.press("Escape")
    screen.expect_back_on_board(visit)


def test_queue_goes_by_the_deadline_with_the_missed_ones_first(trial: Trial, seat: Seat) -> None:
    people = [trial.register(name, f"+7 900 123-45-{place:02}") for place, name in enumerate(("Первый А", "Второй Б"))]
    trial.book("10:17", client=people[0][0], car=people[0][1])
    trial.book("10:12", bay=1, client=people[1][0], car=people[1][1])
    trial.book("10:00", bay=2)
    screen = seat()
    expect(screen.queue.locator(".n")).to_have_text(["Смирнова Анна", "Второй Б", "Первый А"])
    screen.page.keyboard.press("c")
    screen.page.keyboard.press("c")
    expect(screen.page.locator(".bar:focus")).to_have_attribute("data-client", "Второй Б")


def test_one_call_serves_two_late_visits_of_a_client(trial: Trial, seat: Seat) -> None:
    visit, other = trial.book_late(), trial.book("10:16", bay=1)
    screen = seat()
    card = screen.reach(visit)
    card.get_by_role("checkbox", name=re.compile("10:16")).check()
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:33")
    screen.expect_bar(other, "ожидается к 10:33")


def test_second_dial_of_one_client_within_minutes_warns(trial: Trial, seat: Seat) -> None:
    visit, other = trial.book_late(), trial.book("10:16", bay=1)
    screen = seat()
    screen.open_repairs(visit)
    choose(screen.dial(), "Занят")
    press(screen.card, "Сохранить")
    expect(screen.card).to_be_hidden()
    press(screen.open_repairs(other), "Набрать")
    expect(screen.repairs.get_by_role("alert")).to_contain_text("звонили в 10:28 (Иванова)")
    press(screen.repairs.get_by_role("alert"), "Всё равно набрать")
    expect(screen.card.get_by_role("cell", name="идёт звонок")).to_be_visible()


def test_operator_may_not_take_a_far_promise_and_a_supervisor_may(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    operator = seat("operator")
    card = operator.reach(visit)
    choose(card, "20 мин к 10:48")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    expect(card.get_by_role("group", name="Когда приедет")).to_have_accessible_description(
        "Больше 10 минут — предложите перенос."
    )
    press(card, "Сохранить")
    expect(card).to_be_hidden()

    supervisor = seat("supervisor")
    card = supervisor.open_card(visit)
    choose(card, "20 мин к 10:48")
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill("Согласовано с мастером")
    press(card, "Опрос завершён")
    supervisor.expect_back_on_board(visit)
    supervisor.expect_bar(visit, "ожидается к 10:48")


def test_supervisor_opens_an_ended_contact_again(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat("supervisor")
    card = screen.reach(visit)
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    screen.expect_bar(visit, "ожидается к 10:33")
    press(screen.open_repairs(visit), "Открыть контакт снова")
    expect(screen.card).to_be_visible()
    screen.expect_bar(visit, "нет ответа")


def test_undone_check_in_brings_the_contact_back_as_it_was(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    screen.open_repairs(visit)
    choose(screen.dial(), "Занят")
    press(screen.card, "Сохранить")
    screen.expect_bar(visit, "повтор в 10:33")
    trial.act(check_in, visit.pk, by=trial.cast.master)
    screen.expect_bar(visit, "прибыл")
    press(screen.open_repairs(visit), "Отменить «Прибыл»")
    screen.expect_bar(visit, "повтор в 10:33")


def test_retry_after_closing_is_not_prompted_but_may_be_dialled(trial: Trial, seat: Seat) -> None:
    visit = trial.book("20:45", minutes=15)
    trial.set_clock("20:57")
    screen = seat()
    screen.open_repairs(visit)
    choose(screen.dial(), "Не отвечает")
    press(screen.card, "Сохранить")
    screen.expect_bar(visit, "повтор после закрытия")
    expect(screen.page).to_have_title("График — Север")
    trial.set_clock("21:03")
    screen.expect_time("21:03")
    screen.open_card(visit)
    screen.dial()


def test_bay_that_is_still_busy_is_said_on_the_bar_and_the_card(trial: Trial, seat: Seat) -> None:
    before = trial.book("09:30", minutes=45, **trial.somebody())
    trial.act(check_in, before.pk, by=trial.cast.master)
    late = trial.book_late()
    screen = seat()
    screen.expect_bar(late, "опаздывает")
    expect(screen.bar(late)).to_have_accessible_description("пост занят")
    expect(screen.queue).to_contain_text("пост занят")
    expect(screen.open_card(late)).to_contain_text("Пост занят: К214ТО77")


def test_message_of_the_deed_offers_the_way_back_by_keys(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    press(screen.open_repairs(visit), "Прибыл")
    screen.expect_bar(visit, "прибыл")
    undo = screen.page.locator("#toasts").get_by_role("button", name="Отменить")
    undo.focus()
    screen.page.keyboard.press("Enter")
    screen.expect_bar(visit, "опаздывает")
