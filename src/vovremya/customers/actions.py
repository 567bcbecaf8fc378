"""Writing clients, phones and cars.

Visits stand above and write the journal: their actions call these inside their own transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from vovremya.customers.models import Car, Client, Phone, PhoneReveal
from vovremya.customers.rules import CarGiven, fold_name, is_organisation
from vovremya.directory.models import Network
from vovremya.directory.rules import Actor, Right
from vovremya.kernel import phones, plates, vin
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

NO_CAR = CarGiven()


@dataclass(frozen=True)
class Registered:
    client: Client
    car: Car | None
    is_new: bool


@transaction.atomic
def register(
    network: Network,
    name: str,
    raw_phones: Iterable[str] = (),
    car: CarGiven = NO_CAR,
    *,
    representative: str = "",
    email: str = "",
    comment: str = "",
    now: datetime,
) -> Registered:
    """A new client, whether or not another bears the same name or number."""
    name = " ".join(name.split())
    numbers = _numbers(raw_phones)
    _check_client(name, representative)
    _check_car(car)
    client = Client.objects.create(
        network=network,
        kind=Client.Kind.ORGANISATION if is_organisation(name) else Client.Kind.PERSON,
        name=name,
        representative=representative,
        name_key=fold_name(name),
        email=email,
        comment=comment,
        created_at=now,
    )
    _give_numbers(client, numbers)
    return Registered(client, None if car.is_empty else _new_car(client, car), is_new=True)


@transaction.atomic
def find_or_register(
    network: Network, name: str, raw_phones: Sequence[str], car: CarGiven, now: datetime
) -> Registered:
    """For imports: the client of this name with one of the numbers, else with this car, else a new one.

    One who is found gets the numbers and the car that were not known yet.
    """
    numbers = _numbers(raw_phones)
    client = _namesake_with(network, name, numbers, car)
    if client is None:
        return register(network, name, raw_phones, car, now=now)
    known = set(client.phones.values_list("number", flat=True))
    _give_numbers(client, [number for number in numbers if number not in known], after=len(known))
    return Registered(client, None if car.is_empty else add_car(client, car), is_new=False)


def add_phone(client: Client, raw: str, actor: Actor, now: datetime) -> Phone:
    """One more number of the client; a struck-out one given again is right after all."""
    if not any(actor.may(Right.CHANGE_CLIENT, branch_id) for branch_id in actor.branch_ids):
        raise NotAllowed
    number = phones.parse(raw)
    with transaction.atomic():
        known = client.phones.filter(number=number).first()
        if known is None:
            return Phone.objects.create(
                client=client,
                number=number,
                number_key=phones.search_key(number),
                position=client.phones.count(),
                added_at=now,
            )
        if not known.is_wrong:
            raise Refusal("phone_known", field="phone")
        known.is_wrong, known.added_at = False, now
        known.save(update_fields=("is_wrong", "added_at"))
        return known


def strike_out(phone: Phone) -> None:
    """«Неверный номер»: it stays on record and is not offered for dialling any more."""
    phone.is_wrong = True
    phone.save(update_fields=("is_wrong",))


def reveal(phone: Phone, actor: Actor, branch_id: int, purpose: str, now: datetime) -> str:
    """The whole number, for dialling or to be shown; who saw it when is kept in the access log.

    That the branch has a visit of the client is checked by the caller: visits stand above.
    """
    if not actor.sees(branch_id):
        raise NotFound
    if actor.user_id is None or not actor.may(Right.SEE_PHONE, branch_id):
        raise NotAllowed
    PhoneReveal.objects.create(
        user_id=actor.user_id,
        phone=phone,
        branch_id=branch_id,
        purpose=PhoneReveal.Purpose(purpose),
        at=now,
    )
    return phone.number


@transaction.atomic
def add_car(client: Client, given: CarGiven) -> Car:
    """A client's car with this plate or VIN, or of this make and model where neither is given; or a new one.

    What was not known of a known car is filled in; what was known stays.
    """
    _check_car(given)
    car = _same_car(client, given)
    if car is None:
        return _new_car(client, given)
    new = {
        name: value
        for name, value in _car_fields(given).items()
        if value not in ("", None) and getattr(car, name) in ("", None)
    }
    if new:
        for name, value in new.items():
            setattr(car, name, value)
        car.save(update_fields=tuple(new))
    return car


def _numbers(raw_phones: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(phones.parse(raw) for raw in raw_phones))


def _give_numbers(client: Client, numbers: Sequence[str], after: int = 0) -> None:
    Phone.objects.bulk_create(
        Phone(client=client, number=number, number_key=phones.search_key(number), position=position)
        for position, number in enumerate(numbers, start=after)
    )


def _new_car(client: Client, given: CarGiven) -> Car:
    return Car.objects.create(client=client, **_car_fields(given))


def _car_fields(given: CarGiven) -> dict[str, object]:
    return {
        "make": given.make,
        "model": given.model,
        "plate": plates.normalise(given.plate),
        "plate_key": plates.search_key(given.plate),
        "vin": vin.normalise(given.vin),
        "year": given.year,
        "mileage": given.mileage,
    }


def _same_car(client: Client, given: CarGiven) -> Car | None:
    if by_key := _car_key(given):
        return client.cars.filter(by_key).first()
    return client.cars.filter(make__iexact=given.make, model__iexact=given.model).first()


def _car_key(given: CarGiven) -> Q:
    """Plate or VIN; falsy where the car has neither."""
    key = Q()
    if plate_key := plates.search_key(given.plate):
        key |= Q(plate_key=plate_key)
    if vin_key := vin.normalise(given.vin):
        key |= Q(vin=vin_key)
    return key


def _namesake_with(network: Network, name: str, numbers: Sequence[str], car: CarGiven) -> Client | None:
    namesakes = Client.objects.filter(network=network, name_key=fold_name(name)).order_by("pk")
    if numbers:
        found = namesakes.filter(phones__number__in=numbers).first()
        if found is not None:
            return found
    if key := _car_key(car):
        return namesakes.filter(pk__in=Car.objects.filter(key).values("client")).first()
    if numbers:
        return None
    # A name alone: only one of whom no more is known can be meant.
    return namesakes.filter(phones=None).exclude(cars__in=Car.objects.exclude(plate_key="", vin="")).first()


def _check_client(name: str, representative: str) -> None:
    problems = {}
    if not fold_name(name):
        problems["name"] = "name_empty"
    for field, text in (("name", name), ("representative", representative)):
        if len(text) > 200:
            problems[field] = "text_too_long"
    if problems:
        raise BadInput(problems)


def _check_car(car: CarGiven) -> None:
    limits = {
        "make": (car.make, 100),
        "model": (car.model, 100),
        "plate": (car.plate, 20),
        "vin": (car.vin, 32),
    }
    problems = {field: "text_too_long" for field, (text, limit) in limits.items() if len(text) > limit}
    if problems:
        raise BadInput(problems)
