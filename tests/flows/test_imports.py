"""«Импорт» over HTTP: a file by pieces, its columns, the trial run, the import, the report, and back."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.apps.exchange.files import HEADINGS, Value, visit_row, write_csv, write_xlsx
from tests.apps.exchange.reading_here import read_here
from tests.cast import Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock, answer
from vovremya.directory.models import Branch, User
from vovremya.directory.rules import PROGRAM, TRAINING_CODE
from vovremya.exchange.actions import begin, bringing
from vovremya.exchange.models import FilePiece, HeadingsKnown, ImportedRecord, ImportRow, ImportRun, ListExport
from vovremya.exchange.reading import open_table
from vovremya.exchange.worker import ImportWorker
from vovremya.journal.models import Entry
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status

IMPORTS = "/office/SEV/import/"


def send(seat: Seat, path: Path) -> str:
    """As the page does; returns the address of the import."""
    content = path.read_bytes()
    begun = seat.http.post(IMPORTS, {"name": path.name, "size": len(content)}).json()
    size = bringing.PIECE_BYTES
    starts = range(0, len(content), size)
    for number, start in enumerate(starts):
        piece = SimpleUploadedFile("piece", content[start : start + size])
        last = {"last": "yes"} if number == len(starts) - 1 else {}
        assert seat.http.post(begun["pieces"], {"number": number, "piece": piece, **last}).status_code == 204
    page: str = begun["page"]
    return page


def work() -> None:
    """As the thread beside the watch does, until nothing is left to do."""
    worker = ImportWorker()
    while worker.turn():
        pass


def page(seat: Seat, address: str) -> Answer:
    return seat.get(address, as_page=True)


def press(seat: Seat, shown: Answer, name: str, **typed: object) -> Answer:
    """A plain form of the page, which leads on to the import."""
    form = shown.button(name).within("form")
    assert form is not None
    came = seat.http.post(form["action"], {**form.values, **typed})
    return page(seat, came.headers["Location"]) if came.status_code == 303 else answer(came)


def bring(seat: Seat, path: Path) -> str:
    """All the way, as one who finds everything in order."""
    address = send(seat, path)
    work()
    press(seat, page(seat, address), "Пробный прогон")
    work()
    press(seat, page(seat, address), "Загрузить")
    work()
    return address


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def written(*rows: Sequence[Value], headings: Sequence[str] = HEADINGS, name: str = "Запись.xlsx") -> Path:
        return write_xlsx(tmp_path / name, [headings, *rows])

    return written


Written = Callable[..., Path]


def test_file_becomes_visits_step_by_step(supervisor: Seat, cast: Cast, clock: StoppedClock, file: Written) -> None:
    assert "Импортов ещё не было" in page(supervisor, IMPORTS).text
    rows = [visit_row(), visit_row(Номер="ЗН-2", Время="?"), visit_row(Номер="ЗН-3", Время="11:00", Мастер="Кто")]
    address = send(supervisor, file(*rows))
    assert "Открываем файл…" in page(supervisor, address).text
    work()
    columns = page(supervisor, address)
    assert columns.value("column-4") == "client"
    assert "+7 912 ···-··-89" in columns.text, "numbers are masked"
    trial = press(supervisor, columns, "Пробный прогон")
    assert "В графике пока ничего не меняется" in trial.text
    work()
    trial = page(supervisor, address)
    assert "будут новыми: 2 не загрузятся: 1 с замечаниями: 1" in trial.text
    assert "Время: Время «?» не разобрать" in trial.text
    assert (Visit.objects.count(), FilePiece.objects.count()) == (0, 1)
    under_way = press(supervisor, trial, "Загрузить")
    assert "Строк: 1 из 3" in under_way.text, "the refused one is behind"
    work()
    report = page(supervisor, address)
    assert "новые: 2 не загружены: 1 с замечаниями: 1" in report.text
    assert "Мастер: Мастера «Кто» нет в филиале" in page(supervisor, f"{address}?state=remarked").text
    assert (Visit.objects.count(), FilePiece.objects.count()) == (2, 0)
    assert Visit.objects.filter(booked_by_id=cast.supervisor.user_id).count() == 2
    entry = Entry.objects.get(kind="import_ended")
    assert (entry.data["imported"], entry.data["refused"], entry.data["source"]) == (2, 1, "browser")
    listed = page(supervisor, IMPORTS).text
    assert "22.11.2026 08:00 Кузнецова в браузере Запись.xlsx загружен 2 0 0 1" in listed


def test_refused_rows_go_into_a_file_that_is_corrected_and_imported_again(
    supervisor: Seat, cast: Cast, file: Written, tmp_path: Path
) -> None:
    address = bring(supervisor, file(visit_row(), visit_row(Номер="ЗН-2", Время="?", Комментарий="@важно")))
    for kind in ("xlsx", "csv"):
        came = supervisor.http.post(f"{address}refused/{kind}/")
        again = tmp_path / f"again.{kind}"
        again.write_bytes(b"".join(came))
        (row,) = [texts for number, texts in open_table(again).rows if number > 1]
        assert row[0] == "ЗН-2"
        assert row[5] == "8 (912) 345-67-89"
        assert row[12:] == ["@важно", "3", "Время «?» не разобрать"]
    logged = ListExport.objects.values_list("list", "user_id", "rows", "phones")
    assert list(logged) == [("refused_rows", cast.supervisor.user_id, 1, 1)] * 2
    assert supervisor.http.post(f"{address}refused/exe/").status_code == 404


def test_numbers_in_the_refused_rows_are_for_those_who_may_see_them_or_brought_the_file(
    supervisor: Seat, cast: Cast, file: Written
) -> None:
    headings = ["Дата и время" if heading == "Дата" else heading for heading in HEADINGS]
    comment = "Муж +7 913 000-11-22, звонить ему; 8(914)2223344 мать"
    row = visit_row(Дата="8.9.2026 08:00", Время="", Пост="Пост 9", Комментарий=comment)
    administrator = Seat(cast, cast.administrator)
    taken = []
    for who in (supervisor, administrator):
        address = bring(who, file(row, headings=headings, name=f"{who.actor.name}.xlsx"))
        came = administrator.http.post(f"{address}refused/csv/")
        (cells,) = csv.reader(b"".join(came).decode("utf-8-sig").splitlines()[1:], delimiter=";")
        taken.append((cells[1], cells[5], cells[12]))
    masked = "Муж +7 913 ···-··-22, звонить ему; +7 914 ···-··-44 мать"
    assert taken == [
        ("8.9.2026 08:00", "'+7 912 ···-··-89", masked),
        ("8.9.2026 08:00", "8 (912) 345-67-89", comment),
    ]
    logged = ListExport.objects.order_by("pk").values_list("user_id", "rows", "phones")
    assert list(logged) == [(cast.administrator.user_id, 1, 0), (cast.administrator.user_id, 1, 3)]


def test_number_in_a_wrong_column_is_masked_in_the_reason_too(supervisor: Seat, file: Written) -> None:
    shown = page(supervisor, bring(supervisor, file(visit_row(Пост="8 912 345-67-89"))))
    assert "Поста «+7 912 ···-··-89» нет в филиале" in shown.text


def test_columns_are_corrected_and_remembered_by_the_branch(supervisor: Seat, file: Written) -> None:
    headings = ["А", "Б", "В", "Куда", "Кто", *HEADINGS[5:]]
    address = send(supervisor, file(visit_row(), headings=headings))
    work()
    columns = page(supervisor, address)
    assert columns.value("column-3") == ""
    refused = press(supervisor, columns, "Пробный прогон", **{"column-3": "bay"})
    assert (refused.status, refused.value("column-3")) == (422, "bay")
    assert "В таблице нет колонок: «Дата», «Клиент»" in refused.text
    said = {"column-0": "record", "column-1": "date", "column-2": "time", "column-3": "bay", "column-4": "client"}
    press(supervisor, columns, "Пробный прогон", **said)
    work()
    assert "будут новыми: 1" in page(supervisor, address).text
    back = press(supervisor, page(supervisor, address), "К колонкам")
    assert back.value("column-3") == "bay"
    again = send(supervisor, file(visit_row(Номер="ЗН-5"), headings=headings, name="Ещё.xlsx"))
    work()
    shown = page(supervisor, again)
    assert (shown.value("column-3"), "взято, как тогда" in shown.text) == ("bay", True)
    assert HeadingsKnown.objects.count() == 1


def test_sheet_and_heading_row_are_chosen(supervisor: Seat, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["Список", "на", "день"], list(HEADINGS), visit_row()], encoding="cp1251")
    address = send(supervisor, path)
    work()
    shown = page(supervisor, address)
    assert (shown.value("row"), shown.value("column-4")) == ("2", "client")
    other = page(supervisor, f"{address}?row=1")
    assert (other.value("row"), other.value("column-0")) == ("1", "")
    assert "В этой строке ничего нет" in page(supervisor, f"{address}?row=59").text


def test_another_sheet_is_chosen(supervisor: Seat, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    first, second, hidden = workbook.worksheets[0], workbook.create_sheet("Вторая"), workbook.create_sheet("Скрытая")
    first.title, hidden.sheet_state = "Первая", "hidden"
    for sheet, number in ((first, "ЗН-1"), (second, "ЗН-2"), (hidden, "ЗН-3")):
        sheet.append(list(HEADINGS))
        sheet.append(visit_row(Номер=number))
    workbook.save(tmp_path / "a.xlsx")
    address = send(supervisor, tmp_path / "a.xlsx")
    work()
    shown = page(supervisor, address)
    assert ([option.text for option in shown.one("select", id="sheet").all("option")], "ЗН-1" in shown.text) == (
        ["Первая", "Вторая"],
        True,
    )
    other = page(supervisor, f"{address}?sheet=Вторая")
    assert ("ЗН-2" in other.text, other.value("column-4")) == (True, "client")
    press(supervisor, other, "Пробный прогон")
    work()
    press(supervisor, page(supervisor, address), "Загрузить")
    work()
    assert Visit.objects.get().external_number == "ЗН-2"
    nowhere = supervisor.http.post(f"{address}columns/", {"sheet": "Скрытая", "row": "1"})
    assert nowhere.status_code == 404


def test_folder_of_the_branch_is_named(supervisor: Seat, settings: Settings) -> None:
    assert "загружаются сами" not in page(supervisor, IMPORTS).text
    settings.IMPORT_FOLDER = "/srv/import"
    assert "Файлы из папки /srv/import/SEV загружаются сами" in page(supervisor, IMPORTS).text
    Branch.objects.filter(code="SEV").update(code=TRAINING_CODE)
    shown = page(supervisor, IMPORTS.replace("SEV", TRAINING_CODE))
    assert ("Файл с расписанием" in shown.text, "загружаются сами" in shown.text) == (True, False)


def test_same_file_is_known_again(supervisor: Seat, file: Written) -> None:
    path = file(visit_row())
    bring(supervisor, path)
    address = send(supervisor, path)
    work()
    assert "Этот самый файл уже загружали 22.11.2026 08:00" in page(supervisor, address).text


def test_import_is_stopped_and_what_was_imported_is_taken_back(
    supervisor: Seat, cast: Cast, file: Written, clock: StoppedClock
) -> None:
    address = bring(supervisor, file(visit_row()))
    moved = visit_row(Время="12:00", Комментарий="Позже")
    second = bring(supervisor, file(moved, visit_row(Номер="ЗН-2", Клиент="Ким Олег", Время="08:00", Госномер="")))
    visit, new = Visit.objects.order_by("pk")
    assert (visit.starts_at, visit.comment, new.external_number) == (at("12:00", visit.on), "Позже", "ЗН-2")
    in_the_way = page(supervisor, f"{address}taking-back/")
    assert "с ней работали: Кузнецова, 22.11.2026 08:00" in in_the_way.text
    assert supervisor.http.post(f"{address}taking-back/").status_code == 422
    asked = page(supervisor, f"{second}taking-back/")
    assert "Записей будет убрано: 1." in asked.text
    assert "Записей станет такими, как до импорта: 1." in asked.text
    assert supervisor.http.post(f"{second}taking-back/").status_code == 303
    work()
    visit.refresh_from_db()
    new.refresh_from_db()
    assert (visit.starts_at, visit.comment, visit.status) == (at("08:00", visit.on), "", Status.PLANNED)
    assert (new.status, new.external_number) == (Status.REMOVED, "")
    assert "Отменил(а) Кузнецова" in page(supervisor, second).text
    entry = Entry.objects.get(kind="import_taken_back")
    assert (entry.data["taken_back"], entry.data["kept"]) == (2, 0)
    assert ImportedRecord.objects.count() == 1
    assert supervisor.http.post(f"{second}taking-back/").status_code == 303
    work()
    assert Entry.objects.filter(kind="import_taken_back").count() == 1, "once"
    # And the first one is as untouched as if the second had never been.
    bring(supervisor, file(moved))
    assert Visit.objects.get(external_number="ЗН-1").starts_at == at("12:00", visit.on)


def test_what_stands_in_a_file_is_shown_as_text_and_without_whole_numbers(supervisor: Seat, file: Written) -> None:
    evil = visit_row(Время="?", Клиент="<script>alert(1)</script>", Комментарий='"><img src=x onerror=alert(1)>')
    address = send(supervisor, file(evil, name="<svg onload=alert(1)>.xlsx"))
    work()
    pages = [page(supervisor, address).html]
    press(supervisor, page(supervisor, address), "Пробный прогон")
    work()
    pages += [page(supervisor, each).html for each in (address, IMPORTS)]
    for html in pages:
        assert not [tag for tag in ("<script>alert", "<img src=x", "<svg onload") if tag in html]
        assert "345-67-89" not in html
    assert "&lt;script&gt;alert(1)" in pages[1]


def test_longer_file_asks_no_more_of_the_database_to_be_reported(supervisor: Seat, file: Written) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page(supervisor, address)
        return len(asked)

    few = bring(supervisor, file(visit_row()))
    rows = [
        visit_row(Номер=f"ЗН-{hour}", Время=f"{hour}:00", Клиент=f"Ким {hour}", Норма="1") for hour in range(12, 18)
    ]
    many = bring(supervisor, file(*rows, visit_row(Время="?")))
    assert queries(many) == queries(few)
    assert queries(f"{many}taking-back/") == queries(f"{few}taking-back/")
    once = queries(IMPORTS)
    bring(supervisor, file(visit_row(Номер="ЗН-20", Время="20:00")))
    assert queries(IMPORTS) == once


def test_import_at_the_console_is_shown_and_left_to_it(supervisor: Seat, cast: Cast, file: Written) -> None:
    begin(file(visit_row()), cast.branch, actor=PROGRAM, now=at("08:00"))
    work()
    assert Visit.objects.count() == 0
    assert "программа командой Запись.xlsx идёт командой или прерван" in page(supervisor, IMPORTS).text
    shown = page(supervisor, f"{IMPORTS}{ImportRun.objects.get().pk}/")
    assert "прерванный продолжит та же команда" in shown.text
    assert ("data-follow" in shown.html, "Остановить" in shown.text) == (False, False)


def test_nobody_waits_unaware_that_nothing_works(supervisor: Seat, file: Written) -> None:
    address = send(supervisor, file(visit_row()))
    assert "Служба наблюдения не работает" in page(supervisor, address).text


def test_stopped_import_keeps_what_it_has_and_its_file_is_gone(supervisor: Seat, file: Written) -> None:
    address = send(supervisor, file(visit_row()))
    work()
    press(supervisor, page(supervisor, address), "Не загружать этот файл")
    assert "остановлен" in page(supervisor, address).text
    assert (FilePiece.objects.count(), ImportRun.objects.get().seen) == (0, [])


def test_who_has_lost_the_right_imports_nothing_more(supervisor: Seat, cast: Cast, file: Written) -> None:
    address = send(supervisor, file(visit_row()))
    work()
    press(supervisor, page(supervisor, address), "Пробный прогон")
    work()
    press(supervisor, page(supervisor, address), "Загрузить")
    User.objects.filter(username="supervisor").update(is_active=False)
    work()
    assert (Visit.objects.count(), ImportRow.objects.get().state) == (0, "staged")
    assert ImportRun.objects.get().refusal["code"] == "not_allowed"
