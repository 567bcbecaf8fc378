"""The named refusals of the waiting list's actions. Their words are in `texts.py`."""

from vovremya.kernel.refusal import Refusal


class NotWaiting(Refusal):
    """The client is on the list no longer; the code says why. `facts`: by, or visit where it ended by that."""

    code = "not_waiting"


class AlreadyWaiting(Refusal):
    """The client is on the list with this car already. `facts`: who, at."""

    code = "already_waiting"


class OfferedByOther(Refusal):
    """Another operator is calling the client about a time. `facts`: who, until."""

    code = "offered_by_other"


class OfferEnded(Refusal):
    """What the client answered is written down already. `facts`: answer, who, at."""

    code = "offer_ended"
