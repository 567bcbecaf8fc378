"""The client is to be told of a move: the visit of 09:00 that the station has moved to 10:00."""

import pytest

from tests.rules.visits.facts import (
    DAY_END,
    DEADLINE,
    LATE_FROM,
    OVERDUE_FROM,
    POLICY,
    SECOND,
    at,
    attempt,
    case,
    failure,
    told,
    visit,
)
from vovremya.visits.rules.case import AttemptFacts, CaseFacts, VisitFacts
from vovremya.visits.rules.next_step import CallAgainAt, KeepRetry, NextStep, Talk, next_step
from vovremya.visits.rules.timeline import contact_deadline, is_deadline_missed, missed_from, state_at, state_timeline
from vovremya.visits.rules.words import CallResult, CaseKind, State

KNOWN = at("09:00")
LATENESS = [("10:10:00.001", "late"), ("10:20:00.001", "overdue"), ("00:00:00.000", "not_arrived")]


def telling(*attempts: AttemptFacts, retry: str = "", reached: str = "") -> CaseFacts:
    return case(
        *attempts,
        retry_at=at(retry) if retry else None,
        reached_at=at(reached) if reached else None,
        kind=CaseKind.MOVE,
        known_starts_at=KNOWN,
    )


def states(facts: VisitFacts) -> list[tuple[str, str]]:
    return told(state_timeline(facts, POLICY))


def test_the_client_is_to_be_told_until_the_lateness_begins() -> None:
    assert states(visit(telling())) == [("…", "to_tell"), *LATENESS]
    assert state_at(state_timeline(visit(telling()), POLICY), at("08:40")).counts_to == KNOWN


def test_after_a_failure_the_timer_runs_to_the_next_call_and_then_to_the_time_that_is_known() -> None:
    timeline = state_timeline(visit(telling(failure(at("08:40")), retry="08:45")), POLICY)
    assert told(timeline) == [("…", "to_tell"), ("08:45:00.000", "to_tell"), *LATENESS]
    assert [state_at(timeline, at(clock)).counts_to for clock in ("08:41", "08:45")] == [at("08:45"), KNOWN]


def test_in_the_talk_no_timer_runs() -> None:
    timeline = state_timeline(visit(telling(reached="08:41")), POLICY)
    assert told(timeline) == [("…", "to_tell"), *LATENESS]
    assert state_at(timeline, at("08:42")).counts_to is None


def test_the_next_work_of_a_car_is_never_late_by_itself() -> None:
    assert states(visit(telling(), follows_another=True)) == [("…", "to_tell"), ("00:00:00.000", "not_arrived")]


@pytest.mark.parametrize("facts", [telling(attempt(at("08:40"))), telling(reached="08:41"), telling(retry="10:30")])
def test_a_call_about_the_move_meets_no_deadline_of_the_lateness(facts: CaseFacts) -> None:
    assert contact_deadline(visit(facts), POLICY) == DEADLINE
    assert missed_from(visit(facts), POLICY) == OVERDUE_FROM
    assert state_at(state_timeline(visit(facts), POLICY), LATE_FROM).state is State.LATE
    assert is_deadline_missed(visit(facts), POLICY, DAY_END)


def after(result: CallResult, facts: CaseFacts, *, has_another_number: bool = False) -> NextStep:
    return next_step(
        result,
        started_at=at("08:50"),
        ended_at=at("08:50") + 20 * SECOND,
        case=facts,
        policy=POLICY,
        has_another_number=has_another_number,
    )


def test_however_often_nobody_answers_it_is_no_ground_for_removal() -> None:
    failures = telling(failure(at("08:30")), failure(at("08:36")), retry="08:42")
    assert after(CallResult.BUSY, failures) == CallAgainAt(at("08:55:20"))
    assert after(CallResult.WRONG_NUMBER, failures) == KeepRetry()
    assert after(CallResult.ANSWERED, failures) == Talk()
