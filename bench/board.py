"""`make bench`: the board of a large day, from the database to the screen, beside the floors of this machine.

A real server process and a real Chromium. Every figure stands beside the least that could do the same on the
same machine in the same run: the ratio of the two is what can be compared between machines.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from rich.console import Console

from bench import screen
from bench.figures import FIGURES, Figure, Page, machine, table
from bench.screen import Load, Repaint
from bench.serving import Connection, bare_answer, program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bench.filling import Size

PAGE = FIGURES / "board.md"
REQUESTS = 20
SMALL_REQUESTS = 300
LOADS = 5
REPAINTS = 20
CROWD = 100

#: Set by measurement before the board was built, for the largest day.
LARGEST = 3_000
#: The day that the server's goals are for.
USUAL = 1_000
COLD_TIMES = 4
WARM_GOAL = 1.0
SMALL_GOAL = 0.9
FIRST_RENDER_GOAL = 600.0
REPAINT_GOAL = 26.0
FRAMES_GOAL = 60.0


def measured(size: "Size", database: Path, folder: Path, cookies: Mapping[str, str]) -> list[Figure]:
    from bench.filling import note_something
    from bench.inside import Handler, bare_queries_in, inside, processor_time
    from bench.news import news_of, plain_page

    path = f"/{size.code}/"
    shares = inside(path, cookies)
    news = news_of(size, CROWD)
    small = f"{path}search?q="
    with program(database, folder) as port:
        cold = _asked(port, path, cookies, "identity", before=lambda: note_something(size.code))
        packed = _asked(port, path, cookies, "gzip", before=lambda: note_something(size.code))
        warm = _asked(port, path, cookies, "gzip", times=SMALL_REQUESTS)
        little = _asked(port, small, cookies, "identity", times=SMALL_REQUESTS)
        bare, bare_warm, bare_little = (
            _bare(answer.body, folder, times)
            for answer, times in ((cold, REQUESTS), (warm, SMALL_REQUESTS), (little, SMALL_REQUESTS))
        )
        with bare_answer(plain_page(size.visits), folder) as bare_port, screen.chromium() as browser:
            boxes = _loads(browser, f"http://127.0.0.1:{bare_port}/", {})
            on_screen = _on_screen(size, news, boxes, browser, f"http://127.0.0.1:{port}{path}", cookies)
    floor = bare_queries_in(shares.queries, database) + bare
    whole = sum(shares.milliseconds.values())
    parts = ", ".join(f"{name} {100 * spent / whole:.0f} %" for name, spent in shares.milliseconds.items())
    return [
        Figure(
            what="page drawn anew, p50",
            value=cold.typical,
            unit="ms",
            floor=floor,
            goal=COLD_TIMES * floor if size.visits == USUAL else None,
            note="after an entry of the branch; floor: its queries by the bare driver + a bare answer",
        ),
        Figure("page drawn anew, p95", cold.slow, "ms", floor, note=parts),
        Figure("page drawn anew, compressed, p50", packed.typical, "ms", floor),
        Figure("page kept, compressed, p50", warm.typical, "ms", bare_warm),
        Figure(
            what="its time in the handler",
            value=shares.warm,
            unit="ms",
            goal=WARM_GOAL if size.visits == USUAL else None,
            note=f"processor time, {shares.warm_queries} queries, compressed",
        ),
        Figure(
            what="small page, p50",
            value=little.typical,
            unit="ms",
            floor=bare_little,
            goal=SMALL_GOAL,
            note="signed in: a search that finds nothing",
        ),
        Figure("its time in the handler", processor_time(Handler(cookies), small), "ms", note="processor time"),
        Figure("size", len(cold.body) / 1e6, "MB"),
        Figure("size compressed", len(packed.body) / 1e6, "MB"),
        Figure("queries", len(shares.queries), ""),
        *on_screen,
    ]


@dataclass(frozen=True)
class _Asked:
    typical: float
    slow: float
    body: bytes


def _asked(
    port: int,
    path: str,
    cookies: Mapping[str, str],
    accepts: str,
    *,
    times: int = REQUESTS,
    before: Callable[[], None] = lambda: None,
) -> _Asked:
    connection = Connection(port, cookies)
    answers = []
    for _ in range(3 + times):
        before()
        answers.append(connection.get(path, accepts=accepts))
    connection.close()
    last = answers[-1]
    if last.status != 200 or (last.encoding == "gzip" and accepts != "gzip"):
        raise SystemExit(f"{path} answers {last.status}, {last.encoding or 'plain'}")
    seconds = [1000 * answer.seconds for answer in answers[3:]]
    return _Asked(median(seconds), quantiles(seconds, n=20)[-1], last.body)


def _bare(body: bytes, folder: Path, times: int) -> float:
    with bare_answer(body, folder) as port:
        return _asked(port, "/", {}, "identity", times=times).typical


def _loads(browser: "Browser", url: str, cookies: Mapping[str, str]) -> list[Load]:
    loads = []
    for _ in range(LOADS):
        with screen.opened(browser, url, cookies) as window:
            loads.append(window.load())
    return loads


def _on_screen(
    size: "Size", news: Sequence[str], boxes: Sequence[Load], browser: "Browser", url: str, cookies: Mapping[str, str]
) -> list[Figure]:
    from bench.news import in_turn

    is_largest = size.visits == LARGEST
    loads = _loads(browser, url, cookies)
    with screen.opened(browser, url, cookies) as window:
        window.page.wait_for_timeout(4000)
        one_in_turn, crowd_in_turn = in_turn(news[:1]), in_turn(news)
        frames = [window.frame() for _ in range(REPAINTS)]
        ones = [window.repainted(next(one_in_turn)) for _ in range(REPAINTS)]
        crowds = [window.repainted(next(crowd_in_turn)) for _ in range(5)]
        still, scrolled = window.scroll(None), window.scroll(".board")
        drawn = window.draw_a_bar()

    def typical(repaints: Sequence[Repaint]) -> tuple[float, float]:
        return median(each.painted for each in repaints), median(each.processor for each in repaints)

    (frame, frame_work), (one, one_work), (crowd, crowd_work) = typical(frames), typical(ones), typical(crowds)
    return [
        Figure("first paint", median(load.first_paint - load.first_byte for load in loads), "ms"),
        Figure(
            what="first full render",
            value=median(load.drawn_in for load in loads),
            unit="ms",
            floor=median(load.drawn_in for load in boxes),
            goal=FIRST_RENDER_GOAL if is_largest else None,
            note="from the first byte, with an empty cache; floor: as many plain boxes with two words",
        ),
        Figure(
            what="its processor time",
            value=median(load.processor for load in loads),
            unit="ms",
            floor=median(load.processor for load in boxes),
            note="of the page's main thread",
        ),
        Figure(
            what="one bar, told to painted",
            value=one,
            unit="ms",
            floor=frame,
            goal=REPAINT_GOAL if is_largest else None,
            note="floor: a change that shows nothing",
        ),
        Figure("its processor time", one_work, "ms", frame_work),
        Figure(f"{CROWD} bars, told to painted", crowd, "ms", frame),
        Figure("their processor time", crowd_work, "ms", frame_work),
        Figure(
            what="scrolling all over",
            value=scrolled.rate,
            unit="frames/s",
            floor=still.rate,
            goal=FRAMES_GOAL if is_largest else None,
            is_more_better=True,
            note=f"longest frame {scrolled.longest:.0f} ms; floor: nothing moves",
        ),
        Figure(
            what="a bar in hand, drawn about",
            value=drawn.rate,
            unit="frames/s",
            floor=still.rate,
            goal=FRAMES_GOAL if is_largest else None,
            is_more_better=True,
            note=f"longest frame {drawn.longest:.0f} ms; floor: nothing moves",
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="How fast the board of a large day is.")
    parser.add_argument("--write", action="store_true", help="write docs/figures/board.md")
    chosen = parser.parse_args(arguments)
    console = Console()
    load = os.getloadavg()[0]
    results: dict[Size, list[Figure]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "bench.sqlite3"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
            "VOVREMYA_DATABASE": str(database),
            "VOVREMYA_TRIAL": "1",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from bench.filling import SIZES, fill
        from vovremya.directory.queries import clock_anchor
        from vovremya.kernel import clock

        with console.status("Filling the days…"):
            call_command("migrate", verbosity=0)
            cookies = fill()
        clock.follow(clock_anchor)
        for size in SIZES:
            with console.status(f"Measuring {size}…"):
                results[size] = measured(size, database, folder, cookies)
            console.print(table(str(size), results[size]))
    words = machine(load, f"Chromium {screen.version()} headless without a graphics card")
    console.print(f"{words}.")
    if chosen.write:
        page = Page("How fast the board is", "make bench ARGS=--write", words)
        page.write(PAGE, {str(size): figures for size, figures in results.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
