"""Who leaves the list by itself, row by row."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vovremya.visits.rules.words import Status
from vovremya.waitlist.rules.leaving import Start, VisitOfWait, ending
from vovremya.waitlist.rules.words import Ending

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(1)
NOW = datetime(2026, 11, 22, 7, 28, tzinfo=UTC)
HOUR = timedelta(hours=1)


def start(hours: float, wished: bool = True) -> Start:
    at = NOW + hours * HOUR
    return Start(at, at.date(), wished)


KNOWN = start(30)


def visit(
    status: Status = Status.PLANNED, starts: float = 30, wished: bool = True, known: Start | None = KNOWN
) -> VisitOfWait:
    """Planned tomorrow at the hour that was known when the wait began, at which the client may come."""
    return VisitOfWait(status, start(starts, wished), known)


@pytest.mark.parametrize(
    ("of_wait", "until_on", "expected"),
    [
        (None, TODAY, None),
        (None, TODAY - timedelta(1), Ending.EXPIRED),
        (visit(), TOMORROW, None),
        (visit(), TODAY - timedelta(1), Ending.EXPIRED),
        (visit(Status.ARRIVED), TOMORROW, Ending.ARRIVED),
        (visit(Status.IN_WORK), TOMORROW, Ending.ARRIVED),
        (visit(Status.DONE), TOMORROW, Ending.ARRIVED),
        (visit(Status.REMOVED), TOMORROW, Ending.GONE),
        (visit(Status.NO_SHOW), TOMORROW, Ending.GONE),
        (visit(starts=2), TOMORROW, Ending.SERVED),  # today
        (visit(starts=2, wished=False), TOMORROW, None),
        (visit(starts=31), TOMORROW, None),  # moved, but later
        (visit(starts=54), TOMORROW + timedelta(1), None),
        # On the day that it was: pushed by hand, or by a wave of delays.
        (visit(starts=29.9), TOMORROW, None),
        (visit(starts=25), TOMORROW, None),
        (visit(starts=25, known=start(30, wished=False)), TOMORROW, Ending.SERVED),  # into the hours wished for
        (visit(starts=25, wished=False, known=start(30, wished=False)), TOMORROW, None),
        (visit(starts=31, known=start(30, wished=False)), TOMORROW, None),
        (visit(known=None), TOMORROW, Ending.SERVED),  # booked meanwhile
        (visit(known=None, wished=False), TOMORROW, None),
        (visit(starts=-1, known=start(-1)), TOMORROW, Ending.EXPIRED),
        (visit(starts=0, known=start(0)), TOMORROW, Ending.EXPIRED),
    ],
)
def test_who_leaves_by_itself_and_why(of_wait: VisitOfWait | None, until_on: date, expected: Ending | None) -> None:
    assert ending(of_wait, until_on=until_on, today_on=TODAY, now=NOW) == expected
