"""Finding clients: in the whole network by an exact phone, plate or VIN; by surname the branch's own only."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, Prefetch, Q, QuerySet

from vovremya.customers.models import Campaign, CampaignCar, Car, Client, Phone
from vovremya.customers.rules import fold_name
from vovremya.directory.models import Network
from vovremya.kernel import phones, plates, vin
from vovremya.kernel.refusal import NotFound

_SHOWN_AT_MOST = 50


def find(text: str, network: Network, is_visible: Exists | Q) -> list[Client]:
    """Clients with phones and cars. `is_visible`: whether the branch has, or had, to do with the client."""
    words = fold_name(text).split()
    if not words:
        return []
    # Ids first, each by its own index: asked for in one, the database would walk through every name there is.
    found = _ids_by_exact_key(text)
    if any(map(str.isalpha, text)):  # digits alone are nobody's name
        by_name = Client.objects.filter(_by_name(words), is_visible, network=network, merged_into=None).order_by(
            "name_key", "pk"
        )
        found.update(by_name.values_list("pk", flat=True)[:_SHOWN_AT_MOST])
    return list(_whole(Client.objects.filter(pk__in=found, network=network))[:_SHOWN_AT_MOST])


def clients_by_phone(number: str, network: Network) -> list[Client]:
    """Everyone with this number, to choose from: a family or a fleet shares one phone."""
    return list(_whole(Client.objects.filter(pk__in=_ids_by_phones(phones.find(number).numbers), network=network)))


def client_by_id(client_id: int, network: Network) -> Client:
    client = _whole(Client.objects.filter(pk=client_id, network=network)).first()
    if client is None:
        raise NotFound
    return client


def campaigns_open_for(network: Network, cars: Iterable[Car], on: date) -> dict[int, list[Campaign]]:
    """By car, what its maker asks its owner to come for that day, done already or not. One query."""
    by_vin: dict[str, list[int]] = {}
    for car in cars:
        if car.vin:
            by_vin.setdefault(car.vin, []).append(car.pk)
    found: dict[int, list[Campaign]] = {}
    if not by_vin:
        return found
    named = CampaignCar.objects.filter(
        Q(campaign__until=None) | Q(campaign__until__gte=on), vin__in=by_vin, campaign__network=network
    )
    for each in named.select_related("campaign__work").order_by("campaign__work__name", "pk"):
        for car_id in by_vin[each.vin]:
            found.setdefault(car_id, []).append(each.campaign)
    return found


def _whole(clients: QuerySet[Client]) -> QuerySet[Client]:
    in_use = Prefetch("cars", Car.objects.filter(is_active=True))
    return clients.filter(merged_into=None).prefetch_related("phones", in_use).order_by("name_key", "pk")


def _ids_by_exact_key(text: str) -> set[int]:
    found = _ids_by_phones(phones.find(text).numbers)
    cars = Q()
    if plate_key := plates.search_key(text):
        cars |= Q(plate_key=plate_key)
    if vin.is_valid(text):
        cars |= Q(vin=vin.normalise(text))
    if cars:
        found.update(Car.objects.filter(cars).values_list("client_id", flat=True))
    return found


def _ids_by_phones(numbers: Iterable[str]) -> set[int]:
    """Through the indexed key, then exactly: other countries' numbers may share the last ten digits."""
    keys = {number: phones.search_key(number) for number in numbers}
    found = Phone.objects.filter(number_key__in=keys.values(), number__in=keys)
    return set(found.values_list("client_id", flat=True))


def _by_name(words: Iterable[str]) -> Q:
    """Every word begins a word of the name."""
    wanted = Q()
    for word in words:
        wanted &= Q(name_key__startswith=word) | Q(name_key__contains=f" {word}")
    return wanted
