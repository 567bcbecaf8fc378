"""What asks for a supervisor's look is noted with the entry that says it."""

from collections.abc import Iterable

from vovremya.journal.models import Entry
from vovremya.visits.models import Matter
from vovremya.visits.rules.matters import matter_of


def note_matters(entries: Iterable[Entry]) -> None:
    """Those of the entries that a supervisor is to look at: by one query at most, beside what wrote them."""
    matters = [
        Matter(
            branch_id=entry.branch_id,
            visit_id=entry.visit_id,
            entry=entry,
            kind=kind,
            user_id=entry.user_id,
            at=entry.at,
        )
        for entry in entries
        if entry.visit_id is not None and (kind := matter_of(entry.kind, entry.data))
    ]
    if matters:
        Matter.objects.bulk_create(matters)
