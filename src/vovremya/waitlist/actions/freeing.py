"""Whatever gives up a time of a bay while somebody waits leaves a note where to look."""

from collections.abc import Sequence
from datetime import datetime

from vovremya.schedule.rules.occupied import Period
from vovremya.storage.statements import Writing
from vovremya.waitlist.models import FreedTime
from vovremya.waitlist.queries import is_anybody_on_list

_FREED = Writing(FreedTime)


def note_freed(branch_id: int, bay_id: int, periods: Sequence[Period], now: datetime, **_signal: object) -> None:
    """Inside the transaction that frees. One statement where nobody waits; whom it fits is found by whoever looks."""
    if not is_anybody_on_list(branch_id):
        return
    for starts_at, ends_at in periods:
        _FREED.create(FreedTime(branch_id=branch_id, bay_id=bay_id, starts_at=starts_at, ends_at=ends_at, freed_at=now))


def forget_past_freed_times(now: datetime) -> int:
    deleted, _ = FreedTime.objects.filter(ends_at__lte=now).delete()
    return deleted
