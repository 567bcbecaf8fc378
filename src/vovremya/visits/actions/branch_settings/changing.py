"""Changing what a branch, or the network, is made of. A setting is a value, read and written as a whole.

So each change has a history and can be taken back by the same action; and what it would strand is what the schedule
says after it and did not say before, whatever the setting. The change is tried in its transaction: unless the visits
that it strands, or takes along, are confirmed, those very ones, it is undone and refused.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db.models import Q, QuerySet

from vovremya.directory import actions as directory
from vovremya.directory.models import Branch, SettingChange
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.queries import DayPlace, calendar_of, place_in_day
from vovremya.schedule.rules.stranding import Stranded, newly_stranded
from vovremya.visits.actions.branch_settings.kinds import KINDS, Kind
from vovremya.visits.actions.reminding import remind_by_new_hours
from vovremya.visits.actions.turn import lock_to_come, pressed, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule
from vovremya.visits.refusals import ChangedMeanwhile, WouldStrand, WrongMoment
from vovremya.visits.rules.journal_facts import SettingChanged, VisitChanged
from vovremya.visits.rules.settings import OF_NETWORK, Setting, SettingOf, Value, digest_of_value
from vovremya.visits.rules.words import Status


@dataclass(frozen=True)
class Wanted:
    """A setting and the value that it is to have; `seen` is the digest of the one that it had in the window."""

    of: SettingOf
    value: Value
    seen: str | None = None
    takes_back: SettingChange | None = None

    @property
    def kind(self) -> Kind:
        return KINDS[self.of.setting]


def change_setting(
    of: SettingOf,
    value: Value,
    *,
    actor: Actor,
    now: datetime,
    confirmed: str | None = "",
    seen: str | None = None,
    request: Request | None = None,
) -> SettingChange | None:
    """Let the setting have this value; None where it has it already. `confirmed` is the digest of the visits that the
    change strands or takes along, as they were shown; None: whichever they are.

    Raises `WouldStrand` with them, `ChangedMeanwhile`, `BadInput` at the field, `NotAllowed`, `NotFound`.
    """
    made = change_settings([Wanted(of, value, seen)], actor=actor, now=now, confirmed=confirmed, request=request)
    return made[0] if made else None


def take_back_change(
    change_id: int,
    branch_id: int,
    *,
    actor: Actor,
    now: datetime,
    confirmed: str | None = "",
    request: Request | None = None,
) -> SettingChange | None:
    """Back to what it was before that change: a change like any other. Raises `WrongMoment` where somebody has changed
    it since."""
    change = changes_seen_from(branch_id).filter(pk=change_id).first()
    if change is None:
        raise NotFound
    wanted = Wanted(setting_of(change, branch_id), change.before, takes_back=change)
    made = change_settings([wanted], actor=actor, now=now, confirmed=confirmed, request=request)
    return made[0] if made else None


def take_back_changes(
    change_ids: Sequence[int], *, actor: Actor, now: datetime, request: Request | None = None
) -> list[SettingChange]:
    """The same for several that were made together, of one branch or of many: all or none. Raises `WouldStrand` where
    they would strand anybody: one by one they can be confirmed."""
    changes = SettingChange.objects.filter(pk__in=change_ids, branch__isnull=False).order_by("pk")
    wanted = [
        Wanted(setting_of(change, change.branch_id), change.before, takes_back=change)
        for change in changes
        if change.branch_id
    ]
    if len(wanted) != len(change_ids):
        raise NotFound
    return change_settings(wanted, actor=actor, now=now, request=request)


def change_settings(
    wanted: Sequence[Wanted],
    *,
    actor: Actor,
    now: datetime,
    confirmed: str | None = "",
    request: Request | None = None,
) -> list[SettingChange]:
    """The same for several, of one branch or of many: all or none. What has its value already is left out."""
    for each in wanted:
        actor.require(each.of.branch_id, *rights_to_change(each.of.setting))
    with pressed(request, actor) as entries:
        _lock([each.of for each in wanted])
        found = [(each, _value_before(each)) for each in wanted]
        befores = [(each, before) for each, before in found if not each.kind.says_the_same(each.value, before)]
        touched = next((taken for each, _ in befores if (taken := each.kind.touches(each.of, each.value, now))), None)
        if touched and confirmed == "":
            raise WouldStrand((), touched)  # hundreds of visits need not be taken along only to be put back
        branch_ids = sorted({each.of.branch_id for each, _ in befores if each.of.setting not in OF_NETWORK})
        stood_outside = {branch_id: off_schedule(branch_id, now) for branch_id in branch_ids}
        done = [
            (each, each.of.about(each.kind.write(each.of, each.value, actor, now)), before) for each, before in befores
        ]
        stranded = {pk: newly_stranded(stood_outside[pk], off_schedule(pk, now)) for pk in branch_ids}
        would = WouldStrand([one for of_branch in stranded.values() for one in of_branch], touched)
        if would.digest and confirmed not in (None, would.digest):
            raise would
        for branch_id in sorted({each.of.branch_id for each, _ in befores if each.kind.moves_days}):
            lock_to_come(branch_id, now)
            _place_anew(branch_id, actor, now)
            remind_by_new_hours(branch_id, now)
        action_id = uuid.uuid4()
        kept = [
            _keep(each, of, before, stranded.get(of.branch_id, ()), actor, now, action_id) for each, of, before in done
        ]
        entries += [entry for _, entry in kept]
        return [change for change, _ in kept]


def change_zone(
    branch_id: int, zone: str, *, actor: Actor, now: datetime, keeps_wall_times: bool = True
) -> SettingChange | None:
    """Set the branch's clock, for who has looked at `affected_by_zone`."""
    of = SettingOf(branch_id, Setting.ZONE if keeps_wall_times else Setting.ZONE_OF_INSTANTS)
    return change_setting(of, zone, actor=actor, now=now, confirmed=None)


def changes_seen_from(branch_id: int) -> QuerySet[SettingChange]:
    """Those of the branch and those of its network."""
    return SettingChange.objects.filter(Q(branch_id=branch_id) | Q(network__branches=branch_id))


def setting_of(change: SettingChange, branch_id: int) -> SettingOf:
    """As it is seen from the branch."""
    return SettingOf(branch_id, Setting(change.setting), change.subject_id, change.on)


def rights_to_change(setting: Setting) -> Sequence[Right]:
    """Any of them will do."""
    return KINDS[setting].rights


def value_of(of: SettingOf) -> Value:
    """The setting as it is."""
    return KINDS[of.setting].read(of)


def digest_as_shown(setting: Setting, value: Value) -> str:
    """So that whoever saves says what the form has shown; to a form a bay is the same wherever it stands."""
    return digest_of_value(KINDS[setting].shown(value))


def _value_before(wanted: Wanted) -> Value:
    before = value_of(wanted.of)
    if before is None and wanted.kind.can_be_gone and wanted.of.subject_id and wanted.takes_back is None:
        raise NotFound
    if wanted.takes_back is not None and not wanted.kind.says_the_same(wanted.takes_back.after, before):
        raise WrongMoment("setting_changed_since")
    is_as_seen = wanted.seen is None or digest_as_shown(wanted.of.setting, before) == wanted.seen
    if not (is_as_seen or wanted.kind.says_the_same(wanted.value, before)):
        raise ChangedMeanwhile(before, _last_change(wanted.of))
    return before


def _last_change(of: SettingOf) -> SettingChange | None:
    changes = changes_seen_from(of.branch_id).filter(setting=of.setting, subject_id=of.subject_id, on=of.on)
    return changes.select_related("user").first()


def _lock(settings: Sequence[SettingOf]) -> None:
    """Branches in the order of their ids, and networks after them."""
    for branch_id in sorted({of.branch_id for of in settings if of.setting not in OF_NETWORK}):
        directory.lock_branch(branch_id)
    for network_id in sorted({_network_of(of) for of in settings if of.setting in OF_NETWORK}):
        directory.lock_network(network_id)


def _network_of(of: SettingOf) -> int:
    return Branch.objects.values_list("network_id", flat=True).get(pk=of.branch_id)


def _keep(
    wanted: Wanted,
    of: SettingOf,
    before: Value,
    stranded: Sequence[Stranded],
    actor: Actor,
    now: datetime,
    action_id: uuid.UUID,
) -> tuple[SettingChange, Entry]:
    is_of_network = of.setting in OF_NETWORK
    change = directory.keep_change(
        SettingChange(
            branch_id=None if is_of_network else of.branch_id,
            network_id=_network_of(of) if is_of_network else None,
            setting=of.setting,
            subject_id=of.subject_id,
            on=of.on,
            before=before,
            after=value_of(of),
            at=now,
            user_id=actor.user_id,
            takes_back=wanted.takes_back,
        )
    )
    fact = SettingChanged(of.setting, change.pk, of.subject_id, len(stranded))
    return change, record(fact, branch_id=of.branch_id, actor=actor, at=now, now=now, action_id=action_id)


def _place_anew(branch_id: int, actor: Actor, now: datetime) -> None:
    """Visits that have not begun take their business day and closing from the hours as they are now."""
    calendar = calendar_of(branch_id)
    place_at = cache(partial(place_in_day, branch_id, calendar=calendar))
    visits = Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, starts_at__gt=now)
    rows = visits.values_list("pk", "starts_at", "on", "closes_at", "day_ends_at")
    touched = [pk for pk, starts_at, *was in rows if was != _of_day(place_at(starts_at))]
    action_id = uuid.uuid4()
    for pk in sorted(touched):
        with turn_on(pk, actor=actor, right=None, now=now, action_id=action_id) as turn:
            visit = turn.visit
            visit.on, visit.closes_at, visit.day_ends_at = _of_day(place_at(visit.starts_at))
            turn.record(VisitChanged(fields="hours"))


def _of_day(place: DayPlace) -> list[Any]:
    """What a visit keeps of its business day."""
    return [place.on, place.closes_at, place.case_ends_at]
