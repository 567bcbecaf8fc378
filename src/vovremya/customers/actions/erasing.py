"""Erasing what is kept of a person: the part of the clients, the acts, and what makes the bytes go.

The whole of it is `visits.actions.erasing`; parts above erase what is theirs at the signals.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Q

from vovremya.customers.models import (
    CampaignCar,
    Car,
    Client,
    ClientChange,
    Consent,
    Erasure,
    Keeping,
    Merge,
    Phone,
    PhoneReveal,
    Retention,
    ToldApart,
)
from vovremya.customers.rules.erasure import ACTS_KEPT_FOR, Ground
from vovremya.directory.rules import Actor
from vovremya.kernel.refusal import BadInput

#: Whom a board and a list name after the erasure.
ERASED_NAME = "Данные удалены"
LONGEST_MONTHS = 600
SHORTEST_KEEPING = timedelta(days=28)  # a month


def erase_clients(client_ids: Collection[int], now: datetime) -> Counter[str]:
    """Their rows stay for the figures of the visits, without a word; how many of what went."""
    erased: Counter[str] = Counter()
    clients = Client.objects.filter(pk__in=client_ids)
    erased["names"] = clients.count()
    erased["emails"] = clients.exclude(email="").count()
    erased["client_comments"] = clients.exclude(comment="").count()
    clients.update(name=ERASED_NAME, name_key="", representative="", email="", comment="", erased_at=now)
    phones = Phone.objects.filter(client__in=client_ids)
    erased["phones"] = phones.count()
    phones.delete()
    cars = Car.objects.filter(client__in=client_ids)
    erased["plates"] = cars.exclude(plate="").count()
    vins = set(cars.exclude(vin="").values_list("vin", flat=True))
    erased["vins"] = len(vins)
    cars.update(plate="", plate_key="", vin="", mileage=None, warranty_until=None, is_active=False)
    # A car that was sold is another's now, and its maker still asks it to come.
    others = set(Car.objects.filter(vin__in=vins).values_list("vin", flat=True))
    CampaignCar.objects.filter(vin__in=vins - others).delete()
    erased["changes"] = ClientChange.objects.filter(client__in=client_ids).update(before=None, after=None)
    erased["consents"] = Consent.objects.filter(client__in=client_ids).delete()[0]
    Keeping.objects.filter(client__in=client_ids).delete()
    Merge.objects.filter(Q(kept__in=client_ids) | Q(gone__in=client_ids)).update(moved={})
    ToldApart.objects.filter(Q(one__in=client_ids) | Q(other__in=client_ids)).delete()
    return +erased


def write_act(act: Erasure) -> Erasure:
    act.save()
    return act


def forget_old_acts(now: datetime) -> int:
    return Erasure.objects.filter(at__lt=now - ACTS_KEPT_FOR).delete()[0]


def note_words_forgotten(retention: Retention, until: datetime) -> bool:
    """False: something was said of an older visit meanwhile, or is being said. It waits for nobody who does so."""
    as_read = Retention.objects.filter(pk=retention.pk, words_until=retention.words_until)
    if not list(as_read.select_for_update(skip_locked=True).values_list("pk")):
        return False
    retention.words_until = until
    retention.save(update_fields=("words_until",))
    return True


def note_words_came(branch_id: int, visit_starts_at: datetime, now: datetime) -> None:
    """Something was said of a visit. If those of its time have been gone through already, they are once more.

    Call it when the action has all its locks: whoever forgets words has the visits, and does not wait for this one.
    """
    if visit_starts_at < now - SHORTEST_KEEPING:
        gone_through = Retention.objects.filter(network__branches=branch_id, words_until__gt=visit_starts_at)
        gone_through.update(words_until=visit_starts_at)


def note_scrubbed(act_ids: Collection[int], real_now: datetime) -> None:
    Erasure.objects.filter(pk__in=act_ids).update(scrubbed_at=real_now)


# --- how long things are kept --------------------------------------------------------------------------------------


def keep_retention(network_id: int, months: Mapping[str, int | None], *, actor: Actor, now: datetime) -> Retention:
    """Part of `visits.actions.keeping.set_retention`. Raises `BadInput` at the field."""
    unfit = {
        name: "months_unfit" for name, value in months.items() if value is not None and not 1 <= value <= LONGEST_MONTHS
    }
    if unfit:
        raise BadInput(unfit, most=LONGEST_MONTHS)
    retention, _ = Retention.objects.update_or_create(
        network_id=network_id, defaults={**months, "at": now, "user_id": actor.user_id}
    )
    return retention


def keep_longer(client: Client, until: date | None, reason: str, *, actor: Actor, now: datetime) -> Keeping:
    """Part of `visits.actions.keeping.keep_client`. Raises `BadInput` at the field."""
    reason = reason.strip()
    problems = {}
    if not reason:
        problems["reason"] = "keeping_reason_empty"
    if len(reason) > 200:
        problems["reason"] = "text_too_long"
    if until is None or until <= now.date():
        problems["until"] = "day_unreadable"
    if problems or until is None:
        raise BadInput(problems)
    assert actor.user_id is not None, "the program keeps nobody"
    return Keeping.objects.create(client=client, until=until, reason=reason, at=now, user_id=actor.user_id)


def forget_old_reveals(network_id: int, before: datetime, limit: int) -> int:
    old = PhoneReveal.objects.filter(client__network=network_id, at__lt=before).order_by("pk")
    return PhoneReveal.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()[0]


def ground_of(text: str) -> Ground:
    try:
        return Ground(text)
    except ValueError as error:
        raise BadInput({"ground": "ground_unknown"}) from error
