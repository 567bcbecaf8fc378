"""The card of a client: each facet is a value, read and written whole, so each change can be taken back.

Visits stand above: `visits.actions.clients` checks the right and has the bars drawn anew.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from vovremya.customers.actions.registering import check_car, check_client, check_email
from vovremya.customers.models import Car, Client, ClientChange, Phone
from vovremya.customers.rules.card import CAR_FIELDS, PERSON_FIELDS, Facet, FacetOf, Value, numbers_of
from vovremya.customers.rules.names import CarGiven, fold_name
from vovremya.directory.rules import Actor
from vovremya.kernel import phones, plates, vin
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.storage.statements import Reading

_LONGEST_COMMENT = 2_000


_IN_USE = Reading(
    lambda client_id: (
        Client.objects.select_for_update(no_key=True)
        .filter(pk=client_id, erased_at=None, merged_into=None)
        .values_list("pk")
    )
)


def locked_clients(client_ids: Collection[int]) -> list[Client]:
    """In the order of their ids; after the visits, where both are locked."""
    return list(Client.objects.select_for_update(no_key=True).filter(pk__in=client_ids).order_by("pk"))


def hold_client(client_id: int) -> None:
    """For who writes something of the client's: nobody erases or merges the client before it is written. After the
    visits and before the bays. Raises `Refusal` where that has been done."""
    if _IN_USE.first(client_id) is None:
        require_in_use([client_id])


def require_in_use(client_ids: Collection[int]) -> None:
    """Raises `Refusal` where one of them was erased or merged meanwhile."""
    clients = Client.objects.filter(pk__in=client_ids)
    if clients.filter(erased_at__isnull=False).exists():
        raise Refusal("client_erased")
    if clients.filter(merged_into__isnull=False).exists():
        raise Refusal("client_merged")


def value_of(of: FacetOf) -> Value:
    """The facet as it is."""
    return _KINDS[of.facet].read(of)


def write_facet(
    of: FacetOf, value: Value, *, actor: Actor, now: datetime, takes_back: ClientChange | None = None
) -> ClientChange | None:
    """Let the facet have this value, and keep what it was; None where it has it already. Raises `BadInput`."""
    before = value_of(of)
    if value == before:
        return None
    subject_id = _KINDS[of.facet].write(of, value, now)
    of = FacetOf(of.client_id, of.facet, subject_id)
    after = value_of(of)
    if after == before:
        return None
    return ClientChange.objects.create(
        client_id=of.client_id,
        facet=of.facet,
        subject_id=subject_id,
        before=before,
        after=after,
        at=now,
        user_id=actor.user_id,
        takes_back=takes_back,
    )


def facet_of(change: ClientChange) -> FacetOf:
    return FacetOf(change.client_id, Facet(change.facet), change.subject_id)


# --- values --------------------------------------------------------------------------------------------------------


def _read_person(of: FacetOf) -> Value:
    return Client.objects.filter(pk=of.client_id).values(*PERSON_FIELDS).get()


def _write_person(of: FacetOf, value: Value, _now: datetime) -> None:
    given = {name: value[name].strip() for name in PERSON_FIELDS}
    given["name"] = " ".join(given["name"].split())
    check_client(given["name"], given["representative"])
    if given["kind"] not in Client.Kind.values:
        raise BadInput({"kind": "kind_unknown"})
    if len(given["comment"]) > _LONGEST_COMMENT:
        raise BadInput({"comment": "text_too_long"})
    check_email(given["email"])
    Client.objects.filter(pk=of.client_id).update(**given, name_key=fold_name(given["name"]))


def _read_phones(of: FacetOf) -> Value:
    rows = Phone.objects.filter(client_id=of.client_id).order_by("position", "pk")
    return list(rows.values("number", "is_wrong", "best_time"))


def _write_phones(of: FacetOf, value: Value, now: datetime) -> None:
    """Numbers that are not named go; calls to them stay without a number."""
    numbers = numbers_of(value)
    if len(set(numbers)) < len(numbers):
        raise Refusal("phone_known", field="phone")
    if any(len(phone["best_time"]) > 100 for phone in value):
        raise BadInput({"best_time": "text_too_long"})
    own = Phone.objects.filter(client_id=of.client_id)
    own.exclude(number__in=numbers).delete()
    known = {phone.number: phone for phone in own}
    for position, given in enumerate(value):
        if phone := known.get(given["number"]):
            own.filter(pk=phone.pk).update(position=position, is_wrong=given["is_wrong"], best_time=given["best_time"])
        else:
            number = phones.parse(given["number"])
            Phone.objects.create(
                client_id=of.client_id,
                number=number,
                number_key=phones.search_key(number),
                is_wrong=given["is_wrong"],
                best_time=given["best_time"],
                position=position,
                added_at=now,
            )


def _read_car(of: FacetOf) -> Value:
    if of.subject_id is None:
        return None
    values = _own_car(of).values(*CAR_FIELDS).first()
    if values and values["warranty_until"]:
        values["warranty_until"] = values["warranty_until"].isoformat()
    return values


def _write_car(of: FacetOf, value: Value, _now: datetime) -> int | None:
    """One whose addition is taken back is retired: a visit may be of it."""
    if value is None:
        _own_car(of).update(is_active=False)
        return of.subject_id
    given = CarGiven(value["make"], value["model"], value["plate"], value["vin"])
    if given.is_empty:
        raise BadInput({"plate": "car_empty"})
    check_car(given)
    fields = {
        **value,
        "plate": plates.normalise(given.plate),
        "plate_key": plates.search_key(given.plate),
        "vin": vin.normalise(given.vin),
        "warranty_until": date.fromisoformat(value["warranty_until"]) if value["warranty_until"] else None,
    }
    if of.subject_id is None:
        return Car.objects.create(client_id=of.client_id, **fields).pk
    _own_car(of).update(**fields)
    return of.subject_id


def _own_car(of: FacetOf) -> QuerySet[Car]:
    found = Car.objects.filter(pk=of.subject_id or 0, client_id=of.client_id)
    if not found.exists():
        raise NotFound
    return found


@dataclass(frozen=True)
class _Kind:
    read: Callable[[FacetOf], Value]
    write: Callable[[FacetOf, Value, datetime], int | None]


_KINDS: Mapping[Facet, _Kind] = {
    Facet.PERSON: _Kind(_read_person, _write_person),
    Facet.PHONES: _Kind(_read_phones, _write_phones),
    Facet.CAR: _Kind(_read_car, _write_car),
}
