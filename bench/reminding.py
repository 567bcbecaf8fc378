"""`python -m bench.reminding`: everybody of a large day is to be reminded at one instant of the day before.

The branch decides so with the day booked already; the watch says it of all of them; and a board of the day before is
drawn, whose queue has them.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from bench.figures import Figure
from bench.floors import bare_rows, milliseconds
from bench.running import options, tell
from bench.stage import stage

BAYS = 100
VISITS = 3_000
ROUNDS = 20
_NOON = 12 * 60


def measured(database: str, rounds: int = ROUNDS, visits: int = VISITS) -> list[Figure]:
    with stage(database):
        branch_id, now = _booked(visits)
        return [_setting(branch_id, now, visits), _announcing(now, visits), *_drawing(branch_id, now, rounds)]


def _booked(visits: int) -> tuple[int, datetime]:
    """The day as it was an hour before noon of the day before: booked, and nothing has happened."""
    from bench.filling import NOW, Size, fill
    from vovremya.directory.models import Branch
    from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
    from vovremya.visits.rules.words import Status

    size = Size("B100", BAYS, visits)
    fill([size])
    now = NOW - timedelta(days=1, hours=3)
    for of_contact in (Draft, Lease, Attempt, Case):
        of_contact.objects.all().delete()
    Visit.objects.update(
        status=Status.PLANNED, arrived_at=None, expected_at=None, announced_until=now, next_change_at=None
    )
    return Branch.objects.get(code=size.code).pk, now


def _setting(branch_id: int, now: datetime, visits: int) -> Figure:
    from vovremya.directory.rules import PROGRAM
    from vovremya.visits.actions.branch_settings import change_setting
    from vovremya.visits.actions.reminding import RemindersWanted
    from vovremya.visits.models import Visit
    from vovremya.visits.rules.settings import Setting, SettingOf

    of, wanted = SettingOf(branch_id, Setting.REMINDERS), asdict(RemindersWanted(day_before_minute=_NOON))
    took = milliseconds(lambda: change_setting(of, wanted, actor=PROGRAM, now=now))
    taken = Visit.objects.filter(remind_at__isnull=False).count()
    if taken != visits:
        raise SystemExit(f"{taken} visits went along instead of {visits}")
    return Figure("reminders set, all visits taken along", took, "ms", note=f"{visits} visits, one transaction")


def _announcing(now: datetime, visits: int) -> Figure:
    from vovremya.visits.actions.announcements import announce_due

    noon, said = now + timedelta(hours=1), []

    def sweep() -> None:
        while count := announce_due(noon):
            said.append(count)

    took = milliseconds(sweep)
    if sum(said) != visits:
        raise SystemExit(f"{sum(said)} reminders were announced instead of {visits}")
    return Figure("announced a second, all due at once", visits / took * 1000, "", is_more_better=True)


def _drawing(branch_id: int, now: datetime, rounds: int) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vovremya.board.grid import draw_ahead
    from vovremya.board.queries.day import bars_to_remind, board_day
    from vovremya.directory.models import Branch
    from vovremya.schedule.queries import calendar_of

    after_noon = now + timedelta(hours=1, minutes=1)
    today = calendar_of(branch_id).day_of(after_noon)
    read = partial(bars_to_remind, branch_id, today.ends_at, after_noon)
    with CaptureQueriesContext(connection) as captured:
        bars = read()
    if not bars:
        raise SystemExit("nobody is to be reminded")
    shown = board_day(Branch.objects.get(pk=branch_id), today.on, after_noon)
    floor = bare_rows([query["sql"] for query in captured], rounds)

    def typical(do: Callable[[], object]) -> float:
        return median(milliseconds(do) for _ in range(rounds))

    note = f"{len(bars)} bars; floor: their {len(captured)} queries by the bare driver"
    return [
        Figure("whom to remind, read for a board", typical(read), "ms", floor, note=note),
        Figure("and drawn", typical(partial(draw_ahead, bars, shown, after_noon)), "ms"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("reminding", "What reminding everybody of a large day takes.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--visits", type=int, default=VISITS)
    chosen = parser.parse_args(arguments)
    measure = partial(measured, rounds=chosen.rounds, visits=chosen.visits)
    return tell("reminding", "What reminding everybody of a large day takes", chosen, measure)


if __name__ == "__main__":
    sys.exit(main())
