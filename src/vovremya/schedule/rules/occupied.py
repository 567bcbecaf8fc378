"""Periods of a bay that are taken, and what is left of one beside others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Occupied:
    """An occupation as the screen and a refusal tell of it."""

    of: str
    bay_id: int
    lane: int
    starts_at: datetime
    ends_at: datetime
    visit_id: int | None = None
    held_by_id: int | None = None
    held_until: datetime | None = None
    note: str = ""


def lowest_free_lane(lanes_in_the_way: Iterable[int]) -> int:
    taken = set(lanes_in_the_way)
    return next(lane for lane in range(len(taken) + 1) if lane not in taken)


def left_of(period: Period, others: Iterable[Period]) -> list[Period]:
    """The parts of a period that none of the others covers, in order."""
    starts_at, ends_at = period
    parts: list[Period] = []
    for other_starts_at, other_ends_at in sorted(others):
        if starts_at < min(other_starts_at, ends_at):
            parts.append((starts_at, min(other_starts_at, ends_at)))
        starts_at = max(starts_at, other_ends_at)
    if starts_at < ends_at:
        parts.append((starts_at, ends_at))
    return parts
