"""The branch where people practise: how its day begins, who is let in, and that nothing of it is seen elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from django.test import Client as HttpClient
from pytest_django import DjangoAssertNumQueries

from tests.cast import TOMORROW, Cast, at
from tests.flows.seat import Seat, StoppedClock
from vovremya.board.live.reading import changed_branches
from vovremya.board.queries.lists import found_visits
from vovremya.config.checking import problems_found
from vovremya.customers.models import Client
from vovremya.customers.queries import clients_by_phone
from vovremya.demo.desk import Booking, Desk, Team
from vovremya.demo.network import station_of
from vovremya.demo.orders import SERVICE_15
from vovremya.demo.people import number
from vovremya.demo.stories import Arrive, Deed, Dial, Move, NoteResult, Promise, Remove, Restore, Warn
from vovremya.directory.actions import add_user
from vovremya.directory.actions.staff import switch_off
from vovremya.directory.models import Branch, Membership, User
from vovremya.directory.queries import actor_of, branches_of, demo_logins
from vovremya.directory.rules import PROGRAM, TRAINING_CODE, Actor, Right, Role, is_branch_code, rights_of
from vovremya.journal.actions import seal_settled
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.training.actions import (
    BEGINNERS,
    ROLE_IN_TRAINING,
    begin_day_anew,
    close_training,
    let_newcomers_in,
    open_training,
)
from vovremya.training.day import COMING_BACK, plan_in
from vovremya.training.queries import deeds_of, is_open, training_branch
from vovremya.training.rules import LESSONS as TO_DO
from vovremya.training.rules import done_lessons
from vovremya.training.texts import LESSONS
from vovremya.visits.models import Visit
from vovremya.visits.queries import standing_of
from vovremya.visits.rules.words import CallResult, State

NOW = at("10:28")
STAFF = ("operator", "master", "supervisor", "manager", "administrator")


@pytest.fixture
def training(cast: Cast, clock: StoppedClock) -> Branch:
    clock.set(NOW)
    return open_training(cast.branch, actor=cast.administrator, now=NOW)


def again(actor: Actor) -> Actor:
    """With the roles of now."""
    return actor_of(user_of(actor))


def user_of(actor: Actor) -> User:
    assert actor.user_id is not None
    return User.objects.get(pk=actor.user_id)


def visit_of(surname: str) -> Visit:
    return Visit.objects.select_related("policy", "follows", "client").get(
        branch__code=TRAINING_CODE, client__name__startswith=surname
    )


# --- the day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [at("00:04"), NOW, at("23:57")])
def test_a_day_begins_with_whom_the_lessons_speak_of(cast: Cast, clock: StoppedClock, now: datetime) -> None:
    clock.set(now)
    open_training(cast.branch, actor=cast.administrator, now=now)
    states = {
        "Близкова": State.LATE,
        "Далёков": State.LATE,
        "Отказова": State.LATE,
        "Входилов": State.LATE,
        "Молчанов": State.RETRY_DUE,
        "Звонарёва": State.PLANNED,
        "Вернигора": State.REMOVED,
    }
    at_second = now + timedelta(minutes=1)
    assert {name: standing_of(visit_of(name)).state(at_second) for name in states} == states
    assert list(problems_found()) == []


def test_the_words_of_the_lessons_name_people_of_the_day(training: Branch) -> None:
    names = {visit.client.name.split()[0][:-1] for visit in Visit.objects.filter(branch=training)}
    texts = [str(text) for code, (_title, text, _page) in LESSONS.items() if code != "booked"]
    assert all(any(name in text for name in names) for text in texts)


def test_a_day_begun_anew_is_as_new_and_the_record_of_the_old_one_stays_whole(
    cast: Cast, training: Branch, clock: StoppedClock
) -> None:
    booked = Visit.objects.filter(branch=training).count()
    entries = Entry.objects.filter(branch=training).count()
    later = at("15:00", TOMORROW)
    clock.set(later)
    seal_settled(later)
    fresh = begin_day_anew(actor=again(cast.operator), now=later)
    assert fresh == training_branch() != training
    assert fresh.zone == training.zone
    assert Visit.objects.filter(branch=fresh).count() == booked
    assert Entry.objects.filter(branch=training).count() == entries + 1, "that it has ended"
    assert Client.objects.filter(name__startswith="Близкова", network=fresh.network).count() == 1
    seal_settled(later + timedelta(minutes=5))
    assert list(problems_found()) == []
    assert again(cast.operator).roles[fresh.pk] == cast.operator.roles[cast.branch.pk]
    assert not again(cast.operator).sees(training.pk)
    told = Entry.objects.filter(branch__in=(training, fresh), recorded_at__gte=later)
    assert changed_branches(told) == {training.pk}, "its open boards look anew"


# --- who is let in -----------------------------------------------------------------------------------------------


def test_everybody_is_let_in_with_the_roles_that_they_have(cast: Cast, training: Branch) -> None:
    for name in (*STAFF, "stranger"):
        actor = cast.actor(name)
        own = frozenset[Role]().union(*actor.roles.values())
        assert again(actor).roles[training.pk] == {ROLE_IN_TRAINING[role] for role in own}
    tutor = User.objects.get(username="наставник")
    assert not tutor.is_active
    assert not tutor.has_usable_password()


def test_nobody_gets_at_the_staff_of_other_branches_through_it(
    cast: Cast, training: Branch, seat: Callable[[str], Seat]
) -> None:
    with pytest.raises(NotFound):
        switch_off(user_of(cast.stranger), again(cast.administrator), NOW)
    assert not any(Right.EDIT_NETWORK in rights_of(frozenset({role})) for role in ROLE_IN_TRAINING.values())
    assert "Чужая" not in seat("supervisor").get(f"/office/{TRAINING_CODE}/staff/", as_page=True).text
    assert switch_off(user_of(cast.operator), again(cast.administrator), NOW) is not None, "of the own branch as ever"


def test_newcomers_are_let_in_by_one_press(cast: Cast, training: Branch) -> None:
    newcomer = add_user(
        username="new",
        full_name="Новиков",
        short_name="Новиков",
        password="long enough",
        roles={cast.branch.pk: [Role.MASTER]},
        actor=PROGRAM,
    )
    assert not actor_of(newcomer).sees(training.pk)
    let_newcomers_in(cast.branch, actor=cast.administrator)
    assert actor_of(newcomer).roles[training.pk] == {Role.MASTER}
    assert again(cast.operator).roles[training.pk] == {Role.OPERATOR}


def test_closed_it_is_seen_by_nobody_and_opened_again_it_has_a_new_day(cast: Cast, training: Branch) -> None:
    close_training(cast.branch, actor=cast.administrator, now=NOW)
    assert training_branch() is None
    assert not any(again(cast.actor(name)).sees(training.pk) for name in STAFF)
    anew = open_training(cast.branch, actor=cast.administrator, now=NOW)
    assert is_open(anew)
    assert anew != training


@pytest.mark.parametrize("name", STAFF)
def test_only_who_edits_the_network_opens_and_closes_it(cast: Cast, training: Branch, name: str) -> None:
    deeds: Mapping[str, Callable[[Actor], object]] = {
        "open": lambda actor: open_training(cast.branch, actor=actor, now=NOW),
        "newcomers": lambda actor: let_newcomers_in(cast.branch, actor=actor),
        "close": lambda actor: close_training(cast.branch, actor=actor, now=NOW),
    }
    actor = cast.actor(name)
    for do in deeds.values():
        if actor.may(Right.EDIT_NETWORK, cast.branch.pk):
            do(actor)
        else:
            with pytest.raises(NotAllowed):
                do(actor)
    with pytest.raises(NotFound):
        open_training(cast.branch, actor=cast.stranger, now=NOW)


def test_it_is_not_opened_beside_itself(cast: Cast, training: Branch) -> None:
    with pytest.raises(NotFound):
        close_training(training, actor=again(cast.administrator), now=NOW)


@pytest.mark.parametrize("name", STAFF)
def test_who_leads_contacts_or_sees_to_the_branch_begins_the_day_anew(cast: Cast, training: Branch, name: str) -> None:
    actor = again(cast.actor(name))
    if any(actor.may(right, training.pk) for right in BEGINNERS):
        assert begin_day_anew(actor=actor, now=NOW) != training
    else:
        with pytest.raises(NotAllowed):
            begin_day_anew(actor=actor, now=NOW)


def test_who_is_not_let_in_begins_nothing(cast: Cast, training: Branch) -> None:
    Membership.objects.filter(branch=training, user=user_of(cast.operator)).delete()
    with pytest.raises(NotFound):
        begin_day_anew(actor=again(cast.operator), now=NOW)


# --- nothing of it is seen elsewhere -------------------------------------------------------------------------------


def test_its_clients_are_found_nowhere_else(cast: Cast, training: Branch, seat: Callable[[str], Seat]) -> None:
    assert found_visits(training, "Близкова", NOW)
    assert found_visits(cast.branch, "Близкова", NOW) == []
    assert found_visits(cast.branch, "У101ЧБ", NOW) == []
    assert clients_by_phone(number(9001), training.network)
    assert clients_by_phone(number(9001), cast.network) == []
    screen = seat("operator")
    for who in ("Близкова", "У101ЧБ", "89000009001"):
        assert "Близкова" not in screen.get(f"/SEV/booking/clients/?who={who}").text
        assert "Близкова" not in screen.get(f"/SEV/search?q={who}").text
        assert "Близкова" not in screen.get(f"/office/SEV/clients/?q={who}", as_page=True).text
        assert "Близкова" in screen.get(f"/{TRAINING_CODE}/search?q={who}").text
        assert "Близкова" in screen.get(f"/office/{TRAINING_CODE}/clients/?q={who}", as_page=True).text


def test_no_page_of_a_real_branch_shows_its_visits(
    cast: Cast, training: Branch, seat: Callable[[str], Seat], clock: StoppedClock
) -> None:
    supervisor = seat("supervisor")
    before = supervisor.board().html
    clock.show("10:00", TOMORROW)
    names = [visit.client.name for visit in Visit.objects.filter(branch=training).select_related("client")]
    for page in ("", "week/", "capacity/", "sheet/", "removed/", "not-arrived/", "waiting/"):
        html = supervisor.get(f"/SEV/{page}", as_page=True).html + before
        assert not [name for name in names if name in html], page
    assert "Близкова" in supervisor.get(f"/{TRAINING_CODE}/not-arrived/", as_page=True).html


def test_real_clients_are_not_found_there(cast: Cast, training: Branch, seat: Callable[[str], Seat]) -> None:
    cast.book("10:00", now=at("08:00"))
    text = seat("operator").get(f"/{TRAINING_CODE}/booking/clients/?who=9123456789").text
    assert "Смирнова Анна" not in text


def test_a_late_client_there_is_not_offered_a_real_branch(
    cast: Cast, training: Branch, seat: Callable[[str], Seat]
) -> None:
    window = seat("operator").get(f"/visits/{visit_of('Далёков').pk}/wave/?late=60")
    assert "Принять по приезде" in window.text
    assert cast.branch.name not in window.text


def test_the_door_of_a_demo_shows_the_same_logins(cast: Cast, clock: StoppedClock) -> None:
    before = demo_logins()
    open_training(cast.branch, actor=cast.administrator, now=NOW)
    assert demo_logins() == before


def test_it_stands_last_in_the_menu_and_nobody_begins_the_day_there(cast: Cast, training: Branch) -> None:
    assert branches_of(again(cast.operator)) == [cast.branch, training]
    assert not is_branch_code("ucheba")
    assert not is_branch_code("UCHEBA-7")


# --- what is seen there --------------------------------------------------------------------------------------------


def test_every_page_and_window_says_that_it_is_training(
    cast: Cast, training: Branch, seat: Callable[[str], Seat]
) -> None:
    supervisor = seat("supervisor")
    for page in ("", "week/", "capacity/", "sheet/", "removed/", "not-arrived/", "waiting/"):
        there = supervisor.get(f"/{TRAINING_CODE}/{page}", as_page=True)
        assert "Учебный филиал. Клиенты и номера выдуманы" in there.text, page
        assert "<title>Учебный:" in there.html
        assert "--training: 'Учебный филиал'" in there.html, "which every window over it bears"
        assert "Учебный" not in supervisor.get(f"/SEV/{page}", as_page=True).html.replace("Учебный филиал</span>", "")
    assert "Учебный филиал." in supervisor.get(f"/office/{TRAINING_CODE}/settings/", as_page=True).text


def test_nobody_is_called_from_there(cast: Cast, training: Branch, seat: Callable[[str], Seat]) -> None:
    operator = seat("operator")
    visit = visit_of("Близкова")
    answer = operator.press(operator.repairs(visit), "Набрать")
    assert "vovremya:dial" not in answer.triggers
    assert "никому не звоним" in str(answer.triggers["vovremya:toast"])
    planned = seat("master").press(seat("master").repairs(visit_of("Звонарёва")), "Набрать")
    assert "vovremya:dial" not in planned.triggers


# --- lessons -------------------------------------------------------------------------------------------------------


def test_what_one_does_is_ticked_off_for_oneself_and_stays_when_the_day_begins_anew(
    cast: Cast, training: Branch, seat: Callable[[str], Seat]
) -> None:
    operator = seat("operator")
    assert done_lessons(deeds_of(user_of(cast.operator).pk)) == frozenset()
    card = operator.press(operator.repairs(visit_of("Близкова")), "Набрать")
    card = operator.choose(card, "result", "answered")
    operator.press(card, "Опрос завершён", answer="yes", eta="5", comment="Едет")
    card = operator.press(operator.repairs(visit_of("Входилов")), "Набрать")
    operator.press(operator.repairs(visit_of("Входилов")), "Прибыл")
    assert done_lessons(deeds_of(user_of(cast.operator).pk)) == {"near", "arrived"}
    assert done_lessons(deeds_of(user_of(cast.supervisor).pk)) == frozenset()
    assert operator.get("/training/", as_page=True).html.count('class="done"') == 2
    assert operator.post("/training/anew/").status == 302
    assert operator.get("/training/", as_page=True).html.count('class="done"') == 2
    assert standing_of(visit_of("Близкова")).state(NOW) is State.LATE


def in_time(minute: float) -> datetime:
    return NOW + timedelta(minutes=minute)


LIKE_A_TUTOR: Mapping[str, tuple[str, Sequence[Deed]]] = {
    "near": ("Близкова", [Dial(), NoteResult(CallResult.ANSWERED), Promise(5, "traffic", "Едет")]),
    "moved": ("Далёков", [Dial(), NoteResult(CallResult.ANSWERED), Move(200, "Просит позже")]),
    "refused": ("Отказова", [Dial(), NoteResult(CallResult.ANSWERED), Remove("expensive")]),
    "unreached": ("Молчанов", [Dial(), NoteResult(CallResult.NO_ANSWER), Remove("unreached")]),
    "warned": ("Звонарёва", [Warn(), Promise(20, "traffic", "Задержится на пять минут")]),
    "arrived": ("Входилов", [Dial(), Arrive()]),
    "restored": ("Вернигора", [Restore()]),
}


def test_every_lesson_can_be_done_on_the_day_and_is_seen_to_be(
    cast: Cast, training: Branch, clock: StoppedClock
) -> None:
    learner = again(cast.operator)
    desk = Desk(station_of(plan_in(training.zone)), Team(learner, learner, learner))
    for minute, (name, deeds) in enumerate(LIKE_A_TUTOR.values(), start=1):
        visit = visit_of(name)
        for step, deed in enumerate(deeds):
            clock.set(in_time(minute + step / 10))
            desk.do(deed, visit.pk, in_time(minute + step / 10), caller=learner)
    done = done_lessons(deeds_of(user_of(learner).pk))
    assert done == set(LIKE_A_TUTOR)
    desk.book(Booking(COMING_BACK, "Пост 1", in_time(300), SERVICE_15), in_time(9))
    assert done_lessons(deeds_of(user_of(learner).pk)) == {lesson.code for lesson in TO_DO}


@pytest.mark.parametrize("name", [*STAFF, "stranger"])
def test_the_page_says_what_one_may_do(cast: Cast, seat: Callable[[str], Seat], clock: StoppedClock, name: str) -> None:
    clock.set(NOW)
    may_open = cast.actor(name).may(Right.EDIT_NETWORK, cast.branch.pk)
    screen = seat(name)
    page = screen.get("/training/", as_page=True)
    assert ("Включить учебный филиал" in page.text) == may_open
    assert ("Попросите администратора" in page.text) != may_open
    home = cast.other_branch if name == "stranger" else cast.branch
    status = screen.post(f"/training/{home.code}/open/").status
    assert status == (302 if may_open else 403)
    if not may_open:
        open_training(cast.branch, actor=cast.administrator, now=NOW)
    page = screen.get("/training/", as_page=True)
    assert "Не дозвонились дважды" in page.text
    assert ("Выключить" in page.text) == may_open
    for press in ("newcomers", "close"):
        assert screen.post(f"/training/{home.code}/{press}/").status == (302 if may_open else 403)
    assert screen.get("/training/anew/").status == 405


def test_who_is_signed_out_is_led_to_the_door(db: None) -> None:
    assert HttpClient().get("/training/").headers["Location"].startswith("/login/")
    assert HttpClient().post("/training/anew/").headers["Location"].startswith("/login/")


def test_the_page_asks_a_fixed_number_of_queries(
    cast: Cast, training: Branch, seat: Callable[[str], Seat], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    screen = seat("operator")
    for _ in range(2):
        with django_assert_num_queries(6):
            screen.get("/training/", as_page=True)
        begin_day_anew(actor=again(cast.operator), now=NOW)
