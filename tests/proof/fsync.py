"""Every acknowledged write on SQLite lies on the disk before the first byte of its answer leaves: by strace.

    python -m tests.proof.fsync --writes 300

The kernel's own account of the served process is read: the first write of a press into SQLite's log (its request key
is seen among the bytes), the `fdatasync` of the log by that thread, the sending of the answer (by its X-Request-ID).
The same is done with `synchronous=NORMAL`, where it must be found out.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows import deeds
from tests.flows.serving import console, serving
from tests.proof.desk import BRANCH, Desk, as_demo, bays, booked
from tests.proof.report import Finding, Section, add_write, told
from tests.races.arena import Arena, sqlite_arena

ROOT = Path(__file__).resolve().parents[2]
OPERATORS = 4
_ANSWERS_WITHIN_SECONDS = 240.0
_WRITTEN_OUT_WITHIN_SECONDS = 30.0
_TRACED = "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync"
_KEPT_OF_CALL = 4200  # a page of the log with its header

_CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_KEY = re.compile(r"press-\d{6}")
_ANSWER_TO = re.compile(r"x-request-id: (press-\d{6})")
_SUCCEEDED = re.compile(r"= 0$")
_WRITES = ("pwrite64", "pwritev", "write", "writev")
_SENDS = ("sendto", "sendmsg", "write", "writev")
_SYNCS = ("fsync", "fdatasync")


@dataclass
class Account:
    """What the kernel saw, in its order."""

    written: int = 0  # presses whose key was seen going into the log
    answered: set[str] = field(default_factory=set)
    too_early: list[str] = field(default_factory=list)  # answered before the log was on the disk
    unseen: list[str] = field(default_factory=list)  # answered, and nothing was seen in the log
    syncs: int = 0

    def read(self, lines: Iterable[str]) -> "Account":
        keys_seen: set[str] = set()
        unsynced: dict[str, str] = {}  # key: the thread that wrote it into the log
        syncing: set[str] = set()  # threads whose sync of the log has begun and not ended
        for line in lines:
            if resumed := _RESUMED.match(line):
                if resumed["name"] in _SYNCS and resumed["thread"] in syncing and _SUCCEEDED.search(line):
                    self._synced(resumed["thread"], unsynced)
                syncing.discard(resumed["thread"])
                continue
            call = _CALL.match(line)
            if call is None:
                continue
            thread, name, rest = call["thread"], call["name"], call["rest"]
            if "-wal>" in rest.split(",")[0]:
                if name in _WRITES:
                    new = set(_KEY.findall(rest)) - keys_seen
                    keys_seen |= new
                    unsynced.update(dict.fromkeys(new, thread))
                elif name in _SYNCS and rest.endswith("<unfinished ...>"):
                    syncing.add(thread)
                elif name in _SYNCS and _SUCCEEDED.search(rest):
                    self._synced(thread, unsynced)
            elif name in _SENDS and '"HTTP/1.1 2' in rest and (answer := _ANSWER_TO.search(rest)):
                self._answers(answer[1], keys_seen, unsynced)
        self.written = len(keys_seen)
        return self

    def _synced(self, thread: str, unsynced: dict[str, str]) -> None:
        self.syncs += 1
        for key in [key for key, writer in unsynced.items() if writer == thread]:
            del unsynced[key]

    def _answers(self, key: str, keys_seen: set[str], unsynced: dict[str, str]) -> None:
        self.answered.add(key)
        if key not in keys_seen:
            self.unseen.append(key)
        elif key in unsynced:
            self.too_early.append(key)


@dataclass(frozen=True)
class Trial:
    account: Account
    acknowledged: int
    refused: list[str]
    lost: int
    doubled: int
    checked: str


def tried(folder: Path, writes: int, workers: int, *, settings: str = "vovremya.config.settings") -> Trial:
    """Book over HTTP under strace, then read what it wrote down."""
    folder.mkdir()
    arena = as_demo(sqlite_arena(folder))
    arena.alone(deeds.furnish)
    ids = arena.alone(bays)
    served = Arena({**arena.environment, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)})
    trace = folder / "trace"
    # -D: strace stands beside, and the process that is started is the served one.
    through = ["strace", "-D", "-f", "-yy", "-s", str(_KEPT_OF_CALL), "-e", _TRACED, "-o", str(trace)]
    with serving(served, "--workers", str(workers), through=through) as site:
        desk = Desk(site, ids, OPERATORS, writes)
        desk.start()
        desk.finish(_ANSWERS_WITHIN_SECONDS)
    _wait_for_end_of(trace, site.process.pid)
    names = [each.client for each in arena.alone(booked)]
    expected = {each.client for each in desk.acknowledged}
    with trace.open(encoding="utf-8", errors="replace") as lines:
        account = Account().read(line.rstrip("\n") for line in lines)
    return Trial(
        account,
        acknowledged=len(desk.acknowledged),
        refused=desk.refused,
        lost=len(expected - set(names)),
        doubled=len(names) - len(set(names)),
        checked=console(arena, "check").stdout.strip(),
    )


def _wait_for_end_of(trace: Path, pid: int) -> None:
    """strace tells the end of the process last."""
    gives_up_at = time.monotonic() + _WRITTEN_OUT_WITHIN_SECONDS
    ended = re.compile(rf"^{pid} \+\+\+ exited", re.MULTILINE)
    while time.monotonic() < gives_up_at:
        with trace.open("rb") as file:
            file.seek(max(trace.stat().st_size - 10_000, 0))
            if ended.search(file.read().decode(errors="replace")):
                return
        time.sleep(0.1)


def findings_of(trials: dict[str, Trial], forgetful: Trial) -> Iterator[Finding]:
    for name, trial in trials.items():
        account = trial.account
        found = f"{trial.acknowledged} ({account.syncs} syncs of the log)"
        yield Finding(f"{name}: writes acknowledged", found, "all", not trial.refused and trial.acknowledged > 0)
        is_whole = len(account.answered) == trial.acknowledged and not account.unseen
        seen = f"{len(account.answered)}, {len(account.unseen)} of them unseen in the log"
        yield Finding(f"{name}: their answers seen by the kernel's account", seen, "all", is_whole)
        early = len(account.too_early)
        yield Finding(f"{name}: answers sent before the log was on the disk", str(early), "0", not early)
        yield Finding(
            f"{name}: lost / doubled", f"{trial.lost} / {trial.doubled}", "0 / 0", not trial.lost + trial.doubled
        )
        yield Finding(
            f"{name}: `vovremya check`", trial.checked, "Nothing is wrong.", trial.checked == "Nothing is wrong."
        )
    early, of = len(forgetful.account.too_early), forgetful.acknowledged
    is_red = of > 0 and early > of // 2
    yield Finding("with `synchronous=NORMAL`: answers sent too early", f"{early} of {of}", "found out", is_red)


def what_is_wanting(folder: Path) -> str:
    """Why strace cannot be used here, if so."""
    if shutil.which("strace") is None:
        return "strace is not installed: `apt install strace`"
    tried = subprocess.run(
        ["strace", "-D", "-f", "-o", str(folder / "probe"), "true"], capture_output=True, text=True, check=False
    )
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--writes", type=int, default=300, help="of each kind of server (%(default)s)")
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if wanting := what_is_wanting(folder):
            print(f"Left out: {wanting}", flush=True)
            return 0
        trials = {
            "`serve`": tried(folder / "one", chosen.writes, 1),
            "`serve --workers 2`": tried(folder / "two", chosen.writes, 2),
        }
        control = tried(folder / "control", max(chosen.writes // 5, 20), 1, settings="tests.proof.forgetful_settings")
        findings = list(findings_of(trials, control))
    section = Section(
        "fsync",
        "On the disk before the answer, SQLite",
        f"{OPERATORS} operators at once book over HTTP at `/{BRANCH}/booking/`, while strace writes down what the "
        "served processes ask of the kernel. Of each press: its request key goes into SQLite's log, that thread's sync "
        "of the log has ended, then only the first byte of the answer is sent.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
