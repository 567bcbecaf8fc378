"""Writing the directories. The journal stands above: what belongs in it goes up by a signal."""

import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max
from django.utils.crypto import constant_time_compare

from vovremya.directory import defaults
from vovremya.directory.models import (
    Advisor,
    Bay,
    BayGroup,
    Branch,
    Installation,
    LateReason,
    Membership,
    Network,
    Policy,
    RemovalReason,
    ScriptStep,
    SettingChange,
    User,
    Work,
)
from vovremya.directory.queries import first_code, has_staff, installation
from vovremya.directory.rules import (
    PROGRAM,
    Actor,
    Language,
    Right,
    Role,
    code_as_typed,
    fold_username,
    is_branch_code,
    short_name_of,
)
from vovremya.directory.signals import user_switched_off
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

SHORTEST_NORM_MINUTES, LONGEST_NORM_MINUTES = 5, 100 * 60


def create_installation(kind: Installation.Kind = Installation.Kind.PRODUCTION) -> Installation:
    """Say what this new database is, once and for all."""
    with transaction.atomic():
        if Installation.objects.exists():
            raise Refusal("installation_exists")
        return Installation.objects.create(pk=1, kind=kind, epoch=secrets.token_hex(8))


def begin_epoch() -> None:
    """The database was restored or moved: cursors from before say nothing here, and whoever has one reads anew."""
    Installation.objects.update(epoch=secrets.token_hex(8))


def move_clock(*, shown_at: datetime, speed: float, real_now: datetime) -> Installation:
    """Let the shown time be `shown_at` from now on, running at `speed`. Trials and demos only."""
    if not (math.isfinite(speed) and speed > 0):
        raise Refusal("clock_speed_out_of_range", field="speed")
    with transaction.atomic():
        found = installation()
        if found.kind == Installation.Kind.PRODUCTION:
            raise Refusal("clock_is_real")
        found.clock_real_at, found.clock_shown_at, found.clock_speed = real_now, shown_at, speed
        found.save(update_fields=("clock_real_at", "clock_shown_at", "clock_speed"))
        return found


@transaction.atomic
def install_defaults(network: Network) -> None:
    """Reasons and works to begin with; those already there stay as they are."""
    LateReason.objects.bulk_create(
        [
            LateReason(network=network, code=code, name=name, position=position)
            for position, (code, name) in enumerate(defaults.LATE_REASONS.items())
        ],
        ignore_conflicts=True,
    )
    RemovalReason.objects.bulk_create(
        [
            RemovalReason(network=network, position=position, **asdict(reason))
            for position, reason in enumerate(defaults.REMOVAL_REASONS)
        ],
        ignore_conflicts=True,
    )
    Work.objects.bulk_create(
        [
            Work(network=network, code=code, name=name, norm_minutes=norm_minutes)
            for code, name, norm_minutes in defaults.WORKS
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def install_branch_defaults(branch: Branch, now: datetime) -> None:
    """The manual's minutes and attempts, and a script; those already there stay as they are."""
    if not branch.policies.exists():
        Policy.objects.create(branch=branch, number=1, in_force_from=now)
    if not branch.script.exists():
        ScriptStep.objects.bulk_create(
            ScriptStep(branch=branch, moment=moment, text=text, position=position)
            for position, (moment, text) in enumerate(defaults.SCRIPT)
        )


def add_policy(branch_id: int, now: datetime, **changed: object) -> Policy:
    """The version that follows, in force at once: like the one before but for what is changed. A part of an action
    above, which takes the visits along; rights are checked there."""
    policy = Policy.objects.select_for_update(no_key=True).filter(branch_id=branch_id).order_by("-number")[0]
    policy.pk = None
    policy.number += 1
    policy.in_force_from = now
    for name, value in changed.items():
        setattr(policy, name, value)
    policy.save(force_insert=True)
    return policy


@transaction.atomic
def open_network(name: str) -> Network:
    """A network with its reasons and works."""
    network = Network.objects.create(name=name)
    install_defaults(network)
    return network


@transaction.atomic
def open_branch(
    network: Network, *, code: str, name: str, zone: str, bay_names: Sequence[str], now: datetime, address: str = ""
) -> Branch:
    """A branch with its policy and its script; with bays, in a group."""
    if not is_branch_code(code):
        raise Refusal("branch_code_unfit", field="code", code_given=code)
    if zone not in available_timezones():
        raise Refusal("zone_unknown", field="zone", zone=zone)
    branch = Branch.objects.create(
        network=network, code=code, name=name, address=address, zone=zone, position=network.branches.count()
    )
    install_branch_defaults(branch, now)
    if bay_names:
        group = BayGroup.objects.create(branch=branch, name=defaults.BAY_GROUP)
        Bay.objects.bulk_create(
            Bay(branch=branch, group=group, name=name, position=position) for position, name in enumerate(bay_names)
        )
    return branch


def lock_installation() -> None:
    """Of two who take the program into use at once, one is the first."""
    list(Installation.objects.select_for_update(no_key=True).values_list("pk"))


def take_on_first_administrator(username: str, full_name: str, password: str, code: str) -> User:
    """Whoever knows the code that the console told. Roles come with the first branch.

    Raises `BadInput` at the field, `NotFound` where somebody works here already.
    """
    with transaction.atomic():
        lock_installation()
        if has_staff():
            raise NotFound
        if not constant_time_compare(code_as_typed(code), code_as_typed(first_code())):
            raise BadInput({"code": "first_code_wrong"})
        return add_user(
            username=username,
            full_name=full_name,
            short_name=short_name_of(full_name),
            password=password,
            roles={},
            actor=PROGRAM,
        )


def give_roles(user_id: int, branch_id: int, roles: Iterable[Role]) -> None:
    """A part of an action above; rights are checked there."""
    Membership.objects.bulk_create(
        (Membership(user_id=user_id, branch_id=branch_id, role=role) for role in sorted(roles)), ignore_conflicts=True
    )


def lock_branch(branch_id: int) -> None:
    """What a branch's days are made of changes one after the other. Before any of its visits are locked: whoever has
    the branch waits for them."""
    list(Branch.objects.select_for_update(no_key=True).filter(pk=branch_id).values_list("pk"))


def set_zone(branch_id: int, zone: str) -> None:
    """A part of `change_zone` above, which takes the visits along; rights are checked there."""
    Branch.objects.filter(pk=branch_id).update(zone=zone)


def set_pause(branch: Branch, minutes: int) -> None:
    """Between two visits on one bay, where times are offered; whoever places a visit by hand may do without."""
    branch.pause_minutes = minutes
    branch.save(update_fields=("pause_minutes",))


def add_work(network: Network, code: str, name: str, norm_minutes: int) -> Work:
    if not (code.strip() and name.strip()) or norm_minutes <= 0:
        raise Refusal("work_unfit", field="work")
    return Work.objects.create(network=network, code=code.strip(), name=name.strip(), norm_minutes=norm_minutes)


def set_norm(work: Work, minutes: int) -> None:
    """Of the network: visits that are booked keep theirs."""
    if not SHORTEST_NORM_MINUTES <= minutes <= LONGEST_NORM_MINUTES:
        raise BadInput({"norm": "norm_unfit"})
    work.norm_minutes = minutes
    work.save(update_fields=("norm_minutes",))


def name_bay_groups(work: Work, groups: Iterable[BayGroup]) -> None:
    """Where the work is done; in a branch of which no group is named, on every bay."""
    work.bay_groups.set(groups)


def name_bay_groups_of_branch(work: Work, branch_id: int, group_ids: Iterable[int]) -> None:
    """The same in one branch alone; what the others name, who may do so at this moment, is not touched."""
    of_branch = BayGroup.objects.filter(branch_id=branch_id)
    wanted = set(of_branch.filter(pk__in=group_ids))
    named = set(of_branch.filter(works=work))
    work.bay_groups.remove(*named - wanted)
    work.bay_groups.add(*wanted - named)


@dataclass(frozen=True)
class BayGiven:
    name: str
    group_id: int
    mechanic: str = ""
    coefficient: float = 1.0
    is_active: bool = True


def write_bay(branch_id: int, bay_id: int | None, given: BayGiven) -> Bay:
    """Add a bay at the end of its group, or let an old one be so. One that is retired keeps all that was done on it."""
    name = given.name.strip()
    if not name:
        raise BadInput({"name": "title_empty"})
    if not (math.isfinite(given.coefficient) and 0.1 <= given.coefficient <= 10):
        raise BadInput({"coefficient": "coefficient_unfit"})
    if Bay.objects.filter(branch_id=branch_id, name=name).exclude(pk=bay_id or 0).exists():
        raise BadInput({"name": "bay_name_taken"})
    group = BayGroup.objects.filter(branch_id=branch_id, pk=given.group_id).first()
    if group is None:
        raise BadInput({"group": "group_unknown"})
    bay = Bay.objects.get(branch_id=branch_id, pk=bay_id) if bay_id else Bay(branch_id=branch_id)
    if bay.group_id != group.pk:
        bay.position = (group.bays.aggregate(last=Max("position"))["last"] or 0) + 1
    bay.group, bay.name, bay.mechanic = group, name, given.mechanic.strip()
    bay.coefficient, bay.is_active = given.coefficient, given.is_active
    bay.save()
    return bay


def write_group(branch_id: int, group_id: int | None, name: str, advisor_id: int | None) -> BayGroup:
    """Add a group of bays, or give an old one another name and advisor, who must not have left."""
    if not name.strip():
        raise BadInput({"name": "title_empty"})
    advisor = Advisor.objects.filter(branch_id=branch_id, pk=advisor_id).first() if advisor_id else None
    if advisor_id and advisor is None:
        raise BadInput({"advisor": "advisor_unknown"})
    if advisor and not advisor.is_active:
        raise BadInput({"advisor": "advisor_has_left"})
    groups = BayGroup.objects.filter(branch_id=branch_id)
    group = groups.get(pk=group_id) if group_id else BayGroup(branch_id=branch_id, position=groups.count())
    group.name, group.advisor = name.strip(), advisor
    group.save()
    return group


@dataclass(frozen=True)
class AdvisorGiven:
    name: str
    full_name: str = ""
    arrivals_per_quarter_hour: int | None = None
    is_active: bool = True


def write_advisor(branch_id: int, advisor_id: int | None, given: AdvisorGiven) -> Advisor:
    """Add an advisor, or let an old one be so. One who has left keeps the visits of the past, but leads no bays."""
    if not given.name.strip():
        raise BadInput({"name": "title_empty"})
    if given.arrivals_per_quarter_hour is not None and not 1 <= given.arrivals_per_quarter_hour <= 99:
        raise BadInput({"arrivals": "arrivals_unfit"})
    if not given.is_active and BayGroup.objects.filter(advisor_id=advisor_id or 0).exists():
        raise BadInput({"is_active": "advisor_leads"})
    advisor = Advisor.objects.get(branch_id=branch_id, pk=advisor_id) if advisor_id else Advisor(branch_id=branch_id)
    advisor.name, advisor.full_name = given.name.strip(), given.full_name.strip()
    advisor.arrivals_per_quarter_hour, advisor.is_active = given.arrivals_per_quarter_hour, given.is_active
    advisor.save()
    return advisor


def keep_change(change: SettingChange) -> SettingChange:
    """Into the history of the branch's settings: a part of `change_setting` above."""
    change.save(force_insert=True)
    return change


def add_user(
    *,
    username: str,
    full_name: str,
    short_name: str,
    password: str,
    roles: Mapping[int, Iterable[Role]],
    actor: Actor,
    is_demo: bool = False,
) -> User:
    """Take on a member of staff with roles by branch. A demo login can be made in a demo only."""
    if not all(actor.may(Right.EDIT_NETWORK, branch_id) for branch_id in roles):
        raise NotAllowed
    user = User(username=fold_username(username), full_name=full_name, short_name=short_name, is_demo=is_demo)
    user.set_password(password)
    with transaction.atomic():
        if is_demo and installation().kind != Installation.Kind.DEMO:
            raise Refusal("demo_login_outside_demo")
        if User.objects.filter(username=user.username).exists():
            raise Refusal("username_taken", field="username")
        user.save()
        Membership.objects.bulk_create(
            Membership(user=user, branch_id=branch_id, role=role)
            for branch_id, branch_roles in roles.items()
            for role in sorted(branch_roles)
        )
    return user


def choose_language(user: User, language: Language) -> None:
    """Everybody for themselves, at once and on every machine."""
    user.language = language
    user.save(update_fields=("language",))


def switch_off(user: User, actor: Actor, now: datetime) -> None:
    """Take a user's access away: no new session, and every open one ends, its live streams included."""
    with transaction.atomic():
        branch_ids = set(Membership.objects.filter(user=user).values_list("branch_id", flat=True))
        if not actor.is_program and not branch_ids & actor.branch_ids:
            raise NotFound
        if not actor.is_program and not any(actor.may(Right.EDIT_NETWORK, branch) for branch in branch_ids):
            raise NotAllowed
        user.is_active = False
        user.session_generation += 1
        user.save(update_fields=("is_active", "session_generation"))
        user_switched_off.send(User, user=user, actor=actor, now=now)


def forget_expired_sessions(real_now: datetime) -> int:
    deleted, _ = Session.objects.filter(expire_date__lt=real_now).delete()
    return deleted
