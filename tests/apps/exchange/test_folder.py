"""The watched folder: what is put there is imported by itself, or waits, or is put away with its reason."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
from tests.apps.exchange.reading_here import read_here
from tests.cast import MORNING, Cast
from vovremya.exchange import actions
from vovremya.exchange.folder import STILL_FOR, Folder
from vovremya.exchange.models import ImportRun
from vovremya.exchange.reading import open_table
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.worker import ImportWorker
from vovremya.kernel import clock
from vovremya.visits.models import Visit

Stage = ImportRun.Stage


@pytest.fixture
def branch_folder(cast: Cast, tmp_path: Path) -> Path:
    folder = tmp_path / "imports" / cast.branch.code
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def look(branch_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """As the thread does, at a time of real time; and everything that is to do is done."""
    monkeypatch.setattr(clock, "real_now", lambda: MORNING)
    read_here(monkeypatch)
    folder = Folder(branch_folder.parent)

    def looked(after: timedelta) -> None:
        folder.look(MORNING, MORNING + after)
        worker = ImportWorker(Folder())
        while worker.turn():
            pass
        folder.look(MORNING, MORNING + after)

    return looked


Look = Callable[[timedelta], None]
AT_ONCE, LATER, SECOND = timedelta(0), STILL_FOR, timedelta(seconds=1)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_file_that_stands_still_is_imported_and_put_away_with_a_report(branch_folder: Path, look: Look) -> None:
    write_csv(branch_folder / "Запись.csv", [HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="?")])
    look(AT_ONCE)
    look(LATER - SECOND)
    assert (files(branch_folder), Visit.objects.count()) == (["Запись.csv"], 0)
    look(LATER)
    run = ImportRun.objects.get()
    assert (run.stage, run.source, run.user, Visit.objects.count()) == (Stage.DONE, "folder", None, 1)
    name = f"{run.pk} Запись.csv"
    report, refused = f"{name} — отчёт.txt", f"{name} — не загружено (1).xlsx"
    assert files(branch_folder) == files(branch_folder / "working") == []
    assert files(branch_folder / "done") == sorted([name, report, refused])
    said = (branch_folder / "done" / report).read_text("utf-8-sig")
    assert said == "Запись.csv: загружен. загружено 1, изменено 0, без изменений 0, не загружено 1\n"
    assert [cells[0] for _, cells in open_table(branch_folder / "done" / refused).rows] == ["№ записи", "ЗН-2"]


def test_file_that_grows_is_left_alone(branch_folder: Path, look: Look) -> None:
    path = write_csv(branch_folder / "a.csv", [HEADINGS, visit_row()])
    look(AT_ONCE)
    write_csv(path, [HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="12:00")])
    look(LATER)
    assert Visit.objects.count() == 0
    look(2 * LATER)
    assert Visit.objects.count() == 2


def test_unknown_headings_wait_for_somebody_who_names_them(branch_folder: Path, look: Look, cast: Cast) -> None:
    headings = ["А", "Б", "В", "Г", "Д", *HEADINGS[5:]]
    write_csv(branch_folder / "a.csv", [headings, visit_row()])
    for after in (AT_ONCE, LATER):
        look(after)
    run = ImportRun.objects.get()
    assert (run.stage, files(branch_folder / "working")) == (Stage.HEADINGS, [f"{run.pk} a.csv"])
    columns = {0: Column.RECORD, 1: Column.DATE, 2: Column.TIME, 3: Column.BAY, 4: Column.CLIENT, 7: Column.PLATE}
    actions.choose_columns(run, "", 1, columns, actor=cast.supervisor)
    look(LATER)
    assert (Visit.objects.count(), files(branch_folder / "working")) == (1, [])
    write_csv(branch_folder / "b.csv", [headings, visit_row(Номер="ЗН-2", Время="12:00")])
    for after in (2 * LATER, 3 * LATER):
        look(after)
    assert Visit.objects.count() == 2, "known from now on"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "Файл пуст."), (b"%PDF-1.7 nothing", "Это не таблица. Нужен файл XLSX, XLS, ODS или CSV.")],
)
def test_what_is_no_table_is_put_away_with_its_reason(
    branch_folder: Path, look: Look, content: bytes, words: str
) -> None:
    (branch_folder / "a.csv").write_bytes(content)
    for after in (AT_ONCE, LATER):
        look(after)
    run = ImportRun.objects.get()
    report = branch_folder / "refused" / f"{run.pk} a.csv — отчёт.txt"
    assert report.read_text("utf-8-sig") == f"a.csv: файл не принят. {words}\n"
    assert files(branch_folder / "refused") == sorted([f"{run.pk} a.csv", report.name])


def test_unfinished_files_and_links_are_not_touched(branch_folder: Path, look: Look, tmp_path: Path) -> None:
    outside = write_csv(tmp_path / "secret.csv", [HEADINGS, visit_row()])
    (branch_folder / "link.csv").symlink_to(outside)
    for name in (".a.csv", "~$a.xlsx", "a.csv.part"):
        write_csv(branch_folder / name, [HEADINGS, visit_row()])
    for after in (AT_ONCE, LATER):
        look(after)
    assert ImportRun.objects.count() == 0


def test_file_taken_by_one_that_died_is_gone_on_with(
    branch_folder: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv(branch_folder / "a.csv", [HEADINGS, visit_row()])
    look(AT_ONCE)
    with monkeypatch.context() as patch:
        patch.setattr("vovremya.exchange.folder.end_upload", _die)
        with pytest.raises(KeyboardInterrupt):
            look(LATER)
    assert files(branch_folder / "working") != []
    look(LATER)
    assert (Visit.objects.count(), files(branch_folder / "working")) == (1, [])


def _die(*_asked: object, **_who: object) -> None:
    raise KeyboardInterrupt
