"""What is checked before a file is unpacked or laid out in memory."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.parsers import expat

from vovremya.exchange.rules.rows import SheetRow
from vovremya.kernel.refusal import Refusal

LARGEST_FILE = 50_000_000
LARGEST_UNPACKED = 300_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 100
CHUNK = 1 << 20


class FileRefused(Refusal):
    """The file cannot be read as a table of visits; `code` says why."""

    code = "file_broken"


def check_within(rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise FileRefused("table_too_large", rows=MOST_ROWS, columns=MOST_COLUMNS)


def within_bounds(rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
    for number, cells in rows:
        check_within(number, len(cells))
        yield number, cells


_SPREADSHEET_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, expat.ExpatError)


# Sheet -> first row and column of a merged cell -> its last row, all counted from nought.
Spans = dict[str, dict[tuple[int, int], int]]


def check_archive(path: Path) -> Spans:
    """The unpacked size and the sheets' extent, before anything is unpacked into memory.

    Returns the cells that an OpenDocument table merges downwards: the reader of workbooks does not know them.
    """
    spans: Spans = {}
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if not any(part in names for part in _SPREADSHEET_PARTS):
                raise FileRefused("file_foreign")
            if sum(item.file_size for item in archive.infolist()) > LARGEST_UNPACKED:
                raise FileRefused("file_too_large_unpacked", megabytes=LARGEST_UNPACKED // 1_000_000)
            for name in names:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                    _check_extent(archive, name)
                elif name == "content.xml":
                    spans = _check_repeats(archive, name)
    except _BROKEN as broken:
        code = "file_encrypted" if "encrypted" in str(broken) else "file_broken"
        raise FileRefused(code) from None
    return spans


# A cell far away makes the reader lay out every cell before it: two cells can cost all the memory.
_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_LONGEST_TAG = 512


def _check_extent(archive: zipfile.ZipFile, name: str) -> None:
    rest = b""
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            for letters, row in _FILLED_CELL.findall(rest + chunk):
                check_within(int(row), _column_number(letters))
            rest = chunk[-_LONGEST_TAG:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_repeats(archive: zipfile.ZipFile, name: str) -> Spans:
    """An OpenDocument cell or row can say that it stands there a million times."""
    extent = _Extent()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = extent.start
    parser.EndElementHandler = extent.end
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            parser.Parse(chunk)
    parser.Parse(b"", True)
    return extent.spans


class _Extent:
    """Counts where the last filled cell of a sheet stands; empty repeats at the end cost nothing."""

    def __init__(self) -> None:
        self.rows = self.columns = self.filled_columns = self.repeated = 0
        self.spans: Spans = {}
        self.merged: dict[tuple[int, int], int] = {}

    def start(self, element: str, attributes: dict[str, str]) -> None:
        tag, by_name = _local(element), {_local(name): value for name, value in attributes.items()}
        if tag == "table":
            self.rows = 0
            self.merged = self.spans.setdefault(by_name.get("name", ""), {})
        elif tag == "table-row":
            self.columns = self.filled_columns = 0
            self.repeated = _count(by_name, "number-rows-repeated")
        elif tag in ("table-cell", "covered-table-cell"):
            if (spanned := _count(by_name, "number-rows-spanned")) > 1:
                self.merged[self.rows, self.columns] = self.rows + spanned - 1
            self.columns += _count(by_name, "number-columns-repeated")
            if "value-type" in by_name:
                self.filled_columns = self.columns

    def end(self, element: str) -> None:
        if _local(element) == "table-row":
            self.rows += self.repeated
            if self.filled_columns:
                check_within(self.rows, self.filled_columns)


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if value.isdecimal() else 1


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
