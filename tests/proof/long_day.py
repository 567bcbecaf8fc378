"""Five desks at the peak of their day: the stations, who is expected when, and what is done about each of them.

Models are imported by the functions that ask the database, each in a process of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PASSWORD = "right password"
DESKS, BAYS = 5, 40
BEGINS_AT = datetime(2026, 11, 22, 5, tzinfo=UTC)
#: A desk of 1,000 visits a day of twelve hours, of which the peak hour sees twice its share.
VISITS_PER_HOUR = 1000 / 12 * 2
LASTS = timedelta(minutes=10)
_LATE_EVERY, _UNREACHED_EVERY, _BOOKING_EVERY, _SEARCH_EVERY = 4, 3, 2, 5


@dataclass(frozen=True)
class Press:
    """What somebody of the desk does at a minute of it."""

    at_minute: float
    desk: int
    number: int  # of the visit among the desk's, or of the new booking
    what: str


def code_of(desk: int) -> str:
    return f"D{desk}"


def visits_of_desk(hours: float) -> int:
    return round(VISITS_PER_HOUR * hours)


def starts_at_minute(number: int) -> float:
    """The bays are filled in turn."""
    return number // BAYS * BAYS / VISITS_PER_HOUR * 60 + 5


def presses_of(hours: float) -> list[Press]:
    """Of all desks, in the order of time: what falls into so many hours."""
    presses = [
        press
        for desk in range(DESKS)
        for number in range(visits_of_desk(hours))
        for press in _presses_about(desk, number)
        if press.at_minute <= hours * 60
    ]
    return sorted(presses, key=lambda press: press.at_minute)


def _presses_about(desk: int, number: int) -> Iterator[Press]:
    start = starts_at_minute(number)
    shift = number % BAYS / BAYS * 5  # nobody presses forty buttons at once
    came_at = start - 2 + shift
    if number % _LATE_EVERY == 0:
        yield Press(start + 11 + shift, desk, number, "call")
        is_unreached = number // _LATE_EVERY % _UNREACHED_EVERY == 0
        came_at = start + 18 + shift
        if is_unreached:
            yield Press(start + 17 + shift, desk, number, "call again")
            came_at = start + 24 + shift
    for minute, step in ((0, "check-in"), (1, "start-work"), (8, "end-work")):
        yield Press(came_at + minute, desk, number, step)
    if number % _BOOKING_EVERY == 0:
        yield Press(start + shift, desk, number // _BOOKING_EVERY, "book")
    if number % _SEARCH_EVERY == 0:
        yield Press(start + shift, desk, number, "search")


def is_unreached(number: int) -> bool:
    return number // _LATE_EVERY % _UNREACHED_EVERY == 0


# --- asked of the database -----------------------------------------------------------------------------------------


def open_stations() -> None:
    from django.core.management import call_command

    from vovremya.directory.actions import add_user, create_installation, open_branch, open_network
    from vovremya.directory.models import Installation
    from vovremya.directory.rules import PROGRAM, Role
    from vovremya.schedule.actions import set_week_hours
    from vovremya.schedule.rules.hours import DayHours

    call_command("migrate", verbosity=0)
    create_installation(Installation.Kind.DEMO)
    network = open_network("Сеть")
    long_ago = BEGINS_AT - timedelta(days=30)
    for desk in range(DESKS):
        bays = [f"Пост {number}" for number in range(1, BAYS + 1)]
        branch = open_branch(
            network, code=code_of(desk), name=f"Цех {desk}", zone="Europe/Moscow", bay_names=bays, now=long_ago
        )
        set_week_hours(branch.pk, [DayHours(0, 24 * 60)] * 7, actor=PROGRAM, now=long_ago)
        for login, role in ((f"operator{desk}", Role.OPERATOR), (f"master{desk}", Role.MASTER)):
            add_user(
                username=login,
                full_name=login,
                short_name=login,
                password=PASSWORD,
                roles={branch.pk: [role]},
                actor=PROGRAM,
                is_demo=True,
            )


@dataclass(frozen=True)
class Station:
    bays: Sequence[int]
    visits: Sequence[int]


def bring_in(desk: int, hours: float) -> Station:
    """The desk's visits of the day, as they stand in the morning."""
    from django.db import transaction

    from vovremya.customers.actions import register
    from vovremya.customers.rules import CarGiven
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, Plan, book

    branch = Branch.objects.get(code=code_of(desk))
    bays = list(Bay.objects.filter(branch=branch).order_by("pk").values_list("pk", flat=True))
    operator = actor_of(User.objects.get(username=f"operator{desk}"))
    morning = BEGINS_AT - timedelta(hours=2)
    visits = []
    with transaction.atomic():
        for number in range(visits_of_desk(hours)):
            phone = f"+7 9{desk}0 {number // 10000:03d}-{number // 100 % 100:02d}-{number % 100:02d}"
            person = register(branch.network, f"Клиент {number}", [phone], CarGiven(model="Лада"), now=morning)
            starts_at = BEGINS_AT + timedelta(seconds=round(starts_at_minute(number)) * 60)
            plan = Plan(bays[number % BAYS], starts_at, starts_at + LASTS)
            visit = book(branch.pk, person.client, person.car, plan, Details(reason="ТО"), actor=operator, now=morning)
            visits.append(visit.pk)
    return Station(bays, visits)


def let_run(speed: float) -> None:
    """The shown clock begins at the beginning of the shift, or there anew."""
    from vovremya.directory.actions import move_clock
    from vovremya.kernel import clock

    move_clock(shown_at=BEGINS_AT, speed=speed, real_now=clock.real_now())
