"""The settings of a branch that are changed as values, each with a history of its own."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from vovremya.schedule.rules.hours import DayHours

#: Of a setting, as JSON has it; None where there is no such thing.
Value = Any


class Setting(StrEnum):
    WEEK_HOURS = "week_hours"
    EXCEPTION = "exception"  # of one date
    BAY = "bay"
    BAY_HOURS = "bay_hours"
    GROUP = "group"
    ADVISOR = "advisor"
    SHIFTS = "shifts"  # of one advisor
    PAUSE = "pause"
    WORK_GROUPS = "work_groups"  # where one work is done
    REMINDERS = "reminders"  # of visits to come
    NORM = "norm"  # of one work, in minutes: the network's
    SECOND_STEP = "second_step"  # the roles that sign in with one


@dataclass(frozen=True)
class SettingOf:
    """Which setting of which branch; of a bay, an advisor, a work or a date, of which. Without: one that is added."""

    branch_id: int
    setting: Setting
    subject_id: int | None = None
    on: date | None = None

    def about(self, subject_id: int | None) -> "SettingOf":
        return replace(self, subject_id=subject_id)


def value_of_hours(hours: DayHours) -> Value:
    return [hours.opens_at_minute, hours.closes_at_minute, *(hours.lunch or ())]


def hours_of_value(value: Value) -> DayHours | None:
    if value is None:
        return None
    opens, closes, *lunch = value
    return DayHours(opens, closes, (lunch[0], lunch[1]) if lunch else None)
