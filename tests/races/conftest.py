"""The databases that races are run on: of the kind that the tests were given."""

from pathlib import Path

import pytest

from tests.races.arena import Arena, copied
from tests.races.occupying import furnish


@pytest.fixture(scope="session")
def furnished(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """A database with a branch and its bays."""
    arena = copied(migrated, tmp_path_factory.mktemp("furnished"))
    arena.alone(furnish)
    return arena


@pytest.fixture
def arena(furnished: Arena, tmp_path: Path) -> Arena:
    return copied(furnished, tmp_path)
