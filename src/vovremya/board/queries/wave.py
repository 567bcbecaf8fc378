"""What a lateness does to the visits after it, and the plans that can be made: read for the window «Сдвиг записей»."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db.models import Exists, F, OuterRef

from vovremya.board.queries.windows import VisitWindow
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.schedule.queries import Asker, business_day_of, station_of_days
from vovremya.schedule.rules import wave
from vovremya.schedule.rules.arranging import Job, Placed, Shop
from vovremya.schedule.rules.slots import Station
from vovremya.schedule.rules.wave import Advantage, Arrival, Cause, Elsewhere, Late, Outlook, PlanKind, WavePlan
from vovremya.visits.actions.wave import Shift
from vovremya.visits.models import Case, Visit
from vovremya.visits.queries import arrivals_between
from vovremya.visits.rules.words import CaseKind, Status

#: So far ahead another day is looked for: so many days at a time, since the next few mostly have one free.
LATER_DAYS = (2, 4, 8)
#: Of a large network so many branches are asked, in their order; and so many plans are shown.
ASKED_BRANCHES = 8
SHOWN_PLANS = 8

_FOR_WHO_IS_ON_THE_LINE = frozenset({PlanKind.OTHER_DAY, PlanKind.OTHER_BRANCH})
_WHOLE_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ShownHit:
    visit: Visit
    minutes: int
    cause: Cause


@dataclass(frozen=True)
class ShownMove:
    """Of one who gives way; `starts_at` is the new time."""

    visit: Visit
    starts_at: datetime
    bay_name: str
    is_to_be_told: bool


@dataclass(frozen=True)
class ShownPlan:
    """`value` is what the form sends back: what is moved where, as it was seen."""

    plan: WavePlan
    value: str
    starts_at: datetime
    bay_name: str
    branch: Branch | None
    moves: Sequence[ShownMove]
    needs_talk: bool
    is_preset: bool  # the best of those that can be done


@dataclass(frozen=True)
class Wave:
    hits: Sequence[ShownHit]
    plans: Sequence[ShownPlan]
    advantage: Advantage | None


def arrival_on(typed_at: datetime, now: datetime) -> datetime:
    """The minute that is said aloud, and none that has passed."""
    return max(_whole_minute(typed_at), _whole_minute(now + _WHOLE_MINUTE - timedelta(milliseconds=1)))


def wave_of(
    window: VisitWindow,
    arrives_at: datetime,
    *,
    is_on_the_line: bool,
    asker: Asker,
    branches: Sequence[Branch],
) -> Wave:
    """`branches` are those where the visit could be booked as well."""
    visit = window.visit
    late = late_of(visit, arrives_at, is_on_the_line=is_on_the_line)
    outlook, versions = outlook_of(window, arrives_at, asker, branches)
    plans = wave.plans(late, outlook, now=window.now)[:SHOWN_PLANS]
    hits = wave.hits(late, outlook)
    visits = _visits_of([*(hit.visit_id for hit in hits), *(each for plan in plans for each in plan.touched_ids)])
    bay_names = _bay_names(each for plan in plans for each in (plan.placed, *plan.others))
    by_id = {branch.pk: branch for branch in branches}
    unasked = [plan for plan in plans if is_on_the_line or plan.kind not in _FOR_WHO_IS_ON_THE_LINE]
    shown = [
        ShownPlan(
            plan=plan,
            value=_value(plan, versions | {visit.pk: visit.plan_version}),
            starts_at=plan.placed.starts_at,
            bay_name=bay_names[plan.placed.bay_id],
            branch=by_id.get(plan.branch_id or 0),
            moves=[
                ShownMove(visits[each.visit_id], each.starts_at, bay_names[each.bay_id], each.visit_id in plan.told_ids)
                for each in plan.others
            ],
            needs_talk=plan not in unasked,
            is_preset=plan in unasked[:1],
        )
        for plan in plans
    ]
    return Wave(
        hits=[ShownHit(visits[hit.visit_id], hit.minutes, hit.cause) for hit in hits],
        plans=shown,
        advantage=wave.advantage(plans) if plans else None,
    )


def late_of(visit: Visit, arrives_at: datetime, *, is_on_the_line: bool) -> Late:
    return Late(visit.pk, visit.bay_id, visit.bay.group_id, visit.starts_at, visit.ends_at, arrives_at, is_on_the_line)


def read_plan(value: str) -> tuple[PlanKind, int | None, list[Shift]] | None:
    """The plan that a form sends back: its kind, the other branch, the shifts, the late one's first; None for anything
    else."""
    kind, *rest = value.split(" ")
    try:
        branch, *shifts = [[int(number) for number in part.split(".")] for part in rest]
        read = [
            Shift(visit_id, version, bay_id, datetime.fromtimestamp(seconds, tz=UTC))
            for visit_id, version, bay_id, seconds in shifts
        ]
        return (PlanKind(kind), branch[0] or None, read) if read else None
    except (ValueError, OverflowError, OSError):
        return None


def _value(plan: WavePlan, versions: Mapping[int, int]) -> str:
    shifts = [
        f"{each.visit_id}.{versions[each.visit_id]}.{each.bay_id}.{int(each.starts_at.timestamp())}"
        for each in (plan.placed, *plan.others)
    ]
    return " ".join([plan.kind, str(plan.branch_id or 0), *shifts])


def outlook_of(
    window: VisitWindow, arrives_at: datetime, asker: Asker, branches: Sequence[Branch]
) -> tuple[Outlook, dict[int, int]]:
    """Where a place can be looked for, and the versions of the plans of those who may give way."""
    visit = window.visit
    rows = list(_may_give_way(visit, window.now))
    jobs = [
        Job(
            visit_id=row.pk,
            bay_id=row.bay_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            after_visit_id=row.follows_id,
            is_of_late_client=row.client_id == visit.client_id,
        )
        for row in rows
        if row.bay.group_id == visit.bay.group_id
    ]
    movable = {visit.pk, *(job.visit_id for job in jobs)}
    today = _station(visit.branch_id, visit.on, 1, asker)
    arrivals = [
        Arrival(row.pk, row.starts_at) for row in rows if visit.advisor_id and row.advisor_id == visit.advisor_id
    ]
    outlook = Outlook(
        # A pause is there to be used up by whoever is late.
        shop=Shop(_without(replace(_of_group(today, visit.bay.group_id), pause=timedelta(0)), movable), jobs),
        arrivals=arrivals,
        later=_later(visit, asker),
        elsewhere=list(_elsewhere(visit, arrives_at, asker, branches)),
    )
    return outlook, {row.pk: row.plan_version for row in rows}


def _later(visit: Visit, asker: Asker) -> Iterator[Station]:
    first_on = visit.on + _DAY
    for days in LATER_DAYS:
        yield _of_group(_station(visit.branch_id, first_on, days, asker), visit.bay.group_id)
        first_on += days * _DAY


def _may_give_way(visit: Visit, now: datetime) -> Iterable[Visit]:
    """Those to come that day, and to leave, whom nobody speaks to about being late."""
    late_case = Case.objects.filter(visit=OuterRef("pk"), ended_at=None, kind=CaseKind.LATE)
    planned = Visit.objects.filter(
        ~Exists(late_case), branch_id=visit.branch_id, on=visit.on, status=Status.PLANNED, lane=0, starts_at__gt=now
    )
    return (
        planned.filter(ends_at__lte=F("day_ends_at"))
        .exclude(pk=visit.pk)
        .select_related("bay")
        .only(
            "bay_id", "bay__group_id", "starts_at", "ends_at", "follows_id", "client_id", "advisor_id", "plan_version"
        )
    )


def _elsewhere(visit: Visit, arrives_at: datetime, asker: Asker, branches: Sequence[Branch]) -> Iterator[Elsewhere]:
    """The day of the branches that have bays of the same name for such work."""
    groups = BayGroup.objects.filter(
        branch__in=[branch.pk for branch in branches], name=visit.bay.group.name
    ).values_list("branch_id", "id")
    for branch_id, group_id in list(groups)[:ASKED_BRANCHES]:
        day = business_day_of(branch_id, arrives_at + wave.TO_ANOTHER_BRANCH)
        station = _station(branch_id, day.on, 1, replace(asker, visit_id=None))
        yield Elsewhere(branch_id, _of_group(station, group_id), group_id)


def _station(branch_id: int, first_on: date, count: int, asker: Asker) -> Station:
    arrivals = partial(arrivals_between, branch_id, ignoring=asker.visit_id)
    return station_of_days(branch_id, first_on, count, asker=asker, arrivals_between=arrivals)


def _of_group(station: Station, group_id: int) -> Station:
    return replace(station, bays=[bay for bay in station.bays if bay.group_id == group_id])


def _without(station: Station, visit_ids: set[int]) -> Station:
    bays = [
        replace(bay, taken=[taken for taken in bay.taken if taken.visit_id not in visit_ids]) for bay in station.bays
    ]
    return replace(station, bays=bays)


def _visits_of(visit_ids: Iterable[int]) -> dict[int, Visit]:
    return Visit.objects.select_related("client", "car", "bay").in_bulk(list(visit_ids))


def _bay_names(placed: Iterable[Placed]) -> dict[int, str]:
    return dict(Bay.objects.filter(pk__in={each.bay_id for each in placed}).values_list("id", "name"))


def _whole_minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
