"""The processes under measurement: the program itself, and a bare answer of the same size as the floor."""

import http.client
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

STARTS_WITHIN_SECONDS = 60.0
ENDS_WITHIN_SECONDS = 15.0
_PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Served:
    """What one request took, on a connection that is open already."""

    seconds: float
    status: int
    body: bytes
    encoding: str


class Connection:
    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._token = cookies.get("csrftoken", "")

    def get(self, path: str, *, accepts: str = "identity", is_window: bool = False) -> Served:
        headers = {"Cookie": self._cookies, "Accept-Encoding": accepts, **({"HX-Request": "true"} if is_window else {})}
        began = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        return Served(seconds, response.status, body, response.headers.get("Content-Encoding", ""))

    def post(self, path: str, form: Mapping[str, str]) -> Served:
        """A press of a button, as htmx sends it."""
        began = time.perf_counter()
        headers = {
            "Cookie": self._cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "X-CSRFToken": self._token,
        }
        self._connection.request("POST", path, body=urlencode(form), headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        return Served(time.perf_counter() - began, response.status, body, "")

    def push(self, frame: bytes) -> None:
        """To the bare hub: told to all who listen."""
        self._connection.request("POST", "/", body=frame)
        self._connection.getresponse().read()

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Running:
    port: int
    pid: int


@contextmanager
def program(database: Path, folder: Path) -> Iterator[int]:
    """`vovremya serve` on the filled database; gives its port."""
    with served(folder, database=database) as running:
        yield running.port


@contextmanager
def served(folder: Path, *options: str, database: Path | None = None, port: int | None = None) -> Iterator[Running]:
    """`vovremya serve` with its options, on the database that is named or that the environment names."""
    port = port or free_port()
    environment = {**os.environ, **({"VOVREMYA_DATABASE": str(database)} if database else {})}
    command = [str(_PROGRAMS / "vovremya"), "serve", "--port", str(port), *options]
    with _running(command, environment, port, folder / "serve.log") as pid:
        yield Running(port, pid)


@contextmanager
def bare_answer(body: bytes, folder: Path) -> Iterator[int]:
    """A server that does nothing but answer with these bytes; gives its port."""
    port = free_port()
    page = folder / "page.html"
    page.write_bytes(body)
    environment = {**os.environ, "BARE_ANSWER": str(page)}
    command = [sys.executable, "-m", "uvicorn", "bench.bare:application", "--port", str(port), "--log-level", "warning"]
    with _running(command, environment, port, folder / "bare.log"):
        yield port


@contextmanager
def bare_hub(folder: Path) -> Iterator[Running]:
    """A server that does nothing but push what it is given to all who listen."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.bare_hub", str(port)], os.environ, port, folder / "hub.log") as pid:
        yield Running(port, pid)


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], port: int, log: Path) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        gives_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > gives_up_at:
                raise SystemExit(f"{command[0]} does not answer:\n{log.read_text()}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(ENDS_WITHIN_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def raise_descriptors() -> None:
    """As many open connections as the system lets this process and its children have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
