"""What time alone does to a visit is the same whoever looks, and however often."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.visits.facts import DAY_END, MINUTE, POLICY, START, at
from vovremya.visits.rules.case import AttemptFacts, CaseFacts, VisitFacts
from vovremya.visits.rules.reminding import Reminder
from vovremya.visits.rules.timeline import (
    BEGINNING,
    changes_between,
    is_deadline_missed,
    next_change_at,
    state_at,
    state_timeline,
)
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, State, Status

instants = st.integers(-30 * 60_000, 15 * 60 * 60_000).map(lambda ms: START + timedelta(milliseconds=ms))


@st.composite
def cases(draw: st.DrawFn) -> CaseFacts:
    started = sorted(draw(st.lists(instants, max_size=3)))
    attempts = [
        AttemptFacts(start, draw(st.sampled_from(CallResult)), start + draw(st.integers(0, 5)) * MINUTE)
        for start in started
    ]
    is_calling: bool = draw(st.booleans())
    if attempts and is_calling:
        attempts[-1] = AttemptFacts(attempts[-1].started_at)
    reached_at: datetime | None = draw(st.none() | instants)
    return CaseFacts(
        attempts=tuple(attempts),
        retry_at=draw(st.none() | instants),
        reached_at=reached_at,
        first_reached_at=reached_at,
        grounds=draw(st.sampled_from(Grounds)),
        kind=draw(st.sampled_from(CaseKind)),
        known_starts_at=draw(st.none() | instants),
    )


visits = st.builds(
    VisitFacts,
    status=st.just(Status.PLANNED) | st.sampled_from(Status),
    starts_at=st.just(START) | instants,
    day_ends_at=st.just(DAY_END) | instants,
    closes_at=st.none() | st.just(at("20:00")) | instants,
    expected_at=st.none() | instants,
    follows_another=st.booleans(),
    reminder=st.none() | st.builds(Reminder, instants, st.none() | instants, st.none() | instants),
    confirmation=st.sampled_from(Confirmation),
    case=st.none() | cases(),
)


@given(visits)
def test_a_timeline_has_one_state_at_each_instant(facts: VisitFacts) -> None:
    timeline = state_timeline(facts, POLICY)
    changed_at = [change.at for change in timeline]
    assert changed_at[0] == BEGINNING
    assert changed_at == sorted(set(changed_at))
    assert all(state_at(timeline, change.at) is change for change in timeline)


@given(visits)
def test_a_planned_visit_ends_its_day_on_the_list_of_those_who_did_not_come(facts: VisitFacts) -> None:
    planned = replace(facts, status=Status.PLANNED)
    last = state_timeline(planned, POLICY)[-1]
    assert (last.at, last.state) == (planned.day_ends_at, State.NOT_ARRIVED)


@given(visits, st.lists(instants))
def test_nothing_is_said_twice_or_left_out_however_often_the_watch_wakes(
    facts: VisitFacts, wakings: list[datetime]
) -> None:
    timeline = state_timeline(facts, POLICY)
    points = [BEGINNING, *sorted(wakings), DAY_END + timedelta(days=1)]
    heard = [change for after, until in pairwise(points) for change in changes_between(timeline, after, until)]
    assert heard == list(timeline[1:])


@given(visits)
def test_a_watch_that_sleeps_till_the_next_change_wakes_for_every_one(facts: VisitFacts) -> None:
    timeline = state_timeline(facts, POLICY)
    woken_at = [BEGINNING]
    while waking_at := next_change_at(facts, timeline, woken_at[-1]):
        woken_at.append(waking_at)
    assert {change.at for change in timeline[1:]} <= set(woken_at)


@given(visits)
def test_a_call_that_nobody_ended_lapses_into_the_timeline_it_had(facts: VisitFacts) -> None:
    live = facts.case.unfinished_attempt if facts.case else None
    if facts.case is None or live is None:
        return
    lapsed = replace(live, result=CallResult.UNKNOWN, ended_at=live.lapses_at)
    settled = replace(facts, case=replace(facts.case, attempts=(*facts.case.attempts[:-1], lapsed)))
    assert state_timeline(settled, POLICY) == state_timeline(facts, POLICY)


@given(visits, instants)
def test_a_red_bar_bears_the_mark_of_a_missed_deadline(facts: VisitFacts, now: datetime) -> None:
    if state_at(state_timeline(facts, POLICY), now).state is State.OVERDUE:
        assert is_deadline_missed(facts, POLICY, now)
