"""Old workbooks are laid out by a process of its own, which may die of one without taking anybody along.

Their parts hang together by chains of sectors. A torn chain that runs in a circle makes the reader of workbooks take
memory without end, in one step that nothing here can look into.
"""

import multiprocessing
import os
import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.reading.table import Table
from vovremya.exchange.reading.workbook import open_workbook
from vovremya.exchange.rules.headings import Layout
from vovremya.exchange.rules.rows import SheetRow

#: An old workbook of the largest extent takes 1.2 GB.
MOST_BYTES = 2 * 2**30
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


def open_apart(path: Path) -> Table:
    ours, theirs = _FRESH.Pipe(duplex=False)
    _FRESH.Process(target=_read, args=(path, theirs), daemon=True).start()
    theirs.close()
    heading = _heard(ours)
    return Table(heading.sheet, heading.layout, _rows(ours))


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


def _read(path: Path, theirs: Connection) -> None:
    """The heading first, then the rows, at last none; or why there are none."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # what it says as it dies is for nobody
    with suppress(BrokenPipeError):  # whoever asked has heard enough
        try:
            table = open_workbook(path, {})
            theirs.send(_Heading(table.sheet, table.layout))
            while rows := list(islice(table.rows, _ROWS_AT_ONCE)):
                theirs.send(rows)
            theirs.send([])
        except FileRefused as refused:
            theirs.send(_Refused(refused.code, refused.facts))
