"""What would become of the rows of a file. Reads only: a trial run shows it, an import then does it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from vovremya.directory.models import Branch
from vovremya.exchange import queries, texts
from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.reading import Table
from vovremya.exchange.rules.busy import Busy
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.matching import Book, Change, Identities, Leave, Part, Refuse, digests, judged, placed
from vovremya.exchange.rules.rows import Problem, RowRead, RowRefused, read_row, visit_rows
from vovremya.schedule.rules.occupied import Occupied

State = ImportRow.State
Decision = Book | Change | Leave | Refuse[Occupied | RowRead]
_CHECKED_AT_ONCE = 200


@dataclass(frozen=True)
class CheckedRow:
    """A row as the file has it, with what could be read of it and the key of the visit it speaks of."""

    number: int
    cells: tuple[str, ...]
    read: RowRead | None = None
    key: str = ""
    problems: tuple[Problem, ...] = ()


def check_rows(table: Table, branch: Branch) -> Iterator[CheckedRow]:
    """Every row that holds a visit, as the file goes."""
    place = queries.place_of(branch)
    identities = Identities()
    for row in visit_rows(table.layout, table.rows):
        read = read_row(table.layout, row, place)
        if isinstance(read, RowRefused):
            yield CheckedRow(row.number, row.texts, problems=read.problems)
        elif (earlier := identities.earlier_row(read)) is not None:
            repeated = Problem(Column.RECORD, "record_repeated", str(earlier))
            yield CheckedRow(row.number, row.texts, problems=(repeated,))
        else:
            read = replace(read, comment=texts.comment_with_remarks(read)) if read.remarks else read
            yield CheckedRow(row.number, row.texts, read, identities.key(read))


def decide(branch_id: int, rows: Mapping[str, RowRead], busy: Busy[Occupied | RowRead]) -> list[Decision]:
    """What becomes of each row, by its key; what the rows take is entered in `busy`."""
    known = queries.known_visits(branch_id, rows)
    return [placed(judged(row, digests(row), known.get(key)), busy) for key, row in rows.items()]


def busy_bays(branch_id: int, rows: Sequence[RowRead], real_now: datetime) -> Busy[Occupied | RowRead]:
    """What occupies the bays in the time that the rows want."""
    busy: Busy[Occupied | RowRead] = Busy()
    for occupied in queries.taken_periods(branch_id, rows, real_now):
        busy.take(occupied.bay_id, occupied.starts_at, occupied.ends_at, occupied, occupied.visit_id)
    return busy


def foreseeable_busy(run: ImportRun, real_now: datetime) -> Busy[Occupied | RowRead]:
    """What occupies the bays in the time that any of the run's rows can want."""
    busy: Busy[Occupied | RowRead] = Busy()
    for occupied in queries.taken_around(run, real_now):
        busy.take(occupied.bay_id, occupied.starts_at, occupied.ends_at, occupied, occupied.visit_id)
    return busy


def problems_of(refused: Sequence[Refuse[Occupied | RowRead]], branch: Branch) -> list[Problem]:
    """Each refusal in words: by which visit, with its number, plate, time and bay."""
    if not refused:
        return []
    visit_ids = {each.by.visit_id for each in refused if isinstance(each.by, Occupied) and each.by.visit_id}
    named, bays, zone = queries.visits_named(visit_ids), queries.bay_names(branch.pk), ZoneInfo(branch.zone)
    return [_problem(each.by, named, bays, zone) for each in refused]


def _problem(
    by: Occupied | RowRead, named: Mapping[int, queries.Named], bays: Mapping[int, str], zone: ZoneInfo
) -> Problem:
    if isinstance(by, RowRead):
        visit = queries.Named(by.record, by.plate, by.bay, by.starts_at, by.ends_at)
        return Problem(Column.BAY, "bay_taken", texts.visit_named(visit, bays, zone))
    if by.visit_id is not None and by.visit_id in named:
        return Problem(Column.BAY, "bay_taken", texts.visit_named(named[by.visit_id], bays, zone))
    return Problem(Column.BAY, f"bay_taken_by_{by.of}", by.note)


@dataclass
class Preview:
    """What an import of the file would do."""

    counts: Counter[State] = field(default_factory=Counter)
    refused: list[CheckedRow] = field(default_factory=list)
    remarked: list[CheckedRow] = field(default_factory=list)


def preview(table: Table, branch: Branch, real_now: datetime) -> Preview:
    """Goes through the file as an import does, and writes nothing."""
    seen = Preview()
    checked = list(check_rows(table, branch))
    seen.refused = [row for row in checked if row.read is None]
    pending = sorted((row for row in checked if row.read), key=_wanted_at)
    busy = busy_bays(branch.pk, [row.read for row in pending if row.read], real_now)
    is_moved = True
    while pending and is_moved:
        pending, is_moved = _preview_pass(pending, branch, busy, seen)
    seen.refused += pending
    seen.refused.sort(key=lambda row: row.number)
    seen.counts[State.REFUSED] = len(seen.refused)
    return seen


def _wanted_at(row: CheckedRow) -> tuple[datetime, int]:
    assert row.read is not None
    return row.read.starts_at, row.number


def _preview_pass(
    pending: list[CheckedRow], branch: Branch, busy: Busy[Occupied | RowRead], seen: Preview
) -> tuple[list[CheckedRow], bool]:
    """Those whose bays are taken, and whether a visit has moved and may have freed one."""
    deferred: list[CheckedRow] = []
    is_moved = False
    rows = iter(pending)
    while chunk := list(islice(rows, _CHECKED_AT_ONCE)):
        decisions = decide(branch.pk, {row.key: row.read for row in chunk if row.read}, busy)
        refusals = [decision for decision in decisions if isinstance(decision, Refuse)]
        problems = iter(problems_of(refusals, branch))
        for row, decision in zip(chunk, decisions, strict=True):
            if isinstance(decision, Refuse):
                deferred.append(replace(row, problems=(next(problems),)))
                continue
            is_moved |= isinstance(decision, Change) and Part.PLAN in decision.parts
            seen.counts[state_of(decision)] += 1
            if remarks := remarks_of(decision):
                seen.remarked.append(replace(row, problems=remarks))
    return deferred, is_moved


def state_of(decision: Book | Change | Leave) -> State:
    return _STATES[type(decision)]


_STATES: dict[type[Book | Change | Leave], State] = {
    Book: State.IMPORTED,
    Change: State.CHANGED,
    Leave: State.UNCHANGED,
}


def remarks_of(decision: Book | Change | Leave) -> tuple[Problem, ...]:
    """What was left out of the row or assumed; of a row that says nothing new no more need be said."""
    if not isinstance(decision, Leave):
        return decision.row.remarks
    return (Problem(Column.RECORD, decision.remark, decision.value),) if decision.remark else ()
