"""What follows from the result of a call (M5, M6, M7)."""

import pytest

from tests.rules.visits.facts import MILLISECOND, POLICY, SECOND, at, attempt, case, failure
from vovremya.visits.rules.case import CaseFacts, PolicyFacts
from vovremya.visits.rules.next_step import (
    CallAgainAt,
    GroundsForRemoval,
    KeepRetry,
    NextStep,
    OfferNextNumber,
    RedialNow,
    Talk,
    counts_as_failure,
    is_countable,
    next_step,
)
from vovremya.visits.rules.words import CallResult, Grounds

COUNTABLE = [
    CallResult.OUT_OF_COVERAGE,
    CallResult.UNAVAILABLE,
    CallResult.BUSY,
    CallResult.REJECTED,
    CallResult.NO_ANSWER,
    CallResult.VOICEMAIL,
]
FIRST_CALL = CaseFacts()
ONE_FAILURE = case(failure(at("10:12")), retry_at=at("10:17:20"))
GROUNDS = case(failure(at("10:12")), failure(at("10:18")), grounds=Grounds.FAILURES)


def step(
    result: CallResult,
    facts: CaseFacts = FIRST_CALL,
    started: str = "10:12",
    *,
    policy: PolicyFacts = POLICY,
    has_another_number: bool = False,
) -> NextStep:
    return next_step(
        result,
        started_at=at(started),
        ended_at=at(started) + 20 * SECOND,
        case=facts,
        policy=policy,
        has_another_number=has_another_number,
    )


@pytest.mark.parametrize("result", COUNTABLE)
def test_the_first_failure_moves_the_contact_by_five_minutes_from_its_result(result: CallResult) -> None:
    assert step(result) == CallAgainAt(at("10:17:20"))


@pytest.mark.parametrize("result", COUNTABLE)
def test_the_second_failure_is_grounds_for_removal(result: CallResult) -> None:
    assert step(result, ONE_FAILURE, "10:17:20") == GroundsForRemoval(Grounds.FAILURES)


def test_a_failure_started_before_its_time_does_not_count() -> None:
    assert step(CallResult.BUSY, ONE_FAILURE, "10:17:19.999") == KeepRetry()
    assert step(CallResult.BUSY, ONE_FAILURE, "10:12:21") == KeepRetry()


@pytest.mark.parametrize("facts", [FIRST_CALL, ONE_FAILURE, GROUNDS])
def test_a_client_who_answers_is_talked_to(facts: CaseFacts) -> None:
    assert step(CallResult.ANSWERED, facts, "10:30") == Talk()


@pytest.mark.parametrize("result", [CallResult.DROPPED, CallResult.LINE_FAULT, CallResult.UNKNOWN])
def test_a_call_that_says_nothing_of_the_client_is_dialled_again(result: CallResult) -> None:
    assert step(result) == step(result, ONE_FAILURE, "10:30") == RedialNow()


def test_a_wrong_number_offers_the_next_one() -> None:
    assert step(CallResult.WRONG_NUMBER, has_another_number=True) == OfferNextNumber()


def test_no_number_left_is_grounds_of_its_own() -> None:
    assert step(CallResult.WRONG_NUMBER) == GroundsForRemoval(Grounds.WRONG_NUMBERS)
    assert step(CallResult.WRONG_NUMBER, ONE_FAILURE) == GroundsForRemoval(Grounds.WRONG_NUMBERS)


def test_failed_attempts_remain_the_grounds_when_the_numbers_run_out() -> None:
    assert step(CallResult.WRONG_NUMBER, GROUNDS, "10:30") == KeepRetry()


@pytest.mark.parametrize("result", COUNTABLE)
def test_a_failure_after_the_grounds_changes_nothing(result: CallResult) -> None:
    assert step(result, GROUNDS, "10:30") == KeepRetry()


def test_a_branch_may_not_count_the_voicemail() -> None:
    policy = PolicyFacts(voicemail_counts=False)
    assert step(CallResult.VOICEMAIL, policy=policy) == RedialNow()
    assert is_countable(CallResult.BUSY, policy)


@pytest.mark.parametrize(
    ("attempts", "earlier", "expected"),
    [
        (1, FIRST_CALL, GroundsForRemoval(Grounds.FAILURES)),
        (3, ONE_FAILURE, CallAgainAt(at("10:35:20"))),
        (3, case(failure(at("10:12")), failure(at("10:18"))), GroundsForRemoval(Grounds.FAILURES)),
    ],
)
def test_the_branch_says_how_many_attempts(attempts: int, earlier: CaseFacts, expected: NextStep) -> None:
    assert step(CallResult.BUSY, earlier, "10:30", policy=PolicyFacts(attempts=attempts)) == expected


def test_failures_before_a_talk_count_no_longer() -> None:
    spoken = case(failure(at("10:12")), attempt(at("10:18"), CallResult.ANSWERED), last_reached_at=at("10:18:20"))
    assert spoken.failures == ()
    assert step(CallResult.BUSY, spoken, "10:30") == CallAgainAt(at("10:35:20"))


def test_a_failure_after_a_talk_counts_again() -> None:
    after = case(failure(at("10:12")), failure(at("10:30")), last_reached_at=at("10:20"))
    assert after.failures == (failure(at("10:30")),)
    unended = case(type(after.attempts[0])(at("10:12"), None, None, counts=True), last_reached_at=at("10:20"))
    assert len(unended.failures) == 1


def test_only_the_failures_that_lead_somewhere_count() -> None:
    assert counts_as_failure(CallAgainAt(at("10:17")))
    assert counts_as_failure(GroundsForRemoval(Grounds.FAILURES))
    others: list[NextStep] = [
        Talk(),
        KeepRetry(),
        RedialNow(),
        OfferNextNumber(),
        GroundsForRemoval(Grounds.WRONG_NUMBERS),
    ]
    assert not any(counts_as_failure(other) for other in others)


def test_a_call_under_way_is_the_last_one_without_a_result() -> None:
    live = attempt(at("10:18"), None)
    assert case(failure(at("10:12")), live).unfinished_attempt is live
    assert case(failure(at("10:12"))).unfinished_attempt is FIRST_CALL.unfinished_attempt is None
    assert live.lapses_at - MILLISECOND < at("10:20")
