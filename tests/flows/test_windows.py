"""The windows: every refusal has words, nothing typed is lost, one press is done once, whoever else is at work."""

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter
from urllib.parse import urlencode

import pytest

import vovremya
from tests.cast import MORNING, MOSCOW, TODAY, TOMORROW, Cast, at
from tests.flows.doors import DOORS, Door, Scene, address, everything, may
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from vovremya.board.texts import HISTORY, REFUSALS
from vovremya.board.views.answering import errors_of
from vovremya.customers.models import Car
from vovremya.directory.actions import name_bay_groups
from vovremya.directory.models import Advisor, Bay, BayGroup, Policy, Work
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.schedule.actions import hold
from vovremya.visits.actions.campaigns import announce_campaign
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Visit
from vovremya.visits.queries import work_lasts
from vovremya.visits.rules import journal_facts
from vovremya.visits.rules.removal import NoGround
from vovremya.visits.rules.words import Status
from vovremya.waitlist.rules import journal_facts as waitlist_facts

DEFAULT = REFUSALS["refused"]


# --- every refusal has its words ---------------------------------------------------------------------------------

#: The parts whose refusals a window can meet.
PARTS = ("kernel", "directory", "customers", "journal", "schedule", "visits", "waitlist", "board")
#: Answered by the feed, by the door itself, or by what takes back an import: never in a window.
NOT_SHOWN = {"foreign_cursor", "signed_out", "touched_since_import"}
#: Filled in by the view that meets them.
FILLED_IN_BY_VIEW = {
    "bay_taken": {"visits"},
    "failures_needed": {"attempts"},
    "in_the_way": {"words"},
    "setting_changed_meanwhile": {"value", "change"},
}
#: What a view knows of the visit that a refusal names.
KNOWN_OF_VISIT = {"change", "by"}
ENDED = {status for status in Status if status is not Status.PLANNED}


@dataclass(frozen=True)
class Raised:
    """A place in the code that refuses: the code and the facts that go with it."""

    code: str
    facts: frozenset[str]
    place: str


def refusals() -> dict[str, type[Refusal]]:
    found = {Refusal.__name__: Refusal}
    todo = [Refusal]
    while todo:
        for child in todo.pop().__subclasses__():
            found[child.__name__] = child
            todo.append(child)
    return found


def raised() -> Iterator[Raised]:
    classes = refusals()
    for part in PARTS:
        for path in sorted((Path(vovremya.__file__).parent / part).rglob("*.py")):
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, ast.FunctionDef):
                    yield from _raised_in(function, classes, f"{path.parent.name}/{path.name}:{function.name}")


def _raised_in(function: ast.FunctionDef, classes: Mapping[str, type[Refusal]], place: str) -> Iterator[Raised]:
    for call in ast.walk(function):
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        if not isinstance(call, ast.Call) or name not in classes:
            continue
        facts = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
        if "visit" in facts:
            facts |= KNOWN_OF_VISIT
        codes = _problems_of(call, function) if name == "BadInput" else _codes_of(call, classes[name])
        for code in codes:
            yield Raised(code, facts, place)


def _codes_of(call: ast.Call, kind: type[Refusal]) -> Iterator[str]:
    first = call.args[0] if call.args else None
    texts = [node for node in ast.walk(first) if isinstance(node, ast.Constant)] if first else []
    if isinstance(first, ast.JoinedStr) and len(texts) == 1:
        (prefix,) = [str(node.value) for node in texts]
        yield from (f"{prefix}{status}" for status in ENDED if f"{prefix}{status}" in REFUSALS or "planned" in prefix)
    elif isinstance(first, ast.IfExp):
        yield from (str(node.value) for node in (first.body, first.orelse) if isinstance(node, ast.Constant))
    elif isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
    else:
        yield kind.code


def _problems_of(call: ast.Call, function: ast.FunctionDef) -> Iterator[str]:
    """Codes by field: in the call itself, else wherever the function gathers its `problems`."""
    first = call.args[0]
    gathered: list[ast.expr | None] = list(first.values) if isinstance(first, ast.Dict) else []
    if isinstance(first, ast.Name):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and first.id in ast.unparse(node.targets[0]):
                value = node.value
                gathered += [value.value] if isinstance(value, ast.DictComp) else []
                gathered += [value] if isinstance(value, ast.Constant) else []
                gathered += list(value.values) if isinstance(value, ast.Dict) else []
    assert gathered, f"no codes found in {ast.unparse(call)}"
    for code in gathered:
        assert isinstance(code, ast.Constant), ast.unparse(call)
        yield str(code.value)


ALL_RAISED = sorted(raised(), key=lambda one: (one.place, one.code, sorted(one.facts)))


def test_the_scan_sees_what_is_there() -> None:
    codes = {one.code for one in ALL_RAISED}
    assert {"not_planned_removed", "bay_taken", "eta_far", "name_empty", "text_too_long", "phone_unreadable"} <= codes
    assert len(codes) > 50


def test_every_refusal_that_a_window_can_meet_has_russian_words() -> None:
    wordless = {one for one in ALL_RAISED if one.code not in REFUSALS and one.code not in NOT_SHOWN}
    assert not wordless


@pytest.mark.parametrize(
    "one", [one for one in ALL_RAISED if one.code not in NOT_SHOWN], ids=lambda one: f"{one.place} {one.code}"
)
def test_words_find_the_facts_they_speak_of(one: Raised) -> None:
    known = one.facts | FILLED_IN_BY_VIEW.get(one.code, set())
    assert REFUSALS[one.code].format(**dict.fromkeys(known, 2)), "fails for what is not known"


#: Not of a visit.
OF_THE_BRANCH = (
    Fact,
    journal_facts.BranchOpened,
    journal_facts.ZoneChanged,
    journal_facts.CampaignAnnounced,
    journal_facts.SettingChanged,
    journal_facts.ClientChanged,
    journal_facts.ClientsMerged,
    journal_facts.ClientsToldApart,
    journal_facts.ClientDisclosed,
    journal_facts.ClientErased,
    journal_facts.ClientKept,
    journal_facts.ConsentMarked,
    journal_facts.ConsentWorded,
    journal_facts.RetentionSet,
    journal_facts.TrainingDayBegun,
    journal_facts.TrainingDayEnded,
)


def test_every_fact_of_the_journal_has_its_line_in_the_history() -> None:
    rooms = (journal_facts, waitlist_facts)
    facts = [fact for room in rooms for _, fact in inspect.getmembers(room, inspect.isclass) if issubclass(fact, Fact)]
    for fact in facts:
        if fact in OF_THE_BRANCH:
            continue
        wanted = {name for _, name, _, _ in Formatter().parse(str(HISTORY[fact.kind])) if name}
        assert wanted <= {field.name for field in fields(fact)} | {"bay", "old_bay"}, fact.kind


# --- one press is done once --------------------------------------------------------------------------------------

#: What makes no difference when it is done twice, or only leaves a line in the access log.
WITHOUT_KEY = {"show_number", "late_notice", "release_card", "lease", "draft", "slots_for_move", "slots_for_booking"}
WITHOUT_KEY |= {"release_holds", "offer_given_up", "dial_waiting", "imports", "import_refused", "export"}
WITHOUT_KEY |= {"client_number"}
#: What lets people in: each press makes another secret, and the one before is worth nothing. The rest says what is to
#: be, and pressed twice it is so already.
WITHOUT_KEY |= {"new_person", "brought_in", "person_names", "person_roles", "person_let_in", "person_switched"}
WITHOUT_KEY |= {"person_second_step", "staff_sessions", "staff_change_taken_back"}
#: What it shows once it cannot show again; a link too many is revoked.
WITHOUT_KEY |= {"calendars"}
#: An import is at one stage at a time, a link is revoked or not: the second press finds it so no more.
ONCE_AS_IT_STANDS = {name for name in DOORS if name.split()[0] in ("import_piece", "import_columns", "import_step")}
ONCE_AS_IT_STANDS |= {"import_taken_back", "calendar_revoked"}
WITHOUT_KEY |= {*ONCE_AS_IT_STANDS, "start"}
PRESSES = {name: door for name, door in DOORS.items() if door.writes and name not in WITHOUT_KEY}


def one_who_may(scene: Scene, door: Door) -> str:
    assert door.writes
    return next(
        name for name in ("operator", "master", "supervisor", "administrator") if may(scene, name, door.writes[:1])
    )


@pytest.mark.parametrize("name", PRESSES)
def test_press_sent_twice_is_done_once_and_answered_alike(scene: Scene, seat: Callable[[str], Seat], name: str) -> None:
    door = PRESSES[name]
    door.set_up(scene)
    form, url = door.form(scene), address(name, scene)
    screen = seat(one_who_may(scene, door))
    before = Entry.objects.count()
    first = screen.post(url, form, key="one-press")
    assert first.status in (200, 204)
    assert Entry.objects.count() > before
    written = everything()
    second = screen.post(url, form, key="one-press")
    assert (second.status, second.triggers, second.text) == (first.status, first.triggers, first.text)
    assert everything() == written


@pytest.mark.parametrize("name", sorted(ONCE_AS_IT_STANDS))
def test_step_pressed_twice_is_done_once(scene: Scene, supervisor: Seat, name: str) -> None:
    door = DOORS[name]
    door.set_up(scene)
    url = address(name, scene)
    untouched = everything()
    first = supervisor.post(url, door.form(scene))
    written = everything()
    assert written != untouched
    second = supervisor.post(url, door.form(scene))
    assert (second.status, second.status in (204, 303)) == (first.status, True)
    assert everything() == written


def words_of(refused: Answer) -> str:
    """In the window, in a message, or to the board that asked by itself."""
    return refused.text or refused.said or str(json.loads(refused.html)["refused"])


@pytest.mark.parametrize("name", PRESSES)
def test_key_of_a_press_with_anything_else_in_it_is_refused(
    scene: Scene, seat: Callable[[str], Seat], name: str
) -> None:
    door = PRESSES[name]
    door.set_up(scene)
    form, url = door.form(scene), address(name, scene)
    screen = seat(one_who_may(scene, door))
    assert screen.post(url, form, key="one-press").status in (200, 204)
    written = everything()
    refused = screen.post(url, {**form, "comment": "Другое", "phone_note": "x"}, key="one-press")
    assert refused.status == 422
    assert "Форма уже отправлена: сохранено то, что было в ней тогда." in words_of(refused)
    assert everything() == written


def test_key_of_a_refused_press_may_be_used_again(scene: Scene, operator: Seat) -> None:
    url = f"/visits/{scene.visit.pk}/number/"
    assert operator.post(url, {"phone": "12"}, key="one-press").status == 422
    assert operator.post(url, {"phone": "8 912 000-00-07"}, key="one-press").status == 200


# --- nothing typed is lost ---------------------------------------------------------------------------------------


def reached(operator: Seat, visit: Visit) -> Answer:
    return operator.choose(operator.press(operator.card(visit), "Набрать"), "result", "answered")


@pytest.mark.parametrize(
    ("count", "minutes", "put_off", "calls"),
    [
        (1, "1 минуты", "1 минуту", "нужен 1 неудачный звонок"),
        (2, "2 минут", "2 минуты", "нужны 2 неудачных звонка"),
        (5, "5 минут", "5 минут", "нужно 5 неудачных звонков"),
        (21, "21 минуты", "21 минуту", "нужен 21 неудачный звонок"),
    ],
)
def test_words_go_with_the_numbers_of_the_policy(
    scene: Scene, operator: Seat, count: int, minutes: str, put_off: str, calls: str
) -> None:
    Policy.objects.update(retry_after_minutes=count, near_within_minutes=count)
    not_reached = operator.card(scene.visit)
    assert f"«Сохранить» перенесёт контакт на {put_off}." in not_reached.text
    assert f"Больше {minutes} — предложите перенос." in reached(operator, scene.visit).text
    far, few = BadInput({"eta": "eta_far"}, near=count), NoGround("failures_needed", field="reason", attempts=count)
    assert errors_of(far, MOSCOW).fields["eta"] == f"Больше {minutes} — предложите перенос."
    assert errors_of(few, MOSCOW).fields["reason"].startswith(f"Для этой причины {calls} или")


def test_refused_card_keeps_all_that_was_typed(scene: Scene, operator: Seat, cast: Cast) -> None:
    typed = {
        "eta": "time",
        "eta_text": "скоро",
        "reason": str(cast.late_reason("traffic")),
        "answer": "yes",
        "comment": "Едет\nпо Ленинградке",
    }
    refused = operator.press(reached(operator, scene.visit), "Опрос завершён", **typed)
    assert refused.status == 422
    assert refused.error_at("eta_text") == "Не понимаю «скоро». Напишите минуты («25») или время («10:52»)."
    assert {name: refused.value(name) for name in typed} == typed
    assert refused.all(data_unsaved=""), "leaving it asks"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("-5", "Не понимаю «-5»."),
        ("25:00", "Не понимаю «25:0"),
        ("09:00", "Это время уже прошло."),
        ("999", "Слишком нескоро: перенесите запись."),
        ("", "Укажите, когда клиент приедет."),
    ],
)
def test_arrival_that_cannot_be_is_refused_at_its_field(scene: Scene, operator: Seat, typed: str, words: str) -> None:
    form = {"eta": "time", "eta_text": typed, "answer": "yes", "comment": "Едет"}
    refused = operator.press(reached(operator, scene.visit), "Опрос завершён", **form)
    assert refused.error_at("eta_text").startswith(words)


def test_result_that_is_none_is_refused_at_its_field(scene: Scene, operator: Seat) -> None:
    operator.card(scene.visit)
    for result in ("", "unknown", "<b>"):
        form = {"case_version": scene.case_version, "result": result, "comment": "Ждёт"}
        refused = operator.post(f"/visits/{scene.visit.pk}/result/", form)
        assert refused.error_at("result") == "Отметьте результат звонка."
        assert refused.value("comment") == "Ждёт"


def test_call_back_time_is_refused_at_its_own_field(scene: Scene, operator: Seat) -> None:
    card = reached(operator, scene.visit)
    refused = operator.press(card, "Перезвонить позже", later="потом", comment="Просит позже")
    assert refused.error_at("later").startswith("Не понимаю «потом».")
    assert refused.value("later") == "потом"
    assert refused.value("comment") == "Просит позже"
    done = operator.press(refused, "Перезвонить позже", later="20")
    assert done.said == "Повторный звонок в 10:32."


def test_bad_number_is_refused_at_its_field_and_kept(scene: Scene, operator: Seat) -> None:
    refused = operator.press(operator.repairs(scene.visit), "Добавить", phone="12345 или около того")
    assert refused.status == 422
    assert refused.error_at("phone").startswith("Не похоже на номер телефона.")
    assert refused.value("phone") == "12345 или около того"
    known = operator.press(refused, "Добавить", phone="8-912-345-67-89")
    assert known.error_at("phone") == "Этот номер у клиента уже есть."


def test_number_of_nobody_cannot_be_dialled_and_the_window_says_so(scene: Scene, operator: Seat) -> None:
    for window in ("repairs", "late-notice"):
        refused = operator.post(f"/visits/{scene.visit.pk}/dial/", {"phone": 999, "window": window})
        assert refused.alert == "Этот номер набрать нельзя."


def test_refused_removal_keeps_reason_and_comment(scene: Scene, operator: Seat, cast: Cast) -> None:
    removal = operator.press(operator.repairs(scene.visit), "Удалить запись")
    chosen = str(cast.reason("expensive"))
    refused = operator.press(removal, "Удалить запись", reason=chosen, comment="Дорого ему")
    assert refused.error_at("said_by_client") == "Отметьте, что об отказе сказал сам клиент."
    assert (refused.value("reason"), refused.value("comment")) == (chosen, "Дорого ему")


def test_reason_of_the_station_is_not_offered_to_the_operator(
    scene: Scene, operator: Seat, master: Seat, cast: Cast
) -> None:
    removal = operator.press(operator.repairs(scene.visit), "Удалить запись")
    assert "Нет запчастей" not in removal.text
    refused = operator.press(removal, "Удалить запись", reason=cast.reason("no_parts"), comment="Нет")
    assert refused.error_at("reason") == "С этой причиной удаляет мастер или старший смены."
    assert "Нет запчастей" in master.press(master.repairs(scene.visit), "Удалить запись").text


def test_time_of_work_that_cannot_be_is_refused_at_its_field(scene: Scene, master: Seat) -> None:
    scene.arrive()
    for minutes, words in (("", "Укажите длительность."), ("5", "Это время уже прошло."), ("9" * 18, "Укажите")):
        window = master.press(master.repairs(scene.visit), "Пост и время")
        refused = master.press(window, "Сохранить", duration=minutes)
        assert refused.error_at("duration").startswith(words)
        assert refused.value("duration") == (minutes or "60")


# --- somebody else was quicker -----------------------------------------------------------------------------------


def test_conflict_says_who_changed_what(scene: Scene, operator: Seat, supervisor: Seat, clock: StoppedClock) -> None:
    card = reached(operator, scene.visit)
    clock.show("10:13")
    taken = supervisor.press(supervisor.card(scene.visit), "Взять карточку")
    supervisor.press(taken, "Сохранить", comment="Перезвоню сама")
    refused = operator.press(card, "Опрос завершён", eta="5", answer="yes", comment="Едет")
    assert refused.status == 422
    assert "Карточку изменили, пока она была открыта: Кузнецова, 10:13: карточка сохранена." in refused.alert
    assert refused.value("comment") == "Едет"
    again = {"eta": "5", "answer": "yes"}
    assert operator.press(refused, "Опрос завершён", **again).said == "Опрос завершён.", (
        "the card is free: it passes now"
    )


def test_text_stays_readable_in_a_card_that_another_took(scene: Scene, operator: Seat, supervisor: Seat) -> None:
    card = reached(operator, scene.visit)
    supervisor.press(supervisor.card(scene.visit), "Взять карточку")
    refused = operator.press(card, "Опрос завершён", eta="5", answer="yes", comment="Едет")
    assert refused.alert == "Карточку ведёт Кузнецова с 10:12."
    assert refused.value("comment") == "Едет"
    assert refused.one("textarea", name="comment").has("readonly")


def test_other_visits_of_the_call_stay_ticked(scene: Scene, operator: Seat, cast: Cast) -> None:
    other = cast.book("09:50", bay=1)
    refused = operator.press(reached(operator, scene.visit), "Опрос завершён", answer="yes", also=str(other.pk))
    assert refused.value("also") == str(other.pk)


def test_move_by_the_master_wins_and_the_comment_can_still_be_added(
    scene: Scene, operator: Seat, master: Seat, clock: StoppedClock
) -> None:
    card = reached(operator, scene.visit)
    clock.show("10:13")
    booking = master.press(master.repairs(scene.visit), "Перепланировать")
    master.press(booking, "Перенести", slot=scene.slot())
    ended = operator.press(card, "Опрос завершён", eta="5", answer="yes", comment="Едет, пробка")
    words = "Контакт уже завершён: Орлов, 10:13: перенесён с 22.11 10:00 (Пост 1) на 22.11 15:00 (Пост 2)."
    assert words in ended.alert
    assert ended.value("comment") == "Едет, пробка"
    assert operator.press(ended, "Сохранить комментарий").said == "Комментарий сохранён."
    assert "Едет, пробка" in operator.history(scene.visit)


def test_those_who_come_second_are_told_who_was_first_and_when(
    scene: Scene, operator: Seat, supervisor: Seat, master: Seat, clock: StoppedClock, cast: Cast
) -> None:
    removal = operator.press(operator.repairs(scene.visit), "Удалить запись")
    moving = master.press(master.repairs(scene.visit), "Перепланировать")
    repairs = master.repairs(scene.visit)
    clock.show("10:14")
    other = supervisor.press(supervisor.repairs(scene.visit), "Удалить запись")
    supervisor.press(other, "Удалить запись", reason=cast.reason("duplicate"), comment="Дважды")
    words = "Запись уже удалена (Кузнецова, 10:14)."
    reason = cast.reason("expensive")
    assert operator.press(removal, "Удалить запись", reason=reason, said_by_client="yes").alert == words
    assert master.press(repairs, "Прибыл").alert == words
    assert master.press(moving, "Перенести", slot=scene.slot()).status == 422
    assert Visit.objects.get().starts_at == at("10:00")


def test_window_over_an_outdated_plan_says_who_moved_it_and_passes_at_the_second_press(
    scene: Scene, operator: Seat, master: Seat, clock: StoppedClock
) -> None:
    outdated = operator.press(operator.repairs(scene.visit), "Перепланировать")
    clock.show("10:14")
    master.press(master.press(master.repairs(scene.visit), "Перепланировать"), "Перенести", slot=scene.slot())
    later = scene.slot().replace("12:00", "14:00").replace("13:00", "15:00")
    refused = operator.press(outdated, "Перенести", slot=later)
    assert "Запись изменили, пока окно было открыто: Орлов, 10:14: перенесён" in refused.alert
    assert operator.press(refused, "Перенести", slot=later).said == "Запись перенесена на 22.11, 17:00."


def test_client_who_calls_takes_the_grounds_from_an_open_removal(
    scene: Scene, operator: Seat, second_operator: Seat, clock: StoppedClock
) -> None:
    scene.give_grounds()
    removal = operator.press(operator.repairs(scene.visit), "Удалить запись")
    clock.show("10:20")
    second_operator.press(second_operator.repairs(scene.visit), "Клиент предупредил")
    refused = operator.press(removal, "Удалить запись")
    assert refused.error_at("reason") == "Клиент только что позвонил: основания больше нет."


def test_card_in_other_hands_can_be_taken_when_the_lease_has_lapsed(
    scene: Scene, operator: Seat, second_operator: Seat, clock: StoppedClock
) -> None:
    operator.card(scene.visit)
    clock.let_pass(timedelta(seconds=89))
    assert not second_operator.card(scene.visit).offers("Взять карточку")
    clock.let_pass(timedelta(seconds=1))
    card = second_operator.card(scene.visit)
    assert "Иванова не отвечает" in card.text
    taken = second_operator.press(card, "Взять карточку")
    assert taken.offers("Сохранить")
    assert operator.press(operator.repairs(scene.visit), "Набрать").alert == "Карточку ведёт Петрова с 10:12."


def test_draft_of_the_one_before_can_be_adopted(scene: Scene, operator: Seat, supervisor: Seat) -> None:
    operator.card(scene.visit)
    operator.post(f"/visits/{scene.visit.pk}/draft/", {"comment": "Стоит на мосту", "sequence": 1})
    card = supervisor.press(supervisor.card(scene.visit), "Взять карточку")
    assert "Черновик: Иванова — «Стоит на мосту»" in card.text
    assert supervisor.press(card, "Взять черновик").value("comment") == "Стоит на мосту"


def test_draft_that_comes_late_does_not_win(scene: Scene, operator: Seat) -> None:
    operator.card(scene.visit)
    url = f"/visits/{scene.visit.pk}/draft/"
    operator.post(url, {"comment": "новое", "sequence": 2})
    late = operator.post(url, {"comment": "старое", "sequence": 1})
    assert (late.status, late.text) == (409, "2"), "a page that says «сохранён» would be wrong"
    assert operator.card(scene.visit).value("comment") == "новое"


def test_second_call_of_one_number_asks_first(scene: Scene, operator: Seat, cast: Cast) -> None:
    other = cast.book("09:30", bay=1)
    operator.press(operator.repairs(other), "Набрать")
    warned = operator.press(operator.repairs(scene.visit), "Набрать")
    assert "Этому клиенту звонили в 10:12 (Иванова). Позвонить ещё раз?" in warned.alert
    assert operator.press(warned, "Всё равно набрать").dialled == "+79123456789"


def test_one_call_serves_two_visits_of_the_client(scene: Scene, operator: Seat, cast: Cast) -> None:
    other = cast.book("09:50", bay=1)
    card = reached(operator, scene.visit)
    operator.press(card, "Опрос завершён", eta="5", answer="yes", comment="Едет", also=str(other.pk))
    assert {operator.bar(visit).word for visit in (scene.visit, other)} == {"ожидается к 10:17"}


def test_ended_card_keeps_its_comment_when_it_is_brought_up_to_date(scene: Scene, operator: Seat, master: Seat) -> None:
    operator.card(scene.visit)
    master.press(master.repairs(scene.visit), "Прибыл")
    ended = operator.post(f"/visits/{scene.visit.pk}/contact/", {"comment": "Звонила дважды"})
    assert "Клиент прибыл в 10:12" in ended.text
    assert ended.value("comment") == "Звонила дважды"


# --- calls that are no late contact ------------------------------------------------------------------------------


def test_master_dials_without_opening_a_card(scene: Scene, master: Seat) -> None:
    called = master.press(master.repairs(scene.visit), "Набрать")
    assert (called.status, called.dialled, called.opened) == (204, "+79123456789", "")
    assert not scene.visit.cases.exists()


def test_client_who_is_here_or_not_late_yet_is_called_freely(
    scene: Scene, operator: Seat, clock: StoppedClock, cast: Cast
) -> None:
    scene.arrive()
    assert operator.press(operator.repairs(scene.visit), "Набрать").dialled == "+79123456789"
    clock.show("10:20")
    later = cast.book("12:00")
    assert operator.press(operator.repairs(later), "Набрать").dialled == "+79123456789"


# --- «Предварительная запись» ------------------------------------------------------------------------------------


def slot_value(window: Answer, clock_time: str, bay: int | None = None) -> str:
    slots = [slot["value"] for slot in window.all("input", name="slot")]
    return next(
        slot for slot in slots if slot.split()[1] == at(clock_time).isoformat() and bay in (None, int(slot.split()[0]))
    )


@pytest.fixture
def booking(operator: Seat, clock: StoppedClock, cast: Cast) -> Answer:
    clock.show("10:12")
    return operator.press(operator.board(), "Запись")


def test_what_a_maker_asks_the_owner_to_come_for_is_offered_with_the_car(
    operator: Seat, booking: Answer, cast: Cast
) -> None:
    cushion = Work.objects.create(network=cast.network, code="R-14", name="Замена подушки", norm_minutes=90)
    late_car(cast).save()
    announce_campaign(cast.branch, cushion, ["xtaga1234r1234567"], until=TODAY, actor=cast.administrator, now=MORNING)
    found = operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89")
    assert "Кампания изготовителя: Замена подушки · 1,5 н/ч · до 22.11.2026" in found.text
    assert [each["value"] for each in found.all("input", name="work")] == [str(cushion.pk)]
    slot = operator.get(f"/SEV/booking/slots/?work={cushion.pk}").all("input", name="slot")[0]["value"]
    chosen = {"car": cast.late_car.pk, "who": "89123456789"}
    operator.post("/SEV/booking/", {**chosen, "work": cushion.pk, "slot": slot})
    booked = Visit.objects.get(works__code="R-14")
    assert booked.repair_kind == Visit.RepairKind.RECALL
    assert booked.client == cast.late_client, "whoever ticks a car means its owner"
    again = operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89")
    assert "записан на 22.11.2026" in again.text
    assert again.all("input", name="work") == []
    Visit.objects.filter(pk=booked.pk).update(status="done")
    assert "Кампания" not in operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89").text


def late_car(cast: Cast) -> Car:
    car = cast.late_car
    car.vin = "XTAGA1234R1234567"
    return car


def test_labour_on_a_car_is_reckoned_by_its_coefficient(operator: Seat, booking: Answer, cast: Cast) -> None:
    work = Work.objects.create(network=cast.network, code="R-14", name="Замена подушки", norm_minutes=100)
    of_car = f"/SEV/booking/slots/?work={work.pk}&car={cast.late_car.pk}"

    def lasts(url: str) -> int:
        _, *times = operator.get(url).all("input", name="slot")[0]["value"].split()
        starts_at, ends_at = map(datetime.fromisoformat, times)
        return int((ends_at - starts_at).total_seconds() // 60)

    assert lasts(of_car) == 100
    assert lasts(f"{of_car}&coefficient=1,2") == 120
    assert [lasts(f"{of_car}&coefficient={odd}") for odd in ("NaN", "-1", "1e9", "Infinity")] == [100] * 4
    slot = operator.get(of_car).all("input", name="slot")[0]["value"]
    form = {"client": cast.late_client.pk, "car": cast.late_car.pk, "who": "89123456789", "work": work.pk, "slot": slot}
    wrong = operator.post("/SEV/booking/", {**form, "coefficient": "12"})
    assert "Введите число от 0,5 до 3" in wrong.text
    operator.post("/SEV/booking/", {**form, "coefficient": "1.5"})
    assert lasts(of_car) == 150
    assert "норма × 1,5" in operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89").text
    assert "Коэффициент автомобиля к норме: 1.5 (был 1)" in operator.history(Visit.objects.latest("pk"))


def test_what_is_typed_of_a_known_client_is_kept_and_another_car_is_another(
    operator: Seat, booking: Answer, cast: Cast
) -> None:
    def book(**typed: object) -> Visit:
        slot = operator.get("/SEV/booking/slots/").all("input", name="slot")[0]["value"]
        chosen = {"client": cast.late_client.pk, "car": cast.late_car.pk, "who": "89123456789", "slot": slot}
        shown = operator.post("/SEV/booking/", {**chosen, **typed})
        assert shown.status == 204, shown.text
        return Visit.objects.latest("pk")

    more = {
        "phone_other": "8 912 000-00-09",
        "email": "anna@example.org",
        "vin": "XTAGA1234R1234567",
        "mileage": "90000",
    }
    filled = book(**more)
    assert filled.car == cast.late_car
    assert (filled.car.vin, filled.car.mileage) == ("XTAGA1234R1234567", 90_000)
    assert filled.client.email == "anna@example.org"
    assert "+79120000009" in filled.client.phones.values_list("number", flat=True)
    other = book(plate="А777АА97", make="Lada", model="Vesta")
    assert other.car != cast.late_car
    assert str(other.car) == "А777АА97 Lada Vesta"


def test_known_client_is_found_by_phone_with_the_cars(operator: Seat, booking: Answer, cast: Cast) -> None:
    found = operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89")
    assert "Смирнова Анна Викторовна +7 912 ···-··-89" in found.text
    assert "М347ВС77 Hyundai Solaris" in found.text
    booked = operator.press(
        booking,
        "Записать",
        who="89123456789",
        client=cast.late_client.pk,
        car=cast.late_car.pk,
        slot=slot_value(booking, "12:00"),
        reason="Стучит",
    )
    assert booked.said == "Записан на 22.11, 12:00, Пост 1."
    visit = Visit.objects.get()
    assert (visit.client, visit.car, visit.reason) == (cast.late_client, cast.late_car, "Стучит")
    assert visit.pk in operator.board().bars


def test_new_client_is_registered_with_phone_and_car(operator: Seat, booking: Answer) -> None:
    typed = {"name": "Кот Иван", "phone": "8 912 000-00-01", "plate": "a001aa77", "make": "Lada"}
    operator.press(booking, "Записать", slot=slot_value(booking, "12:00"), **typed)
    visit = Visit.objects.select_related("client", "car").get()
    assert visit.car
    assert (visit.client.name, visit.client.phones.get().number, visit.car.plate) == (
        "Кот Иван",
        "+79120000001",
        "А001АА77",
    )


def test_bad_number_leaves_no_client_behind(operator: Seat, booking: Answer) -> None:
    before = everything()
    typed = {"name": "Кот Иван", "phone": "912 000", "plate": "А001АА77", "comment": "Со слов брата"}
    refused = operator.press(booking, "Записать", slot=slot_value(booking, "12:00"), **typed)
    assert refused.error_at("phone").startswith("Не похоже на номер телефона.")
    assert {name: refused.value(name) for name in typed} == typed
    assert everything() == before


def test_without_time_and_client_both_are_asked_for(operator: Seat, booking: Answer) -> None:
    refused = operator.press(booking, "Записать", reason="Стучит")
    assert refused.error_at("slot") == "Выберите время."
    assert refused.error_at("name") == "Выберите клиента или заполните имя."
    assert refused.value("reason") == "Стучит"


@pytest.mark.parametrize(
    "slot",
    [
        "1",
        "x y z",
        "1 2026-11-22 2026-11-23",
        "1 2026-11-22T12:00 2026-11-22T13:00",
        "1 9999-12-31T23:59-23:59 2026-11-22T13:00Z",
    ],
)
def test_slot_that_is_none_is_refused(operator: Seat, booking: Answer, slot: str) -> None:
    assert operator.press(booking, "Записать", slot=slot, name="Кот").error_at("slot") == "Выберите время."


def test_bay_of_another_branch_and_a_past_time_are_refused(operator: Seat, booking: Answer, cast: Cast) -> None:
    unknown = f"999 {at('12:00').isoformat()} {at('13:00').isoformat()}"
    assert operator.press(booking, "Записать", slot=unknown, name="Кот").alert == "Такого поста в филиале нет."
    past = f"{cast.bays[0].pk} {at('09:00').isoformat()} {at('10:00').isoformat()}"
    assert operator.press(booking, "Записать", slot=past, name="Кот").alert == "Это время уже прошло."
    night = f"{cast.bays[0].pk} {at('22:00').isoformat()} {at('23:00').isoformat()}"
    assert operator.press(booking, "Записать", slot=night, name="Кот").alert == "В это время филиал закрыт."


def test_time_taken_meanwhile_names_the_visit_in_the_way(operator: Seat, booking: Answer, cast: Cast) -> None:
    cast.book("12:30")
    slot = slot_value(booking, "12:00")
    refused = operator.press(booking, "Записать", slot=slot, name="Кот Иван")
    taken = "Пост занят: 12:30–13:30 М347ВС77 (Иванова, 08:00). Выберите другое время."
    assert refused.error_at("slot") == taken
    assert refused.value("name") == "Кот Иван"
    assert slot not in [free["value"] for free in refused.all("input", name="slot")]


def test_time_that_another_operator_holds_is_told_when_it_is_chosen(
    operator: Seat, second_operator: Seat, booking: Answer
) -> None:
    slot = slot_value(booking, "12:00")
    held = second_operator.choose(second_operator.press(second_operator.board(), "Запись"), "slot", slot)
    assert "Записываю вас на воскресенье, 22 ноября, в 12:00." in held.text
    assert "Вас встретит мастер-приёмщик Орлов Виктор Ильич. Закончим к 13:00. Всё верно?" in held.text
    refused = operator.choose(booking, "slot", slot)
    assert refused.status == 422
    assert "время держит Петрова до 10:17" in refused.text
    # The nearest three come first, each one press away; and all see who holds what.
    offered = [each["value"] for each in refused.all("input", name="slot")]
    around = [value.split()[1] for value in offered[:3]]
    assert around == [at(clock).isoformat() for clock in ("12:00", "12:15", "11:45")]
    assert slot not in offered
    assert "Сейчас держат другие 22.11 12:00–13:00 Пост 1 — Петрова, до 10:17" in refused.text
    assert "Скажите клиенту" in operator.choose(refused, "slot", offered[0]).text


def test_what_was_held_is_free_once_the_window_is_closed(
    operator: Seat, second_operator: Seat, booking: Answer
) -> None:
    slot = slot_value(booking, "12:00")
    operator.choose(booking, "slot", slot)
    assert second_operator.choose(booking, "slot", slot).status == 422
    (form,) = [form for form in booking.all("form") if form.has("data-close-url")]
    assert operator.post(form["data-close-url"]).status == 204
    assert second_operator.choose(booking, "slot", slot).status == 200


def test_works_add_up_to_the_duration_by_the_coefficient_of_the_bay(
    operator: Seat, booking: Answer, cast: Cast
) -> None:
    Bay.objects.filter(pk=cast.bays[0].pk).update(coefficient=1.5)
    works = Work.objects.filter(code__in=("pads-front", "oil-engine")).values_list("pk", flat=True)
    chosen = "".join(f"&work={work}" for work in works)

    def lasts(more: str, bay: int) -> timedelta:
        found = operator.get(f"/SEV/booking/slots/?part=evening&bay={cast.bays[bay].pk}{chosen}{more}")
        _, starts_at, ends_at = found.all("input", name="slot")[0]["value"].split()
        return datetime.fromisoformat(ends_at) - datetime.fromisoformat(starts_at)

    assert lasts("", bay=1) == timedelta(minutes=90)
    assert lasts("", bay=0) == timedelta(minutes=135)
    assert lasts("&duration=60", bay=0) == timedelta(minutes=60), "the operator says how long"


def test_only_bays_are_offered_where_all_the_works_are_done(operator: Seat, booking: Answer, cast: Cast) -> None:
    wheels = BayGroup.objects.create(branch=cast.branch, name="Шиномонтаж")
    bay = Bay.objects.create(branch=cast.branch, group=wheels, name="Шиномонтаж 1")
    tyres, pads = Work.objects.get(code="tyres"), Work.objects.get(code="pads-front")
    name_bay_groups(tyres, [wheels])
    found = operator.get(f"/SEV/booking/slots/?work={tyres.pk}&work={pads.pk}")
    assert {each["value"].split()[0] for each in found.all("input", name="slot")} == {str(bay.pk)}
    name_bay_groups(pads, [cast.bays[0].group])
    nowhere = operator.get(f"/SEV/booking/slots/?work={tyres.pk}&work={pads.pk}")
    assert "Эти работы делают на разных постах: запишите их отдельно." in nowhere.text


def test_wishes_of_days_times_bay_advisor_and_order(operator: Seat, booking: Answer, cast: Cast) -> None:
    def offered(query: str) -> list[tuple[str, datetime]]:
        found = operator.get(f"/SEV/booking/slots/?{query}").all("input", name="slot")
        values = [each["value"].split() for each in found]
        return [(bay, datetime.fromisoformat(starts_at).astimezone(MOSCOW)) for bay, starts_at, _ in values]

    wednesday = TODAY + timedelta(days=3)
    assert {each.date() for _, each in offered(f"on={TOMORROW}&on={wednesday}&part=evening&after=19:30")} == {
        TOMORROW,
        wednesday,
    }
    assert {each.weekday() for _, each in offered("weekday=2&weekday=9")} == {2}
    assert offered("after=17:00")[0][1].hour == 17
    assert {bay for bay, _ in offered(f"bay={cast.bays[2].pk}")} == {str(cast.bays[2].pk)}
    other = Advisor.objects.create(branch=cast.branch, name="Белова Т.", arrivals_per_quarter_hour=1)
    arrives = offered(f"advisor={other.pk}")[0][1]
    assert arrives == at("10:15")
    Visit.objects.filter(pk=cast.book("10:15", bay=2).pk).update(advisor=other)
    assert offered(f"advisor={other.pk}")[0][1] == at("10:30"), "one car in a quarter of an hour"
    assert offered("order=fit&after=11:00")[0] == (str(cast.bays[2].pk), at("11:15"))
    waiting = offered("duration=480&part=evening&waits_on_site=yes")
    assert (waiting, bool(offered("duration=480&part=evening"))) == ([], True)


def test_who_is_wished_for_receives_the_client(operator: Seat, booking: Answer, cast: Cast) -> None:
    other = Advisor.objects.create(branch=cast.branch, name="Белова Т.")
    slot = slot_value(booking, "12:00")
    operator.press(booking, "Записать", slot=slot, name="Кот Иван", advisor=str(other.pk))
    operator.press(booking, "Записать", slot=slot_value(booking, "15:00"), name="Пёс Пётр")
    assert list(Visit.objects.order_by("-pk").values_list("advisor_id", flat=True)[:2]) == [cast.advisor.pk, other.pk]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("phone", "8 (912) 345-67-89", "+7 912 ···-··-89"),
        ("phone", "12345", "Не похоже на номер телефона"),
        ("plate", "m347bc 77", "М347ВС77"),
        ("plate", "B-AB 123", "не российский номер, проверьте"),
        ("vin", "хтa21099012345678", "XTA21099012345678"),
        ("vin", "XTA2109", "здесь 7"),
    ],
)
def test_phone_plate_and_vin_are_looked_at_while_they_are_typed(
    operator: Seat, booking: Answer, field: str, typed: str, said: str
) -> None:
    checked = operator.get(f"/SEV/booking/check/{field}/?{urlencode({field: typed})}")
    assert said in checked.text


def test_one_who_is_known_is_noticed_by_phone_plate_and_vin_and_chosen(
    operator: Seat, booking: Answer, cast: Cast
) -> None:
    Car.objects.filter(pk=cast.late_car.pk).update(vin="XTA21099012345678")
    cast.book("16:00")
    for field, typed in (("phone", "89123456789"), ("plate", "М347ВС77"), ("vin", "XTA21099012345678")):
        checked = operator.get(f"/SEV/booking/check/{field}/?{urlencode({field: typed})}")
        assert "Уже есть в базе" in checked.text
        assert checked.all("input", name="client")[0]["value"] == str(cast.late_client.pk)
        assert "22.11.2026 по плану: ТО-60" in checked.text
    assert operator.get("/SEV/booking/check/phone/?phone=").text == ""
    assert operator.get("/SEV/booking/check/name/?name=x").status == 404


def test_visits_elsewhere_are_told_by_date_and_branch_alone(seat: Callable[[str], Seat], cast: Cast) -> None:
    cast.book("10:00")
    found = seat("stranger").get("/VOS/booking/check/phone/?phone=89123456789")
    assert "22.11.2026 Север" in found.text
    assert "ТО-60" not in found.text


def test_everything_that_is_asked_is_saved(operator: Seat, booking: Answer, cast: Cast) -> None:
    operator.press(
        booking,
        "Записать",
        slot=slot_value(booking, "12:00"),
        name="ООО «Пробная»",
        representative="Кот Иван",
        phone="8 912 000-00-08",
        phone_other="8 912 000-00-09",
        email="proba@example.org",
        plate="c745em 178",
        vin="XTA21099012345678",
        year="2019",
        mileage="84500",
        warranty_until="2027-01-31",
        parts="Колодки заказаны",
        wished_ready_at="2026-11-22T18:00",
        waits_on_site="yes",
        needs_loan_car="yes",
    )
    visit = Visit.objects.latest("pk")
    client, car = visit.client, visit.car
    assert car is not None
    assert (client.representative, client.email, client.phones.count()) == ("Кот Иван", "proba@example.org", 2)
    assert (car.year, car.mileage, car.warranty_until) == (2019, 84500, date(2027, 1, 31))
    assert (visit.parts, visit.wished_ready_at) == ("Колодки заказаны", at("18:00"))
    assert (visit.waits_on_site, visit.needs_loan_car, visit.needs_tow_truck) == (True, True, False)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("vin", "XTA"),
        ("year", "давно"),
        ("mileage", "99999999"),
        ("email", "нет"),
        ("warranty_until", "скоро"),
        ("wished_ready_at", "скоро"),
        ("wished_ready_at", "9999-01-01T10:00"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field_and_nothing_saved(
    operator: Seat, booking: Answer, field: str, typed: str
) -> None:
    before = everything()
    filled = {"slot": slot_value(booking, "12:00"), "name": "Кот Иван", field: typed}
    refused = operator.press(booking, "Записать", **filled)
    assert refused.error_at(field)
    assert refused.value(field) == typed
    assert everything() == before


def test_work_that_goes_on_the_next_day_is_on_both_boards_and_moves_and_goes_as_a_whole(
    operator: Seat, booking: Answer, cast: Cast
) -> None:
    late = operator.get(f"/SEV/booking/slots/?duration=360&on={TODAY}&after=17:00&bay={cast.bays[0].pk}")
    slot = late.all("input", name="slot")[0]["value"]
    assert "с продолжением" in late.text
    operator.press(booking, "Записать", slot=slot, name="Кот Иван", duration="360", on=TODAY.isoformat())
    visit = Visit.objects.latest("pk")
    assert (visit.starts_at, visit.ends_at) == (at("17:00"), at("11:00", TOMORROW))
    assert work_lasts(visit) == timedelta(hours=6)
    today, tomorrow = operator.bar(visit), operator.bar(visit, TOMORROW)
    assert (today.place, tomorrow.place) == (("Пост 1", 17 * 60, 240, 0), ("Пост 1", 9 * 60, 120, 0))
    names = [bar.element["aria-label"] for bar in (today, tomorrow)]
    assert names == [
        "без номера, Кот Иван, 17:00, по плану, продолжится",
        "без номера, Кот Иван, 09:00, по плану, продолжение",
    ]
    assert (today.flags & {"goes_on", "continued"}, tomorrow.flags) == ({"goes_on"}, {"continued", "no_phone"})
    assert broken_invariants() == []

    moving = operator.press(operator.repairs(visit), "Перепланировать")
    operator.press(moving, "Перенести", slot=slot_value(moving, "12:00"))
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (at("12:00"), at("18:00")), "six hours of work, whatever night it spans"
    assert broken_invariants() == []


def test_hold_gives_way_after_five_minutes(
    operator: Seat, second_operator: Seat, booking: Answer, clock: StoppedClock
) -> None:
    slot = slot_value(booking, "12:00")
    second_operator.choose(booking, "slot", slot)
    clock.let_pass(timedelta(minutes=5))
    assert operator.press(booking, "Записать", slot=slot, name="Кот Иван").said.startswith("Записан на 22.11, 12:00")


def test_lapsed_hold_gives_way_to_a_visit_that_is_restored(
    scene: Scene, operator: Seat, second_operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    scene.remove()
    hold_of(second_operator, cast.bays[0], "10:00", clock)
    clock.let_pass(timedelta(minutes=5))
    assert operator.press(operator.repairs(scene.visit), "Восстановить").said == "Запись восстановлена."


def test_lapsed_hold_gives_way_to_a_visit_that_is_restored_to_another_time(
    scene: Scene, operator: Seat, second_operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    scene.remove()
    hold_of(second_operator, cast.bays[0], "15:00", clock)
    clock.let_pass(timedelta(minutes=5))
    choosing = operator.get(f"/visits/{scene.visit.pk}/move/?restore=1")
    slot = slot_value(choosing, "15:00", cast.bays[0].pk)
    assert operator.press(choosing, "Восстановить", slot=slot).status == 204


def test_lapsed_hold_gives_way_to_a_car_that_is_here(
    scene: Scene, master: Seat, second_operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    scene.arrive()
    hold_of(second_operator, cast.bays[1], "10:00", clock)
    clock.let_pass(timedelta(minutes=5))
    window = master.press(master.repairs(scene.visit), "Пост и время")
    assert master.press(window, "Сохранить", bay=cast.bays[1].pk).said == "Пост и время работ изменены."


def hold_of(seat: Seat, bay: Bay, clock_time: str, clock: StoppedClock) -> None:
    starts_at, user_id = at(clock_time), seat.actor.user_id or 0
    hold(bay, starts_at, starts_at + timedelta(hours=1), user_id=user_id, real_now=clock.real_now())


def test_move_takes_the_next_job_of_the_car_along(scene: Scene, operator: Seat, cast: Cast) -> None:
    follower = cast.book("11:00", bay=1)
    moving = operator.press(operator.repairs(scene.visit), "Перепланировать")
    assert moving.value("chain") == "yes"
    operator.press(moving, "Перенести", slot=slot_value(moving, "15:00"))
    assert operator.bar(scene.visit).place[1] == 15 * 60
    assert operator.bar(follower).place[1] == 16 * 60


def test_move_leaves_the_next_job_where_it_is_if_told_so(scene: Scene, operator: Seat, cast: Cast) -> None:
    follower = cast.book("11:00", bay=1)
    moving = operator.press(operator.repairs(scene.visit), "Перепланировать")
    operator.press(moving, "Перенести", slot=slot_value(moving, "15:00"), chain="")
    assert operator.bar(follower).place[1] == 11 * 60


def test_restoring_to_a_bay_taken_meanwhile_leads_to_choosing_another_time(
    scene: Scene, operator: Seat, cast: Cast
) -> None:
    scene.remove()
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    cast.book("10:30", client=client, car=car)
    choosing = operator.press(operator.repairs(scene.visit), "Восстановить")
    assert choosing.title == "Предварительная запись"
    assert "Восстановление записи" in choosing.text
    operator.press(choosing, "Восстановить", slot=slot_value(choosing, "15:00"))
    bar = operator.bar(scene.visit)
    assert (bar.word, bar.place[1]) == ("по плану", 15 * 60)


def test_undo_of_an_arrival_opens_the_contact_as_it_was(
    scene: Scene, operator: Seat, master: Seat, clock: StoppedClock
) -> None:
    operator.press(operator.press(operator.card(scene.visit), "Набрать"), "Сохранить", result="busy")
    arrived = master.press(master.repairs(scene.visit), "Прибыл")
    assert arrived.undo
    master.post(arrived.undo)
    assert operator.bar(scene.visit).word == "повтор в 10:17"


def test_wishes_of_the_day_are_kept_when_the_booking_is_refused(operator: Seat, booking: Answer) -> None:
    wishes = {"on": TODAY.isoformat(), "part": "evening", "duration": "120"}
    refused = operator.press(booking, "Записать", name="", **wishes)
    assert {name: refused.value(name) for name in wishes} == wishes
