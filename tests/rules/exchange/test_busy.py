from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.exchange.rules.busy import Busy

MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC)


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


@pytest.fixture
def busy() -> Busy[str]:
    busy: Busy[str] = Busy()
    busy.take(1, at(8), at(10), "first", visit_id=1)
    busy.take(1, at(10), at(12), "second", visit_id=2)
    busy.take(2, at(8), at(20), "elsewhere")
    return busy


@pytest.mark.parametrize(
    ("starts", "ends", "owner"),
    [
        (6, 8, None),
        (6, 8.1, "first"),
        (8, 10, "first"),
        (9, 9.5, "first"),
        (6, 14, "first"),
        (10, 11, "second"),
        (11.9, 13, "second"),
        (12, 13, None),
    ],
)
def test_first_in_the_way(busy: Busy[str], starts: float, ends: float, owner: str | None) -> None:
    assert busy.in_the_way(1, at(starts), at(ends)) == owner


def test_visit_is_not_in_its_own_way(busy: Busy[str]) -> None:
    assert busy.in_the_way(1, at(9), at(10), ignoring=1) is None
    assert busy.in_the_way(1, at(9), at(11), ignoring=1) == "second"
    assert busy.in_the_way(3, at(9), at(11)) is None


def test_what_a_visit_leaves_is_free(busy: Busy[str]) -> None:
    busy.free(1)
    busy.free(99)
    assert busy.in_the_way(1, at(8), at(10)) is None
    assert busy.in_the_way(2, at(8), at(10)) == "elsewhere"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)), max_size=30))
def test_what_is_taken_when_free_never_overlaps(wishes: list[tuple[int, int]]) -> None:
    busy: Busy[int] = Busy()
    taken: list[tuple[int, int]] = []
    for index, (start, hours) in enumerate(wishes):
        owner = busy.in_the_way(1, at(start), at(start + hours))
        overlapping = [other for other in taken if other[0] < start + hours and other[1] > start]
        assert (owner is None) == (not overlapping)
        if owner is None:
            busy.take(1, at(start), at(start + hours), index)
            taken.append((start, start + hours))
