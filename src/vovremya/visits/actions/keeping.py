"""How long what is kept, what clients agree to word for word, and who is kept longer."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from vovremya.customers.actions.consents import keep_wording
from vovremya.customers.actions.erasing import keep_longer, keep_retention
from vovremya.customers.models import ConsentText, Keeping, Retention
from vovremya.customers.rules.consents import Purpose
from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import Request, record
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.visits.actions.clients import lock_client
from vovremya.visits.actions.turn import pressed
from vovremya.visits.rules.journal_facts import ClientKept, ConsentWorded, RetentionSet


def set_retention(
    branch: Branch, months: Mapping[str, int | None], *, actor: Actor, now: datetime, request: Request | None = None
) -> Retention:
    """How long the branch's network keeps clients, words and the access log. Raises `BadInput` at the field."""
    with pressed(request, actor) as entries:
        actor.require(branch.pk, Right.EDIT_NETWORK)
        retention = keep_retention(branch.network_id, months, actor=actor, now=now)
        entries.append(_told(RetentionSet(**months), branch, actor, now))
    return retention


def word_consent(
    branch: Branch, purpose: Purpose, text: str, *, actor: Actor, now: datetime, request: Request | None = None
) -> ConsentText:
    """A new wording, for those who agree from now on; who agreed to an older one agreed to that."""
    with pressed(request, actor) as entries:
        actor.require(branch.pk, Right.EDIT_NETWORK)
        worded = keep_wording(branch.network, purpose, text, actor=actor, now=now)
        entries.append(_told(ConsentWorded(purpose, worded.number), branch, actor, now))
    return worded


def keep_client(
    client_id: int,
    until: date | None,
    reason: str,
    *,
    branch: Branch,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Keeping:
    """Not to be erased by the time of keeping before that day. Raises `BadInput` at the field, and `Refusal` where the
    client was erased or merged meanwhile."""
    with pressed(request, actor) as entries:
        client = lock_client(client_id, branch=branch, actor=actor, right=Right.ANSWER_PERSON)
        kept = keep_longer(client, until, reason, actor=actor, now=now)
        entries.append(_told(ClientKept(client.pk, kept.until.isoformat()), branch, actor, now))
    return kept


def _told(fact: Fact, branch: Branch, actor: Actor, now: datetime) -> Entry:
    return record(fact, branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
