"""What a journal entry is made of, and how it is digested."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar

from vovremya.journal.rules import (
    ROW_DIGEST_KEPT,
    Fact,
    body_digest,
    first_difference,
    row_digest,
    seal_digest,
    words_digest,
)


class Colour(StrEnum):
    YELLOW = "yellow"


@dataclass(frozen=True)
class Painted(Fact):
    kind: ClassVar[str] = "painted"
    at: datetime
    on: date
    colour: Colour
    times: int
    by: int | None = None


def test_a_fact_becomes_plain_values_without_the_empty_ones() -> None:
    fact = Painted(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), date(2026, 11, 22), Colour.YELLOW, 2)
    assert fact.as_data() == {"at": 1000, "on": "2026-11-22", "colour": "yellow", "times": 2}


def test_the_order_of_a_requests_fields_does_not_matter() -> None:
    assert body_digest({"a": "1", "b": "2"}) == body_digest({"b": "2", "a": "1"})
    assert body_digest({"a": "1"}) != body_digest({"a": "2"})


def test_equal_words_with_different_salts_cannot_be_told_to_be_equal() -> None:
    assert words_digest("пробка", "one") != words_digest("пробка", "two")


def test_a_row_is_digested_whole_and_always_alike() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    assert row_digest([1, at, {"b": 1, "a": None}]) == row_digest([1, at, {"a": None, "b": 1}])
    assert row_digest([1, at, {}]) != row_digest([1, at, {"a": None}])


def test_a_seal_depends_on_the_one_before() -> None:
    assert seal_digest("", ["row"]) != seal_digest("other", ["row"])


def test_the_first_row_that_differs_is_named() -> None:
    rows = [row_digest([number]) for number in range(3)]
    kept = "".join(row[:ROW_DIGEST_KEPT] for row in rows)
    assert first_difference(kept, rows) is None
    assert first_difference(kept, [rows[0], row_digest(["else"]), rows[2]]) == 1
    assert first_difference(kept, rows[1:]) == 0
    assert first_difference(kept, rows[:2]) == 2
    assert first_difference(kept, [*rows, row_digest(["added"])]) == 3
