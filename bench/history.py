"""`python -m bench.history`: the board, a save, a booking and a move before and after years of history.

One branch of 40 bays and 1,000 visits a day; its past grows from 10,000 to 1,000,000 visits, with `--ten-million` to
ten times as many. Nothing may become dearer by it. Besides the clock the work of the database is counted for every
statement, and those whose work grows are named.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.costs import Costs, counted
from bench.figures import Figure
from bench.floors import bare_rows, milliseconds
from bench.running import options, tell
from bench.saving import Desk, book_one, desk_of, move_one, save_one
from bench.serving import Connection, bare_answer, served
from bench.stage import stage

if TYPE_CHECKING:
    from bench.inside import Handler

PASTS = (10_000, 100_000, 1_000_000)
LONGEST_PAST = 10_000_000
REQUESTS = 25
SAVES = 25
GROWTH = 1.2
COLD_TIMES = 4
WARM_GOAL = 1.0
#: Trees grow a level deeper now and then; what looks through history grows with it.
WORK_GROWTH = 2.0
#: Less is not looked at: a client who has come ten times more often is not history growing.
LEAST_WORK = {"steps": 1_000, "pages": 50}
_SHOWN_CHARACTERS = 110


@dataclass(frozen=True)
class Taken:
    """Milliseconds with so long a past, and what the database did for it."""

    visits: int
    times: Mapping[str, float]
    floors: Mapping[str, float]
    costs: Mapping[str, Costs]
    queries: int
    gigabytes: float


def measured(database: str, pasts: Sequence[int]) -> list[Figure]:
    with stage(database) as folder:
        desk = desk_of()
        from bench.filling import SIZES
        from bench.past import Past

        past = Past(SIZES[0])
        taken = []
        for visits in pasts:
            past.grow_to(visits)
            taken.append(_taken(folder, desk, visits))
    return [*_figures(taken), *_growing(taken)]


def _taken(folder: Path, desk: Desk, visits: int) -> Taken:
    from bench.filling import note_something
    from bench.inside import Handler, processor_time
    from bench.past import size_on_disk
    from vovremya.board import snapshots

    path, handler = f"/{desk.branch.code}/", Handler(desk.cookies)
    saves: dict[str, Callable[[], object]] = {
        "saving a card": partial(save_one, desk),
        "booking": partial(book_one, desk),
        "moving": partial(move_one, desk),
    }
    handler.ask(path)
    snapshots.forget_all()
    costs = {}
    with counted() as costs["board drawn anew"]:
        handler.ask(path)
    for name, do in {**saves, **_looks(handler, desk), **_duties()}.items():
        do()
        with counted() as costs[name]:
            do()
    queries = _queries_of_board(handler, path)
    with served(folder) as running, bare_answer(_plain(running.port, path, desk), folder) as port:
        page, plain = Connection(running.port, desk.cookies), Connection(port, {})
        cold, bare = [], []
        for _ in range(3 + REQUESTS):
            note_something(desk.branch.code)
            cold.append(1000 * page.get(path).seconds)
            bare.append(1000 * plain.get("/").seconds)
        page.close()
        plain.close()
    times = {
        "board drawn anew, p50": median(cold[3:]),
        "board kept, its processor time": processor_time(handler, path),
        **{f"{name}, p50": _typical(do) for name, do in saves.items()},
    }
    floors = {"board drawn anew, p50": bare_rows(queries) + median(bare[3:])}
    return Taken(visits, times, floors, costs, len(queries), size_on_disk())


def _looks(handler: "Handler", desk: Desk) -> dict[str, Callable[[], object]]:
    """Every window and list that looks for something."""
    visit, code = f"/visits/{desk.moved.pk}", f"/{desk.branch.code}"
    pages = {
        "board kept": f"{code}/",
        "board of last year": f"{code}/?day=2025-11-24",
        "removed visits": f"{code}/removed/",
        "«Не приехали»": f"{code}/not-arrived/",
    }
    windows = {
        "«Ремонты»": f"{visit}/",
        "history of a visit": f"{visit}/history/",
        "card": f"/visits/{desk.late.pk}/contact/",
        "free times": f"{code}/booking/slots/?duration=60",
        "search by name": f"{code}/search?{urlencode({'q': 'Смирнова'})}",
        "search by plate": f"{code}/search?{urlencode({'q': 'а123'})}",
        "search by phone": f"{code}/search?q=9121234567",
        "client of a call": f"{code}/booking/clients/?phone=9121234567",
    }
    return {
        **{name: partial(handler.ask, path) for name, path in pages.items()},
        **{name: partial(handler.ask, path, for_window=True) for name, path in windows.items()},
    }


def _duties() -> dict[str, Callable[[], object]]:
    """The rounds of the watch: it makes them every few seconds, whatever lies behind."""
    from vovremya.kernel import clock
    from vovremya.visits.actions.announcements import announce_due
    from vovremya.visits.queries import earliest_change
    from vovremya.watch.loop import usual_duties

    now, real_now = clock.now(), clock.real_now()
    while announce_due(now):
        pass
    rounds: dict[str, Callable[[], object]] = {"announcements": partial(announce_due, now), "next": earliest_change}
    rounds |= {duty.name: partial(duty.do, now, real_now) for duty in usual_duties()}
    return {f"watch: {name}": do for name, do in rounds.items()}


def _queries_of_board(handler: "Handler", path: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vovremya.board import snapshots

    snapshots.forget_all()
    with CaptureQueriesContext(connection) as captured:
        handler.ask(path)
    return [query["sql"] for query in captured]


def _plain(port: int, path: str, desk: Desk) -> bytes:
    connection = Connection(port, desk.cookies)
    body = connection.get(path).body
    connection.close()
    return body


def _typical(do: Callable[[], object]) -> float:
    return median(milliseconds(do) for _ in range(SAVES))


def _figures(taken: Sequence[Taken]) -> list[Figure]:
    first = taken[0]
    figures = []
    for name in first.times:
        for each in taken:
            floor = each.floors.get(name)
            is_first = each is first
            cold_goal = COLD_TIMES * floor if floor else None
            kept_goal = WARM_GOAL if name.startswith("board kept") else None
            figures.append(
                Figure(
                    f"{name}, {each.visits:,} visits of history",
                    each.times[name],
                    "ms",
                    floor if is_first else first.times[name],
                    (cold_goal or kept_goal) if is_first else GROWTH * first.times[name],
                    note=_note(each, name) if is_first else "",
                )
            )
    last = taken[-1]
    figures += [
        Figure(
            f"work: {name}",
            last.costs[name].total,
            cost.unit,
            cost.total,
            GROWTH * max(cost.total, LEAST_WORK[cost.unit]),
        )
        for name, cost in first.costs.items()
    ]
    return [*figures, *(Figure(f"on the disk, {each.visits:,}", each.gigabytes, "GB") for each in taken)]


def _note(each: Taken, name: str) -> str:
    if not name.startswith("board drawn"):
        return "further lines: floor is the shortest history"
    return (
        f"{each.queries} queries; floor: they by the bare driver + a bare answer; further lines: the shortest history"
    )


def _growing(taken: Sequence[Taken]) -> list[Figure]:
    """The statements whose work grows with history."""
    found = []
    for name, before in taken[0].costs.items():
        short, long = _by_statement(before), _by_statement(taken[-1].costs[name])
        for statement, steps in long.items():
            least = max(short.get(statement, 0), LEAST_WORK[before.unit])
            if steps > WORK_GROWTH * least:
                words = " ".join(statement.split())[:_SHOWN_CHARACTERS]
                found.append(
                    Figure(f"GROWS: {name}", steps, before.unit, least, WORK_GROWTH * least, note=f"`{words}`")
                )
    return found


def _by_statement(costs: Costs) -> dict[str, int]:
    work: dict[str, int] = defaultdict(int)
    for cost in costs.of:
        work[cost.statement] += cost.steps
    return work


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("history", "Whether years of history make anything dearer.")
    parser.add_argument("--past", type=int, action="append", help="so many visits; again for each step")
    parser.add_argument("--ten-million", action="store_true", help="the longest past too: some 15 GB, half an hour")
    chosen = parser.parse_args(arguments)
    pasts = sorted(chosen.past or PASTS)
    pasts += [LONGEST_PAST] if chosen.ten_million else []
    return tell("history", "Whether history makes it slow", chosen, partial(measured, pasts=pasts))


if __name__ == "__main__":
    sys.exit(main())
