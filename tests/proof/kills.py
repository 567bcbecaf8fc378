"""Kills the processes of a service that works, and looks whether anything it had acknowledged is lost.

    python -m tests.proof.kills --kills 1000 --seed 1
    python -m tests.proof.kills --kills 200 --database postgresql

Web processes, the watch, now and then the supervisor or everything at once; on PostgreSQL its backends and its
postmaster too, on a server of its own that keeps every promise of a commit. Needs Linux.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.flows.serving import console
from tests.proof import service
from tests.proof.presses import Desk, furnish_desks
from tests.proof.remembered import KINDS, faults_of, sound_file
from tests.proof.report import Finding, Section, add_write, told
from tests.proof.service import Child, Service
from tests.races.arena import Arena, sqlite_arena
from tools.postgres import Cluster

_OPERATORS = 6
_WORKERS = 3
#: The supervisor waits longer each time before it begins somebody anew: then it is begun anew itself.
_BLOWS_A_ROUND = 10
_LOOKS_EVERY_SECONDS = 0.002
_MEETS_WITHIN_SECONDS = 5.0
_LONGEST_RUN_SECONDS = 1500.0
WHOLE = "the whole service"
SUPERVISOR = "supervisor"


@dataclass
class Killer:
    running: Service
    chance: random.Random
    cluster: Cluster | None = None
    killed: Counter[str] = field(default_factory=Counter)
    in_hand: int = 0  # web processes killed with requests in hand
    orphans: int = 0
    #: By process, the browsers' lines that it was seen to hold.
    _seen: dict[int, set[str]] = field(default_factory=dict)

    @property
    def kills(self) -> int:
        return self.killed.total()

    def kill(self, most: int) -> None:
        gives_up_at = time.monotonic() + _LONGEST_RUN_SECONDS
        while self.kills < most and time.monotonic() < gives_up_at:
            for _ in range(_BLOWS_A_ROUND):
                self._blow()
                if self.kills >= most:
                    return
            self._end_round()

    def _blow(self) -> None:
        draw = self.chance.random()
        if self.cluster and draw < 0.03:
            self._kill_postmaster(self.cluster)
        elif self.cluster and draw < 0.2:
            self._kill_backend(self.cluster)
        elif draw > 0.85:
            self._kill_watch()
        else:
            self._kill_web()

    def _kill_web(self) -> None:
        """One that has answered somebody, in the middle of an answer to somebody else, where such a one is met."""
        gives_up_at = time.monotonic() + _MEETS_WITHIN_SECONDS
        steady: Child | None = None
        while time.monotonic() < gives_up_at:
            for child in self._children("web"):
                held = service.requests_in_hand(child.pid, self.running.port)
                seen = self._seen.setdefault(child.pid, set())
                has_answered = bool(seen - held)
                seen |= held
                if has_answered and held:
                    self.in_hand += 1
                    self._kill(child)
                    return
                steady = child if has_answered else steady
            time.sleep(_LOOKS_EVERY_SECONDS)
        if steady:
            self._kill(steady)

    def _kill_watch(self) -> None:
        """Somewhere between its start and its turns."""
        time.sleep(self.chance.uniform(0.0, 1.0))
        for child in self._children("watch"):
            self._kill(child)

    def _kill_backend(self, cluster: Cluster) -> None:
        backends = [pid for pid in service.children_of(cluster.pid) if _serves_program(pid)]
        if backends:
            service.kill(self.chance.choice(backends))
            self.killed["PostgreSQL backend"] += 1

    def _kill_postmaster(self, cluster: Cluster) -> None:
        children = service.children_of(cluster.pid)
        service.kill(cluster.pid)
        os.waitpid(cluster.pid, 0)
        service.wait_until_gone(children, 20)
        self.killed["PostgreSQL postmaster"] += 1
        cluster.start()

    def _kill(self, child: Child) -> None:
        service.kill(child.pid)
        self.killed[child.name.split("-")[0]] += 1

    def _end_round(self) -> None:
        if self.chance.random() < 0.3:
            self.killed[SUPERVISOR] += 1
            left = self.running.kill_supervisor()
            self.orphans += len(left)
            for pid in left:
                service.kill(pid)
        else:
            self.killed[WHOLE] += self.running.kill_all()
        self._seen.clear()
        self.running.start()

    def _children(self, name: str) -> Sequence[Child]:
        return [child for child in self.running.children if child.name.startswith(name)]


def _serves_program(backend: int) -> bool:
    return any("vovremya vovremya" in word for word in service.words_of(backend))


@dataclass(frozen=True)
class Worked:
    killer: Killer
    desk: Desk
    is_finished: bool


def worked(arena: Arena, kills: int, seed: int, cluster: Cluster | None = None) -> Worked:
    """On an empty database: so many kills, and then everybody waits for the answer to the last press."""
    places = arena.alone(partial(furnish_desks, _OPERATORS))
    running = Service(arena, _WORKERS)
    try:
        running.start()
        desk = Desk.of(places, running.site, seed)
        desk.start()
        killer = Killer(running, random.Random(seed), cluster)
        killer.kill(kills)
        return Worked(killer, desk, desk.finish())
    finally:
        running.stop()


def killed(arena: Arena, kills: int, seed: int, cluster: Cluster | None = None) -> list[Finding]:
    """The findings of a whole run on an empty database."""
    done = worked(arena, kills, seed, cluster)
    faults = arena.alone(partial(faults_of, done.desk.deeds))
    for what, examples in faults.items():
        for example in examples[:10]:
            print(f"FAULT {what}: {example}", file=sys.stderr, flush=True)
    checked = console(arena, "check").stdout.strip()
    sound = arena.alone(sound_file)
    return [
        *_told_of_kills(done.killer, kills),
        *_told_of_presses(done.desk, is_finished=done.is_finished),
        *(Finding(what, str(len(examples)), "0", not examples) for what, examples in faults.items()),
        Finding("`vovremya check` at the end", checked, "Nothing is wrong.", checked == "Nothing is wrong."),
        *([] if cluster else [Finding("SQLite's `integrity_check`", sound, "ok", sound == "ok")]),
    ]


def _told_of_kills(killer: Killer, wanted: int) -> Iterator[Finding]:
    spread = ", ".join(f"{name} {count:,}" for name, count in killer.killed.most_common())
    yield Finding(
        "processes killed with SIGKILL", f"{killer.kills:,} ({spread})", f"{wanted:,}", killer.kills >= wanted
    )
    yield Finding("web processes killed with requests in hand", f"{killer.in_hand:,}", "some", killer.in_hand > 0)
    yield Finding("processes that outlived their supervisor", str(killer.orphans), "0", not killer.orphans)


def _told_of_presses(desk: Desk, *, is_finished: bool) -> Iterator[Finding]:
    done = Counter(deed.action for deed in desk.deeds if not deed.refused)
    refused = Counter(f"{deed.action} {deed.refused[:3]}" for deed in desk.deeds if deed.refused)
    repeated = sum(deed.tries > 1 for deed in desk.deeds if not deed.refused)
    lines = ", ".join(f"{status or 'line broken'} {count:,}" for status, count in desk.unanswered.most_common())
    spread = ", ".join(f"{action} {count:,}" for action, count in sorted(done.items()))
    yield Finding("presses acknowledged", f"{done.total():,} ({spread})", "each", set(done) == set(KINDS))
    yield Finding(
        "of them sent again under the same key",
        f"{repeated:,} (requests unanswered: {lines or 0})",
        "some",
        bool(lines),
    )
    yield Finding("presses refused in words", ", ".join(f"{what}: {n}" for what, n in refused.most_common()) or "0")
    yield Finding("every press answered in the end", "yes" if is_finished else "no", "yes", is_finished)


@contextmanager
def promising_postgresql(folder: Path) -> Iterator[tuple[Arena, Cluster]]:
    """A server of its own with its usual promises, and an empty database on it."""
    cluster = Cluster(folder / "postgres", {})
    cluster.start()
    try:
        url = cluster.create("vovremya")
        yield as_demo(Arena({**sqlite_arena(folder).environment, "VOVREMYA_DATABASE_URL": url})), cluster
    finally:
        cluster.stop()


def as_demo(arena: Arena) -> Arena:
    """The operators' logins are demo logins."""
    return Arena({**arena.environment, "VOVREMYA_DEMO": "1"})


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.database == "postgresql":
            Path(folder).chmod(0o755)  # the server is run by nobody
            with promising_postgresql(Path(folder)) as (arena, cluster):
                findings = killed(arena, chosen.kills, chosen.seed, cluster)
        else:
            findings = killed(as_demo(sqlite_arena(Path(folder))), chosen.kills, chosen.seed)
    section = Section(
        f"kills_{chosen.database}",
        f"Killed while it worked, {'PostgreSQL' if chosen.database == 'postgresql' else 'SQLite'}",
        f"`vovremya serve --workers {_WORKERS}` under {_OPERATORS} operators who dial, save, check in, remove, "
        "restore, move and book over HTTP, and send what was not answered again under the same key. Its processes are "
        "killed as fast as they come back and have answered somebody.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
