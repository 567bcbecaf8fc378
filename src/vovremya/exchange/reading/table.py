"""A table whose heading is found."""

from collections.abc import Iterator
from dataclasses import dataclass

from vovremya.exchange.reading.bounds import FileRefused
from vovremya.exchange.rules.headings import Layout, missing_columns
from vovremya.exchange.rules.rows import SheetRow


@dataclass(frozen=True)
class Table:
    """A sheet with its heading found. `rows` can be gone through once."""

    sheet: str
    layout: Layout
    rows: Iterator[SheetRow]


def complete(layout: Layout) -> Layout:
    if missing := missing_columns(layout):
        raise FileRefused("columns_missing", columns=missing)
    return layout
