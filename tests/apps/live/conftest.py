"""A hub on the test's own database, and clients that listen to it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.typing import ASGISendEvent, HTTPScope
from django.conf import settings
from django.test import Client
from django.utils.translation import get_language

from tests.apps.conftest import Hire
from vovremya.board.live.feed import LiveFeed
from vovremya.board.live.hub import Hub
from vovremya.directory.models import Branch, User
from vovremya.directory.rules import PROGRAM
from vovremya.journal.actions import record
from vovremya.journal.rules import Fact
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.rules.journal_facts import ZoneChanged
from vovremya.visits.rules.settings import Setting, SettingOf

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

AT = datetime(2026, 11, 22, 7, 28, tzinfo=UTC)
PATIENCE_SECONDS = 3.0


async def in_the_test(do: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    """Asks the database in the test's own thread, which alone sees the test's transaction."""
    return await sync_to_async(do)(*args, **kwargs)


@dataclass(frozen=True)
class Touched(Fact):
    kind: ClassVar[str] = "touched"


def touch(branch: Branch, visit_id: int | None) -> None:
    record(Touched(), branch_id=branch.pk, actor=PROGRAM, at=AT, now=AT, action_id=uuid.uuid4(), visit_id=visit_id)


def rezone(branch: Branch) -> None:
    fact = ZoneChanged(old="Europe/Moscow", new="Europe/Samara")
    record(fact, branch_id=branch.pk, actor=PROGRAM, at=AT, now=AT, action_id=uuid.uuid4())


def set_anew(branch: Branch) -> None:
    change_setting(SettingOf(branch.pk, Setting.PAUSE), 15, actor=PROGRAM, now=AT)


@dataclass
class Pencil:
    """Stands for the board's bars: remembers what it drew."""

    drawn: list[int] = field(default_factory=list)
    breaks: bool = False

    def __call__(self, visit_id: int, _now: datetime) -> Mapping[str, object]:
        if self.breaks:
            raise ZeroDivisionError
        self.drawn.append(visit_id)
        return {"visit": visit_id, "version": len(self.drawn), "bars": {}, "language": get_language()}


class Listener:
    """A browser at the other end of the feed."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.is_gone = asyncio.Event()
        self.is_stuck = False
        self.has_ended = False

    async def receive(self) -> Any:
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: ASGISendEvent) -> None:
        while self.is_stuck:
            await asyncio.sleep(0.01)
        if event["type"] == "http.response.start":
            self.status, self.headers = event["status"], dict(event["headers"])
        elif event["type"] == "http.response.body":
            for frame in event["body"].decode().split("\n\n")[:-1]:
                kind, data = frame.split("\n")
                self.heard.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
            self.has_ended = not event["more_body"]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [data for heard, data in self.heard if heard == kind]

    @property
    def visits(self) -> list[int]:
        return [bars["visit"] for bars in self.all("bars")]

    async def hears(self, kind: str, times: int = 1) -> dict[str, Any]:
        await until(lambda: len(self.all(kind)) >= times)
        return self.all(kind)[times - 1]


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_true():
            await asyncio.sleep(0.01)


@dataclass
class Station:
    """The hub with everything around it."""

    hub: Hub
    pencil: Pencil
    cookies: dict[str, str]

    @asynccontextmanager
    async def listening(
        self,
        branch: Branch,
        cursor: str = "",
        cookies: Mapping[str, str] | None = None,
        method: str = "GET",
        language: str = "",
    ) -> AsyncIterator[Listener]:
        jar = self.cookies if cookies is None else cookies
        scope = {
            "type": "http",
            "method": method,
            "query_string": f"branch={branch.code}&cursor={cursor}&language={language}".encode(),
            "headers": [(b"cookie", "; ".join(f"{name}={value}" for name, value in jar.items()).encode())],
        }
        listener = Listener()
        feed = LiveFeed(self.hub)
        talk = asyncio.create_task(feed(cast(HTTPScope, scope), listener.receive, listener.send))
        try:
            await until(lambda: bool(listener.heard) or talk.done())
            yield listener
        finally:
            listener.is_stuck = False
            listener.is_gone.set()
            with suppress(asyncio.CancelledError):
                await talk


Scenario = Callable[[Station], Coroutine[Any, Any, None]]


@pytest.fixture
def pencil() -> Pencil:
    return Pencil()


@pytest.fixture
def operator(hire: Hire, branch: Branch) -> User:
    return hire("ivanova", branch)


def cookies_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.fixture
def play(pencil: Pencil, operator: User) -> Callable[[Scenario], None]:
    """Runs a scenario against a hub that has begun to follow the journal."""

    def played(scenario: Scenario) -> None:
        async def whole() -> None:
            hub = Hub(pencil, reads=in_the_test, checks=in_the_test)
            await hub.start()
            try:
                await scenario(Station(hub, pencil, cookies))
            finally:
                await hub.stop()

        cookies = cookies_of(operator)
        async_to_sync(whole)()

    return played
