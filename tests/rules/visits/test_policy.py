"""Which visits go by new minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rules.visits.facts import POLICY, at, visit
from vovremya.visits.rules.case import CaseFacts
from vovremya.visits.rules.policy import goes_by_new
from vovremya.visits.rules.words import CaseKind

SOONER = replace(POLICY, late_after=timedelta(minutes=5))
LATER = replace(POLICY, late_after=timedelta(minutes=20))


@pytest.mark.parametrize(
    ("now", "sooner", "later"),
    [
        ("09:00", True, True),
        ("10:04", True, True),
        ("10:07", False, True),  # by five minutes it would have been late for two already
        ("10:12", False, False),  # late by its own: it keeps them
    ],
)
def test_a_late_visit_and_one_that_would_have_been_late_keep_their_own(now: str, sooner: bool, later: bool) -> None:
    assert goes_by_new(visit(), POLICY, SOONER, at(now)) is sooner
    assert goes_by_new(visit(), POLICY, LATER, at(now)) is later


def test_a_call_about_something_else_changes_nothing_of_it_and_a_day_that_is_over_everything() -> None:
    reminded = replace(visit(), case=CaseFacts(kind=CaseKind.REMIND))
    assert goes_by_new(reminded, POLICY, SOONER, at("09:00"))
    over = visit()
    assert not goes_by_new(over, POLICY, LATER, over.day_ends_at)
