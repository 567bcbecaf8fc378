"""What a supervisor is to look at: where a result contradicts its call, and what was done by a right above the rule.
Pure."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from vovremya.visits.rules.words import CallResult


class Contradiction(StrEnum):
    """Between the result that was chosen and the call that there was."""

    ANSWERED_WITHOUT_CALL = "answered_without_call"
    ANSWERED_AT_ONCE = "answered_at_once"
    FAILED_WITHOUT_CALL = "failed_without_call"
    FAILED_AFTER_TALK = "failed_after_talk"


#: Nobody has answered, been greeted and been written down in less.
SHORTEST_TALK = timedelta(seconds=4)
#: What the line says at once: after so long it was something else, a talk perhaps.
LONGEST_BUSY = timedelta(seconds=60)
_SAID_AT_ONCE = frozenset({CallResult.OUT_OF_COVERAGE, CallResult.UNAVAILABLE, CallResult.BUSY, CallResult.REJECTED})
_FAILED = _SAID_AT_ONCE | {CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.WRONG_NUMBER}


def contradiction(result: CallResult, dialled_for: timedelta | None) -> Contradiction | None:
    """`dialled_for`: from the press of «Набрать» to the result; None where nothing was dialled by the program. A result
    is taken as it was chosen all the same: there are calls by another telephone."""
    if result is CallResult.ANSWERED:
        if dialled_for is None:
            return Contradiction.ANSWERED_WITHOUT_CALL
        return Contradiction.ANSWERED_AT_ONCE if dialled_for < SHORTEST_TALK else None
    if result not in _FAILED:
        return None
    if dialled_for is None:
        return Contradiction.FAILED_WITHOUT_CALL
    return Contradiction.FAILED_AFTER_TALK if result in _SAID_AT_ONCE and dialled_for > LONGEST_BUSY else None


class MatterKind(StrEnum):
    CONTRADICTION = "contradiction"
    DEADLINE_MISSED = "deadline_missed"
    OVERRIDE = "override"  # removed without its ground
    FAR_ETA = "far_eta"
    OVERBOOKED = "overbooked"
    TAKEN_OVER = "taken_over"  # a card out of somebody's hand
    RESTORED = "restored"


Data = Mapping[str, Any]
#: By the kind of the journal's entry: which matter it is, if its data say so.
_MATTERS: Mapping[str, tuple[MatterKind, Callable[[Data], bool]]] = {
    "call_ended": (MatterKind.CONTRADICTION, lambda data: "contradiction" in data),
    # What the program itself missed is not the operator's.
    "deadline_missed": (MatterKind.DEADLINE_MISSED, lambda data: not data.get("by_outage")),
    "visit_removed": (MatterKind.OVERRIDE, lambda data: bool(data.get("is_override"))),
    "card_finished": (MatterKind.FAR_ETA, lambda data: bool(data.get("is_far"))),
    "visit_booked": (MatterKind.OVERBOOKED, lambda data: data.get("lane", 0) > 0),
    # Who stood beside another already was told of when that was done.
    "visit_moved": (
        MatterKind.OVERBOOKED,
        lambda data: data.get("lane", 0) > data.get("old_lane", 0) and not data.get("is_undone"),
    ),
    "card_taken_over": (MatterKind.TAKEN_OVER, lambda data: bool(data.get("before_lapse"))),
    "visit_restored": (MatterKind.RESTORED, lambda _data: True),
}


def matter_of(kind: str, data: Data) -> MatterKind | None:
    matter, is_one = _MATTERS.get(kind, (None, None))
    return matter if is_one and is_one(data) else None
