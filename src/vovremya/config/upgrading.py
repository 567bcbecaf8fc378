"""Bringing the database to this release: all of it or nothing, by one of those who start at once.

Django takes a step of its own for every migration, and sometimes notes it in another: killed in between, the migration
could not be run again. On SQLite the guards that a rebuilt table has lost would be put in by a third. Here all of it
is one transaction, on either database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, transaction

from vovremya.config import serving

#: Any number that nobody else locks on this database.
_UPGRADING = 0x766F7672


def bring_up_to_date(tell: Callable[[str], None]) -> None:
    """Nothing is done where nothing is to be done: servers start while others write."""
    if not serving.pending_migrations():
        return
    with _in_one_step():
        if pending := serving.pending_migrations():
            tell(f"Bringing the database up to date: {pending} migrations…")
            _migrate()


def migrate() -> None:
    """Whether there is anything to be applied or not: the database's own rules are put in again at any rate."""
    with _in_one_step():
        _migrate()


def _migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _in_one_step() -> Iterator[None]:
    """Others who start meanwhile stand in line, and find it done."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _stand_in_line()
            yield
        return
    connection.disable_constraint_checking()  # tables are rebuilt, and SQLite heeds this outside of transactions only
    try:
        with transaction.atomic():
            yield
    finally:
        connection.enable_constraint_checking()


def _stand_in_line() -> None:
    """An upgrade takes the time it takes; but a writer who will not let go of a table is not waited for for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (patience,) = cursor.fetchone()
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_UPGRADING])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
