"""`python -m bench.wave`: what a late client does to 200 bays and 14 days, and what can be done about it.

All bays are of one group, so that each is looked at: the plans as the window «Сдвиг записей» asks for them; and its two
parts, the rows read and the rule that makes the plans of them. Several visits are late, one after the other, by ten
minutes to three hours.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from bench.figures import Figure
from bench.floors import bare_rows, milliseconds
from bench.running import options, tell
from bench.stage import stage

BAYS = 200
VISITS_A_DAY = 2_400
LATE = 20
GOAL_MS = 200.0
MINUTES_LATE = (10, 40, 90, 180)
_OPENS_AT = datetime.min.time().replace(hour=8)
_EVERY = timedelta(minutes=65)


def measured(database: str, late: int = LATE, bays: int = BAYS, visits: int = VISITS_A_DAY) -> list[Figure]:
    with stage(database):
        windows, asker = _filled(late, bays, visits)
        return _figures(windows, asker)


def _filled(late: int, bays: int, visits: int) -> tuple[Sequence[Any], Any]:
    """A day in every state, and the days after it nearly full; those are late who are to come soon."""
    from bench.filling import NOW, Size, fill
    from vovremya.board.queries.windows import visit_window
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.schedule.queries import Asker
    from vovremya.visits.models import Visit

    size = Size("W200", bays, visits)
    fill([size])
    branch = Branch.objects.get(code=size.code)
    of_branch = Bay.objects.filter(branch=branch)
    of_branch.update(group=of_branch[0].group)
    _leave_gaps(branch)
    _fill_later_days(branch)
    user = User.objects.get(username="operator")
    found = Visit.objects.filter(branch=branch, status="planned", starts_at__gt=NOW - timedelta(hours=1), lane=0)
    visit_ids = found.order_by("starts_at", "id").values_list("id", flat=True)[:late]
    windows = [visit_window(visit_id, actor_of(user), NOW) for visit_id in visit_ids]
    return windows, Asker(real_now=NOW, user_id=user.pk)


def _leave_gaps(branch: Any) -> None:
    """One in six of those to come is taken off: a day without any room has no plans to be made."""
    from bench.filling import NOW
    from vovremya.schedule.models import Occupation
    from vovremya.visits.models import Visit

    to_come = Visit.objects.filter(branch=branch, starts_at__gt=NOW)
    visit_ids = to_come.order_by("id").values_list("id", flat=True)
    gone = list(visit_ids)[::6]
    Occupation.objects.filter(visit_id__in=gone).delete()
    to_come.filter(pk__in=gone).update(status="removed")


def _fill_later_days(branch: Any) -> None:
    from bench.filling import DAY, ZONE
    from vovremya.board.queries.wave import LATER_DAYS
    from vovremya.directory.models import Bay
    from vovremya.schedule.models import Occupation

    starts = [
        (bay_id, datetime.combine(DAY + timedelta(days=day), _OPENS_AT, ZONE) + number * _EVERY)
        for day in range(1, sum(LATER_DAYS) + 1)
        for bay_id in Bay.objects.filter(branch=branch).values_list("id", flat=True)
        for number in range(11)
    ]
    Occupation.objects.bulk_create(
        (
            Occupation(
                branch=branch,
                bay_id=bay_id,
                starts_at=starts_at,
                ends_at=starts_at + _EVERY - timedelta(minutes=5),
                of=Occupation.Of.VISIT,
                visit_id=10_000_000 + number,
            )
            for number, (bay_id, starts_at) in enumerate(starts)
        ),
        batch_size=1_000,
    )


def _figures(windows: Sequence[Any], asker: Any) -> list[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vovremya.board.queries.wave import arrival_on, late_of, wave_of
    from vovremya.schedule.rules import wave

    whole, read, rule, offered, cut_short = [], [], [], 0, 0
    statements: list[str] = []
    for number, window in enumerate(windows):
        arrives_at = arrival_on(
            window.visit.starts_at + timedelta(minutes=MINUTES_LATE[number % len(MINUTES_LATE)]), window.now
        )
        late = late_of(window.visit, arrives_at, is_on_the_line=True)
        ask = partial(wave_of, window, arrives_at, is_on_the_line=True, asker=asker, branches=())
        with CaptureQueriesContext(connection) as captured:
            ask()
        statements = [query["sql"] for query in captured]
        whole.append(milliseconds(ask))
        read.append(milliseconds(partial(_all_read, window, arrives_at, asker)))
        outlook = _all_read(window, arrives_at, asker)
        began = time.thread_time()
        plans = wave.plans(late, outlook, now=window.now)
        rule.append((time.thread_time() - began) * 1000)
        offered += len(plans)
        cut_short += sum(not plan.is_cheapest for plan in plans)
    if not offered:
        raise SystemExit("no plan was found")
    floor = bare_rows(statements, 5)
    note = f"{offered} plans for {len(windows)} late visits; in {cut_short} of them not every bay was tried"
    return [
        Figure("plans about a late visit, p50", median(whole), "ms", floor, note=f"{len(statements)} queries"),
        Figure("all 14 days read, p50", median(read), "ms"),
        Figure("its rule, processor time, p50", median(rule), "ms", goal=GOAL_MS, note=note),
        Figure("its rule, processor time, the slowest", max(rule), "ms", goal=GOAL_MS),
    ]


def _all_read(window: Any, arrives_at: datetime, asker: Any) -> Any:
    """The window stops at the first days that have a free time."""
    from vovremya.board.queries.wave import outlook_of

    outlook, _ = outlook_of(window, arrives_at, asker, ())
    return replace(outlook, later=tuple(outlook.later))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("wave", "What the plans about a late visit take.")
    parser.add_argument("--late", type=int, default=LATE, help="how many visits are late")
    parser.add_argument("--bays", type=int, default=BAYS)
    parser.add_argument("--visits", type=int, default=VISITS_A_DAY, help="of the day")
    chosen = parser.parse_args(arguments)
    measure = partial(measured, late=chosen.late, bays=chosen.bays, visits=chosen.visits)
    return tell("wave", "How quickly plans about a late client are made", chosen, measure)


if __name__ == "__main__":
    sys.exit(main())
