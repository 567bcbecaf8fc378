"""Workbooks: XLSX, XLSB, XLS and ODS."""

import itertools
from collections.abc import Iterator
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
from vovremya.exchange.rules.headings import SEARCHED_ROWS, find_layout
from vovremya.exchange.rules.rows import SheetRow

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WORD_STREAM = "WordDocument".encode("utf-16-le")


def check_compound(path: Path) -> None:
    """An old XLS, or a new workbook under a password, or another program's document."""
    content = path.read_bytes()
    if _ENCRYPTED_STREAM in content:
        raise FileRefused("file_encrypted")
    if _WORD_STREAM in content:
        raise FileRefused("file_foreign")


def open_workbook(path: Path, spans: Spans) -> Table:
    try:
        workbook = CalamineWorkbook.from_path(path)
        return _first_table(workbook, spans)
    except PasswordError:
        raise FileRefused("file_encrypted") from None
    except CalamineError as broken:
        code = "file_encrypted" if "password" in str(broken).lower() else "file_broken"
        raise FileRefused(code) from None


def _first_table(workbook: CalamineWorkbook, spans: Spans) -> Table:
    """Sheet after sheet: each that is laid out takes its memory."""
    for metadata in workbook.sheets_metadata:
        if metadata.typ is not SheetTypeEnum.WorkSheet or metadata.visible is not SheetVisibleEnum.Visible:
            continue
        sheet = workbook.get_sheet_by_name(metadata.name)
        merged = spans.get(sheet.name) or _merged_downwards(sheet)
        layout = find_layout(itertools.islice(_rows_of(sheet, merged), SEARCHED_ROWS))
        if layout is not None:
            return Table(sheet.name, complete(layout), within_bounds(_rows_of(sheet, merged)))
        del sheet  # before the next is laid out
    raise FileRefused("heading_missing")


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
