"""The watched folder: what is put there is imported by itself, or waits, or is put away with its reason."""

import logging
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
from tests.apps.exchange.reading_here import read_here
from tests.cast import MORNING, Cast
from vovremya.directory.models import Branch
from vovremya.directory.rules import PROGRAM, TRAINING_CODE
from vovremya.exchange import actions
from vovremya.exchange.actions import bringing
from vovremya.exchange.folder import STILL_FOR, Folder
from vovremya.exchange.held_open import Directory
from vovremya.exchange.models import FilePiece, ImportRow, ImportRun
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


class TestWhoeverMayWriteThere:
    """Gets no further by it."""

    @pytest.mark.parametrize("source", [ImportRun.Source.FOLDER, ImportRun.Source.BROWSER])
    def test_reads_no_other_import_by_the_number_in_a_name(
        self, branch_folder: Path, look: Look, cast: Cast, source: str
    ) -> None:
        branch = cast.other_branch if source == ImportRun.Source.FOLDER else cast.branch
        told = {"branch": branch, "source": source, "started_at": MORNING}
        ended = ImportRun.objects.create(stage=Stage.DONE, titles=["Клиент"], **told)
        ImportRow.objects.create(run=ended, number=2, state="refused", cells=["Кот Иван"])
        begun = ImportRun.objects.create(stage=Stage.UPLOADING, **told)
        names = sorted([f"{ended.pk} x", f"{begun.pk} x", "² x", f"{'9' * 40} x"])
        look(AT_ONCE)
        for name in names:
            (branch_folder / "working" / name).touch()
        look(AT_ONCE)
        begun.refresh_from_db()
        assert (files(branch_folder / "working"), files(branch_folder / "done")) == (names, [])
        assert begun.stage == Stage.UPLOADING

    def test_has_nothing_written_over_by_a_link_under_the_name_of_a_report(
        self, branch_folder: Path, look: Look, tmp_path: Path
    ) -> None:
        victim = tmp_path / "database"
        victim.write_text("whole")
        write_csv(branch_folder / "a.csv", [HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="?")])
        look(AT_ONCE)
        number = 1 + ImportRun.objects.create(branch=Branch.objects.all()[0], started_at=MORNING).pk
        names = (f"{number} a.csv", f"{number} a.csv — отчёт.txt", f"{number} a.csv — не загружено (1).xlsx")
        for name in names:
            (branch_folder / "done" / name).symlink_to(victim)
        look(LATER)
        assert victim.read_text() == "whole"
        came = [path for path in (branch_folder / "done").iterdir() if not path.is_symlink()]
        wanted = [f"{number} a (2).csv", f"{number} a.csv — не загружено (1) (2).xlsx"]
        assert sorted(path.name for path in came) == sorted([*wanted, f"{number} a.csv — отчёт (2).txt"])

    def test_leads_the_program_nowhere_by_a_linked_subfolder(
        self, branch_folder: Path, look: Look, tmp_path: Path, caplog: pytest.LogCaptureFixture, cast: Cast
    ) -> None:
        (tmp_path / "elsewhere").mkdir()
        (branch_folder / "done").symlink_to(tmp_path / "elsewhere")
        other = branch_folder.parent / cast.other_branch.code
        other.mkdir()
        for folder in (branch_folder, other):
            write_csv(folder / "a.csv", [HEADINGS, visit_row()])
        for after in (AT_ONCE, LATER):
            look(after)
        assert files(tmp_path / "elsewhere") == []
        assert (files(branch_folder), files(other)) == (["a.csv"], []), "the other branch does not wait"
        (told,) = [record.getMessage() for record in caplog.records]
        assert told == f"the import folder of a branch cannot be used: {branch_folder}: Not a directory"
        (branch_folder / "done").unlink()
        for after in (2 * LATER, 3 * LATER):
            look(after)
        assert files(branch_folder) == []

    def test_swaps_no_file_for_a_link_after_it_was_looked_at(
        self, branch_folder: Path, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write_csv(branch_folder / "a.csv", [HEADINGS, visit_row()])
        secret = write_csv(tmp_path / "secret.csv", [HEADINGS, visit_row()])
        look(AT_ONCE)
        read = Directory.read

        def swapped(directory: Directory, name: str) -> object:
            path.unlink()
            path.symlink_to(secret)
            return read(directory, name)

        monkeypatch.setattr(Directory, "read", swapped)
        look(LATER)
        assert (ImportRun.objects.count(), secret.exists()) == (0, True)


def test_file_that_is_written_while_it_is_read_waits_again(
    branch_folder: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(branch_folder / "a.csv", [HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="12:00")])
    look(AT_ONCE)
    monkeypatch.setattr("vovremya.exchange.folder.PIECE_BYTES", 40)

    def cut(*asked: object, **who: object) -> None:
        bringing.keep_piece(*asked, **who)  # type: ignore[arg-type]
        write_csv(path, [HEADINGS, visit_row()])

    with monkeypatch.context() as patch:
        patch.setattr("vovremya.exchange.folder.keep_piece", cut)
        look(LATER)
    assert (ImportRun.objects.count(), files(branch_folder)) == (0, ["a.csv"])
    monkeypatch.setattr("vovremya.exchange.folder.PIECE_BYTES", bringing.PIECE_BYTES)
    for after in (2 * LATER, 3 * LATER):
        look(after)
    assert (Visit.objects.count(), files(branch_folder)) == (1, [])


def test_file_of_which_the_database_has_but_a_part_is_refused_and_holds_up_nobody(
    branch_folder: Path, look: Look, cast: Cast
) -> None:
    look(AT_ONCE)
    run = bringing.begin_upload(cast.branch, "a.csv", 9, actor=PROGRAM, now=MORNING, source=ImportRun.Source.FOLDER)
    bringing.keep_piece(run, 0, b"half", actor=PROGRAM)
    (branch_folder / "working" / f"{run.pk} a.csv").write_bytes(b"half gone")
    write_csv(branch_folder / "b.csv", [HEADINGS, visit_row()])
    for after in (LATER, 2 * LATER):
        look(after)
    report = branch_folder / "refused" / f"{run.pk} a.csv — отчёт.txt"
    assert report.read_text("utf-8-sig") == "a.csv: файл не принят. Файл пришёл не целиком. Загрузите его ещё раз.\n"
    assert (Visit.objects.count(), FilePiece.objects.count(), files(branch_folder / "working")) == (1, 0, [])


@pytest.mark.parametrize("name", ["я" * 125 + ".csv", os.fsdecode(b"\xff" * 240 + b".csv"), "я" * 127])
def test_name_of_any_length_and_of_any_bytes_is_taken_and_reported_of(
    branch_folder: Path, look: Look, name: str
) -> None:
    write_csv(branch_folder / name, [HEADINGS, visit_row(), visit_row(Номер="ЗН-2", Время="?")])
    for after in (AT_ONCE, LATER):
        look(after)
    run = ImportRun.objects.get()
    assert (run.stage, files(branch_folder), files(branch_folder / "working")) == (Stage.DONE, [], [])
    beginning, *_ = put_away = files(branch_folder / "done")
    assert len(put_away) == 3
    assert beginning.startswith(f"{run.pk} {run.file_name[:50]}")


def test_file_that_fails_is_told_of_once_and_keeps_no_other_waiting(
    branch_folder: Path, look: Look, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    move = Directory.move

    def fail(directory: Directory, name: str, to: Directory, new_name: str) -> bool:
        if name.startswith("Смирнова"):
            raise OSError(36, "File name too long")
        return move(directory, name, to, new_name)

    for name in ("Смирнова.csv", "Я.csv"):
        write_csv(branch_folder / name, [HEADINGS, visit_row()])
    (branch_folder / "Смирнова пустая.csv").touch()
    with monkeypatch.context() as patch:
        patch.setattr(Directory, "move", fail)
        for times in range(5):
            look(times * LATER)
    assert (ImportRun.objects.count(), Visit.objects.count()) == (1, 1), "no run is left of a file that is not taken"
    assert (len(files(branch_folder)), files(branch_folder / "refused")) == (2, [])
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "a file stays in the import folder of branch SEV: File name too long")
    ] * 2
    for times in range(5, 7):
        look(times * LATER)
    assert files(branch_folder) == []


def test_training_branches_have_no_folder(branch_folder: Path, look: Look, cast: Cast) -> None:
    Branch.objects.filter(pk=cast.other_branch.pk).update(code=f"{TRAINING_CODE}-1")
    look(AT_ONCE)
    assert [path.name for path in branch_folder.parent.iterdir()] == [cast.branch.code]
