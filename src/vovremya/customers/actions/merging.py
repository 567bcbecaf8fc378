"""Two clients that are one person: phones, cars, consents and reasons to be kept longer go over to the one that is
kept, and back. And two that are not, whatever they share.

Parts of the actions of `visits.actions.clients`, which check the right and bring the visits over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vovremya.customers.models import Car, Client, Consent, Keeping, Merge, Phone, ToldApart
from vovremya.customers.rules.merging import same_cars
from vovremya.kernel.refusal import Refusal

#: What went over, by kind: ids, and of phones the numbers with their places.
Moved = dict[str, Any]


def bring_over(kept: Client, gone: Client) -> tuple[Moved, dict[int, int]]:
    """What went over, and which car of the gone one is which of the kept one's."""
    known = set(kept.phones.values_list("number", flat=True))
    places = kept.phones.count()
    phones = [phone for phone in gone.phones.all() if phone.number not in known]
    # Not their ids: a number that is removed and put back has another.
    positions = {phone.number: phone.position for phone in phones}
    for position, phone in enumerate(phones, start=places):
        Phone.objects.filter(pk=phone.pk).update(client=kept, position=position)
    same = same_cars(_keys(kept), _keys(gone))
    cars = list(gone.cars.exclude(pk__in=same).values_list("pk", flat=True))
    Car.objects.filter(pk__in=cars).update(client=kept)
    consents = list(Consent.objects.filter(client=gone).values_list("pk", flat=True))
    Consent.objects.filter(pk__in=consents).update(client=kept)
    keepings = list(Keeping.objects.filter(client=gone).values_list("pk", flat=True))
    Keeping.objects.filter(pk__in=keepings).update(client=kept)
    merged = list(gone.merged.values_list("pk", flat=True))
    Client.objects.filter(pk__in=merged).update(merged_into=kept)
    Client.objects.filter(pk=gone.pk).update(merged_into=kept)
    moved = {"numbers": positions, "cars": cars, "consents": consents, "keepings": keepings, "merged": merged}
    return moved, same


def bring_back(merge: Merge) -> None:
    """Raises `Refusal` where somebody has taken apart meanwhile what went over."""
    moved = merge.moved
    # A merge of an older release names ids.
    by, positions = ("number", moved["numbers"]) if "numbers" in moved else ("pk", moved["phones"])
    phones = Phone.objects.filter(client_id=merge.kept_id)
    if phones.filter(**{f"{by}__in": list(positions)}).count() != len(positions):
        raise Refusal("merge_phones_changed")
    if Car.objects.filter(pk__in=moved["cars"], client_id=merge.kept_id).count() != len(moved["cars"]):
        raise Refusal("merge_cars_changed")
    for known_by, position in positions.items():
        phones.filter(**{by: known_by}).update(client_id=merge.gone_id, position=position)
    Car.objects.filter(pk__in=moved["cars"]).update(client_id=merge.gone_id)
    Consent.objects.filter(pk__in=moved["consents"]).update(client_id=merge.gone_id)
    # A merge made before reasons to be kept went over names none.
    Keeping.objects.filter(pk__in=moved.get("keepings", ())).update(client_id=merge.gone_id)
    Client.objects.filter(pk__in=moved["merged"]).update(merged_into_id=merge.gone_id)
    Client.objects.filter(pk=merge.gone_id).update(merged_into=None)


def keep_merge(merge: Merge) -> Merge:
    merge.save()
    return merge


def keep_apart(one: Client, other: Client, *, user_id: int, now: datetime) -> bool:
    """Whether it is news."""
    first, second = sorted((one.pk, other.pk))
    _, is_new = ToldApart.objects.get_or_create(one_id=first, other_id=second, defaults={"user_id": user_id, "at": now})
    return is_new


def forget_apart(one: Client, other: Client) -> bool:
    """Whether they had been told apart."""
    first, second = sorted((one.pk, other.pk))
    count, _ = ToldApart.objects.filter(one_id=first, other_id=second).delete()
    return count > 0


def _keys(client: Client) -> Sequence[Mapping[str, Any]]:
    return list(client.cars.order_by("pk").values("pk", "plate_key", "vin"))
