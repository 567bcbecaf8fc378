"""A real Chromium against a real server process."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from tests.browser.screen import TELEPHONE, Screen
from tests.browser.trial import Trial, furnish
from tests.cast import Cast
from tools.browser import find
from tools.shots import CHROMIUM

PATIENCE_MS = 15_000
SCREENS = pytest.StashKey[list[Screen]]()
SIZE = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What stood on the screens when a test failed: elsewhere nobody can look at them."""
    report = yield
    if report.when == "call" and report.failed:
        screens: list[Screen] = item.stash.get(SCREENS, [])
        for number, screen in enumerate(screens, 1):
            report.sections.append((f"screen {number}", screen.described()))
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find()
    if path is None:
        said = "no Chromium found: `make browser` installs one, VOVREMYA_CHROMIUM=/path names one"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> tuple[Path, Cast]:
    database = tmp_path_factory.mktemp("furnished") / "furnished.sqlite3"
    return database, furnish(database, django_db_blocker)


@pytest.fixture(scope="module")
def served(
    furnished: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Trial]:
    database, cast = furnished
    trial = Trial(database, tmp_path_factory.mktemp("trial"), cast, django_db_blocker)
    trial.start()
    yield trial
    trial.close()


@pytest.fixture
def trial(served: Trial) -> Trial:
    """A day of its own, at 10:28 in Moscow; the clock stands until it is moved."""
    served.begin_day("10:28")
    return served


class Seat(Protocol):
    def __call__(
        self, name: str = "operator", *, has_telephone: bool = True, clock_script: str = "", **options: Any
    ) -> Screen: ...


@pytest.fixture
def sit_down(request: pytest.FixtureRequest, chromium: Browser, served: Trial) -> Iterator[Seat]:
    """Somebody of the cast sits down at a computer of their own and opens the board."""
    screens = request.node.stash[SCREENS] = list[Screen]()

    def seated(name: str = "operator", *, has_telephone: bool = True, clock_script: str = "", **options: Any) -> Screen:
        context = _computer(chromium, served, options)
        cookies = served.cookies_of(served.cast.actor(name))
        context.add_cookies([{"name": key, "value": value, "url": served.address} for key, value in cookies.items()])
        branch = served.cast.other_branch if name == "stranger" else served.cast.branch
        screen = Screen(context, branch.code, [TELEPHONE] * has_telephone + [clock_script])
        screens.append(screen)
        return screen.open_board()

    yield seated
    for context in {screen.context for screen in screens}:
        context.close()
    assert not [fault for screen in screens for fault in screen.faults]


def _computer(chromium: Browser, served: Trial, options: dict[str, Any]) -> BrowserContext:
    context = chromium.new_context(
        **{"base_url": served.address, "viewport": SIZE, "locale": "ru-RU", "reduced_motion": "reduce", **options}
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def seat(trial: Trial, sit_down: Seat) -> Seat:
    """The same, on a day of the test's own."""
    return sit_down


@pytest.fixture
def screen(seat: Seat) -> Screen:
    """The operator at the board; for visits that are booked later, the board hears of them."""
    return seat()
