"""Filling an empty database with the demo: every visit has its story, told through the real actions in the
order of time, so that history, journal and attempts are true."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from vovremya.customers.models import Car
from vovremya.demo import stories
from vovremya.demo.chance import chance
from vovremya.demo.desk import Booking, Desk, team_of
from vovremya.demo.layout import between_pins, pinned_at
from vovremya.demo.network import Station, open_network
from vovremya.demo.people import crowd_of
from vovremya.demo.scenes import PINS, WAITERS, Pin
from vovremya.demo.stories import Story
from vovremya.directory.actions import add_work, create_installation
from vovremya.directory.models import Branch, Installation, Network
from vovremya.directory.rules import PROGRAM, Actor
from vovremya.kernel.clock import whole_milliseconds
from vovremya.kernel.refusal import Refusal
from vovremya.visits.actions.campaigns import announce_campaign
from vovremya.visits.models import Visit

_OPENED_BEFORE = timedelta(days=400)
_BROUGHT_IN_BEFORE = timedelta(hours=36)
_PINNED_BOOKED_BEFORE = timedelta(hours=26)
_CAMPAIGN = ("DEMO-26", "Проверка креплений сидений (демонстрация)", 30)
_CAR_OF_CAMPAIGN_EVERY = 4
_SOURCES = (
    *(Visit.Source.CALL,) * 6,
    *(Visit.Source.SITE,) * 3,
    *(Visit.Source.APP, Visit.Source.MESSENGER, Visit.Source.WALK_IN, Visit.Source.OUTBOUND),
)
_COMMENTS = ("ждёт в зале", "опаздывает обычно", "просил не звонить до девяти", "ключи передаст жена", "есть фото")


@dataclass
class _Told:
    """One visit with its story; `visit_id` is known once it is booked."""

    booking: Booking
    story: Story
    caller: Actor
    visit_id: int = 0


@dataclass(frozen=True, order=True)
class _Event:
    at: datetime
    number: int  # of events at one instant, the order they were thought of
    do: Callable[[datetime], None] = field(compare=False)


@transaction.atomic
def fill(now: datetime) -> None:
    """Fill the database so that the demo begins at `now`. Refused where there is anything else already."""
    installation = Installation.objects.first() or create_installation(Installation.Kind.DEMO)
    if installation.kind != Installation.Kind.DEMO:
        raise Refusal("demo_login_outside_demo")
    if Network.objects.exists():
        raise Refusal("database_not_empty")
    beginning = now.replace(second=0, microsecond=0)
    stations, actors = open_network(beginning - _OPENED_BEFORE)
    happened = [
        _Event(at, number, do)
        for number, (at, do) in enumerate(
            event for station in stations.values() for event in _events_of(station, actors, beginning)
        )
        if at <= now
    ]
    for event in sorted(happened):
        event.do(event.at)
    _announce_campaign(stations["SEV"].branch, now)


def _announce_campaign(branch: Branch, now: datetime) -> None:
    """An invented one, for some of the cars."""
    code, name, norm_minutes = _CAMPAIGN
    vins = Car.objects.exclude(vin="").order_by("id").values_list("vin", flat=True)[::_CAR_OF_CAMPAIGN_EVERY]
    work = add_work(branch.network, code, name, norm_minutes)
    announce_campaign(branch, work, list(vins), until=None, actor=PROGRAM, now=now)


_Deeds = Iterator[tuple[datetime, Callable[[datetime], None]]]


def _events_of(station: Station, actors: Mapping[str, Actor], beginning: datetime) -> _Deeds:
    desk = Desk(station, team_of(station.plan.code, actors))
    pinned = list(_pinned(station, desk, actors, beginning))
    for told in pinned:
        yield told.booking.starts_at - _PINNED_BOOKED_BEFORE, partial(_book, desk, told)
    for waiter in WAITERS[station.plan.code]:
        yield whole_milliseconds(beginning + timedelta(minutes=waiter.minute)), partial(desk.put_on_list, waiter)
    brought_in = list(_between(station, desk, beginning))
    yield beginning - _BROUGHT_IN_BEFORE, partial(_bring_in, desk, brought_in)
    for told in (*pinned, *brought_in):
        for step in told.story:
            at = whole_milliseconds(told.booking.starts_at + timedelta(minutes=step.at_minute))
            yield at, partial(_do, desk, told, step.deed)


def _book(desk: Desk, told: _Told, at: datetime) -> None:
    told.visit_id = desk.book(told.booking, at).pk


def _bring_in(desk: Desk, told: list[_Told], at: datetime) -> None:
    for each, visit in zip(told, desk.bring_in([each.booking for each in told], at), strict=True):
        each.visit_id = visit.pk


def _do(desk: Desk, told: _Told, deed: stories.Deed, at: datetime) -> None:
    desk.do(deed, told.visit_id, at, caller=told.caller)


def _pinned(station: Station, desk: Desk, actors: Mapping[str, Actor], beginning: datetime) -> Iterator[_Told]:
    code = station.plan.code
    crowd = crowd_of(code, chance(code, "pinned"), share=0)
    for pin in PINS[code]:
        booking = Booking(
            person=pin.person or crowd.next_person(),
            bay=pin.bay,
            starts_at=pinned_at(pin, beginning),
            order=pin.order,
            comment=pin.comment,
            waits_on_site=pin.waits_on_site,
        )
        yield _Told(booking, pin.story, _caller_of(pin, desk, actors))


def _caller_of(pin: Pin, desk: Desk, actors: Mapping[str, Actor]) -> Actor:
    return actors[pin.caller] if pin.caller else desk.team.operator


def _between(station: Station, desk: Desk, beginning: datetime) -> Iterator[_Told]:
    """The rest of the schedule, brought in from the program that the station had before."""
    code = station.plan.code
    dice = chance(code)
    crowd = crowd_of(code, chance(code, "people"), share=1)
    for number, place in enumerate(between_pins(station.plan, beginning, dice), start=1):
        booking = Booking(
            person=crowd.next_person(),
            bay=place.bay.name,
            starts_at=place.starts_at,
            order=place.order,
            comment=dice.choice(_COMMENTS) if dice.random() < 0.15 else "",
            waits_on_site=dice.random() < 0.3,
            source=dice.choice(_SOURCES),
            record=f"{code}-{70_000 + number}",
        )
        yield _Told(booking, stories.comes(place.order.minutes, dice), desk.team.operator)
