"""The public holidays of Russia: proposed to a branch, never put in by themselves. Pure.

Article 112 of the Labour Code names the days. One that falls on a weekend gives the working day after it free, but for
those of January: two of these the government carries to other days of the year, and a Saturday now and then, in a
decree of each year. A library of the holidays of the world is five megabytes for these fourteen days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)
_SATURDAY = 5


class Holiday(StrEnum):
    NEW_YEAR = "new_year"
    CHRISTMAS = "christmas"
    DEFENDER = "defender"
    WOMEN = "women"
    LABOUR = "labour"
    VICTORY = "victory"
    RUSSIA = "russia"
    UNITY = "unity"
    CARRIED = "carried"  # a day off for one that fell on a weekend
    EVE = "eve"  # the working day before, which is an hour shorter


#: Month and day.
_BY_LAW: Mapping[tuple[int, int], Holiday] = {
    **{(1, day): Holiday.NEW_YEAR for day in (1, 2, 3, 4, 5, 6, 8)},
    (1, 7): Holiday.CHRISTMAS,
    (2, 23): Holiday.DEFENDER,
    (3, 8): Holiday.WOMEN,
    (5, 1): Holiday.LABOUR,
    (5, 9): Holiday.VICTORY,
    (6, 12): Holiday.RUSSIA,
    (11, 4): Holiday.UNITY,
}
#: By decree: the weekend day that is given up, and the day that is off instead.
_CARRIED_BY_DECREE: Mapping[int, Mapping[date, date]] = {
    2025: {
        date(2025, 1, 4): date(2025, 5, 2),
        date(2025, 1, 5): date(2025, 12, 31),
        date(2025, 2, 23): date(2025, 5, 8),
        date(2025, 3, 8): date(2025, 6, 13),
        date(2025, 11, 1): date(2025, 11, 3),
    },
    2026: {date(2026, 1, 3): date(2026, 1, 9), date(2026, 1, 4): date(2026, 12, 31)},
    2027: {
        date(2027, 1, 2): date(2027, 11, 5),
        date(2027, 1, 3): date(2027, 12, 31),
        date(2027, 2, 20): date(2027, 2, 22),
    },
}


@dataclass(frozen=True, slots=True)
class DayOff:
    on: date
    holiday: Holiday


def is_decreed(year: int) -> bool:
    """Whether it is known which days the government has carried to others in that year."""
    return year in _CARRIED_BY_DECREE


def days_off(year: int) -> list[DayOff]:
    """The public holidays of the year and the days that are off for them, by date."""
    by_law = {date(year, *day): holiday for day, holiday in _BY_LAW.items()}
    carried = _CARRIED_BY_DECREE.get(year, {})
    off = dict(by_law)
    for on in sorted(by_law):
        if on.month > 1 and on.weekday() >= _SATURDAY and on not in carried:
            off[_next_working_day(on, off)] = Holiday.CARRIED
    off |= {on: Holiday.CARRIED for on in carried.values() if on not in off}
    return [DayOff(on, off[on]) for on in sorted(off)]


def eves(year: int) -> list[DayOff]:
    """The working days just before a holiday named by the law, the first of January of the next year among them."""
    off = {each.on for each in days_off(year)}
    carried = {to: on for on, to in _CARRIED_BY_DECREE.get(year, {}).items()}
    named = [date(year, *day) for day in _BY_LAW if day[0] > 1] + [date(year + 1, 1, 1)]
    before = sorted(carried.get(on - _DAY, on - _DAY) for on in named)  # a Saturday worked in its place
    worked = [on for on in before if on not in off and (on.weekday() < _SATURDAY or on in carried.values())]
    return [DayOff(on, Holiday.EVE) for on in worked]


def _next_working_day(on: date, off: Mapping[date, Holiday]) -> date:
    return next(day for day in _following(on) if day.weekday() < _SATURDAY and day not in off)


def _following(on: date) -> Iterator[date]:
    while True:
        on += _DAY
        yield on
