"""Sets of five minutes as big integers: a bit a cell, so that whole weeks are compared by shifts and ands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CELL_MINUTES = 5
CELL = timedelta(minutes=CELL_MINUTES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cells:
    """Numbers the five minutes from `origin` on, itself counted from 1970."""

    origin: int

    @classmethod
    def since(cls, instant: datetime) -> "Cells":
        return cls((instant - EPOCH) // CELL)

    def begun_by(self, instant: datetime) -> int:
        """The cell in which an instant lies."""
        return max(0, (instant - EPOCH) // CELL - self.origin)

    def from_(self, instant: datetime) -> int:
        """The first cell that begins at an instant or after it."""
        return max(0, -((EPOCH - instant) // CELL) - self.origin)

    def instant(self, cell: int) -> datetime:
        return EPOCH + (self.origin + cell) * CELL

    def touched(self, starts_at: datetime, ends_at: datetime) -> int:
        return run(self.begun_by(starts_at), self.from_(ends_at))

    def within(self, starts_at: datetime, ends_at: datetime) -> int:
        return run(self.from_(starts_at), self.begun_by(ends_at))

    def starting(self, since: datetime, before: datetime) -> int:
        """Cells that begin in the period, whether or not they end in it."""
        return run(self.from_(since), self.from_(before))


def run(first: int, end: int) -> int:
    return ((1 << (end - first)) - 1) << first if end > first else 0


def has(cells: int, cell: int) -> bool:
    return bool(cells >> cell & 1)


def starts_of_runs(free: int, length: int) -> int:
    """The cells from which `length` free ones follow: after each step, `known` of them do."""
    known = 1
    while known < length:
        shift = min(known, length - known)
        free &= free >> shift
        known += shift
    return free


def ascending(cells: int) -> Iterator[int]:
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def descending(cells: int) -> Iterator[int]:
    while cells:
        highest = cells.bit_length() - 1
        yield highest
        cells ^= 1 << highest
