"""Who acts, and behind which wall."""

import pytest

from vovremya.directory.rules import PROGRAM, Actor, Right, Role
from vovremya.kernel.refusal import NotAllowed, NotFound

OPERATOR = Actor(user_id=1, name="Иванова", roles={7: frozenset({Role.OPERATOR})})


def test_an_actor_sees_the_branches_of_the_roles_alone() -> None:
    assert OPERATOR.branch_ids == {7}
    assert OPERATOR.sees(7)
    assert not OPERATOR.sees(8)
    assert not OPERATOR.may(Right.CONTACT, 8)


def test_the_program_sees_and_may_everything() -> None:
    assert PROGRAM.sees(8)
    assert PROGRAM.may(Right.EDIT_NETWORK, 8)


def test_any_of_the_rights_will_do_and_the_wall_comes_before_them() -> None:
    OPERATOR.require(7, Right.EDIT_NETWORK, Right.CONTACT)
    PROGRAM.require(8, Right.EDIT_NETWORK)
    with pytest.raises(NotAllowed) as refused:
        OPERATOR.require(7, Right.EDIT_BRANCH, Right.EDIT_NETWORK)
    assert refused.value.facts == {"right": Right.EDIT_BRANCH}
    with pytest.raises(NotFound):
        OPERATOR.require(8, Right.CONTACT)
