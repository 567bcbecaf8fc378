"""What two operators are about to do when something fails, and what became of it. Models are imported by the functions.

Every scene has a day of its own, at 10:28 in Moscow, and the clock goes.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

_LATE_AFTER = timedelta(minutes=10, milliseconds=1)


@dataclass(frozen=True)
class Scene:
    on: date
    late: int  # the visit whose client has been reached
    turning: int = 0  # the visit that turns late while the fault lasts
    turns_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    finished: int
    comment: str
    booked: int
    registered: int
    turned_late_at: Sequence[datetime]


def set_up(number: int) -> Scene:
    from tests.cast import TODAY, at
    from vovremya.directory.actions import move_clock
    from vovremya.kernel import clock

    day = TODAY + timedelta(days=number)
    move_clock(shown_at=at("10:28", day), speed=1.0, real_now=clock.real_now())
    return Scene(day, _booked(at("10:15", day), bay=0))


def add_turning(scene: Scene, seconds: float) -> Scene:
    """The client of another visit will be late in so many seconds."""
    from vovremya.directory.queries import clock_anchor
    from vovremya.kernel import clock

    anchor = clock_anchor()
    assert anchor is not None
    starts_at = anchor.shown(clock.real_now()).replace(microsecond=0) + timedelta(seconds=seconds) - _LATE_AFTER
    starts_at = starts_at.replace(microsecond=0)
    return replace(scene, turning=_booked(starts_at, bay=1), turns_at=starts_at + _LATE_AFTER)


def outcome_of(scene: Scene, client_name: str) -> Outcome:
    from vovremya.customers.models import Client
    from vovremya.journal.models import Entry
    from vovremya.visits.models import Case, Visit

    case = Case.objects.filter(visit_id=scene.late).order_by("-pk").first()
    turned = Entry.objects.filter(visit_id=scene.turning, kind="turned_late")
    booked = Visit.objects.filter(on=scene.on, client__name=client_name)
    return Outcome(
        finished=Entry.objects.filter(visit_id=scene.late, kind="card_finished").count(),
        comment=case.comment if case else "",
        booked=booked.count(),
        registered=Client.objects.filter(visits__on=scene.on, name=client_name).distinct().count(),
        turned_late_at=tuple(turned.order_by("pk").values_list("at", flat=True)),
    )


def arrivals_of(*visit_ids: int) -> list[int]:
    """How often each of them was recorded to have arrived."""
    from vovremya.journal.models import Entry

    arrived = Entry.objects.filter(kind="client_arrived")
    return [arrived.filter(visit_id=visit_id).count() for visit_id in visit_ids]


def empty_log(database: Path) -> None:
    """Write SQLite's log into the file and cut it to nothing."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _booked(starts_at: datetime, *, bay: int) -> int:
    from tests.cast import at
    from vovremya.customers.models import Client
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, Plan, book

    branch = Branch.objects.get(code="SEV")
    operator = actor_of(User.objects.get(username="operator"))
    client = Client.objects.order_by("pk")[0]
    plan = Plan(Bay.objects.filter(branch=branch)[bay].pk, starts_at, starts_at + timedelta(minutes=60))
    morning = at("08:00", starts_at.date())
    visit = book(branch.pk, client, client.cars.first(), plan, Details(reason="ТО"), actor=operator, now=morning)
    return visit.pk
