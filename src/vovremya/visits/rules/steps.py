"""Which steps the window «Ремонты» offers, and why the others are off. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from vovremya.directory.rules import Right
from vovremya.visits.rules.plan import right_to_move
from vovremya.visits.rules.words import CONTACT_STATES, LATE_STATES, CaseKind, State, Status


class Step(StrEnum):
    DIAL = "dial"
    CLIENT_WARNED = "client_warned"
    LATE_NOTICE = "late_notice"
    MOVE = "move"
    WANT_SOONER = "want_sooner"
    MOVE_BY_HAND = "move_by_hand"
    WAVE = "wave"
    CHECK_IN = "check_in"
    UNDO_CHECK_IN = "undo_check_in"
    START_WORK = "start_work"
    UNDO_START_WORK = "undo_start_work"
    END_WORK = "end_work"
    UNDO_END_WORK = "undo_end_work"
    CHANGE_BAY = "change_bay"
    MARK_NO_SHOW = "mark_no_show"
    UNDO_NO_SHOW = "undo_no_show"
    REMOVE = "remove"
    RESTORE = "restore"
    REOPEN = "reopen"


@dataclass(frozen=True)
class StepFacts:
    status: Status
    state: State
    has_number: bool
    ended_case: CaseKind | None  # what the last contact was about, where none is open
    is_day_over: bool
    is_today: bool
    has_begun: bool


#: The statuses in which a step has a place in the window at all.
_BELONGS_TO = {
    Step.CLIENT_WARNED: {Status.PLANNED},
    Step.LATE_NOTICE: {Status.PLANNED},
    Step.MOVE: {Status.PLANNED},
    Step.WANT_SOONER: {Status.PLANNED},
    Step.MOVE_BY_HAND: {Status.PLANNED, Status.ARRIVED, Status.IN_WORK},
    Step.WAVE: {Status.PLANNED},
    Step.CHECK_IN: {Status.PLANNED},
    Step.UNDO_CHECK_IN: {Status.ARRIVED},
    Step.START_WORK: {Status.ARRIVED},
    Step.UNDO_START_WORK: {Status.IN_WORK},
    Step.END_WORK: {Status.IN_WORK},
    Step.UNDO_END_WORK: {Status.DONE},
    Step.CHANGE_BAY: {Status.ARRIVED, Status.IN_WORK},
    Step.MARK_NO_SHOW: {Status.PLANNED},
    Step.UNDO_NO_SHOW: {Status.NO_SHOW},
    Step.REMOVE: {Status.PLANNED},
    Step.RESTORE: {Status.REMOVED},
    Step.REOPEN: {Status.PLANNED},
}

_RIGHT = {
    Step.DIAL: Right.SEE_PHONE,
    Step.CLIENT_WARNED: Right.CONTACT,
    Step.LATE_NOTICE: Right.CONTACT,
    Step.MOVE: Right.MOVE,
    Step.WANT_SOONER: Right.KEEP_WAITLIST,
    Step.WAVE: Right.MOVE,
    Step.CHECK_IN: Right.CHECK_IN,
    Step.UNDO_CHECK_IN: Right.CHECK_IN,
    Step.START_WORK: Right.WORK,
    Step.UNDO_START_WORK: Right.WORK,
    Step.END_WORK: Right.WORK,
    Step.UNDO_END_WORK: Right.WORK,
    Step.CHANGE_BAY: Right.CHANGE_BAY_OF_ARRIVED,
    Step.MARK_NO_SHOW: Right.MARK_NO_SHOW,
    Step.UNDO_NO_SHOW: Right.MARK_NO_SHOW,
    Step.REOPEN: Right.REOPEN,
}


def offered_steps(facts: StepFacts, may: Callable[[Right], bool]) -> dict[Step, str]:
    """The steps shown for this status; each with the code of why it is off, or empty where it can be taken."""
    return {
        step: _why_off(step, facts, may)
        for step in Step
        if facts.status in _BELONGS_TO.get(step, set(Status)) and _is_timely(step, facts)
    }


def may_be_reopened(kind: CaseKind, state: State) -> bool:
    """A reminder while the client is said to come, or else by its next round; a new move makes a new contact of it."""
    if kind is CaseKind.LATE:
        return state not in LATE_STATES
    return kind is CaseKind.REMIND and state is State.CONFIRMED


def _is_timely(step: Step, facts: StepFacts) -> bool:
    match step:
        case Step.MARK_NO_SHOW:
            return facts.state is State.NOT_ARRIVED
        case Step.REOPEN:
            return facts.ended_case is not None and may_be_reopened(facts.ended_case, facts.state)
        case Step.UNDO_CHECK_IN | Step.UNDO_START_WORK | Step.UNDO_END_WORK:
            return not facts.is_day_over
        case _:
            return True


def _why_off(step: Step, facts: StepFacts, may: Callable[[Right], bool]) -> str:
    if not _is_allowed(step, facts, may):
        return "not_allowed"
    if step is Step.DIAL and not facts.has_number:
        return "no_number"
    if step is Step.LATE_NOTICE and facts.state not in CONTACT_STATES:
        return "not_late"
    if step is Step.WAVE and (facts.is_day_over or not facts.is_today):
        return "wave_not_today"
    if step is Step.WANT_SOONER and facts.has_begun:
        return "already_begun"
    if step is Step.CLIENT_WARNED and facts.state is State.NOT_ARRIVED:
        return "day_over"
    return ""


def _is_allowed(step: Step, facts: StepFacts, may: Callable[[Right], bool]) -> bool:
    match step:
        case Step.REMOVE:
            return may(Right.REMOVE) or may(Right.REMOVE_FOR_STATION)
        case Step.MOVE_BY_HAND:
            right = right_to_move(facts.status)
            return right is not None and may(right)
        case Step.RESTORE:
            return may(Right.RESTORE_ANY_DAY) or (may(Right.RESTORE_TODAY) and not facts.is_day_over)
        case _:
            return may(_RIGHT[step])
