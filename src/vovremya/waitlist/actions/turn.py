"""The frame of every action on one who waits: lock, check the wall and the right, see how it stands, act, journal."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from vovremya.customers.models import Client
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request, record, remember, replayed
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import NotFound
from vovremya.schedule.actions import Hold, release_hold
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.queries import OnList, as_they_stand, with_people
from vovremya.waitlist.refusals import NotWaiting
from vovremya.waitlist.rules.journal_facts import OfferAnswered, WaitChanged, WaitEnded
from vovremya.waitlist.rules.words import Ending, OfferAnswer


@dataclass
class WaitTurn:
    """One action on one who waits, under the lock."""

    listed: OnList
    actor: Actor
    now: datetime
    action_id: uuid.UUID = field(default_factory=uuid.uuid4)
    entries: list[Entry] = field(default_factory=list)

    @property
    def wait(self) -> Wait:
        return self.listed.wait

    def record(self, fact: Fact, *, words: str = "", actor: Actor | None = None) -> Entry:
        entry = record(
            fact,
            branch_id=self.wait.branch_id,
            actor=actor or self.actor,
            at=self.now,
            now=self.now,
            action_id=self.action_id,
            visit_id=self.wait.visit_id,
            words=words,
        )
        self.entries.append(entry)
        return entry

    def require_on_list(self) -> None:
        """What ended the wait by itself counts, whether or not the watch has written it down."""
        if ending := self.wait.ending or self.listed.ending:
            visit = None if self.wait.ended_by else self.wait.visit or self.listed.visit
            raise NotWaiting(f"not_waiting_{ending}", by=self._ended_by(), visit=visit)

    def _ended_by(self) -> str:
        """« (Иванова, 10:12)»; nothing where nobody did it."""
        if not self.wait.ended_by or not self.wait.ended_at:
            return ""
        return f" ({self.wait.ended_by}, {self.wait.ended_at.astimezone(ZoneInfo(self.wait.branch.zone)):%H:%M})"

    def end(self, ending: Ending, *, comment: str = "", actor: Actor | None = None) -> None:
        """Off the list; a call that is under way offers nothing any more."""
        wait = self.wait
        wait.ended_at = self.now
        wait.ended_by_id = (actor or self.actor).user_id
        wait.ending = ending
        wait.ending_comment = comment
        for offer in self.listed.offers:
            if not offer.answer:
                self.answer(offer, OfferAnswer.GIVEN_UP, actor=actor)
        wait.save()
        self.record(WaitEnded(wait.pk, ending), words=comment, actor=actor)

    def answer(self, offer: TimeOffer, answer: OfferAnswer, *, actor: Actor | None = None) -> None:
        """Write down what became of an offer, and let its time go: once, for then it may be the next's."""
        if not offer.answer:
            held = Hold(offer.bay_id, offer.starts_at, offer.ends_at, offer.held_until)
            release_hold(held, user_id=offer.offered_by_id)
        offer.answer, offer.answered_at = answer, self.now
        offer.save()
        fact = OfferAnswered(self.wait.pk, offer.pk, offer.bay_id, offer.starts_at, answer)
        self.record(fact, actor=actor)

    def attach_what_was_booked(self) -> None:
        """The client has a visit meanwhile, but not as wished for: it is to be sooner."""
        visit = self.listed.visit
        if visit and self.wait.visit_id is None:
            self.wait.visit = visit
            self.wait.known_starts_at = visit.starts_at
            self.wait.save()
            self.record(WaitChanged(self.wait.pk, fields="visit"), actor=PROGRAM)

    def end_by_itself(self) -> None:
        assert self.listed.ending is not None
        self.attach_what_was_booked()
        self.end(self.listed.ending, actor=PROGRAM)


@contextmanager
def turn_on_wait(
    wait_id: int, *, actor: Actor, now: datetime, request: Request | None = None, has_ended: bool = False
) -> Iterator[WaitTurn]:
    """Raises `NotFound`, `NotAllowed`, `AlreadyDone`, and `NotWaiting` unless `has_ended` is what is looked for."""
    with transaction.atomic():
        wait = locked_wait(wait_id)
        if wait is None:
            raise NotFound
        actor.require(wait.branch_id, Right.KEEP_WAITLIST)
        if request and actor.user_id and (entry := replayed(actor.user_id, request)):
            raise AlreadyDone(entry)
        (listed,) = as_they_stand(wait.branch_id, [wait], now)
        turn = WaitTurn(listed, actor, now)
        if not has_ended:
            turn.require_on_list()
            turn.attach_what_was_booked()
        yield turn
        if request and actor.user_id and turn.entries:
            remember(actor.user_id, request, turn.entries[-1])


def locked_wait(wait_id: int, *, skip_locked: bool = False) -> Wait | None:
    """The row is locked in a statement of its own: PostgreSQL reads anew what it has waited for, not what is joined.

    Who waits without a visit queues at the client besides: a visit booked meanwhile is one wait's alone.
    """
    rows = Wait.objects.select_for_update(no_key=True, skip_locked=skip_locked).filter(pk=wait_id)
    found = rows.values_list("client_id", "visit_id").first()
    if found is None:
        return None
    client_id, visit_id = found
    if not visit_id:
        queue_for_client(client_id)
    return with_people(Wait.objects.filter(pk=wait_id)).get()


def queue_for_client(client_id: int) -> None:
    """Two who put one client on the list at once, or book what one waits for, come one after the other."""
    list(Client.objects.select_for_update(no_key=True).filter(pk=client_id).values_list("pk"))


def queue_for_waits(client_id: int) -> None:
    """Before a bay is queued for by who then attaches a wait: whoever offers comes by the wait to the bay too."""
    waits = Wait.objects.select_for_update(no_key=True).filter(client_id=client_id, ended_at=None)
    list(waits.order_by("pk").values_list("pk"))
    queue_for_client(client_id)
