"""The databases that races are run on: SQLite alone so far."""

from pathlib import Path

import pytest

from tests.races.arena import Arena, copied, sqlite_arena
from tests.races.occupying import furnish


@pytest.fixture(scope="session", params=["sqlite"])
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """A migrated database with a branch and its bays."""
    arena = sqlite_arena(tmp_path_factory.mktemp("furnished"))
    arena.alone(furnish)
    return arena


@pytest.fixture
def arena(furnished: Arena, tmp_path: Path) -> Arena:
    return copied(furnished, tmp_path)
