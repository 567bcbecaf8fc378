"""Real processes racing on a real database.

A racer is a function of a module that imports no models at its top: each process names the database in its
environment first and only then wakes Django.
"""

import multiprocessing
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

Result = TypeVar("Result")

#: Processes are forked from one that has read the libraries, and nothing else: most of the time of a start.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["django.core.management", "django.db.models", "django.http", "psycopg", "structlog"])

_ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "vovremya.config.settings", "VOVREMYA_SECRET_KEY": "only for races"}

#: Gets a seed of its own and the number of attempts; returns how often what came about.
Racer = Callable[[int, int], Counter[str]]

_PATIENCE_SECONDS = 120.0
_MEETS_WITHIN_SECONDS = 60.0
_meeting: Barrier | None = None  # of the racers, in each of their processes


@dataclass(frozen=True)
class Arena:
    """A database, by the settings that processes need to reach it."""

    environment: Mapping[str, str]

    def race(self, racer: Racer, *, racers: int, attempts: int, patience: float = _PATIENCE_SECONDS) -> Counter[str]:
        """Let so many processes start at one moment, each with so many attempts; the sum of what came about."""
        return sum(self.told_by_each(racer, racers=racers, attempts=attempts, patience=patience), Counter[str]())

    def told_by_each(
        self,
        racer: Callable[[int, int], Result],
        *,
        racers: int,
        attempts: int,
        patience: float = _PATIENCE_SECONDS,
    ) -> list[Result]:
        """A race of which each racer has more to tell than counts."""
        barrier = _PROCESSES.Barrier(racers)
        with ProcessPoolExecutor(
            racers, mp_context=_PROCESSES, initializer=_enter, initargs=(dict(self.environment), barrier)
        ) as pool:
            runs = [pool.submit(racer, seed, attempts) for seed in range(racers)]
            return [run.result(timeout=patience) for run in runs]

    def alone(self, act: Callable[[], Result], *, patience: float = _PATIENCE_SECONDS) -> Result:
        """One act in a process of its own."""
        with ProcessPoolExecutor(
            1, mp_context=_PROCESSES, initializer=_enter, initargs=(dict(self.environment), None)
        ) as pool:
            return pool.submit(act).result(timeout=patience)


def new_arena(folder: Path) -> Arena:
    """An empty database of the kind under test: on the PostgreSQL that the tests were given, else a SQLite file."""
    return postgresql_arena(folder) if settings.DATABASE_URL else sqlite_arena(folder)


def migrated_arena(folder: Path) -> Arena:
    """One that is ready to be furnished; its copies are had much faster than another of it."""
    arena = new_arena(folder)
    arena.alone(_migrate)
    return arena


def sqlite_arena(folder: Path) -> Arena:
    return Arena({**_ENVIRONMENT, "VOVREMYA_DATABASE": str(folder / "race.sqlite3"), "VOVREMYA_DATABASE_URL": ""})


def postgresql_arena(folder: Path, like: str = "template0") -> Arena:
    """A database of its own on the server of the tests; what lies beside a SQLite file lies in the folder."""
    name = f"arena_{secrets.token_hex(6)}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    url = urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
    return Arena({**sqlite_arena(folder).environment, "VOVREMYA_DATABASE_URL": url})


def copied(arena: Arena, folder: Path) -> Arena:
    """The same database once more, untouched by the races run on the other."""
    if url := arena.environment["VOVREMYA_DATABASE_URL"]:
        return postgresql_arena(folder, like=urlsplit(url).path.removeprefix("/"))
    copy = sqlite_arena(folder)
    shutil.copy(arena.environment["VOVREMYA_DATABASE"], copy.environment["VOVREMYA_DATABASE"])
    return copy


def meet() -> None:
    """Wait for the other racers, so that all come to the same thing at one moment."""
    if _meeting is not None:
        _meeting.wait(timeout=_MEETS_WITHIN_SECONDS)


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _enter(environment: dict[str, str], barrier: Barrier | None) -> None:
    global _meeting
    _meeting = barrier
    os.environ.update(environment)
    import django
    from django.db import connections

    django.setup()
    # A forked process ends at once, and what SQLite has beside its file would stay there.
    Finalize(None, connections.close_all, exitpriority=0)
    meet()
