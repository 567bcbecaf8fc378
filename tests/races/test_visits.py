"""Whoever comes second about a visit is told so, however many come at one moment (hard cases 3 and 19)."""

from functools import partial
from pathlib import Path

import pytest

from tests.races import visiting
from tests.races.arena import Arena, copied
from tests.races.visiting import DESKS, ENDS, VISITS

pytestmark = pytest.mark.races


@pytest.fixture(scope="module")
def late_day(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("late_day"))
    arena.alone(visiting.furnish)
    return arena


@pytest.fixture
def arena(late_day: Arena, tmp_path: Path) -> Arena:
    return copied(late_day, tmp_path)


def test_two_dials_in_one_moment_ring_once(arena: Arena) -> None:
    came_about = arena.race(visiting.dial_everybody, racers=DESKS, attempts=1)
    assert came_about["done"] == VISITS
    assert came_about["done"] + came_about["call_in_progress"] + came_about["card_held"] == DESKS * VISITS
    assert set(arena.alone(visiting.attempts_by_visit).values()) == {1}
    assert arena.alone(visiting.broken) == []


def test_without_a_lock_one_client_is_rung_by_several(arena: Arena) -> None:
    """The negative control: the race above is a real one."""
    arena.alone(visiting.drop_the_guards_of_the_database)
    arena.race(visiting.dial_everybody_without_a_lock, racers=DESKS, attempts=1)
    assert max(arena.alone(visiting.attempts_by_visit).values()) > 1


def test_of_a_removal_a_move_an_arrival_and_an_answer_exactly_one_wins(arena: Arena) -> None:
    arena.alone(visiting.reach_everybody)
    told = arena.told_by_each(partial(visiting.act_on_every_visit, ENDS), racers=len(ENDS), attempts=1)
    of_each_visit = [dict(zip(ENDS, words, strict=True)) for words in zip(*told, strict=True)]
    assert [each for each in of_each_visit if not visiting.is_allowed(each)] == []
    ended = arena.alone(visiting.ended_by_visit)
    assert (len(ended), set(ended.values())) == (VISITS, {1})
    assert arena.alone(visiting.broken) == []


@pytest.mark.parametrize(
    ("came_about", "may_be"),
    [
        ({"remove": "done", "move": "not_planned_removed"}, True),
        ({"remove": "done", "move": "done"}, False),
        ({"remove": "done", "move": "not_planned_removed without a reason"}, False),
        ({"remove": "plan_changed", "move": "conflict"}, False),
        ({"drop": "done", "check in": "done"}, True),
        ({"drop": "done", "check in": "not_planned_arrived"}, False),
        ({"drop": "done", "finish": "done"}, False),
        ({"drop": "done", "finish": "conflict"}, True),
    ],
)
def test_what_may_come_of_two_at_one_moment(came_about: dict[str, str], *, may_be: bool) -> None:
    """The control of the judge."""
    assert visiting.is_allowed(came_about) == may_be


def test_one_press_of_a_button_happens_once_however_often_it_is_sent(arena: Arena) -> None:
    came_about = arena.race(visiting.send_one_request, racers=DESKS, attempts=4)
    assert came_about == {"done": 1, "already done": 19}
    assert arena.alone(visiting.visits_of_tomorrow) == 1


def test_zone_changed_beside_a_setting_waits_for_it_before_it_takes_the_visits(arena: Arena) -> None:
    """The setting wants them too."""
    assert arena.alone(visiting.take_the_visits_while_the_zone_waits_for_the_branch) == VISITS
    assert arena.alone(visiting.broken) == []


def test_rebooking_has_no_visit_yet_while_it_waits_for_the_other_branch(arena: Arena) -> None:
    """Whoever changes both branches wants the visits of the first."""
    arena.alone(visiting.reach_everybody)
    assert arena.alone(visiting.take_the_visit_while_its_rebooking_waits_for_the_other_branch) == 1
    assert arena.alone(visiting.broken) == []


def test_draft_that_meets_the_end_of_its_contact_dies_with_it(arena: Arena) -> None:
    arena.alone(visiting.reach_everybody)
    assert arena.alone(visiting.save_draft_while_its_contact_ends) is False
    assert arena.alone(visiting.broken) == []
