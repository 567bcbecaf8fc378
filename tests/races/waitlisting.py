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
    from vovremya.waitlist.actions.offering import OfferedTime
    from vovremya.waitlist.models import TimeOffer, Wait

DESKS = 3
ROUNDS = 12
#: In each round two times of a day are free again, and two clients wait for that day.
TIMES = ("12:00", "14:00")


def day_of(number: int) -> date:
    from tests.cast import TOMORROW

    return TOMORROW + timedelta(days=number)


def furnish() -> None:
    from tests.cast import MORNING, assemble, at
    from vovremya.directory.rules import Role
    from vovremya.visits.actions.removal import RemovalInput, remove
    from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list

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


def offer_and_accept(seed: int, rounds: int) -> Counter[str]:
    """Each desk takes one of the times for one of the clients; one books without a word about any list."""
    from vovremya.customers.models import Client
    from vovremya.visits.actions.booking import Details, Plan, book
    from vovremya.waitlist.actions.offering import accept, offer

    chance = random.Random(seed)
    by, stranger = _desk(seed), Client.objects.order_by("id")[0]
    came_about: Counter[str] = Counter()
    for number in range(rounds):
        time, waits = _time(number, chance.choice(TIMES)), _waits(number)
        meet()
        if chance.random() < 0.25:
            plan, branch_id = Plan(time.bay_id, time.starts_at, time.ends_at), waits[0].branch_id
            came_about[f"book: {outcome(lambda: book(branch_id, stranger, None, plan, Details(), **by))}"] += 1  # noqa: B023
            continue
        offered: list[TimeOffer] = []
        wait_id = chance.choice(waits).pk
        came_about[f"offer: {outcome(lambda: offered.append(offer(wait_id, time, **by)))}"] += 1  # noqa: B023
        if offered:
            came_about[f"accept: {outcome(lambda: accept(offered[0].pk, plan_version=0, **by))}"] += 1  # noqa: B023
    return came_about


def look_away_and_offer(seed: int, rounds: int) -> Counter[str]:
    """One client, by each desk another time, without the lock on who waits and the look at the other's call."""
    from vovremya.waitlist.actions import offering, turn

    turn.locked_wait = _read_without_a_lock  # type: ignore[assignment]
    offering._end_offer_before = lambda *_: None
    came_about: Counter[str] = Counter()
    for number in range(rounds):
        time, wait = _time(number, TIMES[seed % len(TIMES)]), _waits(number)[0]
        meet()
        came_about[outcome(lambda: offering.offer(wait.pk, time, **_desk(seed)))] += 1  # noqa: B023
    return came_about


def _desk(seed: int) -> dict[str, Any]:
    from tests.cast import at
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of

    return {"actor": actor_of(User.objects.get(username=f"desk{seed}")), "now": at("08:30"), "real_now": at("08:30")}


def _time(number: int, clock: str) -> "OfferedTime":
    from tests.cast import at
    from vovremya.directory.models import Bay
    from vovremya.waitlist.actions.offering import OfferedTime

    starts_at = at(clock, day_of(number))
    return OfferedTime(Bay.objects.order_by("id")[0].pk, starts_at, starts_at + timedelta(hours=1))


def _waits(number: int) -> "list[Wait]":
    from vovremya.waitlist.models import Wait

    return list(Wait.objects.filter(until_on=day_of(number)).order_by("id"))


def _read_without_a_lock(wait_id: int, **_how: bool) -> object:
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
