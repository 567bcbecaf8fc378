"""A bay is out of use for a while. What is planned on it meanwhile stays there, beside, until it is moved."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from vovremya.directory.models import Bay
from vovremya.directory.rules import Actor
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.actions import close_bay, open_bay, queue_for_several, vacate
from vovremya.schedule.queries import LONGEST_OCCUPATION, Closure, closures_of
from vovremya.schedule.rules.occupied import left_of
from vovremya.visits.actions.booking import Plan, replan
from vovremya.visits.actions.turn import lock_in_order, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status

#: They have their time on the bay, even those that were done before it was over.
_THERE = (Status.PLANNED, Status.ARRIVED, Status.IN_WORK, Status.DONE)


def close_for(bay: Bay, wanted: Sequence[Closure], *, actor: Actor, now: datetime) -> None:
    """Let the bay be out of use in these times and no others, from now on at the earliest: what was done there before
    was done. Visits there give way to the next lane, and come back to their own where it is in use again. A part of
    changing the setting, which asks for the right and locks the branch.

    Raises `BadInput`.
    """
    _require_sensible(wanted)
    known = closures_of(bay.pk)
    ended = [each for each in known if each not in wanted]
    begun = [_from_now_on(each, now) for each in wanted if each not in known]
    touched = _visits_there(bay, [*ended, *begun], now)
    lock_in_order(touched, actor)
    queue_for_several([bay.pk], touched)
    for visit_id in touched:
        vacate(visit_id, now)
    open_bay(bay, ended, now)
    close_bay(bay, begun)
    action_id = uuid.uuid4()
    for visit_id in touched:
        with turn_on(visit_id, actor=actor, right=None, now=now, action_id=action_id) as turn:
            visit = turn.visit
            replan(turn, Plan(visit.bay_id, visit.starts_at, visit.ends_at, visit.advisor_id), why="bay")


def _from_now_on(closure: Closure, now: datetime) -> Closure:
    if closure.ends_at <= now:
        raise BadInput({"closures": "ends_in_past"})
    return replace(closure, starts_at=max(closure.starts_at, now.replace(second=0, microsecond=0)))


def _visits_there(bay: Bay, closures: Sequence[Closure], now: datetime) -> list[int]:
    """Those that have not left, by their start: who comes first has the lower lane."""
    overlaps = Q(pk__in=())
    for closure in closures:
        overlaps |= Q(starts_at__lt=closure.ends_at, ends_at__gt=closure.starts_at)
    visits = Visit.objects.filter(overlaps, bay=bay, status__in=_THERE, ends_at__gt=now)
    return list(visits.order_by("starts_at", "pk").values_list("pk", flat=True))


def _require_sensible(wanted: Sequence[Closure]) -> None:
    for number, closure in enumerate(wanted):
        if closure.ends_at <= closure.starts_at:
            raise BadInput({"closures": "ends_before_start"})
        if closure.ends_at - closure.starts_at > LONGEST_OCCUPATION:
            raise BadInput({"closures": "closure_too_long"})
        others = [(each.starts_at, each.ends_at) for each in wanted[:number]]
        period = closure.starts_at, closure.ends_at
        if left_of(period, others) != [period]:
            raise BadInput({"closures": "closures_overlap"})
