"""What there is to practise, and whether somebody has done it, as the journal tells. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vovremya.visits.rules.journal_facts import (
    CallEnded,
    CallStarted,
    CardFinished,
    ClientCalled,
    VisitBooked,
    VisitRemoved,
    VisitRestored,
)
from vovremya.visits.rules.words import CallResult, Outcome

_NO_CONTACT, _CLIENT = "no_contact", "client"


@dataclass(frozen=True)
class Deed:
    """An entry of the journal that the learner has brought about, in the branch where people practise."""

    kind: str
    visit_id: int | None = None
    case_id: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)


Deeds = Sequence[Deed]


@dataclass(frozen=True)
class Lesson:
    """`is_done` by whom all these deeds are."""

    code: str
    is_done: Callable[[Deeds], bool]


def done_lessons(deeds: Deeds) -> frozenset[str]:
    return frozenset(lesson.code for lesson in LESSONS if lesson.is_done(deeds))


def _finished(deeds: Deeds, outcome: Outcome) -> list[Deed]:
    return [deed for deed in deeds if deed.kind == CardFinished.kind and deed.data.get("outcome") == outcome]


def _cases_of(deeds: Deeds, kind: str) -> set[int | None]:
    return {deed.case_id for deed in deeds if deed.kind == kind}


def _is_on_the_way(deeds: Deeds) -> bool:
    called_by_clients = _cases_of(deeds, ClientCalled.kind)
    return any(deed.case_id not in called_by_clients for deed in _finished(deeds, Outcome.CONFIRMED))


def _has_warned(deeds: Deeds) -> bool:
    called_by_clients = _cases_of(deeds, ClientCalled.kind)
    return any(deed.case_id in called_by_clients for deed in _finished(deeds, Outcome.CONFIRMED))


def _is_not_reached(deeds: Deeds) -> bool:
    """The last call at least is the learner's own: the first may be that of whoever had the desk before."""
    in_vain = {deed.visit_id for deed in deeds if deed.kind == CallEnded.kind and deed.data.get("counts") is True}
    return any(deed.visit_id in in_vain for deed in _removed(deeds, _NO_CONTACT))


def _has_refused(deeds: Deeds) -> bool:
    answered = {
        deed.visit_id
        for deed in deeds
        if deed.kind == CallEnded.kind and deed.data.get("result") == CallResult.ANSWERED
    }
    return any(deed.visit_id in answered for deed in _removed(deeds, _CLIENT))


def _removed(deeds: Deeds, group: str) -> list[Deed]:
    return [deed for deed in deeds if deed.kind == VisitRemoved.kind and deed.data.get("group") == group]


def _has_arrived_meanwhile(deeds: Deeds) -> bool:
    """The contact that the learner has called about ends by the learner's own «Прибыл»."""
    called = _cases_of(deeds, CallStarted.kind)
    return any(deed.case_id in called for deed in _finished(deeds, Outcome.ARRIVED))


def _has(kind: str) -> Callable[[Deeds], bool]:
    return lambda deeds: any(deed.kind == kind for deed in deeds)


LESSONS = (
    Lesson("near", _is_on_the_way),
    Lesson("moved", lambda deeds: bool(_finished(deeds, Outcome.MOVED))),
    Lesson("refused", _has_refused),
    Lesson("unreached", _is_not_reached),
    Lesson("warned", _has_warned),
    Lesson("arrived", _has_arrived_meanwhile),
    Lesson("restored", _has(VisitRestored.kind)),
    Lesson("booked", _has(VisitBooked.kind)),
)
