"""Writes tables as files: what was refused, to be corrected and imported again, and every list that is taken along.

No cell can come to life as a formula: in XLSX every cell is text by its kind, in CSV what looks like a formula
gets an apostrophe in front, which the reading takes off again, so that `+7…` and `=важный` come back as they were.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from xml.sax.saxutils import escape

from django.http import FileResponse

from vovremya.kernel.refusal import NotFound

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: More than that lies on the disk while it is sent.
_KEPT_IN_MEMORY = 1_000_000
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """As XLSX where the name says so, else as CSV."""
    with path.open("wb") as file:
        if path.suffix.lower() == ".xlsx":
            write_xlsx(file, rows)
        else:
            write_csv(file, rows)


def as_download(rows: Iterable[Sequence[str]], kind: str, name: str) -> FileResponse:
    """Written row by row, and sent from where it was written. Raises `NotFound` for what is none of `KINDS`."""
    if kind not in KINDS:
        raise NotFound
    file: IO[bytes] = SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 - closed with the answer
    (write_xlsx if kind == "xlsx" else write_csv)(file, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.{kind}", content_type=KINDS[kind])


def write_csv(file: IO[bytes], rows: Iterable[Sequence[str]]) -> None:
    """For the Russian Excel: UTF-8 with its mark, semicolons."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.writer(text, delimiter=";").writerows([_guarded(text) for text in row] for row in rows)
    text.detach()


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
    '<sheet name="Лист1" sheetId="1" r:id="r1"/></sheets></workbook>',
}


def write_xlsx(file: IO[bytes], rows: Iterable[Sequence[str]]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _DECLARATION + content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for piece in _sheet(rows):
                sheet.write(piece.encode())


def _sheet(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f'{_DECLARATION}<worksheet xmlns="{_NAMES}/spreadsheetml/2006/main"><sheetData>'
    for row in rows:
        cells = (f'<c t="inlineStr"><is><t xml:space="preserve">{_as_xml(text)}</t></is></c>' for text in row)
        yield f"<row>{''.join(cells)}</row>"
    yield "</sheetData></worksheet>"


#: What XML cannot hold in any writing.
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_CELL = 32_767


def _as_xml(text: str) -> str:
    return escape(_UNWRITABLE.sub("", text)[:_LONGEST_CELL])
