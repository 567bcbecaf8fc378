"""A database that fails is told of by what has befallen it, and of nothing else."""

import sqlite3

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from vovremya.config.failing import told_at_console, trouble_of
from vovremya.kernel.refusal import Refusal


def of_sqlite(name: str) -> OperationalError:
    cause = sqlite3.OperationalError("Смирнова Анна")
    cause.sqlite_errorname = name
    return by(cause)


def by(cause: Exception) -> OperationalError:
    """As Django raises it: an error of its own, by the driver's."""
    error = OperationalError("Смирнова Анна")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (of_sqlite("SQLITE_FULL"), "full"),
        (of_sqlite("SQLITE_READONLY"), "not_writable"),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), "not_writable"),
        (of_sqlite("SQLITE_IOERR_WRITE"), "not_writable"),
        (of_sqlite("SQLITE_IOERR_SHMSIZE"), "full"),
        (of_sqlite("SQLITE_CANTOPEN"), "away"),
        (of_sqlite("SQLITE_BUSY"), "away"),
        (by(psycopg.errors.DiskFull()), "full"),
        (by(psycopg.errors.ReadOnlySqlTransaction()), "not_writable"),
        (by(psycopg.errors.IoError()), "not_writable"),
        (by(psycopg.errors.AdminShutdown()), "away"),
        (by(psycopg.OperationalError("connection refused")), "away"),
        (psycopg.errors.UniqueViolation(), ""),
        (ZeroDivisionError(), ""),
        (Refusal("refused"), ""),
    ],
)
def test_trouble_is_told_by_the_codes_of_the_driver(error: BaseException, trouble: str) -> None:
    assert trouble_of(error) == trouble


@pytest.mark.parametrize("name", ["SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX"])
def test_administrator_at_the_console_is_told_of_a_damaged_file(name: str) -> None:
    assert told_at_console(of_sqlite(name)).endswith(f"put a copy back by `vovremya restore` ({name})")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "На сервере кончилось место"),
        ("SQLITE_IOERR_FSYNC", "База данных не принимает записи"),
        ("SQLITE_BUSY", "База данных не отвечает"),
    ],
)
def test_page_says_what_has_happened_and_nothing_of_the_inside(db: None, name: str, words: str) -> None:
    def fail(*_call: object) -> None:
        raise of_sqlite(name)

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(fail):
        answer = client.post(reverse("login"), {"username": "operator", "password": "secret"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert f"<h1><span data-failure>{words}</span></h1>" in page
    assert not [told for told in ("Смирнова", "Error", "sqlite", "secret") if told in page]
