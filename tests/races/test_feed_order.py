"""Numbers are given out before transactions end, so they become visible out of order: the feed loses none of them."""

import pytest
from django.conf import settings

from tests.races.arena import Arena
from tests.races.following import WRITERS, write_or_follow, write_or_follow_by_number

pytestmark = pytest.mark.races

ATTEMPTS = 150


def test_feed_loses_no_entry_that_commits_out_of_the_order_of_its_sequence(arena: Arena) -> None:
    came_about = arena.race(write_or_follow, racers=1 + WRITERS, attempts=ATTEMPTS)
    assert came_about["told"] == came_about["written"] == WRITERS * ATTEMPTS
    assert came_about["told_again"] == 0


@pytest.mark.skipif(not settings.DATABASE_URL, reason="on SQLite writers stand in line")
def test_following_the_number_alone_loses_entries(arena: Arena) -> None:
    """The negative control: entries do become visible out of order here."""
    came_about = arena.race(write_or_follow_by_number, racers=1 + WRITERS, attempts=ATTEMPTS)
    assert came_about["told"] < came_about["written"]
