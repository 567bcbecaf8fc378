"""Free slots, by example and against a search that tries every start and every minute."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vovremya.schedule.rules.hours import DayHours, WeekHours, business_days
from vovremya.schedule.rules.slots import (
    BayLoad,
    PartOfDay,
    Slot,
    SlotReason,
    Station,
    Taken,
    Wish,
    free_from,
    free_slots,
    is_free,
    nearest_slots,
)

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
NINE_TO_SIX = DayHours(540, 1080, lunch=(780, 840))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def at(hour: int, minute: int = 0, on: date = MONDAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


def taken(starts_at: datetime, ends_at: datetime, visit_id: int | None = None) -> Taken:
    return Taken(starts_at, ends_at, visit_id)


def station(*loads: Sequence[Taken], hours: DayHours = NINE_TO_SIX, days: int = 1) -> Station:
    bays = [BayLoad(number, number // 10, load) for number, load in enumerate(loads, start=1)]
    return Station(MOSCOW, business_days(MONDAY, days, WeekHours([hours] * 7), MOSCOW), bays)


def starts(slots: list[Slot]) -> list[datetime]:
    return [slot.starts_at for slot in slots]


@pytest.mark.parametrize(("duration", "step"), [(0, 5), (-5, 5), (30, 0), (30, 7)])
def test_an_impossible_wish_is_refused(duration: int, step: int) -> None:
    with pytest.raises(ValueError, match=r"takes time|multiple of five"):
        Wish(duration, step_minutes=step)


def test_the_soonest_slots_come_first() -> None:
    found = free_slots(station([]), Wish(60), now=at(9, 1), limit=3)
    assert starts(found) == [at(9, 5), at(9, 10), at(9, 15)]
    assert found[0] == Slot(1, at(9, 5), at(10, 5), SlotReason.FREE)


def test_a_step_counts_from_midnight_and_the_end_of_a_visit_is_offered_besides() -> None:
    found = free_slots(station([taken(at(9), at(9, 40))]), Wish(60, step_minutes=60), now=LONG_AGO, limit=3)
    assert starts(found) == [at(9, 40), at(10), at(11)]
    assert found[0].reason_code == SlotReason.AFTER_PREVIOUS


def test_a_step_counts_from_midnight_where_the_day_before_ends_past_it() -> None:
    till_one_at_night = station([], hours=DayHours(60, 1500))
    found = free_slots(till_one_at_night, Wish(60, step_minutes=50), now=LONG_AGO, limit=2)
    assert starts(found) == [at(1, 40), at(2, 30)]


def test_no_work_begins_in_the_lunch_nor_runs_into_it() -> None:
    found = free_slots(station([]), Wish(60), now=at(11, 55), limit=3)
    assert starts(found) == [at(11, 55), at(12), at(14)]


def test_a_work_too_long_for_both_halves_of_the_day_runs_through_the_lunch() -> None:
    found = free_slots(station([]), Wish(5 * 60), now=at(12, 50), limit=100)
    assert starts(found) == [at(12, 50), at(12, 55)]


def test_a_work_longer_than_the_day_finds_nothing() -> None:
    assert free_slots(station([]), Wish(10 * 60), now=LONG_AGO) == []


def test_no_days_no_slots() -> None:
    assert free_slots(Station(MOSCOW, (), [BayLoad(1, 1)]), Wish(60), now=LONG_AGO) == []
    assert free_slots(station([], hours=NINE_TO_SIX, days=0), Wish(60), now=LONG_AGO) == []


def test_a_closed_day_is_passed_over() -> None:
    week = WeekHours([NINE_TO_SIX] * 7, {MONDAY: None})
    shut = Station(MOSCOW, business_days(MONDAY, 2, week, MOSCOW), [BayLoad(1, 1)])
    assert free_slots(shut, Wish(60), now=LONG_AGO)[0].starts_at == at(9, on=TUESDAY)


def test_round_the_clock_a_work_may_run_over_midnight() -> None:
    found = free_slots(station([], hours=DayHours(0, 1440), days=2), Wish(60), now=at(23, 30), limit=1)
    assert (found[0].starts_at, found[0].ends_at) == (at(23, 30), at(0, 30, on=TUESDAY))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ((9, 10), (11, 18), SlotReason.FILLS_GAP),
        ((9, 10), (12, 18), SlotReason.AFTER_PREVIOUS),
        ((9, 12), (17, 18), SlotReason.FILLS_GAP),  # up to the lunch
        ((10, 13), (14, 18), SlotReason.FILLS_GAP),  # from the opening
        ((14, 17), (17, 17), SlotReason.FREE),  # the whole morning lies before
    ],
)
def test_the_reason_says_how_well_a_slot_fits(
    first: tuple[int, int], second: tuple[int, int], reason: SlotReason
) -> None:
    load = [taken(at(since), at(until)) for since, until in (first, second) if since < until]
    assert free_slots(station(load), Wish(60), now=LONG_AGO)[0].reason_code == reason


def test_a_slot_right_before_the_next_visit_says_so() -> None:
    found = free_slots(station([taken(at(12), at(13))]), Wish(60), now=at(11), limit=1)
    assert found == [Slot(1, at(11), at(12), SlotReason.BEFORE_NEXT)]


def test_at_one_start_the_best_fitting_bay_is_offered() -> None:
    busy = station([], [taken(at(9), at(10)), taken(at(11), at(12))], [taken(at(9), at(10))])
    found = free_slots(busy, Wish(60), now=at(10), limit=2)
    assert [(slot.bay_id, slot.starts_at) for slot in found] == [(2, at(10)), (1, at(10, 5))]

    every_bay = free_slots(busy, Wish(60, is_every_bay_listed=True), now=at(10), limit=4)
    assert [(slot.bay_id, slot.starts_at) for slot in every_bay] == [
        (2, at(10)),
        (3, at(10)),
        (1, at(10)),
        (1, at(10, 5)),
    ]


def test_a_wish_narrows_bay_group_and_days() -> None:
    two_days = station(*([[]] * 10), days=3)
    assert {slot.bay_id for slot in free_slots(two_days, Wish(60, bay_id=4), now=LONG_AGO)} == {4}
    assert {slot.bay_id for slot in free_slots(two_days, Wish(60, group_id=1), now=LONG_AGO)} == {10}
    on_tuesday = free_slots(two_days, Wish(60, from_on=TUESDAY, until_on=TUESDAY), now=LONG_AGO, limit=1000)
    assert starts(on_tuesday)[0] == at(9, on=TUESDAY)
    assert starts(on_tuesday)[-1] == at(17, on=TUESDAY)


@pytest.mark.parametrize(
    ("part", "not_before", "first", "last"),
    [
        (PartOfDay.MORNING, 0, at(9), at(11, 55)),
        (PartOfDay.DAY, 0, at(12), at(16, 55)),
        (PartOfDay.EVENING, 0, at(17), at(17, 30)),
        (None, 16 * 60 + 42, at(16, 45), at(17, 30)),
        (PartOfDay.DAY, 16 * 60, at(16), at(16, 55)),
    ],
)
def test_a_wish_names_a_part_of_the_day(
    part: PartOfDay | None, not_before: int, first: datetime, last: datetime
) -> None:
    wish = Wish(30, part_of_day=part, not_before_minute=not_before)
    found = starts(free_slots(station([]), wish, now=LONG_AGO, limit=1000))
    assert (found[0], found[-1]) == (first, last)


def test_the_small_hours_are_the_evening_of_the_day_before() -> None:
    night_shift = station([], hours=DayHours(1200, 1560))
    found = free_slots(night_shift, Wish(60, part_of_day=PartOfDay.EVENING), now=LONG_AGO, limit=1000)
    assert (found[0].starts_at, found[-1].starts_at) == (at(20), at(1, on=TUESDAY))
    assert free_slots(night_shift, Wish(60, part_of_day=PartOfDay.MORNING), now=LONG_AGO) == []


def test_the_visit_that_moves_does_not_stand_in_its_own_way() -> None:
    busy = station([taken(at(9), at(18), visit_id=7)])
    assert free_slots(busy, Wish(60), now=LONG_AGO) == []
    assert free_slots(busy, Wish(60, ignored_visit_id=7), now=at(10))[0].starts_at == at(10)
    assert not is_free(busy, 1, at(10), at(11))
    assert is_free(busy, 1, at(10), at(11), ignored_visit_id=7)


def test_an_advisor_receives_so_many_cars_in_a_quarter_hour() -> None:
    day = station([])
    full = Station(day.zone, day.days, day.bays, [at(9, 1), at(9, 14), at(9, 15)], 2)
    assert starts(free_slots(full, Wish(60), now=LONG_AGO, limit=2)) == [at(9, 15), at(9, 20)]


def test_the_nearest_slots_lie_on_both_sides_of_the_lost_one() -> None:
    busy = station([taken(at(10), at(12, 2))])
    found = nearest_slots(busy, Wish(30), to=at(10, 40), now=LONG_AGO, limit=4)
    assert starts(found) == [at(9, 30), at(9, 25), at(9, 20), at(12, 5)]
    around = nearest_slots(station([]), Wish(30), to=at(10, 40), now=LONG_AGO)
    assert starts(around) == [at(10, 40), at(10, 45), at(10, 35)]


def test_a_period_is_free_to_the_minute() -> None:
    busy = station([taken(at(10, 28), at(11, 43))])
    assert is_free(busy, 1, at(9, 41), at(10, 28))
    assert is_free(busy, 1, at(11, 43), at(13))
    assert not is_free(busy, 1, at(9, 41), at(10, 29))
    assert not is_free(busy, 1, at(8, 59), at(10))
    assert not is_free(busy, 1, at(12, 30), at(13, 1))
    assert not is_free(busy, 1, at(13), at(18))
    assert is_free(busy, 1, at(12, 30), at(17, 30)), "five hours outlast either half of the day"


def test_the_bay_is_free_from_the_minute_the_previous_visit_ends() -> None:
    hour = timedelta(hours=1)
    busy = station([taken(at(10, 28), at(11, 43), visit_id=7)], days=2)
    assert free_from(busy, 1, at(9, 3), hour) == at(9, 3)
    assert free_from(busy, 1, at(10), hour) == at(11, 43)
    assert free_from(busy, 1, at(10), hour, ignored_visit_id=7) == at(10)
    assert free_from(busy, 1, at(12, 1), hour) == at(14)
    assert free_from(busy, 1, at(17, 1), hour) == at(9, on=TUESDAY)
    assert free_from(busy, 1, at(10), timedelta(hours=5), ignored_visit_id=7) == at(10)
    assert free_from(busy, 1, at(17, 1, on=TUESDAY), hour) is None


def test_a_long_work_waits_for_the_end_of_the_lunch() -> None:
    five_hours = timedelta(hours=5)
    till_eight = station([], hours=DayHours(540, 1140, lunch=(780, 840)))
    assert free_from(till_eight, 1, at(13, 10), five_hours) == at(14)
    too_long_for_a_part = timedelta(hours=5, minutes=30)
    assert free_from(till_eight, 1, at(13, 10), too_long_for_a_part) is None


# The oracle

ORIGIN = date(2026, 3, 28)  # the clocks of Berlin change on the 29th
BERLIN = ZoneInfo("Europe/Berlin")
WHOLE_MINUTES = st.integers(0, 2 * 1440)


def instant(minute: int) -> datetime:
    return datetime(ORIGIN.year, ORIGIN.month, ORIGIN.day, tzinfo=UTC) + timedelta(minutes=minute)


@st.composite
def day_hours(draw: st.DrawFn) -> DayHours | None:
    opens = draw(st.sampled_from([0, 1, 480, 542, 1200]))
    closes = draw(st.sampled_from([600, 723, 1080, 1440, 1560]).filter(lambda minute: 0 < minute - opens <= 1440))
    lunch = draw(st.none() | st.just((opens + 31, opens + 47)).filter(lambda lunch: lunch[1] <= closes))
    return draw(st.none() | st.just(DayHours(opens, closes, lunch)))


@st.composite
def stations(draw: st.DrawFn) -> Station:
    week = WeekHours(draw(st.lists(day_hours(), min_size=7, max_size=7)))
    loads = draw(
        st.lists(
            st.lists(
                st.builds(
                    lambda starts, lasts, visit: Taken(instant(starts), instant(starts + lasts), visit),
                    WHOLE_MINUTES,
                    st.integers(1, 400),
                    st.sampled_from([None, 7]),
                ),
                max_size=6,
            ),
            max_size=2,
        )
    )
    bays = [BayLoad(number, number % 2, load) for number, load in enumerate(loads)]
    arrivals = draw(st.lists(st.builds(instant, WHOLE_MINUTES), max_size=4))
    limit = draw(st.sampled_from([None, 1, 2]))
    return Station(BERLIN, business_days(ORIGIN, 2, week, BERLIN), bays, arrivals, limit)


WISHES = st.builds(
    Wish,
    duration_minutes=st.sampled_from([1, 5, 17, 60, 240, 700]),
    from_on=st.sampled_from([None, ORIGIN, ORIGIN + timedelta(1)]),
    until_on=st.sampled_from([None, ORIGIN, ORIGIN + timedelta(1)]),
    part_of_day=st.sampled_from([None, *PartOfDay]),
    not_before_minute=st.sampled_from([0, 611, 1300]),
    group_id=st.sampled_from([None, 0]),
    bay_id=st.sampled_from([None, 1]),
    step_minutes=st.sampled_from([5, 30]),
    ignored_visit_id=st.sampled_from([None, 7]),
    is_every_bay_listed=st.just(True),
)


def every_slot(station: Station, wish: Wish, now: datetime) -> Iterator[Slot]:
    """Tries each five minutes on each bay and asks the plain question of each."""
    whole = timedelta(minutes=-(-wish.duration_minutes // 5) * 5)
    for bay in station.bays:
        if wish.bay_id not in (None, bay.bay_id) or wish.group_id not in (None, bay.group_id):
            continue
        load = [taken for taken in bay.taken if wish.ignored_visit_id is None or taken.visit_id != 7]
        for day in station.days:
            steps = (day.ends_at - day.starts_at) // FIVE_MINUTES + 1
            for starts_at in (day.starts_at + FIVE_MINUTES * number for number in range(steps)):
                if starts_at < now or starts_at >= day.ends_at:
                    continue
                if not is_wished(station, wish, starts_at, day.on):
                    continue
                before = any(taken.ends_at > starts_at - FIVE_MINUTES and taken.starts_at < starts_at for taken in load)
                is_on_step = (starts_at - day.midnight_at) % timedelta(minutes=wish.step_minutes) == timedelta()
                if not (is_on_step or before):
                    continue
                # The wish's own duration decides whether lunch divides the day; whole cells must be clear.
                if not is_in_hours(station, wish, starts_at, starts_at + whole):
                    continue
                if any(taken.starts_at < starts_at + whole and taken.ends_at > starts_at for taken in load):
                    continue
                yield Slot(bay.bay_id, starts_at, starts_at + wish.duration, SlotReason.FREE)


def is_wished(station: Station, wish: Wish, starts_at: datetime, on: date) -> bool:
    if (wish.from_on and on < wish.from_on) or (wish.until_on and on > wish.until_on):
        return False
    wall = starts_at.astimezone(station.zone)
    minute = (wall.date() - on).days * 1440 + wall.hour * 60 + wall.minute
    low, high = {
        None: (0, 9999),
        PartOfDay.MORNING: (0, 720),
        PartOfDay.DAY: (720, 1020),
        PartOfDay.EVENING: (1020, 9999),
    }[wish.part_of_day]
    if not max(low, wish.not_before_minute) <= minute < high:
        return False
    quarter = timedelta(minutes=15)
    number = (starts_at - LONG_AGO) // quarter
    received = sum((arrival - LONG_AGO) // quarter == number for arrival in station.arrivals)
    return station.arrivals_per_quarter_hour is None or received < station.arrivals_per_quarter_hour


def is_in_hours(station: Station, wish: Wish, starts_at: datetime, ends_at: datetime) -> bool:
    minute = timedelta(minutes=1)

    def works_at(moment: datetime) -> bool:
        for day in station.days:
            if day.is_open(moment):
                assert day.opens_at
                assert day.closes_at
                if day.lunch is None or not day.lunch[0] <= moment < day.lunch[1]:
                    return True
                longest = max(day.lunch[0] - day.opens_at, day.closes_at - day.lunch[1])
                return moment != starts_at and longest < wish.duration
        return False

    return all(works_at(starts_at + minute * number) for number in range((ends_at - starts_at) // minute))


@settings(deadline=None, max_examples=40)
@given(day=stations(), wish=WISHES, now=st.builds(instant, WHOLE_MINUTES) | st.just(LONG_AGO))
def test_the_search_finds_just_what_trying_every_start_finds(day: Station, wish: Wish, now: datetime) -> None:
    found = free_slots(day, wish, now=now, limit=10_000)
    expected = sorted((slot.starts_at, slot.bay_id, slot.ends_at) for slot in every_slot(day, wish, now))
    assert sorted((slot.starts_at, slot.bay_id, slot.ends_at) for slot in found) == expected
    assert starts(found) == sorted(starts(found))
    assert free_slots(day, wish, now=now, limit=3) == found[:3]
    for slot in found:
        assert is_free(day, slot.bay_id, slot.starts_at, slot.ends_at, ignored_visit_id=wish.ignored_visit_id)


@settings(deadline=None, max_examples=15)
@given(day=stations(), wish=WISHES, to=st.builds(instant, WHOLE_MINUTES))
def test_the_nearest_slots_are_the_nearest_of_all(day: Station, wish: Wish, to: datetime) -> None:
    everything = free_slots(day, wish, now=LONG_AGO, limit=10_000)
    nearest = nearest_slots(day, wish, to=to, now=LONG_AGO, limit=5)
    distances = sorted(abs(slot.starts_at - to) for slot in everything)
    assert [abs(slot.starts_at - to) for slot in nearest] == distances[:5]


@settings(deadline=None, max_examples=15)
@given(day=stations(), since=WHOLE_MINUTES, lasts=st.integers(1, 300))
def test_the_bay_is_not_free_a_minute_sooner(day: Station, since: int, lasts: int) -> None:
    duration = timedelta(minutes=lasts)
    for bay in day.bays:
        free = free_from(day, bay.bay_id, instant(since), duration)
        tried = (
            instant(minute)
            for minute in range(since, 3 * 1440)
            if is_free(day, bay.bay_id, instant(minute), instant(minute) + duration)
        )
        assert free == next(tried, None)
