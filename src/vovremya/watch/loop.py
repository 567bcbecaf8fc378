"""The only background clockwork: announces what came true, seals, forgets, and says that it is alive.

`Watch` does the work, one turn after the other; `WatchThread` runs it inside a serving process and starts it
anew should it die. Any number of copies may run: what one has done the others find done.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import close_old_connections, connection, connections

from vovremya.directory.actions.access import forget_expired_sessions
from vovremya.journal import wake
from vovremya.journal.actions import forget_old_request_keys, seal_settled
from vovremya.kernel import clock, metrics
from vovremya.schedule.actions import forget_lapsed_holds
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.contact import lapse_leases
from vovremya.visits.actions.erasing import carry_out_retention, scrub_when_quiet
from vovremya.visits.actions.turn import Outage
from vovremya.visits.queries import earliest_change
from vovremya.waitlist.actions.freeing import forget_past_freed_times
from vovremya.waitlist.actions.watching import lapse_offers, let_go
from vovremya.watch import actions, queries
from vovremya.watch.rules import BEATS_EVERY, lag, rest_before

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ANNOUNCED_AT_ONCE = 500
BEGUN_ANEW_AFTER_SECONDS = 1.0


@dataclass
class Duty:
    """Something to be done every so often, by real time; one that fails waits for its next time."""

    name: str
    every: timedelta
    do: Callable[[datetime, datetime], object]  # now, real_now
    due_at: datetime | None = None

    def is_due(self, real_now: datetime) -> bool:
        # A clock set far back must not put the duty to sleep for as long.
        return self.due_at is None or not real_now < self.due_at <= real_now + self.every

    def take_up(self, now: datetime, real_now: datetime) -> None:
        self.due_at = real_now + self.every
        self.do(now, real_now)


def usual_duties() -> list[Duty]:
    return [
        Duty("heartbeat", BEATS_EVERY, lambda _now, real_now: actions.beat(real_now)),
        Duty("leases", timedelta(seconds=5), lambda now, real_now: lapse_leases(real_now, now)),
        Duty("holds", timedelta(minutes=1), lambda _now, real_now: forget_lapsed_holds(real_now)),
        Duty("offers", timedelta(seconds=5), lambda now, real_now: lapse_offers(real_now, now)),
        Duty("waiting list", timedelta(seconds=15), lambda now, real_now: let_go(real_now, now)),
        Duty("freed times", timedelta(hours=1), lambda now, _real_now: forget_past_freed_times(now)),
        Duty("seals", timedelta(seconds=10), lambda now, _real_now: seal_settled(now)),
        Duty("request keys", timedelta(hours=1), lambda now, _real_now: forget_old_request_keys(now)),
        Duty("retention", timedelta(hours=1), lambda now, _real_now: carry_out_retention(now)),
        Duty("scrubbing", timedelta(minutes=10), lambda _now, real_now: scrub_when_quiet(real_now)),
        Duty("sessions", timedelta(hours=1), lambda _now, real_now: forget_expired_sessions(real_now)),
    ]


@dataclass
class Watch:
    announce: Callable[[datetime, int, Outage | None], int] = announce_due
    next_change: Callable[[], datetime | None] = earliest_change
    duties: Sequence[Duty] = field(default_factory=usual_duties)
    now: Callable[[], datetime] = clock.now
    real_now: Callable[[], datetime] = clock.real_now
    speed: Callable[[], float] = clock.speed

    def begin(self) -> Outage | None:
        """The first sweep, before anybody is served: what came due while nobody watched is announced at once,
        and deadlines missed in that time are marked so."""
        now, real_now = self.now(), self.real_now()
        outage = queries.outage_before(real_now)
        while self.announce(now, ANNOUNCED_AT_ONCE, outage) >= ANNOUNCED_AT_ONCE:
            pass
        actions.beat(real_now)
        return outage

    def turn(self) -> timedelta:
        """One round of everything that is due. Returns how long, in real time, to rest after it."""
        now, real_now = self.now(), self.real_now()
        announced = _guarded("announcements", lambda: self.announce(now, ANNOUNCED_AT_ONCE, None))
        for duty in self.duties:
            if duty.is_due(real_now):
                _guarded(duty.name, partial(duty.take_up, now, real_now))
        change_at = _guarded("next change", self.next_change)
        metrics.watch_lag.set(lag(change_at, now).total_seconds())
        metrics.watch_turned_at.set(real_now.timestamp())
        if announced == ANNOUNCED_AT_ONCE:
            return timedelta(0)
        return rest_before(change_at, self.now(), self.speed())

    def run(self, is_over: threading.Event) -> None:
        may_be_due = threading.Event()
        wake.on_news(may_be_due.set)
        wake.listen()
        try:
            while not is_over.is_set():
                # A connection that broke is dropped here, or every turn from now on would fail with it.
                close_old_connections()
                may_be_due.clear()
                may_be_due.wait(self.turn().total_seconds())
        finally:
            wake.forget(may_be_due.set)


def _guarded(name: str, do: Callable[[], Result]) -> Result | None:
    """What fails must not keep the rest from being done."""
    try:
        return do()
    except Exception:
        logger.exception("the watch failed at: %s", name)
        if not connection.in_atomic_block:
            # One that was opened while the file could only be read would refuse to write for ever.
            connection.close()
        return None


class WatchThread:
    """The watch, or other work of its kind, inside a serving process. It ends with the process, and is begun anew when
    it dies."""

    def __init__(self, run: Callable[[threading.Event], None], name: str = "watch") -> None:
        self._run = run
        self._name = name
        self._is_over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"{name} keeper", daemon=True)

    def start(self) -> None:
        self._keeper.start()

    def stop(self, within_seconds: float = 5.0) -> None:
        self._is_over.set()
        self._keeper.join(within_seconds)

    def _keep(self) -> None:
        while not self._is_over.is_set():
            worker = threading.Thread(target=self._work, name=self._name, daemon=True)
            worker.start()
            worker.join()
            if not self._is_over.wait(BEGUN_ANEW_AFTER_SECONDS):
                logger.error("the %s died and is begun anew", self._name)

    def _work(self) -> None:
        try:
            self._run(self._is_over)
        except BaseException:  # whatever it was, the keeper has to see the thread end and not hear it scream
            logger.exception("the %s died", self._name)
        finally:
            connections.close_all()
