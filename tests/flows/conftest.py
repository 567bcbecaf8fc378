"""A furnished database, fresh for every test that serves it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.flows.deeds import furnish
from tests.races.arena import Arena, copied, sqlite_arena


@pytest.fixture(scope="session")
def furnished_station(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = _as_demo(sqlite_arena(tmp_path_factory.mktemp("station")))
    arena.alone(furnish)
    return arena


@pytest.fixture
def station(furnished_station: Arena, tmp_path: Path) -> Arena:
    return _as_demo(copied(furnished_station, tmp_path))


@pytest.fixture
def empty_station(tmp_path: Path) -> Arena:
    return sqlite_arena(tmp_path)


def _as_demo(arena: Arena) -> Arena:
    """The cast's logins are demo logins: this start lets them in."""
    environment: Mapping[str, str] = {**arena.environment, "VOVREMYA_DEMO": "1"}
    return Arena(environment)
