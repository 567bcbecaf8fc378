"""What is answered where a page fails: by what failed, in words that say what to do now."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import server_error

from vovremya.config.logs import chain, is_database_away

#: SQLite's names of errors, by how they begin, and PostgreSQL's codes.
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "53100")
_NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_IOERR", "25006", "58030")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_AT_CONSOLE = {
    "damaged": "the file of the database is damaged: stop its servers, and put a copy back by `vovremya restore`",
    "full": "no room is left on the disk of the database",
    "not_writable": "the database takes no writes: its disk fails, or its file may only be read",
    "away": "the database cannot be opened, or does not answer",
}
_FOUND_AGAIN_WITHIN_SECONDS = "10"


def failed(request: HttpRequest) -> HttpResponseBase:
    """Django's handler of whatever no view has caught; called while the error is being handled."""
    error = sys.exc_info()[1]
    trouble = trouble_of(error) if error else ""
    if not trouble:
        return server_error(request)
    if not connection.in_atomic_block:
        connection.close()  # the next request asks whether the database is well, not what is left of this line
    return HttpResponse(
        render_to_string("503.html", {"trouble": trouble}),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": _FOUND_AGAIN_WITHIN_SECONDS},
    )


def leave_if_read_only(connection: BaseDatabaseWrapper, **_: object) -> None:
    """A receiver of `connection_created`. What SQLite opens while the file can only be read refuses to write for
    ever: it serves the one request, and the press that comes once the disk is well finds a new one."""
    if connection.vendor != "sqlite":
        return
    try:
        connection.connection.execute("DELETE FROM django_migrations WHERE 0")  # a write of nothing
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
            connection.close_at = time.monotonic()  # Django looks at it before and after each request


def trouble_of(error: BaseException) -> str:
    """What has befallen the database: `full`, `not_writable` or `away`; nothing where it is no fault of its."""
    codes = set(_codes(error))
    if any(code.startswith(_FULL) for code in codes):
        return "full"
    if any(code.startswith(_NOT_WRITABLE) for code in codes):
        return "not_writable"
    return "away" if is_database_away(error) else ""


def is_damaged(error: BaseException) -> bool:
    """Whether the file is no database any more, or is one in parts."""
    return any(code.startswith(_DAMAGED) for code in _codes(error))


def told_at_console(error: BaseException) -> str:
    """The same for an administrator who starts a command; nothing where the error is no trouble of the database."""
    trouble = "damaged" if is_damaged(error) else trouble_of(error)
    if not trouble:
        return ""
    codes = ", ".join(dict.fromkeys(_codes(error)))
    return f"{_AT_CONSOLE[trouble]} ({codes})" if codes else _AT_CONSOLE[trouble]


def _codes(error: BaseException) -> Iterator[str]:
    for each in chain(error):
        for name in ("sqlite_errorname", "sqlstate"):
            if isinstance(code := getattr(each, name, None), str):
                yield code
