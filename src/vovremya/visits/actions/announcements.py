"""What the watch does to visits that nobody touches: write down what came true."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from vovremya.directory.rules import PROGRAM
from vovremya.journal.actions import record_many
from vovremya.visits.actions.noticing import note_matters
from vovremya.visits.actions.turn import Outage, turn_on, turns_of_program
from vovremya.visits.models import Visit
from vovremya.visits.queries import due_visit_ids

logger = logging.getLogger(__name__)

#: A visit that fails to be announced is tried again after this time and blocks nobody meanwhile.
SET_ASIDE_FOR = timedelta(minutes=5)


_STORE = "UPDATE visits_visit SET version = %s, announced_until = %s, next_change_at = %s WHERE id = %s"

#: A transaction of so many stays short enough for those who save meanwhile.
TOGETHER = 100


def announce_due(now: datetime, limit: int = 500, outage: Outage | None = None) -> int:
    """Announce what has come true by `now` for up to `limit` visits. Returns how many were announced or set aside.

    Any number of copies of the watch may do so at once: each passes over the visits that another has its hands on,
    and finds nothing left to do where another was first.
    """
    visit_ids = due_visit_ids(now, limit)
    batches = [visit_ids[start : start + TOGETHER] for start in range(0, len(visit_ids), TOGETHER)]
    return sum(_announce_batch(batch, now, outage) for batch in batches)


def _announce_batch(visit_ids: Sequence[int], now: datetime, outage: Outage | None) -> int:
    try:
        handled, left = _announce_together(visit_ids, now, outage)
    except Exception:
        logger.exception("announcing %s visits together failed: one by one", len(visit_ids))
        handled, left = 0, list(visit_ids)
    for visit_id in left:
        try:
            _announce(visit_id, now, outage)
        except Exception:
            logger.exception("announcing visit %s failed; set aside", visit_id)
            _set_aside(visit_id, now)
    return handled + len(left)


@transaction.atomic
def _announce_together(visit_ids: Sequence[int], now: datetime, outage: Outage | None) -> tuple[int, list[int]]:
    """Tell what is only to be told, in a fixed number of queries; the visits where more is to be done are left."""
    due = Visit.objects.select_for_update(skip_locked=True, of=("self",)).select_related("policy", "branch", "follows")
    visits = list(due.filter(pk__in=visit_ids, next_change_at__lte=now).order_by("pk"))
    turns = turns_of_program(visits, now)
    plain = [turn for turn in turns if turn.ends_nothing]
    told = [each for turn in plain for each in turn.told_of_itself(outage)]
    note_matters(record_many(told, actor=PROGRAM, now=now))
    _store([turn.visit for turn in plain])
    return len(plain), [turn.visit.pk for turn in turns if not turn.ends_nothing]


def _store(visits: Sequence[Visit]) -> None:
    """By a statement of our own: Django's for many rows took longer than all the rest of the sweep."""
    as_stored = connection.ops.adapt_datetimefield_value
    rows = [
        (visit.version, as_stored(visit.announced_until), as_stored(visit.next_change_at), visit.pk) for visit in visits
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_STORE, rows)


def _announce(visit_id: int, now: datetime, outage: Outage | None) -> None:
    with transaction.atomic():
        due = Visit.objects.select_for_update(skip_locked=True).filter(pk=visit_id, next_change_at__lte=now)
        if due.exists():
            with turn_on(visit_id, actor=PROGRAM, right=None, now=now, outage=outage):
                pass


def _set_aside(visit_id: int, now: datetime) -> None:
    Visit.objects.filter(pk=visit_id).update(next_change_at=now + SET_ASIDE_FOR)
