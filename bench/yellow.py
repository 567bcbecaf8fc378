"""`python -m bench.yellow`: from the instant of lateness to yellow on thirty real boards, and to the journal.

Thirty operators, each with a browser context, a session, a page and a stream of their own, in one headless Chromium on
the machine of the server. The floor is thirty plain pages with as many boxes, each turned by a timer of its own.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench import screen
from bench.figures import FIGURES, Figure, Page, machine, table
from bench.listening import Listeners, request_of_feed
from bench.serving import bare_answer, served
from bench.stage import DATABASES, measured_on, stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as BrowserPage

BOARDS = 30
ONE_BY_ONE = 8
APART = timedelta(seconds=3)
#: Three beats come before the first, as on any board that has been open for a while.
LEAD = timedelta(seconds=14)
PAINTED_WITHIN_MS = 5_000
YELLOW_GOAL = 250.0
ANNOUNCED_GOAL = 1_000.0

#: Playwright's loop has the main thread, where Django refuses to ask the database.
_backstage = ThreadPoolExecutor(1)
_SCRIPT = Path(__file__).with_name("yellow.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Scene:
    code: str
    cursor: str
    seats: Sequence[tuple[str, str]]  # the cookie of each operator: name, value
    #: By visit: the first few turn one by one, all others at once.
    turns_at: Mapping[int, datetime]

    @property
    def single(self) -> list[int]:
        return list(self.turns_at)[:ONE_BY_ONE]

    @property
    def crowd(self) -> list[int]:
        return list(self.turns_at)[ONE_BY_ONE:]


def measured(database: str, boards: int = BOARDS) -> list[Figure]:
    with stage(database) as folder:
        scene = _scene(boards)
        with served(folder) as running, Listeners() as listeners, screen.chromium() as browser:
            url = f"http://127.0.0.1:{running.port}/{scene.code}/"
            with _opened(browser, url, scene.seats) as pages:
                _open_stream(listeners, running.port, scene)
                since = _backstage.submit(_let_time_come, scene).result()
                announced = [_announced_after(listeners, visit, since[visit]) for visit in scene.single]
                painted = _painted_after(pages, since)
            late = _opened_late(browser, url, scene)
        recorded = _recorded_after(scene)
        bare = _bare(folder, scene, boards)
    return _figures(scene, boards, painted, bare, announced, recorded, late)


def _figures(
    scene: Scene,
    boards: int,
    painted: Mapping[int, Sequence[float]],
    bare: Mapping[int, Sequence[float]],
    announced: Sequence[float],
    recorded: Sequence[float],
    late: float,
) -> list[Figure]:
    def of(visits: Sequence[int], delays: Mapping[int, Sequence[float]]) -> list[float]:
        return [delay for visit in visits for delay in delays[visit]]

    singles, bare_singles = of(scene.single, painted), of(scene.single, bare)
    crowd, bare_crowd = of(scene.crowd, painted), of(scene.crowd, bare)
    many = f"{len(scene.crowd)} bars at once"
    return [
        Figure(
            what="one bar yellow, p50",
            value=median(singles),
            unit="ms",
            floor=median(bare_singles),
            note=f"{len(singles)} bars on {boards} boards, from the instant to the painted frame; floor: a bare timer",
        ),
        Figure("one bar yellow, p95", _p95(singles), "ms", _p95(bare_singles), YELLOW_GOAL),
        Figure("one bar yellow, the last of all", max(singles), "ms", max(bare_singles)),
        Figure(f"{many} yellow, p50", median(crowd), "ms", median(bare_crowd)),
        Figure(f"{many} yellow, p95", _p95(crowd), "ms", _p95(bare_crowd), YELLOW_GOAL),
        Figure(f"{many} yellow, the last of all", max(crowd), "ms", max(bare_crowd)),
        Figure("announced, over the line, p50", median(announced), "ms", note="from the instant to a board's stream"),
        Figure("announced, over the line, the last", max(announced), "ms", goal=ANNOUNCED_GOAL),
        Figure("announced, in the journal, the last", max(recorded), "ms", goal=ANNOUNCED_GOAL, note="of all bars"),
        Figure(
            what="yellow on a board opened afterwards",
            value=late,
            unit=f"of {len(scene.turns_at)} bars",
            goal=len(scene.turns_at),
            is_more_better=True,
            note="as the server draws it, before any script",
        ),
    ]


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


# --- the scene ---------------------------------------------------------------------------------------------------


def _scene(boards: int) -> Scene:
    from bench.filling import NOW, SIZES, fill, seat_many
    from vovremya.journal.queries import latest_cursor
    from vovremya.visits.models import Visit

    size = SIZES[0]
    fill([size])
    seats = [(name, value) for _, cookie in seat_many([size.code], boards) for name, value in [cookie.split("=", 1)]]
    planned = Visit.objects.filter(branch__code=size.code, starts_at__gt=NOW).order_by("starts_at", "id")
    begins_at = planned[0].starts_at
    visits = list(planned.filter(starts_at=begins_at).select_related("policy"))
    turns_at = {}
    for place, visit in enumerate(visits):
        starts_at = begins_at + min(place, ONE_BY_ONE + 1) * APART
        turns_at[visit.pk] = _begin(visit, starts_at, NOW)
    return Scene(size.code, latest_cursor(), seats, turns_at)


def _begin(visit: Any, starts_at: datetime, now: datetime) -> datetime:
    """Let it begin some seconds later than booked; gives the instant it turns late."""
    from vovremya.visits.models import Visit
    from vovremya.visits.queries import policy_facts, visit_facts
    from vovremya.visits.rules.timeline import next_change_at, state_timeline

    visit.starts_at = starts_at
    facts = visit_facts(visit, None, [])
    turns_at = next_change_at(facts, state_timeline(facts, policy_facts(visit.policy)), now)
    assert turns_at
    Visit.objects.filter(pk=visit.pk).update(starts_at=starts_at, next_change_at=turns_at)
    return turns_at


def _let_time_come(scene: Scene) -> dict[int, float]:
    """Move the shown clock to just before the first instant; gives all of them by the wall clock, in seconds."""
    from vovremya.directory.actions import move_clock
    from vovremya.directory.queries import clock_anchor
    from vovremya.kernel import clock

    move_clock(shown_at=min(scene.turns_at.values()) - LEAD, speed=1.0, real_now=clock.real_now())
    anchor = clock_anchor()
    assert anchor
    return {
        visit: (anchor.real_at + (turns_at - anchor.shown_at)).timestamp() for visit, turns_at in scene.turns_at.items()
    }


# --- the journal -------------------------------------------------------------------------------------------------


def _open_stream(listeners: Listeners, port: int, scene: Scene) -> None:
    name, value = scene.seats[0]
    listeners.open(port, [request_of_feed(scene.code, scene.cursor, f"{name}={value}")])


def _announced_after(listeners: Listeners, visit: int, turns_at: float) -> float:
    """Milliseconds from the instant to the event that the announcement sends to the boards."""
    listeners.expect(f'"visit":{visit},'.encode())
    (told_at,) = listeners.told()
    return 1000 * (told_at + (time.time() - time.perf_counter()) - turns_at)


def _recorded_after(scene: Scene) -> list[float]:
    from vovremya.journal.models import Entry

    entries = Entry.objects.filter(visit_id__in=scene.turns_at, at__in=set(scene.turns_at.values()))
    found = {entry.visit_id: entry for entry in entries}
    if missing := set(scene.turns_at) - set(found):
        raise SystemExit(f"{len(missing)} visits turned late and the journal does not know it")
    return [1000 * (entry.recorded_at - entry.at).total_seconds() for entry in found.values()]


# --- the boards --------------------------------------------------------------------------------------------------


@contextmanager
def _opened(browser: "Browser", url: str, seats: Sequence[tuple[str, str]]) -> Iterator[list["BrowserPage"]]:
    origin = "/".join(url.split("/")[:3])
    with ExitStack() as stack:
        pages = []
        for name, value in seats:
            context = browser.new_context(viewport=screen.SIZE, locale="ru-RU")  # type: ignore[arg-type]
            stack.callback(context.close)
            context.add_init_script(_SCRIPT)
            context.add_cookies([{"name": name, "value": value, "url": origin}])
            page = context.new_page()
            page.goto(url)
            page.wait_for_function("() => window.bench.rendered !== null")
            pages.append(page)
        yield pages


def _painted_after(pages: Sequence["BrowserPage"], since: Mapping[int, float]) -> dict[int, list[float]]:
    """By visit: milliseconds from its instant to the frame that shows it yellow, for each page."""
    rest = max(since.values()) + PAINTED_WITHIN_MS / 1000 - time.time()
    pages[0].wait_for_timeout(1000 * max(rest, 0.0))
    found = [page.evaluate("window.bench.late") for page in pages]
    delays = {visit: [late.get(str(visit)) for late in found] for visit in since}
    if missing := sum(at is None for painted in delays.values() for at in painted):
        raise SystemExit(f"{missing} bars did not turn yellow within {PAINTED_WITHIN_MS / 1000:.0f} s")
    return {visit: [at - 1000 * since[visit] for at in painted] for visit, painted in delays.items()}


def _opened_late(browser: "Browser", url: str, scene: Scene) -> float:
    context = browser.new_context(java_script_enabled=False)
    name, value = scene.seats[0]
    context.add_cookies([{"name": name, "value": value, "url": "/".join(url.split("/")[:3])}])
    page = context.new_page()
    page.goto(url)
    drawn = page.locator(".board .bar.s-late").evaluate_all("(bars) => bars.map((bar) => Number(bar.dataset.visit))")
    context.close()
    return float(len(set(drawn) & set(scene.turns_at)))


def _bare(folder: Path, scene: Scene, boards: int) -> dict[int, list[float]]:
    """The same instants, anew, on plain pages of the same browser."""
    from bench.news import plain_page

    with ExitStack() as stack:
        port = stack.enter_context(bare_answer(plain_page(1000), folder))
        browser = stack.enter_context(screen.chromium())
        pages = stack.enter_context(_opened(browser, f"http://127.0.0.1:{port}/", [("bench", "bare")] * boards))
        first, begins = min(scene.turns_at.values()), time.time() + boards * 0.1 + 2
        since = {visit: begins + (at - first).total_seconds() for visit, at in scene.turns_at.items()}
        instants = [[visit, 1000 * at] for visit, at in since.items()]
        for page in pages:
            page.evaluate("(instants) => window.bench.plan(instants)", instants)
        return _painted_after(pages, since)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.yellow", description="From the instant to yellow.")
    parser.add_argument("--write", action="store_true", help="write docs/figures/yellow.md")
    parser.add_argument("--boards", type=int, default=BOARDS, metavar="N")
    parser.add_argument("--database", action="append", choices=DATABASES, help="SQLite unless said otherwise")
    chosen = parser.parse_args(arguments)
    console, load = Console(), os.getloadavg()[0]
    with console.status("Opening boards, and waiting for the instants…"):
        results = measured_on(chosen.database or DATABASES[:1], partial(measured, boards=chosen.boards))
    for database, figures in results.items():
        console.print(table(database, figures))
    words = machine(load, f"Chromium {screen.version()} headless without a graphics card")
    console.print(f"{words}.")
    if chosen.write:
        page = Page("From the instant of lateness to yellow", "python -m bench.yellow --write", words)
        page.write(FIGURES / "yellow.md", results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
