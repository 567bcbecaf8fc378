"""Racers for the occupation of bays. Models are imported by the functions: see `arena`."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep

BAYS = 3
#: A day of racing; so short that nearly every attempt meets another.
MORNING = datetime(2026, 11, 23, 6, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
FIVE_MINUTES_OF_DAY = 12 * 10


def furnish() -> None:
    from vovremya.directory.actions import create_installation
    from vovremya.directory.models import Bay, BayGroup, Branch, Installation, Network

    create_installation(Installation.Kind.TRIAL)
    network = Network.objects.create(name="Сеть")
    branch = Branch.objects.create(network=network, code="SEV", name="Север", zone="Europe/Moscow")
    group = BayGroup.objects.create(branch=branch, name="Слесарный")
    for number in range(BAYS):
        Bay.objects.create(branch=branch, group=group, name=f"Пост {number}")


def drop_the_rule() -> None:
    from django.db import connection

    from vovremya.schedule import no_overlap

    no_overlap.take_out(connection)


def overlaps() -> int:
    """Pairs of occupations that lie on one another in one lane."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT COUNT(*) FROM schedule_occupation one JOIN schedule_occupation other
                ON one.bay_id = other.bay_id AND one.lane = other.lane AND one.id < other.id
               AND one.starts_at < other.ends_at AND one.ends_at > other.starts_at
            """
        )
        return int(cursor.fetchone()[0])


def book_move_and_remove(seed: int, attempts: int) -> Counter[str]:
    """What desks do all day, through the actions."""
    from django.db import transaction

    from vovremya.directory.models import Bay
    from vovremya.schedule.actions import occupy, vacate
    from vovremya.schedule.refusals import BayTaken

    chance = random.Random(seed)
    bays = list(Bay.objects.all())
    new_visit_ids = count(1 + seed * 1_000_000)
    booked: list[int] = []
    came_about: Counter[str] = Counter()
    for _ in range(attempts):
        is_move = bool(booked) and chance.random() < 0.5
        visit_id = chance.choice(booked) if is_move else next(new_visit_ids)
        starts_at, ends_at = _some_period(chance)
        try:
            with transaction.atomic():
                occupy(visit_id, chance.choice(bays), starts_at, ends_at, now=starts_at)
        except BayTaken as refused:
            came_about["refused" if refused.facts["in_the_way"] else "refused without a reason"] += 1
            continue
        came_about["moved" if is_move else "booked"] += 1
        if not is_move:
            booked.append(visit_id)
        if len(booked) > 3:
            with transaction.atomic():
                vacate(booked.pop(0), starts_at)
    return came_about


def look_then_book(seed: int, attempts: int) -> Counter[str]:
    """What the rule replaces: look whether the bay is free, and book it if so."""
    from vovremya.directory.models import Bay
    from vovremya.schedule.models import Occupation
    from vovremya.schedule.queries import in_the_way

    chance = random.Random(seed)
    bays = list(Bay.objects.all())
    came_about: Counter[str] = Counter()
    for number in range(attempts):
        bay = chance.choice(bays)
        starts_at, ends_at = _some_period(chance)
        if in_the_way(bay.pk, [(starts_at, ends_at)], lane=0):
            came_about["refused"] += 1
            continue
        sleep(0.01)  # whatever else an action does between the look and the booking
        Occupation.objects.create(
            branch_id=bay.branch_id,
            bay=bay,
            starts_at=starts_at,
            ends_at=ends_at,
            of=Occupation.Of.VISIT,
            visit_id=number,
        )
        came_about["booked"] += 1
    return came_about


def _some_period(chance: random.Random) -> tuple[datetime, datetime]:
    starts_at = MORNING + FIVE_MINUTES * chance.randrange(FIVE_MINUTES_OF_DAY)
    return starts_at, starts_at + FIVE_MINUTES * chance.randrange(6, 18)
