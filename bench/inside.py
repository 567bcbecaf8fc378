"""Where the server's time of a board goes: the page is asked for in this process, with a clock around each share."""

import io
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vovremya.board import snapshots
from vovremya.board.queries import day

_TIMES = 9
_WARM_TIMES = 200
#: What is timed, by share: the functions that a board is made by, none of which calls another of them.
_SHARES = {
    "sql": (day, "_rows"),
    "timelines": (day, "_made_of"),
    "html": (snapshots, "draw_grid"),
    "compression": (snapshots, "pack"),
}


class Handler:
    """Django's handler, asked as the server asks it."""

    def __init__(self, cookies: Mapping[str, str]) -> None:
        self._handler = WSGIHandler()
        self._cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def ask(self, path: str, *, for_window: bool = False) -> bytes:
        """`for_window`: as htmx asks for what goes into the page."""
        path, _, query = path.partition("?")
        answered: list[str] = []

        def start(status: str, *_rest: object) -> Callable[[bytes], object]:
            answered.append(status)
            return bytes  # nothing is written but what is returned

        response = self._handler(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "HTTP_HOST": "127.0.0.1",
                "HTTP_COOKIE": self._cookies,
                "HTTP_ACCEPT_ENCODING": "gzip",
                **({"HTTP_HX_REQUEST": "true"} if for_window else {}),
                "wsgi.input": io.BytesIO(),
                "wsgi.errors": sys.stderr,
                "wsgi.url_scheme": "http",
            },
            start,
        )
        body = b"".join(response)
        response.close()
        if answered != ["200 OK"]:
            raise SystemExit(f"{path} answers {answered}")
        return body


@dataclass(frozen=True)
class Inside:
    queries: Sequence[str]
    milliseconds: Mapping[str, float]  # of a board drawn anew, by share, and `rest`: session, rights, template
    warm: float  # of one that is kept, processor time in milliseconds
    warm_queries: int


def inside(path: str, cookies: Mapping[str, str]) -> Inside:
    handler = Handler(cookies)
    handler.ask(path)
    snapshots.forget_all()
    with CaptureQueriesContext(connection) as captured:
        handler.ask(path)
    queries = [query["sql"] for query in captured]
    with CaptureQueriesContext(connection) as captured:
        handler.ask(path)
    warm_queries = len(captured)
    measured = [_measured(handler, path) for _ in range(_TIMES)]
    return Inside(
        queries=queries,
        milliseconds={share: median(each[share] for each in measured) for share in measured[0]},
        warm=processor_time(handler, path),
        warm_queries=warm_queries,
    )


def processor_time(handler: Handler, path: str) -> float:
    """Milliseconds of a request, whatever else the machine does."""
    spent = []
    for _ in range(_WARM_TIMES):
        began = time.thread_time()
        handler.ask(path)
        spent.append(1000 * (time.thread_time() - began))
    return median(spent)


def _measured(handler: Handler, path: str) -> dict[str, float]:
    spent = dict.fromkeys(_SHARES, 0.0)
    patches = [
        mock.patch.object(module, name, _timed(getattr(module, name), share, spent))
        for share, (module, name) in _SHARES.items()
    ]
    snapshots.forget_all()
    for patch in patches:
        patch.start()
    try:
        began = time.perf_counter()
        handler.ask(path)
        whole = time.perf_counter() - began
    finally:
        for patch in patches:
            patch.stop()
    spent["rest"] = whole - sum(spent.values())
    return {share: 1000 * seconds for share, seconds in spent.items()}


def _timed(do: Callable[..., Any], share: str, spent: dict[str, float]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        done = do(*args, **kwargs)
        spent[share] += time.perf_counter() - began
        return done

    return run


def bare_queries_in(queries: Sequence[str], database: Path) -> float:
    """Milliseconds of the same queries by the bare driver: rows fetched, and nothing made of them."""
    bare = sqlite3.connect(database)
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        for query in queries:
            bare.execute(query).fetchall()
        times.append(1000 * (time.perf_counter() - began))
    bare.close()
    return median(times)
