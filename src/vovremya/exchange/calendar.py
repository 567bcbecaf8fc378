"""What a bay or an advisor has to do, as a calendar that any calendar program can follow (RFC 5545).

It lies open to whoever has its address, so it names a client by surname and initials and holds no number.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vovremya.customers.rules import short_name
from vovremya.exchange.models import CalendarLink
from vovremya.kernel import phones
from vovremya.visits.models import Visit

if TYPE_CHECKING:
    from icalendar import Event

_PRODUCT = "-//Vovremya//Calendar//RU"


def title_of(link: CalendarLink) -> str:
    subject = link.bay or link.advisor
    return f"{subject.name if subject else ''} — {link.branch.name}"


def calendar(link: CalendarLink, visits: Iterable[Visit], now: datetime) -> bytes:
    """Instants are in UTC: every program shows them in the zone of whoever looks."""
    # Here: it takes a seventh of the time in which a process starts, and few of them draw a calendar.
    from icalendar import Calendar, Event

    shown = Calendar()
    for name, value in (
        ("prodid", _PRODUCT),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", title_of(link)),
        ("x-wr-timezone", link.branch.zone),
        ("x-published-ttl", "PT1H"),
    ):
        shown.add(name, value)
    for visit in visits:
        event = Event()
        _describe(event, visit, now)
        shown.add_component(event)
    drawn: bytes = shown.to_ical()
    return drawn


def _describe(event: "Event", visit: Visit, now: datetime) -> None:
    event.add("uid", f"visit-{visit.pk}@vovremya")
    event.add("dtstamp", now)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("sequence", visit.version)
    event.add("summary", " · ".join(_summary(visit)))
    event.add("description", "\n".join(_description(visit)))
    event.add("location", visit.bay.name)


def _summary(visit: Visit) -> list[str]:
    plate = (visit.car.plate or visit.car.title) if visit.car else ""
    return [part for part in (plate, ", ".join(_works(visit))) if part] or [short_name(visit.client.name)]


def _description(visit: Visit) -> list[str]:
    lines = [_("Клиент: {name}").format(name=short_name(visit.client.name))]
    if visit.car:
        lines.append(_("Автомобиль: {car}").format(car=visit.car))
    if visit.advisor:
        lines.append(_("Мастер: {name}").format(name=visit.advisor.name))
    return lines


def _works(visit: Visit) -> list[str]:
    """But those into which somebody has typed a number."""
    return [work.name for work in visit.works.all() if not phones.find(work.name).numbers]


def version_of(link: CalendarLink, visits: Sequence[Visit]) -> str:
    """Another whenever the calendar would say anything else; found without drawing it."""
    told = [title_of(link)]
    for visit in visits:
        told += [f"{visit.pk} {visit.version}", *_summary(visit), *_description(visit)]
    digest = hashlib.blake2b("\n".join(told).encode(), digest_size=16)
    return f'W/"{digest.hexdigest()}"'
