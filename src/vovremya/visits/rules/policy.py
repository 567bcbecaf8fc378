"""The minutes and attempts of a branch: within what limits, and which visits go by new ones. Pure."""

from collections.abc import Mapping
from datetime import datetime

from vovremya.visits.rules.case import PolicyFacts, VisitFacts
from vovremya.visits.rules.timeline import state_at, state_timeline
from vovremya.visits.rules.words import LATE_STATES, State

#: The least and the most of each.
LIMITS: Mapping[str, tuple[int, int]] = {
    "late_after_minutes": (1, 120),
    "contact_within_minutes": (1, 120),
    "retry_after_minutes": (1, 120),
    "attempts": (1, 9),
    "near_within_minutes": (1, 120),
}
#: A visit in one of these keeps the minutes that it turned late by.
_TOO_LATE = LATE_STATES | {State.NOT_ARRIVED}


def goes_by_new(visit: VisitFacts, old: PolicyFacts, new: PolicyFacts, now: datetime) -> bool:
    """A visit that is late keeps its own; so does one that by the new minutes would have been late for a while: nobody
    could have met its deadline."""
    states = (state_at(state_timeline(visit, policy), now).state for policy in (old, new))
    return _TOO_LATE.isdisjoint(states)
