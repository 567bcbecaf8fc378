import pytest

from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.rules.settings import (
    Setting,
    SettingOf,
    digest_of_value,
    hours_of_value,
    in_order,
    moved_before,
    value_of_hours,
)


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


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [
        (3, 1, [3, 1, 2, 4]),
        (1, 4, [2, 3, 1, 4]),
        (1, None, [2, 3, 4, 1]),
        (2, 3, [1, 2, 3, 4]),  # it stands there already
        (2, 2, [1, 2, 3, 4]),
        (9, 1, [1, 2, 3, 4]),  # gone meanwhile
        (1, 9, [2, 3, 4, 1]),  # before one that is gone: at the end
    ],
)
def test_one_is_moved_before_another(moved: int, before: int | None, order: list[int]) -> None:
    assert moved_before([1, 2, 3, 4], moved, before) == order


def test_those_put_in_order_share_the_places_that_they_have() -> None:
    assert in_order([1, 2, 3, 4, 5], [4, 2]) == [1, 4, 3, 2, 5]
    assert in_order([1, 2, 3], [3, 9, 1]) == [3, 2, 1], "one that is not there has no place"


def test_what_was_seen_is_known_by_its_digest() -> None:
    assert digest_of_value({"a": 1, "b": [2]}) == digest_of_value({"b": [2], "a": 1})
    assert digest_of_value({"a": 1}) != digest_of_value({"a": 2})
    assert digest_of_value(None) != digest_of_value([])
