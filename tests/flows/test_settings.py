"""«Настройки филиала» over HTTP: each setting in its window, what would be stranded, the history and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from tests.flows.test_board_page import fill
from vovremya.directory.models import Advisor, Bay, BayGroup, SettingChange, Work
from vovremya.schedule.models import BranchException
from vovremya.visits.actions.branch_settings import change_setting, value_of
from vovremya.visits.models import Visit
from vovremya.visits.rules.settings import Setting, SettingOf

WINDOW = "/office/SEV/settings/"


def page(seat: Seat, name: str = "settings") -> Answer:
    return seat.get(f"/office/SEV/{name}/", as_page=True)


def value(cast: Cast, setting: Setting, subject_id: int | None = None) -> object:
    return value_of(SettingOf(cast.branch.pk, setting, subject_id))


def test_hours_are_changed_in_their_window_and_taken_back(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    shown = page(supervisor)
    assert "Часы работы ежедневно 09:00–21:00" in shown.text
    window = supervisor.press(shown, "Изменить: Часы работы")
    assert (window.title, window.value("from_0"), window.value("to_6")) == ("Часы работы", "09:00", "21:00")
    closed_on_sunday = {"open_6": "", "lunch_from_0": "13:00", "lunch_to_0": "14:00"}
    saved = supervisor.press(window, "Сохранить", **closed_on_sunday)
    assert (saved.said, saved.triggers["vovremya:close"]) == ("Настройки сохранены.", {"windows": ["settings"]})
    words = "Пн 09:00–21:00, обед 13:00–14:00; Вт–Сб 09:00–21:00; Вс закрыто"
    assert words in page(supervisor).text
    history = page(supervisor, "settings/history")
    assert f"Кузнецова Часы работы ежедневно 09:00–21:00 {words}" in history.text
    back = supervisor.press(history, "Вернуть, как было: Часы работы, 22.11 08:00")
    assert f"Сейчас {words} Станет ежедневно 09:00–21:00" in back.text
    assert supervisor.press(back, "Вернуть").said == "Возвращено, как было."
    assert "ежедневно 09:00–21:00" in page(supervisor).text
    history = page(supervisor, "settings/history")
    assert ("возвращено" in history.text, "возврат" in history.text) == (True, True)


def test_what_would_be_stranded_is_shown_confirmed_and_stays_in_the_list(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    visit = cast.book("19:30", on=TOMORROW)
    window = supervisor.press(page(supervisor), "Изменить: Часы работы")
    earlier = {f"to_{day}": "18:00" for day in range(7)}
    refused = supervisor.press(window, "Сохранить", **earlier)
    assert (refused.status, SettingChange.objects.count()) == (422, 0)
    assert "Вне расписания останется 1 визит" in refused.text
    assert "23.11.2026 19:30 Пост 1 Смирнова Анна Викторовна М347ВС77 Hyundai Solaris филиал закрыт" in refused.text
    assert refused.value("to_0") == "18:00", "what was typed stays"
    assert (
        refused.button("Перенести запись 23.11 19:30, Смирнова Анна Викторовна")["href"] == f"/visits/{visit.pk}/move/"
    )
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    cast.book("20:00", bay=1, on=TOMORROW, client=client)
    again = supervisor.press(refused, "Всё равно сохранить")
    assert "останется 2 визита" in again.text, "the list has changed meanwhile"
    saved = supervisor.press(again, "Всё равно сохранить")
    assert saved.said == "Настройки сохранены."
    assert "Вне расписания 2 визита" in page(supervisor).text
    outside = page(supervisor, "outside")
    assert outside.text.count("филиал закрыт") == 2
    moving = supervisor.press(outside, "Перенести запись 23.11 19:30, Смирнова Анна Викторовна")
    slot = moving.all("input", name="slot")[0]["value"]
    supervisor.press(moving, "Перенести", slot=slot)
    assert page(supervisor, "outside").text.count("филиал закрыт") == 1
    # Taken back by the message itself: the hours as they were.
    assert saved.undo
    supervisor.post(saved.undo)
    assert "Все записи на своём месте" in page(supervisor, "outside").text


def test_undo_that_would_strand_opens_its_window(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    window = supervisor.press(page(supervisor), "Изменить: Часы работы")
    saved = supervisor.press(window, "Сохранить", **{f"to_{day}": "23:00" for day in range(7)})
    cast.book("21:30", on=TOMORROW)
    assert saved.undo
    opened = supervisor.post(saved.undo)
    assert opened.triggers["vovremya:open"] == {"window": "settings", "url": saved.undo}
    back = supervisor.press(supervisor.get(saved.undo), "Вернуть")
    assert "Вне расписания останется 1 визит" in back.text
    assert supervisor.press(back, "Всё равно вернуть").status == 204
    assert supervisor.post(saved.undo).status == 422, "it has been changed since"


def test_undo_that_is_refused_says_why(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    group = supervisor.press(page(supervisor), "Изменить: Слесарный")
    saved = supervisor.press(group, "Сохранить", advisor_id="")
    Advisor.objects.update(is_active=False)
    assert saved.undo
    refused = supervisor.post(saved.undo)
    left = "Этот мастер-приёмщик больше не работает: выберите другого."
    assert (refused.status, refused.said) == (422, left)
    assert left in supervisor.press(supervisor.get(saved.undo), "Вернуть").text


def test_special_days_are_added_changed_and_removed(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    new = supervisor.press(page(supervisor), "Особый день")
    assert supervisor.press(new, "Сохранить").error_at("on") == "Выберите дату."
    day = {"on": "2026-12-31", "open": "yes", "from": "09:00", "to": "15:00", "title": "Канун Нового года"}
    assert supervisor.press(new, "Сохранить", **day).status == 204
    assert "31 декабря 2026 09:00–15:00, Канун Нового года" in page(supervisor).text
    window = supervisor.press(page(supervisor), "Изменить: 2026-12-31")
    assert (window.title, window.value("to")) == ("Особый день: Чт, 31 декабря 2026", "15:00")
    assert supervisor.press(window, "Сохранить", to="").error_at("from") == "Укажите часы: от и до."
    supervisor.press(window, "Сохранить", open="")
    assert BranchException.objects.get().opens_minute is None
    supervisor.press(supervisor.press(page(supervisor), "Изменить: 2026-12-31"), "Убрать особый день")
    assert not BranchException.objects.exists()
    assert "как обычно" in page(supervisor, "settings/history").text


def test_special_day_whose_visits_would_be_stranded_is_removed_by_the_main_button(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    sunday = TODAY + timedelta(days=7)
    week, special = (
        SettingOf(cast.branch.pk, Setting.WEEK_HOURS),
        SettingOf(cast.branch.pk, Setting.EXCEPTION, on=sunday),
    )
    by: dict[str, Any] = {"actor": cast.supervisor, "now": MORNING}
    change_setting(special, {"hours": [9 * 60, 15 * 60], "title": "Дежурный день"}, **by)
    change_setting(week, [*value_of(week)[:6], None], **by)
    cast.book("10:00", on=sunday)
    refused = supervisor.press(supervisor.press(page(supervisor), f"Изменить: {sunday}"), "Убрать особый день")
    assert ("Вне расписания останется 1 визит" in refused.text, BranchException.objects.count()) == (True, 1)
    assert not any(refused.offers(name) for name in ("Всё равно сохранить", "Убрать особый день"))
    assert supervisor.press(refused, "Всё равно убрать").said == "Настройки сохранены."
    assert not BranchException.objects.exists()


def test_bays_are_added_renamed_and_retired_and_keep_who_is_booked_on_them(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    new = supervisor.press(page(supervisor), "Пост")
    assert supervisor.press(new, "Сохранить", name="Пост 1").error_at("name") == "Пост с таким названием уже есть."
    wrong = supervisor.press(new, "Сохранить", name="Яма", coefficient="много")
    assert (wrong.error_at("coefficient"), wrong.value("name")) == ("Коэффициент — от 0,1 до 10.", "Яма")
    supervisor.press(new, "Сохранить", name="Яма", coefficient="1,2", mechanic="Сомов")
    bay = Bay.objects.get(name="Яма")
    assert (bay.coefficient, bay.mechanic, bay.group_id) == (1.2, "Сомов", cast.bays[0].group_id)
    window = supervisor.press(page(supervisor), "Изменить: Пост 1")
    visit = cast.book("10:00", on=TOMORROW)
    refused = supervisor.press(window, "Сохранить", is_active="")
    assert "пост выведен из работы" in refused.text
    supervisor.press(refused, "Всё равно сохранить")
    assert "выведен из работы" in page(supervisor).text
    # Nobody else is booked there, and who is there stays on the board until moved.
    assert supervisor.bar(visit, TOMORROW).place[0] == "Пост 1"
    assert f'id="track-{cast.bays[0].pk}"' not in supervisor.board(TODAY).html
    group = supervisor.press(page(supervisor), "Группа постов")
    supervisor.press(group, "Сохранить", name="Мойка", advisor_id=str(cast.advisor.pk))
    washing = BayGroup.objects.get(name="Мойка")
    assert washing.advisor == cast.advisor
    in_use = supervisor.press(supervisor.press(page(supervisor), "Изменить: Слесарный"), "Удалить группу")
    assert in_use.error_at("name").startswith("За этой группой есть посты")
    dropped = supervisor.press(supervisor.press(page(supervisor), "Изменить: Мойка"), "Удалить группу")
    assert (dropped.said, BayGroup.objects.filter(name="Мойка").exists()) == ("Настройки сохранены.", False)
    assert supervisor.get(f"{WINDOW}group/{washing.pk}/").status == 404


def test_bays_are_put_in_order_and_so_stand_on_the_board(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    def rows() -> list[str]:
        return [head.text for head in supervisor.board(TODAY).all("span", role="rowheader") if "Пост" in head.text]

    first, *_, last = cast.bays
    moved = supervisor.post("/office/SEV/order/bay_order/", {"moved": last.pk, "before": first.pk})
    assert moved.said == "Порядок изменён."
    assert rows() == ["Пост 3", "Пост 1", "Пост 2"]
    assert "Порядок постов Пост 3: место 3 Пост 3: место 1" in page(supervisor, "settings/history").text
    assert "Порядок: Слесарный" not in page(supervisor).html, "there is no other group"
    supervisor.press(supervisor.press(page(supervisor), "Группа постов"), "Сохранить", name="Мойка")
    washing, repairs = BayGroup.objects.get(name="Мойка"), cast.bays[0].group
    supervisor.post("/office/SEV/order/group_order/", {"moved": washing.pk, "before": repairs.pk})
    shown = page(supervisor).html
    assert shown.index("Порядок: Мойка") < shown.index("Порядок: Слесарный")
    assert moved.undo
    supervisor.post(moved.undo)
    assert rows() == ["Пост 1", "Пост 2", "Пост 3"]


def test_hours_of_a_bay_shifts_advisors_pause_and_works(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    hours = supervisor.press(page(supervisor), "Часы: Пост 2")
    monday = {"open_0": "yes", "from_0": "22:00", "to_0": "06:00"}
    supervisor.press(hours, "Сохранить", **monday)
    assert value(cast, Setting.BAY_HOURS, cast.bays[1].pk) == [[1320, 1800], *[None] * 6]
    again = supervisor.press(page(supervisor), "Часы: Пост 2")
    assert (again.value("from_0"), again.value("to_0")) == ("22:00", "06:00")
    supervisor.press(again, "Сохранить", open_0="")
    assert value(cast, Setting.BAY_HOURS, cast.bays[1].pk) is None, "as the branch again"

    shifts = supervisor.press(page(supervisor), "Смены: Орлов В.")
    supervisor.press(shifts, "Сохранить", open_1="yes", from_1="09:00", to_1="00:00")
    assert "Вт 09:00–24:00" in page(supervisor).text
    advisor = supervisor.press(page(supervisor), "Изменить: Орлов В.")
    assert supervisor.press(advisor, "Сохранить", arrivals_per_quarter_hour="много").error_at(
        "arrivals_per_quarter_hour"
    )
    leads = supervisor.press(advisor, "Сохранить", is_active="")
    assert leads.error_at("is_active").startswith("За этим мастером-приёмщиком есть группы постов")
    supervisor.press(advisor, "Сохранить", arrivals_per_quarter_hour="2")
    assert Advisor.objects.get(pk=cast.advisor.pk).arrivals_per_quarter_hour == 2
    supervisor.press(supervisor.press(page(supervisor), "Мастер-приёмщик"), "Сохранить", name="Белова Т.")
    assert Advisor.objects.filter(branch=cast.branch, name="Белова Т.").exists()

    pause = supervisor.press(page(supervisor), "Изменить: Пауза между записями")
    assert supervisor.press(pause, "Сохранить", pause="300").error_at("pause") == "Пауза — от 0 до 240 минут."
    assert supervisor.press(pause, "Сохранить", pause="чуть").error_at("pause") == "Введите целое число."
    supervisor.press(pause, "Сохранить", pause="15")
    assert "Пауза между записями 15 мин" in page(supervisor).text

    work = Work.objects.get(code="tyres")
    window = supervisor.press(page(supervisor, "directories/works"), f"Посты: {work.name}")
    supervisor.press(window, "Сохранить", groups=str(cast.bays[0].group_id))
    assert value(cast, Setting.WORK_GROUPS, work.pk) == [cast.bays[0].group_id]
    assert "Слесарный" in page(supervisor, "directories/works").text
    texts = page(supervisor, "settings/history").text
    for words in (
        "Смены: Орлов В.",
        "как филиал",
        "всегда, когда филиал открыт",
        f"Где делают: {work.name}",
        "все посты",
    ):
        assert words in texts


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from_2": ""}, "Укажите часы: от и до."),
        ({"lunch_from_2": "13:00"}, "Укажите часы: от и до."),
        ({"lunch_from_2": "07:00", "lunch_to_2": "08:00"}, "Обед должен быть внутри часов работы."),
    ],
)
def test_hours_that_cannot_be_are_told_at_their_day(
    supervisor: Seat, cast: Cast, clock: StoppedClock, typed: dict[str, str], said: str
) -> None:
    window = supervisor.press(page(supervisor), "Изменить: Часы работы")
    refused = supervisor.press(window, "Сохранить", **typed)
    assert (refused.status, SettingChange.objects.count()) == (422, 0)
    assert said in refused.one(id="day-2-error").text


@pytest.mark.parametrize(
    ("begins", "ends"), [("0001-01-01T00:00", "2026-11-22T12:00"), ("2026-11-22T12:00", "9999-12-31T23:59")]
)
def test_closure_at_an_end_of_the_calendar_is_told_at_the_bay(
    supervisor: Seat, cast: Cast, clock: StoppedClock, begins: str, ends: str
) -> None:
    typed = {"from": begins, "until": ends, "note": ""}
    refused = supervisor.post(f"{WINDOW}closures/{cast.bays[0].pk}/", typed)
    assert (refused.status, SettingChange.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "address",
    [
        "bay/branch",
        "bay/999",
        "pause/new",
        "pause/1",
        "exception/soon",
        "nothing/new",
        "week_hours/1",
        "script/1",
        "work_order/1",
        "zone_of_instants/1",
    ],
)
def test_what_is_no_setting_is_not_found(supervisor: Seat, cast: Cast, clock: StoppedClock, address: str) -> None:
    assert supervisor.get(f"{WINDOW}{address}/").status == 404


def test_settings_are_seen_by_supervisor_and_administrator_alone(
    seat: Callable[[str], Seat], cast: Cast, clock: StoppedClock
) -> None:
    names = ("operator", "supervisor", "administrator")
    assert {name: 'href="/office/SEV/"' in seat(name).board().html for name in names} == {
        "operator": False,
        "supervisor": True,
        "administrator": True,
    }
    led = seat("administrator").http.get("/office/SEV/")
    assert (led.status_code, led.headers["Location"]) == (302, "/office/SEV/settings/")
    assert "Записи вне расписания" in page(seat("operator"), "outside").text
    assert "Настройки ещё не меняли" in page(seat("administrator"), "settings/history").text
    for address in ("settings/pause/branch/", "settings/"):
        assert seat("supervisor").get(f"/office/SEV/{address}", as_page=True).status in (200, 302)


def test_many_visits_and_changes_cost_no_more_queries(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    def queries(name: str) -> int:
        page(supervisor, name)
        with CaptureQueriesContext(connection) as captured:
            assert page(supervisor, name).status == 200
        return len(captured)

    def change(minutes: int) -> None:
        change_setting(SettingOf(cast.branch.pk, Setting.PAUSE), minutes, actor=cast.supervisor, now=MORNING)

    names = ("settings", "settings/history", "outside")
    cast.book("10:00", on=TOMORROW)
    Visit.objects.update(starts_at=at("03:00", TOMORROW), ends_at=at("04:00", TOMORROW))
    change(5)
    few = [queries(name) for name in names]
    fill(cast, 60, TOMORROW + timedelta(days=1))
    Visit.objects.update(bay=cast.bays[0])
    for minutes in range(6, 20):
        change(minutes)
    BranchException.objects.create(branch=cast.branch, on=TOMORROW)
    assert [queries(name) for name in names] == few
