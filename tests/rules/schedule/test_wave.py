"""Whom a late client hits, what can be done about it, and in which order it is offered."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from tests.rules.schedule.test_arranging import NINE_TO_SIX, job, shop
from tests.rules.schedule.test_slots import MOSCOW, at
from vovremya.schedule.rules.arranging import Job, Shop
from vovremya.schedule.rules.hours import WeekHours, business_days
from vovremya.schedule.rules.slots import BayLoad, Station, Taken
from vovremya.schedule.rules.wave import (
    Advantage,
    Arrival,
    Cause,
    Cost,
    Elsewhere,
    Hit,
    Late,
    Outlook,
    PlanKind,
    WavePlan,
    advantage,
    hits,
    plans,
)

TUESDAY = date(2026, 11, 24)
NOW = at(10, 12)
HOUR = timedelta(hours=1)
ALL_DAY = (at(9), at(18))


def late(minutes: int = 40, *, is_on_the_line: bool = True) -> Late:
    """The visit of ten o'clock on the first bay."""
    arrives_at = at(10) + timedelta(minutes=minutes)
    return Late(100, 1, 1, at(10), at(11), arrives_at, is_on_the_line)


def offered(outlook: Outlook, who: Late | None = None) -> dict[PlanKind, WavePlan]:
    found = plans(who or late(), outlook, now=NOW)
    assert [plan.score for plan in found] == sorted(plan.score for plan in found)
    return {plan.kind: plan for plan in found}


def full(bay: int) -> tuple[int, datetime, datetime]:
    return bay, *ALL_DAY


def day(*taken: Sequence[tuple[datetime, datetime]], on: date = TUESDAY) -> Station:
    loads = [
        BayLoad(number, 1, [Taken(*period) for period in periods]) for number, periods in enumerate(taken, start=1)
    ]
    return Station(MOSCOW, business_days(on, 2, WeekHours([NINE_TO_SIX] * 7), MOSCOW), loads)


def starts(plan: WavePlan) -> str:
    return f"{plan.placed.starts_at.astimezone(MOSCOW):%d %H:%M}"


# --- whom it hits ------------------------------------------------------------------------------------------------


def test_the_wave_hits_those_after_it_until_a_gap_takes_it_up() -> None:
    outlook = Outlook(shop(job(1, 1, 11), job(2, 1, 12, 10), job(3, 1, 15)))
    assert hits(late(), outlook) == [Hit(1, 40, Cause.BAY), Hit(2, 30, Cause.BAY)]


def test_who_comes_to_the_advisor_meanwhile_waits_for_the_reception() -> None:
    arrivals = [Arrival(7, at(10, 30)), Arrival(8, at(10, 45)), Arrival(9, at(10, 55))]
    assert hits(late(), Outlook(shop(), arrivals)) == [Hit(8, 10, Cause.ADVISOR)]


def test_nothing_is_hit_where_the_bay_has_no_room_that_day() -> None:
    assert hits(late(), Outlook(shop(taken=[full(1)]))) == []
    assert hits(late(), Outlook(shop(job(1, 1, 11, lasts=390), job(2, 1, 17, 30, lasts=30)))) == []


# --- what can be done --------------------------------------------------------------------------------------------


def test_everything_that_can_be_done_is_offered_with_what_it_costs() -> None:
    busy = [job(1, 1, 11), job(2, 2, 10, 30, lasts=90), job(3, 3, 9, lasts=120)]
    branch = Elsewhere(2, day(on=date(2026, 11, 23)), 1)
    branch = Elsewhere(2, Station(MOSCOW, branch.station.days, [BayLoad(50, 1)]), 1)
    found = offered(Outlook(shop(*busy, bays=3), later=[day([])], elsewhere=[branch]))
    assert {kind: plan.cost for kind, plan in found.items()} == {
        PlanKind.REARRANGE: Cost(waiting_minutes=0, idle_minutes=40, calls=0),
        PlanKind.LATER_TODAY: Cost(waiting_minutes=20, idle_minutes=60, calls=0),
        PlanKind.SHIFT: Cost(waiting_minutes=40, idle_minutes=40, calls=1),
        PlanKind.OTHER_BRANCH: Cost(waiting_minutes=35, idle_minutes=60, calls=0),
        PlanKind.OTHER_DAY: Cost(waiting_minutes=0, idle_minutes=60, calls=0),
    }
    assert list(found) == [
        PlanKind.REARRANGE,
        PlanKind.LATER_TODAY,
        PlanKind.SHIFT,
        PlanKind.OTHER_BRANCH,
        PlanKind.OTHER_DAY,
    ]
    assert {kind: starts(plan) for kind, plan in found.items() if kind is not PlanKind.SHIFT} == {
        PlanKind.REARRANGE: "23 10:40",
        PlanKind.LATER_TODAY: "23 11:00",
        PlanKind.OTHER_BRANCH: "23 11:15",
        PlanKind.OTHER_DAY: "24 09:00",
    }
    assert found[PlanKind.OTHER_BRANCH].branch_id == 2
    assert found[PlanKind.SHIFT].told_ids == (1,)
    assert found[PlanKind.SHIFT].touched_ids == (100, 1)


def test_another_bay_that_is_free_on_arrival_hits_nobody() -> None:
    found = offered(Outlook(shop(job(1, 1, 11))))
    assert found[PlanKind.OTHER_BAY].placed.bay_id == 2
    assert found[PlanKind.OTHER_BAY].cost == Cost(0, 60, 0)
    # The follower on the free bay leaves the late one's own time less idle.
    assert next(iter(found)) is PlanKind.REARRANGE


def test_with_nobody_behind_the_late_one_simply_comes_later() -> None:
    found = plans(late(), Outlook(shop()), now=NOW)
    assert [plan.kind for plan in found] == [PlanKind.SHIFT, PlanKind.OTHER_BAY]
    assert found[0].others == ()
    assert advantage(found) is Advantage.NOBODY_HIT


def test_the_wait_for_what_cannot_give_way_is_the_late_one_s_own() -> None:
    found = offered(Outlook(shop(taken=[(1, at(10, 30), at(11, 30))], bays=1)))
    assert found[PlanKind.SHIFT].cost == Cost(waiting_minutes=50, idle_minutes=60, calls=0)


def test_who_is_not_on_the_line_is_called_about_any_time_but_that_of_the_arrival() -> None:
    outlook = Outlook(shop(taken=[(1, at(10, 30), at(11, 30))], bays=1), later=[day([])])
    found = offered(outlook, late(is_on_the_line=False))
    assert {kind: plan.told_ids for kind, plan in found.items()} == {
        PlanKind.SHIFT: (100,),
        PlanKind.LATER_TODAY: (100,),
        PlanKind.OTHER_DAY: (100,),
    }
    assert offered(Outlook(shop()), late(is_on_the_line=False))[PlanKind.SHIFT].told_ids == ()


def test_waiting_for_the_advisor_is_counted() -> None:
    found = offered(Outlook(shop(), [Arrival(8, at(10, 45))], later=[day([])]))
    assert found[PlanKind.SHIFT].cost.waiting_minutes == 10
    assert found[PlanKind.OTHER_DAY].cost.waiting_minutes == 0


def test_a_car_with_another_work_after_this_one_goes_to_no_other_day() -> None:
    found = offered(Outlook(shop(job(1, 2, 11, after=100)), later=[day([])]))
    assert PlanKind.OTHER_DAY not in found
    assert found[PlanKind.SHIFT].others[0].starts_at == at(11, 40)


def test_where_nothing_is_free_nothing_is_offered() -> None:
    full_days = day([(at(9, on=TUESDAY), at(18, on=TUESDAY) + timedelta(days=1))])
    nowhere = Elsewhere(2, full_days, 1)
    assert offered(Outlook(shop(taken=[full(1), full(2)]), later=[full_days, full_days], elsewhere=[nowhere])) == {}


def test_what_no_order_on_the_bay_can_take_another_bay_may() -> None:
    found = offered(Outlook(shop(job(1, 1, 11, lasts=420))))
    assert PlanKind.SHIFT not in found
    assert found[PlanKind.REARRANGE].others[0].bay_id == 2


# --- why the first is the first ----------------------------------------------------------------------------------


def plan(waiting: int, idle: int, calls: int, *, told: tuple[int, ...] = (1,)) -> WavePlan:
    example = plans(late(), Outlook(shop(job(1, 1, 11), bays=1)), now=NOW)[0]
    return WavePlan(example.kind, example.placed, example.others, told, Cost(waiting, idle, calls), 0)


@pytest.mark.parametrize(
    ("ranked", "why"),
    [
        ([plan(10, 10, 1)], Advantage.ONLY_ONE),
        ([plan(10, 60, 2), plan(30, 40, 1)], Advantage.LEAST_WAITING),
        ([plan(10, 40, 2), plan(10, 60, 1)], Advantage.LEAST_IDLE),
        ([plan(10, 40, 1), plan(10, 40, 2)], Advantage.FEWEST_CALLS),
        ([plan(10, 50, 2), plan(0, 60, 2), plan(50, 40, 1)], Advantage.LEAST_IN_ALL),
    ],
)
def test_the_first_is_praised_for_what_it_saves(ranked: list[WavePlan], why: Advantage) -> None:
    assert advantage(ranked) is why


def test_jobs_are_found_by_their_visit() -> None:
    one: Job = job(1, 1, 11)
    found: Shop = shop(one)
    assert found.by_visit == {1: one}
