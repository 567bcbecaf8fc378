"""The manual, rule by rule (M1–M12), as an operator lives it: what is on the board, what is pressed, what follows.

The clock stands until a test moves it. The late client is booked for 10:00; the branch opens at 9 and closes at 21.
"""

import pytest

from tests.cast import TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.kernel.clock import to_milliseconds
from vovremya.visits.models import Attempt, Case, Visit

FAILURES = ("out_of_coverage", "unavailable", "busy", "rejected", "no_answer", "voicemail")
COMMENT = "Едет, пробка"


def call(operator: Seat, visit: Visit) -> Answer:
    """«Набрать» in the card."""
    return operator.press(operator.card(visit), "Набрать")


def fail(operator: Seat, visit: Visit, clock: StoppedClock, clock_time: str, result: str = "busy") -> Answer:
    clock.show(clock_time)
    return operator.press(call(operator, visit), "Сохранить", result=result)


def reach(operator: Seat, visit: Visit, clock: StoppedClock, clock_time: str = "10:12") -> Answer:
    """The client answers; the card shows the script."""
    clock.show(clock_time)
    return operator.choose(call(operator, visit), "result", "answered")


def slot_at(window: Answer, clock_time: str) -> str:
    """A free time of the list, as the form sends it."""
    starts_at = at(clock_time).isoformat()
    return next(slot["value"] for slot in window.all("input", name="slot") if slot["value"].split()[1] == starts_at)


# --- M1: the bar shows by its colour that the client is late by more than 10 minutes -----------------------------


def test_bar_turns_yellow_when_more_than_ten_minutes_have_passed(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:10:00.000")
    assert operator.bar(visit).words == "М347ВС77, Смирнова Анна, 10:00, по плану"
    clock.show("10:10:00.001")
    bar = operator.bar(visit)
    assert bar.words == "М347ВС77, Смирнова Анна, 10:00, опаздывает"
    assert bar.state == "late"


def test_bar_knows_beforehand_when_it_will_turn_yellow(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("08:00")
    late_from, deadline = to_milliseconds(at("10:10:00.001")), to_milliseconds(at("10:20"))
    assert f'[{late_from},"late",{deadline}]' in operator.bar(visit).element["data-timeline"]


def test_client_who_has_come_does_not_turn_late(
    operator: Seat, master: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:09")
    master.press(master.repairs(visit), "Прибыл")
    clock.show("10:30")
    assert operator.bar(visit).word == "прибыл"


# --- M2: within 10 minutes of turning yellow the client must be contacted ----------------------------------------


def test_ten_minutes_are_counted_down(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    card = operator.card(visit)
    assert "на контакт осталось" in card.text
    assert int(card.all(data_countdown=str(to_milliseconds(at("10:20"))))[0]["data-countdown"])


def test_norm_is_met_by_an_attempt_begun_at_the_deadline_reached_or_not(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:20:00.000")
    card = call(operator, visit)
    clock.show("10:21")
    operator.press(card, "Сохранить", result="no_answer")
    bar = operator.bar(visit)
    assert (bar.word, bar.flags) == ("повтор в 10:26", set())


def test_missed_deadline_is_on_the_bar_and_in_the_record(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:20:00.001")
    bar = operator.bar(visit)
    assert (bar.word, bar.flags) == ("просрочен", {"missed"})
    assert "срок контакта нарушен" in operator.card(visit).one(class_="window-timer").one("span")["data-past"]
    assert "10:20 Срок контакта нарушен" in operator.history(visit)


def test_attempt_spoilt_by_our_own_line_does_not_meet_the_norm(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:19")
    operator.choose(call(operator, visit), "result", "line_fault")
    clock.show("10:21")
    assert operator.bar(visit).word == "просрочен"


# --- M3: double click on the bar opens «Ремонты» -----------------------------------------------------------------


def test_repairs_hold_everything_about_the_visit(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    repairs = operator.repairs(visit)
    assert repairs.title == "Ремонты"
    for words in ("Смирнова Анна Викторовна", "+7 912 ···-··-89", "М347ВС77 Hyundai Solaris", "опоздание 12 мин"):
        assert words in repairs.text
    for words in ("22.11 10:00–11:00", "Пост 1", "Орлов В.", "ТО-60", "Стучит справа"):
        assert words in repairs.text


def test_repairs_lead_to_every_step(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    repairs = operator.repairs(visit)
    steps = ("Набрать", "Клиент предупредил", "Оповещение об опоздании", "Перепланировать", "Прибыл", "Удалить запись")
    assert all(repairs.offers(step) for step in steps)


def test_step_that_cannot_be_taken_says_why(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:05")
    assert operator.repairs(visit).why_off("Оповещение об опоздании") == "Клиент ещё не опаздывает."


# --- M4: the operator dials the client and presses «Оповещение об опоздании» -------------------------------------


def test_dialling_in_repairs_opens_the_card_with_that_call_running(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:12")
    card = operator.press(operator.repairs(visit), "Набрать")
    assert card.dialled == "+79123456789"
    assert card.title == "Оповещение об опоздании"
    assert "идёт звонок" in card.text


def test_card_can_be_opened_first_and_dialled_from(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    card = operator.press(operator.repairs(visit), "Оповещение об опоздании")
    assert card.title == "Оповещение об опоздании"
    assert "идёт звонок" not in card.text
    card = operator.press(card, "Набрать")
    assert card.dialled == "+79123456789"
    assert "идёт звонок" in card.text


def test_every_number_of_the_client_is_offered(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", "+7 912 000-00-02", plate="А001АА77")
    visit = cast.book("10:00", bay=1, client=client, car=car)
    clock.show("10:12")
    card = operator.card(visit)
    assert len([button for button in card.all("button") if button.text == "Набрать"]) == 2


# --- M5: not reached: note the result, the contact moves by 5 minutes, save the card -----------------------------


@pytest.mark.parametrize("result", FAILURES)
def test_contact_moves_by_five_minutes_from_the_result(
    operator: Seat, visit: Visit, clock: StoppedClock, result: str
) -> None:
    clock.show("10:12")
    card = call(operator, visit)
    clock.show("10:13")
    saved = operator.press(card, "Сохранить", result=result)
    assert saved.said == "Повторный звонок в 10:18."
    assert saved.closed == {"late-notice", "repairs"}
    assert operator.bar(visit).word == "повтор в 10:18"


def test_when_the_five_minutes_are_over_the_bar_asks_for_the_retry(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    fail(operator, visit, clock, "10:13")
    clock.show("10:17:59.999")
    assert operator.bar(visit).state == "waiting"
    clock.show("10:18")
    assert operator.bar(visit).state == "retry_due"


def test_wrong_number_is_struck_out_and_the_next_one_offered_at_once(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", "+7 912 000-00-02", plate="А001АА77")
    visit = cast.book("10:00", bay=1, client=client, car=car)
    clock.show("10:12")
    card = operator.choose(call(operator, visit), "result", "wrong_number")
    assert "неверный" in card.text
    card = operator.press(card, "Набрать")
    assert card.dialled == "+79120000002"
    assert not Attempt.objects.filter(counts=True).exists()


@pytest.mark.parametrize("result", ["dropped", "line_fault"])
def test_after_a_broken_line_one_redials_at_once_and_nothing_is_counted(
    operator: Seat, visit: Visit, clock: StoppedClock, result: str
) -> None:
    clock.show("10:12")
    card = operator.choose(call(operator, visit), "result", result)
    assert operator.press(card, "Набрать").dialled == "+79123456789"
    assert not Attempt.objects.filter(counts=True).exists()


# --- M6: a second failed contact is grounds to delete the record -------------------------------------------------


def test_second_failed_call_gives_grounds_for_removal(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    fail(operator, visit, clock, "10:12")
    saved = fail(operator, visit, clock, "10:17", "no_answer")
    assert saved.said == "Основание для удаления записи."
    assert operator.bar(visit).word == "основание для удаления"


def test_with_grounds_the_operator_removes_for_the_reason_that_is_chosen_already(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    fail(operator, visit, clock, "10:12")
    fail(operator, visit, clock, "10:17")
    removal = operator.press(operator.card(visit), "Удалить запись")
    assert removal.title == "Удалить запись"
    assert removal.one("input", name="reason", checked="").within("label").text == "Не дозвонились"  # type: ignore[union-attr]
    removed = operator.press(removal, "Удалить запись")
    assert removed.said == "Запись удалена."
    assert visit.pk not in operator.board().bars


def test_before_that_nobody_is_removed_for_not_being_reached(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    fail(operator, visit, clock, "10:12")
    removal = operator.press(operator.card(visit), "Удалить запись")
    refused = operator.press(removal, "Удалить запись", reason=cast.reason("unreached"))
    assert refused.status == 422
    assert "нужны 2 неудачных звонка" in refused.text
    assert visit.pk in operator.board().bars


def test_failed_call_dialled_too_early_does_not_count(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    fail(operator, visit, clock, "10:12")
    fail(operator, visit, clock, "10:14")
    assert operator.bar(visit).word == "повтор в 10:17"


def test_operator_decides_and_may_wait_on(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    fail(operator, visit, clock, "10:12")
    fail(operator, visit, clock, "10:17")
    clock.show("10:40")
    assert visit.pk in operator.board().bars, "nothing is removed by itself"
    assert operator.press(operator.card(visit), "Ждать дальше").said == "Ждём дальше."
    assert operator.bar(visit).word == "основание для удаления"


# --- M7: reached: greet, introduce yourself, say that the client is late, ask for the arrival time ---------------


def test_card_shows_the_script_filled_with_names_and_times(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    script = reach(operator, visit, clock).one("ol", class_="script").text
    for words in (
        "Здравствуйте! Анна Викторовна? Меня зовут Иванова, автосервис «Север». Вам удобно сейчас говорить?",
        "Вы записаны сегодня на 10:00, автомобиль Hyundai Solaris. Вы опаздываете примерно на 12 мин.",
        "Когда сможете подъехать?",
        "Вас встретит мастер-приёмщик Орлов Виктор Ильич.",
    ):
        assert words in script
    assert "{" not in script


def test_reason_for_the_lateness_is_one_choice_and_may_stay_empty(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    card = reach(operator, visit, clock)
    assert card.one("select", name="reason").all("option")[0].text == "не указана"
    reason = cast.late_reason("traffic")
    operator.press(card, "Опрос завершён", eta="5", answer="yes", comment=COMMENT, reason=reason)
    assert "Причина опоздания: Пробка" in operator.repairs(visit).text


def test_reason_goes_along_when_the_client_is_re_planned_or_refuses(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    card = reach(operator, visit, clock)
    draft = {"reason": cast.late_reason("breakdown"), "sequence": 1}
    operator.post(f"/visits/{visit.pk}/draft/", draft)
    booking = operator.press(card, "Перепланировать")
    operator.press(booking, "Перенести", slot=slot_at(booking, "15:00"))
    card = reach(operator, visit, clock, "15:12")
    operator.post(f"/visits/{visit.pk}/draft/", draft)
    removal = operator.press(card, "Удалить запись")
    operator.press(removal, "Удалить запись", reason=cast.reason("expensive"))
    assert operator.repairs(visit).text.count("Причина опоздания: Поломка") == 2


# --- M8: the client is near: thank, write a comment, save the card -----------------------------------------------


def test_client_who_is_near_is_expected_and_the_bar_says_when(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock, "10:12")
    operator.press(card, "Опрос завершён", eta="5", answer="yes", comment=COMMENT)
    bar = operator.bar(visit)
    assert bar.word == "ожидается к 10:17"
    assert bar.place[1] == 600, "the planned start and the bar's place stay"


def test_arrival_may_be_typed_as_a_clock_time(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock, "10:12")
    operator.press(card, "Опрос завершён", eta="time", eta_text="10:20", answer="yes", comment=COMMENT)
    assert operator.bar(visit).word == "ожидается к 10:20"


def test_broken_promise_turns_the_bar_yellow_again_and_begins_a_new_round(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock, "10:12")
    operator.press(card, "Опрос завершён", eta="5", answer="yes", comment=COMMENT)
    clock.show("10:27:00.001")
    assert operator.bar(visit).word == "опаздывает"
    assert "контакт 2" in operator.card(visit).text


# --- M9: the field «Ответ», then «Опрос завершён» returns to «График» by itself ----------------------------------


def test_double_click_on_the_field_or_the_key_chooses_yes(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    field = reach(operator, visit, clock).one(role="listbox", aria_label="Ответ")
    assert field["data-yes"] == "yes"
    assert [option.text for option in field.all(role="option")] == ["Да", "Перенос", "Нет"]
    assert field.one(data_value="yes")["data-key"] == "KeyL", "«Д» by its place on the keyboard, in any layout"


def test_finished_closes_both_windows_and_goes_back_to_the_bar(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock)
    finished = operator.press(card, "Опрос завершён", eta="5", answer="yes", comment=COMMENT)
    assert finished.closed == {"late-notice", "repairs"}
    assert finished.triggers["vovremya:close"]["visit"] == visit.pk
    assert finished.said == "Опрос завершён."


def test_without_an_answer_the_call_is_not_finished(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock)
    refused = operator.press(card, "Опрос завершён", eta="5", comment=COMMENT)
    assert refused.status == 422
    assert refused.error_at("answer") == "Выберите ответ клиента."
    assert refused.value("comment") == COMMENT


def test_before_the_result_of_the_call_it_cannot_be_finished(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    assert operator.card(visit).why_off("Опрос завершён") == "Сначала отметьте результат звонка."


# --- M10: no time named, or more than 10 minutes: offer to re-plan -----------------------------------------------


def test_exactly_ten_minutes_is_near(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock, "10:12")
    operator.press(card, "Опрос завершён", eta="10", answer="yes", comment=COMMENT)
    assert operator.bar(visit).word == "ожидается к 10:22"


def test_eleven_minutes_is_not_and_the_card_offers_to_re_plan(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock, "10:12")
    typed = {"eta": "time", "eta_text": "11", "answer": "yes", "comment": COMMENT}
    refused = operator.press(card, "Опрос завершён", **typed)
    assert refused.error_at("eta_text") == "Больше 10 минут — предложите перенос."
    assert refused.value("eta_text") == "11"
    assert refused.offers("Перепланировать")


def offered(operator: Seat, visit: Visit, typed: str) -> Answer:
    """What the card fetches when the operator has typed that arrival."""
    return operator.get(f"/visits/{visit.pk}/offers/?eta=time&eta_text={typed}")


def test_own_bay_is_offered_from_the_promised_arrival_on(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock, "10:12")
    assert "На том же посту: 22.11 10:22–11:22" in card.text, "no arrival is named yet"
    assert "На том же посту: 22.11 10:42–11:42" in offered(operator, visit, "30").text
    in_an_hour = offered(operator, visit, "1 час").text
    assert "На том же посту: 22.11 11:12–12:12" in in_an_hour
    assert "Примем в 11:12, закончим к 12:12." in in_an_hour
    assert "Могу предложить сегодня в 11:12" in in_an_hour


def test_own_bay_that_is_taken_then_is_offered_when_it_is_free(
    operator: Seat, cast: Cast, visit: Visit, clock: StoppedClock
) -> None:
    cast.book("11:30")
    reach(operator, visit, clock, "10:12")
    assert "На том же посту: 22.11 10:22–11:22" in offered(operator, visit, "скоро").text, "as if nothing was named"
    assert "На том же посту: 22.11 12:30–13:30" in offered(operator, visit, "10:45").text


def test_card_that_comes_back_offers_what_its_arrival_asks_for(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock, "10:12")
    refused = operator.press(card, "Опрос завершён", eta="60", answer="yes", comment=COMMENT)
    assert "На том же посту: 22.11 11:12–12:12" in refused.text


def test_ended_contact_has_nothing_to_offer(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    assert offered(operator, visit, "30").status == 204


def test_client_who_cannot_name_a_time_is_not_confirmed(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock)
    refused = operator.press(card, "Опрос завершён", eta="unknown", answer="yes", comment=COMMENT)
    assert refused.error_at("eta") == "Время неизвестно — предложите перенос."


def test_answer_move_leads_on_to_booking(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock)
    booking = operator.press(card, "Опрос завершён", eta="30", answer="move", comment="")
    assert booking.title == "Предварительная запись"
    assert "Перенос записи" in booking.text


def test_wishes_narrow_the_free_times(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    booking = operator.press(reach(operator, visit, clock), "Перепланировать")
    assert slot_at(booking, "11:00")
    narrowed = operator.get(f"/visits/{visit.pk}/slots/?on={TODAY}&part=evening&duration=60")
    starts = [slot["value"].split()[1] for slot in narrowed.all("input", name="slot")]
    assert starts
    assert min(starts) == at("17:00").isoformat()


def test_chosen_time_is_held_while_the_client_thinks(
    operator: Seat, second_operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    booking = operator.press(reach(operator, visit, clock), "Перепланировать")
    slot = slot_at(booking, "15:00")
    operator.choose(booking, "slot", slot)
    bay = slot.split()[0]
    elsewhere = second_operator.get(f"/SEV/booking/slots/?on={TODAY}&duration=60&part=day")
    taken = {slot["value"] for slot in elsewhere.all("input", name="slot")}
    assert f"{bay} {at('15:00').isoformat()} {at('16:00').isoformat()}" not in taken


def test_visit_moves_and_the_card_comes_back_with_a_ready_comment(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    booking = operator.press(reach(operator, visit, clock), "Перепланировать")
    card = operator.press(booking, "Перенести", slot=slot_at(booking, "15:00"))
    assert card.title == "Оповещение об опоздании"
    assert "Запись перенесена на 22.11, 15:00" in card.text
    assert card.value("comment") == "Перенос на 22.11, 15:00"
    finished = operator.press(card, "Опрос завершён")
    assert finished.closed == {"late-notice", "repairs"}
    bar = operator.bar(visit)
    assert (bar.word, bar.place[1]) == ("по плану", 15 * 60)


def test_old_and_new_time_stay_in_the_history(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    booking = operator.press(reach(operator, visit, clock), "Перепланировать")
    operator.press(booking, "Перенести", slot=slot_at(booking, "15:00"))
    assert "Перенесён с 22.11 10:00 (Пост 1) на 22.11 15:00" in operator.history(visit)
    assert "Контакт завершён: перенесён" in operator.history(visit)


def test_card_that_is_never_closed_leaves_the_move_as_it_is(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    booking = operator.press(reach(operator, visit, clock), "Перепланировать")
    operator.press(booking, "Перенести", slot=slot_at(booking, "15:00"))
    clock.show("12:00")
    assert operator.bar(visit).place[1] == 15 * 60
    assert Case.objects.get().outcome == "moved"


# --- M11: the client refuses: delete the record with the reason for the refusal ----------------------------------


def test_answer_no_leads_on_to_the_removal(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    removal = operator.press(reach(operator, visit, clock), "Опрос завершён", answer="no", comment="")
    assert removal.title == "Удалить запись"


def test_removal_demands_a_reason(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    removal = operator.press(reach(operator, visit, clock), "Удалить запись")
    refused = operator.press(removal, "Удалить запись", comment="Передумала")
    assert refused.status == 422
    assert "Выберите причину." in refused.text
    assert refused.value("comment") == "Передумала"


def test_reason_that_asks_for_a_comment_gets_one(operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast) -> None:
    removal = operator.press(reach(operator, visit, clock), "Удалить запись")
    refused = operator.press(removal, "Удалить запись", reason=cast.reason("unhappy_before"))
    assert refused.error_at("comment") == "Напишите комментарий."
    done = operator.press(refused, "Удалить запись", comment="Долго ждала")
    assert done.said == "Запись удалена."


def test_removed_visit_leaves_the_board_and_is_found_in_the_list(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    removal = operator.press(reach(operator, visit, clock), "Удалить запись")
    operator.press(removal, "Удалить запись", reason=cast.reason("expensive"), comment="Нашла дешевле")
    assert visit.pk not in operator.board().bars
    listed = operator.get("/SEV/removed/", as_page=True).text
    for words in ("Смирнова Анна Викторовна", "Дорого", "Нашла дешевле", "Иванова"):
        assert words in listed


def test_removed_visit_is_restored_on_the_same_day_by_the_operator(
    operator: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    removal = operator.press(reach(operator, visit, clock), "Удалить запись")
    operator.press(removal, "Удалить запись", reason=cast.reason("expensive"))
    clock.show("10:40")
    restored = operator.press(operator.repairs(visit), "Восстановить")
    assert restored.said == "Запись восстановлена."
    assert visit.pk in operator.board().bars


def test_on_another_day_only_a_supervisor_restores(
    operator: Seat, supervisor: Seat, visit: Visit, clock: StoppedClock, cast: Cast
) -> None:
    removal = operator.press(reach(operator, visit, clock), "Удалить запись")
    operator.press(removal, "Удалить запись", reason=cast.reason("expensive"))
    clock.show("09:30", TOMORROW)
    assert not operator.repairs(visit).offers("Восстановить")
    assert supervisor.press(supervisor.repairs(visit), "Восстановить").said == "Запись восстановлена."


# --- M12: thank the client, write a comment, save the contact card -----------------------------------------------


def test_after_a_conversation_the_comment_is_made_ready_and_must_not_be_empty(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock)
    assert "Едет, будет к {eta}" in card.one("textarea", name="comment")["data-comment"]
    refused = operator.press(card, "Опрос завершён", eta="5", answer="yes", comment="  ")
    assert refused.error_at("comment") == "Напишите комментарий."


def test_after_a_failed_call_the_comment_may_stay_empty(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    assert fail(operator, visit, clock, "10:12").status == 204


def test_saved_card_keeps_attempts_answer_comment_and_who(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    fail(operator, visit, clock, "10:12", "no_answer")
    card = reach(operator, visit, clock, "10:17")
    operator.press(card, "Опрос завершён", eta="5", answer="yes", comment=COMMENT)
    contacts = operator.repairs(visit).one(id="panel-contacts").text
    for words in ("Контакт 1: подтвердил визит", "10:12:00 Не отвечает", "10:17:00 Дозвонились", COMMENT, "Иванова"):
        assert words in contacts


def test_saving_without_an_answer_keeps_what_was_typed_and_the_case_in_the_queue(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    card = reach(operator, visit, clock)
    operator.press(card, "Сохранить", eta="20", answer="move", comment="Думает")
    assert operator.bar(visit).word == "нет ответа"
    again = operator.card(visit)
    assert (again.value("eta"), again.value("answer"), again.value("comment")) == ("20", "move", "Думает")


def test_what_is_saved_goes_before_an_older_draft(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    card = reach(operator, visit, clock)
    operator.post(f"/visits/{visit.pk}/draft/", {"eta": "5", "comment": "Еде", "sequence": 1})
    operator.press(card, "Сохранить", eta="20", comment="Едет")
    operator.post(f"/visits/{visit.pk}/draft/", {"eta": "10", "comment": "Едет", "sequence": 2})
    again = operator.card(visit)
    assert (again.value("eta"), again.value("comment")) == ("20", "Едет")


def test_card_saved_empty_leaves_no_draft_for_the_next(
    operator: Seat, supervisor: Seat, visit: Visit, clock: StoppedClock
) -> None:
    operator.press(reach(operator, visit, clock), "Сохранить")
    assert "Черновик" not in supervisor.card(visit).text


# --- Beyond the page, by the sense of the trade ------------------------------------------------------------------


def test_client_comes_in_while_the_operator_is_dialling(
    operator: Seat, master: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:12")
    card = call(operator, visit)
    master.press(master.repairs(visit), "Прибыл")
    news = operator.get(f"/visits/{visit.pk}/news/?window=late-notice").text
    assert "Клиент прибыл." in news
    ended = operator.press(card, "Сохранить", result="busy", comment="Звонила дважды")
    assert "Клиент прибыл в 10:12" in ended.text
    assert ended.value("comment") == "Звонила дважды", "nothing typed is lost"
    assert operator.press(ended, "Сохранить комментарий").said == "Комментарий сохранён."


def test_client_who_warns_before_the_hour_does_not_turn_late_at_ten_past(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("09:50")
    card = operator.press(operator.repairs(visit), "Клиент предупредил")
    assert "Клиент позвонил сам" in card.text
    operator.press(card, "Опрос завершён", eta="20", answer="yes", comment="Опоздает на 10 минут")
    clock.show("10:15")
    assert operator.bar(visit).word == "ожидается к 10:10"
    clock.show("10:20:00.001")
    assert operator.bar(visit).word == "опаздывает"


def test_second_operator_at_the_card_sees_who_leads_it_and_may_only_read(
    operator: Seat, second_operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("10:12")
    operator.card(visit)
    clock.show("10:13")
    card = second_operator.card(visit)
    assert "Карточку ведёт Иванова с 10:12." in card.text
    assert "Вы можете только читать." in card.text
    assert not any(card.offers(button) for button in ("Сохранить", "Опрос завершён", "Взять карточку"))


def test_retry_after_closing_is_not_asked_for_and_may_still_be_dialled(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    visit = cast.book("20:45")
    fail(operator, visit, clock, "20:58")
    assert operator.bar(visit).word == "повтор после закрытия"
    clock.show("21:10")
    assert call(operator, visit).dialled == "+79123456789"


def test_at_the_days_end_the_visit_goes_to_those_who_did_not_come(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    fail(operator, visit, clock, "10:12")
    clock.show("00:00", TOMORROW)
    assert operator.bar(visit, TODAY).word == "не приехал"
    assert "Смирнова Анна Викторовна" in operator.get("/SEV/not-arrived/", as_page=True).text
    operator.press(operator.repairs(visit), "Неявка")
    assert operator.bar(visit, TODAY).word == "неявка"


def test_client_without_a_number_is_marked_so_until_one_is_added(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    client, car = cast.register("Кот Иван", plate="А001АА77")
    visit = cast.book("10:00", bay=1, client=client, car=car)
    clock.show("10:12")
    assert "no_phone" in operator.bar(visit).flags
    card = operator.card(visit)
    assert "нет телефона" in card.text
    operator.press(card, "Добавить", phone="8 (912) 000-00-07")
    assert operator.bar(visit).flags == set()
    assert call(operator, visit).dialled == "+79120000007"


def test_card_of_a_client_without_a_phone_has_an_empty_field_for_the_number(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    nobody, car = cast.register("Петров Пётр", plate="А001АА 77")
    visit = cast.book("10:00", bay=1, client=nobody, car=car)
    clock.show("10:12")
    assert operator.card(visit).one("input", id="late-notice-phone")["value"] == ""
