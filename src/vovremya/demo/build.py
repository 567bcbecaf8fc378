"""Filling an empty database with the demo: every visit has its story, told through the real actions in the
order of time, so that history, journal and attempts are true."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from vovremya.demo import stories
from vovremya.demo.chance import chance
from vovremya.demo.desk import Desk, team_of
from vovremya.demo.layout import between_pins, pinned_at
from vovremya.demo.network import Station, open_network
from vovremya.demo.orders import Order
from vovremya.demo.people import Person, crowd_of
from vovremya.demo.scenes import PINS
from vovremya.demo.stories import Deed, Story
from vovremya.directory.actions import create_installation
from vovremya.directory.models import Installation, Network
from vovremya.directory.rules import Actor
from vovremya.kernel.clock import whole_milliseconds
from vovremya.kernel.refusal import Refusal
from vovremya.visits.models import Visit

_OPENED_BEFORE = timedelta(days=400)
_SOURCES = (
    *(Visit.Source.CALL,) * 6,
    *(Visit.Source.SITE,) * 3,
    *(Visit.Source.APP, Visit.Source.MESSENGER, Visit.Source.WALK_IN, Visit.Source.OUTBOUND),
)
_COMMENTS = ("ждёт в зале", "опаздывает обычно", "просил не звонить до девяти", "ключи передаст жена", "есть фото")


@dataclass
class _Told:
    """One visit with its story."""

    desk: Desk
    caller: Actor
    person: Person
    bay: str
    starts_at: datetime
    order: Order
    booked_at: datetime
    story: Story
    details: Mapping[str, object]
    visit_id: int = 0


@dataclass(frozen=True, order=True)
class _Event:
    at: datetime
    number: int
    told: _Told = field(compare=False)
    deed: Deed | None = field(compare=False)  # None: the booking


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
    told = [each for station in stations.values() for each in _visits_of(station, actors, beginning)]
    for event in sorted(_events(told)):
        if event.at <= now:
            _replay(event)


def _replay(event: _Event) -> None:
    told = event.told
    if event.deed is None:
        visit = told.desk.book(told.person, told.bay, told.starts_at, told.order, event.at, **told.details)
        told.visit_id = visit.pk
    else:
        told.desk.do(event.deed, told.visit_id, event.at, caller=told.caller)


def _events(told: list[_Told]) -> Iterator[_Event]:
    number = 0
    for each in told:
        yield _Event(each.booked_at, number := number + 1, each, None)
        for step in each.story:
            at = whole_milliseconds(each.starts_at + timedelta(minutes=step.at_minute))
            yield _Event(at, number := number + 1, each, step.deed)


def _visits_of(station: Station, actors: Mapping[str, Actor], beginning: datetime) -> Iterator[_Told]:
    code = station.plan.code
    dice = chance(code)
    crowd = crowd_of(code, chance(code, "people"))
    desk = Desk(station, team_of(code, actors))
    for pin in PINS[code]:
        starts_at = pinned_at(pin, beginning)
        yield _Told(
            desk=desk,
            caller=actors[pin.caller] if pin.caller else desk.team.operator,
            person=pin.person or crowd.next_person(),
            bay=pin.bay,
            starts_at=starts_at,
            order=pin.order,
            booked_at=starts_at - timedelta(hours=pin.booked_hours_before),
            story=pin.story,
            details={"comment": pin.comment, "waits_on_site": pin.waits_on_site},
        )
    for place in between_pins(station.plan, beginning, dice):
        yield _Told(
            desk=desk,
            caller=desk.team.operator,
            person=crowd.next_person(),
            bay=place.bay.name,
            starts_at=place.starts_at,
            order=place.order,
            booked_at=_booked_at(place.starts_at, beginning, dice),
            story=stories.comes(place.order.minutes, dice),
            details=_details(dice),
        )


def _booked_at(starts_at: datetime, beginning: datetime, dice: Random) -> datetime:
    latest = min(starts_at, beginning) - timedelta(minutes=20)
    return whole_milliseconds(latest - timedelta(hours=dice.uniform(0, 50)))


def _details(dice: Random) -> dict[str, object]:
    return {
        "source": dice.choice(_SOURCES),
        "comment": dice.choice(_COMMENTS) if dice.random() < 0.15 else "",
        "waits_on_site": dice.random() < 0.3,
    }
