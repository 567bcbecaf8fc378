"""People: who works where in which role, under which name, and whether at all. Each change stays in the history of the
person and can be taken back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from vovremya.directory.actions import add_user, lock_branch
from vovremya.directory.models import Branch, Membership, SecondStep, Session, StaffChange, User
from vovremya.directory.queries import is_second_step_demanded, person_of
from vovremya.directory.rules import (
    LONGEST_FULL_NAME,
    LONGEST_SHORT_NAME,
    LONGEST_USERNAME,
    TAKEN_BACK,
    AccessChange,
    Actor,
    Deed,
    Role,
    digest_of_roles,
    fold_username,
    sees_person,
    short_name_of,
    why_not,
    why_roles_not,
)
from vovremya.directory.signals import staff_changed
from vovremya.kernel.digest import digest_of
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

LONGEST = {"full_name": LONGEST_FULL_NAME, "short_name": LONGEST_SHORT_NAME, "username": LONGEST_USERNAME}


@dataclass(frozen=True)
class Names:
    full_name: str
    short_name: str
    username: str

    @property
    def trimmed(self) -> "Names":
        """As they are kept. Raises `BadInput` where there is no room for them."""
        full_name = " ".join(self.full_name.split())
        short_name = " ".join(self.short_name.split()) or short_name_of(full_name)
        names = Names(full_name, short_name, fold_username(self.username))
        problems = {field: "text_too_long" for field, text in asdict(names).items() if len(text) > LONGEST[field]}
        if problems:
            raise BadInput(problems)
        return names

    @property
    def digest(self) -> str:
        """So that whoever saves says which ones stood in the window."""
        return digest_of(asdict(self))


def take_on(names: Names, roles: Mapping[int, Collection[Role]], *, actor: Actor, now: datetime) -> User:
    """A new member of staff, who cannot sign in until let in. Raises `BadInput` at the field."""
    names = names.trimmed
    with transaction.atomic():
        _check(names, None)
        roles = {branch_id: given for branch_id, given in roles.items() if given}
        if not roles:
            raise BadInput({"roles": "role_needed"})
        _lock_branches(roles)
        user = add_user(**asdict(names), password=None, roles=roles, actor=actor)
        keep(StaffChange(person=user, what=AccessChange.TAKEN_ON, after=asdict(names)), actor, now)
        for branch_id, given in roles.items():
            _keep_roles(user, branch_id, frozenset(), frozenset(given), actor, now)
        settle_second_step([user.pk])
    return user


def name(user_id: int, names: Names, *, actor: Actor, now: datetime, seen: str | None = None) -> StaffChange | None:
    """None where they are so already. `seen` is the digest of those that stood in the window: where others stand there
    by now, `staff_changed_meanwhile` is raised with them."""
    names = names.trimmed
    with transaction.atomic():
        user = _to_change(user_id, Deed.NAME, actor)
        stands = names_of(user)
        if seen is not None and seen != stands.digest and names != stands:
            raise Refusal("staff_changed_meanwhile", value=stands)
        return _name(user, names, actor, now)


def give_roles_in(
    user_id: int,
    roles: Mapping[int, Iterable[Role]],
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> list[StaffChange]:
    """The roles in several branches at once. First where more are given: who goes from one branch to another is never
    without any. `seen` is the digest of those that stood in the window: where others stand there by now,
    `staff_changed_meanwhile` is raised with them."""
    wanted = {branch_id: frozenset(given) for branch_id, given in roles.items()}
    with transaction.atomic():
        _lock_to_give(user_id, wanted, actor)
        if seen is not None:
            _require_as_seen(user_id, wanted, seen)
        in_order = sorted(wanted.items(), key=lambda each: (not each[1], each[0]))
        changes = [_give_roles(user_id, branch_id, given, actor, now) for branch_id, given in in_order]
    return [change for change in changes if change]


def bring_in(username: str, branch_id: int, roles: Iterable[Role], *, actor: Actor, now: datetime) -> User:
    """A role here for somebody who works in another branch: found by the exact login alone, since the wall shows
    nobody. Who has roles here keeps them. Raises `BadInput` at the login alike whether there is none or it is switched
    off."""
    with transaction.atomic():
        wanted = frozenset(roles)
        if not wanted:
            raise BadInput({"roles": "role_needed"})
        user = User.objects.filter(username=fold_username(username), is_active=True).first()
        if user is None:
            raise BadInput({"username": "username_unknown"})
        _lock_to_give(user.pk, [branch_id], actor)
        held = person_of(user.pk).roles.get(branch_id, frozenset())
        _give_roles(user.pk, branch_id, held | wanted, actor, now, is_seen=True)
    return user


def switch_off(user: User, actor: Actor, now: datetime) -> StaffChange | None:
    """Take a user's access away: no new session, and every open one ends, its live streams included."""
    with transaction.atomic():
        user = _to_change(user.pk, Deed.SWITCH_OFF, actor)
        return _set_active(user, False, actor, now)


def switch_on(user_id: int, *, actor: Actor, now: datetime) -> StaffChange | None:
    with transaction.atomic():
        user = _to_change(user_id, Deed.SWITCH_ON, actor)
        return _set_active(user, True, actor, now)


def take_back(change_id: int, *, actor: Actor, now: datetime) -> StaffChange | None:
    """Back to what it was before that change, if it still is what it became: a change like any other, with its rights.

    Raises `NotFound` for what can not be taken back or is about somebody behind the wall.
    """
    with transaction.atomic():
        change = StaffChange.objects.filter(pk=change_id, what__in=TAKEN_BACK).first()
        if change is None:
            raise NotFound
        before: Any = change.before
        match AccessChange(change.what):
            case AccessChange.NAMED:
                user = _to_change(change.person_id, Deed.NAME, actor)
                _require_unchanged(asdict(names_of(user)), change)
                return _name(user, Names(**before), actor, now, takes_back=change)
            case AccessChange.ROLES:
                assert change.branch_id is not None
                roles = frozenset(map(Role, before))
                _lock_to_give(change.person_id, [change.branch_id], actor)
                return _give_roles(change.person_id, change.branch_id, roles, actor, now, takes_back=change)
            case _:
                deed = Deed.SWITCH_ON if before else Deed.SWITCH_OFF
                user = _to_change(change.person_id, deed, actor)
                _require_unchanged(user.is_active, change)
                return _set_active(user, before, actor, now, takes_back=change)


def settle_second_step(user_ids: Iterable[int]) -> None:
    """Who owes a second step, after roles, what they demand, or the step itself have changed. Looked at under the lock
    of the users: one of them may be setting it up at this moment."""
    users = list(User.objects.select_for_update(no_key=True).filter(pk__in=list(user_ids)).order_by("pk"))
    has_one = set(SecondStep.objects.filter(user__in=users).values_list("user_id", flat=True))
    for user in users:
        owes = is_second_step_demanded(user) and user.pk not in has_one
        if owes != user.owes_second_step:
            User.objects.filter(pk=user.pk).update(owes_second_step=owes)


def demand_second_step(branch_id: int, roles: Iterable[Role]) -> None:
    """Of everybody who holds one of these roles in the branch: a part of `change_setting` above, which checks the
    rights."""
    Branch.objects.filter(pk=branch_id).update(second_step_roles=sorted(set(roles)))
    settle_second_step(Membership.objects.filter(branch_id=branch_id).values_list("user_id", flat=True).distinct())


def keep(change: StaffChange, actor: Actor, now: datetime) -> StaffChange:
    """Into the history of the person, and to whoever listens above: the branches that it is about."""
    change.at, change.user_id = now, actor.user_id
    change.save(force_insert=True)
    held = Membership.objects.filter(user_id=change.person_id).values_list("branch_id", flat=True).distinct()
    branch_ids = sorted(held) if change.branch_id is None else [change.branch_id]
    staff_changed.send(StaffChange, change=change, branch_ids=branch_ids, actor=actor, now=now)
    return change


def names_of(user: User) -> Names:
    return Names(user.full_name, user.short_name, user.username)


def locked_user(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def require(deed: Deed, user: User, actor: Actor) -> None:
    """`NotFound` for who lies behind the wall; else the refusal that the rule names."""
    person = person_of(user.pk)
    if not sees_person(actor, person):
        raise NotFound
    _refuse(why_not(deed, actor, person))


def _to_change(user_id: int, deed: Deed, actor: Actor) -> User:
    """Locked with the branches: two administrators who take the role from one another at one moment stand in line."""
    _lock_branches(_branches_of(user_id))
    user = locked_user(user_id)
    require(deed, user, actor)
    return user


def _lock_to_give(user_id: int, branch_ids: Iterable[int], actor: Actor) -> None:
    """The branches, and then the person: who is administrator of another branch looks at the same roles."""
    branch_ids = set(branch_ids)
    if not all(map(actor.sees, branch_ids)):
        raise NotFound
    _lock_branches(branch_ids)
    locked_user(user_id)


def _require_as_seen(user_id: int, wanted: Mapping[int, frozenset[Role]], seen: str) -> None:
    held = person_of(user_id).roles
    stands = {branch_id: held.get(branch_id, frozenset()) for branch_id in wanted}
    if stands != wanted and digest_of_roles(stands, wanted) != seen:
        raise Refusal("staff_changed_meanwhile", value=stands)


def _lock_branches(branch_ids: Iterable[int]) -> None:
    """In the order of their ids, as everybody locks them, and before any user."""
    for branch_id in sorted(branch_ids):
        lock_branch(branch_id)


def _branches_of(user_id: int) -> set[int]:
    return set(Membership.objects.filter(user_id=user_id).values_list("branch_id", flat=True))


def _refuse(code: str | None) -> None:
    if code == NotAllowed.code:
        raise NotAllowed
    if code:
        raise Refusal(code)


def _check(names: Names, user_id: int | None) -> None:
    problems = {}
    if not names.full_name:
        problems["full_name"] = "full_name_empty"
    if not names.username:
        problems["username"] = "username_empty"
    elif User.objects.filter(username=names.username).exclude(pk=user_id or 0).exists():
        problems["username"] = "username_taken"
    if problems:
        raise BadInput(problems)


def _name(
    user: User, names: Names, actor: Actor, now: datetime, takes_back: StaffChange | None = None
) -> StaffChange | None:
    _check(names, user.pk)
    before = names_of(user)
    if before == names:
        return None
    user.full_name, user.short_name, user.username = names.full_name, names.short_name, names.username
    user.save(update_fields=("full_name", "short_name", "username"))
    what = AccessChange.NAMED
    change = StaffChange(person=user, what=what, before=asdict(before), after=asdict(names), takes_back=takes_back)
    return keep(change, actor, now)


def _give_roles(
    user_id: int,
    branch_id: int,
    roles: frozenset[Role],
    actor: Actor,
    now: datetime,
    *,
    takes_back: StaffChange | None = None,
    is_seen: bool = False,
) -> StaffChange | None:
    """Under the locks of the branch and the person."""
    person = person_of(user_id)
    if not (is_seen or sees_person(actor, person)):
        raise NotFound
    _refuse(why_roles_not(actor, person, branch_id, roles))
    before = person.roles.get(branch_id, frozenset())
    if takes_back is not None:
        _require_unchanged(sorted(before), takes_back)
    if before == roles:
        return None
    Membership.objects.filter(user_id=user_id, branch_id=branch_id).exclude(role__in=roles).delete()
    Membership.objects.bulk_create(
        Membership(user_id=user_id, branch_id=branch_id, role=role) for role in sorted(roles - before)
    )
    user = User.objects.get(pk=user_id)
    settle_second_step([user_id])
    return _keep_roles(user, branch_id, before, roles, actor, now, takes_back)


def _keep_roles(
    user: User,
    branch_id: int,
    before: frozenset[Role],
    after: frozenset[Role],
    actor: Actor,
    now: datetime,
    takes_back: StaffChange | None = None,
) -> StaffChange:
    change = StaffChange(
        person=user,
        branch_id=branch_id,
        what=AccessChange.ROLES,
        before=sorted(before),
        after=sorted(after),
        takes_back=takes_back,
    )
    return keep(change, actor, now)


def _set_active(
    user: User, is_active: bool, actor: Actor, now: datetime, takes_back: StaffChange | None = None
) -> StaffChange | None:
    if user.is_active == is_active:
        return None
    user.is_active = is_active
    user.session_generation += 1
    user.save(update_fields=("is_active", "session_generation"))
    Session.objects.filter(user=user).delete()
    what = AccessChange.STATE
    change = StaffChange(person=user, what=what, before=not is_active, after=is_active, takes_back=takes_back)
    return keep(change, actor, now)


def _require_unchanged(stands: Any, change: StaffChange) -> None:
    if stands != change.after:
        raise Refusal("staff_changed_since")
