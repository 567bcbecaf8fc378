"""That no two occupations of a lane overlap is the database's own rule."""

from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from tests.apps.schedule.conftest import at
from vovremya.directory.models import Bay
from vovremya.schedule import no_overlap
from vovremya.schedule.models import Occupation


def occupied(bay: Bay, starts_at: datetime, ends_at: datetime, lane: int = 0) -> Occupation:
    with transaction.atomic():
        return Occupation.objects.create(
            branch_id=bay.branch_id,
            bay=bay,
            lane=lane,
            starts_at=starts_at,
            ends_at=ends_at,
            of=Occupation.Of.CLOSURE,
        )


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (at(10), at(11)),
        (at(9), at(12)),
        (at(10, 15), at(10, 45)),
        (at(9), at(10, 0).replace(microsecond=1000)),
        (at(10, 59), at(12)),
    ],
)
def test_the_database_refuses_an_overlap(bay: Bay, starts_at: datetime, ends_at: datetime) -> None:
    occupied(bay, at(10), at(11))
    with pytest.raises(IntegrityError, match=no_overlap.RULE):
        occupied(bay, starts_at, ends_at)


def test_what_touches_does_not_overlap(bay: Bay) -> None:
    occupied(bay, at(10), at(11))
    occupied(bay, at(9), at(10))
    occupied(bay, at(11), at(12))
    assert Occupation.objects.count() == 3


def test_another_bay_or_lane_is_free(bays: list[Bay]) -> None:
    occupied(bays[0], at(10), at(11))
    occupied(bays[1], at(10), at(11))
    occupied(bays[0], at(10), at(11), lane=1)
    assert Occupation.objects.count() == 3


def test_the_database_refuses_to_change_a_row_into_an_overlap(bays: list[Bay]) -> None:
    occupied(bays[0], at(10), at(11))
    row = occupied(bays[0], at(11), at(12))
    for change in ({"starts_at": at(10, 59)}, {"starts_at": at(9)}):
        with pytest.raises(IntegrityError, match=no_overlap.RULE), transaction.atomic():
            Occupation.objects.filter(pk=row.pk).update(**change)
    elsewhere = occupied(bays[1], at(10), at(11))
    with pytest.raises(IntegrityError, match=no_overlap.RULE), transaction.atomic():
        Occupation.objects.filter(pk=elsewhere.pk).update(bay=bays[0])
    in_lane = occupied(bays[0], at(10), at(11), lane=1)
    with pytest.raises(IntegrityError, match=no_overlap.RULE), transaction.atomic():
        Occupation.objects.filter(pk=in_lane.pk).update(lane=0)
    assert Occupation.objects.filter(pk=row.pk).update(starts_at=at(11, 30), ends_at=at(12, 30)) == 1


def test_an_occupation_ends_after_it_starts(bay: Bay) -> None:
    with pytest.raises(IntegrityError, match="occupation_ends_after_start"):
        occupied(bay, at(10), at(10))


def test_every_guard_stands_after_migrate(db: None) -> None:
    assert no_overlap.missing_guards(connection) == []


on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a constraint instead of triggers")
GUARDS = {"sqlite": 2, "postgresql": 1}[connection.vendor]


@on_sqlite
def test_a_guard_written_otherwise_counts_as_missing(db: None) -> None:
    name = "schedule_occupation_no_overlap_on_insert"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON schedule_occupation BEGIN SELECT 1; END")
    assert no_overlap.missing_guards(connection) == [name]
    no_overlap.put_in()
    assert no_overlap.missing_guards(connection) == []


def test_a_database_without_the_table_is_left_alone(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE schedule_occupation")
    no_overlap.put_in()
    assert len(no_overlap.missing_guards(connection)) == GUARDS


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_the_guards_are_back_after_a_migration_that_rebuilt_the_table() -> None:
    """Django copies a SQLite table to change a field, and the triggers stay behind."""
    old_field = Occupation._meta.get_field("note")
    new_field: models.Field[str, str] = models.CharField(max_length=300, blank=True)
    new_field.set_attributes_from_name("note")
    new_field.model = Occupation
    for one, other in ((old_field, new_field), (new_field, old_field)):
        with connection.schema_editor() as editor:
            editor.alter_field(Occupation, one, other, strict=True)
    assert len(no_overlap.missing_guards(connection)) == 2, "the trap is still there: else drop this test"

    call_command("migrate", verbosity=0)
    assert no_overlap.missing_guards(connection) == []


@pytest.mark.django_db(transaction=True)
def test_the_guards_stand_when_the_schedule_is_migrated_step_by_step() -> None:
    call_command("migrate", "schedule", "zero", verbosity=0)
    steps = sorted(name for app, name in MigrationLoader(connection).disk_migrations if app == "schedule")
    for step in steps:
        call_command("migrate", "schedule", step, verbosity=0)
    assert no_overlap.missing_guards(connection) == []


def test_it_is_the_rule_alone_that_refuses(bay: Bay) -> None:
    no_overlap.take_out(connection)
    assert len(no_overlap.missing_guards(connection)) == GUARDS
    occupied(bay, at(10), at(11))
    occupied(bay, at(10), at(11))
    assert Occupation.objects.count() == 2
