"""`python -m bench.watching`: a sweep of the watch over ever more visits, with nothing due, ten and a thousand.

The watch is asked in this process, as its loop asks: what is due, and when the next change comes. The floor of an idle
sweep is the bare query for the earliest instant; of announcements, as many bare writes of two rows, a hundred to a
transaction, as the watch writes them.
"""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from bench.figures import Figure
from bench.floors import TwoRows, bare_rows, milliseconds, processor_milliseconds
from bench.running import options, tell
from bench.stage import stage

VISITS = (10_000, 100_000, 1_000_000)
MOST_VISITS = 5_000_000
DUE = (10, 1_000)
ANNOUNCED_A_SECOND = 2_000.0
GROWTH = 1.2
#: Below this a clock in Python tells nothing of growth.
LEAST_IDLE_MILLISECONDS = 0.5
_IDLE_SWEEPS = 200
_ROUNDS = {10: 15, 1_000: 5}
_EARLIEST = """
SELECT next_change_at FROM visits_visit WHERE next_change_at IS NOT NULL ORDER BY next_change_at LIMIT 1
"""


def measured(database: str, counts: Sequence[int]) -> list[Figure]:
    with stage(database):
        from bench.filling import NOW, SIZES, fill
        from bench.past import Past

        fill(SIZES)
        _let_be(NOW)
        past = Past(SIZES[0], is_whole=False)
        figures: list[Figure] = []
        first_idle = 0.0
        with TwoRows() as bare:
            for count in counts:
                past.grow_to(count)
                idle = _idle(NOW)
                first_idle = first_idle or idle
                figures.append(
                    Figure(
                        f"{count:,} visits, nothing due",
                        idle,
                        "ms",
                        bare_rows([_EARLIEST], _IDLE_SWEEPS),
                        GROWTH * max(first_idle, LEAST_IDLE_MILLISECONDS),
                        note="a sweep and the next instant; floor: the bare query for the earliest instant",
                    )
                )
                for due in DUE:
                    figures += _announced(count, due, NOW, bare)
    return figures


def _let_be(now: datetime) -> None:
    """Whatever the filled days have due is announced before anything is timed."""
    from vovremya.visits.actions.announcements import announce_due

    while announce_due(now):
        pass


def _idle(now: datetime) -> float:
    from vovremya.visits.actions.announcements import announce_due
    from vovremya.visits.queries import earliest_change

    def sweep() -> None:
        if announce_due(now):
            raise SystemExit("something is due where nothing should be")
        earliest_change()

    return median(milliseconds(sweep) for _ in range(_IDLE_SWEEPS))


def _announced(count: int, due: int, now: datetime, bare: TwoRows) -> list[Figure]:
    took, floor, processor = [], [], []
    for _ in range(_ROUNDS[due]):
        _make_late(due, now)
        processor.append(processor_milliseconds(lambda: took.append(milliseconds(partial(_announce_all, due, now)))))
        floor.append(milliseconds(partial(_write_bare, due, bare)))
    spent = median(took)
    figures = [Figure(f"{count:,} visits, {due:,} due", spent, "ms", median(floor))]
    if due == max(DUE):
        rate, most = 1000 * due / spent, 1000 * due / median(floor)
        figures.append(
            Figure(
                f"{count:,} visits, announcements a second",
                rate,
                "/s",
                most,
                ANNOUNCED_A_SECOND,
                is_more_better=True,
                note="floor: bare writes of two rows, as many to a transaction",
            )
        )
        own = median(processor) / due
        figures.append(
            Figure("processor time of one", own, "ms", goal=1000 / ANNOUNCED_A_SECOND, note="of the process")
        )
    return figures


def _write_bare(due: int, bare: TwoRows) -> None:
    from vovremya.visits.actions.announcements import TOGETHER

    for start in range(0, due, TOGETHER):
        bare.write(min(TOGETHER, due - start))


def _make_late(due: int, now: datetime) -> None:
    """So many planned visits of the larger day turned late a second ago, and nobody has told yet."""
    from bench.filling import SIZES
    from vovremya.visits.models import Visit
    from vovremya.visits.rules.words import Status

    visits = Visit.objects.filter(branch__code=SIZES[1].code, status=Status.PLANNED, cases=None)
    visit_ids = list(visits.order_by("pk").values_list("pk", flat=True)[:due])
    if len(visit_ids) < due:
        raise SystemExit(f"only {len(visit_ids)} visits can be due")
    turned_at = now - timedelta(seconds=1)
    Visit.objects.filter(pk__in=visit_ids).update(
        starts_at=turned_at - timedelta(minutes=10),
        ends_at=now + timedelta(hours=1),
        expected_at=None,
        announced_until=turned_at - timedelta(minutes=1),
        next_change_at=turned_at + timedelta(milliseconds=1),
    )


def _announce_all(due: int, now: datetime) -> None:
    from vovremya.visits.actions.announcements import announce_due
    from vovremya.visits.queries import earliest_change

    announced = 0
    while found := announce_due(now):
        announced += found
        earliest_change()
    if announced != due:
        raise SystemExit(f"{announced} visits were announced, {due} were due")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("watching", "What a sweep of the watch takes.")
    parser.add_argument("--visits", type=int, action="append", help="so many; again for each step")
    parser.add_argument("--five-million", action="store_true", help="as many visits as that too: some ten minutes")
    chosen = parser.parse_args(arguments)
    counts = [*sorted(chosen.visits or VISITS), *([MOST_VISITS] if chosen.five_million else [])]
    return tell("watching", "How quick the watch is", chosen, partial(measured, counts=counts))


if __name__ == "__main__":
    sys.exit(main())
