"""Thousands of open boards in a process of their own: real connections that ask for the feed and note what comes.

It shares the steady clock with who starts it, so that instants of both can be compared.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from bench.serving import raise_descriptors

_HELLO = b"event: hello"
_PIECE = 65536
#: So much of what came before is kept, where a word may be torn in two.
_KEPT = 32
GIVES_UP_AFTER_SECONDS = 90.0


def request_of_feed(branch: str, cursor: str, cookies: str) -> bytes:
    return (
        f"GET /live?branch={branch}&cursor={cursor} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Accept: text/event-stream\r\nCookie: {cookies}\r\n\r\n"
    ).encode()


@dataclass
class _Board:
    line: socket.socket
    request: bytes
    kept: bytes = b""
    greeted_at: float | None = None
    told_at: float | None = None


class Listeners:
    """The handle: what it is asked is done in the other process."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_listen, args=(theirs,), daemon=True)
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send(("end",))
        self._process.join(10)

    def open(self, port: int, requests: Sequence[bytes], *, at_once: int = 0) -> list[float]:
        """Open that many boards more, so many at a time (0: all at once); gives the instants they were greeted."""
        return self._asked("open", port, list(requests), at_once)

    def expect(self, word: bytes, places: Sequence[int] | None = None) -> None:
        """From now on the next event with the word is waited for, on all boards or on those."""
        self._asked("expect", word, places)

    def told(self) -> list[float]:
        """The instants at which it had come to each of them."""
        return self._asked("told")

    def close(self) -> None:
        """All boards are closed."""
        self._asked("close")

    def _asked(self, *command: object) -> list[float]:
        self._ours.send(command)
        if not self._ours.poll(2 * GIVES_UP_AFTER_SECONDS):
            raise SystemExit(f"the listening process does not answer to {command[0]}")
        answer = self._ours.recv()
        if isinstance(answer, str):
            raise SystemExit(answer)
        return list(answer)


@dataclass
class _Hall:
    """The other process: the open boards and what they wait for."""

    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    boards: list[_Board] = field(default_factory=list)
    word: bytes = b""
    waiting: set[int] = field(default_factory=set)

    def turn(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if isinstance(key.data, _Board):
                self._hear(key.data)

    def _hear(self, board: _Board) -> None:
        try:
            came = board.line.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        at = time.perf_counter()
        if not came:
            self.selector.unregister(board.line)
            board.line.close()
            return
        came = board.kept + came
        board.kept = came[-_KEPT:]
        if board.greeted_at is None and _HELLO in came:
            board.greeted_at = at
        if self.word and board.told_at is None and self.word in came:
            board.told_at = at

    def open(self, port: int, requests: Sequence[bytes], at_once: int) -> list[float]:
        opened: list[_Board] = []
        rest = list(requests)
        while rest:
            some, rest = rest[: at_once or len(rest)], rest[at_once or len(rest) :]
            boards = [self._opened(port, request) for request in some]
            self._until(partial(_are_greeted, boards), "greeted")
            opened += boards
        self.boards += opened
        return [board.greeted_at or 0.0 for board in opened]

    def _opened(self, port: int, request: bytes) -> _Board:
        line = socket.create_connection(("127.0.0.1", port), timeout=GIVES_UP_AFTER_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(request)
        line.setblocking(False)
        board = _Board(line, request)
        self.selector.register(line, selectors.EVENT_READ, board)
        return board

    def expect(self, word: bytes, places: Sequence[int] | None) -> list[float]:
        self.word = word
        self.waiting = set(range(len(self.boards)) if places is None else places)
        for board in self.boards:
            board.told_at = None
            board.kept = b""
        return []

    def told(self) -> list[float]:
        waiting = [self.boards[place] for place in sorted(self.waiting)]
        self._until(lambda: all(board.told_at is not None for board in waiting), "told")
        self.word = b""
        return [board.told_at or 0.0 for board in waiting]

    def close(self) -> list[float]:
        for board in self.boards:
            with suppress(KeyError, ValueError):
                self.selector.unregister(board.line)
            board.line.close()
        self.boards = []
        return []

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        gives_up_at = time.monotonic() + GIVES_UP_AFTER_SECONDS
        while not is_so():
            self.turn(0.5)
            if time.monotonic() > gives_up_at:
                raise TimeoutError(f"after {GIVES_UP_AFTER_SECONDS:.0f} s not all boards are {what}")


def _are_greeted(boards: Sequence[_Board]) -> bool:
    return all(board.greeted_at is not None for board in boards)


def _listen(commands: Connection) -> None:
    raise_descriptors()
    hall = _Hall()
    hall.selector.register(commands, selectors.EVENT_READ)
    known: dict[str, Callable[..., list[float]]] = {
        "open": hall.open,
        "expect": hall.expect,
        "told": hall.told,
        "close": hall.close,
    }
    while True:
        hall.turn(1.0)
        if not commands.poll():
            continue
        name, *given = commands.recv()
        if name == "end":
            return
        try:
            commands.send(known[name](*given))
        except (TimeoutError, OSError) as error:
            commands.send(f"the open boards: {error}")
