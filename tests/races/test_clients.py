"""Nobody is booked or put on the list under a card that was merged or erased at that moment."""

from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from tests.races import merging, visiting, waitlisting
from tests.races.arena import Arena, copied
from tests.races.merging import DEEDS, ROUNDS

pytestmark = pytest.mark.races

#: What each may be told by who was first.
TOLD = {
    "merge": {"done", "client_erased", "client_changed_meanwhile", "merge_both_wait"},
    "book": {"done", "client_merged", "client_erased"},
    "wait": {"done", "client_merged", "client_erased", "already_waiting"},
    "erase": {"done", "erasure_blocked", "client_merged_meanwhile"},
    "keep": {"done", "client_erased"},
}


@pytest.fixture(scope="module")
def pairs(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("pairs"))
    arena.alone(merging.furnish)
    return arena


def test_whoever_comes_second_about_a_card_is_told_what_became_of_it(pairs: Arena, tmp_path: Path) -> None:
    raced = copied(pairs, tmp_path)
    came_about = raced.race(merging.act_on_every_pair, racers=len(DEEDS), attempts=ROUNDS)
    allowed = {f"{deed}: {told}" for deed, words in TOLD.items() for told in words}
    assert set(came_about) <= allowed, came_about
    assert raced.alone(merging.standing) == (came_about["merge: done"], ROUNDS + came_about["book: done"])
    assert raced.alone(merging.astray) == raced.alone(visiting.broken) == []


def test_without_a_look_at_the_card_everybody_goes_astray(pairs: Arena, tmp_path: Path) -> None:
    """The negative control: the judge of the race above sees it."""
    raced = copied(pairs, tmp_path)
    came_about = raced.race(merging.merge_first, racers=3, attempts=3)
    assert (came_about["merge: done"], came_about["book: done"]) == (3, 3)
    assert len(raced.alone(merging.astray)) >= 3


@pytest.fixture(scope="module")
def one_booked(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("one_booked"))
    arena.alone(merging.furnish_one_booked)
    return arena


@pytest.mark.skipif(not settings.DATABASE_URL, reason="on SQLite writers stand in line")
@pytest.mark.parametrize(
    ("deed", "waits_for"),
    [("book sooner", "visits"), ("book with an e-mail", "visits"), ("accept", "visits"), ("decline", "client")],
)
def test_nobody_has_the_client_while_waiting_for_a_visit_nor_a_wait_while_waiting_for_the_client(
    one_booked: Arena, tmp_path: Path, deed: str, waits_for: str
) -> None:
    """Whoever merges two cards, changes or erases one takes the visits, then the client, then the waits."""
    raced = copied(one_booked, tmp_path)
    assert raced.alone(partial(merging.take_the_client_while, deed, waits_for)) == (1, 1)
    assert raced.alone(visiting.broken) == raced.alone(waitlisting.broken) == []
