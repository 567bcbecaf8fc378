"""When the client of a visit is reminded: with the plan, after a reminder, and when the branch decides anew."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from vovremya.directory.actions import add_policy
from vovremya.directory.models import Branch, Policy
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import record, record_many
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.schedule.queries import Calendar, calendar_of
from vovremya.visits.actions.turn import turns_of_program
from vovremya.visits.models import Visit
from vovremya.visits.queries import reminder_policy
from vovremya.visits.rules.journal_facts import RemindersChanged
from vovremya.visits.rules.reminding import Reminder, next_reminder, reminder_from
from vovremya.visits.rules.words import Confirmation, Status

#: So many visits are read and written at once.
TOGETHER = 500
_DAY_MINUTES = 24 * 60
SHORTEST_BEFORE_MINUTES, LONGEST_BEFORE_MINUTES = 15, 12 * 60

_STORE = """
UPDATE visits_visit
   SET version = %s, announced_until = %s, next_change_at = %s, policy_id = %s, remind_at = %s, remind_pauses_at = %s,
       remind_resumes_at = %s
 WHERE id = %s
"""


def plan_reminder(visit: Visit, calendar: Calendar, *, after: datetime, known_since: datetime | None) -> None:
    """By the plan and the policy that the visit has now; `known_since`: the client has agreed to the time just then."""
    policy = reminder_policy(visit.policy)
    found = (
        next_reminder(
            visit.starts_at,
            policy,
            after=after,
            known_since=known_since,
            day_of=calendar.day,
            zone=calendar.zone,
        )
        if policy.reminds
        else None
    )
    _set(visit, found)


def remind_from(visit: Visit, due_at: datetime) -> None:
    """Due from that instant on."""
    calendar, policy = calendar_of(visit.branch_id), reminder_policy(visit.policy)
    _set(visit, reminder_from(due_at, visit.starts_at, policy, day_of=calendar.day, zone=calendar.zone))


def remind_no_more(visit: Visit) -> None:
    _set(visit, None)


def _set(visit: Visit, reminder: Reminder | None) -> None:
    visit.remind_at, visit.remind_pauses_at, visit.remind_resumes_at = reminder or (None, None, None)


@dataclass(frozen=True)
class RemindersWanted:
    """When a branch reminds; None: not the day before, not so long before. Minutes of the day by its clock."""

    day_before_minute: int | None = None
    before_minutes: int | None = None
    calls_from_minute: int = 9 * 60
    calls_until_minute: int = 20 * 60


@transaction.atomic
def set_reminders(branch_id: int, wanted: RemindersWanted, *, actor: Actor, now: datetime) -> int:
    """A new version of the branch's policy, by which the visits to come are reminded of from now on.

    A visit with a contact open keeps what it has. Returns how many visits went along. Raises `NotAllowed`, `BadInput`.
    """
    if not Branch.objects.filter(pk=branch_id).exists() or not actor.sees(branch_id):
        raise NotFound
    if not actor.may(Right.EDIT_BRANCH, branch_id):
        raise NotAllowed(right=Right.EDIT_BRANCH)
    _require_sensible(wanted)
    policy = add_policy(
        branch_id,
        now,
        remind_day_before_minute=wanted.day_before_minute,
        remind_before_minutes=wanted.before_minutes,
        calls_from_minute=wanted.calls_from_minute,
        calls_until_minute=wanted.calls_until_minute,
    )
    count = _take_along(branch_id, policy, now)
    # After the visits: who draws a board anew at this entry sees them as they are now.
    fact, action_id = RemindersChanged(**asdict(wanted)), uuid.uuid4()
    record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=action_id)
    return count


def _require_sensible(wanted: RemindersWanted) -> None:
    since, until = wanted.calls_from_minute, wanted.calls_until_minute
    if not 0 <= since < until <= _DAY_MINUTES:
        raise BadInput({"calls": "calls_end_before_they_begin"})
    day_before, before = wanted.day_before_minute, wanted.before_minutes
    if day_before is not None and not since <= day_before < until:
        raise BadInput({"day_before": "reminder_outside_of_calls"})
    if before is not None and not SHORTEST_BEFORE_MINUTES <= before <= LONGEST_BEFORE_MINUTES:
        raise BadInput({"before": "reminder_at_odd_time"})


def _take_along(branch_id: int, policy: Policy, now: datetime) -> int:
    """The planned visits to come about which nobody is being called, many at a time."""
    to_come = Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now)
    visit_ids = list(to_come.order_by("pk").values_list("pk", flat=True))
    calendar = calendar_of(branch_id)
    batches = [visit_ids[start : start + TOGETHER] for start in range(0, len(visit_ids), TOGETHER)]
    return sum(_take_batch_along(to_come.filter(pk__in=batch), policy, calendar, now) for batch in batches)


def _take_batch_along(visits: QuerySet[Visit], policy: Policy, calendar: Calendar, now: datetime) -> int:
    locked = visits.select_for_update(of=("self",)).select_related("policy", "branch", "follows").order_by("pk")
    turns = [turn for turn in turns_of_program(list(locked), now) if turn.case is None]
    told = [each for turn in turns for each in turn.told_of_itself(None)]
    record_many(told, actor=PROGRAM, now=now)
    for turn in turns:
        turn.visit.policy = policy
        if turn.visit.confirmation != Confirmation.CONFIRMED:
            plan_reminder(turn.visit, calendar, after=now, known_since=None)
        turn.look_ahead(turn.standing, has_news=True)
    _store([turn.visit for turn in turns])
    return len(turns)


def _store(visits: Sequence[Visit]) -> None:
    as_stored = connection.ops.adapt_datetimefield_value
    rows = [
        (
            visit.version,
            *map(as_stored, (visit.announced_until, visit.next_change_at)),
            visit.policy_id,
            *map(as_stored, (visit.remind_at, visit.remind_pauses_at, visit.remind_resumes_at)),
            visit.pk,
        )
        for visit in visits
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_STORE, rows)
