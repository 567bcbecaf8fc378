"""What can happen to a visit, in the past tense: the kinds of journal entries. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vovremya.journal.rules import Fact
from vovremya.visits.rules.matters import Contradiction, MatterKind
from vovremya.visits.rules.settings import Setting
from vovremya.visits.rules.words import Answer, CallResult, Grounds, Outcome


@dataclass(frozen=True)
class VisitBooked(Fact):
    kind: ClassVar[str] = "visit_booked"
    starts_at: datetime
    ends_at: datetime
    bay_id: int
    advisor_id: int | None
    source: str
    lane: int = 0


@dataclass(frozen=True)
class VisitMoved(Fact):
    kind: ClassVar[str] = "visit_moved"
    old_starts_at: datetime
    old_ends_at: datetime
    old_bay_id: int
    starts_at: datetime
    ends_at: datetime
    bay_id: int
    lane: int
    was_late: bool
    advisor_id: int | None = None
    # Of a move by hand, which can be taken back for a moment of real time: what else it is taken back to.
    undoable_until: datetime | None = None
    old_lane: int | None = None
    old_policy_id: int | None = None
    old_expected_at: datetime | None = None
    old_remind_at: datetime | None = None
    old_confirmation: str | None = None
    is_undone: bool = False


@dataclass(frozen=True)
class VisitChanged(Fact):
    """Details without the plan: client's words, works, advisor, comment."""

    kind: ClassVar[str] = "visit_changed"
    fields: str


@dataclass(frozen=True)
class ClientArrived(Fact):
    kind: ClassVar[str] = "client_arrived"
    late_minutes: int
    after_removal: bool = False


@dataclass(frozen=True)
class ArrivalUndone(Fact):
    kind: ClassVar[str] = "arrival_undone"


@dataclass(frozen=True)
class WorkStarted(Fact):
    kind: ClassVar[str] = "work_started"
    is_undone: bool = False


@dataclass(frozen=True)
class WorkEnded(Fact):
    kind: ClassVar[str] = "work_ended"
    is_undone: bool = False


@dataclass(frozen=True)
class NoShowMarked(Fact):
    kind: ClassVar[str] = "no_show_marked"
    is_undone: bool = False


@dataclass(frozen=True)
class VisitRemoved(Fact):
    kind: ClassVar[str] = "visit_removed"
    reason: str
    group: str
    is_override: bool


@dataclass(frozen=True)
class VisitRestored(Fact):
    kind: ClassVar[str] = "visit_restored"
    starts_at: datetime
    bay_id: int


@dataclass(frozen=True)
class ZoneChanged(Fact):
    """Of the branch, not of a visit."""

    kind: ClassVar[str] = "zone_changed"
    old: str
    new: str


@dataclass(frozen=True)
class BranchOpened(Fact):
    """Of the new branch; `like` is the one that it was made after."""

    kind: ClassVar[str] = "branch_opened"
    like: int | None = None


@dataclass(frozen=True)
class TrainingDayBegun(Fact):
    """Of the branch where people practise, which is made for that day."""

    kind: ClassVar[str] = "training_day_begun"


@dataclass(frozen=True)
class TrainingDayEnded(Fact):
    """Of the same: nobody is let in there any more."""

    kind: ClassVar[str] = "training_day_ended"


@dataclass(frozen=True)
class CoefficientChanged(Fact):
    """Of the visit's car."""

    kind: ClassVar[str] = "coefficient_changed"
    old: str
    new: str


@dataclass(frozen=True)
class CampaignAnnounced(Fact):
    """Of the branch that told it to its network."""

    kind: ClassVar[str] = "campaign_announced"
    work_code: str
    cars: int
    until: str | None  # the last day


@dataclass(frozen=True)
class ClientChanged(Fact):
    """What it was and what it became stands in the change itself."""

    kind: ClassVar[str] = "client_changed"
    client: int
    facet: str
    change_id: int


@dataclass(frozen=True)
class ConsentMarked(Fact):
    kind: ClassVar[str] = "consent_marked"
    client: int
    purpose: str
    is_given: bool


@dataclass(frozen=True)
class ConsentWorded(Fact):
    kind: ClassVar[str] = "consent_worded"
    purpose: str
    number: int


@dataclass(frozen=True)
class RetentionSet(Fact):
    """Months; none: for as long as nobody asks for the erasure."""

    kind: ClassVar[str] = "retention_set"
    client_months: int | None
    words_months: int | None
    reveals_months: int | None


@dataclass(frozen=True)
class ClientKept(Fact):
    """Beyond the time of keeping."""

    kind: ClassVar[str] = "client_kept"
    client: int
    until: str


@dataclass(frozen=True)
class ClientErased(Fact):
    """Of a branch that had to do with the client."""

    kind: ClassVar[str] = "client_erased"
    client: int
    act: str
    is_again: bool = False  # an older copy of the database had been put back


@dataclass(frozen=True)
class ClientDisclosed(Fact):
    """All that is kept about the client was written into a file."""

    kind: ClassVar[str] = "client_disclosed"
    client: int


@dataclass(frozen=True)
class ClientsMerged(Fact):
    kind: ClassVar[str] = "clients_merged"
    kept: int
    gone: int
    is_undone: bool = False


@dataclass(frozen=True)
class ClientsToldApart(Fact):
    """They share something and are different people."""

    kind: ClassVar[str] = "clients_told_apart"
    one: int
    other: int
    is_undone: bool = False


@dataclass(frozen=True)
class CardOpened(Fact):
    kind: ClassVar[str] = "card_opened"
    round: int
    is_incoming: bool = False


@dataclass(frozen=True)
class TellingBegun(Fact):
    """The station moved the visit; the client still means to come at the time known before."""

    kind: ClassVar[str] = "telling_begun"
    known_starts_at: datetime


@dataclass(frozen=True)
class CardTaken(Fact):
    kind: ClassVar[str] = "card_taken"


@dataclass(frozen=True)
class CardFreed(Fact):
    kind: ClassVar[str] = "card_freed"


@dataclass(frozen=True)
class CardTakenOver(Fact):
    kind: ClassVar[str] = "card_taken_over"
    from_user_id: int
    before_lapse: bool


@dataclass(frozen=True)
class LeaseLapsed(Fact):
    kind: ClassVar[str] = "lease_lapsed"
    from_user_id: int


@dataclass(frozen=True)
class CallStarted(Fact):
    kind: ClassVar[str] = "call_started"
    attempt: int


@dataclass(frozen=True)
class CallEnded(Fact):
    kind: ClassVar[str] = "call_ended"
    attempt: int
    result: CallResult
    counts: bool
    retry_at: datetime | None = None
    grounds: Grounds | None = None
    in_time: bool | None = None
    contradiction: Contradiction | None = None


@dataclass(frozen=True)
class ClientCalled(Fact):
    """The client called us: warned beforehand, or called back."""

    kind: ClassVar[str] = "client_called"


@dataclass(frozen=True)
class SettingChanged(Fact):
    """Of a branch, and not about a visit; what it was and what it became stands in the change itself."""

    kind: ClassVar[str] = "setting_changed"
    setting: Setting
    change_id: int
    subject_id: int | None = None
    stranded: int = 0  # visits that lost their place by it, knowingly


@dataclass(frozen=True)
class CallBackPromised(Fact):
    kind: ClassVar[str] = "call_back_promised"
    retry_at: datetime
    by_other_person: bool = False


@dataclass(frozen=True)
class WaitingKept(Fact):
    """The grounds are there, the operator waits on all the same."""

    kind: ClassVar[str] = "waiting_kept"
    until: datetime


@dataclass(frozen=True)
class CardSaved(Fact):
    kind: ClassVar[str] = "card_saved"


@dataclass(frozen=True)
class CardFinished(Fact):
    kind: ClassVar[str] = "card_finished"
    outcome: Outcome
    answer: Answer | None = None
    expected_at: datetime | None = None
    late_reason: str | None = None
    is_far: bool = False


@dataclass(frozen=True)
class CaseReopened(Fact):
    kind: ClassVar[str] = "case_reopened"
    revision: int


@dataclass(frozen=True)
class NoteAdded(Fact):
    """Words for the history of a case that has ended meanwhile."""

    kind: ClassVar[str] = "note_added"


@dataclass(frozen=True)
class NumberAdded(Fact):
    kind: ClassVar[str] = "number_added"


@dataclass(frozen=True)
class TurnedLate(Fact):
    kind: ClassVar[str] = "turned_late"


@dataclass(frozen=True)
class DeadlineMissed(Fact):
    kind: ClassVar[str] = "deadline_missed"
    by_outage: bool = False


@dataclass(frozen=True)
class RetryCameDue(Fact):
    kind: ClassVar[str] = "retry_came_due"


@dataclass(frozen=True)
class ReminderCameDue(Fact):
    kind: ClassVar[str] = "reminder_came_due"


@dataclass(frozen=True)
class ClientDidNotArrive(Fact):
    """The business day ended; the visit goes to the list «Не приехали»."""

    kind: ClassVar[str] = "client_did_not_arrive"


@dataclass(frozen=True)
class MatterLookedOver(Fact):
    """A supervisor has looked at something that asked for it; the words are what was found."""

    kind: ClassVar[str] = "matter_looked_over"
    matter: int
    about: MatterKind


@dataclass(frozen=True)
class MatterOpenAgain(Fact):
    kind: ClassVar[str] = "matter_open_again"
    matter: int
    about: MatterKind


#: Who has the card in hand, or has looked the visit over, changes nothing of it.
HANDS = frozenset(fact.kind for fact in (CardOpened, CardTaken, CardFreed, MatterLookedOver, MatterOpenAgain))
