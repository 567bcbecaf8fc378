"""Ready or not: a plain word, in time, whatever the database does."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from vovremya.config import readiness
from vovremya.config.readiness import NO_ANSWER, NOT_GUARDED, NOT_OF_THIS_RELEASE, NOT_WRITABLE, Readiness
from vovremya.journal import append_only


@pytest.fixture(autouse=True)
def _connection_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the test holds the transaction that undoes it."""
    monkeypatch.setattr(connection, "close", lambda: None)


class TestDatabase:
    def test_of_this_release_and_guarded_it_is_ready(self, db: None) -> None:
        assert readiness.what_is_missing() == ""

    def test_migration_to_be_applied_is_said(self, db: None) -> None:
        MigrationRecorder(connection).record_unapplied("journal", "0001_initial")
        assert readiness.what_is_missing() == NOT_OF_THIS_RELEASE

    def test_database_without_its_guards_is_not_ready(self, db: None) -> None:
        append_only.take_out(connection)
        assert readiness.what_is_missing() == NOT_GUARDED

    def test_database_that_can_only_be_read_is_not_ready(self, db: None) -> None:
        with connection.cursor() as cursor:
            on_sqlite = connection.vendor == "sqlite"
            cursor.execute("PRAGMA query_only = ON" if on_sqlite else "SET TRANSACTION READ ONLY")
            try:
                assert readiness.what_is_missing() == NOT_WRITABLE
            finally:
                if on_sqlite:
                    cursor.execute("PRAGMA query_only = OFF")


def ask(asked: Readiness, times: int = 1) -> list[str]:
    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(asked.missing() for _ in range(times)))

    return async_to_sync(all_at_once)()


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """Let the database answer, or at the end at the latest."""
    answers = threading.Event()
    yield answers
    answers.set()


def test_hanging_database_is_no_answer_within_the_time(hanging: threading.Event) -> None:
    asked: list[int] = []

    def hang() -> str:
        asked.append(1)
        hanging.wait(30)
        return ""

    began_at = time.monotonic()
    assert ask(Readiness(hang, within_seconds=0.3), times=50) == [NO_ANSWER] * 50
    assert time.monotonic() - began_at < 1.5
    assert len(asked) == 1, "a crowd that asks must not become a crowd of hanging connections"


def test_database_that_fails_says_nothing_of_why() -> None:
    def fail() -> str:
        raise OperationalError("password authentication failed for user vovremya at 10.0.0.7")

    assert ask(Readiness(fail)) == [NO_ANSWER]


def test_every_question_is_asked_anew() -> None:
    answers = ["", NOT_GUARDED, ""]
    asked = Readiness(lambda: answers.pop(0))

    async def thrice() -> list[str]:
        return [await asked.missing() for _ in range(3)]

    assert async_to_sync(thrice)() == ["", NOT_GUARDED, ""]
