"""«Настройки филиала»: what is set, what was changed, and which visits stand outside. A fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, SettingChange, Work
from vovremya.office.setting_words import Names, exception_words, title_of, value_words, week_words
from vovremya.office.texts import WHY_OUTSIDE
from vovremya.schedule.models import AdvisorShift, BayHours, BranchException
from vovremya.schedule.rules.stranding import Stranded, digest_of
from vovremya.visits.actions.branch_settings import setting_of, value_of
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule
from vovremya.visits.rules.settings import Setting, SettingOf

SHOWN_CHANGES = 100
SHOWN_STRANDED = 100


@dataclass(frozen=True)
class OutsideVisit:
    visit: Visit
    reasons: str


@dataclass(frozen=True)
class Outside:
    """Visits that stand outside, or would: the first of them, how many there are, and what confirms them all."""

    shown: Sequence[OutsideVisit]
    count: int
    digest: str


@dataclass(frozen=True)
class BaySet:
    bay: Bay
    hours: str


@dataclass(frozen=True)
class GroupSet:
    group: BayGroup
    bays: Sequence[BaySet]


@dataclass(frozen=True)
class AdvisorSet:
    advisor: Advisor
    shifts: str


@dataclass(frozen=True)
class ExceptionSet:
    on: date
    words: str


@dataclass(frozen=True)
class WorkSet:
    work: Work
    groups: str


@dataclass(frozen=True)
class BranchSettings:
    week: str
    pause_minutes: int
    reminders: str
    exceptions: Sequence[ExceptionSet]
    groups: Sequence[GroupSet]
    advisors: Sequence[AdvisorSet]
    works: Sequence[WorkSet]
    outside_count: int


@dataclass(frozen=True)
class ShownChange:
    change: SettingChange
    title: str
    before: str
    after: str


def outside_now(branch: Branch, now: datetime) -> Outside:
    return outside(off_schedule(branch.pk, now))


def outside(stranded: Collection[Stranded]) -> Outside:
    """Two queries."""
    first = list(stranded)[:SHOWN_STRANDED]
    visits = Visit.objects.select_related("client", "car", "bay", "advisor")
    found = visits.in_bulk([each.planned.visit_id for each in first])
    shown = [
        OutsideVisit(found[each.planned.visit_id], ", ".join(str(WHY_OUTSIDE[why]) for why in each.reasons))
        for each in first
        if each.planned.visit_id in found
    ]
    return Outside(shown, len(stranded), digest_of(stranded))


def branch_settings(branch: Branch, now: datetime) -> BranchSettings:
    names = names_of(branch)
    today = now.astimezone(ZoneInfo(branch.zone)).date()
    return BranchSettings(
        week=week_words(value_of(SettingOf(branch.pk, Setting.WEEK_HOURS))),
        pause_minutes=value_of(SettingOf(branch.pk, Setting.PAUSE)),
        reminders=value_words(Setting.REMINDERS, value_of(SettingOf(branch.pk, Setting.REMINDERS)), names),
        exceptions=_exceptions(branch, today),
        groups=_groups(branch),
        advisors=_advisors(branch),
        works=_works(branch, names),
        outside_count=len(off_schedule(branch.pk, now)),
    )


def names_of(branch: Branch) -> Names:
    """Four queries."""
    return Names(
        bays=dict(Bay.objects.filter(branch=branch).values_list("id", "name")),
        groups=dict(BayGroup.objects.filter(branch=branch).values_list("id", "name")),
        advisors=dict(Advisor.objects.filter(branch=branch).values_list("id", "name")),
        works=dict(Work.objects.filter(network_id=branch.network_id).values_list("id", "name")),
    )


def changes_of(branch: Branch) -> list[ShownChange]:
    """The newest first."""
    names = names_of(branch)
    changes = SettingChange.objects.filter(branch=branch).select_related("user").prefetch_related("taken_back_by")
    return [shown_change(change, names) for change in changes[:SHOWN_CHANGES]]


def shown_change(change: SettingChange, names: Names) -> ShownChange:
    of = setting_of(change)
    return ShownChange(
        change,
        title_of(of, names, change.after or change.before),
        value_words(of.setting, change.before, names),
        value_words(of.setting, change.after, names),
    )


def _exceptions(branch: Branch, today: date) -> list[ExceptionSet]:
    shown = []
    for row in BranchException.objects.filter(branch=branch, on__gte=today):
        hours = None if row.opens_minute is None else [row.opens_minute, row.closes_minute]
        shown.append(ExceptionSet(row.on, exception_words({"hours": hours, "title": row.title})))
    return shown


def _groups(branch: Branch) -> list[GroupSet]:
    own_hours = _weeks(BayHours.objects.filter(bay__branch=branch).values_list("bay_id", *_OF_WEEKDAY))
    bays = Bay.objects.filter(branch=branch).order_by("-is_active", "position", "id")
    shown = [BaySet(bay, week_words(own_hours[bay.pk]) if bay.pk in own_hours else "") for bay in bays]
    groups = BayGroup.objects.filter(branch=branch).select_related("advisor")
    return [GroupSet(group, [each for each in shown if each.bay.group_id == group.pk]) for group in groups]


def _advisors(branch: Branch) -> list[AdvisorSet]:
    shifts = _weeks(AdvisorShift.objects.filter(advisor__branch=branch).values_list("advisor_id", *_OF_WEEKDAY))
    return [
        AdvisorSet(advisor, value_words(Setting.SHIFTS, shifts.get(advisor.pk), _NO_NAMES))
        for advisor in Advisor.objects.filter(branch=branch).order_by("-is_active", "name")
    ]


def _works(branch: Branch, names: Names) -> list[WorkSet]:
    groups: dict[int, list[int]] = {}
    for work_id, group_id in Work.bay_groups.through.objects.filter(baygroup__branch=branch).values_list(
        "work_id", "baygroup_id"
    ):
        groups.setdefault(work_id, []).append(group_id)
    return [
        WorkSet(work, value_words(Setting.WORK_GROUPS, sorted(groups.get(work.pk, ())), names))
        for work in Work.objects.filter(network_id=branch.network_id, is_active=True)
    ]


_OF_WEEKDAY = ("weekday", "opens_minute", "closes_minute")
_NO_NAMES = Names({}, {}, {}, {})


def _weeks(rows: Any) -> dict[int, list[Any]]:
    """By bay or advisor, the hours of the days that have any."""
    weeks: dict[int, list[Any]] = {}
    for subject_id, weekday, opens, closes in rows:
        weeks.setdefault(subject_id, [None] * 7)[weekday] = [opens, closes]
    return weeks
