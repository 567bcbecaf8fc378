"""When the watch is alive, when it was away, how long it rests."""

from datetime import UTC, datetime, timedelta

import pytest

from vovremya.watch.rules import LONGEST_REST, SHORTEST_REST, is_alive, lag, rest_before, was_away

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("last_beat_at", "alive", "away"),
    [
        (None, False, False),
        (NOW, True, False),
        (NOW - seconds(8.9), True, False),
        (NOW - seconds(9), False, False),
        (NOW - seconds(30), False, False),
        (NOW - seconds(30.1), False, True),
        (NOW + seconds(3600), False, False),
    ],
)
def test_the_last_beat_tells_whether_anybody_watches(last_beat_at: datetime | None, alive: bool, away: bool) -> None:
    assert is_alive(last_beat_at, NOW) is alive
    assert was_away(last_beat_at, NOW) is away


@pytest.mark.parametrize(
    ("change_at", "speed", "rest"),
    [
        (None, 1.0, LONGEST_REST),
        (NOW + seconds(3600), 1.0, LONGEST_REST),
        (NOW + seconds(0.3), 1.0, seconds(0.3)),
        (NOW + seconds(6), 60.0, seconds(0.1)),
        (NOW, 1.0, SHORTEST_REST),
        (NOW - seconds(5), 1.0, SHORTEST_REST),
    ],
)
def test_the_watch_rests_until_the_next_change_of_the_shown_time(
    change_at: datetime | None, speed: float, rest: timedelta
) -> None:
    assert rest_before(change_at, NOW, speed) == rest


@pytest.mark.parametrize(
    ("change_at", "expected"), [(None, 0.0), (NOW, 0.0), (NOW + seconds(5), 0.0), (NOW - seconds(5), 5.0)]
)
def test_the_watch_lags_by_the_change_that_is_overdue(change_at: datetime | None, expected: float) -> None:
    assert lag(change_at, NOW) == seconds(expected)
