"""Disks and databases that fail, each as a context: the fault lasts as long as it is entered.

What needs a privilege or a compiler that the machine has not says so by `LeftOut`.
"""

import errno
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.proof.proxy import Proxy
from tools.postgres import Cluster

_SHIM = Path(__file__).with_name("failing_disk.c")
_RESETS_EVERY_SECONDS = 0.7
_DISK_MEGABYTES = 48
_PIECE = 64 * 1024


class LeftOut(Exception):
    """Cannot be tried on this machine, and why."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own, of some megabytes."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MEGABYTES}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise LeftOut("a file system may not be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a page is left on it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        piece = _PIECE
        while piece >= 1:
            try:
                file.write(b"\0" * piece)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                piece //= 2
    try:
        yield
    finally:
        ballast.unlink()


class FailingDisk:
    """What the server's own calls to write get told, by a library loaded ahead of the C library."""

    def __init__(self, folder: Path, struck: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise LeftOut("no C compiler")
        self._switch = folder / "failing"
        library = folder / "failing_disk.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, _SHIM, "-ldl"], check=True)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAILING_SWITCH": str(self._switch),
            "FAILING_FOLDER": f"{struck.resolve()}/",
        }

    @contextmanager
    def failing(self, number: int) -> Iterator[None]:
        """Written beside and put in place whole: half a number would be another error."""
        beside = self._switch.with_suffix(".new")
        beside.write_text(str(number))
        beside.rename(self._switch)
        try:
            yield
        finally:
            self._switch.unlink()


class FaultyDisk:
    """An ext4 of its own that turns itself read-only at an error, as servers' disks do; to be repaired unmounted."""

    def __init__(self, image: Path, folder: Path) -> None:
        self._image = image
        self.folder = folder
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(_DISK_MEGABYTES * 1024 * 1024)
        # With a journal the kernel would end the file system altogether.
        self._run("mkfs.ext4", "-q", "-O", "^has_journal", image)
        self._mount()

    def turn_read_only(self) -> None:
        """The kernel is told of an error of the file system, and does what it does then."""
        device = next(line.split()[0] for line in _mounts() if line.split()[1] == str(self.folder))
        Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("tried on purpose")

    def repair(self) -> None:
        self.unmount()
        subprocess.run(["e2fsck", "-fy", self._image], capture_output=True, check=False)
        self._mount()

    def unmount(self) -> None:
        self._run("umount", self.folder)

    def _mount(self) -> None:
        self._run("mount", "-o", "loop,errors=remount-ro", self._image, self.folder)

    def _run(self, *command: str | Path) -> None:
        try:
            subprocess.run(command, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise LeftOut(f"`{command[0]}` is not permitted here") from error


def _mounts() -> list[str]:
    return Path("/proc/mounts").read_text(encoding="utf-8").splitlines()


@contextmanager
def faulty_disk(folder: Path) -> Iterator[FaultyDisk]:
    disk = FaultyDisk(folder / "image", folder / "faulty")
    try:
        yield disk
    finally:
        disk.unmount()


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """SIGSTOP to all its processes: lines stay open, and nothing comes over them."""
    postmaster = psutil.Process(cluster.pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@contextmanager
def slow_and_reset(proxy: Proxy, latency: float) -> Iterator[None]:
    """So slow each way, and every line is reset again and again."""
    is_over = threading.Event()

    def reset_often() -> None:
        while not is_over.wait(_RESETS_EVERY_SECONDS):
            proxy.reset()

    resetting = threading.Thread(target=reset_often, daemon=True)
    with proxy.delayed(latency):
        resetting.start()
        try:
            yield
        finally:
            is_over.set()
            resetting.join()
