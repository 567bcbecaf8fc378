"""Writes the refused rows as a table that can be corrected and imported again.

No cell can come to life as a formula: in XLSX every cell is text by its kind, in CSV what looks like a formula
gets an apostrophe in front, which the reading takes off again, so that `+7…` and `=важный` come back as they were.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """As XLSX where the name says so, else as CSV for the Russian Excel: UTF-8 with its mark, semicolons."""
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, rows)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([_guarded(text) for text in row] for row in rows)


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


_NAMES = "http://schemas.openxmlformats.org"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NAMES}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NAMES}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{_NAMES}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NAMES}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{_NAMES}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_NAMES}/spreadsheetml/2006/main"'
    f' xmlns:r="{_NAMES}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Не загружено" sheetId="1" r:id="r1"/></sheets></workbook>',
}


def _write_xlsx(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _DECLARATION + content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for piece in _sheet(rows):
                sheet.write(piece.encode())


def _sheet(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f'{_DECLARATION}<worksheet xmlns="{_NAMES}/spreadsheetml/2006/main"><sheetData>'
    for row in rows:
        cells = (f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>' for text in row)
        yield f"<row>{''.join(cells)}</row>"
    yield "</sheetData></worksheet>"
