"""«Требует внимания»: looked over by a supervisor, and open again."""

import uuid
from datetime import datetime

from django.db.models import Q

from vovremya.customers.actions.card import hold_client
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import NotFound
from vovremya.visits.actions.turn import lock_visits, pressed
from vovremya.visits.models import Matter, Visit
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.journal_facts import MatterLookedOver, MatterOpenAgain
from vovremya.visits.rules.matters import MatterKind


def look_over(
    matter_id: int, branch_id: int, note: str, *, actor: Actor, now: datetime, request: Request | None = None
) -> Matter:
    """Raises `matter_is_looked_over` where a colleague was quicker, and `Refusal` for a note about an erased client."""
    actor.require(branch_id, Right.LOOK_OVER)
    with pressed(request, actor) as entries:
        matter = _locked(matter_id, branch_id)
        if matter.looked_at is not None:
            raise WrongMoment("matter_is_looked_over")
        if note.strip():
            # Words about the client, which are not to come after all of them have been erased.
            lock_visits(Q(pk=matter.visit_id))
            hold_client(Visit.objects.values_list("client_id", flat=True).get(pk=matter.visit_id))
        fact = MatterLookedOver(matter.pk, MatterKind(matter.kind))
        matter.look = _record(matter, fact, actor, now, note.strip())
        entries.append(matter.look)
        matter.looked_at = now
        matter.save(update_fields=("look", "looked_at"))
    return matter


def open_again(
    matter_id: int, branch_id: int, *, actor: Actor, now: datetime, request: Request | None = None
) -> Matter:
    actor.require(branch_id, Right.LOOK_OVER)
    with pressed(request, actor) as entries:
        matter = _locked(matter_id, branch_id)
        if matter.looked_at is None:
            raise WrongMoment("matter_is_open")
        entries.append(_record(matter, MatterOpenAgain(matter.pk, MatterKind(matter.kind)), actor, now))
        matter.look, matter.looked_at = None, None
        matter.save(update_fields=("look", "looked_at"))
    return matter


def _locked(matter_id: int, branch_id: int) -> Matter:
    matter = Matter.objects.select_for_update().filter(pk=matter_id, branch_id=branch_id).first()
    if matter is None:
        raise NotFound
    return matter


def _record(matter: Matter, fact: Fact, actor: Actor, now: datetime, words: str = "") -> Entry:
    return record(
        fact,
        branch_id=matter.branch_id,
        actor=actor,
        at=now,
        now=now,
        action_id=uuid.uuid4(),
        visit_id=matter.visit_id,
        words=words,
    )
