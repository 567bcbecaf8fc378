"""«Загрузка»: thirty days by bay group, what is free, and a click to the day or to booking on it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, TODAY, TOMORROW, Cast
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from tests.flows.test_board_page import fill
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.directory.rules import PROGRAM
from vovremya.schedule.actions import set_bay_hours, set_shifts, set_week_hours
from vovremya.schedule.models import BranchException
from vovremya.schedule.rules.hours import DayHours


def capacity(seat: Seat) -> Answer:
    return seat.get("/SEV/capacity/", as_page=True)


def names_of_days(page: Answer, group: str) -> list[str]:
    return [name for link in page.all("a") if (name := link.get("aria-label") or "").startswith(f"{group}, ")]


@pytest.fixture
def body_group(cast: Cast) -> BayGroup:
    group = BayGroup.objects.create(branch=cast.branch, name="Кузовной", position=9)
    Bay.objects.create(branch=cast.branch, group=group, name="Стапель")
    return group


def test_days_to_come_say_how_full_each_group_is_and_lead_to_the_day(
    operator: Seat, cast: Cast, body_group: BayGroup, clock: StoppedClock
) -> None:
    cast.book("10:00", minutes=360, on=TOMORROW)
    clock.show("11:00")
    page = capacity(operator)
    fitting = names_of_days(page, "Слесарный")
    assert len(fitting) == 30
    assert fitting[0] == "Слесарный, 22 ноября: загрузка 0 %, свободно 30 ч", "ten hours of three bays are left"
    assert fitting[1] == "Слесарный, 23 ноября: загрузка 17 %, свободно 30 ч"
    assert names_of_days(page, "Кузовной")[1] == "Кузовной, 23 ноября: загрузка 0 %, свободно 12 ч"
    assert names_of_days(page, "Все посты")[1] == "Все посты, 23 ноября: загрузка 12 %, свободно 42 ч"
    (link,) = (link for link in page.all("a") if link.get("aria-label") == fitting[1])
    assert link["href"] == f"/SEV/?day={TOMORROW}#group={cast.bays[0].group_id}"


def test_one_click_leads_to_booking_on_the_day_and_only_who_may_book_has_it(
    seat: Callable[[str], Seat], cast: Cast, clock: StoppedClock
) -> None:
    page = capacity(seat("operator"))
    (book,) = (each for each in page.all("a") if each.get("aria-label") == "Записать: Слесарный, 24 ноября")
    window = seat("operator").get(book["href"])
    assert window.value("on") == (TODAY + timedelta(days=2)).isoformat()
    assert window.value("group") == str(cast.bays[0].group_id)
    assert {each["value"].split()[1][:10] for each in window.all("input", name="slot")} == {"2026-11-24"}
    assert "Записать:" not in " ".join(each.get("aria-label") or "" for each in capacity(seat("master")).all("a"))


def test_closed_days_exceptions_hours_of_bays_and_shifts_are_those_of_the_free_times(
    operator: Seat, cast: Cast, body_group: BayGroup, clock: StoppedClock
) -> None:
    cast.book("10:00")
    lunch = DayHours(540, 1260, lunch=(780, 840))
    set_week_hours(cast.branch.pk, [*[lunch] * 6, None], actor=PROGRAM, now=MORNING)
    BranchException.objects.create(branch=cast.branch, on=TOMORROW, opens_minute=600, closes_minute=720)
    set_bay_hours(body_group.bays.get(), [DayHours(600, 720)] * 7, actor=PROGRAM, now=MORNING)
    set_shifts(cast.advisor, [None, DayHours(540, 1260), *[None] * 5], actor=PROGRAM, now=MORNING)
    page = capacity(operator)
    fitting, body = names_of_days(page, "Слесарный"), names_of_days(page, "Кузовной")
    assert fitting[0] == "Слесарный, 22 ноября: закрыто, но есть записи"
    assert body[0] == "Кузовной, 23 ноября: загрузка 0 %, свободно 2 ч", "the Sunday has no link"
    assert fitting[1] == "Слесарный, 23 ноября: загрузка 0 %, свободно 0 ч", "open from 10 to 12, but nobody receives"
    assert fitting[2] == "Слесарный, 24 ноября: загрузка 0 %, свободно 33 ч"
    assert body[1] == "Кузовной, 24 ноября: загрузка 0 %, свободно 2 ч"
    assert "закрыто" in page.text


def test_branch_without_bays_says_so(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    Branch.objects.get(pk=cast.branch.pk).bays.update(is_active=False)
    assert "В филиале нет постов" in capacity(operator).text


def test_board_draws_the_hours_of_a_bay_and_counts_its_load_by_them(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    set_bay_hours(cast.bays[1], [DayHours(600, 720)] * 7, actor=PROGRAM, now=MORNING)
    cast.book("10:00", bay=1)
    board = operator.board()
    assert board.one(id=f"head-{cast.bays[1].pk}").all("span")[0].text == "50%"
    row = board.one("div", data_bay=str(cast.bays[1].pk), class_="row")
    assert (row["data-open"], row.all("div", class_="brk")[0]["style"]) == ("120", "--s:540;--d:60")
    assert board.one("div", data_bay=str(cast.bays[0].pk), class_="row").all("div", class_="brk") == []


def test_many_visits_cost_no_more_queries(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    def queries() -> int:
        capacity(operator)
        with CaptureQueriesContext(connection) as captured:
            assert capacity(operator).status == 200
        return len(captured)

    cast.book("10:00")
    few = queries()
    fill(cast, 150, TOMORROW)
    BayGroup.objects.create(branch=cast.branch, name="Мойка")
    Bay.objects.create(branch=cast.branch, group=BayGroup.objects.latest("pk"), name="Мойка 1")
    assert queries() == few
