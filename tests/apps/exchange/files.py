"""Files as other programs export them, made for the tests."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlwt

Value = str | int | float | date | time | None

HEADINGS = (
    "№ записи",
    "Дата",
    "Время",
    "Пост/Подъёмник",
    "Клиент",
    "Телефон",
    "Автомобиль",
    "Госномер",
    "VIN",
    "Причина обращения",
    "Н/ч",
    "Мастер",
    "Комментарий",
)
VISIT: Mapping[str, Value] = {
    "№ записи": "ЗН-1",
    "Дата": "01.12.2026",
    "Время": "08:00",
    "Пост/Подъёмник": "Пост 1",
    "Клиент": "Смирнова Анна Викторовна",
    "Телефон": "8 (912) 345-67-89",
    "Автомобиль": "Hyundai Solaris",
    "Госномер": "М347ВС77",
    "VIN": "",
    "Причина обращения": "ТО-60",
    "Н/ч": "1,5",
    "Мастер": "Орлов В.",
    "Комментарий": "",
}


def visit_row(**changes: Value) -> list[Value]:
    """A sound row; name a column with «_» for a space, and «Пост» and «Номер» for the long ones."""
    short = {"Пост": "Пост/Подъёмник", "Номер": "№ записи", "Норма": "Н/ч"}
    named = {short.get(name, name.replace("_", " ")): value for name, value in changes.items()}
    assert named.keys() <= VISIT.keys()
    return list((dict(VISIT) | named).values())


def write_csv(path: Path, rows: Sequence[Sequence[Value]], *, encoding: str = "utf-8", delimiter: str = ";") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[Value]], *, merged: Sequence[str] = ()) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    workbook.save(path)
    return path


def write_xls(path: Path, rows: Sequence[Sequence[Value]], *, merged: Sequence[tuple[int, int, int]] = ()) -> Path:
    """`merged`: first row, last row and column, from nought."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Запись")
    styles = {date: xlwt.easyxf(num_format_str="dd.mm.yyyy"), time: xlwt.easyxf(num_format_str="hh:mm")}
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(index, column, value, styles.get(type(value), xlwt.Style.default_style))
    for first, last, column in merged:
        sheet.merge(first, last, column, column)
    workbook.save(str(path))
    return path


_SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = "urn:oasis:names:tc:opendocument:xmlns"


def write_ods(
    path: Path, rows: Sequence[Sequence[Value]], *, spans: Mapping[tuple[int, int], int] | None = None
) -> Path:
    """`spans`: how many rows the cell at (row, column) spans. Empty rows follow, as LibreOffice writes them."""
    lines = [
        "".join(_ods_cell(value, (spans or {}).get((index, column), 1)) for column, value in enumerate(row))
        for index, row in enumerate(rows)
    ]
    lines_xml = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    return write_ods_table(
        path,
        f"{lines_xml}<table:table-row table:number-rows-repeated='1048000'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>",
    )


def write_ods_table(path: Path, table: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _SPREADSHEET)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{_NAMES}:manifest:1.0"><manifest:file-entry'
            f' manifest:full-path="/" manifest:media-type="{_SPREADSHEET}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{_NAMES}:office:1.0" xmlns:table="{_NAMES}:table:1.0"'
            f' xmlns:text="{_NAMES}:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="Запись">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _ods_cell(value: Value, spanned: int) -> str:
    span = f' table:number-rows-spanned="{spanned}"' if spanned > 1 else ""
    match value:
        case None | "":
            return "<table:table-cell/>"
        case float() | int():
            return f'<table:table-cell office:value-type="float" office:value="{value}"{span}/>'
        case date():
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"{span}/>'
        case time():
            return f'<table:table-cell office:value-type="time" office:time-value="{value:PT%HH%MM%SS}"{span}/>'
        case _:
            text = f"<text:p>{escape(value)}</text:p>"
            return f'<table:table-cell office:value-type="string"{span}>{text}</table:table-cell>'
