"""Whoever is killed, nothing that was acknowledged is lost, doubled or halved: `tests/proof/kills.py`, in small."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.proof.kills import Worked, as_demo, worked
from tests.proof.remembered import faults_of
from tests.proof.yellow import turned
from tests.races.arena import Arena, copied

pytestmark = [pytest.mark.races, pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")]


@pytest.fixture(scope="module")
def killed_arena(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return as_demo(copied(migrated, tmp_path_factory.mktemp("killed")))


@pytest.fixture(scope="module")
def done(killed_arena: Arena) -> Worked:
    return worked(killed_arena, kills=3, seed=1)


def test_what_was_acknowledged_under_kills_is_there_once_and_whole(killed_arena: Arena, done: Worked) -> None:
    assert done.is_finished
    assert done.killer.kills == 3
    assert any(not deed.refused for deed in done.desk.deeds)
    assert not any(killed_arena.alone(partial(faults_of, done.desk.deeds)).values())


def lose_a_press() -> None:
    from vovremya.journal.models import RequestKey

    RequestKey.objects.order_by("pk")[0].delete()


def halve_an_action() -> None:
    """The entry stays, its fact is another."""
    from vovremya.journal.models import RequestKey
    from vovremya.visits.models import Visit

    visit_id = RequestKey.objects.order_by("pk")[0].entry.visit_id
    assert visit_id
    visit = Visit.objects.get(pk=visit_id)
    visit.status = "no_show"
    visit.save()


def write_one_twice() -> None:
    from vovremya.journal.models import RequestKey

    entry = RequestKey.objects.order_by("pk")[0].entry
    entry.pk = None
    entry.save()


@pytest.mark.parametrize("damage", [lose_a_press, halve_an_action, write_one_twice])
def test_damage_to_what_was_acknowledged_is_found(
    killed_arena: Arena, done: Worked, tmp_path: Path, damage: Callable[[], None]
) -> None:
    """The negative control."""
    damaged = copied(killed_arena, tmp_path)
    damaged.alone(damage)
    assert any(damaged.alone(partial(faults_of, done.desk.deeds)).values())


def test_visits_that_turn_while_the_service_is_killed_are_announced_once_at_their_instants(
    migrated: Arena, tmp_path: Path
) -> None:
    findings = turned(as_demo(copied(migrated, tmp_path)), visits=6, seed=1)
    assert [finding for finding in findings if not finding.holds] == []
