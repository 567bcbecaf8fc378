"""In which order the rows of a directory stand, in lists and on the board: all their ids as one value."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from vovremya.directory import actions as directory
from vovremya.directory.actions import Listed
from vovremya.directory.models import Bay, BayGroup, Branch, LateReason, RemovalReason, Work
from vovremya.directory.rules import Actor
from vovremya.visits.rules.settings import OF_NETWORK, Setting, SettingOf, Value, in_order

_LISTED: Mapping[Setting, type[Listed]] = {
    Setting.BAY_ORDER: Bay,
    Setting.GROUP_ORDER: BayGroup,
    Setting.WORK_ORDER: Work,
    Setting.LATE_REASON_ORDER: LateReason,
    Setting.REMOVAL_REASON_ORDER: RemovalReason,
    Setting.BRANCH_ORDER: Branch,
}


def read(of: SettingOf) -> Value:
    return list(_listed(of).values_list("pk", flat=True))


def write(of: SettingOf, value: Value, _actor: Actor, _now: datetime) -> None:
    """What was added since, or is not seen by whoever orders, keeps its place."""
    directory.put_in_order(_listed(of), in_order(read(of), value))


def _listed(of: SettingOf) -> QuerySet[Any]:
    rows: QuerySet[Any] = _LISTED[of.setting].objects.all()
    if of.setting in OF_NETWORK:
        return rows.filter(network__branches=of.branch_id)
    return rows.filter(branch_id=of.branch_id)
