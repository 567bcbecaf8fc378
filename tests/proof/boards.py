"""Boards that stay open whatever happens: the feed is followed, taken up again by its cursor, and read anew when told.

A board is fed with a visit when the feed has told of it, or when a page was fetched whose cursor lies behind it.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from tests.flows.serving import Browser, Site

#: As in the browser: two beats missed and a little more.
SILENT_AFTER_SECONDS = 10.0
_AGAIN_AFTER_SECONDS = 0.5


@dataclass
class Board:
    site: Site
    browser: Browser  # signed in
    branch: str
    told: dict[int, float] = field(default_factory=dict)  # visit: when
    fetched: list[tuple[float, tuple[int, int]]] = field(default_factory=list)  # when, and up to which place
    reloads: int = 0
    broken_off: int = 0
    opened: int = 0
    has_failed: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    _cursor: str = ""
    _line: HTTPConnection | None = None
    _thread: threading.Thread | None = None

    def open(self) -> None:
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.is_over.set()
        line = self._line
        if line is not None and line.sock is not None:
            with suppress(OSError):
                line.sock.shutdown(2)
        if self._thread:
            self._thread.join(SILENT_AFTER_SECONDS)

    def knows(self, visit_id: int, place: tuple[int, int], asked_at: float) -> bool:
        return visit_id in self.told or any(at > asked_at and place < upto for at, upto in self.fetched)

    def _follow(self) -> None:
        while not self.is_over.is_set():
            try:
                if not self._cursor:
                    self._fetch()
                for kind, data in self._stream():
                    self._hear(kind, data)
            except (OSError, HTTPException, AssertionError, ValueError):
                pass  # taken up again below, as the page does
            if not self.is_over.is_set():
                self.broken_off += 1
                self.is_over.wait(_AGAIN_AFTER_SECONDS)

    def _fetch(self) -> None:
        self._cursor = self.browser.cursor_of(self.branch)
        _, xid, entry_id = self._cursor.split(".")
        self.fetched.append((time.time(), (int(xid), int(entry_id) + 1)))

    def _hear(self, kind: str, data: dict[str, object]) -> None:
        if kind == "bars":
            self.told[int(str(data["visit"]))] = time.time()
            self._cursor = str(data["cursor"])
        elif kind == "reload":
            self.reloads += 1
            self._cursor = ""
            self._fetch()
        elif kind == "bye":
            self.has_failed.append("bye")
            self.is_over.set()

    def _stream(self) -> Iterator[tuple[str, dict[str, object]]]:
        line = self._line = HTTPConnection("127.0.0.1", self.site.port, timeout=SILENT_AFTER_SECONDS)
        try:
            path = f"/live?branch={self.branch}&cursor={self._cursor}"
            line.request("GET", path, headers=self.browser.cookie_header)
            answer = line.getresponse()
            if answer.status != 200:
                raise OSError(answer.status)
            self.opened += 1
            kind = ""
            for raw in answer:
                text = raw.decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    yield kind, json.loads(text.removeprefix("data: "))
        finally:
            line.close()
