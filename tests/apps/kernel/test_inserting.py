"""Many rows at once are the rows that Django itself would have written."""

import uuid
from datetime import datetime

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from vovremya.customers.models import Car, Client, Phone
from vovremya.directory.models import Branch, Network
from vovremya.journal.models import Entry
from vovremya.kernel import inserting
from vovremya.kernel.inserting import insert_many

pytestmark = pytest.mark.django_db


def test_values_of_every_kind_are_written_as_django_writes_them(branch: Branch, now: datetime) -> None:
    def entry() -> Entry:
        return Entry(
            branch=branch,
            at=now,
            recorded_at=now,
            kind="visit_booked",
            visit_id=None,
            action_id=uuid.UUID(int=7),
            data={"слово": ["ждёт", 1, None]},
        )

    ours, djangos = entry(), entry()
    insert_many([ours])
    djangos.save()
    assert (ours.pk, ours._state.adding, ours._state.db) == (djangos.pk - 1, False, "default")
    rows = Entry.objects.filter(pk__in=(ours.pk, djangos.pk)).order_by("pk").values()
    first, second = ({name: value for name, value in row.items() if name != "id"} for row in rows)
    assert first == second


def test_objects_point_at_those_written_before_them(network: Network, now: datetime) -> None:
    client = Client(network=network, name="Ким", name_key="ким", created_at=now)
    phone, car = Phone(client=client, number="+79990000001"), Car(client=client)
    insert_many([client])
    insert_many([phone])
    insert_many([car])
    assert (phone.client_id, car.client_id) == (client.pk, client.pk)
    assert Phone.objects.get().client == client


def test_large_numbers_go_in_several_statements(
    network: Network, now: datetime, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(inserting, "_MOST_PARAMETERS", 30)
    clients = [Client(network=network, name=str(number), created_at=now) for number in range(10)]
    with django_assert_num_queries(4):
        insert_many(iter(clients))
    assert [Client.objects.get(pk=client.pk).name for client in clients] == [client.name for client in clients]
    with django_assert_num_queries(0):
        insert_many([])


def test_rules_of_the_database_hold(network: Network, now: datetime) -> None:
    client = Client(network=network, name="Ким", created_at=now)
    insert_many([client])
    with pytest.raises(IntegrityError):
        insert_many([Phone(client=client, number="1"), Phone(client=client, number="1")])


def test_missing_reference_is_refused(now: datetime) -> None:
    with pytest.raises(IntegrityError):
        insert_many([Client(name="Ким", created_at=now)])
