"""A file is laid out by a process of its own, which may die of one without taking anybody along.

The parts of old workbooks hang together by chains of sectors. A torn chain that runs in a circle makes the reader of
workbooks take memory without end, in one step that nothing here can look into. And whoever serves others is not to
share memory and processor with a file of any kind.
"""

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.reading.opening import SheetSeen, look_here, open_here
from vovremya.exchange.reading.table import Table
from vovremya.exchange.rules.headings import Chosen, Layout
from vovremya.exchange.rules.rows import SheetRow

#: An old workbook of the largest extent takes 1.2 GB.
MOST_BYTES = 2 * 2**30
#: Of the processor: a hundred thousand rows of any kind take less than half of it.
MOST_SECONDS = 120
_ROWS_AT_ONCE = 500
#: Started afresh, never forked: whoever imports may have threads and a connection to the database.
_FRESH = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class _Heading:
    sheet: str
    layout: Layout


@dataclass(frozen=True)
class _Refused:
    code: str
    facts: Mapping[str, Any]


_DIED = _Refused("file_broken", {})


def open_apart(path: Path, chosen: Chosen | None = None) -> Table:
    ours = _asked(_read, path, chosen)
    heading = _heard(ours)
    return Table(heading.sheet, heading.layout, _rows(ours))


def look_apart(path: Path) -> list[SheetSeen]:
    with _asked(_look, path) as ours:
        seen: list[SheetSeen] = _heard(ours)
    return seen


def _asked(do: Callable[..., None], *asked: object) -> Connection:
    ours, theirs = _FRESH.Pipe(duplex=False)
    _FRESH.Process(target=do, args=(theirs, *asked), daemon=True).start()
    theirs.close()
    return ours


def _rows(ours: Connection) -> Iterator[SheetRow]:
    with ours:
        while rows := _heard(ours):
            yield from rows


def _heard(ours: Connection) -> Any:
    try:
        told = ours.recv()
    except EOFError:
        told = _DIED
    if isinstance(told, _Refused):
        raise FileRefused(told.code, **told.facts)
    return told


def _look(theirs: Connection, path: Path) -> None:
    with _bounded(theirs):
        theirs.send(look_here(path))


def _read(theirs: Connection, path: Path, chosen: Chosen | None) -> None:
    """The heading first, then the rows, at last none; or why there are none."""
    with _bounded(theirs):
        table = open_here(path, chosen)
        theirs.send(_Heading(table.sheet, table.layout))
        while rows := list(islice(table.rows, _ROWS_AT_ONCE)):
            theirs.send(rows)
        theirs.send([])


@contextmanager
def _bounded(theirs: Connection) -> Iterator[None]:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # what it says as it dies is for nobody
    with suppress(BrokenPipeError):  # whoever asked has heard enough
        try:
            yield
        except FileRefused as refused:
            theirs.send(_Refused(refused.code, refused.facts))
