"""The named refusals of the visit's actions. Their words are in `texts.py`."""

from collections.abc import Sequence

from vovremya.kernel.refusal import Refusal
from vovremya.schedule.rules.stranding import Stranded


class NotPlanned(Refusal):
    """The visit is no longer planned: arrived, removed, done… `facts`: status, who, at."""

    code = "not_planned"


class Conflict(Refusal):
    """Somebody changed the card or the plan meanwhile. `facts`: who, at, kind."""

    code = "conflict"


class CardHeld(Refusal):
    """Another operator holds the card. `facts`: who, since."""

    code = "card_held"


class CardLost(Refusal):
    """The lease is not the actor's any more."""

    code = "card_lost"


class CallInProgress(Refusal):
    """A call about this visit is under way at another desk. `facts`: who, at."""

    code = "call_in_progress"


class DialledRecently(Refusal):
    """The same number was dialled within the last five minutes; dialling again is confirmed knowingly."""

    code = "dialled_recently"


class WrongMoment(Refusal):
    """The step does not fit the state the visit or its case is in; the code says why."""

    code = "wrong_moment"


class WouldStrand(Refusal):
    """A change of settings would leave planned visits without their place. `facts`: stranded."""

    code = "would_strand"

    def __init__(self, stranded: Sequence[Stranded]) -> None:
        super().__init__(stranded=tuple(stranded))


class InTheWay(Refusal):
    """A visit moved by hand would meet something. `facts`: obstacle."""

    code = "in_the_way"
