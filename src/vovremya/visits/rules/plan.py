"""When a visit may be planned for, and who may change its plan. Pure."""

from datetime import datetime, timedelta

from vovremya.directory.rules import Right
from vovremya.visits.rules.case import PolicyFacts
from vovremya.visits.rules.words import Status

#: A visit may be booked for "now" by an operator whose form has been open for a while; not late already, though.
STILL_NOW = timedelta(minutes=15)


def earliest_start(policy: PolicyFacts, now: datetime) -> datetime:
    return now - min(STILL_NOW, policy.late_after)


def right_to_move(status: Status) -> Right | None:
    """Of a client who is here, the bay and the end alone can be changed; None: the plan is history."""
    match status:
        case Status.PLANNED:
            return Right.MOVE
        case Status.ARRIVED | Status.IN_WORK:
            return Right.CHANGE_BAY_OF_ARRIVED
        case _:
            return None
