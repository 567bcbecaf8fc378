"""Sets of five minutes as big integers: a bit a cell, so that whole weeks are compared by shifts and ands."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate

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

    def starting(self, since: datetime, before: datetime) -> int:
        """Cells that begin in the period, whether or not they end in it."""
        return run(self.from_(since), self.from_(before))


class Line:
    """Cells marked one period after another: twenty thousand of them into big integers would take a second."""

    def __init__(self, cells: Cells, until: datetime) -> None:
        self._cells = cells
        self._marks = bytearray(b"0" * cells.from_(until))

    def mark(self, starts_at: datetime, ends_at: datetime) -> None:
        first, end = self._cells.begun_by(starts_at), min(self._cells.from_(ends_at), len(self._marks))
        if first < end:
            self._marks[first:end] = b"1" * (end - first)

    def gathered(self, stretches: Sequence[tuple[int, int]], later: int = 0) -> int:
        """The marks of the stretches, one stretch right after the other; `later`: as if all lay so many cells later."""
        marks = b"".join(self._marks[first - later : end - later] for first, end in stretches)
        return int(marks[::-1] or b"0", 2)


@dataclass(frozen=True)
class WorkingTime:
    """The cells in which a bay works, one after another: what lies between its stretches is left out.

    So a work that goes on after the night is a run of cells like any other.
    """

    stretches: Sequence[tuple[int, int]]

    @cached_property
    def first_cells(self) -> list[int]:
        """Of the stretches, by the numbers that they have here."""
        return list(accumulate((end - first for first, end in self.stretches), initial=0))

    @property
    def size(self) -> int:
        return self.first_cells[-1]

    def of(self, cells: int) -> int:
        """The same set by the numbers that its cells have here."""
        gathered = 0
        for (first, end), here in zip(self.stretches, self.first_cells, strict=False):
            gathered |= (cells >> first & run(0, end - first)) << here
        return gathered

    def outside(self, cell: int) -> int:
        """The number that a cell has outside."""
        stretch = bisect_right(self.first_cells, cell) - 1
        return self.stretches[stretch][0] + cell - self.first_cells[stretch]

    def since(self, cell: int) -> int:
        """The first cell here that is that cell outside, or a later one."""
        stretch = bisect_left(self.stretches, cell, key=lambda each: each[1] - 1)
        if stretch == len(self.stretches):
            return self.size
        return self.first_cells[stretch] + max(0, cell - self.stretches[stretch][0])


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
