"""What stands in the way of a move by hand: the table that the page's ghost is held to as well, and the slot engine."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.schedule.rules.hours import DayHours, WeekHours, business_days, narrowed
from vovremya.schedule.rules.obstacles import (
    Obstacle,
    ObstacleKind,
    Place,
    Touch,
    first_met,
    in_other_groups,
    of_bays,
    of_hours,
    of_own_hours,
)
from vovremya.schedule.rules.occupied import Occupied
from vovremya.schedule.rules.slots import BayLoad, Station, Taken, is_free

TABLE = json.loads(Path(__file__).with_name("obstacles.json").read_text(encoding="utf-8"))
MONDAY = date(2026, 11, 23)
MOSCOW = ZoneInfo("Europe/Moscow")
DAYS = business_days(MONDAY, 2, WeekHours([DayHours(540, 1080, lunch=(720, 780))] * 7), MOSCOW)
MIDNIGHT = DAYS[0].midnight_at


def minute(number: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=number)


def place(bay: int, start: int, lasts: int) -> Place:
    return Place(bay, minute(start), minute(start + lasts))


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_what_is_met(case: dict[str, Any]) -> None:
    given_obstacle = case["obstacle"]
    longest = given_obstacle.get("longest")
    obstacle = Obstacle(
        ObstacleKind.CLOSED,
        minute(given_obstacle["from"]),
        minute(given_obstacle["to"]),
        bay_id=given_obstacle.get("bay"),
        touch=Touch(given_obstacle.get("touch", "any")),
        longest=None if longest is None else timedelta(minutes=longest),
    )
    met = first_met([obstacle], place(*TABLE["old"].values()), place(*case["new"]))
    assert (met is not None) is case["met"]


def test_of_several_the_first_is_told() -> None:
    late, early = (Obstacle(kind, minute(0), minute(900)) for kind in (ObstacleKind.CLOSED, ObstacleKind.LUNCH))
    assert first_met([late, early], place(1, 600, 60), place(1, 700, 60)) is late


def occupied(**more: Any) -> Occupied:
    return Occupied("visit", 1, 0, minute(600), minute(660), **more)


def test_each_obstacle_of_a_bay_is_called_what_it_is() -> None:
    found = of_bays([occupied(visit_id=7), occupied(held_by_id=3), occupied(note="Ремонт")], user_id=4, visit_id=8)
    assert [(one.kind, one.visit_id, one.note) for one in found] == [
        (ObstacleKind.TAKEN, 7, ""),
        (ObstacleKind.HELD, None, ""),
        (ObstacleKind.OUT_OF_USE, None, "Ремонт"),
    ]


def test_the_visit_itself_and_what_its_mover_holds_are_no_obstacles() -> None:
    assert not list(of_bays([occupied(visit_id=8), occupied(held_by_id=4)], user_id=4, visit_id=8))


def test_bays_of_other_groups_are_one_obstacle_each() -> None:
    period = minute(0), minute(1440)
    assert [one.bay_id for one in in_other_groups([(1, 10), (2, 20), (3, 30)], {10, 20}, period)] == [3]


def test_a_day_without_lunch_or_hours_has_its_closed_hours_alone() -> None:
    days = business_days(MONDAY, 2, WeekHours([DayHours(540, 1080), None, *[None] * 5]), MOSCOW)
    found = [(one.kind, one.starts_at, one.ends_at) for one in of_hours(days)]
    assert found == [
        (ObstacleKind.CLOSED, minute(0), minute(540)),
        (ObstacleKind.CLOSED, minute(1080), minute(2880)),
    ]


def test_a_bay_is_closed_beyond_its_own_hours() -> None:
    week = WeekHours([DayHours(600, 720), None, *[None] * 5])
    days = [narrowed(day, week, MOSCOW) for day in DAYS]
    found = [(one.kind, one.bay_id, one.starts_at, one.ends_at) for one in of_own_hours(7, days)]
    assert found == [
        (ObstacleKind.BAY_CLOSED, 7, minute(0), minute(600)),
        (ObstacleKind.BAY_CLOSED, 7, minute(720), minute(2880)),
    ]


FIVES = st.integers(0, 24 * 12).map(lambda number: number * 5)


@given(FIVES, st.integers(1, 130).map(lambda number: number * 5), FIVES, st.integers(1, 24).map(lambda n: n * 5))
def test_a_new_time_meets_nothing_just_where_the_slot_engine_says_that_it_is_free(
    start: int, lasts: int, taken_from: int, taken_for: int
) -> None:
    taken = Taken(minute(taken_from), minute(taken_from + taken_for), 7)
    station = Station(MOSCOW, DAYS, [BayLoad(1, 10, [taken])])
    busy = Occupied("visit", 1, 0, taken.starts_at, taken.ends_at, visit_id=7)
    obstacles = [*of_hours(DAYS), *of_bays([busy], user_id=None, visit_id=8)]
    new = place(1, start, lasts)
    elsewhere = place(2, -600, 5)
    is_clear = first_met(obstacles, elsewhere, new) is None
    assert is_clear is is_free(station, 1, new.starts_at, new.ends_at)
