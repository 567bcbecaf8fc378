"""Text tables: CSV in any of the encodings and with any of the separators people export."""

import codecs
import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from vovremya.exchange.reading.bounds import CHUNK, FileRefused, within_bounds
from vovremya.exchange.reading.table import Table, complete
from vovremya.exchange.rules.headings import SEARCHED_ROWS, Chosen, Layout, find_layout
from vovremya.exchange.rules.rows import SheetRow

LONGEST_CELL = 32_767  # what a spreadsheet itself can hold
LONGEST_LINE = 1_000_000
_DELIMITERS = ";,\t"

_FOREIGN_HEADS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"SQLite")
_HTML = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype html|html|table|\?xml|head|meta)", re.IGNORECASE)


def check_is_text(head: bytes) -> None:
    if head.startswith(_FOREIGN_HEADS):
        raise FileRefused("file_foreign")
    if _HTML.match(head):
        raise FileRefused("file_is_page")
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused("file_foreign")


def open_csv(path: Path, chosen: Chosen | None = None) -> Table:
    encoding = _encoding_of(path)
    delimiter, layout = _delimiter_of(path, encoding)
    if chosen:
        layout = chosen.layout(_first_rows(path, encoding, delimiter))
    if layout is None:
        raise FileRefused("heading_missing")
    return Table("", complete(layout), within_bounds(_csv_rows(path, encoding, delimiter)))


def first_rows_of_csv(path: Path) -> list[SheetRow]:
    encoding = _encoding_of(path)
    delimiter, _ = _delimiter_of(path, encoding)
    return list(within_bounds(_first_rows(path, encoding, delimiter)))


def _delimiter_of(path: Path, encoding: str) -> tuple[str, Layout | None]:
    """That by which the most headings are known, else by which the first rows fall into the most cells."""
    best: tuple[tuple[int, int], str, Layout | None] = ((-1, -1), "", None)
    for delimiter in _DELIMITERS:
        rows = _first_rows(path, encoding, delimiter)
        layout = find_layout(rows)
        weight = (len(layout.places) if layout else 0, max((len(cells) for _, cells in rows), default=0))
        if weight > best[0]:
            best = (weight, delimiter, layout)
    return best[1], best[2]


def _first_rows(path: Path, encoding: str, delimiter: str) -> list[SheetRow]:
    return list(itertools.islice(_csv_rows(path, encoding, delimiter), SEARCHED_ROWS))


def _encoding_of(path: Path) -> str:
    """By its mark; else UTF-8 where the whole file is valid UTF-8; else the Cyrillic code page of Windows."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileRefused("encoding_unknown")


_SEPARATOR_LINE = re.compile(r"sep=.", re.IGNORECASE)


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[SheetRow]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline="") as text:
            for number, cells in enumerate(csv.reader(_lines(text), delimiter=delimiter), start=1):
                is_separator_line = number == 1 and _SEPARATOR_LINE.match(delimiter.join(cells))
                yield number, [] if is_separator_line else [_without_guard(cell) for cell in cells]
    except (csv.Error, UnicodeDecodeError):
        raise FileRefused("table_broken") from None


def _lines(text: TextIO) -> Iterator[str]:
    """A line that holds no row is not read to its end, however far away that is."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise FileRefused("table_broken")
        yield line


_GUARDED = re.compile(r"'[=+\-@\t\r]")


def _without_guard(text: str) -> str:
    """`'=важный` is how a text that looks like a formula is written; see `writing.py`."""
    return text[1:] if _GUARDED.match(text) else text
