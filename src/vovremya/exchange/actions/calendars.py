"""Calendars of a bay or an advisor behind secret addresses: made, revoked, looked at."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from vovremya.directory.models import Branch
from vovremya.directory.queries import advisors_of, bays_of
from vovremya.directory.rules import Actor, Right
from vovremya.exchange.models import CalendarLink
from vovremya.exchange.queries import token_digest
from vovremya.exchange.rules.journal_facts import CalendarRevoked, CalendarShared
from vovremya.journal.actions import record
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import BadInput, NotFound

_TOKEN_BYTES = 32
_NOTED_EVERY = timedelta(hours=1)
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Subject:
    """Whose calendar: one of the two."""

    bay_id: int | None = None
    advisor_id: int | None = None


def share_calendar(
    branch: Branch, subject: Subject, name: str, *, actor: Actor, now: datetime
) -> tuple[CalendarLink, str]:
    """The link and its secret, which is not kept: it can be shown now and never again. Raises `BadInput`."""
    actor.require(branch.pk, Right.EDIT_BRANCH)
    problems = {}
    if not name.strip():
        problems["name"] = "calendar_name_empty"
    if not _is_known(branch, subject):
        problems["subject"] = "calendar_subject_unknown"
    if problems:
        raise BadInput(problems)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        link = CalendarLink.objects.create(
            branch=branch,
            bay_id=subject.bay_id,
            advisor_id=subject.advisor_id,
            name=name.strip()[:_LONGEST_NAME],
            token_digest=token_digest(token),
            made_at=now,
            made_by_id=actor.user_id,
        )
        _record(branch, CalendarShared(link.pk, subject.bay_id, subject.advisor_id), actor, now)
    return link, token


def revoke_calendar(branch: Branch, link_id: int, *, actor: Actor, now: datetime) -> None:
    """From now on its address leads nowhere. Revoked already, it stays so."""
    actor.require(branch.pk, Right.EDIT_BRANCH)
    links = CalendarLink.objects.filter(branch=branch, pk=link_id)
    if not links.exists():
        raise NotFound
    with transaction.atomic():
        if links.filter(revoked_at=None).update(revoked_at=now, revoked_by_id=actor.user_id):
            _record(branch, CalendarRevoked(link_id), actor, now)


def note_used(link: CalendarLink, now: datetime) -> None:
    """To the hour: programs ask every few minutes."""
    is_due = Q(used_at=None) | Q(used_at__lte=now - _NOTED_EVERY)
    CalendarLink.objects.filter(is_due, pk=link.pk).update(used_at=now)


def _is_known(branch: Branch, subject: Subject) -> bool:
    if subject.bay_id is not None:
        return any(bay.pk == subject.bay_id for bay in bays_of(branch))
    return any(advisor.pk == subject.advisor_id for advisor in advisors_of(branch))


def _record(branch: Branch, fact: Fact, actor: Actor, now: datetime) -> None:
    record(fact, branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
