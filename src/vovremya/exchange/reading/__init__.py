"""Opens a table of any kind people export. Nothing is read beyond the bounds."""

from pathlib import Path

from vovremya.exchange.reading.apart import look_apart, open_apart
from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.reading.kinds import Kind, kind_of
from vovremya.exchange.reading.opening import SheetSeen, open_here
from vovremya.exchange.reading.table import Table

__all__ = ["FileRefused", "SheetSeen", "Table", "look_apart", "open_apart", "open_table"]


def open_table(path: Path) -> Table:
    """For a process that reads this one file and ends."""
    return open_apart(path) if kind_of(path) is Kind.COMPOUND else open_here(path)
