"""What a line holds, and what it never does."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.db import IntegrityError, OperationalError

from vovremya.config import logs
from vovremya.config.requests import note
from vovremya.kernel import metrics
from vovremya.kernel.refusal import Refusal

NAME, PHONE = "Смирнова Анна", "+79123456789"


class Lines:
    def __init__(self) -> None:
        self.written = io.StringIO()

    @property
    def last(self) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.written.getvalue().splitlines()[-1])
        return told


@pytest.fixture
def lines() -> Iterator[Lines]:
    told = Lines()
    handler = logging.StreamHandler(told.written)
    handler.setFormatter(logs.formatter())
    root, ours = logging.getLogger(), logging.getLogger("vovremya")
    level = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield told
    root.removeHandler(handler)
    ours.setLevel(level)


def test_line_of_a_request_names_route_and_user_and_no_address(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abcdefgh"):
        note(method="POST", route="save_card", status=200, seconds=0.01234, user_id=7)
    told = lines.last
    assert {name: told[name] for name in ("event", "level", "method", "route", "status", "ms", "user")} == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "route": "save_card",
        "status": 200,
        "ms": 12.3,
        "user": 7,
    }
    assert told["request_id"] == "abcdefgh"
    assert {"time", "process", "pid", "logger"} <= told.keys()


def test_invented_method_is_not_repeated(lines: Lines) -> None:
    note(method=PHONE, route="board", status=405, seconds=0)
    assert lines.last["method"] == "OTHER"


def test_our_own_words_are_filled_in(lines: Lines) -> None:
    logging.getLogger("vovremya.visits").warning("announcing visit %s failed", 12)
    assert lines.last["event"] == "announcing visit 12 failed"


def test_words_of_a_library_are_not_filled_in(lines: Lines) -> None:
    logging.getLogger("django.security").warning("Bad %s", PHONE)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: <IntegrityError({NAME!r})>")
    assert PHONE not in lines.written.getvalue()
    assert NAME not in lines.written.getvalue()
    assert lines.last["event"] == "Task exception was never retrieved"


def test_exception_is_told_by_place_and_kind_without_its_words(lines: Lines) -> None:
    try:
        try:
            raise IntegrityError(f"DETAIL: Key (e164)=({PHONE}) already exists, {NAME}")
        except IntegrityError as error:
            raise Refusal("phone_taken", phone=PHONE) from error
    except Refusal:
        logging.getLogger("vovremya.board").exception("it failed")
    told = str(lines.last["exception"])
    assert PHONE not in lines.written.getvalue()
    assert NAME not in lines.written.getvalue()
    assert "django.db.utils.IntegrityError" in told
    assert told.endswith("vovremya.kernel.refusal.Refusal phone_taken")
    assert "test_logs.py" in told


def test_value_that_is_no_plain_one_is_told_by_its_type(lines: Lines) -> None:
    structlog.stdlib.get_logger("vovremya.board").warning("odd", of=Refusal(PHONE))
    assert lines.last["of"] == "Refusal"


def test_every_failure_of_the_database_that_is_logged_is_counted() -> None:
    counter = logs.DatabaseErrorCounter()
    before = metrics.database_errors._value.get()
    for error in (OperationalError("away"), ValueError("something else")):
        counter.emit(logging.LogRecord("vovremya", logging.ERROR, "", 0, "", (), (type(error), error, None)))
    assert metrics.database_errors._value.get() - before == 1
