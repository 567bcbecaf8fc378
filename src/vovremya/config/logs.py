"""Logs: a line an event, as JSON where nobody sits at a terminal. Nothing personal enters them.

Our own loggers are trusted to name ids and codes only. Of what a library says, its fixed words are kept and what it
would fill in is left out; of an exception its type and place, never its words: a database quotes names and phones in
them.
"""

import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, ProcessorReturnValue, WrappedLogger

from vovremya.kernel.refusal import Refusal

OURS = "vovremya"
#: As a database's error is called by Django, psycopg and sqlite3 alike.
_DATABASE_IS_AWAY = {"OperationalError", "InterfaceError", "PoolTimeout"}

logger = logging.getLogger(__name__)


class _Process:
    name = "console"


def begin_process(name: str) -> None:
    """From now on every line says that it comes from this one, and an error that nobody caught is a line too."""
    _Process.name = name
    _hear_uncaught_errors()


def logging_configuration(level: str) -> dict[str, object]:
    """For Django's LOGGING. Below a warning only the program itself is heard."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "level": level},
            "database errors": {"()": DatabaseErrorCounter},
        },
        "root": {"handlers": ["console", "database errors"], "level": "WARNING"},
        "loggers": {
            OURS: {"level": level},
            "django": {"handlers": [], "level": "WARNING"},
            # The line of the request tells of every answer; only what failed says more.
            "django.request": {"level": "ERROR"},
            # Anybody may ask for any name: refused, and not worth a trace each.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Says at a warning who tried to sign in, and from where.
            "axes": {"level": "ERROR"},
        },
    }


def formatter() -> structlog.stdlib.ProcessorFormatter:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars],
        processors=[
            _told,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _for_terminal() if sys.stderr.isatty() else _as_json,
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def _told(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Everything a line holds, in its order."""
    record: logging.LogRecord = event["_record"]
    words, filling = str(event.pop("event")), event.pop("positional_args", ())
    told: EventDict = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": _words(record, words, filling),
        "process": _Process.name,
        "pid": os.getpid(),
        "logger": record.name,
    }
    event.pop("stack_info", None)
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, tuple) and exc_info[1] is not None:
        told["exception"] = told_exception(exc_info[1])
    return {**told, **event}


def _words(record: logging.LogRecord, words: str, filling: object) -> str:
    if record.name.partition(".")[0] != OURS:
        return words.splitlines()[0] if words else ""
    return words % filling if filling else words


def told_exception(error: BaseException) -> str:
    """Where it came from and what kind it is: the places of the code, and no word of the message."""
    return "\n".join(line for each in chain(error) for line in _lines(each))


def _lines(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n    {frame.line or ""}'
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    yield " ".join([kind, *_codes(error)])


def _codes(error: BaseException) -> Iterator[str]:
    """What an error says in codes and names of our own making."""
    if isinstance(error, Refusal):
        yield error.code
    if isinstance(sqlstate := getattr(error, "sqlstate", None), str):
        yield f"sqlstate={sqlstate}"
    if isinstance(constraint := getattr(getattr(error, "diag", None), "constraint_name", None), str):
        yield f"constraint={constraint}"
    if isinstance(name := getattr(error, "sqlite_errorname", None), str):
        yield name


def chain(error: BaseException) -> list[BaseException]:
    """The first cause first, as Python tells it."""
    links: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in links:
        links.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return links[::-1]


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> ProcessorReturnValue:
    # What is no plain value is told by its type: its own words might be anybody's.
    return json.dumps(event, ensure_ascii=False, default=lambda value: type(value).__name__)


def _for_terminal() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(timestamp_key="time", sort_keys=False, pad_event_to=0)


class DatabaseErrorCounter(logging.Handler):
    """Whatever fails for want of the database is logged in the end, so here all of it passes by."""

    def emit(self, record: logging.LogRecord) -> None:
        from vovremya.kernel import metrics  # settings are read before the folder of the figures is known

        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_database_away(error):
            metrics.database_errors.inc()


def is_database_away(error: BaseException) -> bool:
    return any(type(each).__name__ in _DATABASE_IS_AWAY for each in chain(error))


def _hear_uncaught_errors() -> None:
    """What ends a process or a thread is logged as well: Python itself would print the message."""

    def of_process(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logger.critical("the process ends by an error", exc_info=error)

    def of_thread(failed: Any) -> None:
        if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
            logger.critical("a thread ends by an error", exc_info=failed.exc_value)

    sys.excepthook = of_process
    threading.excepthook = of_thread
