"""Three PostgreSQL servers on loopback in Patroni's hands, with etcd beneath: both from Debian.

As unprivileged as `tools/postgres.py`; everything lies in one folder and ends with the context.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
import psycopg

from tests.proof.desk import until
from tools.postgres import UNPRIVILEGED, free_port

NODES = 3
DATABASE = "vovremya"
#: The least that Patroni takes: so long a leader may be silent before another is chosen.
TTL_SECONDS, LOOP_SECONDS, RETRY_SECONDS = 20, 2, 3
BEGINS_WITHIN_SECONDS = 90.0
MENDS_WITHIN_SECONDS = 90.0
_PROGRAMS = ("patroni", "etcd")


def what_is_wanting() -> str:
    """Why it cannot be had here, if so."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if _binaries() is None:
        missing.append("postgresql")
    return f"not installed: {', '.join(missing)} (`apt install patroni etcd-server postgresql`)" if missing else ""


def _binaries() -> Path | None:
    """Debian's own servers: a Patroni knows those of its time."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


@dataclass
class Node:
    name: str
    folder: Path
    port: int
    api: int
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = _started(["patroni", str(self.folder / "patroni.json")], self.folder)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
                return
            self.kill_whole()

    def kill_server(self) -> None:
        """The postmaster alone; its children end when they see it."""
        with suppress(OSError, ValueError):
            os.kill(int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    def kill_whole(self) -> None:
        """As when the machine is gone: who keeps the server goes with it."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self.kill_server()

    def asked(self, path: str) -> tuple[int, bytes]:
        try:
            with closing(HTTPConnection("127.0.0.1", self.api, timeout=3)) as line:
                line.request("GET", path)
                answer = line.getresponse()
                return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""

    @property
    def is_primary(self) -> bool:
        return self.asked("/primary")[0] == 200

    @property
    def receivers(self) -> list[psutil.Process]:
        """Who fetches the log of the primary to this standby."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if "walreceiver" in " ".join(process.info["cmdline"] or ()) and self._is_ours(process)
        ]

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError, ValueError):
            postmaster = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            return process.ppid() == postmaster
        return False


@dataclass
class Ensemble:
    folder: Path
    is_synchronous: bool = True
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    nodes: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As libpq wants it: all of them, and the one that takes writes is used."""
        servers = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://postgres:{self.password}@{servers}/{DATABASE}?target_session_attrs=read-write"

    def primary(self) -> Node | None:
        return next((node for node in self.nodes if node.is_primary), None)

    def members(self) -> list[Mapping[str, str]]:
        for node in self.nodes:
            status, body = node.asked("/cluster")
            if status == 200:
                members: list[Mapping[str, str]] = json.loads(body)["members"]
                return members
        return []

    def is_whole(self) -> bool:
        """A primary, everybody else streaming from it, one of them synchronously."""
        members = self.members()
        roles = [member["role"] for member in members if member["state"] in ("running", "streaming")]
        return len(roles) == NODES and "leader" in roles and ("sync_standby" in roles or not self.is_synchronous)

    def configuration(self, node: Node, etcd: int) -> dict[str, object]:
        access = [f"host {what} all 127.0.0.1/32 scram-sha-256" for what in ("all", "replication")]
        return {
            "scope": "vovremya",
            "name": node.name,
            "restapi": {"listen": f"127.0.0.1:{node.api}", "connect_address": f"127.0.0.1:{node.api}"},
            "etcd3": {"host": f"127.0.0.1:{etcd}"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL_SECONDS,
                    "loop_wait": LOOP_SECONDS,
                    "retry_timeout": RETRY_SECONDS,
                    "primary_start_timeout": 0,  # another takes over at once rather than wait for recovery
                    "synchronous_mode": self.is_synchronous,
                    "postgresql": {
                        "use_pg_rewind": True,
                        "parameters": {"max_connections": 100, "shared_buffers": "64MB", "wal_log_hints": "on"},
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{node.port}",
                "connect_address": f"127.0.0.1:{node.port}",
                "data_dir": str(node.folder / "data"),
                "bin_dir": str(_binaries()),
                "pgpass": str(node.folder / "pgpass"),
                "pg_hba": access,
                "authentication": {
                    "superuser": {"username": "postgres", "password": self.password},
                    "replication": {"username": "follower", "password": self.password},
                },
                "parameters": {"unix_socket_directories": str(node.folder)},
                "remove_data_directory_on_rewind_failure": True,
                "remove_data_directory_on_diverged_timelines": True,
            },
        }


@contextmanager
def ensemble(folder: Path, *, is_synchronous: bool = True) -> Iterator[Ensemble]:
    """With an empty database, whole."""
    folder.chmod(0o755)
    made = Ensemble(folder, is_synchronous)
    with ExitStack() as running:
        etcd = running.enter_context(_etcd(_own(folder / "etcd")))
        for number in range(1, NODES + 1):
            node = Node(f"node{number}", _own(folder / f"node{number}"), free_port(), free_port())
            (node.folder / "patroni.json").write_text(json.dumps(made.configuration(node, etcd)))
            made.nodes.append(node)
        for node in made.nodes:
            running.callback(node.stop)
            node.start()
        if not until(made.is_whole, BEGINS_WITHIN_SECONDS):
            raise SystemExit(f"Patroni does not begin: {made.members()}\n{_last_words(made)}")
        with psycopg.connect(made.url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {DATABASE}".encode())
        yield made


def _last_words(made: Ensemble) -> str:
    return "\n".join((node.folder / "log").read_text(errors="replace")[-1500:] for node in made.nodes)


@contextmanager
def _etcd(folder: Path) -> Iterator[int]:
    client, peer = free_port(), free_port()
    clients, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    process = _started(
        [
            *(
                "etcd",
                "--data-dir",
                str(folder / "data"),
                "--log-level",
                "error",
                "--initial-cluster",
                f"default={peers}",
            ),
            *("--listen-client-urls", clients, "--advertise-client-urls", clients),
            *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
        ],
        folder,
    )
    try:
        yield client
    finally:
        process.terminate()
        process.wait(20)


def _own(folder: Path) -> Path:
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    return folder


def _started(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    is_root = os.geteuid() == 0
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)},
            user=UNPRIVILEGED if is_root else None,
            group=UNPRIVILEGED if is_root else None,
            extra_groups=[] if is_root else None,
        )
