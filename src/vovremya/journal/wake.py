"""Tells whoever follows the journal that there may be news: in this process, and on PostgreSQL in all others.

A wake-up carries nothing and may be lost: the table is the truth, and who follows it looks by himself too. On SQLite
processes that follow the journal look so often that they need no other wake-up.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection, transaction

logger = logging.getLogger(__name__)

CHANNEL = "vovremya_journal"
TRIES_AGAIN_AFTER_SECONDS = 1.0
_LISTENS_FOR_SECONDS = 5.0

Line = psycopg.Connection[tuple[Any, ...]]

_callbacks: set[Callable[[], None]] = set()


def on_news(call: Callable[[], None]) -> None:
    """Call this, from whichever thread, when something may have been written."""
    _callbacks.add(call)


def forget(call: Callable[[], None]) -> None:
    _callbacks.discard(call)


def after_commit(**_signal: object) -> None:
    """An entry was written: when its transaction is through, nobody need wait until he looks."""
    transaction.on_commit(_tell_all, robust=True)


def _tell_all() -> None:
    _tell_here()
    if connection.vendor == "postgresql":
        _bell.ring()


def _tell_here() -> None:
    for call in tuple(_callbacks):
        call()


class _Thread:
    """A thread with a connection of its own outside the pool; begun by the first who needs it, kept while it fails."""

    def __init__(self, name: str, work: Callable[[Line], None]) -> None:
        self._name = name
        self._work = work
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                known = _parameters()
                self._thread = threading.Thread(target=self._keep, args=(known,), name=self._name, daemon=True)
                self._thread.start()

    def _keep(self, parameters: dict[str, Any]) -> None:
        pause = threading.Event()
        while True:
            try:
                with psycopg.connect(**parameters, autocommit=True) as line:
                    self._work(line)
            except psycopg.Error as error:
                logger.warning("no wake-ups for now (%s): %s", self._name, type(error).__name__)
                pause.wait(TRIES_AGAIN_AFTER_SECONDS)


def _parameters() -> dict[str, Any]:
    """Of the database, without what Django wants of its own connections."""
    known: dict[str, Any] = connection.get_connection_params()
    return {name: value for name, value in known.items() if name not in ("context", "cursor_factory")}


class _Bell(_Thread):
    """Rings for the other processes; many commits in a moment are one ring. No commit ever waits for it."""

    def __init__(self) -> None:
        super().__init__("journal bell", self._ring_when_asked)
        self._is_asked = threading.Event()

    def ring(self) -> None:
        self._is_asked.set()
        self.start()

    def _ring_when_asked(self, line: Line) -> None:
        while True:
            self._is_asked.wait()
            self._is_asked.clear()
            line.execute(f"NOTIFY {CHANNEL}".encode())


def _listen(line: Line) -> None:
    line.execute(f"LISTEN {CHANNEL}".encode())
    _tell_here()  # whatever was missed before
    while True:
        for _news in line.notifies(timeout=_LISTENS_FOR_SECONDS):
            _tell_here()
        line.execute(b"SELECT 1")  # a line that has died silently is found here


_bell = _Bell()
_ear = _Thread("journal ear", _listen)


def listen() -> bool:
    """Hear of what other processes write, until this one ends. Returns whether that can be had."""
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:
        _ear.start()
    return is_postgresql
