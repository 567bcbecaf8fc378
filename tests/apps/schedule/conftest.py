"""A branch that works from nine to six, with two bays, and a short way to look at what occupies them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.directory.rules import PROGRAM
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 11, 23)
NINE_TO_SIX = DayHours(540, 1080, lunch=(780, 840))


def at(hour: int, minute: int = 0, on: date = MONDAY) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.fixture
def station(branch: Branch, now: datetime) -> Branch:
    set_week_hours(branch.pk, [NINE_TO_SIX] * 7, actor=PROGRAM, now=now)
    return branch


@pytest.fixture
def bays(station: Branch) -> list[Bay]:
    group = BayGroup.objects.create(branch=station, name="Слесарный")
    return [
        Bay.objects.create(branch=station, group=group, name=f"Пост {number}", position=number) for number in (1, 2)
    ]


@pytest.fixture
def bay(bays: list[Bay]) -> Bay:
    return bays[0]
