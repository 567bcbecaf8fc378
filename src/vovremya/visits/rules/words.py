"""The closed vocabularies of a visit and its late contact. Pure."""

from enum import StrEnum


class Status(StrEnum):
    """Where the visit stands; a fact, changed by people only."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    IN_WORK = "in_work"
    DONE = "done"
    REMOVED = "removed"
    NO_SHOW = "no_show"


class State(StrEnum):
    """What a bar shows at an instant; derived from the facts, never stored."""

    PLANNED = "planned"
    EXPECTED = "expected"
    LATE = "late"
    OVERDUE = "overdue"
    LATE_AFTER_CLOSING = "late_after_closing"
    WAITING = "waiting"
    RETRY_DUE = "retry_due"
    RETRY_AFTER_CLOSING = "retry_after_closing"
    GROUNDS = "grounds"
    UNDECIDED = "undecided"
    TO_TELL = "to_tell"  # the visit was moved, and the client does not know
    TO_REMIND = "to_remind"
    CONFIRMED = "confirmed"  # reminded, the client said to come
    UNCONFIRMED = "unconfirmed"  # nobody could be reminded
    NOT_ARRIVED = "not_arrived"
    ARRIVED = "arrived"
    IN_WORK = "in_work"
    DONE = "done"
    REMOVED = "removed"
    NO_SHOW = "no_show"


#: The client is late and the contact is, or was, ours to make.
LATE_STATES = frozenset(
    {
        State.LATE,
        State.OVERDUE,
        State.LATE_AFTER_CLOSING,
        State.WAITING,
        State.RETRY_DUE,
        State.RETRY_AFTER_CLOSING,
        State.GROUNDS,
        State.UNDECIDED,
    }
)


#: The client can be called about a visit to come.
REMINDING_STATES = frozenset({State.TO_REMIND, State.UNCONFIRMED})

#: There is a card to open.
CONTACT_STATES = LATE_STATES | REMINDING_STATES | {State.TO_TELL}


class CallResult(StrEnum):
    ANSWERED = "answered"
    OUT_OF_COVERAGE = "out_of_coverage"
    UNAVAILABLE = "unavailable"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    DROPPED = "dropped"
    LINE_FAULT = "line_fault"
    UNKNOWN = "unknown"


#: Results an operator can choose; `unknown` is written by the program alone.
CHOSEN_RESULTS = tuple(result for result in CallResult if result is not CallResult.UNKNOWN)


class CaseKind(StrEnum):
    """What a contact is about."""

    LATE = "late"
    MOVE = "move"  # the station moved the visit: the client is to be told
    REMIND = "remind"  # of a visit to come


def kind_in(state: State) -> CaseKind | None:
    """What the contact is about that the state asks for; None: for none."""
    if state in LATE_STATES:
        return CaseKind.LATE
    if state in REMINDING_STATES:
        return CaseKind.REMIND
    return CaseKind.MOVE if state is State.TO_TELL else None


class Confirmation(StrEnum):
    """What has come of reminding the client of the visit as it is planned."""

    NONE = ""
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


class Answer(StrEnum):
    """The field «Ответ»."""

    YES = "yes"
    MOVE = "move"
    NO = "no"


class Outcome(StrEnum):
    """How a case ended."""

    ARRIVED = "arrived"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    TOLD = "told"  # knows of the new time, and comes
    REMINDED = "reminded"  # says to come
    UNCONFIRMED = "unconfirmed"  # could not be reminded; the visit stays
    REFUSED = "refused"
    UNREACHED = "unreached"
    REMOVED = "removed"  # for a reason of the station, not of the contact
    CLOSED_BY_PLAN = "closed_by_plan"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"  # the client was to be told or reminded of the time, and is late for it


class Grounds(StrEnum):
    """Why the visit may be removed for want of contact (M6)."""

    NONE = ""
    FAILURES = "failures"
    WRONG_NUMBERS = "wrong_numbers"
