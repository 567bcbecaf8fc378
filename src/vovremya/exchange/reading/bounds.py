"""What is checked before a file is unpacked or laid out in memory."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.parsers import expat

from vovremya.exchange.rules.cells import Cell
from vovremya.exchange.rules.rows import LONGEST_TEXT, SheetRow
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
    """Of a text that is refused for its length only so much goes on that it still is."""
    for number, cells in rows:
        check_within(number, len(cells))
        yield number, list(map(_cut, cells))


def _cut(cell: Cell) -> Cell:
    return cell[: LONGEST_TEXT + 1] if isinstance(cell, str) else cell


_SPREADSHEET_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
# An OSError too: torn offsets let the reader of archives seek to places before the file.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, expat.ExpatError)


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
                    _SheetExtent().read(archive, name)
                elif name == "content.xml":
                    extent = _TableExtent()
                    extent.read(archive, name)
                    spans = extent.spans
                elif re.fullmatch(r"xl/[^/]+\.xml", name):
                    _Parts().read(archive, name)
    except _BROKEN as broken:
        code = "file_encrypted" if "encrypted" in str(broken) else "file_broken"
        raise FileRefused(code) from None
    return spans


# What no spreadsheet writes, and what costs a reader all the memory: a text or a tag of megabytes, elements in
# elements without end, entities that stand for a million others.
_LONGEST_TEXT = 1_000_000
_DEEPEST = 100
_MOST_ELEMENTS = 6_000_000  # three or four to a cell of a table of the most rows and a dozen columns


class _Parts:
    """Goes through the XML of a part, an element at a time, before the reader of workbooks lays it out."""

    def __init__(self) -> None:
        self.depth = self.text = self.elements = 0

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                if len(chunk) == CHUNK and b">" not in chunk:
                    raise FileRefused("file_broken")
                parser.Parse(chunk)
        parser.Parse(b"", True)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins; `tag` is without its prefix."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        self.text = 0
        if self.elements > _MOST_ELEMENTS:
            raise FileRefused("table_too_large", rows=MOST_ROWS, columns=MOST_COLUMNS)
        if self.depth > _DEEPEST:
            raise FileRefused("file_broken")
        self.start(_local(name), attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.text = 0
        self.end(_local(name))

    def _text(self, text: str) -> None:
        self.text += len(text)
        if self.text > _LONGEST_TEXT:
            raise FileRefused("file_broken")


def _refuse_doctype(*_declared: object) -> None:
    raise FileRefused("file_broken")


class _SheetExtent(_Parts):
    """Where the filled cells of a sheet stand. One far away makes the reader lay out every cell before it."""

    def __init__(self) -> None:
        super().__init__()
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self.row = _number(attributes.get("r", "")) or self.row + 1
            self.column = 0
        elif tag == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self.column = _column_number(place[1]) if place else self.column + 1
            self.row = _number(place[2]) if place else self.row
        elif tag in ("v", "is"):
            check_within(self.row, self.column)


_PLACE = re.compile(r"([A-Za-z]+)([0-9]+)")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper()[:_MOST_DIGITS]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _TableExtent(_Parts):
    """Counts where the last filled cell of a sheet stands; empty repeats at the end cost nothing.

    An OpenDocument cell or row can say that it stands there a million times.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.columns = self.filled_columns = self.repeated = 0
        self.spans: Spans = {}
        self.merged: dict[tuple[int, int], int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag not in ("table", "table-row", "table-cell", "covered-table-cell"):
            return
        by_name = {_local(name): value for name, value in attributes.items()}
        if tag == "table":
            self.rows = 0
            self.merged = self.spans.setdefault(by_name.get("name", ""), {})
        elif tag == "table-row":
            self.columns = self.filled_columns = 0
            self.repeated = _count(by_name, "number-rows-repeated")
        else:
            if (spanned := _count(by_name, "number-rows-spanned")) > 1:
                self.merged[self.rows, self.columns] = self.rows + spanned - 1
            self.columns += _count(by_name, "number-columns-repeated")
            if "value-type" in by_name:
                self.filled_columns = self.columns

    def end(self, tag: str) -> None:
        if tag == "table-row":
            self.rows += self.repeated
            if self.filled_columns:
                check_within(self.rows, self.filled_columns)


_MOST_DIGITS = 9  # more of them are too many of anything


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return _number(value) if value.isdecimal() else 1


def _number(text: str) -> int:
    """A whole number, however long: beyond every bound is far enough."""
    if not text.isdecimal():
        return 0
    return int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS


def _local(name: str) -> str:
    return name.rpartition(":")[2]
