"""Copies of the database: taken while the program writes, checked before they count, put back with nothing lost.

A copy of SQLite is a SQLite file again, one of PostgreSQL an archive of its own `pg_dump`. A copy appears under its
name only when it is whole, on the disk, and has passed the check. What is put back is another database than before
to whoever follows it: it gets a new epoch, and open boards read everything anew.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from vovremya.config import upgrading
from vovremya.config.checking import problems_found
from vovremya.config.failing import is_damaged
from vovremya.directory.actions import begin_epoch
from vovremya.journal import append_only
from vovremya.visits.actions.erasing import erase_again, scrub_erased

#: How SQLite and `pg_dump` begin their files.
_SQLITE, _ARCHIVE = b"SQLite format 3\0", b"PGDMP"
_PARTIAL = ".part"
_DATED = re.compile(rf"vovremya-\d{{8}}-\d{{6}}\.backup(?:{re.escape(_PARTIAL)})?")
#: As libpq marks parameters that are not to be seen.
_HIDDEN = b"*"
_ROOM_TO_SPARE = 1.1
_MOST_TOLD = 20
#: What SQLite keeps beside a file.
_COMPANIONS = ("-journal", "-wal", "-shm")


class CopyFailed(Exception):
    """No copy was made, or none put back, and everything is as it was. Says why."""


def back_up(target: Path) -> None:
    """Copy the database as it stands now into a new file, while others go on writing. Raises `CopyFailed`."""
    if target.exists():
        raise CopyFailed(f"{target} is there already: a copy never replaces another")
    partial = target.with_name(f"{target.name}{_PARTIAL}")
    try:
        if connection.vendor == "postgresql":
            _dump(partial)
        else:
            _copy(Path(str(connection.settings_dict["NAME"])), partial)
            _check(partial)
        to_disk(partial)
        partial.rename(target)
        to_disk(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise CopyFailed(f"cannot write {target}: {error}") from error
    finally:
        _remove(partial)


def dated(folder: Path, now: datetime) -> Path:
    """What a copy made now is called there; by name they stand in the order of time."""
    return folder / f"vovremya-{now:%Y%m%d-%H%M%S}.backup"


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest of the copies called by `dated`, and what older ones left that were cut off; nothing
    else that lies there. Raises `CopyFailed`."""
    try:
        called = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name))
        kept = [path for path in called if path.suffix != _PARTIAL][-keep:]
        old = [path for path in called if path < kept[0]]
        for path in old:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise CopyFailed(f"the copy is made, but an older one cannot be removed: {error}") from error
    return old


def put_back(source: Path, now: datetime, erasures: Sequence[Mapping[str, Any]] = ()) -> Path | None:
    """Let the database be as the copy has it, brought up to date, without whom these acts have erased since. Raises
    `CopyFailed`.

    On SQLite what was there before is kept beside it, under the name that is returned; on PostgreSQL the database has
    to be empty.
    """
    kind = _kind(source)
    if kind != connection.vendor:
        raise CopyFailed(f"{source} is a copy from {kind}, and this database is of {connection.vendor}")
    if kind == "postgresql":
        _restore_dump(source)
        _erase_again(erasures, now)
        if found := list(islice(problems_found(), _MOST_TOLD)):
            raise CopyFailed("what was put back does not pass the check:\n" + "\n".join(found))
        return None
    return _put_back_file(source, Path(str(connection.settings_dict["NAME"])), now, erasures)


def _erase_again(erasures: Sequence[Mapping[str, Any]], now: datetime) -> None:
    if erase_again(erasures, now):
        scrub_erased(now)


def _kind(source: Path) -> str:
    try:
        with source.open("rb") as file:
            begins = file.read(len(_SQLITE))
    except OSError as error:
        raise CopyFailed(f"cannot read {source}: {error}") from error
    if begins == _SQLITE:
        return "sqlite"
    if begins.startswith(_ARCHIVE):
        return "postgresql"
    raise CopyFailed(f"{source} is no copy made by `vovremya backup`")


# --- SQLite ------------------------------------------------------------------------------------------------------


def _copy(source: Path, partial: Path) -> None:
    """In one step: a copy taken in pieces would begin anew with every write of others."""
    _require_room(source, partial.parent)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(partial)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise CopyFailed(f"the database is damaged: {found}")


def _require_room(source: Path, folder: Path) -> None:
    wanted, free = int(source.stat().st_size * _ROOM_TO_SPARE), shutil.disk_usage(folder).free
    if free < wanted:
        raise CopyFailed(f"{folder} has {free // 2**20} MB left, the copy wants {wanted // 2**20} MB")


def _put_back_file(source: Path, target: Path, now: datetime, erasures: Sequence[Mapping[str, Any]]) -> Path | None:
    """Everything is done to a file beside it; the last step is to change the names."""
    fresh = target.with_name(f"{target.name}.restored")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _require_room(source, target.parent)
        _remove(fresh)
        shutil.copy(source, fresh)
        with _at(fresh):
            upgrading.migrate()
            begin_epoch()
            _erase_again(erasures, now)
        _check(fresh)
        to_disk(fresh)
        before = _keep_beside(target, now) if target.exists() else None
        fresh.rename(target)
        to_disk(target.parent)
    except (OSError, sqlite3.Error, DatabaseError) as error:
        raise CopyFailed(f"cannot put {source} back: {error}") from error
    finally:
        _remove(fresh)
    return before


def _keep_beside(target: Path, now: datetime) -> Path:
    """Under both its names until the copy takes one of them over: killed in between, there is still a database."""
    connection.close()
    before = target.with_name(f"{target.stem}.before-{now:%Y%m%d-%H%M%S}{target.suffix}")
    try:
        _gather(target)
    except sqlite3.Error as error:
        if not is_damaged(error):
            raise
        _set_aside(target, before)
        return before
    try:
        before.hardlink_to(target)
    except OSError:  # not every file system gives a file two names
        target.rename(before)
    return before


def _gather(live: Path) -> None:
    """Into the one file, without companions."""
    with closing(sqlite3.connect(live)) as connected:
        connected.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connected.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else has it open


def _set_aside(damaged: Path, before: Path) -> None:
    """With its companions, and those first: SQLite would take them for the new file's own, and write them into it."""
    for suffix in (*_COMPANIONS, ""):
        with suppress(FileNotFoundError):
            damaged.with_name(damaged.name + suffix).rename(before.with_name(before.name + suffix))


@contextmanager
def _at(file: Path) -> Iterator[None]:
    """Let Django's connection be one to this file meanwhile."""
    connection.close()
    usual, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], str(file)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _check(copy: Path) -> None:
    """By the same check that a live database is asked for."""
    with _at(copy):
        if found := list(islice(problems_found(), _MOST_TOLD)):
            raise CopyFailed("the copy does not pass the check:\n" + "\n".join(found))


# --- PostgreSQL --------------------------------------------------------------------------------------------------


def _dump(partial: Path) -> None:
    _run_client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(partial))
    _run_client("pg_restore", "--list", str(partial), says_database=False)


def _restore_dump(source: Path) -> None:
    """The rules of the database come last: cut off in between, it lacks its guards, and nobody serves it."""
    if connection.introspection.table_names():
        raise CopyFailed("this database is not empty: make a new one, and name that by VOVREMYA_DATABASE_URL")
    _restore_sections(source, "--section=pre-data", "--section=data")
    connection.close()
    append_only.forget_transactions(connection)
    begin_epoch()
    _restore_sections(source, "--section=post-data")
    upgrading.migrate()


def _restore_sections(source: Path, *sections: str) -> None:
    how = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run_client("pg_restore", *how, *sections, str(source))


def _run_client(program: str, *arguments: str, says_database: bool = True) -> None:
    """One of PostgreSQL's own programs, told of the database. The password goes by the environment: anybody may see a
    command line."""
    path = shutil.which(program)
    if path is None:
        raise CopyFailed(f"{program} is not installed: it comes with PostgreSQL's client programs, postgresql-client")
    database, password = _as_libpq_is_told()
    done = subprocess.run(  # noqa: S603
        [path, *(["--dbname", database] if says_database else []), *arguments],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CopyFailed(f"{program} failed:\n{done.stderr}".rstrip())


def _as_libpq_is_told() -> tuple[str, str]:
    """The database as the program itself reaches it, TLS and all, and the password apart. A program too old for one of
    these parameters refuses it, where by the environment it would reach an unverified server without a word."""
    known = connection.get_connection_params()
    shown = (option.keyword.decode() for option in Conninfo.get_defaults() if option.dispchar != _HIDDEN)
    return make_conninfo(**{name: known[name] for name in shown if name in known}), str(known.get("password", ""))


# --- files -------------------------------------------------------------------------------------------------------


def to_disk(path: Path) -> None:
    """A file's content, or a folder's names, as after a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for suffix in ("", *_COMPANIONS):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
