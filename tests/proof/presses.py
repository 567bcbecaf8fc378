"""Operators who work the desk of a service that is being killed: a key a press, sent again until it is answered.

Each has bays, clients and visits to themselves: what is written of them is what they were told, to the last press.
"""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

from tests.flows.serving import Browser, Site

PASSWORD = "right password"
BRANCH = "SEV"
CLIENT = "Пресс"
#: A window over the board, as the page asks for it.
_FRAGMENT = {"HX-Request": "true"}
_AGAIN_AFTER_SECONDS = 0.1
_FIRST_DAY = datetime(2026, 11, 24, 6, tzinfo=UTC)  # 9:00 in Moscow, two days after the cast's
_SLOT, _SLOTS_A_DAY = timedelta(minutes=15), 40


@dataclass(frozen=True)
class Place:
    """What an operator has alone. One visit is for tomorrow and moved about, the others are late."""

    username: str
    bay: int
    phones: Mapping[int, int]  # of the late visits
    planned: int
    said_by_client: int  # a reason for removal


@dataclass(frozen=True)
class Deed:
    """One press that was answered: as done, or refused in words."""

    username: str
    key: str
    action: str
    visit: int  # nought: booked by it, and found by its client
    client: str = ""
    starts_at: datetime | None = None
    tries: int = 1
    refused: str = ""


@dataclass
class Operator:
    place: Place
    browser: Browser
    chance: random.Random
    deeds: list[Deed] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    unanswered: Counter[int] = field(default_factory=Counter)
    _slot: int = 0

    def work(self) -> None:
        stories: Sequence[Callable[[], None]] = (self._talk, self._miss, self._receive, self._drop, self._plan)
        while not self.is_over.is_set():
            self.chance.choice(stories)()

    # --- stories ---------------------------------------------------------------------------------------------------

    def _talk(self) -> None:
        visit = self._dialled()
        self._press("answer", f"/visits/{visit}/result/", visit, {"result": "answered", **self._card(visit)})
        self._press("save", f"/visits/{visit}/save/", visit, {"comment": "Перезвонит", **self._card(visit)})

    def _miss(self) -> None:
        visit = self._dialled()
        self._press("fail", f"/visits/{visit}/save/", visit, {"result": "busy", **self._card(visit)})

    def _receive(self) -> None:
        visit = self._late()
        self._press("check-in", f"/visits/{visit}/check-in/", visit)
        self._press("undo-check-in", f"/visits/{visit}/undo-check-in/", visit)

    def _drop(self) -> None:
        visit = self._late()
        form = {"reason": str(self.place.said_by_client), "said_by_client": "yes", "comment": "Позвонил сам"}
        self._press("remove", f"/visits/{visit}/remove/", visit, {**form, **self._plan_of(visit, "remove")})
        self._press("restore", f"/visits/{visit}/restore/", visit)

    def _plan(self) -> None:
        starts_at, slot = self._next_slot()
        visit = self.place.planned
        form = {"slot": slot, **self._plan_of(visit, "move")}
        self._press("move", f"/visits/{visit}/move/", visit, form, starts_at=starts_at)
        starts_at, slot = self._next_slot()
        client = f"{CLIENT} {self.place.username} {self._slot:05d}"
        form = {"name": client, "reason": "ТО", "slot": slot}
        self._press("book", f"/{BRANCH}/booking/", 0, form, client=client, starts_at=starts_at)

    # --- pressing --------------------------------------------------------------------------------------------------

    def _late(self) -> int:
        return self.chance.choice(list(self.place.phones))

    def _dialled(self) -> int:
        visit = self._late()
        self._look(f"/visits/{visit}/contact/")
        form = {"phone": str(self.place.phones[visit]), "window": "late-notice", "confirmed": "yes"}
        self._press("dial", f"/visits/{visit}/dial/", visit, form)
        return visit

    def _card(self, visit: int) -> dict[str, str]:
        return self._hidden("case_version", self._look(f"/visits/{visit}/contact/"))

    def _plan_of(self, visit: int, window: str) -> dict[str, str]:
        return self._hidden("plan_version", self._look(f"/visits/{visit}/{window}/"))

    def _hidden(self, name: str, window: str) -> dict[str, str]:
        found = re.search(rf'name="{name}" value="(\d+)"', window)
        return {name: found[1]} if found else {}

    def _next_slot(self) -> tuple[datetime, str]:
        day, place = divmod(self._slot, _SLOTS_A_DAY)
        self._slot += 1
        starts_at = _FIRST_DAY + timedelta(days=day) + place * _SLOT
        return starts_at, f"{self.place.bay} {starts_at.isoformat()} {(starts_at + _SLOT).isoformat()}"

    def _look(self, path: str) -> str:
        return self._until_answered(lambda: self.browser.get(path, _FRAGMENT))[1]

    def _press(
        self,
        action: str,
        path: str,
        visit: int,
        form: Mapping[str, str] | None = None,
        *,
        client: str = "",
        starts_at: datetime | None = None,
    ) -> None:
        key = f"{self.place.username}-{len(self.deeds):05d}"
        sent = {"request_key": key, **(form or {})}
        status, body, tries = self._until_answered(lambda: self.browser.post(path, sent))
        refused = "" if 200 <= status < 300 else f"{status} {' '.join(re.sub('<[^>]+>', ' ', body).split())[:300]}"
        self.deeds.append(Deed(self.place.username, key, action, visit, client, starts_at, tries, refused))

    def _until_answered(self, ask: Callable[[], tuple[int, str]]) -> tuple[int, str, int]:
        """As the page does: a broken line and a server's fault are no answer, the same is sent again."""
        tries = 0
        while True:
            tries += 1
            try:
                status, body = ask()
            except (OSError, HTTPException):
                status, body = 0, ""
            if 200 <= status < 500:
                return status, body, tries
            self.unanswered[status] += 1
            time.sleep(_AGAIN_AFTER_SECONDS)


@dataclass
class Desk:
    """Everybody at once."""

    operators: Sequence[Operator]
    _threads: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def of(cls, places: Sequence[Place], site: Site, seed: int) -> "Desk":
        return cls([Operator(each, Browser(site), random.Random(seed * 100 + n)) for n, each in enumerate(places)])

    @property
    def deeds(self) -> list[Deed]:
        return [deed for operator in self.operators for deed in operator.deeds]

    @property
    def unanswered(self) -> Counter[int]:
        return sum((operator.unanswered for operator in self.operators), Counter[int]())

    def start(self) -> None:
        for operator in self.operators:
            sign_in(operator.browser, operator.place.username)
        self._threads = [threading.Thread(target=operator.work, daemon=True) for operator in self.operators]
        for thread in self._threads:
            thread.start()

    def finish(self, within_seconds: float = 60.0) -> bool:
        """Whether everybody has got an answer to the last press."""
        for operator in self.operators:
            operator.is_over.set()
        gives_up_at = time.monotonic() + within_seconds
        for thread in self._threads:
            thread.join(max(gives_up_at - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)


def sign_in(browser: Browser, username: str) -> None:
    browser.get("/login/")
    status, _ = browser.post("/login/", {"username": username, "password": PASSWORD})
    assert status == 302, status


# --- in a process of its own -----------------------------------------------------------------------------------------


def furnish_desks(operators: int, late: int = 8) -> list[Place]:
    """It is 12:00; everybody has a bay, visits that are late, and one for tomorrow."""
    from django.core.management import call_command

    from tests.cast import MORNING, TOMORROW, Cast, assemble, at
    from vovremya.customers.models import Client
    from vovremya.directory.actions import add_user, move_clock
    from vovremya.directory.models import Bay, BayGroup
    from vovremya.directory.rules import PROGRAM, Role
    from vovremya.kernel import clock
    from vovremya.visits.actions.booking import Details, Plan, book

    call_command("migrate", verbosity=0)
    cast: Cast = assemble()
    group = BayGroup.objects.get(branch=cast.branch)

    def booked(bay: Bay, client: Client, starts_at: datetime) -> int:
        plan = Plan(bay.pk, starts_at, starts_at + _SLOT)
        return book(cast.branch.pk, client, None, plan, Details(reason="ТО"), actor=cast.operator, now=MORNING).pk

    places = []
    for number in range(operators):
        username = f"desk{number}"
        add_user(
            username=username,
            full_name=f"Оператор {number}",
            short_name=f"Оператор {number}",
            password=PASSWORD,
            roles={cast.branch.pk: [Role.OPERATOR, Role.MASTER, Role.SUPERVISOR]},
            actor=PROGRAM,
            is_demo=True,
        )
        bay = Bay.objects.create(branch=cast.branch, group=group, name=f"Место {number}")
        clients = [cast.register(f"Ким {number} {n}", f"+7 999 {number:03} {n:04}")[0] for n in range(late + 1)]
        visits = {
            booked(bay, client, at("09:00") + n * _SLOT): client.phones.get().pk for n, client in enumerate(clients[1:])
        }
        planned = booked(bay, clients[0], at("09:00", TOMORROW))
        places.append(Place(username, bay.pk, visits, planned, cast.reason("changed_mind")))
    move_clock(shown_at=at("12:00"), speed=1.0, real_now=clock.real_now())
    return places
