"""What the days of a branch are made of, as values: hours, bays, advisors, where works are done, reminders."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from vovremya.directory import actions as directory
from vovremya.directory.actions import AdvisorGiven, BayGiven
from vovremya.directory.actions.staff import demand_second_step
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, Work
from vovremya.directory.rules import Actor, Role
from vovremya.kernel.refusal import BadInput, NotFound
from vovremya.schedule import actions as schedule
from vovremya.schedule.models import BranchException, BranchHours
from vovremya.visits.actions.reminding import RemindersWanted, reminders_of, set_reminders
from vovremya.visits.rules.settings import SettingOf, Value, hours_of_value

LONGEST_PAUSE_MINUTES = 240


def _week_of(rows: QuerySet[Any, Any]) -> list[Value]:
    week: list[Value] = [None] * 7
    for weekday, opens, closes, *lunch in rows:
        week[weekday] = [opens, closes, *(minute for minute in lunch if minute is not None)]
    return week


def read_week(of: SettingOf) -> Value:
    rows = BranchHours.objects.filter(branch_id=of.branch_id)
    return _week_of(
        rows.values_list("weekday", "opens_minute", "closes_minute", "lunch_starts_minute", "lunch_ends_minute")
    )


def write_week(of: SettingOf, value: Value, actor: Actor, now: datetime) -> None:
    schedule.set_week_hours(of.branch_id, list(map(hours_of_value, value)), actor=actor, now=now)


def read_exception(of: SettingOf) -> Value:
    assert of.on is not None
    found = BranchException.objects.filter(branch_id=of.branch_id, on=of.on).first()
    if found is None:
        return None
    hours = None if found.opens_minute is None else [found.opens_minute, found.closes_minute]
    return {"hours": hours, "title": found.title}


def write_exception(of: SettingOf, value: Value, actor: Actor, now: datetime) -> None:
    assert of.on is not None
    if value is None:
        schedule.clear_exception(of.branch_id, of.on, actor=actor, now=now)
    else:
        hours = hours_of_value(value["hours"])
        schedule.set_exception(of.branch_id, of.on, hours, title=value["title"], actor=actor, now=now)


def read_bay_hours(of: SettingOf) -> Value:
    week = _week_of(_bay(of).own_hours.values_list("weekday", "opens_minute", "closes_minute"))
    return week if any(week) else None


def write_bay_hours(of: SettingOf, value: Value, actor: Actor, now: datetime) -> int:
    bay = _bay(of)
    schedule.set_bay_hours(bay, list(map(hours_of_value, value or [None] * 7)), actor=actor, now=now)
    return bay.pk


def read_shifts(of: SettingOf) -> Value:
    week = _week_of(_advisor(of).shifts.values_list("weekday", "opens_minute", "closes_minute"))
    return week if any(week) else None


def write_shifts(of: SettingOf, value: Value, actor: Actor, now: datetime) -> int:
    advisor = _advisor(of)
    schedule.set_shifts(advisor, list(map(hours_of_value, value or [None] * 7)), actor=actor, now=now)
    return advisor.pk


def read_bay(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    bay = _bay(of)
    return asdict(BayGiven(bay.name, bay.group_id, bay.mechanic, bay.coefficient, bay.is_active, bay.position))


def write_bay(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    """One whose addition is taken back is retired: something may have been done on it."""
    given = value if value is not None else {**read_bay(of), "is_active": False}
    return directory.write_bay(of.branch_id, of.subject_id, BayGiven(**given)).pk


def read_group(of: SettingOf) -> Value:
    """None of one that was deleted as well: it can be taken back."""
    group = BayGroup.objects.filter(branch_id=of.branch_id, pk=of.subject_id or 0).first()
    return {"name": group.name, "advisor_id": group.advisor_id, "position": group.position} if group else None


def write_group(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    if value is None:
        assert of.subject_id
        directory.drop_group(of.branch_id, of.subject_id)
        return of.subject_id
    return directory.write_group(of.branch_id, of.subject_id, **value).pk


def read_advisor(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    advisor = _advisor(of)
    arrivals = advisor.arrivals_per_quarter_hour
    return asdict(AdvisorGiven(advisor.name, advisor.full_name, arrivals, advisor.is_active))


def write_advisor(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    given = value if value is not None else {**read_advisor(of), "is_active": False}
    return directory.write_advisor(of.branch_id, of.subject_id, AdvisorGiven(**given)).pk


def read_pause(of: SettingOf) -> Value:
    return Branch.objects.values_list("pause_minutes", flat=True).get(pk=of.branch_id)


def write_pause(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    if not 0 <= value <= LONGEST_PAUSE_MINUTES:
        raise BadInput({"pause": "pause_unfit"}, most=LONGEST_PAUSE_MINUTES)
    directory.set_pause(Branch.objects.get(pk=of.branch_id), value)


def read_reminders(of: SettingOf) -> Value:
    return asdict(reminders_of(of.branch_id))


def write_reminders(of: SettingOf, value: Value, _actor: Actor, now: datetime) -> None:
    set_reminders(of.branch_id, RemindersWanted(**value), now)


def read_second_step(of: SettingOf) -> Value:
    return Branch.objects.values_list("second_step_roles", flat=True).get(pk=of.branch_id)


def write_second_step(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    demand_second_step(of.branch_id, map(Role, value))


def read_work_groups(of: SettingOf) -> Value:
    return sorted(_work(of).bay_groups.filter(branch_id=of.branch_id).values_list("pk", flat=True))


def write_work_groups(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    work = _work(of)
    directory.name_bay_groups_of_branch(work, of.branch_id, value)
    return work.pk


Row = Any


def own(rows: QuerySet[Any, Row], of: SettingOf) -> Row:
    """What the setting is about; `NotFound` alike whether it does not exist or is another branch's."""
    found = rows.filter(pk=of.subject_id).first()
    if found is None:
        raise NotFound
    return found


def _bay(of: SettingOf) -> Bay:
    bay: Bay = own(Bay.objects.filter(branch_id=of.branch_id), of)
    return bay


def _advisor(of: SettingOf) -> Advisor:
    advisor: Advisor = own(Advisor.objects.filter(branch_id=of.branch_id), of)
    return advisor


def _work(of: SettingOf) -> Work:
    work: Work = own(Work.objects.filter(network__branches=of.branch_id), of)
    return work
