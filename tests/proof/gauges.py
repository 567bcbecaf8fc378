"""What a served site takes of the machine while it runs, sample by sample, and whether that stays flat."""

import re
import sqlite3
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

SAMPLED_EVERY_SECONDS = 1.0
#: Of the whole run: caches, pools and threads have come about by then.
WARM_AFTER = 0.35
_MEGABYTE = 1024 * 1024

_OLDEST_UNSEALED = """
SELECT min(recorded_at) FROM journal_entry AS entry
 WHERE id > COALESCE((SELECT max(to_entry_id) FROM journal_seal WHERE branch_id = entry.branch_id), 0)
"""


@dataclass(frozen=True)
class Sample:
    at: float  # seconds since the beginning
    megabytes: float
    descriptors: int


@dataclass
class Series:
    """Of one process."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    def growth_of_memory(self) -> float:
        """By its slope after warming up, in parts of what it takes: 0.1 is a tenth more at the end."""
        warm = self._warm()
        return grown([each.at for each in warm], [each.megabytes for each in warm])

    def growth_of_descriptors(self) -> float:
        warm = self._warm()
        return grown([each.at for each in warm], [float(each.descriptors) for each in warm])

    def _warm(self) -> list[Sample]:
        return self.samples[int(len(self.samples) * WARM_AFTER) :]


def grown(instants: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between all pairs (Theil and Sen): a spike, or a step of one moment, moves it little."""
    slopes = [
        (values[later] - values[earlier]) / (instants[later] - instants[earlier])
        for earlier in range(len(values))
        for later in range(earlier + 1, len(values))
    ]
    if not slopes:
        return 0.0
    return statistics.median(slopes) * (instants[-1] - instants[0]) / statistics.median(values)


@dataclass
class Gauges:
    pid: int
    database: Path
    metrics_port: int
    series: dict[int, Series] = field(default_factory=dict)
    log_megabytes: list[float] = field(default_factory=list)
    watch_lag: list[float] = field(default_factory=list)
    open_boards: list[float] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._sample_on, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        if self._thread:
            self._thread.join(10)

    def figure(self, name: str) -> float:
        """Of all processes together, as Prometheus is told."""
        try:
            with closing(HTTPConnection("127.0.0.1", self.metrics_port, timeout=5)) as line:
                line.request("GET", "/metrics")
                page = line.getresponse().read().decode()
        except (OSError, HTTPException):
            return 0.0
        return sum(float(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", page, re.MULTILINE))

    def descriptors(self) -> dict[str, int]:
        """Of each process now."""
        return {_name_of(process): process.num_fds() for process in self._processes()}

    def unsealed_since(self) -> datetime | None:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=5)) as reading:
            (text,) = reading.execute(_OLDEST_UNSEALED).fetchone()
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.pid)
        return [first, *first.children()]

    def _sample_on(self) -> None:
        began = time.monotonic()
        while not self._is_over.wait(SAMPLED_EVERY_SECONDS):
            for process in self._processes():
                with suppress(psutil.Error):
                    taken = Sample(time.monotonic() - began, process.memory_info().rss / _MEGABYTE, process.num_fds())
                    series = self.series.setdefault(process.pid, Series(_name_of(process)))
                    series.samples.append(taken)
            log = self.database.with_name(f"{self.database.name}-wal")
            self.log_megabytes.append(log.stat().st_size / _MEGABYTE if log.exists() else 0.0)
            self.watch_lag.append(self.figure("vovremya_watch_lag_seconds"))
            self.open_boards.append(self.figure("vovremya_open_boards"))


def _name_of(process: psutil.Process) -> str:
    """«web-1» of those of a supervisor, «serve» of the process that was started."""
    with suppress(psutil.Error):
        for word in process.cmdline():
            if found := re.match(r"(web-\d+|watch):", word):
                return found[1]
    return "serve"
