"""What is known of the visits that a file's rows speak of, and of the bays they want."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from vovremya.customers.rules import fold_name
from vovremya.customers.rules.erasure import Traces
from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.rules import place as places
from vovremya.exchange.rules.folding import fold
from vovremya.exchange.rules.matching import Known, car_key
from vovremya.exchange.rules.place import Place
from vovremya.exchange.rules.rows import RowRead
from vovremya.schedule.queries import occupations
from vovremya.schedule.rules.occupied import Occupied
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status


def place_of(branch: Branch) -> Place:
    """The directories that rows are read with, once for a file."""
    bays = Bay.objects.filter(branch=branch, is_active=True).values_list("pk", "name", "coefficient")
    advisors = Advisor.objects.filter(branch=branch, is_active=True).values_list("pk", "name", "full_name")
    return Place.of(branch.zone, [(name, places.Bay(pk, coefficient)) for pk, name, coefficient in bays], advisors)


def known_visits(branch_id: int, rows: Mapping[str, RowRead]) -> dict[str, Known]:
    """The visits that the rows speak of, by the rows' keys; at most three queries."""
    records = ImportedRecord.objects.filter(branch_id=branch_id, key__in=list(rows)).values_list(
        "key", "visit_id", "visit__status", "digests"
    )
    known = {key: _known(visit_id, status, digests) for key, visit_id, status, digests in records}
    unknown = {key: row for key, row in rows.items() if key not in known}
    return known | _by_number(branch_id, unknown) | _by_client_and_car(branch_id, unknown)


def _known(visit_id: int, status: str, digests: Mapping[str, str] | None = None) -> Known:
    return Known(visit_id, status == Status.PLANNED, status, digests)


def _by_number(branch_id: int, rows: Mapping[str, RowRead]) -> dict[str, Known]:
    keys = {row.record: key for key, row in rows.items() if row.record}
    if not keys:
        return {}
    # That it is not empty is said for the index.
    visits = Visit.objects.filter(branch_id=branch_id, external_number__in=list(keys)).exclude(external_number="")
    return {
        keys[number]: _known(visit_id, status)
        for number, visit_id, status in visits.values_list("external_number", "pk", "status")
    }


def _by_client_and_car(branch_id: int, rows: Mapping[str, RowRead]) -> dict[str, Known]:
    """Made in the program for the same client, car and day; each is found by one row only."""
    nameless = {key: row for key, row in rows.items() if not row.record}
    if not nameless:
        return {}
    visits = Visit.objects.filter(
        branch_id=branch_id, on__in={row.on for row in nameless.values()}, status=Status.PLANNED, imported_record=None
    ).select_related("client", "car")
    by_identity: dict[tuple[str, ...], list[Visit]] = {}
    for visit in visits.order_by("starts_at"):
        car = visit.car
        for key in {car.plate_key, car.vin, fold(f"{car.make}{car.model}")} - {""} if car else ():
            by_identity.setdefault((visit.client.name_key, key, visit.on.isoformat()), []).append(visit)
    found: dict[str, Known] = {}
    taken: set[int] = set()
    for key, row in nameless.items():
        identity = (fold_name(row.client), car_key(row), row.on.isoformat())
        for visit in by_identity.get(identity, ()):
            if visit.pk not in taken:
                taken.add(visit.pk)
                found[key] = _known(visit.pk, visit.status)
                break
    return found


def taken_periods(branch_id: int, rows: Iterable[RowRead], real_now: datetime) -> list[Occupied]:
    """What occupies the bays themselves (lane 0) from the first row's start to the last row's end."""
    wanted = list(rows)
    if not wanted:
        return []
    since, until = min(row.starts_at for row in wanted), max(row.ends_at for row in wanted)
    return [each for each in occupations(branch_id, since, until, real_now) if each.lane == 0]


@dataclass(frozen=True)
class Named:
    """A visit as a refusal names it."""

    number: str
    plate: str
    bay: int
    starts_at: datetime
    ends_at: datetime


def visits_named(visit_ids: Iterable[int]) -> dict[int, Named]:
    visits = Visit.objects.filter(pk__in=list(visit_ids)).select_related("car")
    return {
        visit.pk: Named(
            visit.external_number or str(visit.pk),
            visit.car.plate if visit.car else "",
            visit.bay_id,
            visit.starts_at,
            visit.ends_at,
        )
        for visit in visits
    }


def bay_names(branch_id: int) -> dict[int, str]:
    return dict(Bay.objects.filter(branch_id=branch_id).values_list("pk", "name"))


def unfinished_run(branch: Branch, file_digest: str) -> ImportRun | None:
    """An interrupted import of this very file."""
    runs = ImportRun.objects.filter(branch=branch, file_digest=file_digest, finished_at=None)
    return runs.exclude(staged_at=None).order_by("-pk").first()


def counts_of(run: ImportRun) -> dict[str, int]:
    rows = run.rows.values_list("state").annotate(count=Count("pk")).order_by()
    return {ImportRow.State(state): count for state, count in rows}


def next_rows(run: ImportRun, limit: int) -> list[ImportRow]:
    """By the time they want, so that what follows something comes after it."""
    staged = run.rows.filter(state=ImportRow.State.STAGED)
    return list(staged.defer("cells").order_by("starts_at", "number")[:limit])


def refused_rows(run: ImportRun) -> Sequence[ImportRow]:
    return list(run.rows.filter(state=ImportRow.State.REFUSED).order_by("number"))


def remarked_rows(run: ImportRun) -> Sequence[ImportRow]:
    return list(run.rows.exclude(remarks=[]).exclude(state=ImportRow.State.REFUSED).order_by("number"))


def rows_about(traces: Traces) -> list[ImportRow]:
    """No key leads from a row to a client: each that still holds anything is read."""
    return [
        row
        for row in ImportRow.objects.exclude(cells=[], values={}, problems=[], remarks=[]).iterator()
        if traces.are_in(list(_texts((row.cells, row.values, row.problems, row.remarks))))
    ]


def _texts(value: Any) -> Iterator[str]:
    """Every text in what JSON holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)
