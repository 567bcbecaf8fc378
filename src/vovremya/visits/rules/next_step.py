"""What follows from the result of a call (M5, M6, M7). Pure."""

from dataclasses import dataclass
from datetime import datetime

from vovremya.visits.rules.case import CaseFacts, PolicyFacts
from vovremya.visits.rules.words import CallResult, CaseKind, Grounds


@dataclass(frozen=True)
class Talk:
    """The client is on the line: ask for the arrival time."""


@dataclass(frozen=True)
class CallAgainAt:
    """A countable failure: the contact moves (M5)."""

    retry_at: datetime


@dataclass(frozen=True)
class KeepRetry:
    """A failure too early to count: neither the count nor the retry moves."""


@dataclass(frozen=True)
class RedialNow:
    """The call says nothing about the client: dial again at once."""


@dataclass(frozen=True)
class OfferNextNumber:
    """The number is struck out; another one is left."""


@dataclass(frozen=True)
class GroundsForRemoval:
    """The last allowed attempt failed, or no number is left (M6). Nothing is removed by itself."""

    grounds: Grounds


@dataclass(frozen=True)
class Unconfirmed:
    """The client cannot be reminded: the visit stays, and says so."""

    is_by_failures: bool


NextStep = Talk | CallAgainAt | KeepRetry | RedialNow | OfferNextNumber | GroundsForRemoval | Unconfirmed

_COUNTABLE = frozenset(
    {
        CallResult.OUT_OF_COVERAGE,
        CallResult.UNAVAILABLE,
        CallResult.BUSY,
        CallResult.REJECTED,
        CallResult.NO_ANSWER,
    }
)


def is_countable(result: CallResult, policy: PolicyFacts) -> bool:
    return result in _COUNTABLE or (result is CallResult.VOICEMAIL and policy.voicemail_counts)


def next_step(
    result: CallResult,
    *,
    started_at: datetime,
    ended_at: datetime,
    case: CaseFacts,
    policy: PolicyFacts,
    has_another_number: bool,
) -> NextStep:
    """The step after a call started and ended at these instants; `case` is as it was before the result."""
    if result is CallResult.ANSWERED:
        return Talk()
    if result is CallResult.WRONG_NUMBER:
        if has_another_number:
            return OfferNextNumber()
        if case.kind is CaseKind.REMIND:
            return Unconfirmed(is_by_failures=False)
        if case.kind is CaseKind.MOVE:
            return KeepRetry()
        # Failed attempts stay the ground they are, whatever number is added later.
        return KeepRetry() if case.grounds is Grounds.FAILURES else GroundsForRemoval(Grounds.WRONG_NUMBERS)
    if not is_countable(result, policy):
        return RedialNow()
    if case.grounds is not Grounds.NONE or (case.retry_at and started_at < case.retry_at):
        return KeepRetry()
    # Who has not heard of a move is called until the time has come: the visit stays.
    if case.kind is not CaseKind.MOVE and len(case.failures) + 1 >= policy.attempts:
        is_reminding = case.kind is CaseKind.REMIND
        return Unconfirmed(is_by_failures=True) if is_reminding else GroundsForRemoval(Grounds.FAILURES)
    return CallAgainAt(ended_at + policy.retry_after)


def counts_as_failure(step: NextStep) -> bool:
    is_last = step in (GroundsForRemoval(Grounds.FAILURES), Unconfirmed(is_by_failures=True))
    return isinstance(step, CallAgainAt) or is_last
