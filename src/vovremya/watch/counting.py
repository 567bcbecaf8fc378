"""Every entry is counted; of an announcement also how long after its instant it was written down.

Counted inside the transaction: one that is rolled back was an attempt, and figures bear that.
"""

from vovremya.journal.models import Entry
from vovremya.kernel import metrics
from vovremya.visits.rules.journal_facts import ClientDidNotArrive, DeadlineMissed, RetryCameDue, TurnedLate

ANNOUNCEMENTS = {fact.kind for fact in (TurnedLate, DeadlineMissed, RetryCameDue, ClientDidNotArrive)}


def count_entry(entry: Entry, **_signal: object) -> None:
    metrics.recorded.labels(entry.kind).inc()
    if entry.kind in ANNOUNCEMENTS:
        metrics.announced_after.labels(entry.kind).observe((entry.recorded_at - entry.at).total_seconds())
