"""The closed vocabularies of the waiting list. Pure."""

from enum import StrEnum


class Ending(StrEnum):
    """How a wait ended."""

    SERVED = "served"  # has a time as it was wished for
    ARRIVED = "arrived"  # came at the time that there was
    GONE = "gone"  # the visit that was to be sooner is removed, or its client did not come
    EXPIRED = "expired"  # no day wished for is left
    WITHDRAWN = "withdrawn"


class OfferAnswer(StrEnum):
    """What became of a time that was offered; none yet: the call is under way."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHED = "unreached"
    LAPSED = "lapsed"  # nobody said what became of it
    GIVEN_UP = "given_up"  # the operator offered it no longer
    TAKEN_BACK = "taken_back"  # refused or unreached by mistake


#: The time is not offered to that client again.
ASKED = frozenset({OfferAnswer.REFUSED, OfferAnswer.UNREACHED})
#: The operator may still say what the client answered.
OPEN = frozenset({"", OfferAnswer.LAPSED})
