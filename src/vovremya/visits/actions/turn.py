"""The frame of every action on a visit: lock, settle the past, act, store the future.

Under the visit's lock the turn first journals what the old timeline made true since the last turn, then lets
the action change the facts, then stores how far it has announced and when the next change comes.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from vovremya.customers.actions.erasing import note_words_came
from vovremya.customers.models import Car
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import AboutVisit, Request, record, remember, replayed
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import NotFound
from vovremya.storage.statements import Deleting, Reading, Writing
from vovremya.visits.actions.noticing import note_matters
from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
from vovremya.visits.queries import Standing, attempts_of, attempts_of_case, open_case_of, open_cases_of, standing_from
from vovremya.visits.refusals import NotPlanned
from vovremya.visits.rules.announcement import announcement
from vovremya.visits.rules.journal_facts import CallEnded, CardFinished
from vovremya.visits.rules.timeline import Change, changes_between, next_change_at
from vovremya.visits.rules.words import LATE_STATES, CallResult, CaseKind, Outcome, State, Status

_VISITS, _CASES, _ATTEMPTS = Writing(Visit), Writing(Case), Writing(Attempt)
_LEASE = Deleting(lambda case_id: Lease.objects.filter(case_id=case_id))
_DRAFTS = Deleting(lambda case_id: Draft.objects.filter(case_id=case_id))
_VISIT = Reading(
    lambda visit_id: Visit.objects.select_related("policy", "branch", "follows", "bay").filter(pk=visit_id),
)
_BRANCH_AND_CAR = Reading(lambda visit_id: Visit.objects.filter(pk=visit_id).values_list("branch_id", "car_id"))
_LOCK_CAR = Reading(lambda car_id: _cars_to_lock(Q(pk=car_id)))
_LOCK = Reading(lambda visit_id: _to_lock(Q(pk=visit_id)))
_LOCK_PLANNED = Reading(lambda branch_id, car_id: _to_lock(_planned_of_car(branch_id, car_id)))
_LOCK_WITH_PLANNED = Reading(
    lambda visit_id, branch_id, car_id: _to_lock(Q(pk=visit_id) | _planned_of_car(branch_id, car_id))
)


def _to_lock(visits: Q) -> QuerySet[Visit, tuple[int]]:
    """Wait for whoever has one of them, in the order of their ids. SQLite queues everybody as it is.

    In a statement of its own: PostgreSQL looks anew at a row that it has waited for, but not at the rows that are
    joined to it; a visit that has gone to another bay meanwhile would seem not to be there.
    """
    return Visit.objects.select_for_update(no_key=True).filter(visits).order_by("pk").values_list("pk")


def _cars_to_lock(cars: Q) -> QuerySet[Car, tuple[int]]:
    """Which visits a car is planned for changes under its lock alone. So whoever takes it first, and then the visits in
    a statement of their own, sees them all: one that came back meanwhile would be taken late, and out of its order."""
    return Car.objects.select_for_update(no_key=True).filter(cars).order_by("pk").values_list("pk")


#: Bookings do not wait for each other here, but they wait for whoever changes what the days of the branch are made of,
#: and that one for them: see `lock_branch`. So no visit comes among those that are taken along, and none is left out.
_SHARE = "SELECT id FROM directory_branch WHERE id = ANY(%s) ORDER BY id FOR SHARE"


def _share(branch_ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [sorted(set(branch_ids))])


def _planned_of_car(branch_id: object, car_id: object) -> Q:
    return Q(branch_id=branch_id, car_id=car_id, status=Status.PLANNED)


class AlreadyDone(Exception):
    """The request key was seen before: this is the entry of the first, successful time."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        super().__init__(entry.pk)


@dataclass(frozen=True)
class Outage:
    """The program was down between these real instants; deadlines missed meanwhile are not the operator's."""

    began_at: datetime
    ended_at: datetime

    def covers(self, instant: datetime) -> bool:
        return self.began_at <= instant <= self.ended_at


@dataclass
class Turn:
    """One action on one visit, under its lock."""

    visit: Visit
    case: Case | None
    attempts: list[Attempt]
    actor: Actor
    now: datetime
    action_id: uuid.UUID
    entries: list[Entry] = field(default_factory=list)
    looks_back_to: datetime | None = None

    def __post_init__(self) -> None:
        self.visit_as_read = dict(vars(self.visit))

    @property
    def standing(self) -> Standing:
        return standing_from(self.visit, self.case, self.attempts)

    @property
    def judged_at(self) -> datetime:
        """Who got the lock later may have read the clock earlier: what has been announced is not judged anew."""
        return max(self.now, self.visit.announced_until)

    @property
    def state(self) -> State:
        return self.standing.state(self.judged_at)

    @property
    def live_attempt(self) -> Attempt | None:
        """The call under way, if there is one; those left without a result ended when the turn began."""
        return next((attempt for attempt in self.attempts if not attempt.result), None)

    def may(self, right: Right) -> bool:
        return self.actor.may(right, self.visit.branch_id)

    def record(
        self,
        fact: Fact,
        *,
        words: str = "",
        at: datetime | None = None,
        case: Case | None = None,
        actor: Actor | None = None,
    ) -> Entry:
        case = case or self.case
        entry = record(
            fact,
            branch_id=self.visit.branch_id,
            actor=actor or self.actor,
            at=at or self.now,
            now=self.now,
            action_id=self.action_id,
            visit_id=self.visit.pk,
            case_id=case.pk if case else None,
            words=words,
        )
        note_matters([entry])
        self.entries.append(entry)
        return entry

    def require_planned(self) -> None:
        if self.visit.status != Status.PLANNED:
            raise NotPlanned(f"not_planned_{self.visit.status}", visit=self.visit)

    def end_case(self, outcome: Outcome, *, at: datetime | None = None, actor: Actor | None = None) -> Case:
        """Close the open case; its lease and drafts die with it."""
        case = self.case
        assert case is not None
        case.outcome = outcome
        case.ended_at = at or self.now
        case.ended_by_id = (actor or self.actor).user_id
        self.end_live_attempt(CallResult.UNKNOWN, at=case.ended_at, actor=actor)
        self.store_case()
        _LEASE.delete(case.pk)
        _DRAFTS.delete(case.pk)
        self.case = None
        self.attempts = []
        return case

    def open_again(self, case: Case) -> None:
        """The case that was ended goes on, with the attempts and deadlines that it had."""
        case.outcome = ""
        case.ended_at = None
        case.ended_by_id = None
        case.plan_version = self.visit.plan_version  # the plan may have changed meanwhile
        self.case = case
        self.attempts = attempts_of_case(case)
        self.store_case()

    def store_case(self) -> None:
        """Save what the action changed in the case; cards drawn before that are out of date."""
        assert self.case is not None
        self.case.version += 1
        _CASES.save(self.case)

    def end_live_attempt(self, result: CallResult, *, at: datetime, actor: Actor | None = None) -> None:
        if attempt := self.live_attempt:
            attempt.result = result
            attempt.ended_at = at
            _ATTEMPTS.save(attempt)
            self.record(CallEnded(attempt=attempt.pk, result=result, counts=False), at=at, actor=actor)

    def settle(self, outage: Outage | None = None) -> None:
        """Journal what became true since the last turn: by the timeline's instants, in their order.

        It is the program that says so, whoever happens to come next.
        """
        standing = self.standing
        for change in self.changes_to_tell(standing):
            self._end_lapsed_attempt(standing, change.at)
            if outcome := self._outcome_by(change.state):
                self._end_by_itself(outcome, at=change.at)
            if fact := self.announcement_of(change, standing, outage):
                self.record(fact, at=change.at, actor=PROGRAM)
        self._end_lapsed_attempt(standing, self.now)

    def _outcome_by(self, state: State) -> Outcome | None:
        """How the open contact ends by itself where the visit comes to be in this state."""
        if self.case and state is State.NOT_ARRIVED:
            return Outcome.EXPIRED
        if self.case and self.case.kind != CaseKind.LATE and state in LATE_STATES:
            return Outcome.OVERTAKEN
        return None

    def _end_by_itself(self, outcome: Outcome, *, at: datetime) -> None:
        case = self.end_case(outcome, at=at, actor=PROGRAM)
        self.record(CardFinished(outcome=outcome), at=at, case=case, actor=PROGRAM)

    def changes_to_tell(self, standing: Standing) -> Sequence[Change]:
        """What became true since the last turn."""
        return changes_between(standing.timeline, self.visit.announced_until, self.now)

    def announcement_of(self, change: Change, standing: Standing, outage: Outage | None) -> Fact | None:
        by_outage = outage is not None and outage.covers(change.at)
        return announcement(change, standing.timeline, by_outage=by_outage)

    def told_of_itself(self, outage: Outage | None) -> list[AboutVisit]:
        """Announce without writing, where that is all there is to do: what is to be recorded."""
        standing = self.standing
        told = [
            AboutVisit(
                self.visit.branch_id,
                self.visit.pk,
                fact,
                change.at,
                self.action_id,
                case_id=self.case.pk if self.case else None,
            )
            for change in self.changes_to_tell(standing)
            if (fact := self.announcement_of(change, standing, outage))
        ]
        self.look_ahead(standing, has_news=bool(told))
        return told

    @property
    def ends_nothing(self) -> bool:
        """Whether what became true is only to be told: no contact expires by it, and no call."""
        has_lapsed_call = self.live_attempt is not None
        ends = any(self._outcome_by(change.state) for change in self.changes_to_tell(self.standing))
        return not has_lapsed_call and not ends

    def announce_since(self, instant: datetime) -> None:
        """The action's facts reach back: announce what they made true after this instant, once."""
        self.looks_back_to = instant

    def _end_lapsed_attempt(self, standing: Standing, until: datetime) -> None:
        attempt = standing.facts.case.unfinished_attempt if standing.facts.case else None
        if attempt and attempt.lapses_at <= until:
            self.end_live_attempt(CallResult.UNKNOWN, at=attempt.lapses_at, actor=PROGRAM)

    def _look_back(self, standing: Standing, after: datetime) -> None:
        said = set(Entry.objects.filter(visit_id=self.visit.pk, at__gt=after).values_list("kind", "at"))
        for change in changes_between(standing.timeline, after, self.now):
            fact = announcement(change, standing.timeline, by_outage=False)
            if fact and (fact.kind, change.at) not in said:
                self.record(fact, at=change.at, actor=PROGRAM)

    def close(self) -> None:
        """Store what the watch needs; the version rises with what is told, so that no board misses one."""
        if self._outcome_by(self.state) is Outcome.OVERTAKEN:  # by the action's facts the client is late already
            self._end_by_itself(Outcome.OVERTAKEN, at=self.now)
        standing = self.standing
        if self.looks_back_to:
            self._look_back(standing, self.looks_back_to)
        self.look_ahead(standing, has_news=bool(self.entries))
        _VISITS.save(self.visit, self.visit_as_read)
        note_words_came(self.visit.branch_id, self.visit.starts_at, self.now)

    def look_ahead(self, standing: Standing, *, has_news: bool) -> None:
        if has_news:
            self.visit.version += 1
        self.visit.announced_until = self.judged_at
        self.visit.next_change_at = next_change_at(standing.facts, standing.timeline, self.visit.announced_until)


@contextmanager
def turn_on(
    visit_id: int,
    *,
    actor: Actor,
    right: Right | None,
    now: datetime,
    request: Request | None = None,
    outage: Outage | None = None,
    action_id: uuid.UUID | None = None,
) -> Iterator[Turn]:
    """Lock the visit, check the wall and the right, settle the past, and store the outcome of the block.

    With `action_id` it is a part of that action: inside its transaction, which it spoils where it fails.
    Raises `NotFound`, `NotAllowed`, and `AlreadyDone` where the request key has been used.
    """
    with transaction.atomic(savepoint=action_id is None):
        visit = locked_visit(visit_id, actor)
        if right:
            actor.require(visit.branch_id, right)
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        turn = _turn(visit, actor, now, action_id or uuid.uuid4())
        turn.settle(outage)
        yield turn
        if request and actor.user_id and turn.entries:
            remember(actor.user_id, request, turn.entries[-1])
        turn.close()


@contextmanager
def pressed(request: Request | None, actor: Actor) -> Iterator[list[Entry]]:
    """A press that is about no single visit, in its transaction: what it records goes into the list. Raises
    `AlreadyDone` where the request key has been used."""
    with transaction.atomic():
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        entries: list[Entry] = []
        yield entries
        if request and actor.user_id and entries:
            remember(actor.user_id, request, entries[-1])


def locked_visit(visit_id: int, actor: Actor) -> Visit:
    if connection.vendor == "postgresql":
        _LOCK.all(visit_id)
    visit = _VISIT.first(visit_id)
    if visit is None or not actor.sees(visit.branch_id):
        raise NotFound()
    return visit


def lock_in_order(visit_ids: Sequence[int], actor: Actor) -> None:
    """Take the locks of several visits in the order of their ids; call it inside the transaction."""
    for visit_id in sorted(set(visit_ids)):
        locked_visit(visit_id, actor)


def lock_with_those_in_a_row(visit_id: int) -> None:
    """The visit, and the planned ones of its car: whom they follow changes with its plan. For whoever makes a visit
    planned, or not planned any more: see `_cars_to_lock`."""
    if connection.vendor == "postgresql":
        branch_id, car_id = _BRANCH_AND_CAR.first(visit_id) or (0, None)
        _share([branch_id])
        _LOCK_CAR.all(car_id)
        _LOCK_WITH_PLANNED.all(visit_id, branch_id, car_id)


def lock_several_with_those_in_a_row(
    visit_ids: Sequence[int], *, car_ids: Collection[int] = (), branch_id: int | None = None
) -> None:
    """The same for visits that one action moves together, and for what it books besides: the cars, and the branch."""
    if connection.vendor == "postgresql":
        visits = Visit.objects.filter(pk__in=visit_ids)
        branch_ids = {*visits.values_list("branch_id", flat=True)} | ({branch_id} if branch_id else set())
        _share(branch_ids)
        list(_cars_to_lock(Q(pk__in=visits.values("car_id")) | Q(pk__in=car_ids)))
        cars = {*car_ids, *visits.exclude(car=None).values_list("car_id", flat=True)}
        list(_to_lock(Q(pk__in=visit_ids) | Q(branch_id__in=branch_ids, car_id__in=cars, status=Status.PLANNED)))


def lock_those_in_a_row(branch_id: int, car_id: int | None) -> None:
    """Like that, for a visit that is still to be made."""
    if connection.vendor == "postgresql":
        _share([branch_id])
        _LOCK_CAR.all(car_id)
        _LOCK_PLANNED.all(branch_id, car_id)


def lock_to_come(branch_id: int, now: datetime) -> None:
    """Every planned visit that has not begun, for who changes what all of them keep to: afterwards any of them may be
    written in any order."""
    if connection.vendor == "postgresql":
        list(_to_lock(Q(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now)))


def lock_cars_and_visits_of(client_ids: Collection[int]) -> None:
    """All that these clients have, for who writes the cars and the visits: the cars first, as whoever books does."""
    if connection.vendor == "postgresql":
        list(_cars_to_lock(Q(client__in=client_ids)))
        list(_to_lock(Q(client__in=client_ids)))


def lock_visits(whose: Q) -> None:
    """All of these visits, for who changes what they share."""
    if connection.vendor == "postgresql":
        list(_to_lock(whose))


def _turn(visit: Visit, actor: Actor, now: datetime, action_id: uuid.UUID) -> Turn:
    case = open_case_of(visit.pk)
    attempts = attempts_of_case(case) if case else []
    return Turn(visit, case, attempts, actor, now, action_id)


def turns_of_program(visits: Sequence[Visit], now: datetime) -> list[Turn]:
    """A turn of the program on each of the locked visits, read in a fixed number of queries."""
    cases = open_cases_of([visit.pk for visit in visits])
    attempts = attempts_of([case.pk for case in cases.values()])
    return [
        Turn(
            visit,
            case := cases.get(visit.pk),
            attempts.get(case.pk, []) if case else [],
            PROGRAM,
            now,
            uuid.uuid4(),
        )
        for visit in visits
    ]
