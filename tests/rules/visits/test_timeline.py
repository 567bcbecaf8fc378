"""When a visit is in which state (M1, M2, M5, M8), to the millisecond."""

from datetime import datetime, timedelta

import pytest

from tests.rules.visits.facts import (
    CLOSING,
    DAY_END,
    DEADLINE,
    LATE_FROM,
    MILLISECOND,
    MINUTE,
    OVERDUE_FROM,
    POLICY,
    SECOND,
    START,
    at,
    attempt,
    case,
    failure,
    told,
    visit,
)
from vovremya.visits.rules.case import ATTEMPT_WITHOUT_RESULT_FOR, CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.timeline import (
    BEGINNING,
    changes_between,
    contact_deadline,
    is_deadline_met,
    is_deadline_missed,
    late_from,
    next_change_at,
    state_at,
    state_timeline,
)
from vovremya.visits.rules.words import CallResult, Grounds, State, Status

SPOILT = CallResult.LINE_FAULT


def states(facts: VisitFacts, policy: PolicyFacts = POLICY) -> list[tuple[str, str]]:
    return told(state_timeline(facts, policy))


def state(facts: VisitFacts, now: datetime) -> State:
    return state_at(state_timeline(facts, POLICY), now).state


def counted_to(facts: VisitFacts, now: datetime) -> datetime | None:
    return state_at(state_timeline(facts, POLICY), now).counts_to


# --- yellow and red --------------------------------------------------------------------------------------------


def test_nobody_acts_all_day() -> None:
    assert states(visit()) == [
        ("…", "planned"),
        ("10:10:00.001", "late"),
        ("10:20:00.001", "overdue"),
        ("00:00:00.000", "not_arrived"),
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START, State.PLANNED),
        (at("10:10:00.000"), State.PLANNED),
        (at("10:10:00.001"), State.LATE),
        (at("10:20:00.000"), State.LATE),
        (at("10:20:00.001"), State.OVERDUE),
        (DAY_END - MILLISECOND, State.OVERDUE),
        (DAY_END, State.NOT_ARRIVED),
    ],
)
def test_more_than_ten_minutes_is_one_millisecond_more(now: datetime, expected: State) -> None:
    assert state(visit(), now) is expected


def test_the_timer_of_a_late_visit_runs_to_the_deadline_and_beyond() -> None:
    assert counted_to(visit(), START) is None
    assert counted_to(visit(), LATE_FROM) == DEADLINE
    assert counted_to(visit(), OVERDUE_FROM) == DEADLINE


def test_the_minutes_are_the_policy_s() -> None:
    policy = PolicyFacts(late_after=timedelta(minutes=3), contact_within=timedelta(minutes=4))
    assert states(visit(), policy)[1:3] == [("10:03:00.001", "late"), ("10:07:00.001", "overdue")]
    assert late_from(visit(), policy) == at("10:03:00.001")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.ARRIVED, "arrived"),
        (Status.IN_WORK, "in_work"),
        (Status.DONE, "done"),
        (Status.REMOVED, "removed"),
        (Status.NO_SHOW, "no_show"),
    ],
)
def test_a_visit_that_is_not_planned_any_more_stays_as_it_is(status: Status, expected: str) -> None:
    assert states(visit(status=status)) == [("…", expected)]


# --- the deadline (M2) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "is_met"),
    [
        ((), False),
        ((attempt(at("10:12")),), True),
        ((attempt(at("10:12"), CallResult.ANSWERED),), True),
        ((attempt(at("10:12"), CallResult.WRONG_NUMBER),), True),
        ((attempt(at("10:12"), CallResult.DROPPED),), True),
        ((attempt(DEADLINE),), True),
        ((attempt(DEADLINE + MILLISECOND),), False),
        ((attempt(at("10:12"), CallResult.LINE_FAULT),), False),
        ((attempt(at("10:12"), CallResult.UNKNOWN),), False),
        ((attempt(at("10:12"), None),), False),
        ((attempt(at("10:12"), SPOILT), attempt(at("10:13"))), True),
        ((attempt(at("10:12")), attempt(at("10:40"))), True),
    ],
)
def test_an_attempt_started_by_the_deadline_meets_it_once_its_result_is_known(
    attempts: tuple[object, ...], is_met: bool
) -> None:
    facts = case(*attempts)  # type: ignore[arg-type]
    assert is_deadline_met(facts, DEADLINE) is is_met


@pytest.mark.parametrize(
    ("spoken_at", "is_met"), [(at("09:50"), True), (DEADLINE, True), (DEADLINE + MILLISECOND, False)]
)
def test_a_client_who_calls_meets_the_deadline(spoken_at: datetime, is_met: bool) -> None:
    assert is_deadline_met(case(first_reached_at=spoken_at), DEADLINE) is is_met


def test_a_first_talk_meets_the_deadline_though_another_follows_it() -> None:
    facts = case(first_reached_at=at("10:12"), last_reached_at=at("10:40"))
    assert is_deadline_met(facts, DEADLINE)


def test_a_met_deadline_leaves_the_visit_late_without_a_timer() -> None:
    redial = visit(case(attempt(at("10:12"), CallResult.DROPPED)))
    assert states(redial) == [
        ("…", "planned"),
        ("10:10:00.001", "late"),
        ("20:00:00.000", "late_after_closing"),
        ("00:00:00.000", "not_arrived"),
    ]
    assert counted_to(redial, at("10:13")) is None


def test_a_call_under_way_at_the_deadline_holds_it_open() -> None:
    live = visit(case(attempt(at("10:19:30"), None)))
    assert state(live, at("10:21:30.000")) is State.LATE
    assert state(live, at("10:21:30.001")) is State.OVERDUE


def test_a_call_under_way_that_lapses_before_the_deadline_changes_nothing() -> None:
    assert state(visit(case(attempt(at("10:12"), None))), OVERDUE_FROM) is State.OVERDUE


def test_a_spoilt_call_across_the_deadline_misses_it_when_it_ends() -> None:
    facts = visit(case(attempt(at("10:19:50"), SPOILT)))
    assert state(facts, at("10:20:10.000")) is State.LATE
    assert state(facts, at("10:20:10.001")) is State.OVERDUE


def test_a_result_noted_long_after_the_call_lapsed_does_not_move_the_miss() -> None:
    spoilt = attempt(at("10:19:50"), CallResult.LINE_FAULT)
    told_late = type(spoilt)(spoilt.started_at, spoilt.result, at("10:40"), counts=False)
    assert state(visit(case(told_late)), at("10:21:50.001")) is State.OVERDUE


@pytest.mark.parametrize(
    ("facts", "now", "is_missed"),
    [
        (visit(), DEADLINE, False),
        (visit(), OVERDUE_FROM, True),
        (visit(case(attempt(at("10:21")), retry_at=at("10:26"))), at("10:22"), True),
        (visit(case(attempt(at("10:12")), retry_at=at("10:17"))), at("10:40"), False),
        (visit(case(reached_at=at("10:21"))), at("10:22"), True),
        (visit(case(first_reached_at=at("10:19"), retry_at=at("10:30"))), at("10:40"), False),
        (visit(status=Status.ARRIVED), at("10:40"), False),
        (visit(follows_another=True), at("10:40"), False),
        (visit(closes_at=at("10:15")), at("10:40"), False),
    ],
)
def test_the_mark_of_a_missed_deadline_stays_whatever_comes_after_it(
    facts: VisitFacts, now: datetime, is_missed: bool
) -> None:
    assert is_deadline_missed(facts, POLICY, now) is is_missed


# --- retry, grounds, talk (M5, M6, M7) -------------------------------------------------------------------------


def test_a_retry_begins_at_its_own_instant() -> None:
    waiting = visit(case(failure(at("10:12")), retry_at=at("10:17:20")))
    assert states(waiting) == [
        ("…", "waiting"),
        ("10:17:20.000", "retry_due"),
        ("20:00:00.000", "retry_after_closing"),
        ("00:00:00.000", "not_arrived"),
    ]
    assert counted_to(waiting, at("10:13")) == counted_to(waiting, at("10:18")) == at("10:17:20")


@pytest.mark.parametrize(
    ("retry_at", "expected"),
    [
        (CLOSING - MILLISECOND, [State.WAITING, State.RETRY_DUE, State.RETRY_AFTER_CLOSING]),
        (CLOSING, [State.RETRY_AFTER_CLOSING]),
        (CLOSING + 4 * MINUTE, [State.RETRY_AFTER_CLOSING]),
    ],
)
def test_a_retry_after_closing_is_not_prompted(retry_at: datetime, expected: list[State]) -> None:
    timeline = state_timeline(visit(case(failure(at("19:50")), retry_at=retry_at)), POLICY)
    assert [change.state for change in timeline] == [*expected, State.NOT_ARRIVED]


def test_a_branch_that_never_closes_prompts_all_night() -> None:
    waiting = visit(case(failure(at("23:50")), retry_at=at("23:55")), closes_at=None)
    assert [name for _, name in states(waiting)] == ["waiting", "retry_due", "not_arrived"]


def test_grounds_stay_and_are_recalled_where_the_operator_waits_on() -> None:
    grounds = case(failure(at("10:12")), failure(at("10:18")), grounds=Grounds.FAILURES)
    assert states(visit(grounds)) == [("…", "grounds"), ("00:00:00.000", "not_arrived")]
    kept = visit(case(failure(at("10:12")), grounds=Grounds.FAILURES, retry_at=at("10:30")))
    assert states(kept) == [("…", "grounds"), ("10:30:00.000", "grounds"), ("00:00:00.000", "not_arrived")]
    assert (counted_to(kept, at("10:29")), counted_to(kept, at("10:30"))) == (at("10:30"), None)


def test_a_talk_waits_for_its_answer_till_the_day_s_end() -> None:
    assert states(visit(case(reached_at=at("10:12")))) == [
        ("…", "undecided"),
        ("00:00:00.000", "not_arrived"),
    ]


# --- the promised arrival (M8) ---------------------------------------------------------------------------------


def test_a_client_on_the_way_turns_late_ten_minutes_after_the_promise() -> None:
    on_the_way = visit(expected_at=at("10:25"))
    assert states(on_the_way)[:3] == [
        ("…", "expected"),
        ("10:35:00.001", "late"),
        ("10:45:00.001", "overdue"),
    ]
    assert counted_to(on_the_way, at("10:20")) == at("10:25")


def test_a_client_who_means_to_come_early_is_late_by_the_plan() -> None:
    assert states(visit(expected_at=at("09:40")))[1] == ("10:10:00.001", "late")


# --- after closing, the day's end ------------------------------------------------------------------------------


def test_a_deadline_after_closing_does_not_count() -> None:
    evening = visit(starts_at=at("19:45"))
    assert contact_deadline(evening, POLICY) is None
    assert states(evening)[1:] == [
        ("19:55:00.001", "late"),
        ("20:00:00.000", "late_after_closing"),
        ("00:00:00.000", "not_arrived"),
    ]
    assert counted_to(evening, at("19:56")) is None


def test_a_deadline_at_closing_still_counts() -> None:
    assert contact_deadline(visit(starts_at=at("19:40")), POLICY) == CLOSING
    assert ("20:00:00.001", "overdue") in states(visit(starts_at=at("19:40")))


def test_a_visit_that_turns_late_after_closing_says_so_at_once() -> None:
    assert states(visit(starts_at=at("19:55")))[1] == ("20:05:00.001", "late_after_closing")


def test_a_visit_of_the_last_minutes_goes_straight_to_the_list_of_those_who_did_not_come() -> None:
    last = visit(starts_at=at("23:55"), closes_at=None)
    assert states(last) == [("…", "planned"), ("00:00:00.000", "not_arrived")]


def test_a_day_that_ended_before_any_contact_shows_nothing_else() -> None:
    gone = visit(case(failure(at("10:12")), retry_at=at("10:17")), day_ends_at=at("10:15"))
    assert states(gone) == [("…", "waiting"), ("10:15:00.000", "not_arrived")]


# --- the second visit in a row (hard case 11) ------------------------------------------------------------------


def test_the_second_visit_in_a_row_is_not_late_by_itself() -> None:
    assert states(visit(follows_another=True)) == [("…", "planned"), ("00:00:00.000", "not_arrived")]
    assert [name for _, name in states(visit(CaseFacts(), follows_another=True))] == ["planned", "not_arrived"]


def test_a_contact_about_the_second_visit_in_a_row_is_shown_all_the_same() -> None:
    assert state(visit(case(reached_at=at("10:12")), follows_another=True), at("10:13")) is State.UNDECIDED


# --- reading a timeline ----------------------------------------------------------------------------------------


def test_changes_are_asked_for_after_one_instant_and_up_to_another() -> None:
    timeline = state_timeline(visit(), POLICY)
    assert [change.state for change in changes_between(timeline, BEGINNING, LATE_FROM)] == [State.LATE]
    assert changes_between(timeline, LATE_FROM, OVERDUE_FROM - MILLISECOND) == ()
    assert [change.at for change in changes_between(timeline, LATE_FROM, OVERDUE_FROM)] == [OVERDUE_FROM]


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        (visit(), START, LATE_FROM),
        (visit(), LATE_FROM, OVERDUE_FROM),
        (visit(), OVERDUE_FROM, DAY_END),
        (visit(), DAY_END, None),
        (visit(status=Status.DONE), START, None),
        (visit(case(attempt(at("10:12"), None))), at("10:13"), at("10:14")),
        (visit(case(attempt(at("10:12"), None))), at("10:14"), OVERDUE_FROM),
        (visit(case(attempt(at("10:12")))), at("10:13"), CLOSING),
    ],
)
def test_the_watch_sleeps_until_there_is_something_to_say(
    facts: VisitFacts, now: datetime, expected: datetime | None
) -> None:
    assert next_change_at(facts, state_timeline(facts, POLICY), now) == expected


def test_a_call_without_a_result_is_live_for_two_minutes() -> None:
    live = attempt(at("10:12"), None)
    assert live.is_live(live.started_at + ATTEMPT_WITHOUT_RESULT_FOR - MILLISECOND)
    assert not live.is_live(live.started_at + ATTEMPT_WITHOUT_RESULT_FOR)
    assert not attempt(at("10:12")).is_live(at("10:12") + SECOND)
