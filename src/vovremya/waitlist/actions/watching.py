"""What the watch does for the list: whoever has left by itself is written down, and calls that nobody ended lapse."""

import logging
from datetime import datetime

from django.db import OperationalError, transaction

from vovremya.directory.rules import PROGRAM
from vovremya.visits.models import Visit
from vovremya.visits.queries import is_move_undoable
from vovremya.waitlist.actions.turn import WaitTurn, locked_wait
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.queries import as_they_stand, waits_on_list
from vovremya.waitlist.rules.words import Ending, OfferAnswer

logger = logging.getLogger(__name__)


def let_go(real_now: datetime, now: datetime) -> int:
    """End the waits that have ended by themselves. Returns how many."""
    branch_ids = Wait.objects.filter(ended_at=None).order_by("branch_id").values_list("branch_id", flat=True).distinct()
    ended = [
        each.wait.pk
        for branch_id in list(branch_ids)
        for each in as_they_stand(branch_id, list(waits_on_list(branch_id)), now)
        if each.ending
    ]
    return sum(_end_guarded(wait_id, real_now, now) for wait_id in ended)


def lapse_offers(real_now: datetime, now: datetime) -> int:
    """End the offers whose time is held no longer. Returns how many."""
    lapsed = TimeOffer.objects.filter(answer="", held_until__lte=real_now)
    return sum(_lapse(wait_id, real_now, now) for wait_id in list(lapsed.values_list("wait_id", flat=True)))


def _end_guarded(wait_id: int, real_now: datetime, now: datetime) -> bool:
    """One that cannot be ended holds up nobody behind it; a database that is away is not its fault."""
    try:
        return _end_by_itself(wait_id, real_now, now)
    except OperationalError:
        raise
    except Exception:
        logger.exception("the wait %s could not be ended", wait_id)
        return False


def _end_by_itself(wait_id: int, real_now: datetime, now: datetime) -> bool:
    with transaction.atomic():
        turn = _turn_of_program(wait_id, now)
        if turn is None or turn.wait.ending or turn.listed.ending is None:
            return False
        if turn.listed.ending is Ending.SERVED and _may_be_undone(turn.listed.visit, real_now):
            return False
        turn.end_by_itself()
    return True


def _may_be_undone(visit: Visit | None, real_now: datetime) -> bool:
    """Who was moved by hand a moment ago may be back in the next: nothing brings the wait back then."""
    return visit is not None and is_move_undoable(visit.pk, real_now)


def _lapse(wait_id: int, real_now: datetime, now: datetime) -> int:
    with transaction.atomic():
        turn = _turn_of_program(wait_id, now)
        offers = turn.listed.offers if turn else ()
        lapsed = [offer for offer in offers if not offer.answer and offer.held_until <= real_now]
        for offer in lapsed:
            assert turn is not None
            turn.answer(offer, OfferAnswer.LAPSED)
    return len(lapsed)


def _turn_of_program(wait_id: int, now: datetime) -> WaitTurn | None:
    """None where somebody else has it in hand: they see for themselves."""
    wait = locked_wait(wait_id, skip_locked=True)
    if wait is None:
        return None
    (listed,) = as_they_stand(wait.branch_id, [wait], now)
    return WaitTurn(listed, PROGRAM, now)
