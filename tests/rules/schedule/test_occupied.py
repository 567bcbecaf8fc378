"""Lanes, and what is left of a period beside others."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.schedule.rules.occupied import Period, left_of, lowest_free_lane


def at(minute: int) -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=minute)


def periods(*minutes: tuple[int, int]) -> list[Period]:
    return [(at(starts), at(ends)) for starts, ends in minutes]


@pytest.mark.parametrize(("taken", "lane"), [([], 0), ([0], 1), ([1], 0), ([0, 0, 2], 1), ([0, 1], 2)])
def test_the_lowest_free_lane(taken: list[int], lane: int) -> None:
    assert lowest_free_lane(taken) == lane


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ([], [(10, 20)]),
        ([(0, 10), (20, 30)], [(10, 20)]),
        ([(10, 20)], []),
        ([(0, 15)], [(15, 20)]),
        ([(15, 30)], [(10, 15)]),
        ([(12, 14), (13, 16)], [(10, 12), (16, 20)]),
    ],
)
def test_what_is_left_of_a_period(others: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    assert left_of((at(10), at(20)), periods(*others)) == periods(*left)


MINUTES = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda pair: (pair[0], sum(pair)))


@given(period=MINUTES, others=st.lists(MINUTES, max_size=5))
def test_a_minute_is_left_when_no_other_covers_it(period: tuple[int, int], others: list[tuple[int, int]]) -> None:
    left = left_of((at(period[0]), at(period[1])), periods(*others))
    for minute in range(40):
        is_wanted = period[0] <= minute < period[1]
        is_covered = any(starts <= minute < ends for starts, ends in others)
        assert any(starts <= at(minute) < ends for starts, ends in left) == (is_wanted and not is_covered)
