"""Putting clients onto the list, changing what they wish for, taking them off and putting them back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from vovremya.customers.actions.card import hold_client
from vovremya.customers.models import Car, Client
from vovremya.directory.models import Branch, Work
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.kernel.refusal import BadInput
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.rules.slots import PartOfDay
from vovremya.ui.dates import day_and_month
from vovremya.visits.actions.booking import Details, require_in_use
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit
from vovremya.visits.refusals import NotPlanned, WrongMoment
from vovremya.visits.rules.words import Status
from vovremya.waitlist.actions.turn import queue_for_client, turn_on_wait
from vovremya.waitlist.models import Wait
from vovremya.waitlist.queries import last_day, wait_of_visit, wait_to_attach
from vovremya.waitlist.refusals import AlreadyWaiting, NotWaiting
from vovremya.waitlist.rules.journal_facts import WaitBegun, WaitChanged, WaitResumed
from vovremya.waitlist.rules.words import Ending

#: Who names no day is of no use longer than this.
WAITS_FOR = timedelta(days=30)


@dataclass(frozen=True)
class WishedFor:
    """When and where the client would come; empty is anything."""

    days: Sequence[date] = ()
    weekdays: Sequence[int] = ()
    part_of_day: PartOfDay | None = None
    not_before_minute: int | None = None
    not_after_minute: int | None = None
    group_id: int | None = None
    bay_id: int | None = None
    advisor_id: int | None = None
    until_on: date | None = None
    is_urgent: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is to be booked for a client who has no visit yet."""

    client: Client
    car: Car | None
    duration_minutes: int
    is_norm: bool = False
    works: Sequence[Work] = ()
    details: Details = field(default_factory=Details)


def put_on_list(
    branch_id: int,
    wanted: Wanted,
    wishes: WishedFor,
    *,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Wait:
    """A client for whom there is no time yet. Raises `AlreadyWaiting`, `NotAllowed`, `BadInput`."""
    details = wanted.details
    wait = Wait(
        branch_id=branch_id,
        client=wanted.client,
        car=wanted.car,
        duration_minutes=wanted.duration_minutes,
        is_norm=wanted.is_norm,
        **{each.name: getattr(details, each.name) for each in fields(details) if each.name != "works"},
    )
    with transaction.atomic():
        _put_on_list(wait, wishes, actor, now, request)
        wait.works.set(wanted.works)
    return wait


def want_sooner(
    visit: Visit,
    wishes: WishedFor,
    *,
    comment: str = "",
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Wait:
    """«Хочет раньше»: the visit stays where it is until a sooner time is found.

    Who waited before the visit was booked keeps the place, and waits for a sooner time from now on.
    Raises `AlreadyWaiting`, `NotPlanned`, `WrongMoment`, `NotAllowed`, `BadInput`.
    """
    if visit.status != Status.PLANNED:
        raise NotPlanned(f"not_planned_{visit.status}", visit=visit)
    if visit.starts_at <= now:
        raise WrongMoment("already_begun")
    with transaction.atomic():
        if (wait_id := wait_to_attach(visit)) and not wait_of_visit(visit.pk):
            return _attach(wait_id, visit, wishes, comment, actor, now, request)
        wait = Wait(
            branch_id=visit.branch_id,
            client_id=visit.client_id,
            car_id=visit.car_id,
            visit=visit,
            known_starts_at=visit.starts_at,
            comment=comment,
        )
        _put_on_list(wait, wishes, actor, now, request)
    return wait


def change_wishes(
    wait_id: int, wishes: WishedFor, *, comment: str, actor: Actor, now: datetime, request: Request | None = None
) -> Wait:
    with turn_on_wait(wait_id, actor=actor, now=now, request=request) as turn:
        before = dict(vars(turn.wait))
        _wish(turn.wait, wishes, now)
        turn.wait.comment = comment
        changed = [name for name in before if name != "_state" and before[name] != getattr(turn.wait, name)]
        if changed:
            turn.wait.save()
            turn.record(WaitChanged(turn.wait.pk, fields=" ".join(changed)))
    return turn.wait


def withdraw(wait_id: int, comment: str, *, actor: Actor, now: datetime, request: Request | None = None) -> Wait:
    """Off the list, for a reason in words."""
    if not comment.strip():
        raise BadInput({"comment": "comment_needed"})
    with turn_on_wait(wait_id, actor=actor, now=now, request=request) as turn:
        turn.end(Ending.WITHDRAWN, comment=comment.strip())
    return turn.wait


def put_back(wait_id: int, *, actor: Actor, now: datetime, request: Request | None = None) -> Wait:
    """On the list again, with the time that has been waited. Raises `WrongMoment` where it would leave at once."""
    with turn_on_wait(wait_id, actor=actor, now=now, request=request, has_ended=True) as turn:
        wait = turn.wait
        if not wait.ending:
            raise WrongMoment("on_list_already")
        if visit := turn.listed.visit:
            wait.visit, wait.known_starts_at = visit, visit.starts_at
        _require_no_other(wait)
        if turn.listed.ending not in (None, Ending.SERVED):
            raise WrongMoment(f"would_leave_{turn.listed.ending}")
        wait.ended_at = wait.ended_by = None
        wait.ending = wait.ending_comment = ""
        wait.save()
        turn.record(WaitResumed(wait.pk))
    return wait


def _attach(
    wait_id: int, visit: Visit, wishes: WishedFor, comment: str, actor: Actor, now: datetime, request: Request | None
) -> Wait:
    """Whether or not the visit is what was waited for: the client says that it is to be sooner still."""
    with turn_on_wait(wait_id, actor=actor, now=now, request=request, has_ended=True) as turn:
        wait = turn.wait
        wait.visit, wait.known_starts_at = visit, visit.starts_at
        _require_no_other(wait)
        if wait.ending:
            raise NotWaiting(f"not_waiting_{wait.ending}", by="", visit=visit)
        _wish(wait, wishes, now)
        wait.comment = comment or wait.comment
        wait.save()
        turn.record(WaitChanged(wait.pk, fields="visit"))
    return wait


def _put_on_list(wait: Wait, wishes: WishedFor, actor: Actor, now: datetime, request: Request | None) -> None:
    actor.require(wait.branch_id, Right.KEEP_WAITLIST)
    if request and actor.user_id and (entry := replayed(actor.user_id, request)):
        raise AlreadyDone(entry)
    require_in_use(calendar_of(wait.branch_id))
    _require_no_other(wait)
    _wish(wait, wishes, now)
    wait.added_at = now
    wait.added_by_id = actor.user_id
    wait.save()
    hold_client(wait.client_id)
    entry = record(
        WaitBegun(wait.pk, wait.is_urgent),
        branch_id=wait.branch_id,
        actor=actor,
        at=now,
        now=now,
        action_id=uuid.uuid4(),
        visit_id=wait.visit_id,
        words=wait.comment,
    )
    if request and actor.user_id:
        remember(actor.user_id, request, entry)


def _require_no_other(wait: Wait) -> None:
    """One place for a client's car, and for a visit: two who put the client on the list at once queue at the client."""
    queue_for_client(wait.client_id)
    same = Q(branch_id=wait.branch_id, client_id=wait.client_id, car=wait.car)
    if wait.visit_id:
        same |= Q(visit_id=wait.visit_id)
    on_list = Wait.objects.filter(same, ended_at=None)
    if other := on_list.select_related("added_by", "branch").exclude(pk=wait.pk).first():
        since = other.added_at.astimezone(ZoneInfo(other.branch.zone))
        raise AlreadyWaiting(who=str(other.added_by or gettext("программа")), since=day_and_month(since))


def _wish(wait: Wait, wishes: WishedFor, now: datetime) -> None:
    branch = Branch.objects.get(pk=wait.branch_id)
    today_on = calendar_of(branch.pk).day_of(now).on
    problems = {}
    if wishes.group_id and not branch.bay_groups.filter(pk=wishes.group_id).exists():
        problems["group"] = "group_unknown"
    if wishes.bay_id and not branch.bays.filter(pk=wishes.bay_id).exists():
        problems["bay"] = "bay_unknown"
    if wishes.advisor_id and not branch.advisors.filter(pk=wishes.advisor_id).exists():
        problems["advisor"] = "advisor_unknown"
    until_on = last_day(wishes.days, wishes.until_on, _usual_last_day(wait, today_on))
    if until_on < today_on:
        problems["until"] = "days_over"
    if problems:
        raise BadInput(problems)
    wait.days = [day.isoformat() for day in sorted(wishes.days)]
    wait.weekdays = sorted(wishes.weekdays)
    wait.part_of_day = wishes.part_of_day or ""
    wait.not_before_minute = wishes.not_before_minute
    wait.not_after_minute = wishes.not_after_minute
    wait.group_id = wishes.group_id
    wait.bay_id = wishes.bay_id
    wait.advisor_id = wishes.advisor_id
    wait.is_urgent = wishes.is_urgent
    wait.until_on = until_on


def _usual_last_day(wait: Wait, today_on: date) -> date:
    """Nobody wants sooner than the visit after its day."""
    return wait.visit.on if wait.visit else today_on + WAITS_FOR
