"""The client is reminded: a visit of tomorrow at 14:00, in a branch that reminds at noon and two hours before."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tests.apps.visits.desk import Desk, watch
from tests.cast import MOSCOW, TODAY, TOMORROW, Cast, at
from vovremya.directory.models import Policy
from vovremya.directory.queries import policy_in_force
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.booking import Details, Plan
from vovremya.visits.actions.branch_settings import change_setting, take_back_change
from vovremya.visits.actions.by_hand import ByHand, move_by_hand, undo_move_by_hand
from vovremya.visits.actions.contact import CardInput, reopen
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Visit
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.removal import NoGround
from vovremya.visits.rules.settings import Setting, SettingOf
from vovremya.visits.rules.words import Answer, CallResult, CaseKind, Outcome, State

YESTERDAY = TODAY - timedelta(days=1)
BEFORE = at("09:00", YESTERDAY)
SECOND_REMINDER = at("13:00", TOMORROW)  # of a visit at three
BOTH = RemindersWanted(day_before_minute=12 * 60, before_minutes=120)
COMES = CardInput(answer=Answer.YES, comment="Приедет завтра в 14:00")


def reminds(cast: Cast, wanted: RemindersWanted = BOTH, now: datetime = BEFORE) -> None:
    cast.remind(wanted, now)


def booked(cast: Cast, clock: str = "14:00", **more: Any) -> Desk:
    """Yesterday; for tomorrow, unless another day is named."""
    return Desk(cast, cast.book(clock, **{"on": TOMORROW, "now": at("10:00", YESTERDAY), **more}).pk)


@pytest.fixture
def desk(cast: Cast) -> Desk:
    reminds(cast)
    return booked(cast)


def instants(visit: Visit) -> list[str]:
    found = (visit.remind_at, visit.remind_pauses_at, visit.remind_resumes_at)
    return [f"{each.astimezone(MOSCOW):%d %H:%M}" for each in found if each]


def fail(desk: Desk) -> None:
    """By the policy of every contact: two failures, the second after five minutes."""
    desk.call("12:05", CallResult.NO_ANSWER)
    desk.call("12:11", CallResult.BUSY)


# --- when it is due -------------------------------------------------------------------------------------------------


def test_the_watch_says_when_the_reminder_is_due_and_opens_nothing(desk: Desk) -> None:
    assert instants(desk.visit) == ["22 12:00", "22 20:00", "23 09:00"]
    assert desk.state("11:59:59.999") is State.PLANNED
    assert watch("12:01") == 1
    assert desk.state("12:00") is State.TO_REMIND
    assert desk.state("20:00") is State.PLANNED
    assert desk.standing.state(at("09:00", TOMORROW)) is State.TO_REMIND
    assert desk.journal("reminder_came_due") == [("reminder_came_due", "12:00")]
    assert not desk.visit.cases.exists()
    announce_due(at("09:30", TOMORROW))
    assert desk.journal("reminder_came_due")[1:] == [("reminder_came_due", "09:00")]
    assert broken_invariants() == []


def test_whoever_books_within_the_window_is_not_reminded_but_an_import_says_nothing_of_when(cast: Cast) -> None:
    reminds(cast)
    assert instants(booked(cast, now=at("11:00")).visit) == ["23 12:00"]
    assert instants(booked(cast, "17:00", now=at("11:00"), on=TODAY).visit) == []
    plan = Plan(cast.bays[1].pk, at("14:00", TOMORROW), at("15:00", TOMORROW))
    (imported,) = book_imported(
        cast.branch.pk, [NewVisit(cast.late_client, None, plan, Details())], actor=cast.supervisor, now=at("11:00")
    )
    assert instants(Visit.objects.get(pk=imported.pk)) == ["22 12:00", "22 20:00", "23 09:00"]
    far = booked(cast, now=at("11:00"), on=TOMORROW + timedelta(days=1))
    assert instants(far.visit) == ["23 12:00", "23 20:00", "24 09:00"]


def test_a_branch_reminds_of_nothing_until_it_decides_so(cast: Cast) -> None:
    assert booked(cast).visit.remind_at is None


# --- what the client says -------------------------------------------------------------------------------------------


def test_a_client_who_says_to_come_is_reminded_no_more(desk: Desk) -> None:
    version = desk.visit.plan_version
    desk.call("12:05", CallResult.ANSWERED)
    assert desk.case.kind == CaseKind.REMIND
    assert desk.state("12:06") is State.TO_REMIND
    with pytest.raises(BadInput):
        desk.finish("12:06", card=CardInput(answer=Answer.YES))
    desk.finish("12:06", card=COMES)
    assert (desk.case.outcome, desk.case.answer) == (Outcome.REMINDED, Answer.YES)
    visit = desk.visit
    assert (visit.confirmation, visit.remind_at, visit.expected_at) == ("confirmed", None, None)
    assert visit.plan_version == version + 1
    assert desk.state("13:00") is State.CONFIRMED
    assert desk.standing.state(at("14:10:00.001", TOMORROW)) is State.LATE
    assert broken_invariants() == []


def test_two_failures_leave_the_visit_unconfirmed_and_the_next_reminder_is_made(desk: Desk) -> None:
    fail(desk)
    assert (desk.case.outcome, desk.case.grounds, desk.holder) == (Outcome.UNCONFIRMED, "", "")
    assert desk.case.ended_by_id == desk.cast.operator.user_id
    visit = desk.visit
    assert (visit.status, visit.confirmation, instants(visit)) == ("planned", "unconfirmed", ["23 12:00"])
    assert desk.state("12:12") is State.UNCONFIRMED
    assert desk.standing.state(at("12:00", TOMORROW)) is State.TO_REMIND
    assert broken_invariants() == []


def test_nobody_is_removed_for_not_having_been_reminded(desk: Desk) -> None:
    fail(desk)
    with pytest.raises(NoGround):
        desk.remove("12:20", "unreached")


def test_who_could_not_be_reminded_may_be_called_again_at_once(desk: Desk) -> None:
    fail(desk)
    desk.open("13:00")
    assert (desk.state("13:00"), desk.case.round) == (State.TO_REMIND, 2)
    assert instants(desk.visit) == ["22 13:00", "22 20:00", "23 09:00"]
    desk.call("13:01", CallResult.ANSWERED)
    desk.finish("13:02", card=COMES)
    assert desk.state("13:02") is State.CONFIRMED


def test_a_call_to_remind_meets_no_deadline_of_a_lateness(desk: Desk) -> None:
    desk.call("12:05", CallResult.NO_ANSWER)
    assert "in_time" not in desk.entry("call_ended").data


def test_a_wrong_number_and_no_other_is_unconfirmed_too(desk: Desk) -> None:
    desk.call("12:05", CallResult.WRONG_NUMBER)
    assert desk.case.outcome == Outcome.UNCONFIRMED
    assert broken_invariants() == []


def test_asked_to_call_later_it_is_called_later(desk: Desk) -> None:
    desk.call("12:05", CallResult.ANSWERED)
    desk.later("12:06", "40")
    change = next(change for change in desk.standing.timeline if change.at == at("12:46"))
    assert (change.state, desk.state("12:20")) == (State.TO_REMIND, State.TO_REMIND)
    watch("12:47")
    assert desk.journal("retry_came_due") == [("retry_came_due", "12:46")]
    desk.call("12:50", CallResult.ANSWERED)
    desk.later("12:51", "9:30")  # tomorrow, in the morning
    assert desk.case.retry_at == at("09:30", TOMORROW)
    assert desk.state("19:59") is State.TO_REMIND


def test_another_time_and_a_refusal_go_the_ways_of_the_late_contact(cast: Cast, desk: Desk) -> None:
    desk.call("12:05", CallResult.ANSWERED)
    with pytest.raises(WrongMoment, match="move_first"):
        desk.finish("12:06", card=CardInput(answer=Answer.MOVE))
    desk.move("12:07", "", starts_at=at("10:00", TOMORROW + timedelta(days=2)), from_card=True, comment="В среду")
    assert desk.case.outcome == Outcome.MOVED
    assert instants(desk.visit) == ["24 12:00", "24 20:00", "25 09:00"]

    other = booked(cast, "16:00", bay=1)
    other.call("12:20", CallResult.ANSWERED, is_repeat_confirmed=True)
    with pytest.raises(WrongMoment, match="removal_first"):
        other.finish("12:21", card=CardInput(answer=Answer.NO))
    other.remove("12:22", "expensive")
    assert (other.visit.status, other.case.outcome, other.case.answer) == ("removed", Outcome.REFUSED, Answer.NO)
    other.restore("12:30", cast.supervisor)
    assert other.state("12:30") is State.TO_REMIND
    assert broken_invariants() == []


def test_one_call_reminds_of_two_visits(cast: Cast, desk: Desk) -> None:
    other = booked(cast, "16:00", bay=1)
    desk.call("12:05", CallResult.ANSWERED)
    desk.finish("12:06", card=COMES, also_visit_ids=(other.visit_id,))
    assert [each.state("12:07") for each in (desk, other)] == [State.CONFIRMED] * 2


def test_a_client_who_calls_back_confirms_but_on_the_way_warns(desk: Desk) -> None:
    desk.call("12:05", CallResult.NO_ANSWER)
    desk.called("12:07")
    assert (desk.case.kind, desk.case.is_incoming, desk.case.retry_at) == (CaseKind.REMIND, True, None)
    desk.finish("12:08", card=COMES)
    assert desk.state("12:08") is State.CONFIRMED


def test_who_warns_on_the_way_ends_the_reminder(cast: Cast) -> None:
    reminds(cast)
    desk = booked(cast, on=TODAY)
    desk.call("12:05", CallResult.NO_ANSWER)
    desk.called("12:30")
    first, second = desk.visit.cases.order_by("round")
    assert (first.kind, first.outcome) == (CaseKind.REMIND, Outcome.OVERTAKEN)
    assert (second.kind, second.is_incoming) == (CaseKind.LATE, True)
    desk.finish("12:31", "14:08", cast.operator)
    assert desk.state("12:32") is State.EXPECTED
    assert broken_invariants() == []


# --- what else happens to the visit ---------------------------------------------------------------------------------


def test_late_wins_at_its_instant_whether_the_watch_ran_or_slept(cast: Cast) -> None:
    reminds(cast)
    desk = booked(cast, on=TODAY)
    desk.open("12:05")
    watch("14:30")
    reminder = desk.visit.cases.get(kind=CaseKind.REMIND)
    assert (reminder.outcome, reminder.ended_at) == (Outcome.OVERTAKEN, at("14:10:00.001"))
    assert desk.state("14:30") is State.OVERDUE
    assert desk.open("14:31").kind == CaseKind.LATE
    assert broken_invariants() == []


def test_who_comes_unreminded_ends_the_contact_and_undone_it_goes_on(cast: Cast) -> None:
    reminds(cast)
    desk = booked(cast, on=TODAY)
    desk.open("12:05")
    desk.check_in("12:30")
    assert desk.case.outcome == Outcome.ARRIVED
    desk.undo_check_in("12:31")
    assert (desk.state("12:31"), desk.case.outcome) == (State.TO_REMIND, "")


def test_another_time_voids_what_the_client_said_and_another_bay_does_not(desk: Desk) -> None:
    desk.call("12:05", CallResult.ANSWERED)
    desk.finish("12:06", card=COMES)
    desk.move("12:10", "", starts_at=at("14:00", TOMORROW), bay=1)
    assert desk.state("12:10") is State.CONFIRMED
    desk.move("12:11", "", starts_at=at("15:00", TOMORROW), bay=1)
    assert (desk.state("12:11"), desk.visit.confirmation, desk.visit.remind_at) == (
        State.PLANNED,
        "",
        SECOND_REMINDER,
    )


def test_a_move_by_hand_that_is_undone_brings_back_the_reminder_and_what_came_of_it(desk: Desk) -> None:
    fail(desk)
    desk.open("13:00")
    before = Visit.objects.values("confirmation", "remind_at", "remind_pauses_at", "remind_resumes_at", "starts_at")
    was = before.get(pk=desk.visit_id)
    visit = desk.visit
    who: dict[str, Any] = {"actor": desk.cast.operator, "now": at("13:05"), "real_now": at("13:05")}
    shift = ByHand(visit.bay_id, timedelta(hours=1), timedelta(0))
    moved = move_by_hand(desk.visit_id, shift, plan_version=visit.plan_version, **who)
    assert (moved.confirmation, moved.remind_at, desk.case.outcome) == (
        "",
        SECOND_REMINDER,
        Outcome.CLOSED_BY_PLAN,
    )
    undo_move_by_hand(desk.visit_id, plan_version=moved.plan_version, **who)
    assert before.get(pk=desk.visit_id) == was
    assert (desk.state("13:06"), desk.case.outcome) == (State.TO_REMIND, "")
    assert broken_invariants() == []


def test_what_came_of_a_reminder_can_be_taken_back(desk: Desk) -> None:
    desk.call("12:05", CallResult.ANSWERED)
    desk.finish("12:06", card=COMES)
    reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("12:10"))
    assert (desk.state("12:10"), desk.case.outcome, desk.case.revision) == (State.TO_REMIND, "", 2)
    assert broken_invariants() == []
    desk.release("12:10")
    desk.check_in("12:11")
    with pytest.raises(Exception, match="not_planned_arrived"):
        reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("12:12"))


def test_a_reminder_that_lateness_has_ended_is_not_opened_again(cast: Cast) -> None:
    reminds(cast)
    desk = booked(cast, on=TODAY)
    desk.open("12:05")
    with pytest.raises(WrongMoment, match="nothing_to_reopen"):
        reopen(desk.visit_id, actor=cast.supervisor, now=at("14:11"))


# --- what the branch decides ----------------------------------------------------------------------------------------


def test_the_setting_is_a_version_of_the_policy_and_takes_the_visits_to_come_along(cast: Cast, desk: Desk) -> None:
    first = Policy.objects.get(branch=cast.branch, number=1)
    assert (first.remind_day_before_minute, first.remind_before_minutes) == (None, None)
    policy = policy_in_force(cast.branch.pk, at("08:00"))
    assert policy_in_force(cast.branch.pk, at("08:00", YESTERDAY)) == first
    assert (policy.number, policy.remind_day_before_minute, policy.remind_before_minutes) == (2, 720, 120)
    assert (policy.late_after_minutes, policy.attempts) == (first.late_after_minutes, first.attempts)
    assert desk.visit.policy == policy
    entry = Entry.objects.get(kind="setting_changed")
    assert (entry.visit_id, entry.user_id, entry.data["setting"]) == (None, cast.supervisor.user_id, "reminders")

    version = desk.visit.version
    reminds(cast, RemindersWanted(before_minutes=60), at("11:00"))
    assert (instants(desk.visit), desk.visit.version) == (["23 13:00"], version + 1)
    reminds(cast, RemindersWanted(), at("11:30"))
    assert (instants(desk.visit), desk.state("12:30")) == ([], State.PLANNED)
    assert broken_invariants() == []


def test_a_visit_in_hand_late_or_confirmed_keeps_what_it_has(cast: Cast, desk: Desk) -> None:
    late = booked(cast, "11:00", on=TODAY)
    confirmed = booked(cast, "16:00", bay=1)
    confirmed.call("12:05", CallResult.ANSWERED)
    confirmed.finish("12:06", card=COMES)
    desk.open("12:07")
    reminds(cast, RemindersWanted(), at("12:08"))
    assert (late.visit.policy.number, desk.visit.policy.number, confirmed.visit.policy.number) == (2, 2, 3)
    assert (desk.state("12:08"), confirmed.state("12:08")) == (State.TO_REMIND, State.CONFIRMED)
    assert broken_invariants() == []


def test_what_has_come_true_before_the_setting_is_told_of_its_own_instant(cast: Cast, desk: Desk) -> None:
    reminds(cast, RemindersWanted(before_minutes=60), at("12:30"))
    assert desk.journal("reminder_came_due") == [("reminder_came_due", "12:00")]


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        (RemindersWanted(calls_from_minute=600, calls_until_minute=600), "calls", "calls_end_before_they_begin"),
        (RemindersWanted(calls_until_minute=1441), "calls", "calls_end_before_they_begin"),
        (RemindersWanted(day_before_minute=1200), "day_before", "reminder_outside_of_calls"),
        (RemindersWanted(before_minutes=5), "before", "reminder_at_odd_time"),
        (RemindersWanted(before_minutes=800), "before", "reminder_at_odd_time"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    cast: Cast, wanted: RemindersWanted, field: str, code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        reminds(cast, wanted)
    assert refused.value.problems == {field: code}
    assert Policy.objects.filter(branch=cast.branch).count() == 1


def test_setting_reads_and_writes_many_visits_at_a_time(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(10, 20):
        booked(cast, f"{hour}:00")
    with django_assert_max_num_queries(35):
        reminds(cast, now=at("11:00"))
    assert Visit.objects.filter(remind_at__isnull=False).count() == 10


def test_those_to_be_reminded_of_are_found_by_their_index(cast: Cast, desk: Desk) -> None:
    due = Visit.objects.filter(branch=cast.branch, status="planned", remind_at__lte=at("12:00"))
    if connection.vendor == "sqlite":
        assert "visit_to_remind" in due.explain()
    assert due.get() == desk.visit


def test_other_hours_of_the_branch_move_the_reminders_to_come(cast: Cast, desk: Desk) -> None:
    """On that day the branch opens in the afternoon alone; what has been due stays."""
    closed, late = SettingOf(cast.branch.pk, Setting.EXCEPTION, on=TODAY), {"hours": [900, 1260], "title": ""}
    change_setting(closed, late, actor=cast.supervisor, now=at("11:00"))
    assert instants(desk.visit) == ["22 15:00", "22 20:00", "23 09:00"]
    assert desk.state("12:00") is State.PLANNED
    assert broken_invariants() == []


def test_the_setting_can_be_taken_back(cast: Cast, desk: Desk) -> None:
    change = cast.remind(RemindersWanted(before_minutes=60), at("11:00"))
    assert change is not None
    take_back_change(change.pk, cast.branch.pk, actor=cast.supervisor, now=at("11:01"))
    assert instants(desk.visit) == ["22 12:00", "22 20:00", "23 09:00"]
