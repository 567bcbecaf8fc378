"""Who leaves the list by itself, row by row."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vovremya.visits.rules.words import Status
from vovremya.waitlist.rules.leaving import VisitOfWait, ending
from vovremya.waitlist.rules.words import Ending

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(1)
NOW = datetime(2026, 11, 22, 7, 28, tzinfo=UTC)
HOUR = timedelta(hours=1)


def visit(
    status: Status = Status.PLANNED,
    starts: timedelta = 5 * HOUR,
    known: timedelta | None = 5 * HOUR,
    wished: bool = True,
) -> VisitOfWait:
    return VisitOfWait(status, NOW + starts, wished, None if known is None else NOW + known)


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
        (visit(starts=2 * HOUR), TOMORROW, Ending.SERVED),
        (visit(starts=2 * HOUR, wished=False), TOMORROW, None),
        (visit(starts=6 * HOUR), TOMORROW, None),  # moved, but later
        (visit(known=None), TOMORROW, Ending.SERVED),  # booked meanwhile
        (visit(known=None, wished=False), TOMORROW, None),
        (visit(starts=-HOUR, known=-HOUR), TOMORROW, Ending.EXPIRED),
        (visit(starts=timedelta(0), known=timedelta(0)), TOMORROW, Ending.EXPIRED),
    ],
)
def test_who_leaves_by_itself_and_why(of_wait: VisitOfWait | None, until_on: date, expected: Ending | None) -> None:
    assert ending(of_wait, until_on=until_on, today_on=TODAY, now=NOW) == expected
