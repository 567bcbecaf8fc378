"""«Требует внимания» and «Журнал доступа» over HTTP: what is shown to whom, narrowed, page by page."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import LATE_CLIENT, MORNING, TODAY, TOMORROW, Cast
from tests.flows.doors import Scene
from tests.flows.page import Answer
from tests.flows.seat import Seat
from vovremya.customers.models import PhoneReveal
from vovremya.exchange.models import ListExport
from vovremya.journal.models import Entry
from vovremya.office.queries.places import ON_A_PAGE, read_place
from vovremya.visits.models import Matter

ATTENTION, LOG = "/office/SEV/attention/", "/office/SEV/access-log/"


def page(seat: Seat, url: str, **query: object) -> Answer:
    return seat.get(f"{url}?{urlencode(query)}", as_page=True)


def rows(shown: Answer) -> list[str]:
    return [row.text for row in shown.all("tr")][1:]


def queries(seat: Seat, url: str) -> int:
    page(seat, url)
    with CaptureQueriesContext(connection) as captured:
        assert page(seat, url).status == 200
    return len(captured)


def test_what_happened_is_shown_looked_over_with_a_word_and_taken_back(
    scene: Scene, supervisor: Seat, operator: Seat
) -> None:
    assert "Всё просмотрено" in page(supervisor, ATTENTION).text
    operator.choose(operator.card(scene.visit), "result", "busy")
    scene.miss_the_deadline()
    shown = page(supervisor, ATTENTION)
    assert rows(shown)[0].startswith("22.11.2026 10:12 Результат не сходится")
    assert (
        "Результат звонка: занят, повтор в 10:17, из программы не набирали Иванова 22.11 10:00 Смирнова" in shown.text
    )
    (tab,) = [link for link in shown.all("a") if link.text.startswith("Требует внимания")]
    assert tab.text == "Требует внимания 1"
    window = supervisor.press(shown, "Просмотрено: Результат не сходится со звонком, 22.11 10:12")
    looked = supervisor.press(window, "Просмотрено", note="Звонила со своего")
    assert looked.said == "Просмотрено."
    assert "Всё просмотрено" in page(supervisor, ATTENTION).text
    everything = page(supervisor, ATTENTION, show="all")
    assert "Кузнецова, 22.11 10:21 Звонила со своего" in everything.text
    assert "Старший смены просмотрел отмеченное" in supervisor.history(scene.visit)
    again = supervisor.press(window, "Просмотрено", note="Ещё раз")
    assert (again.alert, again.value("note")) == ("Это уже просмотрено: список обновлён.", "Ещё раз")
    supervisor.post(looked.undo or "")
    assert len(rows(page(supervisor, ATTENTION))) == 1
    refused = supervisor.post(looked.undo or "")
    assert (refused.status, refused.said) == (422, "Это и так ждёт просмотра.")


def test_missed_deadlines_and_others_are_narrowed_by_kind_day_and_person(
    scene: Scene, supervisor: Seat, operator: Seat, cast: Cast
) -> None:
    scene.miss_the_deadline()
    operator.choose(operator.card(scene.visit), "result", "answered")
    kinds = {
        "kind=deadline_missed": "Нарушен срок контакта",
        f"user={cast.operator.user_id}": "Результат не сходится со звонком",
        f"day={TODAY}&kind=contradiction": "Результат не сходится со звонком",
    }
    for query, title in kinds.items():
        (only,) = rows(supervisor.get(f"{ATTENTION}?{query}", as_page=True))
        assert title in only
    assert "Такого нет" in page(supervisor, ATTENTION, day=TOMORROW).text
    for odd in ({"day": "2026-02-30"}, {"user": "x"}, {"kind": "x"}, {"before": "9" * 60}, {"before": "1.x"}):
        assert len(rows(page(supervisor, ATTENTION, **odd))) == 2


def test_who_saw_or_dialled_which_number_is_shown_without_the_number(
    scene: Scene, supervisor: Seat, operator: Seat, seat: Callable[[str], Seat], cast: Cast
) -> None:
    assert "Номеров ещё не смотрели" in page(supervisor, LOG).text
    operator.press(operator.card(scene.visit), "Набрать")
    supervisor.post(f"/visits/{scene.visit.pk}/phones/{scene.phone.pk}/")
    for reader in (supervisor, seat("administrator")):
        shown = page(reader, LOG)
        assert rows(shown) == [
            "22.11.2026 10:12:00 Кузнецова показал Смирнова Анна Викторовна +7 912 ···-··-89 22.11.2026 10:00",
            "22.11.2026 10:12:00 Иванова набрал Смирнова Анна Викторовна +7 912 ···-··-89 22.11.2026 10:00",
        ]
    assert len(rows(page(supervisor, LOG, user=cast.operator.user_id))) == 1
    assert len(rows(page(supervisor, LOG, number=LATE_CLIENT[1]))) == 2
    for nothing in ({"number": "8 912 345-67"}, {"number": "+7 912 000-00-00"}, {"day": TOMORROW}):
        assert "Такого нет" in page(supervisor, LOG, **nothing).text
    PhoneReveal.objects.update(branch_id=cast.other_branch.pk)
    assert "Номеров ещё не смотрели" in page(supervisor, LOG).text, "another branch's log is its own"


@pytest.mark.parametrize("url", [ATTENTION, LOG, f"{LOG}lists/"])
def test_long_lists_go_page_by_page_and_each_costs_the_same(
    scene: Scene, supervisor: Seat, cast: Cast, url: str
) -> None:
    def add(count: int) -> None:
        for number in range(count):
            instant = MORNING + timedelta(milliseconds=number // 3)
            entry = Entry.objects.create(
                branch=cast.branch,
                at=instant,
                recorded_at=instant,
                kind="visit_restored",
                visit_id=scene.visit.pk,
                action_id="0" * 32,
                data={"starts_at": 0, "bay_id": 1},
                user_id=cast.operator.user_id,
            )
            Matter.objects.create(
                branch=cast.branch, visit=scene.visit, entry=entry, kind="restored", at=instant, user=entry.user
            )
            PhoneReveal.objects.create(
                branch_id=cast.branch.pk,
                user_id=entry.user_id or 0,
                client_id=scene.phone.client_id,
                phone=scene.phone,
                purpose="dial",
                at=instant,
                visit_id=scene.visit.pk,
            )
            ListExport.objects.create(
                branch=cast.branch, user_id=entry.user_id or 0, list="day", rows=1, phones=1, at=instant
            )

    add(1)
    few = queries(supervisor, url)
    add(2 * ON_A_PAGE)
    assert queries(supervisor, url) == few
    seen, shown = 0, page(supervisor, url, kind="restored", day=TODAY)
    while True:
        seen += len(rows(shown))
        if not any(link.text == "Раньше" for link in shown.all("a")):
            break
        older = shown.button("Раньше")["href"]
        assert "day=" in older
        shown = supervisor.get(f"{url}{older}", as_page=True)
    assert seen == 2 * ON_A_PAGE + 1, "none is left out and none is shown twice"
    assert "К новым" in shown.text


def test_places_are_read_as_they_are_written() -> None:
    place = read_place("1795330080123.7")
    assert str(place) == "1795330080123.7"
    for none in ("", "1", "1.", ".1", "x.1", "1.x", "²⁰.1", f"{10**15}.1", f"1.{2**63}"):
        assert read_place(none) is None


def test_attention_is_the_supervisor_s(scene: Scene, seat: Callable[[str], Seat]) -> None:
    tabs = {
        name: [
            link.text
            for link in seat(name).get("/office/SEV/settings/", as_page=True).one("nav", class_="tabs").all("a")
        ]
        for name in ("supervisor", "administrator")
    }
    assert ("Требует внимания" in tabs["supervisor"], "Требует внимания" in tabs["administrator"]) == (True, False)
