"""The sheet of a day: what hangs on the wall of the shop, a page a bay group. A fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vovremya.board.queries.day import Bar, board_day
from vovremya.board.queries.week import Cell, bars_of_day, cell_of
from vovremya.board.rules import NO_ROOM, rooms_of
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.kernel import phones
from vovremya.schedule.queries import calendar_of, capacity_of_days
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.visits.models import Visit
from vovremya.visits.rules.timeline import state_at
from vovremya.visits.rules.words import LATE_STATES, State
from vovremya.visits.texts import STATES


@dataclass(frozen=True)
class Line:
    bar: Bar
    state: State
    state_word: str
    is_late: bool
    phone: str  # masked: who is to call looks it up in the program, which notes that


@dataclass(frozen=True)
class BaySheet:
    bay: Bay
    cell: Cell
    lines: Sequence[Line]


@dataclass(frozen=True)
class GroupSheet:
    group: BayGroup
    bays: Sequence[BaySheet]
    visit_count: int


@dataclass(frozen=True)
class DaySheet:
    day: BusinessDay
    groups: Sequence[BayGroup]
    shown: Sequence[GroupSheet]


def day_sheet(branch: Branch, on: date, group_id: int | None, now: datetime, *, with_phones: bool) -> DaySheet:
    """Of one bay group, or of all of them."""
    calendar = calendar_of(branch.pk)
    shown = board_day(branch, on, now, calendar)
    groups = list({bay.group: None for bay in shown.bays})
    chosen = [group for group in groups if group.pk == group_id] or groups
    rooms = rooms_of(capacity_of_days(branch.pk, on, 1, calendar))
    bars_by_bay = {bay.pk: bars_of_day(shown.bars.get(bay.pk, ()), shown.day) for bay in shown.bays}
    visit_ids = [bar.visit_id for bars in bars_by_bay.values() for bar in bars]
    numbers = _first_numbers(visit_ids) if with_phones else {}

    def line(bar: Bar) -> Line:
        change = state_at(bar.timeline, now)
        counts_to = f"{change.counts_to.astimezone(shown.zone):%H:%M}" if change.counts_to else ""
        word = STATES[change.state].format(time=counts_to)
        is_late = change.state in LATE_STATES
        return Line(bar, change.state, word, is_late, numbers.get(bar.visit_id, ""))

    sheets = []
    for group in chosen:
        bays = [
            BaySheet(
                bay,
                cell_of(shown.day, bars_by_bay[bay.pk], rooms.get(bay.pk, [NO_ROOM])[0], now),
                list(map(line, bars_by_bay[bay.pk])),
            )
            for bay in shown.bays
            if bay.group == group
        ]
        sheets.append(GroupSheet(group, bays, sum(len(sheet.lines) for sheet in bays)))
    return DaySheet(shown.day, groups, sheets)


def _first_numbers(visit_ids: Collection[int]) -> dict[int, str]:
    """The number that would be dialled, of each visit's client. One query."""
    numbers = Visit.objects.filter(pk__in=visit_ids, client__phones__is_wrong=False)
    rows = numbers.order_by("-client__phones__position", "-client__phones__id")
    return {visit_id: phones.masked(number) for visit_id, number in rows.values_list("pk", "client__phones__number")}
