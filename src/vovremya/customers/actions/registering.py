"""Writing clients, phones and cars.

Visits stand above and write the journal: their actions call these inside their own transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet

from vovremya.customers.models import Campaign, CampaignCar, Car, Client, Phone, PhoneReveal
from vovremya.customers.rules import CarGiven, fold_name, is_organisation
from vovremya.directory.models import Network, Work
from vovremya.directory.rules import Actor, Right
from vovremya.kernel import phones, plates, vin
from vovremya.kernel.refusal import BadInput, NotAllowed, Refusal

NO_CAR = CarGiven()

#: What the database keeps; the check of its form allows more.
_LONGEST_EMAIL = 254


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
    check_client(name, representative)
    check_car(car)
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
    own_car = None if car.is_empty else Car.objects.create(client=client, **_car_fields(car))
    return Registered(client, own_car, is_new=True)


@dataclass(frozen=True)
class ClientGiven:
    """A client as a row of an imported table names one."""

    name: str
    raw_phones: Sequence[str] = ()
    car: CarGiven = NO_CAR


def find_or_register(
    network: Network, name: str, raw_phones: Sequence[str], car: CarGiven, now: datetime
) -> Registered:
    return find_or_register_many(network, [ClientGiven(name, raw_phones, car)], now)[0]


@transaction.atomic
def find_or_register_many(network: Network, given: Sequence[ClientGiven], now: datetime) -> list[Registered]:
    """For imports: the client of this name with one of the numbers, else with this car, else a new one.

    One who is found gets the numbers and the car that were not known yet. A fixed number of queries.
    """
    for each in given:
        check_client(each.name, "")
        check_car(each.car)
    numbers = [_numbers(each.raw_phones) for each in given]
    namesakes = _Namesakes(network, given, {number for several in numbers for number in several})
    registered = [
        namesakes.find_or_add(each, own_numbers, now) for each, own_numbers in zip(given, numbers, strict=True)
    ]
    namesakes.write()
    return registered


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


def reveal(phone: Phone, actor: Actor, branch_id: int, purpose: str, now: datetime, visit_id: int | None = None) -> str:
    """The whole number, for dialling or to be shown; who saw it when, and about which visit, is kept in the access log.

    That the branch has a visit of the client is checked by the caller: visits stand above.
    """
    actor.require(branch_id, Right.SEE_PHONE)
    if actor.user_id is None:
        raise NotAllowed
    PhoneReveal.objects.create(
        user_id=actor.user_id,
        client_id=phone.client_id,
        phone=phone,
        branch_id=branch_id,
        visit_id=visit_id,
        purpose=PhoneReveal.Purpose(purpose),
        at=now,
    )
    return phone.number


@transaction.atomic
def add_car(client: Client, given: CarGiven) -> Car:
    """A client's car with this plate or VIN, or of this make and model where neither is given; or a new one.

    What was not known of a known car is filled in; what was known stays.
    """
    check_car(given)
    car = next((car for car in client.cars.order_by("pk") if _is_same_car(car, given)), None)
    if car is None:
        return Car.objects.create(client=client, **_car_fields(given))
    if _fill_in(car, given):
        car.save()
    return car


def car_meant(client: Client, chosen: Car | None, given: CarGiven) -> Car | None:
    """The chosen car, with what was not known of it, and its mileage as it is now; another one of the client's where
    what is given is no description of it."""
    if chosen is None or _is_another(chosen, given):
        return None if given.is_empty else add_car(client, given)
    check_car(given)
    has_news = _fill_in(chosen, given)
    if given.mileage not in (None, chosen.mileage):
        chosen.mileage, has_news = given.mileage, True
    if has_news:
        chosen.save()
    return chosen


def fill_in_client(client: Client, *, representative: str, email: str) -> None:
    """What was not known of the client is filled in; what was known stays, and what somebody has told meanwhile."""
    check_client(client.name, representative)
    for name, text in {"representative": representative, "email": email}.items():
        is_unknown = bool(text) and not getattr(client, name)
        if is_unknown and Client.objects.filter(pk=client.pk, **{name: ""}).update(**{name: text}):
            setattr(client, name, text)


def forget_unused(client_id: int, since: datetime) -> None:
    """A client registered since then of whom nothing holds any more, and whose number nobody has seen."""
    client = Client.objects.filter(pk=client_id, created_at__gte=since).first()
    if client is None or client.reveals.exists():
        return
    with suppress(ProtectedError), transaction.atomic():
        client.delete()


def keep_coefficient(car: Car, coefficient: Decimal) -> None:
    """How the labour on the car stands to the norm: the last word counts."""
    car.coefficient = coefficient
    car.save(update_fields=("coefficient",))


def keep_campaign(work: Work, vins: Collection[str], until: date | None) -> Campaign:
    """The cars that are asked to come for a work, and until when; what was said of it before stays, but for a new day.

    Part of `visits.actions.campaigns.announce`, which checks the right. Raises `Refusal` for what is no VIN.
    """
    unreadable = [text for text in vins if not vin.is_valid(text)]
    if unreadable:
        raise Refusal("campaign_vin_unreadable", field="vin", vin=unreadable[0], count=len(unreadable))
    campaign, is_new = Campaign.objects.get_or_create(network_id=work.network_id, work=work, defaults={"until": until})
    if until and not is_new:
        campaign.until = until
        campaign.save(update_fields=("until",))
    normal = dict.fromkeys(map(vin.normalise, vins))
    CampaignCar.objects.bulk_create(
        [CampaignCar(campaign=campaign, vin=each) for each in normal], ignore_conflicts=True, batch_size=1_000
    )
    return campaign


def _numbers(raw_phones: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(phones.parse(raw) for raw in raw_phones))


def _give_numbers(client: Client, numbers: Sequence[str], after: int = 0) -> None:
    Phone.objects.bulk_create(
        Phone(client=client, number=number, number_key=phones.search_key(number), position=position)
        for position, number in enumerate(numbers, start=after)
    )


def _car_fields(given: CarGiven) -> dict[str, object]:
    return {
        "make": given.make,
        "model": given.model,
        "plate": plates.normalise(given.plate),
        "plate_key": plates.search_key(given.plate),
        "vin": vin.normalise(given.vin),
        "year": given.year,
        "mileage": given.mileage,
        "warranty_until": given.warranty_until,
        "coefficient": given.coefficient,
    }


@dataclass
class _Known:
    """A client with what belongs to it, whether written already or not."""

    client: Client
    numbers: list[str] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)


class _Namesakes:
    """Clients by their name with a number, plate or VIN; by the name alone where no more is known of them."""

    def __init__(self, network: Network, given: Sequence[ClientGiven], numbers: Iterable[str]) -> None:
        self.network = network
        self.by_key: dict[tuple[str, str], _Known] = {}
        self.new_clients: list[Client] = []
        self.new_phones: list[Phone] = []
        self.new_cars: list[Car] = []
        self.changed_cars: dict[int, Car] = {}
        self.former_names: dict[int, set[str]] = {}  # by whom they were merged into
        self._read(given, {phones.search_key(number) for number in numbers})

    def find_or_add(self, given: ClientGiven, numbers: Sequence[str], now: datetime) -> Registered:
        name_key = fold_name(given.name)
        keys = _keys(name_key, numbers, plates.search_key(given.car.plate), vin.normalise(given.car.vin))
        found = [self.by_key[key] for key in keys if key in self.by_key]
        known = found[0] if found else _Known(self._new_client(given.name, name_key, now))
        for number in numbers:
            if number not in known.numbers:
                self._give_number(known, number)
        car = None if given.car.is_empty else self._car_of(known, given.car)
        for key in keys:
            self.by_key.setdefault(key, known)
        return Registered(known.client, car, is_new=not found)

    def write(self) -> None:
        Client.objects.bulk_create(self.new_clients)
        Phone.objects.bulk_create(self.new_phones)
        Car.objects.bulk_create(self.new_cars)
        for car in self.changed_cars.values():
            car.save()

    def _new_client(self, name: str, name_key: str, now: datetime) -> Client:
        kind = Client.Kind.ORGANISATION if is_organisation(name) else Client.Kind.PERSON
        name = " ".join(name.split())
        client = Client(network=self.network, kind=kind, name=name, name_key=name_key, created_at=now)
        self.new_clients.append(client)
        return client

    def _give_number(self, known: _Known, number: str) -> None:
        position = len(known.numbers)
        key = phones.search_key(number)
        self.new_phones.append(Phone(client=known.client, number=number, number_key=key, position=position))
        known.numbers.append(number)

    def _car_of(self, known: _Known, given: CarGiven) -> Car:
        car = next((car for car in known.cars if _is_same_car(car, given)), None)
        if car is None:
            car = Car(client=known.client, **_car_fields(given))
            known.cars.append(car)
            self.new_cars.append(car)
        elif _fill_in(car, given) and car.pk:
            self.changed_cars[car.pk] = car
        return car

    def _read(self, given: Sequence[ClientGiven], number_keys: set[str]) -> None:
        name_keys = {fold_name(each.name) for each in given}
        merged = Client.objects.filter(merged_into__network=self.network, name_key__in=name_keys)
        for name_key, client_id in merged.values_list("name_key", "merged_into_id"):
            self.former_names.setdefault(client_id, set()).add(name_key)
        is_called_so = Q(client__name_key__in=name_keys) | Q(client__in=self.former_names)
        named = Q(is_called_so, client__network=self.network, client__merged_into=None)
        plate_keys = {plates.search_key(each.car.plate) for each in given} - {""}
        vins = {vin.normalise(each.car.vin) for each in given} - {""}
        client_ids = {
            *Phone.objects.filter(named, number_key__in=number_keys).values_list("client_id", flat=True),
            *Car.objects.filter(named, Q(plate_key__in=plate_keys) | Q(vin__in=vins)).values_list(
                "client_id", flat=True
            ),
        }
        of_name_alone = {
            fold_name(each.name) for each in given if not (each.raw_phones or each.car.plate or each.car.vin)
        }
        if of_name_alone:
            unknown = Client.objects.filter(
                network=self.network, name_key__in=of_name_alone, phones=None, merged_into=None
            )
            with_key = Car.objects.exclude(plate_key="", vin="")
            client_ids |= set(unknown.exclude(cars__in=with_key).values_list("pk", flat=True))
        if client_ids:
            self._know(Client.objects.filter(pk__in=client_ids).order_by("pk"))

    def _know(self, clients: QuerySet[Client]) -> None:
        for client in clients.prefetch_related("phones", "cars"):
            numbers = [phone.number for phone in client.phones.all()]
            known = _Known(client, numbers, list(client.cars.all()))
            car_keys = [key for car in known.cars for key in (car.plate_key, car.vin)]
            for name_key in (client.name_key, *self.former_names.get(client.pk, ())):
                for key in _keys(name_key, numbers, *car_keys):
                    self.by_key.setdefault(key, known)


def _keys(name_key: str, numbers: Iterable[str], *car_keys: str) -> list[tuple[str, str]]:
    """What tells namesakes apart, numbers first; nothing at all is a key of its own."""
    return [(name_key, key) for key in (*numbers, *car_keys) if key] or [(name_key, "")]


def _is_same_car(car: Car, given: CarGiven) -> bool:
    """By plate or VIN, or by make and model where neither is given."""
    plate_key, vin_key = plates.search_key(given.plate), vin.normalise(given.vin)
    if plate_key or vin_key:
        return car.plate_key == plate_key != "" or car.vin == vin_key != ""
    return (car.make.casefold(), car.model.casefold()) == (given.make.casefold(), given.model.casefold())


def _is_another(car: Car, given: CarGiven) -> bool:
    """Whether anything given is not so of the car."""
    pairs = (
        (car.plate_key, plates.search_key(given.plate)),
        (car.vin, vin.normalise(given.vin)),
        (car.make.casefold(), given.make.casefold()),
        (car.model.casefold(), given.model.casefold()),
    )
    return any(known and said and known != said for known, said in pairs)


def _fill_in(car: Car, given: CarGiven) -> bool:
    """What was not known of the car is filled in; what was known stays."""
    new = {
        name: value
        for name, value in _car_fields(given).items()
        if value not in ("", None) and getattr(car, name) in ("", None)
    }
    if not car.is_active:  # sold or scrapped, and here it is again
        new["is_active"] = True
    for name, value in new.items():
        setattr(car, name, value)
    return bool(new)


def check_client(name: str, representative: str) -> None:
    problems = {}
    if not fold_name(name):
        problems["name"] = "name_empty"
    # Folded for the search, one character may become several.
    for given, texts in (("name", (name, fold_name(name))), ("representative", (representative,))):
        if any(len(text) > 200 for text in texts):
            problems[given] = "text_too_long"
    if problems:
        raise BadInput(problems)


def check_email(text: str) -> None:
    """Nothing is an address, too: none is known."""
    if len(text) > _LONGEST_EMAIL:
        raise BadInput({"email": "text_too_long"})
    if text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise BadInput({"email": "email_unreadable"}) from error


def check_car(car: CarGiven) -> None:
    # Capitals of one character may be several, and so may small letters of a capital.
    plates_kept = (car.plate, plates.normalise(car.plate), plates.search_key(car.plate))
    limits: dict[str, tuple[Collection[str], int]] = {
        "make": ((car.make,), 100),
        "model": ((car.model,), 100),
        "plate": (plates_kept, 20),
        "vin": ((car.vin, vin.normalise(car.vin)), 32),
    }
    problems = {
        field: "text_too_long" for field, (texts, limit) in limits.items() if any(len(text) > limit for text in texts)
    }
    if problems:
        raise BadInput(problems)
