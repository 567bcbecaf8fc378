"""Tells whoever follows the journal that there may be news: in this process, and on PostgreSQL in all others.

A wake-up carries nothing and may be lost: the table is the truth, and who follows it looks by himself too. On SQLite
processes that follow the journal look so often that they need no other wake-up.
"""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connection, transaction

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)

CHANNEL = "vovremya_journal"
TRIES_AGAIN_AFTER_SECONDS = 1.0
LISTENS_FOR_SECONDS = 1.0

Line: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

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
        _is_asked_to_ring.set()
        _bell.start()


def _tell_here() -> None:
    for call in tuple(_callbacks):
        call()


class _Thread:
    """A thread with a connection of its own outside the pool: begun by the first who needs it, anew when that fails."""

    def __init__(self, name: str, work: Callable[[Line, threading.Event], None]) -> None:
        self._name = name
        self._work = work
        self._guard = threading.Lock()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._is_over.clear()
                known = _parameters()
                self._thread = threading.Thread(target=self._keep, args=(known,), name=self._name, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        with self._guard:
            self._is_over.set()
            if self._thread:
                self._thread.join(2 * LISTENS_FOR_SECONDS)

    def _keep(self, parameters: dict[str, Any]) -> None:
        # Django imports psycopg on PostgreSQL alone.
        driver = connection.Database  # type: ignore[attr-defined]  # not in the stubs
        while not self._is_over.is_set():
            try:
                with driver.connect(**parameters, autocommit=True) as line:
                    self._work(line, self._is_over)
            except driver.Error as error:
                logger.warning("no wake-ups for now (%s): %s", self._name, type(error).__name__)
                self._is_over.wait(TRIES_AGAIN_AFTER_SECONDS)


def _parameters() -> dict[str, Any]:
    """Of the database, without what Django wants of its own connections."""
    known: dict[str, Any] = connection.get_connection_params()
    return {name: value for name, value in known.items() if name not in ("context", "cursor_factory")}


_is_asked_to_ring = threading.Event()


def _ring(line: Line, is_over: threading.Event) -> None:
    """Many commits in a moment are one ring, and no commit ever waits for it."""
    while not is_over.is_set():
        if _is_asked_to_ring.wait(LISTENS_FOR_SECONDS):
            _is_asked_to_ring.clear()
            line.execute(f"NOTIFY {CHANNEL}".encode())


def _listen(line: Line, is_over: threading.Event) -> None:
    line.execute(f"LISTEN {CHANNEL}".encode())
    _tell_here()  # whatever was missed before
    while not is_over.is_set():
        for _news in line.notifies(timeout=LISTENS_FOR_SECONDS, stop_after=1):
            _tell_here()
        line.execute(b"SELECT 1")  # a line that has died silently is found here


_bell = _Thread("journal bell", _ring)
_ear = _Thread("journal ear", _listen)


def listen() -> bool:
    """Hear of what other processes write, until this one ends. Returns whether that can be had."""
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:
        _ear.start()
    return is_postgresql


def stop() -> None:
    """Give the connections back, before the database goes."""
    _ear.stop()
    _bell.stop()
