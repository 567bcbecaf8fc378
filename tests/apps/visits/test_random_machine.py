"""Anybody does anything at any time: no invariant breaks, and nothing but a refusal is raised."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.cast import MOSCOW, TODAY, TOMORROW, Cast, at
from vovremya.board.queries.day import bars_between
from vovremya.customers.models import Phone
from vovremya.directory.models import LateReason
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotFound, Refusal
from vovremya.visits.actions import booking, contact, reception, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.actions.wave import Shift, Words, apply_plan
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Attempt, Case, Lease, Visit
from vovremya.visits.queries import earliest_change, standing_of
from vovremya.visits.rules.words import CHOSEN_RESULTS, Answer, CallResult, Status

#: The rules are the same on both; what PostgreSQL does otherwise shows in a few.
EXAMPLES = {"sqlite": 14, "postgresql": 4}
MILLISECOND = timedelta(milliseconds=1)
PAUSES = [timedelta(0), MILLISECOND, *(timedelta(minutes=minutes) for minutes in (1, 1, 2, 2, 5, 5, 10, 60))]
ANYBODY = ["operator"] * 6 + ["supervisor"] * 4 + ["second_operator", "master", "master", "manager", "stranger"]
FAILURES = CHOSEN_RESULTS[1:7]
ETAS = ["5", "5", "10", "10", "0", "11", "45", "12:00", "вот-вот", ""]
REASONS = ["unreached", "unreached", "expensive", "expensive", "no_show", "no_parts", "duplicate", "unhappy_before"]
RECEPTION = [
    reception.check_in,
    reception.undo_check_in,
    reception.undo_check_in,
    reception.start_work,
    reception.undo_start_work,
    reception.end_work,
    reception.undo_end_work,
    reception.mark_no_show,
    reception.undo_no_show,
    removal.restore,
    removal.restore,
]


class Day(RuleBasedStateMachine):
    """A day's visits: two in a row, a client without a phone, one of a family, one shortly before closing.

    A step is a seed, and what it means depends on its place; 0 is nothing at all, so that hypothesis can strip
    a broken day down to the steps that break it.
    """

    def __init__(self, cast: Cast) -> None:
        super().__init__()
        self.cast = cast
        self.now = at("10:09")
        self.attempts_seen: set[int] = set()
        self.entries_seen = 0
        self.steps = 0
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    @initialize()
    def book_the_day(self) -> None:
        without_phone, car = self.cast.register("Петров Пётр", plate="А001АА 77")
        family, _ = self.cast.register("Смирнов Олег", "+7 912 345-67-89", "+7 912 000-00-02")
        booked = [
            self.cast.book("10:00"),
            self.cast.book("11:00"),
            self.cast.book("10:05", bay=1, client=without_phone, car=car),
            self.cast.book("10:10", bay=2, client=family),
            self.cast.book("20:45", bay=1, client=family),
        ]
        self.visit_ids = [visit.pk for visit in booked]
        self.remind()

    def teardown(self) -> None:
        """The watch may wake for every change, or sleep through the rest of the day: it says the same."""
        assert self._said_by_the_end(is_awake=True) == self._said_by_the_end(is_awake=False)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def _said_by_the_end(self, *, is_awake: bool) -> set[tuple[int | None, str, datetime]]:
        end = max(self.now, at("12:00", TOMORROW))
        before = transaction.savepoint()
        while is_awake and (change_at := earliest_change()) and change_at <= end:
            announce_due(max(change_at, self.now))
        announce_due(end)
        said = set(Entry.objects.values_list("visit_id", "kind", "at"))
        transaction.savepoint_rollback(before)
        return said

    # --- what happens ---

    @rule(seed=st.integers(0, 2**32))
    def something_happens(self, seed: int) -> None:
        self.steps += 1
        if seed == 0:
            return
        self.chance = chance = Random(f"{seed} at {self.steps}")
        self.visit = Visit.objects.get(pk=chance.choices(self.visit_ids, (4, 2, 1, 4, 2))[0])
        self.case = Case.objects.filter(visit=self.visit, ended_at=None).first()
        happenings: list[tuple[int, Callable[[], None]]] = [
            (3, self.time_passes),
            (2, self.time_comes_to_a_change),
            (2, self.the_watch_looks),
            (4, self.call),
            (4, self.fail_to_reach),
            (4, self.reach),
            (1, self.work_on_the_card),
            (2, self.write_into_the_card),
            (1, self.add_number),
            (1, self.move),
            (2, self.shift_together),
            (1, self.remove),
            (3, self.receive),
            (1, self.change_arrived),
            (1, self.remind),
        ]
        weights, acts = zip(*happenings, strict=True)
        chance.choices(acts, weights)[0]()

    def time_passes(self) -> None:
        self.now += self._any(PAUSES)

    def time_comes_to_a_change(self) -> None:
        change_at = self.visit.next_change_at
        if change_at and change_at - self.now < timedelta(hours=3):
            self.now = max(self.now, change_at + self._any([-MILLISECOND, timedelta(0), MILLISECOND]))

    def the_watch_looks(self) -> None:
        announce_due(self.now)
        contact.lapse_leases(self.now, self.now)

    def call(self) -> None:
        """Dialled, or only written down; mostly with a result."""
        who = self._any(ANYBODY)
        if self._mostly():
            self._dial(who)
        self.now += timedelta(seconds=self._any([0, 20, 130]))
        if self._mostly():
            self._end_call(who, self._any(CHOSEN_RESULTS))

    def fail_to_reach(self) -> None:
        if self.case and self.case.retry_at and self._any([True, True, False]):
            self.now = max(self.now, self.case.retry_at)
        who = self._caller()
        self._dial(who)
        self.now += timedelta(seconds=20)
        self._end_call(who, self._any(FAILURES))

    def reach(self) -> None:
        """A talk, begun by either side, with whatever comes of it."""
        who = self._caller()
        if self._mostly():
            self._dial(who)
            self._end_call(who, CallResult.ANSWERED)
        else:
            self._try(who, contact.client_called)
        self.now += timedelta(seconds=self._any([0, 60, 600]))
        self._any([self._finish, self._finish, self._call_back_later, self._move_from_card, self._refuse])(who)

    def work_on_the_card(self) -> None:
        who = self._any(ANYBODY)
        self._try(who, self._any([contact.open_card, contact.take_over, contact.client_called]))
        if self.case:
            actor = self.cast.actor(who)
            contact.save_draft(self.case.pk, actor=actor, sequence=self._any([1, 2, 3]), body={}, real_now=self.now)
            contact.renew_lease(self.case.pk, actor=actor, real_now=self.now)

    def write_into_the_card(self) -> None:
        act = self._any([self._save, self._finish, self._call_back_later, self._release, self._wait_on, self._reopen])
        act(self._caller())

    def add_number(self) -> None:
        typed = self._any(["+7 912 000-00-07", "8 912 000 00 08", "12"])
        self._try(self._any(ANYBODY), contact.add_number, typed, is_real_timed=False)

    def move(self) -> None:
        self._move(self._any(ANYBODY), from_card=not self._mostly())

    def shift_together(self) -> None:
        """What is done about a late client: others give way, wherever their works are."""
        minutes = timedelta(minutes=self._any([0, 15, 40, 90]))
        others = [Visit.objects.get(pk=each) for each in self.visit_ids if each != self.visit.pk and self._mostly()]
        arrives_at = max(self.now, self.visit.starts_at + minutes)
        late = self._shift(self.visit, arrives_at + timedelta(minutes=self._any([0, 0, 30])))
        shifts = [self._shift(other, other.starts_at + minutes) for other in others]
        words, from_card = Words("Перенос", "Сдвиг"), not self._mostly()

        def apply(_visit_id: int, **who: Any) -> list[int]:
            return apply_plan(late, shifts, words, arrives_at=arrives_at, from_card=from_card, **who)

        self._try(self._caller(), apply)

    def _shift(self, visit: Visit, starts_at: datetime) -> Shift:
        bay_id = self._any(self.cast.bays).pk if self._any([True, False]) else visit.bay_id
        return Shift(visit.pk, visit.plan_version, bay_id, starts_at)

    def remove(self) -> None:
        self._remove(self._any(ANYBODY), is_said=self._mostly(), override="" if self._mostly() else "Так надо")

    def receive(self) -> None:
        self._try(self._any(ANYBODY), self._any(RECEPTION), is_real_timed=False)

    def change_arrived(self) -> None:
        ends_at = max(self.visit.ends_at, self.now) + timedelta(minutes=15)
        bay_id, version = self._any(self.cast.bays).pk, self.visit.plan_version
        self._try(
            self._any(ANYBODY), booking.change_arrived, bay_id, ends_at, plan_version=version, is_real_timed=False
        )

    def remind(self) -> None:
        """An hour before, or half of it, or no more."""
        wanted = RemindersWanted(before_minutes=(60, 30, 30, None)[self.steps % 4])
        self.cast.remind(wanted, self.now)

    # --- how they do it ---

    def _dial(self, who: str) -> None:
        phones = Phone.objects.filter(client_id=self.visit.client_id).order_by("is_wrong", "id")
        phone = phones.first() if self._mostly() else phones.last()
        self._try(who, contact.dial, phone.pk if phone else 0, is_repeat_confirmed=self._mostly())

    def _end_call(self, who: str, result: CallResult) -> None:
        self._try(who, contact.record_attempt, result, case_version=self._version())

    def _finish(self, who: str) -> None:
        reason = LateReason.objects.values_list("id", flat=True).first()
        answer = Answer.YES if self._mostly() else self._any(list(Answer))
        card = CardInput(answer, self._any(ETAS), late_reason_id=reason, comment="Едет")
        also = () if self._mostly() else (self._any(self.visit_ids),)
        also = tuple(visit_id for visit_id in also if visit_id != self.visit.pk)
        version = self._version()
        self._try(who, contact.finish, card, case_version=version, zone=MOSCOW, also_visit_ids=also)

    def _call_back_later(self, who: str) -> None:
        self._try(who, contact.call_back_later, self._any(ETAS), case_version=self._version(), zone=MOSCOW)

    def _save(self, who: str) -> None:
        self._try(who, contact.save_card, CardInput(comment="Думает"), case_version=self._version())

    def _release(self, who: str) -> None:
        self._try(who, contact.release_card, is_real_timed=False)

    def _wait_on(self, who: str) -> None:
        self._try(who, contact.keep_waiting, is_real_timed=False)

    def _reopen(self, who: str) -> None:
        self._try(who, contact.reopen, is_real_timed=False)

    def _move_from_card(self, who: str) -> None:
        self._move(who, from_card=True)

    def _refuse(self, who: str) -> None:
        self._remove(who, is_said=False, override="")

    def _move(self, who: str, *, from_card: bool) -> None:
        visit = self.visit
        soon = self.now.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=15) * self._any(range(20))
        starts_at = soon if self._mostly() else visit.starts_at
        plan = booking.Plan(self._any(self.cast.bays).pk, starts_at, starts_at + (visit.ends_at - visit.starts_at))
        self._try(
            who,
            booking.move,
            plan,
            plan_version=visit.plan_version - (not self._mostly()),
            from_card=from_card,
            is_overbooked=not self._mostly(),
            with_chain=not self._mostly(),
        )

    def _remove(self, who: str, *, is_said: bool, override: str) -> None:
        form = removal.RemovalInput(self.cast.reason(self._any(REASONS)), "Слово", is_said, override)
        version = self.visit.plan_version
        self._try(who, removal.remove, form, plan_version=version, is_real_timed=False)

    def _version(self) -> int:
        """Of the card as it is now; now and then of one that is out of date."""
        case = Case.objects.filter(visit=self.visit, ended_at=None).first()
        return case.version - (not self._mostly()) if case else 0

    def _try(
        self, who: str, act: Callable[..., object], *rest: object, is_real_timed: bool = True, **more: Any
    ) -> None:
        times: dict[str, datetime] = {"now": self.now, **({"real_now": self.now} if is_real_timed else {})}
        answer, is_not_found = "done", False
        try:
            act(self.visit.pk, *rest, actor=self.cast.actor(who), **times, **more)
        except Refusal as refusal:
            answer, is_not_found = refusal.code, isinstance(refusal, NotFound)
        note(f"{self.now:%H:%M:%S.%f} {who}: {act.__name__} {self.visit.pk} {rest} {more}: {answer}")
        event(f"{act.__name__}: {answer}")
        assert is_not_found is (who == "stranger")
        assert answer != "done" or who != "manager"

    def _caller(self) -> str:
        """Mostly whoever holds the card."""
        lease = Lease.objects.filter(case=self.case).first() if self.case else None
        holders = [name for name in set(ANYBODY) if lease and self.cast.actor(name).user_id == lease.user_id]
        return str(self._any(holders if holders and self._mostly() else ANYBODY))

    def _any(self, choices: Sequence[Any]) -> Any:
        return self.chance.choice(choices)

    def _mostly(self) -> bool:
        return self.chance.random() < 0.8

    # --- what holds ---

    @invariant()
    def nothing_is_broken(self) -> None:
        assert broken_invariants() == []

    @invariant()
    def attempts_and_entries_never_vanish(self) -> None:
        attempts = set(Attempt.objects.values_list("id", flat=True))
        entries = Entry.objects.count()
        assert attempts >= self.attempts_seen
        assert entries >= self.entries_seen
        self.attempts_seen, self.entries_seen = attempts, entries

    @invariant()
    def the_board_adds_up_to_the_visits_of_the_day(self) -> None:
        midnight = at("00:00")
        drawn = bars_between(self.cast.branch.pk, midnight, midnight + timedelta(days=1), self.now)
        on_board = Visit.objects.filter(on=TODAY).exclude(status=Status.REMOVED).select_related("policy", "follows")
        standings = [standing_of(visit) for visit in on_board]
        assert {bar.visit_id: (bar.timeline, "missed" in bar.flags) for bar in drawn} == {
            standing.visit.pk: (standing.timeline, standing.is_missed(self.now)) for standing in standings
        }


@pytest.mark.timeout(900)  # half a minute of steady work, more on a busy machine
@pytest.mark.django_db
def test_whatever_anybody_does_nothing_breaks(cast: Cast) -> None:
    class DayOfTheCast(Day):
        def __init__(self) -> None:
            super().__init__(cast)

    run_state_machine_as_test(
        DayOfTheCast,
        settings=settings(
            max_examples=EXAMPLES[connection.vendor],
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
