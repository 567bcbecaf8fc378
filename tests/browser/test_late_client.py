"""The manual, rule by rule, as the operator lives it at the screen (M1–M12)."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, answer, choose, press, rect
from tests.browser.trial import Trial
from vovremya.visits.models import Visit

YELLOW = re.compile(r"\bs-late\b")
RED = re.compile(r"\bs-overdue\b")
#: A computer whose clock and zone are wrong: three hours fast, and in Honolulu.
WRONG_CLOCK = """
const right = Date;
globalThis.Date = class extends right {
  constructor(...given) { given.length ? super(...given) : super(right.now() + 3 * 3600e3); }
  static now() { return right.now() + 3 * 3600e3; }
};
"""
# The bar may be drawn anew meanwhile, so it is looked up at every change of the board.
NOTES_WHEN_YELLOW = """(bar) => {
  const id = bar.id;
  new MutationObserver((_, observer) => {
    if (!document.getElementById(id).classList.contains("s-late")) return;
    window.turnedYellowAt = performance.timeOrigin + performance.now();
    observer.disconnect();
  }).observe(document.body, { attributes: true, childList: true, subtree: true });
}"""


def fail(screen: Screen, visit: Visit, result: str) -> None:
    """A call that reaches nobody, noted and saved."""
    screen.open_repairs(visit)
    card = screen.dial()
    choose(card, result)
    press(card, "Сохранить")
    expect(card).to_be_hidden()


def shown_at(trial: Trial, epoch_ms: float) -> datetime:
    """The branch's clock at a real instant."""
    from vovremya.kernel import clock

    assert trial.anchor
    return trial.anchor.shown(clock.from_milliseconds(int(epoch_ms)))


# --- M1, M2: turning yellow, and the countdown ---------------------------------------------------------------------


def test_bar_turns_yellow_to_the_second_on_every_screen_by_itself(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:15")
    trial.set_clock("10:24:58")
    desks = [seat("operator"), seat("master", timezone_id="Pacific/Honolulu")]
    for screen in desks:
        screen.expect_bar(visit, "по плану")
    for screen in desks:
        screen.bar(visit).evaluate(NOTES_WHEN_YELLOW)
    trial.set_clock("10:24:58", speed=1)
    for screen in desks:
        screen.expect_bar(visit, "опаздывает")
        turned = shown_at(trial, screen.page.evaluate("window.turnedYellowAt"))
        assert trial.at("10:25") < turned < trial.at("10:25:01")


def test_exactly_ten_minutes_are_not_late_yet(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:15")
    trial.set_clock("10:24:59.900")
    screen = seat()
    screen.expect_bar(visit, "по плану")
    expect(screen.bar(visit)).not_to_have_class(YELLOW)
    trial.set_clock("10:25:00.001")
    screen.open_board().expect_bar(visit, "опаздывает")
    expect(screen.bar(visit)).to_have_class(YELLOW)


def test_wrong_clock_of_the_computer_does_not_matter(trial: Trial, seat: Seat) -> None:
    late, planned = trial.book("10:15"), trial.book("11:30", bay=1)
    screen = seat(timezone_id="Pacific/Honolulu", clock_script=WRONG_CLOCK)
    screen.expect_time("10:28")
    screen.expect_bar(late, "опаздывает")
    screen.expect_bar(planned, "по плану")
    expect(screen.bar(late).locator("time")).to_have_text("7:00")


def test_new_late_client_is_counted_in_the_title_and_queued(trial: Trial, seat: Seat) -> None:
    visit = trial.book("10:20")
    screen = seat()
    expect(screen.queue).to_contain_text("Звонить некому")
    expect(screen.page).to_have_title("График — Север")
    trial.set_clock("10:30:01")
    expect(screen.page).to_have_title("(1) График — Север")
    expect(screen.queue.get_by_role("button", name=re.compile("^Смирнова Анна.*опаздывает"))).to_be_visible()
    screen.expect_bar(visit, "опаздывает")


def test_countdown_runs_on_the_bar_and_in_the_queue(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    expect(screen.bar(visit).locator("time")).to_have_text("7:00")
    expect(screen.queue.locator(".t")).to_have_text("7:00")
    trial.set_clock("10:34:30")
    expect(screen.bar(visit).locator("time")).to_have_text("0:30")
    expect(screen.queue.locator(".t")).to_have_text("0:30")


def test_missed_deadline_turns_the_bar_red_and_is_counted(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat()
    expect(screen.bar(visit)).not_to_have_class(RED)
    trial.set_clock("10:36:05")
    screen.expect_bar(visit, "просрочен")
    expect(screen.bar(visit)).to_have_class(RED)
    expect(screen.bar(visit).locator("time")).to_have_text("−1:05")
    expect(screen.queue).to_contain_text("Срок нарушен")
    expect(screen.page.locator(".kpi.sla")).to_contain_text("1")


# --- M3, M4: «Ремонты», and the card in both orders ----------------------------------------------------------------


def test_double_click_opens_repairs_with_everything_about_the_visit(trial: Trial, screen: Screen) -> None:
    repairs = screen.open_repairs(trial.book_late())
    for words in (
        "Смирнова Анна Викторовна",
        "М347ВС77",
        "Hyundai Solaris",
        "10:15–11:15",
        "Пост 1",
        "Орлов В.",
        "ТО-60",
    ):
        expect(repairs.get_by_text(words).first).to_be_visible()
    expect(repairs).to_contain_text("опоздание 13 мин")
    for name in (
        "Набрать",
        "Клиент предупредил",
        "Оповещение об опоздании",
        "Перепланировать",
        "Прибыл",
        "Удалить запись",
    ):
        expect(repairs.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_enter_opens_repairs(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    screen.bar(visit).press("Enter")
    expect(screen.repairs).to_be_visible()
    screen.page.keyboard.press("Escape")
    screen.expect_back_on_board(visit)


def test_long_touch_opens_repairs(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat(has_touch=True)
    expect(screen.bar(visit)).to_have_attribute("data-version", "2")  # that it is late has been announced and drawn
    box = rect(screen.bar(visit))
    finger = screen.context.new_cdp_session(screen.page)
    point = {"x": box["x"] + 20, "y": box["y"] + 20}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(screen.repairs).to_be_visible()
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(screen.repairs).to_be_visible()


def test_any_bar_opens_repairs_and_what_is_off_says_why(trial: Trial, screen: Screen) -> None:
    repairs = screen.open_repairs(trial.book("15:00"))
    notice = repairs.get_by_role("button", name="Оповещение об опоздании", exact=True)
    expect(notice).to_be_disabled()
    notice.dispatch_event("click")
    screen.expect_toast("Клиент ещё не опаздывает.")
    expect(screen.card).to_be_hidden()


def test_dialling_in_repairs_opens_the_card_with_the_call_running(trial: Trial, screen: Screen) -> None:
    screen.open_repairs(trial.book_late())
    press(screen.repairs, "Набрать")
    expect(screen.card).to_be_visible()
    expect(screen.card).to_have_accessible_name("Оповещение об опоздании")
    expect(screen.card.get_by_role("row", name="10:28:00 идёт звонок Иванова")).to_be_visible()
    assert screen.dialled == ["+79123456789"]


def test_card_opened_first_dials_from_itself(trial: Trial, screen: Screen) -> None:
    card = screen.open_card(trial.book_late())
    expect(card.get_by_role("row")).to_have_count(0)
    press(card, "Набрать")
    expect(card.get_by_role("row", name="10:28:00 идёт звонок Иванова")).to_be_visible()
    assert screen.dialled == ["+79123456789"]


def test_telephone_of_the_computer_is_called_by_a_link(trial: Trial, seat: Seat) -> None:
    visit = trial.book_late()
    screen = seat(has_telephone=False)
    browser = screen.context.new_cdp_session(screen.page)
    browser.send("Page.enable")
    asked: list[str] = []
    browser.on("Page.frameRequestedNavigation", lambda event: asked.append(event["url"]))
    screen.open_repairs(visit)
    screen.dial()
    assert asked == ["tel:+79123456789"]
    expect(screen.card).to_be_visible()


# --- M5, M6: failures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", ["Вне сети", "Недоступен", "Занят", "Сбросил", "Не отвечает", "Автоответчик"])
def test_failure_moves_the_contact_by_five_minutes(trial: Trial, screen: Screen, result: str) -> None:
    visit = trial.book_late()
    fail(screen, visit, result)
    screen.expect_toast("Повторный звонок в 10:33.")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "повтор в 10:33")
    expect(screen.bar(visit).locator("time")).to_have_text("5:00")
    trial.set_clock("10:33:01")
    screen.expect_bar(visit, "повтор")
    expect(screen.queue).to_contain_text("Повтор · 1")
    trial.set_clock("10:34:00.500")
    screen.expect_time("10:34")
    expect(screen.open_card(visit).locator(".window-timer")).to_have_text("пора звонить−1:00")


def test_wrong_number_is_struck_out_and_the_next_one_offered(trial: Trial, screen: Screen) -> None:
    client, car = trial.register("Кравцов Антон", "+7 900 111-22-33", "+7 900 444-55-66", plate="К214ТО 77")
    visit = trial.book("10:15", client=client, car=car)
    screen.open_repairs(visit)
    expect(screen.repairs.locator(".telephones kbd")).to_have_count(1)  # the key dials the first number
    screen.repairs.get_by_role("button", name="Набрать", exact=True).first.click()
    choose(screen.card, "Неверный номер")
    expect(screen.card.locator(".telephone.struck")).to_contain_text("неверный")
    expect(screen.card.get_by_role("button", name="Набрать", exact=True)).to_have_count(1)
    expect(screen.card.locator(".telephones kbd")).to_have_count(1)
    screen.dial()
    assert screen.dialled == ["+79001112233", "+79004445566"]


@pytest.mark.parametrize("result", ["Обрыв", "Сбой нашей линии"])
def test_broken_line_offers_to_redial_at_once(trial: Trial, screen: Screen, result: str) -> None:
    visit = trial.book_late()
    screen.open_repairs(visit)
    card = screen.dial()
    choose(card, result)
    expect(card.get_by_role("row", name=re.compile(f"{result} не считается"))).to_be_visible()
    screen.dial()
    assert len(screen.dialled) == 2


def test_second_failure_gives_grounds_and_removal_knows_its_reason(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    fail(screen, visit, "Занят")
    trial.set_clock("10:33:01")
    screen.expect_bar(visit, "повтор")
    fail(screen, visit, "Не отвечает")
    screen.expect_bar(visit, "основание для удаления")

    press(screen.open_repairs(visit), "Удалить запись")
    expect(screen.removal.get_by_role("radio", name="Не дозвонились", exact=True)).to_be_checked()
    press(screen.removal, "Удалить запись")
    expect(screen.bar(visit)).to_have_count(0)
    screen.expect_toast("Запись удалена.")
    removed = trial.fresh(visit)
    assert removed.removal_reason
    assert removed.removal_reason.code == "unreached"


def test_one_failure_is_no_ground_yet(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    fail(screen, visit, "Занят")
    press(screen.open_repairs(visit), "Удалить запись")
    choose(screen.removal, "Не дозвонились")
    press(screen.removal, "Удалить запись")
    expect(screen.removal).to_contain_text("нужны 2 неудачных звонка")
    screen.expect_bar(visit, "повтор в 10:33")


# --- M7–M9, M12: reached and near ----------------------------------------------------------------------------------


def test_script_is_filled_with_names_and_times(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    steps = card.get_by_role("list").filter(has_text="Здравствуйте").get_by_role("listitem")
    expect(steps.nth(0)).to_contain_text("Анна Викторовна? Меня зовут Иванова, автосервис «Север»")
    expect(steps.nth(1)).to_contain_text("на 10:15, автомобиль Hyundai Solaris. Вы опаздываете примерно на 13 мин.")
    choose(card, "10 мин к 10:38")
    expect(
        card.get_by_text("Спасибо, ждём вас к 10:38. Вас встретит мастер-приёмщик Орлов Виктор Ильич.")
    ).to_be_visible()
    expect(card).not_to_contain_text("{")


def test_near_client_is_expected_and_the_bar_says_when(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "10 мин к 10:38")
    card.get_by_label("Причина опоздания").select_option("Пробка")
    answer(card, "Да").click()
    expect(card.get_by_label("Комментарий")).to_have_value("Едет, будет к 10:38, пробка")
    press(card, "Опрос завершён")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:38")
    expect(screen.queue).to_contain_text("Звонить некому")
    # Not there by 10:48: a new round.
    trial.set_clock("10:48:01")
    screen.expect_bar(visit, "опаздывает")
    press(screen.open_repairs(visit), "Оповещение об опоздании")
    expect(screen.card).to_contain_text("контакт 2")


def test_double_click_on_answer_chooses_yes(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "5 мин к 10:33")
    card.get_by_role("listbox", name="Ответ").dblclick()
    expect(answer(card, "Да")).to_have_attribute("aria-selected", "true")
    press(card, "Опрос завершён")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:33")


def test_enter_on_answer_chooses_yes(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    card.get_by_role("listbox", name="Ответ").press("Enter")
    expect(answer(card, "Да")).to_have_attribute("aria-selected", "true")


def test_comment_after_a_conversation_must_not_be_empty(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    choose(card, "5 мин к 10:33")
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill("")
    press(card, "Опрос завершён")
    expect(card.get_by_label("Комментарий")).to_have_accessible_description("Напишите комментарий.")
    expect(card.get_by_role("radio", name="5 мин к 10:33")).to_be_checked()


@pytest.mark.parametrize(
    ("typed", "said"),
    [("скоро", "Не понимаю «скоро»."), ("-5", "Не понимаю «-5»."), ("9:00", "прошло"), ("900", "нескоро")],
)
def test_absurd_eta_is_refused_at_its_field(trial: Trial, screen: Screen, typed: str, said: str) -> None:
    card = screen.reach(trial.book_late())
    choose(card, "Указать время")
    card.get_by_label("Время приезда").fill(typed)
    answer(card, "Да").click()
    card.get_by_label("Комментарий").fill("Едет")
    press(card, "Опрос завершён")
    expect(card.get_by_label("Время приезда")).to_have_accessible_description(re.compile(re.escape(said)))
    expect(card.get_by_label("Время приезда")).to_have_value(typed)
    expect(card.get_by_label("Комментарий")).to_have_value("Едет")


def test_promised_time_may_be_typed_as_minutes_or_a_clock_time(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    choose(card, "Указать время")
    card.get_by_label("Время приезда").fill("8")
    expect(card.locator(".script [data-eta-time]").first).to_have_text("10:36")
    card.get_by_label("Время приезда").fill("10:35")
    expect(card.locator(".eta-typed [data-eta-clock]")).to_have_text("к 10:35")


# --- M10: far, and the move ----------------------------------------------------------------------------------------


def test_far_client_is_replanned_and_the_card_comes_back_with_its_comment(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "Указать время")
    card.get_by_label("Время приезда").fill("25")
    expect(card.get_by_text("Больше 10 минут — предложите перенос.")).to_be_visible()

    press(card, "Перепланировать")
    window = screen.booking
    tomorrow = trial.day_after
    window.get_by_label("День", exact=True).fill(tomorrow.isoformat())
    window.get_by_label("Время дня").select_option("Утро, до 12")
    slots = window.get_by_role("radiogroup", name="Свободное время")
    expect(slots.get_by_role("heading")).to_have_count(1)
    expect(slots.get_by_role("radio", name=re.compile("^12:00"))).to_have_count(0)
    choose(slots, "10:30 Пост 1")
    press(window, "Перенести")

    expect(window).to_be_hidden()
    expect(screen.card).to_be_visible()
    expect(screen.card.get_by_label("Комментарий")).to_have_value(f"Перенос на {tomorrow:%d.%m}, 10:30")
    press(screen.card, "Опрос завершён")
    screen.expect_toast("Опрос завершён.")
    for closed in (screen.card, screen.repairs):
        expect(closed).to_be_hidden()
    expect(screen.bar(visit)).to_have_count(0)
    screen.open_board(tomorrow).expect_bar(visit, "по плану")
    expect(screen.bar(visit)).to_have_attribute("data-start", "10:30")


def test_history_keeps_the_old_and_the_new_time(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    trial.move(visit, "12:00", bay=1)
    repairs = screen.open_repairs(visit)
    repairs.get_by_role("tab", name="История переносов").click()
    day = f"{trial.today:%d.%m}"
    expect(repairs).to_contain_text(f"Перенесён с {day} 10:15 (Пост 1) на {day} 12:00 (Пост 2)")
    expect(repairs).to_contain_text(f"Записан на {day} 10:15, Пост 1")


def test_unknown_time_offers_the_move_and_enter_chooses_a_slot(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    choose(card, "Не знает")
    press(card, "Подобрать время")
    slots = screen.booking.get_by_role("radiogroup", name="Свободное время")
    first = slots.get_by_role("radio").first
    first.focus()
    screen.page.keyboard.press("Space")
    expect(first).to_be_checked()
    screen.page.keyboard.press("Enter")
    expect(screen.booking).to_be_hidden()
    expect(screen.card.get_by_label("Комментарий")).to_have_value(re.compile("^Перенос на"))


def test_answer_move_leads_to_booking(trial: Trial, screen: Screen) -> None:
    card = screen.reach(trial.book_late())
    choose(card, "Не знает")
    answer(card, "Перенос").click()
    press(card, "Опрос завершён")
    expect(screen.booking).to_be_visible()


def test_chosen_slot_is_held_for_the_one_who_chose_it(trial: Trial, seat: Seat) -> None:
    visit, other = trial.book_late(), trial.book("10:15", bay=1)
    screen, second = seat("operator"), seat("second_operator")
    press(screen.open_repairs(visit), "Перепланировать")
    press(second.open_repairs(other), "Перепланировать")
    choose(screen.booking, "12:00 Пост 1")
    expect(screen.booking.get_by_role("radio", name="12:00 Пост 1")).to_be_checked()
    choose(second.booking, "12:00 Пост 1")
    press(second.booking, "Перенести")
    expect(second.booking).to_contain_text("Выберите другое время.")
    press(screen.booking, "Перенести")
    screen.expect_back_on_board(visit)
    expect(screen.bar(visit)).to_have_attribute("data-start", "12:00")


# --- M11: refusal --------------------------------------------------------------------------------------------------


def test_refusal_deletes_the_visit_with_the_clients_reason(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    answer(card, "Нет").click()
    card.get_by_label("Комментарий").fill("Уже починил у друга")
    press(card, "Опрос завершён")
    expect(screen.removal).to_be_visible()
    press(screen.removal, "Удалить запись")
    expect(screen.removal.get_by_text("Выберите причину.")).to_be_visible()
    choose(screen.removal, "Обслужился в другом сервисе")
    press(screen.removal, "Удалить запись")
    expect(screen.bar(visit)).to_have_count(0)
    removed = trial.fresh(visit)
    assert removed.removal_reason
    assert removed.removal_reason.code == "other_service"
    assert removed.removal_comment == "Уже починил у друга"


def test_removal_waits_for_the_draft_that_is_under_way(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    answer(card, "Нет").click()
    slow: list[Route] = []
    screen.page.route("**/draft/", lambda route: slow.append(route))
    with screen.page.expect_request("**/draft/"):
        card.get_by_label("Комментарий").fill("Уже починил у друга")
    with screen.page.expect_response("**/finish/"):
        press(card, "Опрос завершён")
    screen.page.wait_for_timeout(500)  # it has had time to open without the last words
    expect(screen.removal).to_be_hidden()
    for route in slow:
        route.continue_()
    screen.page.unroute("**/draft/")
    expect(screen.removal.get_by_role("textbox", name="Комментарий")).to_have_value("Уже починил у друга")


# --- M12 and the client who was first ------------------------------------------------------------------------------


def test_saved_card_says_who_called_when_and_what_came_of_it(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    fail(screen, visit, "Занят")
    trial.set_clock("10:33:01")
    screen.expect_bar(visit, "повтор")
    card = screen.reach(visit)
    choose(card, "5 мин к 10:38")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    screen.expect_back_on_board(visit)
    repairs = screen.open_repairs(visit)
    repairs.get_by_role("tab", name=re.compile("^Контакты")).click()
    panel = repairs.get_by_role("tabpanel", name=re.compile("^Контакты"))
    expect(panel.get_by_role("row", name="1 10:28:00 Занят Иванова")).to_be_visible()
    expect(panel.get_by_role("row", name="2 10:33:01 Дозвонились Иванова")).to_be_visible()
    expect(panel).to_contain_text("подтвердил визит")
    expect(panel).to_contain_text("Едет, будет к 10:38")


def test_client_who_warns_beforehand_does_not_turn_yellow_before_the_promised_time(
    trial: Trial, screen: Screen
) -> None:
    visit = trial.book("10:35")
    press(screen.open_repairs(visit), "Клиент предупредил")
    card = screen.card
    expect(card.get_by_text("Клиент позвонил сам")).to_be_visible()
    choose(card, "10 мин к 10:38")
    answer(card, "Да").click()
    press(card, "Опрос завершён")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:38")
    trial.set_clock("10:47")
    screen.expect_time("10:47")
    screen.expect_bar(visit, "ожидается к 10:38")
    trial.set_clock("10:48:01")
    screen.expect_bar(visit, "опаздывает")


def test_client_who_arrives_is_no_longer_late(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    press(screen.open_repairs(visit), "Прибыл")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "прибыл")
    expect(screen.queue).to_contain_text("Звонить некому")
    screen.page.locator("#toasts").get_by_role("button", name="Отменить").click()
    screen.expect_bar(visit, "опаздывает")


def test_client_asks_to_be_called_later(trial: Trial, screen: Screen) -> None:
    visit = trial.book_late()
    card = screen.reach(visit)
    card.get_by_text("Просит перезвонить позже").click()
    card.get_by_label("Когда перезвонить").fill("10:45")
    press(card, "Перезвонить позже")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "повтор в 10:45")
