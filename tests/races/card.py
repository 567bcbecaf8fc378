"""Two operators and a supervisor at one card, and who asks whether what they were told has an order.

All three press at one moment, again and again; each press, its answer and its real time are a history. It holds where
some order of the presses, true to that time, gives the same answers and the same journal when the same actions are
taken one at a time on a copy of the same database. Models are imported by the functions.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.races.arena import Arena, meet
from tests.races.outcome import outcome
from vovremya.directory.rules import Actor

PEOPLE = ("operator", "second", "supervisor")
PRESSES = 3
BAYS = 3
VISITS_OF_BAY = 11  # one an hour
_BETWEEN_PRESSES = timedelta(minutes=6)
#: Leases run on real time, which is short: they lapse only where somebody falls silent.
REAL = datetime(2026, 11, 23, 6, tzinfo=UTC)
_SILENCE = timedelta(seconds=91)

_AT_THE_CARD = ("open", "dial", "fail", "answer", "save", "finish", "later", "release", "take over", "wait", "warned")
_OF_SUPERVISOR = ("lapse", "take over late", "remove", "check in", "move", "undo check in")
_RELEASE = "release"
#: The watch found nothing to free: as if it had not looked.
NOTHING_LAPSED = "nothing lapsed"


@dataclass(frozen=True)
class Press:
    """One press of a button about a visit, what was seen of it before, and what came of it."""

    visit_id: int
    who: str
    act: str
    step: int
    at: datetime
    case_version: int
    plan_version: int
    answer: str = ""
    began: int = 0
    ended: int = 0


@dataclass(frozen=True)
class End:
    """How a visit stands when all have gone: its journal in order, and its facts."""

    journal: tuple[tuple[str, int | None], ...]
    facts: tuple[object, ...]


def furnish(visits: int) -> None:
    """Late visits, each on a day and bay of its own and of a client of its own."""
    from tests.cast import TOMORROW, assemble

    cast = assemble()
    for number in range(visits):
        client, _ = cast.register(f"Ким {number}", f"+7999{number:07}")
        day, place = divmod(number, BAYS * VISITS_OF_BAY)
        hour, bay = divmod(place, BAYS)
        cast.book(f"{9 + hour:02}:00", bay=bay, client=client, on=TOMORROW + timedelta(days=day))


def press_at_random(seed: int, visits: int) -> list[Press]:
    """What one of the three does to so many visits, a few times to each, at the same moments as the others."""
    from vovremya.visits.models import Visit

    chance, who, pressed = random.Random(seed), PEOPLE[seed], list[Press]()
    acts = _AT_THE_CARD + _OF_SUPERVISOR if who == "supervisor" else _AT_THE_CARD
    desk = _Desk.opened()
    for visit in Visit.objects.order_by("id")[:visits]:
        late_at = visit.starts_at + timedelta(minutes=11)
        for step in range(PRESSES + 1):
            act = chance.choice(acts) if step < PRESSES else _RELEASE
            at = late_at + step * _BETWEEN_PRESSES
            meet()
            pressed.append(desk.press(Press(visit.pk, who, act, step, at, *seen(visit.pk))))
    return pressed


def press_at_random_without_locks(seed: int, visits: int) -> list[Press]:
    """The same, with nothing that keeps them apart: the negative control."""
    from tests.races.visiting import take_the_locks_off

    take_the_locks_off()
    return press_at_random(seed, visits)


def seen(visit_id: int) -> tuple[int, int]:
    """The versions that a card drawn now would send."""
    from vovremya.visits.models import Case, Visit

    case = Case.objects.filter(visit_id=visit_id, ended_at=None).values_list("version", flat=True).first()
    return case or 0, Visit.objects.values_list("plan_version", flat=True).get(pk=visit_id)


@dataclass
class _Desk:
    actors: dict[str, Actor]
    reason_id: int
    late_reason_id: int

    @classmethod
    def opened(cls) -> "_Desk":
        from vovremya.directory.models import LateReason, RemovalReason, User
        from vovremya.directory.queries import actor_of

        return cls(
            {name: actor_of(User.objects.get(username=name)) for name in PEOPLE},
            RemovalReason.objects.get(code="expensive").pk,
            LateReason.objects.order_by("id").values_list("id", flat=True)[0],
        )

    def press(self, press: Press) -> Press:
        results: list[object] = []
        began = time.monotonic_ns()
        lapsed = _lapsed_of(press.visit_id)
        word = outcome(lambda: results.append(self._act(press)))
        answer = f"{word} {_told(results[0])}".strip() if results else word
        if press.act == "lapse" and lapsed == _lapsed_of(press.visit_id):
            answer = NOTHING_LAPSED
        return replace(press, answer=answer, began=began, ended=time.monotonic_ns())

    def _act(self, press: Press) -> object:
        """By the action that the button stands for."""
        from tests.cast import MOSCOW
        from vovremya.customers.models import Phone
        from vovremya.visits.actions import booking, contact, reception, removal
        from vovremya.visits.models import Visit
        from vovremya.visits.rules.words import Answer, CallResult

        visit_id, now = press.visit_id, press.at
        by: dict[str, Any] = {"actor": self.actors[press.who], "now": now}
        by_now = by | {"real_now": REAL}
        in_hand = by_now | {"case_version": press.case_version}
        planned = by | {"plan_version": press.plan_version}
        card = contact.CardInput(Answer.YES, "5", late_reason_id=self.late_reason_id, comment="Едет")
        match press.act:
            case "open":
                return contact.open_card(visit_id, **by_now)
            case "dial":
                phone = Phone.objects.get(client__visits=visit_id)
                return contact.dial(visit_id, phone.pk, **by_now)
            case "fail":
                return contact.record_attempt(visit_id, CallResult.NO_ANSWER, **in_hand)
            case "answer":
                return contact.record_attempt(visit_id, CallResult.ANSWERED, **in_hand)
            case "save":
                return contact.save_card(visit_id, card, **in_hand)
            case "finish":
                return contact.finish(visit_id, card, zone=MOSCOW, **in_hand)
            case "later":
                return contact.call_back_later(visit_id, "", zone=MOSCOW, **in_hand)
            case "release":
                contact.release_card(visit_id, **by)
                return ""
            case "take over":
                return contact.take_over(visit_id, **by_now)
            case "take over late":
                return contact.take_over(visit_id, **by, real_now=REAL + _SILENCE)
            case "wait":
                return contact.keep_waiting(visit_id, **by)
            case "warned":
                return contact.client_called(visit_id, **by_now)
            case "lapse":
                return contact.lapse_leases(REAL + _SILENCE, now)
            case "remove":
                said = removal.RemovalInput(self.reason_id, is_said_by_client=True)
                return removal.remove(visit_id, said, **planned)
            case "check in":
                return reception.check_in(visit_id, **planned)
            case "undo check in":
                return reception.undo_check_in(visit_id, **by)
            case "move":
                visit = Visit.objects.get(pk=visit_id)
                later = timedelta(days=100)
                plan = booking.Plan(visit.bay_id, visit.starts_at + later, visit.ends_at + later)
                return booking.move(visit_id, plan, **planned)
        raise AssertionError(press.act)


def _lapsed_of(visit_id: int) -> int:
    from vovremya.journal.models import Entry

    return Entry.objects.filter(visit_id=visit_id, kind="lease_lapsed").count()


def _told(result: object) -> str:
    """What of a result does not depend on the numbers that the database gives out."""
    from vovremya.visits.models import Attempt, Case, Visit

    match result:
        case Case():
            return f"{result.version} {result.outcome}"
        case Visit():
            return f"{result.plan_version} {result.status}"
        case Attempt() | int():
            return ""
    return str(result)


def end_of(visit_id: int) -> End:
    from vovremya.journal.models import Entry
    from vovremya.visits.models import Attempt, Case, Lease, Visit

    journal = Entry.objects.filter(visit_id=visit_id).order_by("id").values_list("kind", "user_id")
    visits = Visit.objects.filter(pk=visit_id)
    cases = Case.objects.filter(visit_id=visit_id).order_by("id")
    attempts = Attempt.objects.filter(case__visit_id=visit_id).order_by("id")
    facts = (
        *visits.values_list("status", "version", "plan_version", "expected_at", "next_change_at"),
        *cases.values_list("version", "outcome", "grounds", "retry_at", "reached_at", "answer", "ended_by_id"),
        *attempts.values_list("started_by_id", "result", "counts"),
        *Lease.objects.filter(case__visit_id=visit_id).values_list("user_id"),
    )
    return End(tuple(journal), facts)


def ends(visit_ids: Sequence[int]) -> list[End]:
    return [end_of(visit_id) for visit_id in visit_ids]


def histories(
    arena: Arena, racer: Callable[[int, int], list[Press]], visits: int, patience: float = 120.0
) -> list[tuple[list[Press], End]]:
    """What all of them pressed about each visit, and how it stands at the end."""
    by_visit: dict[int, list[Press]] = {}
    for pressed in arena.told_by_each(racer, racers=len(PEOPLE), attempts=visits, patience=patience):
        for press in pressed:
            by_visit.setdefault(press.visit_id, []).append(press)
    return list(zip(by_visit.values(), arena.alone(partial(ends, list(by_visit))), strict=True))


def unexplained(raced: Sequence[tuple[Sequence[Press], End]]) -> list[Sequence[Press]]:
    """Histories that no order of their presses explains; the database is left as it was."""
    desk = _Desk.opened()
    return [presses for presses, end in raced if not _is_explained(desk, presses, end)]


def _is_explained(desk: _Desk, presses: Sequence[Press], end: End) -> bool:
    from django.db import transaction

    with transaction.atomic():
        is_explained = _has_an_order(desk, [press for press in presses if press.answer != NOTHING_LAPSED], end)
        transaction.set_rollback(True)
    return is_explained


def _has_an_order(desk: _Desk, left: Sequence[Press], end: End) -> bool:
    """Whether some press that may have been next gives its answer and leads on; tried in the order they ended."""
    from django.db import transaction

    so_far = end_of(left[0].visit_id)
    if so_far.journal != end.journal[: len(so_far.journal)]:
        return False
    first_ended = min(press.ended for press in left)
    for press in sorted(left, key=lambda press: press.ended):
        if press.began > first_ended:
            continue
        before = transaction.savepoint()
        others = [other for other in left if other is not press]
        if desk.press(press).answer == press.answer and (
            _has_an_order(desk, others, end) if others else end_of(press.visit_id) == end
        ):
            return True
        transaction.savepoint_rollback(before)
    return False
