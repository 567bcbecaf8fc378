"""What the program does with a file before anything is imported: look into it, read it, see what it would do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from vovremya.exchange import queries
from vovremya.exchange.actions.applying import as_data, stage
from vovremya.exchange.actions.bringing import forget_file, refuse_file
from vovremya.exchange.checking import decide, foreseeable_busy, problems_of, remarks_of, state_of
from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.pieces import as_file, digest_of
from vovremya.exchange.reading import FileRefused, SheetSeen, look_apart, open_apart
from vovremya.exchange.rules.headings import (
    Chosen,
    columns_as_data,
    columns_of,
    missing_among,
    signature,
)
from vovremya.exchange.rules.matching import Change, Leave, Part, Refuse
from vovremya.exchange.rules.rows import RowRead
from vovremya.exchange.rules.sample import guessed_heading, shown_cell

Stage, State = ImportRun.Stage, ImportRow.State

_FORESEEN_AT_ONCE = 200
_SHOWN_COLUMNS = 60

#: Between batches: says that the work goes on, and whether it is to.
GoesOn = Callable[[], bool]


def look(run: ImportRun) -> None:
    """Read the first rows of its sheets. A file from the folder whose columns are known goes on by itself."""
    try:
        with as_file(run) as path:
            digest, sheets = digest_of(path), look_apart(path)
    except FileRefused as refused:
        refuse_file(run, refused)
        return
    seen = [_as_seen(run, sheet) for sheet in sheets]
    best = max(seen, key=lambda each: (each["is_known"], len(each["columns"])))
    chosen = Chosen.from_data(best)
    is_clear = run.source == ImportRun.Source.FOLDER and not missing_among(set(chosen.columns.values()))
    ImportRun.objects.filter(pk=run.pk, stage=Stage.LOOKING).update(
        file_digest=digest,
        seen=seen,
        chosen=chosen.as_data(),
        stage=Stage.READING if is_clear else Stage.HEADINGS,
    )


def _as_seen(run: ImportRun, sheet: SheetSeen) -> dict[str, Any]:
    """Whole numbers are left out of what is shown, and so are the ends of long texts."""
    row = sheet.layout.row if sheet.layout else guessed_heading(sheet.rows)
    rows = [(number, [shown_cell(cell) for cell in cells[:_SHOWN_COLUMNS]]) for number, cells in sheet.rows]
    titles = next((cells for number, cells in rows if number == row), [])
    known = queries.columns_known(run.branch_id, signature(titles))
    guessed = columns_as_data(columns_of(sheet.layout)) if sheet.layout else {}
    return {
        "sheet": sheet.name,
        "row": row,
        "columns": known if known is not None else guessed,
        "is_known": known is not None,
        "rows": rows,
    }


def read(run: ImportRun, goes_on: GoesOn, now: datetime) -> None:
    """Write down its rows. One that was broken off begins anew: nothing is imported yet."""
    run.rows.all().delete()
    try:
        with as_file(run) as path:
            table = open_apart(path, Chosen.from_data(run.chosen))
            run.titles = list(table.layout.titles)
            for _ in stage(run, table):
                if not goes_on():
                    return
    except FileRefused as refused:
        refuse_file(run, refused)
        return
    left = ImportRun.objects.filter(pk=run.pk, stage=Stage.READING)
    left.update(stage=Stage.CHECKING, staged_at=now, titles=run.titles)


def foresee(run: ImportRun, goes_on: GoesOn, real_now: datetime) -> None:
    """The trial run: what would become of each row, and nothing is imported."""
    run.rows.filter(state=State.STAGED).update(foreseen="", problems=[])
    busy = foreseeable_busy(run, real_now)
    is_moved = True
    while is_moved:
        is_moved = False
        while rows := queries.rows_to_foresee(run, _FORESEEN_AT_ONCE):
            is_moved |= _foresee_some(run, rows, busy)
            if not goes_on():
                return
        deferred = run.rows.filter(foreseen=State.DEFERRED)
        is_moved = is_moved and bool(deferred.update(foreseen=""))
    run.rows.filter(foreseen=State.DEFERRED).update(foreseen=State.REFUSED)
    with transaction.atomic():
        goes_by_itself = run.source == ImportRun.Source.FOLDER
        checked = ImportRun.objects.filter(pk=run.pk, stage=Stage.CHECKING)
        if checked.update(stage=Stage.APPLYING if goes_by_itself else Stage.CHECKED) and goes_by_itself:
            forget_file(run)


def _foresee_some(run: ImportRun, rows: Sequence[ImportRow], busy: Any) -> bool:
    """Whether a visit would move, and so may free a bay that another row wants."""
    by_key = {row.key: row for row in rows}
    decisions = decide(run.branch_id, {row.key: RowRead.from_data(row.number, row.values) for row in rows}, busy)
    refused = iter(problems_of([each for each in decisions if isinstance(each, Refuse)], run.branch))
    for row, decision in zip(by_key.values(), decisions, strict=True):
        if isinstance(decision, Refuse):
            row.foreseen, row.problems = State.DEFERRED, as_data([next(refused)])
        else:
            said = remarks_of(decision) if isinstance(decision, Leave) else ()
            row.foreseen, row.problems = state_of(decision), as_data(said)
    ImportRow.objects.bulk_update(rows, ("foreseen", "problems"), batch_size=100)
    return any(isinstance(each, Change) and Part.PLAN in each.parts for each in decisions)
