"""Every setting in one table: how its value is read and written, who may, and which visits it takes along."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vovremya.directory.rules import Actor, Right
from vovremya.visits.actions.branch_settings import closures, days, minutes, network, orders
from vovremya.visits.refusals import Touched
from vovremya.visits.rules.settings import Setting, SettingOf, Value

#: Who may change the settings of a branch, and those of the network.
EDITORS = (Right.EDIT_BRANCH, Right.EDIT_NETWORK)
NETWORK_EDITORS = (Right.EDIT_NETWORK,)


def _nobody(_of: SettingOf, _value: Value, _now: datetime) -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """How the value of a setting is read and written; writing says what it is about."""

    read: Callable[[SettingOf], Value]
    write: Callable[[SettingOf, Value, Actor, datetime], int | None]
    rights: Sequence[Right] = EDITORS
    moves_days: bool = False  # visits to come take their day and closing from it
    can_be_gone: bool = False  # a value of None is that there is no such thing any more
    touches: Callable[[SettingOf, Value, datetime], Touched | None] = _nobody  # whom it takes along, to be shown before
    unasked: Collection[str] = ()  # parts that no form asks for, and that are no difference

    def says_the_same(self, value: Value, stands: Value) -> bool:
        """Whether a value is the one that stands, as far as it speaks."""
        return bool(self.shown(value) == self.shown(stands))

    def shown(self, value: Value) -> Value:
        """What a form shows of it."""
        if not isinstance(value, dict):
            return value
        return {name: part for name, part in value.items() if name not in self.unasked}


KINDS: Mapping[Setting, Kind] = {
    Setting.WEEK_HOURS: Kind(days.read_week, days.write_week, moves_days=True),
    Setting.EXCEPTION: Kind(days.read_exception, days.write_exception, moves_days=True),
    Setting.BAY: Kind(days.read_bay, days.write_bay, unasked=("position",)),
    Setting.BAY_HOURS: Kind(days.read_bay_hours, days.write_bay_hours),
    Setting.CLOSURES: Kind(closures.read, closures.write),
    Setting.BAY_ORDER: Kind(orders.read, orders.write),
    Setting.GROUP_ORDER: Kind(orders.read, orders.write),
    Setting.GROUP: Kind(days.read_group, days.write_group, can_be_gone=True, unasked=("position",)),
    Setting.ADVISOR: Kind(days.read_advisor, days.write_advisor),
    Setting.SHIFTS: Kind(days.read_shifts, days.write_shifts),
    Setting.PAUSE: Kind(days.read_pause, days.write_pause),
    Setting.WORK_GROUPS: Kind(days.read_work_groups, days.write_work_groups),
    Setting.REMINDERS: Kind(days.read_reminders, days.write_reminders),
    Setting.SECOND_STEP: Kind(days.read_second_step, days.write_second_step, NETWORK_EDITORS),
    Setting.SCRIPT: Kind(network.read_script, network.write_script),
    Setting.POLICY: Kind(minutes.read, minutes.write, touches=minutes.touches),
    Setting.BRANCH: Kind(network.read_branch, network.write_branch, NETWORK_EDITORS),
    Setting.ZONE: Kind(network.read_zone, network.write_zone, NETWORK_EDITORS, touches=network.whom_zone_touches),
    Setting.ZONE_OF_INSTANTS: Kind(
        network.read_zone, network.write_zone, NETWORK_EDITORS, touches=network.whom_zone_touches
    ),
    Setting.WORK: Kind(network.read_work, network.write_work, NETWORK_EDITORS),
    Setting.WORK_ORDER: Kind(orders.read, orders.write, NETWORK_EDITORS),
    Setting.LATE_REASON: Kind(network.read_late_reason, network.write_late_reason, NETWORK_EDITORS),
    Setting.LATE_REASON_ORDER: Kind(orders.read, orders.write, NETWORK_EDITORS),
    Setting.REMOVAL_REASON: Kind(network.read_removal_reason, network.write_removal_reason, NETWORK_EDITORS),
    Setting.REMOVAL_REASON_ORDER: Kind(orders.read, orders.write, NETWORK_EDITORS),
    Setting.BRANCH_ORDER: Kind(orders.read, orders.write, NETWORK_EDITORS),
}
