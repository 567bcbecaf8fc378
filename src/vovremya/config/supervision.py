"""Several processes on one address: who starts them, begins anew whichever ends, and ends them together.

The supervisor takes the address and serves nobody itself. Each child is a program started afresh, never a fork: it
inherits the listening socket and one end of a line to the supervisor, and nothing else.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from vovremya.config.measuring import forget_process
from vovremya.config.serving import ENDS_WITHIN_SECONDS
from vovremya.kernel import metrics

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
#: Who lived so long did not end for want of something that is still missing.
STEADY_AFTER_SECONDS = 30.0
KILLED_AFTER_SECONDS = ENDS_WITHIN_SECONDS + 3.0

_READY = b"r"


@dataclass(frozen=True)
class Role:
    """A process to be kept running: «web-2», and the words of the console command that make it so."""

    name: str
    words: tuple[str, ...]
    takes_address: bool = False


def pause_after(lived_for: float, previous: float) -> float:
    """How long to wait before the next try: longer each time, unless the last one went well for a while."""
    if lived_for >= STEADY_AFTER_SECONDS or not previous:
        return FIRST_PAUSE_SECONDS
    return min(previous * 2, LONGEST_PAUSE_SECONDS)


class Supervisor:
    def __init__(self, roles: Sequence[Role], taken: socket.socket, on_ready: Callable[[], None]) -> None:
        self._roles = roles
        self._taken = taken
        self._on_ready: Callable[[], None] | None = on_ready
        self._running: set[asyncio.subprocess.Process] = set()
        self._is_over = asyncio.Event()

    async def run(self) -> None:
        """Until the process is asked to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._is_over.set)
        keepers = [asyncio.create_task(self._keep(role)) for role in self._roles]
        await self._is_over.wait()
        self._taken.close()  # whoever comes now is refused at once, and not left waiting for nobody
        await self._end_all(keepers)

    async def _keep(self, role: Role) -> None:
        pause = 0.0
        while not self._is_over.is_set():
            began_at = time.monotonic()
            try:
                code: object = await self._lived(role)
            except OSError as error:  # no memory, no descriptors: it may pass
                code = type(error).__name__
            if self._is_over.is_set():
                return
            pause = pause_after(time.monotonic() - began_at, pause)
            metrics.restarts.labels(role.name).inc()
            logger.error("%s ended with %s and is begun anew in %.1f s", role.name, code, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), pause)

    async def _lived(self, role: Role) -> int:
        """Start it, wait for its end; returns its exit code."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        line = f"{role.name}:{theirs.fileno()}"
        inherited = [theirs.fileno()]
        if role.takes_address:
            line += f":{self._taken.fileno()}"
            inherited.append(self._taken.fileno())
        with ours:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "vovremya.config.console", *role.words, "--supervised", line),
                    pass_fds=inherited,
                    process_group=0,  # Ctrl+C is for the supervisor, which then asks each of them
                )
            self._running.add(process)
            listening = asyncio.create_task(self._hear_ready(role, ours))
            try:
                return await process.wait()
            finally:
                self._running.discard(process)
                listening.cancel()
                forget_process(process.pid)

    async def _hear_ready(self, role: Role, ours: socket.socket) -> None:
        said = await asyncio.get_running_loop().sock_recv(ours, 1)
        if said == _READY and role.takes_address and self._on_ready:
            self._on_ready()
            self._on_ready = None

    async def _end_all(self, keepers: Sequence["asyncio.Task[None]"]) -> None:
        for process in self._running:
            with suppress(ProcessLookupError):
                process.terminate()
        _, late = await asyncio.wait(keepers, timeout=KILLED_AFTER_SECONDS)
        for process in self._running if late else ():
            logger.error("process %s did not end by itself and is killed", process.pid)
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.wait(keepers)


class Line:
    """The child's end: says that it is ready, and hears when the supervisor is gone."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        threading.Thread(target=self._end_with_supervisor, name="line", daemon=True).start()

    def tell_ready(self) -> None:
        with suppress(OSError):
            self._socket.sendall(_READY)

    def _end_with_supervisor(self) -> None:
        with suppress(OSError):
            self._socket.recv(1)  # nothing is ever sent: it returns when the other end is gone
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(KILLED_AFTER_SECONDS)
        os._exit(1)


@dataclass(frozen=True)
class Inherited:
    """What a supervisor left to the process that it started."""

    name: str
    line: int
    address: int | None

    @classmethod
    def read(cls, text: str) -> "Inherited":
        name, line, *address = text.split(":")
        return cls(name, int(line), int(address[0]) if address else None)
