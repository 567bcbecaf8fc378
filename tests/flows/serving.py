"""A real server process on a database of its own, and a browser of the plainest kind."""

import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.races.arena import Arena

COMMAND = Path(sys.executable).parent / "vovremya"
STARTS_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 10
WITHIN_SECONDS = 20.0
WATCHED = "The watch is on.\n"


def until(holds: Callable[[], bool], within_seconds: float = WITHIN_SECONDS) -> None:
    """Wait for what another process does; fails where it never comes about."""
    gives_up_at = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < gives_up_at, "it never came about"
        time.sleep(0.05)


def console(
    arena: Arena, *arguments: str, typed: str = "", within_seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run the console command to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, **arena.environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=within_seconds,
        check=False,
    )


@dataclass
class Site:
    """A served site, and everything that its process has printed."""

    process: subprocess.Popen[str]
    port: int = 0
    printed: list[str] = field(default_factory=list)

    def connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=20)

    def stop(self, within_seconds: float = ENDS_WITHIN_SECONDS) -> int:
        """Ask it to end; returns its exit code."""
        self.process.terminate()
        return self.process.wait(within_seconds)


@contextmanager
def serving(arena: Arena, *options: str, command: str = "serve", through: Sequence[str] = ()) -> Iterator[Site]:
    """Until it is served, or, where the command is `watch`, watched; `through` a program that becomes the command."""
    address = ("--port", "0") if command == "serve" else ()
    process = subprocess.Popen(
        [*through, COMMAND, command, *address, *options],
        env={**os.environ, **arena.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    site = Site(process)
    is_ready = threading.Event()
    reader = threading.Thread(target=read_printed, args=(site, process.stdout, is_ready), daemon=True)
    reader.start()
    try:
        assert is_ready.wait(STARTS_WITHIN_SECONDS), site.printed
        assert site.port or WATCHED in site.printed, "".join(site.printed)
        yield site
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(ENDS_WITHIN_SECONDS)
        reader.join(ENDS_WITHIN_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def read_printed(site: Site, lines: Iterable[str], is_ready: threading.Event) -> None:
    for line in lines:
        site.printed.append(line)
        if found := re.search(r"is at http://\S+:(\d+)", line):
            site.port = int(found[1])
            is_ready.set()
        elif line == WATCHED:
            is_ready.set()
    is_ready.set()


class Browser:
    """Keeps its cookies."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        body = urlencode({"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **form})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def sign_in(self, username: str, password: str = "") -> None:
        from tests.cast import PASSWORD  # the cast wakes Django: harnesses that only serve do not

        self.get("/login/")
        status, _ = self.post("/login/", {"username": username, "password": password or PASSWORD})
        assert status == 302

    @property
    def cookie_header(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        connection = self.site.connection()
        try:
            connection.request(method, path, body, {**self.cookie_header, **(headers or {})})
            answer = connection.getresponse()
            self._keep_cookies(answer)
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, content = value.split(";")[0].partition("=")
                self.cookies[cookie] = content

    @contextmanager
    def listening(self, branch: str, cursor: str) -> Iterator["Ear"]:
        """Follow the live feed of a branch."""
        connection = self.site.connection()
        connection.request("GET", f"/live?branch={branch}&cursor={cursor}", headers=self.cookie_header)
        ear = Ear(connection.getresponse())
        listener = threading.Thread(target=ear.hear_out, daemon=True)
        listener.start()
        try:
            yield ear
        finally:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            listener.join(ENDS_WITHIN_SECONDS)
            connection.close()

    def cursor_of(self, branch: str) -> str:
        _, page = self.get(f"/{branch}/")
        found = re.search(r'data-cursor="([^"]+)"', page)
        assert found, page
        return found[1]


@dataclass(frozen=True)
class Heard:
    kind: str
    data: dict[str, Any]
    at: float


class Ear:
    def __init__(self, answer: HTTPResponse) -> None:
        self.status = answer.status
        self._answer = answer
        self._heard: queue.Queue[Heard | None] = queue.Queue()

    def hear_out(self) -> None:
        kind = ""
        try:
            for raw in self._answer:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._heard.put(Heard(kind, json.loads(line.removeprefix("data: ")), time.time()))
        except (OSError, HTTPException):
            pass  # the line was cut, by the server or by us
        self._heard.put(None)

    def next(self, kind: str, within_seconds: float = 10.0) -> Heard:
        """The next event of the kind; those of others are passed over."""
        gives_up_at = time.monotonic() + within_seconds
        while True:
            heard = self._heard.get(timeout=max(gives_up_at - time.monotonic(), 0.001))
            assert heard is not None, f"the stream ended before {kind}"
            if heard.kind == kind:
                return heard

    def ends(self, within_seconds: float = 10.0) -> None:
        while self._heard.get(timeout=within_seconds) is not None:
            pass
