from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vovremya.board.rules import DayOf, dates_shown_on, shown_period
from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours, business_day

MONDAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 22, 21, tzinfo=UTC)  # of that Monday in Moscow


def days(hours: DayHours | None, exceptions: dict[date, DayHours | None] | None = None) -> DayOf:
    week = WeekHours([hours] * 7, exceptions or {})

    def day_of(on: date) -> BusinessDay:
        return business_day(on, week, ZoneInfo("Europe/Moscow"))

    return day_of


def hours_after_midnight(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


def test_a_branch_that_sleeps_is_shown_from_midnight_to_midnight() -> None:
    assert shown_period(MONDAY, days(DayHours(480, 1200))) == (MIDNIGHT, hours_after_midnight(24))


def test_hours_past_midnight_are_shown_to_closing() -> None:
    assert shown_period(MONDAY, days(DayHours(600, 1560))) == (MIDNIGHT, hours_after_midnight(26))


def test_a_branch_at_work_round_the_clock_is_shown_over_both_midnights() -> None:
    shown = shown_period(MONDAY, days(DayHours(0, 1440)))
    assert shown == (hours_after_midnight(-3), hours_after_midnight(27))


def test_a_closed_day_ends_the_work_over_midnight() -> None:
    shown = shown_period(MONDAY, days(DayHours(0, 1440), {MONDAY + timedelta(days=1): None}))
    assert shown == (hours_after_midnight(-3), hours_after_midnight(24))


def test_a_closed_day_is_shown_from_midnight_to_midnight() -> None:
    assert shown_period(MONDAY, days(None)) == (MIDNIGHT, hours_after_midnight(24))


def test_a_visit_over_midnight_is_on_both_boards() -> None:
    dates = [MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=1)]
    visit = (hours_after_midnight(23.5), hours_after_midnight(24.5))
    assert dates_shown_on(visit, dates, days(DayHours(480, 1200))) == dates[1:]


def test_a_late_visit_of_last_night_is_on_the_board_of_a_branch_that_never_sleeps() -> None:
    dates = [MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=1)]
    visit = (hours_after_midnight(-1), hours_after_midnight(-0.5))
    assert dates_shown_on(visit, dates, days(DayHours(0, 1440))) == dates[:2]
