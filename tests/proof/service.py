"""`vovremya serve --workers N` whose processes are killed, one by one or all at once. Reads Linux's /proc."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.flows.serving import COMMAND, STARTS_WITHIN_SECONDS, Site, read_printed
from tests.races.arena import Arena
from tools.postgres import free_port

_PROCESSES = Path("/proc")
_ESTABLISHED = "01"


@dataclass(frozen=True)
class Child:
    pid: int
    name: str  # «web-2», «watch»


class Service:
    """One address, however often the processes behind it are begun anew."""

    def __init__(self, arena: Arena, workers: int, *options: str) -> None:
        self.port = free_port()
        self._arena = arena
        self._command = [str(COMMAND), "serve", "--port", str(self.port), "--workers", str(workers), *options]
        self.site = Site(self._begun(), self.port)
        self._listen()

    def start(self) -> None:
        """Until it serves. Browsers keep the site that they know."""
        self.begin()
        assert self._is_ready.wait(STARTS_WITHIN_SECONDS), self.site.printed[-20:]
        assert self.site.process.poll() is None, self.site.printed[-20:]

    def begin(self) -> None:
        """Without waiting for it."""
        if self.site.process.poll() is not None:
            self.site.process = self._begun()
            self._listen()

    def _listen(self) -> None:
        self._is_ready = threading.Event()
        reader = threading.Thread(target=self._hear_out, args=(self.site.process, self._is_ready), daemon=True)
        reader.start()

    def _hear_out(self, process: "subprocess.Popen[str]", is_ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            read_printed(self.site, lines, is_ready)

    @property
    def children(self) -> Sequence[Child]:
        return [
            Child(pid, words[words.index("--supervised") + 1].split(":")[0])
            for pid in children_of(self.site.process.pid)
            if "--supervised" in (words := words_of(pid))
        ]

    def kill_all(self) -> int:
        """The whole service at once; how many processes that were. The supervisor first: it would begin them anew."""
        self.site.process.send_signal(signal.SIGSTOP)
        pids = [child.pid for child in self.children]
        self.site.process.kill()
        for pid in pids:
            kill(pid)
        self.site.process.wait()
        wait_until_gone(pids, 10)
        return 1 + len(pids)

    def kill_supervisor(self) -> Sequence[int]:
        """Those that it left behind, and that did not end by themselves in time."""
        pids = [child.pid for child in self.children]
        self.site.process.kill()
        self.site.process.wait()
        return wait_until_gone(pids, 15)

    def stop(self) -> None:
        if self.site.process.poll() is None:
            self.site.process.terminate()
            self.site.process.wait(20)

    def _begun(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self._command,
            env={**os.environ, **self._arena.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def children_of(pid: int) -> Sequence[int]:
    try:
        threads = list((_PROCESSES / str(pid) / "task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def words_of(pid: int) -> Sequence[str]:
    try:
        return (_PROCESSES / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """One that ended and that nobody has asked about yet is not."""
    try:
        state = (_PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until_gone(pids: Sequence[int], within_seconds: float) -> Sequence[int]:
    """Those that are still there afterwards."""
    gives_up_at = time.monotonic() + within_seconds
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < gives_up_at:
        time.sleep(0.01)
    return left


def requests_in_hand(pid: int, port: int) -> set[str]:
    """The lines of browsers, each of which asks once, that the process has taken."""
    held = set()
    try:
        for descriptor in (_PROCESSES / str(pid) / "fd").iterdir():
            with suppress(OSError):
                held.add(os.readlink(descriptor).removeprefix("socket:[").removesuffix("]"))
        rows = [row.split() for row in (_PROCESSES / str(pid) / "net" / "tcp").read_text().splitlines()[1:]]
    except OSError:
        return set()
    ours = f":{port:04X}"
    return held & {row[9] for row in rows if row[1].endswith(ours) and row[3] == _ESTABLISHED}
