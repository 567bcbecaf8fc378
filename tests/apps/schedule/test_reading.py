"""Hours, occupations and free slots as they are read from the database, in a fixed number of queries."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.apps.conftest import Hire
from tests.apps.schedule.conftest import MONDAY, NINE_TO_SIX, at
from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.directory.rules import PROGRAM
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.actions import close_bay, hold, occupy, set_week_hours
from vovremya.schedule.models import AdvisorShift, BayHours, BranchException
from vovremya.schedule.queries import (
    Asker,
    Closure,
    DayPlace,
    bay_free_from,
    business_day_of,
    business_day_on,
    calendar_of,
    end_of_work,
    free_slots,
    holds_of_others,
    nearest_slots,
    occupations,
    place_in_day,
    worked_periods,
)
from vovremya.schedule.rules.hours import DayHours
from vovremya.schedule.rules.slots import SlotReason, Wish

REAL_NOW = datetime(2026, 11, 22, 7, 28, tzinfo=UTC)
ANYBODY = Asker(REAL_NOW)


def nobody(_since: datetime, _until: datetime) -> dict[int, list[datetime]]:
    raise AssertionError("no advisor's arrivals are counted here")


TUESDAY = MONDAY + timedelta(days=1)
HOUR = timedelta(hours=1)


def test_the_calendar_has_hours_lunch_and_exceptions(
    station: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    BranchException.objects.create(branch=station, on=MONDAY, title="Учёт")
    BranchException.objects.create(branch=station, on=TUESDAY, opens_minute=600, closes_minute=900)
    with django_assert_num_queries(2):
        calendar = calendar_of(station.pk)
    assert calendar.zone == ZoneInfo("Europe/Moscow")
    assert calendar.week.on(MONDAY - timedelta(days=1)) == NINE_TO_SIX
    assert calendar.day(MONDAY).opens_at is None
    assert calendar.day(TUESDAY).closes_at == at(15, on=TUESDAY)


def test_a_branch_without_hours_is_closed(branch: Branch) -> None:
    assert business_day_on(branch.pk, MONDAY).opens_at is None


def test_there_are_no_hours_of_a_branch_that_is_not_there(db: None) -> None:
    with pytest.raises(NotFound):
        calendar_of(404)


def test_a_start_has_its_place_in_the_day(station: Branch) -> None:
    assert place_in_day(station.pk, at(10, 28)) == DayPlace(
        on=MONDAY, closes_at=at(18), case_ends_at=at(0, on=TUESDAY), is_open_at_start=True
    )
    assert not place_in_day(station.pk, at(18)).is_open_at_start
    assert place_in_day(station.pk, at(10), calendar_of(station.pk)).on == MONDAY
    assert business_day_of(station.pk, at(23)).on == MONDAY


def test_the_occupations_of_a_day_are_those_that_touch_it(
    bays: list[Bay], hire: Hire, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    operator = hire("operator", bays[0].branch)
    occupy(1, bays[0], at(9) - timedelta(days=3), at(9), now=REAL_NOW)
    occupy(2, bays[0], at(10), at(11), now=REAL_NOW)
    occupy(3, bays[0], at(17), at(18), now=REAL_NOW)
    close_bay(bays[1], [Closure(at(8), at(20), "ремонт")])
    hold(bays[0], at(12), at(13), user_id=operator.pk, real_now=REAL_NOW)
    with django_assert_num_queries(1):
        found = occupations(bays[0].branch_id, at(9), at(17), REAL_NOW)
    assert [(each.of, each.visit_id) for each in found] == [("closure", None), ("visit", 2), ("hold", None)]
    later = occupations(bays[0].branch_id, at(9), at(17), REAL_NOW + timedelta(minutes=5))
    assert [each.of for each in later] == ["closure", "visit"]


def test_slots_are_free_of_visits_closures_and_the_holds_of_others(
    bays: list[Bay], hire: Hire, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    branch_id = bays[0].branch_id
    operator = hire("operator", bays[0].branch)
    colleague = hire("colleague", bays[0].branch)
    occupy(1, bays[0], at(9), at(10), now=REAL_NOW)
    close_bay(bays[1], [Closure(at(9), at(18), "ремонт")])
    hold(bays[0], at(10), at(11), user_id=colleague.pk, real_now=REAL_NOW)
    wish = Wish(60, from_on=MONDAY, until_on=MONDAY)
    with django_assert_num_queries(5):
        found = free_slots(branch_id, wish, arrivals_between=nobody, now=at(8), asker=Asker(REAL_NOW, operator.pk))
    assert (found[0].bay_id, found[0].starts_at) == (bays[0].pk, at(11))
    assert found[0].reason_code == SlotReason.AFTER_PREVIOUS

    own = free_slots(branch_id, wish, arrivals_between=nobody, now=at(8), asker=Asker(REAL_NOW, colleague.pk))
    assert own[0].starts_at == at(10)
    lapsed = free_slots(
        branch_id, wish, arrivals_between=nobody, now=at(8), asker=Asker(REAL_NOW + timedelta(minutes=5))
    )
    assert lapsed[0].starts_at == at(10)


def test_slots_are_looked_for_from_today_and_on_the_days_wished(bay: Bay) -> None:
    found = free_slots(
        bay.branch_id, Wish(60, from_on=TUESDAY), arrivals_between=nobody, now=at(8), asker=ANYBODY, limit=1
    )
    assert found[0].starts_at == at(9, on=TUESDAY)
    past = Wish(60, from_on=MONDAY, until_on=MONDAY)
    assert free_slots(bay.branch_id, past, arrivals_between=nobody, now=at(8, on=TUESDAY), asker=ANYBODY) == []


def test_an_inactive_bay_is_not_offered(bays: list[Bay]) -> None:
    bays[0].is_active = False
    bays[0].save()
    found = free_slots(bays[0].branch_id, Wish(60), arrivals_between=nobody, now=at(8), asker=ANYBODY)
    assert {slot.bay_id for slot in found} == {bays[1].pk}


def test_the_nearest_slots_for_one_that_was_lost(bay: Bay, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    occupy(1, bay, at(10), at(12), now=REAL_NOW)
    with django_assert_num_queries(5):
        found = nearest_slots(
            bay.branch_id, Wish(60, bay_id=bay.pk), to=at(11), arrivals_between=nobody, now=at(8), asker=ANYBODY
        )
    assert [slot.starts_at for slot in found] == [at(12), at(9), at(14)]


def test_when_the_bay_will_be_free(bay: Bay, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    occupy(1, bay, at(10, 28), at(11, 43), now=REAL_NOW)
    with django_assert_num_queries(4):
        free_at = bay_free_from(bay.branch_id, bay.pk, at(10), HOUR, asker=ANYBODY)
    assert free_at == at(11, 43)
    assert bay_free_from(bay.branch_id, bay.pk, at(10), HOUR, asker=Asker(REAL_NOW, visit_id=1)) == at(10)
    assert bay_free_from(bay.branch_id, bay.pk, at(17, 30), HOUR, asker=ANYBODY) == at(9, on=TUESDAY)
    ten_hours = timedelta(hours=10)
    assert bay_free_from(bay.branch_id, bay.pk, at(10), ten_hours, asker=ANYBODY) is None


def test_the_bay_is_offered_from_a_whole_minute_and_today_alone_if_asked(bay: Bay) -> None:
    a_moment_later = at(10) + timedelta(milliseconds=1)
    assert bay_free_from(bay.branch_id, bay.pk, a_moment_later, HOUR, asker=ANYBODY, days=1) == at(10, 1)
    assert bay_free_from(bay.branch_id, bay.pk, at(17, 30), HOUR, asker=ANYBODY, days=1) is None


def test_round_the_clock_a_work_is_offered_over_midnight(station: Branch, bay: Bay, now: datetime) -> None:
    set_week_hours(station.pk, [DayHours(0, 1440)] * 7, actor=PROGRAM, now=now)
    assert bay_free_from(station.pk, bay.pk, at(23, 30), HOUR, asker=ANYBODY, days=1) == at(23, 30)


def week(hours: tuple[int, int]) -> list[dict[str, int]]:
    return [{"weekday": day, "opens_minute": hours[0], "closes_minute": hours[1]} for day in range(7)]


def test_bays_have_hours_of_their_own_and_visits_a_pause_between_them(bays: list[Bay], now: datetime) -> None:
    branch = bays[0].branch
    branch.pause_minutes = 10
    branch.save()
    for hours in week((600, 720)):
        BayHours.objects.create(bay=bays[0], **hours)
    occupy(1, bays[1], at(9), at(10), now=REAL_NOW)
    wish = Wish(60, days=frozenset({MONDAY}), is_every_bay_listed=True)
    found = free_slots(branch.pk, wish, now=at(8), asker=ANYBODY, arrivals_between=nobody, limit=1000)
    own = [slot.starts_at for slot in found if slot.bay_id == bays[0].pk]
    assert (own[0], own[-1]) == (at(10), at(11))
    assert min(slot.starts_at for slot in found if slot.bay_id == bays[1].pk) == at(10, 10)


def test_an_advisor_receives_in_the_own_shifts_and_so_many_in_a_quarter_hour(
    bay: Bay, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    advisor = Advisor.objects.create(branch=bay.branch, name="Орлов В.", arrivals_per_quarter_hour=2)
    for hours in week((600, 900)):
        AdvisorShift.objects.create(advisor=advisor, **hours)
    asked: list[datetime] = []

    def two_at_ten(since: datetime, until: datetime) -> dict[int, list[datetime]]:
        asked.extend((since, until))
        return {advisor.pk: [at(10), at(10, 10)]}

    wish = Wish(60, advisor_id=advisor.pk)
    with django_assert_num_queries(5):
        found = free_slots(bay.branch_id, wish, now=at(8), asker=ANYBODY, arrivals_between=two_at_ten)
    assert found[0].starts_at == at(10, 15)
    assert asked == [at(0), at(0, on=MONDAY + timedelta(days=60))]


def test_a_work_over_the_night_leaves_it_out_by_the_hours_of_the_bay(
    bays: list[Bay], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for hours in week((600, 720)):
        BayHours.objects.create(bay=bays[0], **hours)
    with django_assert_num_queries(0):
        assert worked_periods(bays[0], at(10), at(12), at(18)) == [(at(10), at(12))]
        assert end_of_work(bays[0], at(10), HOUR, at(18)) == at(11)
    with django_assert_num_queries(3):
        two_days = worked_periods(bays[1], at(15), at(11, on=TUESDAY), at(18))
    assert two_days == [(at(15), at(18)), (at(9, on=TUESDAY), at(11, on=TUESDAY))]
    short_days = worked_periods(bays[0], at(11), at(11, on=TUESDAY), at(18))
    assert short_days == [(at(11), at(12)), (at(10, on=TUESDAY), at(11, on=TUESDAY))]
    with django_assert_num_queries(3):
        assert end_of_work(bays[1], at(15), 5 * HOUR, at(18)) == at(11, on=TUESDAY)
    too_long = at(10) + timedelta(days=400)
    with django_assert_num_queries(0):
        assert worked_periods(bays[0], at(10), too_long, at(18)) == [(at(10), too_long)]


def test_holds_of_others_are_seen_and_the_own_are_not(bays: list[Bay], hire: Hire) -> None:
    operator, colleague = hire("operator", bays[0].branch), hire("colleague", bays[0].branch)
    hold(bays[0], at(10), at(11), user_id=colleague.pk, real_now=REAL_NOW)
    hold(bays[1], at(10), at(11), user_id=operator.pk, real_now=REAL_NOW)
    (seen,) = holds_of_others(bays[0].branch_id, Asker(REAL_NOW, operator.pk))
    assert (seen.bay, seen.held_by, seen.held_until) == (bays[0], colleague, REAL_NOW + timedelta(minutes=5))
    assert holds_of_others(bays[0].branch_id, Asker(REAL_NOW + timedelta(minutes=5), operator.pk)) == []
