"""What the list has of clients who are merged or erased: connected to the signals of the customers."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from vovremya.customers.rules.erasure import Obstacle
from vovremya.journal.actions import forget_requests, forget_words
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import Refusal
from vovremya.waitlist.models import Wait


def tell_of_open_waits(client_ids: Collection[int], **_signal: Any) -> list[Obstacle]:
    count = Wait.objects.filter(client__in=client_ids, ended_at=None).count()
    return [Obstacle("open_wait", count)] if count else []


def erase_words(client_ids: Collection[int], **_signal: Any) -> Counter[str]:
    waits = Wait.objects.filter(client__in=client_ids)
    wait_ids = list(waits.values_list("pk", flat=True))
    # Of a wait without a visit; those of the others go with the visit.
    entries = Entry.objects.filter(visit_id=None, data__wait__in=wait_ids)
    erased = Counter({"wait_words": _with_words(waits).count(), "journal_words": forget_words(entries)})
    forget_requests(entries)
    _blank(waits)
    return erased


def forget_old_words(network_id: int, since: datetime, until: datetime, **_signal: Any) -> None:
    old = Wait.objects.filter(branch__network=network_id, ended_at__gte=since, ended_at__lt=until)
    wait_ids = list(old.values_list("pk", flat=True))
    forget_words(Entry.objects.filter(visit_id=None, data__wait__in=wait_ids))
    _blank(Wait.objects.filter(pk__in=wait_ids))


def bring_over(kept_id: int, gone_id: int, same_cars: Mapping[int, int], **_signal: Any) -> dict[str, Any]:
    waits = Wait.objects.filter(client=gone_id)
    known = set(Wait.objects.filter(client=kept_id, ended_at=None).values_list("branch_id", "car_id"))
    for branch_id, car_id in waits.filter(ended_at=None).values_list("branch_id", "car_id"):
        if (branch_id, same_cars.get(car_id, car_id)) in known:
            raise Refusal("merge_both_wait")
    by_car = {str(car): list(waits.filter(car=car).values_list("pk", flat=True)) for car in same_cars}
    for gone_car, kept_car in same_cars.items():
        waits.filter(car=gone_car).update(car=kept_car)
    moved = list(waits.values_list("pk", flat=True))
    waits.update(client=kept_id)
    return {"waits": moved, "waits_by_car": by_car}


def bring_back(gone_id: int, moved: Mapping[str, Any], **_signal: Any) -> None:
    Wait.objects.filter(pk__in=moved["waits"]).update(client=gone_id)
    for car_id, wait_ids in moved["waits_by_car"].items():
        Wait.objects.filter(pk__in=wait_ids).update(car_id=int(car_id))


def _with_words(waits: QuerySet[Wait]) -> QuerySet[Wait]:
    return waits.filter(~Q(reason="") | ~Q(parts="") | ~Q(comment="") | ~Q(ending_comment=""))


def _blank(waits: QuerySet[Wait]) -> None:
    waits.update(reason="", parts="", comment="", ending_comment="")
