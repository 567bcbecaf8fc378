"""When a visit may be planned for, and who may change its plan."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rules.visits.facts import POLICY, START
from vovremya.directory.rules import Right
from vovremya.visits.rules.plan import STILL_NOW, earliest_start, right_to_move
from vovremya.visits.rules.words import Status


@pytest.mark.parametrize(
    ("late_after", "expected"), [(timedelta(minutes=10), timedelta(minutes=10)), (timedelta(hours=1), STILL_NOW)]
)
def test_a_start_may_lie_a_little_back_but_not_so_far_that_it_would_be_late(
    late_after: timedelta, expected: timedelta
) -> None:
    assert earliest_start(replace(POLICY, late_after=late_after), START) == START - expected


@pytest.mark.parametrize(
    ("status", "right"),
    [
        (Status.PLANNED, Right.MOVE),
        (Status.ARRIVED, Right.CHANGE_BAY_OF_ARRIVED),
        (Status.IN_WORK, Right.CHANGE_BAY_OF_ARRIVED),
        (Status.DONE, None),
        (Status.REMOVED, None),
        (Status.NO_SHOW, None),
    ],
)
def test_the_right_to_move_goes_by_the_status(status: Status, right: Right | None) -> None:
    assert right_to_move(status) is right
