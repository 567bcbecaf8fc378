"""«Напоминание о визите»: whom to remind, seen and done at the screen. A branch that reminds the day before at noon."""

from datetime import timedelta

import pytest

from tests.cast import TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.directory.models import ScriptStep
from vovremya.visits.actions.reception import check_in
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Outcome

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def visit(cast: Cast, clock: StoppedClock) -> Visit:
    """Booked yesterday for tomorrow at two; it is noon."""
    wanted = RemindersWanted(day_before_minute=12 * 60)
    cast.remind(wanted, at("09:00", YESTERDAY))
    clock.show("12:00")
    return cast.book("14:00", on=TOMORROW, now=at("10:00", YESTERDAY))


def ahead(seat: Seat) -> list[tuple[str, str]]:
    """The visit and the day of each bar that the queue has from other days."""
    (kept,) = seat.board().all("div", id="ahead-bars")
    return [(bar["data-visit"], bar["data-day"]) for bar in kept.all("button")]


def fail(seat: Seat, visit: Visit) -> Answer:
    card = seat.card(visit)
    return seat.press(card, "Сохранить", result="no_answer")


def test_the_queue_of_today_has_whom_to_remind_of_tomorrow(
    operator: Seat, visit: Visit, cast: Cast, clock: StoppedClock
) -> None:
    cast.book("14:00", bay=1, on=TOMORROW, now=at("11:00"))  # within the window: knows
    clock.show("11:59")
    assert ahead(operator) == []
    clock.show("12:00")
    assert ahead(operator) == [(str(visit.pk), TOMORROW.isoformat())]
    assert operator.bar(visit, TOMORROW).state == "to_remind"
    clock.show("20:00")
    assert ahead(operator) == []


def test_a_client_is_reminded_by_a_script_of_its_own_and_confirms(operator: Seat, visit: Visit, cast: Cast) -> None:
    on_the_bay = cast.book("11:00", now=at("08:00"))
    check_in(on_the_bay.pk, actor=cast.master, now=at("11:05"))
    repairs = operator.repairs(visit)
    assert "напомнить о визите" in repairs.text
    card = operator.press(repairs, "Напоминание о визите")
    assert "Визит завтра в 14:00." in card.text
    assert "Пост занят" not in card.text
    reached = operator.choose(card, "result", "answered")
    assert "Напоминаю: вы записаны завтра на 14:00" in reached.text
    assert "Могу предложить завтра в 14:15 или завтра в" in reached.text
    for unsaid in ("Причина опоздания", "Когда приедет", "опаздываете", "сдвигаемся"):
        assert unsaid not in reached.text
    assert "Приедет завтра в 14:00" in reached.one("textarea")["data-comment"]
    told = operator.press(reached, "Опрос завершён", answer="yes", comment="Приедет завтра в 14:00")
    assert told.said == "Опрос завершён."
    assert visit.cases.get().outcome == Outcome.REMINDED
    assert (operator.bar(visit, TOMORROW).state, ahead(operator)) == ("confirmed", [])
    shown = operator.repairs(visit)
    assert "клиент подтвердил визит" in shown.text
    assert "Контакт 1 · Напоминание о визите: подтвердил, что приедет" in shown.text
    assert "Контакт завершён: подтвердил, что приедет" in operator.history(visit)
    assert "подтверждён" in operator.get(f"/SEV/sheet/?day={TOMORROW}", as_page=True).text


def test_two_failures_are_said_to_leave_the_visit_and_its_bar_says_so(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    clock.show("12:05")
    assert "«Сохранить» перенесёт контакт на 5 минут." in operator.card(visit).text
    assert fail(operator, visit).said == "Повторный звонок в 12:10."
    clock.show("12:11")
    card = operator.card(visit)
    assert "Это последняя попытка: после сохранения визит будет «не подтверждён», запись останется." in card.text
    assert fail(operator, visit).said == "Визит не подтверждён, запись остаётся."
    assert operator.bar(visit, TOMORROW).state == "unconfirmed"
    shown = operator.repairs(visit)
    assert "не подтверждён: дозвониться не удалось" in shown.text
    assert shown.button("Напоминание о визите").get("aria-disabled") == ""
    assert "s-unconfirmed" in operator.get(f"/SEV/week/?day={TOMORROW}", as_page=True).html


def test_another_time_and_a_refusal_lead_on_as_in_the_late_contact(operator: Seat, visit: Visit) -> None:
    reached = operator.choose(operator.card(visit), "result", "answered")
    assert operator.press(reached, "Опрос завершён", answer="move").opened == "booking"
    assert operator.press(reached, "Опрос завершён", answer="no").opened == "removal"


def test_other_visits_of_the_client_are_offered_for_the_same_talk(operator: Seat, visit: Visit, cast: Cast) -> None:
    other = cast.book("16:00", bay=1, on=TOMORROW, now=at("10:00", YESTERDAY))
    reached = operator.choose(operator.card(visit), "result", "answered")
    assert "23.11 16:00" in reached.text
    operator.press(reached, "Опрос завершён", answer="yes", comment="Приедет", also=str(other.pk))
    assert set(Visit.objects.values_list("confirmation", flat=True)) == {"confirmed"}


def test_a_branch_may_say_it_in_its_own_words(operator: Seat, visit: Visit, cast: Cast) -> None:
    step = ScriptStep.objects.get(branch=cast.branch, moment=ScriptStep.Moment.REMIND)
    step.text = "Ждём вас {day} в {time}!"
    step.save()
    assert "Ждём вас завтра в 14:00!" in operator.card(visit).text


def test_what_came_of_it_is_taken_back_by_its_right(operator: Seat, visit: Visit, cast: Cast) -> None:
    reached = operator.choose(operator.card(visit), "result", "answered")
    operator.press(reached, "Опрос завершён", answer="yes", comment="Приедет")
    supervisor = Seat(cast, cast.supervisor)
    assert operator.repairs(visit).button("Открыть контакт снова").has("aria-disabled")
    card = supervisor.press(supervisor.repairs(visit), "Открыть контакт снова")
    assert "Напоминание о визите" in card.text
    assert operator.bar(visit, TOMORROW).state == "to_remind"


def test_the_branch_says_when_it_reminds_in_its_settings(visit: Visit, cast: Cast) -> None:
    supervisor = Seat(cast, cast.supervisor)

    def settings() -> Answer:
        return supervisor.get("/office/SEV/settings/", as_page=True)

    assert "Напоминания о визите накануне в 12:00, звонки 09:00–20:00" in settings().text
    window = supervisor.press(settings(), "Изменить: Напоминания о визите")
    assert (window.value("day_before"), window.value("before"), window.value("calls_until")) == ("12:00", "", "20:00")
    for typed, field, said in (
        ({"before": "скоро"}, "before", "Введите целое число."),
        ({"before": "5"}, "before", "Напоминают не раньше чем за 12 часов и не позже чем за 15 минут до визита."),
        ({"day_before": "21:00"}, "day_before", "В это время клиентам не звонят."),
        ({"calls_from": "20:00"}, "calls_from", "Звонить начинают раньше, чем заканчивают."),
    ):
        assert supervisor.press(window, "Сохранить", **typed).error_at(field) == said
    saved = supervisor.press(window, "Сохранить", day_before="", before="60", calls_until="00:00")
    assert saved.said == "Настройки сохранены."
    assert "Напоминания о визите за 60 мин, звонки 09:00–24:00" in settings().text
    assert Visit.objects.get(pk=visit.pk).remind_at == at("13:00", TOMORROW)
    history = supervisor.get("/office/SEV/settings/history/", as_page=True).text
    assert "накануне в 12:00, звонки 09:00–20:00" in history
