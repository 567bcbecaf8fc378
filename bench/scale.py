"""`python -m bench.scale`: makes docs/scale.md out of the figures that the other benchmarks have left.

Nothing is measured here. What is calculated says so, beside what it is calculated from; a figure that has not been
measured yet is named as missing, and so is everything that follows from it.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from bench.boards import BOARDS
from bench.figures import FIGURES
from bench.network import (
    BOARDS_AN_OPERATOR_AN_HOUR,
    BRANCHES,
    BUSY_HOUR,
    OPERATORS,
    SEARCHES_A_VISIT,
    STEPS_A_VISIT,
    VISITS_A_DAY,
    WINDOWS_A_VISIT,
    requests_a_second,
    visits_a_second,
)

PAGE = FIGURES.parent / "scale.md"
#: A process or a core is planned to be busy so much of its time, that a bad minute finds room.
PLANNED_USE = 0.5
#: Of the visits one in so many is late; bookings begin at every quarter of an hour.
LATE_ONE_IN = 7
STARTS_AN_HOUR = 4
ENTRIES_A_VISIT = 10

_ROW = re.compile(r"^\| (?P<what>[^|]+) \| (?P<ratio>[^|]*)\| (?P<value>-?[\d,.]+) (?P<unit>[^|]*)\|")
_PARTS = ("web processes", "PostgreSQL", "watch")


@dataclass(frozen=True)
class Value:
    """A figure on its way through the calculation; None: not measured yet."""

    number: float | None
    unit: str = ""

    def __str__(self) -> str:
        if self.number is None:
            return "not measured yet"
        digits = 0 if abs(self.number) >= 100 else 1 if abs(self.number) >= 10 else 2
        shown = f"{self.number:,.{digits}f}"
        return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown} {self.unit}".strip()

    def times(self, factor: float, unit: str) -> "Value":
        return Value(None if self.number is None else self.number * factor, unit)


@dataclass(frozen=True)
class Row:
    what: str
    value: object
    source: str


class Figures:
    """A page of docs/figures, by section and line."""

    def __init__(self, name: str) -> None:
        self._sections: dict[str, dict[str, Value]] = {}
        self._ratios: dict[str, str] = {}
        path = FIGURES / f"{name}.md"
        self.link = f"[{name}](figures/{name}.md)" if path.exists() else name
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            if line.startswith("## "):
                rows = self._sections[line[3:]] = {}
            elif (row := _ROW.match(line)) and self._sections:
                rows = self._sections[list(self._sections)[-1]]
                rows[row["what"]] = Value(float(row["value"].replace(",", "")), row["unit"].strip())
                self._ratios[f"{list(self._sections)[-1]}: {row['what']}"] = row["ratio"].strip()

    def value(self, section: str, *words: str) -> Value:
        """Of the first line that has all the words, in the first section that begins so."""
        for name, rows in self._sections.items():
            if name.startswith(section):
                for what, value in rows.items():
                    if all(word in what for word in words):
                        return value
        return Value(None)

    def last_ratio(self, section: str, words: str) -> str:
        """To the floor, of the last line with these words."""
        found = [ratio for what, ratio in self._ratios.items() if what.startswith(f"{section}: ") and words in what]
        return found[-1] if found else str(Value(None))

    @property
    def last_section(self) -> str:
        return list(self._sections)[-1] if self._sections else ""

    @property
    def link_to_last(self) -> str:
        return f"{self.link}, {self.last_section}" if self._sections else self.link


def page() -> str:
    boards, small, yellow = Figures("boards"), Figures("page"), Figures("yellow")
    network, watching, saving, history = Figures("network"), Figures("watching"), Figures("saving"), Figures("history")
    return "\n".join(
        [
            "# How far it scales",
            "",
            "Made by `python -m bench.scale` of the pages in [figures](figures/); do not edit it. What is **measured**",
            "names its page. **Assumed** are the habits of a network. All else is **calculated** from these two, and",
            "was not tried: no network of this size has run on it.",
            "",
            *_one_machine(boards, small, yellow, network, watching, saving, history),
            *_bottleneck(network),
            *_large_network(boards, network, watching, saving, history),
        ]
    )


def _one_machine(
    boards: Figures,
    small: Figures,
    yellow: Figures,
    network: Figures,
    watching: Figures,
    saving: Figures,
    history: Figures,
) -> list[str]:
    whole = network.last_section
    many = f"{BOARDS:,} boards"
    rows = [
        Row("memory of an open board", boards.value(boards.last_section, "memory"), boards.link_to_last),
        Row(
            f"{many} of one process at rest, of a core",
            _core(boards.value(boards.last_section, f"for {many} at rest")),
            boards.link_to_last,
        ),
        Row(
            f"one event on the last of {many}",
            boards.value(boards.last_section, "one event", "the last"),
            boards.link_to_last,
        ),
        Row(
            f"{many} back after a restart, all at one instant",
            boards.value(boards.last_section, "back", "the last"),
            boards.link_to_last,
        ),
        Row("yellow on thirty boards, p95 after the instant", yellow.value("SQLite", "one bar", "p95"), yellow.link),
        Row("a small page, p50", small.value("PostgreSQL", "p50"), small.link),
        Row("small pages by one process", small.value("PostgreSQL", "at once"), small.link),
        Row("saving a card, p50", saving.value("PostgreSQL", "saving a card", "p50"), saving.link),
        Row("booking, p50", saving.value("PostgreSQL", "booking", "p50"), saving.link),
        Row("moving, p50", saving.value("PostgreSQL", "moving", "p50"), saving.link),
        Row("announcements", watching.value("PostgreSQL", "announce"), watching.link),
        Row(
            "the board drawn at the longest history, to the shortest",
            history.last_ratio("PostgreSQL", "board drawn"),
            history.link,
        ),
        Row("desks together: rate tried", network.value(whole, "requests"), network.link),
        Row("desks together: a step, p95", network.value(whole, "step", "p95"), network.link),
        Row("desks together: a board, p95", network.value(whole, "board", "p95"), network.link),
    ]
    return ["## What one machine carries", "", *_table("measured", rows)]


def _core(milliseconds: Value) -> Value:
    return milliseconds.times(0.1, "%")


def _bottleneck(network: Figures) -> list[str]:
    whole = network.last_section
    taken = {part: network.value(whole, f"{part}, of a core") for part in _PARTS}
    rows = [Row(f"{part}, of a core", value, network.link) for part, value in taken.items()]
    lines = ["## What runs out next", "", f"At {whole or 'the highest rate tried'}:", "", *_table("measured", rows)]
    known = {part: value.number for part, value in taken.items() if value.number is not None}
    if known:
        first = max(known, key=lambda part: known[part])
        lines += [
            f"The first to run out of processor: **{first}**, {known[first] / sum(known.values()):.0%} of all that was",
            "taken. Web processes are added on the same machine (`--workers`) or on others, and need nothing of each",
            "other; watches share the sweep by `SKIP LOCKED`. What cannot be added to is PostgreSQL's one primary,",
            "which bounds an installation in the end.",
            "",
        ]
    return [
        *lines,
        "What grows with the square of the network: every web process reads the entries of all branches, whichever of",
        "them have boards open on it. Drawing is spared, reading is not:",
        f"{_entries_a_second():,.0f} entries a second of the whole network by each process (calculated).",
        "",
    ]


def _entries_a_second() -> float:
    return visits_a_second() * ENTRIES_A_VISIT


def _large_network(
    boards: Figures, network: Figures, watching: Figures, saving: Figures, history: Figures
) -> list[str]:
    whole = network.last_section
    requests = sum(requests_a_second().values())
    cost = {part: network.value(whole, f"{part}, a request") for part in _PARTS}
    cores = {part: value.times(requests / 1000, "cores") for part, value in cost.items()}
    memory = boards.value(boards.last_section, "memory").times(OPERATORS / 1000, "MB")
    at_rest = boards.value(boards.last_section, f"for {BOARDS:,} boards at rest").times(
        OPERATORS / BOARDS / 1000, "cores"
    )
    at_once = VISITS_A_DAY * BUSY_HOUR / STARTS_AN_HOUR / LATE_ONE_IN
    announced = watching.value("PostgreSQL", "announce").number
    back = boards.value(boards.last_section, "processor a board that comes back").times(BOARDS / 1000, "s of a core")
    by_boards = ceil(OPERATORS / BOARDS)
    web = cores["web processes"].number
    processes = None if web is None else max(by_boards, ceil((web + (at_rest.number or 0.0)) / PLANNED_USE))
    assumed = [
        Row("visits in the busy hour", f"{VISITS_A_DAY * BUSY_HOUR:,.0f}", f"one eighth of {VISITS_A_DAY:,} a day"),
        Row("presses that write, a visit", STEPS_A_VISIT, "booked, here, begun, ended; moved, called"),
        Row("windows opened, a visit", WINDOWS_A_VISIT, ""),
        Row("searches, a visit", SEARCHES_A_VISIT, "of a client, of a free time"),
        Row("boards loaded, an operator and hour", BOARDS_AN_OPERATOR_AN_HOUR, "they stay open and live"),
        Row("late", f"one in {LATE_ONE_IN}", ""),
        Row("entries in the journal, a visit", ENTRIES_A_VISIT, ""),
    ]
    rows = [
        Row("requests in the busy hour", f"{requests:,.0f} a second", "assumptions"),
        Row(
            "processor of the web processes",
            cores["web processes"],
            f"{cost['web processes']} a request, {network.link}",
        ),
        Row("processor of PostgreSQL", cores["PostgreSQL"], f"{cost['PostgreSQL']} a request, {network.link}"),
        Row("processor of the watches", cores["watch"], f"{cost['watch']} a request, {network.link}"),
        Row(f"{OPERATORS:,} open boards: memory", memory, boards.link),
        Row(f"{OPERATORS:,} open boards at rest: processor", at_rest, boards.link),
        Row(
            "web processes",
            Value(processes and float(processes)),
            f"{BOARDS:,} boards each, busy {PLANNED_USE:.0%} of their time at most",
        ),
        Row(
            "cores of PostgreSQL's machine",
            Value(
                None if cores["PostgreSQL"].number is None else float(ceil(cores["PostgreSQL"].number / PLANNED_USE))
            ),
            f"busy {PLANNED_USE:.0%} at most",
        ),
        Row(
            "visits that turn late at one instant", f"{at_once:,.0f}", f"bookings begin {STARTS_AN_HOUR} times an hour"
        ),
        Row(
            "all of them announced after",
            Value(at_once / announced if announced else None, "s"),
            f"one watch, {watching.link}; yellow itself waits for nobody",
        ),
        Row("one web process begun anew: its boards cost", back, boards.link),
        Row(
            "entries of the journal, a day",
            f"{VISITS_A_DAY * ENTRIES_A_VISIT / 1e6:,.0f} million",
            f"assumptions; what grows with them: {history.link}",
        ),
    ]
    return [
        f"## A network of {BRANCHES:,} branches, {VISITS_A_DAY:,} visits a day and {OPERATORS:,} operators",
        "",
        *_table("assumed", assumed),
        *_table("calculated", rows),
        "The costs of a request are those of the highest rate tried, on a machine that also ran its desks and its",
        "database, with what the processes do at rest in them: an upper bound as far as that goes. A step is one of",
        f"the reception; booking and saving a card cost more, by what {saving.link} says. Not tried:",
        "10,000 sessions at once, a database on another machine, a year of such a network in its tables, a failover",
        "under this load.",
        "",
    ]


def _table(kind: str, rows: Sequence[Row]) -> list[str]:
    head = [f"|  | {kind} | from |", "| --- | --- | --- |"]
    return [*head, *(f"| {row.what} | {row.value} | {row.source} |" for row in rows), ""]


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE} is made")
    return 0


if __name__ == "__main__":
    sys.exit(main())
