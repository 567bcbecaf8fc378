"""The facets of a client: what is changed, kept in the history and taken back as one value. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vovremya.kernel.digest import digest_of

#: Of a facet, as JSON has it; None where there is no such thing.
Value = Any


class Facet(StrEnum):
    PERSON = "person"  # name, representative, kind, e-mail, comment
    PHONES = "phones"  # all of them, in the order in which they are called
    CAR = "car"


@dataclass(frozen=True)
class FacetOf:
    """Which facet of which client; of a car, which one. Without: one that is added."""

    client_id: int
    facet: Facet
    subject_id: int | None = None


PERSON_FIELDS = ("name", "representative", "kind", "email", "comment")
CAR_FIELDS = ("make", "model", "year", "plate", "vin", "mileage", "warranty_until", "is_active")


def seen_as(value: Value) -> str:
    """What a form was drawn from: a change is refused where the facet is not as it was seen."""
    return digest_of(value)


def changed_fields(before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> list[str]:
    """Names of what is not as it was, in the order of the form."""
    before, after = before or {}, after or {}
    return [name for name in dict.fromkeys((*before, *after)) if before.get(name) != after.get(name)]


def numbers_of(value: Sequence[Mapping[str, Value]]) -> list[str]:
    return [phone["number"] for phone in value]
