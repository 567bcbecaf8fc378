"""«Предварительная запись»: making and moving a visit."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from vovremya.customers.actions.card import hold_client
from vovremya.customers.models import Car, Client
from vovremya.directory.models import Bay, Policy
from vovremya.directory.queries import bay_in_use, has_advisor, late_reason_by_id, policy_in_force
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.kernel.clock import from_milliseconds
from vovremya.kernel.refusal import BadInput, NotAllowed
from vovremya.schedule.actions import find_lane, occupy, queue_for, vacate
from vovremya.schedule.queries import Calendar, DayPlace, calendar_of, end_of_work, in_the_way, place_in_day
from vovremya.storage.statements import Reading, Writing
from vovremya.visits.actions.noticing import note_matters
from vovremya.visits.actions.reminding import plan_reminder, remind_from, remind_no_more
from vovremya.visits.actions.turn import AlreadyDone, Turn, lock_those_in_a_row, lock_with_those_in_a_row, turn_on
from vovremya.visits.models import Case, Visit, VisitWork
from vovremya.visits.queries import policy_facts, standing_from, work_lasts
from vovremya.visits.refusals import Conflict, NotPlanned, WrongMoment
from vovremya.visits.rules.chain import LONGEST_PAUSE, is_in_a_row
from vovremya.visits.rules.journal_facts import CardFinished, VisitBooked, VisitChanged, VisitMoved
from vovremya.visits.rules.plan import earliest_start
from vovremya.visits.rules.timeline import BEGINNING, next_change_at
from vovremya.visits.rules.words import LATE_STATES, Answer, Confirmation, Outcome, Status

_VISITS, _WORKS = Writing(Visit), Writing(VisitWork)
#: Of one car, and not this visit itself; the last one first.
_ENDED_BEFORE = Reading(
    lambda branch_id, car_id, since, until, visit_id: (
        Visit.objects.filter(branch_id=branch_id, car_id=car_id, ends_at__gte=since, ends_at__lte=until)
        .exclude(status__in=(Status.REMOVED, Status.NO_SHOW))
        .exclude(pk=visit_id)
        .order_by("-ends_at")[:1]
    )
)
#: What follows the visit, or may begin to; one that is late on its own already does not.
_NEAR_AFTER = Reading(
    lambda visit_id, branch_id, car_id, since, until, now: Visit.objects.filter(
        Q(follows_id=visit_id)
        | Q(branch_id=branch_id, car_id=car_id, starts_at__gte=since, starts_at__lte=until, starts_at__gt=now),
        status=Status.PLANNED,
    ).select_related("follows")
)


@dataclass(frozen=True)
class Plan:
    """When and where. Instants are UTC."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime
    advisor_id: int | None = None


@dataclass(frozen=True)
class PlannedWork:
    name: str
    code: str = ""
    norm_minutes: int | None = None


@dataclass(frozen=True)
class Details:
    """What the visit is for, as the client and the operator put it."""

    reason: str = ""
    works: Sequence[PlannedWork] = ()
    repair_kind: str = Visit.RepairKind.COMMERCIAL
    source: str = Visit.Source.CALL
    comment: str = ""
    parts: str = ""
    waits_on_site: bool = False
    needs_loan_car: bool = False
    needs_tow_truck: bool = False
    wished_ready_at: datetime | None = None


@dataclass(frozen=True)
class ImportedFrom:
    """The record of the other program that the visit comes from."""

    external_number: str = ""


def book(
    branch_id: int,
    client: Client,
    car: Car | None,
    plan: Plan,
    details: Details,
    *,
    actor: Actor,
    now: datetime,
    real_now: datetime | None = None,
    imported: ImportedFrom | None = None,
    is_overbooked: bool = False,
    on_top_of: Collection[int] | None = None,
    request: Request | None = None,
    action_id: uuid.UUID | None = None,
) -> Visit:
    """Make a visit and occupy its bay. `imported` visits may lie in the past and outside the hours.

    With `action_id` it is a part of that action. `on_top_of`: the visits that are overbooked knowingly; where anything
    else is in the way, it is taken. Lapsed holds on the bay give way by `real_now`, the actor's own
    always.
    Raises `NotAllowed`, `BadInput`, and `BayTaken` with the visits in the way.
    """
    with transaction.atomic():
        right = Right.IMPORT if imported else Right.BOOK
        actor.require(branch_id, right)
        if is_overbooked:
            actor.require(branch_id, Right.OVERBOOK)
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        lock_those_in_a_row(branch_id, car.pk if car else None)
        hold_client(client.pk)
        bay = _bay(branch_id, plan.bay_id)
        calendar = calendar_of(branch_id)
        place = place_in_day(branch_id, plan.starts_at, calendar)
        policy = policy_in_force(branch_id, now)
        require_in_use(calendar)
        if imported is None:
            _require_bookable(plan, place, policy, now)
        visit = Visit(
            branch_id=branch_id,
            client=client,
            car=car,
            policy=policy,
            booked_by_id=actor.user_id,
            booked_at=now,
        )
        _place(visit, plan, place, bay)
        _describe(visit, details)
        if imported:
            visit.external_number = imported.external_number
            _remember_imported_plan(visit)
        closes_at = place.closes_at
        if is_overbooked:
            visit.lane = find_lane(
                bay,
                plan.starts_at,
                plan.ends_at,
                closes_at=closes_at,
                on_top_of=on_top_of,
                holder_id=actor.user_id,
                real_now=real_now,
            )
        visit.announced_until = now
        plan_reminder(visit, calendar, after=now, known_since=None if imported else now)
        visit.follows = _visit_before(visit)
        standing = standing_from(visit, None, ())
        visit.next_change_at = next_change_at(standing.facts, standing.timeline, now)
        _VISITS.create(visit)
        _write_works(visit, details.works)
        occupy(
            visit.pk,
            bay,
            plan.starts_at,
            plan.ends_at,
            visit.lane,
            now=now,
            closes_at=closes_at,
            holder_id=actor.user_id,
            real_now=real_now,
        )
        action_id = action_id or uuid.uuid4()
        entry = record(
            VisitBooked(
                starts_at=plan.starts_at,
                ends_at=plan.ends_at,
                bay_id=bay.pk,
                advisor_id=plan.advisor_id,
                source=details.source,
                lane=visit.lane,
            ),
            branch_id=branch_id,
            actor=actor,
            at=now,
            now=now,
            action_id=action_id,
            visit_id=visit.pk,
            words=details.comment,
        )
        note_matters([entry])
        realign_followers(visit, now, actor, action_id)
        if request and actor.user_id:
            remember(actor.user_id, request, entry)
    return visit


def move(
    visit_id: int,
    plan: Plan,
    *,
    actor: Actor,
    now: datetime,
    plan_version: int,
    real_now: datetime | None = None,
    comment: str = "",
    from_card: bool = False,
    late_reason_id: int | None = None,
    is_overbooked: bool = False,
    on_top_of: Collection[int] | None = None,
    with_chain: bool = False,
    undoable_until: datetime | None = None,
    request: Request | None = None,
) -> Visit:
    """«Перенести»: the visit goes whole, with its history, to another time or bay (M10).

    `from_card`: the client agreed in the late call, so the case ends as moved; by anyone else it is closed by
    plan, and a change of the bay alone leaves it open (hard cases 5, 6). `with_chain` takes the visits that
    follow in a row along by the same distance (hard case 11). `undoable_until`: of a move by hand. `on_top_of`: as
    it is booked.
    Raises `NotPlanned`, `Conflict`, `WrongMoment`, `NotAllowed`, `BadInput`, and `BayTaken` with the visits in
    the way.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        followers = _followers(visit_id) if with_chain else []
        with turn_on(visit_id, actor=actor, right=Right.MOVE, now=now, request=request, action_id=action_id) as turn:
            distance = plan.starts_at - turn.visit.starts_at
            lasts = {follower.pk: work_lasts(follower) for follower in followers}
            if is_overbooked and not turn.may(Right.OVERBOOK):
                raise NotAllowed(right=Right.OVERBOOK)
            if turn.visit.plan_version != plan_version:
                raise Conflict("plan_changed", visit=turn.visit)
            terms = _terms(turn, plan)
            _require_movable(turn, plan, terms)
            if from_card:
                _require_talk(turn)
                _note_late_reason(turn, late_reason_id)
            if followers:
                queue_for(plan.bay_id, visit_id, *(follower.pk for follower in followers))
            for follower in followers:
                vacate(follower.pk, now)
            _move(
                turn,
                plan,
                terms,
                from_card=from_card,
                is_overbooked=is_overbooked,
                on_top_of=on_top_of,
                comment=comment,
                real_now=real_now,
                undoable_until=undoable_until,
            )
            moved = turn.visit
        for follower in followers:
            with turn_on(follower.pk, actor=actor, right=Right.MOVE, now=now, action_id=action_id) as turn:
                later = _later(turn.visit, distance, lasts[follower.pk])
                terms = _terms(turn, later)
                _require_movable(turn, later, terms)
                _move(turn, later, terms, is_overbooked=turn.visit.lane > 0, on_top_of=beside(turn.visit))
        realign_followers(moved, now, actor, action_id)
    return moved


def change_arrived(
    visit_id: int,
    bay_id: int,
    ends_at: datetime,
    *,
    actor: Actor,
    now: datetime,
    plan_version: int,
    real_now: datetime | None = None,
    on_top_of: Collection[int] | None = None,
    undoable_until: datetime | None = None,
    request: Request | None = None,
) -> Visit:
    """Another bay or work time for a client who is here; the arrival time cannot be moved.

    `on_top_of`: as it is moved. One that is overbooked stays so with those beside it, by whoever changes it.
    """
    with turn_on(visit_id, actor=actor, right=Right.CHANGE_BAY_OF_ARRIVED, now=now, request=request) as turn:
        visit = turn.visit
        if visit.status not in (Status.ARRIVED, Status.IN_WORK):
            raise WrongMoment("not_arrived")
        if visit.plan_version != plan_version:
            raise Conflict("plan_changed", visit=visit)
        if ends_at <= max(now, visit.starts_at):
            raise BadInput({"ends_at": "ends_in_past"})
        if on_top_of and not turn.may(Right.OVERBOOK):
            raise NotAllowed(right=Right.OVERBOOK)
        plan = Plan(bay_id=bay_id, starts_at=visit.starts_at, ends_at=ends_at, advisor_id=visit.advisor_id)
        _move(
            turn,
            plan,
            _terms(turn, plan),
            is_overbooked=visit.lane > 0 or bool(on_top_of),
            on_top_of=on_top_of or beside(visit),
            real_now=real_now,
            undoable_until=undoable_until,
        )
    return visit


@dataclass(frozen=True)
class FileNews:
    """What a table says of a visit that it did not say when it was imported last; None, or absent: nothing new."""

    plan: Plan | None = None  # its advisor is not looked at: that is a field like the others
    works: Sequence[PlannedWork] | None = None
    fields: Mapping[str, object] = field(default_factory=dict)  # of the visit: comment, advisor_id, car…


def change_by_import(visit_id: int, news: FileNews, *, actor: Actor, now: datetime) -> list[str]:
    """Bring a planned visit up to a newer file; returns the names of what changed.

    What the file does not say anew stays as it was made in the program, a move above all (hard case 23).
    Raises `NotPlanned`, and `BayTaken` with the visits in the way.
    """
    action_id = uuid.uuid4()
    with transaction.atomic():
        lock_with_those_in_a_row(visit_id)
        with turn_on(visit_id, actor=actor, right=Right.IMPORT, now=now, action_id=action_id) as turn:
            visit = turn.visit
            turn.require_planned()
            changed = [name for name, value in news.fields.items() if getattr(visit, name) != value]
            for name in changed:
                setattr(visit, name, news.fields[name])
            changed += change_works(visit, news.works) if news.works is not None else []
            if changed:
                turn.record(VisitChanged(fields=" ".join(changed)))
            is_moved = news.plan is not None and _is_other_plan(visit, news.plan)
            if news.plan:
                if is_moved:
                    plan = replace(news.plan, advisor_id=visit.advisor_id)
                    _move(
                        turn,
                        plan,
                        _terms(turn, plan),
                        is_overbooked=visit.lane > 0,
                        on_top_of=beside(visit),
                        is_agreed=False,
                    )
                _remember_imported_plan(visit)
        if is_moved:
            realign_followers(visit, now, actor, action_id)
    return [*changed, *(["plan"] if is_moved else [])]


def edit(visit_id: int, details: Details, *, actor: Actor, now: datetime) -> list[str]:
    """Change what the visit is for; the plan stays. Returns the names of what changed."""
    with turn_on(visit_id, actor=actor, right=Right.BOOK, now=now) as turn:
        if turn.visit.status in (Status.REMOVED, Status.NO_SHOW):
            raise NotPlanned(f"not_planned_{turn.visit.status}", visit=turn.visit)
        hold_client(turn.visit.client_id)
        changed = _change_details(turn.visit, details)
        if changed:
            turn.record(VisitChanged(fields=" ".join(changed)))
    return changed


def beside(visit: Visit) -> frozenset[int]:
    """Who shares the bay with the visit already, where it stands."""
    occupied = in_the_way(visit.bay_id, [(visit.starts_at, visit.ends_at)], ignoring=visit.pk)
    return frozenset(each.visit_id for each in occupied if each.visit_id)


def shift(turn: Turn, plan: Plan, *, from_card: bool, comment: str, real_now: datetime) -> None:
    """Move the visit as a part of what is done about a late one; its bay is free, or freed, by then."""
    terms = _terms(turn, plan)
    _require_movable(turn, plan, terms)
    if from_card:
        _require_talk(turn)
    _move(turn, plan, terms, from_card=from_card, comment=comment, real_now=real_now)


def replan(turn: Turn, plan: Plan, why: str) -> None:
    """The branch's clock was set anew, or the bay closed or opened: the visit goes along, onto the next lane where it
    meets another or what closes the bay. `why` is told of one whose time stays."""
    is_moved = plan.starts_at != turn.visit.starts_at
    _move(
        turn,
        plan,
        _terms(turn, plan),
        is_overbooked=True,
        is_recorded=is_moved,
        is_agreed=False,
        is_taken_along=True,
    )
    if not is_moved:
        turn.record(VisitChanged(fields=why))


def take_back_move(turn: Turn, moved: Mapping[str, Any], real_now: datetime) -> None:
    """To where the move took it from, late or not: part of undoing one by hand or by an import."""
    visit = turn.visit
    starts_at, ends_at = (from_milliseconds(moved[name]) for name in ("old_starts_at", "old_ends_at"))
    plan = Plan(moved["old_bay_id"], starts_at, ends_at, visit.advisor_id)
    policy = Policy.objects.get(pk=moved["old_policy_id"])
    calendar = calendar_of(visit.branch_id)
    terms = _Terms(calendar, place_in_day(visit.branch_id, starts_at, calendar), policy)
    _move(turn, plan, terms, is_overbooked=moved["old_lane"] > 0, real_now=real_now, is_undone=True)
    expected_at, remind_at = moved.get("old_expected_at"), moved.get("old_remind_at")
    visit.expected_at = from_milliseconds(expected_at) if expected_at else None
    visit.confirmation = moved.get("old_confirmation", Confirmation.NONE)
    if remind_at:
        remind_from(visit, from_milliseconds(remind_at))
    else:
        remind_no_more(visit)


def bring_back_plan(turn: Turn, plan: Plan, real_now: datetime | None) -> None:
    """Put a removed visit on the board again; part of restoring it."""
    terms = _terms(turn, plan)
    require_in_use(terms.calendar)
    _move(turn, plan, terms, is_recorded=False, real_now=real_now)


@dataclass(frozen=True)
class _Terms:
    """What a plan is judged by and the visit takes over with it: the day of the branch, and the policy."""

    calendar: Calendar
    place: DayPlace
    policy: Policy


def _terms(turn: Turn, plan: Plan) -> _Terms:
    visit = turn.visit
    is_new_time = plan.starts_at != visit.starts_at
    policy = policy_in_force(visit.branch_id, turn.now) if is_new_time else visit.policy
    calendar = calendar_of(visit.branch_id)
    return _Terms(calendar, place_in_day(visit.branch_id, plan.starts_at, calendar), policy)


def _move(
    turn: Turn,
    plan: Plan,
    terms: _Terms,
    *,
    from_card: bool = False,
    is_overbooked: bool = False,
    on_top_of: Collection[int] | None = None,
    comment: str = "",
    is_recorded: bool = True,
    real_now: datetime | None = None,
    undoable_until: datetime | None = None,
    is_undone: bool = False,
    is_agreed: bool = True,
    is_taken_along: bool = False,
) -> None:
    """`is_agreed`: the client knows of the new time, as whoever moves the visit by now. `is_taken_along`: it is its
    branch or bay that changes, whose visits stay even where nobody is booked any more."""
    visit = turn.visit
    stays = plan.bay_id == visit.bay_id and (visit.bay.is_active or is_taken_along)
    bay = visit.bay if stays else _bay(visit.branch_id, plan.bay_id)
    starts_at, ends_at, closes_at = plan.starts_at, plan.ends_at, terms.place.closes_at
    own_lane = partial(
        find_lane,
        bay,
        starts_at,
        ends_at,
        closes_at=closes_at,
        ignoring=visit.pk,
        on_top_of=on_top_of,
        holder_id=turn.actor.user_id,
        real_now=real_now,
    )
    fact = VisitMoved(
        old_starts_at=visit.starts_at,
        old_ends_at=visit.ends_at,
        old_bay_id=visit.bay_id,
        starts_at=starts_at,
        ends_at=ends_at,
        bay_id=bay.pk,
        lane=own_lane() if is_overbooked else 0,
        was_late=turn.state in LATE_STATES,
        advisor_id=plan.advisor_id,
        is_undone=is_undone,
    )
    if undoable_until:
        fact = replace(
            fact,
            undoable_until=undoable_until,
            old_lane=visit.lane,
            old_policy_id=visit.policy_id,
            old_expected_at=visit.expected_at,
            old_remind_at=visit.remind_at,
            old_confirmation=visit.confirmation,
        )
    is_new_time = starts_at != visit.starts_at
    if turn.case:
        _end_or_keep_case(turn, is_new_time=is_new_time, from_card=from_card, comment=comment)
    _place(visit, plan, terms.place, bay)
    visit.lane = fact.lane
    visit.plan_version += 1
    if turn.case:
        turn.case.plan_version = visit.plan_version
        turn.case.save(update_fields=("plan_version",))
    visit.policy = terms.policy
    if is_new_time:
        visit.expected_at = None
        visit.confirmation = Confirmation.NONE
        plan_reminder(visit, terms.calendar, after=turn.now, known_since=turn.now if is_agreed else None)
    visit.follows = _visit_before(visit)
    occupy(
        visit.pk,
        bay,
        starts_at,
        ends_at,
        visit.lane,
        now=turn.now,
        closes_at=closes_at,
        holder_id=turn.actor.user_id,
        real_now=real_now,
    )
    if is_recorded:
        turn.record(fact, words=comment)


def _end_or_keep_case(turn: Turn, *, is_new_time: bool, from_card: bool, comment: str) -> None:
    case = turn.case
    assert case is not None
    if from_card:
        case.answer = Answer.MOVE
        case.comment = comment
    if is_new_time or from_card:
        outcome = Outcome.MOVED if from_card else Outcome.CLOSED_BY_PLAN
        ended: Case = turn.end_case(outcome)
        answer = Answer.MOVE if from_card else None
        late_reason = ended.late_reason.code if ended.late_reason else None
        turn.record(CardFinished(outcome=outcome, answer=answer, late_reason=late_reason), words=comment, case=ended)


def _require_talk(turn: Turn) -> None:
    """The client agreed to the new time in the call that this operator's card is about."""
    if turn.case is None:
        raise Conflict("case_ended", visit=turn.visit)
    if turn.case.reached_at is None:
        raise WrongMoment("not_reached")


def _later(visit: Visit, distance: timedelta, lasts: timedelta) -> Plan:
    starts_at = visit.starts_at + distance
    closes_at = place_in_day(visit.branch_id, starts_at).closes_at
    return Plan(visit.bay_id, starts_at, end_of_work(visit.bay, starts_at, lasts, closes_at), visit.advisor_id)


def _note_late_reason(turn: Turn, late_reason_id: int | None) -> None:
    assert turn.case is not None
    turn.case.late_reason = late_reason_by_id(late_reason_id, turn.visit.branch.network_id) or turn.case.late_reason


def _require_movable(turn: Turn, plan: Plan, terms: _Terms) -> None:
    """Another bay alone is asked nothing: the client may be late already."""
    turn.require_planned()
    if plan.starts_at != turn.visit.starts_at:
        _require_bookable(plan, terms.place, terms.policy, turn.now)
    elif plan.ends_at <= plan.starts_at:
        raise BadInput({"ends_at": "ends_before_start"})


def require_in_use(calendar: Calendar) -> None:
    """A branch that is retired takes no new visits."""
    if not calendar.takes_visits:
        raise WrongMoment("branch_retired")


def _require_bookable(plan: Plan, place: DayPlace, policy: Policy, now: datetime) -> None:
    if plan.ends_at <= plan.starts_at:
        raise BadInput({"ends_at": "ends_before_start"})
    if plan.starts_at < earliest_start(policy_facts(policy), now):
        raise BadInput({"starts_at": "starts_in_past"})
    if not place.is_open_at_start:
        raise BadInput({"starts_at": "branch_closed"})


def _bay(branch_id: int, bay_id: int) -> Bay:
    bay = bay_in_use(branch_id, bay_id)
    if bay is None:
        raise BadInput({"bay": "bay_unknown"})
    return bay


def _place(visit: Visit, plan: Plan, place: DayPlace, bay: Bay) -> None:
    is_known = not plan.advisor_id or plan.advisor_id == visit.advisor_id
    if not is_known and not has_advisor(visit.branch_id, plan.advisor_id):
        raise BadInput({"advisor": "advisor_unknown"})
    visit.bay = bay
    visit.advisor_id = plan.advisor_id
    visit.starts_at = plan.starts_at
    visit.ends_at = plan.ends_at
    visit.on = place.on
    visit.closes_at = place.closes_at
    visit.day_ends_at = place.case_ends_at


def _describe(visit: Visit, details: Details) -> list[str]:
    names = (
        "reason",
        "repair_kind",
        "source",
        "comment",
        "parts",
        "waits_on_site",
        "needs_loan_car",
        "needs_tow_truck",
        "wished_ready_at",
    )
    changed = [name for name in names if getattr(visit, name) != getattr(details, name)]
    for name in changed:
        setattr(visit, name, getattr(details, name))
    return changed


def _change_details(visit: Visit, details: Details) -> list[str]:
    return [*_describe(visit, details), *change_works(visit, details.works)]


def change_works(visit: Visit, works: Sequence[PlannedWork]) -> list[str]:
    old = [(work.name, work.code, work.norm_minutes) for work in visit.works.all()]
    if old == [(work.name, work.code, work.norm_minutes) for work in works]:
        return []
    visit.works.all().delete()
    _write_works(visit, works)
    return ["works"]


def _write_works(visit: Visit, works: Sequence[PlannedWork]) -> None:
    for position, work in enumerate(works):
        _WORKS.create(
            VisitWork(visit=visit, name=work.name, code=work.code, norm_minutes=work.norm_minutes, position=position)
        )


def _remember_imported_plan(visit: Visit) -> None:
    visit.imported_starts_at = visit.starts_at
    visit.imported_ends_at = visit.ends_at
    visit.imported_bay_id = visit.bay_id


def _is_other_plan(visit: Visit, plan: Plan) -> bool:
    return (visit.starts_at, visit.ends_at, visit.bay_id) != (plan.starts_at, plan.ends_at, plan.bay_id)


def _visit_before(visit: Visit) -> Visit | None:
    """The visit of the same car that ends just before this one starts."""
    if visit.car_id is None:
        return None
    ends_from, own_id = visit.starts_at - LONGEST_PAUSE, visit.pk or 0  # one that is being booked has no id yet
    found = _ENDED_BEFORE.first(visit.branch_id, visit.car_id, ends_from, visit.starts_at, own_id)
    return found if found and is_in_a_row(found.ends_at, visit.starts_at) else None


def _followers(visit_id: int) -> list[Visit]:
    """The planned visits that follow in a row, nearest first."""
    chain: list[Visit] = []
    follower = Visit.objects.filter(follows_id=visit_id, status=Status.PLANNED).first()
    while follower:
        chain.append(follower)
        follower = Visit.objects.filter(follows_id=follower.pk, status=Status.PLANNED).first()
    return chain


def realign_followers(visit: Visit, now: datetime, actor: Actor, action_id: uuid.UUID) -> None:
    """The visit came, went or moved: who follows it in a row now, and who stands for itself and may turn late."""
    near = _NEAR_AFTER.all(visit.pk, visit.branch_id, visit.car_id, visit.ends_at, visit.ends_at + LONGEST_PAUSE, now)
    for follower in near:
        leader = _visit_before(follower)
        if leader == follower.follows:
            continue
        with turn_on(follower.pk, actor=actor, right=None, now=now, action_id=action_id) as turn:
            turn.visit.follows = leader
            turn.announce_since(BEGINNING)
            turn.record(VisitChanged(fields="follows"))
