"""Who may let whom in, and what a code of the second step is worth: decision tables."""

from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from vovremya.directory.rules import (
    PROGRAM,
    SHUT_FOR,
    WRONG_CODES_AT_MOST,
    Actor,
    Deed,
    Person,
    Role,
    address_for_telephone,
    digest_of_roles,
    digest_of_secret,
    failures_then,
    is_shut,
    sees_person,
    time_step_of,
    why_not,
    why_roles_not,
)

HERE, THERE = 1, 2
OPERATOR, ADMINISTRATOR, SUPERVISOR = Role.OPERATOR, Role.ADMINISTRATOR, Role.SUPERVISOR


def actor(**roles: Role) -> Actor:
    """Number 7, by the places of the roles."""
    return Actor(
        7, "Белов", {{"here": HERE, "there": THERE}[place]: frozenset({role}) for place, role in roles.items()}
    )


def person(user_id: int = 8, alone_in: frozenset[int] = frozenset(), **roles: Role) -> Person:
    held = {{"here": HERE, "there": THERE}[place]: frozenset({role}) for place, role in roles.items()}
    return Person(user_id, held, alone_in)


@pytest.mark.parametrize(
    ("who", "whom", "sees"),
    [
        (actor(here=ADMINISTRATOR), person(here=OPERATOR), True),
        (actor(here=SUPERVISOR), person(here=OPERATOR), True),
        (actor(here=OPERATOR), person(here=OPERATOR), False),
        (actor(here=ADMINISTRATOR), person(there=OPERATOR), False),
        (actor(here=ADMINISTRATOR), person(here=OPERATOR, there=ADMINISTRATOR), True),
        (actor(here=ADMINISTRATOR), person(), False),
        (PROGRAM, person(), True),
    ],
)
def test_nobody_is_seen_who_has_no_role_in_ones_branches(who: Actor, whom: Person, sees: bool) -> None:
    assert sees_person(who, whom) is sees


EVERYTHING = set(Deed) - {Deed.SEE}
ALONE_HERE = frozenset({HERE})


@pytest.mark.parametrize(
    ("who", "whom", "deeds", "why"),
    [
        (actor(here=ADMINISTRATOR), person(here=OPERATOR), EVERYTHING, None),
        (actor(here=SUPERVISOR), person(here=OPERATOR), EVERYTHING, "not_allowed"),
        (actor(here=SUPERVISOR), person(here=OPERATOR), {Deed.SEE}, None),
        # An administrator of one branch is none of a colleague's other branches: nothing reaches over the wall.
        (actor(here=ADMINISTRATOR), person(here=OPERATOR, there=ADMINISTRATOR), EVERYTHING, "works_elsewhere_too"),
        (
            actor(here=ADMINISTRATOR, there=SUPERVISOR),
            person(here=OPERATOR, there=OPERATOR),
            EVERYTHING,
            "works_elsewhere_too",
        ),
        (actor(here=ADMINISTRATOR, there=ADMINISTRATOR), person(here=OPERATOR, there=OPERATOR), EVERYTHING, None),
        # One's own way in has a page of its own, which asks for the password.
        (actor(here=ADMINISTRATOR), person(7, here=ADMINISTRATOR), {Deed.LET_IN, Deed.SWITCH_OFF}, "own_account"),
        (actor(here=ADMINISTRATOR), person(7, here=ADMINISTRATOR), {Deed.NAME, Deed.END_SESSIONS}, None),
        (actor(here=ADMINISTRATOR), person(8, ALONE_HERE, here=ADMINISTRATOR), {Deed.SWITCH_OFF}, "last_administrator"),
        (actor(here=ADMINISTRATOR), person(8, here=ADMINISTRATOR), {Deed.SWITCH_OFF, Deed.LET_IN}, None),
        (PROGRAM, person(8, ALONE_HERE, here=ADMINISTRATOR), EVERYTHING, None),
    ],
)
def test_who_may_do_what_to_whom(who: Actor, whom: Person, deeds: set[Deed], why: str | None) -> None:
    assert {why_not(deed, who, whom) for deed in deeds} == {why}


@pytest.mark.parametrize(
    ("who", "whom", "roles", "why"),
    [
        (actor(here=ADMINISTRATOR), person(here=OPERATOR), {SUPERVISOR}, None),
        (actor(here=ADMINISTRATOR), person(there=OPERATOR), {OPERATOR}, None),
        (actor(here=SUPERVISOR), person(here=OPERATOR), {OPERATOR}, "not_allowed"),
        (actor(there=ADMINISTRATOR), person(here=OPERATOR, there=OPERATOR), {ADMINISTRATOR}, "not_allowed"),
        (actor(here=ADMINISTRATOR), person(here=OPERATOR), set(), "last_role"),
        (actor(here=ADMINISTRATOR), person(here=OPERATOR, there=OPERATOR), set(), None),
        (actor(here=ADMINISTRATOR), person(7, here=ADMINISTRATOR), {SUPERVISOR}, "own_administration"),
        (actor(here=ADMINISTRATOR), person(7, here=ADMINISTRATOR), {SUPERVISOR, ADMINISTRATOR}, None),
        (actor(here=ADMINISTRATOR), person(8, ALONE_HERE, here=ADMINISTRATOR), {OPERATOR}, "last_administrator"),
        (actor(here=ADMINISTRATOR), person(8, frozenset({THERE}), here=ADMINISTRATOR), {OPERATOR}, None),
        (PROGRAM, person(8, ALONE_HERE, here=ADMINISTRATOR), {OPERATOR}, "last_administrator"),
    ],
)
def test_which_roles_may_be_given_and_taken(who: Actor, whom: Person, roles: set[Role], why: str | None) -> None:
    assert why_roles_not(who, whom, HERE, roles) == why


# --- the second step -----------------------------------------------------------------------------------------------

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 22, 7, 28, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code(steps_later: int = 0) -> str:
    return TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps_later))


def test_digest_of_roles_is_of_those_in_the_branches_shown_alone() -> None:
    drawn = digest_of_roles({1: {Role.MASTER, Role.OPERATOR}, 3: {Role.MANAGER}}, [1, 2])
    assert digest_of_roles({1: [Role.OPERATOR, Role.MASTER], 2: [], 3: []}, [2, 1]) == drawn
    assert digest_of_roles({1: {Role.MASTER}}, [1, 2]) != drawn


@pytest.mark.parametrize(
    ("typed", "last", "step"),
    [
        (code(), 0, STEP),
        (f" {code()[:3]} {code()[3:]} ", 0, STEP),
        (code(-1), 0, STEP - 1),
        (code(1), 0, STEP + 1),
        (code(-2), 0, None),
        (code(2), 0, None),
        (code(), STEP, None),
        (code(-1), STEP, None),
        (code(1), STEP, STEP + 1),
        ("", 0, None),
        ("код", 0, None),
        (code() + "0", 0, None),
    ],
)
def test_a_code_is_good_about_its_half_minute_and_once(typed: str, last: int, step: int | None) -> None:
    assert time_step_of(SECRET, typed, NOW, last) == step


@pytest.mark.parametrize(
    ("failures", "ago", "shut", "then"),
    [
        (0, None, False, 1),
        (WRONG_CODES_AT_MOST - 1, timedelta(0), False, WRONG_CODES_AT_MOST),
        (WRONG_CODES_AT_MOST, timedelta(0), True, WRONG_CODES_AT_MOST + 1),
        (WRONG_CODES_AT_MOST, SHUT_FOR - timedelta(seconds=1), True, WRONG_CODES_AT_MOST + 1),
        (WRONG_CODES_AT_MOST, SHUT_FOR, False, 1),
        (WRONG_CODES_AT_MOST, None, False, 1),
    ],
)
def test_so_many_wrong_codes_shut_the_second_step_for_a_while(
    failures: int, ago: timedelta | None, shut: bool, then: int
) -> None:
    failed_at = None if ago is None else NOW - ago
    assert is_shut(failures, failed_at, NOW) is shut
    assert failures_then(failures, failed_at, NOW) == then


def test_recovery_code_may_be_typed_as_one_likes() -> None:
    assert digest_of_secret("ab2c-de3f-gh4j") == digest_of_secret(" AB2C de3fgh4j ")
    assert digest_of_secret("ab2c-de3f-gh4j") != digest_of_secret("ab2c-de3f-gh4k")


def test_telephone_is_told_whose_the_code_is() -> None:
    address = address_for_telephone(SECRET, "ivanova")
    assert address.startswith("otpauth://totp/")
    assert f"secret={SECRET}" in address
    assert ":ivanova?" in address
