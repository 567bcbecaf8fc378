"""`python -m bench.saving`: what it takes to save a card, to book and to move, beside a bare write of two rows.

Each by the action itself, in one process, and by HTTP, as the browser presses the button: a real server, whose watch
runs. The floor is taken in turn with what it is the floor of.
"""

import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import count, cycle
from statistics import median
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.floors import TwoRows, milliseconds, processor_milliseconds
from bench.running import options, tell
from bench.serving import Connection, bare_answer, served
from bench.stage import stage

if TYPE_CHECKING:
    from vovremya.customers.models import Car, Client
    from vovremya.directory.models import Branch
    from vovremya.directory.rules import Actor
    from vovremya.journal.actions import Request
    from vovremya.visits.models import Case, Visit

ROUNDS = 150
PROCESSOR_ROUNDS = 40
WARMED_BY = 5
TIMES_BARE = {"SQLite": 4, "PostgreSQL": 2}
_DAY = timedelta(days=1)
_OPENS_AT = time(8)
_EVERY = timedelta(minutes=30)
_LASTS = timedelta(minutes=25)
_STARTS_OF_A_DAY = 24
_COMMENT = "Обещал быть через полчаса"


@dataclass
class Desk:
    """An operator with a late client's card, a visit to be moved, and endless rows of clients and of free times."""

    branch: "Branch"
    actor: "Actor"
    late: "Visit"
    case: "Case"
    moved: "Visit"
    bay_ids: Sequence[int]
    cookies: Mapping[str, str]
    customers: "Iterator[tuple[Client, Car]]"
    numbers: Iterator[int] = field(default_factory=count)

    def next_start(self) -> tuple[int, datetime]:
        """A bay and a time that nobody has taken: from the day after tomorrow on, bay after bay."""
        from bench.filling import DAY, ZONE

        day, of_day = divmod(next(self.numbers), len(self.bay_ids) * _STARTS_OF_A_DAY)
        bay, start = divmod(of_day, _STARTS_OF_A_DAY)
        opens_at = datetime.combine(DAY + (2 + day) * _DAY, _OPENS_AT, ZONE)
        return self.bay_ids[bay], opens_at.astimezone(UTC) + start * _EVERY


def measured(database: str, rounds: int = ROUNDS) -> list[Figure]:
    with stage(database) as folder:
        desk = desk_of()
        with TwoRows() as bare:
            ways = {
                "saving a card": partial(save_one, desk),
                "booking": partial(book_one, desk),
                "moving": partial(move_one, desk),
            }
            figures = _figures(ways, bare, rounds, TIMES_BARE[database])
            figures += [_processor_time(name, do, bare) for name, do in ways.items()]
            with served(folder) as running, bare_answer(b"", folder) as port:
                browser, plain = Connection(running.port, desk.cookies), Connection(port, {})
                pressed = {
                    "saving a card, by HTTP": partial(_press_save, browser, desk),
                    "booking, by HTTP": partial(_press_book, browser, desk),
                    "moving, by HTTP": partial(_press_move, browser, desk),
                }
                figures += _figures(pressed, bare, rounds, TIMES_BARE[database], answer=lambda: plain.get("/"))
                browser.close()
                plain.close()
    return figures


def _figures(
    ways: Mapping[str, Callable[[], object]],
    bare: TwoRows,
    rounds: int,
    times_bare: int,
    answer: Callable[[], object] = lambda: None,
) -> list[Figure]:
    """`answer`: what the floor has besides the two rows."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    floors: list[float] = []
    for number in range(WARMED_BY + rounds):
        took = {name: milliseconds(do) for name, do in ways.items()}
        floor = milliseconds(bare.write) + milliseconds(answer)
        if number >= WARMED_BY:
            floors.append(floor)
            for name in ways:
                spent[name].append(took[name])
    floor = median(floors)
    return [Figure(f"{name}, p50", median(spent[name]), "ms", floor, times_bare * floor) for name in ways]


def _processor_time(name: str, do: Callable[[], object], bare: TwoRows) -> Figure:
    return Figure(
        f"{name}: processor time",
        median(processor_milliseconds(do) for _ in range(PROCESSOR_ROUNDS)),
        "ms",
        median(processor_milliseconds(bare.write) for _ in range(PROCESSOR_ROUNDS)),
        note=f"{_statements(do)} statements; of the program's process, the disk's work is not in it",
    )


def _statements(do: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def desk_of() -> Desk:
    from bench.filling import NOW, SIZES, fill
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.contact import client_called
    from vovremya.visits.models import Visit
    from vovremya.visits.rules.words import Status

    cookies = fill(SIZES[:1])
    branch = Branch.objects.get(code=SIZES[0].code)
    actor = actor_of(User.objects.get(username="operator"))
    planned = Visit.objects.select_related("client", "car").filter(branch=branch, status=Status.PLANNED)
    late, moved, *others = planned.filter(starts_at__gt=NOW + timedelta(hours=4)).order_by("starts_at", "id")
    case = client_called(late.pk, actor=actor, now=_now(), real_now=_real_now())
    bay_ids = list(Bay.objects.filter(branch=branch).values_list("id", flat=True))
    # Each books again when all have: visits of one car would look for each other ever longer.
    customers = cycle([(visit.client, visit.car) for visit in others if visit.car])
    return Desk(branch, actor, late, case, moved, bay_ids, cookies, customers)


def _now() -> datetime:
    from vovremya.kernel import clock

    return clock.now()


def _real_now() -> datetime:
    from vovremya.kernel import clock

    return clock.real_now()


def _request(action: str) -> "Request":
    from vovremya.journal.actions import Request

    return Request.of(uuid.uuid4().hex, action, {"comment": _COMMENT})


def save_one(desk: Desk) -> None:
    from vovremya.visits.actions.contact import CardInput, save_card

    desk.case = save_card(
        desk.late.pk,
        CardInput(comment=_COMMENT),
        actor=desk.actor,
        case_version=desk.case.version,
        typed={"comment": _COMMENT},
        request=_request("save_card"),
        now=_now(),
        real_now=_real_now(),
    )


def book_one(desk: Desk) -> None:
    from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book

    bay_id, starts_at = desk.next_start()
    client, car = next(desk.customers)
    book(
        desk.branch.pk,
        client,
        car,
        Plan(bay_id, starts_at, starts_at + _LASTS, desk.late.advisor_id),
        Details(reason="Стук справа", works=(PlannedWork("Диагностика подвески"),)),
        actor=desk.actor,
        request=_request("book"),
        now=_now(),
        real_now=_real_now(),
    )


def move_one(desk: Desk) -> None:
    from vovremya.visits.actions.booking import Plan, move

    bay_id, starts_at = desk.next_start()
    desk.moved = move(
        desk.moved.pk,
        Plan(bay_id, starts_at, starts_at + _LASTS, desk.moved.advisor_id),
        actor=desk.actor,
        plan_version=desk.moved.plan_version,
        request=_request("move"),
        now=_now(),
        real_now=_real_now(),
    )


def _press_save(browser: Connection, desk: Desk) -> None:
    form = {"case_version": str(desk.case.version), "comment": _COMMENT}
    _press(browser, f"/visits/{desk.late.pk}/save/", form)
    desk.case.version += 1


def _press_book(browser: Connection, desk: Desk) -> None:
    client, car = next(desk.customers)
    form = {"client": str(client.pk), "car": str(car.pk), "reason": "Стук справа"}
    _press(browser, f"/{desk.branch.code}/booking/", {**form, "slot": _slot(desk)})


def _press_move(browser: Connection, desk: Desk) -> None:
    _press(
        browser,
        f"/visits/{desk.moved.pk}/move/",
        {"plan_version": str(desk.moved.plan_version), "slot": _slot(desk)},
    )
    desk.moved.plan_version += 1


def _slot(desk: Desk) -> str:
    bay_id, starts_at = desk.next_start()
    return f"{bay_id} {starts_at.isoformat()} {(starts_at + _LASTS).isoformat()}"


def _press(browser: Connection, path: str, form: Mapping[str, str]) -> None:
    answer = browser.post(path, {**form, "request_key": uuid.uuid4().hex})
    if answer.status != 204:
        raise SystemExit(f"{path} is answered with {answer.status}: {answer.body[:500].decode()}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = options("saving", "What saving, booking and moving take.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args(arguments)
    return tell("saving", "How long a save takes", chosen, partial(measured, rounds=chosen.rounds))


if __name__ == "__main__":
    sys.exit(main())
