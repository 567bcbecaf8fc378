"""Fifty visits turn yellow, and then overdue, while the whole service is killed around both instants.

    python -m tests.proof.yellow
    python -m tests.proof.yellow --database postgresql

Whoever was killed when, the journal tells each change once, at the instant at which it came true. Needs Linux.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.flows import deeds
from tests.flows.page import read
from tests.flows.serving import Browser, console
from tests.proof.kills import as_demo, promising_postgresql
from tests.proof.presses import BRANCH, sign_in
from tests.proof.report import Finding, Section, add_write, told
from tests.proof.service import Service
from tests.races.arena import Arena, sqlite_arena

VISITS = 50
_WORKERS = 2
_TOLD_WITHIN_SECONDS = 30.0
#: «More than ten minutes», to the millisecond.
_LATE_AFTER = timedelta(minutes=10, milliseconds=1)
_OVERDUE_AFTER = timedelta(minutes=20, milliseconds=1)


@dataclass(frozen=True)
class Announced:
    visit: int
    kind: str
    at: datetime
    by_outage: bool


def furnish_late_morning(visits: int) -> list[int]:
    """Everybody is expected at ten, each on a bay of their own."""
    from django.core.management import call_command

    from tests.cast import MORNING, assemble, at
    from vovremya.directory.models import Bay, BayGroup
    from vovremya.visits.actions.booking import Details, Plan, book

    call_command("migrate", verbosity=0)
    cast = assemble()
    group = BayGroup.objects.get(branch=cast.branch)
    booked = []
    for number in range(visits):
        bay = Bay.objects.create(branch=cast.branch, group=group, name=f"Место {number}")
        client, _ = cast.register(f"Ким {number}", f"+7 999 000-{number:04}")
        plan = Plan(bay.pk, at("10:00"), at("11:00"))
        visit = book(cast.branch.pk, client, None, plan, Details(reason="ТО"), actor=cast.operator, now=MORNING)
        booked.append(visit.pk)
    return booked


def announced() -> list[Announced]:
    from vovremya.journal.models import Entry

    entries = Entry.objects.filter(kind__in=("turned_late", "deadline_missed")).order_by("pk")
    return [
        Announced(entry.visit_id or 0, entry.kind, entry.at, bool(entry.data.get("by_outage"))) for entry in entries
    ]


def ten_o_clock() -> datetime:
    from tests.cast import at

    return at("10:00")


def turned(arena: Arena, visits: int, seed: int) -> list[Finding]:
    """The findings of a whole run on an empty database."""
    booked = arena.alone(partial(furnish_late_morning, visits))
    starts_at = arena.alone(ten_o_clock)
    arena.alone(partial(deeds.show, "10:05"))
    running = Service(arena, _WORKERS)
    try:
        running.start()
        browser = Browser(running.site)
        sign_in(browser, "operator")
        arena.alone(partial(deeds.show, "10:09:57"))
        killed = running.kill_all()  # as they turn late, or a moment before or after
        killed += _killed_while_it_starts(running, random.Random(seed))
        running.start()
        late = _told(arena, visits)
        drawn = _drawn(browser)
        killed += running.kill_all()
        arena.alone(partial(deeds.age_heartbeat, 12))
        arena.alone(partial(deeds.show, "10:20:05"))  # they turn overdue while nobody watches
        running.start()
        entries = _told(arena, 2 * visits)
    finally:
        running.stop()
    checked = console(arena, "check").stdout.strip()
    overdue = [each for each in entries if each not in late]
    expected = {str(visit): (starts_at + _LATE_AFTER, starts_at + _OVERDUE_AFTER) for visit in booked}
    return [
        Finding("processes killed, the whole service three times", str(killed), "some", killed > 3),
        _finding("late", late, [Announced(each, "turned_late", starts_at + _LATE_AFTER, False) for each in booked]),
        _finding(
            "overdue, marked as missed in an outage",
            overdue,
            [Announced(each, "deadline_missed", starts_at + _OVERDUE_AFTER, True) for each in booked],
        ),
        Finding(
            "yellow on the board between the two, with its deadline",
            str(sum(drawn.get(visit) == instants for visit, instants in expected.items())),
            str(visits),
            drawn == expected,
        ),
        Finding("`vovremya check` at the end", checked, "Nothing is wrong.", checked == "Nothing is wrong."),
    ]


def _killed_while_it_starts(running: Service, chance: random.Random) -> int:
    """Somewhere between the first line of the program and its first answers."""
    running.begin()
    time.sleep(chance.uniform(0.5, 3.0))
    return running.kill_all()


def _told(arena: Arena, count: int) -> list[Announced]:
    """What has been announced once so much of it has, and anything more a moment later."""
    gives_up_at = time.monotonic() + _TOLD_WITHIN_SECONDS
    while len(found := arena.alone(announced)) < count and time.monotonic() < gives_up_at:
        pass
    return found


def _drawn(browser: Browser) -> dict[str, tuple[datetime, datetime]]:
    """The yellow bars of the board: since when they are, and until when."""
    status, page = browser.get(f"/{BRANCH}/")
    assert status == 200, status
    yellow = [bar for bar in read(page).all("button") if "s-late" in bar.get("class").split()]
    return {bar["data-visit"]: _late_between(json.loads(bar["data-timeline"])) for bar in yellow}


def _late_between(timeline: Sequence[tuple[int, str, int | None]]) -> tuple[datetime, datetime]:
    since = {state: datetime.fromtimestamp(at / 1000, UTC) for at, state, _ in timeline}
    return since["late"], since["overdue"]


def _finding(what: str, found: Sequence[Announced], expected: Sequence[Announced]) -> Finding:
    """Not one more, not one fewer, and each at its instant."""
    differing = Counter(found) - Counter(expected) + (Counter(expected) - Counter(found))
    more = f", {differing.total()} of them wrong or missing" if differing else ""
    return Finding(
        f"announced as {what}, at the instant itself", f"{len(found)}{more}", str(len(expected)), not differing
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--visits", type=int, default=VISITS)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.database == "postgresql":
            Path(folder).chmod(0o755)  # the server is run by nobody
            with promising_postgresql(Path(folder)) as (arena, _):
                findings = turned(arena, chosen.visits, chosen.seed)
        else:
            findings = turned(as_demo(sqlite_arena(Path(folder))), chosen.visits, chosen.seed)
    section = Section(
        f"yellow_{chosen.database}",
        f"Killed while visits turn yellow, {'PostgreSQL' if chosen.database == 'postgresql' else 'SQLite'}",
        f"{chosen.visits} visits of one time. The whole service is killed as they turn late, again while it starts, "
        "and a third time before they turn overdue, when nobody watches for twelve minutes of the clock.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
