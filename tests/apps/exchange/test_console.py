"""`vovremya import`: what is said, what is written, how it ends."""

from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError

from tests.apps.exchange.conftest import Importer
from tests.apps.exchange.files import visit_row
from vovremya.exchange import actions, console
from vovremya.exchange.models import ImportRun
from vovremya.exchange.rules.pace import Pace
from vovremya.exchange.writing import write_table
from vovremya.visits.models import Visit


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "pause_after", lambda seconds: 0.0)


Said = pytest.CaptureFixture[str]


def test_summary_names_what_became_of_the_rows(importer: Importer, capsys: Said) -> None:
    path = importer.file(visit_row(), visit_row(Номер="ЗН-2", Время="25:70"), visit_row(Номер="ЗН-3", VIN="1"))
    assert console.command([str(path), "--branch", "SEV"]) == 0
    said = capsys.readouterr().out
    assert "Не загружено: 2" in said
    assert "строка 3, «Время»: Время «25:70» не разобрать" in said
    assert "строка 4, «Пост/Подъёмник»: Пост занят: запись № ЗН-1, М347ВС77" in said
    assert "Загружено 1, изменено 0, без изменений 0, не загружено 2." in said


def test_dry_run_writes_nothing(importer: Importer, capsys: Said) -> None:
    path = importer.file(visit_row(VIN="1"))
    assert console.command([str(path), "--branch", "SEV", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "ничего не записано: загрузилось бы 1," in said
    assert "строка 2, «VIN»: VIN «1» не разобрать" in said
    assert not Visit.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("name", ["refused.csv", "refused.xlsx"])
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_refused_rows_are_written_corrected_and_imported(
    importer: Importer, tmp_path: Path, name: str, options: list[str], capsys: Said
) -> None:
    path = importer.file(
        visit_row(),
        visit_row(Номер="ЗН-2", Время="?", Телефон="+79990000001", Комментарий="=важный", Клиент="-Ким-"),
        visit_row(Номер="ЗН-3", Дата="46357.5", Время="", Пост="Пост 9"),
    )
    refused = tmp_path / name
    console.command([str(path), "--branch", "SEV", "--refused", str(refused), *options])
    assert f"записаны в {refused}" in capsys.readouterr().out
    _correct(refused, {"?": "15:00", "Пост 9": "Пост 2"})
    console.command([str(refused), "--branch", "SEV"])
    assert "Загружено 2, изменено 0, без изменений 0, не загружено 0." in capsys.readouterr().out
    visit = Visit.objects.get(external_number="ЗН-2")
    assert (visit.comment, visit.client.name) == ("=важный", "-Ким-")
    assert visit.client.phones.get().number == "+79990000001"


def _correct(path: Path, corrections: dict[str, str]) -> None:
    """What a person does in a spreadsheet."""
    from vovremya.exchange.reading import open_table
    from vovremya.exchange.rules.cells import text_of

    rows = [[text_of(cell) for cell in cells] for _, cells in open_table(path).rows]
    assert rows[0][-2:] == ["Строка в исходном файле", "Почему не загружено"]
    assert [row[-2] for row in rows[1:]] == ["3", "4"]
    assert "Время «?» не разобрать" in rows[1][-1]
    write_table(path, [[corrections.get(text, text) for text in row] for row in rows])


@pytest.mark.parametrize(("name", "text"), [("a.csv", "'+7"), ("a.xlsx", "+7")])
def test_nothing_written_can_come_to_life_as_a_formula(tmp_path: Path, name: str, text: str) -> None:
    import openpyxl

    path = tmp_path / name
    write_table(path, [["=1+1", "+7", "<б>&"]])
    if name.endswith("xlsx"):
        cells = openpyxl.load_workbook(path).worksheets[0][1]
        assert [cell.value for cell in cells] == ["=1+1", "+7", "<б>&"]
        assert {cell.data_type for cell in cells} == {"s"}
    else:
        assert path.read_text(encoding="utf-8-sig") == "'=1+1;'+7;<б>&\n"


def test_short_and_long_lists(importer: Importer, capsys: Said) -> None:
    path = importer.file(*[visit_row(Номер=f"ЗН-{number}", Время="?") for number in range(60)])
    console.command([str(path), "--branch", "SEV"])
    said = capsys.readouterr().out
    assert said.count("не разобрать") == 50
    assert "… и ещё 10" in said


def test_unknown_branch_names_those_there_are(importer: Importer, capsys: Said) -> None:
    assert console.command(["x.csv", "--branch", "XYZ"]) == 1
    assert "Филиала «XYZ» нет. Есть: SEV, VOS." in capsys.readouterr().out


@pytest.mark.django_db
def test_database_without_branches_says_so(capsys: Said) -> None:
    assert console.command(["x.csv", "--branch", "SEV"]) == 1
    assert "Есть: филиалов ещё нет." in capsys.readouterr().out


def test_unreadable_file_and_database(importer: Importer, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    assert console.command(["нет.csv", "--branch", "SEV"]) == 1
    assert "Файла «нет.csv» нет." in capsys.readouterr().out

    def fail(*_: object) -> None:
        raise OperationalError("no such table: directory_branch")

    monkeypatch.setattr(console, "branch_by_code", fail)
    assert console.command(["нет.csv", "--branch", "SEV"]) == 1
    assert "База данных не отвечает" in capsys.readouterr().out


def test_refused_rows_are_not_written_over_the_file_nor_where_they_cannot_be(
    importer: Importer, tmp_path: Path, capsys: Said
) -> None:
    path = importer.file(visit_row(Время="?"))
    content = path.read_bytes()
    assert console.command([str(path), "--branch", "SEV", "--refused", str(tmp_path / "." / path.name)]) == 1
    assert "Назовите другой." in capsys.readouterr().out
    assert path.read_bytes() == content
    assert not ImportRun.objects.exists()
    assert console.command([str(path), "--branch", "SEV", "--refused", str(tmp_path / "нет" / "a.csv")]) == 1
    assert "Незагруженные строки не записаны в" in capsys.readouterr().out


def test_interrupted_import_says_how_to_go_on(
    importer: Importer, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [visit_row(Номер=f"ЗН-{hour}", Время=f"{hour}:00", Норма="0,5") for hour in range(24)]
    path = importer.file(*rows)

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(console, "Pace", partial(Pace, 20))
        patch.setattr("vovremya.exchange.console.time.sleep", interrupt)
        assert console.command([str(path), "--branch", "SEV"]) == 130
    assert "Прервано, осталось строк: 4. Та же команда продолжит с этого места." in capsys.readouterr().out
    assert console.command([str(path), "--branch", "SEV"]) == 0
    assert "Загружено 24," in capsys.readouterr().out


def test_interrupted_reading_says_that_nothing_was_done(
    importer: Importer, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "begin", interrupt)
    assert console.command([str(importer.file()), "--branch", "SEV"]) == 130
    assert "ничего не загружено" in capsys.readouterr().out


def test_progress_counts_each_row_once(importer: Importer) -> None:
    importer.bring(visit_row())
    run = importer.begin(
        importer.file(visit_row(Номер="ЗН-2", Госномер="А001АА77"), visit_row(Время="14:00"), visit_row(Номер="ЗН-4"))
    )
    applied: list[actions.Applied] = []
    while not applied or applied[-1].rows:
        applied.append(importer.apply_next(run, 100))
    assert [each.settled for each in applied] == [1, 0, 1, 1]
    assert sum(each.settled for each in applied) == 3
