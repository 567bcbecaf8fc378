"""Lists beside the board: found, removed, not arrived."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from vovremya.customers.models import Car
from vovremya.customers.queries import find
from vovremya.directory.models import Branch
from vovremya.kernel import phones, plates
from vovremya.visits.models import Visit
from vovremya.visits.queries import is_client_of
from vovremya.visits.rules.words import Status

SHOWN_AT_MOST = 200
FOUND_AT_MOST = 12
#: People name a plate by its digits, or without the region; by letters alone it is looked for whole.
SHORTEST_PLATE = 3


def found_visits(branch: Branch, text: str, now: datetime) -> Sequence[Visit]:
    """Visits of the branch by plate, phone, VIN, surname or number; the nearest to now first."""
    if len(text) < 2:
        return []
    clients = find(text, branch.network, is_client_of(branch.pk))
    ways = [Q(client__in=clients)] if clients else []
    if plate_key := part_of_plate(text):
        ways.append(Q(car__in=Car.objects.filter(plate_key__contains=plate_key)))
    number = text.lstrip("№ ").replace(" ", "")
    # SQLite folds Latin letters alone. That it is not empty is said for the index.
    ways.append(Q(external_number__in={number, number.upper(), number.lower()}) & ~Q(external_number=""))
    if number.isascii() and number.isdigit() and len(number) < 10:
        ways.append(Q(pk=int(number)))
    # One way at a time, each by its own index: all in one would look through every visit that the branch had.
    of_branch = Visit.objects.filter(branch=branch)
    found = {row for way in ways for row in of_branch.filter(way).values_list("starts_at", "pk")}
    nearest = sorted(found, key=lambda row: (abs(row[0] - now), row[1]))[:FOUND_AT_MOST]
    visits = _with_people(of_branch).in_bulk([pk for _, pk in nearest])
    return [visits[pk] for _, pk in nearest if pk in visits]


def part_of_plate(text: str) -> str:
    """The part of a plate that the text names, as plates are looked for; empty where it names none."""
    key = plates.search_key(text)
    is_part = len(key) >= SHORTEST_PLATE and any(map(str.isdigit, key)) and not phones.find(text).numbers
    return key if is_part else ""


def removed_visits(branch: Branch, on: date | None, text: str, limit: int = SHOWN_AT_MOST) -> Sequence[Visit]:
    # The instant is named for the index of removed visits.
    visits = Visit.objects.filter(branch=branch, status=Status.REMOVED, removed_at__isnull=False)
    if on:
        visits = visits.filter(on=on)
    if text:
        is_among = Exists(visits.filter(client=OuterRef("pk")))
        visits = visits.filter(client_id__in=[client.pk for client in find(text, branch.network, is_among)])
    people = _with_people(visits).select_related("removal_reason", "removed_by")
    return list(people.order_by("-removed_at")[:limit])


def not_arrived_visits(branch: Branch, now: datetime, limit: int = SHOWN_AT_MOST) -> Sequence[Visit]:
    """Planned visits whose day is over, oldest last; and no-shows of the last week."""
    here = Visit.objects.filter(branch=branch)
    expired = here.filter(status=Status.PLANNED, starts_at__lte=now, day_ends_at__lte=now)
    recent = here.filter(status=Status.NO_SHOW, starts_at__gte=now - timedelta(days=7))
    visits = [row for rows in (expired, recent) for row in _with_people(rows).order_by("-starts_at")[:limit]]
    return sorted(visits, key=lambda visit: visit.starts_at, reverse=True)[:limit]


def _with_people(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related("client", "car", "bay", "advisor")
