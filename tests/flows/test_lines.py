"""What the log keeps of a working day: routes and ids, nobody's name."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tests.flows.doors import Scene
from tests.flows.seat import Seat
from vovremya.config import logs
from vovremya.kernel import metrics

PHONE = "8 912 000-00-07"
NAME = "Кот Иван"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logs.formatter())
    ours = logging.getLogger("vovremya")
    level = ours.level
    logging.getLogger().addHandler(handler)
    ours.setLevel(logging.INFO)
    yield text
    logging.getLogger().removeHandler(handler)
    ours.setLevel(level)


def quoting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A database that repeats what it was given, as PostgreSQL does."""
    if "INSERT" in sql and "customers_" in sql:
        raise IntegrityError(f"{sql} with {params}")
    return execute(sql, params, many, context)


def test_action_that_fails_leaves_neither_name_nor_phone_in_the_log(
    operator: Seat, scene: Scene, written: io.StringIO
) -> None:
    operator.http.raise_request_exception = False
    form = {"slot": scene.slot(), "name": NAME, "phone": PHONE, "plate": "А001АА77", "comment": "Звонить Ольге"}
    with connection.execute_wrapper(quoting):
        assert operator.post("/SEV/booking/", form).status == 500
    told = written.getvalue()
    assert "django.db.utils.IntegrityError" in told
    assert '"route": "booking"' in told
    for personal in (NAME, "Кот", PHONE, "79120000007", "9120000007", "А001АА77", "Ольге"):
        assert personal not in told


def test_search_leaves_nothing_of_what_was_searched(operator: Seat, written: io.StringIO) -> None:
    operator.get("/SEV/booking/clients/?who=8 (912) 345-67-89 Смирнова")
    operator.get("/SEV/search?q=Смирнова")
    operator.get("/Смирнова/")
    told = written.getvalue()
    assert '"route": "clients_found"' in told
    assert "345" not in told
    assert "мирнова" not in told
    assert "%D0" not in told


def test_actions_are_counted_by_what_came_of_them(operator: Seat, scene: Scene) -> None:
    def count(result: str) -> float:
        return float(metrics.actions.labels("add_number", result)._value.get())

    before = count("done"), count("refused")
    operator.post(f"/visits/{scene.visit.pk}/number/", {"phone": "12"})
    operator.post(f"/visits/{scene.visit.pk}/number/", {"phone": PHONE})
    assert (count("done") - before[0], count("refused") - before[1]) == (1, 1)
