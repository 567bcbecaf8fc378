"""Four hours of five desks at their peak, pressed together: what they take of the machine stays flat.

    python -m tests.proof.soak --hours 4 --minutes 4

How it is compressed: the shown clock runs faster (4 h in 4 min is 60 times), and everything that people and clients
would do in those hours is done, once each, at its shown instant: visits arrive, are worked on and end, a quarter
turns late and is called, others are booked and searched for, schedules are imported, boards are opened and closed.
Leases, beats, seals and sessions go on in real time. Once for `serve` and once for `serve --workers 2`.

The negative control is the same with a page that keeps memory and descriptors.
"""

import argparse
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.client import HTTPException
from pathlib import Path

from tests.apps.exchange.files import HEADINGS, Value, visit_row, write_csv
from tests.flows.serving import Browser, Site, console, serving
from tests.proof.boards import Board
from tests.proof.desk import as_demo, pressed, until
from tests.proof.gauges import WARM_AFTER, Gauges, Series
from tests.proof.long_day import (
    BAYS,
    BEGINS_AT,
    DESKS,
    LASTS,
    PASSWORD,
    Press,
    Station,
    bring_in,
    code_of,
    is_unreached,
    let_run,
    open_stations,
    presses_of,
)
from tests.proof.report import Finding, Section, add_write, told
from tests.races.arena import Arena, sqlite_arena
from tools.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
_HANDS = 6
_BOARDS = 30
_BOARD_STAYS_SECONDS = (5.0, 25.0)
_IMPORTS_PER_RUN, _ROWS_OF_IMPORT = 5, 40
#: Over the rest of the run after warming up.
MOST_GROWTH = 0.10
MOST_GROWTH_OF_DESCRIPTORS = 0.25  # boards wander between the processes; what is left at the end is looked at besides
MOST_LOG_MEGABYTES = 32.0
#: Seals begin two shown minutes after an entry, and come every ten real seconds, a thousand entries of a branch each.
SETTLED_SECONDS, SEALS_WITHIN_SECONDS = 120.0, 30.0
MOST_WATCH_LAG_SECONDS = 3.0
_IMPORTED_WITHIN_SECONDS = 240.0
_OVERTIME = 1.3
LEAST_SAMPLES = 10
CONTROL_HOURS, CONTROL_MINUTES = 0.4, 0.75
_GONE_WITHIN_SECONDS = 20.0
MOST_DESCRIPTORS_LEFT = 48  # eight threads of pages with a connection to the database each, and the feed's


@dataclass
class Done:
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    behind: list[float] = field(default_factory=list)  # real seconds after its instant
    boards_opened: int = 0
    imports: list[str] = field(default_factory=list)


@dataclass
class Desks:
    """The people of all desks: so many pairs of hands for what the shown clock asks for."""

    site: Site
    stations: Sequence[Station]
    speed: float
    done: Done = field(default_factory=Done)
    ends_at: float = 0.0
    _began_at: float = 0.0
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def sign_in(self) -> None:
        for desk in range(DESKS):
            for login in (f"operator{desk}", f"master{desk}"):
                self._browsers[login] = browser = Browser(self.site)
                browser.get("/login/")
                status, _ = browser.post("/login/", {"username": login, "password": PASSWORD})
                assert status == 302, status

    def work(self, presses: Sequence[Press], began_at: float, most_seconds: float) -> None:
        """Until all is done, or time is up."""
        self._began_at, self.ends_at = began_at, began_at + most_seconds
        shares: list[list[Press]] = [[] for _ in range(_HANDS)]
        for press in presses:  # what is done about one visit stays in one pair of hands, and in its order
            shares[(press.number // 4 + press.desk) % _HANDS].append(press)
        hands = [threading.Thread(target=self._work_on, args=(share,), daemon=True) for share in shares]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()

    def open_boards(self, is_over: threading.Event) -> None:
        """Somebody opens a board, looks for a while, closes it: over and over."""
        chance = random.Random(1)
        boards: list[tuple[float, Board]] = []
        while not is_over.wait(0.2):
            for due in [each for each in boards if each[0] < time.monotonic()]:
                boards.remove(due)
                due[1].close()
            if len(boards) < _BOARDS:
                desk = chance.randrange(DESKS)
                board = Board(self.site, self._browsers[f"operator{desk}"], code_of(desk))
                board.open()
                self.done.boards_opened += 1
                boards.append((time.monotonic() + chance.uniform(*_BOARD_STAYS_SECONDS), board))
        for _, board in boards:
            board.close()

    def _work_on(self, share: Sequence[Press]) -> None:
        for press in share:
            if time.monotonic() > self.ends_at:
                return
            due_at = self._began_at + press.at_minute * 60 / self.speed
            time.sleep(max(due_at - time.monotonic(), 0))
            self.done.behind.append(time.monotonic() - due_at)
            with suppress(OSError, HTTPException):
                self._do(press)
            self.done.kinds[press.what] += 1

    def _do(self, press: Press) -> None:
        visit = f"/visits/{self.stations[press.desk].visits[press.number]}"
        match press.what:
            case "check-in" | "start-work" | "end-work":
                self._press(f"master{press.desk}", f"{visit}/{press.what}/", {}, press)
            case "call":
                self._call(press, visit, is_reached=not is_unreached(press.number))
            case "call again":
                self._call(press, visit, is_reached=True)
            case "book":
                self._press(f"operator{press.desk}", f"/{code_of(press.desk)}/booking/", self._booking(press), press)
            case "search":
                status, _ = self._browsers[f"operator{press.desk}"].get(
                    f"/{code_of(press.desk)}/search?q={press.number:04d}"
                )
                self.done.statuses[status] += 1

    def _call(self, press: Press, visit: str, *, is_reached: bool) -> None:
        login = f"operator{press.desk}"
        version = self._card_of(login, visit)
        if not is_reached:
            self._press(login, f"{visit}/save/", {"result": "busy", "case_version": version}, press)
            return
        self._press(login, f"{visit}/result/", {"result": "answered", "case_version": version}, press)
        answer = {"answer": "yes", "eta": "5", "comment": "Едет", "case_version": self._card_of(login, visit)}
        self._press(login, f"{visit}/finish/", answer, press)

    def _card_of(self, login: str, visit: str) -> str:
        status, card = self._browsers[login].get(f"{visit}/contact/", {"HX-Request": "true"})
        self.done.statuses[status] += 1
        found = re.search(r'name="case_version" value="(\d+)"', card)
        return found[1] if found else "0"

    def _booking(self, press: Press) -> dict[str, str]:
        day, slot = divmod(press.number // BAYS, 80)
        starts_at = BEGINS_AT + timedelta(days=day + 1) + slot * LASTS
        bay = self.stations[press.desk].bays[press.number % BAYS]
        slot_given = f"{bay} {starts_at.isoformat()} {(starts_at + LASTS).isoformat()}"
        return {"name": f"Новый {press.number}", "reason": "ТО", "slot": slot_given}

    def _press(self, login: str, path: str, form: dict[str, str], press: Press) -> None:
        key = f"{press.desk}-{press.number}-{path.strip('/').replace('/', '-')}-{press.what[-5:]}"
        status, body = pressed(self._browsers[login], path, {"request_key": key[:64], **form}, "soaking-0")
        self.done.statuses[status] += 1
        if status == 422 or 'role="alert"' in body:
            self.done.refusals[f"{press.what}: {_alert_in(body)}"] += 1


def _alert_in(body: str) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</', body, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1] if found else body[:100]).strip()[:90]


@dataclass
class Outcome:
    done: Done
    gauges: Gauges
    presses: int
    hours: float
    speed: float
    unsealed_seconds: float
    boards_left: float
    descriptors_left: dict[str, int]
    failures: list[str]
    checked: str


def soaked(
    folder: Path, hours: float, minutes: float, *options: str, settings: str = "vovremya.config.settings"
) -> Outcome:
    folder.mkdir()
    arena = as_demo(sqlite_arena(folder))
    arena.alone(open_stations)
    stations = [arena.alone(partial(bring_in, desk, hours)) for desk in range(DESKS)]
    arena.alone(partial(let_run, 1.0))  # by the real clock the watch would announce that the whole day is over
    served = Arena({**arena.environment, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)})
    presses, speed, metrics = presses_of(hours), hours * 60 / minutes, free_port()
    with serving(served, "--metrics", f"127.0.0.1:{metrics}", *options) as site:
        gauges = Gauges(site.process.pid, Path(arena.environment["VOVREMYA_DATABASE"]), metrics)
        desks = Desks(site, stations, speed)
        desks.sign_in()
        _look_at_all(desks)
        descriptors_before = gauges.descriptors()
        arena.alone(partial(let_run, speed))
        unsealed = _worked(desks, gauges, arena, presses, minutes * 60)
        until(lambda: gauges.figure("vovremya_open_boards") == 0, _GONE_WITHIN_SECONDS)
        descriptors_after = gauges.descriptors()
        boards_left = gauges.figure("vovremya_open_boards")
    return Outcome(
        desks.done,
        gauges,
        len(presses),
        hours,
        speed,
        unsealed,
        boards_left,
        {name: descriptors_after.get(name, 0) - count for name, count in descriptors_before.items()},
        [line for line in site.printed if '"error"' in line or "Traceback" in line or "is begun anew" in line],
        console(arena, "check").stdout.strip(),
    )


def _look_at_all(desks: Desks) -> None:
    for desk in range(DESKS):
        assert desks._browsers[f"operator{desk}"].get(f"/{code_of(desk)}/")[0] == 200


def _worked(desks: Desks, gauges: Gauges, arena: Arena, presses: Sequence[Press], seconds: float) -> float:
    """Everything at once; returns how many real seconds the seals were behind at the worst look."""
    is_over, began_at, unsealed = threading.Event(), time.monotonic(), 0.0
    others = [
        threading.Thread(target=desks.open_boards, args=(is_over,), daemon=True),
        threading.Thread(target=_import_now_and_then, args=(desks, arena, is_over, seconds), daemon=True),
    ]
    working = threading.Thread(target=desks.work, args=(presses, began_at, seconds * _OVERTIME), daemon=True)
    gauges.start()
    for thread in (*others, working):
        thread.start()
    while working.is_alive():
        working.join(2.0)
        shown = BEGINS_AT + timedelta(seconds=(time.monotonic() - began_at) * desks.speed)
        oldest = gauges.unsealed_since()
        if oldest is not None and oldest > BEGINS_AT:
            unsealed = max(unsealed, (shown - oldest).total_seconds() / desks.speed)
    gauges.stop()
    is_over.set()
    for thread in others:
        thread.join(_IMPORTED_WITHIN_SECONDS)
    return unsealed


def _import_now_and_then(desks: Desks, arena: Arena, is_over: threading.Event, seconds: float) -> None:
    """Each desk gets tomorrow's schedule once, at its turn."""
    for desk in range(_IMPORTS_PER_RUN):
        is_over.wait(seconds / (_IMPORTS_PER_RUN + 1))
        file = Path(arena.environment["VOVREMYA_DATABASE"]).with_name(f"schedule{desk}.csv")
        write_csv(file, [HEADINGS, *(_row_of(desk, number) for number in range(_ROWS_OF_IMPORT))])
        said = console(arena, "import", str(file), "--branch", code_of(desk), within_seconds=_IMPORTED_WITHIN_SECONDS)
        desks.done.imports.append("" if said.returncode == 0 else (said.stdout + said.stderr).strip()[-200:])


def _row_of(desk: int, number: int) -> list[Value]:
    """A month ahead, where nobody else books."""
    return visit_row(
        Номер=f"ЗН-{desk}-{number}",
        Дата=f"{BEGINS_AT + timedelta(days=30):%d.%m.%Y}",
        Пост=f"Пост {number + 1}",
        Клиент=f"Чужой {number}",
        Телефон=f"8 (955) 000-{desk:02d}-{number:02d}",
        Госномер="",
        Мастер="",
    )


def findings_of(name: str, outcome: Outcome) -> Iterator[Finding]:
    done, gauges = outcome.done, outcome.gauges
    made = done.kinds.total()
    behind = sorted(done.behind)[int(len(done.behind) * 0.95)] if done.behind else 0.0
    yield Finding(
        f"{name}: done of what {outcome.hours:g} h at five peaks ask for, {outcome.speed:.0f} times faster",
        f"{made:,} of {outcome.presses:,} ({done.statuses.total():,} requests; 95 % begun within {behind:.1f} s), "
        f"{done.boards_opened} boards opened, {len(done.imports)} schedules imported",
        "all",
        made == outcome.presses and len(done.imports) == _IMPORTS_PER_RUN and not any(done.imports),
    )
    broken = {status: count for status, count in done.statuses.items() if status == 0 or status >= 500}
    yield Finding(f"{name}: unanswered, or answered with 500 and above", str(broken or 0), "0", not broken)
    refused = ", ".join(f"{what} ({count})" for what, count in done.refusals.most_common(4))
    yield Finding(f"{name}: refused", refused or "0", "0", not done.refusals)
    steady = [each for each in gauges.series.values() if len(each.samples) >= LEAST_SAMPLES]
    yield from (finding for each in steady for finding in _findings_of_process(name, each))
    begun_anew = len(gauges.series) - len(steady)
    yield Finding(f"{name}: processes that did not live through it", str(begun_anew), "0", not begun_anew)
    left = outcome.boards_left
    yield Finding(
        f"{name}: boards open at most / when all have gone",
        f"{max(gauges.open_boards):.0f} / {left:.0f}",
        "0",
        not left,
    )
    kept = ", ".join(f"{process} {count:+d}" for process, count in outcome.descriptors_left.items())
    holds = all(count <= MOST_DESCRIPTORS_LEFT for count in outcome.descriptors_left.values())
    yield Finding(
        f"{name}: descriptors when all have gone, beside before", kept, f"≤ {MOST_DESCRIPTORS_LEFT} more", holds
    )
    log = max(gauges.log_megabytes)
    yield Finding(
        f"{name}: SQLite's log at most", f"{log:.1f} MB", f"≤ {MOST_LOG_MEGABYTES:.0f}", log <= MOST_LOG_MEGABYTES
    )
    bound = SETTLED_SECONDS / outcome.speed + SEALS_WITHIN_SECONDS
    unsealed = outcome.unsealed_seconds
    yield Finding(
        f"{name}: oldest entry without a seal, real time", f"{unsealed:.0f} s", f"≤ {bound:.0f}", unsealed <= bound
    )
    lag = max(gauges.watch_lag) / outcome.speed
    yield Finding(
        f"{name}: the watch behind at most, real time",
        f"{lag:.1f} s",
        f"≤ {MOST_WATCH_LAG_SECONDS}",
        lag <= MOST_WATCH_LAG_SECONDS,
    )
    told_of = f"{len(outcome.failures)} {outcome.failures[0][:120] if outcome.failures else ''}".strip()
    yield Finding(f"{name}: errors in the log", told_of, "0", not outcome.failures)
    yield Finding(
        f"{name}: `vovremya check`", outcome.checked, "Nothing is wrong.", outcome.checked == "Nothing is wrong."
    )


def _findings_of_process(name: str, series: Series) -> Iterator[Finding]:
    memory, descriptors = series.growth_of_memory(), series.growth_of_descriptors()
    last = series.samples[-1]
    who = f"{name}, {series.name}"
    yield Finding(
        f"{who}: memory grew by",
        f"{memory:+.1%} to {last.megabytes:.0f} MB",
        f"≤ {MOST_GROWTH:.0%}",
        memory <= MOST_GROWTH,
    )
    found = f"{descriptors:+.1%}, {max(each.descriptors for each in series.samples)} at most"
    bound = MOST_GROWTH_OF_DESCRIPTORS
    yield Finding(f"{who}: descriptors grew by", found, f"≤ {bound:.0%}", descriptors <= bound)


def _finding_of_control(outcome: Outcome) -> Finding:
    grown_ = [(each.growth_of_memory(), each.growth_of_descriptors()) for each in outcome.gauges.series.values()]
    memory, descriptors = max(each[0] for each in grown_), max(each[1] for each in grown_)
    is_red = memory > MOST_GROWTH and descriptors > MOST_GROWTH_OF_DESCRIPTORS
    return Finding(
        "with a leak: memory / descriptors grew by", f"{memory:+.0%} / {descriptors:+.0%}", "found out", is_red
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hours", type=float, default=4.0, help="of the desks (%(default)s)")
    options.add_argument(
        "--minutes", type=float, default=4.0, help="of real time, for each kind of server (%(default)s)"
    )
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        findings: list[Finding] = []
        for title, workers in (("`serve`", "1"), ("`serve --workers 2`", "2")):
            outcome = soaked(folder / workers, chosen.hours, chosen.minutes, "--workers", workers)
            findings.extend(findings_of(title, outcome))
        control = soaked(folder / "leak", CONTROL_HOURS, CONTROL_MINUTES, settings="tests.proof.leaking_settings")
        findings.append(_finding_of_control(control))
    section = Section(
        "soak",
        "Four hours at five times the peak, pressed together, SQLite",
        f"{DESKS} desks of {BAYS} bays, each at the peak of a day of 1,000 visits, with {_BOARDS} boards open; the "
        "shown clock runs faster, what is done is all of what those hours have, once each at its shown instant. "
        f"Memory and descriptors: the median slope (Theil and Sen) of a sample a second, of the last "
        f"{1 - WARM_AFTER:.0%} of the run, times its length, beside what is taken.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
