"""When one who waits leaves the list without anybody's doing. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from vovremya.visits.rules.words import Status
from vovremya.waitlist.rules.words import Ending


@dataclass(frozen=True)
class VisitOfWait:
    """The visit of one who waits, as it stands."""

    status: Status
    starts_at: datetime
    is_as_wished: bool
    known_starts_at: datetime | None  # as it was when the wait began; None: it was booked meanwhile


def ending(visit: VisitOfWait | None, *, until_on: date, today_on: date, now: datetime) -> Ending | None:
    """`until_on` is the last day that is of use to the client."""
    if visit is not None:
        if visit.status in (Status.ARRIVED, Status.IN_WORK, Status.DONE):
            return Ending.ARRIVED
        if visit.status is not Status.PLANNED:
            return Ending.GONE
        is_sooner = visit.known_starts_at is None or visit.starts_at < visit.known_starts_at
        if visit.is_as_wished and is_sooner:
            return Ending.SERVED
        if visit.starts_at <= now:
            return Ending.EXPIRED
    return Ending.EXPIRED if today_on > until_on else None
