"""Files of every kind people export, and files that only look like it."""

import codecs
import zipfile
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import openpyxl
import pytest

from tests.apps.exchange.files import (
    HEADINGS,
    Value,
    visit_row,
    write_csv,
    write_ods,
    write_ods_table,
    write_xls,
    write_xlsx,
)
from vovremya.exchange import texts
from vovremya.exchange.reading import FileRefused, bounds, open_table
from vovremya.exchange.reading.workbook import open_workbook
from vovremya.exchange.rules.cells import text_of
from vovremya.exchange.rules.place import Bay, Place
from vovremya.exchange.rules.rows import LONGEST_TEXT, RowRead, RowRefused, read_row, visit_rows

PLACE = Place.of("Europe/Moscow", bays=[("Пост 1", Bay(1)), ("Пост 2", Bay(2))], advisors=[(1, "Орлов В.", "")])
TITLES: list[list[Value]] = [["Запись на сервис"], ["Сформировано программой учёта"], []]


def rows_of(path: Path) -> list[RowRead]:
    table = open_table(path)
    read_rows = [read_row(table.layout, row, PLACE) for row in visit_rows(table.layout, table.rows)]
    assert all(isinstance(row, RowRead) for row in read_rows), read_rows
    return [row for row in read_rows if isinstance(row, RowRead)]


def refusal_of(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        list(open_table(path).rows)
    assert texts.file_refusal_text(refused.value)
    return refused.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_any_encoding_and_with_any_separator(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [*TITLES, HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="10:00", Комментарий="ждёт; в зале,\nда")]
    first, second = rows_of(write_csv(tmp_path / "a.csv", rows, encoding=encoding, delimiter=delimiter))
    assert (first.row, first.record, first.phones) == (5, "ЗН-1", ("+79123456789",))
    assert (second.row, second.comment) == (6, "ждёт; в зале, да")


def test_separator_line_of_excel_is_no_row_of_the_table(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADINGS, visit_row()])
    path.write_bytes(b"sep=;\r\n" + path.read_bytes())
    assert [row.row for row in rows_of(path)] == [3]


def test_guard_before_what_looks_like_a_formula_is_taken_off(tmp_path: Path) -> None:
    rows = [HEADINGS, visit_row(Комментарий="'=важный", Телефон="'+79123456789")]
    (row,) = rows_of(write_csv(tmp_path / "a.csv", rows))
    assert (row.comment, row.phones) == ("=важный", ("+79123456789",))


Writer = Callable[[Path, list[list[Value]]], Path]


@pytest.mark.parametrize(
    ("name", "write"), [("a.xlsx", write_xlsx), ("a.xls", write_xls), ("a.ods", write_ods), ("wrong.csv", write_xlsx)]
)
def test_workbook_is_read_by_its_content_and_not_its_name(tmp_path: Path, name: str, write: Writer) -> None:
    rows: list[list[Value]] = [
        *TITLES,
        list(HEADINGS),
        visit_row(Дата=date(2026, 12, 1), Время=time(8, 0), Телефон=79123456789, Норма=1.5),
        [],
        visit_row(Номер="ЗН-2", Дата=46357, Время=10.5 / 24, Норма=2),
        ["Итого записей:", 2],
    ]
    first, second = rows_of(write(tmp_path / name, rows))
    assert (first.row, second.row) == (5, 7)
    assert first.phones == ("+79123456789",)
    assert (first.on, second.on) == (date(2026, 12, 1), date(2026, 12, 1))
    assert f"{first.starts_at:%H:%M} {second.starts_at:%H:%M}" == "05:00 07:30"
    assert (first.norm_minutes, second.norm_minutes) == (90, 120)


def merged_rows() -> list[list[Value]]:
    return [
        list(HEADINGS),
        visit_row(Дата=date(2026, 12, 1)),
        visit_row(Номер="ЗН-2", Дата=None, Время="10:00"),
        visit_row(Номер="ЗН-3", Дата=None, Время="12:00"),
    ]


def merged_xlsx(path: Path) -> Path:
    return write_xlsx(path, merged_rows(), merged=["B2:B4"])


def merged_xls(path: Path) -> Path:
    return write_xls(path, merged_rows(), merged=[(1, 3, 1)])


def merged_ods(path: Path) -> Path:
    return write_ods(path, merged_rows(), spans={(1, 1): 3})


@pytest.mark.parametrize("write", [merged_xlsx, merged_xls, merged_ods])
def test_merged_cell_holds_for_each_of_its_rows(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    assert [row.on for row in rows_of(write(tmp_path / "a"))] == [date(2026, 12, 1)] * 3


def test_merge_ends_where_it_ends_and_the_table_may_begin_anywhere(tmp_path: Path) -> None:
    rows: list[list[Value]] = [
        [None, *HEADINGS],
        [None, *visit_row()],
        [None, *visit_row(Номер="ЗН-2", Дата=None)],
        [None, *visit_row()],
    ]
    table = open_table(write_xlsx(tmp_path / "a.xlsx", rows, merged=["C2:C3"]))
    assert [text_of(cells[2]) for _, cells in table.rows] == ["Дата", "01.12.2026", "01.12.2026", "01.12.2026"]


def test_first_visible_sheet_with_a_heading_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["О файле"])
    workbook.create_sheet("Пусто")
    hidden = workbook.create_sheet("Архив")
    hidden.sheet_state = "hidden"
    hidden.append(list(HEADINGS))
    shown = workbook.create_sheet("Декабрь")
    shown.append(list(HEADINGS))
    shown.append(visit_row())
    workbook.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert table.sheet == "Декабрь"
    assert len(list(table.rows)) == 2


# Files that cannot be read.


def raw(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def workbook_without_a_heading(path: Path) -> None:
    write_xlsx(path, [["просто", "текст"]])


def archive_of(**parts: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)

    return write


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (raw(b""), "file_empty"),
        (raw(b"%PDF-1.7 ..."), "file_foreign"),
        (raw(b"\x7fELF\0\0"), "file_foreign"),
        (raw("<html><table>…".encode()), "file_is_page"),
        (raw(codecs.BOM_UTF8 + b"<?xml version='1.0'?><Workbook/>"), "file_is_page"),
        (raw("просто текст".encode()), "heading_missing"),
        (workbook_without_a_heading, "heading_missing"),
        (raw(b"\x98" * 20), "encoding_unknown"),
        (raw("Дата;Время;VIN\n1;2;3\n".encode()), "columns_missing"),
        (raw(f'Дата;Пост;Клиент\n"{"я" * 40_000};;'.encode()), "table_broken"),
        (raw(codecs.BOM_UTF16_LE + b"\x00\xd8\x41"), "table_broken"),
        (raw(b"PK\x03\x04 not an archive"), "file_broken"),
        (archive_of(word__document_xml="<w/>"), "file_foreign"),
        (archive_of(xl__workbook_xml="<broken"), "file_broken"),
        (archive_of(content_xml="<broken"), "file_broken"),
        (raw(_COMPOUND), "file_broken"),
        (raw(_COMPOUND + "EncryptedPackage".encode("utf-16-le")), "file_encrypted"),
        (raw(_COMPOUND + "WordDocument".encode("utf-16-le")), "file_foreign"),
    ],
)
def test_unreadable_file_is_refused_by_name(tmp_path: Path, make: Callable[[Path], None], code: str) -> None:
    path = tmp_path / "a.xlsx"
    make(path)
    assert refusal_of(path).code == code


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "нет.csv").code == "file_missing"
    assert refusal_of(tmp_path).code == "file_unreadable"


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Дата", "Время", "VIN"]])
    assert texts.file_refusal_text(refusal_of(path)) == "В таблице нет колонок: «Пост», «Клиент»."


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_truncated_workbook_is_refused(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path / "a", [list(HEADINGS), *[visit_row() for _ in range(50)]])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refusal_of(path).code == "file_broken"


def test_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [list(HEADINGS), visit_row()])
    content = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(magic, at + 4)
    path.write_bytes(content)
    assert refusal_of(path).code == "file_encrypted"


def test_workbook_under_a_password_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader names old XLS under a password itself."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    path = write_xls(tmp_path / "a.xls", [list(HEADINGS)])
    for error in (PasswordError("locked"), CalamineError("Workbook is password protected")):

        def refuse(_path: Path, error: CalamineError = error) -> CalamineWorkbook:
            raise error

        monkeypatch.setattr("vovremya.exchange.reading.workbook.CalamineWorkbook.from_path", refuse, raising=False)
        with pytest.raises(FileRefused) as refused:
            open_workbook(path, {})
        assert refused.value.code == "file_encrypted"


def test_what_an_old_workbook_lacks_is_named(tmp_path: Path) -> None:
    """It is read in another process."""
    headings = [["Дата", "Клиент", "Телефон", "Госномер"]]
    old = refusal_of(write_xls(tmp_path / "a.xls", headings))
    new = refusal_of(write_xlsx(tmp_path / "a.xlsx", headings))
    assert (old.code, old.facts) == (new.code, new.facts)
    assert old.facts["columns"]


# Bounds.


def test_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vovremya.exchange.reading.kinds.LARGEST_FILE", 10)
    assert refusal_of(write_csv(tmp_path / "a.csv", [HEADINGS])).code == "file_too_large"


def test_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(bounds.LARGEST_UNPACKED // 10_000_000 + 1):
                part.write(bytes(10_000_000))
    assert path.stat().st_size < 1_000_000
    assert refusal_of(path).code == "file_too_large_unpacked"


@pytest.mark.parametrize("cell", ["XFD2", "A1048576", "GR100001"])
def test_cell_far_away_is_refused_before_the_sheet_is_laid_out(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.xlsx"
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(list(HEADINGS))
    workbook.worksheets[0][cell] = "далеко"
    workbook.save(path)
    assert refusal_of(path).code == "table_too_large"


def test_empty_formatted_cells_far_away_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (HEADINGS, visit_row()):
        sheet.append(list(row))
    sheet["XFD1"].number_format = "0.00"
    workbook.save(path)
    assert len(rows_of(path)) == 1


_CELL = "<table:table-cell office:value-type='string'><text:p>я</text:p></table:table-cell>"
_WIDE_CELL = _CELL.replace(">", " table:number-columns-repeated='16384'>", 1)


@pytest.mark.parametrize(
    "table",
    [
        f"<table:table-row>{_WIDE_CELL}</table:table-row>",
        f"<table:table-row table:number-rows-repeated='1000000'>{_CELL}</table:table-row>",
        "<table:table-row table:number-rows-repeated='1000000'/>"
        f"<table:table-row table:number-rows-repeated='x'>{_CELL}</table:table-row>",
    ],
)
def test_repeats_of_an_opendocument_are_bounded(tmp_path: Path, table: str) -> None:
    assert refusal_of(write_ods_table(tmp_path / "a.ods", table)).code == "table_too_large"


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_of_a_text_beyond_every_column_no_more_is_read_than_refuses_it(
    tmp_path: Path, write: Callable[[Path, list[list[Value]]], Path]
) -> None:
    path = write(tmp_path / "long", [list(HEADINGS), visit_row(Комментарий="1час" + "1" * 30_000)])
    table = open_table(path)
    (row,) = visit_rows(table.layout, table.rows)
    assert max(map(len, row.texts)) == LONGEST_TEXT + 1
    refused = read_row(table.layout, row, PLACE)
    assert isinstance(refused, RowRefused)
    assert [problem.code for problem in refused.problems] == ["cell_too_long"]


def test_long_text_table_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_ROWS", 100)
    assert refusal_of(write_csv(tmp_path / "a.csv", [HEADINGS, *[visit_row()] * 100])).code == "table_too_large"
    wide = [["Дата", "Пост", "Клиент", *[""] * bounds.MOST_COLUMNS]]
    assert refusal_of(write_csv(tmp_path / "b.csv", wide)).code == "table_too_large"
