"""What a supervisor decides: when to begin anew, what it leaves to a child."""

import pytest

from vovremya.config.supervision import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    STEADY_AFTER_SECONDS,
    Inherited,
    pause_after,
)


def test_first_death_is_made_good_almost_at_once() -> None:
    assert pause_after(0.1, 0.0) == FIRST_PAUSE_SECONDS


def test_pause_grows_up_to_a_bound_while_nothing_lives_long() -> None:
    pauses = [0.0]
    for _ in range(12):
        pauses.append(pause_after(0.1, pauses[-1]))
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == LONGEST_PAUSE_SECONDS


def test_who_lived_long_is_missed_at_once_again() -> None:
    assert pause_after(STEADY_AFTER_SECONDS, LONGEST_PAUSE_SECONDS) == FIRST_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("text", "left"), [("web-2:22:14", Inherited("web-2", 22, 14)), ("watch:9", Inherited("watch", 9, None))]
)
def test_child_reads_what_was_left_to_it(text: str, left: Inherited) -> None:
    assert Inherited.read(text) == left
