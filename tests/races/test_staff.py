"""A branch is never without an administrator, and nobody without a role, however two go for it at one moment; and
whatever is done to access at one moment, all of it is done."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.races import staffing
from tests.races.arena import Arena, copied

pytestmark = pytest.mark.races


@pytest.fixture(scope="module")
def branches(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("branches"))
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


def test_of_two_who_take_the_roles_of_one_person_one_leaves_the_last(branches: Arena, tmp_path: Path) -> None:
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.take_the_roles_here, racers=2, attempts=staffing.BRANCHES)
    assert {tuple(sorted(both)) for both in zip(*told, strict=True)} == {("done", "last_role")}
    assert raced.alone(staffing.roles_left) == [1] * staffing.BRANCHES


@pytest.mark.skipif(not settings.DATABASE_URL, reason="on SQLite writers stand in line")
def test_without_the_lock_of_the_person_no_role_is_left(branches: Arena, tmp_path: Path) -> None:
    """The negative control: the race above is a real one."""
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.take_the_roles_without_a_lock, racers=2, attempts=1)
    assert told == [["done"], ["done"]]
    assert raced.alone(staffing.roles_left)[0] == 0


def test_branches_are_locked_in_one_order_whatever_is_done_to_their_staff(branches: Arena, tmp_path: Path) -> None:
    """Locked as the roles were given, they lock one another out within some ten attempts."""
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.move_or_switch, racers=2, attempts=60)
    assert {each for both in told for each in both} == {"done"}


def test_invitation_is_used_or_worth_nothing_while_another_is_given(branches: Arena, tmp_path: Path) -> None:
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.invite_or_accept, racers=2, attempts=40)
    assert set(told[0]) == {"done"}
    assert set(told[1]) <= {"done", "invitation_gone"}


def test_nobody_owes_a_second_step_who_has_set_it_up_while_it_was_demanded(branches: Arena, tmp_path: Path) -> None:
    raced = copied(branches, tmp_path)
    told = raced.told_by_each(staffing.demand_or_set_up, racers=2, attempts=staffing.BRANCHES)
    assert told == [["done"] * staffing.BRANCHES] * 2
    assert raced.alone(staffing.wrong_debts_left) == []
