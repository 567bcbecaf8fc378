"""The week of the bays, and the sheet of a day: how full they are, what they leave out, a fixed number of queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.apps.visits.desk import Desk
from tests.cast import TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from tests.flows.test_board_page import fill
from vovremya.board.queries import week as week_queries
from vovremya.customers.models import Phone
from vovremya.directory.models import Bay, BayGroup
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours


def week(seat: Seat, query: str = "") -> Answer:
    return seat.get(f"/SEV/week/?day={TODAY}{query}", as_page=True)


def sheet(seat: Seat, query: str = "") -> Answer:
    return seat.get(f"/SEV/sheet/?day={TODAY}{query}", as_page=True)


def names_of_days(page: Answer, bay: str) -> list[str]:
    """What the links of a bay say to who does not see them."""
    links = (link.get("aria-label") or "" for link in page.all("a"))
    return [name for name in links if name.startswith(f"{bay}, ")]


@pytest.fixture
def body_group(cast: Cast) -> BayGroup:
    group = BayGroup.objects.create(branch=cast.branch, name="Кузовной", position=9)
    Bay.objects.create(branch=cast.branch, group=group, name="Стапель")
    return group


def test_day_of_a_bay_says_how_full_it_is_and_leads_to_it(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    cast.book("10:00", minutes=180)
    cast.book("15:00", minutes=180)
    clock.show("10:12")
    found = names_of_days(week(operator), "Пост 1")
    assert len(found) == 7
    assert "Пост 1, 22 ноября: 2 визита, загрузка 50 %, свободно 6 ч, опаздывают 1" in found
    assert "Пост 1, 21 ноября: 0 визитов, загрузка 0 %, свободно 12 ч" in found
    (link,) = (link for link in week(operator).all("a") if link.get("aria-label") == found[-1])
    assert link["href"] == f"/SEV/?day={TODAY}"


def test_visit_over_midnight_fills_both_days_and_the_board_counts_the_same(
    operator: Seat, cast: Cast, clock: StoppedClock
) -> None:
    round_the_clock = [DayHours(0, 1440)] * 7
    set_week_hours(cast.branch.pk, round_the_clock, actor=cast.supervisor, now=at("08:00"))
    cast.book("22:48", minutes=144, on=TODAY - timedelta(days=1), now=at("08:00", TODAY - timedelta(days=1)))
    clock.show("09:00")
    loads = [name.split("загрузка ")[1].split(" %")[0] for name in names_of_days(week(operator), "Пост 1")]
    assert loads == ["0", "0", "0", "0", "0", "5", "5"]
    assert operator.board().one(id=f"head-{cast.bays[0].pk}").all("span")[0].text == "5%"


def test_closed_day_says_so_unless_somebody_is_booked_for_it(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    cast.book("10:00")
    set_week_hours(cast.branch.pk, [*[DayHours(540, 1260)] * 5, None, None], actor=cast.supervisor, now=at("08:00"))
    clock.show("09:00")
    page = week(operator)
    assert "22 ноября" in " ".join(names_of_days(page, "Пост 1"))
    assert "22 ноября" not in " ".join(names_of_days(page, "Пост 2"))
    assert "закрыто" in page.text


def test_week_of_one_group_leaves_the_others_out_and_its_days_keep_it(
    operator: Seat, body_group: BayGroup, clock: StoppedClock
) -> None:
    clock.show("09:00")
    page = week(operator, f"&group={body_group.pk}")
    assert names_of_days(page, "Стапель")
    assert not names_of_days(page, "Пост 1")
    days = [link for link in page.all("a") if (link.get("aria-label") or "").startswith("Стапель")]
    assert days[0]["href"].endswith(f"#group={body_group.pk}")


def test_week_of_a_large_branch_shows_one_group(
    operator: Seat, body_group: BayGroup, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.show("09:00")
    monkeypatch.setattr(week_queries, "MOST_BAYS", 3)
    page = week(operator)
    assert names_of_days(page, "Пост 1")
    assert not names_of_days(page, "Стапель")
    assert "Все посты" not in page.one("nav", aria_label="Группа постов").text


# --- the sheet -----------------------------------------------------------------------------------------------------


def test_sheet_says_in_words_what_the_board_says_in_colours(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    cast.book("10:00")
    clock.show("10:12")
    page = sheet(operator)
    for words in ("10:00–11:00", "М347ВС77", "Смирнова Анна", "ТО-60", "опаздывает", "открыто 09:00–21:00", "Иванова"):
        assert words in page.text


def test_numbers_on_the_sheet_are_masked_and_for_those_who_may_see_them(
    seat: Callable[[str], Seat], cast: Cast, clock: StoppedClock
) -> None:
    cast.book("10:00")
    Phone.objects.create(client=cast.late_client, number="+79990000000", number_key="9990000000", position=5)
    clock.show("10:12")
    assert "+7 912 ···-··-89" in sheet(seat("operator")).text
    assert "···-··-00" not in sheet(seat("operator")).text, "the one that would be dialled"
    assert "Телефон" not in sheet(seat("manager")).text


def test_sheet_is_a_page_a_group_and_leaves_yesterday_out(
    operator: Seat, cast: Cast, body_group: BayGroup, clock: StoppedClock
) -> None:
    set_week_hours(cast.branch.pk, [DayHours(0, 1440)] * 7, actor=cast.supervisor, now=at("08:00"))
    yesterday = TODAY - timedelta(days=1)
    cast.book("22:00", minutes=60, on=yesterday, now=at("08:00", yesterday))
    clock.show("08:00")
    page = sheet(operator)
    assert [section.get("aria-label") for section in page.all("section", class_="sheet")] == ["Слесарный", "Кузовной"]
    assert "22:00" not in page.text
    assert "открыто круглосуточно" in page.text
    of_one = sheet(operator, f"&group={body_group.pk}")
    assert [section.get("aria-label") for section in of_one.all("section", class_="sheet")] == ["Кузовной"]


# --- queries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [week, sheet])
def test_many_visits_cost_no_more_queries(
    operator: Seat, cast: Cast, clock: StoppedClock, ask: Callable[[Seat], Answer]
) -> None:
    def queries() -> int:
        ask(operator)
        with CaptureQueriesContext(connection) as captured:
            assert ask(operator).status == 200
        return len(captured)

    clock.show("10:12")
    Desk(cast, cast.book("10:00").pk).open("10:11")
    few = queries()
    fill(cast, 150, TOMORROW)
    fill(cast, 100, TODAY - timedelta(days=3))
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    for number in range(6):
        cast.book(f"{12 + number}:00", bay=number % 3, client=client)
    assert queries() == few
