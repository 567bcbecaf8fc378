"""Tables that are none: torn, swollen, forged; and sound ones with hostile cells. Each is drawn from a chance."""

import codecs
import csv
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from pathlib import Path
from random import Random

import openpyxl
import xlwt

from tests.apps.exchange.files import HEADINGS, VISIT, Value, write_csv, write_ods, write_xls, write_xlsx
from tests.proof import hostile

Rows = list[list[Value]]


# --- sound files with hostile cells ------------------------------------------------------------------------------


def hostile_rows(random: Random, bays: tuple[str, ...] = ("Пост 1", "Пост 2")) -> Rows:
    """A heading, perhaps spoiled, over rows of which most have one fault or several."""
    headings: list[Value] = list(HEADINGS)
    if random.random() < 0.2:
        headings[random.randrange(len(headings))] = random.choice((*hostile.TEXTS[:30], "Дата", "Пост", ""))
    rows: Rows = [headings]
    for number in range(random.randrange(1, 15)):
        row: dict[str, Value] = {**VISIT, "№ записи": f"ЗН-{number}", "Пост/Подъёмник": random.choice(bays)}
        row["Время"] = f"{random.randrange(8, 20):02}:{random.choice((0, 15, 30)):02}"
        for _ in range(random.choice((0, 1, 1, 2, 5))):
            row[random.choice(HEADINGS)] = hostile_cell(random)
        line = list(row.values())
        if random.random() < 0.05:
            line = line[: random.randrange(len(line))] if random.random() < 0.5 else [*line, *line]
        rows.append(line)
    return rows


def hostile_cell(random: Random) -> Value:
    kind = random.randrange(6)
    if kind == 0:
        return random.choice(hostile.NUMBERS)
    if kind == 1:
        return random.choice(hostile.DATES)
    if kind == 2:
        return random.choice((0.0, -1.0, 1e308, -1e-9, 45000.99999999, 73050.0, 2.0**63, 0.999999, True, 36526, 60))
    if kind == 3:
        return random.choice((date(1900, 1, 1), date(2099, 12, 31), date(9999, 12, 31), time(23, 59, 59), None))
    if kind == 4:
        return random.choice(
            ("#REF!", "#DIV/0!", "#N/A", "=1/0", '=HYPERLINK("http://x")', "=A1:A9", "'=1+1", "@SUM(A1)")
        )
    return random.choice([text for text in hostile.TEXTS if len(text) < 40_000])


def _no_controls(rows: Rows) -> Rows:
    """As XML and the writers of workbooks can hold it."""
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    kept = "".join(letter for letter in value if letter == "\n" or (letter >= " " and letter not in "\ufffe\uffff"))
    return kept[:32_000]


def _csv(random: Random, path: Path) -> None:
    encoding = random.choice(("utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "utf-32", "utf-7"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=random.choice(";,\t|")).writerows(hostile_rows(random))
    path.write_bytes(text.getvalue().encode(encoding, "replace"))


def _xlsx(random: Random, path: Path) -> None:
    write_xlsx(path, _no_controls(hostile_rows(random)), merged=["B2:B9"] if random.random() < 0.2 else ())


def _xls(random: Random, path: Path) -> None:
    write_xls(path, [[_narrow(value) for value in row] for row in _no_controls(hostile_rows(random))])


def _narrow(value: Value) -> Value:
    return value.encode("utf-16", "ignore")[:30_000].decode("utf-16", "ignore") if isinstance(value, str) else value


def _ods(random: Random, path: Path) -> None:
    write_ods(path, _no_controls(hostile_rows(random)), spans={(1, 1): random.choice((1, 3, 99_999, 10**9))})


SOUND: Mapping[str, Callable[[Random, Path], None]] = {"csv": _csv, "xlsx": _xlsx, "xls": _xls, "ods": _ods}


# --- torn files --------------------------------------------------------------------------------------------------


def torn(random: Random, content: bytes) -> bytes:
    """Bits turned over, pieces gone, doubled or in other places."""
    kept = bytearray(content)
    for _ in range(random.choice((1, 1, 3, 30))):
        place = random.randrange(len(kept) or 1)
        length = random.choice((1, 4, 100, len(kept) // 3))
        match random.randrange(6):
            case 0 | 1 if kept:
                kept[place] ^= 1 << random.randrange(8)
            case 2:
                del kept[place : place + length]
            case 3:
                kept[place:place] = kept[place : place + length]
            case 4:
                kept[place : place + 4] = random.choice(
                    (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4), b"PK\x01\x02")
                )
            case _:
                kept[place:place] = random.choice((b'"', b"\0", b"\r", b"<a>", b"&a;", b"\xd0", b"]]>", b"<?xml?>"))
    return bytes(kept)


def torn_inside(random: Random, content: bytes) -> bytes:
    """The archive is sound, what is packed in it is not."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        chosen = set(random.sample(names, random.choice((1, 1, 2, len(names)))))
        for name in names:
            if name not in chosen or random.random() < 0.9:
                part = old.read(name)
                new.writestr(name, torn(random, part) if name in chosen else part)
    return packed.getvalue()


def draw(random: Random, path: Path) -> str:
    """A file of any kind in any state; returns what it is."""
    kind = random.choice(list(SOUND))
    SOUND[kind](random, path)
    state = random.choice(("sound", "torn", "torn", "torn inside"))
    if state == "torn":
        path.write_bytes(torn(random, path.read_bytes()))
    elif state == "torn inside" and kind in ("xlsx", "ods"):
        path.write_bytes(torn_inside(random, path.read_bytes()))
    return f"{kind}, {state}"


# --- traps -------------------------------------------------------------------------------------------------------

_BIG = 1 << 20
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_SHEET_END = "</sheetData></worksheet>"


def _with_part(path: Path, part: str, pieces: Iterator[bytes], kind: str = "xlsx") -> None:
    """A sound workbook in which a part is another."""
    sound = path.with_suffix(".sound")
    rows: Rows = [list(HEADINGS), list(VISIT.values())]
    (write_xlsx if kind == "xlsx" else write_ods)(sound, rows)
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w", force_zip64=True) as written:
            for piece in pieces:
                written.write(piece)
    sound.unlink()


def _repeated(piece: bytes, times: int, before: bytes = b"", after: bytes = b"") -> Iterator[bytes]:
    yield before
    for _ in range(times):
        yield piece
    yield after


_FIRST_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_EXPANDING = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{_ENTITIES}]>'
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'
_ENTITY_CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>'
_ODS_BODY = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="a"><table:table-row>'
)
_ODS_CELL = '<table:table-cell office:value-type="string"><text:p>&e9;</text:p></table:table-cell>'
_ODS_END = "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"


def _bomb_of_strings(path: Path) -> None:
    _with_part(path, _STRINGS, _repeated(b" " * _BIG, 4000))


def _honest_bomb_below_the_limit(path: Path) -> None:
    """As much as is let in, in one text."""
    _with_part(path, _STRINGS, _repeated(b"a" * _BIG, 270, b"<sst><si><t>", b"</t></si></sst>"))


def _many_strings(path: Path) -> None:
    _with_part(path, _STRINGS, _repeated(b"<si><t></t></si>" * 65_536, 250, b"<sst>", b"</sst>"))


def _bomb_that_lies(path: Path) -> None:
    """Unpacks to gigabytes and says that it holds a hundred bytes."""
    _bomb_of_strings(path)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(_STRINGS.encode()))
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)


def _deep_xml(path: Path) -> None:
    _with_part(path, _FIRST_SHEET, _repeated(b"<a>" * 10_000, 1000))


def _deep_ods(path: Path) -> None:
    _with_part(path, "content.xml", _repeated(b"<a>" * 10_000, 1000), "ods")


def _ods_of(prolog: str) -> Callable[[Path], None]:
    whole = (prolog + _ODS_BODY + _ODS_CELL + _ODS_END).encode()
    return lambda path: _with_part(path, "content.xml", iter([whole]), "ods")


def _xlsx_of(prolog: str) -> Callable[[Path], None]:
    whole = (prolog + _SHEET + _ENTITY_CELL + _SHEET_END).encode()
    return lambda path: _with_part(path, _FIRST_SHEET, iter([whole]))


def _ods_of_cells(cell: str, times: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        _with_part(
            path, "content.xml", _repeated((cell * 1000).encode(), times, _ODS_BODY.encode(), _ODS_END.encode()), "ods"
        )

    return write


def _million_columns(path: Path) -> None:
    write_csv(path, [[*HEADINGS, *(["x"] * 1_000_000)], [*VISIT.values(), *(["y"] * 1_000_000)]])


def _raw_csv(*pieces: tuple[bytes, int]) -> Callable[[Path], None]:
    heading = (";".join(HEADINGS) + "\n").encode()

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(heading)
            for piece, times in pieces:
                for _ in range(times):
                    file.write(piece)

    return write


def _cell_at(reference: str, attributes: str = "", between: bytes = b"") -> Callable[[Path], None]:
    cell = f'<row r="1"><c {attributes} r="{reference}"'.encode()
    whole = [_SHEET.encode(), cell, between, b"><v>1</v></c></row>", _SHEET_END.encode()]
    return lambda path: _with_part(path, _FIRST_SHEET, iter(whole))


def _cell_in_row(row: int, cell: bytes) -> Callable[[Path], None]:
    first, far = b'<row r="1"><c r="A1"><v>1</v></c></row>', f'<row r="{row}">'.encode()
    whole = [_SHEET.encode(), first, far, cell, b"<v>1</v></c></row>", _SHEET_END.encode()]
    return lambda path: _with_part(path, _FIRST_SHEET, iter(whole))


def _sheets_at_the_bound(path: Path) -> None:
    """Ten sheets, each as large as one may be, of two cells."""
    workbook = openpyxl.Workbook()
    for number in range(10):
        sheet = workbook.create_sheet(str(number))
        sheet["A1"] = sheet["CV100000"] = "я"
    workbook.save(path)


def _old_sheet_at_its_bound(path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("a")
    sheet.write(0, 0, "a")
    sheet.write(65_535, 255, "a")
    workbook.save(str(path))


def _rows_without_places(path: Path) -> None:
    """Cells that do not say where they stand, a million in one row."""
    _with_part(
        path,
        _FIRST_SHEET,
        _repeated(b"<c><v>1</v></c>" * 1000, 1000, f"{_SHEET}<row>".encode(), b"</row></sheetData></worksheet>"),
    )


def _merged_everywhere(path: Path) -> None:
    merges = b'<mergeCell ref="A1:XFD1048576"/>' * 1000
    row = b'<row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells>'
    _with_part(path, _FIRST_SHEET, _repeated(merges, 100, _SHEET.encode() + row, b"</mergeCells></worksheet>"))


def _xls_of_noise(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 48 + Random(1).randbytes(5_000_000))


def _xls_in_a_circle(path: Path) -> None:
    """The sectors of its directory hang together by a chain that comes back to where it began."""
    write_xls(path, [list(HEADINGS), list(VISIT.values())])
    content = bytearray(path.read_bytes())
    (directory,) = struct.unpack_from("<I", content, _FIRST_OF_DIRECTORY)
    (allocation,) = struct.unpack_from("<I", content, _FIRST_OF_ALLOCATION)
    struct.pack_into("<I", content, _SECTOR * (allocation + 1) + 4 * directory, directory)
    path.write_bytes(content)


#: Where the header of a compound file says in which sector its directory begins, and the table of chains.
_FIRST_OF_DIRECTORY, _FIRST_OF_ALLOCATION, _SECTOR = 0x30, 0x4C, 512


def _many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"xl/worksheets/{number}.xml" if number else "xl/workbook.xml", b"<a/>")


def _digits_in_ods(path: Path) -> None:
    _ods_of_cells(f'<table:table-cell table:number-columns-repeated="{"9" * 5000}" office:value-type="string"/>', 1)(
        path
    )


def _endless_utf_16(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF16_LE + b"a\0" * 20_000_000 + b"\xd8")


TRAPS: Mapping[str, Callable[[Path], None]] = {
    "zip that unpacks to 4 GB": _bomb_of_strings,
    "zip that unpacks to 4 GB and says 100 bytes": _bomb_that_lies,
    "one text of 270 MB in a small workbook": _honest_bomb_below_the_limit,
    "sixteen million empty texts": _many_strings,
    "ten million nested elements, xlsx": _deep_xml,
    "ten million nested elements, ods": _deep_ods,
    "entities that multiply, xlsx": _xlsx_of(_EXPANDING),
    "entities that multiply, ods": _ods_of(_EXPANDING),
    "entity from another file, xlsx": _xlsx_of(_OUTSIDE),
    "entity from another file, ods": _ods_of(_OUTSIDE),
    "a million columns, csv": _million_columns,
    "a million cells in a row, xlsx": _rows_without_places,
    "a million cells in a row, ods": _ods_of_cells(
        '<table:table-cell office:value-type="float" office:value="1"/>', 1000
    ),
    "a repeat of five thousand digits, ods": _digits_in_ods,
    "a cell merged over the whole sheet, 100,000 times": _merged_everywhere,
    "a cell at the far corner, xlsx": _cell_at("XFD1048576"),
    "a cell at the far corner behind a long attribute, xlsx": _cell_at(
        "XFD1048576", between=b' s="' + b"1" * 2000 + b'"'
    ),
    "a cell at the far corner in small letters, xlsx": _cell_at("xfd1048576"),
    "a cell beyond the sheet, xlsx": _cell_at("ZZZZZZ99999999999"),
    "a cell at the far corner in other quotes, xlsx": _cell_in_row(1_048_576, b"<c r='XFD1048576'>"),
    "a cell without a place in the last row, xlsx": _cell_in_row(1_048_576, b"<c>"),
    "ten sheets as large as they may be, xlsx": _sheets_at_the_bound,
    "a sheet as large as it may be, xls": _old_sheet_at_its_bound,
    "a line of 45 MB, csv": _raw_csv((b"a" * _BIG, 43)),
    "a line of 100 MB, csv": _raw_csv((b"a" * _BIG, 100)),
    "a quote that never ends, csv": _raw_csv((b'"', 1), (b"a;\n" * 100_000, 150)),
    "nothing but quotes, csv": _raw_csv((b'"' * _BIG, 40)),
    "nothing but separators, csv": _raw_csv((b";" * _BIG, 40)),
    "nothing but line ends, csv": _raw_csv((b"\n" * _BIG, 40)),
    "noise in the shape of an old workbook": _xls_of_noise,
    "sectors in a circle, xls": _xls_in_a_circle,
    "sixty thousand parts": _many_parts,
    "utf-16 without an end": _endless_utf_16,
}
