"""Lists beside the board: found, removed, not arrived."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from vovremya.customers.models import Car
from vovremya.customers.queries import find
from vovremya.directory.models import Branch
from vovremya.kernel import plates
from vovremya.visits.models import Visit
from vovremya.visits.queries import is_client_of
from vovremya.visits.rules.words import Status

SHOWN_AT_MOST = 200
FOUND_AT_MOST = 12
#: People name a plate by its digits, or without the region.
SHORTEST_PLATE = 3


def found_visits(branch: Branch, text: str, now: datetime) -> Sequence[Visit]:
    """Visits of the branch by plate, phone, VIN, surname or number; the nearest to now first."""
    if len(text) < 2:
        return []
    client_ids = [client.pk for client in find(text, branch.network, is_client_of(branch.pk))]
    number = text.lstrip("№ ").replace(" ", "")
    # SQLite folds Latin letters alone.
    wanted = Q(client_id__in=client_ids) | Q(external_number__in={number, number.upper(), number.lower()})
    if len(plate_key := plates.search_key(text)) >= SHORTEST_PLATE:
        wanted |= Q(car__in=Car.objects.filter(plate_key__contains=plate_key))
    if number.isascii() and number.isdigit() and len(number) < 10:
        wanted |= Q(pk=int(number))
    visits = list(_with_people(Visit.objects.filter(wanted, branch=branch)).order_by("-starts_at")[:SHOWN_AT_MOST])
    return sorted(visits, key=lambda visit: abs(visit.starts_at - now))[:FOUND_AT_MOST]


def removed_visits(branch: Branch, on: date | None, text: str) -> Sequence[Visit]:
    # The instant is named for the index of removed visits.
    visits = Visit.objects.filter(branch=branch, status=Status.REMOVED, removed_at__isnull=False)
    if on:
        visits = visits.filter(on=on)
    if text:
        is_among = Exists(visits.filter(client=OuterRef("pk")))
        visits = visits.filter(client_id__in=[client.pk for client in find(text, branch.network, is_among)])
    people = _with_people(visits).select_related("removal_reason", "removed_by")
    return list(people.order_by("-removed_at")[:SHOWN_AT_MOST])


def not_arrived_visits(branch: Branch, now: datetime) -> Sequence[Visit]:
    """Planned visits whose day is over, oldest last; and no-shows of the last week."""
    expired = Q(status=Status.PLANNED, day_ends_at__lte=now)
    recent = Q(status=Status.NO_SHOW, starts_at__gte=now - timedelta(days=7))
    visits = Visit.objects.filter(expired | recent, branch=branch)
    return list(_with_people(visits).order_by("-starts_at")[:SHOWN_AT_MOST])


def _with_people(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related("client", "car", "bay", "advisor")
