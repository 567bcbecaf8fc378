"""A file comes in by pieces, somebody says what its columns hold, starts its import, stops it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor, Right
from vovremya.exchange import queries
from vovremya.exchange.actions.applying import end, queue_for_run
from vovremya.exchange.models import FilePiece, HeadingsKnown, ImportRow, ImportRun
from vovremya.exchange.reading.bounds import LARGEST_FILE, FileRefused
from vovremya.exchange.refusals import ColumnsMissing, NotAtThisStage, TooManyUnfinished
from vovremya.exchange.rules.headings import Chosen, Column, columns_as_data, missing_among, signature

Stage = ImportRun.Stage

#: A piece is well below what a request may bring, and a slow line has half a minute for each.
PIECE_BYTES = 400_000
MOST_UNFINISHED = 20
FILES_KEPT_FOR = timedelta(days=3)
_HAS_APPLIED = (Stage.APPLYING, Stage.TAKING_BACK)


def begin_upload(
    branch: Branch,
    file_name: str,
    file_size: int,
    *,
    actor: Actor,
    now: datetime,
    source: str = ImportRun.Source.BROWSER,
) -> ImportRun:
    """Raises `FileRefused` for what is not worth sending, and `TooManyUnfinished`."""
    actor.require(branch.pk, Right.IMPORT)
    if file_size == 0:
        raise FileRefused("file_empty")
    if file_size > LARGEST_FILE:
        raise FileRefused("file_too_large", megabytes=LARGEST_FILE // 1_000_000)
    if queries.unfinished_files(branch) >= MOST_UNFINISHED:
        raise TooManyUnfinished(count=MOST_UNFINISHED)
    return ImportRun.objects.create(
        branch=branch,
        source=source,
        stage=Stage.UPLOADING,
        user_id=actor.user_id,
        file_name=file_name[-255:],
        file_size=file_size,
        started_at=now,
    )


def keep_piece(run: ImportRun, number: int, content: bytes, *, actor: Actor) -> None:
    """The same piece again, after a line that broke, is the same piece."""
    actor.require(run.branch_id, Right.IMPORT)
    is_within = 0 <= number * PIECE_BYTES < run.file_size and 0 < len(content) <= PIECE_BYTES
    if run.stage != Stage.UPLOADING or not is_within:
        raise NotAtThisStage
    FilePiece.objects.update_or_create(run=run, number=number, defaults={"content": content})


def end_upload(run: ImportRun, *, actor: Actor) -> None:
    """All pieces are here: the program looks into the file."""
    actor.require(run.branch_id, Right.IMPORT)
    if queries.bytes_kept(run) != run.file_size:
        raise FileRefused("file_came_in_parts")
    _go_on(run, Stage.UPLOADING, Stage.LOOKING)


def forget_upload(run: ImportRun) -> None:
    """It has not come to be one, or the file that was refused still lies where it came."""
    ImportRun.objects.filter(pk=run.pk, stage__in=(Stage.UPLOADING, Stage.REFUSED)).delete()


def note_refused_file(branch: Branch, file_name: str, refused: FileRefused, *, now: datetime) -> ImportRun:
    """A file in the folder that is not worth reading: so that it is seen why."""
    return ImportRun.objects.create(
        branch=branch,
        source=ImportRun.Source.FOLDER,
        stage=Stage.REFUSED,
        file_name=file_name[-255:],
        refusal={"code": refused.code, "facts": dict(refused.facts)},
        started_at=now,
    )


def choose_columns(run: ImportRun, sheet: str, row: int, columns: Mapping[int, Column], *, actor: Actor) -> None:
    """What each column holds, for this file and for the next with such headings.

    Raises `ColumnsMissing`, and `NotAtThisStage` where another has said it meanwhile.
    """
    actor.require(run.branch_id, Right.IMPORT)
    if missing := missing_among(set(columns.values())):
        raise ColumnsMissing(columns=missing)
    chosen = Chosen(sheet, row, columns)
    titles = queries.rows_seen(run, sheet).get(row, [])
    with transaction.atomic():
        _go_on(run, Stage.HEADINGS, Stage.READING, chosen=chosen.as_data())
        HeadingsKnown.objects.update_or_create(
            branch_id=run.branch_id, signature=signature(titles), defaults={"columns": columns_as_data(columns)}
        )


def back_to_columns(run: ImportRun, *, actor: Actor) -> None:
    """What it would do has been seen, and the columns are to be said anew."""
    actor.require(run.branch_id, Right.IMPORT)
    with transaction.atomic():
        _go_on(run, Stage.CHECKED, Stage.HEADINGS)
        run.rows.all().delete()


def start(run: ImportRun, *, actor: Actor) -> None:
    """What it would do has been seen: let it."""
    actor.require(run.branch_id, Right.IMPORT)
    with transaction.atomic():
        _go_on(run, Stage.CHECKED, Stage.APPLYING)
        forget_file(run)


def stop(run: ImportRun, *, actor: Actor, now: datetime) -> None:
    """What has been applied stays; of a file that was not applied nothing is kept. One that has ended is left alone."""
    actor.require(run.branch_id, Right.IMPORT)
    with transaction.atomic():
        queue_for_run(run)
        if run.source != ImportRun.Source.CONSOLE and run.stage in queries.STAGES_TO_STOP:
            break_off(run, actor=actor, now=now)


def break_off(run: ImportRun, *, actor: Actor, now: datetime) -> None:
    """It ends before its rows do. Part of a transaction that has queued for the run."""
    forget_file(run)
    if run.stage not in _HAS_APPLIED:
        run.rows.all().delete()
    run.rows.filter(state=ImportRow.State.DEFERRED).update(state=ImportRow.State.REFUSED)  # no place comes any more
    end(run, Stage.STOPPED, actor=actor, now=now)


def refuse_file(run: ImportRun, refused: FileRefused) -> None:
    """The file is no table of visits: nothing of it is kept but why."""
    with transaction.atomic():
        queue_for_run(run)
        run.rows.all().delete()
        forget_file(run)
        ImportRun.objects.filter(pk=run.pk).update(
            stage=Stage.REFUSED, refusal={"code": refused.code, "facts": dict(refused.facts)}
        )


def forget_left_files(now: datetime) -> None:
    """Of imports that nobody went on with."""
    left = ImportRun.objects.filter(stage__in=queries.STAGES_TO_STOP, started_at__lt=now - FILES_KEPT_FOR)
    for run in left.exclude(stage=Stage.APPLYING).exclude(source=ImportRun.Source.CONSOLE):
        with transaction.atomic():
            forget_file(run)
            run.rows.all().delete()
            ImportRun.objects.filter(pk=run.pk).update(stage=Stage.STOPPED, finished_at=now)


def forget_file(run: ImportRun) -> None:
    FilePiece.objects.filter(run=run).delete()
    ImportRun.objects.filter(pk=run.pk).update(seen=[])


def _go_on(run: ImportRun, stage: str, next_stage: str, **changes: object) -> None:
    """Of two who press at one moment, one goes on."""
    if not ImportRun.objects.filter(pk=run.pk, stage=stage).update(stage=next_stage, **changes):
        raise NotAtThisStage
    run.stage = next_stage
