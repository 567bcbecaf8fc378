"""«Сотрудники» and the own account: who works where, what was done to whom, where they are signed in. A fixed number of
queries, and nobody from behind the wall."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from vovremya.customers.rules import fold_name
from vovremya.directory.models import Branch, Invitation, Membership, SecondStep, StaffChange, User
from vovremya.directory.queries import sessions_of
from vovremya.directory.rules import TAKEN_BACK, TRAINING_CODE, AccessChange, Role
from vovremya.directory.sessions import public_name
from vovremya.directory.texts import ROLES
from vovremya.office.texts.staff import CHANGES, STATES, device_words

SHOWN_STAFF, SHOWN_CHANGES = 200, 100


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    text: str = ""
    branch_id: int | None = None
    role: str = ""
    is_switched_off: bool = False

    def takes(self, user: User, roles: Mapping[int, frozenset[Role]]) -> bool:
        words = fold_name(f"{user.full_name} {user.short_name} {user.username}")
        return (
            all(word in words for word in fold_name(self.text).split())
            and (self.branch_id is None or self.branch_id in roles)
            and (not self.role or any(self.role in held for held in roles.values()))
            and user.is_active != self.is_switched_off
        )


@dataclass(frozen=True)
class StaffRow:
    user: User
    roles: Sequence[tuple[str, str]]  # branch and the roles there, in words
    has_second_step: bool
    is_invited: bool


@dataclass(frozen=True)
class StaffList:
    rows: Sequence[StaffRow]
    has_more: bool
    count_of_switched_off: int


def staff_list(branches: Sequence[Branch], wanted: Wanted) -> StaffList:
    """Everybody with a role in one of these branches. Of a network that is some hundreds: they are looked through here,
    since no database folds Russian letters alike."""
    people = _people(branches)
    found = [(user, roles) for user, roles in people if wanted.takes(user, roles)]
    shown = found[:SHOWN_STAFF]
    ids = [user.pk for user, _ in shown]
    with_second_step = set(SecondStep.objects.filter(user__in=ids).values_list("user_id", flat=True))
    invited = set(Invitation.objects.filter(user__in=ids).values_list("user_id", flat=True))
    rows = [
        StaffRow(user, roles_words(roles, branches), user.pk in with_second_step, user.pk in invited)
        for user, roles in shown
    ]
    return StaffList(rows, len(found) > SHOWN_STAFF, sum(not user.is_active for user, _ in people))


def _people(branches: Sequence[Branch]) -> list[tuple[User, dict[int, frozenset[Role]]]]:
    users: dict[int, User] = {}
    roles: dict[int, dict[int, frozenset[Role]]] = {}
    memberships = Membership.objects.filter(branch__in=branches).exclude(branch__code__startswith=TRAINING_CODE)
    for each in memberships.select_related("user"):
        users[each.user_id] = each.user
        held = roles.setdefault(each.user_id, {})
        held[each.branch_id] = held.get(each.branch_id, frozenset()) | {Role(each.role)}
    in_order = sorted(users.values(), key=lambda user: (fold_name(user.full_name), user.pk))
    return [(user, roles[user.pk]) for user in in_order]


def roles_words(roles: Mapping[int, Collection[Role]], branches: Sequence[Branch]) -> list[tuple[str, str]]:
    return [(branch.name, role_names(roles[branch.pk])) for branch in branches if roles.get(branch.pk)]


def role_names(roles: Collection[str]) -> str:
    return ", ".join(str(ROLES[role]) for role in Role if role in roles)


def names_words(names: Mapping[str, str]) -> str:
    return ", ".join(filter(None, (names["full_name"], names["short_name"], names["username"])))


@dataclass(frozen=True)
class ShownChange:
    change: StaffChange
    words: str
    where: str
    before: str
    after: str
    may_be_taken_back: bool


def changes_of(person: User, branches: Sequence[Branch]) -> list[ShownChange]:
    """Of the person, and of the roles in the branches that are seen; the newest first."""
    own = Q(branch=None) | Q(branch__in=branches)
    changes = StaffChange.objects.filter(own, person=person).select_related("user", "branch", "takes_back")
    return [_shown(change) for change in changes.prefetch_related("taken_back_by")[:SHOWN_CHANGES]]


def _shown(change: StaffChange) -> ShownChange:
    what = AccessChange(change.what)
    before, after = (_value_words(what, value) for value in (change.before, change.after))
    is_open = what in TAKEN_BACK and change.before != [] and not change.taken_back_by.all()
    return ShownChange(change, str(CHANGES[what]), change.branch.name if change.branch else "", before, after, is_open)


def _value_words(what: AccessChange, value: object) -> str:
    if isinstance(value, bool):
        return str(STATES[value])
    if isinstance(value, dict):
        return names_words(value)
    if what is AccessChange.ROLES and isinstance(value, list):
        return role_names(value)
    return "" if value is None else str(value)


@dataclass(frozen=True)
class ShownSession:
    name: str
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def shown_sessions(user_id: int, real_now: datetime, session_key: str | None = None) -> list[ShownSession]:
    return [
        ShownSession(
            public_name(each.session_key),
            device_words(each.device),
            each.address,
            each.began_at,
            each.seen_at,
            each.session_key == session_key,
        )
        for each in sessions_of(user_id, real_now)
    ]


def keys_named(user_id: int, names: Collection[str], real_now: datetime) -> list[str]:
    """Of that person alone: a name is good for nobody else's session."""
    return [each.session_key for each in sessions_of(user_id, real_now) if public_name(each.session_key) in names]
