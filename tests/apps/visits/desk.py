"""A desk in the story of one late visit: who does what at which time of the branch's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.cast import MOSCOW, Cast, at
from vovremya.directory.rules import Actor
from vovremya.journal.models import Entry
from vovremya.visits.actions import booking, contact, reception, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.models import Attempt, Case, Lease, Visit
from vovremya.visits.queries import Standing, last_case_of, standing_of
from vovremya.visits.rules.next_step import NextStep
from vovremya.visits.rules.words import Answer, CallResult, State

HANGS_UP_AFTER = timedelta(seconds=20)
COMMENT = "Едет, пробка"


@dataclass
class Desk:
    """Actions on one visit; who is not named is the operator. Real time runs with the shown one."""

    cast: Cast
    visit_id: int

    @property
    def visit(self) -> Visit:
        return Visit.objects.select_related("policy", "follows", "branch").get(pk=self.visit_id)

    @property
    def case(self) -> Case:
        case = last_case_of(self.visit_id)
        assert case is not None
        return case

    @property
    def attempts(self) -> list[Attempt]:
        return list(Attempt.objects.filter(case__visit_id=self.visit_id))

    @property
    def holder(self) -> str:
        lease = Lease.objects.select_related("user").filter(case__visit_id=self.visit_id).first()
        return str(lease.user) if lease else ""

    @property
    def standing(self) -> Standing:
        return standing_of(self.visit)

    def state(self, clock: str) -> State:
        return self.standing.state(at(clock))

    def is_missed(self, clock: str) -> bool:
        return self.standing.is_missed(at(clock))

    def journal(self, *kinds: str) -> list[tuple[str, str]]:
        """(kind, clock) of what is written about the visit, in the order of writing."""
        entries = Entry.objects.filter(visit_id=self.visit_id).order_by("id")
        return [
            (entry.kind, f"{entry.at.astimezone(MOSCOW):%H:%M}")
            for entry in entries
            if not kinds or entry.kind in kinds
        ]

    def entry(self, kind: str) -> Entry:
        found = Entry.objects.filter(visit_id=self.visit_id, kind=kind).order_by("-id").first()
        assert found is not None, kind
        return found

    # --- the card and its calls ---

    def open(self, clock: str, by: Actor | None = None) -> Case:
        return contact.open_card(self.visit_id, **self._who(clock, by))

    def take_over(self, clock: str, by: Actor | None = None) -> Case:
        return contact.take_over(self.visit_id, **self._who(clock, by))

    def release(self, clock: str, by: Actor | None = None) -> None:
        contact.release_card(self.visit_id, actor=by or self.cast.operator, now=at(clock))

    def dial(self, clock: str, by: Actor | None = None, **more: Any) -> Attempt:
        more.setdefault("phone_id", self.cast.late_phone.pk)
        return contact.dial(self.visit_id, more.pop("phone_id"), **self._who(clock, by), **more)

    def result(self, clock: str, result: CallResult, by: Actor | None = None, **more: Any) -> NextStep:
        more.setdefault("case_version", self.case.version)
        return contact.record_attempt(self.visit_id, result, **self._who(clock, by), **more)

    def call(self, clock: str, result: CallResult, by: Actor | None = None, **more: Any) -> NextStep:
        """Dialled at that time, over twenty seconds later."""
        self.dial(clock, by, **more)
        ends_at = (datetime.fromisoformat(f"2026-11-22 {clock}") + HANGS_UP_AFTER).time().isoformat()
        return self.result(ends_at, result, by)

    def called(self, clock: str, by: Actor | None = None) -> Case:
        return contact.client_called(self.visit_id, **self._who(clock, by))

    def later(self, clock: str, typed: str = "", by: Actor | None = None, **more: Any) -> Case:
        version = self.case.version
        return contact.call_back_later(
            self.visit_id, typed, **self._who(clock, by), case_version=version, zone=MOSCOW, **more
        )

    def finish(
        self,
        clock: str,
        eta: str = "5",
        by: Actor | None = None,
        *,
        card: CardInput | None = None,
        **more: Any,
    ) -> Case:
        more.setdefault("case_version", self.case.version)
        card = card or CardInput(answer=Answer.YES, eta=eta, comment=COMMENT)
        return contact.finish(self.visit_id, card, **self._who(clock, by), zone=MOSCOW, **more)

    def save(self, clock: str, card: CardInput, by: Actor | None = None) -> Case:
        return contact.save_card(self.visit_id, card, **self._who(clock, by), case_version=self.case.version)

    # --- the plan, the reception, the watch ---

    def move(self, clock: str, to: str, by: Actor | None = None, *, bay: int = 0, **more: Any) -> Visit:
        visit = self.visit
        starts_at = more.pop("starts_at", None) or at(to)
        plan = booking.Plan(self.cast.bays[bay].pk, starts_at, starts_at + (visit.ends_at - visit.starts_at))
        more.setdefault("plan_version", visit.plan_version)
        return booking.move(self.visit_id, plan, actor=by or self.cast.operator, now=at(clock), **more)

    def remove(self, clock: str, reason: str, by: Actor | None = None, *, plan_version: int = 0, **more: Any) -> Visit:
        form = removal.RemovalInput(self.cast.reason(reason), **more)
        version = plan_version or self.visit.plan_version
        return removal.remove(self.visit_id, form, actor=by or self.cast.operator, now=at(clock), plan_version=version)

    def restore(self, clock: str, by: Actor | None = None, **more: Any) -> Visit:
        return removal.restore(self.visit_id, actor=by or self.cast.operator, now=at(clock), **more)

    def check_in(self, clock: str, by: Actor | None = None, **more: Any) -> Visit:
        return reception.check_in(self.visit_id, actor=by or self.cast.master, now=at(clock), **more)

    def undo_check_in(self, clock: str, by: Actor | None = None) -> Visit:
        return reception.undo_check_in(self.visit_id, actor=by or self.cast.master, now=at(clock))

    def _who(self, clock: str, by: Actor | None) -> dict[str, Any]:
        return {"actor": by or self.cast.operator, "now": at(clock), "real_now": at(clock)}


def watch(clock: str, **more: Any) -> int:
    """A turn of the watch at that time of today."""
    return announce_due(at(clock), **more)
