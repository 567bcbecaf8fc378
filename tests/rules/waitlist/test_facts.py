"""What the waiting list writes down: ids, codes and instants, never a word."""

from datetime import UTC, datetime

import pytest

from vovremya.journal.rules import Fact
from vovremya.waitlist.rules.journal_facts import (
    OfferAnswered,
    TimeOffered,
    WaitBegun,
    WaitChanged,
    WaitEnded,
    WaitResumed,
)
from vovremya.waitlist.rules.words import Ending, OfferAnswer

AT = datetime(2026, 11, 22, 7, 28, tzinfo=UTC)
AT_MS = 1_795_332_480_000


@pytest.mark.parametrize(
    ("fact", "data"),
    [
        (WaitBegun(7, is_urgent=True), {"wait": 7, "is_urgent": True}),
        (WaitChanged(7, fields="days comment"), {"wait": 7, "fields": "days comment"}),
        (WaitEnded(7, Ending.SERVED), {"wait": 7, "ending": "served"}),
        (WaitResumed(7), {"wait": 7}),
        (
            TimeOffered(7, 3, 1, AT, AT),
            {"wait": 7, "offer": 3, "bay_id": 1, "starts_at": AT_MS, "ends_at": AT_MS},
        ),
        (
            OfferAnswered(7, 3, 1, AT, OfferAnswer.REFUSED),
            {"wait": 7, "offer": 3, "bay_id": 1, "starts_at": AT_MS, "answer": "refused"},
        ),
    ],
)
def test_a_fact_as_the_journal_keeps_it(fact: Fact, data: dict[str, object]) -> None:
    assert fact.as_data() == data
