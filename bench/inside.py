"""Where the server's time of a board goes: the page is asked for in this process, with a clock around each share."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext

from vovremya.board.queries import day
from vovremya.board.views import pages

_TIMES = 9
#: What is timed, by share: the functions that a board is made by, none of which calls another of them.
_SHARES = {"sql": (day, "_rows"), "timelines": (day, "_made_of"), "html": (pages, "draw_bars")}


@dataclass(frozen=True)
class Inside:
    queries: Sequence[str]
    milliseconds: Mapping[str, float]  # by share, and `rest`: session, rights, template, compression


def inside(path: str, cookies: Mapping[str, str]) -> Inside:
    client = HttpClient(headers={"host": "127.0.0.1", "accept-encoding": "gzip"})
    client.cookies.load(dict(cookies))
    _ask(client, path)
    with CaptureQueriesContext(connection) as captured:
        _ask(client, path)
    queries = [query["sql"] for query in captured]
    measured = [_measured(client, path) for _ in range(_TIMES)]
    return Inside(
        queries=queries,
        milliseconds={share: median(each[share] for each in measured) for share in measured[0]},
    )


def _measured(client: HttpClient, path: str) -> dict[str, float]:
    spent = dict.fromkeys(_SHARES, 0.0)
    patches = [
        mock.patch.object(module, name, _timed(getattr(module, name), share, spent))
        for share, (module, name) in _SHARES.items()
    ]
    for patch in patches:
        patch.start()
    try:
        began = time.perf_counter()
        _ask(client, path)
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


def _ask(client: HttpClient, path: str) -> None:
    status = client.get(path).status_code
    if status != 200:
        raise SystemExit(f"{path} answers {status}")


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
