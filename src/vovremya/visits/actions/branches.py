"""A new branch of a network, empty or after the model of another one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vovremya.directory import actions as directory
from vovremya.directory.defaults import bay_names
from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor, Right, Role
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.kernel.refusal import NotFound
from vovremya.schedule import actions as schedule
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.rules.journal_facts import BranchOpened


@dataclass(frozen=True)
class Opening:
    """What a new branch begins with; of `like_id`, another branch, what is to be as there."""

    code: str
    name: str
    zone: str
    address: str = ""
    week: Sequence[DayHours | None] = (None,) * 7  # unless the hours are as there
    bay_count: int = 0  # unless the bays are as there
    like_id: int | None = None
    with_hours: bool = False
    with_bays: bool = False
    with_advisors: bool = False
    with_talk: bool = False  # the script, minutes and attempts


def open_branch(
    from_branch_id: int, wanted: Opening, *, actor: Actor, now: datetime, request: Request | None = None
) -> Branch:
    """Whoever opens it is its administrator. Raises `NotAllowed`, `NotFound`, and a refusal at the field."""
    actor.require(from_branch_id, Right.EDIT_NETWORK)
    if wanted.like_id is not None and not actor.sees(wanted.like_id):
        raise NotFound
    with transaction.atomic():
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        network = Branch.objects.select_related("network").get(pk=from_branch_id).network
        directory.lock_network(network.pk)
        branch = directory.open_branch(
            network,
            code=wanted.code,
            name=wanted.name,
            address=wanted.address,
            zone=wanted.zone,
            bay_names=bay_names(wanted.bay_count),
            now=now,
        )
        if actor.user_id:
            directory.let_in(actor.user_id, branch.pk, Role.ADMINISTRATOR)
        if wanted.like_id:
            _make_alike(wanted, wanted.like_id, branch, now)
        if not (wanted.like_id and wanted.with_hours):
            schedule.write_week_hours(branch.pk, wanted.week)
        fact = BranchOpened(like=wanted.like_id)
        entry = record(fact, branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
        if request and actor.user_id:
            remember(actor.user_id, request, entry)
    return branch


def _make_alike(wanted: Opening, like_id: int, branch: Branch, now: datetime) -> None:
    alike = directory.copy_places(like_id, branch, with_bays=wanted.with_bays, with_advisors=wanted.with_advisors)
    if wanted.with_hours:
        schedule.copy_week_hours(like_id, branch)
    schedule.copy_own_hours(alike.bays, alike.advisors)
    if wanted.with_talk:
        directory.copy_talk(like_id, branch, now)
