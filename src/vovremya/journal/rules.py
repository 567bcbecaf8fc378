"""What a journal entry is made of, and how entries are digested. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
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


def body_digest(body: Mapping[str, object]) -> str:
    """Of what a request asked for, whatever the order of its fields."""
    return hashlib.sha256(_canonical(body).encode()).hexdigest()


ROW_DIGEST_KEPT = 16  # hexadecimal digits of each row's digest that a seal keeps


def row_digest(values: Sequence[object]) -> str:
    return hashlib.sha256(_canonical(values).encode()).hexdigest()


def seal_digest(previous_digest: str, row_digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join((previous_digest, *row_digests)).encode()).hexdigest()


def first_difference(kept: str, row_digests: Sequence[str]) -> int | None:
    """The place of the first row that is not as it was when sealed; a missing or added one counts too."""
    was = [kept[start : start + ROW_DIGEST_KEPT] for start in range(0, len(kept), ROW_DIGEST_KEPT)]
    is_now = [digest[:ROW_DIGEST_KEPT] for digest in row_digests]
    if was == is_now:
        return None
    same = (was_row == row for was_row, row in zip(was, is_now, strict=False))
    return next((place for place, is_same in enumerate(same) if not is_same), min(len(was), len(is_now)))


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_as_text)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


@dataclass(frozen=True)
class StaffChanged(Fact):
    """Roles, passwords, sessions, whether somebody gets in at all; what exactly stands in the change itself."""

    kind: ClassVar[str] = "staff_changed"
    user: int
    what: str
    change: int
