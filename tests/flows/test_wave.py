"""«Сдвиг записей»: what a late client does to the day, seen and done at the screen."""

from datetime import timedelta

import pytest

from tests.cast import MOSCOW, TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.directory.actions import set_pause
from vovremya.directory.models import Bay, BayGroup, Membership, User
from vovremya.directory.rules import Role
from vovremya.schedule.actions import set_shifts
from vovremya.schedule.models import Occupation
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Outcome

MONTH = timedelta(days=30)
NO_TIMES = {"когда-нибудь": "Не понимаю", "10": "Это время уже прошло.", "9999": "Слишком нескоро"}
NO_PLANS = ("", "shift", "shift 0", "shift 0 1.2.3", "shift 0 a.b.c.d", "swim 0 1.1.1.1", f"shift 0 1.1.1.{9**20}")


@pytest.fixture
def follower(cast: Cast) -> Visit:
    """Another client, at eleven on the same bay."""
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    return cast.book("11:00", client=client, car=car)


@pytest.fixture(autouse=True)
def _it_is_late(clock: StoppedClock, visit: Visit) -> None:
    clock.show("10:15")


def window(seat: Seat, visit: Visit, late: str = "40") -> Answer:
    return seat.get(f"/visits/{visit.pk}/wave/?late={late}")


def plans(shown: Answer) -> list[str]:
    return [label.text for label in shown.all("label") if "plan" in label.get("class").split()]


def values(shown: Answer) -> list[str]:
    return [radio["value"] for radio in shown.all("input", name="plan")]


def value_of(shown: Answer, kind: str) -> str:
    return next(value for value in values(shown) if value.startswith(f"{kind} "))


def apply(seat: Seat, visit: Visit, kind: str, late: str = "40") -> Answer:
    shown = window(seat, visit, late)
    return seat.press(shown, "Применить", plan=value_of(shown, kind))


def places(*visits: Visit) -> list[str]:
    return [
        f"{visit.starts_at.astimezone(MOSCOW):%H:%M} {visit.bay.name}"
        for visit in (Visit.objects.select_related("bay").get(pk=visit.pk) for visit in visits)
    ]


def test_the_window_says_whom_the_lateness_hits_and_what_each_plan_costs(
    operator: Seat, visit: Visit, follower: Visit
) -> None:
    shown = window(operator, visit)
    assert "Приедет в 10:40" in shown.text
    assert "11:00 А001АА77 Кот Иван — 40 мин (пост занят)" in shown.text
    first, *others = plans(shown)
    assert "следующих развести по постам" in first
    assert "Лучший вариант: клиенты ждут меньше всего." in first
    assert "ждут клиенты: 0 мин · простой поста: 40 мин · звонков: 0" in first
    assert "11:00 А001АА77 Кот Иван · Пост 1 → Пост 2" in first
    assert any("11:00 → 11:40 А001АА77 Кот Иван · позвонить" in other for other in others)


def test_a_late_day_uses_the_pauses_up_and_another_day_keeps_to_the_shifts(
    operator: Seat, visit: Visit, cast: Cast
) -> None:
    before, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    cast.book("09:30", bay=1, client=before)
    set_pause(cast.branch, 15)
    set_shifts(cast.advisor, [DayHours(12 * 60, 18 * 60)] * 7, actor=cast.supervisor, now=at("08:00"))
    shown = window(operator, visit)
    assert f".{cast.bays[1].pk}.{int(at('10:40').timestamp())}" in value_of(shown, "other_bay"), "it is free at 10:30"
    assert value_of(shown, "other_day").endswith(f".{int(at('12:00', TOMORROW).timestamp())}")


def test_repairs_lead_there_and_guess_the_lateness(operator: Seat, visit: Visit) -> None:
    shown = operator.press(operator.repairs(visit), "Сдвиг записей")
    assert shown.value("late") == "25"
    assert "никого не задевает" in shown.text


def test_the_plan_is_done_whole_and_the_calls_to_be_made_are_in_the_queue(
    operator: Seat, visit: Visit, follower: Visit
) -> None:
    done = apply(operator, visit, "shift")
    assert done.closed >= {"wave", "repairs"}
    assert done.said == "План применён. Сдвинуто других записей: 1. Предстоит 1 звонок — в очереди «Контакты»."
    assert done.triggers["vovremya:moved"] == {"visits": [visit.pk, follower.pk]}
    assert places(visit, follower) == ["10:40 Пост 1", "11:40 Пост 1"]
    assert operator.bar(follower).state == "to_tell"
    card = operator.card(follower)
    assert "Звонок о переносе" in card.text
    assert "Клиент ждёт визита в 11:00, запись сдвинута на 11:40." in card.text
    assert "Причина опоздания" not in card.text
    reached = operator.choose(card, "result", "answered")
    assert "Вы записаны сегодня на 11:00" in reached.text
    assert "сможем принять вас в 11:40" in reached.text
    assert "Когда приедет" not in reached.text
    told = operator.press(reached, "Опрос завершён", answer="yes", comment="Согласен на 11:40")
    assert told.said == "Опрос завершён."
    assert follower.cases.get().outcome == Outcome.TOLD
    assert operator.bar(follower).state == "planned"
    assert "Сообщить клиенту о переносе: он ждёт визита в 11:00" in operator.history(follower)
    assert f"Сдвиг из-за опоздания по записи № {visit.pk}" in operator.history(follower)


def test_a_client_on_the_line_is_moved_by_the_time_that_stands_in_the_card(
    operator: Seat, visit: Visit, follower: Visit
) -> None:
    card = operator.choose(operator.card(visit), "result", "answered")
    operator.post(f"/visits/{visit.pk}/draft/", {"eta": "30", "sequence": 1})
    shown = operator.press(card, "Сдвиг записей")
    assert shown.value("late") == "45"
    done = operator.press(shown, "Применить", plan=value_of(shown, "rearrange"))
    assert done.opened == "late-notice"
    assert places(visit, follower) == ["10:45 Пост 1", "11:00 Пост 2"]
    assert visit.cases.get().outcome == Outcome.MOVED


def test_another_day_is_for_a_client_on_the_line(operator: Seat, visit: Visit) -> None:
    shown = window(operator, visit)
    other_day = next(radio for radio in shown.all("input", name="plan") if radio["value"].startswith("other_day"))
    assert other_day.has("disabled")
    (preset,) = [radio for radio in shown.all("input", name="plan") if radio.has("checked")]
    assert not preset.has("disabled")
    assert "Нужен разговор с клиентом" in shown.text
    operator.choose(operator.card(visit), "result", "answered")
    done = apply(operator, visit, "other_day")
    assert done.opened == "late-notice"
    assert Visit.objects.get(pk=visit.pk).on == TOMORROW


def test_what_has_changed_meanwhile_is_said_and_the_plans_are_made_anew(
    operator: Seat, master: Seat, visit: Visit, follower: Visit
) -> None:
    shown = window(operator, visit)
    master.post(f"/visits/{follower.pk}/check-in/")
    refused = operator.press(shown, "Применить", plan=value_of(shown, "shift"))
    assert refused.status == 422
    assert refused.alert == "Клиент уже прибыл (Орлов, 10:15)."
    assert value_of(refused, "shift") != value_of(shown, "shift")
    assert places(visit, follower) == ["10:00 Пост 1", "11:00 Пост 1"]


def test_a_plan_of_an_older_version_is_refused_by_name(operator: Seat, visit: Visit, follower: Visit) -> None:
    shown = window(operator, visit)
    apply(operator, follower, "shift", "90")
    refused = operator.press(shown, "Применить", plan=value_of(shown, "shift"))
    assert "Запись изменили, пока окно было открыто" in refused.alert
    assert refused.alert.endswith("Варианты пересчитаны.")


def test_a_place_taken_meanwhile_is_said_by_name(operator: Seat, cast: Cast, visit: Visit, follower: Visit) -> None:
    shown = window(operator, visit)
    stranger, car = cast.register("Пёс Олег", "+7 912 000-00-02", plate="А002АА77")
    cast.book("12:10", client=stranger, car=car)
    refused = operator.press(shown, "Применить", plan=value_of(shown, "shift"))
    assert "Пост занят: 12:10" in refused.alert
    assert "А002АА77" in refused.alert


def test_plans_for_another_lateness_than_is_typed_by_now_are_not_applied(
    operator: Seat, visit: Visit, follower: Visit
) -> None:
    shown = window(operator, visit)
    refused = operator.press(shown, "Применить", plan=value_of(shown, "shift"), late="90")
    assert refused.status == 422
    assert "Варианты подобраны заново" in refused.text
    assert value_of(refused, "shift") != value_of(shown, "shift")
    assert places(visit, follower) == ["10:00 Пост 1", "11:00 Пост 1"]
    assert operator.press(refused, "Применить", plan=value_of(refused, "shift")).status == 204


def test_a_time_that_makes_no_sense_is_refused_at_its_field(operator: Seat, visit: Visit) -> None:
    for typed, why in NO_TIMES.items():
        shown = operator.get(f"/visits/{visit.pk}/wave/?late={typed}&part=plans")
        assert why in shown.text
        assert plans(shown) == []


def test_a_plan_that_is_none_is_asked_for_again(operator: Seat, visit: Visit) -> None:
    for plan in NO_PLANS:
        refused = operator.post(f"/visits/{visit.pk}/wave/", {"late": "40", "plan": plan})
        assert refused.status == 422
        assert "Выберите вариант." in refused.text


def test_a_plan_of_another_visit_or_an_unseen_branch_is_none(
    operator: Seat, cast: Cast, visit: Visit, follower: Visit
) -> None:
    shown = window(operator, follower, "90")
    for plan in (value_of(shown, "shift"), f"other_branch {cast.other_branch.pk} {visit.pk}.1.1.1795000000"):
        refused = operator.post(f"/visits/{visit.pk}/wave/", {"late": "40", "plan": plan})
        assert "Выберите вариант." in refused.text


def test_a_visit_of_tomorrow_or_one_that_has_begun_has_no_plans(
    operator: Seat, master: Seat, cast: Cast, visit: Visit
) -> None:
    tomorrow = cast.book("10:00", on=TOMORROW)
    assert "Варианты есть для записи на сегодня" in window(operator, tomorrow).text
    master.post(f"/visits/{visit.pk}/check-in/")
    assert "Клиент уже прибыл." in window(operator, visit).text
    plan = f"shift 0 {tomorrow.pk}.1.{cast.bays[0].pk}.{int(at('11:00', TOMORROW).timestamp())}"
    refused = operator.post(f"/visits/{tomorrow.pk}/wave/", {"late": "40", "plan": plan})
    assert "Варианты есть для записи на сегодня" in refused.alert


def test_a_day_without_room_says_so(operator: Seat, cast: Cast, visit: Visit) -> None:
    for bay in cast.bays:
        Occupation.objects.create(
            branch=cast.branch, bay=bay, starts_at=at("11:00"), ends_at=at("21:00") + MONTH, of=Occupation.Of.CLOSURE
        )
    shown = window(operator, visit)
    assert "Принять в этот день негде" in shown.text
    assert not shown.offers("Применить")


def test_another_branch_that_the_operator_works_in_is_offered_to_a_client_on_the_line(
    operator: Seat, cast: Cast, visit: Visit, clock: StoppedClock
) -> None:
    Membership.objects.create(user=User.objects.get(username="operator"), branch=cast.other_branch, role=Role.OPERATOR)
    type(cast.other_branch).objects.filter(pk=cast.other_branch.pk).update(zone="Europe/Moscow")
    group = BayGroup.objects.create(branch=cast.other_branch, name="Слесарный")
    Bay.objects.create(branch=cast.other_branch, group=group, name="Подъёмник")
    operator.choose(operator.card(visit), "result", "answered")
    shown = window(operator, visit)
    assert "В другой филиал" in shown.text
    assert "22.11 11:15 · Подъёмник · Восток" in shown.text
    done = operator.press(shown, "Применить", plan=value_of(shown, "other_branch"))
    assert done.said == "Клиент перезаписан в другой филиал."
    booked = Visit.objects.get(branch=cast.other_branch)
    assert (booked.client, booked.on) == (cast.late_client, TODAY)
    assert visit.cases.get().outcome == Outcome.MOVED
    assert "Перезаписан: Восток, 22.11, 11:15" in operator.history(visit)


def test_failures_to_tell_of_a_move_are_never_said_to_be_grounds(
    operator: Seat, visit: Visit, follower: Visit, clock: StoppedClock
) -> None:
    apply(operator, visit, "shift")
    for time in ("10:16", "10:22", "10:28"):
        clock.show(time)
        card = operator.card(follower)
        assert "«Сохранить» перенесёт контакт на 5 минут." in card.text
        assert "появится основание для удаления" not in card.text
        operator.press(card, "Сохранить", result="no_answer")
