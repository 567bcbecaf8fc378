"""The settings that are changed as values, each with a history of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from vovremya.kernel.digest import digest_of
from vovremya.schedule.rules.hours import DayHours

#: Of a setting, as JSON has it; None where there is no such thing.
Value = Any


class Setting(StrEnum):
    # Of a branch.
    WEEK_HOURS = "week_hours"
    EXCEPTION = "exception"  # of one date
    BAY = "bay"
    BAY_ORDER = "bay_order"
    BAY_HOURS = "bay_hours"
    CLOSURES = "closures"  # when one bay is out of use
    GROUP = "group"
    GROUP_ORDER = "group_order"
    ADVISOR = "advisor"
    SHIFTS = "shifts"  # of one advisor
    PAUSE = "pause"
    WORK_GROUPS = "work_groups"  # where one work is done
    REMINDERS = "reminders"  # of visits to come
    SECOND_STEP = "second_step"  # the roles that sign in with one
    SCRIPT = "script"  # of the conversation, whole
    POLICY = "policy"  # the minutes and attempts
    BRANCH = "branch"  # its name and address, and whether it is in use
    ZONE = "zone"  # what the clock shows at a visit stays
    ZONE_OF_INSTANTS = "zone_of_instants"  # when a visit is stays
    # Of the network.
    WORK = "work"
    WORK_ORDER = "work_order"
    LATE_REASON = "late_reason"
    LATE_REASON_ORDER = "late_reason_order"
    REMOVAL_REASON = "removal_reason"
    REMOVAL_REASON_ORDER = "removal_reason_order"
    BRANCH_ORDER = "branch_order"


#: The same in all branches.
OF_NETWORK = frozenset(
    {
        Setting.WORK,
        Setting.WORK_ORDER,
        Setting.LATE_REASON,
        Setting.LATE_REASON_ORDER,
        Setting.REMOVAL_REASON,
        Setting.REMOVAL_REASON_ORDER,
        Setting.BRANCH_ORDER,
    }
)


@dataclass(frozen=True)
class SettingOf:
    """Which setting, seen from which branch; of a bay, an advisor, a work or a date, of which. Without: one that is
    added, or of which there is but one."""

    branch_id: int
    setting: Setting
    subject_id: int | None = None
    on: date | None = None

    def about(self, subject_id: int | None) -> "SettingOf":
        return replace(self, subject_id=subject_id)


def digest_of_value(value: Value) -> str:
    """So that whoever saves says which value stood in the window."""
    return digest_of(value)


def moved_before(ids: Sequence[int], moved_id: int, before_id: int | None) -> list[int]:
    """The order in which one stands just before another, or at the end. One that is gone changes nothing."""
    if moved_id not in ids or moved_id == before_id:
        return list(ids)
    others = [each for each in ids if each != moved_id]
    place = others.index(before_id) if before_id in others else len(others)
    return [*others[:place], moved_id, *others[place:]]


def in_order(ids: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Those wanted take, in their order, the places that they have among all; nobody else moves."""
    known = iter([each for each in wanted if each in ids])
    return [next(known) if each in wanted else each for each in ids]


def value_of_hours(hours: DayHours) -> Value:
    return [hours.opens_at_minute, hours.closes_at_minute, *(hours.lunch or ())]


def hours_of_value(value: Value) -> DayHours | None:
    if value is None:
        return None
    opens, closes, *lunch = value
    return DayHours(opens, closes, (lunch[0], lunch[1]) if lunch else None)
