"""The first steps of a new installation: its first branch, and what stands in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice

from django.db import transaction

from vovremya.directory import actions as directory
from vovremya.directory.actions.staff import give_roles_in
from vovremya.directory.defaults import BAY
from vovremya.directory.models import Branch, User
from vovremya.directory.queries import has_branches
from vovremya.directory.rules import PROGRAM, Actor, Role, branch_code_of, short_name_of
from vovremya.kernel.refusal import BadInput, NotFound
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.settings import Setting, SettingOf, Value

MOST_BAYS = 100


@dataclass(frozen=True)
class FirstBranch:
    network: str
    name: str
    zone: str
    hours: Sequence[DayHours | None]  # from Monday to Sunday
    code: str = ""  # empty: made of the name
    address: str = ""


def found_first_branch(founder: User, given: FirstBranch, *, is_supervisor: bool, now: datetime) -> Branch:
    """The network, its first branch, and the founder's roles there: whoever has come before anybody else has none yet.

    Raises `BadInput` at its fields, `NotFound` where there is a branch already.
    """
    named = {"network": given.network.strip(), "name": given.name.strip()}
    problems = {name: "title_empty" for name, text in named.items() if not text}
    if not any(given.hours):
        problems["hours"] = "no_open_day"
    if problems:
        raise BadInput(problems)
    with transaction.atomic():
        directory.lock_installation()
        if has_branches():
            raise NotFound
        branch = directory.open_branch(
            directory.open_network(named["network"]),
            code=given.code.strip() or branch_code_of(named["name"]),
            name=named["name"],
            address=given.address.strip(),
            zone=given.zone,
            bay_names=[],
            now=now,
        )
        set_week_hours(branch.pk, given.hours, actor=PROGRAM, now=now)
        roles = [Role.ADMINISTRATOR, Role.SUPERVISOR] if is_supervisor else [Role.ADMINISTRATOR]
        give_roles_in(founder.pk, {branch.pk: roles}, actor=PROGRAM, now=now)
    return branch


@dataclass(frozen=True)
class GroupGiven:
    """Bays that stand together, so many or by their names, and who receives for them: in full, or nobody yet."""

    name: str
    bays: int | Sequence[str]
    advisor: str = ""


def equip(branch: Branch, groups: Sequence[GroupGiven], *, actor: Actor, now: datetime) -> None:
    """The bays of a branch that has none, with their groups and advisors. Those that are only counted are numbered
    through. One name is one advisor.

    Raises `BadInput` at its fields, `WrongMoment` where there are bays already.
    """
    _require_sensible(groups)
    with transaction.atomic():
        directory.lock_branch(branch.pk)
        if branch.bays.exists():
            raise WrongMoment("bays_there_already")

        def added(setting: Setting, value: Value) -> int:
            change = change_setting(SettingOf(branch.pk, setting), value, actor=actor, now=now)
            assert change is not None, "something new is a change"
            assert change.subject_id is not None
            return change.subject_id

        advisors: dict[str, int] = {}
        for group, names in zip(groups, _bay_names(groups), strict=True):
            full_name = " ".join(group.advisor.split())
            if full_name and full_name not in advisors:
                advisors[full_name] = added(Setting.ADVISOR, _advisor(full_name))
            group_id = added(Setting.GROUP, {"name": group.name, "advisor_id": advisors.get(full_name)})
            for name in names:
                added(Setting.BAY, _bay(name, group_id))


def _bay_names(groups: Sequence[GroupGiven]) -> list[list[str]]:
    given = {name for group in groups if not isinstance(group.bays, int) for name in group.bays}
    numbered = (name for name in (BAY.format(number=number) for number in count(1)) if name not in given)
    return [list(islice(numbered, group.bays) if isinstance(group.bays, int) else group.bays) for group in groups]


def _require_sensible(groups: Sequence[GroupGiven]) -> None:
    problems = {f"name_{row}": "title_empty" for row, group in enumerate(groups) if not group.name.strip()}
    sizes = [group.bays if isinstance(group.bays, int) else len(group.bays) for group in groups]
    problems |= {f"bays_{row}": "first_bays_unfit" for row, size in enumerate(sizes) if size < 1}
    if sum(sizes) > MOST_BAYS:
        problems["bays_0"] = "first_bays_unfit"
    if not problems:
        problems = _named_twice(_bay_names(groups))
    if problems:
        raise BadInput(problems, most=MOST_BAYS)


def _named_twice(names: Sequence[Sequence[str]]) -> dict[str, str]:
    seen: Counter[str] = Counter(name for of_group in names for name in of_group)
    twice = {row for row, of_group in enumerate(names) if any(seen[name] > 1 for name in of_group)}
    return {f"bays_{row}": "bay_name_taken" for row in twice}


def _advisor(full_name: str) -> Value:
    name = short_name_of(full_name)
    return {"name": name, "full_name": full_name, "arrivals_per_quarter_hour": None, "is_active": True}


def _bay(name: str, group_id: int) -> Value:
    return {"name": name, "group_id": group_id, "mechanic": "", "coefficient": 1.0, "is_active": True}
