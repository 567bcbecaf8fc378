"""Who gives way, by example and against a search through every bay and every order of the works."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import permutations, product
from unittest.mock import patch

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.rules.schedule.test_slots import MOSCOW, at
from vovremya.schedule.rules import arranging
from vovremya.schedule.rules.arranging import Job, Placed, Shop, arrange, price
from vovremya.schedule.rules.hours import DayHours, WeekHours, business_days
from vovremya.schedule.rules.slots import BayLoad, Station, Taken

MONDAY = date(2026, 11, 23)
MINUTE = timedelta(minutes=1)
NINE_TO_SIX = DayHours(540, 1080)
LATE = 100  # the number of the visit that is late


def shop(*jobs: Job, taken: Sequence[tuple[int, datetime, datetime]] = (), bays: int = 2) -> Shop:
    loads = [
        BayLoad(bay, 1, [Taken(starts_at, ends_at) for on, starts_at, ends_at in taken if on == bay])
        for bay in range(1, bays + 1)
    ]
    return Shop(Station(MOSCOW, business_days(MONDAY, 1, WeekHours([NINE_TO_SIX] * 7), MOSCOW), loads), jobs)


def job(visit_id: int, bay: int, hour: int, minute: int = 0, lasts: int = 60, after: int | None = None) -> Job:
    starts_at = at(hour, minute)
    return Job(visit_id, bay, starts_at, starts_at + lasts * MINUTE, after)


def late(hour: int = 10, minute: int = 40, bay: int = 1, lasts: int = 60) -> Placed:
    return Placed(LATE, bay, at(hour, minute), at(hour, minute) + lasts * MINUTE)


def changed(found: Shop, pinned: Placed, *, may_change_bay: bool = True) -> dict[int, tuple[int, str]]:
    arrangement = arrange(found, pinned, may_change_bay=may_change_bay)
    assert arrangement is not None
    return {each.visit_id: (each.bay_id, f"{each.starts_at.astimezone(MOSCOW):%H:%M}") for each in arrangement.changed}


def test_nobody_moves_where_nobody_is_in_the_way() -> None:
    assert changed(shop(job(1, 1, 12), job(2, 2, 10)), late()) == {}


def test_who_is_in_the_way_goes_to_a_free_bay_at_the_time_that_was_told() -> None:
    assert changed(shop(job(1, 1, 11)), late()) == {1: (2, "11:00")}


def test_on_one_bay_the_wave_runs_on_until_a_gap_takes_it_up() -> None:
    found = shop(job(1, 1, 11), job(2, 1, 12, 10), job(3, 1, 14))
    assert changed(found, late(), may_change_bay=False) == {1: (1, "11:40"), 2: (1, "12:40")}


def test_a_short_work_that_was_planned_later_goes_first_where_that_saves_waiting() -> None:
    found = shop(job(1, 1, 11, lasts=180), job(2, 1, 14, lasts=30), job(3, 1, 14, 30, lasts=120), bays=1)
    assert changed(found, late()) == {1: (1, "11:40"), 2: (1, "14:40"), 3: (1, "15:10")}
    found = shop(job(1, 1, 11, 30, lasts=20), job(2, 1, 11, lasts=30), bays=1)
    assert changed(found, late(11, 0, lasts=40)) == {1: (1, "11:40"), 2: (1, "12:00")}


def test_what_cannot_give_way_is_gone_round() -> None:
    closed = (1, at(11, 45), at(13))
    assert changed(shop(job(1, 1, 11), taken=[closed], bays=1), late()) == {1: (1, "13:00")}


def test_the_next_work_of_the_car_waits_for_the_car() -> None:
    assert changed(shop(job(1, 2, 11, after=LATE)), late()) == {1: (2, "11:40")}


def test_the_next_work_of_the_car_goes_to_the_bay_that_has_it_soonest() -> None:
    closed = (2, at(11, 20), at(17))
    assert changed(shop(job(1, 2, 11, lasts=20, after=LATE), taken=[closed], bays=3), late()) == {1: (1, "11:40")}


def test_there_is_no_arrangement_beyond_the_closing() -> None:
    assert arrange(shop(job(1, 1, 17), bays=1), late(16, 40), may_change_bay=True) is None


def test_a_search_cut_short_says_so_and_still_finds_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "MOST_STEPS", 1)
    found = shop(job(1, 1, 11), job(2, 1, 12), job(3, 2, 11))
    arrangement = arrange(found, late(), may_change_bay=True)
    assert arrangement is not None
    assert not arrangement.is_cheapest
    assert not clashes([late(), *places(found, arrangement.changed)])
    assert arrange(shop(job(1, 1, 17), bays=1), late(16, 40), may_change_bay=True) is None


def test_of_very_many_bays_those_are_tried_that_are_least_in_use() -> None:
    busy = [job(visit_id, visit_id, 11) for visit_id in range(1, 12)]
    arrangement = arrange(shop(*busy, bays=12), late(), may_change_bay=True)
    assert arrangement is not None
    assert [(each.visit_id, each.bay_id) for each in arrangement.changed] == [(1, 12)]
    assert not arrangement.is_cheapest


def test_of_very_many_bays_that_are_all_in_use_one_is_shared_out_anew() -> None:
    busy = [job(visit_id, visit_id, 11) for visit_id in range(2, 13)]
    found = shop(job(20, 1, 10, 40, lasts=30), job(21, 1, 11, 10, lasts=40), *busy, bays=12)
    arrangement = arrange(found, late(), may_change_bay=True)
    assert arrangement is not None
    assert {each.visit_id for each in arrangement.changed} >= {20, 21}
    assert not clashes([late(), *places(found, arrangement.changed)])


# --- against every arrangement that there is ---------------------------------------------------------------------


@st.composite
def shops(draw: st.DrawFn) -> tuple[Shop, Placed]:
    bays = draw(st.integers(1, 3))
    ends = dict.fromkeys(range(1, bays + 1), 0)
    jobs: list[Job] = []
    for visit_id in range(1, 1 + draw(st.integers(0, 4))):
        bay = draw(st.integers(1, bays))
        after = draw(st.sampled_from([None, None, None, LATE, *[other.visit_id for other in jobs]]))
        first = next((other for other in jobs if other.visit_id == after), None)
        since = max(ends[bay], (first.ends_at - at(9)) // MINUTE if first else 0)
        starts = since + 10 * draw(st.integers(0, 6))
        lasts = 10 * draw(st.integers(1, 9))
        ends[bay] = starts + lasts
        starts_at = at(9) + starts * MINUTE
        jobs.append(Job(visit_id, bay, starts_at, starts_at + lasts * MINUTE, after, draw(st.booleans())))
    fixed = []
    for _ in range(draw(st.integers(0, 2))):
        bay, starts = draw(st.integers(1, bays)), 10 * draw(st.integers(0, 40))
        starts_at, ends_at = at(9) + starts * MINUTE, at(9) + (starts + 30) * MINUTE
        if not any(each.bay_id == bay and each.starts_at < ends_at and starts_at < each.ends_at for each in jobs):
            fixed.append((bay, starts_at, ends_at))
    pinned = late(9, 10 * draw(st.integers(0, 5)), draw(st.integers(1, bays)), 10 * draw(st.integers(1, 12)))
    clear = [each for each in fixed if not (each[0] == pinned.bay_id and each[1] < pinned.ends_at)]
    return shop(*jobs, taken=clear, bays=bays), pinned


@given(shops(), st.booleans(), st.integers(0, 3))
@settings(max_examples=200)
def test_no_arrangement_is_cheaper(found: tuple[Shop, Placed], may_change_bay: bool, bay_changes: int) -> None:
    the_shop, pinned = found
    most = bay_changes if may_change_bay else 0
    costs = [total(the_shop, places) for places in every_arrangement(the_shop, pinned, most)]
    with patch.object(arranging, "MOST_BAY_CHANGES", bay_changes):
        arrangement = arrange(the_shop, pinned, may_change_bay=may_change_bay)
    event("no room" if arrangement is None else f"{len(arrangement.changed)} changed")
    if arrangement is None:
        assert costs == []
        return
    assert arrangement.is_cheapest
    assert total(the_shop, places(the_shop, arrangement.changed)) == min(costs)
    assert not clashes([pinned, *places(the_shop, arrangement.changed)])


def places(the_shop: Shop, some: Sequence[Placed]) -> list[Placed]:
    by_visit = {each.visit_id: each for each in some}
    return [
        by_visit.get(each.visit_id, Placed(each.visit_id, each.bay_id, each.starts_at, each.ends_at))
        for each in the_shop.jobs
    ]


def total(the_shop: Shop, some: Sequence[Placed]) -> int:
    return sum(price(the_shop.by_visit[each.visit_id], each) for each in some)


def clashes(some: Sequence[Placed]) -> bool:
    return any(
        one.bay_id == other.bay_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
        for number, one in enumerate(some)
        for other in some[:number]
    )


def every_arrangement(the_shop: Shop, pinned: Placed, most_bay_changes: int) -> Iterator[list[Placed]]:
    """Every work on every bay in every order, each as soon as it can be; but for too many on other bays."""
    bay_ids = [bay.bay_id for bay in the_shop.station.bays]
    for chosen in product(bay_ids, repeat=len(the_shop.jobs)):
        if sum(bay != each.bay_id for bay, each in zip(chosen, the_shop.jobs, strict=True)) > most_bay_changes:
            continue
        for order in permutations(range(len(chosen))):
            found = in_turn(the_shop, pinned, chosen, order)
            if found is not None:
                yield found


def in_turn(the_shop: Shop, pinned: Placed, chosen: Sequence[int], order: Sequence[int]) -> list[Placed] | None:
    """One after the other as the order says; a car's next work after the one that it comes from."""
    done: dict[int, Placed] = {}
    for number in order:
        each, bay_id = the_shop.jobs[number], chosen[number]
        first = pinned if each.after_visit_id == LATE else done.get(each.after_visit_id or 0)
        if each.after_visit_id and first is None:
            return None  # the same in an order that begins with it
        before = [other.ends_at for other in done.values() if other.bay_id == bay_id]
        since = max([each.starts_at, *before, *([first.ends_at] if first else [])])
        in_the_way = [(pinned.starts_at, pinned.ends_at)] if pinned.bay_id == bay_id else []
        in_the_way += [
            (taken.starts_at, taken.ends_at)
            for bay in the_shop.station.bays
            if bay.bay_id == bay_id
            for taken in bay.taken
        ]
        for starts_at, ends_at in sorted(in_the_way):
            if starts_at < since + each.duration and since < ends_at:
                since = ends_at
        if since + each.duration > at(18) and (since, bay_id) != (each.starts_at, each.bay_id):
            return None
        done[each.visit_id] = Placed(each.visit_id, bay_id, since, since + each.duration)
    return list(done.values())
