"""«Настройки филиала»: what is set, what was changed, and which visits stand outside. A fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vovremya.directory.models import (
    Advisor,
    Bay,
    BayGroup,
    Branch,
    LateReason,
    RemovalReason,
    SettingChange,
    User,
    Work,
)
from vovremya.directory.rules import Actor
from vovremya.journal.models import Entry
from vovremya.office.setting_words import (
    Names,
    changed_words,
    closures_words,
    exception_words,
    title_of,
    value_words,
    week_words,
)
from vovremya.office.texts.settings import WHY_OUTSIDE
from vovremya.schedule.models import AdvisorShift, BayHours, BranchException
from vovremya.schedule.queries import LONGEST_OCCUPATION, closures_between
from vovremya.schedule.rules.stranding import Stranded
from vovremya.visits.actions.branch_settings import changes_seen_from, rights_to_change, setting_of, value_of
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule
from vovremya.visits.refusals import Affected, Touched, WouldStrand
from vovremya.visits.rules.settings import Setting, SettingOf

SHOWN_CHANGES = 100
SHOWN_STRANDED = 100


@dataclass(frozen=True)
class OutsideVisit:
    visit: Visit
    reasons: str


@dataclass(frozen=True)
class Outside:
    """Visits that stand outside, or would: the first of them, and how many there are."""

    shown: Sequence[OutsideVisit]
    count: int


@dataclass(frozen=True)
class Confirming:
    """What a change does to visits, to be confirmed: whom it strands, whom it takes along, and where to."""

    digest: str
    stranded: Outside | None
    touched: Touched | None
    moving: Sequence[Affected]  # the first of those that another zone takes along


@dataclass(frozen=True)
class BaySet:
    bay: Bay
    hours: str
    closures: str


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
class BranchSettings:
    week: str
    pause_minutes: int
    reminders: str
    exceptions: Sequence[ExceptionSet]
    groups: Sequence[GroupSet]
    advisors: Sequence[AdvisorSet]
    outside_count: int


@dataclass(frozen=True)
class ShownChange:
    change: SettingChange
    title: str
    before: str
    after: str
    may_take_back: bool


@dataclass(frozen=True)
class History:
    """Changes, the newest first; `older_than` is where the page before begins. With those who have changed anything."""

    changes: Sequence[ShownChange]
    older_than: int | None
    users: Sequence[User]


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
    return Outside(shown, len(stranded))


def confirming(refusal: WouldStrand) -> Confirming:
    stranded, touched = refusal.facts["stranded"], refusal.facts["touched"]
    assert isinstance(stranded, tuple)
    assert isinstance(touched, Touched | None)
    return Confirming(
        digest=refusal.digest,
        stranded=outside(stranded) if stranded else None,
        touched=touched,
        moving=sorted(touched.affected, key=lambda each: each.visit.starts_at)[:SHOWN_STRANDED] if touched else (),
    )


def branch_settings(branch: Branch, now: datetime) -> BranchSettings:
    names = names_of(branch)
    today = now.astimezone(ZoneInfo(branch.zone)).date()
    return BranchSettings(
        week=week_words(value_of(SettingOf(branch.pk, Setting.WEEK_HOURS))),
        pause_minutes=value_of(SettingOf(branch.pk, Setting.PAUSE)),
        reminders=value_words(Setting.REMINDERS, value_of(SettingOf(branch.pk, Setting.REMINDERS)), names),
        exceptions=_exceptions(branch, today),
        groups=_groups(branch, names, now),
        advisors=_advisors(branch),
        outside_count=len(off_schedule(branch.pk, now)),
    )


def names_of(branch: Branch) -> Names:
    """Seven queries."""
    of_network = {"network_id": branch.network_id}
    return Names(
        bays=dict(Bay.objects.filter(branch=branch).values_list("id", "name")),
        groups=dict(BayGroup.objects.filter(branch=branch).values_list("id", "name")),
        advisors=dict(Advisor.objects.filter(branch=branch).values_list("id", "name")),
        works=dict(Work.objects.filter(**of_network).values_list("id", "name")),
        late_reasons=dict(LateReason.objects.filter(**of_network).values_list("id", "name")),
        removal_reasons=dict(RemovalReason.objects.filter(**of_network).values_list("id", "name")),
        branches=dict(Branch.objects.filter(**of_network).values_list("id", "name")),
        zone=ZoneInfo(branch.zone),
    )


def history_of_settings(
    branch: Branch, actor: Actor, *, setting: Setting | None, user_id: int | None, older_than: int | None
) -> History:
    """Of the branch and of its network; of one setting, and by one user, where they are named."""
    names, every = names_of(branch), changes_seen_from(branch.pk)
    changes = every.select_related("user").prefetch_related("taken_back_by")
    if setting:
        changes = changes.filter(setting=setting)
    if user_id:
        changes = changes.filter(user_id=user_id)
    if older_than:
        changes = changes.filter(pk__lt=older_than)
    found = list(changes[: SHOWN_CHANGES + 1])
    return History(
        changes=[shown_change(change, branch, names, actor) for change in found[:SHOWN_CHANGES]],
        older_than=found[SHOWN_CHANGES - 1].pk if len(found) > SHOWN_CHANGES else None,
        users=list(User.objects.filter(pk__in=every.order_by().values("user_id")).order_by("short_name")),
    )


def changes_made_with(entry: Entry) -> list[int]:
    """By the same press."""
    entries = Entry.objects.filter(action_id=entry.action_id, kind=entry.kind).order_by("id")
    return [int(each.data["change_id"]) for each in entries]


def shown_change(change: SettingChange, branch: Branch, names: Names, actor: Actor) -> ShownChange:
    of = setting_of(change, branch.pk)
    before, after = changed_words(of.setting, change.before, change.after, names)
    return ShownChange(
        change,
        title_of(of, names, change.after or change.before),
        before,
        after,
        may_take_back=any(actor.may(right, branch.pk) for right in rights_to_change(of.setting)),
    )


def _exceptions(branch: Branch, today: date) -> list[ExceptionSet]:
    shown = []
    for row in BranchException.objects.filter(branch=branch, on__gte=today):
        hours = None if row.opens_minute is None else [row.opens_minute, row.closes_minute]
        shown.append(ExceptionSet(row.on, exception_words({"hours": hours, "title": row.title})))
    return shown


def _groups(branch: Branch, names: Names, now: datetime) -> list[GroupSet]:
    closed = closures_between(branch.pk, now, now + LONGEST_OCCUPATION * 12)
    own_hours = _weeks(BayHours.objects.filter(bay__branch=branch).values_list("bay_id", *_OF_WEEKDAY))
    bays = Bay.objects.filter(branch=branch).order_by("-is_active", "position", "id")
    shown = [
        BaySet(
            bay,
            week_words(own_hours[bay.pk]) if bay.pk in own_hours else "",
            closures_words([closure.as_value() for closure in closed.get(bay.pk, ())], names.zone)
            if bay.pk in closed
            else "",
        )
        for bay in bays
    ]
    groups = BayGroup.objects.filter(branch=branch).select_related("advisor")
    return [GroupSet(group, [each for each in shown if each.bay.group_id == group.pk]) for group in groups]


def _advisors(branch: Branch) -> list[AdvisorSet]:
    shifts = _weeks(AdvisorShift.objects.filter(advisor__branch=branch).values_list("advisor_id", *_OF_WEEKDAY))
    return [
        AdvisorSet(advisor, value_words(Setting.SHIFTS, shifts.get(advisor.pk), _NO_NAMES))
        for advisor in Advisor.objects.filter(branch=branch).order_by("-is_active", "name")
    ]


_OF_WEEKDAY = ("weekday", "opens_minute", "closes_minute")
_NO_NAMES = Names({}, {}, {}, {})


def _weeks(rows: Any) -> dict[int, list[Any]]:
    """By bay or advisor, the hours of the days that have any."""
    weeks: dict[int, list[Any]] = {}
    for subject_id, weekday, opens, closes in rows:
        weeks.setdefault(subject_id, [None] * 7)[weekday] = [opens, closes]
    return weeks
