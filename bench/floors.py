"""The least that the database can do for the same work: the bare driver, in the same database, in the same run."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from statistics import median
from typing import Any, Protocol

_TABLES = (
    "CREATE TABLE bare_fact (id BIGINT PRIMARY KEY, value BIGINT)",
    "CREATE TABLE bare_entry (id BIGINT PRIMARY KEY, words TEXT)",
    "INSERT INTO bare_fact VALUES (1, 0)",
)
_CHANGE = "UPDATE bare_fact SET value = value + 1 WHERE id = 1"
_ADD = "INSERT INTO bare_entry VALUES ({number}, 'about as long as the words of an entry that somebody wrote down')"


class Driver(Protocol):
    """What the drivers of both databases can do."""

    def execute(self, statement: Any, /) -> Any: ...
    def close(self) -> None: ...


def driver() -> Driver:
    """A connection as durable as the program's, which begins no transaction by itself."""
    import sqlite3

    import psycopg
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "postgresql":
        return psycopg.connect(settings.DATABASE_URL, autocommit=True)
    bare = sqlite3.connect(settings.DATABASE_PATH, isolation_level=None, timeout=20)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    return bare


class TwoRows(AbstractContextManager["TwoRows"]):
    """One row changed and one added, in a transaction that is on the disk when it returns."""

    def __init__(self) -> None:
        from django.db import connection

        self._begin = "BEGIN" if connection.vendor == "postgresql" else "BEGIN IMMEDIATE"
        self._driver = driver()
        self._number = 0
        for statement in _TABLES:
            self._driver.execute(statement)

    def write(self, times: int = 1) -> None:
        """So many of them in one transaction."""
        self._driver.execute(self._begin)
        for _ in range(times):
            self._number += 1
            self._driver.execute(_CHANGE)
            self._driver.execute(_ADD.format(number=self._number))
        self._driver.execute("COMMIT")

    def __exit__(self, *_raised: object) -> None:
        self._driver.close()


def milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - began)


def processor_milliseconds(do: Callable[[], object]) -> float:
    """Of this thread alone: whatever else the machine does, and whatever is waited for, is not in it."""
    began = time.thread_time()
    do()
    return 1000 * (time.thread_time() - began)


def bare_rows(queries: Sequence[str], times: int = 9) -> float:
    """Milliseconds of the queries by the bare driver: rows fetched, and nothing made of them."""
    bare = driver()

    def fetch() -> None:
        for query in queries:
            bare.execute(query.encode() if hasattr(bare, "info") else query).fetchall()

    fetch()
    spent = median(milliseconds(fetch) for _ in range(times))
    bare.close()
    return spent
