"""What a journal entry is made of. Pure."""

import hashlib
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import ClassVar

from vovremya.kernel.clock import to_milliseconds


@dataclass(frozen=True)
class Fact:
    """Something that became true, in the past tense. Subclasses name their `kind` and carry ids, codes,
    instants and numbers only; words go beside the entry."""

    kind: ClassVar[str]

    def as_data(self) -> dict[str, object]:
        """The fields as JSON values: instants in milliseconds since 1970, empty ones left out."""
        values = {field.name: _as_json(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def _as_json(value: object) -> object:
    match value:
        case datetime():
            return to_milliseconds(value)
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case _:
            return value


def words_digest(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
