"""The wave behind a late client: whom the lateness hits, and what can be done about it, best first.

It knows periods of bays and nothing of visits but their numbers. Everything is weighed in minutes that a client waits:
so much is a minute of an idle bay, a call, another bay, another day, another branch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vovremya.schedule.rules import slots
from vovremya.schedule.rules.arranging import (
    BAY_CHANGE,
    CALL,
    Arrangement,
    Job,
    Placed,
    Shop,
    arrange,
    is_to_be_told,
    waiting_minutes,
)
from vovremya.schedule.rules.slots import Station, Taken, Wish

IDLE_MINUTE = 1
#: A client who comes another day, or goes elsewhere, is half lost, and the day's work with them.
OTHER_DAY = 240
OTHER_BRANCH = 90
#: Nobody is at another branch sooner than this after the arrival here.
TO_ANOTHER_BRANCH = timedelta(minutes=30)
#: An advisor receives one car at a time; who comes meanwhile waits.
RECEPTION = timedelta(minutes=15)

_STEP_MINUTES = 15
_MINUTE = timedelta(minutes=1)


class PlanKind(StrEnum):
    SHIFT = "shift"  # the late one on arrival on its bay; those after it later
    REARRANGE = "rearrange"  # the same, but they may go to other bays
    OTHER_BAY = "other_bay"
    LATER_TODAY = "later_today"
    OTHER_DAY = "other_day"
    OTHER_BRANCH = "other_branch"


class Cause(StrEnum):
    BAY = "bay"
    ADVISOR = "advisor"


class Advantage(StrEnum):
    """Why the first plan is the first."""

    NOBODY_HIT = "nobody_hit"
    LEAST_WAITING = "least_waiting"
    LEAST_IDLE = "least_idle"
    FEWEST_CALLS = "fewest_calls"
    ONLY_ONE = "only_one"
    LEAST_IN_ALL = "least_in_all"


@dataclass(frozen=True, slots=True)
class Late:
    """The late visit as it is planned, and when it comes."""

    visit_id: int
    bay_id: int
    group_id: int
    starts_at: datetime
    ends_at: datetime
    arrives_at: datetime
    is_on_the_line: bool  # hears of the new time at once, and can agree to another day

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Arrival:
    """A client of the late one's advisor."""

    visit_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another branch, with its day, and its bays that do such work."""

    branch_id: int
    station: Station
    group_id: int


@dataclass(frozen=True)
class Outlook:
    """Where a place for the late one can be looked for."""

    shop: Shop
    arrivals: Sequence[Arrival] = ()
    later: Iterable[Station] = ()  # the days to come, a few at a time: none is asked for after the first free time
    elsewhere: Sequence[Elsewhere] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    visit_id: int
    minutes: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Cost:
    waiting_minutes: int
    idle_minutes: int
    calls: int


@dataclass(frozen=True, slots=True)
class WavePlan:
    kind: PlanKind
    placed: Placed
    others: tuple[Placed, ...]
    told_ids: tuple[int, ...]  # whose clients have to be called
    cost: Cost
    score: int
    branch_id: int | None = None  # another one
    is_cheapest: bool = True

    @property
    def touched_ids(self) -> tuple[int, ...]:
        return (self.placed.visit_id, *(each.visit_id for each in self.others))


def hits(late: Late, outlook: Outlook) -> list[Hit]:
    """Whom the lateness keeps waiting where nothing is done but to take everybody in turn."""
    shop = outlook.shop
    placed = _own_bay(late, shop)
    arrangement = arrange(shop, placed, may_change_bay=False) if placed else None
    if placed is None or arrangement is None:
        return []
    found = [
        Hit(each.visit_id, waiting_minutes(shop.by_visit[each.visit_id], each), Cause.BAY)
        for each in arrangement.changed
        if waiting_minutes(shop.by_visit[each.visit_id], each)
    ]
    waits = _waits_for_the_advisor(placed.starts_at, arrangement.changed, outlook)
    return found + [Hit(visit_id, minutes, Cause.ADVISOR) for visit_id, minutes in waits.items()]


def plans(late: Late, outlook: Outlook, *, now: datetime) -> list[WavePlan]:
    """What can be done, the least loss first."""
    found = [*_on_own_bay(late, outlook), *_elsewhere_today(late, outlook), *_another_day(late, outlook, now=now)]
    return sorted(found, key=lambda plan: (plan.score, list(PlanKind).index(plan.kind)))


def advantage(ranked: Sequence[WavePlan]) -> Advantage:
    """In what the first of the ranked plans is better than the others."""
    best, *others = ranked
    costs = [other.cost for other in others]
    if not others:
        return Advantage.ONLY_ONE
    if not best.others and not best.told_ids and not best.cost.waiting_minutes:
        return Advantage.NOBODY_HIT
    if _is_least(best.cost.waiting_minutes, [cost.waiting_minutes for cost in costs]):
        return Advantage.LEAST_WAITING
    if _is_least(best.cost.idle_minutes, [cost.idle_minutes for cost in costs]):
        return Advantage.LEAST_IDLE
    if _is_least(best.cost.calls, [cost.calls for cost in costs]):
        return Advantage.FEWEST_CALLS
    return Advantage.LEAST_IN_ALL


def _is_least(own: int, others: Sequence[int]) -> bool:
    return own <= min(others) and own < max(others)


# --- where the late one can go -----------------------------------------------------------------------------------


def _on_own_bay(late: Late, outlook: Outlook) -> Iterator[WavePlan]:
    placed = _own_bay(late, outlook.shop)
    if placed is None:
        return
    shifted = arrange(outlook.shop, placed, may_change_bay=False)
    if shifted:
        yield _plan(PlanKind.SHIFT, late, placed, shifted, outlook)
    rearranged = arrange(outlook.shop, placed, may_change_bay=True)
    if rearranged and (shifted is None or rearranged.changed != shifted.changed):
        yield _plan(PlanKind.REARRANGE, late, placed, rearranged, outlook)


def _own_bay(late: Late, shop: Shop) -> Placed | None:
    """As soon after the arrival as what cannot give way lets it."""
    own = [bay for bay in shop.station.bays if bay.bay_id == late.bay_id]
    station = replace(shop.station, bays=own)
    starts_at = slots.free_from(station, late.bay_id, late.arrives_at, late.duration)
    return _placed(late, late.bay_id, starts_at) if starts_at else None


def _elsewhere_today(late: Late, outlook: Outlook) -> Iterator[WavePlan]:
    """Another bay on arrival, and the soonest time after it: both without anybody giving way."""
    free = [_placed(late, bay_id, starts_at) for bay_id, starts_at in _free_times(late, outlook.shop)]
    on_arrival = (each for each in free if each.starts_at == late.arrives_at and each.bay_id != late.bay_id)
    later = sorted((each for each in free if each.starts_at > late.arrives_at), key=lambda each: each.starts_at)
    for kind, placed in ((PlanKind.OTHER_BAY, next(on_arrival, None)), (PlanKind.LATER_TODAY, next(iter(later), None))):
        arrangement = arrange(outlook.shop, placed, may_change_bay=True) if placed else None
        if placed and arrangement:
            yield _plan(kind, late, placed, arrangement, outlook)


def _free_times(late: Late, shop: Shop) -> Iterator[tuple[int, datetime]]:
    """When each bay can be had first without anybody giving way."""
    for bay in shop.station.bays:
        jobs = [Taken(job.starts_at, job.ends_at, job.visit_id) for job in shop.jobs if job.bay_id == bay.bay_id]
        station = replace(shop.station, bays=[replace(bay, taken=[*bay.taken, *jobs])])
        starts_at = slots.free_from(station, bay.bay_id, late.arrives_at, late.duration)
        if starts_at:
            yield bay.bay_id, starts_at


def _another_day(late: Late, outlook: Outlook, *, now: datetime) -> Iterator[WavePlan]:
    """Not for a car that has another work after this one: the two are moved together, by hand."""
    if any(job.after_visit_id == late.visit_id for job in outlook.shop.jobs):
        return
    nobody = Arrangement((), is_cheapest=True)
    slots_of_days = (_first_slot(days, late, late.group_id, since=now) for days in outlook.later)
    if soonest := next(filter(None, slots_of_days), None):
        yield _plan(PlanKind.OTHER_DAY, late, soonest, nobody, outlook)
    for branch in outlook.elsewhere:
        since = late.arrives_at + TO_ANOTHER_BRANCH
        if slot := _first_slot(branch.station, late, branch.group_id, since=since):
            plan = _plan(PlanKind.OTHER_BRANCH, late, slot, nobody, outlook)
            yield replace(plan, branch_id=branch.branch_id)


def _first_slot(station: Station, late: Late, group_id: int, *, since: datetime) -> Placed | None:
    minutes = -(-late.duration // _MINUTE)
    wish = Wish(duration_minutes=minutes, group_id=group_id, step_minutes=_STEP_MINUTES)
    found = slots.free_slots(station, wish, now=since, limit=1)
    return _placed(late, found[0].bay_id, found[0].starts_at) if found else None


def _placed(late: Late, bay_id: int, starts_at: datetime) -> Placed:
    return Placed(late.visit_id, bay_id, starts_at, starts_at + late.duration)


# --- what it costs -----------------------------------------------------------------------------------------------


def _plan(kind: PlanKind, late: Late, placed: Placed, arrangement: Arrangement, outlook: Outlook) -> WavePlan:
    others, jobs = arrangement.changed, outlook.shop.by_visit
    told = [each.visit_id for each in others if is_to_be_told(jobs[each.visit_id], each)]
    if placed.starts_at != late.arrives_at and not late.is_on_the_line:
        told.insert(0, late.visit_id)
    is_today = kind is not PlanKind.OTHER_DAY
    own_wait = (placed.starts_at - late.arrives_at) // _MINUTE if is_today else 0
    is_here = is_today and kind is not PlanKind.OTHER_BRANCH
    advisor = sum(_waits_for_the_advisor(placed.starts_at, others, outlook).values()) if is_here else 0
    cost = Cost(
        waiting_minutes=own_wait + advisor + sum(waiting_minutes(jobs[each.visit_id], each) for each in others),
        idle_minutes=_idle_minutes(late, placed, others, is_here=is_here),
        calls=len(told),
    )
    return WavePlan(
        kind=kind,
        placed=placed,
        others=others,
        told_ids=tuple(told),
        cost=cost,
        score=_score(kind, late, placed, cost, others, jobs),
        is_cheapest=arrangement.is_cheapest,
    )


def _score(
    kind: PlanKind, late: Late, placed: Placed, cost: Cost, others: Sequence[Placed], jobs: Mapping[int, Job]
) -> int:
    own_bay = BAY_CHANGE if placed.bay_id != late.bay_id else 0
    far = {PlanKind.OTHER_DAY: OTHER_DAY, PlanKind.OTHER_BRANCH: OTHER_BRANCH}.get(kind, 0)
    bays = sum(BAY_CHANGE for each in others if each.bay_id != jobs[each.visit_id].bay_id)
    return cost.waiting_minutes + IDLE_MINUTE * cost.idle_minutes + CALL * cost.calls + own_bay + bays + far


def _idle_minutes(late: Late, placed: Placed, others: Sequence[Placed], *, is_here: bool) -> int:
    """How much of the time that was meant for the late one nobody is worked on, on its bay."""
    busy = [(each.starts_at, each.ends_at) for each in (placed, *others) if is_here and each.bay_id == late.bay_id]
    idle, since = timedelta(0), late.starts_at
    for starts_at, ends_at in sorted(busy):
        idle += max(min(starts_at, late.ends_at) - since, timedelta(0))
        since = max(since, min(ends_at, late.ends_at))
    return (idle + late.ends_at - since) // _MINUTE


def _waits_for_the_advisor(received_at: datetime, others: Sequence[Placed], outlook: Outlook) -> dict[int, int]:
    """Minutes by visit: those who come while the late client is being received."""
    moved = {each.visit_id: each.starts_at for each in others}
    come = {each.visit_id: moved.get(each.visit_id, each.starts_at) for each in outlook.arrivals}
    until = received_at + RECEPTION
    return {
        visit_id: (until - starts_at) // _MINUTE
        for visit_id, starts_at in come.items()
        if received_at <= starts_at < until
    }
