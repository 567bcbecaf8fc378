"""«Загрузка»: how full the days to come are, by bay group, and where there is room. A fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vovremya.board.rules import Room, rooms_of, together
from vovremya.directory.models import BayGroup, Branch
from vovremya.directory.queries import bays_of
from vovremya.schedule.queries import calendar_of, capacity_of_days

SHOWN_DAYS = 30


@dataclass(frozen=True)
class CapacityDay:
    on: date
    whole: Room
    by_group: Sequence[tuple[BayGroup, Room]]


@dataclass(frozen=True)
class Capacity:
    today: date
    groups: Sequence[BayGroup]
    days: Sequence[CapacityDay]
    whole: Room
    by_group: Sequence[tuple[BayGroup, Room]]


def capacity(branch: Branch, now: datetime) -> Capacity:
    """From today on; of today what is left of it."""
    calendar = calendar_of(branch.pk)
    today = calendar.day_of(now).on
    station = capacity_of_days(branch.pk, today, SHOWN_DAYS, calendar)
    rooms = rooms_of(station, since=now)
    bays = bays_of(branch)
    groups = {bay.group: [other.pk for other in bays if other.group == bay.group] for bay in bays}
    days = []
    for number, day in enumerate(station.days):
        by_group = [(group, together(rooms[pk][number] for pk in bay_ids)) for group, bay_ids in groups.items()]
        days.append(CapacityDay(day.on, together(room for _, room in by_group), by_group))
    by_group = [(group, together(day.by_group[place][1] for day in days)) for place, group in enumerate(groups)]
    return Capacity(today, list(groups), days, together(day.whole for day in days), by_group)
