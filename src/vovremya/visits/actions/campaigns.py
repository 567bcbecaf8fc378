"""Telling the desks which cars their makers ask to come."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from vovremya.customers.actions import keep_campaign
from vovremya.customers.models import Campaign
from vovremya.directory.models import Branch, Work
from vovremya.directory.rules import Actor, Right
from vovremya.journal.actions import record
from vovremya.kernel.refusal import NotFound
from vovremya.visits.rules.journal_facts import CampaignAnnounced


def announce_campaign(
    branch: Branch, work: Work, vins: Collection[str], *, until: date | None, actor: Actor, now: datetime
) -> Campaign:
    """Let every desk of the branch's network see that these cars are to come for the work, that last day included.

    Cars named before stay named. Without `until` its last day stays; a day in the past ends it. Raises `NotFound`,
    `NotAllowed`, and `Refusal` for what is no VIN: then nothing is kept.
    """
    actor.require(branch.pk, Right.EDIT_NETWORK)
    if work.network_id != branch.network_id:
        raise NotFound
    with transaction.atomic():
        campaign = keep_campaign(work, vins, until)
        fact = CampaignAnnounced(work.code, len(vins), until.isoformat() if until else None)
        record(fact, branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
    return campaign
