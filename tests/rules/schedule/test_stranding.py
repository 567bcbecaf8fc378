"""Which visits a branch's settings have no place for, and what a change of them strands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.schedule.rules.hours import DayHours, WeekHours, business_days
from vovremya.schedule.rules.slots import BayLoad, Station, is_free
from vovremya.schedule.rules.stranding import (
    AdvisorTerms,
    BayTerms,
    Planned,
    Stranded,
    Terms,
    Why,
    digest_of,
    newly_stranded,
    stranded_by,
    why_outside,
)

MOSCOW = ZoneInfo("Europe/Moscow")
TUESDAY = date(2026, 11, 24)
NINE_TO_SIX = DayHours(540, 1080, lunch=(780, 840))
ANY_BAY, ANY_ADVISOR = BayTerms(3), AdvisorTerms()


def at(minute: int) -> datetime:
    midnight = datetime(TUESDAY.year, TUESDAY.month, TUESDAY.day, tzinfo=MOSCOW).astimezone(UTC)
    return midnight + timedelta(minutes=minute)


def visit(*parts: tuple[int, int], bay: int = 1, advisor: int | None = 7, **more: object) -> Planned:
    return Planned(1, 1, bay, advisor, tuple((at(since), at(until)) for since, until in parts), **more)  # type: ignore[arg-type]


def terms(
    hours: DayHours | None = NINE_TO_SIX,
    bay: BayTerms = ANY_BAY,
    advisor: AdvisorTerms = ANY_ADVISOR,
    exceptions: dict[date, DayHours | None] | None = None,
) -> Terms:
    return Terms(MOSCOW, WeekHours([hours] * 7, exceptions or {}), {1: bay}, {7: advisor})


TEN_TO_NOON = WeekHours([DayHours(600, 720)] * 7)
TILL_NOON = DayHours(540, 720)


@pytest.mark.parametrize(
    ("set_so", "planned", "reasons"),
    [
        (terms(), visit((600, 660)), ()),
        (terms(None), visit((600, 660)), (Why.BRANCH_CLOSED,)),
        (terms(exceptions={TUESDAY: None}), visit((600, 660)), (Why.BRANCH_CLOSED,)),
        (terms(TILL_NOON), visit((690, 750)), (Why.BRANCH_CLOSED,)),
        (terms(), visit((780, 810)), (Why.LUNCH,)),
        (terms(), visit((750, 810)), (Why.LUNCH,)),
        (terms(), visit((600, 900)), ()),  # longer than either half of the day: worked through
        (terms(bay=BayTerms(3, own_hours=TEN_TO_NOON)), visit((690, 750)), (Why.BAY_CLOSED,)),
        (terms(bay=BayTerms(3, own_hours=TEN_TO_NOON)), visit((600, 660)), ()),
        (terms(bay=BayTerms(3, is_active=False)), visit((600, 660)), (Why.BAY_RETIRED,)),
        (replace(terms(), closures={1: [(at(630), at(645))]}), visit((600, 660)), (Why.BAY_OUT_OF_USE,)),
        (replace(terms(), closures={1: [(at(660), at(700))]}), visit((600, 660)), ()),
        (replace(terms(), closures={2: [(at(600), at(660))]}), visit((600, 660)), ()),  # of another bay
        (replace(terms(), closures={1: [(at(600), at(660))]}), visit((600, 660), is_here=True), ()),
        (replace(terms(None), takes_visits=False), visit((600, 660)), (Why.BRANCH_RETIRED,)),
        (replace(terms(), takes_visits=False), visit((600, 660), is_here=True), ()),
        (terms(), visit((600, 660), bay=2), (Why.BAY_RETIRED,)),
        (terms(bay=BayTerms(3, is_active=False)), visit((600, 660), is_here=True), (Why.BAY_RETIRED,)),
        (terms(None), visit((600, 660), is_here=True), ()),
        (terms(), visit((600, 660), fit_group_ids=frozenset({4, 5})), (Why.OTHER_GROUP,)),
        (terms(), visit((600, 660), fit_group_ids=frozenset({3})), ()),
        (terms(advisor=AdvisorTerms(shifts=TEN_TO_NOON)), visit((540, 600)), (Why.ADVISOR_AWAY,)),
        (terms(advisor=AdvisorTerms(shifts=TEN_TO_NOON)), visit((690, 750)), ()),  # received in time
        (terms(advisor=AdvisorTerms(is_active=False)), visit((600, 660)), (Why.ADVISOR_AWAY,)),
        (terms(advisor=AdvisorTerms(is_active=False)), visit((600, 660), advisor=None), ()),
        (terms(None, advisor=AdvisorTerms(is_active=False)), visit((600, 660)), (Why.BRANCH_CLOSED,)),
        # A work over the night: each of its days is looked at.
        (terms(), visit((960, 1080), (1980, 2100)), ()),
        (terms(exceptions={TUESDAY + timedelta(days=1): None}), visit((960, 1080), (1980, 2100)), (Why.BRANCH_CLOSED,)),
        (terms(DayHours(0, 1440)), visit((1380, 1500)), ()),  # over midnight, round the clock
        (terms(DayHours(1200, 1800)), visit((1500, 1560)), ()),  # in the hours of the night before
        (
            terms(bay=BayTerms(3, own_hours=TEN_TO_NOON)),
            visit((690, 750), fit_group_ids=frozenset({4})),
            (Why.BAY_CLOSED, Why.OTHER_GROUP),
        ),
    ],
)
def test_why_a_visit_stands_outside(set_so: Terms, planned: Planned, reasons: tuple[Why, ...]) -> None:
    assert why_outside(set_so, planned) == reasons
    assert stranded_by(set_so, [planned]) == ([Stranded(planned, reasons)] if reasons else [])


def test_a_change_strands_what_had_its_place_before() -> None:
    outside, now_outside = visit((500, 530)), replace(visit((690, 750)), visit_id=2)
    twice = replace(visit((500, 530)), visit_id=3, fit_group_ids=frozenset({4}))
    before = [Stranded(outside, (Why.BRANCH_CLOSED,)), Stranded(twice, (Why.BRANCH_CLOSED,))]
    after = [
        *before[:1],
        Stranded(now_outside, (Why.BRANCH_CLOSED,)),
        Stranded(twice, (Why.BRANCH_CLOSED, Why.OTHER_GROUP)),
    ]
    assert newly_stranded(before, after) == [after[1], Stranded(twice, (Why.OTHER_GROUP,))]
    assert newly_stranded(after, before) == []


def test_what_is_confirmed_is_that_very_list() -> None:
    first, second = Stranded(visit((600, 660)), (Why.LUNCH,)), Stranded(visit((700, 760)), (Why.LUNCH,))
    second = replace(second, planned=replace(second.planned, visit_id=2))
    assert digest_of([first, second]) == digest_of([second, first])
    others = [
        [first],
        [first, replace(second, reasons=(Why.BAY_RETIRED,))],
        [first, replace(second, planned=replace(second.planned, plan_version=2))],
    ]
    assert digest_of([first, second]) not in map(digest_of, others)
    assert digest_of([]) == ""


HOURS = st.none() | st.sampled_from([NINE_TO_SIX, TILL_NOON, DayHours(0, 1440), DayHours(1200, 1800)])


@given(
    week=st.lists(HOURS, min_size=7, max_size=7),
    own=st.none() | st.lists(HOURS, min_size=7, max_size=7),
    start=st.integers(0, 288 * 2).map(lambda number: number * 5),
    lasts=st.integers(1, 150).map(lambda number: number * 5),
)
def test_hours_strand_what_the_engine_would_not_call_free(
    week: list[DayHours | None], own: list[DayHours | None] | None, start: int, lasts: int
) -> None:
    own_hours = WeekHours(own) if own else None
    set_so = Terms(MOSCOW, WeekHours(week), {1: BayTerms(3, own_hours=own_hours)})
    days = business_days(TUESDAY - timedelta(days=1), 6, WeekHours(week), MOSCOW)
    station = Station(MOSCOW, days, [BayLoad(1, 3, own_hours=own_hours)])
    reasons = why_outside(set_so, visit((start, start + lasts)))
    assert (reasons == ()) is is_free(station, 1, at(start), at(start + lasts))
