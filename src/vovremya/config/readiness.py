"""Whether this process can serve: the database answers, is of our release, and guards itself.

Asked of a connection of its own in a thread of its own, so that neither busy pages nor a hanging database hold up the
answer.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import cache

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from vovremya.journal import append_only
from vovremya.schedule import no_overlap

logger = logging.getLogger(__name__)

ANSWERS_WITHIN_SECONDS = 1.8
NO_ANSWER = "the database does not answer"
NOT_OF_THIS_RELEASE = "migrations are to be applied"
NOT_GUARDED = "the rules of the database are not in force"
NOT_WRITABLE = "the database takes no writes"


def what_is_missing() -> str:
    """Nothing if all is well, else a plain word. Asks the database."""
    try:
        return _missing()
    finally:
        connection.close()


def _missing() -> str:
    if _known_migrations() - MigrationRecorder(connection).applied_migrations().keys():
        return NOT_OF_THIS_RELEASE
    if no_overlap.missing_guards(connection) or append_only.missing(connection):
        return NOT_GUARDED
    return "" if _takes_writes() else NOT_WRITABLE


def _takes_writes() -> bool:
    """A full disk, a file system turned read-only or a standby still answer every question."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone() == ("off",))
        return _writes_to_file(cursor)


def _writes_to_file(cursor: CursorWrapper) -> bool:
    """Puts a number that nobody uses into the head of the file; whoever else is writing proves the same."""
    cursor.execute("PRAGMA busy_timeout = 500")
    try:
        cursor.execute("PRAGMA user_version = 0")
    except OperationalError as error:
        return getattr(error.__cause__, "sqlite_errorname", "") in ("SQLITE_BUSY", "SQLITE_LOCKED")
    return True


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


class Readiness:
    """One question at a time: whoever asks while it is out waits for the same answer, but not for ever."""

    def __init__(
        self, ask: Callable[[], str] = what_is_missing, within_seconds: float = ANSWERS_WITHIN_SECONDS
    ) -> None:
        self._ask = ask
        self._within_seconds = within_seconds
        self._question: asyncio.Future[str] | None = None

    async def missing(self) -> str:
        if self._question is None or self._question.done():
            self._question = self._asked()
        try:
            return await asyncio.wait_for(asyncio.shield(self._question), self._within_seconds)
        except TimeoutError:
            return NO_ANSWER

    def _asked(self) -> "asyncio.Future[str]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def tell(missing: str) -> None:
            if not answer.done():
                answer.set_result(missing)

        def ask() -> None:
            try:
                missing = self._ask()
            except Exception:
                logger.warning("the readiness of the database could not be asked", exc_info=True)
                missing = NO_ANSWER
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, missing)

        # Not of a pool: its threads would be waited for at the end, however long they hang.
        threading.Thread(target=ask, name="readiness", daemon=True).start()
        return answer
