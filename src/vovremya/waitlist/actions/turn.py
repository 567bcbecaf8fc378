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
from vovremya.visits.actions.turn import AlreadyDone, lock_several_with_those_in_a_row
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status
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
    wait_id: int,
    *,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
    has_ended: bool = False,
    is_to_book: bool = False,
) -> Iterator[WaitTurn]:
    """Raises `NotFound`, `NotAllowed`, `AlreadyDone`, and `NotWaiting` unless `has_ended` is what is looked for.

    `is_to_book`: the client is given a visit, or another time for one.
    """
    with transaction.atomic():
        wait = locked_wait(wait_id, is_to_book=is_to_book)
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


def locked_wait(wait_id: int, *, is_to_book: bool = False, skip_locked: bool = False) -> Wait | None:
    """After the client, as whoever merges two cards comes to it: a visit booked meanwhile is one wait's alone.

    The row is locked in a statement of its own: PostgreSQL reads anew what it has waited for, not what is joined.
    """
    is_free = _lock_whom_it_is_about(wait_id, is_to_book=is_to_book, skip_locked=skip_locked)
    rows = Wait.objects.select_for_update(no_key=True, skip_locked=skip_locked).filter(pk=wait_id)
    if not is_free or not rows.values_list("pk").first():
        return None
    return with_people(Wait.objects.filter(pk=wait_id)).get()


def _lock_whom_it_is_about(wait_id: int, *, is_to_book: bool, skip_locked: bool) -> bool:
    """Once more where the card was merged into another before we had it. False: somebody has the client in hand."""
    whose, locked = Wait.objects.filter(pk=wait_id).values_list("branch_id", "client_id", "car_id"), None
    while (found := whose.first()) and found != locked:
        branch_id, client_id, car_id = locked = found
        if is_to_book:
            _lock_visits_to_come(branch_id, client_id, car_id)
        if not queue_for_client(client_id, skip_locked=skip_locked):
            return False
    return True


def _lock_visits_to_come(branch_id: int, client_id: int, car_id: int | None) -> None:
    """Any of them may be the one that is to be sooner; booking and moving take them before the client."""
    visits = Visit.objects.filter(branch_id=branch_id, client_id=client_id, status=Status.PLANNED)
    car_ids = [car_id] if car_id else []
    lock_several_with_those_in_a_row([*visits.values_list("pk", flat=True)], car_ids=car_ids, branch_id=branch_id)


def queue_for_client(client_id: int, *, skip_locked: bool = False) -> bool:
    """Two who put one client on the list at once, or book what one waits for, come one after the other."""
    clients = Client.objects.select_for_update(no_key=True, skip_locked=skip_locked).filter(pk=client_id)
    return bool(clients.values_list("pk").first())
