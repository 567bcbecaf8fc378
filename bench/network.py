"""`python -m bench.network`: a share of a large network at the rate of its busy hour, on one machine.

Real processes on PostgreSQL: `vovremya serve --workers N` with its watch, a board open for every operator, and desks
that press buttons, open windows and load boards, at random instants of a given rate. What is asked is counted from
the instant it was due, so that a server that falls behind is seen to. The rate is raised from the share's own to that
of the whole network.
"""

import argparse
import os
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from queue import SimpleQueue
from random import Random
from statistics import median, quantiles

import psutil
from rich.console import Console

from bench.figures import FIGURES, Figure, Page, machine, table
from bench.listening import Listeners, request_of_feed
from bench.serving import Connection, raise_descriptors, served
from bench.stage import in_process_of_its_own, stage

BRANCHES, VISITS_A_DAY, OPERATORS = 5_000, 200_000, 10_000
#: Of a day's visits, how many fall into its busiest hour.
BUSY_HOUR = 1 / 8
SHARE = 50
WORKERS = 2
#: Multiples of the share's own rate; the last is that of the whole network.
LEVELS = (1, 10, SHARE)
SECONDS = 30.0
DESKS = 32
OPENED_TOGETHER = 20

#: How often a visit is the reason for a request, from its booking to its end: assumed, on the high side.
STEPS_A_VISIT = 4.75  # booked, here, begun, ended; one in seven moved; of one in seven that is late four of a contact
WINDOWS_A_VISIT = 2.0
SEARCHES_A_VISIT = 2.5  # for clients and for free times
BOARDS_AN_OPERATOR_AN_HOUR = 2.0
#: A visit goes round through its whole way for ever.
_ROUND = ("check-in", "start-work", "end-work", "undo-end-work", "undo-start-work", "undo-check-in")
_TOKEN = "measured" * 4


def visits_a_second() -> float:
    """Of the whole network, in its busy hour."""
    return VISITS_A_DAY * BUSY_HOUR / 3600


def requests_a_second() -> dict[str, float]:
    """By kind, of the whole network in its busy hour."""
    return {
        "step": STEPS_A_VISIT * visits_a_second(),
        "window": WINDOWS_A_VISIT * visits_a_second(),
        "search": SEARCHES_A_VISIT * visits_a_second(),
        "board": BOARDS_AN_OPERATOR_AN_HOUR * OPERATORS / 3600,
    }


@dataclass(frozen=True)
class Desk:
    code: str
    cookies: Mapping[str, str]
    visit_ids: Sequence[int]


@dataclass
class Asked:
    """Milliseconds from the instant a request was due to its answer, by kind; and what was not answered well."""

    delays: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in requests_a_second()})
    failed: Counter[str] = field(default_factory=Counter)


def measured(database: str, share: int = SHARE, workers: int = WORKERS, seconds: float = SECONDS) -> list[list[Figure]]:
    raise_descriptors()
    with stage(database) as folder, Listeners() as listeners:
        desks, requests = _desks(share)
        with served(folder, "--workers", str(workers)) as running:
            listeners.open(running.port, requests, at_once=OPENED_TOGETHER)
            parts = _parts(running.pid)
            return [
                _level(running.port, _with_fresh_visits(desks, place), level / share, seconds, parts)
                for place, level in enumerate(LEVELS)
                if level <= share
            ]


def _desks(share: int) -> tuple[list[Desk], list[bytes]]:
    from bench.filling import Size, fill, seat_many
    from vovremya.directory.rules import Role
    from vovremya.journal.queries import latest_cursor
    from vovremya.visits.models import Visit

    codes = [f"N{number:03}" for number in range(BRANCHES // share)]
    fill([Size(code, bays=4, visits=VISITS_A_DAY // BRANCHES) for code in codes])
    visit_ids: dict[str, list[int]] = {code: [] for code in codes}
    planned = Visit.objects.filter(status="planned", next_change_at__isnull=False).order_by("-starts_at")
    for code, visit_id in planned.values_list("branch__code", "id"):
        visit_ids[code].append(visit_id)
    seats = seat_many(codes, OPERATORS // share, Role.MASTER)  # who may take all steps of the reception
    cursor = latest_cursor()
    desks = [
        # Two operators of a branch do not take turns at one visit.
        Desk(code, {**dict([cookie.split("=", 1)]), "csrftoken": _TOKEN}, visit_ids[code][place // len(codes) :: 2])
        for place, (code, cookie) in enumerate(seats)
    ]
    return desks, [request_of_feed(code, cursor, cookie) for code, cookie in seats]


def _with_fresh_visits(desks: Sequence[Desk], level: int) -> list[Desk]:
    """Those of the level before stand somewhere on their way."""
    return [replace(desk, visit_ids=desk.visit_ids[level :: len(LEVELS)]) for desk in desks]


def _level(
    port: int, desks: Sequence[Desk], of_network: float, seconds: float, parts: Mapping[str, Sequence[psutil.Process]]
) -> list[Figure]:
    before = {name: _spent(processes) for name, processes in parts.items()}
    with get_context("spawn").Pool(1) as pool:
        asked: Asked = pool.apply(_work, (port, desks, of_network, seconds))
    spent = {name: _spent(processes) - before[name] for name, processes in parts.items()}
    count = sum(len(delays) for delays in asked.delays.values())
    branches = len({desk.code for desk in desks})
    figures = [
        Figure(
            "of the network's rate", 100 * of_network, "%", note=f"{len(desks):,} boards of {branches} branches open"
        ),
        Figure("requests", count / seconds, "a second"),
        Figure(
            what="not answered as they should be",
            value=asked.failed.total(),
            unit="",
            goal=0,
            note=", ".join(f"{what} × {times}" for what, times in asked.failed.most_common()),
        ),
    ]
    for kind, delays in asked.delays.items():
        if len(delays) > 1:
            figures.append(Figure(f"{kind}, p50", median(delays), "ms", note="from the instant it was due"))
            figures.append(Figure(f"{kind}, p95", quantiles(delays, n=20)[-1], "ms"))
    for name, used in spent.items():
        figures.append(Figure(f"{name}, of a core", 100 * used / seconds, "%"))
        figures.append(Figure(f"{name}, a request", 1000 * used / max(count, 1), "ms", note="processor time"))
    return figures


# --- the desks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Due:
    at: float
    kind: str
    desk: int


def _work(port: int, desks: Sequence[Desk], of_network: float, seconds: float) -> Asked:
    """In a process of its own."""
    asked, due = Asked(), SimpleQueue[_Due | None]()
    seats = [_Seat(port, desk, asked) for desk in desks]
    begins = time.monotonic() + 0.5
    for each in _schedule(of_network, seconds, len(desks)):
        due.put(each)
    hands = [threading.Thread(target=_press_when_due, args=(due, seats, begins)) for _ in range(DESKS)]
    for _ in hands:
        due.put(None)
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return asked


def _schedule(of_network: float, seconds: float, desks: int) -> list[_Due]:
    dice = Random(desks)
    schedule = []
    for kind, rate in requests_a_second().items():
        at = dice.expovariate(rate * of_network)
        while at < seconds:
            schedule.append(_Due(at, kind, dice.randrange(desks)))
            at += dice.expovariate(rate * of_network)
    return sorted(schedule, key=lambda each: each.at)


def _press_when_due(due: "SimpleQueue[_Due | None]", seats: Sequence["_Seat"], begins: float) -> None:
    while each := due.get():
        time.sleep(max(0.0, begins + each.at - time.monotonic()))
        seats[each.desk].ask(each.kind, begins + each.at)


class _Seat:
    """One operator: presses one button after the other."""

    def __init__(self, port: int, desk: Desk, asked: Asked) -> None:
        self._port = port
        self._desk = desk
        self._asked = asked
        self._visits = cycle(desk.visit_ids)
        self._steps = {visit_id: cycle(_ROUND) for visit_id in desk.visit_ids}
        self._one_at_a_time = threading.Lock()

    def ask(self, kind: str, due_at: float) -> None:
        with self._one_at_a_time:
            connection = Connection(self._port, self._desk.cookies)
            status = getattr(self, f"_{kind}")(connection)
            connection.close()
        self._asked.delays[kind].append(1000 * (time.monotonic() - due_at))
        if status not in (200, 204):
            self._asked.failed[f"{kind} {status}"] += 1

    def _step(self, connection: Connection) -> int:
        visit_id = next(self._visits)
        path = f"/visits/{visit_id}/{next(self._steps[visit_id])}/"
        return connection.post(path, {"request_key": str(uuid.uuid4())}).status

    def _window(self, connection: Connection) -> int:
        return connection.get(f"/visits/{next(self._visits)}/", is_window=True).status

    def _search(self, connection: Connection) -> int:
        return connection.get(f"/{self._desk.code}/search?q=%D0%9A%D1%83%D0%B7%D1%8C").status

    def _board(self, connection: Connection) -> int:
        return connection.get(f"/{self._desk.code}/", accepts="gzip").status


# --- the processes -----------------------------------------------------------------------------------------------


def _parts(supervisor: int) -> dict[str, list[psutil.Process]]:
    """The server's processes and the database's, by what they are."""
    from django.db import connection

    children = psutil.Process(supervisor).children()
    web = [child for child in children if "serve" in child.cmdline()]
    watch = [child for child in children if "watch" in child.cmdline()]
    parts = {"web processes": web, "watch": watch}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            parent = psutil.Process(cursor.fetchone()[0]).parent()
        parts["PostgreSQL"] = [parent] if parent else []
    return parts


def _spent(processes: Sequence[psutil.Process]) -> float:
    """Seconds of the processor so far, with all that they have started and that has ended since."""
    whole = 0.0
    for process in [each for top in processes for each in (top, *top.children(recursive=True))]:
        times = process.cpu_times()
        whole += times.user + times.system
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.network", description="A share of a network in its busy hour."
    )
    parser.add_argument("--write", action="store_true", help="write docs/figures/network.md")
    parser.add_argument("--share", type=int, default=SHARE, metavar="N", help="a N-th of the network (%(default)s)")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each rate (%(default)s)")
    chosen = parser.parse_args(arguments)
    console, load = Console(), os.getloadavg()[0]
    with console.status("Working…"):
        measure = partial(measured, share=chosen.share, workers=chosen.workers, seconds=chosen.seconds)
        levels = in_process_of_its_own(measure, "PostgreSQL")
    sections = {_title(figures): figures for figures in levels}
    for title, figures in sections.items():
        console.print(table(title, figures))
    words = machine(load, f"{chosen.workers} web processes and a watch on PostgreSQL, all on this machine")
    console.print(f"{words}.")
    if chosen.write:
        page = Page("A share of a network in its busy hour", "python -m bench.network --write", words)
        page.write(FIGURES / "network.md", sections)
    return 0


def _title(figures: Sequence[Figure]) -> str:
    return f"{figures[0].value:g} % of the network's rate"


if __name__ == "__main__":
    sys.exit(main())
