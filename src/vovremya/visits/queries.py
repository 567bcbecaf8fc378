"""Reading visits and their cases: the facts that the rules judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from vovremya.customers.models import Client, Retention
from vovremya.customers.rules.erasure import months_before
from vovremya.directory.models import Policy, Work
from vovremya.directory.queries import policy_in_force
from vovremya.directory.rules import Actor
from vovremya.journal.models import Entry
from vovremya.kernel.clock import from_milliseconds
from vovremya.schedule.queries import (
    Asker,
    Calendar,
    obstacles_around,
    parts_over_nights,
    terms_of,
    worked_periods,
)
from vovremya.schedule.rules.obstacles import Obstacle, ObstacleKind, Place, Touch
from vovremya.schedule.rules.occupied import Period
from vovremya.schedule.rules.slots import groups_fit_for_all
from vovremya.schedule.rules.stranding import Planned, Stranded, stranded_by
from vovremya.storage.statements import Reading
from vovremya.visits.models import Attempt, Case, Lease, Visit, VisitWork
from vovremya.visits.refusals import NotPlanned, WrongMoment
from vovremya.visits.rules.case import AttemptFacts, CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.journal_facts import VisitChanged, VisitMoved
from vovremya.visits.rules.plan import earliest_start, right_to_move
from vovremya.visits.rules.reminding import Reminder, ReminderPolicy
from vovremya.visits.rules.timeline import BEGINNING, Timeline, is_deadline_missed, state_at, state_timeline
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, State, Status

#: The leader of a chain keeps its follower from being late while the car may still be coming or is here.
LEADING = frozenset({Status.PLANNED, Status.ARRIVED, Status.IN_WORK, Status.DONE})
#: What happens to a visit without anybody's having touched it.
_BY_ITSELF = ("turned_late", "deadline_missed", "reminder_came_due", "retry_came_due", "client_did_not_arrive")
#: Changes that follow from what was done elsewhere: to another visit of the car, to the hours of the branch.
_FOLLOWING = ("follows", "hours")


def policy_facts(policy: Policy) -> PolicyFacts:
    return PolicyFacts(
        late_after=timedelta(minutes=policy.late_after_minutes),
        contact_within=timedelta(minutes=policy.contact_within_minutes),
        retry_after=timedelta(minutes=policy.retry_after_minutes),
        attempts=policy.attempts,
        near_within=timedelta(minutes=policy.near_within_minutes),
        voicemail_counts=policy.voicemail_counts,
    )


def reminder_policy(policy: Policy) -> ReminderPolicy:
    before = policy.remind_before_minutes
    return ReminderPolicy(
        day_before_minute=policy.remind_day_before_minute,
        before=None if before is None else timedelta(minutes=before),
        calls_from_minute=policy.calls_from_minute,
        calls_until_minute=policy.calls_until_minute,
    )


def attempt_facts(attempt: Attempt) -> AttemptFacts:
    return AttemptFacts(
        started_at=attempt.started_at,
        result=CallResult(attempt.result) if attempt.result else None,
        ended_at=attempt.ended_at,
        counts=attempt.counts,
    )


def case_facts(case: Case, attempts: Sequence[Attempt]) -> CaseFacts:
    return CaseFacts(
        attempts=tuple(attempt_facts(attempt) for attempt in attempts),
        retry_at=case.retry_at,
        reached_at=case.reached_at,
        first_reached_at=case.first_reached_at,
        last_reached_at=case.last_reached_at,
        grounds=Grounds(case.grounds),
        kind=CaseKind(case.kind),
        known_starts_at=case.known_starts_at,
    )


def visit_facts(visit: Visit, case: Case | None, attempts: Sequence[Attempt]) -> VisitFacts:
    return VisitFacts(
        status=Status(visit.status),
        starts_at=visit.starts_at,
        day_ends_at=visit.day_ends_at,
        closes_at=visit.closes_at,
        expected_at=visit.expected_at,
        follows_another=visit.follows is not None and visit.follows.status in LEADING,
        reminder=reminder_of(visit),
        confirmation=Confirmation(visit.confirmation),
        case=case_facts(case, attempts) if case else None,
    )


def reminder_of(visit: Visit) -> Reminder | None:
    if visit.remind_at is None:
        return None
    return Reminder(visit.remind_at, visit.remind_pauses_at, visit.remind_resumes_at)


def is_client_of(branch_id: int) -> Exists:
    """Asked of a client: whether the branch has or had a visit of them."""
    return Exists(Visit.objects.filter(client=OuterRef("pk"), branch_id=branch_id))


def due_clients(retention: Retention, today: date) -> QuerySet[Client]:
    """Who has not been here for as long as clients are kept, and is not kept for a reason; the longest known first."""
    if retention.client_months is None:
        return Client.objects.none()
    before = datetime.combine(months_before(today, retention.client_months), time.min, UTC)
    # Asked of the client and of those merged into them apart, each by its own index.
    recent = Visit.objects.filter(client=OuterRef("pk"), starts_at__gte=before)
    recent_of_merged = Visit.objects.filter(client__merged_into=OuterRef("pk"), starts_at__gte=before)
    here = Visit.objects.filter(client=OuterRef("pk"), status__in=(Status.ARRIVED, Status.IN_WORK))
    known = Client.objects.filter(network=retention.network_id, erased_at=None, merged_into=None)
    due = known.filter(~Exists(recent), ~Exists(recent_of_merged), ~Exists(here), created_at__lt=before)
    # Merges of older releases left the reasons to be kept with the card that is gone.
    due = due.exclude(keepings__until__gte=today).exclude(merged__keepings__until__gte=today)
    return due.order_by("created_at", "pk")


_OPEN_CASE = Reading(
    lambda visit_id: Case.objects.select_related("policy").filter(visit_id=visit_id, ended_at=None),
)
_ATTEMPTS = Reading(lambda case_id: Attempt.objects.select_related("phone", "started_by").filter(case_id=case_id))
_LEASE = Reading(lambda case_id: Lease.objects.select_related("user").filter(case_id=case_id))


def open_case_of(visit_id: int) -> Case | None:
    return _OPEN_CASE.first(visit_id)


def attempts_of_case(case: Case) -> list[Attempt]:
    """In their order."""
    return _ATTEMPTS.all(case.pk)


def open_cases_of(visit_ids: Sequence[int]) -> dict[int, Case]:
    """By visit."""
    cases = Case.objects.select_related("policy").filter(visit_id__in=visit_ids, ended_at=None)
    return {case.visit_id: case for case in cases}


def attempts_of(case_ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """By case, in their order."""
    found: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.select_related("phone", "started_by").filter(case_id__in=case_ids):
        found.setdefault(attempt.case_id, []).append(attempt)
    return found


def last_case_of(visit_id: int) -> Case | None:
    return Case.objects.select_related("policy", "ended_by").filter(visit_id=visit_id).order_by("-round").first()


def lease_of(case: Case) -> Lease | None:
    return _LEASE.first(case.pk)


@dataclass(frozen=True)
class Standing:
    """Where a visit stands: its timeline with what it was made from."""

    visit: Visit
    case: Case | None
    attempts: tuple[Attempt, ...]
    facts: VisitFacts
    policy: PolicyFacts
    timeline: Timeline

    def state(self, now: datetime) -> State:
        return state_at(self.timeline, now).state

    def is_missed(self, now: datetime) -> bool:
        return is_deadline_missed(self.facts, self.policy, now)


def standing_of(visit: Visit) -> Standing:
    """The standing of a visit read with its policy and the visit it follows."""
    case = open_case_of(visit.pk)
    attempts = attempts_of_case(case) if case else ()
    return standing_from(visit, case, attempts)


def standing_from(visit: Visit, case: Case | None, attempts: Sequence[Attempt]) -> Standing:
    """The standing from what has been read already."""
    policy = policy_facts(case.policy if case else visit.policy)
    facts = visit_facts(visit, case, attempts)
    return Standing(visit, case, tuple(attempts), facts, policy, state_timeline(facts, policy))


def place_of(visit: Visit) -> Place:
    return Place(visit.bay_id, visit.starts_at, visit.ends_at)


def obstacles_by_hand(
    visit: Visit,
    starts_at: datetime,
    ends_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    calendar: Calendar,
) -> list[Obstacle]:
    """What the visit meets when the actor moves it by hand in that period: of several, the first is told.

    Raises `NotPlanned`, `NotAllowed` and `WrongMoment` where it cannot be moved by hand at all.
    """
    right = right_to_move(Status(visit.status))
    if right is None:
        raise NotPlanned(f"not_planned_{visit.status}", visit=visit)
    actor.require(visit.branch_id, right)
    if len(_worked_periods(visit)) > 1:
        raise WrongMoment("works_over_nights")
    asker = Asker(real_now=real_now, user_id=actor.user_id, visit_id=visit.pk)
    is_planned = visit.status == Status.PLANNED
    around = obstacles_around(
        visit.branch_id,
        groups_fit_for(visit),
        starts_at,
        ends_at,
        asker=asker,
        calendar=calendar,
        knows_hours=is_planned,
    )
    if is_planned:
        past_until = earliest_start(policy_facts(policy_in_force(visit.branch_id, now)), now)
        past = Obstacle(ObstacleKind.PAST, BEGINNING, past_until, touch=Touch.START)
    else:
        past = Obstacle(ObstacleKind.PAST, BEGINNING, now, touch=Touch.END)
    return [past, *around]


def works_of_directory(visit: Visit) -> QuerySet[Work]:
    """An import brings works that the directory does not know."""
    codes = visit.works.exclude(code="").values("code")
    return Work.objects.filter(network_id=visit.branch.network_id, code__in=codes)


def groups_fit_for(visit: Visit) -> frozenset[int]:
    """The groups of bays of its branch where all that it is for can be done: its own, and those its works name. One
    query."""
    groups: dict[int, set[int]] = {}
    of_branch = FilteredRelation("bay_groups", condition=Q(bay_groups__branch_id=visit.branch_id))
    rows = works_of_directory(visit).annotate(of_branch=of_branch).values_list("pk", "of_branch__pk")
    for work_id, group_id in rows:
        groups.setdefault(work_id, set()).update([group_id] if group_id else [])
    return frozenset({visit.bay.group_id}) | (groups_fit_for_all(groups.values()) or frozenset())


def work_lasts(visit: Visit) -> timedelta:
    """Without the nights that it lasts over."""
    return sum((ends_at - starts_at for starts_at, ends_at in _worked_periods(visit)), timedelta())


def _worked_periods(visit: Visit) -> Sequence[Period]:
    """What it has of its bay; of one that was removed, what it would get."""
    periods = parts_over_nights([visit.pk]).get(visit.pk)
    return periods or worked_periods(visit.bay, visit.starts_at, visit.ends_at, visit.closes_at)


def arrivals_between(
    branch_id: int, since: datetime, until: datetime, *, ignoring: int | None = None
) -> dict[int, list[datetime]]:
    """By advisor, when cars are to be received; `ignoring` is a visit that moves. One query."""
    visits = Visit.objects.filter(branch_id=branch_id, starts_at__gte=since, starts_at__lt=until)
    planned = (
        visits.exclude(status__in=(Status.REMOVED, Status.NO_SHOW)).exclude(advisor=None).exclude(pk=ignoring or 0)
    )
    found: dict[int, list[datetime]] = {}
    for advisor_id, starts_at in planned.values_list("advisor_id", "starts_at"):
        found.setdefault(advisor_id, []).append(starts_at)
    return found


def off_schedule(branch_id: int, now: datetime) -> list[Stranded]:
    """The visits to come that stand outside hours, bays and shifts as they are set. A fixed number of queries."""
    return stranded_by(terms_of(branch_id, now), _visits_to_come(branch_id, now))


def _visits_to_come(branch_id: int, now: datetime) -> list[Planned]:
    rows = Visit.objects.filter(
        branch_id=branch_id, status__in=(Status.PLANNED, Status.ARRIVED, Status.IN_WORK), ends_at__gt=now
    ).order_by("starts_at", "id")
    parts = parts_over_nights(rows.filter(closes_at__lt=F("ends_at")).values("pk"))
    fitting = _groups_that_fit(branch_id, rows)
    fields = ("pk", "plan_version", "bay_id", "advisor_id", "starts_at", "ends_at", "status")
    return [
        Planned(
            visit_id=pk,
            plan_version=plan_version,
            bay_id=bay_id,
            advisor_id=advisor_id,
            parts=tuple(parts.get(pk, ())) or ((starts_at, ends_at),),
            fit_group_ids=fitting.get(pk),
            is_here=status != Status.PLANNED,
        )
        for pk, plan_version, bay_id, advisor_id, starts_at, ends_at, status in rows.values_list(*fields)
    ]


def _groups_that_fit(branch_id: int, visits: QuerySet[Visit]) -> dict[int, frozenset[int] | None]:
    """By visit, where all its works are done; of those whose works name groups of this branch. At most two queries."""
    groups: dict[str, set[int]] = {}
    named = Work.objects.filter(bay_groups__branch_id=branch_id)
    for code, group_id in named.values_list("code", "bay_groups__id"):
        groups.setdefault(code, set()).add(group_id)
    works: dict[int, list[set[int]]] = {}
    if groups:
        rows = VisitWork.objects.filter(visit__in=visits.order_by().values("pk"), code__in=groups)
        for visit_id, code in rows.values_list("visit_id", "code"):
            works.setdefault(visit_id, []).append(groups[code])
    return {visit_id: groups_fit_for_all(of_works) for visit_id, of_works in works.items()}


_EARLIEST_CHANGE = Reading(
    lambda: (
        Visit.objects.filter(next_change_at__isnull=False).order_by("next_change_at").values_list("next_change_at")[:1]
    )
)


def earliest_change() -> datetime | None:
    """The instant the watch sleeps until, which it asks for after every commit."""
    return next((at for (at,) in _EARLIEST_CHANGE.all()), None)


@cache
def _due(limit: int) -> Reading[tuple[int]]:
    return Reading(
        lambda now: Visit.objects.filter(next_change_at__lte=now).order_by("next_change_at").values_list("id")[:limit]
    )


def due_visit_ids(now: datetime, limit: int) -> list[int]:
    return [visit_id for (visit_id,) in _due(limit).all(now)]


def last_move(visit_id: int) -> Entry | None:
    return Entry.objects.filter(visit_id=visit_id, kind=VisitMoved.kind).order_by("-id").first()


def undoable_until(moved: Entry) -> datetime | None:
    """Until when, in real time, a move by hand can be taken back; None of any other."""
    until = moved.data.get("undoable_until")
    return from_milliseconds(until) if until else None


def is_move_undoable(visit_id: int, real_now: datetime) -> bool:
    moved = last_move(visit_id)
    until = undoable_until(moved) if moved else None
    return until is not None and real_now <= until


def touched_since(entries: Mapping[int, int]) -> dict[int, Entry]:
    """By visit, the last that was done to it after the entry named, by people or by another import. One query.

    What has come by itself, with time or from what was done elsewhere, is no touch.
    """
    found: dict[int, Entry] = {}
    done = Entry.objects.filter(visit_id__in=list(entries), id__gt=min(entries.values(), default=0))
    done = done.exclude(kind__in=_BY_ITSELF).exclude(kind=VisitChanged.kind, data__fields__in=_FOLLOWING)
    for entry in done.select_related("user").order_by("id"):
        if entry.visit_id is not None and entry.pk > entries[entry.visit_id]:
            found[entry.visit_id] = entry
    return found
