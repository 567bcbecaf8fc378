"""Making deleted bytes go from the files of the database, where deleting rows alone may leave them in free room."""

import sqlite3
from collections.abc import Iterable

from django.db import OperationalError, connection

#: Whoever waits for a table to be free holds up everybody who comes after, so not for long.
LOCKED_FOR_SECONDS = 2
_LOCK_NOT_AVAILABLE = "55P03"


def scrub(tables: Iterable[str]) -> bool:
    """Write anew what holds the tables; outside of any transaction. False where somebody was in the way: once more.

    On SQLite the whole file, whose readers go on and whose writers wait for it, and the log that was written on the
    way is emptied into it. On PostgreSQL table by table with its indexes, each closed to everybody meanwhile.
    """
    assert not connection.in_atomic_block
    try:
        return _rewrite_tables(tables) if connection.vendor == "postgresql" else _rewrite_file()
    except OperationalError as error:
        if _is_in_the_way(error.__cause__):
            return False
        raise


def _rewrite_file() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy, *_ = cursor.fetchone()
        return not is_busy


def _rewrite_tables(tables: Iterable[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"SET lock_timeout = '{LOCKED_FOR_SECONDS}s'")
        try:
            for table in tables:
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
            # The planner's statistics hold the commonest values and samples of the others.
            cursor.execute("VACUUM (FULL) pg_catalog.pg_statistic")
        finally:
            cursor.execute("RESET statement_timeout")
            cursor.execute("RESET lock_timeout")
    return True


def _is_in_the_way(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE
