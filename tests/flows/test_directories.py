"""«Справочники» and «Филиалы» over HTTP: each page and window, what is told before saving, and how it is taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.directory.models import Branch, LateReason, Membership, Policy, RemovalReason, ScriptStep, Work
from vovremya.office.texts.directories import MOMENTS, PLACEHOLDERS, SAMPLE
from vovremya.office.views import directories
from vovremya.schedule.models import BranchException, Occupation
from vovremya.visits.actions import contact
from vovremya.visits.actions.branch_settings import change_setting, value_of
from vovremya.visits.models import Visit
from vovremya.visits.rules.settings import Setting, SettingOf
from vovremya.visits.rules.words import CallResult


def page(seat: Seat, name: str) -> Answer:
    return seat.get(f"/office/SEV/{name}/", as_page=True)


@pytest.fixture
def administrator(seat: Callable[[str], Seat]) -> Seat:
    return seat("administrator")


def oversee_both(cast: Cast, name: str) -> None:
    actor = cast.actor(name)
    assert actor.user_id
    (role,) = actor.roles[cast.branch.pk]
    Membership.objects.create(user_id=actor.user_id, branch=cast.other_branch, role=role)


# --- works and reasons ---------------------------------------------------------------------------------------------


def test_a_work_is_added_renamed_and_retired(administrator: Seat, cast: Cast, clock: StoppedClock) -> None:
    works = page(administrator, "directories/works")
    new = administrator.press(works, "Работа")
    wrong = administrator.press(new, "Сохранить", name="Полировка", norm="много")
    assert (wrong.error_at("norm"), wrong.value("name")) == ("Норма — часы: от 0,1 до 100.", "Полировка")
    saved = administrator.press(wrong, "Сохранить", norm="1,25")
    assert (saved.said, Work.objects.get(name="Полировка").norm_minutes) == ("Настройки сохранены.", 75)
    window = administrator.press(page(administrator, "directories/works"), "Изменить: Полировка")
    assert (window.value("norm"), window.one("input", name="code").has("readonly")) == ("1,25", True)
    administrator.press(window, "Сохранить", is_active="")
    assert "Полировка work-1 1,2 не предлагается" in page(administrator, "directories/works").text
    assert "Полировка" not in administrator.get("/SEV/booking/").html
    history = page(administrator, "settings/history")
    assert "Работа: Полировка вся сеть не было Полировка, 1,25 н/ч, work-1" in history.text


def test_old_visits_and_contacts_keep_what_was_retired(
    administrator: Seat, operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    visit = cast.book("10:00")
    clock.show("10:12")
    who: dict[str, Any] = {"actor": cast.operator, "now": at("10:12"), "real_now": at("10:12")}
    contact.open_card(visit.pk, **who)
    contact.record_attempt(visit.pk, CallResult.ANSWERED, **who, case_version=visit.cases.get().version)
    visit.cases.update(late_reason_id=cast.late_reason("traffic"))
    for setting, subject_id in (
        ("late_reason", cast.late_reason("traffic")),
        ("late_reason", cast.late_reason("forgot")),
        ("work", Work.objects.get(code="to-60").pk),
    ):
        window = administrator.get(f"/office/SEV/settings/{setting}/{subject_id}/")
        assert administrator.press(window, "Сохранить", is_active="").status == 204
    card = operator.card(visit)
    reasons = [option.text for option in card.one("select", name="reason").all("option")]
    assert ("Пробка" in reasons, "Забыл" in reasons) == (True, False)
    assert "ТО-60" in operator.repairs(visit).text


def test_the_supervisor_reads_the_network_s_directories_and_the_administrator_edits_them(
    supervisor: Seat, administrator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    for name in ("works", "reasons"):
        shown = page(supervisor, f"directories/{name}")
        assert "их правит администратор" in shown.text
        assert "Изменить: " not in shown.html
    assert "Посты: Шиномонтаж" in page(supervisor, "directories/works").html
    assert ">Филиалы<" not in page(supervisor, "settings").html
    led = administrator.http.get("/office/SEV/directories/")
    assert led.headers["Location"] == "/office/SEV/directories/works/"
    assert administrator.get("/office/SEV/directories/nothing/").status == 404


def test_a_reason_is_added_with_all_that_follows_from_it(administrator: Seat, cast: Cast, clock: StoppedClock) -> None:
    new = administrator.press(page(administrator, "directories/reasons"), "Причина удаления")
    wrong = administrator.press(new, "Сохранить", name="Метель", ask_again_in_days="скоро", needs_comment="yes")
    assert wrong.error_at("ask_again_in_days") == "Введите целое число."
    nobody_s = administrator.press(wrong, "Сохранить", ask_again_in_days="")
    assert nobody_s.error_at("group") == "Выберите, чья это причина."
    administrator.press(wrong, "Сохранить", group="client", ask_again_in_days="3", counts_as_no_show="yes")
    reason = RemovalReason.objects.get(name="Метель")
    assert (reason.needs_comment, reason.counts_as_no_show, reason.is_for_operator) == (True, True, True)
    words = "Метель Клиент считается неявкой, спросить снова через 3 дн., нужен комментарий"
    assert words in page(administrator, "directories/reasons").text
    late = administrator.press(page(administrator, "directories/reasons"), "Причина опоздания")
    administrator.press(late, "Сохранить", name="Метель")
    assert LateReason.objects.filter(name="Метель", is_active=True).exists()


def test_a_reason_is_moved_in_its_list_and_back(administrator: Seat, cast: Cast, clock: StoppedClock) -> None:
    def names() -> list[str]:
        return list(LateReason.objects.filter(network=cast.network).values_list("code", flat=True))

    address = "/office/SEV/order/late_reason_order/"
    moved = administrator.post(address, {"moved": cast.late_reason("other"), "before": cast.late_reason("traffic")})
    assert (moved.said, names()[:2]) == ("Порядок изменён.", ["other", "traffic"])
    assert "Другое: место 7 Другое: место 1" in page(administrator, "settings/history").text
    assert moved.undo
    administrator.post(moved.undo)
    assert names()[-1] == "other"
    assert administrator.post("/office/SEV/order/pause/", {"moved": 1}).status == 404
    assert administrator.post(address, {"moved": "x"}).status == 404


def test_somebody_else_has_changed_it_meanwhile(administrator: Seat, cast: Cast, clock: StoppedClock) -> None:
    tyres = Work.objects.get(code="tyres")
    window = administrator.get(f"/office/SEV/settings/work/{tyres.pk}/")
    of = SettingOf(cast.branch.pk, Setting.WORK, tyres.pk)
    change_setting(of, {**value_of(of), "norm_minutes": 90}, actor=cast.administrator, now=at("08:30"))
    met = administrator.press(window, "Сохранить", norm="3")
    assert met.status == 422
    words = "Пока окно было открыто, это изменили: Белов, 08:30. Теперь там: Шиномонтаж, 1,5 н/ч, tyres."
    assert words in met.text
    assert met.value("norm") == "3", "what was typed stays"
    assert administrator.press(met, "Сохранить").status == 204
    tyres.refresh_from_db()
    assert tyres.norm_minutes == 180


# --- the script ----------------------------------------------------------------------------------------------------


def test_a_step_is_shown_as_it_is_said_and_unknown_words_are_pointed_at(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    shown = page(supervisor, "directories/script")
    assert "Здравствуйте! Анна Викторовна? Меня зовут Кузнецова, автосервис «Север»." in shown.text
    preview = supervisor.get("/office/SEV/script/said/?text=Ждём {nickname} к {eta}")
    assert "Ждём {nickname} к 10:25 Таких слов программа не знает: {nickname}" in preview.text
    window = supervisor.press(shown, "Изменить: Когда приедет")
    assert supervisor.press(window, "Сохранить", text=" ").error_at("text") == "Напишите, что сказать."
    saved = supervisor.press(window, "Сохранить", text="Через сколько вы приедете?")
    assert ScriptStep.objects.get(branch=cast.branch, moment="eta").text == "Через сколько вы приедете?"
    history = page(supervisor, "settings/history").text
    assert "Когда приедет: «Когда сможете подъехать?» Когда приедет: «Через сколько вы приедете?»" in history
    stale = supervisor.press(window, "Сохранить", text="Другое")
    assert "Пока окно было открыто" in stale.text
    assert saved.undo
    supervisor.post(saved.undo)
    assert ScriptStep.objects.get(branch=cast.branch, moment="eta").text == "Когда сможете подъехать?"


def test_steps_are_added_removed_moved_and_taken_over_from_another_branch(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    def texts() -> list[str]:
        return list(ScriptStep.objects.filter(branch=cast.branch).values_list("text", flat=True))

    script = page(supervisor, "directories/script")
    assert "Взять из другого филиала" not in script.html, "there is none to be seen"
    new = supervisor.press(script, "Шаг")
    assert supervisor.press(new, "Сохранить", text="Мы вас ждём").error_at("moment") == "Выберите, когда это говорят."
    supervisor.press(new, "Сохранить", moment="greeting", text="Мы вас ждём")
    assert texts()[1] == "Мы вас ждём", "after the others of its moment"
    removed = supervisor.press(
        supervisor.press(page(supervisor, "directories/script"), "Изменить: Перезвонить"), "Убрать шаг"
    )
    assert (removed.said, "Когда вам перезвонить?" in texts()) == ("Шаг убран.", False)
    last = ScriptStep.objects.filter(branch=cast.branch).last()
    first = ScriptStep.objects.filter(branch=cast.branch)[0]
    assert last
    supervisor.post("/office/SEV/order/script/", {"moved": last.pk, "before": first.pk})
    assert texts()[0] == last.text
    oversee_both(cast, "supervisor")
    window = supervisor.press(page(supervisor, "directories/script"), "Взять из другого филиала")
    taken = supervisor.press(window, "Взять")
    assert (taken.said, texts()) == (
        "Сценарий взят из другого филиала.",
        list(ScriptStep.objects.filter(branch=cast.other_branch).values_list("text", flat=True)),
    )
    ScriptStep.objects.filter(branch=cast.branch).delete()
    assert "Сценария нет" in page(supervisor, "directories/script").text
    assert supervisor.get("/office/SEV/script/999/").status == 404


def test_step_that_is_written_while_another_is_moved_stays_as_it_was_written(
    seat: Callable[[str], Seat], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_, last = cast.branch.script.order_by("position")

    def read_before_another_writes(of: SettingOf) -> object:
        steps = value_of(of)
        assert isinstance(steps, list)
        written = [step | {"text": "Написано за это время."} if step["id"] == last.pk else step for step in steps]
        change_setting(of, written, actor=cast.supervisor, now=MORNING)
        return steps

    monkeypatch.setattr(directories, "value_of", read_before_another_writes)
    told = seat("supervisor").post("/office/SEV/order/script/", {"moved": last.pk, "before": first.pk})
    assert (told.status, told.said[:42]) == (422, "Пока вы переставляли, список изменили. Он ")
    last.refresh_from_db()
    assert last.text == "Написано за это время."


def test_every_moment_and_every_word_in_braces_is_explained(cast: Cast) -> None:
    assert set(MOMENTS) == set(ScriptStep.Moment)
    assert set(SAMPLE) | {"operator", "branch"} == set(PLACEHOLDERS)


# --- minutes -------------------------------------------------------------------------------------------------------


def test_whom_new_minutes_touch_is_told_before_they_are_saved(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    cast.book("10:00")
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    cast.book("15:00", bay=1, client=client)
    clock.show("10:12")
    shown = page(supervisor, "directories/policy")
    assert "Опаздывает через, мин Столько минут после начала визита клиента ещё ждут" in shown.text
    window = supervisor.press(shown, "Изменить: Сроки и попытки")
    assert supervisor.press(window, "Сохранить", attempts="много").error_at("attempts") == "Введите целое число."
    assert supervisor.press(window, "Сохранить", attempts="12").error_at("attempts") == "От 1 до 9."
    told = supervisor.press(window, "Сохранить", late_after_minutes="20")
    assert "Записей, которых коснётся изменение: 1 Уже опаздывают и доживут по прежним срокам: 1." in told.text
    assert Policy.objects.filter(branch=cast.branch).count() == 1
    # A minute later others are late: what was confirmed are the minutes.
    clock.show("10:13")
    saved = supervisor.press(told, "Подтвердить и сохранить")
    assert saved.said == "Настройки сохранены."
    assert "2 22.11.2026 10:13 Кузнецова 20 10 5 2 10" in page(supervisor, "directories/policy").text
    assert "Опаздывает через, мин: 10" in page(supervisor, "settings/history").text
    assert saved.undo
    opened = supervisor.post(saved.undo)
    back = supervisor.press(supervisor.get(opened.triggers["vovremya:open"]["url"]), "Вернуть")
    assert supervisor.press(back, "Вернуть").said == "Возвращено, как было."


# --- bays out of use and holidays ----------------------------------------------------------------------------------


def test_a_bay_out_of_use_is_told_drawn_and_opened_again(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    visit = cast.book("12:00", on=TOMORROW)
    window = supervisor.press(page(supervisor, "settings"), "Не работает: Пост 1")
    assert supervisor.press(window, "Сохранить", **{"from": "2026-11-23T10:00"}).error_at("from") == (
        "Укажите начало и конец: дату и время."
    )
    typed = {"from": "2026-11-23T10:00", "until": "2026-11-23T18:00", "note": "Ремонт <подъёмника>"}
    told = supervisor.press(window, "Сохранить", **typed)
    assert "23.11.2026 12:00 Пост 1 Смирнова Анна Викторовна М347ВС77 Hyundai Solaris пост не работает" in told.text
    supervisor.press(told, "Всё равно сохранить")
    words = "не работает 23.11.2026 10:00 – 23.11.2026 18:00, Ремонт <подъёмника>"
    assert words in page(supervisor, "settings").text
    board = supervisor.board(TOMORROW)
    (closure,) = board.all("div", class_="out")
    assert (closure.text, closure["style"]) == ("не работает: Ремонт <подъёмника>", "--s:600;--d:480")
    assert supervisor.bar(visit, TOMORROW).place == ("Пост 1", 720, 60, 1)
    again = supervisor.press(page(supervisor, "settings"), "Не работает: Пост 1")
    assert [each["value"] for each in again.all("input", name="from")] == ["2026-11-23T10:00", ""]
    emptied: dict[str, Any] = {"from": ["", ""], "until": ["", ""], "note": ["", ""]}
    supervisor.press(again, "Сохранить", **emptied)
    assert not Occupation.objects.filter(of="closure").exists()
    assert supervisor.bar(visit, TOMORROW).place == ("Пост 1", 720, 60, 0)


def test_holidays_are_proposed_and_taken_over_for_several_branches(
    administrator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    oversee_both(cast, "administrator")
    this_year = administrator.press(page(administrator, "settings"), "Праздники")
    assert [each["value"] for each in this_year.all("input", name="days")] == ["2026-12-31"]
    window = administrator.press(this_year, "2027")
    assert "Пт, 01.01 Новогодние каникулы" in window.text
    assert administrator.press(window, "Внести отмеченные").text.count("Отметьте дни.") == 1
    days = ["2027-01-01", "2027-01-07", "2027-04-30"]
    done = administrator.press(window, "Внести отмеченные", days=days, branches=["SEV", "VOS"])
    assert done.said == "Праздничные дни внесены."
    assert BranchException.objects.count() == 6
    shorter = BranchException.objects.get(branch=cast.branch, on="2027-04-30")
    assert (shorter.opens_minute, shorter.closes_minute, shorter.title) == (540, 1200, "Предпраздничный день")
    again = administrator.press(administrator.press(page(administrator, "settings"), "Праздники"), "2027")
    assert "Новогодние каникулы уже задано: закрыто" in again.text
    assert "7 января 2027 закрыто, Рождество Христово" in page(administrator, "settings").text
    # All at once by the message, or none: somebody has changed one of them.
    assert done.undo
    of = SettingOf(cast.branch.pk, Setting.EXCEPTION, on=shorter.on)
    change_setting(of, None, actor=cast.administrator, now=MORNING)
    changed = administrator.post(done.undo)
    assert (changed.status, BranchException.objects.count()) == (422, 5)
    assert changed.said == "Это с тех пор меняли: верните сначала более позднее изменение."
    change_setting(of, {"hours": [540, 1200], "title": shorter.title}, actor=cast.administrator, now=MORNING)
    assert administrator.post(done.undo).said == "Возвращено, как было."
    assert not BranchException.objects.exists()
    assert administrator.post("/office/SEV/settings/back/999/").status == 404


def test_holidays_that_would_strand_somebody_show_them_and_may_be_short(
    supervisor: Seat, cast: Cast, clock: StoppedClock
) -> None:
    clock.show("08:00", TOMORROW)
    cast.book("17:00", on=MORNING.date().replace(month=12, day=31), now=at("08:00", TOMORROW))
    window = supervisor.press(page(supervisor, "settings"), "Праздники")
    typed = {"days": "2026-12-31", "how": "open", "from": "10:00", "to": "16:00"}
    told = supervisor.press(window, "Внести отмеченные", **typed)
    assert "31.12.2026 17:00 Пост 1 Смирнова Анна Викторовна" in told.text
    assert told.one("input", name="days").has("checked")
    supervisor.press(told, "Всё равно внести")
    assert BranchException.objects.get().closes_minute == 960


# --- branches ------------------------------------------------------------------------------------------------------


def test_a_branch_is_opened_renamed_retired_and_taken_back(
    administrator: Seat, operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    cast.book("12:00")
    new = administrator.press(page(administrator, "branches"), "Филиал")
    assert "Europe/Samara" in new.html
    assert "Самара, UTC+4, 09:00" in new.text
    given = {"name": "Юг", "code": "юг", "zone": "Europe/Samara", "bays": "2"}
    wrong = administrator.press(new, "Открыть филиал", **given)
    assert (wrong.error_at("code").startswith("Код филиала"), wrong.value("name")) == (True, "Юг")
    too_many = administrator.press(new, "Открыть филиал", **{**given, "bays": "много"})
    assert too_many.error_at("bays") == "Постов — от 0 до 100."
    opened = administrator.press(new, "Открыть филиал", **{**given, "code": "YUG"})
    assert (opened.said, Branch.objects.get(code="YUG").bays.count()) == ("Филиал открыт.", 2)
    branches = page(administrator, "branches")
    assert "Юг YUG Europe/Samara сейчас 09:00 работает записей впереди: 0" in branches.text
    window = administrator.press(branches, "Изменить: Север")
    told = administrator.press(window, "Сохранить", name="Север-2", is_active="")
    assert "филиал выведен из работы" in told.text
    saved = administrator.press(told, "Всё равно сохранить")
    words = "Север-2 SEV Europe/Moscow сейчас 08:00 выведен из работы записей впереди: 1"
    assert words in page(administrator, "branches").text
    board = operator.board()
    assert ("Север-2" in board.text, ">Запись<" in board.html) == (True, False)
    slot = f"{cast.bays[1].pk} {at('15:00').isoformat()} {at('16:00').isoformat()}"
    form = {"slot": slot, "name": "Кот Иван", "phone": "8 912 000-00-08"}
    assert "Филиал выведен из работы: новых записей он не принимает." in operator.post("/SEV/booking/", form).text
    assert saved.undo
    assert administrator.post(saved.undo).said == "Возвращено, как было."
    assert operator.post("/SEV/booking/", form).status in (200, 204)


def test_a_changed_zone_asks_what_stays_and_shows_the_visits(
    administrator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    visit = cast.book("12:00")
    window = administrator.press(page(administrator, "branches"), "Часовой пояс: Север")
    assert administrator.press(window, "Сохранить", zone="Москва").error_at("zone") == "Такого часового пояса нет."
    told = administrator.press(window, "Сохранить", zone="Europe/Samara")
    assert "22.11.2026 12:00 22.11.2026 12:00 Пост 1 Смирнова Анна Викторовна" in told.text
    instants = administrator.press(window, "Сохранить", zone="Europe/Samara", keeps="instants")
    assert "22.11.2026 12:00 22.11.2026 13:00 Пост 1" in instants.text
    administrator.press(told, "Подтвердить и сохранить")
    assert Visit.objects.get(pk=visit.pk).starts_at == at("11:00")
    history = page(administrator, "settings/history")
    assert "Часовой пояс, время на часах прежнее Europe/Moscow Europe/Samara" in history.text


# --- the history ---------------------------------------------------------------------------------------------------


def test_the_history_is_narrowed_by_what_and_by_whom(supervisor: Seat, cast: Cast, clock: StoppedClock) -> None:
    pause = SettingOf(cast.branch.pk, Setting.PAUSE)
    for minutes in range(1, 103):
        change_setting(pause, minutes, actor=cast.supervisor, now=MORNING)
    work = SettingOf(cast.branch.pk, Setting.WORK, Work.objects.get(code="tyres").pk)
    change_setting(work, {**value_of(work), "norm_minutes": 90}, actor=cast.administrator, now=MORNING)
    address = "/office/SEV/settings/history/"
    everything = supervisor.get(address, as_page=True)
    assert "Белов" in everything.text
    assert everything.text.count("Пауза между записями") == 99 + 1, "and one in the choice"
    older = supervisor.get(address + everything.all("a", class_="btn")[-1]["href"], as_page=True)
    assert older.text.count("Пауза между записями") == 3 + 1
    by_administrator = supervisor.get(f"{address}?user={cast.administrator.user_id}", as_page=True)
    assert by_administrator.text.count("Норма") == 0
    assert "Шиномонтаж, 1,5 н/ч" in by_administrator.text
    assert "Вернуть, как было" not in by_administrator.html, "it is the network's"
    none = supervisor.get(f"{address}?setting=zone", as_page=True)
    assert "Таких изменений нет" in none.text


def test_long_directories_cost_no_more_queries(administrator: Seat, cast: Cast, clock: StoppedClock) -> None:
    names = ("directories/works", "directories/reasons", "directories/script", "directories/policy", "branches")

    def queries(name: str) -> int:
        page(administrator, name)
        with CaptureQueriesContext(connection) as captured:
            assert page(administrator, name).status == 200
        return len(captured)

    few = [queries(name) for name in names]
    for number in range(40):
        Work.objects.create(network=cast.network, code=f"w{number}", name=f"Работа {number}", norm_minutes=60)
        LateReason.objects.create(network=cast.network, code=f"r{number}", name=f"Причина {number}")
        ScriptStep.objects.create(branch=cast.branch, moment="late", text="Да", position=number)
        Policy.objects.create(branch=cast.branch, number=number + 10, in_force_from=MORNING)
    cast.book("12:00")
    assert [queries(name) for name in names] == few
