"""Every visit knows its future: the states it is in and will turn into if nothing happens. Pure.

The board plays the timeline in the browser, the watch announces from it; nothing else computes a state.
An entry holds from its instant inclusive; "more than" is written as one millisecond past.
"""

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from vovremya.visits.rules.case import CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.reminding import Reminder
from vovremya.visits.rules.words import CaseKind, Confirmation, Grounds, State, Status

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
JUST_AFTER = timedelta(milliseconds=1)


class Change(NamedTuple):
    """From `at` on the visit is in `state`; `counts_to` is the instant its timer runs to."""

    at: datetime
    state: State
    counts_to: datetime | None = None


Timeline = tuple[Change, ...]

_SETTLED: dict[Status, Timeline] = {
    Status.ARRIVED: (Change(BEGINNING, State.ARRIVED),),
    Status.IN_WORK: (Change(BEGINNING, State.IN_WORK),),
    Status.DONE: (Change(BEGINNING, State.DONE),),
    Status.REMOVED: (Change(BEGINNING, State.REMOVED),),
    Status.NO_SHOW: (Change(BEGINNING, State.NO_SHOW),),
}


def state_timeline(visit: VisitFacts, policy: PolicyFacts) -> Timeline:
    """The states of the visit by their instants; the first holds from the beginning (M1, M2, M5, M8)."""
    if visit.status is not Status.PLANNED:
        return _SETTLED[visit.status]
    return _until_day_end([*_before_late(visit, policy), *_late_part(visit, policy)], visit.day_ends_at)


def state_at(timeline: Timeline, now: datetime) -> Change:
    return next(change for change in reversed(timeline) if change.at <= now)


def state_before(timeline: Timeline, change: Change) -> State | None:
    return next((other.state for other in reversed(timeline) if other.at < change.at), None)


def changes_between(timeline: Timeline, after: datetime, until: datetime) -> Timeline:
    """Changes with `after < at <= until`."""
    return tuple(change for change in timeline if after < change.at <= until)


def next_change_at(visit: VisitFacts, timeline: Timeline, now: datetime) -> datetime | None:
    """The first instant after `now` at which the program has something to write down."""
    instants = [change.at for change in timeline if change.at > now]
    if visit.case and (attempt := visit.case.unfinished_attempt) and attempt.lapses_at > now:
        instants.append(attempt.lapses_at)
    return min(instants, default=None)


def late_from(visit: VisitFacts, policy: PolicyFacts) -> datetime:
    """Turning yellow: more than `late_after` past the start or the promised arrival (M1, M8)."""
    return _late_at(visit, policy) + JUST_AFTER


def contact_deadline(visit: VisitFacts, policy: PolicyFacts) -> datetime | None:
    """The last instant for the first attempt (M2); None where it falls after closing and does not count."""
    deadline = _late_at(visit, policy) + policy.contact_within
    return None if visit.closes_at and deadline > visit.closes_at else deadline


def is_deadline_met(case: CaseFacts, deadline: datetime) -> bool:
    """An attempt was started, or the client spoken to, by the deadline; a spoilt attempt is none (M2)."""
    if case.first_reached_at and case.first_reached_at <= deadline:
        return True
    return any(
        attempt.result is not None and not attempt.is_spoilt and attempt.started_at <= deadline
        for attempt in case.attempts
    )


def missed_from(visit: VisitFacts, policy: PolicyFacts) -> datetime | None:
    """From when on the bar bears the mark of a missed deadline, whatever came after it; None: it never does."""
    if visit.status is not Status.PLANNED or visit.follows_another:
        return None
    deadline = contact_deadline(visit, policy)
    case = _late_case(visit) or CaseFacts()
    if deadline is None or is_deadline_met(case, deadline):
        return None
    return _overdue_from(case, deadline)


def is_deadline_missed(visit: VisitFacts, policy: PolicyFacts, now: datetime) -> bool:
    from_then_on = missed_from(visit, policy)
    return from_then_on is not None and now >= from_then_on


def _late_at(visit: VisitFacts, policy: PolicyFacts) -> datetime:
    return max(visit.expected_at or visit.starts_at, visit.starts_at) + policy.late_after


def _overdue_from(case: CaseFacts, deadline: datetime) -> datetime:
    """A call under way at an unmet deadline may still meet it; once it is known to be spoilt, it is missed."""
    in_time = (attempt for attempt in case.attempts if attempt.started_at <= deadline)
    # A result noted after the call had lapsed does not move what was announced then.
    spoilt_at = (min(attempt.ended_at or attempt.lapses_at, attempt.lapses_at) for attempt in in_time)
    return max([deadline, *spoilt_at]) + JUST_AFTER


def _before_late(visit: VisitFacts, policy: PolicyFacts) -> list[Change]:
    if visit.expected_at:
        return [Change(BEGINNING, State.EXPECTED, visit.expected_at)]
    if visit.confirmation is Confirmation.CONFIRMED:
        return [Change(BEGINNING, State.CONFIRMED)]
    is_unconfirmed = visit.confirmation is Confirmation.UNCONFIRMED
    plain = Change(BEGINNING, State.UNCONFIRMED if is_unconfirmed else State.PLANNED)
    # Of two visits in a row of one car the client is reminded of the first; and any other contact goes before.
    is_called_about = visit.case.kind is CaseKind.REMIND if visit.case else not visit.follows_another
    if visit.reminder is None or not is_called_about:
        return [plain]
    reminding = _reminding(visit, visit.reminder, plain.state)
    return [plain, *(change for change in reminding if change.at < late_from(visit, policy))]


def _reminding(visit: VisitFacts, reminder: Reminder, between: State) -> list[Change]:
    """The timer runs to the next call, then to the visit. `between`: while nobody is to be called, and from the planned
    start on: who has not come by then is on the way, or late."""
    case = visit.case if visit.case and visit.case.kind is CaseKind.REMIND else CaseFacts()
    if case.reached_at:
        return [Change(reminder.due_at, State.TO_REMIND)]
    instants = [reminder.due_at, reminder.resumes_at, case.retry_at]
    prompts = [each for each in instants if each and reminder.due_at <= each < visit.starts_at]
    ends = [each for each in (reminder.pauses_at, visit.starts_at) if each]
    return [
        *(Change(each, between) for each in ends),
        *(
            Change(each, State.TO_REMIND, _next_call(case, each) or visit.starts_at)
            for each in prompts
            if not reminder.is_paused(each)
        ),
    ]


def _next_call(case: CaseFacts, instant: datetime) -> datetime | None:
    return case.retry_at if case.retry_at and case.retry_at > instant else None


def _late_case(visit: VisitFacts) -> CaseFacts | None:
    """A call about a move or to remind is no call about a lateness: it ends where that begins, and meets none of its
    deadlines."""
    return visit.case if visit.case and visit.case.kind is CaseKind.LATE else None


def _late_part(visit: VisitFacts, policy: PolicyFacts) -> list[Change]:
    case = _late_case(visit)
    if visit.case and case is None:
        lateness = [] if visit.follows_another else _nobody_reached(visit, policy, CaseFacts())
        return [*_telling(visit.case), *lateness] if visit.case.kind is CaseKind.MOVE else lateness
    if case and case.reached_at:
        return [Change(BEGINNING, State.UNDECIDED)]
    if case and case.grounds is not Grounds.NONE:
        reminder = [Change(case.retry_at, State.GROUNDS)] if case.retry_at else []
        return [Change(BEGINNING, State.GROUNDS, case.retry_at), *reminder]
    if case and case.retry_at:
        return _waiting(case.retry_at, visit.closes_at)
    return [] if visit.follows_another else _nobody_reached(visit, policy, case or CaseFacts())


def _telling(case: CaseFacts) -> list[Change]:
    """The timer runs to the next call, then to the time at which the client would come in vain."""
    if case.reached_at:
        return [Change(BEGINNING, State.TO_TELL)]
    if case.retry_at:
        return [
            Change(BEGINNING, State.TO_TELL, case.retry_at),
            Change(case.retry_at, State.TO_TELL, case.known_starts_at),
        ]
    return [Change(BEGINNING, State.TO_TELL, case.known_starts_at)]


def _nobody_reached(visit: VisitFacts, policy: PolicyFacts, case: CaseFacts) -> list[Change]:
    deadline = contact_deadline(visit, policy)
    is_met = deadline is not None and is_deadline_met(case, deadline)
    changes = [Change(late_from(visit, policy), State.LATE, None if is_met else deadline)]
    if deadline and not is_met:
        changes.append(Change(_overdue_from(case, deadline), State.OVERDUE, deadline))
    return _closed_from(changes, visit.closes_at, State.LATE, State.LATE_AFTER_CLOSING)


def _waiting(retry_at: datetime, closes_at: datetime | None) -> list[Change]:
    if closes_at and retry_at >= closes_at:
        return [Change(BEGINNING, State.RETRY_AFTER_CLOSING, retry_at)]
    changes = [Change(BEGINNING, State.WAITING, retry_at), Change(retry_at, State.RETRY_DUE, retry_at)]
    return _closed_from(changes, closes_at, State.RETRY_DUE, State.RETRY_AFTER_CLOSING)


def _closed_from(changes: list[Change], closes_at: datetime | None, prompted: State, closed: State) -> list[Change]:
    """After closing a client is still shown late, but nobody is prompted to call."""
    if closes_at is None or changes[-1].state is not prompted:
        return changes
    return [*changes, Change(max(closes_at, changes[-1].at), closed)]


def _until_day_end(changes: list[Change], day_ends_at: datetime) -> Timeline:
    """The states before the day's end, the last one of each instant, then «не приехал»."""
    latest: dict[datetime, Change] = {}
    for change in changes:
        if change.at < day_ends_at:
            latest[change.at] = change
    latest[day_ends_at] = Change(day_ends_at, State.NOT_ARRIVED)
    return tuple(sorted(latest.values(), key=attrgetter("at")))
