"""Two administrators of a branch take the role from one another, or switch one another off, at one moment.

Models are imported by the functions: see `arena`.
"""

from tests.races.arena import meet
from tests.races.outcome import outcome

BRANCHES = 12


def furnish() -> None:
    """Branches with two administrators each, who work nowhere else."""
    from django.core.management import call_command

    from tests.cast import assemble
    from vovremya.directory.actions import add_user
    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM, Role

    call_command("migrate", verbosity=0)
    network = assemble().network
    for number in range(BRANCHES):
        branch = Branch.objects.create(network=network, code=f"B{number}", name=f"Филиал {number}", position=9 + number)
        for side in range(2):
            add_user(
                username=f"admin{number}-{side}",
                full_name=f"Администратор {number}-{side}",
                short_name=f"Администратор {number}-{side}",
                password="right password",
                roles={branch.pk: [Role.ADMINISTRATOR]},
                actor=PROGRAM,
            )


def take_from_the_other(seed: int, branches: int) -> list[str]:
    """In turn: both take the role, both switch off, one does this and one that."""
    from tests.cast import MORNING
    from vovremya.directory.actions.staff import give_roles_in, switch_off
    from vovremya.directory.models import Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.directory.rules import Role

    told = []
    for number in range(branches):
        branch = Branch.objects.get(code=f"B{number}")
        me, other = (User.objects.get(username=f"admin{number}-{side}") for side in (seed, 1 - seed))
        actor = actor_of(me)
        meet()
        if number % 4 in (0, 2 + seed):
            told.append(
                outcome(lambda: give_roles_in(other.pk, {branch.pk: [Role.OPERATOR]}, actor=actor, now=MORNING))  # noqa: B023
            )
        else:
            told.append(outcome(lambda: switch_off(other, actor, MORNING)))  # noqa: B023
    return told


def take_without_a_lock(seed: int, branches: int) -> list[str]:
    """Both look before either has written, and the branch is not waited for."""
    from vovremya.directory import queries
    from vovremya.directory.actions import staff

    def seen_by_both(user_id: int) -> object:
        person = queries.person_of(user_id)
        meet()
        return person

    staff.lock_branch = lambda *_: None  # type: ignore[attr-defined]
    staff.person_of = seen_by_both  # type: ignore[assignment, attr-defined]
    return take_from_the_other(seed, branches)


def administrators_left() -> list[int]:
    """By branch, those who can sign in."""
    from vovremya.directory.models import Membership

    left = Membership.objects.filter(role="administrator", user__is_active=True)
    return [left.filter(branch__code=f"B{number}").count() for number in range(BRANCHES)]
