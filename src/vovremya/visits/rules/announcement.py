"""What the journal says when a change of the timeline comes true by itself. Pure."""

from vovremya.journal.rules import Fact
from vovremya.visits.rules.journal_facts import (
    ClientDidNotArrive,
    DeadlineMissed,
    ReminderCameDue,
    RetryCameDue,
    TurnedLate,
)
from vovremya.visits.rules.timeline import Change, Timeline, state_before
from vovremya.visits.rules.words import State


def announcement(change: Change, timeline: Timeline, *, by_outage: bool) -> Fact | None:
    """The fact to record for a change, or None where there is nothing to say.

    `by_outage` marks a deadline that passed while the program was down: not the operator's (hard case 14).
    """
    match change.state:
        case State.LATE:
            return TurnedLate()
        case State.LATE_AFTER_CLOSING if all(other.state is not State.LATE for other in timeline):
            return TurnedLate()
        case State.OVERDUE:
            return DeadlineMissed(by_outage=by_outage)
        case State.RETRY_DUE:
            return RetryCameDue()
        case State.TO_REMIND:
            return RetryCameDue() if state_before(timeline, change) is State.TO_REMIND else ReminderCameDue()
        case State.NOT_ARRIVED:
            return ClientDidNotArrive()
        case _:
            return None
