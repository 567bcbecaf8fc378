"""What is typed is not lost: drafts, killed tabs, a lost line, leaving without saving."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, answer, choose, press
from tests.browser.trial import Trial
from vovremya.visits.models import Draft

TYPED = "Пробка на МКАД, едет"


def kept(screen: Screen) -> None:
    expect(screen.card.get_by_text(re.compile("Черновик сохранён в 10:28"))).to_be_visible()


def test_draft_survives_a_killed_tab(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    card = screen.reach(visit)
    choose(card, "10 мин к 10:38")
    card.get_by_label("Причина опоздания").select_option("Пробка")
    card.get_by_label("Комментарий").fill(TYPED)
    kept(screen)
    screen.kill_tab()

    again = seat()
    card = again.open_card(visit)
    expect(card.get_by_text("Показан ваш черновик.")).to_be_visible()
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    expect(card.get_by_role("radio", name="10 мин к 10:38")).to_be_checked()
    expect(card.get_by_label("Причина опоздания").locator("option:checked")).to_have_text("Пробка")


def test_ready_comment_of_a_draft_follows_the_answers_on(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    card = screen.reach(visit)
    choose(card, "10 мин к 10:38")
    answer(card, "Да").click()
    expect(card.get_by_label("Комментарий")).to_have_value("Едет, будет к 10:38")
    kept(screen)
    screen.kill_tab()
    card = seat().open_card(visit)
    choose(card, "5 мин к 10:33")
    expect(card.get_by_label("Комментарий")).to_have_value("Едет, будет к 10:33")


def test_draft_said_to_be_kept_is_kept_though_another_tab_has_written_more(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    other = screen.another_tab()
    for tab in (screen, other):
        tab.open_card(visit)
    for words in ("Пробка", "Пробка на МКАД"):
        with screen.page.expect_response("**/draft/"):
            screen.card.get_by_label("Комментарий").fill(words)
    other.card.get_by_label("Комментарий").fill(TYPED)
    kept(other)
    assert trial.backstage(Draft.objects.get, case__visit=visit).body["comment"] == TYPED


def test_own_words_in_the_comment_stay(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill(TYPED)
    choose(card, "5 мин к 10:33")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)


def test_offered_times_follow_the_arrival_and_nothing_typed_is_touched(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    card.get_by_label("Комментарий").fill(TYPED)
    card.get_by_label("Причина опоздания").select_option("Пробка")
    choose(card, "30 мин к 10:58")
    expect(card.get_by_text(f"На том же посту: {trial.today:%d.%m} 10:58–11:58")).to_be_visible()
    expect(card.get_by_text("Примем в 10:58, закончим к 11:58.")).to_be_visible()
    expect(card.get_by_role("radio", name="30 мин к 10:58")).to_be_focused()

    choose(card, "Указать время")
    typed = card.get_by_label("Время приезда")
    typed.fill("11:4")
    typed.press("5")
    expect(card.get_by_text(f"На том же посту: {trial.today:%d.%m} 11:45–12:45")).to_be_visible()
    expect(card.get_by_text("Примем в 11:45, закончим к 12:45.")).to_be_visible()
    expect(typed).to_be_focused()
    expect(typed).to_have_value("11:45")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    expect(card.get_by_label("Причина опоздания").locator("option:checked")).to_have_text("Пробка")


def test_killed_tab_in_mid_call_counts_no_failure(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    screen.open_repairs(visit)
    screen.dial()
    screen.kill_tab()
    trial.set_clock("10:31")
    again = seat()
    again.expect_bar(visit, "опаздывает")
    card = again.open_card(visit)
    expect(card.get_by_role("row", name="1 10:28:00 Результат не указан")).to_be_visible()


def test_numbers_of_the_card_are_answered_in_the_card_and_not_in_the_window_under_it(
    trial: Trial, screen: Screen
) -> None:
    card = screen.open_card(trial.book_late())
    card.get_by_text("Добавить номер").click()
    number = card.get_by_label("Телефон", exact=True)
    number.fill("12")
    number.press("Enter")
    expect(number).to_have_accessible_description(re.compile("Не похоже на номер телефона"))
    expect(number).to_have_value("12")
    press(card, "Показать номер")
    expect(card.get_by_text("+7 912 345-67-89")).to_be_visible()
    screen.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(screen.repairs.get_by_role("button", name="Показать номер")).to_be_visible()


def test_long_talk_without_a_result_can_still_be_noted(trial: Trial, screen: Screen) -> None:
    """After two minutes the call is «результат не указан»; the operator who speaks all the while just goes on."""
    visit = trial.book_late()
    screen.open_repairs(visit)
    card = screen.dial()
    trial.set_clock("10:31")
    screen.expect_time("10:31")
    choose(card, "Дозвонились")
    expect(card.get_by_role("group", name="Когда приедет")).to_be_visible()


def test_leaving_a_card_with_unsaved_text_asks(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.open_card(visit)
    card.get_by_label("Комментарий").fill(TYPED)
    question = screen.page.get_by_role("alertdialog", name="Закрыть без сохранения?")
    screen.page.keyboard.press("Escape")
    expect(question).to_be_visible()
    press(question, "Остаться")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    press(card, "Закрыть окно")
    press(question, "Закрыть без сохранения")
    expect(card).to_be_hidden()


def test_leaving_the_page_with_unsaved_text_asks(trial: Trial, screen: Screen) -> None:
    card = screen.open_card(trial.book_late())
    card.get_by_label("Комментарий").fill(TYPED)
    with screen.page.expect_event("dialog") as asked:
        screen.page.evaluate("setTimeout(() => location.assign('/login/'))")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)


def test_untouched_card_closes_without_a_question_and_is_free(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen, second = seat("operator"), seat("second_operator")
    screen.open_card(visit)
    expect(second.queue).to_contain_text("ведёт Иванова")
    screen.page.keyboard.press("Escape")
    expect(screen.card).to_be_hidden()
    expect(second.queue).not_to_contain_text("ведёт Иванова")


def test_enter_in_a_field_saves_nothing_and_calls_back_from_its_own(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "Указать время")
    typed = card.get_by_label("Время приезда")
    typed.fill("25")
    typed.press("Enter")
    expect(card.get_by_text("к 10:53", exact=True)).to_be_visible()
    card.get_by_text("Просит перезвонить позже").click()
    later = card.get_by_label("Когда перезвонить")
    later.fill("15")
    later.press("Enter")
    screen.expect_toast("Повторный звонок в 10:43.")
    screen.expect_back_on_board(visit)


def test_lost_line_keeps_the_text_and_the_repeat_saves_once(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill(TYPED)
    kept(screen)
    screen.context.set_offline(True)
    press(card, "Опрос завершён")
    expect(card.get_by_role("alert")).to_contain_text("Нет связи с сервером. Введённое осталось в окне.")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
    screen.context.set_offline(False)
    press(card.get_by_role("alert"), "Повторить")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:33")
    repairs = screen.open_repairs(visit)
    repairs.get_by_role("tab", name="Журнал").click()
    expect(repairs.get_by_text("Контакт завершён: подтвердил визит", exact=False)).to_have_count(1)


def test_double_press_is_one_deed(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    screen.open_repairs(visit)
    screen.repairs.get_by_role("button", name="Набрать", exact=True).dblclick()
    expect(screen.card.get_by_role("cell", name="идёт звонок")).to_be_visible()
    expect(screen.card.get_by_role("alert")).to_have_count(0)
    assert len(screen.dialled) == 1


def test_saved_without_an_answer_stays_in_the_queue(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    card.get_by_label("Комментарий").fill("Думает")
    press(card, "Сохранить")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "нет ответа")
    expect(screen.queue).to_contain_text("Нет ответа · 1")
    expect(screen.open_card(visit).get_by_label("Комментарий")).to_have_value("Думает")


def test_finish_without_an_answer_says_so_at_the_field(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    card.get_by_label("Комментарий").fill(TYPED)
    press(card, "Опрос завершён")
    expect(card.get_by_role("listbox", name="Ответ")).to_have_accessible_description("Выберите ответ клиента.")
    expect(card.get_by_label("Комментарий")).to_have_value(TYPED)
