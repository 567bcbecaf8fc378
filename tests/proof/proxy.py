"""A small TCP proxy on loopback that does to its lines what networks do: cut, reset, lose, hold, delay.

It runs in a thread of its own; whoever holds it tells it what to do from any other.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 64 * 1024
_ANSWERS_WITHIN_SECONDS = 10.0
#: Closing with this is a reset: what was not sent is thrown away, and the other end is told so.
_RESET = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Line:
    """One connection, with both of its ends."""

    ends: list[asyncio.StreamWriter] = field(default_factory=list)
    is_lost: bool = False  # its bytes go nowhere, and nobody is told
    breaks_at_answer: bool = False

    def reset(self) -> None:
        for end in self.ends:
            wire = end.get_extra_info("socket")
            with suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()


class Proxy:
    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.broken_answers = 0
        self._latency = 0.0
        self._losing = False
        self._markers: list[bytes] = []
        self._lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen)

    def stop(self) -> None:
        self._do(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWERS_WITHIN_SECONDS)
        self._loop.close()

    # --- what networks do --------------------------------------------------------------------------------------

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Every line is reset, and nobody listens any more: new ones are refused."""
        self._do(self._shut)
        try:
            yield
        finally:
            self._do(self._listen)

    @contextmanager
    def lost(self) -> Iterator[None]:
        """A black hole: what is sent goes nowhere. Lines that were caught in it stay dumb afterwards, and stay open."""
        self._do(self._lose)
        try:
            yield
        finally:
            self._losing = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """The cable is pulled: nothing passes; when it is in again, TCP sends on what it has kept."""
        self._do(self._hold)
        try:
            yield
        finally:
            self._do(self._pass_on)

    @contextmanager
    def delayed(self, seconds: float) -> Iterator[None]:
        """So long each way."""
        self._latency = seconds
        try:
            yield
        finally:
            self._latency = 0.0

    def reset(self) -> None:
        """Every open line, once; new ones are let in."""
        self._do(self._reset)

    def break_answer_to(self, marker: bytes) -> None:
        """The next request with this in it arrives whole; its answer begins, and the line is reset in the midst."""
        self._markers.append(marker)

    # --- in the proxy's own thread -----------------------------------------------------------------------------

    def _do(self, act: Callable[[], object]) -> None:
        async def acting() -> None:
            done = act()
            if asyncio.iscoroutine(done):
                await done

        asyncio.run_coroutine_threadsafe(acting(), self._loop).result(_ANSWERS_WITHIN_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        assert self._server
        self._server.close()
        self._reset()

    async def _end(self) -> None:
        self._pass_on()
        await self._shut()
        while self._lines:
            await asyncio.sleep(0.01)

    def _reset(self) -> None:
        for line in self._lines:
            line.reset()

    def _lose(self) -> None:
        self._losing = True
        for line in self._lines:
            line.is_lost = True

    def _hold(self) -> None:
        self._may_pass.clear()

    def _pass_on(self) -> None:
        self._may_pass.set()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line([writer], is_lost=self._losing)
        self._lines.add(line)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
            line.ends.append(server_writer)
            await asyncio.gather(
                self._pump(line, reader, server_writer, is_answer=False),
                self._pump(line, server_reader, writer, is_answer=True),
            )
        except OSError:
            line.reset()  # the server refuses, so its client is refused
        finally:
            self._lines.discard(line)
            for end in line.ends:
                end.close()

    async def _pump(
        self, line: Line, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with suppress(OSError):
            while piece := await source.read(_PIECE):
                if self._latency:
                    await asyncio.sleep(self._latency)
                await self._may_pass.wait()
                if line.is_lost:
                    continue
                if is_answer and line.breaks_at_answer:
                    await self._break(line, sink, piece)
                    return
                if not is_answer:
                    self._look_for_marker(line, piece)
                sink.write(piece)
                await sink.drain()
            if not line.is_lost:
                sink.write_eof()

    def _look_for_marker(self, line: Line, piece: bytes) -> None:
        for marker in self._markers:
            if marker in piece:
                self._markers.remove(marker)
                line.breaks_at_answer = True
                return

    async def _break(self, line: Line, sink: asyncio.StreamWriter, piece: bytes) -> None:
        self.broken_answers += 1
        sink.write(piece[: len(piece) // 2])
        await sink.drain()
        line.reset()


@contextmanager
def proxied(target_port: int) -> Iterator[Proxy]:
    proxy = Proxy(target_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
