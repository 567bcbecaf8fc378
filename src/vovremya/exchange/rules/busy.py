"""What of the bays is taken while the rows of a table find their places."""

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

Owner = TypeVar("Owner")


@dataclass(order=True)
class _Taken(Generic[Owner]):
    starts_at: datetime
    ends_at: datetime
    owner: Owner = field(compare=False)
    visit_id: int | None = field(compare=False, default=None)


class Busy(Generic[Owner]):
    """Periods of bays, none of which overlaps another, with whom they belong to."""

    def __init__(self) -> None:
        self._taken: dict[int, list[_Taken[Owner]]] = defaultdict(list)
        self._bays_of_visit: dict[int, set[int]] = defaultdict(set)

    def take(self, bay: int, starts_at: datetime, ends_at: datetime, owner: Owner, visit_id: int | None = None) -> None:
        insort(self._taken[bay], _Taken(starts_at, ends_at, owner, visit_id))
        if visit_id is not None:
            self._bays_of_visit[visit_id].add(bay)

    def free(self, visit_id: int) -> None:
        """The visit moves elsewhere: what it took is free."""
        for bay in self._bays_of_visit.pop(visit_id, ()):
            self._taken[bay] = [taken for taken in self._taken[bay] if taken.visit_id != visit_id]

    def in_the_way(
        self, bay: int, starts_at: datetime, ends_at: datetime, *, ignoring: int | None = None
    ) -> Owner | None:
        """The first that overlaps; `ignoring` is the visit that looks for a place."""
        taken = self._taken[bay]
        at = bisect_left(taken, starts_at, key=lambda each: each.starts_at)
        for each in taken[max(at - 1, 0) :]:  # of those that begin earlier only the last can last so long
            if each.starts_at >= ends_at:
                break
            if each.ends_at > starts_at and (ignoring is None or each.visit_id != ignoring):
                return each.owner
        return None
