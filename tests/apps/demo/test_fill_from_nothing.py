"""The demo is filled into an empty database of its own, and quickly."""

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from vovremya.demo.build import fill
from vovremya.directory.actions import create_installation
from vovremya.directory.models import Installation, User
from vovremya.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db


def test_a_database_that_is_no_demo_is_not_filled() -> None:
    create_installation(Installation.Kind.PRODUCTION)
    with pytest.raises(Refusal, match="demo_login_outside_demo"):
        fill(datetime.fromisoformat("2026-11-23T09:00:00+00:00"))
    assert not User.objects.exists()


def test_filling_takes_seconds(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    """Counted in queries, about half a millisecond each: a clock would judge the machine."""
    with django_assert_max_num_queries(9000):
        fill(datetime.fromisoformat("2026-11-23T07:42:10+00:00"))
