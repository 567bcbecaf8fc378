"""Booking, moving, changing (M10; hard cases 5, 6, 11, 22)."""

from datetime import datetime, timedelta

import pytest

from tests.apps.visits.desk import Desk, watch
from tests.cast import TOMORROW, Cast, at
from vovremya.directory.models import Policy
from vovremya.kernel.refusal import BadInput, NotAllowed
from vovremya.schedule.models import Occupation
from vovremya.schedule.refusals import BayTaken
from vovremya.visits.actions import booking, reception, removal
from vovremya.visits.actions.booking import Details, Plan
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Case, Visit
from vovremya.visits.refusals import Conflict, NotPlanned, WrongMoment
from vovremya.visits.rules.words import Answer, CallResult, State


def occupied(visit: Visit) -> list[tuple[int, int, str]]:
    rows = Occupation.objects.filter(visit_id=visit.pk)
    return [(row.bay_id, row.lane, f"{row.starts_at - at('00:00')}") for row in rows]


# --- booking ---------------------------------------------------------------------------------------------------


def test_a_booked_visit_occupies_its_bay_and_knows_its_day(cast: Cast) -> None:
    visit = cast.book("10:00", minutes=90)
    assert (visit.on.isoformat(), visit.closes_at, visit.day_ends_at) == (
        "2026-11-22",
        at("21:00"),
        at("00:00", TOMORROW),
    )
    assert occupied(visit) == [(cast.bays[0].pk, 0, "10:00:00")]
    assert (visit.next_change_at, [work.name for work in visit.works.all()]) == (at("10:10:00.001"), ["ТО-60"])


def test_a_visit_does_not_overlap_another(cast: Cast) -> None:
    first = cast.book("10:00")
    with pytest.raises(BayTaken) as refused:
        cast.book("10:30")
    assert refused.value.facts["visit_ids"] == (first.pk,)
    assert Visit.objects.count() == 1


def test_overbooking_is_a_supervisor_s_right_and_takes_the_next_lane(cast: Cast) -> None:
    cast.book("10:00")
    with pytest.raises(NotAllowed):
        cast.book("10:30", is_overbooked=True)
    assert cast.book("10:30", by=cast.supervisor, is_overbooked=True).lane == 1


@pytest.mark.parametrize(
    ("clock", "now", "code"),
    [
        ("08:00", "08:00", "branch_closed"),
        ("21:00", "08:00", "branch_closed"),
        ("10:00", "10:10:00.001", "starts_in_past"),
    ],
)
def test_a_visit_is_booked_for_open_hours_to_come(cast: Cast, clock: str, now: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        cast.book(clock, now=at(now))
    assert refused.value.problems == {"starts_at": code}


def test_a_visit_booked_for_now_is_not_late_yet(cast: Cast) -> None:
    visit = cast.book("10:00", now=at("10:10"))
    assert Desk(cast, visit.pk).state("10:10") is State.PLANNED


@pytest.mark.parametrize(("field", "code"), [("bay_id", "bay_unknown"), ("advisor_id", "advisor_unknown")])
def test_bay_and_advisor_are_the_branch_s_own(cast: Cast, field: str, code: str) -> None:
    plan = {"bay_id": cast.bays[0].pk, "starts_at": at("10:00"), "ends_at": at("11:00"), field: 9999}
    with pytest.raises(BadInput) as refused:
        booking.book(
            cast.branch.pk,
            cast.late_client,
            None,
            Plan(**plan),  # type: ignore[arg-type]
            Details(),
            actor=cast.operator,
            now=at("08:00"),
        )
    assert list(refused.value.problems.values()) == [code]


def test_a_visit_ends_after_it_starts(desk: Desk) -> None:
    plan = Plan(desk.cast.bays[0].pk, at("10:00"), at("10:00"))
    with pytest.raises(BadInput):
        booking.move(desk.visit_id, plan, actor=desk.cast.master, now=at("09:00"), plan_version=1)


def test_a_change_of_policy_is_for_visits_booked_or_moved_after_it(cast: Cast) -> None:
    before = cast.book("10:00")
    Policy.objects.create(branch=cast.branch, number=2, late_after_minutes=5, in_force_from=at("08:30"))
    after = cast.book("13:00", now=at("08:30"))
    assert Desk(cast, before.pk).state("10:06") is State.PLANNED
    assert Desk(cast, after.pk).state("13:06") is State.LATE
    Desk(cast, before.pk).move("08:40", "16:00")
    assert Desk(cast, before.pk).state("16:06") is State.LATE


# --- moving ----------------------------------------------------------------------------------------------------


def test_a_moved_visit_goes_whole_with_its_history(desk: Desk) -> None:
    visit = desk.move("09:00", "14:00", bay=1)
    assert (visit.pk, visit.plan_version) == (desk.visit_id, 2)
    assert occupied(visit) == [(desk.cast.bays[1].pk, 0, "14:00:00")]
    data = desk.entry("visit_moved").data
    assert (data["old_bay_id"], data["bay_id"], data["was_late"]) == (
        desk.cast.bays[0].pk,
        desk.cast.bays[1].pk,
        False,
    )


def test_a_move_to_a_taken_bay_leaves_everything_as_it_was(desk: Desk) -> None:
    desk.cast.book("14:00", bay=1)
    before = desk.journal()
    with pytest.raises(BayTaken):
        desk.move("09:00", "14:30", bay=1)
    assert (desk.visit.starts_at, desk.journal()) == (at("10:00"), before)


def test_a_move_of_what_somebody_moved_meanwhile_is_a_conflict(desk: Desk) -> None:
    desk.move("09:00", "14:00")
    with pytest.raises(Conflict, match="plan_changed"):
        desk.move("09:01", "15:00", plan_version=1)


def test_the_client_s_agreement_in_the_call_ends_the_case_as_moved(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.move("10:14", "14:00", from_card=True, comment="Перенос на 22.11, 14:00")
    case = desk.case
    assert (case.outcome, case.answer, case.comment) == ("moved", Answer.MOVE, "Перенос на 22.11, 14:00")
    assert (desk.state("13:00"), desk.entry("visit_moved").data["was_late"]) == (State.PLANNED, True)


def test_a_move_from_the_card_needs_its_talk(desk: Desk) -> None:
    desk.open("10:11")
    with pytest.raises(WrongMoment, match="not_reached"):
        desk.move("10:12", "14:00", from_card=True)
    desk.check_in("10:13")
    desk.undo_check_in("10:14")
    desk.move("10:15", "15:00", desk.cast.master)
    with pytest.raises(Conflict, match="case_ended"):
        desk.move("10:16", "14:00", from_card=True)


def test_a_move_by_the_master_closes_the_case_by_plan(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    desk.move("10:14", "14:00", desk.cast.master)
    assert (desk.case.outcome, desk.case.ended_by_id) == ("closed_by_plan", desk.cast.master.user_id)


def test_a_late_visit_may_change_its_bay(desk: Desk) -> None:
    case = desk.open("10:31")
    desk.move("10:32", "10:00", desk.cast.master, bay=2)
    assert Case.objects.get(ended_at=None).pk == case.pk
    desk.call("10:33", CallResult.BUSY)
    assert desk.state("10:34") is State.WAITING


def test_a_moved_client_is_not_expected_at_the_old_promise(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:13")
    desk.move("10:15", "14:00")
    assert desk.visit.expected_at is None


def test_what_is_not_planned_is_not_moved(desk: Desk) -> None:
    desk.check_in("10:05")
    with pytest.raises(NotPlanned):
        desk.move("10:06", "14:00")


def test_a_move_to_tomorrow_changes_the_day(desk: Desk) -> None:
    visit = desk.move("10:06", "", starts_at=at("10:00", TOMORROW))
    assert (visit.on, visit.day_ends_at) == (TOMORROW, at("00:00", TOMORROW + timedelta(days=1)))


def test_an_arrived_visit_changes_bay_and_end_but_not_its_time(desk: Desk) -> None:
    desk.check_in("10:05")
    change = {"actor": desk.cast.master, "now": at("10:30"), "plan_version": desk.visit.plan_version}
    visit = booking.change_arrived(desk.visit_id, desk.cast.bays[1].pk, at("12:00"), **change)  # type: ignore[arg-type]
    assert (visit.starts_at, visit.ends_at, visit.bay_id) == (at("10:00"), at("12:00"), desk.cast.bays[1].pk)
    with pytest.raises(Conflict):
        booking.change_arrived(desk.visit_id, desk.cast.bays[1].pk, at("12:30"), **change)  # type: ignore[arg-type]


def test_work_does_not_end_in_the_past_nor_before_the_client_comes(desk: Desk) -> None:
    master = desk.cast.master
    with pytest.raises(WrongMoment, match="not_arrived"):
        booking.change_arrived(
            desk.visit_id, desk.visit.bay_id, at("12:00"), actor=master, now=at("10:05"), plan_version=1
        )
    desk.check_in("10:05")
    with pytest.raises(BadInput):
        booking.change_arrived(
            desk.visit_id, desk.visit.bay_id, at("10:30"), actor=master, now=at("10:30"), plan_version=1
        )


def test_an_overbooked_visit_stays_on_its_lane_when_its_work_takes_longer(cast: Cast) -> None:
    cast.book("10:00", minutes=180)
    desk = Desk(cast, cast.book("10:30", by=cast.supervisor, is_overbooked=True).pk)
    desk.check_in("10:31")
    visit = booking.change_arrived(
        desk.visit_id, cast.bays[0].pk, at("12:00"), actor=cast.master, now=at("10:40"), plan_version=1
    )
    assert visit.lane == 1


def test_an_overbooked_visit_comes_upon_no_other_by_whoever_may_not_overbook(cast: Cast) -> None:
    cast.book("10:00")
    others = [cast.book("12:00").pk, cast.book("10:00", bay=1).pk]
    desk = Desk(cast, cast.book("10:30", by=cast.supervisor, is_overbooked=True).pk)
    desk.check_in("10:31")
    for bay, ends_at, other in zip(cast.bays, ("12:30", "11:30"), others, strict=False):
        with pytest.raises(BayTaken) as refused:
            booking.change_arrived(
                desk.visit_id, bay.pk, at(ends_at), actor=cast.master, now=at("10:40"), plan_version=1
            )
        assert other in refused.value.facts["visit_ids"]  # type: ignore[operator]
    change = {"actor": cast.master, "now": at("10:40"), "plan_version": 1}
    visit = booking.change_arrived(desk.visit_id, cast.bays[2].pk, at("12:30"), **change)  # type: ignore[arg-type]
    assert visit.lane == 0


# --- two visits in a row (hard case 11) ------------------------------------------------------------------------


@pytest.fixture
def chain(cast: Cast) -> tuple[Desk, Desk]:
    return Desk(cast, cast.book("10:00").pk), Desk(cast, cast.book("11:00").pk)


def test_of_two_visits_in_a_row_only_the_first_is_late(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    assert (first.state("11:30"), second.state("11:30")) == (State.OVERDUE, State.PLANNED)


def test_the_row_does_not_depend_on_which_was_booked_first(cast: Cast) -> None:
    second = Desk(cast, cast.book("11:00").pk)
    first = Desk(cast, cast.book("10:00").pk)
    assert second.visit.follows_id == first.visit_id


def test_moving_the_first_takes_the_second_along_over_its_own_place(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    first.move("10:15", "10:30", with_chain=True)
    assert (first.visit.starts_at, second.visit.starts_at) == (at("10:30"), at("11:30"))
    assert second.visit.follows_id == first.visit_id


def test_a_chain_moves_whole_or_not_at_all(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    first.cast.book("12:00", client=first.cast.register("Петров Пётр")[0])
    with pytest.raises(BayTaken):
        first.move("10:15", "10:30", with_chain=True)
    assert (first.visit.starts_at, second.visit.starts_at) == (at("10:00"), at("11:00"))
    assert Occupation.objects.filter(visit_id=second.visit_id).exists()


def test_an_overbooked_visit_that_is_taken_along_comes_upon_no_other(cast: Cast) -> None:
    first = Desk(cast, cast.book("10:00").pk)
    client = cast.register("Петров Пётр")[0]
    beside = cast.book("11:00", bay=1, client=client)
    second = Desk(cast, cast.book("11:00", bay=1, by=cast.supervisor, is_overbooked=True).pk)
    first.move("09:00", "10:15", with_chain=True)
    assert (second.visit.starts_at, second.visit.lane) == (at("11:15"), 1)
    other = cast.book("12:15", bay=1, client=client)
    with pytest.raises(BayTaken) as refused:
        first.move("09:01", "10:30", with_chain=True)
    assert refused.value.facts["visit_ids"] == (beside.pk, other.pk)


def test_moving_the_first_alone_leaves_the_second_to_itself(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    first.move("10:15", "14:00")
    assert (second.visit.follows_id, second.state("11:11")) == (None, State.LATE)


def test_another_bay_for_the_first_keeps_the_row(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    first.move("10:15", "10:00", bay=1)
    assert second.visit.follows_id == first.visit_id


def test_when_the_first_is_removed_the_lateness_of_the_second_is_written_down(chain: tuple[Desk, Desk]) -> None:
    first, second = chain
    first.remove("11:15", "expensive", is_said_by_client=True)
    assert second.state("11:15") is State.LATE
    assert second.journal("turned_late") == [("turned_late", "11:10")]
    watch("23:59")
    assert second.journal("turned_late") == [("turned_late", "11:10")]


# --- what the visit is for -------------------------------------------------------------------------------------


def test_what_the_visit_is_for_can_be_changed(desk: Desk) -> None:
    changed = booking.edit(
        desk.visit_id, Details(reason="Скрип", comment="Ждёт"), actor=desk.cast.operator, now=at("09:00")
    )
    assert changed == ["reason", "comment", "works"]
    assert desk.entry("visit_changed").data == {"fields": "reason comment works"}


def test_a_change_that_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    before = desk.journal()
    same = Details(reason="Стучит справа", works=[booking.PlannedWork("ТО-60", "to-60", 150)])
    assert booking.edit(desk.visit_id, same, actor=desk.cast.operator, now=at("09:00")) == []
    assert desk.journal() == before


def test_a_removed_visit_is_not_edited(desk: Desk) -> None:
    desk.remove("09:00", "expensive", is_said_by_client=True)
    with pytest.raises(NotPlanned):
        booking.edit(desk.visit_id, Details(), actor=desk.cast.operator, now=at("09:01"))


# --- works over nights -------------------------------------------------------------------------------------------


def periods(visit: Visit) -> list[tuple[datetime, datetime]]:
    rows = Occupation.objects.filter(visit_id=visit.pk).order_by("starts_at")
    return list(rows.values_list("starts_at", "ends_at"))


TWO_DAYS = [(at("19:00"), at("21:00")), (at("09:00", TOMORROW), at("11:00", TOMORROW))]


def test_a_work_over_the_night_leaves_the_night_to_others_and_no_hour_of_the_days(cast: Cast) -> None:
    visit = cast.book("19:00", minutes=16 * 60)
    assert periods(visit) == TWO_DAYS
    with pytest.raises(BayTaken) as refused:
        cast.book("10:30", on=TOMORROW)
    assert refused.value.facts["visit_ids"] == (visit.pk,)
    cast.book("11:00", on=TOMORROW)
    lane = cast.book("10:30", on=TOMORROW, by=cast.supervisor, is_overbooked=True).lane
    assert (lane, broken_invariants()) == (1, [])


def test_a_work_over_the_night_is_checked_in_removed_and_restored_as_one(cast: Cast) -> None:
    desk = Desk(cast, cast.book("19:00", minutes=16 * 60).pk)
    removal.remove(
        desk.visit_id,
        removal.RemovalInput(cast.reason("duplicate"), comment="Дубль"),
        actor=cast.operator,
        now=at("18:00"),
        plan_version=1,
    )
    assert periods(desk.visit) == []
    removal.restore(desk.visit_id, actor=cast.operator, now=at("18:10"))
    assert periods(desk.visit) == TWO_DAYS
    reception.check_in(desk.visit_id, actor=cast.master, now=at("19:00"))
    booking.change_arrived(
        desk.visit_id,
        cast.bays[1].pk,
        at("12:00", TOMORROW),
        actor=cast.master,
        now=at("19:10"),
        plan_version=desk.visit.plan_version,
    )
    assert periods(desk.visit) == [TWO_DAYS[0], (at("09:00", TOMORROW), at("12:00", TOMORROW))]
    assert broken_invariants() == []


def test_a_follower_that_is_taken_along_keeps_its_hours_of_work(cast: Cast) -> None:
    first = cast.book("16:00")
    follower = cast.book("17:00", minutes=18 * 60, bay=1)  # until 11:00 tomorrow: six hours
    assert follower.follows_id == first.pk
    plan = Plan(cast.bays[0].pk, at("13:00"), at("14:00"), cast.advisor.pk)
    booking.move(first.pk, plan, actor=cast.operator, now=at("08:00"), plan_version=1, with_chain=True)
    follower.refresh_from_db()
    assert (follower.starts_at, follower.ends_at) == (at("14:00"), at("20:00"))
    assert broken_invariants() == []


def test_a_work_over_the_night_is_imported_day_by_day(cast: Cast) -> None:
    plan = Plan(cast.bays[0].pk, at("19:00"), at("11:00", TOMORROW))
    new = NewVisit(cast.late_client, None, plan, Details())
    (visit,) = book_imported(cast.branch.pk, [new], actor=cast.supervisor, now=at("08:00"))
    assert (periods(visit), broken_invariants()) == (TWO_DAYS, [])
