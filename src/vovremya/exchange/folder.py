"""The watched folder: what is put into the folder of a branch is imported by itself.

<VOVREMYA_IMPORT_FOLDER>/<code of the branch>/           files to come
                                             working/    taken, by the number of their import
                                             done/       imported, with a report
                                             refused/    not imported, with the reason
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from vovremya.directory.models import Branch
from vovremya.directory.queries import branches_of
from vovremya.directory.rules import PROGRAM
from vovremya.exchange import queries, texts
from vovremya.exchange.actions.bringing import (
    PIECE_BYTES,
    begin_upload,
    end_upload,
    forget_upload,
    keep_piece,
    note_refused_file,
)
from vovremya.exchange.models import ImportRun
from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.refusals import TooManyUnfinished
from vovremya.exchange.refused import refused_table
from vovremya.exchange.writing import write_table

logger = logging.getLogger(__name__)

Stage = ImportRun.Stage

#: A file that has not grown for so long is whole: whoever copies it slowly does so without such pauses.
STILL_FOR = timedelta(seconds=5)
_WORKING, _DONE, _REFUSED = "working", "done", "refused"
_ENDED = {Stage.DONE: _DONE, Stage.TAKEN_BACK: _DONE, Stage.STOPPED: _REFUSED, Stage.REFUSED: _REFUSED}
#: What programs leave beside a file that they still write, or that is open somewhere.
_UNFINISHED_STARTS, _UNFINISHED_ENDS = (".", "~"), (".tmp", ".part", ".crdownload", ".filepart")


@dataclass(frozen=True)
class _Seen:
    size: int
    changed_ns: int
    since: datetime


@dataclass
class Folder:
    root: Path | None = None
    _seen: dict[Path, _Seen] = field(default_factory=dict)

    @classmethod
    def of_settings(cls) -> "Folder":
        return cls(Path(settings.IMPORT_FOLDER) if settings.IMPORT_FOLDER else None)

    def look(self, now: datetime, real_now: datetime) -> None:
        """Take what has come, and put away what has ended. One branch whose folder fails keeps no other waiting."""
        if self.root is None:
            return
        for branch in branches_of(PROGRAM):
            folder = self.root / branch.code
            try:
                for name in (_WORKING, _DONE, _REFUSED):
                    (folder / name).mkdir(parents=True, exist_ok=True)
                self._put_away(folder)
                for path in self._come(folder, real_now):
                    _take(branch, path, now)
            except OSError:
                logger.exception("the import folder of a branch cannot be used")

    def _come(self, folder: Path, real_now: datetime) -> Iterator[Path]:
        """Files that stand still."""
        for path in sorted(folder.iterdir()):
            if path.is_symlink() or not path.is_file() or _is_unfinished(path.name):
                continue
            state = path.stat()
            seen = self._seen.get(path)
            if seen is None or (seen.size, seen.changed_ns) != (state.st_size, state.st_mtime_ns):
                self._seen[path] = _Seen(state.st_size, state.st_mtime_ns, real_now)
            elif real_now - seen.since >= STILL_FOR:
                del self._seen[path]
                yield path

    def _put_away(self, folder: Path) -> None:
        """On the machine where the file lies, whichever has imported it."""
        for path in sorted((folder / _WORKING).iterdir()):
            number = path.name.partition(" ")[0]
            run = ImportRun.objects.filter(pk=int(number)).first() if number.isdigit() else None
            if run is not None and run.stage == Stage.UPLOADING:
                end_upload(run, actor=PROGRAM)  # taken by one that died before it could say so
            elif run is not None and run.stage in _ENDED:
                _put_away(run, path, folder / _ENDED[Stage(run.stage)])


def _is_unfinished(name: str) -> bool:
    return name.startswith(_UNFINISHED_STARTS) or name.lower().endswith(_UNFINISHED_ENDS)


def _take(branch: Branch, path: Path, now: datetime) -> None:
    """Into the database, and aside: of two watches one moves it."""
    source = ImportRun.Source.FOLDER
    try:
        run = begin_upload(branch, path.name, path.stat().st_size, actor=PROGRAM, now=now, source=source)
    except TooManyUnfinished:
        return  # it may wait
    except FileRefused as refused:
        run = note_refused_file(branch, path.name, refused, now=now)
        _put_away(run, path, path.parent / _REFUSED)
        return
    try:
        with path.open("rb") as file:
            for number, content in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
                keep_piece(run, number, content, actor=PROGRAM)
        path.rename(path.parent / _WORKING / f"{run.pk} {path.name}")
    except (FileNotFoundError, PermissionError):
        forget_upload(run)  # another watch was quicker, or it may not be moved
        raise
    end_upload(run, actor=PROGRAM)


def _put_away(run: ImportRun, path: Path, folder: Path) -> None:
    name = path.name if path.name.startswith(f"{run.pk} ") else f"{run.pk} {path.name}"
    if refused := queries.refused_rows(run):
        write_table(folder / f"{name} — не загружено ({len(refused)}).xlsx", refused_table(run))
    (folder / f"{name} — отчёт.txt").write_text(f"{texts.report_words(run)}\n", encoding="utf-8-sig")
    path.rename(folder / name)
