"""A time that became free is given once, whoever offers it to whom, and whoever books it meanwhile."""

from pathlib import Path

import pytest

from tests.races import occupying, visiting, waitlisting
from tests.races.arena import Arena, copied
from tests.races.outcome import BROKEN_OFF, WITHOUT_A_REASON

pytestmark = pytest.mark.races


@pytest.fixture(scope="module")
def lists(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("lists"))
    arena.alone(waitlisting.furnish)
    return arena


def test_desks_that_offer_one_time_at_once_give_it_to_one_and_the_others_are_told(lists: Arena, tmp_path: Path) -> None:
    raced = copied(lists, tmp_path)
    came_about = raced.race(waitlisting.offer_and_accept, racers=waitlisting.DESKS, attempts=waitlisting.ROUNDS)
    assert came_about["accept: done"] > 0
    assert came_about["offer: bay_taken"] + came_about["offer: offered_by_other"] > 0
    assert [what for what in came_about if WITHOUT_A_REASON in what or BROKEN_OFF in what] == []
    visits, served, served_twice = raced.alone(waitlisting.given)
    assert visits == came_about["accept: done"] + came_about["book: done"]
    assert (served, served_twice) == (came_about["accept: done"], 0)
    assert raced.alone(occupying.overlaps) == 0
    assert raced.alone(waitlisting.broken) == raced.alone(visiting.broken) == []


def test_without_the_lock_one_client_is_called_by_two(lists: Arena, tmp_path: Path) -> None:
    """The negative control: the race above is a real one."""
    raced = copied(lists, tmp_path)
    came_about = raced.race(waitlisting.look_away_and_offer, racers=waitlisting.DESKS, attempts=waitlisting.ROUNDS)
    assert sum(count for what, count in came_about.items() if BROKEN_OFF in what) >= waitlisting.ROUNDS
