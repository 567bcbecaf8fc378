"""The pictures of the documentation, taken from the running demo: `make shots`."""

import os
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import find

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE = {"width": 1600, "height": 900}
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
STARTS_WITHIN = 120


@contextmanager
def running_demo() -> Iterator[str]:
    """A demo of its own, on a free port and a database that is thrown away."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VOVREMYA_DATABASE": str(Path(folder) / "demo.sqlite3")}
        command = [str(Path(sys.executable).parent / "vovremya"), "demo", "--port", str(port)]
        server = subprocess.Popen(command, env=environment)
        try:
            wait_for(f"http://127.0.0.1:{port}/login/", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    gives_up_at = monotonic() + STARTS_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except urllib.error.URLError:
            if server.poll() is not None or monotonic() > gives_up_at:
                raise SystemExit("The demo did not start.") from None
            sleep(0.3)


def signed_in(browser: Browser, address: str, theme: str) -> Page:
    context = browser.new_context(
        base_url=address,
        viewport=SIZE,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        locale="ru-RU",
    )
    page = context.new_page()
    page.goto("/login/")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", "demo")
    page.click("button[type=submit]")
    page.wait_for_selector("#board .bar")
    page.evaluate("document.fonts.ready")
    return page


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM)
        for theme in ("light", "dark"):
            page = signed_in(browser, address, theme)
            take(page, f"board-{theme}")
            page.locator(".bar.s-late, .bar.s-overdue").first.press("Enter")
            repairs = page.get_by_role("dialog", name="Ремонты")
            repairs.wait_for()
            take(page, f"repairs-{theme}")
            repairs.get_by_role("button", name="Оповещение об опоздании").click()
            page.get_by_role("dialog", name="Оповещение об опоздании").wait_for()
            take(page, f"late-notice-{theme}")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
