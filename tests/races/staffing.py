"""Administrators who change the access of one another, or of one person, at one moment.

Models are imported by the functions: see `arena`.
"""

from typing import TYPE_CHECKING

from tests.races.arena import meet
from tests.races.outcome import outcome

if TYPE_CHECKING:
    from vovremya.directory.rules import Role

BRANCHES = 12
#: Of the chief alone.
PAIR = ("L0", "L1")


def furnish() -> None:
    """Branches with two administrators each, who work nowhere else; of each branch somebody who works in the next one
    as well; and two branches more, with people of a chief who is administrator of both."""
    from tests.cast import assemble
    from vovremya.directory.actions import add_user
    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM, Role

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
    for number in range(BRANCHES):
        _take_on(f"between{number}", Role.OPERATOR, f"B{number}", _next(number))
    for code in PAIR:
        Branch.objects.create(network=network, code=code, name=f"Филиал {code}", position=99)
    for name, role in (("chief", Role.ADMINISTRATOR), ("moved", Role.OPERATOR), ("switched", Role.OPERATOR)):
        _take_on(name, role, *PAIR)


def _take_on(name: str, role: "Role", *codes: str) -> None:
    from vovremya.directory.actions import add_user
    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM

    roles = {branch.pk: [role] for branch in Branch.objects.filter(code__in=codes)}
    add_user(username=name, full_name=name, short_name=name, password=None, roles=roles, actor=PROGRAM)


def _next(number: int) -> str:
    return f"B{(number + 1) % BRANCHES}"


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


def take_the_roles_here(seed: int, branches: int) -> list[str]:
    """Each takes, in the own branch, what somebody is who works in both."""
    from tests.cast import MORNING
    from vovremya.directory.actions.staff import give_roles_in
    from vovremya.directory.models import Branch, User
    from vovremya.directory.queries import actor_of

    told = []
    for number in range(branches):
        branch = Branch.objects.get(code=_next(number) if seed else f"B{number}")
        actor = actor_of(User.objects.get(username=f"admin{branch.code[1:]}-0"))
        person = User.objects.get(username=f"between{number}")
        meet()
        told.append(outcome(lambda: give_roles_in(person.pk, {branch.pk: []}, actor=actor, now=MORNING)))  # noqa: B023
    return told


def take_the_roles_without_a_lock(seed: int, branches: int) -> list[str]:
    """The person is not waited for, and both look before either has written."""
    from vovremya.directory import queries
    from vovremya.directory.actions import staff

    def seen_by_both(user_id: int) -> object:
        person = queries.person_of(user_id)
        meet()
        return person

    staff.locked_user = lambda *_: None  # type: ignore[assignment]
    staff.person_of = seen_by_both  # type: ignore[assignment, attr-defined]
    return take_the_roles_here(seed, branches)


def roles_left() -> list[int]:
    """Of each who works in two branches."""
    from vovremya.directory.models import Membership

    left = Membership.objects.filter(user__username__startswith="between")
    return [left.filter(user__username=f"between{number}").count() for number in range(BRANCHES)]


def move_or_switch(seed: int, attempts: int) -> list[str]:
    """One goes from the one branch to the other and back, while another who works in both is switched off and on."""
    from tests.cast import MORNING
    from vovremya.directory.actions.staff import give_roles_in, switch_off, switch_on
    from vovremya.directory.models import Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.directory.rules import Role

    actor = actor_of(User.objects.get(username="chief"))
    moved, switched = (User.objects.get(username=name) for name in ("moved", "switched"))
    ids = [Branch.objects.get(code=code).pk for code in PAIR]

    def move(there: int) -> None:
        roles = {ids[there]: [Role.OPERATOR], ids[1 - there]: []}
        give_roles_in(moved.pk, roles, actor=actor, now=MORNING)

    def switch(is_on: int) -> None:
        if is_on:
            switch_on(switched.pk, actor=actor, now=MORNING)
        else:
            switch_off(switched, actor, MORNING)

    told = []
    for number in range(attempts):
        meet()
        told.append(outcome(lambda: (switch if seed else move)(number % 2)))  # noqa: B023
    return told


def invite_or_accept(seed: int, attempts: int) -> list[str]:
    """Somebody is invited anew while using the invitation from before."""
    from tests.cast import MORNING
    from vovremya.directory.actions.access import accept_invitation, invite
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of
    from vovremya.directory.rules import digest_of_secret

    who = {"now": MORNING, "real_now": MORNING}
    actor = actor_of(User.objects.get(username="chief"))
    told = []
    for number in range(attempts):
        person = User.objects.get(username=("moved", "switched")[number % 2])
        digest = ""
        if seed:
            digest = digest_of_secret(invite(person.pk, actor=actor, **who))
        meet()
        if seed:
            told.append(outcome(lambda: accept_invitation(digest, "лошадь на скрепке", **who)))  # noqa: B023
        else:
            told.append(outcome(lambda: invite(person.pk, actor=actor, **who)))  # noqa: B023
        meet()
    return told


def demand_or_set_up(seed: int, branches: int) -> list[str]:
    """The second step is demanded of whoever sets it up."""
    from django.db import transaction
    from pyotp import TOTP

    from tests.cast import MORNING
    from vovremya.directory.actions import access
    from vovremya.directory.actions.staff import demand_second_step
    from vovremya.directory.models import Branch, User
    from vovremya.directory.rules import Role

    def demand(branch: Branch) -> None:
        with transaction.atomic():
            demand_second_step(branch.pk, [Role.ADMINISTRATOR])

    told = []
    for number in range(branches):
        branch, user = Branch.objects.get(code=f"B{number}"), User.objects.get(username=f"admin{number}-0")
        salt = access.draw_salt()
        code = TOTP(access.secret_of(salt)).at(MORNING)
        meet()
        if seed:
            set_up = {"now": MORNING, "real_now": MORNING}
            told.append(outcome(lambda: access.set_up_second_step(user.pk, salt, code, **set_up)))  # noqa: B023
        else:
            told.append(outcome(lambda: demand(branch)))  # noqa: B023
    return told


def wrong_debts_left() -> list[int]:
    from vovremya.directory.queries import wrong_debts

    return wrong_debts()
