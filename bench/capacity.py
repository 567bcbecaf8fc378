"""`python -m bench.capacity`: «Загрузка» of 100 bays, 30 days, 3,000 visits a day, beside the bare query for its rows.

What the page is made of: the rows read, the rule that makes minutes of them, both with all else that is asked.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from statistics import median

from bench.figures import Figure
from bench.floors import bare_rows, milliseconds
from bench.running import options, tell
from bench.stage import stage

BAYS = 100
DAYS = 30
VISITS_A_DAY = 3_000
ROUNDS = 9
_OPENS_AT = time(8)


def measured(database: str, rounds: int = ROUNDS, visits_a_day: int = VISITS_A_DAY) -> list[Figure]:
    with stage(database):
        branch_id, now = _filled(visits_a_day)
        return _capacity(branch_id, now, rounds)


def _filled(visits_a_day: int) -> tuple[int, datetime]:
    from bench.filling import DAY, NOW, ZONE, Size, fill
    from vovremya.directory.models import Bay, Branch
    from vovremya.schedule.models import Occupation

    size = Size("B100", BAYS, BAYS)
    fill([size])
    branch = Branch.objects.get(code=size.code)
    Occupation.objects.filter(branch=branch).delete()
    bay_ids = list(Bay.objects.filter(branch=branch).values_list("id", flat=True))
    of_bay_and_day = visits_a_day // len(bay_ids)
    every = timedelta(hours=13) / of_bay_and_day
    starts = (
        (bay_id, datetime.combine(DAY + timedelta(days=day), _OPENS_AT, ZONE) + number * every)
        for day in range(DAYS)
        for bay_id in bay_ids
        for number in range(of_bay_and_day)
    )
    Occupation.objects.bulk_create(
        (
            Occupation(
                branch=branch,
                bay_id=bay_id,
                starts_at=starts_at,
                ends_at=starts_at + every - timedelta(minutes=5),
                of=Occupation.Of.VISIT,
                visit_id=number,
            )
            for number, (bay_id, starts_at) in enumerate(starts, 1)
        ),
        batch_size=1_000,
    )
    return branch.pk, NOW


def _capacity(branch_id: int, now: datetime, rounds: int) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vovremya.board.queries.capacity import capacity
    from vovremya.board.rules import rooms_of
    from vovremya.directory.models import Branch
    from vovremya.schedule.queries import calendar_of, capacity_of_days

    branch = Branch.objects.get(pk=branch_id)
    ask = partial(capacity, branch, now)
    with CaptureQueriesContext(connection) as captured:
        if not ask().whole.busy_for:
            raise SystemExit("nothing is taken")
    calendar = calendar_of(branch_id)
    read = partial(capacity_of_days, branch_id, calendar.day_of(now).on, DAYS, calendar)
    count = partial(rooms_of, read(), since=now)
    floor = bare_rows([query["sql"] for query in captured], rounds)

    def typical(do: Callable[[], object]) -> float:
        return median(milliseconds(do) for _ in range(rounds))

    note = f"{len(captured)} queries; floor: they by the bare driver"
    return [
        Figure("thirty days to come, p50", typical(ask), "ms", floor, note=note),
        Figure("its rows read", typical(read), "ms", floor),
        Figure("its rule", typical(count), "ms"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("capacity", "What looking at the days to come takes.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--visits-a-day", type=int, default=VISITS_A_DAY)
    chosen = parser.parse_args(arguments)
    measure = partial(measured, rounds=chosen.rounds, visits_a_day=chosen.visits_a_day)
    return tell("capacity", "How quickly the days to come are counted", chosen, measure)


if __name__ == "__main__":
    sys.exit(main())
