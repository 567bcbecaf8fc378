"""Writing the directories. The journal stands above: what belongs in it goes up by a signal."""

import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Max, ProtectedError, QuerySet

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
from vovremya.directory.queries import installation
from vovremya.directory.rules import Actor, Right, Role, fold_username, is_branch_code
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

SHORTEST_NORM_MINUTES, LONGEST_NORM_MINUTES = 5, 100 * 60
LONGEST_ASK_AGAIN_DAYS = 366


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
    if not name.strip():
        raise Refusal("title_empty", field="name")
    if not is_branch_code(code):
        raise Refusal("branch_code_unfit", field="code", code_given=code)
    if zone not in available_timezones():
        raise Refusal("zone_unknown", field="zone", zone=zone)
    if Branch.objects.filter(code__iexact=code).exists():
        raise Refusal("branch_code_taken", field="code")
    position = _position_of_next(Branch.objects.filter(network=network))
    branch = Branch.objects.create(
        network=network, code=code, name=name.strip(), address=address.strip(), zone=zone, position=position
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


@dataclass(frozen=True)
class Alike:
    """What was copied of another branch: by the id there, what it is here."""

    bays: Mapping[int, Bay] = field(default_factory=dict)
    advisors: Mapping[int, Advisor] = field(default_factory=dict)


def copy_places(source_id: int, branch: Branch, *, with_bays: bool, with_advisors: bool) -> Alike:
    """The bays in use with their groups, and who receives cars, as in another branch; whoever works there does not come
    along. Part of opening a branch, which asks for the right."""
    advisors = {}
    for advisor in Advisor.objects.filter(branch_id=source_id, is_active=True) if with_advisors else ():
        advisors[advisor.pk], advisor.pk, advisor.branch = advisor, None, branch
        advisor.save(force_insert=True)
    bays = {}
    if with_bays:
        branch.bays.all().delete()
        branch.bay_groups.all().delete()
        for group in BayGroup.objects.filter(branch_id=source_id):
            of_group, works = list(group.bays.filter(is_active=True)), list(group.works.all())
            group.pk, group.branch, group.advisor = None, branch, advisors.get(group.advisor_id or 0)
            group.save(force_insert=True)
            group.works.set(works)
            for bay in of_group:
                bays[bay.pk], bay.pk, bay.branch, bay.group, bay.mechanic = bay, None, branch, group, ""
                bay.save(force_insert=True)
    return Alike(bays, advisors)


def copy_talk(source_id: int, branch: Branch, now: datetime) -> None:
    """The script, the minutes and attempts of another branch. Part of opening a branch."""
    branch.script.all().delete()
    ScriptStep.objects.bulk_create(
        ScriptStep(branch=branch, moment=step.moment, text=step.text, position=step.position)
        for step in ScriptStep.objects.filter(branch_id=source_id)
    )
    branch.policies.all().delete()
    policy = Policy.objects.filter(branch_id=source_id).latest("number")
    policy.pk, policy.branch, policy.number, policy.in_force_from = None, branch, 1, now
    policy.save(force_insert=True)


def let_in(user_id: int, branch_id: int, role: Role) -> None:
    """Give a role in a branch: a part of opening it, whose opener else would not see it."""
    Membership.objects.get_or_create(user_id=user_id, branch_id=branch_id, role=role)


def lock_branch(branch_id: int) -> None:
    """What a branch's days are made of changes one after the other, and while nobody books there. Before any of its
    visits are locked: whoever has the branch waits for them."""
    list(Branch.objects.select_for_update(no_key=True).filter(pk=branch_id).values_list("pk"))


@dataclass(frozen=True)
class BranchGiven:
    name: str
    address: str = ""
    is_active: bool = True


def write_branch(branch_id: int, given: BranchGiven) -> None:
    """Another name or address; one that is retired keeps all that was, and takes no new visits."""
    if not given.name.strip():
        raise BadInput({"name": "title_empty"})
    branch = Branch.objects.get(pk=branch_id)
    branch.name, branch.address, branch.is_active = given.name.strip(), given.address.strip(), given.is_active
    branch.save(update_fields=("name", "address", "is_active"))


def set_zone(branch_id: int, zone: str) -> None:
    """A part of changing it above, which takes the visits along; rights are checked there."""
    Branch.objects.filter(pk=branch_id).update(zone=zone)


def set_pause(branch: Branch, minutes: int) -> None:
    """Between two visits on one bay, where times are offered; whoever places a visit by hand may do without."""
    branch.pause_minutes = minutes
    branch.save(update_fields=("pause_minutes",))


def lock_network(network_id: int) -> None:
    """What is the same in all branches changes one after the other; where branches are locked as well, after them."""
    list(Network.objects.select_for_update(no_key=True).filter(pk=network_id).values_list("pk"))


def add_work(network: Network, code: str, name: str, norm_minutes: int) -> Work:
    if not (code.strip() and name.strip()) or norm_minutes <= 0:
        raise Refusal("work_unfit", field="work")
    return Work.objects.create(network=network, code=code.strip(), name=name.strip(), norm_minutes=norm_minutes)


@dataclass(frozen=True)
class WorkGiven:
    name: str
    norm_minutes: int
    code: str = ""
    is_active: bool = True


def write_work(network_id: int, work_id: int | None, given: WorkGiven) -> Work:
    """Add a work, or let an old one be so; visits that are booked keep what they were booked for. Its code stays as it
    was given: by it those visits know the work."""
    name, code = given.name.strip(), given.code.strip()
    works = Work.objects.filter(network_id=network_id)
    if not name:
        raise BadInput({"name": "title_empty"})
    if not SHORTEST_NORM_MINUTES <= given.norm_minutes <= LONGEST_NORM_MINUTES:
        raise BadInput({"norm": "norm_unfit"})
    if _is_named(works, name, work_id):
        raise BadInput({"name": "work_name_taken"})
    if work_id is None and works.filter(code=code).exists():
        raise BadInput({"code": "work_code_taken"})
    work = works.get(pk=work_id) if work_id else Work(network_id=network_id, code=code or _next_code(works, "work"))
    if work_id is None:
        work.position = _position_of_next(works)
    work.name, work.norm_minutes, work.is_active = name, given.norm_minutes, given.is_active
    work.save()
    return work


@dataclass(frozen=True)
class LateReasonGiven:
    name: str
    is_active: bool = True


def write_late_reason(network_id: int, reason_id: int | None, given: LateReasonGiven) -> LateReason:
    """Add why clients are late, or let an old one be so: the contacts that name it go along."""
    reasons = LateReason.objects.filter(network_id=network_id)
    name = _reason_name(reasons, given.name, reason_id)
    reason = reasons.get(pk=reason_id) if reason_id else _new_late_reason(network_id)
    reason.name, reason.is_active = name, given.is_active
    reason.save()
    return reason


def _new_late_reason(network_id: int) -> LateReason:
    reasons = LateReason.objects.filter(network_id=network_id)
    return LateReason(network_id=network_id, code=_next_code(reasons, "late"), position=_position_of_next(reasons))


@dataclass(frozen=True)
class RemovalReasonGiven:
    name: str
    group: str
    counts_as_no_show: bool = False
    ask_again_in_days: int | None = None
    needs_comment: bool = False
    is_for_operator: bool = True
    is_active: bool = True


def write_removal_reason(network_id: int, reason_id: int | None, given: RemovalReasonGiven) -> RemovalReason:
    """Add why visits are removed, or let an old one be so: the visits that name it go along."""
    reasons = RemovalReason.objects.filter(network_id=network_id)
    name = _reason_name(reasons, given.name, reason_id)
    if given.group not in RemovalReason.Group:
        raise BadInput({"group": "reason_group_unknown"})
    if given.ask_again_in_days is not None and not 1 <= given.ask_again_in_days <= LONGEST_ASK_AGAIN_DAYS:
        raise BadInput({"ask_again": "ask_again_unfit"}, most=LONGEST_ASK_AGAIN_DAYS)
    reason = reasons.get(pk=reason_id) if reason_id else _new_removal_reason(network_id)
    for each, value in asdict(given).items():
        setattr(reason, each, value)
    reason.name = name
    reason.save()
    return reason


def _new_removal_reason(network_id: int) -> RemovalReason:
    reasons = RemovalReason.objects.filter(network_id=network_id)
    return RemovalReason(
        network_id=network_id, code=_next_code(reasons, "removal"), position=_position_of_next(reasons)
    )


Listed = Work | LateReason | RemovalReason | Branch | BayGroup | Bay


def put_in_order(rows: QuerySet[Any], ids: Sequence[int]) -> None:
    """Let the rows stand in the order of these ids, all of them."""
    places = {pk: place for place, pk in enumerate(ids, start=1)}
    moved: list[Listed] = [row for row in rows.filter(pk__in=ids) if row.position != places[row.pk]]
    for row in moved:
        row.position = places[row.pk]
    rows.bulk_update(moved, ("position",))


def _reason_name(reasons: QuerySet[Any], name: str, reason_id: int | None) -> str:
    if not name.strip():
        raise BadInput({"name": "title_empty"})
    if _is_named(reasons, name.strip(), reason_id):
        raise BadInput({"name": "reason_name_taken"})
    return name.strip()


def _is_named(rows: QuerySet[Any], name: str, but_for: int | None) -> bool:
    """Whether another of those in use has the name. Databases fold Latin letters at most."""
    names = rows.filter(is_active=True).exclude(pk=but_for or 0).values_list("name", flat=True)
    return name.casefold() in {each.casefold() for each in names}


def _next_code(rows: QuerySet[Any], prefix: str) -> str:
    taken = set(rows.values_list("code", flat=True))
    return next(code for number in count(1) if (code := f"{prefix}-{number}") not in taken)


def _position_of_next(rows: QuerySet[Any]) -> int:
    """At the end; where nobody has ordered them yet, all stand in one place and by their names."""
    last: int = rows.aggregate(last=Max("position"))["last"] or 0
    return last and last + 1


@dataclass(frozen=True)
class StepGiven:
    moment: str
    text: str
    id: int | None = None  # of one that is there already


def write_script(branch_id: int, steps: Sequence[StepGiven]) -> None:
    """Let these be the steps of the branch's conversation, in this order."""
    known = ScriptStep.objects.in_bulk([step.id for step in steps if step.id])
    if any(step.branch_id != branch_id for step in known.values()):
        raise NotFound
    for step in steps:
        if not step.text.strip():
            raise BadInput({"text": "step_empty"})
        if step.moment not in ScriptStep.Moment:
            raise BadInput({"moment": "moment_unknown"})
    ScriptStep.objects.filter(branch_id=branch_id).exclude(pk__in=[step.id for step in steps if step.id]).delete()
    for position, step in enumerate(steps):
        row = known.get(step.id or 0) or ScriptStep(pk=step.id, branch_id=branch_id)
        row.moment, row.text, row.position = step.moment, step.text.strip(), position
        row.save()


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
    position: int | None = None  # in the group that it comes into; at its end, where none is given


def write_bay(branch_id: int, bay_id: int | None, given: BayGiven) -> Bay:
    """Add a bay, or let an old one be so. One that is retired keeps all that was done on it."""
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
        last = group.bays.aggregate(last=Max("position"))["last"] or 0
        bay.position = last + 1 if given.position is None else given.position
    bay.group, bay.name, bay.mechanic = group, name, given.mechanic.strip()
    bay.coefficient, bay.is_active = given.coefficient, given.is_active
    bay.save()
    return bay


def write_group(
    branch_id: int, group_id: int | None, name: str, advisor_id: int | None, position: int | None = None
) -> BayGroup:
    """Add a group of bays, or give an old one another name and advisor, who must not have left. One that was deleted
    comes back as the group that it was, to its place."""
    if not name.strip():
        raise BadInput({"name": "title_empty"})
    advisor = Advisor.objects.filter(branch_id=branch_id, pk=advisor_id).first() if advisor_id else None
    if advisor_id and advisor is None:
        raise BadInput({"advisor": "advisor_unknown"})
    if advisor and not advisor.is_active:
        raise BadInput({"advisor": "advisor_has_left"})
    last = BayGroup.objects.filter(branch_id=branch_id).count()
    group = BayGroup.objects.filter(pk=group_id or 0).first() or BayGroup(
        pk=group_id, branch_id=branch_id, position=last if position is None else position
    )
    if group.branch_id != branch_id:
        raise NotFound
    group.name, group.advisor = name.strip(), advisor
    group.save()
    return group


def drop_group(branch_id: int, group_id: int) -> None:
    """Delete a group that nothing holds to: no bay, no work that is done there alone, nobody who waits for it."""
    group = BayGroup.objects.filter(branch_id=branch_id, pk=group_id).first()
    if group is None:
        raise NotFound
    try:
        if group.works.exists():
            raise BadInput({"name": "group_in_use"})
        group.delete()
    except ProtectedError as error:
        raise BadInput({"name": "group_in_use"}) from error


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
    """Into the history of the settings: a part of `change_setting` above."""
    change.save(force_insert=True)
    return change


def add_user(
    *,
    username: str,
    full_name: str,
    short_name: str,
    password: str | None,
    roles: Mapping[int, Iterable[Role]],
    actor: Actor,
    is_demo: bool = False,
) -> User:
    """Take on a member of staff with roles by branch; without a password nobody signs in yet. A demo login can be made
    in a demo only."""
    if not all(actor.may(Right.EDIT_NETWORK, branch_id) for branch_id in roles):
        raise NotAllowed
    user = User(username=fold_username(username), full_name=full_name, short_name=short_name, is_demo=is_demo)
    user.set_password(password)  # None: one that nothing fits
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
