"""What the browser makes of a page: headless Chromium, a workplace's window, a cold start each time."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from math import sin
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tools.browser import find

SIZE = {"width": 1600, "height": 900}
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_SCRIPT = Path(__file__).with_name("screen.js").read_text(encoding="utf-8")
_SCROLLED_FOR_SECONDS = 3
_SETTLES_FOR_MS = 5000
_BAR_IN_THE_MIDDLE = """() => {
  const inner = { x: innerWidth / 2, y: innerHeight / 2 };
  const places = Array.from(document.querySelectorAll(".board .bar"), (bar) => bar.getBoundingClientRect());
  const away = ({ x, y }) => Math.hypot(x - inner.x, y - inner.y);
  const { x, y } = places.sort((one, other) => away(one) - away(other))[0];
  return { x: x + 8, y: y + 12 };
}"""


@dataclass(frozen=True)
class Load:
    """Milliseconds from the start of the navigation; `processor`: those that the page's main thread was at work."""

    first_byte: float
    first_paint: float
    rendered: float
    processor: float

    @property
    def drawn_in(self) -> float:
        """The browser's own share: from the first byte to the first full frame."""
        return self.rendered - self.first_byte


@dataclass(frozen=True)
class Repaint:
    painted: float
    processor: float


@dataclass(frozen=True)
class Scroll:
    rate: float
    longest: float


@contextmanager
def chromium() -> Iterator[Browser]:
    path = find()
    if path is None:
        raise SystemExit("No Chromium: `make browser` says how to get one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        # It goes on with pages of its own behind the first one.
        browser.new_page().wait_for_timeout(_SETTLES_FOR_MS)
        yield browser
        browser.close()


def version() -> str:
    """«156»: the great number of the browser."""
    told = subprocess.run([str(find()), "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\d+", told)
    return found[0] if found else "unknown"


class Window:
    """A page that has just been rendered, and what is measured in it."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self._session = session

    def load(self) -> Load:
        # The browser tells of its first paint a little after it.
        self.page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
        found: dict[str, Any] = self.page.evaluate(
            """() => {
              const [navigation] = performance.getEntriesByType("navigation");
              const [paint] = performance.getEntriesByName("first-contentful-paint");
              return {
                first_byte: navigation.responseStart,
                first_paint: paint.startTime,
                rendered: window.bench.rendered,
              };
            }"""
        )
        return Load(**found, processor=self.processor())

    def processor(self) -> float:
        """Milliseconds of the processor that the page's main thread has taken so far."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(1000 * float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")

    def repainted(self, events: Sequence[str]) -> Repaint:
        """From the arrival of the events to the frame that shows them."""
        before = self.processor()
        painted = self.page.evaluate("(events) => window.bench.apply(events)", list(events))
        self.page.wait_for_timeout(30)
        return Repaint(float(painted), self.processor() - before)

    def frame(self) -> Repaint:
        """The same for a change that shows nothing."""
        before = self.processor()
        painted = self.page.evaluate("() => window.bench.frame()")
        self.page.wait_for_timeout(30)
        return Repaint(float(painted), self.processor() - before)

    def scroll(self, selector: str | None) -> Scroll:
        asked = [selector, _SCROLLED_FOR_SECONDS]
        return Scroll(**self.page.evaluate("([it, seconds]) => window.bench.frames(it, seconds)", asked))

    def draw_a_bar(self) -> Scroll:
        """Takes the bar in the middle of the board by the mouse and draws it about; it is put back at the end."""
        where = self.page.evaluate(_BAR_IN_THE_MIDDLE)
        mouse = self.page.mouse
        mouse.move(where["x"], where["y"])
        mouse.down()
        mouse.move(where["x"] + 60, where["y"] + 60)
        self.page.locator(".ghost").wait_for()
        self.page.evaluate("(seconds) => window.bench.count(seconds)", _SCROLLED_FOR_SECONDS)
        gives_up_at = monotonic() + _SCROLLED_FOR_SECONDS
        for step in count():
            if monotonic() > gives_up_at:
                break
            mouse.move(where["x"] + 200 * sin(step / 20), where["y"] + 150 * sin(step / 31))
        found = self.page.evaluate("() => window.bench.counted")
        self.page.keyboard.press("Escape")
        mouse.up()
        return Scroll(**found)


@contextmanager
def opened(browser: Browser, url: str, cookies: Mapping[str, str]) -> Iterator[Window]:
    context = browser.new_context(viewport=SIZE, locale="ru-RU")  # type: ignore[arg-type]
    context.add_init_script(_SCRIPT)
    origin = "/".join(url.split("/")[:3])  # a cookie of the page's own address would not reach the feed
    context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    page.wait_for_function("() => window.bench.rendered !== null")
    yield Window(page, session)
    context.close()
