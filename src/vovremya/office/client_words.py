"""Changes of a client in plain words: what it was, and what it became."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vovremya.customers.models import Client, ClientChange
from vovremya.customers.rules.card import Facet, Value, changed_fields
from vovremya.kernel import phones
from vovremya.office.texts.clients import (
    CAR_FIELDS,
    ERASED_WORDS,
    FACETS,
    KINDS,
    NO,
    NONE_BEFORE,
    NOTHING,
    PERSON_FIELDS,
    WRONG_NUMBER,
    YES,
)
from vovremya.ui.dates import whole_date


@dataclass(frozen=True)
class ChangeShown:
    change: ClientChange
    title: str
    before: str
    after: str
    may_be_taken_back: bool


def shown(change: ClientChange) -> ChangeShown:
    is_erased = change.before is None and change.after is None
    before, after = _both_words(change)
    return ChangeShown(
        change,
        str(FACETS[Facet(change.facet)]),
        before,
        after,
        may_be_taken_back=not is_erased and not change.taken_back_by.all(),
    )


def _both_words(change: ClientChange) -> tuple[str, str]:
    if change.before is None and change.after is None:
        return str(ERASED_WORDS), str(ERASED_WORDS)
    if change.facet == Facet.PHONES:
        return _numbers(change.before), _numbers(change.after)
    names = PERSON_FIELDS if change.facet == Facet.PERSON else CAR_FIELDS
    fields = changed_fields(change.before, change.after)
    return _fields(change.before, fields, names), _fields(change.after, fields, names)


def _numbers(value: Value) -> str:
    """Masked, in the order in which they are called."""
    shown_numbers = [
        ", ".join(
            filter(
                None,
                (
                    phones.masked(phone["number"]),
                    str(WRONG_NUMBER) if phone["is_wrong"] else "",
                    phone["best_time"],
                ),
            )
        )
        for phone in value
    ]
    return "; ".join(shown_numbers) or str(NOTHING)


def _fields(value: Mapping[str, Any] | None, fields: list[str], names: Mapping[str, Any]) -> str:
    if value is None:
        return str(NONE_BEFORE)
    return "; ".join(f"{names[field]}: {_word(field, value[field])}" for field in fields)


def _word(field: str, value: Any) -> str:
    if field == "kind":
        return str(KINDS[Client.Kind(value)])
    if isinstance(value, bool):
        return str(YES if value else NO)
    if field == "warranty_until" and value:
        return whole_date(date.fromisoformat(value))
    return str(value) if value not in ("", None) else str(NOTHING)
