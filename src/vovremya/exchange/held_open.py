"""A directory held open: what is done in it is done there, and through no link that others have put into it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePath
from stat import S_ISREG
from typing import IO, NamedTuple

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
#: What is no file any more, a pipe that nobody writes to, is not waited for.
_TO_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_TO_WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class FileState(NamedTuple):
    """By which it is seen that somebody still writes it."""

    size: int
    changed_ns: int


class Directory:
    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["Directory"]:
        """Made if need be. The path itself is the administrator's, who may have laid it over links."""
        path.mkdir(parents=True, exist_ok=True)
        with _closed_after(os.open(path, _DIRECTORY)) as handle:
            yield cls(handle)

    @contextmanager
    def inside(self, name: str) -> Iterator["Directory"]:
        """One of its own, made if need be. `NotADirectoryError` for a link."""
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=self._handle)
        with _closed_after(os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=self._handle)) as handle:
            yield Directory(handle)

    def files(self) -> dict[str, FileState]:
        """In the order of their names, without links."""
        with os.scandir(self._handle) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        states = {name: self._state(name) for name in names}
        return {name: state for name, state in states.items() if state}

    def _state(self, name: str) -> FileState | None:
        """None where it is gone."""
        try:
            return _state_of(os.stat(name, dir_fd=self._handle, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def read(self, name: str) -> IO[bytes]:
        return os.fdopen(os.open(name, _TO_READ, dir_fd=self._handle), "rb")

    def write_new(self, name: str, write: Callable[[IO[bytes]], object]) -> str:
        """Under a name that is free; nothing is left of what cannot be written whole. Returns the name."""
        while True:
            name = self.free_name(name)
            with suppress(FileExistsError):  # taken just now
                handle = os.open(name, _TO_WRITE_NEW, 0o666, dir_fd=self._handle)
                break
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
        except BaseException:
            self.remove(name)
            raise
        return name

    def free_name(self, name: str) -> str:
        path = PurePath(name)
        numbered = (f"{path.stem} ({number}){path.suffix}" for number in count(2))
        return name if self._is_free(name) else next(filter(self._is_free, numbered))

    def _is_free(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return True
        return False

    def move(self, name: str, to: "Directory", new_name: str) -> bool:
        """False where somebody else has moved it."""
        try:
            os.rename(name, to.free_name(new_name), src_dir_fd=self._handle, dst_dir_fd=to._handle)
        except FileNotFoundError:
            return False
        return True

    def remove(self, name: str) -> None:
        os.unlink(name, dir_fd=self._handle)


def state_of(file: IO[bytes]) -> FileState | None:
    """Of an open one; None where it is no file of the usual kind."""
    return _state_of(os.fstat(file.fileno()))


def _state_of(found: os.stat_result) -> FileState | None:
    return FileState(found.st_size, found.st_mtime_ns) if S_ISREG(found.st_mode) else None


@contextmanager
def _closed_after(handle: int) -> Iterator[int]:
    try:
        yield handle
    finally:
        os.close(handle)
