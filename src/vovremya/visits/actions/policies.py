"""A new version of a branch's policy, and the visits to come that go by it from then on."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from vovremya.directory.actions import add_policy
from vovremya.directory.models import Policy
from vovremya.directory.rules import PROGRAM
from vovremya.journal.actions import record_many
from vovremya.kernel.refusal import BadInput
from vovremya.visits.actions.noticing import note_matters
from vovremya.visits.actions.turn import Turn, turns_of_program
from vovremya.visits.models import Visit
from vovremya.visits.queries import policy_facts, standing_from
from vovremya.visits.rules.case import PolicyFacts
from vovremya.visits.rules.policy import LIMITS, goes_by_new
from vovremya.visits.rules.words import Status

#: So many visits are read and written at once.
TOGETHER = 500

_STORE = """
UPDATE visits_visit
   SET version = %s, announced_until = %s, next_change_at = %s, policy_id = %s, remind_at = %s, remind_pauses_at = %s,
       remind_resumes_at = %s
 WHERE id = %s
"""


@dataclass(frozen=True)
class Minutes:
    """The manual's minutes and attempts, as a branch keeps to them."""

    late_after_minutes: int = 10
    contact_within_minutes: int = 10
    retry_after_minutes: int = 5
    attempts: int = 2
    near_within_minutes: int = 10
    voicemail_counts: bool = True


def set_minutes(branch_id: int, wanted: Minutes, now: datetime) -> None:
    """A new version of the branch's policy, in force at once; planned visits that are not late go by it from now on,
    the others keep what they have. A part of changing the setting, which asks for the right and tells the journal.

    Raises `BadInput`.
    """
    _require_sensible(wanted)
    policy = add_policy(branch_id, now, **asdict(wanted))
    minutes = policy_facts(policy)

    def take_over(turns: Sequence[Turn]) -> list[Turn]:
        going = [turn for turn in turns if _goes_by_new(turn.visit, turn, minutes)]
        for turn in going:
            turn.visit.policy = policy
        return going

    write_in_batches(_planned(branch_id, now), take_over, now)


def visits_touched(branch_id: int, wanted: Minutes, now: datetime) -> tuple[int, int]:
    """How many planned visits would go by these minutes, and how many are late and keep their own.

    Raises `BadInput`.
    """
    _require_sensible(wanted)
    minutes = _facts(wanted)
    planned = _planned(branch_id, now)
    begun = list(planned.filter(starts_at__lte=now).select_related("policy", "follows"))
    turns = turns_of_program(begun, now)
    going = sum(_goes_by_new(turn.visit, turn, minutes) for turn in turns)
    return planned.filter(starts_at__gt=now).count() + going, len(begun) - going


#: Changes the visits of the turns that it gives back.
Change = Callable[[Sequence[Turn]], Sequence[Turn]]


def write_in_batches(visits: QuerySet[Visit], change: Change, now: datetime) -> None:
    """A turn of the program on each, many at a time: what has become true is told, then those that `change` gives back,
    changed, are written with what comes next."""
    visit_ids = list(visits.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(visit_ids), TOGETHER):
        _write_batch(visits.filter(pk__in=visit_ids[start : start + TOGETHER]), change, now)


def _write_batch(visits: QuerySet[Visit], change: Change, now: datetime) -> None:
    locked = (
        visits.select_for_update(no_key=True, of=("self",)).select_related("policy", "branch", "follows").order_by("pk")
    )
    turns = turns_of_program(list(locked), now)
    told = {turn.visit.pk: turn.told_of_itself(None) for turn in turns}
    changed = change(turns)
    entries = record_many([each for turn in changed for each in told[turn.visit.pk]], actor=PROGRAM, now=now)
    note_matters(entries)
    for turn in changed:
        turn.look_ahead(turn.standing, has_news=True)
    _store([turn.visit for turn in changed])


def _store(visits: Sequence[Visit]) -> None:
    as_stored = connection.ops.adapt_datetimefield_value
    rows = [
        (
            visit.version,
            *map(as_stored, (visit.announced_until, visit.next_change_at)),
            visit.policy_id,
            *map(as_stored, (visit.remind_at, visit.remind_pauses_at, visit.remind_resumes_at)),
            visit.pk,
        )
        for visit in visits
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_STORE, rows)


def _planned(branch_id: int, now: datetime) -> QuerySet[Visit]:
    """Those whose day is not over."""
    return Visit.objects.filter(branch_id=branch_id, status=Status.PLANNED, day_ends_at__gt=now)


def _goes_by_new(visit: Visit, turn: Turn, minutes: PolicyFacts) -> bool:
    standing = standing_from(visit, turn.case, turn.attempts)
    return goes_by_new(standing.facts, standing.policy, minutes, turn.judged_at)


def _facts(wanted: Minutes) -> PolicyFacts:
    return policy_facts(Policy(**asdict(wanted)))


def _require_sensible(wanted: Minutes) -> None:
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(wanted, name) <= most:
            raise BadInput({name: "policy_unfit"}, least=least, most=most)
