"""What is done to a served database from another process. Models are imported by the functions: see `arena`."""

from datetime import timedelta
from typing import Any


def furnish() -> None:
    """The cast, its demo logins, and the clock of its day."""
    from django.core.management import call_command

    from tests.cast import assemble, at
    from vovremya.directory.actions import move_clock
    from vovremya.kernel import clock

    call_command("migrate", verbosity=0)
    assemble()
    move_clock(shown_at=at("10:00"), speed=1.0, real_now=clock.real_now())


def book(clock_time: str, days: int = 0) -> int:
    """A visit of a client of its own, on a free bay; on a later day, where so many are given."""
    from tests.cast import MORNING, TODAY, at
    from vovremya.customers.actions import register
    from vovremya.customers.rules import CarGiven
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, Plan
    from vovremya.visits.actions.booking import book as book_visit

    branch = Branch.objects.get(code="SEV")
    operator = actor_of(User.objects.get(username="operator"))
    client = register(branch.network, "Кот Иван", ["+7 912 000-00-01"], CarGiven(plate="А001АА77"), now=MORNING)
    starts_at = at(clock_time, TODAY + timedelta(days=days))
    plan = Plan(Bay.objects.filter(branch=branch)[0].pk, starts_at, starts_at + timedelta(minutes=30))
    visit = book_visit(branch.pk, client.client, client.car, plan, Details(reason="ТО"), actor=operator, now=MORNING)
    return visit.pk


def book_several(*clock_times: str) -> list[int]:
    return [book(clock_time) for clock_time in clock_times]


def book_on_days(count: int) -> int:
    return len([book("10:30", days) for days in range(1, 1 + count)])


def visit_ids() -> set[int]:
    from vovremya.visits.models import Visit

    return set(Visit.objects.values_list("id", flat=True))


def feed_cursor() -> str:
    from vovremya.journal.queries import latest_cursor

    return latest_cursor()


def is_foreign(cursor: str) -> bool:
    from vovremya.journal.queries import ForeignCursor, entries_after

    try:
        entries_after(None, cursor)
    except ForeignCursor:
        return True
    return False


def told_from_the_beginning() -> list[tuple[int, str]]:
    """All that the feed has to tell, in its order."""
    from vovremya.journal.queries import entries_after, line_of_history

    return [(entry.pk, entry.kind) for entry in entries_after(None, f"{line_of_history()}.0.0").entries]


def check_in(visit_id: int) -> float:
    """Returns when it was done, by the wall clock that all processes share."""
    import time

    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of, clock_anchor
    from vovremya.kernel import clock
    from vovremya.visits.actions import reception

    clock.follow(clock_anchor)
    master = actor_of(User.objects.get(username="master"))
    reception.check_in(visit_id, actor=master, now=clock.now())
    return time.time()


def show(clock_time: str) -> None:
    """Move the shown clock to a time of the cast's day."""
    from tests.cast import at
    from vovremya.directory.actions import move_clock
    from vovremya.kernel import clock

    move_clock(shown_at=at(clock_time), speed=1.0, real_now=clock.real_now())


def age_heartbeat(minutes: int) -> None:
    from vovremya.kernel import clock
    from vovremya.watch import actions

    actions.beat(clock.real_now() - timedelta(minutes=minutes))


def journal_of(visit_id: int) -> list[tuple[str, dict[str, Any]]]:
    from vovremya.journal.models import Entry

    return list(Entry.objects.filter(visit_id=visit_id).order_by("id").values_list("kind", "data"))


def forge_entry() -> None:
    """Someone with the database's file in hand rewrites history."""
    from django.db import connection

    from vovremya.journal import append_only
    from vovremya.journal.actions import seal_settled
    from vovremya.journal.models import Entry
    from vovremya.kernel import clock

    seal_settled(clock.real_now() + timedelta(days=1000))
    append_only.take_out(connection)
    Entry.objects.filter(kind="visit_booked").update(kind="visit_changed")
    append_only.put_in("default")


def become_production() -> None:
    from vovremya.directory.models import Installation

    Installation.objects.update(kind=Installation.Kind.PRODUCTION)
