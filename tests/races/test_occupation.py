"""However many desks book at one moment, no bay is given twice."""

import pytest

from tests.races.arena import Arena
from tests.races.occupying import book_move_and_remove, drop_the_rule, look_then_book, overlaps

pytestmark = pytest.mark.races


def test_no_two_visits_overlap_however_many_book_at_once(arena: Arena) -> None:
    came_about = arena.race(book_move_and_remove, racers=6, attempts=350)
    assert came_about.total() == 2100
    assert came_about["booked"] > 100
    assert came_about["moved"] > 50
    assert came_about["refused"] > 500
    assert came_about["refused without a reason"] == 0, "every loser is told who was first"
    assert arena.alone(overlaps) == 0


def test_without_the_rule_looking_before_booking_gives_bays_twice(arena: Arena) -> None:
    """The negative control: the race above is a real one."""
    arena.alone(drop_the_rule)
    came_about = arena.race(look_then_book, racers=6, attempts=40)
    assert came_about["booked"] > 10
    assert arena.alone(overlaps) > 0
