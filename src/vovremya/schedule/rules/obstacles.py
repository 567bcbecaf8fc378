"""What stands in the way of a visit that is moved by hand, and which of it is met first. Pure.

The same obstacles go to the browser, whose ghost meets them as the drop will (`obstacles.ts`): one table tests both.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vovremya.schedule.rules.hours import BusinessDay
from vovremya.schedule.rules.occupied import Occupied, Period, left_of


class ObstacleKind(StrEnum):
    OTHER_GROUP = "other_group"
    PAST = "past"
    CLOSED = "closed"
    BAY_CLOSED = "bay_closed"
    LUNCH = "lunch"
    TAKEN = "taken"
    HELD = "held"
    OUT_OF_USE = "out_of_use"


class Touch(StrEnum):
    """With what a period meets the obstacle."""

    ANY = "any"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Place:
    """A period of a bay, where a visit is or would be."""

    bay_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Obstacle:
    kind: ObstacleKind
    starts_at: datetime
    ends_at: datetime
    bay_id: int | None = None  # None: on every bay
    touch: Touch = Touch.ANY
    longest: timedelta | None = None  # a work that lasts longer goes on over it
    visit_id: int | None = None
    note: str = ""


def first_met(obstacles: Sequence[Obstacle], old: Place, new: Place) -> Obstacle | None:
    """What a visit has already is asked nothing: its bay alone changed, nothing of the hours; its end alone, only of
    what that adds."""
    return next((obstacle for obstacle in obstacles if _is_met(obstacle, old, new)), None)


def _is_met(obstacle: Obstacle, old: Place, new: Place) -> bool:
    if obstacle.bay_id not in (None, new.bay_id):
        return False
    if obstacle.touch is Touch.END:
        return obstacle.starts_at < new.ends_at <= obstacle.ends_at
    stays = new.starts_at == old.starts_at and (obstacle.bay_id is None or new.bay_id == old.bay_id)
    if obstacle.touch is Touch.START:
        return not stays and obstacle.starts_at <= new.starts_at < obstacle.ends_at
    if obstacle.longest is not None and new.ends_at - new.starts_at > obstacle.longest:
        return False
    since = max(new.starts_at, old.ends_at) if stays else new.starts_at
    return since < obstacle.ends_at and new.ends_at > max(since, obstacle.starts_at)


def in_other_groups(
    bay_groups: Sequence[tuple[int, int]], fit_group_ids: Collection[int], period: Period
) -> Iterator[Obstacle]:
    """Another kind of work is done there: such a bay is chosen knowingly in «Предварительная запись»."""
    for bay_id, group_id in bay_groups:
        if group_id not in fit_group_ids:
            yield Obstacle(ObstacleKind.OTHER_GROUP, *period, bay_id=bay_id)


def of_hours(days: Sequence[BusinessDay]) -> Iterator[Obstacle]:
    """Closed hours, and lunch: nobody begins in it, and who can be done before or after it does not work over it."""
    open_periods = [(day.opens_at, day.closes_at) for day in days if day.opens_at and day.closes_at]
    for closed in left_of((days[0].midnight_at, days[-1].ends_at), open_periods):
        yield Obstacle(ObstacleKind.CLOSED, *closed)
    for day in days:
        if day.lunch and day.opens_at and day.closes_at:
            longest = max(day.lunch[0] - day.opens_at, day.closes_at - day.lunch[1])
            yield Obstacle(ObstacleKind.LUNCH, *day.lunch, longest=longest)
            yield Obstacle(ObstacleKind.LUNCH, *day.lunch, touch=Touch.START)


def of_own_hours(bay_id: int, days: Sequence[BusinessDay]) -> Iterator[Obstacle]:
    """Beyond the hours of a bay that has its own: to be met after those of the branch."""
    open_periods = [(day.opens_at, day.closes_at) for day in days if day.opens_at and day.closes_at]
    for closed in left_of((days[0].midnight_at, days[-1].ends_at), open_periods):
        yield Obstacle(ObstacleKind.BAY_CLOSED, *closed, bay_id=bay_id)


def of_bays(occupied: Sequence[Occupied], *, user_id: int | None, visit_id: int) -> Iterator[Obstacle]:
    """What takes the bays, but for the visit itself and what its mover holds."""
    for one in occupied:
        if one.visit_id == visit_id or (one.held_by_id is not None and one.held_by_id == user_id):
            continue
        yield Obstacle(
            _kind_of(one), one.starts_at, one.ends_at, bay_id=one.bay_id, visit_id=one.visit_id, note=one.note
        )


def _kind_of(one: Occupied) -> ObstacleKind:
    if one.visit_id is not None:
        return ObstacleKind.TAKEN
    return ObstacleKind.HELD if one.held_by_id is not None else ObstacleKind.OUT_OF_USE
