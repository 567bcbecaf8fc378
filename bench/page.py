"""`python -m bench.page`: a small page for somebody who is signed in, beside a bare answer of the same bytes.

A search that finds nothing: session, user, rights, branch, template, and nothing that grows with the data. Asked over
one connection, and by several desks at once from a process of their own.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from multiprocessing import get_context
from statistics import median, quantiles

from rich.console import Console

from bench.figures import FIGURES, Figure, Page, machine, table
from bench.serving import Connection, bare_answer, served
from bench.stage import DATABASES, measured_on, stage

REQUESTS = 1_000
WARMED_BY = 30
DESKS = 8
ROUND_SECONDS = 5.0
SMALL_GOAL = 0.9


def measured(database: str, requests: int = REQUESTS) -> list[Figure]:
    with stage(database) as folder:
        from bench.filling import SIZES, fill
        from bench.inside import Handler, processor_time

        cookies = fill(SIZES[:1])
        path = f"/{SIZES[0].code}/search?q="
        handler = Handler(cookies)
        body = handler.ask(path)
        inside = processor_time(handler, path)
        with served(folder) as running:
            page, rate = _asked(running.port, path, cookies, requests), _rate(running.port, path, cookies)
        with bare_answer(body, folder) as port:
            bare, bare_rate = _asked(port, "/", {}, requests), _rate(port, "/", {})
    return [
        Figure("small page, p50", median(page), "ms", median(bare), SMALL_GOAL, note="signed in, over one connection"),
        Figure("small page, p95", _percentile(page, 95), "ms", _percentile(bare, 95)),
        Figure("small page, p99", _percentile(page, 99), "ms", _percentile(bare, 99)),
        Figure("its time in the handler", inside, "ms", note="processor time, without the server and the line"),
        Figure(f"small pages by {DESKS} desks at once", rate, "a second", bare_rate, is_more_better=True),
    ]


def _asked(port: int, path: str, cookies: Mapping[str, str], requests: int) -> list[float]:
    connection = Connection(port, cookies)
    answers = [connection.get(path) for _ in range(WARMED_BY + requests)]
    connection.close()
    if wrong := {answer.status for answer in answers} - {200}:
        raise SystemExit(f"{path} answers {wrong}")
    return [1000 * answer.seconds for answer in answers[WARMED_BY:]]


def _percentile(values: Sequence[float], per_cent: int) -> float:
    return quantiles(values, n=100)[per_cent - 1]


def _rate(port: int, path: str, cookies: Mapping[str, str]) -> float:
    """Requests a second, asked for by a process that does nothing else."""
    with get_context("spawn").Pool(1) as pool:
        return float(pool.apply(_hurry, (port, path, dict(cookies))))


def _hurry(port: int, path: str, cookies: Mapping[str, str]) -> float:
    answered = [0] * DESKS
    ends_at = time.monotonic() + ROUND_SECONDS

    def ask(desk: int) -> None:
        connection = Connection(port, cookies)
        while time.monotonic() < ends_at:
            connection.get(path)
            answered[desk] += 1
        connection.close()

    desks = [threading.Thread(target=ask, args=(desk,)) for desk in range(DESKS)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    return sum(answered) / ROUND_SECONDS


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description="A small page for who is signed in.")
    parser.add_argument("--write", action="store_true", help="write docs/figures/page.md")
    parser.add_argument("--requests", type=int, default=REQUESTS, metavar="N")
    parser.add_argument("--database", action="append", choices=DATABASES, help="one only (both)")
    chosen = parser.parse_args(arguments)
    console, load = Console(), os.getloadavg()[0]
    with console.status("Asking for pages…"):
        results = measured_on(chosen.database or DATABASES, partial(measured, requests=chosen.requests))
    for database, figures in results.items():
        console.print(table(database, figures))
    words = machine(load)
    console.print(f"{words}.")
    if chosen.write:
        Page("How fast a small page is", "python -m bench.page --write", words).write(FIGURES / "page.md", results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
