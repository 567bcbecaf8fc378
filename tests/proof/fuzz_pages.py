"""Shoots at every address and form of a served demo, as every role and as nobody: nothing may fall over.

    python -m tests.proof.fuzz_pages --seconds 120 --seed 1
    python tools/postgres.py python -m tests.proof.fuzz_pages

First somebody of another branch and nobody shoot while the clock stands: no row of the branch may change. Then
everybody shoots while the clock runs fast, so that visits turn late under fire.
"""

import argparse
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import django

from tests.flows.page import read
from tests.flows.serving import Browser, Site, console, serving
from tests.proof.judging import LARGE, faults_of
from tests.proof.report import Finding, Section, add_write, told
from tests.proof.shots import Known, Shot, addresses, pairs_of, shot_from
from tests.proof.stations import (
    BRANCH,
    FOREIGNER,
    PASSWORD,
    ROLES,
    demo_in,
    forget_failed_logins,
    overlong_texts,
    rows_of_branch,
)
from tests.proof.wire import Answer, exchanged
from tests.races.arena import Arena, new_arena

NOBODY = ""
_GUNS = 2
_KEPT_PER_FAULT = 3
_FEED_READ = 20_000
#: As a traceback has it, and as it stands in a line of JSON.
_PLACE_IN_CODE = re.compile(r'File \\?"[^"]+", line \d+, in ')
_SHRINKS_SECONDS = 20.0


@dataclass(frozen=True)
class Fault:
    what: str
    shot: Shot

    @property
    def kind(self) -> tuple[str, str]:
        """One finding by what happened and where, whatever the numbers in it."""
        return self.what, re.sub(r"\d+", "N", self.shot.path.decode("latin-1"))[:60]


@dataclass
class Range:
    """The served site with everybody signed in, and what came of the shots."""

    arena: Arena
    site: Site
    roles: Sequence[str]
    password: str = PASSWORD
    is_learning: bool = True
    known: dict[str, Known] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    done: int = 0  # forms taken: something was changed
    refused: int = 0  # forms refused in words
    hit: Counter[str] = field(default_factory=Counter)  # routes answered otherwise than «not found»
    faults: dict[tuple[str, str], list[Fault]] = field(default_factory=dict)
    _signing_in: threading.Lock = field(default_factory=threading.Lock)

    @property
    def shots(self) -> int:
        return self.statuses.total()

    def prepare(self) -> None:
        """Everybody signs in and looks at every window once."""
        table = addresses()
        for role in self.roles:
            self.known[role] = Known(table)
            self.sign_in(role)
            self._look_round(role)

    def sign_in(self, role: str) -> None:
        browser = Browser(self.site)
        browser.get("/login/")
        if role != NOBODY:
            status, _ = browser.post("/login/", {"username": role, "password": self.password})
            if status == 429:  # shots at the door have shut it
                self.arena.alone(forget_failed_logins)
                browser.post("/login/", {"username": role, "password": self.password})
        self.cookies[role] = browser.cookies

    def _look_round(self, role: str) -> None:
        known = self.known[role]
        for path in ("/login/", "/", f"/{BRANCH}/", "/VVO/"):
            self._look(role, path)
        for path in ("removed/", "not-arrived/", "booking/", "booking/slots/", "booking/clients/?who=Смир"):
            self._look(role, f"/{BRANCH}/{path}")
        visits = known.values.get("visit", ())
        for visit in visits[:: max(len(visits) // 12, 1)]:
            for window in ("", "contact/", "move/", "remove/", "bay/"):
                self._look(role, f"/visits/{visit.decode()}/{window}")

    def _look(self, role: str, path: str) -> None:
        path, _, query = path.partition("?")
        shot = Shot(
            role,
            "GET",
            path.encode(),
            tuple(pairs_of(query.encode())),
            headers=((b"hx-request", b"true"),) if path.count("/") > 2 else (),
        )
        self.fire(shot, is_read=True)

    def fire(self, shot: Shot, *, is_read: bool, is_judged: bool = True) -> list[str]:
        """What is wrong with the answer to it."""
        answer = self.answer_to(shot)
        if not is_judged:
            return list(faults_of(shot, answer))
        self.statuses[answer.status] += 1
        self.done += shot.method == "POST" and answer.status in (200, 204, 302)
        self.refused += answer.status == 422
        if answer.status not in (0, 400, 404):
            self.hit[self._route_of(shot)] += 1
        is_read = is_read or (answer.status == 422 and len(answer.body) < LARGE)
        found = list(faults_of(shot, answer, is_read=is_read))
        for what in found:
            self.keep(Fault(what, shot))
        if self.is_learning and is_read and answer.is_html and not found:
            self.known[shot.role].learn(read(answer.body.decode()))
        self._mend_session(shot, answer)
        return found

    def answer_to(self, shot: Shot) -> Answer:
        cookies = self.cookies.get(shot.role, {})
        is_feed = shot.path.startswith(b"/live")
        sent = shot.wire(self.site.port, cookies)
        return exchanged(
            self.site.port, sent, shot.method, is_cut=not shot.is_whole, read_at_most=_FEED_READ if is_feed else -1
        )

    def keep(self, fault: Fault) -> None:
        kept = self.faults.setdefault(fault.kind, [])
        if len(kept) < _KEPT_PER_FAULT:
            kept.append(fault)

    def _route_of(self, shot: Shot) -> str:
        path = shot.path.decode("latin-1").lstrip("/")
        for address in self.known[shot.role].addresses:
            if address.pattern.fullmatch(path):
                return address.route
        return "elsewhere"

    def _mend_session(self, shot: Shot, answer: Answer) -> None:
        """A shot at «Выйти» hits whoever fires it."""
        is_out = answer.status == 401 or "/login/" in answer.header("location")
        has_own_cookies = not any(name == b"cookie" for name, _ in shot.headers)
        if shot.role != NOBODY and is_out and has_own_cookies:
            with self._signing_in:
                self.sign_in(shot.role)

    # --- firing ------------------------------------------------------------------------------------------------

    def fire_for(self, seconds: float, seed: int) -> None:
        """Several guns at once, each with a chance of its own."""
        ends_at = time.monotonic() + seconds
        guns = [threading.Thread(target=self._gun, args=(seed * 100 + number, ends_at)) for number in range(_GUNS)]
        for gun in guns:
            gun.start()
        for gun in guns:
            gun.join()

    def _gun(self, seed: int, ends_at: float) -> None:
        chance = random.Random(seed)
        while time.monotonic() < ends_at and self.site.process.poll() is None:
            role = chance.choice(self.roles)
            shot = shot_from(chance, self.known[role], role)
            try:
                self.fire(shot, is_read=chance.random() < 0.08)
            except TimeoutError:
                self.keep(Fault("not answered in time", shot))
            except OSError as error:
                self.keep(Fault(f"line refused: {error}", shot))
                time.sleep(0.1)

    def least(self, fault: Fault) -> Shot:
        """The least request that still does it; the station has changed meanwhile, so it may be the first again."""
        return least_shot(fault.shot, lambda shot: fault.what in self.fire(shot, is_read=True, is_judged=False))

    @property
    def tracebacks(self) -> list[str]:
        """Errors as the log tells them: by their place, or whole where the interpreter itself tells one."""
        return [line[-2000:] for line in self.site.printed if _PLACE_IN_CODE.search(line)]


def least_shot(shot: Shot, does_it: Callable[[Shot], bool], tries: int = 150) -> Shot:
    is_lesser = True
    while is_lesser and tries > 0:
        is_lesser = False
        for lesser in shot.least_steps():
            tries -= 1
            if tries > 0 and does_it(lesser):
                shot, is_lesser = lesser, True
                break
    return shot


@contextmanager
def opened(arena: Arena, roles: Sequence[str], speed: str) -> Iterator[Range]:
    with serving(arena, "--clock-speed", speed) as site:
        range_ = Range(arena, site, roles)
        range_.prepare()
        yield range_


def fuzzed(arena: Arena, seconds: float, seed: int) -> list[Finding]:
    """The findings of a whole run on a filled demo."""
    with opened(arena, (FOREIGNER, NOBODY), "0.001") as range_:
        before = arena.alone(partial(rows_of_branch, BRANCH))
        range_.fire_for(seconds / 5, seed)
        after = arena.alone(partial(rows_of_branch, BRANCH))
        changed = sorted(table for table in before if before[table] != after[table])
        _tell(range_)
        first = range_
    with opened(arena, (*ROLES, FOREIGNER, NOBODY), "30") as range_:
        range_.fire_for(seconds * 4 / 5, seed + 1)
        _tell(range_)
        is_alive = range_.site.process.poll() is None
        is_answering = is_alive and exchanged(range_.site.port, _PROBE, "GET").status == 200
        second = range_
    checked = console(arena, "check")
    findings = _findings([first, second], changed, is_answering=is_answering, checked=checked.stdout.strip())
    overlong = arena.alone(overlong_texts)
    return [*findings, Finding("texts longer than their column", ", ".join(overlong) or "0", "0", not overlong)]


_PROBE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _tell(range_: Range) -> None:
    """For whoever mends it: each fault with its least request."""
    ends_at = time.monotonic() + _SHRINKS_SECONDS
    for faults in list(range_.faults.values()):
        least = range_.least(faults[0]) if time.monotonic() < ends_at else faults[0].shot
        print(f"FAULT {faults[0].what}\n  {least}", file=sys.stderr, flush=True)
    for trace in range_.tracebacks[:5]:
        print(f"TRACE ...{trace}", file=sys.stderr, flush=True)


def _findings(ranges: Sequence[Range], changed: list[str], *, is_answering: bool, checked: str) -> list[Finding]:
    statuses = sum((each.statuses for each in ranges), Counter[int]())
    by_class = Counter({f"{status // 100}xx": 0 for status in statuses})
    for status, count in statuses.items():
        by_class[f"{status // 100}xx" if status else "refused line"] += count
    found = Counter(fault.what.split(":")[0] for each in ranges for kept in each.faults.values() for fault in kept[:1])
    routes = {address.route for address in addresses()} - {"static/nothing.js"}  # which nobody serves
    hit = {route for each in ranges for route in each.hit} & routes
    tracebacks = sum(len(each.tracebacks) for each in ranges)
    spread = ", ".join(f"{name} {count:,}" for name, count in sorted(by_class.items()) if count)
    broken = ", ".join(f"{what} ({count})" for what, count in found.items())
    return [
        Finding("requests sent", f"{statuses.total():,} ({spread})"),
        Finding("of them forms taken", f"{sum(each.done for each in ranges):,}", "some", any(r.done for r in ranges)),
        Finding("forms refused, in Russian and with what was typed", f"{sum(each.refused for each in ranges):,}"),
        Finding(
            "addresses reached, of those there are",
            f"{len(hit)} of {len(routes)}",
            "all",
            hit == routes,
        ),
        Finding("answers of 500 and above", f"{by_class['5xx']:,}", "0", not by_class["5xx"]),
        Finding("tracebacks in the log", str(tracebacks), "0", not tracebacks),
        Finding("whole requests unanswered; foreign markup let out; typed text lost", broken or "0", "0", not found),
        Finding("tables of the branch that somebody of another changed", ", ".join(changed) or "0", "0", not changed),
        Finding("the server at the end", "answers" if is_answering else "gone", "answers", is_answering),
        Finding("`vovremya check` at the end", checked, "Nothing is wrong.", checked == "Nothing is wrong."),
    ]


def _wake_django() -> None:
    """For the table of addresses alone: no database is asked from here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
    os.environ.setdefault("VOVREMYA_SECRET_KEY", "only for shots")
    django.setup()


def main() -> int:
    _wake_django()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=120.0)
    options.add_argument("--seed", type=int, default=1)
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        arena = demo_in(new_arena(Path(folder)))
        findings = fuzzed(arena, chosen.seconds, chosen.seed)
    database = "PostgreSQL" if os.environ.get("VOVREMYA_DATABASE_URL") else "SQLite"
    section = Section(
        f"fuzz_pages_{database.lower()}",
        f"Hostile requests, {database}",
        "Every address of the program's table and every form of the pages as served, filled in soundly and with "
        "wrong types, missing and doubled fields, injections, bytes that are no text, foreign numbers, broken bodies, "
        "odd methods and headers; as each role, as somebody of another branch, as nobody.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
