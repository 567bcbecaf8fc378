"""The figures of a run: each beside its floor and its goal, on the console and as a page of `docs/figures`."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "figures"
#: Nobody sees a frame in fifty.
FRAMES_TOLERANCE = 0.98


@dataclass(frozen=True)
class Figure:
    """One line of the table. `floor` is the least that could do the same, in the same unit."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    is_more_better: bool = False
    note: str = ""

    @property
    def is_goal_met(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal * FRAMES_TOLERANCE if self.is_more_better else self.value <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if not self.floor else f"× {_shown(self.value / self.floor, '')}"
        floor = "" if self.floor is None else _shown(self.floor, self.unit)
        goal = "" if self.goal is None else f"{_shown(self.goal, self.unit)}, {'met' if self.is_goal_met else 'missed'}"
        return (self.what, ratio, _shown(self.value, self.unit), floor, goal, self.note)


HEADINGS = ("", "to the floor", "measured", "floor", "goal", "")


def _shown(value: float, unit: str) -> str:
    digits = 0 if value >= 100 or value == round(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def table(title: str, figures: Sequence[Figure]) -> Table:
    made = Table(*HEADINGS[:-1], title=title, title_justify="left")
    for figure in figures:
        made.add_row(*figure.cells[:-1])
    notes = [f"{figure.what}: {figure.note}" for figure in figures if figure.note]
    made.caption, made.caption_justify = "\n".join(notes), "left"
    return made


def machine(load: float, *more: str) -> str:
    """In general words: what a reader needs to place the figures, and nothing of whose machine it is."""
    parts = (
        f"{os.cpu_count()} cores",
        platform.system(),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        *more,
    )
    return f"{', '.join(parts)}; before it began the machine had other work for {load:.1f} cores"


@dataclass(frozen=True)
class Page:
    title: str
    command: str
    machine: str

    def write(self, path: Path, sections: Mapping[str, Sequence[Figure]]) -> None:
        lines = [
            f"# {self.title}",
            "",
            f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{self.command}`: {self.machine}.",
            "Ratios to the floors of the same machine in the same run come first: they are what can be compared.",
            "What each line measures: [bench/README.md](../../bench/README.md).",
        ]
        for name, figures in sections.items():
            rows = [HEADINGS, ("---",) * len(HEADINGS), *(figure.cells for figure in figures)]
            lines += ["", f"## {name}", "", *(f"| {' | '.join(row)} |" for row in rows)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
