"""What is answered where a page fails: by what failed, in words that say what to do now."""

import sys
from collections.abc import Iterator
from http import HTTPStatus

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.defaults import server_error

from vovremya.config.logs import chain, is_database_away

#: SQLite's names of errors, by how they begin, and PostgreSQL's codes.
_FULL = ("SQLITE_FULL", "53100")
_NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "25006", "58030")
_FOUND_AGAIN_WITHIN_SECONDS = "10"


def failed(request: HttpRequest) -> HttpResponseBase:
    """Django's handler of whatever no view has caught; called while the error is being handled."""
    error = sys.exc_info()[1]
    trouble = trouble_of(error) if error else ""
    if not trouble:
        return server_error(request)
    if not connection.in_atomic_block:
        # One that was opened while the file could only be read would refuse to write for ever.
        connection.close()
    return HttpResponse(
        render_to_string("503.html", {"trouble": trouble}),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": _FOUND_AGAIN_WITHIN_SECONDS},
    )


def trouble_of(error: BaseException) -> str:
    """What has befallen the database: `full`, `not_writable` or `away`; nothing where it is no fault of its."""
    codes = set(_codes(error))
    if any(code.startswith(_FULL) for code in codes):
        return "full"
    if any(code.startswith(_NOT_WRITABLE) for code in codes):
        return "not_writable"
    return "away" if is_database_away(error) else ""


def _codes(error: BaseException) -> Iterator[str]:
    for each in chain(error):
        for name in ("sqlite_errorname", "sqlstate"):
            if isinstance(code := getattr(each, name, None), str):
                yield code
