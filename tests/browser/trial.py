"""A trial installation with a server process of its own, and the stage hands who move its clock and its people.

Every test has a day to itself: what another test has done lies on a day before.
"""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypedDict, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client as HttpClient
from pytest_django import DjangoDbBlocker

from tests.cast import TODAY, Cast, assemble, at
from vovremya.customers.actions import register
from vovremya.customers.models import Car, Client
from vovremya.customers.rules import CarGiven
from vovremya.directory.actions import move_clock
from vovremya.directory.models import User
from vovremya.directory.rules import Actor
from vovremya.kernel import clock
from vovremya.kernel.clock import Anchor
from vovremya.visits.actions.booking import Plan, move
from vovremya.visits.models import Visit

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

#: A clock may not stand, but a millisecond in a second is as good.
FROZEN = 0.001
STARTS_WITHIN_SECONDS = 20.0
_CONSOLE = (str(Path(sys.executable).with_name("vovremya")),)
ENDS_WITHIN_SECONDS = 10.0


class Person(TypedDict):
    client: Client
    car: Car | None


class Backstage:
    """A thread on the trial's database: the thread of a test belongs to Playwright's loop, where Django refuses."""

    def __init__(self, database: Path, blocker: DjangoDbBlocker) -> None:
        self._blocker = blocker
        self._thread = ThreadPoolExecutor(1, initializer=_enter, initargs=(database,))

    def __call__(self, do: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        with self._blocker.unblock():
            return self._thread.submit(do, *args, **kwargs).result(timeout=60)

    def close(self) -> None:
        self(connections.close_all)
        self._thread.shutdown()


def _enter(database: Path) -> None:
    connection.settings_dict = {**connection.settings_dict, "NAME": str(database)}


def furnish(database: Path, blocker: DjangoDbBlocker) -> Cast:
    """Make a database with the cast in it."""
    backstage = Backstage(database, blocker)
    backstage(call_command, "migrate", verbosity=0)
    cast = backstage(assemble)
    backstage.close()
    return cast


class Trial:
    def __init__(self, furnished: Path, folder: Path, cast: Cast, blocker: DjangoDbBlocker) -> None:
        self.cast = cast
        self.today = TODAY
        self._database = folder / "trial.sqlite3"
        self._log = folder / "server.log"
        shutil.copy(furnished, self._database)
        self.backstage = Backstage(self._database, blocker)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()
        self.anchor: Anchor | None = None
        self._cookies: dict[int, dict[str, str]] = {}

    # --- the server --------------------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [*_CONSOLE, "serve", "--port", str(self._port)]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        self._wait_until(lambda: self._get("/healthz") == "ok\n")

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "VOVREMYA_DATABASE": str(self._database),
            "VOVREMYA_SECRET_KEY": settings.SECRET_KEY,  # the same, so that sessions made backstage are good
            "VOVREMYA_DEMO": "1",  # the cast has demo logins
        }

    def console(self, *arguments: str) -> str:
        """Another process beside the server: the administrator's console."""
        done = subprocess.run(
            [*_CONSOLE, *arguments], env=self._environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """As an administrator stops it; its clients lose the line."""
        if self._process:
            self._process.terminate()
            self._process.wait(ENDS_WITHIN_SECONDS)
            self._process = None

    def hang(self) -> None:
        """The machine stands still: lines stay open, and nothing comes over them."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.stop()
        self.backstage.close()

    def _wait_until(self, is_true: Callable[[], bool]) -> None:
        gives_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
        while not is_true():
            if time.monotonic() > gives_up_at or (self._process and self._process.poll() is not None):
                raise AssertionError(f"the server does not answer:\n{self._log.read_text()}")
            time.sleep(0.02)

    def _get(self, path: str, cookies: dict[str, str] | None = None) -> str:
        header = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        request = urllib.request.Request(self.address + path, headers={"Cookie": header})
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return str(response.read().decode())
        except (urllib.error.URLError, ConnectionError):
            return ""

    # --- time --------------------------------------------------------------------------------------------------

    def begin_day(self, clock_time: str) -> None:
        self.today += timedelta(days=2)  # tomorrow is free as well
        self.set_clock(clock_time)

    def set_clock(self, clock_time: str, speed: float = FROZEN) -> None:
        """Let it be that time of today in the branch, and let the server know."""
        self._set_clock(self.at(clock_time), speed)

    def set_clock_on_next_day(self, clock_time: str) -> None:
        self._set_clock(self.at(clock_time, self.day_after), FROZEN)

    def _set_clock(self, shown_at: datetime, speed: float) -> None:
        real_at = clock.real_now()
        self.backstage(move_clock, shown_at=shown_at, speed=speed, real_now=real_at)
        self.anchor = Anchor(real_at, shown_at, speed)
        if self._process:
            self._wait_until(lambda: self._shown_by_server() >= shown_at)

    def _shown_by_server(self) -> datetime:
        """The board tells its page what time it is."""
        page = self._get(f"/{self.cast.branch.code}/", self.cookies_of(self.cast.operator))
        found = re.search(r'data-now="(\d+)"', page)
        return clock.from_milliseconds(int(found[1]) if found else 0)

    @property
    def now(self) -> datetime:
        assert self.anchor
        return self.anchor.shown(clock.real_now())

    def at(self, clock_time: str, on: date | None = None) -> datetime:
        return at(clock_time, on or self.today)

    # --- people and visits -------------------------------------------------------------------------------------

    def forget_sessions(self) -> None:
        """Who has signed out signs in anew."""
        self._cookies.clear()

    def cookies_of(self, actor: Actor) -> dict[str, str]:
        """A session as if the person had signed in this morning."""
        assert actor.user_id
        if actor.user_id not in self._cookies:
            self._cookies[actor.user_id] = self.backstage(_signed_in, actor.user_id)
        return self._cookies[actor.user_id]

    def book(
        self,
        clock_time: str,
        *,
        bay: int = 0,
        minutes: int = 60,
        client: Client | None = None,
        car: Car | None = None,
        on: date | None = None,
    ) -> Visit:
        """A visit of the late client, or of another, booked this morning."""
        morning = self.at("08:00")
        return self.backstage(
            self.cast.book,
            clock_time,
            bay=bay,
            minutes=minutes,
            client=client,
            car=car,
            on=on or self.today,
            now=morning,
        )

    def book_late(self, *, bay: int = 0) -> Visit:
        """At 10:28 the client of 10:15 has been late for three minutes, and seven are left to call."""
        return self.book("10:15", bay=bay)

    @property
    def day_after(self) -> date:
        return self.today + timedelta(days=1)

    def register(self, name: str, *phones: str, plate: str = "", vin: str = "") -> tuple[Client, Car | None]:
        given = CarGiven("Lada", "Vesta", plate=plate, vin=vin)
        registered = self.backstage(register, self.cast.network, name, phones, given, now=self.at("08:00"))
        return registered.client, registered.car

    def somebody(self) -> Person:
        """Another client, who is late for nothing."""
        client, car = self.register(
            "Кравцов Антон Ильич", "+7 900 111-22-33", plate="К214ТО 77", vin="XTA21099043576182"
        )
        return {"client": client, "car": car}

    def move(self, visit: Visit, to: str, *, bay: int = 0, on: date | None = None, by: Actor | None = None) -> None:
        """The master moves the visit to another time."""
        starts_at = self.at(to, on)
        plan = Plan(self.cast.bays[bay].pk, starts_at, starts_at + (visit.ends_at - visit.starts_at))
        plan_version = self.fresh(visit).plan_version
        self.act(move, visit.pk, plan, by=by or self.cast.master, plan_version=plan_version)

    def act(self, action: Callable[..., Answer], *args: object, by: Actor, **kwargs: object) -> Answer:
        """Somebody elsewhere does it now."""
        return self.backstage(action, *args, actor=by, now=self.now, **kwargs)

    def fresh(self, visit: Visit) -> Visit:
        return self.backstage(Visit.objects.select_related("bay", "removal_reason").get, pk=visit.pk)


def _signed_in(user_id: int) -> dict[str, str]:
    client = HttpClient()
    client.force_login(User.objects.get(pk=user_id), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
