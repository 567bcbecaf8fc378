"""A demo filled at several hours of Moscow's day; each is filled once for all its tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from vovremya.demo.build import fill

HOURS = {
    "in the small hours": datetime(2026, 11, 23, 0, 0, 31, 250_000, tzinfo=UTC),
    "at noon": datetime(2026, 11, 23, 9, 0, 0, 0, tzinfo=UTC),
    "just before midnight": datetime(2026, 11, 22, 20, 50, 59, 999_000, tzinfo=UTC),
}


@contextmanager
def filled(beginning: datetime, blocker: DjangoDbBlocker) -> Iterator[None]:
    with blocker.unblock(), transaction.atomic():
        fill(beginning)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module", params=list(HOURS))
def now(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[datetime]:
    """The moment at which the demo begins."""
    with filled(HOURS[request.param], django_db_blocker):
        yield HOURS[request.param]


@pytest.fixture(scope="module")
def morning(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """One demo, of a morning in Moscow."""
    beginning = datetime(2026, 11, 23, 7, 42, 20, tzinfo=UTC)
    with filled(beginning, django_db_blocker):
        yield beginning
