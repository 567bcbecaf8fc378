"""Imports that go on by themselves: whoever of several watches has them, wherever they were broken off."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError

from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
from tests.apps.exchange.reading_here import read_here
from tests.cast import MORNING, Cast
from vovremya.exchange import actions, queries, texts
from vovremya.exchange.actions import bringing
from vovremya.exchange.actions.bringing import FILES_KEPT_FOR, MOST_UNFINISHED
from vovremya.exchange.actions.erasing import tell_of_staged_rows
from vovremya.exchange.actions.working import SHOWS_ITSELF_WITHIN, take_in_hand
from vovremya.exchange.folder import Folder
from vovremya.exchange.models import FilePiece, ImportRun
from vovremya.exchange.reading import FileRefused
from vovremya.exchange.refusals import NotAtThisStage, TooManyUnfinished
from vovremya.exchange.rules.headings import columns_from_data
from vovremya.exchange.worker import ImportWorker
from vovremya.kernel import clock
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.visits.models import Visit

Stage = ImportRun.Stage


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: MORNING)


@pytest.fixture
def sent(cast: Cast, tmp_path: Path) -> Callable[..., ImportRun]:
    def send(*rows: list[object], content: bytes = b"") -> ImportRun:
        path = write_csv(tmp_path / "a.csv", [HEADINGS, *rows])  # type: ignore[list-item]
        content = content or path.read_bytes()
        run = actions.begin_upload(cast.branch, "a.csv", len(content), actor=cast.supervisor, now=MORNING)
        for number, start in enumerate(range(0, len(content), bringing.PIECE_BYTES)):
            piece = content[start : start + bringing.PIECE_BYTES]
            actions.keep_piece(run, number, piece, actor=cast.supervisor)
        actions.end_upload(run, actor=cast.supervisor)
        return run

    return send


Sent = Callable[..., ImportRun]


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def work() -> None:
    worker = ImportWorker(Folder())
    while worker.turn():
        pass


def confirm(run: ImportRun, cast: Cast) -> None:
    run.refresh_from_db()
    chosen = run.chosen
    columns = columns_from_data(chosen["columns"])
    actions.choose_columns(run, chosen["sheet"], chosen["row"], columns, actor=cast.supervisor)


def stage_of(run: ImportRun) -> str:
    run.refresh_from_db()
    return run.stage


def test_file_larger_than_a_piece_is_put_together_in_its_order(
    sent: Sent, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "PIECE_BYTES", 40)
    run = sent(visit_row())
    assert FilePiece.objects.count() > 3
    work()
    assert run.pieces.count() > 3
    confirm(run, cast)
    work()
    actions.start(run, actor=cast.supervisor)
    work()
    assert (stage_of(run), run.counts, run.pieces.count()) == (Stage.DONE, {"imported": 1}, 0)


def test_piece_sent_again_is_the_same_and_what_is_no_piece_is_refused(cast: Cast) -> None:
    run = actions.begin_upload(cast.branch, "a.csv", 3, actor=cast.supervisor, now=MORNING)
    actions.keep_piece(run, 0, b"a;b", actor=cast.supervisor)
    actions.keep_piece(run, 0, b"c;d", actor=cast.supervisor)
    assert bytes(FilePiece.objects.get().content) == b"c;d"
    for number, content in ((1, b"x"), (0, b""), (0, b"x" * (bringing.PIECE_BYTES + 1)), (-1, b"x")):
        with pytest.raises(NotAtThisStage):
            actions.keep_piece(run, number, content, actor=cast.supervisor)
    actions.keep_piece(run, 0, b"a", actor=cast.supervisor)
    with pytest.raises(FileRefused, match="file_came_in_parts"):
        actions.end_upload(run, actor=cast.supervisor)


def test_what_is_not_worth_sending_is_refused_before(cast: Cast) -> None:
    for size, code in ((0, "file_empty"), (10**9, "file_too_large")):
        with pytest.raises(FileRefused, match=code):
            actions.begin_upload(cast.branch, "a.csv", size, actor=cast.supervisor, now=MORNING)
    for _ in range(MOST_UNFINISHED):
        actions.begin_upload(cast.branch, "a.csv", 1, actor=cast.supervisor, now=MORNING)
    with pytest.raises(TooManyUnfinished):
        actions.begin_upload(cast.branch, "a.csv", 1, actor=cast.supervisor, now=MORNING)


def test_nobody_without_the_right_brings_anything(cast: Cast, sent: Sent) -> None:
    run = sent(visit_row())
    for who, refused in ((cast.operator, NotAllowed), (cast.stranger, NotFound), (cast.manager, NotAllowed)):
        for act in (
            partial(actions.begin_upload, cast.branch, "a.csv", 1, now=MORNING),
            partial(actions.keep_piece, run, 0, b"x"),
            partial(actions.end_upload, run),
            partial(actions.choose_columns, run, "", 1, {}),
            partial(actions.back_to_columns, run),
            partial(actions.start, run),
            partial(actions.stop, run, now=MORNING),
        ):
            with pytest.raises(refused):
                act(actor=who)
    assert stage_of(run) == Stage.LOOKING


def test_import_in_one_watchs_hands_is_left_alone_by_the_other_until_that_one_is_dead(cast: Cast, sent: Sent) -> None:
    run = sent(visit_row())
    work()
    confirm(run, cast)
    run.refresh_from_db()
    grip = take_in_hand(run, MORNING)
    assert grip is not None
    assert (take_in_hand(run, MORNING), queries.next_under_way(MORNING)) == (None, None)
    assert grip.keep(MORNING)
    later = MORNING + SHOWS_ITSELF_WITHIN
    assert queries.next_under_way(later) == run
    taken_over = take_in_hand(run, later)
    assert taken_over is not None
    assert not grip.keep(later), "it notices"
    taken_over.let_go()
    assert queries.next_under_way(MORNING) == run


def test_reading_broken_off_begins_anew_and_applying_goes_on(
    cast: Cast, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sent(visit_row(), visit_row(Номер="ЗН-2", Время="12:00"))
    work()
    confirm(run, cast)
    monkeypatch.setattr("vovremya.exchange.actions.applying._STAGED_AT_ONCE", 1)
    actions.read(run, lambda: False, MORNING)  # the server ends after the first batch
    assert (stage_of(run), run.rows.count()) == (Stage.READING, 1)
    work()
    assert (stage_of(run), run.rows.count()) == (Stage.CHECKED, 2)
    actions.start(run, actor=cast.supervisor)
    actions.apply_next(run, 1, actor=cast.supervisor, now=MORNING, real_now=MORNING)
    assert Visit.objects.count() == 1
    work()
    assert (stage_of(run), Visit.objects.count()) == (Stage.DONE, 2)


def test_stopped_while_it_is_applied_keeps_what_it_has(cast: Cast, sent: Sent) -> None:
    run = sent(visit_row(), visit_row(Номер="ЗН-2", Время="12:00"))
    work()
    confirm(run, cast)
    work()
    actions.start(run, actor=cast.supervisor)
    actions.apply_next(run, 1, actor=cast.supervisor, now=MORNING, real_now=MORNING)
    actions.stop(run, actor=cast.supervisor, now=MORNING)
    work()
    assert actions.apply_next(run, 1, actor=cast.supervisor, now=MORNING, real_now=MORNING).rows == 0
    assert (stage_of(run), run.counts, Visit.objects.count()) == (Stage.STOPPED, {"imported": 1, "staged": 1}, 1)
    actions.stop(run, actor=cast.supervisor, now=MORNING)
    assert queries.has_rows_to_take_back(run)


def test_of_a_file_that_was_only_tried_nothing_is_kept(cast: Cast, sent: Sent) -> None:
    run = sent(visit_row())
    work()
    confirm(run, cast)
    work()
    actions.stop(run, actor=cast.supervisor, now=MORNING)
    assert (stage_of(run), run.rows.count(), run.pieces.count(), run.seen) == (Stage.STOPPED, 0, 0, [])
    assert not queries.has_rows_to_take_back(run)


def test_one_that_fails_is_set_aside_and_keeps_no_other_waiting(
    cast: Cast, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, sound = sent(visit_row()), sent(visit_row(Номер="ЗН-2"))
    look = actions.look

    def fail_once(run: ImportRun) -> None:
        if run == failing:
            raise ValueError("as no test foresaw")
        look(run)

    monkeypatch.setattr(actions, "look", fail_once)
    work()
    assert (stage_of(failing), stage_of(sound)) == (Stage.STOPPED, Stage.HEADINGS)
    assert texts.why_refused(failing).startswith("Внутренняя ошибка")


@pytest.mark.parametrize("step", ["look", "read", "foresee"])
def test_of_one_that_is_set_aside_nothing_is_kept_and_nobody_is_kept_from_being_erased(
    cast: Cast, sent: Sent, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_asked: object) -> None:
        raise ValueError("as no test foresaw")

    monkeypatch.setattr(actions, step, fail)
    run = sent(visit_row())
    work()
    if step != "look":
        confirm(run, cast)
        work()
    assert (stage_of(run), run.refusal["code"]) == (Stage.STOPPED, "import_failed")
    assert (run.pieces.count(), run.seen, run.rows.count()) == (0, [], 0)
    assert tell_of_staged_rows([], now=MORNING) == []


def test_database_that_is_away_is_waited_for(cast: Cast, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sent(visit_row())
    is_over = threading.Event()

    def be_away(_run: ImportRun) -> None:
        is_over.set()
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "look", be_away)
        patch.setattr("vovremya.exchange.worker.connection.close", lambda: None)
        patch.setattr("vovremya.exchange.worker.close_old_connections", lambda: None)
        ImportWorker(Folder()).run(is_over)
    assert stage_of(run) == Stage.LOOKING
    work()
    assert stage_of(run) == Stage.HEADINGS


def test_file_that_was_not_moved_along_with_the_installation_is_asked_for_again(sent: Sent) -> None:
    run = sent(visit_row())
    run.pieces.all().delete()
    work()
    assert (stage_of(run), run.refusal["code"]) == (Stage.REFUSED, "file_came_in_parts")


def test_file_that_nobody_goes_on_with_is_forgotten(cast: Cast, sent: Sent) -> None:
    run = sent(visit_row())
    work()
    actions.forget_left_files(MORNING + FILES_KEPT_FOR)
    assert stage_of(run) == Stage.HEADINGS
    actions.forget_left_files(MORNING + FILES_KEPT_FOR * 2)
    assert (stage_of(run), run.seen, run.pieces.count()) == (Stage.STOPPED, [], 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 torn", "file_broken"),
        (b"<html><table>", "file_is_page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_broken"),
    ],
)
def test_bad_file_is_told_of_and_nothing_of_it_is_kept(sent: Sent, content: bytes, code: str) -> None:
    run = sent(content=content)
    work()
    assert (stage_of(run), run.refusal["code"], run.pieces.count()) == (Stage.REFUSED, code, 0)
    assert texts.why_refused(run)
