"""Which steps «Ремонты» offers, and why the others are off."""

import pytest

from vovremya.directory.rules import RIGHTS, Role
from vovremya.visits.rules.steps import Step, StepFacts, offered_steps
from vovremya.visits.rules.words import CaseKind, State, Status

PLANNED = {
    Step.CLIENT_WARNED,
    Step.LATE_NOTICE,
    Step.MOVE,
    Step.WANT_SOONER,
    Step.MOVE_BY_HAND,
    Step.CHECK_IN,
    Step.REMOVE,
    Step.WAVE,
}


def offered(
    role: Role,
    status: Status = Status.PLANNED,
    state: State = State.LATE,
    *,
    has_number: bool = True,
    ended_case: CaseKind | None = None,
    is_day_over: bool = False,
    is_today: bool = True,
    has_begun: bool = True,
) -> dict[Step, str]:
    facts = StepFacts(status, state, has_number, ended_case, is_day_over, is_today, has_begun)
    return offered_steps(facts, RIGHTS[role].__contains__)


@pytest.mark.parametrize(
    ("status", "state", "expected"),
    [
        (Status.PLANNED, State.LATE, PLANNED),
        (Status.ARRIVED, State.ARRIVED, {Step.UNDO_CHECK_IN, Step.START_WORK, Step.CHANGE_BAY, Step.MOVE_BY_HAND}),
        (Status.IN_WORK, State.IN_WORK, {Step.UNDO_START_WORK, Step.END_WORK, Step.CHANGE_BAY, Step.MOVE_BY_HAND}),
        (Status.DONE, State.DONE, {Step.UNDO_END_WORK}),
        (Status.REMOVED, State.REMOVED, {Step.RESTORE}),
        (Status.NO_SHOW, State.NO_SHOW, {Step.UNDO_NO_SHOW}),
    ],
)
def test_each_status_has_its_steps(status: Status, state: State, expected: set[Step]) -> None:
    assert set(offered(Role.SUPERVISOR, status, state)) == {Step.DIAL, *expected}


def test_steps_of_a_time_are_offered_in_their_time() -> None:
    over = offered(Role.OPERATOR, state=State.NOT_ARRIVED, is_day_over=True)
    assert over[Step.MARK_NO_SHOW] == ""
    assert over[Step.CLIENT_WARNED] == "day_over"
    assert Step.UNDO_CHECK_IN not in offered(Role.OPERATOR, Status.ARRIVED, State.ARRIVED, is_day_over=True)


@pytest.mark.parametrize(
    ("ended", "state", "is_offered"),
    [
        (CaseKind.LATE, State.EXPECTED, True),
        (CaseKind.LATE, State.LATE, False),
        (CaseKind.MOVE, State.PLANNED, False),
        (CaseKind.REMIND, State.CONFIRMED, True),
        (CaseKind.REMIND, State.UNCONFIRMED, False),
        (CaseKind.REMIND, State.TO_REMIND, False),
        (CaseKind.REMIND, State.LATE, False),
        (None, State.PLANNED, False),
    ],
)
def test_a_contact_is_opened_again_while_what_came_of_it_holds(
    ended: CaseKind | None, state: State, is_offered: bool
) -> None:
    assert (Step.REOPEN in offered(Role.SUPERVISOR, state=state, ended_case=ended)) is is_offered


@pytest.mark.parametrize("state", [State.TO_TELL, State.TO_REMIND, State.UNCONFIRMED])
def test_the_card_of_a_client_who_is_to_be_called_before_the_visit_can_be_opened(state: State) -> None:
    assert offered(Role.OPERATOR, state=state)[Step.LATE_NOTICE] == ""
    assert offered(Role.OPERATOR, state=State.PLANNED)[Step.LATE_NOTICE] == "not_late"


def test_a_visit_is_to_be_sooner_while_it_is_still_to_come() -> None:
    assert offered(Role.OPERATOR, has_begun=False)[Step.WANT_SOONER] == ""
    assert offered(Role.OPERATOR)[Step.WANT_SOONER] == "already_begun"
    assert offered(Role.MASTER, has_begun=False)[Step.WANT_SOONER] == "not_allowed"


def test_a_lateness_is_arranged_for_on_its_day() -> None:
    assert offered(Role.OPERATOR)[Step.WAVE] == ""
    assert offered(Role.OPERATOR, is_today=False)[Step.WAVE] == "wave_not_today"
    assert offered(Role.OPERATOR, is_day_over=True)[Step.WAVE] == "wave_not_today"


@pytest.mark.parametrize(
    ("role", "step", "expected"),
    [
        (Role.OPERATOR, Step.REMOVE, ""),
        (Role.MASTER, Step.REMOVE, ""),
        (Role.MANAGER, Step.REMOVE, "not_allowed"),
        (Role.MASTER, Step.LATE_NOTICE, "not_allowed"),
        (Role.OPERATOR, Step.LATE_NOTICE, ""),
        (Role.MANAGER, Step.MOVE_BY_HAND, "not_allowed"),
    ],
)
def test_a_step_without_its_right_is_off(role: Role, step: Step, expected: str) -> None:
    assert offered(role)[step] == expected


@pytest.mark.parametrize(
    ("role", "is_day_over", "expected"),
    [
        (Role.OPERATOR, False, ""),
        (Role.MASTER, False, ""),
        (Role.OPERATOR, True, "not_allowed"),
        (Role.SUPERVISOR, True, ""),
        (Role.MANAGER, False, "not_allowed"),
    ],
)
def test_restoring_is_everybody_s_today_and_the_supervisor_s_later(
    role: Role, is_day_over: bool, expected: str
) -> None:
    assert offered(role, Status.REMOVED, State.REMOVED, is_day_over=is_day_over)[Step.RESTORE] == expected


def test_what_is_off_says_why() -> None:
    assert offered(Role.OPERATOR, has_number=False)[Step.DIAL] == "no_number"
    assert offered(Role.OPERATOR, state=State.PLANNED)[Step.LATE_NOTICE] == "not_late"


def test_moving_by_hand_asks_for_the_right_of_the_status() -> None:
    assert offered(Role.OPERATOR)[Step.MOVE_BY_HAND] == ""
    assert offered(Role.OPERATOR, Status.ARRIVED, State.ARRIVED)[Step.MOVE_BY_HAND] == "not_allowed"
    assert offered(Role.MASTER, Status.ARRIVED, State.ARRIVED)[Step.MOVE_BY_HAND] == ""
