"""Operators who press as the page does: a key a press, sent again under the same key until it is answered.

And the station for them, of which everything is told by the visits that they book.
"""

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

from tests.flows.serving import Browser, Site
from tests.races.arena import Arena

PASSWORD = "right password"
BRANCH = "SEV"
CLIENT = "Пресс"
_FIRST_DAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # 9:00 in Moscow, the day after the cast's
_BAYS, _SLOT, _SLOTS_A_DAY = 3, timedelta(minutes=15), 40
#: As the page waits before «Повторить» is worth a press.
_AGAIN_AFTER_SECONDS = 0.3


@dataclass(frozen=True)
class Acknowledged:
    """One booking that was answered as done."""

    number: int
    asked_at: float
    answered_at: float
    tries: int

    @property
    def client(self) -> str:
        return client_of(self.number)


def client_of(number: int) -> str:
    return f"{CLIENT} {number:06d}"


def booking_form(number: int, key: str, bays: Sequence[int]) -> dict[str, str]:
    """Every number has a bay and a time of its own: nothing but a fault can refuse it."""
    place, bay = divmod(number, _BAYS)
    day, slot = divmod(place, _SLOTS_A_DAY)
    starts_at = _FIRST_DAY + timedelta(days=day) + slot * _SLOT
    return {
        "request_key": key,
        "name": client_of(number),
        "reason": "ТО",
        "slot": f"{bays[bay]} {starts_at.isoformat()} {(starts_at + _SLOT).isoformat()}",
    }


@dataclass
class Desk:
    """So many operators at once, until they are told to stop or have booked their share."""

    site: Site
    bays: Sequence[int]
    operators: int
    most: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    repeated: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    _next: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, pause: float = 0.0) -> None:
        browsers = [Browser(self.site) for _ in range(self.operators)]
        for browser in browsers:
            sign_in(browser, "operator")
        self._threads = [
            threading.Thread(target=self._press, args=(browser, pause, random.Random(seed)), daemon=True)
            for seed, browser in enumerate(browsers)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self, within_seconds: float) -> bool:
        """Whether everybody has got an answer to the last press."""
        gives_up_at = time.monotonic() + within_seconds
        for thread in self._threads:
            thread.join(max(gives_up_at - time.monotonic(), 0))
        self.is_over.set()
        return not any(thread.is_alive() for thread in self._threads)

    def answered_after(self, instant: float) -> Acknowledged | None:
        """The first press begun and answered after it."""
        later = [each for each in tuple(self.acknowledged) if each.asked_at > instant]
        return min(later, key=lambda each: each.answered_at, default=None)

    def _press(self, browser: Browser, pause: float, chance: random.Random) -> None:
        while not self.is_over.is_set():
            with self._guard:
                number, self._next = self._next, self._next + 1
            if number >= self.most:
                return
            self._book(browser, number)
            if pause:
                self.is_over.wait(chance.uniform(0, 2 * pause))

    def _book(self, browser: Browser, number: int) -> None:
        key = key_of(number)
        form = booking_form(number, key, self.bays)
        asked_at, tries = time.time(), 0
        while True:
            tries += 1
            status, body = pressed(browser, f"/{BRANCH}/booking/", form, key)
            if 200 <= status < 300:
                self.acknowledged.append(Acknowledged(number, asked_at, time.time(), tries))
                return
            if 400 <= status < 500 and status != 429:
                self.refused.append(f"{status} {re.sub(r'<[^>]+>', ' ', body)[:200]}")
                return
            self.repeated += 1
            time.sleep(_AGAIN_AFTER_SECONDS)


def key_of(number: int) -> str:
    return f"press-{number:06d}"


def pressed(browser: Browser, path: str, form: dict[str, str], request_id: str) -> tuple[int, str]:
    """Status nought: no answer came."""
    try:
        return browser.post(path, form, {"X-Request-ID": request_id})
    except (OSError, HTTPException):
        return 0, ""


def sign_in(browser: Browser, username: str) -> None:
    browser.get("/login/")
    status, _ = browser.post("/login/", {"username": username, "password": PASSWORD})
    assert status == 302, status


# --- asked of the database, each in a process of its own -----------------------------------------------------------


def bays() -> list[int]:
    from vovremya.directory.models import Bay

    return list(Bay.objects.filter(branch__code=BRANCH).order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True)
class Booked:
    client: str
    visit_id: int
    place: tuple[int, int]  # of its entry in the feed: as the numbers of a cursor


def booked() -> list[Booked]:
    """Every visit of the presses."""
    from vovremya.journal.models import Entry
    from vovremya.visits.models import Visit

    entries = Entry.objects.filter(kind="visit_booked").values_list("visit_id", "xid", "pk")
    places = {visit_id: (xid or 0, entry_id) for visit_id, xid, entry_id in entries}
    visits = Visit.objects.filter(client__name__startswith=CLIENT).values_list("client__name", "pk")
    return [Booked(client, visit_id, places[visit_id]) for client, visit_id in visits]


def as_demo(arena: Arena) -> Arena:
    """The cast's logins are demo logins."""
    return Arena({**arena.environment, "VOVREMYA_DEMO": "1"})


def until(holds: Callable[[], bool], within_seconds: float, every: float = 0.2) -> bool:
    gives_up_at = time.monotonic() + within_seconds
    while time.monotonic() < gives_up_at:
        with suppress(OSError, HTTPException):
            if holds():
                return True
        time.sleep(every)
    return False
