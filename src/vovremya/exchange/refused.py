"""The rows of an import that were refused, as a table that is corrected and imported again."""

from collections.abc import Iterable, Sequence

from vovremya.directory.rules import Actor, Right
from vovremya.exchange import queries, texts
from vovremya.exchange.models import ImportRun
from vovremya.exchange.numbers import without_numbers
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.rows import Problem


def refused_table(run: ImportRun) -> list[Sequence[str]]:
    """The heading of the file, the rows, and in two columns of our own where each stood and why it was refused."""
    rows = [
        (row.cells, row.number, (texts.problem_text(Problem(Column(column), *told)) for column, *told in row.problems))
        for row in queries.refused_rows(run)
    ]
    return table_of_refused(run.titles, rows)


def refused_table_for(run: ImportRun, actor: Actor) -> list[Sequence[str]]:
    """With whole numbers for whoever may see them, and for whoever has brought the file and has them."""
    table = refused_table(run)
    has_brought_it = actor.user_id is not None and actor.user_id == run.user_id
    if has_brought_it or actor.may(Right.SEE_PHONE, run.branch_id):
        return table
    return [[without_numbers(text) for text in row] for row in table]


def table_of_refused(
    titles: Sequence[str], rows: Iterable[tuple[Sequence[str], int, Iterable[str]]]
) -> list[Sequence[str]]:
    width = len(titles)
    table: list[Sequence[str]] = [[*titles, str(texts.ROW_TITLE), str(texts.REASON_TITLE)]]
    for cells, number, reasons in rows:
        table.append([*[*cells, *[""] * width][:width], str(number), "; ".join(reasons)])
    return table
