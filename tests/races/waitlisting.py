"""Desks that offer what became free to those who wait, and somebody who books it meanwhile, all at one moment.

Models are imported by the functions: see `arena`.
"""

import random
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.races.arena import meet
from tests.races.hiring import hire_desks
from tests.races.outcome import outcome

if TYPE_CHECKING:
    from vovremya.waitlist.models import TimeOffer

DESKS = 3
ROUNDS = 12
#: In each round two times of a day are free again, and two clients wait for that day.
TIMES = ("12:00", "14:00")


def day_of(number: int) -> date:
    from tests.cast import TOMORROW

    return TOMORROW + timedelta(days=number)


def furnish() -> None:
    from django.core.management import call_command

    from tests.cast import MORNING, assemble, at
    from vovremya.directory.rules import Role
    from vovremya.visits.actions.removal import RemovalInput, remove
    from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list

    call_command("migrate", verbosity=0)
    cast = assemble()
    hire_desks(cast, DESKS, Role.SUPERVISOR, "Старший")
    for number in range(ROUNDS):
        on = day_of(number)
        booked = [cast.book(clock, client=cast.late_client, on=on) for clock in TIMES]
        for side in ("Левый", "Правый"):
            client, car = cast.register(f"{side} {number}", f"+7 999 {len(side)}00-00-{number:02}")
            wishes = WishedFor(days=[on], bay_id=cast.bays[0].pk)
            put_on_list(cast.branch.pk, Wanted(client, car, 60), wishes, actor=cast.operator, now=MORNING)
        for visit in booked:
            said = RemovalInput(cast.reason("expensive"), is_said_by_client=True)
            remove(visit.pk, said, actor=cast.operator, now=at("08:10"), plan_version=1)


def offer_and_accept(seed: int, rounds: int, *, accepts: bool = True) -> Counter[str]:
    """Each desk takes one of the times for one of the clients; one books without a word about any list."""
    from tests.cast import at
    from vovremya.customers.models import Client
    from vovremya.directory.models import Bay, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, Plan, book
    from vovremya.waitlist.actions.offering import OfferedTime, accept, offer
    from vovremya.waitlist.models import Wait

    chance = random.Random(seed)
    actor = actor_of(User.objects.get(username=f"desk{seed}"))
    bay, stranger = Bay.objects.order_by("id")[0], Client.objects.order_by("id")[0]
    came_about: Counter[str] = Counter()
    for number in range(rounds):
        on, clock = day_of(number), chance.choice(TIMES)
        starts_at, ends_at = at(clock, on), at(clock, on) + timedelta(hours=1)
        waits = list(Wait.objects.filter(until_on=on).order_by("id").values_list("id", flat=True))
        by: dict[str, Any] = {"actor": actor, "now": at("08:30"), "real_now": at("08:30")}
        meet()
        if chance.random() < 0.25:
            plan = Plan(bay.pk, starts_at, ends_at)
            came_about[f"book: {outcome(lambda: book(bay.branch_id, stranger, None, plan, Details(), **by))}"] += 1  # noqa: B023
            continue
        offered: list[TimeOffer] = []
        time = OfferedTime(bay.pk, starts_at, ends_at)
        wait_id = chance.choice(waits)
        came_about[f"offer: {outcome(lambda: offered.append(offer(wait_id, time, **by)))}"] += 1  # noqa: B023
        if offered and accepts:
            came_about[f"accept: {outcome(lambda: accept(offered[0].pk, plan_version=0, **by))}"] += 1  # noqa: B023
    return came_about


def look_away_and_offer(seed: int, rounds: int) -> Counter[str]:
    """The same without the lock on who waits: two may call one client about two times."""
    from vovremya.waitlist.actions import offering, turn

    turn.locked_wait = _read_without_a_lock  # type: ignore[assignment]
    offering._end_offer_before = lambda *_: None
    return offer_and_accept(seed, rounds, accepts=False)


def _read_without_a_lock(wait_id: int, *, skip_locked: bool = False) -> object:
    from vovremya.waitlist.models import Wait
    from vovremya.waitlist.queries import with_people

    return with_people(Wait.objects.filter(pk=wait_id)).first()


def given() -> tuple[int, int, int]:
    """Visits on the days of the rounds, clients who were given a time, and those given two."""
    from django.db.models import Count

    from vovremya.visits.models import Visit
    from vovremya.waitlist.models import Wait

    visits = Visit.objects.filter(status="planned", on__gte=day_of(0))
    served = Wait.objects.filter(ending="served")
    twice = visits.filter(client__in=served.values("client")).values("client").annotate(count=Count("id"))
    return visits.count(), served.count(), twice.filter(count__gt=1).count()


def broken() -> list[str]:
    from vovremya.waitlist.invariants import broken_waits

    return [str(each) for each in broken_waits()]
