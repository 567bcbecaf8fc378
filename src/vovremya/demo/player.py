"""Keeps the demo's day alive: most clients come, mechanics work, now and then somebody turns late, the horizon
fills with new bookings.

It acts through the actions like anybody else and never on a visit whose contact somebody has begun: what the
person at the screen touches is theirs. What a client will do is thrown once from the visit's own dice, so that
the same day goes the same way.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import OperationalError, connection

from vovremya.demo.chance import chance
from vovremya.demo.desk import Booking, Desk, team_of
from vovremya.demo.network import BRANCHES, LOGINS, station_of
from vovremya.demo.orders import ORDERS
from vovremya.demo.people import Crowd, crowd_of
from vovremya.directory.models import User
from vovremya.directory.queries import actor_of
from vovremya.kernel import clock
from vovremya.kernel.refusal import Refusal
from vovremya.schedule.models import Occupation
from vovremya.visits.actions import reception
from vovremya.visits.models import Case, Visit
from vovremya.visits.rules.words import Status

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_LOOKS_EVERY_SECONDS = 3.0
_LATE_AFTER = timedelta(minutes=10)
_LATE_APART = timedelta(minutes=3)
_LOOKS_BACK = timedelta(hours=12)
_BOOKS_AHEAD = timedelta(hours=3)
_BOOKS_NOT_BEFORE = timedelta(minutes=25)
_BOOKS_EVERY = timedelta(seconds=75)
#: Minutes that a new booking leaves free around it.
_AIR_MINUTES = {"SEV": 10, "KGD": 40, "VVO": 40}
#: So many clients are late with nobody having called them; beyond that the longest awaited come after all.
_UNTOUCHED_AT_MOST = {"SEV": 8, "KGD": 4, "VVO": 4}
_FORGIVEN_EVERY = timedelta(minutes=2)
_FORGIVEN_AFTER = timedelta(minutes=15)


def _minutes(visit: Visit, about: str, least: float, most: float) -> timedelta:
    return timedelta(minutes=chance(visit.pk, about).uniform(least, most))


def _happens(visit: Visit, about: str, share: float) -> bool:
    return chance(visit.pk, about).random() < share


@dataclass
class BranchPlayer:
    """One station's clients and mechanics."""

    desk: Desk
    crowd: Crowd
    began_at: datetime | None = None
    #: Visits whose clients do not come by themselves, and when these turn late.
    absent: dict[int, datetime] = field(default_factory=dict)
    at_work_since: dict[int, datetime] = field(default_factory=dict)
    forgiven_at: datetime | None = None
    booked_at: datetime | None = None

    def turn(self, now: datetime) -> None:
        visits = self._visits(now)
        if self.began_at is None:
            self._leave_those_who_are_waited_for(visits, now)
        for visit in visits:
            if do := self._next_deed(visit, visits, now):
                _try(do)
                visit.refresh_from_db(fields=("status",))  # the next one on the bay sees it taken
        self._forgive_the_oldest(visits, now)
        self._book_ahead(now)

    def _visits(self, now: datetime) -> list[Visit]:
        """What is planned around now or on the bays, unless somebody is at its contact."""
        at_hand = Case.objects.filter(branch=self.desk.station.branch, ended_at=None).values("visit_id")
        visits = Visit.objects.filter(
            branch=self.desk.station.branch,
            status__in=(Status.PLANNED, Status.ARRIVED, Status.IN_WORK),
            starts_at__gt=now - _LOOKS_BACK,
            starts_at__lt=now + timedelta(minutes=11),
        ).exclude(status=Status.PLANNED, day_ends_at__lte=now)
        return list(visits.exclude(pk__in=at_hand).select_related("follows").order_by("starts_at", "pk"))

    def _leave_those_who_are_waited_for(self, visits: list[Visit], now: datetime) -> None:
        """Whoever is not here when the player begins was meant to be late."""
        self.began_at = now
        for visit in visits:
            if visit.status == Status.PLANNED and visit.starts_at <= now and visit.expected_at is None:
                self.absent[visit.pk] = visit.starts_at + _LATE_AFTER

    def _next_deed(self, visit: Visit, visits: list[Visit], now: datetime) -> Callable[[], object] | None:
        master = self.desk.team.master
        match visit.status:
            case Status.PLANNED if self._comes(visit, visits, now):
                return lambda: reception.check_in(visit.pk, actor=master, now=now)
            case Status.ARRIVED if self._is_taken_up(visit, visits, now):
                return lambda: reception.start_work(visit.pk, actor=master, now=now)
            case Status.IN_WORK if now >= self._finished_at(visit, now):
                return lambda: reception.end_work(visit.pk, actor=master, now=now)
        return None

    # --- clients ---

    def _comes(self, visit: Visit, visits: list[Visit], now: datetime) -> bool:
        if visit.follows is not None and visit.follows.status not in (Status.REMOVED, Status.NO_SHOW):
            return visit.follows.status == Status.DONE and now >= visit.starts_at - 5 * _MINUTE
        if visit.expected_at is not None:
            keeps_word = _happens(visit, f"keeps word {visit.expected_at}", 0.8)
            return keeps_word and now >= visit.expected_at + _minutes(visit, "promise", -3, 4)
        if visit.pk in self.absent:
            comes_at_last = _happens(visit, "comes at last", 0.3)
            return comes_at_last and now >= self._awaited_since(visit) + _minutes(visit, "at last", 12, 30)
        if now < visit.starts_at + _minutes(visit, "arrival", -9, 5):
            return False
        if self._may_turn_late(visit, visits, now):
            self.absent[visit.pk] = visit.starts_at + _LATE_AFTER
            return False
        return True

    def _may_turn_late(self, visit: Visit, visits: list[Visit], now: datetime) -> bool:
        late_at = visit.starts_at + _LATE_AFTER
        is_crowded = len(self._untouched(visits)) > self._bearable
        is_close_to_another = any(abs(late_at - other) < _LATE_APART for other in self.absent.values())
        return late_at > now and not is_crowded and not is_close_to_another and _happens(visit, "absent", 0.85)

    def _awaited_since(self, visit: Visit) -> datetime:
        """Since it turned late before the eyes of whoever watches the demo."""
        assert self.began_at is not None
        return max(self.absent[visit.pk], self.began_at)

    def _untouched(self, visits: list[Visit]) -> list[Visit]:
        return [visit for visit in visits if visit.pk in self.absent and visit.status == Status.PLANNED]

    def _forgive_the_oldest(self, visits: list[Visit], now: datetime) -> None:
        """Where too many wait in vain, the one who has been late the longest comes."""
        oldest = next(iter(self._untouched(visits)), None)
        is_rested = self.forgiven_at is None or now - self.forgiven_at >= _FORGIVEN_EVERY
        is_too_much = len(self._untouched(visits)) >= self._bearable
        if oldest and is_rested and is_too_much and now > self._awaited_since(oldest) + _FORGIVEN_AFTER:
            self.forgiven_at = now
            _try(lambda: reception.check_in(oldest.pk, actor=self.desk.team.master, now=now))

    @property
    def _bearable(self) -> int:
        return _UNTOUCHED_AT_MOST[self.desk.station.plan.code]

    # --- mechanics ---

    def _is_taken_up(self, visit: Visit, visits: list[Visit], now: datetime) -> bool:
        assert visit.arrived_at is not None
        is_bay_busy = any(
            other.status == Status.IN_WORK and (other.bay_id, other.lane) == (visit.bay_id, visit.lane)
            for other in visits
        )
        earliest_at = max(visit.arrived_at + _minutes(visit, "waits", 2.5, 8), visit.starts_at - 5 * _MINUTE)
        return now >= earliest_at and not is_bay_busy

    def _finished_at(self, visit: Visit, now: datetime) -> datetime:
        """About the planned end; a work begun late is hurried, one that overran already needs a while more."""
        assert visit.work_started_at is not None
        seen_since = self.at_work_since.setdefault(visit.pk, now)
        lasts = min((visit.ends_at - visit.starts_at) * 0.6, timedelta(minutes=25))
        return max(
            visit.ends_at + _minutes(visit, "end", -6, 4),
            visit.work_started_at + lasts,
            seen_since + _minutes(visit, "overrun", 5, 12),
        )

    # --- bookings ---

    def _book_ahead(self, now: datetime) -> None:
        """One visit into the first wide gap of the hours to come, every so often."""
        if self.booked_at is not None and now - self.booked_at < _BOOKS_EVERY:
            return
        self.booked_at = now
        air = _AIR_MINUTES[self.desk.station.plan.code]
        crafts = {bay.name: bay.craft for bay in self.desk.station.plan.bays}
        for bay_name, gap_starts_at, minutes in self._gaps(now):
            fitting = [order for order in ORDERS[crafts[bay_name]] if order.minutes + air <= minutes]
            if fitting:
                order = self.crowd.dice.choice(fitting)
                starts_at = _on_grid(gap_starts_at + self.crowd.dice.uniform(0, air) * _MINUTE)
                person = self.crowd.next_person()
                wanted = Booking(person, bay_name, starts_at, order)
                _try(partial(self.desk.book, wanted, now))
                return

    def _gaps(self, now: datetime) -> Iterator[tuple[str, datetime, float]]:
        """Free stretches of each bay: from when, on the five-minute grid, and for how many minutes."""
        since = _on_grid(now + _BOOKS_NOT_BEFORE)
        until = now + _BOOKS_AHEAD
        names = {bay.pk: name for name, bay in self.desk.station.bays.items()}
        free_since = dict.fromkeys(names, since)
        taken = Occupation.objects.filter(
            branch=self.desk.station.branch, lane=0, ends_at__gt=since, starts_at__lt=until
        ).order_by("starts_at")
        for bay_id, starts_at, ends_at in taken.values_list("bay_id", "starts_at", "ends_at"):
            yield names[bay_id], free_since[bay_id], (starts_at - free_since[bay_id]) / _MINUTE
            free_since[bay_id] = max(free_since[bay_id], _on_grid(ends_at))
        for bay_id, name in names.items():
            yield name, free_since[bay_id], (until - free_since[bay_id]) / _MINUTE


def _on_grid(at: datetime) -> datetime:
    past = at.minute % 5 * _MINUTE + timedelta(seconds=at.second, microseconds=at.microsecond)
    return at + (5 * _MINUTE - past) if past else at


def _try(do: Callable[[], object]) -> None:
    """Somebody else may have been quicker, or the database is busy: then it was not to be."""
    try:
        do()
    except (Refusal, OperationalError) as refusal:
        logger.debug("The day player was refused: %s", refusal)


def branch_players() -> list[BranchPlayer]:
    """For a database that the demo has filled."""
    users = User.objects.filter(username__in=[login.username for login in LOGINS])
    actors = {user.username: actor_of(user) for user in users}
    return [
        BranchPlayer(
            Desk(station_of(plan), team_of(plan.code, actors)),
            crowd_of(plan.code, chance(plan.code, "newcomers"), share=2),
        )
        for plan in BRANCHES
    ]


class DayPlayer(threading.Thread):
    """Runs beside the server of `vovremya demo`, and in no other start."""

    def __init__(self) -> None:
        super().__init__(name="day player", daemon=True)
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        self._is_stopped.set()

    def run(self) -> None:
        players: list[BranchPlayer] = []
        while not self._is_stopped.wait(_LOOKS_EVERY_SECONDS):
            try:
                players = players or branch_players()
                for player in players:
                    player.turn(clock.now())
            except Exception:
                # Nothing that goes wrong here may end the demo.
                logger.exception("The day player stumbled")
                connection.close()
        connection.close()
