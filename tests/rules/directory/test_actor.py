"""Who acts, and behind which wall."""

from vovremya.directory.rules import PROGRAM, Actor, Right, Role

OPERATOR = Actor(user_id=1, name="Иванова", roles={7: frozenset({Role.OPERATOR})})


def test_an_actor_sees_the_branches_of_the_roles_alone() -> None:
    assert OPERATOR.branch_ids == {7}
    assert OPERATOR.sees(7)
    assert not OPERATOR.sees(8)
    assert not OPERATOR.may(Right.CONTACT, 8)


def test_the_program_sees_and_may_everything() -> None:
    assert PROGRAM.sees(8)
    assert PROGRAM.may(Right.EDIT_NETWORK, 8)
