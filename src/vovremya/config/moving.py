"""Moving an installation from its SQLite file into an empty PostgreSQL: ahead while everybody works, the rest alone.

Django's own connection is the one to PostgreSQL here, and the file is read by the name of `SOURCE`. Rows are compared
range by range, and only what differs is written: so a move that was cut off goes on where it was, what changed since
is caught up with, and what is equal has been seen to be equal. Until everything is there the new database has neither
indexes nor references, hence no order in which rows have to come; and it lacks its guards, so that nobody serves it.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import AutoField, Model
from django.db.models.fields import Field

from vovremya.config import serving, upgrading
from vovremya.config.checking import problems_found
from vovremya.config.keeping import to_disk
from vovremya.directory.actions import begin_epoch
from vovremya.directory.models import Installation
from vovremya.exchange.models import FilePiece
from vovremya.journal import append_only
from vovremya.journal.rules import row_digest

SOURCE = "source"
#: Rows that are read, compared and written at once, and after how many of them the console hears something.
_RANGE, _TOLD_AFTER = 2_000, 50_000
_ASKS_AGAIN_AFTER_SECONDS = 1.0
_MOST_TOLD = 20
#: Any number that nobody else locks on this database.
_MOVING = 0x766F766D
_PREPARED, _FINISHED = "prepared", "finished"

Row = Sequence[Any]
Tell = Callable[[str], None]


class MoveFailed(Exception):
    """The installation is where it was. Says why."""


@dataclass(frozen=True)
class Moved:
    """What was left of the file, and what `vovremya check` says of the rows as they were and are."""

    kept_as: Path
    problems: list[str]


def move(file: Path, tell: Tell, now: datetime) -> Moved:
    """Until everything is in the new database and the file is set aside. Waits for its servers to be stopped."""
    aside = file.with_name(f"{file.stem}.being-moved{file.suffix}")
    is_aside = aside.exists()  # a move was killed at its end
    if is_aside and file.exists():
        raise MoveFailed(f"{file} appeared while its installation, {aside}, was being moved: take it away first")
    try:
        with _reading(aside if is_aside else file), _moving_alone():
            if _prepare(is_aside) != _FINISHED:
                _copy_ahead(file, tell)
                _copy_all(tell)
                with _set_aside(file, aside):
                    _finish()
            problems = list(islice(problems_found(), _MOST_TOLD))
            kept_as = file.with_name(f"{file.stem}.moved-{now:%Y%m%d-%H%M%S}{file.suffix}")
            aside.rename(kept_as)
            _execute("DROP TABLE being_moved")
            _execute("ANALYZE")
    except (DatabaseError, OSError, UnicodeError) as error:
        raise MoveFailed(f"cannot move {file}: {_first_line(error)}") from error
    return Moved(kept_as, problems)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    if not file.exists():
        raise MoveFailed(f"there is no database at {file}: VOVREMYA_DATABASE names it")
    connections.databases[SOURCE] = {
        **connections.databases["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{file.absolute().as_uri()}?mode=rw",
        "OPTIONS": {"timeout": 5},
    }
    try:
        if serving.pending_migrations(connections[SOURCE]) or not Installation.objects.using(SOURCE).exists():
            raise MoveFailed(f"{file} is empty or not up to date: start `vovremya serve` of this release on it once")
        yield
    finally:
        connections[SOURCE].close()


@contextmanager
def _moving_alone() -> Iterator[None]:
    """Nobody else moves to the same database meanwhile."""
    try:
        _execute(f"SELECT pg_advisory_lock({_MOVING})")
    except OperationalError as error:
        raise MoveFailed(f"another `vovremya move-to` is under way to this database: {_first_line(error)}") from error
    try:
        yield
    finally:
        with suppress(DatabaseError):  # else the connection is gone, and the lock with it
            _execute(f"SELECT pg_advisory_unlock({_MOVING})")


# --- the new database: made ready, and made whole ----------------------------------------------------------------


def _prepare(is_aside: bool) -> str:
    """Make the tables, without anything that would refuse a row for the sake of another. Returns the stage."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        _execute(f"SET {limit} = 0")
    epoch, stage = Installation.objects.using(SOURCE).get().epoch, ""
    tables = set(connection.introspection.table_names())
    if "being_moved" in tables:
        ((source, stage),) = _rows("SELECT source, stage FROM being_moved")
        if source != epoch:
            raise MoveFailed("another installation is being moved to this database: make a new, empty one")
    elif tables:
        raise MoveFailed("the database to move to is not empty: make a new one")
    else:
        _execute("CREATE TABLE being_moved AS SELECT %s AS source, '' AS stage", [epoch])
    if stage == _FINISHED and not is_aside:
        raise MoveFailed(
            "everything was moved to this database already; what was written to the file since then is not in it: "
            "make a new, empty one to move to"
        )
    if not stage:
        upgrading.migrate()
        _lay_rules_by()
        stage = _PREPARED
    if stage == _PREPARED:
        append_only.take_out(connection)  # also where a `migrate` in between put them in
    return stage


_RULES = """
CREATE TABLE being_moved_rule AS
SELECT row_number() OVER (ORDER BY contype = 'f') AS place,
       format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drops,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS adds
  FROM pg_constraint
 WHERE connamespace = current_schema()::regnamespace AND contype IN ('u', 'x', 'f')
UNION ALL
SELECT 0, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
 WHERE relnamespace = current_schema()::regnamespace
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
"""


def _lay_rules_by() -> None:
    """Indexes, references and the guard of the bays: noted in the database itself, for a move that is cut off."""
    with transaction.atomic():
        _execute(_RULES)
        for (drops,) in _rows("SELECT drops FROM being_moved_rule ORDER BY place DESC"):
            _execute(drops)
        _execute("UPDATE being_moved SET stage = %s", [_PREPARED])


def _finish() -> None:
    """In one step: PostgreSQL itself tries every rule on every row."""
    with transaction.atomic():
        for (adds,) in _rows("SELECT adds FROM being_moved_rule ORDER BY place"):
            _execute(adds)
        append_only.put_in(connection.alias)
        _go_on_numbering()
        begin_epoch()
        _execute("DROP TABLE being_moved_rule")
        _execute("UPDATE being_moved SET stage = %s", [_FINISHED])


def _go_on_numbering() -> None:
    """After the last number that was ever given out, also where its row is gone: the journal may speak of it."""
    for name, last in _rows("SELECT name, seq FROM sqlite_sequence WHERE seq > 0", using=SOURCE):
        for table in _tables():
            if table.name == name and table.is_numbered:
                _execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [name, table.key.column, last])


# --- the file ----------------------------------------------------------------------------------------------------


def _copy_ahead(file: Path, tell: Tell) -> None:
    """What can be done while others have the file open. Returns when nobody but us can get at it any more."""
    if _take_alone():
        return
    tell(f"{file} is in use: copying ahead while everybody works.")
    _copy_all(tell)
    tell("Stop the servers and watches now, this command waits for it. Then it copies what changed meanwhile.")
    while not _take_alone():
        time.sleep(_ASKS_AGAIN_AFTER_SECONDS)


def _take_alone() -> bool:
    """SQLite leaves its log for a single file only where nobody else has it open; and then we keep it locked."""
    source = connections[SOURCE]
    try:
        with source.cursor() as cursor:
            for statement in (
                "PRAGMA locking_mode=EXCLUSIVE",
                "PRAGMA journal_mode=DELETE",
                "BEGIN EXCLUSIVE",
                "COMMIT",
            ):
                cursor.execute(statement)
    except OperationalError as error:
        source.close()
        if "locked" not in str(error):
            raise
        return False
    return True


@contextmanager
def _set_aside(file: Path, aside: Path) -> Iterator[None]:
    """Whenever we are killed, nobody serves the file any more once the new database can be served."""
    if not aside.exists():
        file.rename(aside)
        to_disk(file.parent)
    try:
        yield
    except BaseException:
        aside.rename(file)
        raise


# --- rows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> "list[Field[Any, Any]]":
        return list(self.model._meta.local_concrete_fields)

    @property
    def key(self) -> "Field[Any, Any]":
        return self.model._meta.pk

    @property
    def is_numbered(self) -> bool:
        return isinstance(self.key, AutoField)

    def rows(self, using: str, *, after: int, up_to: int | None = None, limit: int | None = None) -> dict[Any, Row]:
        """By their keys and in the order of them."""
        found = self.model._base_manager.using(using).order_by("pk")
        if self.is_numbered:
            found = found.filter(pk__gt=after)
            if up_to is not None:
                found = found.filter(pk__lte=up_to)
        names = [field.attname for field in self.fields]
        return {row[0]: row[1:] for row in found.values_list("pk", *names)[:limit]}


def _tables() -> list[_Table]:
    """All that are Django's or ours, but for its record of migrations, which the new database has of its own, and for
    files on their way to an import, which is told that it has to be sent again."""
    models = (model for model in apps.get_models(include_auto_created=True) if model is not FilePiece)
    return [_Table(model) for model in models if model._meta.managed]


def _copy_all(tell: Tell) -> None:
    for table in _tables():
        count, digest = _copy_table(table, tell)
        tell(f"{table.name}: {count} rows, all equal, {digest[:16]}")


def _copy_table(table: _Table, tell: Tell) -> tuple[int, str]:
    """Let the new database have these rows and no others. Returns how many, and the digest of them all."""
    count, whole, after, is_last = 0, hashlib.sha256(), 0, False
    while not is_last:
        # Keys that are no numbers are sorted by either database in its own way: such tables are small.
        rows = table.rows(SOURCE, after=after, limit=_RANGE if table.is_numbered else None)
        is_last = len(rows) < _RANGE or not table.is_numbered
        up_to = None if is_last else max(rows)
        for digest in _copy_range(table, rows, after, up_to):
            whole.update(digest.encode())
        after = up_to or after
        if (count + len(rows)) // _TOLD_AFTER > count // _TOLD_AFTER:
            tell(f"{table.name}: {count + len(rows)} rows…")
        count += len(rows)
    return count, whole.hexdigest()


def _copy_range(table: _Table, rows: dict[Any, Row], after: int, up_to: int | None) -> list[str]:
    """Returns the digests of the rows: those of the new database as well, which was read after it was written."""
    wanted = _digests(rows)
    with transaction.atomic():
        there = _digests(table.rows("default", after=after, up_to=up_to))
        if there != wanted:
            others = [key for key, digest in there.items() if wanted.get(key) != digest]
            _delete(table, others)
            _insert(table, [row for key, row in rows.items() if there.get(key) != wanted[key]])
            there = _digests(table.rows("default", after=after, up_to=up_to))
            if differing := [str(key) for key in wanted | there if wanted.get(key) != there.get(key)]:
                raise MoveFailed(f"{table.name} is not as it was: {', '.join(differing[:_MOST_TOLD])}")
    return list(wanted.values())


def _digests(rows: dict[Any, Row]) -> dict[Any, str]:
    return {key: row_digest(row) for key, row in rows.items()}


def _delete(table: _Table, keys: list[Any]) -> None:
    if keys:
        name, column = _quoted(table.name), _quoted(table.key.column)
        _execute(f"DELETE FROM {name} WHERE {column} = ANY(%s)", [keys])  # noqa: S608


def _insert(table: _Table, rows: list[Row]) -> None:
    try:
        with transaction.atomic():
            _copy_in(table, rows)
    except (DataError, IntegrityError) as error:
        if len(rows) == 1:
            names = [field.attname for field in table.fields]
            key = rows[0][names.index(table.key.attname)]
            raise MoveFailed(f"PostgreSQL does not take row {key} of {table.name}: {_first_line(error)}") from error
        for row in rows:  # which one was it?
            _insert(table, [row])


def _first_line(error: Exception) -> str:
    """Further lines of PostgreSQL quote the row, which is nobody's business at a console."""
    return str(error).partition("\n")[0]


def _copy_in(table: _Table, rows: list[Row]) -> None:
    columns = ", ".join(_quoted(field.column) for field in table.fields)
    statement = f"COPY {_quoted(table.name)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            pairs = zip(table.fields, row, strict=True)
            copy.write_row([field.get_db_prep_save(value, connection) for field, value in pairs])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _execute(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _rows(statement: str, using: str = "default") -> list[Row]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
