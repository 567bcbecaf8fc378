"""Opening hours on the wall clock of a branch, and the days they make."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.schedule.rules.hours import (
    DayHours,
    WeekHours,
    business_day,
    business_day_of,
    business_days,
    case_day_end,
    closing_after,
    hours_by_clock,
    instant_at,
    is_open,
)

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
GOOSE_BAY = ZoneInfo("America/Goose_Bay")
APIA = ZoneInfo("Pacific/Apia")

SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)


def week(hours: DayHours | None, exceptions: dict[date, DayHours | None] | None = None) -> WeekHours:
    return WeekHours([hours] * 7, exceptions or {})


NINE_TO_SIX = week(DayHours(540, 1080, lunch=(780, 840)))
TILL_TWO_AT_NIGHT = week(DayHours(540, 1560))
ROUND_THE_CLOCK = week(DayHours(0, 1440))
ALWAYS_SHUT = week(None)


def moscow(hour: int, minute: int = 0, on: date = SUNDAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("opens", "closes", "lunch"),
    [
        (-1, 600, None),
        (1440, 1500, None),
        (600, 600, None),
        (600, 540, None),
        (600, 2041, None),
        (540, 1080, (500, 560)),
        (540, 1080, (840, 780)),
        (540, 1080, (1060, 1100)),
    ],
)
def test_impossible_hours_are_refused(opens: int, closes: int, lunch: tuple[int, int] | None) -> None:
    with pytest.raises(ValueError, match=r"day|lunch"):
        DayHours(opens, closes, lunch)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven"):
        WeekHours([None] * 6)


def test_an_exception_replaces_the_hours_of_its_date() -> None:
    short = DayHours(600, 900)
    hours = week(DayHours(540, 1080), {SUNDAY: None, MONDAY: short})
    assert hours.on(SUNDAY) is None
    assert hours.on(MONDAY) == short
    assert hours.on(MONDAY + timedelta(days=1)) == DayHours(540, 1080)


def test_the_hours_of_a_weekday_are_its_own() -> None:
    hours = WeekHours([DayHours(540, 1080)] * 5 + [DayHours(600, 900), None])
    assert hours.on(MONDAY) == DayHours(540, 1080)
    assert hours.on(SUNDAY - timedelta(days=1)) == DayHours(600, 900)
    assert hours.on(SUNDAY) is None


def test_a_business_day_runs_from_midnight_to_midnight_of_the_branch() -> None:
    day = business_day(SUNDAY, NINE_TO_SIX, MOSCOW)
    assert day.midnight_at == day.starts_at == moscow(0)
    assert (day.opens_at, day.closes_at) == (moscow(9), moscow(18))
    assert day.lunch == (moscow(13), moscow(14))
    assert day.ends_at == moscow(0, on=MONDAY)


def test_a_closed_day_has_no_opening() -> None:
    day = business_day(SUNDAY, ALWAYS_SHUT, MOSCOW)
    assert (day.opens_at, day.closes_at, day.lunch) == (None, None, None)
    assert (day.starts_at, day.ends_at) == (moscow(0), moscow(0, on=MONDAY))
    assert not day.is_open(moscow(12))


def test_hours_past_midnight_end_the_day_at_closing() -> None:
    day = business_day(SUNDAY, TILL_TWO_AT_NIGHT, MOSCOW)
    assert day.midnight_at == moscow(0)
    assert day.starts_at == moscow(2)
    assert day.closes_at == day.ends_at == moscow(2, on=MONDAY)


def test_the_night_before_swallows_hours_that_begin_before_it_closes() -> None:
    late_night = DayHours(1200, 1800)  # 20:00 to 06:00
    hours = week(late_night, {MONDAY: DayHours(240, 600, lunch=(240, 420)), MONDAY + timedelta(1): None})
    day = business_day(MONDAY, hours, MOSCOW)
    assert (day.starts_at, day.opens_at) == (moscow(6, on=MONDAY), moscow(6, on=MONDAY))
    assert day.lunch == (moscow(6, on=MONDAY), moscow(7, on=MONDAY))

    lost_lunch = week(late_night, {MONDAY: DayHours(240, 600, lunch=(240, 300))})
    assert business_day(MONDAY, lost_lunch, MOSCOW).lunch is None

    swallowed = business_day(MONDAY, week(late_night, {MONDAY: DayHours(60, 300)}), MOSCOW)
    assert swallowed.opens_at is None
    assert (swallowed.starts_at, swallowed.ends_at) == (
        moscow(6, on=MONDAY),
        moscow(0, on=MONDAY + timedelta(1)),
    )


def test_the_small_hours_belong_to_yesterday_until_closing() -> None:
    assert business_day_of(moscow(1, 59, on=MONDAY), TILL_TWO_AT_NIGHT, MOSCOW).on == SUNDAY
    assert business_day_of(moscow(2, on=MONDAY), TILL_TWO_AT_NIGHT, MOSCOW).on == MONDAY
    assert business_day_of(moscow(1, 59, on=MONDAY), NINE_TO_SIX, MOSCOW).on == MONDAY


def test_a_clock_turned_back_over_midnight_does_not_return_to_the_old_day() -> None:
    # On 7 November 2010, at 00:01, Goose Bay went back to 23:01 of the 6th.
    again = datetime(2010, 11, 7, 3, 30, tzinfo=UTC)
    assert again.astimezone(GOOSE_BAY).date() == date(2010, 11, 6)
    assert business_day_of(again, ALWAYS_SHUT, GOOSE_BAY).on == date(2010, 11, 7)


def test_a_date_that_the_zone_skipped_lasts_no_time() -> None:
    skipped = business_day(date(2011, 12, 30), ROUND_THE_CLOCK, APIA)
    assert skipped.midnight_at == skipped.ends_at
    assert skipped.opens_at is None


def test_a_wall_time_in_the_gap_is_the_instant_of_the_skip() -> None:
    spring = date(2026, 3, 29)  # 02:00 becomes 03:00
    skip = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant_at(spring, 119, BERLIN) == skip - timedelta(minutes=1)
    for minute in (120, 121, 150, 179, 180):
        assert instant_at(spring, minute, BERLIN) == skip
    assert instant_at(spring, 181, BERLIN) == skip + timedelta(minutes=1)


def test_a_wall_time_shown_twice_is_the_first() -> None:
    assert instant_at(date(2026, 10, 25), 150, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_days_of_changed_clocks_have_23_and_25_hours() -> None:
    spring = business_day(date(2026, 3, 29), ROUND_THE_CLOCK, BERLIN)
    autumn = business_day(date(2026, 10, 25), ROUND_THE_CLOCK, BERLIN)
    assert spring.ends_at - spring.starts_at == timedelta(hours=23)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=25)


def test_open_from_opening_to_the_instant_before_closing() -> None:
    millisecond = timedelta(milliseconds=1)
    assert not is_open(moscow(9) - millisecond, NINE_TO_SIX, MOSCOW)
    assert is_open(moscow(9), NINE_TO_SIX, MOSCOW)
    assert is_open(moscow(13, 30), NINE_TO_SIX, MOSCOW)
    assert is_open(moscow(18) - millisecond, NINE_TO_SIX, MOSCOW)
    assert not is_open(moscow(18), NINE_TO_SIX, MOSCOW)


def test_the_closing_after_an_instant() -> None:
    assert closing_after(moscow(10), NINE_TO_SIX, MOSCOW) == moscow(18)
    assert closing_after(moscow(7), NINE_TO_SIX, MOSCOW) == moscow(18)
    assert closing_after(moscow(18), NINE_TO_SIX, MOSCOW) == moscow(18, on=MONDAY)
    assert closing_after(moscow(1, on=MONDAY), TILL_TWO_AT_NIGHT, MOSCOW) == moscow(2, on=MONDAY)


def test_a_branch_round_the_clock_never_closes_but_for_a_holiday() -> None:
    assert closing_after(moscow(10), ROUND_THE_CLOCK, MOSCOW) is None
    holiday = week(DayHours(0, 1440), {MONDAY: None})
    assert closing_after(moscow(10), holiday, MOSCOW) == moscow(0, on=MONDAY)


def test_a_branch_that_stays_shut_has_closed_already() -> None:
    assert closing_after(moscow(10), ALWAYS_SHUT, MOSCOW) == moscow(10)


def test_a_case_expires_at_the_days_end() -> None:
    assert case_day_end(moscow(10), NINE_TO_SIX, MOSCOW) == moscow(0, on=MONDAY)
    assert case_day_end(moscow(23), TILL_TWO_AT_NIGHT, MOSCOW) == moscow(2, on=MONDAY)
    assert case_day_end(moscow(23, 55), ALWAYS_SHUT, MOSCOW) == moscow(0, on=MONDAY)


def test_a_case_of_a_branch_at_work_over_midnight_lasts_two_hours_at_least() -> None:
    assert case_day_end(moscow(23, 55), ROUND_THE_CLOCK, MOSCOW) == moscow(1, 55, on=MONDAY)
    assert case_day_end(moscow(21), ROUND_THE_CLOCK, MOSCOW) == moscow(0, on=MONDAY)
    closing_for_a_holiday = week(DayHours(0, 1440), {MONDAY: None})
    assert case_day_end(moscow(23, 55), closing_for_a_holiday, MOSCOW) == moscow(0, on=MONDAY)
    opening_at_midnight = week(DayHours(0, 600))
    assert case_day_end(moscow(23, 55), opening_at_midnight, MOSCOW) == moscow(0, on=MONDAY)


HOURS = st.none() | st.builds(
    lambda opens, lasts: DayHours(opens, opens + lasts), st.integers(0, 1439), st.integers(1, 1440)
)
ZONES = st.sampled_from([MOSCOW, BERLIN, GOOSE_BAY, APIA, ZoneInfo("Asia/Vladivostok"), ZoneInfo("Asia/Kolkata")])
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2010, 11, 7), date(2011, 12, 30), date(2024, 2, 29)]
DATES = st.builds(lambda change, days: change + timedelta(days), st.sampled_from(CHANGES), st.integers(-3, 3))


@given(days=st.lists(HOURS, min_size=7, max_size=7), zone=ZONES, first=DATES)
def test_days_follow_each_other_without_a_gap(days: list[DayHours | None], zone: ZoneInfo, first: date) -> None:
    run = business_days(first, 4, WeekHours(days), zone)
    for day, following in itertools.pairwise(run):
        assert day.starts_at <= day.ends_at == following.starts_at
        if day.opens_at and day.closes_at:
            assert day.starts_at <= day.opens_at < day.closes_at <= day.ends_at


@given(
    days=st.lists(HOURS, min_size=7, max_size=7),
    zone=ZONES,
    on=DATES,
    seconds=st.integers(0, 24 * 3600),
)
def test_every_instant_belongs_to_one_day(days: list[DayHours | None], zone: ZoneInfo, on: date, seconds: int) -> None:
    instant = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(seconds=seconds)
    day = business_day_of(instant, WeekHours(days), zone)
    assert day.starts_at <= instant < day.ends_at
    closing = closing_after(instant, WeekHours(days), zone)
    assert closing is None or closing >= instant
    assert case_day_end(instant, WeekHours(days), zone) >= day.ends_at


@given(on=DATES, minutes=st.lists(st.integers(0, 2879), min_size=2, max_size=2), zone=ZONES)
def test_the_order_of_wall_times_is_the_order_of_instants(on: date, minutes: list[int], zone: ZoneInfo) -> None:
    earlier, later = sorted(minutes)
    assert instant_at(on, earlier, zone) <= instant_at(on, later, zone)


@pytest.mark.parametrize(
    ("opens", "closes", "lunch", "expected"),
    [
        ("09:00", "18:00", None, DayHours(540, 1080)),
        ("09:00", "18:00", ("13:00", "14:00"), DayHours(540, 1080, (780, 840))),
        ("09:00", "00:00", None, DayHours(540, 1440)),
        ("20:00", "06:00", ("01:00", "01:30"), DayHours(1200, 1800, (1500, 1530))),
        ("00:00", "00:00", None, DayHours(0, 1440)),
    ],
)
def test_hours_are_read_as_somebody_writes_them(
    opens: str, closes: str, lunch: tuple[str, str] | None, expected: DayHours
) -> None:
    times = (time.fromisoformat(lunch[0]), time.fromisoformat(lunch[1])) if lunch else None
    assert hours_by_clock(time.fromisoformat(opens), time.fromisoformat(closes), times) == expected


def test_a_lunch_outside_the_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="lunch"):
        hours_by_clock(time(9), time(12), (time(13), time(14)))
