"""Free slots, by example and against a search that tries every start and every minute."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours, business_days, instant_at
from vovremya.schedule.rules.slots import (
    AdvisorLoad,
    BayLoad,
    PartOfDay,
    Slot,
    SlotReason,
    Station,
    Taken,
    Wish,
    end_of_work,
    free_from,
    free_slots,
    groups_fit_for_all,
    is_free,
    is_wished,
    minutes_on_bay,
    nearest_slots,
    slots_within,
    worked_periods,
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


def test_a_work_that_just_fits_into_half_a_day_keeps_out_of_the_lunch() -> None:
    assert starts(free_slots(station([]), Wish(4 * 60), now=LONG_AGO)) == [at(9), at(14)]


def test_a_work_longer_than_all_days_searched_finds_nothing() -> None:
    assert free_slots(station([]), Wish(10 * 60), now=LONG_AGO) == []


def test_a_work_longer_than_the_rest_of_the_day_goes_on_at_the_next_opening() -> None:
    week = WeekHours([NINE_TO_SIX] * 7, {TUESDAY: None})
    days = business_days(MONDAY, 3, week, MOSCOW)
    found = free_slots(Station(MOSCOW, days, [BayLoad(1, 1)]), Wish(3 * 60), now=at(14, 55), limit=4)
    wednesday = TUESDAY + timedelta(1)
    assert [(slot.starts_at, slot.ends_at, slot.is_continued) for slot in found] == [
        (at(14, 55), at(17, 55), False),
        (at(15), at(18), False),
        (at(16), at(10, on=wednesday), True),  # in between less than an hour would be left for the other day
        (at(16, 5), at(10, 5, on=wednesday), True),
    ]
    assert worked_periods(days, found[3].starts_at, found[3].ends_at) == [
        (at(16, 5), at(18)),
        (at(9, on=wednesday), at(10, 5, on=wednesday)),
    ]


def test_less_than_an_hour_of_a_work_is_left_for_no_other_day() -> None:
    last_start_today = at(16, 10)
    found = free_slots(station([], days=2), Wish(110), now=at(16), limit=4)
    assert starts(found) == [at(16), at(16, 5), last_start_today, at(9, on=TUESDAY)]
    three_hours = free_slots(station([], days=2), Wish(180), now=at(16), limit=1000)
    assert max(each for each in starts(three_hours) if each < at(23)) == at(17), "nor begun for less than an hour"


def test_a_work_longer_than_a_day_takes_several() -> None:
    (slot,) = free_slots(station([], days=3), Wish(12 * 60), now=at(12), limit=1)
    assert (slot.starts_at, slot.ends_at, slot.is_continued) == (at(12), at(15, on=TUESDAY), True)


def test_a_visit_of_the_next_morning_is_in_the_way_of_what_goes_on_then() -> None:
    busy = station([taken(at(9, 30, on=TUESDAY), at(11, on=TUESDAY))], days=2)
    assert starts(free_slots(busy, Wish(3 * 60), now=at(15, 5), limit=1)) == [at(14, on=TUESDAY)]


def test_who_waits_on_site_sits_over_neither_lunch_nor_night() -> None:
    two_days = station([], days=2)
    waiting = starts(free_slots(two_days, Wish(3 * 60, waits_on_site=True), now=at(10), limit=1000))
    assert waiting[:2] == [at(10), at(14)]
    assert max(each for each in waiting if each < at(23)) == at(15)
    assert free_slots(two_days, Wish(5 * 60, waits_on_site=True), now=LONG_AGO) == []
    assert free_slots(two_days, Wish(5 * 60), now=LONG_AGO) != []


def test_a_bay_keeps_its_own_hours_within_those_of_the_branch() -> None:
    mornings = WeekHours([DayHours(480, 720)] * 6 + [None])
    days = station([], days=2)
    narrow = replace(days, bays=[BayLoad(1, 1, own_hours=mornings)])
    found = starts(free_slots(narrow, Wish(90), now=LONG_AGO, limit=1000))
    assert (found[0], found[-1]) == (at(9), at(10, 30, on=TUESDAY))
    assert at(10, 35) not in found
    assert is_free(narrow, 1, at(10), at(12))
    assert not is_free(narrow, 1, at(10), at(12, 1))
    nights = replace(days, bays=[BayLoad(1, 1, own_hours=WeekHours([DayHours(1200, 1300)] * 7))])
    assert free_slots(nights, Wish(30), now=LONG_AGO) == []


def test_a_pause_is_kept_between_visits_but_not_to_a_closure() -> None:
    visit, closure = taken(at(10), at(11)), Taken(at(15), at(16), is_closure=True)
    paused = replace(station([visit, closure]), pause=timedelta(minutes=10))
    found = starts(free_slots(paused, Wish(30), now=LONG_AGO, limit=1000))
    assert [each for each in found if at(9, 15) < each < at(11, 20)] == [at(9, 20), at(11, 10), at(11, 15)]
    assert at(14, 30) in found
    assert at(16) in found


@pytest.mark.parametrize(
    ("groups_of_works", "offered"),
    [
        ([], {1, 2, 3}),
        ([[]], {1, 2, 3}),
        ([[2, 3]], {2, 3}),
        ([[2, 3], [], [3, 4]], {3}),
        ([[2], [3]], set()),
    ],
)
def test_only_bays_of_groups_that_every_work_names_are_offered(
    groups_of_works: list[list[int]], offered: set[int]
) -> None:
    groups = replace(station([]), bays=[BayLoad(number, number) for number in (1, 2, 3)])
    wish = Wish(30, fit_group_ids=groups_fit_for_all(groups_of_works), is_every_bay_listed=True)
    assert {slot.bay_id for slot in free_slots(groups, wish, now=LONG_AGO)} == offered


def test_a_bays_coefficient_makes_hours_of_the_norm() -> None:
    two = replace(station([]), bays=[BayLoad(1, 1, coefficient=1.5), BayLoad(2, 1)])
    wish = Wish(60, is_norm=True, is_every_bay_listed=True)
    by_norm = free_slots(two, wish, now=LONG_AGO, limit=2)
    assert [(slot.bay_id, slot.ends_at) for slot in by_norm] == [(1, at(10, 30)), (2, at(10))]
    by_hand = free_slots(two, replace(wish, is_norm=False), now=LONG_AGO, limit=2)
    assert {slot.ends_at for slot in by_hand} == {at(10)}
    assert minutes_on_bay(17, 1.0) == 17
    assert minutes_on_bay(17, 1.2) == 20
    assert minutes_on_bay(1, 0.5) == 5


def test_a_wish_names_several_days_or_weekdays() -> None:
    week = station([], days=8)
    sunday, next_monday = MONDAY + timedelta(6), MONDAY + timedelta(7)

    def days(wish: Wish) -> set[date]:
        return {each.astimezone(MOSCOW).date() for each in starts(free_slots(week, wish, now=LONG_AGO, limit=10_000))}

    assert days(Wish(60, days=frozenset({TUESDAY, sunday}))) == {TUESDAY, sunday}
    assert days(Wish(60, weekdays=frozenset({0, 6}))) == {MONDAY, sunday, next_monday}
    assert days(Wish(60, days=frozenset({TUESDAY, sunday}), weekdays=frozenset({6}))) == {sunday}


def test_the_best_fitting_come_first_where_that_is_wished() -> None:
    busy = station([taken(at(9), at(10)), taken(at(12), at(13)), taken(at(16), at(17))], days=2)
    found = free_slots(busy, Wish(60, is_best_fit_first=True), now=LONG_AGO, limit=6)
    assert [(slot.reason_code, slot.starts_at) for slot in found] == [
        (SlotReason.FILLS_GAP, at(17)),
        (SlotReason.AFTER_PREVIOUS, at(10)),
        (SlotReason.BEFORE_NEXT, at(11)),
        (SlotReason.BEFORE_NEXT, at(15)),
        (SlotReason.FREE, at(10, 5)),
        (SlotReason.FREE, at(10, 10)),
    ]


def test_done_in_one_go_fits_better_than_going_on_after_the_night() -> None:
    busy = station([taken(at(9), at(16))], days=2)
    best = free_slots(busy, Wish(3 * 60, is_best_fit_first=True), now=LONG_AGO, limit=1000)
    assert not best[0].is_continued
    assert best[0].starts_at == at(9, on=TUESDAY)
    soonest = free_slots(busy, Wish(3 * 60), now=LONG_AGO, limit=1)
    assert (soonest[0].starts_at, soonest[0].is_continued) == (at(16), True)


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
    ("part", "hours", "first", "last"),
    [
        (PartOfDay.MORNING, {}, at(9), at(11, 55)),
        (PartOfDay.DAY, {}, at(12), at(16, 55)),
        (PartOfDay.EVENING, {}, at(17), at(17, 30)),
        (None, {"not_before_minute": 16 * 60 + 42}, at(16, 45), at(17, 30)),
        (PartOfDay.DAY, {"not_before_minute": 16 * 60}, at(16), at(16, 55)),
        (None, {"not_after_minute": 10 * 60}, at(9), at(10)),
        (PartOfDay.DAY, {"not_before_minute": 14 * 60, "not_after_minute": 15 * 60 + 4}, at(14), at(15)),
    ],
)
def test_a_wish_names_a_part_of_the_day(
    part: PartOfDay | None, hours: dict[str, Any], first: datetime, last: datetime
) -> None:
    wish = Wish(30, part_of_day=part, **hours)
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
    arrivals = [at(9, 1), at(9, 14), at(9, 15)]
    own, others = BayLoad(1, 1, advisor_id=5), BayLoad(2, 2)
    full = replace(day, bays=[own], advisors={5: AdvisorLoad(None, 2, arrivals)})
    assert starts(free_slots(full, Wish(60), now=LONG_AGO, limit=2)) == [at(9, 15), at(9, 20)]
    everywhere = replace(full, bays=[own, others])
    assert starts(free_slots(everywhere, Wish(60), now=LONG_AGO, limit=1)) == [at(9)], "nobody receives at the other"
    assert {slot.bay_id for slot in free_slots(everywhere, Wish(60, advisor_id=5), now=LONG_AGO)} == {1}


def test_an_advisor_of_whom_nothing_is_known_receives_at_any_time() -> None:
    unknown = replace(station([]), bays=[BayLoad(1, 1, advisor_id=9)])
    assert starts(free_slots(unknown, Wish(60), now=LONG_AGO, limit=1)) == [at(9)]


def test_what_is_taken_before_or_after_the_days_searched_is_in_nobodys_way() -> None:
    around = [
        taken(at(9, on=MONDAY - timedelta(3)), at(10, on=MONDAY - timedelta(3))),
        taken(at(9, on=TUESDAY), at(23, on=TUESDAY)),
    ]
    assert starts(free_slots(station(around), Wish(60), now=LONG_AGO, limit=1)) == [at(9)]


@pytest.mark.parametrize(("minutes", "waits", "may"), [(55, False, False), (60, False, True), (60, True, False)])
def test_whether_a_work_may_go_on_after_a_night(minutes: int, waits: bool, may: bool) -> None:
    assert Wish(minutes, waits_on_site=waits).may_go_on is may


def test_an_advisor_receives_cars_in_the_own_shifts_alone() -> None:
    shifts = WeekHours([DayHours(600, 900), None, *[DayHours(600, 900)] * 5])
    bays = [BayLoad(1, 1, advisor_id=5), BayLoad(2, 2)]
    shifted = replace(station([], days=3), bays=bays, advisors={5: AdvisorLoad(shifts), 6: AdvisorLoad(shifts)})
    found = free_slots(shifted, Wish(60, bay_id=1), now=LONG_AGO, limit=10_000)
    assert {slot.starts_at.astimezone(MOSCOW).date() for slot in found} == {MONDAY, TUESDAY + timedelta(1)}
    assert (found[0].starts_at, found[-1].starts_at.astimezone(MOSCOW).hour) == (at(10), 14)
    # One who leads no group receives at every bay.
    at_every_bay = free_slots(shifted, Wish(60, advisor_id=6, is_every_bay_listed=True), now=LONG_AGO)
    assert {slot.bay_id for slot in at_every_bay} == {1, 2}
    assert at_every_bay[0].starts_at == at(10)


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


def test_the_nights_that_a_work_lasts_over_are_not_worked() -> None:
    days = station([], days=3).days
    assert worked_periods(days, at(15), at(17)) == [(at(15), at(17))]
    assert worked_periods(days, at(17), at(19)) == [(at(17), at(19))], "by hand, over the closing"
    assert worked_periods(days, at(8), at(10, on=TUESDAY)) == [(at(8), at(18)), (at(9, on=TUESDAY), at(10, on=TUESDAY))]
    assert worked_periods(days, at(19), at(10, on=TUESDAY)) == [(at(19), at(10, on=TUESDAY))]


@pytest.mark.parametrize(
    ("starts_at", "hours", "ends_at"),
    [
        (at(10), 2, at(12)),
        (at(16), 3, at(10, on=TUESDAY)),
        (at(16), 2.9, at(18, 54)),  # six minutes short of the hour that is left for the next day
        (at(8), 2, at(10)),
        (at(12), 17, at(11, on=TUESDAY + timedelta(1))),
        (at(19), 2, at(21)),  # after closing
        (at(16, on=TUESDAY + timedelta(1)), 5, at(21, on=TUESDAY + timedelta(1))),  # no day is known after that
    ],
)
def test_a_work_ends_after_so_many_hours_of_the_bay(starts_at: datetime, hours: float, ends_at: datetime) -> None:
    days = station([], days=3).days
    assert end_of_work(days, starts_at, timedelta(hours=hours)) == ends_at


# The oracle

#: The clocks of Berlin go forward on the second day, or back.
ORIGINS = (date(2026, 3, 28), date(2026, 10, 24))
DAYS = 3
BERLIN = ZoneInfo("Europe/Berlin")
MINUTES = st.integers(0, DAYS * 1440)
HOUR_OF_CELLS = 12


def instant(minute: int, origin: date) -> datetime:
    return datetime(origin.year, origin.month, origin.day, tzinfo=UTC) + timedelta(minutes=minute)


def seldom(*values: Any) -> st.SearchStrategy[Any]:
    """The first nearly always: were every wish as likely as none, nothing would ever be free."""
    usual, *others = values
    return st.sampled_from([usual] * 4 * len(others) + others)


@st.composite
def day_hours(draw: st.DrawFn) -> DayHours | None:
    opens = draw(st.sampled_from([0, 1, 480, 542, 1200]))
    closes = draw(st.sampled_from([600, 723, 1080, 1440, 1560]).filter(lambda minute: 0 < minute - opens <= 1440))
    lunch = draw(st.none() | st.just((opens + 31, opens + 47)).filter(lambda lunch: lunch[1] <= closes))
    return cast(DayHours | None, draw(seldom(DayHours(opens, closes, lunch), None)))


WEEKS = st.builds(WeekHours, st.lists(day_hours(), min_size=7, max_size=7))


@st.composite
def stations(draw: st.DrawFn) -> Station:
    origin = draw(st.sampled_from(ORIGINS))

    def periods(most: int) -> list[Taken]:
        drawn = draw(st.lists(st.tuples(MINUTES, st.integers(1, 400), st.sampled_from([None, 7])), max_size=most))
        is_closure = draw(st.booleans())
        return [
            Taken(instant(starts, origin), instant(starts + lasts, origin), visit, is_closure)
            for starts, lasts, visit in drawn
        ]

    bays = [
        BayLoad(
            number,
            number % 2,
            periods(6),
            coefficient=draw(st.sampled_from([1.0, 1.3])),
            own_hours=draw(WEEKS) if draw(seldom(False, True)) else None,
            advisor_id=draw(st.sampled_from([None, 5])),
        )
        for number in range(draw(seldom(2, 0, 1)))
    ]
    arrivals = [instant(minute, origin) for minute in draw(st.lists(MINUTES, max_size=4))]
    shifts = draw(WEEKS) if draw(seldom(False, True)) else None
    load = AdvisorLoad(shifts, draw(st.sampled_from([None, 1, 2])), arrivals)
    days = business_days(origin, DAYS, draw(WEEKS), BERLIN)
    return Station(BERLIN, days, bays, {5: load}, timedelta(minutes=draw(st.sampled_from([0, 7]))))


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    origin = draw(st.sampled_from(ORIGINS))
    day = seldom(None, origin, origin + timedelta(1))
    return Wish(
        duration_minutes=draw(st.sampled_from([1, 5, 17, 60, 125, 180, 240, 700, 1500])),
        from_on=draw(day),
        until_on=draw(day),
        days=draw(seldom(frozenset(), frozenset({origin, origin + timedelta(2)}))),
        weekdays=draw(seldom(frozenset(), frozenset({5, 6}))),
        part_of_day=draw(seldom(None, *PartOfDay)),
        not_before_minute=draw(seldom(0, 611, 1300)),
        not_after_minute=draw(seldom(2 * 1440, 750, 1100)),
        group_id=draw(seldom(None, 0)),
        bay_id=draw(seldom(None, 1)),
        advisor_id=draw(seldom(None, 5)),
        fit_group_ids=draw(seldom(None, frozenset({0}), frozenset({0, 1}))),
        waits_on_site=draw(st.booleans()),
        is_norm=draw(st.booleans()),
        step_minutes=draw(st.sampled_from([5, 30])),
        ignored_visit_id=draw(st.sampled_from([None, 7])),
        is_every_bay_listed=True,
    )


class PlainBay:
    """One bay, of which each five minutes are asked one by one."""

    def __init__(self, station: Station, wish: Wish, bay: BayLoad) -> None:
        self.station, self.wish, self.bay = station, wish, bay
        minutes = wish.duration_minutes
        if wish.is_norm and bay.coefficient != 1.0:
            minutes = max(5, round(minutes * bay.coefficient / 5) * 5)
        self.lasts = timedelta(minutes=minutes)
        self.cells = -(-minutes // 5)
        own = {visit.visit_id for visit in bay.taken if wish.ignored_visit_id and visit.visit_id == 7}
        self.load = [each for each in bay.taken if each.visit_id not in own or each.visit_id is None]
        self.hours = {day.on: self.hours_on(day) for day in station.days}
        self.lunches = {
            day.on: (max(day.lunch[0], self.hours[day.on][0]), min(day.lunch[1], self.hours[day.on][1]))
            for day in station.days
            if day.lunch and self.hours[day.on][0] < self.hours[day.on][1]
        }

    def hours_on(self, day: BusinessDay) -> tuple[datetime, datetime]:
        if day.opens_at is None or day.closes_at is None:
            return LONG_AGO, LONG_AGO
        opens_at, closes_at = day.opens_at, day.closes_at
        if self.bay.own_hours:
            own = self.bay.own_hours.days[day.on.weekday()]
            if own is None:
                return LONG_AGO, LONG_AGO
            opens_at = max(opens_at, instant_at(day.on, own.opens_at_minute, BERLIN))
            closes_at = min(closes_at, instant_at(day.on, own.closes_at_minute, BERLIN))
        return opens_at, closes_at

    def is_open(self, cell: datetime) -> bool:
        return all(
            any(opens <= cell + timedelta(minutes=minute) < closes for opens, closes in self.hours.values())
            for minute in range(5)
        )

    def is_divided_by_lunch(self, cell: datetime) -> bool:
        for on, (starts_at, ends_at) in self.lunches.items():
            if starts_at < cell + FIVE_MINUTES and ends_at > cell and starts_at < ends_at:
                longest = max(starts_at - self.hours[on][0], self.hours[on][1] - ends_at)
                if self.wish.waits_on_site or longest >= self.lasts:
                    return True
        return False

    def is_taken(self, cell: datetime) -> bool:
        for each in self.load:
            pause = timedelta() if each.is_closure else self.station.pause
            if each.starts_at - pause < cell + FIVE_MINUTES and each.ends_at + pause > cell:
                return True
        return False

    def slot(self, starts_at: datetime) -> Slot | None:
        """Walks from one five minutes to the next."""
        last = self.station.days[-1].ends_at
        cell, worked, is_continued = starts_at, 0, False
        parts = [0]
        while worked < self.cells:
            if cell >= last:
                return None
            if not self.is_open(cell):
                if not worked:
                    return None
                if parts[-1]:
                    parts.append(0)
            elif self.is_taken(cell) or self.is_divided_by_lunch(cell):
                return None
            else:
                worked += 1
                parts[-1] += 1
            cell += FIVE_MINUTES
        done = 0
        for part in parts[:-1]:
            done += part
            is_continued = True
            if self.wish.waits_on_site or min(done, self.cells - done) < HOUR_OF_CELLS:
                return None
        ends_at = cell - (FIVE_MINUTES * self.cells - self.lasts)
        return Slot(self.bay.bay_id, starts_at, ends_at, self.reason(starts_at, cell), is_continued)

    def reason(self, starts_at: datetime, end: datetime) -> SlotReason:
        before = starts_at - FIVE_MINUTES
        is_after, is_before = self.is_taken(before), self.is_open(end) and self.is_taken(end)
        is_idle = not is_after and self.is_open(before) and not self.is_divided_by_lunch(before)
        is_idle |= not is_before and self.is_open(end) and not self.is_divided_by_lunch(end)
        if (is_after or is_before) and not is_idle:
            return SlotReason.FILLS_GAP
        if is_after:
            return SlotReason.AFTER_PREVIOUS
        return SlotReason.BEFORE_NEXT if is_before else SlotReason.FREE


def every_slot(station: Station, wish: Wish, now: datetime) -> Iterator[Slot]:
    """Tries each five minutes on each bay and asks the plain question of each."""
    for bay in station.bays:
        if wish.bay_id not in (None, bay.bay_id) or wish.group_id not in (None, bay.group_id):
            continue
        if wish.fit_group_ids is not None and bay.group_id not in wish.fit_group_ids:
            continue
        if wish.advisor_id and bay.advisor_id is None and any(each.advisor_id for each in station.bays):
            continue
        plain = PlainBay(station, wish, bay)
        for day in station.days:
            steps = (day.ends_at - day.starts_at) // FIVE_MINUTES + 1
            for starts_at in (day.starts_at + FIVE_MINUTES * number for number in range(steps)):
                if starts_at < now or starts_at >= day.ends_at:
                    continue
                if not is_named(station, wish, starts_at, day):
                    continue
                if any(lunch[0] <= starts_at < lunch[1] for lunch in plain.lunches.values()):
                    continue
                if (wish.advisor_id or bay.advisor_id) and not is_received(station, starts_at, day):
                    continue
                is_on_step = (starts_at - day.midnight_at) % timedelta(minutes=wish.step_minutes) == timedelta()
                if not (is_on_step or plain.is_taken(starts_at - FIVE_MINUTES)):
                    continue
                if slot := plain.slot(starts_at):
                    yield slot


def is_named(station: Station, wish: Wish, starts_at: datetime, day: BusinessDay) -> bool:
    if (wish.from_on and day.on < wish.from_on) or (wish.until_on and day.on > wish.until_on):
        return False
    if (wish.days and day.on not in wish.days) or (wish.weekdays and day.on.isoweekday() - 1 not in wish.weekdays):
        return False
    low, high = {
        None: (0, 2 * 1440),
        PartOfDay.MORNING: (0, 720),
        PartOfDay.DAY: (720, 1020),
        PartOfDay.EVENING: (1020, 2 * 1440),
    }[wish.part_of_day]
    # By instants: an hour that the clock shows twice is passed once.
    since = instant_at(day.on, max(low, wish.not_before_minute), station.zone)
    until = instant_at(day.on, min(high, wish.not_after_minute + 1), station.zone)
    return since <= starts_at < until


def is_received(station: Station, starts_at: datetime, day: BusinessDay) -> bool:
    load = station.advisors[5]
    shift = load.shifts.days[day.on.weekday()] if load.shifts else None
    if load.shifts is not None:
        if shift is None or not day.is_open(starts_at):
            return False
        minutes = shift.opens_at_minute, shift.closes_at_minute
        begins_at, ends_at = (instant_at(day.on, minute, station.zone) for minute in minutes)
        if not begins_at <= starts_at < ends_at:
            return False
    quarter = timedelta(minutes=15)
    number = (starts_at - LONG_AGO) // quarter
    received = sum((arrival - LONG_AGO) // quarter == number for arrival in load.arrivals)
    return load.arrivals_per_quarter_hour is None or received < load.arrivals_per_quarter_hour


def told(slots: Iterator[Slot] | list[Slot]) -> list[tuple[object, ...]]:
    return sorted((each.starts_at, each.bay_id, each.ends_at, each.reason_code, each.is_continued) for each in slots)


@settings(deadline=None, max_examples=80)
@given(day=stations(), wish=wishes(), now=st.sampled_from([LONG_AGO, *(instant(1000, origin) for origin in ORIGINS)]))
def test_the_search_finds_just_what_trying_every_start_finds(day: Station, wish: Wish, now: datetime) -> None:
    found = free_slots(day, wish, now=now, limit=10_000)
    assert told(found) == told(every_slot(day, wish, now))
    assert starts(found) == sorted(starts(found))
    assert free_slots(day, wish, now=now, limit=3) == found[:3]
    ranked = free_slots(day, replace(wish, is_best_fit_first=True), now=now, limit=10_000)
    assert told(ranked) == told(found)
    fit = [(each.is_continued, list(SlotReason).index(each.reason_code), each.starts_at) for each in ranked]
    assert fit == sorted(fit)
    for slot in found:
        bay = day.bays[slot.bay_id]
        hours = PlainBay(day, wish, bay).hours.values()
        days = [
            replace(each, opens_at=opens, closes_at=closes, lunch=None)
            for each, (opens, closes) in zip(day.days, hours, strict=True)
            if opens < closes
        ]
        periods = worked_periods(days, slot.starts_at, slot.ends_at)
        lasts = sum((ends_at - starts_at for starts_at, ends_at in periods), timedelta())
        assert (len(periods) > 1) == slot.is_continued
        if not any(minute % 5 for each in hours for minute in (each[0].minute, each[1].minute)):
            assert lasts == wish.duration_on(bay)
            assert end_of_work(days, slot.starts_at, lasts) == slot.ends_at
        if not slot.is_continued and not wish.waits_on_site:
            own = wish.ignored_visit_id
            assert is_free(day, slot.bay_id, slot.starts_at, slot.ends_at, ignored_visit_id=own)


@settings(deadline=None, max_examples=30)
@given(day=stations(), wish=wishes(), since=MINUTES, lasts=st.integers(1, 900))
def test_slots_within_a_period_are_those_that_are_worked_in_it(
    day: Station, wish: Wish, since: int, lasts: int
) -> None:
    """In whole cells, as everything that is searched for."""
    period = instant(since // 5 * 5, day.days[0].on), instant((since // 5 + -(-lasts // 5)) * 5, day.days[0].on)
    everything = free_slots(day, replace(wish, is_best_fit_first=True), now=LONG_AGO, limit=10_000)
    found = slots_within(day, wish, period, now=LONG_AGO)
    expected = [slot for slot in everything if is_worked_in(day, wish, slot, period)]
    assert told(found) == told(expected)
    assert starts(found) == starts(sorted(found, key=everything.index))


def is_worked_in(station: Station, wish: Wish, slot: Slot, period: tuple[datetime, datetime]) -> bool:
    """Whether one of its five minutes lies in the period."""
    plain = PlainBay(station, wish, station.bays[slot.bay_id])
    cell, worked = slot.starts_at, 0
    while worked < plain.cells:
        if plain.is_open(cell):
            worked += 1
            if period[0] <= cell < period[1]:
                return True
        cell += FIVE_MINUTES
    return False


def test_a_start_is_wished_for_or_not_wherever_it_is() -> None:
    (monday,) = station([]).days
    wish = Wish(60, weekdays=frozenset({0}), part_of_day=PartOfDay.MORNING)
    assert is_wished(wish, monday, at(9, 7), MOSCOW)
    assert not is_wished(wish, monday, at(12), MOSCOW)
    assert not is_wished(replace(wish, weekdays=frozenset({1})), monday, at(9), MOSCOW)


@settings(deadline=None, max_examples=15)
@given(day=stations(), wish=wishes(), to=st.builds(instant, MINUTES, st.sampled_from(ORIGINS)))
def test_the_nearest_slots_are_the_nearest_of_all(day: Station, wish: Wish, to: datetime) -> None:
    everything = free_slots(day, wish, now=LONG_AGO, limit=10_000)
    nearest = nearest_slots(day, wish, to=to, now=LONG_AGO, limit=5)
    distances = sorted(abs(slot.starts_at - to) for slot in everything)
    assert [abs(slot.starts_at - to) for slot in nearest] == distances[:5]


@settings(deadline=None, max_examples=15)
@given(day=stations(), since=MINUTES, lasts=st.integers(1, 300))
def test_the_bay_is_not_free_a_minute_sooner(day: Station, since: int, lasts: int) -> None:
    duration, origin = timedelta(minutes=lasts), day.days[0].on
    for bay in day.bays:
        free = free_from(day, bay.bay_id, instant(since, origin), duration)
        tried = (
            instant(minute, origin)
            for minute in range(since, (DAYS + 1) * 1440)
            if is_free(day, bay.bay_id, instant(minute, origin), instant(minute, origin) + duration)
        )
        assert free == next(tried, None)
