"""«График», the lists beside it and the search: fixed numbers of queries, hostile names, odd days and odd hours."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.apps.visits.desk import Desk
from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from tests.flows.page import Answer, Element
from tests.flows.seat import Seat, StoppedClock
from vovremya.board import snapshots
from vovremya.board.texts import LEGEND, STATE_FILTERS
from vovremya.customers.actions import register
from vovremya.customers.rules import CarGiven
from vovremya.directory.models import Bay, Branch, Membership
from vovremya.directory.rules import PROGRAM, Role
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.models import BranchException, Occupation
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import LATE_STATES, CallResult, State
from vovremya.visits.texts import STATES

HOSTILE = "<script>alert('\"1&2\"')</script>"


@pytest.fixture
def desk(cast: Cast, visit: Visit) -> Desk:
    return Desk(cast, visit.pk)


def fill(cast: Cast, count: int, on: date) -> None:
    """Visits of five minutes each, side by side on all bays."""
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    starts = [at("09:00", on) + timedelta(minutes=5 * (number // 3)) for number in range(count)]
    new = [
        NewVisit(
            client,
            None,
            Plan(cast.bays[number % 3].pk, starts_at, starts_at + timedelta(minutes=5)),
            Details(works=[PlannedWork("ТО-15")]),
        )
        for number, starts_at in enumerate(starts)
    ]
    book_imported(cast.branch.pk, new, actor=cast.supervisor, now=MORNING)


def queries_of(ask: Callable[[], Answer]) -> int:
    ask()  # what is read once a process is known by then
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert ask().status == 200
    return len(captured)


# --- fixed numbers of queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown_on", [TODAY, TOMORROW], ids=["today", "another day"])
def test_board_of_many_visits_costs_no_more_queries(
    operator: Seat, cast: Cast, clock: StoppedClock, shown_on: date
) -> None:
    clock.show("10:12")
    fill(cast, 5, shown_on)
    few = queries_of(lambda: operator.board(shown_on))
    clear(cast)
    fill(cast, 200, shown_on)
    assert queries_of(lambda: operator.board(shown_on)) == few
    assert len(operator.board(shown_on).bars) == 200


def clear(cast: Cast) -> None:
    """Take the visits off the board, so that others fit in."""
    Occupation.objects.all().delete()
    Visit.objects.update(status="removed", removed_at=MORNING)


def live_through(desk: Desk) -> None:
    """Rounds, attempts, notes: everything that a window could be tempted to read one by one."""
    desk.call("10:12", CallResult.BUSY)
    desk.call("10:18", CallResult.ANSWERED)
    desk.finish("10:19")
    desk.call("10:40", CallResult.NO_ANSWER)


def test_repairs_of_a_much_travelled_visit_cost_no_more_queries(
    operator: Seat, desk: Desk, cast: Cast, clock: StoppedClock
) -> None:
    clock.show("10:41")
    desk.call("10:12", CallResult.BUSY)
    few = queries_of(lambda: operator.repairs(desk.visit))
    desk.call("10:18", CallResult.ANSWERED)
    desk.finish("10:19")
    desk.call("10:40", CallResult.NO_ANSWER)
    for day in range(1, 12):
        cast.book("12:00", on=TODAY + timedelta(days=day))
    assert queries_of(lambda: operator.repairs(desk.visit)) == few


def test_card_with_many_attempts_costs_no_more_queries(operator: Seat, desk: Desk, clock: StoppedClock) -> None:
    desk.call("10:12", CallResult.BUSY)
    clock.show("10:13")
    few = queries_of(lambda: operator.card(desk.visit))
    for minute in range(14, 24):
        desk.call(f"10:{minute}", CallResult.LINE_FAULT)
    clock.show("10:25")
    assert queries_of(lambda: operator.card(desk.visit)) == few


def test_free_times_of_a_full_day_cost_no_more_queries(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    clock.show("08:00")
    url = f"/SEV/booking/slots/?on={TODAY}&duration=60"
    few = queries_of(lambda: operator.get(url))
    fill(cast, 100, TODAY)
    assert queries_of(lambda: operator.get(url)) == few


@pytest.mark.parametrize("url", ["/SEV/search?q=Кот", "/SEV/removed/", "/SEV/not-arrived/"])
def test_lists_cost_no_more_queries_for_many_visits(operator: Seat, cast: Cast, clock: StoppedClock, url: str) -> None:
    clock.show("09:00", TOMORROW)
    fill(cast, 2, TODAY)
    if "removed" in url:
        clear(cast)
    few = queries_of(lambda: operator.get(url, as_page=True))
    fill(cast, 30, TODAY - timedelta(days=1))
    if "removed" in url:
        clear(cast)
    assert queries_of(lambda: operator.get(url, as_page=True)) == few


def test_history_costs_no_more_queries(operator: Seat, desk: Desk, clock: StoppedClock) -> None:
    clock.show("10:50")
    url = f"/visits/{desk.visit_id}/history/"
    few = queries_of(lambda: operator.get(url))
    live_through(desk)
    assert queries_of(lambda: operator.get(url)) == few


# --- hostile names -----------------------------------------------------------------------------------------------


@pytest.fixture
def hostile(cast: Cast) -> Visit:
    """Every text that a person can type, with everything that could break out of its place."""
    Branch.objects.filter(pk=cast.branch.pk).update(name=HOSTILE)
    Bay.objects.filter(pk=cast.bays[0].pk).update(name=HOSTILE, mechanic=HOSTILE)
    given = CarGiven(make=HOSTILE, model=HOSTILE, plate="'\"><b>1")
    known = register(cast.network, HOSTILE, ["+7 912 000-00-01"], given, representative=HOSTILE, now=MORNING)
    plan = Plan(cast.bays[0].pk, at("10:00"), at("11:00"), cast.advisor.pk)
    details = Details(reason=HOSTILE, comment=HOSTILE, parts=HOSTILE, works=[PlannedWork(HOSTILE, HOSTILE[:40], 60)])
    return book(cast.branch.pk, known.client, known.car, plan, details, actor=cast.operator, now=MORNING)


def assert_tame(page: Answer) -> None:
    """Read strictly, there is no element that we did not write, and no attribute that broke in two."""
    assert page.status == 200
    assert not [script for script in page.all("script") if "alert" in script.text + "".join(map(str, script.children))]
    for element in page.root.walk():
        assert all(re.fullmatch(r"[a-z][a-z0-9:-]*", name, re.IGNORECASE) for name in element.attributes), element.tag


def test_hostile_names_are_only_names_on_the_board(operator: Seat, hostile: Visit, clock: StoppedClock) -> None:
    clock.show("10:12")
    page = operator.board()
    assert_tame(page)
    bar = page.bars[hostile.pk].element
    assert bar["data-client"] == HOSTILE
    assert bar["data-bay-name"] == HOSTILE
    assert HOSTILE in bar["aria-label"]
    assert HOSTILE in bar.text
    assert [state for _, state, _ in json.loads(bar["data-timeline"])][:3] == ["planned", "late", "overdue"]


def test_hostile_names_are_only_names_in_the_windows(
    operator: Seat, supervisor: Seat, hostile: Visit, clock: StoppedClock
) -> None:
    clock.show("10:12")
    for url in ("", "contact/", "history/", "move/", "remove/", "news/?window=repairs"):
        assert_tame(operator.get(f"/visits/{hostile.pk}/{url}"))
    assert_tame(supervisor.get(f"/visits/{hostile.pk}/bay/"))
    assert_tame(operator.get("/SEV/booking/clients/?who=script"))
    assert_tame(operator.get("/SEV/booking/"))


def test_hostile_names_are_only_names_in_the_lists(
    operator: Seat, hostile: Visit, clock: StoppedClock, cast: Cast
) -> None:
    clock.show("10:12")
    assert_tame(operator.get("/SEV/search?q=script"))
    Desk(cast, hostile.pk).remove("10:12", "duplicate", comment=HOSTILE)
    listed = operator.get(f"/SEV/removed/?{urlencode({'q': HOSTILE})}", as_page=True)
    assert_tame(listed)
    assert {field["value"] for field in listed.all("input", name="q")} == {HOSTILE}, (
        "the filter, and the list as a file"
    )


def test_what_was_typed_comes_back_as_it_was_typed(operator: Seat, clock: StoppedClock) -> None:
    clock.show("10:12")
    typed = {"name": HOSTILE, "phone": HOSTILE, "plate": HOSTILE, "reason": HOSTILE, "comment": HOSTILE, "who": HOSTILE}
    refused = operator.post("/SEV/booking/", typed)
    assert refused.status == 422
    assert {name: refused.value(name) for name in typed} == typed


# --- which day ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["", "0", "22.11.2026", "2026-11-31", "0001-01-01", "9999-12-31", "<b>", "٢٠٢٦-١١-٢٢"])
def test_day_that_is_none_shows_today(operator: Seat, visit: Visit, clock: StoppedClock, day: str) -> None:
    clock.show("10:12")
    board = operator.get(f"/SEV/?day={day}", as_page=True).one("main", id="board")
    assert board["data-day"] == TODAY.isoformat()


def test_another_day_shows_its_visits_and_keeps_todays_for_the_queue(
    operator: Seat, visit: Visit, cast: Cast, clock: StoppedClock
) -> None:
    later = cast.book("12:00", on=TOMORROW)
    clock.show("10:12")
    page = operator.board(TOMORROW)
    assert set(page.bars) == {later.pk}
    assert [bar["data-visit"] for bar in page.one(id="today-bars").all("button")] == [str(visit.pk)]
    assert page.button("Сегодня")["href"] == "/SEV/"


def test_empty_day_and_branch_without_bays_say_so(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    clock.show("10:12")
    assert not operator.board().bars
    Bay.objects.filter(branch=cast.branch).update(is_active=False)
    clock.let_pass(snapshots.LASTS)  # no entry tells of it
    page = operator.board()
    assert page.status == 200
    assert "В филиале нет постов" in page.text


def test_one_without_a_branch_is_told_so(operator: Seat) -> None:
    Membership.objects.all().delete()
    page = operator.get("/", as_page=True)
    assert page.status == 403
    assert "У вас нет филиала" in page.text


#: One row, or the newest alone.
LOOKED_THROUGH = {"directory_installation", "journal_entry"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it looks")
@pytest.mark.parametrize("day", ["", "?day=2026-11-21"])
def test_no_query_of_the_board_looks_through_history(
    operator: Seat, visit: Visit, clock: StoppedClock, day: str
) -> None:
    clock.show("10:12")
    snapshots.forget_all()
    with CaptureQueriesContext(connection) as captured:
        operator.get(f"/SEV/{day}", as_page=True)
        operator.get(f"/SEV/{day}", as_page=True)
    plans = []
    with connection.cursor() as cursor:
        for query in list(captured):
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plans += [plan for *_, plan in cursor.fetchall()]
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert {"directory_installation"} <= scanned <= LOOKED_THROUGH
    of_whole_branch = {plan.split()[1] for plan in plans if plan.endswith("(branch_id=?)")}
    assert of_whole_branch <= {
        "b",
        "directory_bay",
        "directory_advisor",
        "schedule_branchhours",
        "schedule_branchexception",
    }


# --- which hours -------------------------------------------------------------------------------------------------


def closed_parts(page: Answer) -> list[tuple[str, int, int]]:
    """Word, from which minute and for how many; in every row the same."""
    rows = [[_part(part) for part in track.all("div", class_="brk")] for track in page.all("div", class_="track")]
    assert all(row == rows[0] for row in rows)
    return rows[0]


def _part(part: Element) -> tuple[str, int, int]:
    style = dict(each.split(":") for each in part["style"].split(";"))
    return part.text, int(style["--s"]), int(style["--d"])


def hours_shown(page: Answer) -> list[str]:
    return [hour.text for hour in page.all("div", class_="h")]


def test_board_reaches_from_opening_to_closing(operator: Seat, clock: StoppedClock) -> None:
    clock.show("10:12")
    hours = hours_shown(operator.board())
    assert (hours[0], hours[-1], len(hours)) == ("09:00", "20:00", 12)


def test_board_is_wider_where_a_visit_lies_outside_the_hours(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    new = NewVisit(client, None, Plan(cast.bays[0].pk, at("07:30"), at("08:30")), Details())
    book_imported(cast.branch.pk, [new], actor=cast.supervisor, now=MORNING)
    clock.show("10:12")
    page = operator.board()
    assert hours_shown(page)[0] == "07:00"
    assert closed_parts(page)[0] == ("", 7 * 60, 2 * 60)


def test_lunch_is_drawn(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    set_week_hours(cast.branch.pk, [DayHours(540, 1260, (780, 840))] * 7, actor=PROGRAM, now=MORNING)
    clock.show("10:12")
    assert ("обед", 780, 60) in closed_parts(operator.board())


def test_closed_day_is_drawn_closed(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    BranchException.objects.create(branch=cast.branch, on=TODAY)
    clock.show("10:12")
    page = operator.board()
    assert [word for word, _, _ in closed_parts(page)] == ["закрыто"]
    assert {load.text for load in page.all(data_load="")} == {"0%"}


@pytest.fixture
def round_the_clock(cast: Cast) -> None:
    set_week_hours(cast.branch.pk, [DayHours(0, 1440)] * 7, actor=PROGRAM, now=MORNING)


@pytest.mark.usefixtures("round_the_clock")
@pytest.mark.parametrize(
    ("clock_time", "on", "word"), [("23:55", TODAY, "опаздывает"), ("00:05", TOMORROW, "просрочен")]
)
def test_branch_at_work_over_midnight_sees_both_sides_of_it(
    operator: Seat, cast: Cast, clock: StoppedClock, clock_time: str, on: date, word: str
) -> None:
    before, after = cast.book("23:40", minutes=50), cast.book("00:30", on=TOMORROW, bay=1)
    clock.show(clock_time, on)
    page = operator.board()
    assert page.one("main", id="board")["data-day"] == on.isoformat()
    assert set(page.bars) == {before.pk, after.pk}
    assert page.bars[before.pk].word == word
    assert page.bars[after.pk].word == "по плану"
    assert not closed_parts(page)


# --- figures -----------------------------------------------------------------------------------------------------


def test_load_is_the_booked_share_of_the_open_time(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    set_week_hours(cast.branch.pk, [DayHours(540, 1260, (780, 840))] * 7, actor=PROGRAM, now=MORNING)
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    cast.book("10:00", minutes=120, bay=1, client=client, car=car)
    cast.book("14:00", minutes=45, bay=1, client=client, car=car)
    clock.show("10:12")
    assert [load.text for load in operator.board().all(data_load="")] == ["0%", "25%", "0%"]


def test_count_of_visits_has_its_russian_ending(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    clock.show("08:30")
    counted = []
    for number in range(3):
        cast.book(f"1{number}:00", bay=number)
        counted.append(operator.board().one(class_="kpis").all("div", class_="kpi")[0].text)
    assert counted[:2] == ["1визит", "2визита"]


# --- words -------------------------------------------------------------------------------------------------------


def test_every_state_has_its_word_for_the_browser(operator: Seat, clock: StoppedClock) -> None:
    clock.show("10:12")
    (script,) = operator.board().all("script", id="state-words")
    words = json.loads("".join(map(str, script.children)))
    assert words == {str(state): STATES[state] for state in State}
    assert all(("{time}" in words[state]) == (state in ("expected", "waiting")) for state in words)


def drawn_states() -> set[str]:
    return {str(state) for state in State} - {"removed"}


def test_legend_names_every_sign_of_the_board() -> None:
    assert {state for state, _ in LEGEND} == drawn_states()


def test_filter_by_state_leaves_nothing_out() -> None:
    assert set(" ".join(states for states, _ in STATE_FILTERS).split()) == drawn_states()
    late = next(states for states, word in STATE_FILTERS if str(word) == "Опаздывают")
    assert set(late.split()) == LATE_STATES


def test_every_state_has_its_sign(operator: Seat, clock: StoppedClock) -> None:
    clock.show("10:12")
    signs = {symbol.get("id") for symbol in operator.board().all("symbol")}
    if not signs:
        pytest.skip("the assets are not built")
    assert {f"i-{state}" for state in drawn_states()} <= signs


# --- the search --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Searched:
    visit: Visit
    seat: Seat

    def finds(self, text: str) -> bool:
        found = self.seat.http.get("/SEV/search", {"q": text}, headers={"HX-Request": "true"}).content.decode()
        return f'data-visit="{self.visit.pk}"' in found


@pytest.fixture
def searched(operator: Seat, cast: Cast, clock: StoppedClock) -> Searched:
    clock.show("10:12")
    given = CarGiven("Lada", "Vesta", "М347ВС77", "XTA210990Y2766389")
    known = register(cast.network, "Воробьёва Пётра Артёмовна", ["+7 912 345-67-00"], given, now=MORNING)
    plan = Plan(cast.bays[0].pk, at("10:00"), at("11:00"))
    visit = book(cast.branch.pk, known.client, known.car, plan, Details(), actor=cast.operator, now=MORNING)
    Visit.objects.filter(pk=visit.pk).update(external_number="ЗН-0042/26")
    return Searched(visit, operator)


@pytest.mark.parametrize(
    "text",
    [
        "М347ВС77",
        "m347bc77",  # Latin look-alikes
        "M 347 BC 77 RUS",
        "м347вс",  # without the region, as people say it
        "347",
        "8 (912) 345-67-00",
        "+7 912 345 67 00",
        "9123456700",
        "XTA210990Y2766389",
        "хта210990у2766389",  # Cyrillic look-alikes
        "Воробьёва",
        "воробьева петра",
        "ВОРОБЬЁВА АРТЕМОВНА",
        "ЗН-0042/26",
        "зн-0042/26",
        "№ ЗН-0042/26",
    ],
)
def test_search_finds_the_visit_however_it_is_written(searched: Searched, text: str) -> None:
    assert searched.finds(text)


def test_search_finds_the_visit_by_its_number(searched: Searched) -> None:
    assert searched.finds(f"№ {searched.visit.pk}".ljust(2))
    assert searched.finds(f"№{searched.visit.pk}")


@pytest.mark.parametrize("text", ["", " ", "М", "9" * 40, "%", "_____", "\0\0", "'; DROP TABLE", "Кот", "²²²²"])
def test_search_finds_nothing_for_what_is_nothing(searched: Searched, text: str) -> None:
    assert not searched.finds(text)


def test_found_says_when_and_where_and_how_it_stands(searched: Searched) -> None:
    found = searched.seat.get("/SEV/search?q=Воробьёва")
    assert found.text == "М347ВС77 Воробьёва Пётра Артёмовна 22.11.2026 10:00 · Пост 1 · по плану"
    assert searched.seat.get("/SEV/search?q=Неттакого").text == "Ничего не нашли"


# --- the lists ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_removed(cast: Cast, desk: Desk) -> tuple[Visit, Visit]:
    desk.remove("10:11", "expensive", is_said_by_client=True)
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    tomorrow = cast.book("12:00", client=client, car=car, on=TOMORROW)
    Desk(cast, tomorrow.pk).remove("10:12", "duplicate", comment="Дважды")
    return desk.visit, tomorrow


def listed(seat: Seat, url: str) -> list[int]:
    return [int(link["data-visit"]) for link in seat.get(url, as_page=True).all("a", data_window="repairs")]


def test_removed_visits_stand_with_the_newest_removal_first(
    operator: Seat, two_removed: tuple[Visit, Visit], clock: StoppedClock
) -> None:
    clock.show("10:15")
    first, second = two_removed
    assert listed(operator, "/SEV/removed/") == [second.pk, first.pk]


def test_removed_visits_are_filtered_by_day_and_client(
    operator: Seat, two_removed: tuple[Visit, Visit], clock: StoppedClock
) -> None:
    clock.show("10:15")
    first, second = two_removed
    assert listed(operator, f"/SEV/removed/?day={TODAY}&q=") == [first.pk]
    assert listed(operator, "/SEV/removed/?day=&q=кот") == [second.pk], "no day is any day"
    assert listed(operator, "/SEV/removed/?day=&q=8 (912) 345-67-89") == [first.pk]
    assert listed(operator, f"/SEV/removed/?day={TODAY}&q=кот") == []


def test_those_who_did_not_come_stand_in_their_list_until_somebody_decides(
    operator: Seat, desk: Desk, cast: Cast, clock: StoppedClock
) -> None:
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    came = cast.book("12:00", bay=1, client=client, car=car)
    Desk(cast, came.pk).check_in("12:00")
    clock.show("23:59")
    assert listed(operator, "/SEV/not-arrived/") == []
    clock.show("00:00", TOMORROW)
    assert listed(operator, "/SEV/not-arrived/") == [desk.visit_id]
    operator.press(operator.repairs(desk.visit), "Неявка")
    assert "неявка" in operator.get("/SEV/not-arrived/", as_page=True).text
    clock.show("09:00", TODAY + timedelta(days=9))
    assert listed(operator, "/SEV/not-arrived/") == [], "no-shows stay for a week"


# --- who is at the screen ----------------------------------------------------------------------------------------


def navigation(page: Answer) -> Element:
    return page.one("nav")


@pytest.mark.parametrize(("name", "may_book"), [("operator", True), ("supervisor", True), ("master", False)])
def test_way_to_booking_is_shown_to_those_who_book(
    seat: Callable[[str], Seat], clock: StoppedClock, name: str, may_book: bool
) -> None:
    clock.show("10:12")
    assert ("Запись" in navigation(seat(name).board()).text) is may_book


def test_one_who_works_in_two_branches_changes_between_them(operator: Seat, cast: Cast, clock: StoppedClock) -> None:
    assert cast.operator.user_id
    Membership.objects.create(user_id=cast.operator.user_id, branch=cast.other_branch, role=Role.OPERATOR)
    clock.show("10:12")
    assert "/VOS/" in {link.get("href") for link in operator.board().all("a")}
    assert operator.get("/VOS/", as_page=True).status == 200
