"""The database itself refuses two occupations of one lane at one time: its rule is in `sql/`.

Django rebuilds SQLite tables in migrations and silently drops their triggers, so the rule is put in again
after every `migrate`, and `serve` and `check` refuse to start while `missing_guards` names anything.
"""

import re
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS

from vovremya.schedule.models import Occupation

RULE = "schedule_occupation_no_overlap"

_SQL = Path(__file__).parent / "sql"


def put_in(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Idempotent; called after every migrate."""
    connection = connections[using]
    if Occupation._meta.db_table not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def take_out(connection: BaseDatabaseWrapper) -> None:
    """For tests that show what happens without the rule."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            connection.check_constraints()  # a table whose references are yet to be checked cannot be altered
            cursor.execute(f"ALTER TABLE {Occupation._meta.db_table} DROP CONSTRAINT IF EXISTS {RULE}")
            return
        for trigger in _sqlite_triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """What of the rule is not in the database, or not as it is written here."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND contype = 'x' AND convalidated", [RULE])
            return [] if cursor.fetchone() else [RULE]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        present = dict(cursor.fetchall())
    return [name for name, sql in _sqlite_triggers(connection).items() if present.get(name) != sql]


def _sqlite_triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Each trigger by name, as SQLite keeps its text."""
    statements = [statement.removesuffix(";") for statement in _statements(connection)]
    named = ((re.match(r"CREATE TRIGGER (\w+)", statement), statement) for statement in statements)
    return {found[1]: statement for found, statement in named if found}


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    return (_SQL / f"{connection.vendor}.sql").read_text(encoding="utf-8").strip().split("\n\n")
