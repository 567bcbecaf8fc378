"""«Требует внимания»: looked over by a supervisor, and open again."""

import uuid
from datetime import datetime

from django.db import transaction

from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Matter
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.journal_facts import MatterLookedOver, MatterOpenAgain
from vovremya.visits.rules.matters import MatterKind


def look_over(
    matter_id: int, branch_id: int, note: str, *, actor: Actor, now: datetime, request: Request | None = None
) -> Matter:
    """Raises `matter_is_looked_over` where a colleague was quicker."""
    with transaction.atomic():
        matter = _locked(matter_id, branch_id, actor, request)
        if matter.looked_at is not None:
            raise WrongMoment("matter_is_looked_over")
        fact = MatterLookedOver(matter.pk, MatterKind(matter.kind))
        matter.look = _record(matter, fact, actor, now, request, note.strip())
        matter.looked_at = now
        matter.save(update_fields=("look", "looked_at"))
    return matter


def open_again(
    matter_id: int, branch_id: int, *, actor: Actor, now: datetime, request: Request | None = None
) -> Matter:
    with transaction.atomic():
        matter = _locked(matter_id, branch_id, actor, request)
        if matter.looked_at is None:
            raise WrongMoment("matter_is_open")
        _record(matter, MatterOpenAgain(matter.pk, MatterKind(matter.kind)), actor, now, request)
        matter.look, matter.looked_at = None, None
        matter.save(update_fields=("look", "looked_at"))
    return matter


def _locked(matter_id: int, branch_id: int, actor: Actor, request: Request | None) -> Matter:
    if not actor.sees(branch_id):
        raise NotFound
    if not actor.may(Right.LOOK_OVER, branch_id):
        raise NotAllowed(right=Right.LOOK_OVER)
    if request and actor.user_id and (entry := replayed(actor.user_id, request)):
        raise AlreadyDone(entry)
    matter = Matter.objects.select_for_update().filter(pk=matter_id, branch_id=branch_id).first()
    if matter is None:
        raise NotFound
    return matter


def _record(matter: Matter, fact: Fact, actor: Actor, now: datetime, request: Request | None, words: str = "") -> Entry:
    entry = record(
        fact,
        branch_id=matter.branch_id,
        actor=actor,
        at=now,
        now=now,
        action_id=uuid.uuid4(),
        visit_id=matter.visit_id,
        words=words,
    )
    if request and actor.user_id:
        remember(actor.user_id, request, entry)
    return entry
