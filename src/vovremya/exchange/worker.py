"""Imports go on by themselves, whoever looks on: beside the watch, in a thread of their own.

Everything is in the database: a page may be closed, a server begun anew, another watch take over where one died.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Actor
from vovremya.exchange import actions, queries
from vovremya.exchange.actions.working import Grip, set_aside, take_in_hand
from vovremya.exchange.folder import Folder
from vovremya.exchange.models import ImportRun
from vovremya.exchange.rules.pace import Pace, pause_after
from vovremya.kernel import clock
from vovremya.kernel.refusal import NotAllowed

logger = logging.getLogger(__name__)

Stage = ImportRun.Stage

RESTS_SECONDS = 1.0
TIDIES_EVERY = timedelta(hours=1)
#: Each is a removal or a move, which takes longer than a row that is booked with others.
_TAKEN_BACK_AT_ONCE = 10


class ImportWorker:
    def __init__(self, folder: Folder | None = None) -> None:
        self._folder = folder or Folder.of_settings()
        self._is_over = threading.Event()
        self._tidies_at: datetime | None = None

    def run(self, is_over: threading.Event) -> None:
        self._is_over = is_over
        while not is_over.is_set():
            close_old_connections()
            try:
                has_worked = self.turn()
            except Exception:  # what fails now, a database that is away above all, is tried again
                logger.exception("the imports failed")
                connection.close()
                has_worked = False
            if not has_worked:
                is_over.wait(RESTS_SECONDS)

    def turn(self) -> bool:
        """Bring one import as far as it goes by itself; False where there was none."""
        self._tidy()
        self._folder.look(clock.now(), clock.real_now())
        run = queries.next_under_way(clock.real_now())
        if run is None:
            return False
        if grip := take_in_hand(run, clock.real_now()):
            try:
                self._work(grip)
            except (OperationalError, InterfaceError):
                raise
            except NotAllowed:
                set_aside(run, "not_allowed", clock.now())
            except Exception:
                logger.exception("an import is set aside")
                set_aside(run, "import_failed", clock.now())
            finally:
                grip.let_go()
        return True

    def _work(self, grip: Grip) -> None:
        run = grip.run
        goes_on = self._goes_on(grip)
        match run.stage:
            case Stage.LOOKING:
                actions.look(run)
            case Stage.READING:
                actions.read(run, goes_on, clock.now())
            case Stage.CHECKING:
                actions.foresee(run, goes_on, clock.real_now())
            case Stage.APPLYING:
                self._apply(run, goes_on)
            case Stage.TAKING_BACK:
                self._take_back(run, goes_on)

    def _goes_on(self, grip: Grip) -> Callable[[], bool]:
        return lambda: grip.keep(clock.real_now()) and not self._is_over.is_set()

    def _apply(self, run: ImportRun, goes_on: Callable[[], bool]) -> None:
        """Chunk after chunk, with a pause in which whoever waits to write gets their turn."""
        actor, pace = _who_imports(run), Pace()
        while goes_on():
            applied = actions.apply_next(run, pace.rows, actor=actor, now=clock.now(), real_now=clock.real_now())
            if not applied.rows:
                return
            pace = pace.after(applied.rows, applied.seconds)
            self._is_over.wait(pause_after(applied.seconds))

    def _take_back(self, run: ImportRun, goes_on: Callable[[], bool]) -> None:
        actor = _who_takes_back(run)
        while goes_on() and actions.take_back_next(
            run, _TAKEN_BACK_AT_ONCE, actor=actor, now=clock.now(), real_now=clock.real_now()
        ):
            self._is_over.wait(pause_after(0))

    def _tidy(self) -> None:
        real_now = clock.real_now()
        if self._tidies_at is None or not real_now < self._tidies_at <= real_now + TIDIES_EVERY:
            self._tidies_at = real_now + TIDIES_EVERY
            actions.forget_left_files(clock.now())
            actions.forget_old_rows(clock.now())


def _who_imports(run: ImportRun) -> Actor:
    """What lies in the folder nobody has brought by hand."""
    if run.user is None:
        return PROGRAM
    if not run.user.is_active:
        raise NotAllowed
    return actor_of(run.user)


def _who_takes_back(run: ImportRun) -> Actor:
    if run.taken_back_by is None or not run.taken_back_by.is_active:
        raise NotAllowed
    return actor_of(run.taken_back_by)
