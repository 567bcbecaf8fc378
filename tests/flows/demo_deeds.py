"""What is done to a filled demo from another process, and what its rows are. Models are imported by the functions."""

import hashlib
import json
from datetime import timedelta
from typing import Any

#: Its own in every database, and a new one wherever it was moved.
_EPOCH = ("directory_installation", "epoch")


def leave_traces() -> None:
    """Rows of the tables that a demo of its own leaves empty, and values that databases keep each in its own way."""
    from datetime import UTC, date, datetime
    from decimal import Decimal

    from axes.models import AccessAttempt

    from vovremya.customers.models import Car
    from vovremya.directory.models import Invitation, SecondStep, Session, StaffChange, User
    from vovremya.exchange.models import ImportRow, ImportRun
    from vovremya.journal.actions import seal_settled
    from vovremya.journal.models import Entry, RequestKey
    from vovremya.kernel import clock
    from vovremya.visits.models import Matter, VisitWork

    now = clock.real_now()
    user, entry, work = User.objects.all()[0], Entry.objects.order_by("id")[0], VisitWork.objects.all()[0]
    for key in ("zebra", "10", "9", "a0"):
        Session.objects.create(
            session_key=key, session_data="eyJh", expire_date=now + timedelta(days=1), began_at=now, seen_at=now
        )
    Invitation.objects.create(user=user, digest="d" * 64, made_at=now, expires_at=now)
    SecondStep.objects.create(
        user=user, salt="ё", set_up_at=now, last_time_step=10**15, recovery_digests=["a" * 64, "ж"]
    )
    StaffChange.objects.create(person=user, what="named", before={"full_name": "«ёж»"}, after=None, at=now)
    AccessAttempt.objects.create(
        username="operator", ip_address="2001:db8::1", user_agent="«ёж»", failures_since_start=3, attempt_time=now
    )
    RequestKey.objects.create(user=user, key="k" * 64, action="book", body_digest="d" * 64, entry=entry, at=now)
    Matter.objects.get_or_create(
        entry=entry, defaults={"branch_id": entry.branch_id, "visit_id": work.visit_id, "kind": "restored", "at": now}
    )
    work.price = Decimal("1234567890.10")
    work.save()
    Car.objects.filter(pk=Car.objects.all()[0].pk).update(warranty_until=date(2030, 2, 28))
    run = ImportRun.objects.create(
        branch_id=entry.branch_id,
        file_name="«Ёжик» 🦔\t.xlsx",
        file_digest="f" * 64,
        titles=["б", "а", ""],
        started_at=datetime(2026, 3, 1, 0, 0, 0, 1000, tzinfo=UTC),
    )
    values: dict[str, Any] = {"я": None, "a": 1.5, "b": [True, 10**15, -0.25, "\\ \" ' \n 😀"], "": {}}
    ImportRow.objects.create(run=run, number=1, state=ImportRow.State.values[0], values=values)
    seal_settled(now + timedelta(days=1000))


def digests_of_tables() -> dict[str, tuple[int, str, list[Any]]]:
    """How many rows each table has, their digest, and their keys; none of it by way of the program's own digests."""
    from django.apps import apps

    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        rows = [
            {name: value for name, value in row.items() if (table, name) != _EPOCH}
            for row in model._base_manager.values()
        ]
        lines = sorted(json.dumps(row, default=repr, sort_keys=True) for row in rows)
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        found[table] = (len(rows), digest, sorted(model._base_manager.values_list("pk", flat=True)))
    return found


def book() -> int:
    """A visit of somebody known late in the morning of a day in four weeks, by the action that books."""
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of
    from vovremya.kernel import clock
    from vovremya.visits.actions.booking import Details, Plan
    from vovremya.visits.actions.booking import book as book_visit
    from vovremya.visits.models import Visit

    like = Visit.objects.filter(lane=0, bay__is_active=True, car__isnull=False, branch__code="SEV").order_by("id")[0]
    now = clock.real_now()
    starts_at = now.replace(hour=8, minute=30, second=0, microsecond=0) + timedelta(days=28)
    plan = Plan(like.bay_id, starts_at, starts_at + timedelta(minutes=15))
    operator = actor_of(User.objects.get(username="operator"))
    return book_visit(like.branch_id, like.client, like.car, plan, Details(reason="ТО"), actor=operator, now=now).pk


def book_and_delete() -> int:
    """The number of a visit that was there once."""
    from vovremya.schedule.models import Occupation
    from vovremya.visits.models import Visit

    visit_id = book()
    Occupation.objects.filter(visit_id=visit_id).delete()
    Visit.objects.filter(pk=visit_id).delete()
    return visit_id


def swap_occupations() -> None:
    """Two stand where the other one stood: neither could be copied before the other, were the guard in force."""
    from django.db import connection, transaction

    from vovremya.schedule import no_overlap
    from vovremya.schedule.models import Occupation

    one = Occupation.objects.order_by("id")[0]
    other = Occupation.objects.order_by("id").exclude(bay_id=one.bay_id)[0]
    one.bay_id, other.bay_id = other.bay_id, one.bay_id
    one.starts_at, one.ends_at, other.starts_at, other.ends_at = (
        other.starts_at,
        other.ends_at,
        one.starts_at,
        one.ends_at,
    )
    with transaction.atomic():
        no_overlap.take_out(connection)
        one.save()
        other.save()
        no_overlap.put_in()


def epoch() -> str:
    from vovremya.directory.queries import installation

    return installation().epoch


def begin_another_epoch() -> None:
    from vovremya.directory.actions import begin_epoch

    begin_epoch()
