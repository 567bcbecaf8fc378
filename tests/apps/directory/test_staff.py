"""Taking on and switching off members of staff."""

from datetime import datetime

import pytest

from tests.apps.conftest import Hire
from vovremya.directory.actions import add_user, staff
from vovremya.directory.actions.first_run import take_on_first_administrator
from vovremya.directory.actions.staff import Names, switch_off
from vovremya.directory.models import Branch, Installation, Membership, User
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Actor, Role
from vovremya.journal.models import Entry
from vovremya.kernel.clock import real_now
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

pytestmark = pytest.mark.django_db


def take_on(branch: Branch, actor: Actor, username: str = "petrova", *, is_demo: bool = False) -> User:
    return add_user(
        username=username,
        full_name="Петрова Мария",
        short_name="Петрова",
        password="secret",
        roles={branch.pk: [Role.MASTER, Role.OPERATOR]},
        actor=actor,
        is_demo=is_demo,
    )


def test_an_administrator_takes_on_staff_with_roles(hire: Hire, branch: Branch) -> None:
    administrator = actor_of(hire("admin", branch, role=Role.ADMINISTRATOR))
    user = take_on(branch, administrator, username=" Petrova ")
    assert user.username == "petrova"
    assert actor_of(user).roles == {branch.pk: frozenset({Role.MASTER, Role.OPERATOR})}
    assert user.check_password("secret")


def test_an_administrator_of_another_branch_may_not(hire: Hire, branch: Branch, other_branch: Branch) -> None:
    stranger = actor_of(hire("admin", other_branch, role=Role.ADMINISTRATOR))
    with pytest.raises(NotAllowed):
        take_on(branch, stranger)
    assert not User.objects.filter(username="petrova").exists()


def test_a_login_in_use_is_refused_whatever_its_case(hire: Hire, branch: Branch) -> None:
    hire("petrova", branch)
    with pytest.raises(Refusal) as refused:
        take_on(branch, PROGRAM, username="PETROVA")
    assert (refused.value.code, refused.value.field) == ("username_taken", "username")


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (Names("Петрова Мария", "", "ﷺ" * 20), "username"),
        (Names("Петрова Мария", "", "ß" * 51), "username"),
        (Names("Петрова Мария", "я" * 101, "petrova"), "short_name"),
        (Names("я" * 201, "", "petrova"), "full_name"),
    ],
)
def test_there_is_room_for_names_and_for_a_folded_login(hire: Hire, branch: Branch, names: Names, field: str) -> None:
    user, now = hire("ivanova", branch), real_now()
    for press in (
        lambda: staff.take_on(names, {branch.pk: [Role.MASTER]}, actor=PROGRAM, now=now),
        lambda: staff.name(user.pk, names, actor=PROGRAM, now=now),
        lambda: take_on_first_administrator(names, "secret", "", now=now),
    ):
        with pytest.raises(BadInput) as refused:
            press()
        assert refused.value.problems == {field: "text_too_long"}


def test_short_name_fits_whatever_the_family(branch: Branch) -> None:
    names = Names("я" * 150 + " Мария", "", "petrova")
    user = staff.take_on(names, {branch.pk: [Role.MASTER]}, actor=PROGRAM, now=real_now())
    assert user.short_name == "я" * 97 + " М."


def test_a_demo_login_cannot_be_made_outside_a_demo(installation: Installation, branch: Branch) -> None:
    Installation.objects.update(kind=Installation.Kind.PRODUCTION)
    with pytest.raises(Refusal, match="demo_login_outside_demo"):
        take_on(branch, PROGRAM, is_demo=True)
    assert not Membership.objects.exists()


def test_switching_off_is_in_the_journal_of_each_of_the_users_branches_without_a_name(
    hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    user = hire("ivanova", branch, other_branch)
    administrator = actor_of(hire("admin", branch, other_branch, role=Role.ADMINISTRATOR))
    switch_off(user, administrator, now)
    entries = Entry.objects.order_by("branch_id")
    assert [entry.branch_id for entry in entries] == [branch.pk, other_branch.pk]
    assert {(entry.kind, entry.data["user"], entry.data["what"], entry.user_id) for entry in entries} == {
        ("staff_changed", user.pk, "state", administrator.user_id)
    }


def test_only_an_administrator_switches_off(hire: Hire, branch: Branch, now: datetime) -> None:
    user = hire("ivanova", branch)
    supervisor = actor_of(hire("supervisor", branch, role=Role.SUPERVISOR))
    with pytest.raises(NotAllowed):
        switch_off(user, supervisor, now)
    user.refresh_from_db()
    assert user.is_active


def test_staff_of_another_branch_do_not_exist_for_an_administrator(
    hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    user = hire("ivanova", branch)
    stranger = actor_of(hire("admin", other_branch, role=Role.ADMINISTRATOR))
    with pytest.raises(NotFound):
        switch_off(user, stranger, now)
