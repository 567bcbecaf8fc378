"""`python -m bench.slots`: free times over 30 bays, 60 days and 20,000 visits, beside the bare query for the same rows.

The search as the booking window asks for it, for all sixty days, and for a wish that names the days; and its two
parts: the rows read, the rule that finds the free times among them.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from statistics import median

from bench.figures import Figure
from bench.floors import bare_rows, milliseconds
from bench.running import options, tell
from bench.stage import stage

BAYS = 30
DAYS = 60
VISITS = 20_000
ROUNDS = 30
#: Measured before: a search over a built map of 20,000 visits 0.1 ms, building the map 8 to 15, by SQL alone 2 to 13.
_OPENS_AT = time(8)
_MINUTES = 60


def measured(database: str, rounds: int = ROUNDS) -> list[Figure]:
    with stage(database):
        branch_id, now = _filled()
        figures = []
        for name, until_on in _wishes().items():
            figures += _search(branch_id, now, name, until_on, rounds)
    return figures


def _wishes() -> dict[str, date | None]:
    from bench.filling import DAY

    return {"sixty days": None, "a week": DAY + timedelta(days=7), "the next day": DAY + timedelta(days=1)}


def _filled() -> tuple[int, datetime]:
    from bench.filling import DAY, NOW, ZONE, Size, fill
    from vovremya.directory.models import Bay, Branch
    from vovremya.schedule.models import Occupation

    size = Size("B30", BAYS, BAYS)
    fill([size])
    branch = Branch.objects.get(code=size.code)
    Occupation.objects.filter(branch=branch).delete()
    bay_ids = list(Bay.objects.filter(branch=branch).values_list("id", flat=True))
    of_bay_and_day = VISITS // (len(bay_ids) * DAYS) + 1
    every = timedelta(hours=13) / of_bay_and_day
    starts = [
        (bay_id, datetime.combine(DAY + timedelta(days=day), _OPENS_AT, ZONE) + number * every)
        for day in range(DAYS)
        for bay_id in bay_ids
        for number in range(of_bay_and_day)
    ]
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
            # The last of the month is left free, or there would be nothing to find.
            for number, (bay_id, starts_at) in enumerate(starts[:VISITS])
            if number % 50
        ),
        batch_size=1_000,
    )
    return branch.pk, NOW


def _search(branch_id: int, now: datetime, name: str, until_on: date | None, rounds: int) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vovremya.schedule.queries import Asker, _Lookup, calendar_of, free_slots
    from vovremya.schedule.rules import slots
    from vovremya.schedule.rules.slots import Wish
    from vovremya.visits.queries import arrivals_between

    wish, asker = Wish(duration_minutes=_MINUTES, until_on=until_on), Asker(real_now=now)
    arrivals = partial(arrivals_between, branch_id)
    search = partial(free_slots, branch_id, wish, now=now, asker=asker, arrivals_between=arrivals)
    with CaptureQueriesContext(connection) as captured:
        found = search()
    if not found:
        raise SystemExit("no free time was found")
    read = partial(_Lookup(branch_id, calendar_of(branch_id), asker).station_for, wish, now, arrivals)
    find = partial(slots.free_slots, read(), wish, now=now, limit=20)
    floor = bare_rows([query["sql"] for query in captured], rounds)

    def typical(do: Callable[[], object]) -> float:
        return median(milliseconds(do) for _ in range(rounds))

    note = f"{len(captured)} queries; floor: they by the bare driver"
    return [
        Figure(f"free times of {name}, p50", typical(search), "ms", floor, note=note),
        Figure("its rows read", typical(read), "ms", floor),
        Figure("its rule", typical(find), "ms"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("slots", "What looking for free times takes.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    return tell("slots", "How quickly free times are found", chosen, partial(measured, rounds=chosen.rounds))


if __name__ == "__main__":
    sys.exit(main())
