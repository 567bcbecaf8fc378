"""Importing a table of visits: staged whole, then applied a few rows at a time.

The file is read and checked into the staging table while nobody waits. Each chunk of rows is then applied in one
short transaction together with what became of its rows, so that an import broken off goes on where it stopped.
"""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from vovremya.customers.actions import ClientGiven, Registered, find_or_register_many
from vovremya.customers.rules import CarGiven
from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor, Right
from vovremya.exchange import queries
from vovremya.exchange.checking import (
    CheckedRow,
    busy_bays,
    check_rows,
    decide,
    problems_of,
    remarks_of,
    state_of,
)
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.reading import Table, open_table
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.journal_facts import ImportEnded
from vovremya.exchange.rules.matching import Book, Change, Leave, Part, Refuse, digests
from vovremya.exchange.rules.rows import Problem, RowRead
from vovremya.journal.actions import record
from vovremya.journal.queries import last_entry_ids
from vovremya.kernel.refusal import Refusal
from vovremya.schedule.actions import forget_lapsed_holds, queue_for_several
from vovremya.schedule.queries import calendar_of
from vovremya.visits.actions.booking import Details, FileNews, Plan, PlannedWork, change_by_import, require_in_use
from vovremya.visits.actions.importing import NewVisit, as_it_is, book_imported
from vovremya.visits.actions.turn import lock_several_with_those_in_a_row
from vovremya.visits.models import Visit, VisitWork

State, Stage = ImportRow.State, ImportRun.Stage

ROWS_KEPT_FOR = timedelta(days=30)
_STAGED_AT_ONCE = 200
_TOLD_STATES = (State.IMPORTED, State.CHANGED, State.UNCHANGED, State.REFUSED)


def begin(
    path: Path, branch: Branch, *, actor: Actor, now: datetime, progress: Callable[[int], None] = lambda rows: None
) -> ImportRun:
    """The interrupted import of this very file, else a new one, read and staged. Raises `FileRefused`."""
    actor.require(branch.pk, Right.IMPORT)
    require_in_use(calendar_of(branch.pk))
    table = open_table(path)
    file_digest = _digest_of(path)
    if run := queries.unfinished_run(branch, file_digest):
        return run
    forget_old_rows(now)
    run = ImportRun.objects.create(
        branch=branch,
        user_id=actor.user_id,
        file_name=path.name[:255],
        file_digest=file_digest,
        titles=list(table.layout.titles),
        started_at=now,
    )
    for staged in stage(run, table):
        progress(staged)
    run.staged_at = now
    run.save(update_fields=("staged_at",))
    return run


def stage(run: ImportRun, table: Table) -> Iterator[int]:
    """Write down what could be read of each row, some at a time; yields how many."""
    checked = check_rows(table, run.branch)
    while batch := list(islice(checked, _STAGED_AT_ONCE)):
        ImportRow.objects.bulk_create(_staged(run, row) for row in batch)
        yield len(batch)


def forget_old_rows(now: datetime) -> None:
    """Of an old import its counts are kept: its rows hold names and numbers, and so may its headings."""
    old = ImportRun.objects.filter(started_at__lt=now - ROWS_KEPT_FOR)
    ImportRow.objects.filter(run__in=old).delete()
    old.exclude(titles=[], seen=[]).update(titles=[], seen=[])
    # One that was never gone on with has nothing left to apply: its file begins anew.
    old.filter(stage=Stage.APPLYING).update(stage=Stage.STOPPED, finished_at=now)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _staged(run: ImportRun, checked: CheckedRow) -> ImportRow:
    row = ImportRow(run=run, number=checked.number, cells=checked.cells, key=checked.key)
    if checked.read is None:
        row.state, row.problems = State.REFUSED, as_data(checked.problems)
    else:
        row.state, row.starts_at, row.values = State.STAGED, checked.read.starts_at, checked.read.as_data()
        row.remarks = as_data(checked.read.remarks)
    return row


def as_data(problems: Iterable[Problem]) -> list[list[str]]:
    return [[problem.column, problem.code, problem.value] for problem in problems]


@dataclass(frozen=True)
class Applied:
    """How many rows a transaction took, and for how many of them it is settled what became of them."""

    rows: int
    settled: int
    seconds: float = 0.0  # from the lock to the end of the commit


def apply_next(run: ImportRun, limit: int, *, actor: Actor, now: datetime, real_now: datetime) -> Applied:
    """The next rows in one transaction, each whole or not at all; none where the import has come to its end."""
    actor.require(run.branch_id, Right.IMPORT)
    forget_lapsed_holds(real_now)
    try:
        with transaction.atomic():
            began = perf_counter()
            applied = _apply_next(run, limit, actor, now, real_now)
        return replace(applied, seconds=perf_counter() - began)
    except (Refusal, IntegrityError, DataError):
        # Somebody took a bay or touched a visit meanwhile, where the database lets several write at once; or one of
        # the rows says what no column can hold.
        if limit > 1:
            return apply_next(run, 1, actor=actor, now=now, real_now=real_now)
        return _refuse_next(run)


def _apply_next(run: ImportRun, limit: int, actor: Actor, now: datetime, real_now: datetime) -> Applied:
    queue_for_run(run)
    if run.stage != Stage.APPLYING:  # stopped meanwhile, or ended by another process
        return Applied(0, 0)
    rows = queries.next_rows(run, limit)
    return _Chunk(run, rows, actor, now, real_now).apply() if rows else _finish(run, actor, now)


def queue_for_run(run: ImportRun) -> None:
    """Who applies its rows, stops it or takes it back does so alone; call it first in the transaction."""
    fresh = ImportRun.objects.select_for_update(no_key=True).only("stage", "has_moved").get(pk=run.pk)
    run.stage, run.has_moved = fresh.stage, fresh.has_moved


def _finish(run: ImportRun, actor: Actor, now: datetime) -> Applied:
    """Rows whose bay was taken are tried again if a visit has moved since; else they are refused for good."""
    deferred = run.rows.filter(state=State.DEFERRED)
    if run.has_moved and (again := deferred.update(state=State.STAGED)):
        run.has_moved = False
        run.save(update_fields=("has_moved",))
        return Applied(again, 0)
    refused = deferred.update(state=State.REFUSED)
    end(run, Stage.DONE, actor=actor, now=now)
    return Applied(0, refused)


def end(run: ImportRun, stage: str, *, actor: Actor, now: datetime) -> None:
    """It is over: what became of its rows goes with it, and into the journal."""
    run.stage, run.finished_at, run.counts = stage, now, queries.counts_of(run)
    run.save(update_fields=("stage", "finished_at", "counts"))
    told = (run.counts.get(state, 0) for state in _TOLD_STATES)
    fact = ImportEnded(run.pk, run.source, stage == Stage.DONE, *told)
    record(fact, branch_id=run.branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())


def _refuse_next(run: ImportRun) -> Applied:
    (row,) = queries.next_rows(run, 1)
    problem = Problem(Column.BAY, "changed_meanwhile")
    run.rows.filter(pk=row.pk).update(state=State.REFUSED, problems=as_data([problem]))
    return Applied(1, 1)


class _Chunk:
    """The rows of one transaction."""

    def __init__(
        self, run: ImportRun, rows: Sequence[ImportRow], actor: Actor, now: datetime, real_now: datetime
    ) -> None:
        self.run, self.branch = run, run.branch
        self.actor, self.now, self.real_now = actor, now, real_now
        self.rows = {row.key: row for row in rows}
        self.read = {row.key: RowRead.from_data(row.number, row.values) for row in rows}
        self.visit_ids: dict[str, int] = {}
        self.before: dict[str, dict[str, Any]] = {}

    def apply(self) -> Applied:
        busy = busy_bays(self.branch.pk, list(self.read.values()), self.real_now)
        decisions = decide(self.branch.pk, self.read, busy)
        keyed = list(zip(self.rows, decisions, strict=True))
        new = self._registered([(key, decision.row) for key, decision in keyed if isinstance(decision, Book)])
        _queue_for_all(self.branch.pk, decisions, [each.car.pk for _, _, each in new if each.car])
        refused = [(key, decision) for key, decision in keyed if isinstance(decision, Refuse)]
        unchanged = {key for key, decision in keyed if isinstance(decision, Change) and not self._change(key, decision)}
        self._book(new)
        self._adopt([(key, decision) for key, decision in keyed if isinstance(decision, Leave)])
        self._settle({key: each for key, each in keyed if not isinstance(each, Refuse)}, unchanged)
        for (key, _), problem in zip(refused, problems_of([each for _, each in refused], self.branch), strict=True):
            own_row = self.run.rows.filter(pk=self.rows[key].pk)
            own_row.update(state=State.DEFERRED, problems=as_data([problem]))
        return Applied(len(keyed), len(keyed) - len(refused))

    def _registered(self, new: Sequence[tuple[str, RowRead]]) -> list[tuple[str, RowRead, Registered]]:
        given = [_client_given(row) for _, row in new]
        registered = find_or_register_many(self.branch.network, given, self.now) if given else []
        return [(key, row, each) for (key, row), each in zip(new, registered, strict=True)]

    def _book(self, new: Sequence[tuple[str, RowRead, Registered]]) -> None:
        if not new:
            return
        wanted = [NewVisit(each.client, each.car, _plan(row), _details(row), row.record) for _, row, each in new]
        visits = book_imported(self.branch.pk, wanted, actor=self.actor, now=self.now)
        self.visit_ids |= {key: visit.pk for (key, _, _), visit in zip(new, visits, strict=True)}
        self._remember((key, visit.pk, row) for (key, row, _), visit in zip(new, visits, strict=True))

    def _adopt(self, left: Iterable[tuple[str, Leave]]) -> None:
        left = list(left)
        self.visit_ids |= {key: leave.visit_id for key, leave in left}
        self.before |= {key: {"adopted": True} for key, leave in left if leave.is_adopted}
        self._remember((key, leave.visit_id, leave.row) for key, leave in left if leave.is_adopted)

    def _remember(self, told: Iterable[tuple[str, int, RowRead]]) -> None:
        ImportedRecord.objects.bulk_create(
            ImportedRecord(branch_id=self.branch.pk, visit_id=visit_id, key=key, digests=digests(row))
            for key, visit_id, row in told
        )

    def _change(self, key: str, change: Change) -> bool:
        """False where the program has said already what the file says now."""
        before = as_it_is(change.visit_id)
        changed = change_by_import(change.visit_id, self._news(change), actor=self.actor, now=self.now)
        record_of_visit = ImportedRecord.objects.filter(visit_id=change.visit_id)
        self.visit_ids[key] = change.visit_id
        known = record_of_visit.values_list("digests", flat=True).get()
        self.before[key] = {**before, "digests": known}
        record_of_visit.update(digests={**known, **digests(change.row)})
        if "plan" in changed and not self.run.has_moved:
            self.run.has_moved = True
            self.run.save(update_fields=("has_moved",))
        return bool(changed or change.parts & {Part.CLIENT, Part.CAR})

    def _news(self, change: Change) -> FileNews:
        row, parts = _as_far_as_said(change), change.parts
        details = _details(row)
        fields: dict[str, object] = {
            name: value
            for part, name, value in (
                (Part.ADVISOR, "advisor_id", row.advisor),
                (Part.REASON, "reason", details.reason),
                (Part.REPAIR_KIND, "repair_kind", details.repair_kind),
                (Part.COMMENT, "comment", details.comment),
            )
            if part in parts
        }
        if parts & {Part.CLIENT, Part.CAR}:
            (registered,) = find_or_register_many(self.branch.network, [_client_given(row)], self.now)
            fields |= {"client": registered.client, "car": registered.car}
        return FileNews(
            plan=_plan(row) if Part.PLAN in parts else None,
            works=details.works if Part.WORKS in parts and Column.WORKS not in row.unsaid else None,
            fields=fields,
        )

    def _settle(self, settled: dict[str, Book | Change | Leave], unchanged: set[str]) -> None:
        """Write down what became of the rows; what was read of them is not needed any more."""
        by_state: dict[ImportRow.State, list[int]] = {}
        for key, decision in settled.items():
            state = State.UNCHANGED if key in unchanged else state_of(decision)
            by_state.setdefault(state, []).append(self.rows[key].pk)
            if isinstance(decision, Leave):
                remarks = as_data(remarks_of(decision))
                if remarks != self.rows[key].remarks:
                    self.run.rows.filter(pk=self.rows[key].pk).update(remarks=remarks)
        for state, row_ids in by_state.items():
            self.run.rows.filter(pk__in=row_ids).update(state=state, values={}, cells=[], problems=[])
        self._tie_to_visits()

    def _tie_to_visits(self) -> None:
        """Which visit came of each row, and how far its journal went then: what comes after was done by others."""
        last_entries = last_entry_ids(self.visit_ids.values())
        ties = [(visit_id, last_entries.get(visit_id), self.rows[key].pk) for key, visit_id in self.visit_ids.items()]
        with connection.cursor() as cursor:
            cursor.executemany(_TIE, ties)
        for key, before in self.before.items():
            self.run.rows.filter(pk=self.rows[key].pk).update(before=before)


_TIE = "UPDATE exchange_importrow SET visit_id = %s, entry_id = %s WHERE id = %s"


def _queue_for_all(branch_id: int, decisions: Iterable[object], car_ids: Collection[int]) -> None:
    """The branch, cars, visits, and then bays: whoever takes them row by row has the bay of one row when the visit of
    the next is in the hands of somebody who waits for that bay."""
    written = [each for each in decisions if isinstance(each, Book | Change)]
    visit_ids = [each.visit_id for each in written if isinstance(each, Change)]
    lock_several_with_those_in_a_row(visit_ids, car_ids=car_ids, branch_id=branch_id)
    queue_for_several({each.row.bay for each in written}, visit_ids)


def _as_far_as_said(change: Change) -> RowRead:
    """The row, and for what the file has no column, the visit as it stands: whom it names is found by that as well."""
    row, parts = change.row, change.parts
    if row.unsaid and parts & {Part.CLIENT, Part.CAR}:
        visit = Visit.objects.select_related("client", "car").get(pk=change.visit_id)
        numbers = tuple(visit.client.phones.values_list("number", flat=True))
        stands: dict[Column, dict[str, Any]] = {Column.PHONE: {"phones": numbers}}
        if car := visit.car:
            stands |= {Column.CAR: {"make": car.make, "model": car.model}}
            stands |= {Column.PLATE: {"plate": car.plate}, Column.VIN: {"vin": car.vin}}
        for column in stands.keys() & row.unsaid:
            row = replace(row, **stands[column])
    if Part.WORKS in parts and Column.NORM in row.unsaid:
        row = replace(row, norm_minutes=_norm_of(change.visit_id))
    return row


def _norm_of(visit_id: int) -> int | None:
    return (
        VisitWork.objects.filter(visit_id=visit_id)
        .order_by("position", "pk")
        .values_list("norm_minutes", flat=True)
        .first()
    )


def _client_given(row: RowRead) -> ClientGiven:
    return ClientGiven(row.client, row.phones, CarGiven(row.make, row.model, row.plate, row.vin))


def _plan(row: RowRead) -> Plan:
    return Plan(row.bay, row.starts_at, row.ends_at, row.advisor)


def _details(row: RowRead) -> Details:
    return Details(
        reason=row.reason,
        works=(PlannedWork(row.works, norm_minutes=row.norm_minutes),) if row.works else (),
        repair_kind=row.repair_kind or Visit.RepairKind.COMMERCIAL,
        source=Visit.Source.IMPORT,
        comment=row.comment,
    )
