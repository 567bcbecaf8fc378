"""Laying visits on the bays: the pinned ones first, then whatever fits between them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from vovremya.demo.network import BayPlan, BranchPlan
from vovremya.demo.orders import ORDERS, SHORTEST_MINUTES, Craft, Order
from vovremya.demo.scenes import PINS, Pin

_GRID = timedelta(minutes=5)


@dataclass(frozen=True)
class Stretch:
    """Part of the days around the beginning, in hours from it, and the minutes a bay stands free in it."""

    since_hours: float
    until_hours: float
    free_minutes: tuple[int, int]
    is_thronged: bool = False


#: Busy around the beginning, an ordinary day around that, a light yesterday and light days to come.
_DAYS = (
    Stretch(-34, -9, (250, 900)),
    Stretch(-9, -1.5, (0, 30)),
    Stretch(-1.5, 3, (0, 20), is_thronged=True),
    Stretch(3, 12, (10, 110)),
    Stretch(12, 80, (150, 800)),
)
#: How much emptier the smaller stations are, and fuller the bays where one client follows another.
_THINNED = {"SEV": 1.0, "KGD": 2.2, "VVO": 2.2}
_THRONGED = {Craft.EXPRESS: 0.3, Craft.TYRES: 0.3, Craft.ALIGNMENT: 0.3, Craft.DIAGNOSTICS: 0.3, Craft.ELECTRICS: 0.6}


@dataclass(frozen=True)
class Place:
    bay: BayPlan
    starts_at: datetime
    order: Order


def pinned_at(pin: Pin, beginning: datetime) -> datetime:
    """To the minute around the beginning; further off on the five minutes, as people book."""
    at = beginning + timedelta(minutes=pin.minute)
    return at if abs(pin.minute) <= 60 else at - _past_grid(at)


def between_pins(plan: BranchPlan, beginning: datetime, dice: Random) -> Iterator[Place]:
    for bay in plan.bays:
        taken = _taken([pin for pin in PINS[plan.code] if pin.bay == bay.name], beginning)
        yield from _bay_filled(bay, taken, beginning, _THINNED[plan.code], dice)


def _taken(pins: Iterable[Pin], beginning: datetime) -> list[tuple[datetime, datetime]]:
    periods = []
    for pin in pins:
        starts = [pinned_at(pin, beginning)]
        if pin.keeps_free is not None:
            starts.append(starts[0] + timedelta(minutes=pin.keeps_free))
        periods += [(start, start + timedelta(minutes=pin.order.minutes)) for start in starts]
    return sorted(periods)


def _bay_filled(
    bay: BayPlan,
    taken: Sequence[tuple[datetime, datetime]],
    beginning: datetime,
    thinned: float,
    dice: Random,
) -> Iterator[Place]:
    end = beginning + timedelta(hours=_DAYS[-1].until_hours)
    at = beginning + timedelta(hours=_DAYS[0].since_hours)
    while at < end:
        at = _on_grid(at + _free_for(bay, at, beginning, dice) * thinned)
        next_start, next_end = next(
            ((start, finish) for start, finish in taken if finish > at), (end + timedelta(days=1), end)
        )
        room = (next_start - at) // timedelta(minutes=1)
        if room < SHORTEST_MINUTES[bay.craft]:
            at = max(at, next_end)
            continue
        order = dice.choice([order for order in ORDERS[bay.craft] if order.minutes <= room])
        yield Place(bay, at, order)
        at += timedelta(minutes=order.minutes)


def _free_for(bay: BayPlan, at: datetime, beginning: datetime, dice: Random) -> timedelta:
    hours = (at - beginning) / timedelta(hours=1)
    stretch = next((stretch for stretch in _DAYS if hours < stretch.until_hours), _DAYS[-1])
    thronged = _THRONGED.get(bay.craft, 1.0) if stretch.is_thronged else 1.0
    return timedelta(minutes=dice.uniform(*stretch.free_minutes) * thronged)


def _on_grid(at: datetime) -> datetime:
    """The next five minutes of the wall clock, which every zone shares."""
    past = _past_grid(at)
    return at - past + _GRID if past else at


def _past_grid(at: datetime) -> timedelta:
    return timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
