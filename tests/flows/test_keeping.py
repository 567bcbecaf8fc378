"""Copies of the database: taken while others write, put back with nothing lost."""

import os
import random
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings

from tests.flows import deeds
from tests.flows.serving import COMMAND, console, serving
from tests.races.arena import Arena, new_arena

on_sqlite = pytest.mark.skipif(bool(settings.DATABASE_URL), reason="on PostgreSQL a copy goes into an empty database")
on_postgresql = pytest.mark.skipif(not settings.DATABASE_URL, reason="on SQLite what was there is kept beside")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday.backup"


@pytest.fixture(autouse=True)
def folder(copy: Path) -> None:
    copy.parent.mkdir()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Arena:
    """Another machine, with nothing on it yet."""
    (tmp_path / "elsewhere").mkdir()
    return new_arena(tmp_path / "elsewhere")


def back_up(station: Arena, copy: Path) -> None:
    done = console(station, "backup", str(copy))
    assert done.returncode == 0, done.stderr
    assert "Copied and checked" in done.stdout


def put_back(arena: Arena, copy: Path) -> str:
    done = console(arena, "restore", str(copy))
    assert done.returncode == 0, done.stderr
    assert console(arena, "check").returncode == 0
    return done.stdout


def test_copy_has_everything_that_was_acknowledged_before_it_began(
    station: Arena, elsewhere: Arena, copy: Path
) -> None:
    station.alone(partial(deeds.book, "10:30"))
    acknowledged = station.alone(deeds.visit_ids)
    with ThreadPoolExecutor(1) as another:
        writing = another.submit(station.alone, partial(deeds.book_on_days, 40))
        back_up(station, copy)
        booked = writing.result()
    assert booked == 40
    put_back(elsewhere, copy)
    assert acknowledged <= elsewhere.alone(deeds.visit_ids)


def test_boards_read_everything_anew_after_a_copy_is_put_back(station: Arena, elsewhere: Arena, copy: Path) -> None:
    station.alone(partial(deeds.book, "10:30"))
    cursor = station.alone(deeds.feed_cursor)
    back_up(station, copy)
    put_back(elsewhere, copy)
    assert elsewhere.alone(partial(deeds.is_foreign, cursor))
    assert elsewhere.alone(deeds.told_from_the_beginning) == station.alone(deeds.told_from_the_beginning)


@on_sqlite
def test_what_was_there_before_is_kept_beside(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    later = station.alone(partial(deeds.book, "10:30"))
    said = put_back(station, copy)
    assert later not in station.alone(deeds.visit_ids)
    database = Path(station.environment["VOVREMYA_DATABASE"])
    (before,) = database.parent.glob("race.before-*.sqlite3")
    assert str(before) in said
    with sqlite3.connect(before) as kept:
        assert kept.execute("SELECT count(*) FROM visits_visit WHERE id = ?", [later]).fetchone() == (1,)
    kept.close()


@on_postgresql
def test_nothing_is_put_back_over_a_database_in_use(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    refused = console(station, "restore", str(copy))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr


@on_sqlite
def test_nothing_is_put_back_under_a_running_server(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    with serving(station):
        refused = console(station, "restore", str(copy))
    assert refused.returncode == 1
    assert "being served" in refused.stderr


def test_copy_never_replaces_another(station: Arena, copy: Path) -> None:
    copy.write_text("precious")
    refused = console(station, "backup", str(copy))
    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert copy.read_text() == "precious"


def test_of_the_copies_called_by_the_clock_the_newest_are_kept(station: Arena, copy: Path) -> None:
    folder = copy.parent
    old = [f"vovremya-20260101-0{hour}0000.backup" for hour in range(3)]
    foreign = ["monday.backup", "vovremya.sqlite3", "vovremya-20260101-000000.backup.gz"]
    for name in (*old, f"{old[0]}.part", *foreign):
        (folder / name).write_text("precious")
    done = console(station, "backup", "--into", str(folder), "--keep", "2")
    assert done.returncode == 0, done.stderr
    left = sorted(path.name for path in folder.iterdir())
    (fresh,) = set(left) - {*old, *foreign}
    assert left == sorted([*foreign, old[-1], fresh])
    assert f"Copied and checked: {folder / fresh}" in done.stdout
    assert done.stdout.count("Removed: ") == 3


def test_no_copy_is_removed_where_none_was_made(station: Arena, copy: Path) -> None:
    (copy.parent / "vovremya-20260101-000000.backup").write_text("precious")
    refused = console_with_files_up_to(64, station, "backup", "--into", str(copy.parent), "--keep", "1")
    assert refused.returncode == 1
    assert [path.read_text() for path in copy.parent.iterdir()] == ["precious"]


def test_no_half_copy_is_left_behind(station: Arena, copy: Path) -> None:
    refused = console(station, "backup", str(copy.parent / "no such folder" / "monday.backup"))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert not list(copy.parent.iterdir())


def console_with_files_up_to(kilobytes: int, arena: Arena, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As where the disk is full: nobody can write more of a file."""
    command = f"ulimit -f {kilobytes} && exec {COMMAND} {shlex.join(arguments)}"
    environment = {**os.environ, **arena.environment}
    return subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60)


def test_copy_that_does_not_fit_on_the_disk_leaves_nothing_behind(station: Arena, copy: Path) -> None:
    refused = console_with_files_up_to(64, station, "backup", str(copy))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert not list(copy.parent.iterdir())


@on_sqlite
def test_what_does_not_fit_on_the_disk_is_not_put_back(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    before = station.alone(deeds.visit_ids)
    refused = console_with_files_up_to(64, station, "restore", str(copy))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert station.alone(deeds.visit_ids) == before
    assert not list(copy.parent.parent.glob("race.*restored*"))


def with_stand_in(arena: Arena, folder: Path, program: str, first: str) -> Arena:
    """Where one of PostgreSQL's programs does something else first."""
    stand_in = folder / "programs" / program
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\n{first}\nexec {shutil.which(program)} "$@"\n')
    stand_in.chmod(0o755)
    return Arena({**arena.environment, "PATH": f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"})


@on_postgresql
def test_copy_is_made_by_every_parameter_of_the_address(station: Arena, copy: Path, tmp_path: Path) -> None:
    url = station.environment["VOVREMYA_DATABASE_URL"]
    told = {"sslmode": "disable", "sslrootcert": "/etc/vovremya/root.crt", "channel_binding": "disable"}
    noting = with_stand_in(station, tmp_path, "pg_dump", f'echo "$*" > {tmp_path}/seen')
    back_up(Arena({**noting.environment, "VOVREMYA_DATABASE_URL": f"{url}?{urlencode(told)}"}), copy)
    seen = (tmp_path / "seen").read_text()
    assert [f"{name}={value}" in seen for name, value in told.items()] == [True] * len(told)
    password = urlsplit(url).password
    assert password
    assert password not in seen


@on_postgresql
def test_what_was_put_back_by_half_is_not_served(station: Arena, elsewhere: Arena, copy: Path, tmp_path: Path) -> None:
    """Its rules come last: cut off before them, it is as good as nothing."""
    back_up(station, copy)
    cut_off = with_stand_in(elsewhere, tmp_path, "pg_restore", 'case "$*" in *post-data*) exit 1;; esac')
    assert console(cut_off, "restore", str(copy)).returncode == 1
    refused = console(elsewhere, "serve", "--port", "0")
    assert "does not guard itself" in refused.stderr
    assert "not empty" in console(elsewhere, "restore", str(copy)).stderr


@pytest.mark.parametrize("content", [b"", b"no copy at all"])
def test_what_is_no_copy_is_not_put_back(elsewhere: Arena, copy: Path, content: bytes) -> None:
    copy.write_bytes(content)
    refused = console(elsewhere, "restore", str(copy))
    assert refused.returncode == 1
    assert "is no copy made by" in refused.stderr


@on_sqlite
def test_damaged_copy_leaves_everything_as_it_was(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    torn = copy.read_bytes()
    copy.write_bytes(torn[: len(torn) // 2])
    before = station.alone(deeds.visit_ids)
    refused = console(station, "restore", str(copy))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert station.alone(deeds.visit_ids) == before


def overwritten(since: int, content: bytes) -> Callable[[Path], None]:
    def overwrite(database: Path) -> None:
        with database.open("r+b") as file:
            file.seek(since)
            file.write(content)

    return overwrite


def cut_in_half(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)


DAMAGES = {
    "the header is zeroed": overwritten(0, bytes(100)),
    "cut in half": cut_in_half,
    "garbage in the middle": overwritten(4096, random.Random(1).randbytes(400_000)),
}


@on_sqlite
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_copy_is_put_back_over_a_damaged_database(
    station: Arena, copy: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    back_up(station, copy)
    booked = station.alone(deeds.visit_ids)
    database = Path(station.environment["VOVREMYA_DATABASE"])
    damage(database)
    damaged = database.read_bytes()
    checked = console(station, "check")
    assert (checked.returncode, checked.stderr.count("\n")) == (1, 1)
    assert "is damaged" in checked.stderr
    said = put_back(station, copy)
    assert "none may be" in said
    assert "unless --erasures names them" in said
    assert station.alone(deeds.visit_ids) == booked
    (before,) = database.parent.glob("race.before-*.sqlite3")
    assert before.read_bytes() == damaged


@on_sqlite
def test_what_a_damaged_database_had_not_gathered_is_not_taken_for_the_copys(station: Arena, copy: Path) -> None:
    back_up(station, copy)
    database = Path(station.environment["VOVREMYA_DATABASE"])
    log = database.with_name(f"{database.name}-wal")
    with closing(sqlite3.connect(database)) as killed:
        killed.execute("PRAGMA journal_mode=WAL")
        killed.execute("UPDATE directory_network SET name = 'never gathered'")
        killed.commit()
        ungathered = log.read_bytes()
    log.write_bytes(ungathered)  # whoever closes properly takes it away
    cut_in_half(database)
    put_back(station, copy)
    with closing(sqlite3.connect(database)) as live:
        assert live.execute("SELECT count(*) FROM directory_network WHERE name = 'never gathered'").fetchone() == (0,)
    (before,) = database.parent.glob("race.before-*.sqlite3-wal")
    assert before.read_bytes() == ungathered
