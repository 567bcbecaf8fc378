"""The directories and the branches as their pages show them. Each in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import Count

from vovremya.directory.models import Branch, LateReason, Policy, RemovalReason, ScriptStep, SettingChange, Work
from vovremya.directory.rules import Actor, Right
from vovremya.office.setting_words import Names, hours_words, removal_reason_marks, value_words
from vovremya.office.texts.directories import HOLIDAYS, MINUTES, REASON_GROUPS, ZONES
from vovremya.schedule.models import BranchException
from vovremya.schedule.queries import Calendar
from vovremya.schedule.rules.holidays import DayOff, days_off, eves, is_decreed
from vovremya.visits.models import Visit
from vovremya.visits.rules.settings import Setting, value_of_hours
from vovremya.visits.rules.words import Status

#: A day before a holiday is so much shorter.
EVE_SHORTER_MINUTES = 60


@dataclass(frozen=True)
class WorkSet:
    work: Work
    groups: str


def works_set(branch: Branch, names: Names) -> list[WorkSet]:
    """Those in use first. Two queries."""
    groups: dict[int, list[int]] = {}
    named = Work.bay_groups.through.objects.filter(baygroup__branch=branch)
    for work_id, group_id in named.values_list("work_id", "baygroup_id"):
        groups.setdefault(work_id, []).append(group_id)
    works = Work.objects.filter(network_id=branch.network_id).order_by("-is_active", "position", "name", "id")
    return [WorkSet(work, value_words(Setting.WORK_GROUPS, sorted(groups.get(work.pk, ())), names)) for work in works]


def late_reasons_set(branch: Branch) -> list[LateReason]:
    """Those in use first."""
    reasons = LateReason.objects.filter(network_id=branch.network_id)
    return list(reasons.order_by("-is_active", "position", "id"))


@dataclass(frozen=True)
class RemovalReasonSet:
    reason: RemovalReason
    group: str
    words: str


def removal_reasons_set(branch: Branch) -> list[RemovalReasonSet]:
    """Those in use first."""
    reasons = RemovalReason.objects.filter(network_id=branch.network_id).order_by("-is_active", "position", "id")
    return [
        RemovalReasonSet(
            reason, str(REASON_GROUPS[RemovalReason.Group(reason.group)]), removal_reason_marks(vars(reason))
        )
        for reason in reasons
    ]


def steps_of(branch: Branch) -> list[ScriptStep]:
    return list(ScriptStep.objects.filter(branch=branch))


@dataclass(frozen=True)
class PolicyVersion:
    policy: Policy
    who: str


def policy_versions(branch: Branch) -> list[PolicyVersion]:
    """The newest first. Two queries."""
    settings = (Setting.POLICY, Setting.REMINDERS)
    changes = SettingChange.objects.filter(branch=branch, setting__in=settings).select_related("user")
    who = {change.at: str(change.user) for change in changes if change.user}
    policies = Policy.objects.filter(branch=branch).order_by("-number")
    return [PolicyVersion(policy, who.get(policy.in_force_from, "")) for policy in policies]


def minutes_of(policy: Policy) -> list[tuple[str, str, int]]:
    """Each with its name and its sense."""
    return [(str(name), str(sense), getattr(policy, each)) for each, (name, sense) in MINUTES.items()]


@dataclass(frozen=True)
class BranchSet:
    branch: Branch
    now: datetime  # on its clock
    planned: int  # visits to come
    may_edit: bool


def branches_set(branches: Sequence[Branch], actor: Actor, now: datetime) -> list[BranchSet]:
    """One query."""
    to_come = Visit.objects.filter(branch__in=branches, status=Status.PLANNED, starts_at__gt=now)
    counts = dict(to_come.order_by().values_list("branch").annotate(count=Count("pk")))
    return [
        BranchSet(
            branch,
            now.astimezone(ZoneInfo(branch.zone)),
            counts.get(branch.pk, 0),
            actor.may(Right.EDIT_NETWORK, branch.pk),
        )
        for branch in branches
    ]


@dataclass(frozen=True)
class ZoneShown:
    name: str
    words: str  # «Москва, UTC+3, сейчас 12:31»


def zones_at(now: datetime) -> list[ZoneShown]:
    """Those of Russia first, each with what its clock shows."""
    return [_zone_shown(name, now) for name in [*ZONES, *_other_zones()]]


def _zone_shown(name: str, now: datetime) -> ZoneShown:
    local = now.astimezone(ZoneInfo(name))
    offset = f"{local:%z}"
    hours = f"UTC{offset[:3]}:{offset[3:]}".replace("+0", "+").replace("-0", "-").removesuffix(":00")
    return ZoneShown(name, ", ".join(filter(None, (str(ZONES.get(name, "")), hours, f"{local:%H:%M}"))))


@cache
def _other_zones() -> list[str]:
    """By place; not the old names and the bare offsets."""
    continents = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return sorted(name for name in available_timezones() if name.startswith(continents) and name not in ZONES)


@dataclass(frozen=True)
class HolidayShown:
    on: date
    name: str
    is_set: str  # as the branch has set the day already, in words
    usual: str  # its hours else


@dataclass(frozen=True)
class Holidays:
    days: Sequence[HolidayShown]
    eves: Sequence[HolidayShown]
    is_decreed: bool


def holidays_of(branch: Branch, year: int, calendar: Calendar, today: date) -> Holidays:
    """Those to come. One query."""
    known = {
        row.on: hours_words(None if row.opens_minute is None else [row.opens_minute, row.closes_minute])
        for row in BranchException.objects.filter(branch=branch, on__year=year)
    }
    return Holidays(
        [_holiday_shown(each, calendar, known) for each in days_off(year) if each.on >= today],
        [each for eve in eves(year) if eve.on >= today and (each := _holiday_shown(eve, calendar, known)).usual],
        is_decreed(year),
    )


def _holiday_shown(day: DayOff, calendar: Calendar, known: Mapping[date, str]) -> HolidayShown:
    hours = calendar.week.days[day.on.weekday()]
    return HolidayShown(
        on=day.on,
        name=str(HOLIDAYS[day.holiday]),
        is_set=known.get(day.on, ""),
        usual=hours_words(value_of_hours(hours)) if hours else "",
    )


def branches_edited(actor: Actor, branches: Collection[Branch]) -> list[Branch]:
    """Those in use whose settings the actor may change."""
    rights = (Right.EDIT_BRANCH, Right.EDIT_NETWORK)
    return [branch for branch in branches if branch.is_active and any(actor.may(right, branch.pk) for right in rights)]
