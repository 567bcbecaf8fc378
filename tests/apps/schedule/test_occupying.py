"""Occupying a bay, giving it free again, holding an offered slot."""

import datetime as dt
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.apps.conftest import Hire
from tests.apps.schedule.conftest import MONDAY, NINE_TO_SIX, at
from vovremya.directory.models import Advisor, Bay, Branch, User
from vovremya.directory.rules import PROGRAM, Actor, Role
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotAllowed
from vovremya.schedule.actions import (
    close_bay,
    find_lane,
    forget_lapsed_holds,
    hold,
    occupy,
    release_holds,
    set_bay_hours,
    set_shifts,
    set_week_hours,
    vacate,
)
from vovremya.schedule.models import BranchHours, Occupation
from vovremya.schedule.queries import Closure, in_the_way, live_holds
from vovremya.schedule.refusals import BayTaken, TooLong
from vovremya.schedule.rules.occupied import Occupied, Period
from vovremya.schedule.signals import time_freed

Told = list[tuple[int, Sequence[Period]]]

REAL_NOW = datetime(2026, 11, 22, 7, 28, tzinfo=dt.UTC)
LATER = REAL_NOW + timedelta(minutes=5)


@pytest.fixture
def operator(station: Branch, hire: Hire) -> User:
    return hire("operator", station)


@pytest.fixture
def colleague(station: Branch, hire: Hire) -> User:
    return hire("colleague", station)


@pytest.fixture
def freed() -> Iterator[Told]:
    """What is told of the time that becomes free: the bay and its periods."""
    told: Told = []

    def hear(bay_id: int, periods: Sequence[Period], **_signal: object) -> None:
        told.append((bay_id, periods))

    time_freed.connect(hear)
    yield told
    time_freed.disconnect(hear)


def periods_of(visit_id: int) -> list[tuple[datetime, datetime]]:
    rows = Occupation.objects.filter(visit_id=visit_id).order_by("starts_at")
    return list(rows.values_list("starts_at", "ends_at"))


def held_by(user: User) -> list[tuple[datetime, datetime]]:
    return [(each.starts_at, each.ends_at) for each in live_holds(user.pk, REAL_NOW)]


def test_a_visit_occupies_one_period_at_a_time(bays: list[Bay]) -> None:
    occupy(1, bays[0], at(10), at(11), now=REAL_NOW)
    occupy(1, bays[1], at(12), at(13), now=REAL_NOW)
    assert periods_of(1) == [(at(12), at(13))]
    assert in_the_way(bays[0].pk, [(at(9), at(18))]) == []


def test_a_visit_may_move_into_its_own_time(bay: Bay) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    occupy(1, bay, at(10, 30), at(11, 30), now=REAL_NOW)
    assert periods_of(1) == [(at(10, 30), at(11, 30))]


def test_a_taken_bay_is_refused_with_what_is_in_the_way(bay: Bay) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    occupy(2, bay, at(11), at(12), now=REAL_NOW)
    close_bay(bay, [Closure(at(14), at(15), "нет подъёмника")])
    occupy(3, bay, at(16), at(17), now=REAL_NOW)
    with pytest.raises(BayTaken) as refused:
        occupy(3, bay, at(10, 30), at(14, 30), now=REAL_NOW)
    assert refused.value.code == "bay_taken"
    assert refused.value.field == "starts_at"
    assert refused.value.facts["visit_ids"] == (1, 2)
    assert refused.value.facts["in_the_way"] == (
        Occupied("visit", bay.pk, 0, at(10), at(11), visit_id=1),
        Occupied("visit", bay.pk, 0, at(11), at(12), visit_id=2),
        Occupied("closure", bay.pk, 0, at(14), at(15), note="нет подъёмника"),
    )
    assert periods_of(3) == [(at(16), at(17))], "a refused move leaves the visit where it was"


def test_a_visit_over_several_days_occupies_each_of_them(bay: Bay) -> None:
    tuesday = MONDAY + timedelta(days=1)
    two_days = [(at(15), at(18)), (at(9, on=tuesday), at(12, on=tuesday))]
    occupy(1, bay, at(15), at(12, on=tuesday), closes_at=at(18), now=REAL_NOW)
    assert periods_of(1) == two_days
    with pytest.raises(BayTaken):
        occupy(2, bay, at(11, on=tuesday), at(13, on=tuesday), now=REAL_NOW)
    assert vacate(1, REAL_NOW) == 2
    occupy(2, bay, at(11, on=tuesday), at(13, on=tuesday), now=REAL_NOW)


def test_no_period_lasts_longer_than_a_month(bay: Bay) -> None:
    with pytest.raises(TooLong):
        occupy(1, bay, at(10), at(10) + timedelta(days=31, minutes=1), now=REAL_NOW)


def test_another_fault_of_the_database_is_not_called_taken(bay: Bay) -> None:
    with pytest.raises(IntegrityError, match="ends_after_start"):
        occupy(1, bay, at(11), at(10), now=REAL_NOW)


def test_an_overbooked_visit_takes_the_lowest_free_lane(bay: Bay) -> None:
    assert find_lane(bay, at(10), at(11)) == 0
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    assert find_lane(bay, at(10, 30), at(11, 30)) == 1
    occupy(2, bay, at(10, 30), at(11, 30), lane=1, now=REAL_NOW)
    assert find_lane(bay, at(10, 45), at(12)) == 2
    assert find_lane(bay, at(11), at(12)) == 0
    assert find_lane(bay, at(10), at(11), ignoring=1) == 0


def test_a_closed_bay_takes_no_visit_and_is_not_closed_over_one(bay: Bay) -> None:
    close_bay(bay, [Closure(at(9), at(12), "ремонт подъёмника")])
    with pytest.raises(BayTaken):
        occupy(1, bay, at(11), at(13), now=REAL_NOW)
    occupy(1, bay, at(12), at(13), now=REAL_NOW)
    with pytest.raises(BayTaken):
        close_bay(bay, [Closure(at(12, 30), at(14), "ремонт подъёмника")])


def test_a_held_slot_is_kept_from_others_for_five_minutes(bay: Bay, operator: User, colleague: User) -> None:
    held = hold(bay, at(10), at(11), user_id=operator.pk, real_now=REAL_NOW)
    assert held.held_until == LATER
    with pytest.raises(BayTaken) as refused:
        occupy(1, bay, at(10), at(11), holder_id=colleague.pk, real_now=LATER - timedelta(milliseconds=1), now=REAL_NOW)
    assert [each.held_by_id for each in refused.value.facts["in_the_way"]] == [operator.pk]  # type: ignore[attr-defined]
    occupy(1, bay, at(10), at(11), holder_id=colleague.pk, real_now=LATER, now=REAL_NOW)
    assert held_by(operator) == []


def test_the_holder_books_over_the_own_hold(bay: Bay, operator: User) -> None:
    hold(bay, at(10), at(11), user_id=operator.pk, real_now=REAL_NOW)
    occupy(1, bay, at(10), at(11), holder_id=operator.pk, real_now=REAL_NOW, now=REAL_NOW)
    assert held_by(operator) == []


def test_a_refusal_does_not_name_the_holders_own_hold(bay: Bay, operator: User) -> None:
    occupy(1, bay, at(11), at(12), now=REAL_NOW)
    hold(bay, at(10), at(11), user_id=operator.pk, real_now=REAL_NOW)
    with pytest.raises(BayTaken) as refused:
        occupy(2, bay, at(10), at(12), holder_id=operator.pk, real_now=REAL_NOW, now=REAL_NOW)
    assert refused.value.facts["visit_ids"] == (1,)
    assert len(refused.value.facts["in_the_way"]) == 1  # type: ignore[arg-type]
    assert held_by(operator) == [(at(10), at(11))]


def test_a_slot_that_somebody_has_cannot_be_held(bay: Bay, operator: User, colleague: User) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    with pytest.raises(BayTaken):
        hold(bay, at(10, 30), at(11, 30), user_id=operator.pk, real_now=REAL_NOW)
    hold(bay, at(12), at(13), user_id=colleague.pk, real_now=REAL_NOW)
    with pytest.raises(BayTaken):
        hold(bay, at(12), at(13), user_id=operator.pk, real_now=REAL_NOW)
    hold(bay, at(12), at(13), user_id=operator.pk, real_now=LATER)


def test_a_third_hold_lets_the_oldest_go(bay: Bay, operator: User) -> None:
    second = timedelta(seconds=1)
    hold(bay, at(9), at(10), user_id=operator.pk, real_now=REAL_NOW)
    hold(bay, at(10), at(11), user_id=operator.pk, real_now=REAL_NOW + second)
    hold(bay, at(11), at(12), user_id=operator.pk, real_now=REAL_NOW + 2 * second)
    assert held_by(operator) == [(at(10), at(11)), (at(11), at(12))]


def test_holding_another_start_nearby_replaces_the_hold(bay: Bay, operator: User) -> None:
    hold(bay, at(9), at(10), user_id=operator.pk, real_now=REAL_NOW)
    hold(bay, at(9, 5), at(10, 5), user_id=operator.pk, real_now=REAL_NOW)
    assert held_by(operator) == [(at(9, 5), at(10, 5))]


def test_what_the_visit_occupies_itself_need_not_be_held(bay: Bay, operator: User) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    hold(bay, at(10, 25), at(11, 25), user_id=operator.pk, real_now=REAL_NOW, visit_id=1)
    assert held_by(operator) == [(at(11), at(11, 25))]
    hold(bay, at(9, 30), at(11, 30), user_id=operator.pk, real_now=REAL_NOW, visit_id=1)
    assert held_by(operator) == [(at(9, 30), at(10)), (at(11), at(11, 30))]
    occupy(1, bay, at(9, 30), at(11, 30), holder_id=operator.pk, real_now=REAL_NOW, now=REAL_NOW)
    assert periods_of(1) == [(at(9, 30), at(11, 30))]


def test_holds_are_let_go_by_hand_or_when_they_lapse(bays: list[Bay], operator: User, colleague: User) -> None:
    hold(bays[0], at(9), at(10), user_id=operator.pk, real_now=REAL_NOW)
    hold(bays[1], at(9), at(10), user_id=operator.pk, real_now=REAL_NOW)
    hold(bays[0], at(10), at(11), user_id=colleague.pk, real_now=REAL_NOW)
    assert release_holds(operator.pk) == 2
    assert forget_lapsed_holds(LATER - timedelta(milliseconds=1)) == 0
    assert forget_lapsed_holds(LATER) == 1


def test_a_refused_booking_can_go_on_in_its_transaction(bay: Bay) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    with transaction.atomic():
        with pytest.raises(BayTaken):
            occupy(2, bay, at(10), at(11), now=REAL_NOW)
        occupy(2, bay, at(10), at(11), lane=find_lane(bay, at(10), at(11)), now=REAL_NOW)
    assert periods_of(2) == [(at(10), at(11))]


def test_setting_the_hours_replaces_them_and_is_journalled(station: Branch, now: datetime) -> None:
    set_week_hours(station.pk, [NINE_TO_SIX] * 5 + [None, None], actor=PROGRAM, now=now)
    assert BranchHours.objects.filter(branch=station).count() == 5
    last = Entry.objects.order_by("id").last()
    assert last
    assert (last.kind, last.data) == ("hours_changed", {"open_days": 5})


def test_hours_of_a_bay_and_shifts_of_an_advisor_are_replaced_and_journalled(bay: Bay, now: datetime) -> None:
    advisor = Advisor.objects.create(branch=bay.branch, name="Орлов В.")
    for days in (7, 5):
        set_bay_hours(bay, [NINE_TO_SIX] * days + [None] * (7 - days), actor=PROGRAM, now=now)
        set_shifts(advisor, [NINE_TO_SIX] * days + [None] * (7 - days), actor=PROGRAM, now=now)
    assert (bay.own_hours.count(), advisor.shifts.count()) == (5, 5)
    assert list(Entry.objects.order_by("-id").values_list("kind", "data")[:2]) == [
        ("shifts_changed", {"advisor_id": advisor.pk, "days": 5}),
        ("bay_hours_changed", {"bay_id": bay.pk, "open_days": 5}),
    ]


def test_an_operator_does_not_set_the_hours(bay: Bay, now: datetime) -> None:
    operator = Actor(user_id=None, name="Иванова", roles={bay.branch_id: frozenset({Role.OPERATOR})})
    advisor = Advisor.objects.create(branch=bay.branch, name="Орлов В.")
    with pytest.raises(NotAllowed):
        set_week_hours(bay.branch_id, [None] * 7, actor=operator, now=now)
    with pytest.raises(NotAllowed):
        set_bay_hours(bay, [None] * 7, actor=operator, now=now)
    with pytest.raises(NotAllowed):
        set_shifts(advisor, [None] * 7, actor=operator, now=now)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it looks")
def test_holds_that_give_way_are_found_without_looking_through_the_past_of_the_bay(bay: Bay) -> None:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        occupy(1, bay, at(9), at(10), holder_id=None, real_now=at(8), now=REAL_NOW)
    deletions = [query["sql"] for query in captured if query["sql"].startswith("DELETE") and "'hold'" in query["sql"]]
    with connection.cursor() as asking:
        asking.execute(f"EXPLAIN QUERY PLAN {deletions[0]}")
        plans = [plan for *_, plan in asking.fetchall()]
    assert len(deletions) == 1
    assert any("occupation_held" in plan for plan in plans), plans


def test_a_new_visit_frees_nothing(bay: Bay, freed: Told) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    assert freed == []


def test_a_visit_that_goes_to_another_bay_frees_all_of_its_own(bays: list[Bay], freed: Told) -> None:
    occupy(1, bays[0], at(10), at(11), now=REAL_NOW)
    occupy(1, bays[1], at(10), at(11), now=REAL_NOW)
    assert freed == [(bays[0].pk, [(at(10), at(11))])]


def test_a_visit_that_moves_over_its_own_time_frees_what_it_leaves(bay: Bay, freed: Told) -> None:
    occupy(1, bay, at(10), at(12), now=REAL_NOW)
    occupy(1, bay, at(11), at(13), now=REAL_NOW)
    occupy(1, bay, at(11), at(13), now=REAL_NOW)
    assert freed == [(bay.pk, [(at(10), at(11))])]


def test_a_work_over_a_night_frees_what_it_had_of_each_day(bay: Bay, freed: Told) -> None:
    tuesday = MONDAY + timedelta(days=1)
    occupy(1, bay, at(15), at(12, on=tuesday), closes_at=at(18), now=REAL_NOW)
    vacate(1, REAL_NOW)
    assert freed == [(bay.pk, [(at(15), at(18)), (at(9, on=tuesday), at(12, on=tuesday))])]


def test_what_is_over_is_not_freed(bay: Bay, freed: Told) -> None:
    occupy(1, bay, at(10), at(12), now=REAL_NOW)
    vacate(1, at(11))
    occupy(2, bay, at(10), at(12), now=REAL_NOW)
    vacate(2, at(12))
    assert freed == [(bay.pk, [(at(11), at(12))])]
    assert vacate(3, REAL_NOW) == 0


def test_what_is_refused_frees_nothing(bay: Bay, freed: Told) -> None:
    occupy(1, bay, at(10), at(11), now=REAL_NOW)
    occupy(2, bay, at(12), at(13), now=REAL_NOW)
    with pytest.raises(BayTaken):
        occupy(2, bay, at(10), at(11), now=REAL_NOW)
    assert freed == []
