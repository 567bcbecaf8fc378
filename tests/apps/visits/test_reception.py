"""Arrival, work, no-show and taking each of them back (hard cases 1, 2)."""

import pytest

from tests.apps.visits.desk import Desk, watch
from tests.cast import TOMORROW, at
from vovremya.visits.actions import booking, reception
from vovremya.visits.refusals import NotPlanned, WrongMoment
from vovremya.visits.rules.words import CallResult, State, Status


def test_an_arrival_is_written_down_with_its_lateness(desk: Desk) -> None:
    visit = desk.check_in("10:17:59")
    assert (visit.status, visit.arrived_at) == (Status.ARRIVED, at("10:17:59"))
    assert desk.entry("client_arrived").data == {"late_minutes": 17, "after_removal": False}
    assert visit.next_change_at is None


def test_an_early_arrival_is_not_late(desk: Desk) -> None:
    desk.check_in("09:40")
    assert desk.entry("client_arrived").data["late_minutes"] == 0


def test_an_arrival_closes_the_open_contact(desk: Desk) -> None:
    desk.dial("10:12")
    desk.check_in("10:12:30")
    assert (desk.case.outcome, desk.case.ended_by_id) == ("arrived", desk.cast.master.user_id)
    assert desk.attempts[0].result == "unknown"


def test_nobody_arrives_twice(desk: Desk) -> None:
    desk.check_in("10:05")
    with pytest.raises(NotPlanned, match="not_planned_arrived"):
        desk.check_in("10:06")


def test_taking_an_arrival_back_opens_the_contact_as_it_was(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    desk.check_in("10:14")
    desk.undo_check_in("10:15")
    assert (desk.case.ended_at, desk.case.outcome, desk.case.retry_at) == (None, "", at("10:17:20"))
    desk.call("10:18", CallResult.BUSY)
    assert desk.state("10:19") is State.GROUNDS


def test_what_the_mistaken_arrival_hid_is_written_down_when_it_is_taken_back(desk: Desk) -> None:
    desk.check_in("10:05")
    desk.undo_check_in("10:25")
    assert desk.state("10:25") is State.OVERDUE
    assert desk.journal("turned_late", "deadline_missed") == [("turned_late", "10:10"), ("deadline_missed", "10:20")]


def test_what_was_written_before_the_mistaken_arrival_is_not_written_again(desk: Desk) -> None:
    watch("10:11")
    desk.check_in("10:12")
    desk.undo_check_in("10:15")
    watch("10:30")
    assert desk.journal("turned_late", "deadline_missed") == [("turned_late", "10:10"), ("deadline_missed", "10:20")]


def test_a_bay_changed_during_the_mistaken_arrival_does_not_spoil_the_card(desk: Desk) -> None:
    desk.open("10:11")
    desk.check_in("10:12")
    booking.change_arrived(
        desk.visit_id, desk.cast.bays[1].pk, at("11:30"), actor=desk.cast.master, now=at("10:13"), plan_version=1
    )
    desk.undo_check_in("10:14")
    desk.call("10:15", CallResult.ANSWERED)
    assert desk.finish("10:16").outcome == "confirmed"


def test_an_arrival_is_taken_back_on_its_day_only(desk: Desk) -> None:
    desk.check_in("10:05")
    with pytest.raises(WrongMoment, match="another_day"):
        reception.undo_check_in(desk.visit_id, actor=desk.cast.master, now=at("00:00", TOMORROW))


def test_there_is_no_arrival_to_take_back(desk: Desk) -> None:
    with pytest.raises(WrongMoment, match="not_arrived"):
        desk.undo_check_in("10:05")


def test_work_starts_and_ends_and_each_step_can_be_taken_back(desk: Desk) -> None:
    master = desk.cast.master
    steps = [
        (reception.start_work, Status.IN_WORK),
        (reception.end_work, Status.DONE),
        (reception.undo_end_work, Status.IN_WORK),
        (reception.undo_start_work, Status.ARRIVED),
    ]
    desk.check_in("10:05")
    for step, status in steps:
        assert step(desk.visit_id, actor=master, now=at("10:10")).status == status
    assert (desk.visit.work_started_at, desk.visit.work_ended_at) == (None, None)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (reception.start_work, "needs_arrived"),
        (reception.end_work, "needs_in_work"),
        (reception.undo_start_work, "needs_in_work"),
        (reception.undo_end_work, "needs_done"),
    ],
)
def test_work_has_its_order(desk: Desk, step: object, code: str) -> None:
    assert callable(step)
    with pytest.raises(WrongMoment, match=code):
        step(desk.visit_id, actor=desk.cast.master, now=at("10:10"))


def test_a_no_show_is_said_by_a_person_after_the_day_s_end(desk: Desk) -> None:
    operator = desk.cast.operator
    with pytest.raises(WrongMoment, match="day_not_over"):
        reception.mark_no_show(desk.visit_id, actor=operator, now=at("23:59"))
    reception.mark_no_show(desk.visit_id, actor=operator, now=at("00:00", TOMORROW))
    assert desk.visit.status == Status.NO_SHOW
    reception.undo_no_show(desk.visit_id, actor=operator, now=at("00:05", TOMORROW))
    assert desk.standing.state(at("00:05", TOMORROW)) is State.NOT_ARRIVED
    with pytest.raises(WrongMoment, match="needs_no_show"):
        reception.undo_no_show(desk.visit_id, actor=operator, now=at("00:06", TOMORROW))
