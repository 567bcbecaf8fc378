"""What every test shares."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import Settings

from tests.races.arena import Arena, migrated_arena
from vovremya.journal import append_only, wake
from vovremya.kernel import clock

# A busy machine is no fault of the example that was being tried.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Each worker takes the PostgreSQL that is meant for it.

    On one that is shared, a transaction in which a test of another worker stays holds back the feed of all of them.
    """
    urls = os.environ.get("VOVREMYA_DATABASE_URLS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if urls:
        settings.DATABASE_URL = urls[int(worker) % len(urls)]
        parts = urlsplit(settings.DATABASE_URL)
        connection.settings_dict.update(PORT=parts.port, PASSWORD=parts.password)


#: What the tests have that start processes.
_SERVED = frozenset({"station", "empty_station", "old_station"})


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """On PostgreSQL the feed tells what is committed; on SQLite a test may stay in the transaction it is undone by.

    Those that wait for processes come first, whatever order they are put in otherwise: at the end one worker would be
    left with them, and the others idle.
    """
    if connection.vendor == "postgresql":
        for item in items:
            if item.get_closest_marker("committed"):
                item.add_marker(pytest.mark.django_db(transaction=True))
    yield
    items.sort(key=lambda item: _SERVED.isdisjoint(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """A database with nothing in it yet: what tests furnish for their processes is a copy of it."""
    return migrated_arena(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Argon2 is slow by design; logins in tests need not be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _clock_goes_as_it_went() -> Iterator[None]:
    """A test that let the clock follow a demo's has the next one ask the database for it."""
    yield
    clock.follow(None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The threads that wake other processes hold connections, and let go of them before the database goes."""
    yield
    wake.stop()


@pytest.fixture(autouse=True, scope="session")
def _journal_can_be_emptied_between_tests() -> Iterator[None]:
    """A transactional test empties every table behind it; `flush` puts the journal's triggers in again."""
    tear_down = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs

    def take_out_and_tear_down(test: TransactionTestCase) -> None:
        append_only.take_out(connection)
        tear_down(test)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", take_out_and_tear_down)
        yield
