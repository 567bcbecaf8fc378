"""Reading the directories. Every query about a branch starts from the actor's branches."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from vovremya.directory.backend import StaffBackend, roles_by_branch
from vovremya.directory.models import (
    Advisor,
    Bay,
    BayGroup,
    Branch,
    Installation,
    Invitation,
    LateReason,
    Membership,
    Policy,
    RemovalReason,
    ScriptStep,
    SecondStep,
    Session,
    User,
    Work,
)
from vovremya.directory.rules import TRAINING_CODE, Actor, Person, Role, spelled_code
from vovremya.directory.sessions import SessionStore, debt_of
from vovremya.kernel.clock import Anchor
from vovremya.kernel.refusal import NotFound
from vovremya.storage.statements import Reading

_BRANCH_FIELDS = ("id", "network_id", "code", "name", "address", "zone", "position", "is_active")
_BRANCHES = f"SELECT {', '.join(_BRANCH_FIELDS)} FROM directory_branch {{where}} ORDER BY is_active DESC, position, id"  # noqa: S608

# In the order of their models.
_BAY_FIELDS = ("id", "branch_id", "group_id", "name", "mechanic", "coefficient", "position", "is_active")
_GROUP_FIELDS = ("id", "branch_id", "name", "advisor_id", "position")
_ADVISOR_FIELDS = ("id", "name")
_BAYS = f"""
SELECT {", ".join(f"b.{name}" for name in _BAY_FIELDS)}, {", ".join(f"g.{name}" for name in _GROUP_FIELDS)},
       {", ".join(f"a.{name}" for name in _ADVISOR_FIELDS)}
  FROM directory_bay b JOIN directory_baygroup g ON g.id = b.group_id
  LEFT JOIN directory_advisor a ON a.id = g.advisor_id
 WHERE b.branch_id = %s AND (b.is_active = %s OR b.id IN ({{named}}))
 ORDER BY g.position, b.position, b.id
"""  # noqa: S608  # names of our own

_BRANCH = Reading(lambda code: Branch.objects.select_related("network").filter(code=code))
_POLICY_IN_FORCE = Reading(
    lambda branch_id, at: Policy.objects.filter(branch_id=branch_id, in_force_from__lte=at).order_by("-number")[:1],
)
_BAY_IN_USE = Reading(
    lambda branch_id, bay_id: Bay.objects.select_related("group").filter(pk=bay_id, branch_id=branch_id, is_active=True)
)
_ADVISOR_ID = Reading(
    lambda branch_id, advisor_id: Advisor.objects.filter(pk=advisor_id, branch_id=branch_id).values_list("id"),
)


def installation() -> Installation:
    return Installation.objects.get()


def has_staff() -> bool:
    """Whether somebody has taken the program into use."""
    return User.objects.exists()


def has_branches() -> bool:
    return Branch.objects.exists()


def first_code() -> str:
    """What the console tells whoever is to be the first administrator: the same in every process and at every start,
    good until there is one."""
    return spelled_code(salted_hmac("first administrator", installation().epoch, algorithm="sha256").digest())


def clock_anchor() -> Anchor | None:
    """The anchor of the shown time, for `clock.follow`; never in production."""
    found = Installation.objects.exclude(kind=Installation.Kind.PRODUCTION).first()
    if found is None or found.clock_real_at is None or found.clock_shown_at is None:
        return None
    return Anchor(found.clock_real_at, found.clock_shown_at, found.clock_speed)


def actor_of(user: User) -> Actor:
    """The user with the roles held now."""
    roles = user.roles_read
    if roles is None:
        roles = roles_by_branch(Membership.objects.filter(user=user).values_list("branch_id", "role"))
    return Actor(user_id=user.pk, name=str(user), roles=roles)


def person_of(user_id: int) -> Person:
    """To whom something is to be done: the roles, and where nobody else could give them back. Those in the branch where
    all practise say nothing of who has to do with whom."""
    held = Membership.objects.filter(user_id=user_id).exclude(branch__code__startswith=TRAINING_CODE)
    roles = roles_by_branch(held.values_list("branch_id", "role"))
    administered = [branch_id for branch_id, held in roles.items() if Role.ADMINISTRATOR in held]
    others = Membership.objects.filter(branch_id__in=administered, role=Role.ADMINISTRATOR, user__is_active=True)
    with_others = set(others.exclude(user_id=user_id).values_list("branch_id", flat=True))
    return Person(user_id, roles, frozenset(administered) - with_others)


def branch_by_code(code: str, actor: Actor) -> Branch:
    """The branch, or `NotFound` alike whether it does not exist or lies behind the wall."""
    branch = _BRANCH.first(code)
    if branch is None or not actor.sees(branch.pk):
        raise NotFound
    return branch


def branches_of(actor: Actor) -> list[Branch]:
    """In the order of the menu, those that are retired at its end. By a statement of our own: every page shows them."""
    where, branch_ids = ("", []) if actor.is_program else (_in_list("id", actor.branch_ids), list(actor.branch_ids))
    with connection.cursor() as cursor:
        cursor.execute(_BRANCHES.format(where=where), branch_ids)
        return [Branch.from_db(connection.alias, _BRANCH_FIELDS, row) for row in cursor.fetchall()]


def _in_list(column: str, values: Collection[object]) -> str:
    return f"WHERE {column} IN ({', '.join(['%s'] * len(values)) or 'NULL'})"


def policy_in_force(branch_id: int, at: datetime) -> Policy:
    """The newest version begun by `at`; before the first one began, the first."""
    return _POLICY_IN_FORCE.first(branch_id, at) or Policy.objects.filter(branch_id=branch_id).earliest("number")


def bays_of(branch: Branch, *, with_retired: Collection[int] = ()) -> list[Bay]:
    """In the order of the board, with their groups and the groups' advisors; of the retired those that are named. By a
    statement of our own, as above."""
    named = ", ".join(["%s"] * len(with_retired)) or "NULL"
    with connection.cursor() as cursor:
        cursor.execute(_BAYS.format(named=named), [branch.pk, True, *with_retired])
        rows = cursor.fetchall()
    groups: dict[int, BayGroup] = {}
    bays = []
    for row in rows:
        of_bay, of_group, of_advisor = row[: len(_BAY_FIELDS)], row[len(_BAY_FIELDS) : -2], row[-2:]
        bay = Bay.from_db(connection.alias, _BAY_FIELDS, of_bay)
        if bay.group_id not in groups:
            groups[bay.group_id] = BayGroup.from_db(connection.alias, _GROUP_FIELDS, of_group)
            has_advisor = groups[bay.group_id].advisor_id is not None
            advisor = Advisor.from_db(connection.alias, _ADVISOR_FIELDS, of_advisor) if has_advisor else None
            groups[bay.group_id].advisor = advisor
        bay.group = groups[bay.group_id]
        bays.append(bay)
    return bays


def bay_in_use(branch_id: int, bay_id: int) -> Bay | None:
    """With its group."""
    return _BAY_IN_USE.first(branch_id, bay_id)


def has_advisor(branch_id: int, advisor_id: int | None) -> bool:
    """One who has left may still be named: the visit is theirs."""
    return bool(_ADVISOR_ID.all(branch_id, advisor_id))


def advisors_of(branch: Branch) -> list[Advisor]:
    return list(Advisor.objects.filter(branch=branch, is_active=True))


def works_of(branch: Branch) -> list[Work]:
    return list(Work.objects.filter(network_id=branch.network_id, is_active=True))


def late_reasons_of(branch: Branch, *, with_retired: int | None = None) -> list[LateReason]:
    """Of the retired the one that is named."""
    offered = Q(is_active=True) | Q(pk=with_retired or 0)
    return list(LateReason.objects.filter(offered, network_id=branch.network_id))


def late_reason_by_id(reason_id: int | None, network_id: int) -> LateReason | None:
    return LateReason.objects.filter(pk=reason_id, network_id=network_id).first() if reason_id else None


def removal_reasons_of(branch: Branch) -> list[RemovalReason]:
    return list(RemovalReason.objects.filter(network_id=branch.network_id, is_active=True))


def script_of(branch: Branch) -> list[ScriptStep]:
    return list(ScriptStep.objects.filter(branch=branch))


def user_of_session(session_key: str) -> User | None:
    """Who is at work with this session: as a request would find, without touching the session."""
    session = SessionStore(session_key)
    if SESSION_KEY not in session:
        return None
    user = StaffBackend().get_user(int(session[SESSION_KEY]))
    if user is None or debt_of(user, session):
        return None
    is_same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if is_same else None


def is_session_alive(session_key: str) -> bool:
    """Whether a live stream begun with this session may go on."""
    return user_of_session(session_key) is not None


def is_second_step_demanded(user: User) -> bool:
    """By any role, in the branch where it is held."""
    memberships = user.memberships.all()
    return any(each.role in each.branch.second_step_roles for each in memberships.select_related("branch"))


def wrong_debts() -> list[int]:
    """Users of whom it is noted that they owe a second step and do not, or the other way round: for `check`."""
    held = Membership.objects.select_related("branch")
    demanded = {each.user_id for each in held if each.role in each.branch.second_step_roles}
    owing = demanded - set(SecondStep.objects.values_list("user_id", flat=True))
    noted = set(User.objects.filter(owes_second_step=True).values_list("pk", flat=True))
    return sorted(owing ^ noted)


def second_step_of(user_id: int) -> SecondStep | None:
    return SecondStep.objects.filter(user_id=user_id).first()


def invitation_of(user_id: int) -> Invitation | None:
    return Invitation.objects.filter(user_id=user_id).first()


def sessions_of(user_id: int, real_now: datetime) -> list[Session]:
    """Where somebody is signed in, the last seen first."""
    return list(Session.objects.filter(user_id=user_id, expire_date__gt=real_now).order_by("-seen_at", "session_key"))


def has_second_step(user_id: int) -> bool:
    return SecondStep.objects.filter(user_id=user_id).exists()


def invited_by(digest: str, real_now: datetime) -> User | None:
    """Whom an invitation that is still good lets in."""
    invitations = Invitation.objects.filter(digest=digest, expires_at__gt=real_now, user__is_active=True)
    invitation = invitations.select_related("user").first()
    return invitation.user if invitation else None


@dataclass(frozen=True)
class DemoLogin:
    username: str
    roles: Sequence[Role]
    branch: str


def demo_logins() -> list[DemoLogin]:
    """The logins to show at the door of the demo, in the order they were made."""
    logins: dict[str, DemoLogin] = {}
    memberships = Membership.objects.filter(user__is_demo=True, user__is_active=True)
    memberships = memberships.exclude(branch__code__startswith=TRAINING_CODE)
    for membership in memberships.select_related("user", "branch").order_by("user_id", "branch__position"):
        known = logins.get(membership.user.username)
        branch = known.branch if known else membership.branch.name
        roles = {*(known.roles if known else ()), Role(membership.role)}
        logins[membership.user.username] = DemoLogin(
            membership.user.username, [role for role in Role if role in roles], branch
        )
    return list(logins.values())
