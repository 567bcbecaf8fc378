"""Two cards of one person are merged and erased while somebody books the person and somebody puts them on the list.

The car that is booked has a visit to come already, and is to come sooner besides.

Models are imported by the functions: see `arena`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.races.arena import meet
from tests.races.outcome import outcome

if TYPE_CHECKING:
    from vovremya.customers.models import Car, Client
    from vovremya.visits.actions.booking import Plan

ROUNDS = 16
#: What each racer does in a round, by its number.
DEEDS = ("merge", "book", "wait", "erase", "keep")


def furnish() -> None:
    from tests.cast import TOMORROW, assemble

    cast = assemble()
    for number in range(ROUNDS):
        for side in ("Остаётся", "Уходит"):
            plate = f"{side[0]}{number:03}АА77"
            client, car = cast.register(f"{side} {number}", f"+7 999 000-01-{number:02}", plate=plate)
            if side == "Уходит":
                cast.book("18:00", on=TOMORROW + timedelta(days=number), client=client, car=car)


def act_on_every_pair(seed: int, rounds: int) -> Counter[str]:
    """All of them on one pair at one moment; who books and who puts on the list has read the client before."""
    came_about: Counter[str] = Counter()
    for act in _acts(DEEDS[seed], rounds):
        meet()
        came_about[f"{DEEDS[seed]}: {outcome(act)}"] += 1
    return came_about


def merge_first(seed: int, rounds: int) -> Counter[str]:
    """Without a look at what became of the client: others act on one read before the merge, and after it."""
    from vovremya.visits.actions import booking
    from vovremya.waitlist.actions import keeping

    booking.hold_client = lambda *_: None  # type: ignore[attr-defined]
    keeping.hold_client = lambda *_: None  # type: ignore[attr-defined]
    came_about: Counter[str] = Counter()
    for act in _acts(DEEDS[seed], rounds):
        meet()
        if DEEDS[seed] != "merge":
            meet()
        came_about[f"{DEEDS[seed]}: {outcome(act)}"] += 1
        if DEEDS[seed] == "merge":
            meet()
    return came_about


def _acts(deed: str, rounds: int) -> Iterator[Callable[[], object]]:
    from tests.cast import TOMORROW, at
    from vovremya.customers.actions.card import value_of
    from vovremya.customers.rules.card import Facet, FacetOf, seen_as
    from vovremya.customers.rules.erasure import Ground
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Plan
    from vovremya.visits.actions.clients import compared, merge
    from vovremya.visits.actions.erasing import erase_client
    from vovremya.visits.actions.keeping import keep_client
    from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list

    branch, bay = Branch.objects.get(code="SEV"), Bay.objects.order_by("id")[0]
    now = at("10:00")
    by: dict[str, Any] = {"actor": actor_of(User.objects.get(username="supervisor")), "now": now}
    for number in range(rounds):
        kept, gone = _pair(number)
        starts_at = at("10:00", TOMORROW + timedelta(days=number))
        match deed:
            case "merge":
                called, seen = value_of(FacetOf(kept.pk, Facet.PERSON)), seen_as(compared(kept.pk, gone.pk))
                yield partial(merge, kept.pk, gone.pk, called, seen=seen, branch=branch, **by)
            case "book":
                plan = Plan(bay.pk, starts_at, starts_at + timedelta(hours=1))
                yield partial(_book_who_wants_sooner, gone, gone.cars.get(), plan, **by)
            case "wait":
                yield partial(put_on_list, branch.pk, Wanted(gone, None, 60), WishedFor(days=[starts_at.date()]), **by)
            case "keep":
                yield partial(keep_client, kept.pk, starts_at.date(), "Спор о гарантии", branch=branch, **by)
            case _:
                yield partial(erase_client, kept.pk, Ground.REQUEST, requested_on=None, branch=branch, **by)


def _book_who_wants_sooner(client: "Client", car: "Car", plan: "Plan", **by: Any) -> None:
    """As «Записать» does."""
    from django.db import transaction

    from vovremya.directory.models import Bay
    from vovremya.visits.actions.booking import Details, book
    from vovremya.waitlist.actions.keeping import WishedFor, want_sooner

    branch_id = Bay.objects.get(pk=plan.bay_id).branch_id
    with transaction.atomic():
        visit = book(branch_id, client, car, plan, Details(), real_now=by["now"], **by)
        want_sooner(visit, WishedFor(), **by)


def _pair(number: int) -> "Sequence[Client]":
    from vovremya.customers.models import Client

    return [Client.objects.get(name=f"{side} {number}") for side in ("Остаётся", "Уходит")]


def astray() -> list[str]:
    """Visits to come and open waits of a card that is gone or erased, and who is erased and not without a trace."""
    from django.db.models import Q

    from vovremya.customers.invariants import clients_with_words_after_erasure
    from vovremya.visits.models import Visit
    from vovremya.waitlist.models import Wait

    gone = Q(client__merged_into__isnull=False) | Q(client__erased_at__isnull=False)
    visits = Visit.objects.filter(gone, status="planned")
    waits = Wait.objects.filter(gone, ended_at=None)
    return [
        f"{kind} {pk}"
        for kind, rows in (("visit", visits), ("wait", waits))
        for pk in rows.values_list("pk", flat=True)
    ] + [f"client {pk}" for pk in clients_with_words_after_erasure()]


def standing() -> tuple[int, int]:
    """How many cards are merged, and how many visits are to come."""
    from vovremya.customers.models import Client
    from vovremya.visits.models import Visit

    merged = Client.objects.filter(merged_into__isnull=False)
    return merged.count(), Visit.objects.filter(status="planned").count()


# --- the order of locks --------------------------------------------------------------------------------------------


def furnish_one_booked() -> None:
    """The late client's car is booked for tomorrow, waits besides, and is offered a time."""
    from tests.cast import MORNING, TOMORROW, assemble, at
    from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list
    from vovremya.waitlist.actions.offering import OfferedTime, offer

    cast = assemble()
    cast.book("10:00", on=TOMORROW)
    now = MORNING + timedelta(minutes=1)
    wanted = Wanted(cast.late_client, cast.late_car, 60)
    wait = put_on_list(cast.branch.pk, wanted, WishedFor(), actor=cast.operator, now=now)
    time = OfferedTime(cast.bays[1].pk, at("12:00", TOMORROW), at("13:00", TOMORROW))
    offer(wait.pk, time, actor=cast.operator, now=now, real_now=now)


def take_the_client_while(deed: str, our_hand_has: str) -> tuple[int, int]:
    """How many clients and waits of theirs we take, as whoever merges does, while the deed of the other hand waits for
    what we have. Fails where it has one of them already."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, transaction

    from tests.races.visiting import does_somebody_wait
    from vovremya.customers.actions.card import locked_clients
    from vovremya.customers.models import Client
    from vovremya.visits.actions.turn import lock_cars_and_visits_of
    from vovremya.visits.models import Visit
    from vovremya.waitlist.models import Wait

    (client_id,) = Visit.objects.values_list("client_id", flat=True)

    def act() -> None:
        try:
            _act_on_one_booked(deed)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_hand:
        with transaction.atomic():
            if our_hand_has == "visits":
                lock_cars_and_visits_of([client_id])
            else:
                locked_clients([client_id])
            acted = other_hand.submit(act)
            while not acted.done() and not does_somebody_wait():
                pass
            clients = len(Client.objects.select_for_update(no_key=True, nowait=True).filter(pk=client_id))
            waits = len(Wait.objects.select_for_update(no_key=True, nowait=True).filter(client=client_id))
        acted.result(timeout=30)
    return clients, waits


def _act_on_one_booked(deed: str) -> None:
    from tests.cast import MORNING
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of
    from vovremya.waitlist.actions.offering import accept, decline
    from vovremya.waitlist.models import TimeOffer
    from vovremya.waitlist.rules.words import OfferAnswer

    offer, now = TimeOffer.objects.get(), MORNING + timedelta(minutes=2)
    by: dict[str, Any] = {"actor": actor_of(User.objects.get(username="operator")), "now": now}
    match deed:
        case "accept":
            accept(offer.pk, real_now=now, plan_version=0, **by)
        case "decline":
            decline(offer.pk, OfferAnswer.REFUSED, **by)
        case "book sooner":
            _press_book(sooner="yes")
        case _:
            _press_book(email="anna@example.com")


def _press_book(**typed: str) -> None:
    """«Записать» in the window, for the car that is booked already."""
    from django.conf import settings
    from django.test import Client

    from tests.cast import MORNING, TOMORROW, at
    from vovremya.customers.models import Car
    from vovremya.directory.models import Bay, User
    from vovremya.kernel import clock

    settings.DEMO = True  # the cast has demo logins
    now = MORNING + timedelta(minutes=2)
    clock.follow(lambda: clock.Anchor(now, now, 0.0))
    desk = Client(headers={"HX-Request": "true"}, SERVER_NAME="localhost")
    desk.force_login(User.objects.get(username="operator"), backend=settings.AUTHENTICATION_BACKENDS[-1])
    car, bay = Car.objects.get(), Bay.objects.order_by("id")[2]
    slot = f"{bay.pk} {at('15:00', TOMORROW).isoformat()} {at('16:00', TOMORROW).isoformat()}"
    answer = desk.post("/SEV/booking/", {"client": car.client_id, "car": car.pk, "slot": slot, **typed})
    assert answer.status_code == 204, answer.content.decode()
