"""A file as a table, or as the first rows of each of its sheets, in this very process."""

from dataclasses import dataclass
from pathlib import Path

from vovremya.exchange.reading.bounds import FileRefused, Spans, check_archive
from vovremya.exchange.reading.delimited import first_rows_of_csv, open_csv
from vovremya.exchange.reading.kinds import Kind, kind_of
from vovremya.exchange.reading.table import Table
from vovremya.exchange.reading.workbook import check_compound, first_rows_of_sheets, open_workbook
from vovremya.exchange.rules.headings import Chosen, Layout, find_layout
from vovremya.exchange.rules.rows import SheetRow


@dataclass(frozen=True)
class SheetSeen:
    """The first rows of a sheet, and the heading if one was recognised among them. Text tables have no name."""

    name: str
    rows: tuple[SheetRow, ...]
    layout: Layout | None


def open_here(path: Path, chosen: Chosen | None = None) -> Table:
    """By what was said of its headings, else by those that are known."""
    kind = kind_of(path)
    if kind is Kind.TEXT:
        return open_csv(path, chosen)
    return open_workbook(path, _spans_of(path, kind), chosen)


def look_here(path: Path) -> list[SheetSeen]:
    """Raises `FileRefused` where there is nothing to look at."""
    kind = kind_of(path)
    if kind is Kind.TEXT:
        sheets = [("", first_rows_of_csv(path))]
    else:
        sheets = first_rows_of_sheets(path, _spans_of(path, kind))
    seen = [SheetSeen(name, tuple(rows), find_layout(rows)) for name, rows in sheets if rows]
    if not seen:
        raise FileRefused("file_empty")
    return seen


def _spans_of(path: Path, kind: Kind) -> Spans:
    if kind is Kind.ARCHIVE:
        return check_archive(path)
    check_compound(path)
    return {}
