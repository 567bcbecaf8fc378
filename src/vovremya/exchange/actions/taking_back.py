"""Taking back a whole import, as long as nothing in it was touched: a few rows at a time, the last applied first.

Visits that it made are removed and can be restored, those that it changed are put back.
"""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from vovremya.customers.actions import forget_unused
from vovremya.directory.rules import Actor, Right
from vovremya.exchange import queries
from vovremya.exchange.actions.applying import as_data, queue_for_run
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.refusals import ImportTouched, NotAtThisStage
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.journal_facts import ImportTakenBack
from vovremya.exchange.rules.rows import Problem
from vovremya.exchange.texts import taken_back_words
from vovremya.journal.actions import record
from vovremya.kernel.refusal import NotAllowed, Refusal
from vovremya.schedule.actions import queue_for_several
from vovremya.visits.actions.importing import take_back_booking, take_back_change
from vovremya.visits.actions.turn import lock_several_with_those_in_a_row

State, Stage = ImportRow.State, ImportRun.Stage


def begin_taking_back(run: ImportRun, *, actor: Actor, now: datetime, real_now: datetime) -> None:
    """Raises `ImportTouched` where anything is in the way, and then nothing is taken back."""
    actor.require(run.branch_id, Right.IMPORT)
    if actor.user_id is None:
        raise NotAllowed
    with transaction.atomic():
        queue_for_run(run)
        if not queries.has_rows_to_take_back(run):
            raise NotAtThisStage
        if obstacles := queries.obstacles_to_taking_back(run, real_now):
            raise ImportTouched(count=len(obstacles))
        run.stage, run.taken_back_by_id, run.taken_back_at = Stage.TAKING_BACK, actor.user_id, now
        run.save(update_fields=("stage", "taken_back_by", "taken_back_at"))


def take_back_next(run: ImportRun, limit: int, *, actor: Actor, now: datetime, real_now: datetime) -> int:
    """The next rows in one transaction. A visit touched since the taking back began stays, and its row says so."""
    actor.require(run.branch_id, Right.IMPORT)
    with transaction.atomic():
        queue_for_run(run)
        rows = queries.rows_to_take_back(run, limit) if run.stage == Stage.TAKING_BACK else []
        _queue_for_all(rows)
        for row in rows:
            _take_back(run, row, actor, now, real_now)
        if not rows and run.stage == Stage.TAKING_BACK:
            _end(run, actor, now)
    return len(rows)


def _queue_for_all(rows: list[ImportRow]) -> None:
    """Visits, and then bays, as whoever imports."""
    visit_ids = [row.visit_id for row in rows if row.visit_id]
    lock_several_with_those_in_a_row(visit_ids)
    queue_for_several({row.before["old_bay_id"] for row in rows if row.before}, visit_ids)


def _take_back(run: ImportRun, row: ImportRow, actor: Actor, now: datetime, real_now: datetime) -> None:
    assert row.visit is not None and row.entry_id is not None  # noqa: PT018 - of the rows that wrote anything
    client_id = row.visit.client_id
    try:
        with transaction.atomic():
            if row.state == State.IMPORTED:
                take_back_booking(row.visit.pk, row.entry_id, taken_back_words(run), actor=actor, now=now)
                ImportedRecord.objects.filter(visit_id=row.visit.pk).delete()
            else:
                take_back_change(row.visit.pk, row.entry_id, row.before, actor=actor, now=now, real_now=real_now)
                ImportedRecord.objects.filter(visit_id=row.visit.pk).update(digests=row.before["digests"])
    except (Refusal, IntegrityError):
        row.state, row.problems = State.KEPT, as_data([Problem(Column.RECORD, "touched_meanwhile")])
    else:
        row.state = State.TAKEN_BACK
        forget_unused(client_id, since=run.started_at)
    row.save(update_fields=("state", "problems"))


def _end(run: ImportRun, actor: Actor, now: datetime) -> None:
    adopted = run.rows.filter(state=State.UNCHANGED, before__adopted=True).values("visit_id")
    ImportedRecord.objects.filter(visit_id__in=adopted).delete()
    run.stage, run.counts = Stage.TAKEN_BACK, queries.counts_of(run)
    run.save(update_fields=("stage", "counts"))
    fact = ImportTakenBack(run.pk, run.counts.get(State.TAKEN_BACK, 0), run.counts.get(State.KEPT, 0))
    record(fact, branch_id=run.branch_id, actor=actor, at=now, now=now, action_id=uuid.uuid4())
