"""The serving process: pages and feed, with the watch or without; and the watch alone. How each begins and ends."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

import h11
import uvicorn
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from uvicorn.protocols.http.h11_impl import H11Protocol

from vovremya.config.asgi import application
from vovremya.exchange.worker import ImportWorker
from vovremya.journal import append_only
from vovremya.schedule import no_overlap
from vovremya.ui import assets
from vovremya.visits.actions.turn import Outage
from vovremya.watch.loop import Watch, WatchThread

#: Open streams end at once, a page under way may take this long.
ENDS_WITHIN_SECONDS = 5
_ASKED_TO_END = {signal.SIGTERM, signal.SIGINT}


def pending_migrations(database: BaseDatabaseWrapper | None = None) -> int:
    executor = MigrationExecutor(database or connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def leave_database() -> None:
    """Who only starts others keeps no connection of its own."""
    connection.close()
    close_pool: Callable[[], None] | None = getattr(connection, "close_pool", None)  # PostgreSQL's alone
    if close_pool is not None:
        close_pool()


def never_make_database() -> None:
    """From now on a SQLite file that is gone is an error: a new, empty one in its place would be kept in use."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith("file:"):
        connection.close()
        connection.settings_dict["NAME"] = f"{Path(name).absolute().as_uri()}?mode=rw"


def missing_guards() -> list[str]:
    """Rules of the database itself that are not in force: without them nothing may be written."""
    return [*no_overlap.missing_guards(connection), *append_only.missing(connection)]


def are_pages_built() -> bool:
    return assets.are_built()


def take(host: str, port: int) -> socket.socket:
    """Take the address before anything else is done; nobody is let in yet. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: else asyncio leaves Nagle's delay on, and every answer over a kept connection waits 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def inherited(descriptor: int) -> socket.socket:
    """The address that a supervisor has taken."""
    return socket.socket(fileno=descriptor)


def address_of(taken: socket.socket) -> str:
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Protocol(H11Protocol):
    """uvicorn's own, which stumbles over torn bodies: a HEAD cannot be refused with a body of its own, and whoever
    was answering the request meanwhile is not told that the line is closed."""

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application.hub.end_all()
        await super().shutdown(sockets)


def serve(
    taken: socket.socket, *, with_watch: bool, on_outage: Callable[[Outage], None], on_ready: Callable[[], None]
) -> None:
    """Until the process is asked to end. Nobody is let in before what came due meanwhile is announced."""
    signal.signal(signal.SIGTERM, _end)
    never_make_database()
    threads = _begun_watch(on_outage) if with_watch else []
    config = uvicorn.Config(
        application,
        http=Protocol,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN_SECONDS,
    )
    try:
        Server(config, on_ready).run(sockets=[taken])
    except KeyboardInterrupt:
        pass  # asked for with Ctrl+C, and over
    finally:
        for thread in threads:
            thread.stop()


def watch(*, on_outage: Callable[[Outage], None], on_ready: Callable[[], None]) -> None:
    """The watch alone, until the process is asked to end."""
    signal.signal(signal.SIGTERM, _end)
    # Before its threads begin, which inherit it: the signal is for whoever waits below.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED_TO_END)
    threads = _begun_watch(on_outage)
    on_ready()
    signal.sigwait(_ASKED_TO_END)
    for thread in threads:
        thread.stop()


def sweep(on_outage: Callable[[Outage], None]) -> None:
    """Announce what came due while nobody watched."""
    if outage := Watch().begin():
        on_outage(outage)


def _begun_watch(on_outage: Callable[[Outage], None]) -> list[WatchThread]:
    """With the imports beside it: a file that is long in reading must not keep it from its turns."""
    sweep(on_outage)
    threads = [WatchThread(Watch().run), WatchThread(ImportWorker().run, "imports")]
    for thread in threads:
        thread.start()
    return threads


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
