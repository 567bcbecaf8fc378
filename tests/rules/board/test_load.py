"""How full a bay's day is, and where a small picture of it shows a visit."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vovremya.board.rules import load, minutes_of_day, open_minutes, place_in_hours, week_of
from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours, business_day

ON = date(2026, 11, 24)
MOSCOW = ZoneInfo("Europe/Moscow")


def day(hours: DayHours | None) -> BusinessDay:
    return business_day(ON, WeekHours([hours] * 7), MOSCOW)


def at(minute: int) -> datetime:
    return day(None).midnight_at + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(DayHours(540, 1260), 720), (DayHours(540, 1260, lunch=(780, 840)), 660), (None, 0), (DayHours(0, 1440), 1440)],
)
def test_a_bay_is_open_without_its_lunch(hours: DayHours | None, expected: int) -> None:
    assert open_minutes(day(hours)) == expected


def test_a_day_of_no_minutes_has_no_load() -> None:
    assert (load(330, 660), load(30, 0)) == (50, 0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(600, 660, 60), (-60, 60, 60), (1410, 1500, 30), (-120, 0, 0), (1440, 1500, 0), (-600, 3000, 1440)],
)
def test_of_a_visit_counts_what_lies_in_the_business_day(start: int, end: int, expected: int) -> None:
    assert minutes_of_day((at(start), at(end)), day(DayHours(540, 1260))) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(600, 660, (100, 100)), (480, 600, (0, 100)), (1140, 1300, (1000, 8)), (540, 541, (0, 8))],
)
def test_a_small_picture_shows_the_open_hours(start: int, end: int, expected: tuple[int, int]) -> None:
    assert place_in_hours((at(start), at(end)), day(DayHours(540, 1140))) == expected


def test_of_a_closed_day_a_small_picture_shows_all() -> None:
    assert place_in_hours((at(720), at(864)), day(None)) == (500, 100)


def test_a_week_begins_on_monday() -> None:
    assert [each.day for each in week_of(date(2026, 11, 29))] == [23, 24, 25, 26, 27, 28, 29]
    assert week_of(date(2026, 11, 23)) == week_of(date(2026, 11, 29))
