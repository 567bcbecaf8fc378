"""The hard cases of the state machine, by their numbers; those of the screen are among the browser tests."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.apps.visits.desk import COMMENT, Desk, watch
from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from vovremya.board.queries.day import board_day
from vovremya.customers.actions import register
from vovremya.customers.queries import clients_by_phone
from vovremya.directory.models import Branch, Network
from vovremya.directory.rules import PROGRAM
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions import booking, contact, reception, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.booking import FileNews, Plan
from vovremya.visits.actions.turn import Outage
from vovremya.visits.models import Draft, Visit
from vovremya.visits.refusals import CallInProgress, Conflict, DialledRecently, NotPlanned
from vovremya.visits.rules.arrival import BadEta
from vovremya.visits.rules.removal import NoGround
from vovremya.visits.rules.words import CallResult, State

BUSY = CallResult.BUSY


def open_round_the_clock(cast: Cast) -> None:
    set_week_hours(cast.branch.pk, [DayHours(0, 1440)] * 7, actor=PROGRAM, now=at("08:00"))


def move_branch_to(cast: Cast, zone: str) -> ZoneInfo:
    Branch.objects.filter(pk=cast.branch.pk).update(zone=zone)
    return ZoneInfo(zone)


def test_hard_case_01_check_in_wins_over_the_call(desk: Desk) -> None:
    desk.dial("10:12")
    version = desk.case.version
    desk.check_in("10:12:30")
    with pytest.raises(NotPlanned, match="not_planned_arrived"):
        desk.result("10:12:40", CallResult.ANSWERED, case_version=version)
    with pytest.raises(NotPlanned):
        desk.move("10:13", "14:00")
    with pytest.raises(NotPlanned):
        desk.remove("10:13", "expensive", is_said_by_client=True)


def test_hard_case_02_a_client_who_comes_after_the_removal_is_no_no_show(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    desk.remove("10:20", "unreached")
    desk.restore("10:40", desk.cast.master)
    desk.check_in("10:41")
    assert desk.entry("client_arrived").data == {"late_minutes": 41, "after_removal": True}


def test_hard_case_03_two_dials_ring_once(desk: Desk) -> None:
    desk.dial("10:12")
    with pytest.raises(CallInProgress) as refused:
        desk.dial("10:12", desk.cast.second_operator)
    assert refused.value.facts == {"who": "Иванова", "at": at("10:12")}
    assert len(desk.attempts) == 1


def test_hard_case_04_a_browser_that_dies_in_a_call_fails_nobody(desk: Desk) -> None:
    case = desk.open("10:11")
    desk.dial("10:12")
    contact.save_draft(case.pk, actor=desk.cast.operator, sequence=7, body={"comment": "Алло"}, real_now=at("10:12:05"))
    watch("10:14")
    contact.lapse_leases(at("10:14"), at("10:14"))
    assert [(attempt.result, attempt.counts) for attempt in desk.attempts] == [("unknown", False)]
    assert (desk.holder, Draft.objects.get().body) == ("", {"comment": "Алло"})
    assert desk.state("10:14") is State.LATE


def test_hard_case_05_the_master_s_move_wins_over_the_open_card(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    case = desk.case
    desk.move("10:13", "14:00", desk.cast.master)
    with pytest.raises(Conflict, match="case_ended"):
        desk.finish("10:14", case_version=case.version)
    contact.add_note(case.pk, COMMENT, actor=desk.cast.operator, now=at("10:14"))
    assert (desk.case.comment, desk.case.outcome, len(desk.attempts)) == (COMMENT, "closed_by_plan", 1)


def test_hard_case_05_the_call_that_the_move_cut_short_can_be_told(desk: Desk) -> None:
    desk.dial("10:12")
    case_id = desk.case.pk
    desk.move("10:13", "14:00", desk.cast.master)
    for actor in (desk.cast.second_operator, desk.cast.operator):
        with suppress(BadInput):
            contact.add_note(case_id, "", actor=actor, now=at("10:14"), result=BUSY)
    assert [(attempt.result, attempt.counts) for attempt in desk.attempts] == [("busy", False)]
    assert desk.entry("call_ended").user_id == desk.cast.operator.user_id
    assert desk.state("13:00") is State.PLANNED


def test_hard_case_06_another_bay_leaves_the_case_open(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    version = desk.case.version
    desk.move("10:13", "10:00", desk.cast.master, bay=1)
    assert desk.finish("10:14", case_version=version).outcome == "confirmed"


def test_hard_case_07_a_retry_after_closing_is_not_prompted_and_nothing_is_deleted(cast: Cast) -> None:
    desk = Desk(cast, cast.book("20:40").pk)
    desk.call("20:58", BUSY)
    assert desk.state("20:59") is State.RETRY_AFTER_CLOSING
    assert desk.call("21:10", BUSY)  # type: ignore[truthy-bool]  # it may still be dialled
    announce_due(at("00:00", TOMORROW))
    assert (desk.visit.status, desk.case.outcome) == ("planned", "expired")
    assert desk.standing.state(at("00:00", TOMORROW)) is State.NOT_ARRIVED


def test_hard_case_07_a_deadline_after_closing_is_not_missed(cast: Cast) -> None:
    desk = Desk(cast, cast.book("20:45").pk)
    watch("21:30")
    assert (desk.state("21:30"), desk.is_missed("21:30")) == (State.LATE_AFTER_CLOSING, False)
    assert desk.journal("deadline_missed") == []


def test_hard_case_08_an_attempt_at_the_deadline_is_in_time_and_the_second_may_be_later(desk: Desk) -> None:
    desk.call("10:20:00.000", BUSY)
    assert desk.entry("call_ended").data["in_time"] is True
    desk.call("10:25:20", BUSY)
    assert (desk.state("10:26"), desk.is_missed("10:26")) == (State.GROUNDS, False)


def test_hard_case_08_a_millisecond_later_it_is_missed(desk: Desk) -> None:
    desk.call("10:20:00.001", BUSY)
    assert desk.entry("call_ended").data["in_time"] is False
    assert desk.is_missed("10:21")
    assert desk.journal("deadline_missed") == [("deadline_missed", "10:20")]


@pytest.mark.parametrize("written", ["8 (912) 345-67-89", "+79123456789", "9123456789"])
def test_hard_case_09_a_client_who_calls_back_is_found_by_any_writing(desk: Desk, written: str) -> None:
    assert clients_by_phone(written, desk.cast.network) == [desk.cast.late_client]


def test_hard_case_09_a_call_back_takes_the_grounds_away(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    desk.called("10:19", desk.cast.second_operator)
    assert (desk.case.grounds, desk.case.retry_at) == ("", None)
    with pytest.raises(NoGround, match="client_called_back"):
        desk.remove("10:20", "unreached")


def test_hard_case_10_one_call_serves_two_visits(cast: Cast) -> None:
    first = Desk(cast, cast.book("10:00").pk)
    second = Desk(cast, cast.book("10:00", bay=1).pk)
    first.call("10:12", CallResult.ANSWERED)
    first.finish("10:13", eta="8", also_visit_ids=(second.visit_id,))
    assert [desk.visit.expected_at for desk in (first, second)] == [at("10:20:20")] * 2
    finished = [desk.entry("card_finished") for desk in (first, second)]
    assert finished[0].action_id == finished[1].action_id
    assert (len(first.attempts), len(second.attempts)) == (1, 0)


def test_hard_case_10_a_visit_of_somebody_else_is_not_served(cast: Cast) -> None:
    desk = Desk(cast, cast.book("10:00").pk)
    other = cast.book("10:00", bay=1, client=cast.register("Петров Пётр")[0])
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(Refusal, match="not_allowed"):
        desk.finish("10:13", also_visit_ids=(other.pk,))
    assert desk.case.ended_at is None


def test_hard_case_10_nor_one_that_a_colleague_holds(cast: Cast) -> None:
    first, second = Desk(cast, cast.book("10:00").pk), Desk(cast, cast.book("10:00", bay=1).pk)
    second.open("10:11", cast.second_operator)
    first.call("10:12", CallResult.ANSWERED)
    with pytest.raises(Refusal, match="card_held"):
        first.finish("10:13", also_visit_ids=(second.visit_id,))
    assert first.visit.expected_at is None


@pytest.mark.parametrize(("clock", "is_warned"), [("10:16:59.999", True), ("10:17", False)])
def test_hard_case_10_the_same_number_within_five_minutes_warns(cast: Cast, clock: str, is_warned: bool) -> None:
    first, second = Desk(cast, cast.book("10:00").pk), Desk(cast, cast.book("10:00", bay=1).pk)
    first.call("10:12", BUSY)
    if is_warned:
        with pytest.raises(DialledRecently):
            second.dial(clock)
    second.dial(clock, is_repeat_confirmed=is_warned)


def visit_in_other_branch(cast: Cast) -> Desk:
    """The late client has one there, too; the operator does not see the branch."""
    visit = cast.book("10:00", bay=1)
    Visit.objects.filter(pk=visit.pk).update(branch=cast.other_branch)
    return Desk(cast, visit.pk)


def test_hard_case_10_who_dialled_behind_the_wall_is_not_named(cast: Cast) -> None:
    here, elsewhere = Desk(cast, cast.book("10:00").pk), visit_in_other_branch(cast)
    elsewhere.dial("10:12", cast.stranger)
    with pytest.raises(DialledRecently) as refused:
        here.dial("10:13")
    assert refused.value.facts == {"who": "другой филиал", "at": at("10:12")}


def test_hard_case_10_another_network_may_have_dialled_the_number(cast: Cast) -> None:
    here, elsewhere = Desk(cast, cast.book("10:00").pk), visit_in_other_branch(cast)
    other_network = Network.objects.create(name="Другая сеть")
    theirs = register(other_network, "Смирнова Анна", [cast.late_phone.number], now=MORNING).client
    Visit.objects.filter(pk=elsewhere.visit_id).update(client=theirs)
    elsewhere.dial("10:12", cast.stranger, phone_id=theirs.phones.get().pk)
    here.dial("10:13")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it looks")
def test_hard_case_10_recent_calls_are_found_by_the_number_and_not_among_all(cast: Cast) -> None:
    desk = Desk(cast, cast.book("10:00").pk)
    desk.open("10:11")
    with CaptureQueriesContext(connection) as captured:
        desk.dial("10:12")
    (query,) = [each["sql"] for each in captured if '"started_at" >' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        plan = "\n".join(str(line[-1]) for line in cursor.fetchall())
    assert re.search(r"customers_phone_number_key\w* \(number_key", plan), plan
    assert re.search(r"visits_attempt_phone_id\w* \(phone_id", plan), plan


def test_hard_case_10_one_phone_of_several_people_is_a_list(cast: Cast) -> None:
    cast.register("Смирнов Олег", "+7 912 345-67-89")
    found = clients_by_phone("89123456789", cast.network)
    assert [client.name for client in found] == ["Смирнов Олег", "Смирнова Анна Викторовна"]


def test_hard_case_11_of_two_visits_in_a_row_the_chain_moves(cast: Cast) -> None:
    first, second = Desk(cast, cast.book("10:00").pk), Desk(cast, cast.book("11:00").pk)
    assert (first.state("11:15"), second.state("11:15")) == (State.OVERDUE, State.PLANNED)
    first.move("11:15", "15:00", with_chain=True)
    assert second.visit.starts_at == at("16:00")


def test_hard_case_12_a_visit_over_midnight_belongs_to_its_day_and_stands_on_both_boards(cast: Cast) -> None:
    open_round_the_clock(cast)
    visit = cast.book("23:30")
    assert visit.on == TODAY
    for on in (TODAY, TOMORROW):
        bars = board_day(cast.branch, on, at("12:00")).bars[visit.bay_id]
        assert [bar.visit_id for bar in bars] == [visit.pk]


def test_hard_case_12_round_the_clock_a_client_of_before_midnight_is_not_dropped_at_it(cast: Cast) -> None:
    open_round_the_clock(cast)
    desk = Desk(cast, cast.book("23:55").pk)
    just_late = at("00:05:00.001", TOMORROW)
    assert (desk.visit.closes_at, desk.standing.state(just_late)) == (None, State.LATE)


@pytest.mark.parametrize(
    ("zone", "on", "clock"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "01:55"),  # on from 2:00 to 3:00
        ("Europe/Berlin", date(2026, 10, 25), "02:55"),  # back from 3:00 to 2:00
        ("Europe/Moscow", date(2028, 2, 29), "23:55"),
    ],
)
def test_hard_case_12_lateness_is_elapsed_time(cast: Cast, zone: str, on: date, clock: str) -> None:
    open_round_the_clock(cast)
    branch_zone = move_branch_to(cast, zone)
    starts_at = at(clock, on, branch_zone)
    plan = Plan(cast.bays[0].pk, starts_at, starts_at + timedelta(hours=1))
    visit = booking.book(
        cast.branch.pk, cast.late_client, None, plan, booking.Details(), actor=cast.operator, now=starts_at
    )
    assert visit.on == on
    assert visit.next_change_at == starts_at + timedelta(minutes=10, milliseconds=1)


def test_hard_case_14_after_a_restart_fifty_late_visits_are_yellow_with_their_own_deadlines(cast: Cast) -> None:
    client, _ = cast.register("Петров Пётр")
    visits = [cast.book(f"10:{minute:02}", minutes=1, client=client) for minute in range(50)]
    watch("11:30", outage=Outage(at("09:00"), at("11:30")))
    desks = [Desk(cast, visit.pk) for visit in visits]
    assert {desk.state("11:30") for desk in desks} == {State.OVERDUE}
    assert [desk.entry("turned_late").at for desk in desks] == [
        visit.starts_at + timedelta(minutes=10, milliseconds=1) for visit in visits
    ]
    assert all(desk.entry("deadline_missed").data["by_outage"] for desk in desks)
    assert watch("11:31") == 0


def test_hard_case_16_without_a_phone_the_visit_is_late_and_waits_for_a_number(cast: Cast) -> None:
    client, _ = cast.register("Петров Пётр")
    desk = Desk(cast, cast.book("10:00", client=client).pk)
    desk.open("10:11")
    with pytest.raises(BadInput):
        desk.result("10:12", BUSY)
    with pytest.raises(Refusal):
        contact.add_number(desk.visit_id, "12-34", actor=cast.operator, now=at("10:12"))
    phone = contact.add_number(desk.visit_id, "8 912 000 00 05", actor=cast.operator, now=at("10:13"))
    assert desk.dial("10:14", phone_id=phone.pk).phone == phone


def test_hard_case_16_without_a_phone_removal_waits_for_the_day_s_end_or_an_override(cast: Cast) -> None:
    client, _ = cast.register("Петров Пётр")
    desk = Desk(cast, cast.book("10:00", client=client).pk)
    with pytest.raises(NoGround):
        desk.remove("10:30", "unreached")
    desk.remove("10:30", "unreached", cast.supervisor, override="Телефона нет и не будет")
    assert desk.entry("visit_removed").data["is_override"] is True


def test_hard_case_17_exactly_ten_minutes_from_the_answer_is_near(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    assert desk.finish("10:19", eta="10").expected_at == at("10:22:20")


@pytest.mark.parametrize(
    ("eta", "code"), [("-5", "eta_unreadable"), ("999", "eta_absurd"), ("скоро", "eta_unreadable")]
)
def test_hard_case_17_an_absurd_arrival_is_refused_at_its_field(desk: Desk, eta: str, code: str) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(BadEta, match=code) as refused:
        desk.finish("10:13", eta=eta)
    assert refused.value.field == "eta"


AT_ONCE: dict[str, Callable[[Desk, int], object]] = {
    "remove": lambda desk, _: desk.remove("10:13", "expensive", desk.cast.supervisor, plan_version=1),
    "confirm": lambda desk, version: desk.finish("10:13", case_version=version),
    "move": lambda desk, _: desk.move("10:13", "14:00", desk.cast.master, plan_version=1),
    "check in": lambda desk, _: desk.check_in("10:13", plan_version=1),
}


@pytest.mark.parametrize("first", AT_ONCE)
def test_hard_case_19_of_four_at_once_one_wins_and_the_others_are_told(desk: Desk, first: str) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    version = desk.case.version
    AT_ONCE[first](desk, version)
    entries = desk.journal()
    for name in set(AT_ONCE) - {first}:
        with pytest.raises((NotPlanned, Conflict)) as refused:
            AT_ONCE[name](desk, version)
        assert refused.value.facts["visit"] == desk.visit
    assert desk.journal() == entries


def test_hard_case_19_a_client_who_is_here_is_here_whatever_was_planned(desk: Desk) -> None:
    desk.move("10:13", "14:00")
    assert desk.check_in("10:14").status == "arrived"


def test_hard_case_22_moved_and_late_again_is_a_new_round(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.move("10:14", "10:45", from_card=True)
    assert desk.state("10:54") is State.PLANNED
    assert desk.open("10:56").round == 2
    assert desk.journal("turned_late") == [("turned_late", "10:10"), ("turned_late", "10:55")]


def test_hard_case_23_a_file_that_says_nothing_new_undoes_no_move(desk: Desk) -> None:
    desk.move("09:00", "14:00")
    booking.change_by_import(desk.visit_id, FileNews(fields={"comment": "Ждёт"}), actor=PROGRAM, now=at("09:10"))
    assert (desk.visit.starts_at, desk.visit.comment) == (at("14:00"), "Ждёт")


def test_hard_case_24_of_thirty_late_at_once_none_is_hidden(cast: Cast) -> None:
    visits = [cast.book("10:00", is_overbooked=True, by=cast.supervisor) for _ in range(30)]
    assert watch("10:11") == 30
    assert {Desk(cast, visit.pk).state("10:11") for visit in visits} == {State.LATE}


def test_hard_case_26_a_warning_within_the_grace_is_only_noted(desk: Desk) -> None:
    desk.called("09:50")
    desk.finish("09:51", eta="10:10")
    assert (desk.attempts, desk.case.outcome) == ([], "confirmed")
    assert [desk.state(clock) for clock in ("10:10", "10:20", "10:20:00.001")] == [
        State.EXPECTED,
        State.EXPECTED,
        State.LATE,
    ]


def test_hard_case_26_a_warning_beyond_the_grace_is_near_or_moved(desk: Desk) -> None:
    desk.called("09:50")
    with pytest.raises(BadInput) as refused:
        desk.finish("09:51", eta="10:11")
    assert refused.value.problems == {"eta": "eta_far"}
    desk.move("09:52", "10:30", from_card=True)
    assert (desk.case.outcome, desk.visit.starts_at) == ("moved", at("10:30"))


def test_hard_case_26_a_client_on_the_way_who_calls_again_begins_a_new_round(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:13", eta="5")
    assert desk.called("10:17").round == 2
    desk.finish("10:18", eta="10")
    assert desk.visit.expected_at == at("10:27")


def test_an_undone_no_show_or_a_removal_the_next_day_needs_no_failures(desk: Desk) -> None:
    next_day = at("09:00", TOMORROW)
    reception.mark_no_show(desk.visit_id, actor=desk.cast.operator, now=next_day)
    reception.undo_no_show(desk.visit_id, actor=desk.cast.operator, now=next_day)
    form = removal.RemovalInput(desk.cast.reason("no_show"))
    removal.remove(desk.visit_id, form, actor=desk.cast.operator, now=next_day, plan_version=1)
    assert desk.visit.status == "removed"
