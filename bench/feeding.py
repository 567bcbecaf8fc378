"""`python -m bench.feeding`: what eight writers write while the feed is read as it is, beside the same without it.

Writers are processes, each adding one entry a transaction. The reader is the feed's own: it looks when it is woken, at
the latest after the hub's rest, and counts what it is told; in the end every entry written must have been told, once.
"""

import multiprocessing
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from statistics import median
from typing import Any

from bench.figures import Figure
from bench.running import options, tell
from bench.stage import stage

WRITERS = 8
SECONDS = 5.0
ROUNDS = 3
SHARE = 0.85
STARTS_WITHIN_SECONDS = 120.0
#: What is not told so long after all is written is lost.
LOST_AFTER_SECONDS = 10.0


def measured(database: str, seconds: float, rounds: int) -> list[Figure]:
    with stage(database):
        from bench.filling import Size, fill

        fill([Size("F4", bays=4, visits=12)])
        alone, watched, told = [], [], Counter[str]()
        for _ in range(rounds):
            alone.append(_rate(seconds))
            with _Reader() as reader:
                watched.append(_rate(seconds))
                told += reader.finish()
    floor = median(alone)
    return [
        Figure(
            f"entries a second of {WRITERS} writers, the feed being read",
            median(watched),
            "/s",
            floor,
            SHARE * floor,
            is_more_better=True,
            note=f"floor: nobody reads; {told['told']:,} entries were told",
        ),
        Figure("lost", told["lost"], "entries", goal=0),
        Figure("told twice", told["again"], "entries", goal=0),
    ]


class _Reader:
    """Follows the journal as the hub of the open boards does."""

    def __init__(self) -> None:
        from vovremya.journal import wake
        from vovremya.journal.queries import latest_cursor

        self._told: Counter[int] = Counter()
        self._cursor = latest_cursor()
        self._begun_after = self._last_id()
        self._may_have_news, self._is_over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow)
        wake.on_news(self._may_have_news.set)
        self._every = _looks_every(wake.listen())

    def __enter__(self) -> "_Reader":
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        from vovremya.journal import wake

        self._is_over.set()
        self._thread.join()
        wake.forget(self._may_have_news.set)

    def finish(self) -> Counter[str]:
        written = self._written()
        gives_up_at = time.monotonic() + LOST_AFTER_SECONDS
        while len(self._told) < len(written) and time.monotonic() < gives_up_at:
            time.sleep(0.05)
        again = self._told.total() - len(self._told)
        return Counter(told=len(self._told), lost=len(written - self._told.keys()), again=again)

    def _follow(self) -> None:
        from django.db import connections

        from vovremya.board.live.reading import READ_AT_ONCE
        from vovremya.journal.queries import entries_after

        while not self._is_over.is_set():
            self._may_have_news.clear()
            feed = entries_after(None, self._cursor, READ_AT_ONCE)
            self._told.update(entry.pk for entry in feed.entries)
            self._cursor = feed.cursor
            if len(feed.entries) < READ_AT_ONCE:
                self._may_have_news.wait(self._every)
        connections.close_all()

    def _written(self) -> set[int]:
        from vovremya.journal.models import Entry

        return set(Entry.objects.filter(pk__gt=self._begun_after).values_list("pk", flat=True))

    @staticmethod
    def _last_id() -> int:
        from vovremya.journal.models import Entry

        return Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]


def _looks_every(is_woken_by_others: bool) -> float:
    from vovremya.board.live import hub

    every: float = hub.LOOKS_EVERY_SECONDS_WHERE_WOKEN if is_woken_by_others else hub.LOOKS_EVERY_SECONDS
    return every


def _rate(seconds: float) -> float:
    """Entries a second by all writers together."""
    context = multiprocessing.get_context("spawn")
    ready, written = context.Barrier(WRITERS), context.Queue()
    writers = [context.Process(target=_write, args=(ready, written, seconds)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    counts: list[int] = [written.get(timeout=STARTS_WITHIN_SECONDS) for _ in writers]
    for writer in writers:
        writer.join()
    return sum(counts) / seconds


def _write(ready: Barrier, written: "multiprocessing.Queue[int]", seconds: float) -> None:
    import django

    django.setup()
    from django.db import transaction

    from bench.filling import NOW
    from vovremya.config import serving
    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM
    from vovremya.journal import wake
    from vovremya.journal.actions import record
    from vovremya.schedule.rules.journal_facts import HoursChanged

    branch_id = Branch.objects.values_list("id", flat=True)[0]
    arguments: dict[str, Any] = {"branch_id": branch_id, "actor": PROGRAM, "at": NOW, "now": NOW}
    ready.wait(STARTS_WITHIN_SECONDS)
    ends_at, count = time.monotonic() + seconds, 0
    while time.monotonic() < ends_at:
        with transaction.atomic():
            record(HoursChanged(7), action_id=uuid.uuid4(), **arguments)
        count += 1
    written.put(count)
    wake.stop()
    serving.leave_database()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("feeding", "What the feed costs those who write.")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    return tell(
        "feeding",
        "What the feed costs those who write",
        chosen,
        partial(measured, seconds=chosen.seconds, rounds=chosen.rounds),
    )


if __name__ == "__main__":
    sys.exit(main())
