"""Which visit a row speaks of, and what it says anew (hard case 23)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Generic

from vovremya.exchange.rules.busy import Busy, Owner
from vovremya.exchange.rules.folding import fold
from vovremya.exchange.rules.headings import Column
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


#: What a part is made of, where that is more than one thing: each may be without a column of its own in the file.
_SAYINGS: Mapping[str, Part] = {
    "place": Part.PLAN,
    "length": Part.PLAN,
    "name": Part.CLIENT,
    "phones": Part.CLIENT,
    "model": Part.CAR,
    "plate": Part.CAR,
    "vin": Part.CAR,
    "works_said": Part.WORKS,
    "norm": Part.WORKS,
    **{part.value: part for part in (Part.ADVISOR, Part.REASON, Part.REPAIR_KIND, Part.COMMENT)},
}


def digests(row: RowRead) -> dict[str, str]:
    """A short digest of all that the file says: enough to see that it is new, too little to read it back.

    Also of each part as a whole, where the file says all of it: an older release kept these alone.
    """
    said: dict[str, tuple[Column | None, tuple[str, ...]]] = {
        "place": (None, (row.starts_at.isoformat(), str(row.bay))),
        "length": (Column.LASTS, (str(row.ends_at - row.starts_at),)),
        "name": (None, (row.client,)),
        "phones": (Column.PHONE, tuple(sorted(row.phones))),
        "model": (Column.CAR, (row.make, row.model)),
        "plate": (Column.PLATE, (row.plate,)),
        "vin": (Column.VIN, (row.vin,)),
        "works_said": (Column.WORKS, (row.works,)),
        "norm": (Column.NORM, (str(row.norm_minutes),)),
        Part.ADVISOR: (Column.ADVISOR, (str(row.advisor),)),
        Part.REASON: (Column.REASON, (row.reason,)),
        Part.REPAIR_KIND: (Column.REPAIR_KIND, (row.repair_kind,)),
        Part.COMMENT: (Column.COMMENT, (row.comment,)),
    }
    wholes = {
        Part.PLAN: ((Column.LASTS,), (row.starts_at.isoformat(), row.ends_at.isoformat(), str(row.bay))),
        Part.CLIENT: ((Column.PHONE,), (row.client, *sorted(row.phones))),
        Part.CAR: ((Column.CAR, Column.PLATE, Column.VIN), (row.make, row.model, row.plate, row.vin)),
        Part.WORKS: ((Column.WORKS, Column.NORM), (row.works, str(row.norm_minutes))),
    }
    return {name: _digest(*values) for name, (column, values) in said.items() if column not in row.unsaid} | {
        part.value: _digest(*values) for part, (columns, values) in wholes.items() if not {*columns} & {*row.unsaid}
    }


def _digest(*values: str, size: int = 4) -> str:
    return hashlib.blake2b("\n".join(values).encode(), digest_size=size).hexdigest()


@dataclass(frozen=True)
class Known:
    """A visit that a row speaks of. Without digests it was made in the program and no file has spoken of it."""

    visit_id: int
    is_planned: bool
    status: str
    lasts: timedelta
    digests: Mapping[str, str] | None


def news(row_digests: Mapping[str, str], known: Mapping[str, str]) -> frozenset[Part]:
    """The parts of which the file says something else than before; what it does not speak of is no news."""
    return frozenset(
        part for name, part in _SAYINGS.items() if name in row_digests and _is_news(name, part, row_digests, known)
    )


def _is_news(name: str, part: Part, row_digests: Mapping[str, str], known: Mapping[str, str]) -> bool:
    if name in known:
        return known[name] != row_digests[name]
    if part in known:
        return row_digests.get(part, known[part]) != known[part]
    return True


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
    if Column.LASTS in row.unsaid:
        row = replace(row, ends_at=row.starts_at + known.lasts)
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
