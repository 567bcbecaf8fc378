"""What becomes of an act in a race, in a word."""

import re
from collections.abc import Callable

from vovremya.kernel.refusal import Refusal

DONE = "done"
ALREADY_DONE = "already done"
#: Behind the code of a refusal that does not say who or what was first.
WITHOUT_A_REASON = " without a reason"
#: Before the name of an error: the database gave up, and nobody is told why.
BROKEN_OFF = "broken off: "
_BY_WHOM_AND_WHEN = re.compile(r"\w+,? (?:с |в )?\d\d:\d\d")


def outcome(act: Callable[[], object]) -> str:
    from django.db import DatabaseError

    from vovremya.visits.actions.turn import AlreadyDone

    try:
        act()
    except AlreadyDone:
        return ALREADY_DONE
    except Refusal as refusal:
        return refusal.code if _says_who_was_first(refusal) else refusal.code + WITHOUT_A_REASON
    except DatabaseError as error:
        return BROKEN_OFF + type(error.__cause__ or error).__name__
    return DONE


def _says_who_was_first(refusal: Refusal) -> bool:
    """Whether what the user reads names what is in the way, or who was first, and when."""
    from tests.cast import MOSCOW
    from vovremya.board.views.answering import refusal_text
    from vovremya.schedule.refusals import BayTaken
    from vovremya.visits.refusals import CallInProgress, CardHeld, Conflict, NotPlanned
    from vovremya.waitlist.refusals import NotWaiting, OfferedByOther, OfferEnded

    if isinstance(refusal, BayTaken):
        return bool(refusal.facts["in_the_way"])
    if isinstance(
        refusal, Conflict | NotPlanned | CardHeld | CallInProgress | NotWaiting | OfferedByOther | OfferEnded
    ):
        return bool(_BY_WHOM_AND_WHEN.search(refusal_text(refusal, MOSCOW)))
    return True
