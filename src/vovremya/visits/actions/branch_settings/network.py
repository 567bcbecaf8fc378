"""What is the same in all branches, and what the administrator sets of each: works, reasons, the branch, its zone; and
what is said on the phone."""

from dataclasses import asdict
from datetime import datetime

from django.db.models import QuerySet

from vovremya.directory import actions as directory
from vovremya.directory.actions import BranchGiven, LateReasonGiven, RemovalReasonGiven, StepGiven, WorkGiven
from vovremya.directory.models import Branch, LateReason, RemovalReason, ScriptStep, Work
from vovremya.directory.rules import Actor
from vovremya.visits.actions.branch_settings.days import own
from vovremya.visits.actions.zone import affected_by_zone, take_to_zone
from vovremya.visits.refusals import Touched
from vovremya.visits.rules.settings import Setting, SettingOf, Value


def _works(of: SettingOf) -> QuerySet[Work]:
    return Work.objects.filter(network__branches=of.branch_id)


def read_work(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    work: Work = own(_works(of), of)
    return asdict(WorkGiven(work.name, work.norm_minutes, work.code, work.is_active))


def write_work(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    """One whose addition is taken back is retired: something may have been booked for it."""
    given = value if value is not None else {**read_work(of), "is_active": False}
    return directory.write_work(_network_id(of), of.subject_id, WorkGiven(**given)).pk


def read_late_reason(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    reason: LateReason = own(LateReason.objects.filter(network__branches=of.branch_id), of)
    return asdict(LateReasonGiven(reason.name, reason.is_active))


def write_late_reason(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    given = value if value is not None else {**read_late_reason(of), "is_active": False}
    return directory.write_late_reason(_network_id(of), of.subject_id, LateReasonGiven(**given)).pk


def read_removal_reason(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    reason: RemovalReason = own(RemovalReason.objects.filter(network__branches=of.branch_id), of)
    return {name: getattr(reason, name) for name in RemovalReasonGiven.__dataclass_fields__}


def write_removal_reason(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    given = value if value is not None else {**read_removal_reason(of), "is_active": False}
    return directory.write_removal_reason(_network_id(of), of.subject_id, RemovalReasonGiven(**given)).pk


def read_script(of: SettingOf) -> Value:
    steps = ScriptStep.objects.filter(branch_id=of.branch_id)
    return [{"id": step.pk, "moment": step.moment, "text": step.text} for step in steps]


def write_script(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    directory.write_script(of.branch_id, [StepGiven(**step) for step in value])


def read_branch(of: SettingOf) -> Value:
    branch = Branch.objects.get(pk=of.branch_id)
    return asdict(BranchGiven(branch.name, branch.address, branch.is_active))


def write_branch(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    directory.write_branch(of.branch_id, BranchGiven(**value))


def read_zone(of: SettingOf) -> Value:
    return Branch.objects.values_list("zone", flat=True).get(pk=of.branch_id)


def write_zone(of: SettingOf, value: Value, actor: Actor, now: datetime) -> None:
    take_to_zone(of.branch_id, value, keeps_wall_times=of.setting is Setting.ZONE, actor=actor, now=now)


def whom_zone_touches(of: SettingOf, value: Value, now: datetime) -> Touched | None:
    affected = affected_by_zone(of.branch_id, value, keeps_wall_times=of.setting is Setting.ZONE, now=now)
    if not affected:
        return None
    plans = " ".join(f"{each.visit.pk}.{each.visit.plan_version}" for each in affected)
    return Touched(f"{of.setting} {value} {plans}", len(affected), affected=affected, zone=value)


def _network_id(of: SettingOf) -> int:
    return Branch.objects.values_list("network_id", flat=True).get(pk=of.branch_id)
