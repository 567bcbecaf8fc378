"""Workbooks: XLSX, XLSB, XLS and ODS."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from vovremya.exchange.reading.bounds import FileRefused, Spans, within_bounds
from vovremya.exchange.reading.table import Table, complete
from vovremya.exchange.rules.cells import Cell
from vovremya.exchange.rules.headings import SEARCHED_ROWS, Chosen, find_layout
from vovremya.exchange.rules.rows import SheetRow

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WORD_STREAM = "WordDocument".encode("utf-16-le")
#: To choose from.
MOST_SHEETS = 20


def check_compound(path: Path) -> None:
    """An old XLS, or a new workbook under a password, or another program's document."""
    content = path.read_bytes()
    if _ENCRYPTED_STREAM in content:
        raise FileRefused("file_encrypted")
    if _WORD_STREAM in content:
        raise FileRefused("file_foreign")


def open_workbook(path: Path, spans: Spans, chosen: Chosen | None = None) -> Table:
    """The first sheet with a heading, or the chosen one."""
    with _told_when_broken():
        workbook = CalamineWorkbook.from_path(path)
        for name in _visible_sheets(workbook):
            if chosen and name != chosen.sheet:
                continue
            sheet = workbook.get_sheet_by_name(name)
            merged = spans.get(name) or _merged_downwards(sheet)
            first = list(itertools.islice(_rows_of(sheet, merged), SEARCHED_ROWS))
            layout = chosen.layout(first) if chosen else find_layout(first)
            if layout is not None:
                return Table(name, complete(layout), within_bounds(_rows_of(sheet, merged)))
            del sheet  # before the next is laid out
    raise FileRefused("heading_missing")


def first_rows_of_sheets(path: Path, spans: Spans) -> list[tuple[str, list[SheetRow]]]:
    found = []
    with _told_when_broken():
        workbook = CalamineWorkbook.from_path(path)
        for name in itertools.islice(_visible_sheets(workbook), MOST_SHEETS):
            sheet = workbook.get_sheet_by_name(name)
            rows = _rows_of(sheet, spans.get(name) or _merged_downwards(sheet))
            found.append((name, list(itertools.islice(within_bounds(rows), SEARCHED_ROWS))))
            del sheet, rows  # before the next is laid out
    return found


@contextmanager
def _told_when_broken() -> Iterator[None]:
    try:
        yield
    except PasswordError:
        raise FileRefused("file_encrypted") from None
    except CalamineError as broken:
        code = "file_encrypted" if "password" in str(broken).lower() else "file_broken"
        raise FileRefused(code) from None


def _visible_sheets(workbook: CalamineWorkbook) -> Iterator[str]:
    for metadata in workbook.sheets_metadata:
        if metadata.typ is SheetTypeEnum.WorkSheet and metadata.visible is SheetVisibleEnum.Visible:
            yield metadata.name


def _merged_downwards(sheet: CalamineSheet) -> dict[tuple[int, int], int]:
    ranges = sheet.merged_cell_ranges or ()
    return {(top, left): bottom for (top, left), (bottom, _) in ranges if bottom > top}


def _rows_of(sheet: CalamineSheet, merged: dict[tuple[int, int], int]) -> Iterator[SheetRow]:
    """Rows with their numbers; a cell merged downwards stands in each of its rows."""
    if sheet.start is None:
        return
    first_column = sheet.start[1]
    carried: dict[int, tuple[int, Cell]] = {}  # column -> (last row, value)
    for index, cells in enumerate(sheet.iter_rows()):
        row: list[Cell] = [*([""] * first_column), *cells]
        for column, (bottom, value) in list(carried.items()):
            if index > bottom:
                del carried[column]
            else:
                row[column] = value
        carried |= {
            column: (merged[index, column], value) for column, value in enumerate(row) if (index, column) in merged
        }
        yield index + 1, row
