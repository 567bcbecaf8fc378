"""Which visit a row speaks of, and what it says anew (hard case 23)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

from vovremya.exchange.rules.busy import Busy, Owner
from vovremya.exchange.rules.folding import fold
from vovremya.exchange.rules.rows import RowRead
from vovremya.kernel import plates


class Part(StrEnum):
    """What a newer file can change by itself; the rest stays as it was made in the program."""

    PLAN = "plan"
    ADVISOR = "advisor"
    CLIENT = "client"
    CAR = "car"
    WORKS = "works"
    REASON = "reason"
    REPAIR_KIND = "repair_kind"
    COMMENT = "comment"


def identity(row: RowRead) -> str:
    """The record's number in the other program, else client, car and day, unreadable as such."""
    if row.record:
        return f"№{row.record}"
    return _digest(fold(row.client), car_key(row), row.on.isoformat(), size=16)


def car_key(row: RowRead) -> str:
    return plates.search_key(row.plate) or row.vin or fold(f"{row.make}{row.model}")


class Identities:
    """The keys of a file's rows. A number stands for one row; client, car and day may have several visits."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._times: dict[str, int] = {}

    def key(self, row: RowRead) -> str:
        """Of rows alike the second is #2, so that each finds its own visit in the next file."""
        identified = identity(row)
        times = self._times[identified] = self._times.get(identified, 0) + 1
        self._rows.setdefault(identified, row.row)
        return identified if times == 1 else f"{identified}#{times}"

    def earlier_row(self, row: RowRead) -> int | None:
        """The row that had this record's number before."""
        return self._rows.get(identity(row)) if row.record else None


def digests(row: RowRead) -> dict[str, str]:
    """A short digest of each part: enough to see that a file says something new, too little to read it back."""
    return {
        Part.PLAN: _digest(row.starts_at.isoformat(), row.ends_at.isoformat(), str(row.bay)),
        Part.ADVISOR: _digest(str(row.advisor)),
        Part.CLIENT: _digest(row.client, *sorted(row.phones)),
        Part.CAR: _digest(row.make, row.model, row.plate, row.vin),
        Part.WORKS: _digest(row.works, str(row.norm_minutes)),
        Part.REASON: _digest(row.reason),
        Part.REPAIR_KIND: _digest(row.repair_kind),
        Part.COMMENT: _digest(row.comment),
    }


def _digest(*values: str, size: int = 4) -> str:
    return hashlib.blake2b("\n".join(values).encode(), digest_size=size).hexdigest()


@dataclass(frozen=True)
class Known:
    """A visit that a row speaks of. Without digests it was made in the program and no file has spoken of it."""

    visit_id: int
    is_planned: bool
    status: str
    digests: Mapping[str, str] | None


def news(row_digests: Mapping[str, str], known: Mapping[str, str]) -> frozenset[Part]:
    return frozenset(Part(part) for part, digest in row_digests.items() if known.get(part) != digest)


@dataclass(frozen=True)
class Book:
    """A visit that was not here before."""

    row: RowRead


@dataclass(frozen=True)
class Change:
    """A planned visit of which the file says something new."""

    row: RowRead
    visit_id: int
    parts: frozenset[Part]


@dataclass(frozen=True)
class Leave:
    """Nothing is written, or only remembered (`is_adopted`) that the visit is the one of this row."""

    row: RowRead
    visit_id: int
    remark: str = ""
    value: str = ""
    is_adopted: bool = False


@dataclass(frozen=True)
class Refuse(Generic[Owner]):
    """The bay is taken."""

    row: RowRead
    by: Owner


def judged(row: RowRead, row_digests: Mapping[str, str], known: Known | None) -> Book | Change | Leave:
    """By what is known of the visit alone; whether its bay is free is another question."""
    if known is None:
        return Book(row)
    if known.digests is None:
        return Leave(row, known.visit_id, remark="already_in_program", is_adopted=True)
    parts = news(row_digests, known.digests)
    if not parts:
        return Leave(row, known.visit_id)
    if not known.is_planned:
        return Leave(row, known.visit_id, remark="not_planned", value=known.status)
    return Change(row, known.visit_id, parts)


def placed(
    decision: Book | Change | Leave, busy: Busy[Owner | RowRead]
) -> Book | Change | Leave | Refuse[Owner | RowRead]:
    """The decision, or a refusal where something is in the way; a bay that it takes is taken from now on."""
    if isinstance(decision, Leave) or (isinstance(decision, Change) and Part.PLAN not in decision.parts):
        return decision
    row = decision.row
    visit_id = decision.visit_id if isinstance(decision, Change) else None
    by = busy.in_the_way(row.bay, row.starts_at, row.ends_at, ignoring=visit_id)
    if by is not None:
        return Refuse(row, by)
    if visit_id is not None:
        busy.free(visit_id)
    busy.take(row.bay, row.starts_at, row.ends_at, row, visit_id)
    return decision
