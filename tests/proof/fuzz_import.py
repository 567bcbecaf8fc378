"""Imports torn, swollen and forged tables: refused in clear words or taken, in bounded memory and time.

    python -m tests.proof.fuzz_import --seconds 120 --seed 1

Each file is brought in by a process of its own, whose greatest memory is measured.
"""

import argparse
import io
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.report import Finding, Section, add_write, told

#: Of the importing process, 100 of which it has before it opens the file. An old XLS of the largest extent takes
#: the most: its cells are laid out by the reader before we see any; everything else stays below half of it.
MOST_MEGABYTES = 1200
MOST_SECONDS = 30.0
_NET_BYTES = 4_000_000_000  # the net under it: the machine must not go down with it
BRANCH = "SEV"
_CRASHED, _KILLED = 77, -9


@dataclass(frozen=True)
class Tried:
    """What an import of one file came to."""

    name: str
    status: int  # 0 taken, 1 refused; anything else is a crash
    said: str
    megabytes: int
    seconds: float

    @property
    def faults(self) -> Iterator[str]:
        if self.status == _KILLED:
            yield "not done in time"
        elif self.status not in (0, 1):
            yield "crashed"
        elif self.status == 1 and not re.search("[а-яё]{3}", self.said):
            yield "refused without a word"
        if self.megabytes > MOST_MEGABYTES:
            yield f"more than {MOST_MEGABYTES} MB"
        if self.seconds > MOST_SECONDS:
            yield f"more than {MOST_SECONDS:.0f} s"


def tried(name: str, path: Path) -> Tried:
    """Import the file in a child of this process."""
    began = time.monotonic()
    said = path.with_suffix(".said")
    child = os.fork()
    if child == 0:
        os._exit(_imported(path, said))
    status, usage = _ended(child, began + 2 * MOST_SECONDS)
    text = said.read_text(encoding="utf-8") if said.exists() else ""
    said.unlink(missing_ok=True)
    return Tried(name, status, text, usage.ru_maxrss // 1024, time.monotonic() - began)


def _ended(child: int, kills_at: float) -> tuple[int, resource.struct_rusage]:
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > kills_at:
            os.kill(child, 9)
            _, status, usage = os.wait4(child, 0)
            return _KILLED, usage
        time.sleep(0.005)


def _imported(path: Path, said: Path) -> int:
    import traceback

    from vovremya.exchange import console

    resource.setrlimit(resource.RLIMIT_AS, (_NET_BYTES, _NET_BYTES))
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            status = console.command([str(path), "--branch", BRANCH])
    except BaseException:  # whatever it is, the harness tells it
        out.write(traceback.format_exc()[-3000:])
        status = _CRASHED
    said.write_text(out.getvalue(), encoding="utf-8", errors="replace")
    return status


@dataclass
class Outcome:
    tried: list[Tried] = field(default_factory=list)

    def add(self, each: Tried, path: Path, kept: Path | None) -> None:
        self.tried.append(each)
        for fault in each.faults:
            print(
                f"FAULT {fault}: {each.name}, {each.megabytes} MB, {each.seconds:.1f} s\n{each.said[-1500:]}",
                file=sys.stderr,
            )
            if kept:
                kept.mkdir(parents=True, exist_ok=True)
                (kept / f"{len(self.tried)}{path.suffix}").write_bytes(path.read_bytes())


def fuzzed(
    folder: Path, seconds: float, seed: int, *, traps: Sequence[str] | None = None, kept: Path | None = None
) -> list[Finding]:
    from tests.proof.broken_files import TRAPS, draw

    trapped, drawn = Outcome(), Outcome()
    path = folder / "table"
    for name in TRAPS if traps is None else traps:
        TRAPS[name](path)
        trapped.add(tried(name, path), path, kept)
    chance = random.Random(seed)
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        name = draw(chance, path)
        drawn.add(tried(name, path), path, kept)
    return _findings(trapped, drawn)


def _findings(trapped: Outcome, drawn: Outcome) -> list[Finding]:
    every = [*trapped.tried, *drawn.tried]
    faults = Counter(fault for each in every for fault in each.faults)
    taken = sum(each.status == 0 for each in drawn.tried)
    largest = max(every, key=lambda each: each.megabytes)
    slowest = max(every, key=lambda each: each.seconds)
    crashed = sum(count for fault, count in faults.items() if not fault.startswith("more than"))
    return [
        Finding("traps (zip bombs, entities, endless lines, far cells)", f"{len(trapped.tried)}"),
        Finding(
            "torn and hostile files",
            f"{len(drawn.tried):,}, of them read {taken:,}, refused {len(drawn.tried) - taken:,}",
        ),
        Finding("crashed, killed or refused without a Russian word", str(crashed), "0", not crashed),
        Finding(
            "the most memory of an importing process",
            f"{largest.megabytes} MB ({largest.name})",
            f"≤ {MOST_MEGABYTES} MB",
            largest.megabytes <= MOST_MEGABYTES,
        ),
        Finding(
            "the longest import",
            f"{slowest.seconds:.1f} s ({slowest.name})",
            f"≤ {MOST_SECONDS:.0f} s",
            slowest.seconds <= MOST_SECONDS,
        ),
    ]


def _wake(folder: Path) -> Callable[[], str]:
    """A branch with bays to import into; returns what checks the database at the end."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
        "VOVREMYA_DATABASE": str(folder / "import.sqlite3"),
        "VOVREMYA_SECRET_KEY": "only for imports",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.cast import assemble
    from vovremya.config import console

    call_command("migrate", verbosity=0)
    assemble()
    connection.close()  # a child opens its own

    def check() -> str:
        said = io.StringIO()
        with redirect_stdout(said):
            console.main(["check"])
        return said.getvalue().strip()

    return check


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=120.0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, metavar="FOLDER", help="where files that did damage are kept")
    options.add_argument("--traps", nargs="*", help="these alone instead of all")
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        check = _wake(Path(folder))
        findings = fuzzed(Path(folder), chosen.seconds, chosen.seed, traps=chosen.traps, kept=chosen.keep)
        checked = check()
    findings.append(
        Finding("`vovremya check` at the end", checked, "Nothing is wrong.", checked == "Nothing is wrong.")
    )
    section = Section(
        "fuzz_import",
        "Hostile files for the import",
        "CSV, XLSX, XLS and ODS with hostile cells, headings and encodings, with bits turned over and pieces gone, "
        "torn inside a sound archive, and files made to swell; each imported by a process of its own.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
