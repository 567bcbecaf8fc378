"""Changing what a branch's days are made of: hours, bays, shifts. A setting is a value, read and written as a whole.

So each change has a history and can be taken back by the same action; and what it would strand is what the schedule
says after it and did not say before, whatever the setting. The change is tried in its transaction: unless the visits
that it strands are confirmed, that very list, it is undone and refused.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from vovremya.directory import actions as directory
from vovremya.directory.actions import AdvisorGiven, BayGiven
from vovremya.directory.actions.staff import demand_second_step
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, SettingChange, Work
from vovremya.directory.rules import Actor, Right, Role
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.schedule import actions as schedule
from vovremya.schedule.models import BranchException, BranchHours
from vovremya.schedule.queries import DayPlace, calendar_of, place_in_day
from vovremya.schedule.rules.stranding import digest_of, newly_stranded
from vovremya.visits.actions.reminding import RemindersWanted, remind_by_new_hours, reminders_of, set_reminders
from vovremya.visits.actions.turn import AlreadyDone, lock_to_come, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule
from vovremya.visits.refusals import WouldStrand, WrongMoment
from vovremya.visits.rules.journal_facts import SettingChanged, VisitChanged
from vovremya.visits.rules.settings import Setting, SettingOf, Value, hours_of_value
from vovremya.visits.rules.words import Status

#: Who may change the settings of a branch.
EDITORS = (Right.EDIT_BRANCH, Right.EDIT_NETWORK)
LONGEST_PAUSE_MINUTES = 240


def change_setting(
    of: SettingOf,
    value: Value,
    *,
    actor: Actor,
    now: datetime,
    confirmed: str = "",
    request: Request | None = None,
) -> SettingChange | None:
    """Let the setting have this value; None where it has it already. `confirmed` is the digest of the visits that the
    change strands, as they were shown.

    Raises `WouldStrand` with them, `BadInput` at the field, `NotAllowed`, `NotFound`.
    """
    return _change(of, value, actor, now, confirmed, request)


def take_back_change(
    change_id: int,
    branch_id: int,
    *,
    actor: Actor,
    now: datetime,
    confirmed: str = "",
    request: Request | None = None,
) -> SettingChange | None:
    """Back to what it was before that change: a change like any other. Raises `WrongMoment` where somebody has changed
    it since."""
    change = SettingChange.objects.filter(pk=change_id, branch_id=branch_id).first()
    if change is None:
        raise NotFound
    return _change(setting_of(change), change.before, actor, now, confirmed, request, takes_back=change)


def setting_of(change: SettingChange) -> SettingOf:
    return SettingOf(change.branch_id, Setting(change.setting), change.subject_id, change.on)


def rights_to_change(setting: Setting) -> Sequence[Right]:
    """Any of them will do."""
    return _KINDS[setting].rights


def value_of(of: SettingOf) -> Value:
    """The setting as it is."""
    return _KINDS[of.setting].read(of)


def _change(
    of: SettingOf,
    value: Value,
    actor: Actor,
    now: datetime,
    confirmed: str,
    request: Request | None,
    takes_back: SettingChange | None = None,
) -> SettingChange | None:
    with transaction.atomic():
        _require_editing(of, actor)
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        directory.lock_branch(of.branch_id)
        kind, before = _KINDS[of.setting], value_of(of)
        if takes_back is not None and before != takes_back.after:
            raise WrongMoment("setting_changed_since")
        if value == before:
            return None
        stood_outside = off_schedule(of.branch_id, now)
        of = of.about(kind.write(of, value, actor, now))
        stranded = newly_stranded(stood_outside, off_schedule(of.branch_id, now))
        if stranded and digest_of(stranded) != confirmed:
            raise WouldStrand(stranded)
        if kind.moves_days:
            lock_to_come(of.branch_id, now)
            _place_anew(of.branch_id, actor, now)
            remind_by_new_hours(of.branch_id, now)
        change = directory.keep_change(
            SettingChange(
                branch_id=of.branch_id,
                setting=of.setting,
                subject_id=of.subject_id,
                on=of.on,
                before=before,
                after=value_of(of),
                at=now,
                user_id=actor.user_id,
                takes_back=takes_back,
            )
        )
        fact = SettingChanged(of.setting, change.pk, of.subject_id, len(stranded))
        entry = record(fact, branch_id=of.branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())
        if request and actor.user_id:
            remember(actor.user_id, request, entry)
    return change


def _require_editing(of: SettingOf, actor: Actor) -> None:
    if not actor.sees(of.branch_id):
        raise NotFound
    rights = rights_to_change(of.setting)
    if not any(actor.may(right, of.branch_id) for right in rights):
        raise NotAllowed(right=rights[0])


def _place_anew(branch_id: int, actor: Actor, now: datetime) -> None:
    """Visits that have not begun take their business day and closing from the hours as they are now."""
    calendar = calendar_of(branch_id)
    place_at = cache(partial(place_in_day, branch_id, calendar=calendar))
    visits = Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now)
    rows = visits.values_list("pk", "starts_at", "on", "closes_at", "day_ends_at")
    touched = [pk for pk, starts_at, *was in rows if was != _of_day(place_at(starts_at))]
    action_id = uuid.uuid4()
    for pk in sorted(touched):
        with turn_on(pk, actor=actor, right=None, now=now, action_id=action_id) as turn:
            visit = turn.visit
            visit.on, visit.closes_at, visit.day_ends_at = _of_day(place_at(visit.starts_at))
            turn.record(VisitChanged(fields="hours"))


def _of_day(place: DayPlace) -> list[Any]:
    """What a visit keeps of its business day."""
    return [place.on, place.closes_at, place.case_ends_at]


# --- values --------------------------------------------------------------------------------------------------------


def _week_of(rows: QuerySet[Any, Any]) -> list[Value]:
    week: list[Value] = [None] * 7
    for weekday, opens, closes, *lunch in rows:
        week[weekday] = [opens, closes, *(minute for minute in lunch if minute is not None)]
    return week


def _read_week(of: SettingOf) -> Value:
    rows = BranchHours.objects.filter(branch_id=of.branch_id)
    return _week_of(
        rows.values_list("weekday", "opens_minute", "closes_minute", "lunch_starts_minute", "lunch_ends_minute")
    )


def _write_week(of: SettingOf, value: Value, actor: Actor, now: datetime) -> None:
    schedule.set_week_hours(of.branch_id, list(map(hours_of_value, value)), actor=actor, now=now)


def _read_exception(of: SettingOf) -> Value:
    assert of.on is not None
    found = BranchException.objects.filter(branch_id=of.branch_id, on=of.on).first()
    if found is None:
        return None
    hours = None if found.opens_minute is None else [found.opens_minute, found.closes_minute]
    return {"hours": hours, "title": found.title}


def _write_exception(of: SettingOf, value: Value, actor: Actor, now: datetime) -> None:
    assert of.on is not None
    if value is None:
        schedule.clear_exception(of.branch_id, of.on, actor=actor, now=now)
    else:
        hours = hours_of_value(value["hours"])
        schedule.set_exception(of.branch_id, of.on, hours, title=value["title"], actor=actor, now=now)


def _read_bay_hours(of: SettingOf) -> Value:
    week = _week_of(_bay(of).own_hours.values_list("weekday", "opens_minute", "closes_minute"))
    return week if any(week) else None


def _write_bay_hours(of: SettingOf, value: Value, actor: Actor, now: datetime) -> int:
    bay = _bay(of)
    schedule.set_bay_hours(bay, list(map(hours_of_value, value or [None] * 7)), actor=actor, now=now)
    return bay.pk


def _read_shifts(of: SettingOf) -> Value:
    week = _week_of(_advisor(of).shifts.values_list("weekday", "opens_minute", "closes_minute"))
    return week if any(week) else None


def _write_shifts(of: SettingOf, value: Value, actor: Actor, now: datetime) -> int:
    advisor = _advisor(of)
    schedule.set_shifts(advisor, list(map(hours_of_value, value or [None] * 7)), actor=actor, now=now)
    return advisor.pk


def _read_bay(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    bay = _bay(of)
    return asdict(BayGiven(bay.name, bay.group_id, bay.mechanic, bay.coefficient, bay.is_active))


def _write_bay(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    """One whose addition is taken back is retired: something may have been done on it."""
    given = value if value is not None else {**_read_bay(of), "is_active": False}
    return directory.write_bay(of.branch_id, of.subject_id, BayGiven(**given)).pk


def _read_group(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    group = _own(BayGroup.objects.filter(branch_id=of.branch_id), of)
    return {"name": group.name, "advisor_id": group.advisor_id}


def _write_group(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    if value is None:
        raise WrongMoment("group_stays")
    return directory.write_group(of.branch_id, of.subject_id, value["name"], value["advisor_id"]).pk


def _read_advisor(of: SettingOf) -> Value:
    if of.subject_id is None:
        return None
    advisor = _advisor(of)
    arrivals = advisor.arrivals_per_quarter_hour
    return asdict(AdvisorGiven(advisor.name, advisor.full_name, arrivals, advisor.is_active))


def _write_advisor(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    given = value if value is not None else {**_read_advisor(of), "is_active": False}
    return directory.write_advisor(of.branch_id, of.subject_id, AdvisorGiven(**given)).pk


def _read_pause(of: SettingOf) -> Value:
    return Branch.objects.values_list("pause_minutes", flat=True).get(pk=of.branch_id)


def _write_pause(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    if not 0 <= value <= LONGEST_PAUSE_MINUTES:
        raise BadInput({"pause": "pause_unfit"}, most=LONGEST_PAUSE_MINUTES)
    directory.set_pause(Branch.objects.get(pk=of.branch_id), value)


def _read_reminders(of: SettingOf) -> Value:
    return asdict(reminders_of(of.branch_id))


def _write_reminders(of: SettingOf, value: Value, _actor: Actor, now: datetime) -> None:
    set_reminders(of.branch_id, RemindersWanted(**value), now)


def _read_work_groups(of: SettingOf) -> Value:
    return sorted(_work(of).bay_groups.filter(branch_id=of.branch_id).values_list("pk", flat=True))


def _write_work_groups(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    work = _work(of)
    directory.name_bay_groups_of_branch(work, of.branch_id, value)
    return work.pk


def _read_norm(of: SettingOf) -> Value:
    return _work(of).norm_minutes


def _write_norm(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> int:
    work = _work(of)
    directory.set_norm(work, value)
    return work.pk


def _read_second_step(of: SettingOf) -> Value:
    return Branch.objects.values_list("second_step_roles", flat=True).get(pk=of.branch_id)


def _write_second_step(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    demand_second_step(of.branch_id, map(Role, value))


Row = Any


def _own(rows: QuerySet[Any, Row], of: SettingOf) -> Row:
    """What the setting is about; `NotFound` alike whether it does not exist or is another branch's."""
    found = rows.filter(pk=of.subject_id).first()
    if found is None:
        raise NotFound
    return found


def _bay(of: SettingOf) -> Bay:
    bay: Bay = _own(Bay.objects.filter(branch_id=of.branch_id), of)
    return bay


def _advisor(of: SettingOf) -> Advisor:
    advisor: Advisor = _own(Advisor.objects.filter(branch_id=of.branch_id), of)
    return advisor


def _work(of: SettingOf) -> Work:
    work: Work = _own(Work.objects.filter(network__branches=of.branch_id), of)
    return work


@dataclass(frozen=True)
class _Kind:
    """How the value of a setting is read and written; writing says what it is about."""

    read: Callable[[SettingOf], Value]
    write: Callable[[SettingOf, Value, Actor, datetime], int | None]
    rights: Sequence[Right] = EDITORS
    moves_days: bool = False  # visits to come take their day and closing from it


_KINDS: Mapping[Setting, _Kind] = {
    Setting.WEEK_HOURS: _Kind(_read_week, _write_week, moves_days=True),
    Setting.EXCEPTION: _Kind(_read_exception, _write_exception, moves_days=True),
    Setting.BAY: _Kind(_read_bay, _write_bay),
    Setting.BAY_HOURS: _Kind(_read_bay_hours, _write_bay_hours),
    Setting.GROUP: _Kind(_read_group, _write_group),
    Setting.ADVISOR: _Kind(_read_advisor, _write_advisor),
    Setting.SHIFTS: _Kind(_read_shifts, _write_shifts),
    Setting.PAUSE: _Kind(_read_pause, _write_pause),
    Setting.WORK_GROUPS: _Kind(_read_work_groups, _write_work_groups),
    Setting.REMINDERS: _Kind(_read_reminders, _write_reminders),
    Setting.NORM: _Kind(_read_norm, _write_norm, rights=(Right.EDIT_NETWORK,)),
    Setting.SECOND_STEP: _Kind(_read_second_step, _write_second_step, rights=(Right.EDIT_NETWORK,)),
}
