"""What happens on the waiting list, in the past tense: the kinds of its journal entries. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vovremya.journal.rules import Fact
from vovremya.waitlist.rules.words import Ending, OfferAnswer


@dataclass(frozen=True)
class WaitBegun(Fact):
    kind: ClassVar[str] = "wait_begun"
    wait: int
    is_urgent: bool


@dataclass(frozen=True)
class WaitChanged(Fact):
    kind: ClassVar[str] = "wait_changed"
    wait: int
    fields: str


@dataclass(frozen=True)
class WaitEnded(Fact):
    kind: ClassVar[str] = "wait_ended"
    wait: int
    ending: Ending


@dataclass(frozen=True)
class WaitResumed(Fact):
    """Put back on the list."""

    kind: ClassVar[str] = "wait_resumed"
    wait: int


@dataclass(frozen=True)
class TimeOffered(Fact):
    kind: ClassVar[str] = "time_offered"
    wait: int
    offer: int
    bay_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OfferAnswered(Fact):
    kind: ClassVar[str] = "offer_answered"
    wait: int
    offer: int
    bay_id: int
    starts_at: datetime
    answer: OfferAnswer
