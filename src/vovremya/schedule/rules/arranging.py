"""Who gives way when a work is put in the way of others: the cheapest arrangement of a day's bays.

Best first over the decisions of each clash: which of the two goes first, or which of them goes to another bay. Nobody
is asked to come earlier, and every work begins as soon as what goes before it lets it. A decision never makes an
arrangement cheaper, so the first one that leaves nothing to decide is the cheapest there is.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush, nsmallest
from itertools import count
from typing import NamedTuple

from vovremya.schedule.rules import slots
from vovremya.schedule.rules.slots import Station

#: What is weighed against a minute that a client waits.
CALL = 10
BAY_CHANGE = 2

#: So many go to other bays: nobody wants a day that is turned upside down, and whoever reads the plan has to see it.
MOST_BAY_CHANGES = 3

#: With so many other bays or fewer each is tried; with more, those where a work meets the fewest others.
EVERY_BAY_UP_TO = 8
#: Decisions looked at before an answer must be there: each costs more, the more bays there are.
MOST_STEPS = 2_000
MOST_STEPS_OF_MANY_BAYS = 200

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A planned work that may give way. `after_visit_id` is the work that its car comes from."""

    visit_id: int
    bay_id: int
    starts_at: datetime
    ends_at: datetime
    after_visit_id: int | None = None
    is_of_late_client: bool = False  # whose own next work it is: nobody else waits, and nobody need be told

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Placed:
    visit_id: int
    bay_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Shop:
    """A day of the bays that can do the work: what cannot give way is `taken` there, the jobs can."""

    station: Station
    jobs: Sequence[Job]

    @cached_property
    def by_visit(self) -> Mapping[int, Job]:
        return {job.visit_id: job for job in self.jobs}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Only what changes its place. `is_cheapest` is false where the search was cut short."""

    changed: tuple[Placed, ...]
    is_cheapest: bool


def arrange(shop: Shop, pinned: Placed, *, may_change_bay: bool) -> Arrangement | None:
    """Make room for a work whose place is decided; None where the day has none."""
    return _Search(shop, pinned, may_change_bay).best()


def price(job: Job, placed: Placed) -> int:
    waited = waiting_minutes(job, placed)
    told = CALL if is_to_be_told(job, placed) else 0
    return waited + told + (BAY_CHANGE if placed.bay_id != job.bay_id else 0)


def waiting_minutes(job: Job, placed: Placed) -> int:
    return 0 if job.is_of_late_client else (placed.starts_at - job.starts_at) // _MINUTE


def is_to_be_told(job: Job, placed: Placed) -> bool:
    """Another bay is no news to a client; another time is."""
    return placed.starts_at != job.starts_at and not job.is_of_late_client


class _Node(NamedTuple):
    """Decisions, and what follows from them: the places of all works that they touch."""

    bays: Mapping[int, int]
    before: Mapping[int, frozenset[int]]
    places: Mapping[int, Placed]
    cost: int


class _Search:
    def __init__(self, shop: Shop, pinned: Placed, may_change_bay: bool) -> None:
        self._jobs = shop.by_visit
        self._pinned = pinned
        self._may_change_bay = may_change_bay
        self._bays = {bay.bay_id: replace(shop.station, bays=[bay]) for bay in shop.station.bays}
        self._home: dict[int, Placed] = {}
        self._at_home: dict[int, list[Placed]] = defaultdict(list)
        self._next_of_car: dict[int, list[int]] = defaultdict(list)
        for job in shop.jobs:
            home = Placed(job.visit_id, job.bay_id, job.starts_at, job.ends_at)
            self._home[job.visit_id] = home
            self._at_home[job.bay_id].append(home)
            if job.after_visit_id is not None:
                self._next_of_car[job.after_visit_id].append(job.visit_id)
        self._found: dict[tuple[int, datetime, timedelta], datetime | None] = {}
        self._least_used: dict[Placed, list[int]] = {}
        self._is_cut_short = may_change_bay and len(self._bays) - 1 > EVERY_BAY_UP_TO

    def best(self) -> Arrangement | None:
        root = self._node({}, {})
        assert root is not None  # nothing is decided yet that could leave no room
        turn = count()
        waiting = [(root.cost, next(turn), root)]
        for _ in range(MOST_STEPS_OF_MANY_BAYS if self._is_cut_short else MOST_STEPS):
            if not waiting:
                return None
            _, _, node = heappop(waiting)
            decisions = self._decisions(node)
            if decisions is None:
                return self._arrangement(node, is_cheapest=not self._is_cut_short)
            for child in decisions:
                heappush(waiting, (child.cost, next(turn), child))
        return self._quickly(root)

    def _quickly(self, node: _Node) -> Arrangement | None:
        """The cheapest of the decisions, one after the other."""
        while (decisions := self._decisions(node)) is not None:
            cheapest = min(decisions, key=lambda child: child.cost, default=None)
            if cheapest is None:
                return None
            node = cheapest
        return self._arrangement(node, is_cheapest=False)

    def _arrangement(self, node: _Node, *, is_cheapest: bool) -> Arrangement:
        changed = [placed for placed in node.places.values() if self._is_moved(placed)]
        return Arrangement(tuple(sorted(changed, key=lambda each: (each.starts_at, each.visit_id))), is_cheapest)

    def _is_moved(self, placed: Placed) -> bool:
        return placed != self._home[placed.visit_id]

    # --- decisions -----------------------------------------------------------------------------------------------

    def _decisions(self, node: _Node) -> list[_Node] | None:
        """What can be decided next; None where nothing is left to decide."""
        for visit_id, placed in node.places.items():
            if visit_id not in node.bays:
                return self._of_bay(node, placed)
        clash = self._first_clash(node)
        return self._of_clash(node, *clash) if clash else None

    def _of_bay(self, node: _Node, placed: Placed) -> list[_Node]:
        """For the next work of a car that is late: it cannot be where and when it was planned."""
        bay_ids = [placed.bay_id, *(self._other_bays(placed) if self._may_change_bay else ())]
        return [child for bay_id in bay_ids if (child := self._on_bay(node, placed, bay_id))]

    def _of_clash(self, node: _Node, one: Placed, other: Placed) -> list[_Node]:
        orders = [(one, other), (other, one)]
        # What is pinned waits for nobody, and it is met only by what cannot be done before it.
        children = [self._in_order(node, *order) for order in orders if order[1].visit_id != self._pinned.visit_id]
        if self._may_change_bay:
            for placed in (one, other):
                if placed.visit_id != self._pinned.visit_id and placed.visit_id not in node.bays:
                    children += [self._on_bay(node, placed, bay_id) for bay_id in self._other_bays(placed)]
        return [child for child in children if child]

    def _in_order(self, node: _Node, first: Placed, second: Placed) -> _Node | None:
        bays = {**node.bays, second.visit_id: second.bay_id}
        if first.visit_id != self._pinned.visit_id:
            bays[first.visit_id] = first.bay_id
        known = node.before.get(second.visit_id, frozenset())
        return self._node(bays, {**node.before, second.visit_id: known | {first.visit_id}})

    def _on_bay(self, node: _Node, placed: Placed, bay_id: int) -> _Node | None:
        bays = {**node.bays, placed.visit_id: bay_id}
        changes = sum(other != self._home[visit_id].bay_id for visit_id, other in bays.items())
        return self._node(bays, node.before) if changes <= MOST_BAY_CHANGES else None

    def _other_bays(self, placed: Placed) -> list[int]:
        others = [bay_id for bay_id in self._bays if bay_id != placed.bay_id]
        if len(others) <= EVERY_BAY_UP_TO:
            return others
        if placed not in self._least_used:
            chosen = nsmallest(EVERY_BAY_UP_TO, others, key=lambda bay_id: self._met(placed, bay_id))
            self._least_used[placed] = chosen
        return self._least_used[placed]

    def _met(self, placed: Placed, bay_id: int) -> int:
        """With how many others it would clash there as the day was planned; on a bay that is shut, with everybody."""
        met = sum(_is_clash(placed, each) for each in self._at_home[bay_id])
        if bay_id == self._pinned.bay_id:
            met += _is_clash(placed, self._pinned)
        lasts = placed.ends_at - placed.starts_at
        is_open = met or self._free_from(bay_id, placed.starts_at, lasts) == placed.starts_at
        return met if is_open else len(self._jobs)

    # --- what follows from them ----------------------------------------------------------------------------------

    def _node(self, bays: Mapping[int, int], before: Mapping[int, frozenset[int]]) -> _Node | None:
        places = self._places(bays, before)
        if places is None:
            return None
        cost = sum(price(self._jobs[visit_id], placed) for visit_id, placed in places.items())
        return _Node(bays, before, places, cost)

    def _places(self, bays: Mapping[int, int], before: Mapping[int, frozenset[int]]) -> dict[int, Placed] | None:
        """Everything as soon as may be; None where something would not be done within the day."""
        then: dict[int, list[int]] = defaultdict(list)
        for visit_id, firsts in before.items():
            for first in firsts:
                then[first].append(visit_id)
        places: dict[int, Placed] = {}
        todo = deque([*bays, *self._next_of_car.get(self._pinned.visit_id, ())])
        while todo:
            job = self._jobs[todo.popleft()]
            firsts = before.get(job.visit_id, frozenset())
            placed = self._soonest(job, bays.get(job.visit_id), firsts, places)
            if placed is None:
                return None
            is_touched = job.visit_id in bays or placed.starts_at != job.starts_at
            if is_touched and placed != places.get(job.visit_id):
                places[job.visit_id] = placed
                todo.extend((*then[job.visit_id], *self._next_of_car.get(job.visit_id, ())))
        return places

    def _soonest(
        self, job: Job, bay_id: int | None, firsts: frozenset[int], places: Mapping[int, Placed]
    ) -> Placed | None:
        """Where the bay is not decided, whatever is in the way: no bay has it sooner."""
        after = [first for first in (*firsts, job.after_visit_id) if self._is_known(first)]
        since = max([job.starts_at, *(self._end_of(first, places) for first in after)])
        is_as_planned = bay_id == job.bay_id and since == job.starts_at
        starts_at = since if bay_id is None or is_as_planned else self._free_from(bay_id, since, job.duration)
        if starts_at is None:
            return None
        return Placed(job.visit_id, bay_id or job.bay_id, starts_at, starts_at + job.duration)

    def _is_known(self, visit_id: int | None) -> bool:
        return visit_id == self._pinned.visit_id or visit_id in self._jobs

    def _end_of(self, visit_id: int | None, places: Mapping[int, Placed]) -> datetime:
        if visit_id is None or visit_id == self._pinned.visit_id:
            return self._pinned.ends_at
        return places[visit_id].ends_at if visit_id in places else self._jobs[visit_id].ends_at

    def _free_from(self, bay_id: int, since: datetime, lasts: timedelta) -> datetime | None:
        """Clear of what cannot give way."""
        key = (bay_id, since, lasts)
        if key not in self._found:
            self._found[key] = slots.free_from(self._bays[bay_id], bay_id, since, lasts)
        return self._found[key]

    def _first_clash(self, node: _Node) -> tuple[Placed, Placed] | None:
        found: list[tuple[Placed, Placed]] = []
        for placed in (self._pinned, *node.places.values()):
            for other in self._on(node, placed.bay_id):
                if other.visit_id != placed.visit_id and _is_clash(placed, other):
                    found.append(_by_start(placed, other))
        return min(found, key=lambda pair: [(each.starts_at, each.visit_id) for each in pair], default=None)

    def _on(self, node: _Node, bay_id: int) -> Iterator[Placed]:
        if bay_id == self._pinned.bay_id:
            yield self._pinned
        for home in self._at_home[bay_id]:
            if home.visit_id not in node.places:
                yield home
        for placed in node.places.values():
            if placed.bay_id == bay_id:
                yield placed


def _is_clash(one: Placed, other: Placed) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _by_start(one: Placed, other: Placed) -> tuple[Placed, Placed]:
    return (one, other) if (one.starts_at, one.visit_id) <= (other.starts_at, other.visit_id) else (other, one)
