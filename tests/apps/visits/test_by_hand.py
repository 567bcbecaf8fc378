"""Moving by hand on the board: what is in the way, and taking it back within ten seconds."""

from datetime import timedelta
from typing import Any

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import MOSCOW, Cast, at
from vovremya.directory.actions import name_bay_groups
from vovremya.directory.models import Bay, BayGroup, Policy, Work
from vovremya.directory.rules import Actor
from vovremya.kernel.refusal import BadInput, NotAllowed
from vovremya.schedule.actions import close_bay, hold, set_bay_hours, set_week_hours
from vovremya.schedule.queries import Closure
from vovremya.schedule.refusals import BayTaken
from vovremya.schedule.rules.hours import DayHours
from vovremya.schedule.rules.obstacles import ObstacleKind
from vovremya.visits.actions import contact, reception
from vovremya.visits.actions.by_hand import UNDOABLE_FOR, ByHand, move_by_hand, undo_move_by_hand
from vovremya.visits.models import Visit
from vovremya.visits.refusals import Conflict, InTheWay, NotPlanned, WrongMoment
from vovremya.visits.rules.words import CallResult, State


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast, cast.book("10:00").pk)


def drag(
    desk: Desk, clock: str, *, later: int = 0, longer: int = 0, bay: int = 0, by: Actor | None = None, version: int = 0
) -> Visit:
    shift = ByHand(desk.cast.bays[bay].pk, timedelta(minutes=later), timedelta(minutes=longer))
    now = at(clock)
    return move_by_hand(
        desk.visit_id,
        shift,
        actor=by or desk.cast.operator,
        now=now,
        real_now=now,
        plan_version=version or desk.visit.plan_version,
    )


def undo(desk: Desk, clock: str, by: Actor | None = None, **more: Any) -> Visit:
    more.setdefault("plan_version", desk.visit.plan_version)
    more.setdefault("real_now", at(clock))
    return undo_move_by_hand(desk.visit_id, actor=by or desk.cast.operator, now=at(clock), **more)


def plan(desk: Desk) -> tuple[str, str, str]:
    visit = desk.visit
    starts, ends = (moment.astimezone(MOSCOW) for moment in (visit.starts_at, visit.ends_at))
    return f"{starts:%H:%M}", f"{ends:%H:%M}", visit.bay.name


# --- the move ------------------------------------------------------------------------------------------------------


def test_a_visit_is_moved_stretched_and_brought_to_another_bay_at_once(desk: Desk) -> None:
    drag(desk, "09:00", later=90, longer=30, bay=1)
    assert plan(desk) == ("11:30", "13:00", "Пост 2")
    assert desk.visit.plan_version == 2


def in_the_way(desk: Desk, clock: str = "09:00", **shift: Any) -> ObstacleKind:
    before = plan(desk)
    with pytest.raises(InTheWay) as refused:
        drag(desk, clock, **shift)
    assert plan(desk) == before
    kind: ObstacleKind = refused.value.facts["obstacle"].kind  # type: ignore[attr-defined]
    return kind


def test_a_bay_that_is_taken_held_or_out_of_use_is_in_the_way(desk: Desk) -> None:
    cast = desk.cast
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    cast.book("12:00", bay=1, client=client)
    assert in_the_way(desk, later=90, bay=1) is ObstacleKind.TAKEN
    other_id = cast.second_operator.user_id or 0
    hold(cast.bays[1], at("15:00"), at("16:00"), user_id=other_id, real_now=at("09:00"))
    assert in_the_way(desk, later=270, bay=1) is ObstacleKind.HELD
    close_bay(cast.bays[2], [Closure(at("10:00"), at("11:00"), "Ремонт подъёмника")])
    assert in_the_way(desk, bay=2) is ObstacleKind.OUT_OF_USE
    drag(desk, "09:06", later=270, bay=1)  # the hold has lapsed


def test_lunch_and_closed_hours_are_in_the_way_of_what_is_planned(desk: Desk) -> None:
    set_week_hours(
        desk.cast.branch.pk, [DayHours(540, 1260, (780, 840))] * 7, actor=desk.cast.supervisor, now=at("08:00")
    )
    assert in_the_way(desk, later=150) is ObstacleKind.LUNCH
    assert in_the_way(desk, longer=125) is ObstacleKind.LUNCH
    assert in_the_way(desk, later=11 * 60) is ObstacleKind.CLOSED
    assert in_the_way(desk, later=10 * 60 + 30) is ObstacleKind.CLOSED, "it would go on after closing"
    drag(desk, "09:00", later=120)


def test_hours_of_a_bay_are_in_the_way_there_and_nowhere_else(desk: Desk) -> None:
    set_bay_hours(desk.cast.bays[1], [DayHours(600, 720)] * 7, actor=desk.cast.supervisor, now=at("08:00"))
    assert in_the_way(desk, later=90, bay=1) is ObstacleKind.BAY_CLOSED
    assert in_the_way(desk, later=11 * 60, bay=1) is ObstacleKind.CLOSED, "so is the branch"
    drag(desk, "09:00", later=90)
    drag(desk, "09:00", later=-30, bay=1)


def test_the_past_is_in_the_way_of_a_new_time_and_not_of_a_new_bay(desk: Desk) -> None:
    assert in_the_way(desk, "10:28", later=-60) is ObstacleKind.PAST
    assert in_the_way(desk, "10:28", later=15) is ObstacleKind.PAST
    drag(desk, "10:28", bay=1, longer=15)
    assert plan(desk) == ("10:00", "11:15", "Пост 2")


def test_a_bay_of_another_group_is_in_the_way(desk: Desk) -> None:
    body = BayGroup.objects.create(branch=desk.cast.branch, name="Кузовной")
    bay = Bay.objects.create(branch=desk.cast.branch, group=body, name="Стапель")
    with pytest.raises(InTheWay) as refused:
        drag_to(desk, bay)
    assert refused.value.facts["obstacle"].kind is ObstacleKind.OTHER_GROUP  # type: ignore[attr-defined]


def test_a_bay_of_another_group_that_all_its_works_name_is_not_in_the_way(desk: Desk) -> None:
    cast = desk.cast
    body, wash = (BayGroup.objects.create(branch=cast.branch, name=name) for name in ("Кузовной", "Мойка"))
    stand = Bay.objects.create(branch=cast.branch, group=body, name="Стапель")
    polish, paint = (
        Work.objects.create(network=cast.network, code=code, name=code, norm_minutes=30) for code in ("P1", "P2")
    )
    for work in (polish, paint):
        desk.visit.works.create(code=work.code, name=work.name, norm_minutes=30)
    name_bay_groups(polish, [body, wash])
    name_bay_groups(paint, [body])
    drag_to(desk, stand)
    assert plan(desk)[2] == "Стапель"
    with pytest.raises(InTheWay):
        drag_to(desk, Bay.objects.create(branch=cast.branch, group=wash, name="Мойка"))


def drag_to(desk: Desk, bay: Bay) -> None:
    shift, now = ByHand(bay.pk, timedelta(0), timedelta(0)), at("09:00")
    by = desk.cast.operator
    move_by_hand(desk.visit_id, shift, actor=by, now=now, real_now=now, plan_version=desk.visit.plan_version)


def test_a_work_over_nights_is_not_moved_by_hand(desk: Desk) -> None:
    long_one = Desk(desk.cast, desk.cast.book("19:00", minutes=16 * 60).pk)
    with pytest.raises(WrongMoment, match="works_over_nights"):
        drag(long_one, "09:00", later=30)


def test_nothing_is_left_of_a_visit_shortened_to_nothing(desk: Desk) -> None:
    with pytest.raises(BadInput):
        drag(desk, "09:00", longer=-60)


def test_what_somebody_moved_meanwhile_is_not_moved_again(desk: Desk) -> None:
    desk.move("09:00", "14:00", desk.cast.master)
    with pytest.raises(Conflict, match="moved_meanwhile"):
        drag(desk, "09:01", later=60, version=1)


def test_of_a_client_who_is_here_the_bay_and_the_end_are_changed_by_those_who_may(desk: Desk) -> None:
    desk.check_in("10:05")
    with pytest.raises(NotAllowed):
        drag(desk, "10:10", bay=1)
    with pytest.raises(WrongMoment, match="arrival_stays"):
        drag(desk, "10:10", later=30, by=desk.cast.master)
    drag(desk, "10:10", bay=1, longer=30, by=desk.cast.master)
    assert plan(desk) == ("10:00", "11:30", "Пост 2")
    assert in_the_way(desk, "11:20", longer=-15, by=desk.cast.master) is ObstacleKind.PAST
    drag(desk, "20:30", longer=11 * 60, by=desk.cast.master)  # who is at work goes on after closing
    undo(desk, "20:30", desk.cast.master)
    assert plan(desk) == ("10:00", "11:30", "Пост 2")


def test_a_plan_that_is_history_is_not_moved(desk: Desk) -> None:
    desk.remove("09:00", "duplicate", comment="Дважды")
    with pytest.raises(NotPlanned, match="not_planned_removed"):
        drag(desk, "09:01", later=60)


def test_a_new_time_closes_the_open_contact_and_another_bay_leaves_it(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    drag(desk, "10:15", bay=1)
    assert desk.case.ended_at is None
    drag(desk, "10:15", later=120, bay=1)
    assert desk.case.outcome == "closed_by_plan"


# --- taking it back ------------------------------------------------------------------------------------------------


def test_a_late_visit_comes_back_late_with_its_contact_its_policy_and_its_promise(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    Policy.objects.create(branch=desk.cast.branch, number=2, late_after_minutes=5, in_force_from=at("10:13"))
    before = desk.visit, desk.case
    drag(desk, "10:15", later=120, bay=1)
    assert desk.state("10:15") is State.PLANNED
    undo(desk, "10:15")
    visit, case = desk.visit, desk.case
    assert plan(desk) == ("10:00", "11:00", "Пост 1")
    assert (visit.policy_id, visit.plan_version) == (before[0].policy_id, 3)
    assert (case.pk, case.retry_at, case.ended_at) == (before[1].pk, before[1].retry_at, None)
    assert desk.state("10:15") is State.WAITING
    assert [attempt.result for attempt in desk.attempts] == ["busy"]
    assert desk.entry("visit_moved").data["is_undone"]


def test_a_promised_arrival_comes_back_too(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:13")
    promised = desk.visit.expected_at
    drag(desk, "10:15", later=120)
    assert desk.visit.expected_at is None
    undo(desk, "10:15")
    assert desk.visit.expected_at == promised is not None


def test_an_overbooked_visit_goes_back_to_its_lane(desk: Desk) -> None:
    client, _ = desk.cast.register("Кот Иван", "+7 912 000-00-01")
    second = desk.cast.book("10:30", client=client, by=desk.cast.supervisor, is_overbooked=True)
    other = Desk(desk.cast, second.pk)
    drag(other, "09:00", later=60)
    assert other.visit.lane == 0
    undo(other, "09:00")
    assert other.visit.lane == 1


def test_an_overbooked_visit_is_stretched_in_its_lane_by_who_may_overbook(desk: Desk) -> None:
    client, _ = desk.cast.register("Кот Иван", "+7 912 000-00-01")
    second = desk.cast.book("10:30", client=client, by=desk.cast.supervisor, is_overbooked=True)
    other = Desk(desk.cast, second.pk)
    with pytest.raises(BayTaken):
        drag(other, "09:00", longer=15)
    drag(other, "09:00", longer=15, by=desk.cast.supervisor)
    assert (plan(other), other.visit.lane) == (("10:30", "11:45", "Пост 1"), 1)


def test_undo_is_for_ten_seconds_and_what_the_line_takes(desk: Desk) -> None:
    drag(desk, "09:00", later=60)
    with pytest.raises(WrongMoment, match="undo_too_late"):
        undo(desk, "09:00", real_now=at("09:00") + UNDOABLE_FOR + timedelta(milliseconds=1))
    undo(desk, "09:00", real_now=at("09:00") + UNDOABLE_FOR)


def test_undo_is_refused_once_anybody_did_anything(desk: Desk) -> None:
    drag(desk, "09:00", later=60)
    desk.check_in("09:00")
    with pytest.raises(Conflict, match="changed_since_move"):
        undo(desk, "09:00")
    reception.undo_check_in(desk.visit_id, actor=desk.cast.master, now=at("09:00"))
    drag(desk, "09:00", later=15)
    undo(desk, "09:00")
    with pytest.raises(Conflict, match="changed_since_move"):
        undo(desk, "09:00")
    desk.move("09:00", "15:00")
    with pytest.raises(Conflict, match="changed_since_move"):
        undo(desk, "09:00")


def test_undo_is_refused_where_a_contact_has_begun_anew(desk: Desk) -> None:
    desk.open("10:12")
    drag(desk, "10:13", later=5)
    desk.open("10:16")
    with pytest.raises(Conflict, match="changed_since_move"):
        undo(desk, "10:16", real_now=at("10:13"))


def test_a_card_taken_in_hand_does_not_stand_in_the_way_of_undo(desk: Desk) -> None:
    desk.open("10:12")
    drag(desk, "10:13", bay=1, by=desk.cast.master)
    contact.release_card(desk.visit_id, actor=desk.cast.operator, now=at("10:13"))
    undo(desk, "10:13", desk.cast.master)
    assert plan(desk)[2] == "Пост 1"
