"""`vovremya import`: the edge that reads the clock, shows the progress and says what became of the rows."""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from vovremya.directory.models import Branch, Installation
from vovremya.directory.queries import branch_by_code, branches_of, clock_anchor
from vovremya.directory.rules import PROGRAM
from vovremya.exchange import actions, queries, texts
from vovremya.exchange.checking import CheckedRow, preview
from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.reading import FileRefused, open_table
from vovremya.exchange.refused import table_of_refused
from vovremya.exchange.rules.headings import Column, find_layout
from vovremya.exchange.rules.pace import Pace, pause_after
from vovremya.exchange.rules.rows import Problem
from vovremya.exchange.writing import write_table
from vovremya.kernel import clock
from vovremya.kernel.refusal import NotFound

State = ImportRow.State
_SHOWN_AT_MOST = 50


def command(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    if chosen.refused and chosen.refused.resolve() == chosen.file.resolve():
        return _failed(console, "Файл для незагруженных строк — это сам загружаемый файл. Назовите другой.")
    try:
        branch = branch_by_code(chosen.branch, PROGRAM)
        _follow_clock()
        if chosen.dry_run:
            told = _preview(chosen.file, branch)
        else:
            told = _import(chosen.file, branch, console)
    except NotFound:
        codes = ", ".join(branch.code for branch in branches_of(PROGRAM)) or "филиалов ещё нет"
        return _failed(console, f"Филиала «{chosen.branch}» нет. Есть: {codes}.")
    except FileRefused as refused:
        return _failed(console, texts.file_refusal_text(refused))
    except DatabaseError as error:
        return _failed(console, f"База данных не отвечает: {error}. Новую готовит `vovremya init`.")
    except _Interrupted as interrupted:
        _failed(console, f"Прервано, осталось строк: {interrupted.left}. Та же команда продолжит с этого места.")
        return 130
    except KeyboardInterrupt:
        _failed(console, "Прервано при чтении; ничего не загружено.")
        return 130
    _show(told, console, is_preview=chosen.dry_run)
    if chosen.refused and told.refused:
        try:
            write_table(chosen.refused, told.refused_table())
        except OSError as error:
            return _failed(console, f"Незагруженные строки не записаны в {chosen.refused}: {error.strerror}.")
        console.print(
            f"Незагруженные строки записаны в {escape(str(chosen.refused))}: исправьте и загрузите этот файл."
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vovremya import",
        description="Bring in the schedule of a branch, exported from another program as XLSX, XLS, ODS or CSV.",
        epilog="Importing a file twice changes nothing. An import broken off goes on with the same command.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--branch", required=True, metavar="CODE", help="whose schedule it is: SEV")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done; write nothing")
    parser.add_argument(
        "--refused", type=Path, metavar="FILE", help="write the rows not taken to this CSV or XLSX, to correct them"
    )
    return parser


def _follow_clock() -> None:
    is_real = Installation.objects.filter(kind=Installation.Kind.PRODUCTION).exists()
    clock.follow(None if is_real else clock_anchor)


def _failed(console: Console, text: str) -> int:
    console.print(text, style="bold red", markup=False)
    return 1


class _Interrupted(Exception):
    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(left)


@dataclass(frozen=True)
class Told:
    """What became of the rows, or would become of them."""

    titles: Sequence[str]
    counts: Mapping[str, int]
    refused: Sequence[CheckedRow]
    remarked: Sequence[CheckedRow]

    def title(self, column: Column) -> str:
        """As the file has it, else as it is usually called."""
        layout = find_layout([(1, self.titles)])
        return (layout and layout.title(column)) or str(texts.COLUMNS[column])

    def refused_table(self) -> list[Sequence[str]]:
        return table_of_refused(
            self.titles, ((row.cells, row.number, map(texts.problem_text, row.problems)) for row in self.refused)
        )


def _preview(path: Path, branch: Branch) -> Told:
    table = open_table(path)
    seen = preview(table, branch, clock.real_now())
    return Told(
        table.layout.titles, {str(state): count for state, count in seen.counts.items()}, seen.refused, seen.remarked
    )


def _import(path: Path, branch: Branch, console: Console) -> Told:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(SpinnerColumn(), *columns, console=console) as progress:
        reading = progress.add_task("Чтение", total=None)
        run = actions.begin(
            path, branch, actor=PROGRAM, now=clock.now(), progress=lambda rows: progress.advance(reading, rows)
        )
        staged = queries.counts_of(run).get(State.STAGED, 0)
        progress.update(reading, total=staged, completed=staged, visible=False)
        applying = progress.add_task("Загрузка", total=staged)
        try:
            _apply(run, lambda rows: progress.advance(applying, rows))
        except KeyboardInterrupt:
            raise _Interrupted(queries.counts_of(run).get(State.STAGED, 0)) from None
    refused = [_as_checked(row, row.problems) for row in queries.refused_rows(run)]
    remarked = [_as_checked(row, row.remarks) for row in queries.remarked_rows(run)]
    return Told(run.titles, queries.counts_of(run), refused, remarked)


def _apply(run: ImportRun, progress: Callable[[int], None]) -> None:
    """Chunk after chunk, with a pause in which whoever waits to write gets their turn."""
    pace = Pace()
    while True:
        applied = actions.apply_next(run, pace.rows, actor=PROGRAM, now=clock.now(), real_now=clock.real_now())
        if not applied.rows:
            return
        progress(applied.settled)
        pace = pace.after(applied.rows, applied.seconds)
        time.sleep(pause_after(applied.seconds))


def _as_checked(row: ImportRow, problems: Iterable[Sequence[str]]) -> CheckedRow:
    told = tuple(Problem(Column(column), code, value) for column, code, value in problems)
    return CheckedRow(row.number, tuple(row.cells), problems=told)


def _show(told: Told, console: Console, *, is_preview: bool) -> None:
    for heading, rows, style in (("Не загружено", told.refused, "red"), ("Замечания", told.remarked, "yellow")):
        if rows:
            console.print(f"[{style}]{heading}: {len(rows)}[/]")
        for row in rows[:_SHOWN_AT_MOST]:
            for problem in row.problems:
                where = f"строка {row.number}, «{told.title(problem.column)}»"
                console.print(f"  {where}: {texts.problem_text(problem)}", markup=False)
        if len(rows) > _SHOWN_AT_MOST:
            console.print(f"  … и ещё {len(rows) - _SHOWN_AT_MOST}")
    words = texts.COUNTS_PREVIEWED if is_preview else texts.COUNTS
    counted = ", ".join(f"{word} {told.counts.get(state, 0)}" for state, word in words.items())
    console.print(f"[bold]{counted[0].upper()}{counted[1:]}.[/]")
