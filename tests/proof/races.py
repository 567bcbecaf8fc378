"""Races of real processes about the same bays, cards, visits and presses: nobody overlaps, everybody is told.

    python -m tests.proof.races
    python tools/postgres.py python -m tests.proof.races

The races are those of tests/races, at length; each is judged, and each judge is shown a race without the guards.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import django

from tests.flows.serving import Browser, serving
from tests.proof.report import Finding, Section, add_write, told
from tests.races import booking, card, occupying, pressing, visiting
from tests.races.arena import Arena, copied, migrated_arena
from tests.races.outcome import BROKEN_OFF, WITHOUT_A_REASON

PATIENCE_SECONDS = 900.0
_JUDGES = 2
_CONTROLS = 12  # histories without the guards
_ACTS = (*visiting.ENDS, visiting.DROP)
_SENT_AT_ONCE = 100


@dataclass(frozen=True)
class Lists:
    """Where the races are run: a database for each, made in a folder of its own."""

    folder: Path

    def new(self, furnish: Callable[[], object]) -> Arena:
        arena = migrated_arena(self._next())
        arena.alone(furnish)
        return arena

    def copy(self, arena: Arena) -> Arena:
        return copied(arena, self._next())

    def _next(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))


# --- booking and moving ----------------------------------------------------------------------------------------


def booked(lists: Lists, attempts: int) -> Iterator[Finding]:
    empty = lists.new(booking.furnish)
    arena, control = lists.copy(empty), lists.copy(empty)
    each = -(-attempts // booking.DESKS)
    came_about = _raced(arena, each)
    done = sum(count for what, count in came_about.items() if what.endswith(": done"))
    refused = Counter[str]()
    for what, count in came_about.items():
        refused[what.split(": ", 1)[1]] += count
    bad = sum(count for what, count in came_about.items() if _is_without_a_word(what))
    standing, ought_to = arena.alone(booking.occupations_and_visits)
    overlaps = arena.alone(occupying.overlaps)
    yield Finding(
        "booking, importing, moving, dragging, applying plans, offering, removing, restoring, changing bays by "
        f"{booking.DESKS} processes: attempts",
        f"{came_about.total():,} ({done:,} done)",
        f"≥ {attempts:,}",
        came_about.total() >= attempts and done > 0,
    )
    yield Finding("overlaps on a bay's lane", str(overlaps), "0", not overlaps)
    yield Finding(
        "occupations, of so many visits on the board", f"{standing:,} of {ought_to:,}", "all", standing == ought_to
    )
    yield Finding(
        "refused without a word on what is in the way, broken off, or not found",
        f"{bad:,} of {came_about.total() - done:,} refused ({_spread(refused)})",
        "0",
        not bad,
    )
    yield _unbroken(arena, "the same")
    control.alone(occupying.drop_the_rule)
    _raced(control, max(each // 20, 20))
    shown = control.alone(occupying.overlaps)
    yield Finding("control, the database's rule taken out: overlaps", f"{shown:,}", "some", shown > 0)


def _raced(arena: Arena, attempts: int) -> Counter[str]:
    return arena.race(booking.book_move_and_remove, racers=booking.DESKS, attempts=attempts, patience=PATIENCE_SECONDS)


def _is_without_a_word(what: str) -> bool:
    return WITHOUT_A_REASON in what or BROKEN_OFF in what or what.endswith((": not_found", "next lane: bay_taken"))


# --- two operators and a supervisor at one card ----------------------------------------------------------------


def at_one_card(lists: Lists, histories: int) -> Iterator[Finding]:
    empty = lists.new(partial(card.furnish, histories))
    arena, control = lists.copy(empty), lists.copy(empty)
    pressed = card.histories(arena, card.press_at_random, histories, PATIENCE_SECONDS)
    models = [lists.copy(empty) for _ in range(_JUDGES)]
    with ThreadPoolExecutor(_JUDGES) as judges:
        shares = [pressed[number::_JUDGES] for number in range(_JUDGES)]
        unexplained = [each for found in judges.map(_judged, models, shares) for each in found]
    for each in unexplained[:3]:
        _show(each)
    presses = Counter(press.answer.split()[0] for history, _ in pressed for press in history)
    done = presses["done"]
    yield Finding(
        "histories of two operators and a supervisor at one card, pressing at one moment",
        f"{len(pressed):,} ({presses.total():,} presses, {done:,} done)",
        f"{histories:,}",
        len(pressed) == histories and done > 0,
    )
    yield Finding(
        "histories whose answers and journal no order of the same presses explains, taken one at a time",
        str(len(unexplained)),
        "0",
        not unexplained,
    )
    yield _unbroken(arena, "the cards")
    control.alone(visiting.drop_the_guards_of_the_database)
    without = card.histories(control, card.press_at_random_without_locks, min(_CONTROLS, histories))
    shown = len(_judged(models[0], without))
    yield Finding("control, without locks: such histories", f"{shown} of {len(without)}", "some", shown > 0)


def _judged(model: Arena, histories: Sequence[tuple[Sequence[card.Press], card.End]]) -> list[Sequence[card.Press]]:
    return model.alone(partial(card.unexplained, histories), patience=PATIENCE_SECONDS)


def _show(presses: Sequence[card.Press]) -> None:
    """For whoever mends it."""
    print("UNEXPLAINED", file=sys.stderr)
    for press in sorted(presses, key=lambda press: press.began):
        print(f"  {press}", file=sys.stderr, flush=True)


# --- remove, move, check in, save ------------------------------------------------------------------------------


def at_one_visit(lists: Lists, visits: int) -> Iterator[Finding]:
    reached = lists.new(partial(visiting.furnish, visits))
    reached.alone(visiting.reach_everybody)
    broken = 0
    for names in [*combinations(_ACTS, 2), visiting.ENDS, _ACTS]:
        arena = lists.copy(reached)
        racer = partial(visiting.act_on_every_visit, names)
        told_by_each = arena.told_by_each(racer, racers=len(names), attempts=1, patience=PATIENCE_SECONDS)
        of_visits = [dict(zip(names, words, strict=True)) for words in zip(*told_by_each, strict=True)]
        wrong = [each for each in of_visits if not visiting.is_allowed(each)]
        for each in wrong[:3]:
            print(f"NOT ALLOWED {each}", file=sys.stderr, flush=True)
        first = Counter(" and ".join(name for name in names if each[name] == "done") for each in of_visits)
        yield Finding(
            f"{' ∥ '.join(names)}: outcomes not allowed, of so many",
            f"{len(wrong)} of {len(of_visits)} (done: {_spread(first)})",
            "0",
            not wrong and len(of_visits) == visits,
        )
        broken += len(arena.alone(visiting.broken))
    yield Finding("invariants broken after all these", str(broken), "0", not broken)
    yield _without_guards(lists.copy(reached))


def _without_guards(arena: Arena) -> Finding:
    arena.alone(visiting.drop_the_guards_of_the_database)
    names = visiting.ENDS
    racer = partial(visiting.act_on_every_visit_without_locks, names)
    told_by_each = arena.told_by_each(racer, racers=len(names), attempts=1, patience=PATIENCE_SECONDS)
    of_visits = [dict(zip(names, words, strict=True)) for words in zip(*told_by_each, strict=True)]
    shown = sum(not visiting.is_allowed(each) for each in of_visits)
    return Finding("control, without locks: outcomes not allowed", f"{shown} of {len(of_visits)}", "some", shown > 0)


# --- one press, a hundred times --------------------------------------------------------------------------------


def pressed_once(lists: Lists) -> Iterator[Finding]:
    arena = lists.new(visiting.furnish)
    arena.alone(visiting.reach_everybody)
    told_by_each = arena.told_by_each(
        pressing.press_each_button,
        racers=pressing.PROCESSES,
        attempts=pressing.THREADS,
        patience=PATIENCE_SECONDS,
    )
    everything = [each for answers in told_by_each for each in answers]
    times = pressing.PROCESSES * pressing.THREADS
    not_once = [action for action in pressing.ACTIONS if not pressing.is_once(everything, action, times)]
    yield Finding(
        f"one request key × {times}, for {', '.join(pressing.ACTIONS)}: not done just once, or told otherwise, or "
        "another form with the key let through",
        ", ".join(not_once) or "0",
        "0",
        not not_once,
    )
    yield _unbroken(arena, "the presses")


def pressed_over_http(lists: Lists) -> Iterator[Finding]:
    """The forms of the board, as a browser would send them a hundred times at one moment, to two web processes."""
    arena = lists.new(visiting.furnish)
    forms = arena.alone(pressing.forms_of_tomorrow)
    with serving(arena, "--workers", "2") as site:
        browser = Browser(site)
        browser.sign_in("desk0")
        wrong = [name for name, path, form in forms if not _is_once_over_http(browser, path, form)]
    effects = arena.alone(pressing.entries_of_requests)
    yield Finding(
        f"the same form × {_SENT_AT_ONCE} over HTTP, two web processes, for "
        f"{', '.join(name for name, _, _ in forms)}: answers that differ, or another form with the key taken",
        ", ".join(wrong) or "0",
        "0",
        not wrong,
    )
    yield Finding("effects of those forms, by the journal", str(effects), str(len(forms)), effects == len(forms))
    yield _unbroken(arena, "the forms")


def _is_once_over_http(browser: Browser, path: str, form: dict[str, str]) -> bool:
    with ThreadPoolExecutor(_SENT_AT_ONCE) as crowd:
        answers = Counter(crowd.map(lambda _: browser.post(path, form), range(_SENT_AT_ONCE)))
    status, page = browser.post(path, form | {"comment": "Другое"})
    is_same = len(answers) == 1 and next(iter(answers))[0] == 204
    if not is_same:
        print("DIFFERS", path, Counter(status for status, _ in answers.elements()), file=sys.stderr, flush=True)
    return is_same and status != 204 and "уже отправлена: сохранено то, что было в ней тогда" in page


def _unbroken(arena: Arena, where: str) -> Finding:
    broken = arena.alone(visiting.broken)
    return Finding(f"invariants broken after {where}", ", ".join(broken) or "0", "0", not broken)


def _spread(counts: Counter[str]) -> str:
    return ", ".join(f"{what} {count:,}" for what, count in counts.most_common() if what != "done")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
    os.environ.setdefault("VOVREMYA_SECRET_KEY", "only for races")
    django.setup()  # for the cast's password alone: no database is asked from here
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attempts", type=int, default=10_000, help="at booking and moving")
    options.add_argument("--histories", type=int, default=1_000, help="of a card")
    options.add_argument("--visits", type=int, default=100, help="for each pair of acts")
    add_write(options)
    chosen = options.parse_args()
    began = time.monotonic()
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        lists = Lists(Path(folder))
        for part in (
            booked(lists, chosen.attempts),
            at_one_card(lists, chosen.histories),
            at_one_visit(lists, chosen.visits),
            pressed_once(lists),
            pressed_over_http(lists),
        ):
            for finding in part:
                print(
                    f"{time.monotonic() - began:5.0f} s  {finding.what}: {finding.found}", file=sys.stderr, flush=True
                )
                findings.append(finding)
    database = "PostgreSQL" if os.environ.get("VOVREMYA_DATABASE_URL") else "SQLite"
    section = Section(
        f"races_{database.lower()}",
        f"Races, {database}",
        "Real processes on connections of their own act on the same bays, cards and visits through the actions, at "
        "one moment as near as can be; what each was told is compared with what may be, and the database is asked "
        "for broken invariants. The controls race with a guard taken off.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
