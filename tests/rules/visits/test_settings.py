import pytest

from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.rules.settings import Setting, SettingOf, hours_of_value, value_of_hours


def test_what_is_added_is_what_the_setting_is_about_from_then_on() -> None:
    added = SettingOf(1, Setting.BAY)
    assert added.about(7) == SettingOf(1, Setting.BAY, 7)


@pytest.mark.parametrize(
    ("hours", "value"),
    [(DayHours(540, 1080), [540, 1080]), (DayHours(540, 1080, lunch=(780, 840)), [540, 1080, 780, 840])],
)
def test_hours_are_kept_as_minutes(hours: DayHours, value: list[int]) -> None:
    assert (value_of_hours(hours), hours_of_value(value)) == (value, hours)
    assert hours_of_value(None) is None
