"""The watched folder: what is put into the folder of a branch is imported by itself.

<VOVREMYA_IMPORT_FOLDER>/<code of the branch>/           files to come
                                             working/    taken, by the number of their import
                                             done/       imported, with a report
                                             refused/    not imported, with the reason

Whoever may write there is not trusted with more: neither a name nor a link leads to what is not of the branch.
"""

import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePath
from typing import IO

from django.conf import settings

from vovremya.directory.models import Branch
from vovremya.directory.queries import branches_of
from vovremya.directory.rules import PROGRAM
from vovremya.exchange import texts
from vovremya.exchange.actions.bringing import (
    PIECE_BYTES,
    begin_upload,
    end_upload,
    forget_upload,
    keep_piece,
    note_refused_file,
    refuse_file,
)
from vovremya.exchange.held_open import Directory, FileState, state_of
from vovremya.exchange.models import ImportRun
from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.refusals import NotAtThisStage, TooManyUnfinished
from vovremya.exchange.refused import refused_table
from vovremya.exchange.writing import write_xlsx

logger = logging.getLogger(__name__)

Stage = ImportRun.Stage

#: A file that has not grown for so long is whole: whoever copies it slowly does so without such pauses.
STILL_FOR = timedelta(seconds=5)
_WORKING, _DONE, _REFUSED = "working", "done", "refused"
_ENDED = {Stage.DONE: _DONE, Stage.TAKEN_BACK: _DONE, Stage.STOPPED: _REFUSED, Stage.REFUSED: _REFUSED}
#: What programs leave beside a file that they still write, or that is open somewhere.
_UNFINISHED_STARTS, _UNFINISHED_ENDS = (".", "~"), (".tmp", ".part", ".crdownload", ".filepart")
#: Of the 255 bytes of a name: what our own words and a number behind it leave.
_LONGEST_NAME, _LONGEST_SUFFIX = 200, 20
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class _Seen:
    state: FileState
    since: datetime


@dataclass(frozen=True)
class _BranchFolder:
    """Its directories, held open for as long as it is looked into."""

    branch: Branch
    come: Directory
    own: dict[str, Directory]  # by name


class _Troubles:
    """Each is told of once, and again when it is another: the folder is looked into every second."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}  # by the branch's code and the file's name

    @contextmanager
    def of_folder(self, branch: Branch, root: Path) -> Iterator[None]:
        with self._kept_apart(branch, "", f"the import folder of a branch cannot be used: {root / branch.code}"):
            yield

    @contextmanager
    def of_file(self, branch: Branch, name: str) -> Iterator[None]:
        """Its name is left out, as it may be a person's."""
        words = f"a file stays in the import folder of branch {branch.code}"
        with self._kept_apart(branch, name, words), suppress(FileNotFoundError):  # another watch has moved it
            yield

    @contextmanager
    def _kept_apart(self, branch: Branch, name: str, words: str) -> Iterator[None]:
        told = self._told.setdefault(branch.code, {})
        try:
            yield
        except Exception as error:  # whatever it is, the others do not wait for it
            why = (isinstance(error, OSError) and error.strerror) or type(error).__name__
            if told.get(name) != why:
                told[name] = why
                logger.error("%s: %s", words, why, exc_info=None if isinstance(error, OSError) else error)
        else:
            told.pop(name, None)

    def forget_others(self, branch: Branch, names: Collection[str]) -> None:
        told = self._told[branch.code]
        for gone in told.keys() - {"", *names}:
            del told[gone]


@dataclass
class Folder:
    root: Path | None = None
    _seen: dict[str, dict[str, _Seen]] = field(default_factory=dict)  # by the branch's code and the file's name
    _troubles: _Troubles = field(default_factory=_Troubles)

    @classmethod
    def of_settings(cls) -> "Folder":
        return cls(Path(settings.IMPORT_FOLDER) if settings.IMPORT_FOLDER else None)

    def look(self, now: datetime, real_now: datetime) -> None:
        """Take what has come, put away what has ended. What fails keeps no other branch or file waiting."""
        if self.root is None:
            return
        for branch in branches_of(PROGRAM):
            if not branch.is_training:
                with self._troubles.of_folder(branch, self.root), _opened(branch, self.root) as folder:
                    self._look_into(folder, now, real_now)

    def _look_into(self, folder: _BranchFolder, now: datetime, real_now: datetime) -> None:
        taken, come = folder.own[_WORKING].files(), folder.come.files()
        self._troubles.forget_others(folder.branch, {*taken, *come})
        for name in taken:
            with self._troubles.of_file(folder.branch, name):
                _go_on(folder, name)
        for name, state in self._standing_still(folder.branch, come, real_now):
            with self._troubles.of_file(folder.branch, name):
                _take(folder, name, state, now)

    def _standing_still(
        self, branch: Branch, come: dict[str, FileState], real_now: datetime
    ) -> Iterator[tuple[str, FileState]]:
        before, seen = self._seen.get(branch.code, {}), {}
        for name, state in come.items():
            if not _is_unfinished(name):
                known = before.get(name)
                seen[name] = known if known and known.state == state else _Seen(state, real_now)
        self._seen[branch.code] = seen
        for name, each in list(seen.items()):
            if real_now - each.since >= STILL_FOR:
                del seen[name]
                yield name, each.state


def _is_unfinished(name: str) -> bool:
    return name.startswith(_UNFINISHED_STARTS) or name.lower().endswith(_UNFINISHED_ENDS)


@contextmanager
def _opened(branch: Branch, root: Path) -> Iterator[_BranchFolder]:
    with (
        Directory.opened(root / branch.code) as come,
        come.inside(_WORKING) as working,
        come.inside(_DONE) as done,
        come.inside(_REFUSED) as refused,
    ):
        yield _BranchFolder(branch, come, {_WORKING: working, _DONE: done, _REFUSED: refused})


# --- taking ---------------------------------------------------------------------------------------------------------


def _take(folder: _BranchFolder, name: str, seen: FileState, now: datetime) -> None:
    """Into the database, and aside: of two watches one moves it. One that somebody writes meanwhile waits again."""
    source = ImportRun.Source.FOLDER
    with folder.come.read(name) as file:
        try:
            run = begin_upload(folder.branch, _as_text(name), seen.size, actor=PROGRAM, now=now, source=source)
        except TooManyUnfinished:
            return  # it may wait
        except FileRefused as refused:
            _refuse(folder, name, refused, now)
            return
        is_taken = False
        try:
            is_taken = _is_kept(run, file, seen) and folder.come.move(name, folder.own[_WORKING], _numbered(run))
        finally:
            if not is_taken:
                forget_upload(run)
    if is_taken:
        _end(run)


def _is_kept(run: ImportRun, file: IO[bytes], seen: FileState) -> bool:
    """False where it is not the file any more that was seen."""
    for number, start in enumerate(range(0, seen.size, PIECE_BYTES)):
        content = file.read(min(PIECE_BYTES, seen.size - start))
        if not content:
            return False
        keep_piece(run, number, content, actor=PROGRAM)
    return state_of(file) == seen


def _end(run: ImportRun) -> None:
    try:
        end_upload(run, actor=PROGRAM)
    except NotAtThisStage:
        return  # another watch has said it
    except FileRefused as refused:
        refuse_file(run, refused)
        run.refresh_from_db()


def _refuse(folder: _BranchFolder, name: str, refused: FileRefused, now: datetime) -> None:
    run, is_away = note_refused_file(folder.branch, _as_text(name), refused, now=now), False
    try:
        is_away = _put_away(run, folder.come, name, folder.own[_REFUSED])
    finally:
        if not is_away:
            forget_upload(run)  # it is tried again, and told of once


# --- putting away ---------------------------------------------------------------------------------------------------


def _go_on(folder: _BranchFolder, name: str) -> None:
    """On the machine where the file lies, whichever has imported it."""
    run = _run_of(folder.branch, name)
    if run is None:
        return
    if run.stage == Stage.UPLOADING:
        _end(run)  # taken by one that died before it could say so
    if run.stage in _ENDED:
        _put_away(run, folder.own[_WORKING], name, folder.own[_ENDED[Stage(run.stage)]])


def _run_of(branch: Branch, name: str) -> ImportRun | None:
    number = name.partition(" ")[0]
    if not number.isdecimal() or len(number) > _LONGEST_NUMBER:
        return None
    return ImportRun.objects.filter(pk=int(number), branch=branch, source=ImportRun.Source.FOLDER).first()


def _put_away(run: ImportRun, place: Directory, name: str, new_place: Directory) -> bool:
    """False where another watch has done it: then nothing is left of our own reports, nor where it fails."""
    written: list[str] = []
    is_away = False
    try:
        for report, write in _reports(run):
            written.append(new_place.write_new(report, write))
        is_away = place.move(name, new_place, _numbered(run))
    finally:
        for each in () if is_away else written:
            new_place.remove(each)
    return is_away


def _reports(run: ImportRun) -> Iterator[tuple[str, Callable[[IO[bytes]], object]]]:
    name = _numbered(run)
    table = refused_table(run)
    if refused := len(table) - 1:
        yield f"{name} — не загружено ({refused}).xlsx", partial(write_xlsx, rows=table)
    words = f"{texts.report_words(run)}\n".encode("utf-8-sig")
    yield f"{name} — отчёт.txt", lambda file: file.write(words)


# --- names ----------------------------------------------------------------------------------------------------------


def _as_text(name: str) -> str:
    """A file may be called by bytes that are no text."""
    return os.fsencode(name).decode(errors="replace")


def _numbered(run: ImportRun) -> str:
    """What its file is called from now on: a file system counts bytes, and a Cyrillic letter is two."""
    path = PurePath(run.file_name)
    suffix = path.suffix if len(path.suffix.encode()) <= _LONGEST_SUFFIX else ""
    stem = f"{run.pk} {run.file_name.removesuffix(suffix)}".encode()
    return stem[: _LONGEST_NAME - len(suffix.encode())].decode(errors="ignore") + suffix
