"""A branch's clock is set to another zone (hard case 13)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from vovremya.directory.actions import set_zone
from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor
from vovremya.journal.actions import record
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.actions import queue_for, vacate
from vovremya.visits.actions.booking import Plan, replan
from vovremya.visits.actions.turn import lock_in_order, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.refusals import Affected
from vovremya.visits.rules.journal_facts import ZoneChanged
from vovremya.visits.rules.words import Status


def affected_by_zone(branch_id: int, zone: str, *, keeps_wall_times: bool, now: datetime) -> Sequence[Affected]:
    """The planned visits that have not begun: their wall times stay, or their instants do."""
    if zone not in available_timezones():
        raise BadInput({"zone": "zone_unknown"})
    visits = Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now).order_by("id")
    visits = visits.select_related("bay", "client", "car")
    if not keeps_wall_times:
        return [Affected(visit, visit.starts_at) for visit in visits]
    old_zone = ZoneInfo(Branch.objects.get(pk=branch_id).zone)
    return [Affected(visit, _same_wall_time(visit.starts_at, old_zone, ZoneInfo(zone))) for visit in visits]


def take_to_zone(branch_id: int, zone: str, *, keeps_wall_times: bool, actor: Actor, now: datetime) -> None:
    """Set the branch's clock, and take the visits to come along; one that meets another takes the next lane. A part of
    changing the setting, which asks for the right and has locked the branch."""
    action_id = uuid.uuid4()
    affected = affected_by_zone(branch_id, zone, keeps_wall_times=keeps_wall_times, now=now)
    lock_in_order([each.visit.pk for each in affected], actor)
    fact = ZoneChanged(old=Branch.objects.get(pk=branch_id).zone, new=zone)
    record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=action_id)
    set_zone(branch_id, zone)
    queue_for(None, *(each.visit.pk for each in affected))
    for each in affected:
        vacate(each.visit.pk, now)
    for each in sorted(affected, key=lambda each: each.starts_at):
        with turn_on(each.visit.pk, actor=actor, right=None, now=now, action_id=action_id) as turn:
            visit = turn.visit
            ends_at = each.starts_at + (visit.ends_at - visit.starts_at)
            replan(turn, Plan(visit.bay_id, each.starts_at, ends_at, visit.advisor_id), why="zone")


def _same_wall_time(instant: datetime, old_zone: ZoneInfo, new_zone: ZoneInfo) -> datetime:
    return instant.astimezone(old_zone).replace(tzinfo=new_zone, fold=0).astimezone(instant.tzinfo)
