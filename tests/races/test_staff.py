"""A branch is never without an administrator, however two of them go for one another."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.races import staffing
from tests.races.arena import Arena, copied, new_arena

pytestmark = pytest.mark.races


@pytest.fixture(scope="module")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = new_arena(tmp_path_factory.mktemp("branches"))
    arena.alone(staffing.furnish)
    return arena


def test_of_two_administrators_who_go_for_one_another_one_stays(branches: Arena, tmp_path: Path) -> None:
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.take_from_the_other, racers=2, attempts=staffing.BRANCHES)
    assert {tuple(sorted(both)) for both in zip(*told, strict=True)} == {("done", "last_administrator")}
    assert raced.alone(staffing.administrators_left) == [1] * staffing.BRANCHES


@pytest.mark.skipif(not settings.DATABASE_URL, reason="on SQLite writers stand in line")
def test_without_the_lock_none_is_left(branches: Arena, tmp_path: Path) -> None:
    """The negative control: the race above is a real one."""
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.take_without_a_lock, racers=2, attempts=1)
    assert told == [["done"], ["done"]]
    assert raced.alone(staffing.administrators_left)[0] == 0
