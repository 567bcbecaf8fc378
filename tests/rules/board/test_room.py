"""How full a bay's day is and what of it can still be had: by hand, and against a count of every minute."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from vovremya.board.rules import Room, rooms_of, together
from vovremya.schedule.rules.hours import DayHours, WeekHours, business_days, narrowed
from vovremya.schedule.rules.slots import AdvisorLoad, BayLoad, Station, Taken

ON = date(2026, 11, 24)
MOSCOW = ZoneInfo("Europe/Moscow")
NINE_TO_NINE = DayHours(540, 1260, lunch=(780, 840))
MIDNIGHT = datetime(2026, 11, 24, tzinfo=MOSCOW)


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def station(
    *taken: tuple[int, int],
    hours: DayHours | None = NINE_TO_NINE,
    own: DayHours | None = None,
    shift: DayHours | None = None,
    closures: Sequence[tuple[int, int]] = (),
    count: int = 1,
) -> Station:
    week = WeekHours([hours] * 7)
    visits = [Taken(at(since), at(until), number) for number, (since, until) in enumerate(taken, 1)]
    out_of_use = [Taken(at(since), at(until), is_closure=True) for since, until in closures]
    bay = BayLoad(1, 1, [*visits, *out_of_use], own_hours=WeekHours([own] * 7) if own else None, advisor_id=7)
    advisor = AdvisorLoad(shifts=WeekHours([shift] * 7) if shift else None)
    return Station(MOSCOW, business_days(ON, count, week, MOSCOW), [bay], {7: advisor})


def room(*taken: tuple[int, int], since: int = 0, **more: object) -> Room:
    return rooms_of(station(*taken, **more), since=at(since))[1][0]  # type: ignore[arg-type]


def test_an_empty_day_is_free_but_for_the_lunch() -> None:
    assert room() == Room(660, 0, 660)


def test_what_is_overbooked_makes_the_load_and_takes_its_time_once() -> None:
    assert room((600, 660), (630, 690)) == Room(660, 120, 570)


def test_a_visit_over_the_lunch_and_after_closing_takes_only_open_time_from_what_is_free() -> None:
    assert room((720, 900), (1230, 1290)) == Room(660, 240, 660 - 120 - 30)


def test_a_closed_day_has_no_room_and_still_shows_who_is_booked_for_it() -> None:
    assert room((600, 660), hours=None) == Room(0, 60, 0)
    assert room((600, 660), hours=None).load == 0


def test_a_bay_has_its_own_hours_and_what_takes_it_out_of_use_is_no_room() -> None:
    assert room(own=DayHours(600, 720)) == Room(120, 0, 120)
    assert room((600, 660), closures=[(540, 780)]) == Room(420, 60, 420)


def test_what_is_over_is_free_no_more() -> None:
    assert room((840, 900), since=870) == Room(660, 60, 360)


def test_a_car_must_be_received_for_what_is_free() -> None:
    # From ten to noon: the rest of the morning is reached by whoever comes by then, the afternoon is not.
    assert room(shift=DayHours(600, 720)).free_for == 180
    assert room((660, 690), shift=DayHours(600, 660)).free_for == 60
    assert room(shift=DayHours(0, 60)).free_for == 0


def test_days_follow_each_other_and_a_visit_over_midnight_is_in_both() -> None:
    found = rooms_of(station((1380, 1500), hours=DayHours(0, 1440), count=2))[1]
    assert found == [Room(1440, 60, 1380), Room(1440, 60, 1380)]


def test_rooms_add_up() -> None:
    assert together([Room(600, 300, 100), Room(200, 100, 50)]) == Room(800, 400, 150)
    assert (together([]), together([Room(800, 400, 150)]).load) == (Room(0, 0, 0), 50)


MINUTES = st.integers(-600, 3000)
SPANS = st.tuples(MINUTES, st.integers(1, 600)).map(lambda span: (span[0], span[0] + span[1]))
HOURS = st.none() | st.sampled_from([NINE_TO_NINE, DayHours(0, 1440), DayHours(600, 1800), DayHours(480, 500)])


@settings(max_examples=60)
@given(taken=st.lists(SPANS, max_size=6), closures=st.lists(SPANS, max_size=2), hours=HOURS, own=HOURS, shift=HOURS)
def test_the_same_as_counting_every_minute(
    taken: list[tuple[int, int]],
    closures: list[tuple[int, int]],
    hours: DayHours | None,
    own: DayHours | None,
    shift: DayHours | None,
) -> None:
    looked_at = station(*taken, hours=hours, own=own, shift=shift, closures=closures, count=2)
    own_week = looked_at.bays[0].own_hours
    for day, found in zip(looked_at.days, rooms_of(looked_at)[1], strict=True):
        of_bay = narrowed(day, own_week, MOSCOW) if own_week else day
        minutes = range(-600, 3600)
        open_at = [m for m in minutes if of_bay.is_open(at(m)) and not _within(at(m), of_bay.lunch)]
        in_use = [m for m in open_at if not any(since <= m < until for since, until in closures)]
        busy = [m for since, until in taken for m in range(since, until) if day.starts_at <= at(m) < day.ends_at]
        covered = [m for m in in_use if any(since <= m < until for since, until in taken)]
        assert (found.open_for, found.busy_for) == (len(in_use), len(busy))
        assert found.free_for <= len(in_use) - len(covered)
        if shift is None:
            assert found.free_for == len(in_use) - len(covered)


def _within(instant: datetime, period: tuple[datetime, datetime] | None) -> bool:
    return period is not None and period[0] <= instant < period[1]
