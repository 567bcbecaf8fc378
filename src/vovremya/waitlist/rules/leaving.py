"""When one who waits leaves the list without anybody's doing. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from vovremya.visits.rules.words import Status
from vovremya.waitlist.rules.words import Ending


@dataclass(frozen=True)
class Start:
    at: datetime
    on: date  # the business day
    is_as_wished: bool


@dataclass(frozen=True)
class VisitOfWait:
    """The visit of one who waits, as it stands."""

    status: Status
    start: Start
    known_start: Start | None  # as it was when the wait began; None: it was booked meanwhile


def ending(visit: VisitOfWait | None, *, until_on: date, today_on: date, now: datetime) -> Ending | None:
    """`until_on` is the last day that is of use to the client."""
    if visit is not None:
        if visit.status in (Status.ARRIVED, Status.IN_WORK, Status.DONE):
            return Ending.ARRIVED
        if visit.status is not Status.PLANNED:
            return Ending.GONE
        if visit.start.is_as_wished and _is_sooner(visit.start, visit.known_start):
            return Ending.SERVED
        if visit.start.at <= now:
            return Ending.EXPIRED
    return Ending.EXPIRED if today_on > until_on else None


def _is_sooner(start: Start, known: Start | None) -> bool:
    """Whether the client has got what there was to wait for: a day before, or a time as wished where it was not so.

    Who knew of a start on that day that the wishes allow waits for something else than a bar pushed a little: however
    far it was moved, whether it is soon enough the client says.
    """
    if known is None:
        return True
    return start.at < known.at and (start.on < known.on or not known.is_as_wished)
