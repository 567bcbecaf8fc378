"""Reading the promised arrival, near and far (M8, M10, hard cases 12 and 17)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.visits.facts import MILLISECOND, POLICY, at
from vovremya.visits.rules.arrival import LONGEST_ETA, BadEta, is_near, is_within_grace, read_eta
from vovremya.visits.rules.case import PolicyFacts

#: One table for the server and the page: `tests/typescript/card.test.ts`.
TABLE = json.loads(Path(__file__).with_name("arrival.json").read_text(encoding="utf-8"))

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
ANSWERED = datetime(2026, 11, 22, 10, 15, 30, tzinfo=MOSCOW).astimezone(UTC)


def moscow(hour: int, minute: int, second: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=MOSCOW).astimezone(UTC)


def read(typed: str, answered_at: datetime = ANSWERED, zone: ZoneInfo = MOSCOW) -> datetime:
    return read_eta(typed, answered_at=answered_at, zone=zone)


def read_or_refused(typed: str, answered_at: datetime = ANSWERED) -> datetime | str:
    try:
        return read(typed, answered_at)
    except BadEta as refusal:
        return refusal.code


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["typed"])
def test_an_arrival_is_read_as_the_page_shows_it(case: dict[str, str | None]) -> None:
    read_as = read_or_refused(str(case["typed"]))
    shown = f"{read_as.astimezone(MOSCOW):%H:%M:%S}" if isinstance(read_as, datetime) else None
    assert shown == case["read"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("9:52", "eta_past"),
        ("10:14", "eta_past"),
        ("22:16", "eta_absurd"),
        ("0:10", "eta_past"),
        ("721", "eta_absurd"),
        ("9999", "eta_absurd"),
        ("13 часов", "eta_absurd"),
        ("24:00", "eta_unreadable"),
        ("10:60", "eta_unreadable"),
        ("-5", "eta_unreadable"),
        ("скоро", "eta_unreadable"),
        ("", "eta_unreadable"),
        ("10:5", "eta_unreadable"),
        ("99999", "eta_unreadable"),
        ("²", "eta_unreadable"),
    ],
)
def test_what_is_no_arrival_is_refused_with_the_reason(typed: str, code: str) -> None:
    assert read_or_refused(typed) == code


@pytest.mark.parametrize(
    ("answered", "typed", "expected"),
    [
        (moscow(23, 50), "00:10", moscow(0, 10, day=23)),
        (moscow(23, 50), "20", moscow(0, 10, day=23)),
        (moscow(12, 5), "0:03", moscow(0, 3, day=23)),
        (moscow(0, 5), "23:50", "eta_absurd"),
    ],
)
def test_a_clock_time_shortly_after_midnight_is_tomorrow_s(
    answered: datetime, typed: str, expected: datetime | str
) -> None:
    assert read_or_refused(typed, answered) == expected


def test_a_refused_arrival_names_its_field() -> None:
    with pytest.raises(BadEta) as refused:
        read("скоро")
    assert refused.value.field == "eta"


# Berlin turns the clock on from 2:00 to 3:00 on 29 March 2026 and back from 3:00 to 2:00 on 25 October 2026.
@pytest.mark.parametrize(
    ("answered", "typed", "minutes"),
    [
        (datetime(2026, 3, 29, 0, 55, tzinfo=UTC), "3:05", 10),
        (datetime(2026, 3, 29, 0, 55, tzinfo=UTC), "10", 10),
        (datetime(2026, 10, 25, 0, 20, tzinfo=UTC), "2:30", 10),
        (datetime(2026, 10, 25, 0, 50, tzinfo=UTC), "2:10", 20),
        (datetime(2026, 10, 25, 0, 55, tzinfo=UTC), "3:05", 70),
        (datetime(2026, 10, 25, 1, 20, tzinfo=UTC), "2:30", 10),
    ],
)
def test_an_arrival_across_a_change_of_the_clock_is_elapsed_time(answered: datetime, typed: str, minutes: int) -> None:
    assert read(typed, answered, BERLIN) - answered == timedelta(minutes=minutes)


def test_a_day_that_only_leap_years_have_is_a_day_like_any_other() -> None:
    late_evening = datetime(2028, 2, 28, 23, 55, tzinfo=MOSCOW)
    assert read("0:05", late_evening.astimezone(UTC)).astimezone(MOSCOW).day == 29


@given(
    minutes=st.integers(0, 3 * 365 * 24 * 60),
    typed=st.one_of(
        st.integers(0, 9999).map(str), st.times().map(lambda clock: f"{clock.hour}:{clock.minute:02}"), st.text()
    ),
    zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("Asia/Vladivostok"), ZoneInfo("America/Goose_Bay")]),
)
def test_whatever_is_typed_gives_a_sensible_arrival_or_a_refusal(minutes: int, typed: str, zone: ZoneInfo) -> None:
    answered = ANSWERED + timedelta(minutes=minutes)
    try:
        expected_at = read(typed, answered, zone)
    except BadEta:
        return
    assert timedelta(0) <= expected_at - answered <= LONGEST_ETA


@pytest.mark.parametrize(
    ("expected_at", "expected"),
    [(at("10:22"), True), (at("10:25"), True), (at("10:25") + MILLISECOND, False), (at("10:40"), False)],
)
def test_exactly_ten_minutes_from_the_answer_is_near(expected_at: datetime, expected: bool) -> None:
    assert is_near(expected_at, answered_at=at("10:15"), policy=POLICY) is expected


def test_how_near_is_near_is_the_branch_s_own() -> None:
    policy = PolicyFacts(near_within=timedelta(minutes=20))
    assert is_near(at("10:35"), answered_at=at("10:15"), policy=policy)


@pytest.mark.parametrize(("expected_at", "expected"), [(at("10:10"), True), (at("10:10:00.001"), False)])
def test_a_warning_within_the_grace_is_only_noted(expected_at: datetime, expected: bool) -> None:
    assert is_within_grace(expected_at, starts_at=at("10:00"), policy=POLICY) is expected


def test_who_is_to_be_called_again_about_a_visit_of_another_day_may_name_its_morning() -> None:
    long = timedelta(hours=26)
    assert read_or_refused("9:30") == "eta_past"
    assert read_eta("9:30", answered_at=ANSWERED, zone=MOSCOW, longest=long) == moscow(9, 30, day=23)
    assert read_or_refused("20 ч") == "eta_absurd"
    assert read_eta("20 ч", answered_at=ANSWERED, zone=MOSCOW, longest=long) == ANSWERED + timedelta(hours=20)
