"""From an older state of the database to this release's, with its rows: all of it or nothing, whoever is killed."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from tests.flows import deeds, upgrading
from tests.flows.conftest import as_demo
from tests.flows.serving import Browser, console, serving
from tests.races.arena import Arena, copied

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("vovremya.")}
#: The migrations that change what is there already, and for each part the last that the first release had.
_OF_US = {key: found for key, found in MigrationLoader(None).disk_migrations.items() if key[0] in OURS}
LATER = {(app, name) for app, name in _OF_US if not name.startswith("0001_")}
FIRST = sorted((app, name) for app, name in _OF_US.keys() - LATER if app in dict(LATER))
ALL_REFUSED = {"overlap": True, "changed entry": True, "deleted entry": True}


@pytest.fixture(scope="module")
def old_station(furnished_station: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """As the first release left it, with visits and a journal, nothing of which an upgrade may lose."""
    station = as_demo(copied(furnished_station, tmp_path_factory.mktemp("old")))
    station.alone(partial(deeds.book_several, "10:30", "11:30", "12:30"))
    station.alone(partial(upgrading.back_to, FIRST))
    return station


@pytest.fixture
def station(old_station: Arena, tmp_path: Path) -> Arena:
    return as_demo(copied(old_station, tmp_path))


def killed(arena: Arena, act: Callable[[], None]) -> None:
    with pytest.raises(BrokenProcessPool):
        arena.alone(act)


def holds(arena: Arena) -> None:
    assert arena.alone(upgrading.pending) == 0
    assert arena.alone(upgrading.refusals) == ALL_REFUSED
    checked = console(arena, "check")
    assert checked.returncode == 0, checked.stdout


def test_database_of_the_first_release_is_brought_up_to_date_though_killed_anywhere(station: Arena) -> None:
    facts, applied = station.alone(upgrading.told_facts), station.alone(upgrading.applied)
    assert not LATER & applied

    killed(station, partial(upgrading.upgrade_killed_at, len(LATER) - 1))
    assert station.alone(upgrading.applied) == applied, "all or nothing"
    killed(station, upgrading.upgrade_killed_at_its_guards)
    assert station.alone(upgrading.applied) == applied, "all or nothing"

    station.alone(upgrading.upgrade)
    assert station.alone(upgrading.applied) >= LATER
    assert station.alone(upgrading.told_facts) == facts
    holds(station)


def test_first_upgrade_of_all_can_be_run_again(empty_station: Arena) -> None:
    killed(empty_station, partial(upgrading.upgrade_killed_at, 20))
    assert empty_station.alone(upgrading.applied) == set()
    empty_station.alone(upgrading.upgrade)
    assert empty_station.alone(upgrading.pending) == 0


def test_servers_that_start_at_once_bring_it_up_to_date_once(station: Arena) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        sites = [pool.submit(stack.enter_context, serving(station)) for _ in range(2)]
        for site in [starting.result() for starting in sites]:
            assert Browser(site).get("/readyz") == (200, "ready\n")
    holds(station)


@pytest.mark.skipif(bool(settings.DATABASE_URL), reason="on PostgreSQL the older release's own pg_dump would be needed")
def test_copy_from_before_an_upgrade_is_put_back_up_to_date(
    station: Arena, empty_station: Arena, tmp_path: Path
) -> None:
    facts = station.alone(upgrading.told_facts)
    copy = tmp_path / "old.backup"
    with (
        closing(sqlite3.connect(station.environment["VOVREMYA_DATABASE"])) as live,
        closing(sqlite3.connect(copy)) as kept,
    ):
        live.backup(kept)
    done = console(empty_station, "restore", str(copy))
    assert done.returncode == 0, done.stderr
    assert empty_station.alone(upgrading.told_facts) == facts
    holds(empty_station)
