"""Occupying bays, inside the transaction of the action that needs it: that action writes the journal.

Holds are no facts, like leases: they run on real time and leave no entry.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import record
from vovremya.schedule.models import AdvisorShift, BayHours, BranchException, BranchHours, Occupation
from vovremya.schedule.no_overlap import RULE
from vovremya.schedule.queries import LONGEST_OCCUPATION, Closure, in_the_way, live_holds, place_in_day, worked_periods
from vovremya.schedule.refusals import BayTaken, TooLong
from vovremya.schedule.rules.hours import DayHours, WeekHours
from vovremya.schedule.rules.journal_facts import BayHoursChanged, ExceptionChanged, HoursChanged, ShiftsChanged
from vovremya.schedule.rules.occupied import Occupied, Period, left_of, lowest_free_lane
from vovremya.schedule.signals import time_freed
from vovremya.storage.statements import Deleting, Reading, Taking, Writing

HOLD_LASTS = timedelta(minutes=5)
HOLDS_OF_A_USER = 2

_EDITORS = (Right.EDIT_BRANCH, Right.EDIT_NETWORK)

_OCCUPATIONS = Writing(Occupation)
_OF_VISIT = Taking(
    lambda visit_id: Occupation.objects.filter(of=Occupation.Of.VISIT, visit_id=visit_id).values_list(
        "branch_id", "bay_id", "starts_at", "ends_at"
    )
)
_HELD_BY = Deleting(lambda user_id: Occupation.objects.filter(of=Occupation.Of.HOLD, held_by_id=user_id))
#: The holder's own, wherever, and those on the bay that have lapsed.
_GIVING_WAY = Deleting(
    lambda bay_id, holder_id, real_now: Occupation.objects.filter(
        Q(held_by_id=holder_id) | Q(bay_id=bay_id, held_until__lte=real_now), of=Occupation.Of.HOLD
    )
)
_QUEUE_FOR = Reading(lambda bay_id, visit_id: _to_queue_for(Q(pk=bay_id), Q(visit_id=visit_id)))


def _to_queue_for(wanted: Q, visits: Q) -> QuerySet[Bay, tuple[int]]:
    """The bays wanted, and those that the visits occupy, in the order of their ids."""
    left = Occupation.objects.filter(visits, of=Occupation.Of.VISIT).values("bay_id")
    bays = Bay.objects.select_for_update(no_key=True).filter(wanted | Q(pk__in=left))
    return bays.order_by("pk").values_list("pk")


@dataclass(frozen=True)
class Hold:
    bay_id: int
    starts_at: datetime
    ends_at: datetime
    held_until: datetime


def occupy(
    visit_id: int,
    bay: Bay,
    starts_at: datetime,
    ends_at: datetime,
    lane: int = 0,
    *,
    now: datetime,
    closes_at: datetime | None = None,
    holder_id: int | None = None,
    real_now: datetime | None = None,
) -> None:
    """Let the visit occupy the bay in this time, and nothing it occupied before.

    A work that goes on after `closes_at`, the closing that follows its start, has a period for each day.
    All that the holder holds is let go, for the client has chosen; holds on the bay that have lapsed by `real_now`
    give way.
    Raises `BayTaken` with what is in the way, and then leaves everything as it was.
    """
    periods = worked_periods(bay, starts_at, ends_at, closes_at)
    queue_for(bay.pk, visit_id)
    with _refused_when_taken(bay, periods, lane, visit_id, holder_id, real_now), transaction.atomic():
        given_up = _OF_VISIT.take(visit_id)
        _GIVING_WAY.delete(bay.pk, holder_id, real_now)
        for starts_at, ends_at in periods:
            _OCCUPATIONS.create(
                Occupation(
                    branch_id=bay.branch_id,
                    bay=bay,
                    lane=lane,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    of=Occupation.Of.VISIT,
                    visit_id=visit_id,
                )
            )
        _tell_of_freed(given_up, bay.pk, periods, now)


@dataclass(frozen=True)
class Wanted:
    """A period of a bay for one of many visits."""

    visit_id: int
    bay_id: int
    starts_at: datetime
    ends_at: datetime


def occupy_many(branch_id: int, wanted: Sequence[Wanted]) -> None:
    """For new visits whose periods were just seen to be free. Raises `IntegrityError` where one is not after all."""
    _require_no_longer((each.starts_at, each.ends_at) for each in wanted)
    Occupation.objects.bulk_create(
        Occupation(
            branch_id=branch_id,
            bay_id=each.bay_id,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            of=Occupation.Of.VISIT,
            visit_id=each.visit_id,
        )
        for each in wanted
    )


def set_week_hours(branch_id: int, days: Sequence[DayHours | None], *, actor: Actor, now: datetime) -> None:
    """Let these be the branch's hours from Monday to Sunday; None is closed."""
    actor.require(branch_id, *_EDITORS)
    with transaction.atomic():
        write_week_hours(branch_id, days)
        open_days = sum(hours is not None for hours in days)
        record(HoursChanged(open_days), branch_id=branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def write_week_hours(branch_id: int, days: Sequence[DayHours | None]) -> None:
    """A part of setting them, or of opening the branch."""
    BranchHours.objects.filter(branch_id=branch_id).delete()
    BranchHours.objects.bulk_create(
        BranchHours(
            branch_id=branch_id,
            weekday=weekday,
            opens_minute=hours.opens_at_minute,
            closes_minute=hours.closes_at_minute,
            lunch_starts_minute=hours.lunch[0] if hours.lunch else None,
            lunch_ends_minute=hours.lunch[1] if hours.lunch else None,
        )
        for weekday, hours in enumerate(WeekHours(days).days)
        if hours
    )


def copy_week_hours(source_id: int, branch: Branch) -> None:
    """As another branch is open. A part of opening the branch."""
    rows = list(BranchHours.objects.filter(branch_id=source_id))
    for row in rows:
        row.pk, row.branch = None, branch
    BranchHours.objects.bulk_create(rows)


def copy_own_hours(bays: Mapping[int, Bay], advisors: Mapping[int, Advisor]) -> None:
    """The hours of bays and the shifts of advisors, by the id of those that they were made after."""
    hours = list(BayHours.objects.filter(bay__in=bays))
    for row in hours:
        row.pk, row.bay = None, bays[row.bay_id]
    BayHours.objects.bulk_create(hours)
    shifts = list(AdvisorShift.objects.filter(advisor__in=advisors))
    for shift in shifts:
        shift.pk, shift.advisor = None, advisors[shift.advisor_id]
    AdvisorShift.objects.bulk_create(shifts)


def set_exception(branch_id: int, on: date, hours: DayHours | None, *, title: str, actor: Actor, now: datetime) -> None:
    """Let the date have hours of its own instead of its weekday's; None is closed. Exceptions know no lunch."""
    actor.require(branch_id, *_EDITORS)
    minutes = (hours.opens_at_minute, hours.closes_at_minute) if hours else (None, None)
    with transaction.atomic():
        BranchException.objects.update_or_create(
            branch_id=branch_id,
            on=on,
            defaults={"opens_minute": minutes[0], "closes_minute": minutes[1], "title": title},
        )
        fact = ExceptionChanged(on, is_open=hours is not None)
        record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def clear_exception(branch_id: int, on: date, *, actor: Actor, now: datetime) -> None:
    """The date goes by its weekday again."""
    actor.require(branch_id, *_EDITORS)
    with transaction.atomic():
        BranchException.objects.filter(branch_id=branch_id, on=on).delete()
        fact = ExceptionChanged(on)
        record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def set_bay_hours(bay: Bay, days: Sequence[DayHours | None], *, actor: Actor, now: datetime) -> None:
    """Let these be the bay's own hours, within those of its branch; on no day at all: as the branch."""
    actor.require(bay.branch_id, *_EDITORS)
    with transaction.atomic():
        bay.own_hours.all().delete()
        rows = [BayHours(bay=bay, **each) for each in _weekday_rows(days)]
        BayHours.objects.bulk_create(rows)
        fact = BayHoursChanged(bay.pk, len(rows))
        record(fact, branch_id=bay.branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def set_shifts(advisor: Advisor, days: Sequence[DayHours | None], *, actor: Actor, now: datetime) -> None:
    """Let the advisor receive cars in these hours alone; on no day at all: whenever the branch is open."""
    actor.require(advisor.branch_id, *_EDITORS)
    with transaction.atomic():
        advisor.shifts.all().delete()
        rows = [AdvisorShift(advisor=advisor, **each) for each in _weekday_rows(days)]
        AdvisorShift.objects.bulk_create(rows)
        fact = ShiftsChanged(advisor.pk, len(rows))
        record(fact, branch_id=advisor.branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def _weekday_rows(days: Sequence[DayHours | None]) -> list[dict[str, int]]:
    return [
        {"weekday": weekday, "opens_minute": hours.opens_at_minute, "closes_minute": hours.closes_at_minute}
        for weekday, hours in enumerate(WeekHours(days).days)
        if hours
    ]


def queue_for(bay_id: int | None, *visit_ids: int) -> None:
    """Whoever wants the bay waits for the one before, and then sees what is taken; so do visits that leave theirs.

    The database's rule would refuse all but one anyway; but two who meet there may wait for each other, and
    PostgreSQL then ends one of them without a word about what is in the way. For the same reason whoever changes
    several bays queues for all of them first. SQLite queues everybody as it is.
    """
    if connection.vendor == "postgresql":
        if len(visit_ids) == 1:
            _QUEUE_FOR.all(bay_id, *visit_ids)
        else:
            list(_to_queue_for(Q(pk=bay_id), Q(visit_id__in=visit_ids)))


def queue_for_several(bay_ids: Collection[int], visit_ids: Collection[int]) -> None:
    """The same for an action that several bays are wanted by."""
    if connection.vendor == "postgresql":
        list(_to_queue_for(Q(pk__in=bay_ids), Q(visit_id__in=visit_ids)))


def vacate(visit_id: int, now: datetime) -> int:
    """Free what the visit occupies; returns how many periods that were."""
    queue_for(None, visit_id)
    given_up = _OF_VISIT.take(visit_id)
    _tell_of_freed(given_up, None, (), now)
    return len(given_up)


def _tell_of_freed(
    given_up: Sequence[tuple[int, int, datetime, datetime]],
    kept_bay_id: int | None,
    kept: Sequence[Period],
    now: datetime,
) -> None:
    """Whatever frees a bay comes through here: what was given up of it, the past and the part that is kept aside."""
    freed: dict[tuple[int, int], list[Period]] = {}
    for branch_id, bay_id, starts_at, ends_at in given_up:
        if ends_at > now:
            to_come = max(starts_at, now), ends_at
            freed.setdefault((branch_id, bay_id), []).extend(left_of(to_come, kept if bay_id == kept_bay_id else ()))
    for (branch_id, bay_id), periods in freed.items():
        if periods:
            time_freed.send(Occupation, branch_id=branch_id, bay_id=bay_id, periods=periods, now=now)


def find_lane(
    bay: Bay,
    starts_at: datetime,
    ends_at: datetime,
    *,
    closes_at: datetime | None = None,
    ignoring: int | None = None,
    on_top_of: Collection[int] | None = None,
    holder_id: int | None = None,
    real_now: datetime | None = None,
) -> int:
    """The lowest lane that is free in that time, and stays so; `ignoring` is the visit that looks for it.

    `on_top_of`: the visits that whoever overbooks was shown there; `BayTaken` where anything else is in the way.
    """
    queue_for(bay.pk, *([ignoring] if ignoring else []))
    found = in_the_way(bay.pk, worked_periods(bay, starts_at, ends_at, closes_at), ignoring=ignoring)
    occupied = [each for each in found if not _gives_way(each, holder_id, real_now)]
    if on_top_of is not None and any(each.visit_id not in on_top_of for each in occupied):
        raise BayTaken(bay.pk, occupied)
    return lowest_free_lane(each.lane for each in occupied)


def close_bay(bay: Bay, closures: Sequence[Closure]) -> None:
    """Take the bay out of use; whoever holds a time there for a client lets it go. Raises `BayTaken` where visits are
    planned meanwhile."""
    with _refused_when_taken(bay, [(each.starts_at, each.ends_at) for each in closures], 0), transaction.atomic():
        queue_for(bay.pk)
        for each in closures:
            holds = Occupation.objects.filter(of=Occupation.Of.HOLD, bay=bay)
            holds.filter(starts_at__lt=each.ends_at, ends_at__gt=each.starts_at).delete()
        Occupation.objects.bulk_create(
            Occupation(
                branch_id=bay.branch_id,
                bay=bay,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                of=Occupation.Of.CLOSURE,
                note=each.note,
            )
            for each in closures
        )


def open_bay(bay: Bay, closures: Sequence[Closure], now: datetime) -> None:
    """The bay is in use again in times when it was to be closed."""
    queue_for(bay.pk)
    for each in closures:
        Occupation.objects.filter(
            of=Occupation.Of.CLOSURE, bay=bay, starts_at=each.starts_at, ends_at=each.ends_at
        ).delete()
    _tell_of_freed([(bay.branch_id, bay.pk, each.starts_at, each.ends_at) for each in closures], None, (), now)


def hold(
    bay: Bay,
    starts_at: datetime,
    ends_at: datetime,
    *,
    user_id: int,
    real_now: datetime,
    visit_id: int | None = None,
) -> Hold:
    """Keep an offered slot for a user for five minutes; of two slots held already, the older gives way.

    `visit_id` is the visit that would move there: what it occupies itself need not be held.
    Raises `BayTaken` with what is in the way.
    """
    held_until = real_now + HOLD_LASTS
    worked = worked_periods(bay, starts_at, ends_at, place_in_day(bay.branch_id, starts_at).closes_at)
    with transaction.atomic():
        queue_for(bay.pk)
        _GIVING_WAY.delete(bay.pk, None, real_now)
        Occupation.objects.filter(
            of=Occupation.Of.HOLD, bay=bay, held_by_id=user_id, starts_at__lt=ends_at, ends_at__gt=starts_at
        ).delete()
        _let_oldest_go(user_id, real_now)
        own = _own_periods(bay, visit_id)
        periods = [part for period in worked for part in left_of(period, own)]
        with _refused_when_taken(bay, periods, 0), transaction.atomic():
            Occupation.objects.bulk_create(
                Occupation(
                    branch_id=bay.branch_id,
                    bay=bay,
                    starts_at=part_starts_at,
                    ends_at=part_ends_at,
                    of=Occupation.Of.HOLD,
                    held_by_id=user_id,
                    held_until=held_until,
                )
                for part_starts_at, part_ends_at in periods
            )
    return Hold(bay.pk, starts_at, ends_at, held_until)


def release_holds(user_id: int) -> int:
    """Let go of everything the user holds."""
    return _HELD_BY.delete(user_id)


def release_hold(held: Hold, *, user_id: int) -> None:
    """Let go of that hold of the user's, and of no later one of the same time."""
    Occupation.objects.filter(
        of=Occupation.Of.HOLD,
        bay_id=held.bay_id,
        held_by_id=user_id,
        held_until=held.held_until,
        starts_at__lt=held.ends_at,
        ends_at__gt=held.starts_at,
    ).delete()


def forget_lapsed_holds(real_now: datetime) -> int:
    """For the watch, so that none stays behind on a bay that nobody books."""
    deleted, _ = Occupation.objects.filter(of=Occupation.Of.HOLD, held_until__lte=real_now).delete()
    return deleted


def _require_no_longer(periods: Iterable[Period]) -> None:
    """A longer one would be overlooked: what touches a time is looked for no further back."""
    if any(ends_at - starts_at > LONGEST_OCCUPATION for starts_at, ends_at in periods):
        raise TooLong


@contextmanager
def _refused_when_taken(
    bay: Bay,
    periods: Sequence[Period],
    lane: int,
    visit_id: int | None = None,
    holder_id: int | None = None,
    real_now: datetime | None = None,
) -> Iterator[None]:
    """Turn the database's refusal into `BayTaken`; the savepoint inside has put everything back by then."""
    _require_no_longer(periods)
    try:
        yield
    except IntegrityError as error:
        if RULE not in str(error):
            raise
        found = in_the_way(bay.pk, periods, lane=lane, ignoring=visit_id)
        raise BayTaken(bay.pk, [each for each in found if not _gives_way(each, holder_id, real_now)]) from error


def _gives_way(occupied: Occupied, holder_id: int | None, real_now: datetime | None) -> bool:
    if occupied.held_until is None:
        return False
    return occupied.held_by_id == holder_id or (real_now is not None and occupied.held_until <= real_now)


def _own_periods(bay: Bay, visit_id: int | None) -> list[Period]:
    if visit_id is None:
        return []
    rows = Occupation.objects.filter(of=Occupation.Of.VISIT, visit_id=visit_id, bay=bay, lane=0)
    return list(rows.values_list("starts_at", "ends_at"))


def _let_oldest_go(user_id: int, real_now: datetime) -> None:
    held = sorted({each.held_until for each in live_holds(user_id, real_now) if each.held_until})
    given_up = held[: max(0, len(held) - HOLDS_OF_A_USER + 1)]
    Occupation.objects.filter(of=Occupation.Of.HOLD, held_by_id=user_id, held_until__in=given_up).delete()
