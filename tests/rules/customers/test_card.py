"""What is compared of a card, and which consent holds."""

from dataclasses import dataclass

import pytest

from vovremya.customers.rules.card import changed_fields, numbers_of, seen_as
from vovremya.customers.rules.consents import Purpose, standing


def test_a_value_is_seen_as_itself_whatever_the_order_of_its_fields() -> None:
    assert seen_as({"name": "Анна", "email": ""}) == seen_as({"email": "", "name": "Анна"})
    assert seen_as({"name": "Анна"}) != seen_as({"name": "анна"})
    assert seen_as(None) != seen_as([])


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"name": "Анна", "email": ""}, {"name": "Анна", "email": "a@b.c"}, ["email"]),
        (None, {"plate": "А001АА77", "vin": ""}, ["plate", "vin"]),
        ({"plate": "А001АА77"}, None, ["plate"]),
        ({"name": "Анна"}, {"name": "Анна"}, []),
    ],
)
def test_changed_fields_are_those_that_are_not_as_they_were(
    before: dict[str, str] | None, after: dict[str, str] | None, fields: list[str]
) -> None:
    assert changed_fields(before, after) == fields


def test_numbers_come_in_the_order_of_calls() -> None:
    assert numbers_of([{"number": "+72"}, {"number": "+71"}]) == ["+72", "+71"]


@dataclass
class Mark:
    purpose: str
    is_given: bool


def test_the_last_mark_of_a_purpose_holds() -> None:
    marks = [Mark("advertising", False), Mark("recording", True), Mark("advertising", True)]
    held = standing(marks)
    assert (held[Purpose.ADVERTISING].is_given, held[Purpose.RECORDING].is_given) == (False, True)
    assert Purpose.MESSAGES not in held
