"""Some dozens of torn and hostile files; `python -m tests.proof.fuzz_import` tries as many as one likes."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apps.exchange.test_reading import PLACE, refusal_of
from tests.cast import MORNING, Cast
from tests.proof.broken_files import TRAPS, draw
from vovremya.exchange import actions, texts
from vovremya.exchange.actions.bringing import PIECE_BYTES
from vovremya.exchange.models import ImportRun
from vovremya.exchange.reading import FileRefused, open_table
from vovremya.exchange.rules.rows import read_row, visit_rows
from vovremya.visits.models import Visit


@settings(derandomize=True, max_examples=150, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_file_is_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "table"
    draw(Random(seed), path)
    is_told = False
    try:
        table = open_table(path)
        for row in visit_rows(table.layout, table.rows):
            read_row(table.layout, row, PLACE)
        is_told = bool(table.layout.titles)
    except FileRefused as refused:
        is_told = bool(texts.file_refusal_text(refused))
    assert is_told


@pytest.mark.parametrize(
    ("trap", "code"),
    [
        ("entities that multiply, xlsx", "file_broken"),
        ("entities that multiply, ods", "file_broken"),
        ("entity from another file, ods", "file_broken"),
        ("ten million nested elements, ods", "file_broken"),
        ("a repeat of five thousand digits, ods", "table_too_large"),
        ("a cell at the far corner, xlsx", "table_too_large"),
        ("a cell at the far corner in small letters, xlsx", "table_too_large"),
        ("a cell at the far corner in other quotes, xlsx", "table_too_large"),
        ("a cell at the far corner behind a long attribute, xlsx", "table_too_large"),
        ("a cell beyond the sheet, xlsx", "table_too_large"),
        ("a cell without a place in the last row, xlsx", "table_too_large"),
        ("sectors in a circle, xls", "file_broken"),
        ("nothing but separators, csv", "table_broken"),
        ("a line of 45 MB, csv", "table_broken"),
    ],
)
def test_trap_is_told_of(tmp_path: Path, trap: str, code: str) -> None:
    TRAPS[trap](tmp_path / "table")
    assert refusal_of(tmp_path / "table").code == code


@pytest.mark.timeout(120)
def test_import_is_bounded_in_memory_and_time() -> None:
    traps = ["a line of 100 MB, csv", "a million columns, csv", "a cell beyond the sheet, xlsx"]
    command = [sys.executable, "-m", "tests.proof.fuzz_import", "--seconds", "2", "--traps", *traps]
    run = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


UPLOADED = (*map(str, range(6)), "entities that multiply, xlsx", "sectors in a circle, xls")


@pytest.mark.parametrize("trap", UPLOADED)
def test_hostile_upload_is_told_of_and_writes_nothing(cast: Cast, tmp_path: Path, trap: str) -> None:
    """The same through the browser's door: by pieces, and read by the thread beside the watch."""
    path = tmp_path / "table"
    if trap.isdigit():
        draw(Random(int(trap)), path)
    else:
        TRAPS[trap](path)
    run = actions.begin_upload(cast.branch, path.name, path.stat().st_size, actor=cast.supervisor, now=MORNING)
    with path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
            actions.keep_piece(run, number, content, actor=cast.supervisor)
    actions.end_upload(run, actor=cast.supervisor)
    actions.look(run)
    run.refresh_from_db()
    assert run.stage in (ImportRun.Stage.REFUSED, ImportRun.Stage.HEADINGS)
    assert texts.why_refused(run) or run.seen
    assert Visit.objects.count() == 0
