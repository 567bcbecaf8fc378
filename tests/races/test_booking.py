"""Whatever desks do to one day at one moment, each is either done or told what is in the way."""

from pathlib import Path

import pytest

from tests.races import booking, occupying, visiting, waitlisting
from tests.races.arena import Arena, copied
from tests.races.outcome import BROKEN_OFF, WITHOUT_A_REASON

pytestmark = pytest.mark.races


def test_desks_that_change_one_day_at_once_are_never_refused_without_a_reason(migrated: Arena, tmp_path: Path) -> None:
    arena = copied(migrated, tmp_path)
    arena.alone(booking.furnish)
    came_about = arena.race(booking.book_move_and_remove, racers=booking.DESKS, attempts=30)
    assert came_about.total() == 30 * booking.DESKS
    assert came_about["book: done"] > 10
    assert came_about["book: bay_taken"] > 10
    assert came_about["drag: done"] + came_about["drag and take back: done"] > 0
    assert came_about["apply a plan: done"] > 0
    assert came_about["import: done"] > 0
    assert came_about["change the hours: done"] > 0
    assert [what for what in came_about if WITHOUT_A_REASON in what or BROKEN_OFF in what] == []
    assert [what for what in came_about if what.endswith("not_found")] == [], "a visit is there, wherever it went"
    assert [what for what in came_about if what.endswith("next lane: bay_taken")] == [], "there is always a lane"
    assert arena.alone(occupying.overlaps) == 0
    standing, ought_to = arena.alone(booking.occupations_and_visits)
    assert standing == ought_to
    assert arena.alone(visiting.broken) == arena.alone(waitlisting.broken) == []
