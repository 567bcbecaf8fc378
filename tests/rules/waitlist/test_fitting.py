"""Whom a time that became free fits, by example and against a search that tries everybody at every start."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.schedule.test_slots import (
    FIVE_MINUTES,
    LONG_AGO,
    MINUTES,
    MONDAY,
    TUESDAY,
    at,
    instant,
    is_worked_in,
    station,
    stations,
    taken,
    wishes,
)
from vovremya.schedule.rules.occupied import Period
from vovremya.schedule.rules.slots import Slot, SlotReason, Station, Wish, best_fitting, free_slots
from vovremya.waitlist.rules.fitting import Asked, Fit, Freed, Waiting, calls, fits, still_free, to_call_about

BEFORE = LONG_AGO - timedelta(days=1)


def freed(starts_at: datetime, ends_at: datetime, bay_id: int = 1) -> Freed:
    return Freed(bay_id, starts_at, ends_at, LONG_AGO)


def waits(number: int, minutes: int = 60, **more: object) -> Waiting:
    """The lower the number, the longer."""
    wish = {"step_minutes": 15, **{name: more.pop(name) for name in list(more) if name not in OF_WAITING}}
    return Waiting(number, Wish(minutes, **wish), BEFORE + timedelta(minutes=number), **more)  # type: ignore[arg-type]


OF_WAITING = {"is_urgent", "sooner_than", "asked"}


def asked(starts_at: datetime, ends_at: datetime, bay_id: int = 1) -> Asked:
    return Asked(bay_id, starts_at, ends_at, LONG_AGO + FIVE_MINUTES)


def who(found: list[Fit]) -> list[int]:
    return [fit.waiting.wait_id for fit in found]


BUSY = station([taken(at(9), at(10)), taken(at(11, 30), at(13)), taken(at(14), at(18))])
NINETY_MINUTES = freed(at(10), at(11, 30))


def test_who_leaves_no_idle_time_comes_first_and_then_who_waits_longest() -> None:
    found = fits(BUSY, NINETY_MINUTES, [waits(1), waits(2, 90), waits(3, 30)], now=LONG_AGO)
    assert who(found) == [2, 1, 3]
    assert [fit.slot.reason_code for fit in found] == [
        SlotReason.FILLS_GAP,
        SlotReason.AFTER_PREVIOUS,
        SlotReason.AFTER_PREVIOUS,
    ]


def test_an_urgent_one_comes_before_everybody() -> None:
    assert who(fits(BUSY, NINETY_MINUTES, [waits(2, 90), waits(9, is_urgent=True)], now=LONG_AGO)) == [9, 2]


def test_it_fits_nobody_whose_wishes_it_does_not_meet() -> None:
    others = [
        waits(1, 95),
        waits(2, weekdays=frozenset({1})),
        waits(3, bay_id=2),
        waits(4, group_id=7),
        waits(5, not_before_minute=11 * 60),
        waits(6, sooner_than=at(10)),
        waits(7, 30, asked=[asked(at(10), at(10, 30))]),
        waits(8, 30, asked=[replace(asked(at(9), at(18), bay_id=2), at=BEFORE)]),
        replace(waits(9), added_at=LONG_AGO + FIVE_MINUTES),
    ]
    assert fits(BUSY, NINETY_MINUTES, others, now=LONG_AGO) == []


def test_who_said_no_is_called_again_when_more_became_free_about_other_hours_alone() -> None:
    newer = replace(NINETY_MINUTES, freed_at=LONG_AGO + 2 * FIVE_MINUTES)
    said_no = waits(1, 30, asked=[asked(at(10), at(10, 40))])
    (fit,) = fits(BUSY, newer, [said_no], now=LONG_AGO)
    assert fit.slot.starts_at == at(11)
    on_another_bay = waits(1, 30, asked=[asked(at(10), at(10, 40), bay_id=2)])
    (fit,) = fits(BUSY, NINETY_MINUTES, [on_another_bay], now=LONG_AGO)
    assert fit.slot.starts_at == at(11)


def test_the_own_visit_may_be_left_for_a_time_that_reaches_into_it() -> None:
    own = waits(1, 120, sooner_than=at(11, 30), ignored_visit_id=7)
    busy = station([taken(at(9), at(10)), taken(at(11, 30), at(13), 7), taken(at(14), at(18))])
    (fit,) = fits(busy, NINETY_MINUTES, [own], now=LONG_AGO)
    assert (fit.slot.starts_at, fit.slot.ends_at) == (at(10), at(12))
    assert fits(busy, NINETY_MINUTES, [replace(own, wish=replace(own.wish, ignored_visit_id=None))], now=LONG_AGO) == []


def test_what_was_free_before_and_lies_apart_is_nothing_new() -> None:
    half_free = station([taken(at(11), at(18))])
    assert who(fits(half_free, freed(at(10, 30), at(11)), [waits(1, 30, not_after_minute=600)], now=LONG_AGO)) == []
    (fit,) = fits(half_free, freed(at(10, 30), at(11)), [waits(1, 60)], now=LONG_AGO)
    assert fit.slot.starts_at == at(10), "together with what was free before"


def test_a_work_over_the_night_takes_what_became_free_on_the_next_day() -> None:
    two_days = station([taken(at(9), at(15)), taken(at(12, on=TUESDAY), at(18, on=TUESDAY))], days=2)
    (fit,) = fits(two_days, freed(at(9, on=TUESDAY), at(12, on=TUESDAY)), [waits(1, 300)], now=LONG_AGO)
    assert (fit.slot.starts_at, fit.slot.is_continued) == (at(15), True)


def test_the_pause_before_and_after_became_free_as_well() -> None:
    busy = station([taken(at(9), at(10)), taken(at(10, 50), at(13)), taken(at(14), at(18))])
    paused = replace(busy, pause=timedelta(minutes=10))
    (fit,) = fits(paused, freed(at(10, 10), at(10, 30)), [waits(1, 10, not_before_minute=630)], now=LONG_AGO)
    assert fit.slot.starts_at == at(10, 30)


def test_what_was_taken_again_or_is_over_is_free_no_longer() -> None:
    twice = [freed(at(10), at(11)), freed(at(10, 30), at(11, 30)), freed(at(9), at(9, 30)), freed(at(15), at(16))]
    assert still_free(BUSY, twice, now=at(10, 15)) == [freed(at(10, 15), at(11, 30))]
    assert still_free(BUSY, [freed(at(10), at(11), bay_id=5)], now=LONG_AGO) == [], "a bay that is out of use"
    assert still_free(BUSY, [freed(at(11), at(12))], now=LONG_AGO) == [freed(at(11), at(11, 30))]


def test_two_that_meet_are_one_and_as_new_as_the_newer() -> None:
    newer = replace(freed(at(10, 30), at(11)), freed_at=at(9))
    assert still_free(BUSY, [newer, freed(at(10), at(10, 30))], now=LONG_AGO) == [
        replace(freed(at(10), at(11)), freed_at=at(9))
    ]


def test_there_is_a_call_for_each_time_that_fits_somebody_the_soonest_first() -> None:
    two = station([taken(at(9), at(12))], [taken(at(9), at(10))])
    became_free = [freed(at(14), at(18)), freed(at(10), at(13), bay_id=2), freed(at(12), at(12, 10))]
    clients = [waits(1, bay_id=2), waits(2, 240)]
    found = calls(two, became_free, clients, now=LONG_AGO)
    assert [(call.freed.bay_id, call.freed.starts_at, who(list(call.fits))) for call in found] == [
        (2, at(10), [1]),
        (1, at(14), [2]),
    ]
    about = to_call_about(two, became_free, clients, now=LONG_AGO)
    assert {(each.bay_id, each.starts_at) for each in about} == {(2, at(10)), (1, at(14))}


@settings(deadline=None, max_examples=30)
@given(
    day=stations(),
    wished=st.lists(wishes(), min_size=1, max_size=3),
    since=MINUTES,
    lasts=st.integers(1, 900),
    urgent=st.sets(st.integers(0, 2)),
    sooner=st.none() | MINUTES,
)
def test_the_best_fit_is_the_best_of_all(
    day: Station, wished: list[Wish], since: int, lasts: int, urgent: set[int], sooner: int | None
) -> None:
    """Everybody at every start of the bay, the plain way."""
    day = replace(day, pause=timedelta())
    origin = day.days[0].on
    period = instant(since // 5 * 5, origin), instant((since // 5 + -(-lasts // 5)) * 5, origin)
    sooner_than = None if sooner is None else instant(sooner, origin)
    waiting = [
        Waiting(number, wish, BEFORE + timedelta(minutes=number), number in urgent, sooner_than)
        for number, wish in enumerate(wished)
    ]
    for bay in day.bays:
        became_free = freed(*period, bay_id=bay.bay_id)
        everything = [
            (number not in urgent, *best_fitting(slot)[:2], number, -taken_of(period, slot), slot.starts_at)
            for number, wish in enumerate(wished)
            if wish.bay_id in (None, bay.bay_id)
            for slot in _all_slots(day, replace(wish, bay_id=bay.bay_id))
            if is_worked_in(day, wish, slot, period) and (sooner_than is None or slot.starts_at < sooner_than)
        ]
        best = {each[3]: min(other for other in everything if other[3] == each[3]) for each in everything}
        found = fits(day, became_free, waiting, now=LONG_AGO)
        assert [(fit.waiting.wait_id, fit.slot.starts_at) for fit in found] == [
            (number, starts_at) for *_, number, _, starts_at in sorted(best.values())
        ]


def taken_of(period: Period, slot: Slot) -> timedelta:
    return min(period[1], slot.ends_at) - max(period[0], slot.starts_at)


def _all_slots(day: Station, wish: Wish) -> list[Slot]:
    return free_slots(day, wish, now=LONG_AGO, limit=10_000)


def test_days_far_off_are_not_looked_through() -> None:
    month = station([], days=30)
    late = MONDAY + timedelta(days=20)
    (fit,) = fits(month, freed(at(10, on=late), at(11, on=late)), [waits(1)], now=LONG_AGO)
    assert fit.slot.starts_at == at(10, on=late), "what takes the most of it"
