"""What the watch does to visits that nobody touches: write down what came true."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from vovremya.directory.rules import PROGRAM
from vovremya.visits.actions.turn import Outage, turn_on
from vovremya.visits.models import Visit
from vovremya.visits.queries import due_visit_ids

logger = logging.getLogger(__name__)

#: A visit that fails to be announced is tried again after this time and blocks nobody meanwhile.
SET_ASIDE_FOR = timedelta(minutes=5)


def announce_due(now: datetime, limit: int = 500, outage: Outage | None = None) -> int:
    """Announce what has come true by `now` for up to `limit` visits, each in a transaction of its own.

    Returns how many visits were due. A copy of the watch that comes second finds nothing left to do.
    """
    visit_ids = due_visit_ids(now, limit)
    for visit_id in visit_ids:
        try:
            _announce(visit_id, now, outage)
        except Exception:
            logger.exception("announcing visit %s failed; set aside", visit_id)
            _set_aside(visit_id, now)
    return len(visit_ids)


def _announce(visit_id: int, now: datetime, outage: Outage | None) -> None:
    with transaction.atomic():
        due = Visit.objects.select_for_update().filter(pk=visit_id, next_change_at__lte=now)
        if due.exists():
            with turn_on(visit_id, actor=PROGRAM, right=None, now=now, outage=outage):
                pass


def _set_aside(visit_id: int, now: datetime) -> None:
    Visit.objects.filter(pk=visit_id).update(next_change_at=now + SET_ASIDE_FOR)
