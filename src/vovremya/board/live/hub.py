"""One per process: follows the journal and tells all clients, a bounded queue each.

Woken after every commit, on PostgreSQL by those of other processes too; besides it looks for itself.
"""

import asyncio
import logging
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import ParamSpec, Protocol, TypeVar

from django.db import close_old_connections

from vovremya.board.live import frames, reading
from vovremya.board.live.reading import MOST_DRAWN, Calls, ClockReading, Draw, News
from vovremya.journal import wake
from vovremya.journal.queries import latest_cursor
from vovremya.kernel import metrics

logger = logging.getLogger(__name__)

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

#: Where other processes do not wake this one, and where they do: an entry is told late, or a ring may be lost.
LOOKS_EVERY_SECONDS = 0.1
LOOKS_EVERY_SECONDS_WHERE_WOKEN = 0.25
BEATS_EVERY_SECONDS = 4.0
CHECKS_SESSIONS_EVERY_SECONDS = 30.0
TRIES_AGAIN_AFTER_SECONDS = 1.0
KEPT_FOR_SLOW_CLIENT = 256
RELOADS_EVERY_SECONDS = 2.0
#: Times that became free pass, and holds of them end, without a word from the journal.
COUNTS_CALLS_EVERY_SECONDS = 30.0
#: However much happens, the long lists are looked through no oftener.
COUNTS_CALLS_AFTER_SECONDS = 2.0


class Database(Protocol):
    """Runs a function that asks the database away from the event loop."""

    async def __call__(self, do: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer: ...


class DatabaseThreads:
    def __init__(self, size: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def __call__(self, do: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        def ask() -> Answer:
            close_old_connections()  # one that broke is dropped, as Django does between requests
            return do(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._executor, ask)


class Subscription:
    """One client: what it has still to be told. There are thousands: a queue or an event of asyncio weighs 0.7 KB."""

    __slots__ = ("_has_more", "_is_over", "_kept", "branch_id", "language", "session_key")

    def __init__(self, branch_id: int, session_key: str, language: str) -> None:
        self.branch_id = branch_id
        self.session_key = session_key
        self.language = language
        self._kept: list[bytes] = []
        self._has_more: asyncio.Future[None] | None = None
        self._is_over = False

    def tell(self, frame: bytes) -> None:
        if self._is_over:
            return
        if len(self._kept) >= KEPT_FOR_SLOW_CLIENT:
            self._kept.clear()
            frame = frames.RELOAD
        self._kept.append(frame)
        if self._has_more is not None and not self._has_more.done():
            self._has_more.set_result(None)

    def end(self, last: bytes = b"") -> None:
        self.tell(last)
        self._is_over = True

    async def told(self) -> AsyncIterator[bytes]:
        """Everything that has gathered, at once; ends with the subscription."""
        while not self._is_over or self._kept:
            if not self._kept:
                self._has_more = asyncio.get_running_loop().create_future()
                await self._has_more
            gathered = b"".join(self._kept)
            self._kept.clear()
            yield gathered


class Hub:
    def __init__(self, draw: Draw, *, reads: Database | None = None, checks: Database | None = None) -> None:
        self.draw = draw
        # Sessions are checked apart: a rush of clients must not hold up the news.
        self.reads = reads or DatabaseThreads(1, "feed")
        self.checks = checks or DatabaseThreads(2, "feed sessions")
        self._subscriptions: dict[int, set[Subscription]] = {}  # by branch
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._may_have_news = asyncio.Event()
        self._may_have_ended = asyncio.Event()
        self._is_closing = False
        self._cursor = ""
        self._is_woken_by_others = False
        self._told_clock: ClockReading | None = None
        self._beat_at = float("-inf")
        self._owed_reload: set[int] = set()  # branches in a flood
        self._reloaded_at: dict[int, float] = {}
        self._may_have_calls = asyncio.Event()
        self._uncounted: set[int] = set()  # branches whose waiting list may say something else by now
        self._calls: dict[int, Calls] = {}  # what was told of it, by branch

    # --- its life ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._cursor = await self.reads(latest_cursor)
        self._tasks = [
            self._loop.create_task(_for_ever(self._look)),
            self._loop.create_task(_for_ever(self._check_sessions)),
            self._loop.create_task(_for_ever(self._count_calls)),
        ]
        wake.on_news(self.wake)
        self._is_woken_by_others = await self.reads(wake.listen)
        _running.add(self)

    async def stop(self) -> None:
        wake.forget(self.wake)
        _running.discard(self)
        self.end_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end_all(self) -> None:
        """The server goes down: the clients come again when it is back."""
        self._is_closing = True
        for subscription in self._everybody():
            subscription.end()

    def wake(self) -> None:
        """From any thread: there may be news."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._may_have_news.set)

    def check_sessions(self) -> None:
        """From any thread: a session may have ended."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._may_have_ended.set)

    @contextmanager
    def subscribed(self, branch_id: int, session_key: str, language: str) -> Iterator[Subscription]:
        subscription = Subscription(branch_id, session_key, language)
        if self._is_closing:
            subscription.end()
        self._subscriptions.setdefault(branch_id, set()).add(subscription)
        if calls := self._calls.get(branch_id):
            subscription.tell(calls.frame)
        else:
            self._uncounted.add(branch_id)
            self._may_have_calls.set()
        metrics.open_boards.inc()
        try:
            yield subscription
        finally:
            metrics.open_boards.dec()
            self._subscriptions[branch_id].discard(subscription)
            if not self._subscriptions[branch_id]:
                del self._subscriptions[branch_id]
                self._calls.pop(branch_id, None)  # nobody keeps it up to date any more

    def _everybody(self) -> list[Subscription]:
        return [one for branch in self._subscriptions.values() for one in branch]

    # --- the news ----------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        rest = LOOKS_EVERY_SECONDS_WHERE_WOKEN if self._is_woken_by_others else LOOKS_EVERY_SECONDS
        await _either(self._may_have_news, rest)
        news = await self.reads(reading.read_news, self._cursor)
        if news.has_gap:
            _tell(self._everybody(), frames.RELOAD)
        # Who subscribes after this line reads the journal after it, and finds there what is not told here.
        for branch_id in tuple(self._subscriptions):
            await self._tell_visits(branch_id, news)
            if news.has_gap or branch_id in news.branch_ids:
                self._uncounted.add(branch_id)
                self._may_have_calls.set()
        self._cursor = news.cursor
        if news.has_changed_staff:
            self._may_have_ended.set()
        if not news.is_all:
            self._may_have_news.set()
        await self._tell_time()

    async def _tell_visits(self, branch_id: int, news: News) -> None:
        visit_ids = news.visits.get(branch_id, ())
        is_owed = branch_id in self._owed_reload or branch_id in news.changed
        if is_owed or len(visit_ids) > MOST_DRAWN:
            # Bars told before the reload would bear a cursor past the visits that were left out.
            self._reload(branch_id)
        elif visit_ids:
            followers = self._subscriptions.get(branch_id, ())
            languages = {one.language for one in followers}
            drawn = await self.reads(reading.drawn_frames, visit_ids, news, self.draw, languages)
            # Who has subscribed while they were drawn has read the journal after them: see `_look`.
            for one in tuple(followers):
                for frame in drawn.get(one.language, ()):
                    one.tell(frame)

    async def _count_calls(self) -> None:
        """Whom there is to call about a time that became free: after all that happens, and now and then. Apart from
        the bars, which a long list must not hold up."""
        await _either(self._may_have_calls, COUNTS_CALLS_EVERY_SECONDS)
        branch_ids, self._uncounted = self._uncounted or set(self._subscriptions), set()
        for branch_id in branch_ids:
            calls = await self.checks(reading.read_calls, branch_id)
            # Every page of the list that is told of it fetches all of it anew.
            if branch_id in self._subscriptions and calls != self._calls.get(branch_id):
                self._calls[branch_id] = calls
                _tell(self._subscriptions[branch_id], calls.frame)
        await asyncio.sleep(COUNTS_CALLS_AFTER_SECONDS)

    def _reload(self, branch_id: int) -> None:
        """Let the pages fetch the board anew: at once, but while a flood lasts no oftener than they can bear."""
        steady = time.monotonic()
        if steady - self._reloaded_at.get(branch_id, float("-inf")) < RELOADS_EVERY_SECONDS:
            self._owed_reload.add(branch_id)
            return
        self._owed_reload.discard(branch_id)
        self._reloaded_at[branch_id] = steady
        _tell(self._subscriptions.get(branch_id, ()), frames.RELOAD)

    async def _tell_time(self) -> None:
        """Every 4 s, and at once when the shown time is not what the browsers count on."""
        clock = await self.reads(reading.read_clock)
        is_foreseen = self._told_clock is not None and self._told_clock.foresaw(clock)
        if is_foreseen and clock.read_at - self._beat_at < BEATS_EVERY_SECONDS:
            return
        beat = await self.reads(reading.read_beat, clock)
        self._told_clock, self._beat_at = clock, clock.read_at
        _tell(self._everybody(), beat)

    async def _check_sessions(self) -> None:
        """Every 30 s, and at once when somebody signed out, or anything was changed of who may in."""
        await _either(self._may_have_ended, CHECKS_SESSIONS_EVERY_SECONDS)
        sessions = {(one.session_key, one.branch_id) for one in self._everybody()}
        for session_key, branch_id in sessions:
            if not await self.checks(reading.is_still_admitted, session_key, branch_id):
                for one in self._subscriptions.get(branch_id, ()):
                    if one.session_key == session_key:
                        one.end(frames.BYE)


def _tell(subscriptions: Iterable[Subscription], frame: bytes) -> None:
    for subscription in subscriptions:
        subscription.tell(frame)


async def _either(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


async def _for_ever(do: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await do()
        except Exception:
            # The beats stay out meanwhile, so the boards say that the line is lost.
            logger.exception("the live feed failed and tries again")
            await asyncio.sleep(TRIES_AGAIN_AFTER_SECONDS)


_running: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def check_sessions(**_signal: object) -> None:
    """Somebody has signed out: the other tabs of that browser need not wait for the next round."""
    for hub in tuple(_running):
        hub.check_sessions()
