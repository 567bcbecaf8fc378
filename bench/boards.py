"""`python -m bench.boards`: one event to thousands of open boards, what an open board costs, and when all come back.

The boards are real connections of a process of our own, each with a session of its own; the server is one process of
`vovremya serve`. The floor is a bare hub, which pushes the same bytes to as many connections and does nothing else.
"""

import argparse
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import psutil
from rich.console import Console

from bench.figures import FIGURES, Figure, Page, machine, table
from bench.listening import Listeners, request_of_feed
from bench.serving import Connection, Running, bare_hub, free_port, raise_descriptors, served
from bench.stage import DATABASES, measured_on, stage

if TYPE_CHECKING:
    from bench.filling import Size

BOARDS = 2_000
BRANCHES = 200
EVENTS = 9
#: A round of checking all sessions is in it.
IDLE_SECONDS = 32.0
SETTLES_FOR_SECONDS = 6.0
WARMED_BY = 100
OPENED_TOGETHER = 50

TIMES_BARE = 1.5
KILOBYTES_A_BOARD = 15.0
_TOLD = b"event: bars"


@dataclass(frozen=True)
class Scene:
    """The filled database: whose board is shown to whom, and the visit that something happens to."""

    size: "Size"
    visit_id: int
    cookies: Mapping[str, str]  # of the operator who acts
    frame: bytes  # the event as the program tells it
    seats: Sequence[tuple[str, str]]  # whose boards are opened, all of one branch
    scattered: Sequence[tuple[str, str]]  # and of many
    steps: Iterator[str] = field(default_factory=lambda: cycle(("check-in", "undo-check-in")))


@dataclass(frozen=True)
class Told:
    """Milliseconds from the press to the boards."""

    typical: float
    slow: float
    last: float
    apart: float  # from the first board to the last
    processor: float  # of the server, an event


def measured(database: str, boards: int = BOARDS, idle_seconds: float = IDLE_SECONDS) -> list[Figure]:
    raise_descriptors()
    with stage(database) as folder, Listeners() as listeners:
        scene = _scene(boards)
        bare = _bare(folder, scene, listeners)
        port = free_port()
        with served(folder, port=port) as running:
            figures = _one_branch(running, scene, listeners, bare, idle_seconds)
        listeners.close()
        figures += _storm(folder, port, scene, listeners)
        listeners.close()
        with served(folder, port=port) as running:
            figures += _many_branches(running, scene, listeners, idle_seconds)
    return figures


def _scene(boards: int) -> Scene:
    from bench.filling import NOW, SIZES, Size, fill, seat_many
    from vovremya.board.bars import draw_visit
    from vovremya.board.live import frames
    from vovremya.journal.queries import latest_cursor
    from vovremya.visits.models import Visit

    size = SIZES[0]
    small = [Size(f"S{number:03}", bays=4, visits=12) for number in range(BRANCHES)]
    cookies = fill([size, *small])
    visit = Visit.objects.filter(branch__code=size.code, starts_at__gt=NOW).order_by("starts_at", "id")[0]
    frame = frames.bars(cursor=latest_cursor(), drawn=draw_visit(visit.pk, NOW))
    seats, scattered = seat_many([size.code], boards), seat_many([each.code for each in small], boards)
    return Scene(size, visit.pk, cookies, frame, seats, scattered)


def _requests(seats: Sequence[tuple[str, str]]) -> list[bytes]:
    """Of boards that have missed nothing so far."""
    from vovremya.journal.queries import latest_cursor

    cursor = latest_cursor()
    return [request_of_feed(code, cursor, cookie) for code, cookie in seats]


def _bare(folder: Path, scene: Scene, listeners: Listeners) -> Told:
    with bare_hub(folder) as running:
        listeners.open(running.port, _requests(scene.seats), at_once=OPENED_TOGETHER)
        connection = Connection(running.port, {})
        bare = _told_often(running, listeners, partial(connection.push, scene.frame))
        connection.close()
    listeners.close()
    return bare


def _one_branch(running: Running, scene: Scene, listeners: Listeners, bare: Told, idle_seconds: float) -> list[Figure]:
    process = psutil.Process(running.pid)
    press = partial(_press, running.port, scene)
    listeners.open(running.port, _requests(scene.seats[:1]))
    alone = _told_often(running, listeners, press)
    listeners.close()
    listeners.open(running.port, _requests(scene.seats[:WARMED_BY]), at_once=OPENED_TOGETHER)
    _told(listeners, press)
    listeners.close()
    time.sleep(SETTLES_FOR_SECONDS)
    idle_before, memory_before = _processor_share(process, idle_seconds / 2), process.memory_info().rss
    began = time.perf_counter()
    greeted = listeners.open(running.port, _requests(scene.seats), at_once=OPENED_TOGETHER)
    opening = max(greeted) - began
    time.sleep(SETTLES_FOR_SECONDS)
    kilobytes = (process.memory_info().rss - memory_before) / 1000 / len(scene.seats)
    idle = _processor_share(process, idle_seconds) - idle_before
    told = _told_often(running, listeners, press)
    many = f"{len(scene.seats):,} boards"
    note = "from the press; floor: the same told to one board + the bare hub's to as many"
    return [
        Figure("one event to one board", alone.typical, "ms", note="from the press: action, commit, drawing, telling"),
        *(
            Figure(f"one event to {many}, {which}", value, "ms", floor, TIMES_BARE * floor, note=note)
            for which, value, floor in (
                ("p50", told.typical, alone.typical + bare.typical),
                ("p99", told.slow, alone.typical + bare.slow),
                ("the last", told.last, alone.typical + bare.last),
            )
        ),
        Figure("from the first board to the last", told.apart, "ms", bare.apart, note="floor: the bare hub's"),
        Figure(
            what="the server's processor for it",
            value=told.processor,
            unit="ms",
            floor=alone.processor + bare.processor,
            note="whatever else the machine does; floor: the same told to one board + the bare hub's",
        ),
        Figure("memory of an open board", kilobytes, "KB", goal=KILOBYTES_A_BOARD, note="resident, of the server"),
        Figure(
            f"processor for {many} at rest", 10 * idle, "ms/s", note="beats and checks of sessions, above no boards"
        ),
        Figure(f"{many} opened", opening, "s", note=f"{OPENED_TOGETHER} at a time"),
    ]


def _storm(folder: Path, port: int, scene: Scene, listeners: Listeners) -> list[Figure]:
    """The server has been restarted, and all come at the same instant: browsers come at random within some seconds."""
    began = time.perf_counter()
    with served(folder, port=port) as running:
        started = time.perf_counter() - began
        process = psutil.Process(running.pid)
        before = sum(process.cpu_times()[:2])
        requests = _requests(scene.seats)
        with _asking(port, scene) as waited:
            began = time.perf_counter()
            greeted = [at - began for at in listeners.open(port, requests)]
        spent = sum(process.cpu_times()[:2]) - before
    many = f"{len(scene.seats):,} boards"
    return [
        Figure("a server started, to its first answer", started, "s"),
        Figure(
            f"{many} back at once, p50",
            median(greeted),
            "s",
            note="from then on; all at one instant, having missed nothing",
        ),
        Figure(f"{many} back at once, the last", max(greeted), "s"),
        Figure("processor a board that comes back", 1000 * spent / len(scene.seats), "ms"),
        Figure("a small page meanwhile, the slowest", 1000 * max(waited, default=0.0), "ms"),
    ]


def _many_branches(running: Running, scene: Scene, listeners: Listeners, idle_seconds: float) -> list[Figure]:
    process = psutil.Process(running.pid)
    idle_before = _processor_share(process, idle_seconds / 2)
    watching = scene.seats[: len(scene.seats) // BRANCHES or 1]
    listeners.open(running.port, _requests(scene.scattered[len(watching) :]), at_once=OPENED_TOGETHER)
    listeners.open(running.port, _requests(watching), at_once=OPENED_TOGETHER)
    time.sleep(SETTLES_FOR_SECONDS)
    idle = _processor_share(process, idle_seconds) - idle_before
    places = range(len(scene.seats) - len(watching), len(scene.seats))
    press = partial(_press, running.port, scene)
    told = _told_often(running, listeners, press, places)
    many = f"{len(scene.seats):,} boards of {BRANCHES + 1} branches"
    return [
        Figure(f"{many}: one event to its {len(watching)}, the last", told.last, "ms", note="from the press"),
        Figure(f"processor for {many} at rest", 10 * idle, "ms/s", note="above no boards"),
    ]


def _press(port: int, scene: Scene) -> None:
    """«Прибыл» and its taking back, in turn."""
    connection = Connection(port, scene.cookies)  # of its own: the server ends one that has rested
    answer = connection.post(f"/visits/{scene.visit_id}/{next(scene.steps)}/", {"request_key": str(uuid.uuid4())})
    connection.close()
    if answer.status != 204:
        raise SystemExit(f"the press is answered with {answer.status}: {answer.body[:500].decode()}")


def _told(listeners: Listeners, press: "partial[None]", places: Sequence[int] | None = None) -> list[float]:
    """Milliseconds from the press to each board, in order."""
    listeners.expect(_TOLD, places)
    began = time.perf_counter()
    press()
    return sorted(1000 * (at - began) for at in listeners.told())


def _told_often(
    running: Running, listeners: Listeners, press: "partial[None]", places: Sequence[int] | None = None
) -> Told:
    process = psutil.Process(running.pid)
    before = sum(process.cpu_times()[:2])
    events = [_told(listeners, press, places) for _ in range(EVENTS)]
    spent = sum(process.cpu_times()[:2]) - before
    every = [delay for event in events for delay in event]
    return Told(
        typical=median(every),
        slow=quantiles(every, n=100)[-1],
        last=median(event[-1] for event in events),
        apart=median(event[-1] - event[0] for event in events),
        processor=1000 * spent / EVENTS,
    )


def _processor_share(process: psutil.Process, seconds: float) -> float:
    """Per cent of one core."""
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return 100 * (sum(process.cpu_times()[:2]) - before) / seconds


@contextmanager
def _asking(port: int, scene: Scene) -> Iterator[list[float]]:
    """Somebody works on meanwhile: a small page again and again, and what it took."""
    waited: list[float] = []
    is_over = threading.Event()

    def ask() -> None:
        connection = Connection(port, scene.cookies)
        while not is_over.wait(0.05):
            waited.append(connection.get(f"/{scene.size.code}/search?q=").seconds)
        connection.close()

    asker = threading.Thread(target=ask)
    asker.start()
    yield waited
    is_over.set()
    asker.join()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.boards", description="One event to thousands of boards.")
    parser.add_argument("--write", action="store_true", help="write docs/figures/boards.md")
    parser.add_argument("--boards", type=int, default=BOARDS, metavar="N")
    parser.add_argument(
        "--idle", type=float, default=IDLE_SECONDS, metavar="SECONDS", help="how long boards are at rest"
    )
    parser.add_argument("--database", action="append", choices=DATABASES, help="one only (both)")
    chosen = parser.parse_args(arguments)
    console, load = Console(), os.getloadavg()[0]
    with console.status("Opening boards…"):
        results = measured_on(
            chosen.database or DATABASES, partial(measured, boards=chosen.boards, idle_seconds=chosen.idle)
        )
    for database, figures in results.items():
        console.print(table(database, figures))
    words = machine(load)
    console.print(f"{words}.")
    if chosen.write:
        Page("How many boards one process carries", "python -m bench.boards --write", words).write(
            FIGURES / "boards.md", results
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
