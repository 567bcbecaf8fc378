"""Letting people in and keeping others out: invitations, passwords, the second step, sessions."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import connection
from pyotp import TOTP

from tests.apps.conftest import Hire
from vovremya.directory.actions import access, staff
from vovremya.directory.actions.staff import Names
from vovremya.directory.models import Branch, Invitation, SecondStep, Session, StaffChange, User
from vovremya.directory.queries import actor_of, wrong_debts
from vovremya.directory.rules import RECOVERY_CODES, WRONG_CODES_AT_MOST, Actor, Role, digest_of_secret
from vovremya.directory.sessions import SessionStore
from vovremya.directory.texts import REFUSALS
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

pytestmark = pytest.mark.django_db

GOOD = "лошадь на скрепке"


@pytest.fixture
def administrator(hire: Hire, branch: Branch) -> Actor:
    hire("other-admin", branch, role=Role.ADMINISTRATOR)
    return actor_of(hire("admin", branch, role=Role.ADMINISTRATOR))


@pytest.fixture
def operator(hire: Hire, branch: Branch) -> User:
    return hire("ivanova", branch)


def refused(code: str) -> Any:
    assert code in REFUSALS
    return pytest.raises(Refusal, match=code)


# --- people ----------------------------------------------------------------------------------------------------------


def test_new_person_gets_in_by_the_invitation_alone_and_once(
    administrator: Actor, branch: Branch, now: datetime
) -> None:
    names = Names(" Кошкина  Вера ", "", " Koshkina ")
    user = staff.take_on(names, {branch.pk: [Role.OPERATOR]}, actor=administrator, now=now)
    assert (user.username, user.full_name, user.short_name) == ("koshkina", "Кошкина Вера", "Кошкина В.")
    assert not user.has_usable_password()
    secret = access.invite(user.pk, actor=administrator, now=now, real_now=now)
    invitation = Invitation.objects.get()
    assert secret not in (invitation.digest, str(vars(invitation)))
    access.accept_invitation(digest_of_secret(secret), GOOD, now=now, real_now=now)
    user.refresh_from_db()
    assert user.check_password(GOOD)
    with refused("invitation_gone"):
        access.accept_invitation(digest_of_secret(secret), GOOD + "!", now=now, real_now=now)


def test_invitation_lapses_is_replaced_and_ends_with_the_access(
    administrator: Actor, operator: User, now: datetime
) -> None:
    who: dict[str, Any] = {"actor": administrator, "now": now, "real_now": now}
    first = digest_of_secret(access.invite(operator.pk, **who))
    second = digest_of_secret(access.invite(operator.pk, **who))
    with refused("invitation_gone"):
        access.accept_invitation(first, GOOD, now=now, real_now=now)
    with refused("invitation_gone"):
        access.accept_invitation(second, GOOD, now=now, real_now=now + access.INVITED_FOR)
    staff.switch_off(operator, administrator, now)
    with refused("invitation_gone"):
        access.accept_invitation(second, GOOD, now=now, real_now=now)


def test_whoever_is_let_in_anew_loses_the_old_password_and_the_sessions(
    administrator: Actor, operator: User, now: datetime
) -> None:
    Session.objects.create(session_key="k", user=operator, expire_date=now, began_at=now, seen_at=now)
    password = access.give_temporary_password(operator.pk, actor=administrator, now=now, real_now=now)
    operator.refresh_from_db()
    assert (operator.check_password("right password"), operator.check_password(password)) == (False, True)
    assert operator.temporary_until == now + access.TEMPORARY_FOR
    assert not Session.objects.exists()
    assert password not in str([*StaffChange.objects.values(), *Entry.objects.values()])
    access.change_password(operator.pk, GOOD, now=now, session_key=None)
    operator.refresh_from_db()
    assert operator.temporary_until is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("короткий", "password_too_short"),
        ("password123", "password_too_common"),
        ("gfhjkm123456", "password_too_common"),
        ("йцукенгшщз", "password_too_common"),
        ("Пароль12345", "password_too_common"),
        ("73014826591", "password_entirely_numeric"),
        ("ivanova-12", "password_too_similar"),
        ("right password", "password_same"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused_at_the_field(
    operator: User, now: datetime, password: str, code: str
) -> None:
    with refused(code) as refusal:
        access.change_password(operator.pk, password, now=now, session_key=None)
    assert refusal.value.field == "password"


def test_own_new_password_ends_every_other_session(operator: User, now: datetime) -> None:
    for key in ("this", "other"):
        Session.objects.create(session_key=key, user=operator, expire_date=now, began_at=now, seen_at=now)
    access.change_password(operator.pk, GOOD, now=now, session_key="this")
    assert [each.session_key for each in Session.objects.all()] == ["this"]


@pytest.mark.parametrize(
    ("names", "field", "code"),
    [
        (Names("", "", "x"), "full_name", "full_name_empty"),
        (Names("Кот", "", " "), "username", "username_empty"),
        (Names("Кот", "", "IVANOVA"), "username", "username_taken"),
    ],
)
def test_what_a_person_lacks_is_told_at_the_field(
    administrator: Actor, operator: User, branch: Branch, now: datetime, names: Names, field: str, code: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        staff.take_on(names, {branch.pk: [Role.OPERATOR]}, actor=administrator, now=now)
    assert refusal.value.problems == {field: code}
    with pytest.raises(BadInput) as without_roles:
        staff.take_on(Names("Кот", "", "kot"), {branch.pk: []}, actor=administrator, now=now)
    assert without_roles.value.problems == {"roles": "role_needed"}


def test_every_change_is_in_the_history_and_goes_back_unless_changed_since(
    administrator: Actor, operator: User, branch: Branch, now: datetime
) -> None:
    who: dict[str, Any] = {"actor": administrator, "now": now}
    named = staff.name(operator.pk, Names("Иванова Вера", "Иванова В.", "ivanova"), **who)
    (given,) = staff.give_roles_in(operator.pk, {branch.pk: [Role.MASTER, Role.SUPERVISOR]}, **who)
    off = staff.switch_off(operator, administrator, now)
    assert named is not None
    assert off is not None
    for change in (named, given, off):
        assert staff.take_back(change.pk, **who)
    operator.refresh_from_db()
    assert (operator.full_name, operator.is_active) == ("Иванова Ольга Петровна", True)
    assert actor_of(operator).roles == {branch.pk: {Role.OPERATOR}}
    for change in (named, given, off):
        with refused("staff_changed_since"):
            staff.take_back(change.pk, **who)
    assert staff.name(operator.pk, Names("Иванова Ольга Петровна", "Иванова", "ivanova"), **who) is None
    entries = Entry.objects.filter(kind="staff_changed").values_list("data", flat=True)
    assert {entry["what"] for entry in entries} == {"named", "roles", "state"}
    assert "Иванова" not in str(list(entries))


def test_nothing_reaches_over_the_wall(
    administrator: Actor, hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    elsewhere = hire("petrova", other_branch)
    there = actor_of(hire("there", other_branch, role=Role.ADMINISTRATOR))
    both = hire("both", branch, other_branch)
    who: dict[str, Any] = {"actor": administrator, "now": now}
    change = staff.name(elsewhere.pk, Names("Петрова", "", "petrova"), actor=there, now=now)
    moved = staff.give_roles_in(both.pk, {other_branch.pk: [Role.MASTER]}, actor=there, now=now)
    before = list(User.objects.order_by("pk").values())
    assert change is not None
    for attempt in (
        lambda: staff.name(elsewhere.pk, Names("x", "x", "x"), **who),
        lambda: staff.switch_off(elsewhere, administrator, now),
        lambda: staff.give_roles_in(elsewhere.pk, {branch.pk: [Role.OPERATOR]}, **who),
        lambda: staff.give_roles_in(both.pk, {other_branch.pk: [Role.ADMINISTRATOR]}, **who),
        lambda: access.invite(elsewhere.pk, **who, real_now=now),
        lambda: access.end_sessions_of(elsewhere.pk, None, **who),
        lambda: staff.take_back(change.pk, **who),
        lambda: staff.take_back(moved[0].pk, **who),
        lambda: access.invite(999, **who, real_now=now),
        lambda: staff.take_back(999, **who),
    ):
        with pytest.raises(NotFound):
            attempt()
    for attempt in (
        lambda: access.give_temporary_password(both.pk, **who, real_now=now),
        lambda: access.take_second_step_away(both.pk, **who),
        lambda: staff.switch_off(both, administrator, now),
        lambda: access.end_sessions_of(both.pk, None, **who),
    ):
        with refused("works_elsewhere_too"):
            attempt()
    assert list(User.objects.order_by("pk").values()) == before


def test_somebody_of_another_branch_is_brought_in_by_the_exact_login(
    administrator: Actor, hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    hire("petrova", other_branch)
    off = hire("off", other_branch)
    User.objects.filter(pk=off.pk).update(is_active=False)
    who: dict[str, Any] = {"actor": administrator, "now": now}
    for unknown in ("petrov", "off"):
        with pytest.raises(BadInput) as refusal:
            staff.bring_in(unknown, branch.pk, [Role.OPERATOR], **who)
        assert refusal.value.problems == {"username": "username_unknown"}
    with pytest.raises(BadInput):
        staff.bring_in("petrova", branch.pk, [], **who)
    user = staff.bring_in("Petrova", branch.pk, [Role.OPERATOR], **who)
    assert actor_of(user).roles == {branch.pk: {Role.OPERATOR}, other_branch.pk: {Role.OPERATOR}}
    staff.bring_in("petrova", branch.pk, [Role.MASTER], **who)
    assert actor_of(user).roles[branch.pk] == {Role.OPERATOR, Role.MASTER}, "who works here already keeps the roles"
    with pytest.raises(NotFound):
        staff.bring_in("petrova", other_branch.pk, [Role.ADMINISTRATOR], **who)


def test_the_last_administrator_stays(hire: Hire, branch: Branch, other_branch: Branch, now: datetime) -> None:
    last = hire("last", branch, role=Role.ADMINISTRATOR)
    chief = actor_of(hire("chief", other_branch, role=Role.ADMINISTRATOR))
    colleague = hire("colleague", branch, other_branch, role=Role.ADMINISTRATOR)
    who = actor_of(colleague)
    staff.switch_off(last, who, now)
    with refused("own_account"):
        staff.switch_off(colleague, who, now)
    for roles in ([Role.OPERATOR], []):
        with refused("own_administration"):
            staff.give_roles_in(colleague.pk, {branch.pk: roles}, actor=who, now=now)
    with pytest.raises(NotFound):
        staff.give_roles_in(colleague.pk, {branch.pk: [Role.OPERATOR]}, actor=chief, now=now)


def test_role_goes_from_one_branch_to_another_at_once(
    hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    chief = actor_of(hire("chief", branch, other_branch, role=Role.ADMINISTRATOR))
    user = hire("ivanova", branch)
    staff.give_roles_in(user.pk, {branch.pk: [], other_branch.pk: [Role.OPERATOR]}, actor=chief, now=now)
    assert actor_of(user).roles == {other_branch.pk: {Role.OPERATOR}}
    with refused("last_role"):
        staff.give_roles_in(user.pk, {other_branch.pk: []}, actor=chief, now=now)


def test_supervisors_give_no_access(hire: Hire, operator: User, branch: Branch, now: datetime) -> None:
    supervisor = actor_of(hire("supervisor", branch, role=Role.SUPERVISOR))
    with pytest.raises(NotAllowed):
        access.invite(operator.pk, actor=supervisor, now=now, real_now=now)
    with pytest.raises(NotAllowed):
        staff.take_on(Names("Кот", "", "kot"), {branch.pk: [Role.OPERATOR]}, actor=supervisor, now=now)
    with pytest.raises(NotAllowed):
        staff.bring_in("ivanova", branch.pk, [Role.SUPERVISOR], actor=supervisor, now=now)


# --- the second step -------------------------------------------------------------------------------------------------


def with_second_step(user: User, now: datetime) -> tuple[str, access.RecoveryCodes]:
    salt = access.draw_salt()
    secret = access.secret_of(salt)
    codes = access.set_up_second_step(user.pk, salt, TOTP(secret).at(now), now=now, real_now=now)
    return secret, codes


def test_codes_are_good_once_each(operator: User, now: datetime) -> None:
    secret, recovery = with_second_step(operator, now)
    later = now + timedelta(seconds=30)
    with refused("code_wrong"):
        access.pass_second_step(operator.pk, TOTP(secret).at(now), real_now=now)  # set up with it
    access.pass_second_step(operator.pk, TOTP(secret).at(later), real_now=later)
    with refused("code_wrong"):
        access.pass_second_step(operator.pk, TOTP(secret).at(later), real_now=later)
    assert len(set(recovery.codes)) == RECOVERY_CODES
    access.pass_second_step(operator.pk, recovery.codes[3].upper(), real_now=later)
    with refused("code_wrong"):
        access.pass_second_step(operator.pk, recovery.codes[3], real_now=later)
    stored = str(SecondStep.objects.values())
    assert not any(told in stored for told in (secret, *recovery.codes))
    assert SecondStep.objects.get().failures == 1


def test_wrong_codes_shut_it_wherever_they_come_from_and_the_right_one_too(operator: User, now: datetime) -> None:
    secret, recovery = with_second_step(operator, now)
    codes = []
    for _ in range(WRONG_CODES_AT_MOST + 1):
        with pytest.raises(Refusal) as refusal:
            access.pass_second_step(operator.pk, "000000", real_now=now)
        codes.append(refusal.value.code)
    assert codes == ["code_wrong"] * (WRONG_CODES_AT_MOST - 1) + ["second_step_shut"] * 2
    for right in (TOTP(secret).at(now + timedelta(minutes=1)), recovery.codes[0]):
        with refused("second_step_shut"):
            access.pass_second_step(operator.pk, right, real_now=now + timedelta(minutes=1))
    opened = now + timedelta(minutes=15)
    access.pass_second_step(operator.pk, TOTP(secret).at(opened), real_now=opened)


def test_step_is_set_up_by_a_right_code_and_not_over_one_that_is_there(operator: User, now: datetime) -> None:
    with refused("code_wrong"):
        access.set_up_second_step(operator.pk, access.draw_salt(), "123456", now=now, real_now=now)
    with_second_step(operator, now)
    with refused("second_step_is_on"):
        with_second_step(operator, now)


def test_demanded_by_role_it_is_owed_until_it_is_set_up_and_cannot_be_dropped(
    administrator: Actor, operator: User, hire: Hire, branch: Branch, other_branch: Branch, now: datetime
) -> None:
    def owing() -> set[str]:
        return set(User.objects.filter(owes_second_step=True).values_list("username", flat=True))

    hire("elsewhere", other_branch)
    staff.demand_second_step(branch.pk, [Role.OPERATOR, Role.MANAGER])
    assert owing() == {"ivanova"}
    new = staff.take_on(Names("Кот", "", "kot"), {branch.pk: [Role.MANAGER]}, actor=administrator, now=now)
    assert owing() == {"ivanova", "kot"}
    staff.give_roles_in(new.pk, {branch.pk: [Role.MASTER]}, actor=administrator, now=now)
    assert owing() == {"ivanova"}
    _, recovery = with_second_step(operator, now)
    assert owing() == set()
    with refused("second_step_demanded"):
        access.drop_own_second_step(operator.pk, now=now)
    access.take_second_step_away(operator.pk, actor=administrator, now=now)
    assert owing() == {"ivanova"}
    staff.demand_second_step(branch.pk, [])
    assert owing() == set()
    with_second_step(operator, now)
    fresh = access.renew_recovery_codes(operator.pk)
    with refused("code_wrong"):
        access.pass_second_step(operator.pk, recovery.codes[0], real_now=now)
    access.pass_second_step(operator.pk, fresh.codes[0], real_now=now)
    access.drop_own_second_step(operator.pk, now=now)
    with pytest.raises(NotFound):
        access.renew_recovery_codes(operator.pk)


def test_debt_that_is_not_what_the_roles_demand_is_found(operator: User, branch: Branch, hire: Hire) -> None:
    hire("petrova", branch)
    staff.demand_second_step(branch.pk, [Role.OPERATOR])
    assert wrong_debts() == []
    User.objects.filter(pk=operator.pk).update(owes_second_step=False)
    assert wrong_debts() == [operator.pk]


# --- sessions --------------------------------------------------------------------------------------------------------


def test_sessions_are_ended_one_or_all_and_only_ones_own(
    administrator: Actor, operator: User, hire: Hire, branch: Branch, now: datetime
) -> None:
    other = hire("petrova", branch)
    for key, user in (("a", operator), ("b", operator), ("c", operator), ("x", other)):
        Session.objects.create(session_key=key, user=user, expire_date=now, began_at=now, seen_at=now)

    def left() -> set[str]:
        return set(Session.objects.values_list("session_key", flat=True))

    assert access.end_own_sessions(operator.pk, ["b", "x"], now=now, session_key="a") == 1
    assert left() == {"a", "c", "x"}
    assert access.end_own_sessions(operator.pk, None, now=now, session_key="a") == 1
    assert left() == {"a", "x"}
    assert access.end_own_sessions(operator.pk, ["a"], now=now, session_key="a") == 0
    assert access.end_sessions_of(operator.pk, ["a", "x"], actor=administrator, now=now) == 1
    assert left() == {"x"}
    assert access.end_sessions_of(other.pk, None, actor=administrator, now=now) == 1
    assert left() == set()


def test_when_a_session_was_seen_is_written_now_and_then(
    operator: User, now: datetime, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    clock = {"now": now}
    monkeypatch.setattr("vovremya.kernel.clock.real_now", lambda: clock["now"])
    store = SessionStore()
    store[SESSION_KEY] = str(operator.pk)
    store.set_expiry(3 * 24 * 3600)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    store.save()
    key = store.session_key
    assert Session.objects.get().user == operator
    for minutes, queries, seen in ((9, 1, 0), (11, 2, 11), (12, 1, 11), (22, 2, 22)):
        clock["now"] = now + timedelta(minutes=minutes)
        with django_assert_num_queries(queries):
            assert SessionStore(key).load()[SESSION_KEY] == str(operator.pk)
        assert Session.objects.get().seen_at == now + timedelta(minutes=seen)


def test_who_was_signed_in_before_the_upgrade_stays_signed_in(operator: User, now: datetime) -> None:
    from importlib import import_module

    migration = import_module("vovremya.directory.migrations.0006_staff_and_how_they_sign_in")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date "
            + ("timestamptz)" if connection.vendor == "postgresql" else "datetime)")
        )
        expires = connection.ops.adapt_datetimefield_value(now + timedelta(days=9))
        for key, data in (("in", {SESSION_KEY: str(operator.pk)}), ("out", {}), ("gone", {SESSION_KEY: "999"})):
            cursor.execute(
                "INSERT INTO django_session VALUES (%s, %s, %s)", [key, SessionStore().encode(data), expires]
            )
    for _ in range(2):
        migration.take_sessions_along(apps, SimpleNamespace(connection=connection))
    session = Session.objects.get()
    assert (session.session_key, session.user, session.expire_date) == ("in", operator, now + timedelta(days=9))
    assert session.began_at == now - timedelta(days=5)
    assert "django_session" not in connection.introspection.table_names()
