"""Finds a Chromium for the browser tests, and installs one where none is found.

Exit code 0: there is one. 3: there is none and the tests that need it are left out. 1: the same, in CI.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Chromium without its windows does the same in half the time; not every distribution has it.
_BY_APT = ["apt-get", "install", "-y", "-qq"]
INSTALL_BY_APT = (["apt-get", "update", "-qq"], [*_BY_APT, "chromium-headless-shell"], [*_BY_APT, "chromium"])
INSTALL_BY_PLAYWRIGHT = ([sys.executable, "-m", "playwright", "install", "chromium"],)


def find(names: Sequence[str] = NAMES) -> str | None:
    """The path of a Chromium: the one named by VOVREMYA_CHROMIUM, the machine's own, or Playwright's."""
    if named := os.environ.get("VOVREMYA_CHROMIUM"):
        return named
    for name in names:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing the distribution's", flush=True)
        commands: tuple[list[str], ...] = INSTALL_BY_APT
    else:
        print("No Chromium found: installing Playwright's", flush=True)
        commands = INSTALL_BY_PLAYWRIGHT
    for command in commands:
        subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if find():
            return


def main() -> int:
    if find():
        return 0
    install()
    if find():
        return 0
    print("No Chromium could be installed: the tests in tests/browser (marker `browser`) are LEFT OUT.")
    print("Install Chromium or Chrome, or name one: VOVREMYA_CHROMIUM=/path/to/chromium make test")
    return 1 if os.environ.get("CI") == "true" else 3


if __name__ == "__main__":
    sys.exit(main())
