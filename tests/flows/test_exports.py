"""Lists as files: what is on the screen, harmless in a spreadsheet, and whole when our own import reads it again."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast, at
from tests.flows.doors import Scene
from tests.flows.seat import Seat, answer
from vovremya.exchange.checking import preview
from vovremya.exchange.models import ListExport
from vovremya.exchange.reading import open_table
from vovremya.visits.models import Visit

KINDS = ("xlsx", "csv")


def export(seat: Seat, name: str, kind: str, folder: Path, **asked: str) -> list[list[str]]:
    path = folder / f"list.{kind}"
    response = seat.http.post(f"/office/SEV/export/{name}/{kind}/", asked)
    assert 'attachment; filename="' in response.headers["Content-Disposition"]
    path.write_bytes(b"".join(response))
    return [list(map(str, cells)) for _, cells in open_table(path).rows]


@pytest.mark.parametrize("kind", KINDS)
def test_day_is_read_again_by_the_import_as_it_was(cast: Cast, supervisor: Seat, tmp_path: Path, kind: str) -> None:
    visit = cast.book("10:00")
    Visit.objects.filter(pk=visit.pk).update(comment="=HYPERLINK(1)", external_number="-5")
    heading, row = export(supervisor, "day", kind, tmp_path)
    told = dict(zip(heading, row, strict=True))
    assert (told["Телефон"], told["Комментарий"], told["№ записи"]) == ("+79123456789", "=HYPERLINK(1)", "-5")
    seen = preview(open_table(tmp_path / f"list.{kind}"), cast.branch, MORNING)
    assert (seen.counts, seen.refused) == ({"unchanged": 1, "refused": 0}, [])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_the_file_can_come_to_life(cast: Cast, supervisor: Seat, tmp_path: Path, kind: str) -> None:
    cast.book("10:00")
    evil = "\t=cmd|' /C calc'!A0<script>\x0b"
    Visit.objects.update(comment=evil)
    export(supervisor, "day", kind, tmp_path)
    path = tmp_path / f"list.{kind}"
    if kind == "csv":
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert ";'\t=cmd|' /C calc'!A0<script>" in path.read_text("utf-8-sig")
        assert ";'+79123456789;" in path.read_text("utf-8-sig")
    else:
        import openpyxl

        cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].rows for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "inlineStr"}
        assert any("<script>" in str(cell.value) for cell in cells)


def test_numbers_are_for_those_who_may_see_them_and_it_is_kept_who_took_them(
    cast: Cast, scene: Scene, supervisor: Seat, seat: object, tmp_path: Path
) -> None:
    heading, row = export(supervisor, "day", "csv", tmp_path)
    assert "Телефон" in heading
    manager = Seat(cast, cast.manager)
    heading, row = export(manager, "day", "csv", tmp_path)
    assert "Телефон" not in heading
    assert not any("9123456789" in text for text in row)
    logged = ListExport.objects.values_list("list", "user_id", "rows", "phones", "at")
    assert list(logged) == [
        ("day", cast.supervisor.user_id, 1, 1, at("10:12")),
        ("day", cast.manager.user_id, 1, 0, at("10:12")),
    ]


def test_lists_are_taken_along_as_they_are_narrowed(scene: Scene, supervisor: Seat, tmp_path: Path) -> None:
    scene.remove()
    heading, row = export(supervisor, "removed", "csv", tmp_path, q="Смирнова")
    told = dict(zip(heading, row, strict=True))
    assert (told["Удалена"], told["Причина удаления"], told["Кто удалил"]) == ("22.11.2026 10:12", "Дорого", "Иванова")
    assert len(export(supervisor, "removed", "csv", tmp_path, q="Никто")) == 1
    assert len(export(supervisor, "not-arrived", "csv", tmp_path)) == 1
    assert answer(supervisor.http.post("/office/SEV/export/everything/csv/")).status == 404
    assert answer(supervisor.http.post("/office/SEV/export/day/exe/")).status == 404


def test_waiting_list_is_taken_along(scene: Scene, supervisor: Seat, tmp_path: Path) -> None:
    scene.wait_for_sooner()
    response = supervisor.http.post("/office/SEV/export/waitlist/csv/")
    heading, row = b"".join(response).decode("utf-8-sig").splitlines()
    assert heading == "Ждёт с;Клиент;Телефон;Автомобиль;Госномер;Запись;Пожелания;Работы;Срочно;Комментарий"
    assert row.startswith("22.11.2026 10:12;Смирнова Анна Викторовна;'+79123456789;Hyundai Solaris;М347ВС77;23.11.2026")


def test_longer_list_asks_no_more_of_the_database(cast: Cast, supervisor: Seat, tmp_path: Path) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            export(supervisor, "day", "csv", tmp_path)
        return len(asked)

    cast.book("10:00")
    few = queries()
    for number, clock in enumerate(("11:00", "12:00", "13:00")):
        cast.book(clock, client=cast.register(f"Кот {number}", f"+7912000000{number}")[0])
    assert queries() == few
