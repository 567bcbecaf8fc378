"""What is done to a database of another state than this release's. Models are imported by the functions."""

import os
import signal
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch


def back_to(migrations: Sequence[tuple[str, str]]) -> None:
    """As a release left it that had nothing later of these parts, its rows kept."""
    from django.core.management import call_command

    for app, migration in migrations:
        call_command("migrate", app, migration, verbosity=0)


def upgrade() -> None:
    from vovremya.config import upgrading

    upgrading.bring_up_to_date(print)


def upgrade_killed_at(noted: int) -> None:
    """The process ends, as by `kill -9`, when so many migrations are done and the next is about to be noted."""
    from django.db.migrations.recorder import MigrationRecorder

    note = MigrationRecorder.record_applied
    names: list[str] = []

    def record_applied(recorder: MigrationRecorder, app: str, name: str) -> Any:
        names.append(name)
        if len(names) > noted:
            _die()
        return note(recorder, app, name)

    with patch.object(MigrationRecorder, "record_applied", record_applied):
        upgrade()


def upgrade_killed_at_its_guards() -> None:
    """All migrations are done, and the rules of the bays are in; those of the journal are not."""
    from vovremya.journal import append_only

    def die(_connection: object) -> list[str]:
        _die()
        return []

    with patch.object(append_only, "_statements", die):
        upgrade()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def applied() -> set[tuple[str, str]]:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return set(MigrationRecorder(connection).applied_migrations())


def pending() -> int:
    from vovremya.config import serving

    return serving.pending_migrations()


def told_facts() -> dict[str, list[tuple[Any, ...]]]:
    """Rows that every release has had, by columns that it has had."""
    from django.db import connection

    columns = {
        "journal_entry": "id, branch_id, kind, visit_id, user_id, words_digest",
        "schedule_occupation": "id, bay_id, lane, visit_id",
        "visits_visit": "id, branch_id, bay_id, status, version",
        "customers_client": "id, name",
    }
    with connection.cursor() as cursor:
        found = {}
        for table, names in columns.items():
            cursor.execute(f"SELECT {names} FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
        return found


def refusals() -> dict[str, bool]:
    """Whether the database itself refuses what it must never take."""
    from django.db import IntegrityError, connection, transaction

    overlap = (
        'INSERT INTO schedule_occupation (branch_id, bay_id, lane, starts_at, ends_at, "of", visit_id, note) '
        'SELECT branch_id, bay_id, lane, starts_at, ends_at, "of", visit_id, note FROM schedule_occupation WHERE id = '
        "(SELECT max(id) FROM schedule_occupation)"
    )
    found = {}
    for name, statement in {
        "overlap": overlap,
        "changed entry": "UPDATE journal_entry SET kind = 'other'",
        "deleted entry": "DELETE FROM journal_entry WHERE visit_id IS NOT NULL",
    }.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            found[name] = False
        except IntegrityError as error:
            found[name] = "no_overlap" in str(error) or "append-only" in str(error)
    return found
