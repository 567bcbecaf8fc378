"""Who took which list along as a file is kept in the access log."""

from collections.abc import Sequence
from datetime import datetime

from vovremya.directory.models import Branch
from vovremya.directory.rules import Actor
from vovremya.exchange.models import ListExport
from vovremya.kernel import phones
from vovremya.kernel.refusal import NotAllowed, NotFound


def note_export(branch: Branch, name: str, table: Sequence[Sequence[str]], *, actor: Actor, now: datetime) -> None:
    """The first row is the heading. Whole numbers are counted wherever they stand, whatever the column is called."""
    if not actor.sees(branch.pk):
        raise NotFound
    if actor.user_id is None:
        raise NotAllowed
    rows = table[1:]
    ListExport.objects.create(
        branch=branch,
        user_id=actor.user_id,
        list=name,
        rows=len(rows),
        phones=sum(len(phones.find(text).numbers) for row in rows for text in row if _may_hold_number(text)),
        at=now,
    )


def _may_hold_number(text: str) -> bool:
    """Cheap, for a list of thousands of cells."""
    return sum(map(str.isdigit, text)) >= _DIGITS_OF_NUMBER


_DIGITS_OF_NUMBER = 10
