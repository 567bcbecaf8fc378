"""When the client of a visit is reminded: with the plan, after a reminder, and when the branch decides anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from vovremya.directory.actions import add_policy
from vovremya.directory.models import Policy
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.queries import Calendar, calendar_of
from vovremya.visits.actions.policies import write_in_batches
from vovremya.visits.actions.turn import Turn
from vovremya.visits.models import Visit
from vovremya.visits.queries import reminder_policy
from vovremya.visits.rules.reminding import Reminder, next_reminder, reminder_from
from vovremya.visits.rules.words import Confirmation, Status

_DAY_MINUTES = 24 * 60
SHORTEST_BEFORE_MINUTES, LONGEST_BEFORE_MINUTES = 15, 12 * 60


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


def reminders_of(branch_id: int) -> RemindersWanted:
    policy = Policy.objects.filter(branch_id=branch_id).latest("number")
    return RemindersWanted(
        day_before_minute=policy.remind_day_before_minute,
        before_minutes=policy.remind_before_minutes,
        calls_from_minute=policy.calls_from_minute,
        calls_until_minute=policy.calls_until_minute,
    )


def set_reminders(branch_id: int, wanted: RemindersWanted, now: datetime) -> None:
    """A new version of the branch's policy, by which the visits to come are reminded of from now on: a part of changing
    the setting, which asks for the right and tells the journal. A visit with a contact open keeps what it has.

    Raises `BadInput`.
    """
    _require_sensible(wanted)
    policy = add_policy(
        branch_id,
        now,
        remind_day_before_minute=wanted.day_before_minute,
        remind_before_minutes=wanted.before_minutes,
        calls_from_minute=wanted.calls_from_minute,
        calls_until_minute=wanted.calls_until_minute,
    )
    _plan_anew(_to_come(branch_id, now), policy, branch_id, now)


def remind_by_new_hours(branch_id: int, now: datetime) -> None:
    """The hours of the branch are others: so is when its clients may be called."""
    _plan_anew(_to_come(branch_id, now).filter(remind_at__gt=now), None, branch_id, now)


def _require_sensible(wanted: RemindersWanted) -> None:
    since, until = wanted.calls_from_minute, wanted.calls_until_minute
    if not 0 <= since < until <= _DAY_MINUTES:
        raise BadInput({"calls": "calls_end_before_they_begin"})
    day_before, before = wanted.day_before_minute, wanted.before_minutes
    if day_before is not None and not since <= day_before < until:
        raise BadInput({"day_before": "reminder_outside_of_calls"})
    if before is not None and not SHORTEST_BEFORE_MINUTES <= before <= LONGEST_BEFORE_MINUTES:
        raise BadInput({"before": "reminder_at_odd_time"})


def _to_come(branch_id: int, now: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now)


def _plan_anew(visits: QuerySet[Visit], policy: Policy | None, branch_id: int, now: datetime) -> None:
    """Of those about which nobody is being called; by their own policy unless there is a new one."""
    calendar = calendar_of(branch_id)

    def plan(turns: Sequence[Turn]) -> list[Turn]:
        free = [turn for turn in turns if turn.case is None]
        for turn in free:
            turn.visit.policy = policy or turn.visit.policy
            if turn.visit.confirmation != Confirmation.CONFIRMED:
                plan_reminder(turn.visit, calendar, after=now, known_since=None)
        return free

    write_in_batches(visits, plan, now)
