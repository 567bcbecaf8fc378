"""Who may do what (the table itself is checked against docs/rights.md)."""

import pytest

from vovremya.directory import texts
from vovremya.directory.rules import (
    PROGRAM,
    RIGHTS,
    Actor,
    Right,
    Role,
    fill_script,
    fold_username,
    rights_of,
    words_in_braces,
)

HERE, ELSEWHERE = 1, 2


def test_a_role_gives_its_rights_in_its_branch_only() -> None:
    operator = Actor(user_id=1, name="Иванова", roles={HERE: frozenset({Role.OPERATOR})})
    assert operator.may(Right.CONTACT, HERE)
    assert not operator.may(Right.CONTACT, ELSEWHERE)
    assert operator.sees(HERE)
    assert not operator.sees(ELSEWHERE)


def test_several_roles_give_the_rights_of_each() -> None:
    both = frozenset({Role.OPERATOR, Role.MASTER})
    assert rights_of(both) == RIGHTS[Role.OPERATOR] | RIGHTS[Role.MASTER]


def test_a_supervisor_may_all_that_operator_and_master_may() -> None:
    assert RIGHTS[Role.SUPERVISOR] > RIGHTS[Role.OPERATOR] | RIGHTS[Role.MASTER]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_those_who_do_not_work_with_clients_see_no_phones(role: Role) -> None:
    assert Right.SEE_PHONE not in RIGHTS[role]


def test_the_program_itself_may_everything_everywhere() -> None:
    assert PROGRAM.sees(ELSEWHERE)
    assert all(PROGRAM.may(right, ELSEWHERE) for right in Right)


def test_every_role_and_right_has_a_russian_name() -> None:
    assert set(texts.ROLES) == set(Role) == set(RIGHTS)
    assert set(texts.RIGHTS) == set(Right)


@pytest.mark.parametrize("typed", ["Иванова", " ИВАНОВА ", "иванова"])
def test_a_login_is_one_whatever_its_case(typed: str) -> None:
    assert fold_username(typed) == "иванова"


def test_the_script_is_filled_with_the_words_at_hand() -> None:
    assert fill_script("Ждём вас к {eta}, {advisor}.", {"eta": "10:38"}) == "Ждём вас к 10:38, {advisor}."


def test_braces_in_a_name_are_not_filled_again() -> None:
    assert words_in_braces("{eta}, {advisor} {eta}") == ["eta", "advisor", "eta"]
    assert fill_script("{client_name}", {"client_name": "{eta}", "eta": "10:38"}) == "{eta}"
