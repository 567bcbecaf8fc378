"""Who took which list along as a file is kept in the access log."""

from collections.abc import Sequence
from datetime import datetime

from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor
from vovremya.exchange.models import ListExport
from vovremya.exchange.numbers import numbers_in
from vovremya.kernel.refusal import NotAllowed, NotFound


def note_export(branch: Branch, name: str, table: Sequence[Sequence[str]], *, actor: Actor, now: datetime) -> None:
    """The first row is the heading. Whole numbers are counted wherever they stand, in what was taken for one too."""
    if not actor.sees(branch.pk):
        raise NotFound
    if actor.user_id is None:
        raise NotAllowed
    ListExport.objects.create(
        branch=branch,
        user_id=actor.user_id,
        list=name,
        rows=len(table) - 1,
        phones=sum(len(numbers_in(text)) for row in table for text in row),
        at=now,
    )
