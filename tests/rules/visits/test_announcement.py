"""What the journal says when time alone changes a visit (hard cases 7 and 14)."""

import pytest

from tests.rules.visits.facts import OVERDUE_FROM, POLICY, at, case, failure, visit
from vovremya.journal.rules import Fact
from vovremya.visits.rules.announcement import announcement
from vovremya.visits.rules.case import VisitFacts
from vovremya.visits.rules.journal_facts import ClientDidNotArrive, DeadlineMissed, RetryCameDue, TurnedLate
from vovremya.visits.rules.timeline import BEGINNING, state_timeline
from vovremya.visits.rules.words import Grounds


def announced(facts: VisitFacts, *, by_outage: bool = False) -> list[tuple[str, Fact]]:
    timeline = state_timeline(facts, POLICY)
    said = [(change.at, announcement(change, timeline, by_outage=by_outage)) for change in timeline]
    return [(f"{instant:%H:%M}", fact) for instant, fact in said if fact]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (visit(), [("10:10", TurnedLate()), ("10:20", DeadlineMissed()), ("00:00", ClientDidNotArrive())]),
        (visit(starts_at=at("19:45")), [("19:55", TurnedLate()), ("00:00", ClientDidNotArrive())]),
        (visit(starts_at=at("19:55")), [("20:05", TurnedLate()), ("00:00", ClientDidNotArrive())]),
        (
            visit(case(failure(at("10:12")), retry_at=at("10:17"))),
            [("10:17", RetryCameDue()), ("00:00", ClientDidNotArrive())],
        ),
        (
            visit(case(failure(at("19:58")), retry_at=at("20:03"))),
            [("00:00", ClientDidNotArrive())],
        ),
        (visit(case(grounds=Grounds.FAILURES, retry_at=at("10:30"))), [("00:00", ClientDidNotArrive())]),
        (
            visit(expected_at=at("10:25")),
            [("10:35", TurnedLate()), ("10:45", DeadlineMissed()), ("00:00", ClientDidNotArrive())],
        ),
    ],
)
def test_lateness_misses_retries_and_the_day_s_end_are_announced_once(
    facts: VisitFacts, expected: list[tuple[str, Fact]]
) -> None:
    assert announced(facts) == expected


def test_a_deadline_missed_by_an_outage_is_marked() -> None:
    timeline = state_timeline(visit(), POLICY)
    overdue = next(change for change in timeline if change.at == OVERDUE_FROM)
    assert announcement(overdue, timeline, by_outage=True) == DeadlineMissed(by_outage=True)
    assert all(change.at > BEGINNING for change in timeline[1:])
