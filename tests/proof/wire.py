"""HTTP by hand: sends any bytes at all, and reads what comes back."""

import gzip
import socket
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

WAITS_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """Status nought: the line was closed without an answer."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name), "")

    @property
    def is_html(self) -> bool:
        return self.header("content-type").startswith("text/html")

    @property
    def cookies(self) -> dict[str, str]:
        given = [value.split(";")[0] for name, value in self.headers if name.lower() == "set-cookie"]
        return dict(cookie.split("=", 1) for cookie in given if "=" in cookie)


def exchanged(port: int, sent: bytes, method: str, *, is_cut: bool = False, read_at_most: int = -1) -> Answer:
    """`is_cut`: our side of the line is closed behind what was sent, as when a client goes away."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAITS_SECONDS) as line:
        try:
            line.sendall(sent)
            if is_cut:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before it was sent whole: the answer says why
        try:
            return _read(line, method, read_at_most)
        except (HTTPException, ConnectionError):
            return Answer(0)


def _read(line: socket.socket, method: str, read_at_most: int) -> Answer:
    response = HTTPResponse(line, method=method if method == "HEAD" else "GET")
    response.begin()
    body = response.read() if read_at_most < 0 else response.read1(read_at_most)
    if response.headers.get("Content-Encoding") == "gzip" and body:
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return Answer(599, response.getheaders(), body)  # what is said to be packed must be
    return Answer(response.status, response.getheaders(), body)
