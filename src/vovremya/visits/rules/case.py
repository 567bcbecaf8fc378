"""The facts of a late contact that the rules judge. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vovremya.visits.rules.reminding import Reminder
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, Status

#: A dialled call without a result is no longer live after this time: «результат не указан».
ATTEMPT_WITHOUT_RESULT_FOR = timedelta(seconds=120)


@dataclass(frozen=True)
class PolicyFacts:
    """The manual's minutes and attempts; the defaults are the manual's own."""

    late_after: timedelta = timedelta(minutes=10)
    contact_within: timedelta = timedelta(minutes=10)
    retry_after: timedelta = timedelta(minutes=5)
    attempts: int = 2
    near_within: timedelta = timedelta(minutes=10)
    voicemail_counts: bool = True


@dataclass(frozen=True)
class AttemptFacts:
    """One dialling. `result` is None while nobody has said how it ended."""

    started_at: datetime
    result: CallResult | None = None
    ended_at: datetime | None = None
    counts: bool = False

    @property
    def lapses_at(self) -> datetime:
        return self.started_at + ATTEMPT_WITHOUT_RESULT_FOR

    def is_live(self, now: datetime) -> bool:
        return self.result is None and now < self.lapses_at

    @property
    def is_spoilt(self) -> bool:
        """Our own line failed, or nobody noted the result: such a call meets no deadline (M2)."""
        return self.result in (CallResult.LINE_FAULT, CallResult.UNKNOWN)


@dataclass(frozen=True)
class CaseFacts:
    """An open contact: one round from yellow to its outcome, from the move that the client is to hear of, or of
    reminding.

    `reached_at` is set while the client's decision is awaited; the first and the last time that the client was
    spoken to stay known after that: the first meets the deadline, failures before the last count no longer.
    """

    attempts: tuple[AttemptFacts, ...] = ()
    retry_at: datetime | None = None
    reached_at: datetime | None = None
    first_reached_at: datetime | None = None
    last_reached_at: datetime | None = None
    grounds: Grounds = Grounds.NONE
    kind: CaseKind = CaseKind.LATE
    known_starts_at: datetime | None = None  # when the client who is to be told of a move means to come

    @property
    def unfinished_attempt(self) -> AttemptFacts | None:
        last = self.attempts[-1] if self.attempts else None
        return last if last and last.result is None else None

    @property
    def failures(self) -> tuple[AttemptFacts, ...]:
        """Countable failures since the client was last spoken to."""
        return tuple(attempt for attempt in self.attempts if attempt.counts and self._is_still_held(attempt))

    def _is_still_held(self, failure: AttemptFacts) -> bool:
        if self.last_reached_at is None or failure.ended_at is None:
            return True
        return failure.ended_at > self.last_reached_at


@dataclass(frozen=True)
class VisitFacts:
    """What the timeline needs to know of a visit. All instants are UTC.

    `closes_at` is the closing that follows the planned start; None where the branch never closes.
    `day_ends_at` is the end of the business day, when an open case expires.
    `follows_another` is true for the second of two visits in a row of one car: the car is, or is not,
    there because of the first, so the second is never late by itself.
    """

    status: Status
    starts_at: datetime
    day_ends_at: datetime
    closes_at: datetime | None = None
    expected_at: datetime | None = None
    follows_another: bool = False
    reminder: Reminder | None = None
    confirmation: Confirmation = Confirmation.NONE
    case: CaseFacts | None = field(default=None)
