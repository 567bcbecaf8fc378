"""Importing a table of visits: staged whole, then applied a few rows at a time.

The file is read and checked into the staging table while nobody waits. Each chunk of rows is then applied in one
short transaction together with what became of its rows, so that an import broken off goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from django.db import IntegrityError, transaction

from vovremya.customers.actions import ClientGiven, find_or_register_many
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
from vovremya.exchange.reading import open_table
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.matching import Book, Change, Leave, Part, Refuse, digests
from vovremya.exchange.rules.rows import Problem, RowRead
from vovremya.kernel.refusal import NotAllowed, Refusal
from vovremya.schedule.actions import forget_lapsed_holds, queue_for_several
from vovremya.schedule.queries import calendar_of
from vovremya.visits.actions.booking import Details, FileNews, Plan, PlannedWork, change_by_import, require_in_use
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.actions.turn import lock_several_with_those_in_a_row
from vovremya.visits.models import Visit

State = ImportRow.State

RUNS_KEPT_FOR = timedelta(days=30)
_STAGED_AT_ONCE = 200


def begin(
    path: Path, branch: Branch, *, actor: Actor, now: datetime, progress: Callable[[int], None] = lambda rows: None
) -> ImportRun:
    """The interrupted import of this very file, else a new one, read and staged. Raises `FileRefused`."""
    if not actor.may(Right.IMPORT, branch.pk):
        raise NotAllowed(right=Right.IMPORT)
    require_in_use(calendar_of(branch.pk))
    table = open_table(path)
    file_digest = _digest_of(path)
    if run := queries.unfinished_run(branch, file_digest):
        return run
    ImportRun.objects.filter(started_at__lt=now - RUNS_KEPT_FOR).delete()
    run = ImportRun.objects.create(
        branch=branch,
        file_name=path.name[:255],
        file_digest=file_digest,
        titles=list(table.layout.titles),
        started_at=now,
    )
    checked = check_rows(table, branch)
    while batch := list(islice(checked, _STAGED_AT_ONCE)):
        ImportRow.objects.bulk_create(_staged(run, row) for row in batch)
        progress(len(batch))
    run.staged_at = now
    run.save(update_fields=("staged_at",))
    return run


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
    if not actor.may(Right.IMPORT, run.branch_id):
        raise NotAllowed(right=Right.IMPORT)
    forget_lapsed_holds(real_now)
    try:
        with transaction.atomic():
            began = perf_counter()
            rows = queries.next_rows(run, limit)
            applied = _Chunk(run, rows, actor, now, real_now).apply() if rows else _finish(run, now)
        return replace(applied, seconds=perf_counter() - began)
    except (Refusal, IntegrityError):
        # Somebody took a bay or touched a visit meanwhile, where the database lets several write at once.
        if limit > 1:
            return apply_next(run, 1, actor=actor, now=now, real_now=real_now)
        return _refuse_next(run)


def _finish(run: ImportRun, now: datetime) -> Applied:
    """Rows whose bay was taken are tried again if a visit has moved since; else they are refused for good."""
    run.refresh_from_db()  # another process may be at the same run
    deferred = run.rows.filter(state=State.DEFERRED)
    if run.has_moved and (again := deferred.update(state=State.STAGED)):
        run.has_moved = False
        run.save(update_fields=("has_moved",))
        return Applied(again, 0)
    refused = deferred.update(state=State.REFUSED)
    run.finished_at = now
    run.save(update_fields=("finished_at",))
    return Applied(0, refused)


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

    def apply(self) -> Applied:
        busy = busy_bays(self.branch.pk, list(self.read.values()), self.real_now)
        decisions = decide(self.branch.pk, self.read, busy)
        _queue_for_all(decisions)
        keyed = list(zip(self.rows, decisions, strict=True))
        refused = [(key, decision) for key, decision in keyed if isinstance(decision, Refuse)]
        unchanged = {key for key, decision in keyed if isinstance(decision, Change) and not self._change(decision)}
        self._book([(key, decision.row) for key, decision in keyed if isinstance(decision, Book)])
        self._adopt([(key, decision) for key, decision in keyed if isinstance(decision, Leave)])
        self._settle({key: each for key, each in keyed if not isinstance(each, Refuse)}, unchanged)
        for (key, _), problem in zip(refused, problems_of([each for _, each in refused], self.branch), strict=True):
            own_row = self.run.rows.filter(pk=self.rows[key].pk)
            own_row.update(state=State.DEFERRED, problems=as_data([problem]))
        return Applied(len(keyed), len(keyed) - len(refused))

    def _book(self, new: Sequence[tuple[str, RowRead]]) -> None:
        if not new:
            return
        registered = find_or_register_many(self.branch.network, [_client_given(row) for _, row in new], self.now)
        visits = book_imported(
            self.branch.pk,
            [
                NewVisit(each.client, each.car, _plan(row), _details(row), row.record)
                for (_, row), each in zip(new, registered, strict=True)
            ],
            actor=self.actor,
            now=self.now,
        )
        self._remember((key, visit.pk, row) for (key, row), visit in zip(new, visits, strict=True))

    def _adopt(self, left: Iterable[tuple[str, Leave]]) -> None:
        self._remember((key, leave.visit_id, leave.row) for key, leave in left if leave.is_adopted)

    def _remember(self, told: Iterable[tuple[str, int, RowRead]]) -> None:
        ImportedRecord.objects.bulk_create(
            ImportedRecord(branch_id=self.branch.pk, visit_id=visit_id, key=key, digests=digests(row))
            for key, visit_id, row in told
        )

    def _change(self, change: Change) -> bool:
        """False where the program has said already what the file says now."""
        changed = change_by_import(change.visit_id, self._news(change), actor=self.actor, now=self.now)
        ImportedRecord.objects.filter(visit_id=change.visit_id).update(digests=digests(change.row))
        if "plan" in changed and not self.run.has_moved:
            self.run.has_moved = True
            self.run.save(update_fields=("has_moved",))
        return bool(changed or change.parts & {Part.CLIENT, Part.CAR})

    def _news(self, change: Change) -> FileNews:
        row, parts = change.row, change.parts
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
            works=details.works if Part.WORKS in parts else None,
            fields=fields,
        )

    def _settle(self, settled: dict[str, Book | Change | Leave], unchanged: set[str]) -> None:
        """Write down what became of the rows; what was read of them is not needed any more."""
        by_state: dict[State, list[int]] = {}
        for key, decision in settled.items():
            state = State.UNCHANGED if key in unchanged else state_of(decision)
            by_state.setdefault(state, []).append(self.rows[key].pk)
            if isinstance(decision, Leave):
                remarks = as_data(remarks_of(decision))
                if remarks != self.rows[key].remarks:
                    self.run.rows.filter(pk=self.rows[key].pk).update(remarks=remarks)
        for state, row_ids in by_state.items():
            self.run.rows.filter(pk__in=row_ids).update(state=state, values={}, cells=[], problems=[])


def _queue_for_all(decisions: Iterable[object]) -> None:
    """Visits, and then bays: whoever takes them row by row has the bay of one row when the visit of the next is in the
    hands of somebody who waits for that bay."""
    written = [each for each in decisions if isinstance(each, Book | Change)]
    visit_ids = [each.visit_id for each in written if isinstance(each, Change)]
    lock_several_with_those_in_a_row(visit_ids)
    queue_for_several({each.row.bay for each in written}, visit_ids)


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
