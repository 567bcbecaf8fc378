"""Years of settled visits before the day of `filling`, by the databases' bulk ways: millions in minutes.

Two days are made visit by visit, each with its occupation, its work and two entries of the journal, one in twenty with
a late contact, one client for ten of them. They are then copied, ever two days earlier, by one statement a table. The
database's rule against overlaps stands by meanwhile.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from bench.filling import Size
from vovremya.customers.models import Car, Client, Phone
from vovremya.journal.models import Entry, Seal
from vovremya.schedule import no_overlap
from vovremya.schedule.models import Occupation
from vovremya.visits.models import Attempt, Case, Visit, VisitWork
from vovremya.visits.rules.words import Answer, CallResult, Outcome, Status

_DAY = timedelta(days=1)
#: So many visits are made one by one; the past grows by as many.
BLOCK = 2_000
_COPIES_TOGETHER = 25
_LATE_EVERY = 20
_VISITS_OF_CLIENT = 10
_ACTION = uuid.UUID(int=0)

#: What a process says before it fills, and after. References are not looked up: they are to rows just copied.
_WITHOUT_CARE = {
    "sqlite": ("PRAGMA synchronous=OFF", "PRAGMA synchronous=FULL", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = origin"),
}
#: Whose row a column names, where that is copied too.
_OWNERS = {"visit_id": Visit, "case_id": Case, "client_id": Client, "car_id": Car}


@dataclass(frozen=True)
class _Block:
    """The rows of a table that are copied."""

    first_id: int
    count: int


class Past:
    """Grows backwards from the day, and never writes a visit twice."""

    def __init__(self, size: Size, *, is_whole: bool = True) -> None:
        """Not whole: of the visits alone, which is all that the sweep of the watch reads."""
        self._is_whole = is_whole
        self._of_day = list(Visit.objects.filter(branch__code=size.code).select_related("client").order_by("pk"))
        self._operator_id = self._of_day[0].booked_by_id
        self._block: dict[type[models.Model], _Block] = {}
        self._copied = 0

    def grow_to(self, visits: int) -> None:
        """Whole blocks, each as many days earlier than the one before as it has days."""
        with _no_rule_in_the_way():
            if not self._block:
                self._begin()
            copies = visits // BLOCK - self._copied
            for first in range(0, copies, _COPIES_TOGETHER):
                self._copy(min(_COPIES_TOGETHER, copies - first))
        if self._is_whole:
            self._seal()
        _tidy_up()

    def _seal(self) -> None:
        """As the watch would have by now, but for the digests: nobody checks them here."""
        seals = Seal.objects.filter(branch_id=self._of_day[0].branch_id).order_by("from_entry_id")
        previous = seals.last()
        first_id = previous.to_entry_id + 1 if previous else 1
        Seal.objects.create(
            branch_id=self._of_day[0].branch_id, from_entry_id=first_id, to_entry_id=_last_id(Entry), count=0
        )

    def _begin(self) -> None:
        clients = _numbered(Client, (self._client(number) for number in range(0, BLOCK, _VISITS_OF_CLIENT)))
        cars = _numbered(Car, (self._car(client) for client in clients))
        visits = _numbered(Visit, (self._visit(number, cars[number // _VISITS_OF_CLIENT]) for number in range(BLOCK)))
        rows = [clients, _numbered(Phone, (_phone(client) for client in clients)), cars, visits]
        if self._is_whole:
            cases = _numbered(Case, (self._case(visit) for visit in visits[::_LATE_EVERY]))
            rows += [
                _numbered(Occupation, (_occupation(visit) for visit in visits)),
                _numbered(VisitWork, (VisitWork(visit=visit, name="ТО-60") for visit in visits)),
                cases,
                _numbered(Attempt, (self._attempt(case) for case in cases)),
                _numbered(Entry, (entry for visit in visits for entry in self._entries(visit))),
            ]
        with transaction.atomic():
            for of_model in rows:
                type(of_model[0])._default_manager.bulk_create(of_model)
        self._block = {type(of_model[0]): _Block(of_model[0].pk, len(of_model)) for of_model in rows}
        self._copied = 1

    def _copy(self, copies: int) -> None:
        starts = {model: _last_id(model) + 1 for model in self._block}
        days = BLOCK // len(self._of_day)
        with transaction.atomic(), connection.cursor() as cursor:
            for model, block in self._block.items():
                fields = model._meta.concrete_fields
                columns = ", ".join(f'"{field.column}"' for field in fields)
                values = ", ".join(self._copied_value(model, field, starts, days) for field in fields)
                cursor.execute(
                    f"""
                    WITH RECURSIVE copies(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies - 1})
                    INSERT INTO {model._meta.db_table} ({columns})
                    SELECT {values} FROM copies CROSS JOIN {model._meta.db_table} b
                     WHERE b.id >= {block.first_id} AND b.id < {block.first_id + block.count}
                    """
                )
        self._copied += copies

    def _copied_value(
        self,
        model: type[models.Model],
        field: "models.Field[Any, Any]",
        starts: Mapping[type[models.Model], int],
        days: int,
    ) -> str:
        column = f'b."{field.column}"'
        owner = model if field.primary_key else _OWNERS.get(field.attname)
        if owner:
            block = self._block[owner]
            return f"{column} + {starts[owner] - block.first_id} + copies.n * {block.count}"
        if not isinstance(field, models.DateField):  # nor an instant
            return column
        earlier = f"({self._copied} + copies.n) * {days}"
        if connection.vendor == "postgresql":
            shifted = f"{column} - {earlier} * interval '1 day'"
            return shifted if isinstance(field, models.DateTimeField) else f"({shifted})::date"
        cut = "datetime" if isinstance(field, models.DateTimeField) else "date"
        return f"{cut}({column}, '-' || ({earlier}) || ' days')"

    def _client(self, number: int) -> Client:
        like = self._of_day[number % len(self._of_day)].client
        return Client(network_id=like.network_id, name=like.name, name_key=like.name_key, created_at=like.created_at)

    def _car(self, client: Client) -> Car:
        return Car(client=client, make="Lada", model="Vesta", plate=f"А{client.pk}", plate_key=f"A{client.pk}")

    def _visit(self, number: int, car: Car) -> Visit:
        like = self._of_day[number % len(self._of_day)]
        back = (1 + number // len(self._of_day)) * _DAY
        return Visit(
            branch_id=like.branch_id,
            client_id=car.client_id,
            car_id=car.pk,
            bay_id=like.bay_id,
            advisor_id=like.advisor_id,
            starts_at=like.starts_at - back,
            ends_at=like.ends_at - back,
            on=like.on - back,
            closes_at=like.closes_at and like.closes_at - back,
            day_ends_at=like.day_ends_at - back,
            policy_id=like.policy_id,
            reason=like.reason,
            booked_by_id=self._operator_id,
            booked_at=like.booked_at - back,
            status=Status.DONE,
            arrived_at=like.starts_at - back,
            work_started_at=like.starts_at - back,
            work_ended_at=like.ends_at - back,
            announced_until=like.ends_at - back,
        )

    def _case(self, visit: Visit) -> Case:
        at = visit.starts_at + timedelta(minutes=12)
        return Case(
            visit=visit,
            branch_id=visit.branch_id,
            policy_id=visit.policy_id,
            plan_version=1,
            opened_at=at,
            opened_by_id=self._operator_id,
            first_reached_at=at,
            answer=Answer.YES,
            outcome=Outcome.CONFIRMED,
            ended_at=at,
            ended_by_id=self._operator_id,
        )

    def _attempt(self, case: Case) -> Attempt:
        assert self._operator_id is not None
        return Attempt(
            case=case,
            started_at=case.opened_at,
            started_by_id=self._operator_id,
            ended_at=case.opened_at,
            result=CallResult.ANSWERED,
        )

    def _entries(self, visit: Visit) -> Iterator[Entry]:
        for at, kind in ((visit.booked_at, "visit_booked"), (visit.starts_at, "client_arrived")):
            yield Entry(
                branch_id=visit.branch_id,
                at=at,
                recorded_at=at,
                kind=kind,
                visit_id=visit.pk,
                user_id=self._operator_id,
                action_id=_ACTION,
                data={"bay": visit.bay_id},
                xid=0,
            )


def _phone(client: Client) -> Phone:
    return Phone(client=client, number=f"+7911{client.pk:07}", number_key=f"911{client.pk:07}")


def _occupation(visit: Visit) -> Occupation:
    return Occupation(
        branch_id=visit.branch_id,
        bay_id=visit.bay_id,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        of=Occupation.Of.VISIT,
        visit_id=visit.pk,
    )


def _last_id(model: type[models.Model]) -> int:
    found: int | None = model._default_manager.aggregate(last=models.Max("pk"))["last"]
    return found or 0


def _numbered(model: type[models.Model], rows: Iterator[Any]) -> list[Any]:
    numbered = list(rows)
    for number, row in enumerate(numbered, start=_last_id(model) + 1):
        row.pk = number
    return numbered


@contextmanager
def _no_rule_in_the_way() -> Iterator[None]:
    """The rules against overlaps are put in again afterwards, as after a migration, and then they look at every row."""
    before, *after = _WITHOUT_CARE[connection.vendor]
    no_overlap.take_out(connection)
    with connection.cursor() as cursor:
        cursor.execute(before)
        yield
        for statement in after:
            cursor.execute(statement)
    no_overlap.put_in()


def _tidy_up() -> None:
    """PostgreSQL does so by itself within minutes; SQLite is asked by nobody, as in a station."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in (Client, Phone, Car, Visit, Occupation, VisitWork, Case, Attempt, Entry):
            table = model._meta.db_table
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, _last_id(model)])
            cursor.execute(f"VACUUM ANALYZE {table}")


def size_on_disk() -> float:
    """Gigabytes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return float(cursor.fetchone()[0]) / 1e9
    return float(settings.DATABASE_PATH.stat().st_size) / 1e9
