"""What two operators and a supervisor are told at one card has an order (at length: `python -m tests.proof.races`)."""

from functools import partial
from pathlib import Path

import pytest

from tests.races import card, visiting
from tests.races.arena import Arena, copied

pytestmark = pytest.mark.races

HISTORIES = 5


@pytest.fixture(scope="module")
def late_cards(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("late_cards"))
    arena.alone(partial(card.furnish, HISTORIES))
    return arena


def test_some_order_of_the_presses_explains_what_each_was_told(late_cards: Arena, tmp_path: Path) -> None:
    raced = copied(late_cards, tmp_path)
    histories = card.histories(raced, card.press_at_random, HISTORIES)
    assert len(histories) == HISTORIES
    assert late_cards.alone(partial(card.unexplained, histories)) == []
    assert raced.alone(visiting.broken) == []


def test_without_locks_no_order_explains_them(late_cards: Arena, tmp_path: Path) -> None:
    """The negative control: the race above is a real one, and its judge sees it."""
    raced = copied(late_cards, tmp_path)
    raced.alone(visiting.drop_the_guards_of_the_database)
    histories = card.histories(raced, card.press_at_random_without_locks, HISTORIES)
    assert late_cards.alone(partial(card.unexplained, histories)) != []
