"""Two cards of one person are merged and erased while somebody books the person and somebody puts them on the list.

Models are imported by the functions: see `arena`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.races.arena import meet
from tests.races.outcome import outcome

if TYPE_CHECKING:
    from vovremya.customers.models import Client

ROUNDS = 16
#: What each racer does in a round, by its number.
DEEDS = ("merge", "book", "wait", "erase")


def furnish() -> None:
    from django.core.management import call_command

    from tests.cast import assemble

    call_command("migrate", verbosity=0)
    cast = assemble()
    for number in range(ROUNDS):
        for side in ("Остаётся", "Уходит"):
            cast.register(f"{side} {number}", f"+7 999 000-01-{number:02}")


def act_on_every_pair(seed: int, rounds: int) -> Counter[str]:
    """All of them on one pair at one moment; who books and who puts on the list has read the client before."""
    came_about: Counter[str] = Counter()
    for act in _acts(DEEDS[seed], rounds):
        meet()
        came_about[f"{DEEDS[seed]}: {outcome(act)}"] += 1
    return came_about


def merge_first(seed: int, rounds: int) -> Counter[str]:
    """Without a look at what became of the client: others act on one read before the merge, and after it."""
    from vovremya.visits.actions import booking
    from vovremya.waitlist.actions import keeping

    booking.hold_client = lambda *_: None  # type: ignore[attr-defined]
    keeping.hold_client = lambda *_: None  # type: ignore[attr-defined]
    came_about: Counter[str] = Counter()
    for act in _acts(DEEDS[seed], rounds):
        meet()
        if DEEDS[seed] != "merge":
            meet()
        came_about[f"{DEEDS[seed]}: {outcome(act)}"] += 1
        if DEEDS[seed] == "merge":
            meet()
    return came_about


def _acts(deed: str, rounds: int) -> Iterator[Callable[[], object]]:
    from tests.cast import TOMORROW, at
    from vovremya.customers.actions.card import value_of
    from vovremya.customers.rules.card import Facet, FacetOf, seen_as
    from vovremya.customers.rules.erasure import Ground
    from vovremya.directory.models import Bay, Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, Plan, book
    from vovremya.visits.actions.clients import compared, merge
    from vovremya.visits.actions.erasing import erase_client
    from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list

    branch, bay = Branch.objects.get(code="SEV"), Bay.objects.order_by("id")[0]
    now = at("10:00")
    by: dict[str, Any] = {"actor": actor_of(User.objects.get(username="supervisor")), "now": now}
    for number in range(rounds):
        kept, gone = _pair(number)
        starts_at = at("10:00", TOMORROW + timedelta(days=number))
        match deed:
            case "merge":
                called, seen = value_of(FacetOf(kept.pk, Facet.PERSON)), seen_as(compared(kept.pk, gone.pk))
                yield partial(merge, kept.pk, gone.pk, called, seen=seen, branch=branch, **by)
            case "book":
                plan = Plan(bay.pk, starts_at, starts_at + timedelta(hours=1))
                yield partial(book, branch.pk, gone, None, plan, Details(), real_now=now, **by)
            case "wait":
                yield partial(put_on_list, branch.pk, Wanted(gone, None, 60), WishedFor(days=[starts_at.date()]), **by)
            case _:
                yield partial(erase_client, kept.pk, Ground.REQUEST, requested_on=None, branch=branch, **by)


def _pair(number: int) -> "Sequence[Client]":
    from vovremya.customers.models import Client

    return [Client.objects.get(name=f"{side} {number}") for side in ("Остаётся", "Уходит")]


def astray() -> list[str]:
    """Visits to come and open waits of a card that is gone or erased."""
    from django.db.models import Q

    from vovremya.visits.models import Visit
    from vovremya.waitlist.models import Wait

    gone = Q(client__merged_into__isnull=False) | Q(client__erased_at__isnull=False)
    visits = Visit.objects.filter(gone, status="planned")
    waits = Wait.objects.filter(gone, ended_at=None)
    return [
        f"{kind} {pk}"
        for kind, rows in (("visit", visits), ("wait", waits))
        for pk in rows.values_list("pk", flat=True)
    ]


def standing() -> tuple[int, int]:
    """How many cards are merged, and how many visits are to come."""
    from vovremya.customers.models import Client
    from vovremya.visits.models import Visit

    merged = Client.objects.filter(merged_into__isnull=False)
    return merged.count(), Visit.objects.filter(status="planned").count()
