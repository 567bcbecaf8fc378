"""What a supervisor is to look at: decision tables."""

from datetime import timedelta
from typing import Any

import pytest

from vovremya.visits.rules import journal_facts
from vovremya.visits.rules.matters import _MATTERS, Contradiction, MatterKind, contradiction, matter_of
from vovremya.visits.rules.words import CallResult


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("result", "dialled_for", "said"),
    [
        (CallResult.ANSWERED, None, Contradiction.ANSWERED_WITHOUT_CALL),
        (CallResult.ANSWERED, seconds(3.999), Contradiction.ANSWERED_AT_ONCE),
        (CallResult.ANSWERED, seconds(4), None),
        (CallResult.BUSY, None, Contradiction.FAILED_WITHOUT_CALL),
        (CallResult.BUSY, seconds(2), None),
        (CallResult.BUSY, seconds(60), None),
        (CallResult.BUSY, seconds(60.001), Contradiction.FAILED_AFTER_TALK),
        (CallResult.REJECTED, seconds(90), Contradiction.FAILED_AFTER_TALK),
        (CallResult.NO_ANSWER, seconds(90), None),
        (CallResult.VOICEMAIL, seconds(90), None),
        (CallResult.NO_ANSWER, None, Contradiction.FAILED_WITHOUT_CALL),
        (CallResult.WRONG_NUMBER, None, Contradiction.FAILED_WITHOUT_CALL),
        (CallResult.WRONG_NUMBER, seconds(90), None),
        (CallResult.DROPPED, None, None),
        (CallResult.LINE_FAULT, None, None),
        (CallResult.UNKNOWN, None, None),
    ],
)
def test_results_that_contradict_their_call(
    result: CallResult, dialled_for: timedelta | None, said: Contradiction | None
) -> None:
    assert contradiction(result, dialled_for) is said


@pytest.mark.parametrize(
    ("kind", "data", "matter"),
    [
        ("call_ended", {"contradiction": "answered_at_once"}, MatterKind.CONTRADICTION),
        ("call_ended", {"result": "busy"}, None),
        ("deadline_missed", {"by_outage": False}, MatterKind.DEADLINE_MISSED),
        ("deadline_missed", {"by_outage": True}, None),
        ("visit_removed", {"is_override": True}, MatterKind.OVERRIDE),
        ("visit_removed", {"is_override": False}, None),
        ("card_finished", {"is_far": True}, MatterKind.FAR_ETA),
        ("card_finished", {"is_far": False}, None),
        ("visit_booked", {"lane": 1}, MatterKind.OVERBOOKED),
        ("visit_booked", {"lane": 0}, None),
        ("visit_moved", {"lane": 1}, MatterKind.OVERBOOKED),
        ("visit_moved", {"lane": 1, "old_lane": 1}, None),
        ("visit_moved", {"lane": 1, "old_lane": 0, "is_undone": True}, None),
        ("visit_moved", {"lane": 0}, None),
        ("card_taken_over", {"before_lapse": True}, MatterKind.TAKEN_OVER),
        ("card_taken_over", {"before_lapse": False}, None),
        ("visit_restored", {}, MatterKind.RESTORED),
        ("client_arrived", {}, None),
    ],
)
def test_which_entries_ask_for_a_look(kind: str, data: dict[str, Any], matter: MatterKind | None) -> None:
    assert matter_of(kind, data) is matter


def test_every_kind_that_is_looked_for_is_one_of_the_journal() -> None:
    facts = {getattr(fact, "kind", None) for fact in vars(journal_facts).values() if isinstance(fact, type)}
    assert set(_MATTERS) <= facts
