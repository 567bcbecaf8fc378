"""«Импорт»: the imports of a branch, and one of them: where it stands and what becomes of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise

from vovremya.directory.models import Branch
from vovremya.exchange import queries, texts
from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.numbers import without_numbers
from vovremya.exchange.rules.headings import (
    Column,
    columns_from_data,
    columns_guessed,
    find_layout,
    signature,
)
from vovremya.exchange.rules.rows import Problem
from vovremya.exchange.rules.sample import shown_cell

Stage, State = ImportRun.Stage, ImportRow.State

SHOWN_IMPORTS = 100
_ROWS_ON_PAGE = 100
_SAMPLE_ROWS = 5
_COUNTED = (State.IMPORTED, State.CHANGED, State.UNCHANGED, State.REFUSED)
_REPORTED = (*_COUNTED, State.TAKEN_BACK, State.KEPT, State.STAGED, State.DEFERRED)

Words = str | Promise


@dataclass(frozen=True)
class ShownImport:
    run: ImportRun
    stage: Words
    source: Words
    counts: Mapping[str, int]
    is_under_way: bool


def imports_shown(branch: Branch) -> list[ShownImport]:
    """The newest first. One query."""
    return [
        ShownImport(
            run,
            texts.stage_words(run),
            texts.SOURCES[ImportRun.Source(run.source)],
            {str(state): run.counts.get(state, 0) for state in _REPORTED},
            run.stage in ImportRun.UNDER_WAY and run.source != ImportRun.Source.CONSOLE,
        )
        for run in queries.imports_of(branch, SHOWN_IMPORTS)
    ]


# --- what the columns hold ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownColumn:
    """A column of the file: its heading, and what it is taken for."""

    place: int
    title: str
    column: str


@dataclass(frozen=True)
class Headings:
    sheet: str
    sheets: Sequence[str]
    row: int
    last_row: int
    columns: Sequence[ShownColumn]
    sample: Sequence[Sequence[str]]  # the first rows, a cell for each column
    is_known: bool  # somebody has said it before, under the same headings


def headings_of(run: ImportRun, sheet: str | None, row: int | None, said: Mapping[int, Column] | None) -> Headings:
    """As it was said just now, else as it was said before, else as it looks."""
    chosen = run.chosen
    sheet = chosen["sheet"] if sheet is None else sheet
    rows = queries.rows_seen(run, sheet)
    is_as_chosen = sheet == chosen["sheet"] and row in (None, chosen["row"])
    seen_row = next((each["row"] for each in run.seen if each["sheet"] == sheet), 1)
    row = row or (chosen["row"] if is_as_chosen else seen_row)
    titles = rows.get(row, [])
    known = queries.columns_known(run.branch_id, signature(titles))
    columns = columns_guessed(titles) if known is None else columns_from_data(known)
    if is_as_chosen:
        columns = columns_from_data(chosen["columns"])
    below = [rows[number] for number in sorted(rows) if number > row and any(rows[number])][:_SAMPLE_ROWS]
    width = max(map(len, [titles, *below]), default=0)
    return Headings(
        sheet=sheet,
        sheets=[each["sheet"] for each in run.seen],
        row=row,
        last_row=max(rows, default=1),
        columns=[
            ShownColumn(place, _cell(titles, place), (columns if said is None else said).get(place, ""))
            for place in range(width)
        ],
        sample=[[_cell(cells, place) for place in range(width)] for cells in below],
        is_known=known is not None,
    )


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


# --- what becomes of the rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRow:
    row: ImportRow
    state: Words
    said: Sequence[str]  # why it is refused, what was left out of it
    cells: str  # of a refused one, as they stand in the file, but for whole numbers


@dataclass(frozen=True)
class Tally:
    state: str
    words: Words
    count: int


@dataclass(frozen=True)
class Report:
    tallies: Sequence[Tally]
    rows: Page[ImportRow]
    shown: Sequence[ShownRow]
    remarked: int
    is_forgotten: bool  # it is so old that its rows are not kept any more


def report_of(run: ImportRun, state: str, page: int | None) -> Report:
    """In a fixed number of queries."""
    is_foreseen = run.stage == Stage.CHECKED
    words = texts.ROW_STATES_FORESEEN if is_foreseen else texts.ROW_STATES
    of_row = texts.ROW_STATE_FORESEEN if is_foreseen else texts.ROW_STATE
    counts = queries.counts_foreseen(run) if is_foreseen else queries.counts_of(run)
    is_remarked = state == "remarked"
    wanted = [state] if state in counts else []
    rows = queries.shown_rows(run, wanted, is_foreseen=is_foreseen, has_remarks=is_remarked)
    shown = Paginator(rows, _ROWS_ON_PAGE).get_page(page or 1)
    titles = _titles(run)
    return Report(
        tallies=[Tally(each, words[each], counts[each]) for each in _REPORTED if counts.get(each)],
        rows=shown,
        shown=[_shown_row(row, of_row, titles, is_foreseen) for row in shown],
        remarked=queries.remarked_count(run),
        is_forgotten=not counts and any(run.counts.values()),
    )


def _shown_row(
    row: ImportRow, words: Mapping[ImportRow.State, Words], titles: Mapping[str, str], is_foreseen: bool
) -> ShownRow:
    state = State((row.foreseen or row.state) if is_foreseen else row.state)
    cells = " · ".join(shown_cell(cell) for cell in row.cells if cell) if row.state == State.REFUSED else ""
    remarks = [] if state == State.REFUSED else [each for each in row.remarks if each not in row.problems]
    return ShownRow(row, words[state], [_said(each, titles) for each in (*row.problems, *remarks)], cells)


def _said(told: Sequence[str], titles: Mapping[str, str]) -> str:
    column, code, value = told
    words = texts.problem_text(Problem(Column(column), code, value))
    title = titles.get(column)
    return without_numbers(f"{title}: {words}" if title else words)


def _titles(run: ImportRun) -> dict[str, str]:
    """What the columns are called in the file."""
    chosen = columns_from_data(run.chosen["columns"]) if run.chosen else {}
    if not chosen and (layout := find_layout([(1, run.titles)])):
        chosen = {places[0]: column for column, places in layout.places.items()}
    return {str(column): _cell(run.titles, place) for place, column in sorted(chosen.items(), reverse=True)}


@dataclass(frozen=True)
class Progress:
    """How far the program is; `whole` is not known while the rows are still being read."""

    done: int
    whole: int | None


def progress_of(run: ImportRun) -> Progress:
    counts = queries.counts_foreseen(run) if run.stage == Stage.CHECKING else queries.counts_of(run)
    whole = sum(counts.values())
    if run.stage in (Stage.LOOKING, Stage.READING):
        return Progress(whole, None)
    left = (State.IMPORTED, State.CHANGED) if run.stage == Stage.TAKING_BACK else (State.STAGED, State.DEFERRED)
    if run.stage == Stage.TAKING_BACK:
        whole -= counts.get(State.UNCHANGED, 0) + counts.get(State.REFUSED, 0) + counts.get(State.STAGED, 0)
    return Progress(whole - sum(counts.get(state, 0) for state in left), whole)
