"""Who one person is, by what they are found, and the record of those who were erased."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from vovremya.customers.models import Car, Client, ClientChange, Erasure, Phone
from vovremya.customers.rules.erasure import Traces
from vovremya.kernel import clock


def with_merged(client_id: int) -> list[int]:
    """The client and those who were merged into them: one person."""
    return list(
        Client.objects.filter(Q(pk=client_id) | Q(merged_into=client_id)).order_by("pk").values_list("pk", flat=True)
    )


def traces_of(client_ids: Collection[int]) -> Traces:
    """By what they are found where no key leads; what was so before a change, too."""
    clients = list(Client.objects.filter(pk__in=client_ids))
    numbers = set(Phone.objects.filter(client__in=client_ids).values_list("number", flat=True))
    cars = list(Car.objects.filter(client__in=client_ids))
    names = {name for client in clients for name in (client.name, client.representative)}
    emails = {client.email for client in clients}
    plates, vins = {car.plate for car in cars}, {car.vin for car in cars}
    for facet, *values in ClientChange.objects.filter(client__in=client_ids).values_list("facet", "before", "after"):
        for value in filter(None, values):
            if facet == "phones":
                numbers |= {phone["number"] for phone in value}
            elif facet == "car":
                plates, vins = plates | {value["plate"]}, vins | {value["vin"]}
            else:
                names, emails = names | {value["name"], value["representative"]}, emails | {value["email"]}
    return Traces.of(names, numbers, plates, vins, emails)


def told_of_acts(acts: Iterable[Erasure]) -> list[dict[str, Any]]:
    """The record of erasures: internal ids and instants, nothing of the people."""
    return [
        {
            "number": act.number,
            "clients": act.clients,
            "ground": act.ground,
            "requested_on": act.requested_on.isoformat() if act.requested_on else None,
            "at": clock.to_milliseconds(act.at),
            "erased": act.erased,
        }
        for act in acts
    ]
