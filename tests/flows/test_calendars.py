"""Calendars behind secret addresses: what is in them, who makes and revokes them, and that nothing else is open."""

from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from tests.cast import TOMORROW, Cast, at
from tests.flows.seat import Seat, StoppedClock
from vovremya.exchange.models import CalendarLink
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book
from vovremya.visits.actions.removal import RemovalInput, remove
from vovremya.visits.models import Visit

CALENDARS = "/office/SEV/calendars/"


def share(seat: Seat, subject: str, name: str = "Телефон Орлова") -> str:
    """Returns its address, without the host."""
    made = seat.post(CALENDARS, {"subject": subject, "name": name})
    assert f"Ссылка готова: {name}" in made.text
    address: str = made.one("input", id="address")["value"]
    assert address.startswith("http://testserver/calendar/")
    return address.removeprefix("http://testserver")


def events(address: str) -> list[icalendar.Component]:
    response = Browser().get(address)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


@pytest.fixture
def visit(cast: Cast) -> Visit:
    return cast.book("10:00")


def test_bay_is_followed_without_a_login_and_without_numbers(supervisor: Seat, cast: Cast, visit: Visit) -> None:
    address = share(supervisor, f"bay-{cast.bays[0].pk}")
    cast.book("10:00", bay=1, client=cast.register("Кот Иван", "+79120000001")[0])
    (event,) = events(address)
    assert (str(event["summary"]), str(event["location"])) == ("М347ВС77 · ТО-60", "Пост 1")
    assert str(event["description"]).splitlines() == [
        "Клиент: Смирнова А. В.",
        "Автомобиль: М347ВС77 Hyundai Solaris",
        "Мастер: Орлов В.",
    ]
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (visit.starts_at, visit.ends_at)
    assert "9123456789" not in Browser().get(address).content.decode()


def test_number_typed_among_the_works_is_left_out(supervisor: Seat, cast: Cast) -> None:
    plan = Plan(cast.bays[0].pk, at("12:00"), at("13:00"))
    works = (PlannedWork("Перезвонить 8 912 345-67-89"), PlannedWork("ТО-60"))
    book(cast.branch.pk, cast.late_client, None, plan, Details(works=works), actor=cast.operator, now=at("08:00"))
    (event,) = events(share(supervisor, f"bay-{cast.bays[0].pk}"))
    assert str(event["summary"]) == "ТО-60"


def test_advisor_is_followed_over_the_days_that_matter(
    supervisor: Seat, cast: Cast, visit: Visit, clock: StoppedClock
) -> None:
    tomorrow = cast.book("10:00", on=TOMORROW)
    far = cast.book("10:00", on=TOMORROW + timedelta(days=90))
    address = share(supervisor, f"advisor-{cast.advisor.pk}")
    assert [event.decoded("dtstart") for event in events(address)] == [visit.starts_at, tomorrow.starts_at]
    clock.show("10:00", TOMORROW + timedelta(days=40))
    assert [event.decoded("dtstart") for event in events(address)] == [far.starts_at]


def test_who_asks_again_is_told_that_nothing_has_changed(supervisor: Seat, cast: Cast, visit: Visit) -> None:
    address = share(supervisor, f"bay-{cast.bays[0].pk}")
    first = Browser().get(address)
    again = Browser().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = Browser().head(address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    form = RemovalInput(cast.reason("expensive"), is_said_by_client=True)
    remove(visit.pk, form, actor=cast.operator, now=at("08:00"), plan_version=1)
    changed = Browser().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)
    assert Browser().post(address).status_code == 405


def test_longer_calendar_asks_no_more_of_the_database(supervisor: Seat, cast: Cast, visit: Visit) -> None:
    address = share(supervisor, f"bay-{cast.bays[0].pk}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            events(address)
        return len(asked)

    events(address)  # which notes that it was used
    few = queries()
    for clock in ("11:00", "12:00", "13:00"):
        cast.book(clock, client=cast.register("Кот", "+79120000001")[0])
    assert queries() == few


def test_revoked_and_invented_addresses_lead_nowhere_alike(supervisor: Seat, cast: Cast, visit: Visit) -> None:
    address = share(supervisor, f"bay-{cast.bays[0].pk}")
    kept = share(supervisor, f"bay-{cast.bays[0].pk}", "Планшет")
    link = CalendarLink.objects.get(name="Телефон Орлова")
    page = supervisor.get(CALENDARS, as_page=True)
    assert "ни разу" in page.text
    assert address.split("/")[-1].removesuffix(".ics") not in page.html, "the secret is not kept"
    supervisor.post(f"{CALENDARS}{link.pk}/revoked/")
    revoked, invented = Browser().get(address), Browser().get(f"/calendar/{'x' * 43}.ics")
    assert (revoked.status_code, invented.status_code) == (404, 404)
    assert len(revoked.content) == len(invented.content), "but for the token of forms the same page"
    assert len(events(kept)) == 1
    assert "отозвана 22.11.2026, Кузнецова" in supervisor.get(CALENDARS, as_page=True).text
    assert "22.11.2026 08:00" in supervisor.get(CALENDARS, as_page=True).text


def test_what_is_missing_is_said_at_its_field_and_stays_typed(supervisor: Seat, cast: Cast) -> None:
    bay = f"bay-{cast.bays[0].pk}"
    refused = supervisor.post(CALENDARS, {"subject": bay, "name": " "})
    assert (refused.status, refused.value("subject")) == (422, bay)
    assert "Назовите, для кого ссылка" in refused.text
    foreign = cast.other_branch.pk + 1000
    refused = supervisor.post(CALENDARS, {"subject": f"advisor-{foreign}", "name": "Орлов"})
    assert (refused.status, refused.value("name")) == (422, "Орлов")
    assert "Выберите пост или мастера" in refused.text
    assert CalendarLink.objects.count() == 0
