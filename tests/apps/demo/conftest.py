"""A demo filled at several hours of Moscow's day; each is filled once for all its tests."""

from collections.abc import Iterator
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


@pytest.fixture(scope="module", params=list(HOURS))
def now(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[datetime]:
    """The moment at which the demo begins."""
    beginning = HOURS[request.param]
    with django_db_blocker.unblock(), transaction.atomic():
        fill(beginning)
        yield beginning
        transaction.set_rollback(True)


@pytest.fixture
def undone() -> Iterator[None]:
    """What the test does to the demo is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
