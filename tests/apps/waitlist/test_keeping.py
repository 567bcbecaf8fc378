"""Who comes onto the list, who leaves it, and what is noted of the time that becomes free."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from tests.apps.waitlist.list_desk import ListDesk
from tests.cast import TODAY, TOMORROW, at
from vovremya.directory.models import Bay, Work
from vovremya.journal.actions import Request
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.rules.slots import PartOfDay
from vovremya.visits.actions import by_hand, reception, removal, wave
from vovremya.visits.actions.booking import Details, FileNews, Plan, book, change_by_import, move
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit
from vovremya.visits.refusals import NotPlanned, WrongMoment
from vovremya.waitlist.actions import keeping, offering
from vovremya.waitlist.actions.freeing import forget_past_freed_times
from vovremya.waitlist.actions.keeping import Wanted, WishedFor
from vovremya.waitlist.actions.turn import WaitTurn
from vovremya.waitlist.actions.watching import let_go
from vovremya.waitlist.invariants import broken_waits
from vovremya.waitlist.models import FreedTime, TimeOffer, Wait
from vovremya.waitlist.queries import Glance, at_a_glance, ended_waits, on_list, wait_of_visit
from vovremya.waitlist.refusals import AlreadyWaiting, NotWaiting
from vovremya.waitlist.rules.words import Ending, OfferAnswer


@pytest.fixture(autouse=True)
def _nothing_is_broken(db: None) -> Iterator[None]:
    """Whatever a test did, what must hold holds behind it."""
    yield
    assert broken_waits() == []


def left(now: datetime) -> int:
    """Real time runs along."""
    return let_go(now, now)


# --- what becomes free -------------------------------------------------------------------------------------------

Free = Callable[[ListDesk, Visit], object]


def plan(desk: ListDesk, clock: str, bay: int = 1) -> Plan:
    return Plan(desk.cast.bays[bay].pk, at(clock), at(clock) + timedelta(hours=1), desk.cast.advisor.pk)


def move_away(desk: ListDesk, visit: Visit) -> object:
    return move(visit.pk, plan(desk, "12:00"), actor=desk.cast.operator, now=at("08:20"), plan_version=1)


def drag_away(desk: ListDesk, visit: Visit) -> object:
    shift = by_hand.ByHand(desk.cast.bays[1].pk, timedelta(hours=2), timedelta())
    return by_hand.move_by_hand(visit.pk, shift, **desk.who("08:20"), plan_version=1)


def import_elsewhere(desk: ListDesk, visit: Visit) -> object:
    return change_by_import(visit.pk, FileNews(plan(desk, "12:00")), actor=desk.cast.supervisor, now=at("08:20"))


def give_way(desk: ListDesk, visit: Visit) -> object:
    late = wave.Shift(visit.pk, 1, desk.cast.bays[1].pk, at("12:00"))
    words = wave.Words("Перенос", "Сдвиг")
    return wave.apply_plan(late, [], words, arrives_at=at("12:00"), from_card=False, **desk.who("08:20"))


@pytest.mark.parametrize("free", [ListDesk.remove, move_away, drag_away, import_elsewhere, give_way])
def test_whatever_frees_a_bay_is_noted_while_somebody_waits(desk: ListDesk, free: Free) -> None:
    visit = desk.cast.book("10:00")
    wait = desk.wait(not_after_minute=10 * 60, days=[TODAY])
    free(desk, visit)
    assert desk.freed() == [(0, "10:00", "11:00")]
    assert desk.called() == [("22 10:00", [wait.pk])]


def test_nothing_is_noted_where_nobody_waits(desk: ListDesk) -> None:
    desk.remove(desk.cast.book("10:00"))
    assert desk.freed() == []
    assert at_a_glance(desk.cast.branch.pk, at("08:21"), at("08:21")) == Glance()


def test_a_shorter_work_frees_its_rest_and_an_undone_move_the_place_in_between(desk: ListDesk) -> None:
    visit = desk.cast.book("10:00")
    desk.wait()
    shorter = by_hand.ByHand(desk.cast.bays[0].pk, timedelta(), -timedelta(minutes=20))
    by_hand.move_by_hand(visit.pk, shorter, **desk.who("08:20"), plan_version=1)
    by_hand.undo_move_by_hand(visit.pk, **desk.who("08:20"), plan_version=2)
    drag_away(desk, desk.cast.book("14:00", now=at("08:20")))
    assert desk.freed() == [(0, "10:40", "11:00"), (0, "14:00", "15:00")]
    assert [call.freed.starts_at for call in desk.calls()] == [at("14:00")], "the rest was taken back"


def test_a_visit_that_came_back_takes_its_time_again(desk: ListDesk) -> None:
    visit = desk.full_day()["10:00"]
    desk.wait()
    desk.remove(visit)
    removal.restore(visit.pk, actor=desk.cast.operator, now=at("08:30"))
    assert desk.calls("08:31") == []


def test_the_rest_of_a_client_who_left_early_is_not_free_yet(desk: ListDesk) -> None:
    """The bar stays as long as it was planned, until somebody shortens it."""
    visit = desk.cast.book("10:00", minutes=180)
    desk.wait()
    for act, clock in ((reception.check_in, "10:00"), (reception.start_work, "10:05"), (reception.end_work, "10:40")):
        act(visit.pk, actor=desk.cast.master, now=at(clock))
    assert desk.freed() == []


@pytest.mark.parametrize(("waits", "statements"), [(False, 1), (True, 2)])
def test_a_visit_that_frees_its_bay_costs_a_statement_more_or_two(desk: ListDesk, waits: bool, statements: int) -> None:
    visit = desk.cast.book("10:00")
    if waits:
        desk.wait()
    with CaptureQueriesContext(connection) as captured:
        desk.remove(visit)
    assert len([query for query in captured if "waitlist_" in query["sql"]]) == statements


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it looks")
def test_whether_anybody_waits_is_seen_without_looking_through_those_who_have_waited(desk: ListDesk) -> None:
    visit = desk.cast.book("10:00")
    with CaptureQueriesContext(connection) as captured:
        desk.remove(visit)
    (asked,) = [query["sql"] for query in captured if "waitlist_" in query["sql"]]
    with connection.cursor() as asking:
        asking.execute(f"EXPLAIN QUERY PLAN {asked}")
        plans = [found for *_, found in asking.fetchall()]
    assert any("wait_on_list" in found for found in plans), plans


def test_what_is_past_is_forgotten(desk: ListDesk) -> None:
    visit = desk.cast.book("10:00")
    desk.wait()
    desk.remove(visit)
    assert forget_past_freed_times(at("10:59")) == 0
    assert forget_past_freed_times(at("11:00")) == 1
    assert not FreedTime.objects.exists()


def test_who_came_onto_the_list_later_saw_it_free(desk: ListDesk) -> None:
    visit = desk.full_day()["10:00"]
    early = desk.wait(0)
    desk.remove(visit)
    desk.wait(1, clock="08:30")
    assert desk.called("08:31") == [("22 10:00", [early.pk])]


def test_the_list_is_read_in_as_many_queries_however_long_it_is(desk: ListDesk) -> None:
    visits = desk.full_day()
    desk.sooner(visits["20:00"])
    desk.wait(0)
    desk.remove(visits["10:00"])
    counts = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as captured:
            assert len(desk.calls()) == 1
        counts.append(len(captured))
        desk.wait(number)
    assert counts[0] == counts[1] <= 19


def test_works_are_done_in_their_bay_groups_alone(desk: ListDesk) -> None:
    visits = desk.full_day()
    work = Work.objects.create(network=desk.cast.network, name="Развал", code="align", norm_minutes=60)
    other = desk.cast.branch.bay_groups.create(name="Развал")
    work.bay_groups.add(other)
    client, car = desk.cast.register("Рысь Анна", "+7 912 000-03-01")
    wanted = Wanted(client, car, 60, is_norm=True, works=[work], details=Details(reason="Тянет вправо"))
    wait = keeping.put_on_list(desk.cast.branch.pk, wanted, WishedFor(), actor=desk.cast.operator, now=at("08:10"))
    desk.remove(visits["10:00"])
    assert desk.calls() == []
    work.bay_groups.add(desk.cast.bays[0].group)
    assert desk.called() == [("22 10:00", [wait.pk])]


def test_a_visit_stays_in_its_bay_group_unless_its_client_wishes_for_another_bay(desk: ListDesk) -> None:
    evening = desk.full_day()["20:00"]
    paint = Bay.objects.create(
        branch=desk.cast.branch, group=desk.cast.branch.bay_groups.create(name="Окраска"), name="Окраска"
    )
    wait = desk.sooner(evening)
    FreedTime.objects.create(
        branch=desk.cast.branch, bay=paint, starts_at=at("10:00"), ends_at=at("11:00"), freed_at=at("08:20")
    )
    assert desk.calls() == []
    Wait.objects.filter(pk=wait.pk).update(bay=paint)
    assert desk.called() == [("22 10:00", [wait.pk])]


# --- coming onto the list, and changing what is wished for ---------------------------------------------------------


def test_wishes_are_kept_as_they_were_said(desk: ListDesk) -> None:
    wait = desk.wait(
        days=[TOMORROW, TODAY],
        weekdays=(6, 0),
        part_of_day=PartOfDay.MORNING,
        not_before_minute=540,
        not_after_minute=660,
        advisor_id=desk.cast.advisor.pk,
        group_id=desk.cast.bays[0].group_id,
    )
    (listed,) = on_list(desk.cast.branch.pk, at("08:11"))
    wish = listed.waiting.wish
    assert (set(wish.days), set(wish.weekdays)) == ({TODAY, TOMORROW}, {0, 6})
    assert wish.part_of_day is PartOfDay.MORNING
    assert (wish.not_before_minute, wish.not_after_minute, wish.duration_minutes) == (540, 660, 60)
    assert (wish.bay_id, wish.group_id, wish.advisor_id) == (wait.bay_id, wait.group_id, desk.cast.advisor.pk)
    assert wait.until_on == TOMORROW


@pytest.mark.parametrize(
    ("wishes", "until_on"),
    [
        ({}, TODAY + keeping.WAITS_FOR),
        ({"until_on": TOMORROW}, TOMORROW),
        ({"days": [TODAY, TOMORROW]}, TOMORROW),
        ({"days": [TOMORROW], "until_on": TODAY}, TODAY),
    ],
)
def test_a_wait_ends_with_the_last_day_that_is_of_use(desk: ListDesk, wishes: dict[str, Any], until_on: date) -> None:
    assert desk.wait(**wishes).until_on == until_on
    assert desk.sooner(desk.cast.book("10:00", on=TOMORROW)).until_on == TOMORROW


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        ({"days": [TODAY - timedelta(1)]}, {"until": "days_over"}),
        ({"until_on": TODAY - timedelta(1)}, {"until": "days_over"}),
        ({"bay_id": 7_000}, {"bay": "bay_unknown"}),
        ({"group_id": 7_000}, {"group": "group_unknown"}),
        ({"advisor_id": 7_000}, {"advisor": "advisor_unknown"}),
    ],
)
def test_nobody_waits_for_what_cannot_be(desk: ListDesk, wishes: dict[str, Any], problem: dict[str, str]) -> None:
    with pytest.raises(BadInput) as refused:
        desk.wait(**wishes)
    assert refused.value.problems == problem


def test_a_client_is_on_the_list_once_with_a_car(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    desk.sooner(visit, by=desk.cast.second_operator)
    with pytest.raises(AlreadyWaiting) as refused:
        desk.sooner(visit)
    assert refused.value.facts == {"who": "Петрова", "since": "22.11"}
    other_car = Wanted(visit.client, None, 60)
    keeping.put_on_list(desk.cast.branch.pk, other_car, WishedFor(), actor=desk.cast.operator, now=at("08:11"))
    with pytest.raises(AlreadyWaiting):
        keeping.put_on_list(desk.cast.branch.pk, other_car, WishedFor(), actor=desk.cast.operator, now=at("08:12"))


def test_only_a_visit_to_come_can_be_sooner(desk: ListDesk) -> None:
    visit = desk.cast.book("10:00")
    with pytest.raises(WrongMoment, match="already_begun"):
        desk.sooner(visit, "10:00")
    with pytest.raises(NotPlanned):
        desk.sooner(desk.remove(visit))


def test_wishes_are_changed_and_the_journal_names_which(desk: ListDesk) -> None:
    wait = desk.wait()
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:20")}
    keeping.change_wishes(wait.pk, WishedFor(weekdays=(1,), is_urgent=True), comment="Спешит", **by)
    keeping.change_wishes(wait.pk, WishedFor(weekdays=(1,), is_urgent=True), comment="Спешит", **by)
    assert desk.journal() == ["wait_begun", "wait_changed"]
    wait.refresh_from_db()
    assert (wait.weekdays, wait.is_urgent, wait.bay_id, wait.comment) == ([1], True, None, "Спешит")


def test_one_press_puts_one_client_onto_the_list(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:20"), "request": Request.of("one", "sooner", {})}
    wait = keeping.want_sooner(visit, WishedFor(), **by)
    with pytest.raises(AlreadyDone):
        keeping.want_sooner(visit, WishedFor(), **by)
    assert wait_of_visit(visit.pk) == wait


# --- leaving it ----------------------------------------------------------------------------------------------------


def test_who_is_taken_off_for_a_reason_can_be_put_back(desk: ListDesk) -> None:
    wait = desk.wait()
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:20")}
    with pytest.raises(BadInput):
        keeping.withdraw(wait.pk, " ", **by)
    keeping.withdraw(wait.pk, "Передумал", **by)
    with pytest.raises(NotWaiting, match="not_waiting_withdrawn"):
        keeping.withdraw(wait.pk, "Передумал", **by)
    assert [(each.pk, each.ending_comment) for each in ended_waits(desk.cast.branch.pk, at("08:21"))] == [
        (wait.pk, "Передумал")
    ]
    keeping.put_back(wait.pk, **by)
    with pytest.raises(WrongMoment, match="on_list_already"):
        keeping.put_back(wait.pk, **by)
    assert [each.wait.pk for each in on_list(desk.cast.branch.pk, at("08:21"))] == [wait.pk]
    assert desk.journal() == ["wait_begun", "wait_ended", "wait_resumed"]


def test_who_agreed_by_mistake_waits_on_from_the_time_given(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.sooner(visits["20:00"])
    desk.remove(visits["10:00"])
    desk.accept(desk.offer(wait))
    keeping.put_back(wait.pk, actor=desk.cast.operator, now=at("08:24"))
    (listed,) = on_list(desk.cast.branch.pk, at("08:25"))
    assert listed.waiting.sooner_than == at("10:00")
    assert left(at("08:25")) == 0


def test_nobody_is_put_back_who_would_leave_at_once(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    wait = desk.sooner(visit)
    desk.remove(visit)
    left(at("08:25"))
    with pytest.raises(WrongMoment, match="would_leave_gone"):
        keeping.put_back(wait.pk, actor=desk.cast.operator, now=at("08:26"))


def test_nobody_is_put_back_beside_another_place_of_the_same_car(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    wait = desk.sooner(visit)
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:20")}
    keeping.withdraw(wait.pk, "Передумал", **by)
    desk.sooner(visit, "08:21")
    with pytest.raises(AlreadyWaiting):
        keeping.put_back(wait.pk, **by)


def test_the_watch_writes_down_who_has_left_by_itself(desk: ListDesk) -> None:
    visits = desk.full_day()
    moved = desk.sooner(visits["20:00"], not_after_minute=14 * 60)
    removed, came = (desk.sooner(visits[clock]) for clock in ("15:00", "09:00"))
    over = desk.wait(0, days=[TODAY])
    served = desk.wait(1)
    offered = desk.wait(2)
    book(
        desk.cast.branch.pk,
        served.client,
        served.car,
        plan(desk, "12:00", bay=2),
        Details(),
        actor=desk.cast.operator,
        now=at("08:15"),
    )
    Wait.objects.filter(pk=served.pk).update(bay=None)
    desk.remove(visits["15:00"])
    desk.offer(offered, "08:21", to="15:00")
    to = Plan(desk.cast.bays[1].pk, at("12:00"), at("13:00"))
    move(visits["20:00"].pk, to, actor=desk.cast.operator, now=at("08:20"), plan_version=1)
    reception.check_in(visits["09:00"].pk, actor=desk.cast.master, now=at("08:50"))
    assert {each.wait.pk for each in on_list(desk.cast.branch.pk, at("08:50"))} == {over.pk, offered.pk}
    assert left(at("08:50")) == 4
    assert left(at("08:50")) == 0
    assert left(at("09:00", TOMORROW)) == 1
    endings = {wait.pk: (wait.ending, wait.ended_by_id) for wait in Wait.objects.exclude(pk=offered.pk)}
    assert endings == {
        moved.pk: (Ending.SERVED, None),
        removed.pk: (Ending.GONE, None),
        came.pk: (Ending.ARRIVED, None),
        served.pk: (Ending.SERVED, None),
        over.pk: (Ending.EXPIRED, None),
    }


def test_a_bar_that_is_pushed_takes_nobody_off_the_list(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    wait = desk.sooner(visit, days=[TODAY])
    pushed = by_hand.ByHand(desk.cast.bays[0].pk, -timedelta(minutes=5), timedelta())
    by_hand.move_by_hand(visit.pk, pushed, **desk.who("08:20"), plan_version=1)
    assert left(at("08:40")) == 0
    assert [each.wait for each in on_list(desk.cast.branch.pk, at("08:40"))] == [wait]


def test_a_move_that_can_be_undone_ends_no_wait_yet(desk: ListDesk) -> None:
    visit = desk.cast.book("20:00")
    wait = desk.sooner(visit, not_after_minute=14 * 60)
    pushed = by_hand.ByHand(desk.cast.bays[0].pk, -timedelta(hours=8), timedelta())
    by_hand.move_by_hand(visit.pk, pushed, **desk.who("08:20"), plan_version=1)
    assert left(at("08:20:10")) == 0
    by_hand.undo_move_by_hand(visit.pk, **desk.who("08:20:12"), plan_version=2)
    assert left(at("08:40")) == 0
    by_hand.move_by_hand(visit.pk, pushed, **desk.who("08:41"), plan_version=3)
    assert left(at("08:41:16")) == 1
    assert Wait.objects.get(pk=wait.pk).ending == Ending.SERVED


def test_a_call_about_who_leaves_meanwhile_offers_nothing_more(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.sooner(visits["20:00"])
    desk.remove(visits["10:00"])
    offered = desk.offer(wait)
    keeping.withdraw(wait.pk, "Передумал", actor=desk.cast.second_operator, now=at("08:23"))
    assert TimeOffer.objects.get(pk=offered.pk).answer == OfferAnswer.GIVEN_UP
    with pytest.raises(NotWaiting):
        offering.accept(offered.pk, **desk.who("08:24"), plan_version=1)


def test_a_breach_is_found(desk: ListDesk) -> None:
    wait = desk.wait()
    Wait.objects.filter(pk=wait.pk).update(ended_at=at("08:20"), ending=Ending.WITHDRAWN)
    assert {broken.invariant for broken in broken_waits()} == {
        "wait_that_the_journal_does_not_know",
        "withdrawn_without_who_or_why",
    }
    Wait.objects.filter(pk=wait.pk).update(ended_at=None, ending="")


# --- a visit booked meanwhile ---------------------------------------------------------------------------------------


def wait_without_a_car(desk: ListDesk, **wishes: Any) -> tuple[Wait, Visit]:
    """On the list without a car, and booked with one since."""
    client, car = desk.cast.register("Кот Иван", "+7 912 000-01-00", plate="А000АА 77")
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:10")}
    wait = keeping.put_on_list(desk.cast.branch.pk, Wanted(client, None, 60), WishedFor(**wishes), **by)
    to = plan(desk, "15:00")
    return wait, book(desk.cast.branch.pk, client, car, to, Details(), actor=desk.cast.operator, now=at("08:15"))


def test_who_waited_before_the_visit_was_booked_keeps_the_place(desk: ListDesk) -> None:
    wait, visit = wait_without_a_car(desk)
    sooner = desk.sooner(visit, "08:15", not_after_minute=12 * 60)
    assert (sooner.pk, sooner.visit, sooner.added_at, sooner.known_starts_at) == (
        wait.pk,
        visit,
        at("08:10"),
        at("15:00"),
    )
    assert sooner.not_after_minute == 12 * 60
    assert left(at("08:16")) == 0, "what was booked is not what the client waits for"
    assert desk.journal() == ["wait_begun", "visit_booked", "wait_changed"]
    with pytest.raises(AlreadyWaiting):
        desk.sooner(visit, "08:17")


def two_waits_and_a_visit(desk: ListDesk) -> tuple[Wait, Wait]:
    """The second is with the car, and has the visit."""
    first, visit = wait_without_a_car(desk, not_after_minute=12 * 60)
    Wait.objects.filter(pk=first.pk).update(added_at=at("08:10"), ended_at=at("08:15"), ending=Ending.EXPIRED)
    second = desk.sooner(visit, "08:16")
    Wait.objects.filter(pk=first.pk).update(ended_at=None, ending="")
    return first, second


@pytest.mark.parametrize(
    "act",
    [
        lambda wait, by: keeping.change_wishes(wait.pk, WishedFor(), comment="", **by),
        lambda wait, by: keeping.withdraw(wait.pk, "Передумал", **by),
    ],
)
def test_a_visit_is_waited_for_once(desk: ListDesk, act: Callable[[Wait, dict[str, Any]], Wait]) -> None:
    first, second = two_waits_and_a_visit(desk)
    act(first, {"actor": desk.cast.operator, "now": at("08:20")})
    assert Wait.objects.get(pk=first.pk).visit is None
    assert wait_of_visit(second.visit_id or 0) == second
    assert left(at("08:21")) == 0


def test_nobody_is_put_back_for_a_visit_that_another_place_is_for(desk: ListDesk) -> None:
    first, visit = wait_without_a_car(desk)
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:20")}
    desk.sooner(visit, "08:16")
    keeping.withdraw(first.pk, "Передумал", **by)
    desk.sooner(visit, "08:21")
    with pytest.raises(AlreadyWaiting):
        keeping.put_back(first.pk, **by)


def test_a_wait_that_cannot_be_ended_holds_up_no_other(
    desk: ListDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = desk.wait(0, days=[TODAY]), desk.wait(1, days=[TODAY])
    end = WaitTurn.end_by_itself

    def end_the_other(turn: WaitTurn) -> None:
        if turn.wait.pk == broken.pk:
            raise IntegrityError("one_open_wait_per_visit")
        end(turn)

    monkeypatch.setattr(WaitTurn, "end_by_itself", end_the_other)
    assert left(at("09:00", TOMORROW)) == 1
    assert Wait.objects.get(pk=other.pk).ending == Ending.EXPIRED
    assert f"the wait {broken.pk} could not be ended" in caplog.text
