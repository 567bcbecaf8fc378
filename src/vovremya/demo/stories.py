"""What happens to a visit, as deeds on its own clock: minutes from the planned start. Pure.

A story may reach beyond the moment the demo begins: what lies ahead is left out, so that one and the same
story of a client who comes gives visits planned, arrived, in work and done.
"""

from dataclasses import dataclass
from random import Random

from vovremya.visits.rules.words import CallResult


@dataclass(frozen=True)
class Arrive:
    pass


@dataclass(frozen=True)
class StartWork:
    pass


@dataclass(frozen=True)
class EndWork:
    pass


@dataclass(frozen=True)
class Dial:
    pass


@dataclass(frozen=True)
class NoteResult:
    result: CallResult


@dataclass(frozen=True)
class LeaveCard:
    """«Сохранить»: back to the board."""


@dataclass(frozen=True)
class Promise:
    """«Да»: the client is on the way."""

    eta_minutes: int
    reason_code: str
    comment: str


@dataclass(frozen=True)
class Confirm:
    """«Да» of a client who is reminded."""

    comment: str


@dataclass(frozen=True)
class Warn:
    """The client calls by themselves."""


@dataclass(frozen=True)
class Move:
    """To a start so many minutes later, on the same bay."""

    by_minutes: int
    comment: str


@dataclass(frozen=True)
class Remove:
    reason_code: str
    comment: str = ""


@dataclass(frozen=True)
class WantSooner:
    """The client would come at a sooner time, if there were one."""

    comment: str = ""


@dataclass(frozen=True)
class Restore:
    pass


@dataclass(frozen=True)
class MarkNoShow:
    pass


Deed = (
    Arrive
    | StartWork
    | EndWork
    | Dial
    | NoteResult
    | LeaveCard
    | Promise
    | Confirm
    | Warn
    | Move
    | Remove
    | WantSooner
    | Restore
    | MarkNoShow
)


@dataclass(frozen=True)
class Step:
    at_minute: float
    deed: Deed


Story = tuple[Step, ...]

#: The client does not come and nobody has acted yet; or the visit lies ahead.
NOTHING_YET: Story = ()


def served(arrives: float, lasts: int, *, waits: float = 5, overruns: float = 0) -> Story:
    """Arrives, waits for the mechanic, and the work ends `overruns` minutes past its planned end."""
    starts = max(arrives + waits, -5)
    return (Step(arrives, Arrive()), Step(starts, StartWork()), Step(max(lasts + overruns, starts + 8), EndWork()))


def comes(lasts: int, dice: Random) -> Story:
    """As most clients do: a little early or late, and done a little before the planned end."""
    return served(dice.uniform(-9, 6), lasts, waits=dice.uniform(3, 7), overruns=dice.uniform(-6, -0.5))


def failed_call(at: float, result: CallResult) -> Story:
    return (Step(at, Dial()), Step(at + 0.6, NoteResult(result)), Step(at + 0.8, LeaveCard()))


def reached(at: float) -> Story:
    return (Step(at, Dial()), Step(at + 0.3, NoteResult(CallResult.ANSWERED)))


def promised(at: float, eta_minutes: int, reason_code: str, comment: str) -> Story:
    return (*reached(at), Step(at + 1.2, Promise(eta_minutes, reason_code, comment)))


def reminded(at: float, comment: str) -> Story:
    return (*reached(at), Step(at + 0.8, Confirm(comment)))


def unconfirmed(at: float) -> Story:
    """Nobody could be reminded: two failures, the visit stays."""
    return (*failed_call(at, CallResult.NO_ANSWER), *failed_call(at + 6, CallResult.OUT_OF_COVERAGE))


def warned(at: float, eta_minutes: int, reason_code: str, comment: str) -> Story:
    return (Step(at, Warn()), Step(at + 0.8, Promise(eta_minutes, reason_code, comment)))


def moved(at: float, by_minutes: int, comment: str) -> Story:
    return (*reached(at), Step(at + 2.5, Move(by_minutes, comment)))


def refused(at: float, reason_code: str, comment: str) -> Story:
    return (*reached(at), Step(at + 1.5, Remove(reason_code, comment)))


def unreached(at: float) -> Story:
    """Two failures by the manual: the second after the retry, then the removal."""
    return (
        *failed_call(at, CallResult.NO_ANSWER),
        *failed_call(at + 6, CallResult.OUT_OF_COVERAGE),
        Step(at + 7.5, Remove("unreached")),
    )
