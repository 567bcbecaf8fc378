"""An empty database of the bench's own, of either kind, with Django set up on it: for one process, once."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import TypeVar

from bench.figures import Figure
from tools import postgres

DATABASES = ("SQLite", "PostgreSQL")
_LOOKS_EVERY_SECONDS = 1.0

Measured = TypeVar("Measured")


@contextmanager
def stage(database: str) -> Iterator[Path]:
    """Gives the folder of the run. PostgreSQL writes as in earnest: what is measured waits for the disk."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
            "VOVREMYA_DATABASE": str(folder / "bench.sqlite3"),
            "VOVREMYA_TRIAL": "1",
        }
        os.environ.pop("VOVREMYA_DATABASE_URL", None)
        if database == "PostgreSQL":
            cluster = stack.enter_context(postgres.cluster({}))
            os.environ["VOVREMYA_DATABASE_URL"] = cluster.create("bench")
        _set_up()
        yield folder
        _leave()


def _set_up() -> None:
    import django

    django.setup()
    logging.disable(logging.INFO)  # a line a request would drown the figures
    from django.core.management import call_command

    from vovremya.directory.queries import clock_anchor
    from vovremya.kernel import clock

    call_command("migrate", verbosity=0)
    clock.follow(clock_anchor)


def _leave() -> None:
    from vovremya.config import serving
    from vovremya.journal import wake

    wake.stop()
    serving.leave_database()


def in_process_of_its_own(measure: Callable[[str], Measured], database: str) -> Measured:
    """Django is set up on one database for the life of a process, so each has its own."""
    context = get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_answer, args=(measure, database, answers))
    process.start()
    while True:
        try:
            answer: Measured = answers.get(timeout=_LOOKS_EVERY_SECONDS)
        except Empty:
            if process.exitcode is not None:
                raise SystemExit(f"measuring on {database} ended with {process.exitcode}") from None
        else:
            process.join()
            return answer


def _answer(measure: Callable[[str], object], database: str, answers: object) -> None:
    answers.put(measure(database))  # type: ignore[attr-defined]


def measured_on(databases: Sequence[str], measure: Callable[[str], list[Figure]]) -> dict[str, list[Figure]]:
    return {database: in_process_of_its_own(measure, database) for database in databases}
