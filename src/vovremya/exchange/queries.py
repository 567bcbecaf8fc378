"""What is known of the visits that a file's rows speak of, and of the bays they want."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Length

from vovremya.customers.rules import fold_name
from vovremya.customers.rules.erasure import Traces
from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.exchange.models import CalendarLink, HeadingsKnown, ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.rules import place as places
from vovremya.exchange.rules.cells import LONGEST
from vovremya.exchange.rules.folding import fold
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.matching import Known, car_key
from vovremya.exchange.rules.place import Place
from vovremya.exchange.rules.rows import RowRead
from vovremya.journal.models import Entry
from vovremya.kernel.clock import from_milliseconds
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.queries import occupations
from vovremya.schedule.rules.occupied import Occupied
from vovremya.visits.models import Visit
from vovremya.visits.queries import touched_since
from vovremya.visits.rules.words import Status

Stage = ImportRun.Stage
#: In which somebody may say that it is not to go on.
STAGES_TO_STOP = (
    Stage.UPLOADING,
    Stage.LOOKING,
    Stage.HEADINGS,
    Stage.READING,
    Stage.CHECKING,
    Stage.CHECKED,
    Stage.APPLYING,
)


def place_of(branch: Branch) -> Place:
    """The directories that rows are read with, once for a file."""
    bays = Bay.objects.filter(branch=branch, is_active=True).values_list("pk", "name", "coefficient")
    advisors = Advisor.objects.filter(branch=branch, is_active=True).values_list("pk", "name", "full_name")
    return Place.of(branch.zone, [(name, places.Bay(pk, coefficient)) for pk, name, coefficient in bays], advisors)


def known_visits(branch_id: int, rows: Mapping[str, RowRead]) -> dict[str, Known]:
    """The visits that the rows speak of, by the rows' keys; at most three queries."""
    records = ImportedRecord.objects.filter(branch_id=branch_id, key__in=list(rows)).values_list(
        "key", "visit_id", "visit__status", "visit__starts_at", "visit__ends_at", "digests"
    )
    known = {
        key: _known(visit_id, status, ends_at - starts_at, digests)
        for key, visit_id, status, starts_at, ends_at, digests in records
    }
    unknown = {key: row for key, row in rows.items() if key not in known}
    return known | _by_number(branch_id, unknown) | _by_client_and_car(branch_id, unknown)


def _known(visit_id: int, status: str, lasts: timedelta, digests: Mapping[str, str] | None = None) -> Known:
    return Known(visit_id, status == Status.PLANNED, status, lasts, digests)


def _by_number(branch_id: int, rows: Mapping[str, RowRead]) -> dict[str, Known]:
    keys = {row.record: key for key, row in rows.items() if row.record}
    if not keys:
        return {}
    # That it is not empty is said for the index.
    visits = Visit.objects.filter(branch_id=branch_id, external_number__in=list(keys)).exclude(external_number="")
    return {
        keys[number]: _known(visit_id, status, ends_at - starts_at)
        for number, visit_id, status, starts_at, ends_at in visits.values_list(
            "external_number", "pk", "status", "starts_at", "ends_at"
        )
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
                found[key] = _known(visit.pk, visit.status, visit.ends_at - visit.starts_at)
                break
    return found


def taken_periods(branch_id: int, rows: Iterable[RowRead], real_now: datetime) -> list[Occupied]:
    """What occupies the bays themselves (lane 0) from the first row's start to the last row's end."""
    wanted = list(rows)
    if not wanted:
        return []
    since = min(row.starts_at for row in wanted)
    # Where the file does not say how long it lasts, it lasts as long as the visit does now.
    until = max(row.starts_at + LONGEST if Column.LASTS in row.unsaid else row.ends_at for row in wanted)
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


def taken_around(run: ImportRun, real_now: datetime) -> list[Occupied]:
    """What occupies the bays themselves from the start of its first staged row to the end of its last."""
    span = run.rows.filter(state=ImportRow.State.STAGED).aggregate(since=Min("starts_at"), until=Max("starts_at"))
    if span["since"] is None:
        return []
    taken = occupations(run.branch_id, span["since"], span["until"] + LONGEST, real_now)
    return [each for each in taken if each.lane == 0]


def unfinished_run(branch: Branch, file_digest: str) -> ImportRun | None:
    """An interrupted import of this very file from the console."""
    runs = ImportRun.objects.filter(branch=branch, file_digest=file_digest, finished_at=None)
    of_console = runs.filter(source=ImportRun.Source.CONSOLE).exclude(staged_at=None)
    return of_console.select_related("branch").order_by("-pk").first()


def next_under_way(real_now: datetime) -> ImportRun | None:
    """The oldest import with something to do for the program that no watch has in hand."""
    runs = ImportRun.objects.filter(
        Q(worked_until=None) | Q(worked_until__lte=real_now), _PROGRAMS, stage__in=ImportRun.UNDER_WAY
    )
    return runs.select_related("branch__network", "user").order_by("pk").first()


_PROGRAMS = Q(source__in=(ImportRun.Source.BROWSER, ImportRun.Source.FOLDER))


def unfinished_files(branch: Branch) -> int:
    """How many files of the branch lie here that are not imported yet."""
    stages = set(STAGES_TO_STOP) - {Stage.APPLYING}
    return ImportRun.objects.filter(_PROGRAMS, branch=branch, stage__in=stages).count()


def bytes_kept(run: ImportRun) -> int:
    sizes = run.pieces.annotate(size=Length("content")).aggregate(whole=Sum("size"))
    return sizes["whole"] or 0


def columns_known(branch_id: int, signature: str) -> dict[str, str] | None:
    """What the columns under such headings hold, as somebody of the branch has said."""
    known = HeadingsKnown.objects.filter(branch_id=branch_id, signature=signature)
    return known.values_list("columns", flat=True).first()


def rows_seen(run: ImportRun, sheet: str) -> dict[int, list[str]]:
    """The first rows of the sheet, by their numbers."""
    found: list[tuple[int, list[str]]] = next((seen["rows"] for seen in run.seen if seen["sheet"] == sheet), [])
    return dict(found)


def imports_of(branch: Branch, limit: int) -> list[ImportRun]:
    """The newest first."""
    runs = ImportRun.objects.filter(branch=branch).defer("seen", "chosen", "titles")
    return list(runs.select_related("user", "taken_back_by").order_by("-started_at", "-pk")[:limit])


def import_run(branch: Branch, run_id: int) -> ImportRun:
    runs = ImportRun.objects.filter(branch=branch, pk=run_id).select_related("branch", "user", "taken_back_by")
    run = runs.defer("seen").first()  # which is large, and wanted at one stage alone
    if run is None:
        raise NotFound
    return run


def import_before(run: ImportRun) -> ImportRun | None:
    """The last import of this very file, whole or in part."""
    same = ImportRun.objects.filter(branch=run.branch_id, file_digest=run.file_digest, pk__lt=run.pk)
    ended = same.filter(stage__in=(Stage.DONE, Stage.STOPPED)).exclude(file_digest="")
    return ended.exclude(counts={}).order_by("-pk").first()


def counts_of(run: ImportRun) -> dict[str, int]:
    rows = run.rows.values_list("state").annotate(count=Count("pk")).order_by()
    return {ImportRow.State(state): count for state, count in rows}


def counts_foreseen(run: ImportRun) -> dict[str, int]:
    """By what would become of them; those not looked at yet are staged."""
    rows = run.rows.values_list("state", "foreseen").annotate(count=Count("pk")).order_by()
    counts: dict[str, int] = {}
    for state, foreseen, count in rows:
        shown = ImportRow.State(foreseen or state)
        counts[shown] = counts.get(shown, 0) + count
    return counts


def rows_to_foresee(run: ImportRun, limit: int) -> list[ImportRow]:
    rows = run.rows.filter(state=ImportRow.State.STAGED, foreseen="")
    return list(rows.defer("cells").order_by("starts_at", "number")[:limit])


def shown_rows(run: ImportRun, states: Sequence[str], *, is_foreseen: bool, has_remarks: bool) -> QuerySet[ImportRow]:
    rows = run.rows.select_related("visit__client", "visit__car", "visit__bay").order_by("number")
    if states:
        rows = rows.filter(
            Q(foreseen__in=states) | Q(foreseen="", state__in=states) if is_foreseen else Q(state__in=states)
        )
    return rows.exclude(remarks=[]) if has_remarks else rows


def next_rows(run: ImportRun, limit: int) -> list[ImportRow]:
    """By the time they want, so that what follows something comes after it."""
    staged = run.rows.filter(state=ImportRow.State.STAGED)
    return list(staged.defer("cells").order_by("starts_at", "number")[:limit])


def refused_rows(run: ImportRun) -> Sequence[ImportRow]:
    return list(run.rows.filter(state=ImportRow.State.REFUSED).order_by("number"))


def remarked_count(run: ImportRun) -> int:
    return run.rows.exclude(remarks=[]).exclude(state=ImportRow.State.REFUSED).count()


def remarked_rows(run: ImportRun) -> Sequence[ImportRow]:
    return list(run.rows.exclude(remarks=[]).exclude(state=ImportRow.State.REFUSED).order_by("number"))


#: After which there may be something to take back.
STAGES_TO_TAKE_BACK = (Stage.DONE, Stage.STOPPED)
_WROTE = (ImportRow.State.IMPORTED, ImportRow.State.CHANGED)


def has_rows_to_take_back(run: ImportRun) -> bool:
    """Of imports of an earlier release it is not known which visits they wrote."""
    if run.stage not in STAGES_TO_TAKE_BACK:
        return False
    wrote = run.rows.filter(state__in=_WROTE)
    return wrote.exists() and not wrote.filter(visit=None).exists()


def rows_to_take_back(run: ImportRun, limit: int) -> list[ImportRow]:
    """The last applied first: so each finds its old place as free as it left it."""
    rows = run.rows.filter(state__in=_WROTE).exclude(visit=None).exclude(entry_id=None)
    return list(rows.select_related("visit").order_by("-entry_id")[:limit])


@dataclass(frozen=True)
class Obstacle:
    """Why an import cannot be taken back: its visit was touched, or the old place of its visit is taken."""

    row: ImportRow
    touched: Entry | None = None
    taken_by: Occupied | None = None


def obstacles_to_taking_back(run: ImportRun, real_now: datetime) -> list[Obstacle]:
    """All of them, in the order of the file. A fixed number of queries."""
    rows = list(run.rows.filter(state__in=_WROTE).exclude(visit=None).select_related("visit__client", "visit__car"))
    by_visit = {row.visit_id: row for row in rows if row.visit_id is not None}
    entries = {visit_id: row.entry_id for visit_id, row in by_visit.items() if row.entry_id is not None}
    touched = touched_since(entries)
    found = [Obstacle(by_visit[visit_id], touched=entry) for visit_id, entry in touched.items()]
    found += _taken_places(
        [row for row in rows if row.before and row.visit_id not in touched], set(by_visit), run, real_now
    )
    return sorted(found, key=lambda obstacle: obstacle.row.number)


def _taken_places(
    rows: Sequence[ImportRow], own: Collection[int], run: ImportRun, real_now: datetime
) -> list[Obstacle]:
    places = {
        row: (row.before["old_bay_id"], *(from_milliseconds(row.before[f"old_{name}"]) for name in _BOUNDS))
        for row in rows
    }
    if not places:
        return []
    since, until = min(place[1] for place in places.values()), max(place[2] for place in places.values())
    others = [each for each in occupations(run.branch_id, since, until, real_now) if each.visit_id not in own]
    found = []
    for row, (bay_id, starts_at, ends_at) in places.items():
        lane = row.before["old_lane"]
        in_the_way = (
            each
            for each in others
            if (each.bay_id, each.lane) == (bay_id, lane) and each.starts_at < ends_at and each.ends_at > starts_at
        )
        if taken_by := next(in_the_way, None):
            found.append(Obstacle(row, taken_by=taken_by))
    return found


_BOUNDS = ("starts_at", "ends_at")


# --- calendars -----------------------------------------------------------------------------------------------------

_SHOWN_BEFORE, _SHOWN_AFTER = timedelta(days=7), timedelta(days=60)
_MOST_EVENTS = 2_000


def token_digest(token: str) -> str:
    """All that is kept of the secret. It is long and random: no slow digest is needed to hide it."""
    return hashlib.sha256(token.encode()).hexdigest()


def calendar_links(branch: Branch) -> list[CalendarLink]:
    links = CalendarLink.objects.filter(branch=branch).select_related("bay", "advisor", "made_by", "revoked_by")
    return list(links.order_by("revoked_at", "-made_at", "-pk"))


def link_by_token(token: str) -> CalendarLink:
    """`NotFound` alike for what never was and what is revoked."""
    link = CalendarLink.objects.filter(token_digest=token_digest(token), revoked_at=None)
    found = link.select_related("branch", "bay", "advisor").first()
    if found is None:
        raise NotFound
    return found


def visits_of_calendar(link: CalendarLink, now: datetime) -> list[Visit]:
    """From a week ago to two months ahead. Two queries."""
    visits = Visit.objects.filter(
        branch_id=link.branch_id, starts_at__lt=now + _SHOWN_AFTER, ends_at__gt=now - _SHOWN_BEFORE
    )
    of_subject = visits.filter(bay=link.bay) if link.bay else visits.filter(advisor=link.advisor)
    planned = of_subject.exclude(status__in=(Status.REMOVED, Status.NO_SHOW))
    people = planned.select_related("client", "car", "bay", "advisor").prefetch_related("works")
    return list(people.order_by("starts_at", "pk")[:_MOST_EVENTS])


#: In which a command at the console has read its file: one that is not through by then was broken off.
_READ_WITHIN = timedelta(hours=1)


def runs_going_on(now: datetime) -> QuerySet[ImportRun]:
    """Those whose rows may still be applied. One at the console that was broken off is gone on with if it was read."""
    broken_off = Q(source=ImportRun.Source.CONSOLE, staged_at=None, started_at__lt=now - _READ_WITHIN)
    return ImportRun.objects.filter(stage__in=STAGES_TO_STOP).exclude(broken_off)


def titles_about(traces: Traces) -> list[ImportRun]:
    """Of a file without headings its first row was taken for them."""
    runs = ImportRun.objects.exclude(titles=[]).only("titles")
    return [run for run in runs.iterator() if traces.are_in(run.titles)]


def rows_about(traces: Traces, among: QuerySet[ImportRow] | None = None) -> list[ImportRow]:
    """No key leads from a row to a client: each that still holds anything is read."""
    rows = ImportRow.objects.all() if among is None else among
    return [
        row
        for row in rows.exclude(cells=[], values={}, problems=[], remarks=[]).iterator()
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
