"""Real processes racing on a real database.

A racer is a function of a module that imports no models at its top: each process names the database in its
environment first and only then wakes Django.
"""

import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_SPAWN = multiprocessing.get_context("spawn")

#: Gets a seed of its own and the number of attempts; returns how often what came about.
Racer = Callable[[int, int], Counter[str]]


@dataclass(frozen=True)
class Arena:
    """A database, by the settings that processes need to reach it."""

    environment: Mapping[str, str]

    def race(self, racer: Racer, *, racers: int, attempts: int) -> Counter[str]:
        """Let so many processes start at one moment, each with so many attempts; the sum of what came about."""
        barrier = _SPAWN.Barrier(racers)
        with ProcessPoolExecutor(
            racers, mp_context=_SPAWN, initializer=_enter, initargs=(dict(self.environment), barrier)
        ) as pool:
            runs = [pool.submit(racer, seed, attempts) for seed in range(racers)]
            return sum((run.result(timeout=120) for run in runs), Counter[str]())

    def alone(self, act: Callable[[], Result]) -> Result:
        """One act in a process of its own."""
        with ProcessPoolExecutor(
            1, mp_context=_SPAWN, initializer=_enter, initargs=(dict(self.environment), None)
        ) as pool:
            return pool.submit(act).result(timeout=120)


def sqlite_arena(folder: Path) -> Arena:
    return Arena(
        {
            "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
            "VOVREMYA_DATABASE": str(folder / "race.sqlite3"),
            "VOVREMYA_SECRET_KEY": "only for races",
        }
    )


def copied(arena: Arena, folder: Path) -> Arena:
    """The same database once more, untouched by the races run on the other."""
    copy = sqlite_arena(folder)
    shutil.copy(arena.environment["VOVREMYA_DATABASE"], copy.environment["VOVREMYA_DATABASE"])
    return copy


def _enter(environment: dict[str, str], barrier: Barrier | None) -> None:
    os.environ.update(environment)
    import django

    django.setup()
    if barrier is not None:
        barrier.wait(timeout=60)
