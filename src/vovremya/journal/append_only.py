"""The database itself refuses to change or delete an entry.

Django rebuilds SQLite tables in migrations and silently drops their triggers, so they are put in again
after every `migrate`, and the program asks for `missing` before it serves.
"""

import re
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "journal_entry"
_SQL = Path(__file__).parent / "sql"
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled <> 'D'",
}


def put_in(using: str, **_signal: Any) -> None:
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def take_out(connection: BaseDatabaseWrapper) -> None:
    """For emptying a test database only."""
    with connection.cursor() as cursor:
        for trigger in _triggers(connection):
            where = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{where}")


def forget_transactions(connection: BaseDatabaseWrapper) -> None:
    """Their numbers belong to the PostgreSQL server that gave them: another would hide entries by them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE journal_entry SET xid = 0")
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER USER")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that are not there."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor], [TABLE])
        present = {name for (name,) in cursor.fetchall()}
    return [trigger for trigger in _triggers(connection) if trigger not in present]


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    return (_SQL / f"{connection.vendor}.sql").read_text().strip().split("\n\n")


def _triggers(connection: BaseDatabaseWrapper) -> list[str]:
    return re.findall(r"CREATE (?:OR REPLACE )?TRIGGER (?:IF NOT EXISTS )?(\w+)", "\n".join(_statements(connection)))
