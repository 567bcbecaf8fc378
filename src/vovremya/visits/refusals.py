"""The named refusals of the visit's actions. Their words are in `texts.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from vovremya.directory.models import SettingChange
from vovremya.kernel.refusal import Refusal
from vovremya.schedule.rules.stranding import Stranded, digest_of
from vovremya.visits.models import Visit


class NotPlanned(Refusal):
    """The visit is no longer planned: arrived, removed, done… `facts`: status, who, at."""

    code = "not_planned"


class Conflict(Refusal):
    """Somebody changed the card or the plan meanwhile. `facts`: who, at, kind."""

    code = "conflict"


class CardHeld(Refusal):
    """Another operator holds the card. `facts`: who, since."""

    code = "card_held"


class CardLost(Refusal):
    """The lease is not the actor's any more."""

    code = "card_lost"


class CallInProgress(Refusal):
    """A call about this visit is under way at another desk. `facts`: who, at."""

    code = "call_in_progress"


class DialledRecently(Refusal):
    """The same number was dialled within the last five minutes; dialling again is confirmed knowingly."""

    code = "dialled_recently"


class WrongMoment(Refusal):
    """The step does not fit the state the visit or its case is in; the code says why."""

    code = "wrong_moment"


@dataclass(frozen=True)
class Affected:
    """A visit to come, and when it starts once the zone is changed."""

    visit: Visit
    starts_at: datetime


@dataclass(frozen=True)
class Touched:
    """Visits that a change of settings takes along, and those already late that keep what they have."""

    said: str  # of which and what the digest is made that confirms it
    count: int
    late: int = 0
    affected: Sequence[Affected] = ()  # where each of them goes
    zone: str = ""  # by whose clock they are told then


class WouldStrand(Refusal):
    """A change of settings would leave planned visits without their place, or take visits along. `facts`: stranded,
    touched. What confirms it is `digest`; empty where there is nothing to confirm."""

    code = "would_strand"

    def __init__(self, stranded: Sequence[Stranded], touched: Touched | None = None) -> None:
        self.digest = digest_of(stranded)
        if touched:
            self.digest = sha256(f"{self.digest} {touched.said}".encode()).hexdigest()
        super().__init__(stranded=tuple(stranded), touched=touched)


class ChangedMeanwhile(Refusal):
    """Somebody has changed the setting since it was shown. `facts`: value, change."""

    code = "setting_changed_meanwhile"

    def __init__(self, value: Any, change: SettingChange | None) -> None:
        super().__init__(value=value, change=change)


class InTheWay(Refusal):
    """A visit moved by hand would meet something. `facts`: obstacle."""

    code = "in_the_way"
