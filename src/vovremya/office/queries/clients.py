"""Clients as the office shows them: found, on the card, alike, and all that is kept of one. Fixed numbers of queries.

The wall: a branch sees a client whom it has, or had, to do with; another's only after an exact phone, plate or VIN.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from vovremya.customers.models import (
    Car,
    Client,
    ClientChange,
    Consent,
    ConsentText,
    Erasure,
    Keeping,
    Merge,
    Phone,
    PhoneReveal,
    ToldApart,
)
from vovremya.customers.queries import find
from vovremya.customers.queries.erasing import traces_of
from vovremya.customers.rules.consents import Purpose, standing
from vovremya.customers.rules.merging import Likeness, is_like_name, to_compare
from vovremya.customers.texts import first_wording
from vovremya.directory.models import Branch, Network
from vovremya.directory.rules import Actor
from vovremya.exchange.models import ImportRow
from vovremya.exchange.queries import rows_about
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotFound
from vovremya.visits.models import Attempt, Case, Draft, Visit, VisitWork
from vovremya.visits.queries import is_client_of
from vovremya.waitlist.models import Wait
from vovremya.waitlist.queries import has_waited_at

SHOWN_AT_ONCE = 50
SHOWN_VISITS = 50
SHOWN_CONTACTS = 30
SHOWN_CHANGES = 50
SHOWN_ALIKE = 50
_LOOKED_AT_FOR_NAMES = 200


@dataclass(frozen=True)
class Page:
    """Clients in the order of their names; `next_after` begins the next page, `is_cut`: more were found than shown."""

    clients: Sequence[Client]
    last_visits: Mapping[int, datetime]
    next_after: int | None = None
    is_cut: bool = False


def own(branch: Branch) -> Q:
    """Asked of a client: whether the branch has, or had, to do with them."""
    return Q(is_client_of(branch.pk)) | Q(has_waited_at(branch.pk))


def clients_page(branch: Branch, text: str, after_id: int | None) -> Page:
    if text:
        found = find(text, branch.network, own(branch))
        return _page(branch, found, is_cut=len(found) >= SHOWN_AT_ONCE)
    clients = Client.objects.filter(own(branch), network=branch.network, merged_into=None, erased_at=None)
    after = Client.objects.filter(pk=after_id, network=branch.network).first() if after_id else None
    if after:
        clients = clients.filter(Q(name_key__gt=after.name_key) | Q(name_key=after.name_key, pk__gt=after.pk))
    in_use = Prefetch("cars", Car.objects.filter(is_active=True))
    rows = list(clients.order_by("name_key", "pk").prefetch_related("phones", in_use)[: SHOWN_AT_ONCE + 1])
    shown = rows[:SHOWN_AT_ONCE]
    return _page(branch, shown, next_after=shown[-1].pk if len(rows) > SHOWN_AT_ONCE else None)


def _page(branch: Branch, clients: Sequence[Client], next_after: int | None = None, *, is_cut: bool = False) -> Page:
    visits = Visit.objects.filter(branch=branch, client__in=clients).order_by()
    last = dict(visits.values_list("client").annotate(last=Max("starts_at")).values_list("client", "last"))
    return Page(clients, last, next_after, is_cut)


def client_seen(branch: Branch, client_id: int, found_ids: Collection[int]) -> Client:
    """`found_ids`: whom the search has found by an exact key since the login. Raises `NotFound`.

    Who was merged into another is seen by whoever sees the other.
    """
    clients = Client.objects.filter(network=branch.network)
    client = clients.filter(pk=client_id).select_related("merged_into").first()
    if client is None:
        raise NotFound
    ids = {client.pk, client.merged_into_id or client.pk}
    if ids.isdisjoint(found_ids) and not clients.filter(own(branch), pk__in=ids).exists():
        raise NotFound
    return client


@dataclass(frozen=True)
class ConsentStanding:
    purpose: Purpose
    mark: Consent | None


@dataclass(frozen=True)
class Alike:
    """Another client who may be the same person."""

    client: Client
    likeness: Likeness


@dataclass(frozen=True)
class Card:
    """A client as this actor sees them: visits behind the wall by date and branch, their contacts not at all."""

    client: Client
    phones: Sequence[Phone]
    cars: Sequence[Car]
    to_come: Sequence[tuple[Visit, bool]]  # with whether it is on this side of the wall
    past: Sequence[tuple[Visit, bool]]
    visit_count: int
    waits: Sequence[Wait]
    contacts: Sequence[Case]
    consents: Sequence[ConsentStanding]
    marks: Sequence[Consent]
    changes: Sequence[ClientChange]
    merges: Sequence[Merge]
    alike: Sequence[Alike]
    told_apart: Sequence[tuple[Client, ToldApart]]


def card_of(client: Client, branch: Branch, actor: Actor, now: datetime) -> Card:
    ids = _person(client)
    visits = Visit.objects.filter(client__in=ids).select_related("branch", "car", "bay")
    to_come = visits.filter(starts_at__gt=now).order_by("starts_at")[:SHOWN_VISITS]
    past = visits.filter(starts_at__lte=now).order_by("-starts_at")[:SHOWN_VISITS]
    cases = Case.objects.filter(visit__client__in=ids, branch__in=actor.branch_ids)
    people = cases.select_related("visit", "opened_by", "ended_by", "late_reason")
    attempts = Prefetch("attempts", Attempt.objects.select_related("phone", "started_by"))
    marks = list(Consent.objects.filter(client__in=ids).select_related("user", "text"))
    held = standing(marks)
    apart = told_apart_of(client)
    alike = alike_to(client, branch)
    return Card(
        client=client,
        phones=list(client.phones.all()),
        cars=list(client.cars.order_by("-is_active", "pk")),
        to_come=[(visit, actor.sees(visit.branch_id)) for visit in to_come],
        past=[(visit, actor.sees(visit.branch_id)) for visit in past],
        visit_count=visits.count(),
        waits=list(
            Wait.objects.filter(client__in=ids, branch=branch, ended_at=None).select_related("car").order_by("pk")
        ),
        contacts=list(people.prefetch_related(attempts).order_by("-opened_at")[:SHOWN_CONTACTS]),
        consents=[ConsentStanding(purpose, held.get(purpose)) for purpose in Purpose],
        marks=marks,
        changes=list(_changes_of(ids)[:SHOWN_CHANGES]),
        merges=list(client.merges.filter(undone_at=None).select_related("gone", "user")),
        alike=[each for each in alike if each.client.pk not in apart],
        told_apart=[(each.client, apart[each.client.pk]) for each in alike if each.client.pk in apart],
    )


def _person(client: Client) -> list[int]:
    """The client's id, and those of the clients who were merged into them."""
    return [client.pk, *client.merged.values_list("pk", flat=True)]


def _changes_of(client_ids: Collection[int]) -> QuerySet[ClientChange]:
    changes = ClientChange.objects.filter(client__in=client_ids)
    return changes.select_related("user").prefetch_related("taken_back_by")


def wording(network: Network, purpose: Purpose) -> tuple[int, str]:
    """The number and the text of what a client agrees to now."""
    last = ConsentText.objects.filter(network=network, purpose=purpose).order_by("-number").first()
    return (last.number, last.text) if last else (1, first_wording(purpose))


# --- who may be one person -----------------------------------------------------------------------------------------


def told_apart_of(client: Client) -> dict[int, ToldApart]:
    """Who is another person than the client, by the other's id."""
    rows = ToldApart.objects.filter(Q(one=client) | Q(other=client)).select_related("user")
    return {row.other_id if row.one_id == client.pk else row.one_id: row for row in rows}


def alike_to(client: Client, branch: Branch) -> list[Alike]:
    """Other clients who share something with the client, the surest first, those told apart included."""
    others = Client.objects.filter(network=branch.network, merged_into=None, erased_at=None).exclude(pk=client.pk)
    cars = list(client.cars.all())
    surname, _, rest = client.name_key.partition(" ")
    ways: list[tuple[Likeness, Q]] = [
        (Likeness.VIN, Q(cars__vin__in={car.vin for car in cars} - {""})),
        (Likeness.PLATE, Q(cars__plate_key__in={car.plate_key for car in cars} - {""})),
        (Likeness.PHONE, Q(phones__number__in={phone.number for phone in client.phones.all()})),
    ]
    found: dict[int, Alike] = {}
    for likeness, way in ways:
        for other in others.filter(way).distinct()[:SHOWN_ALIKE]:
            found.setdefault(other.pk, Alike(other, likeness))
    if surname and rest:
        # Behind the wall nobody is found by a name.
        namesakes = others.filter(own(branch), name_key__startswith=f"{surname} ")[:_LOOKED_AT_FOR_NAMES]
        for other in namesakes:
            if is_like_name(client.name_key, other.name_key):
                found.setdefault(other.pk, Alike(other, Likeness.NAME))
    return list(found.values())


@dataclass(frozen=True)
class Group:
    """Clients who may be one person, each with whom it is to be compared; the one known longer is kept unless it is
    chosen otherwise."""

    likeness: Likeness
    members: Sequence[tuple[Client, Client | None]]


def duplicates(branch: Branch) -> list[Group]:
    """Groups of clients of the branch who may be one person, the surest first; a group is named once."""
    clients = Client.objects.filter(own(branch), network=branch.network, merged_into=None, erased_at=None)
    apart = {frozenset(pair) for pair in ToldApart.objects.filter(one__in=clients).values_list("one", "other")}
    cars = Car.objects.filter(client__in=clients)
    numbers = Phone.objects.filter(client__in=clients)
    shared: tuple[tuple[Likeness, Any, str, str], ...] = (
        (Likeness.VIN, cars.exclude(vin=""), "vin", "client"),
        (Likeness.PLATE, cars.exclude(plate_key=""), "plate_key", "client"),
        (Likeness.PHONE, numbers, "number", "client"),
        (Likeness.NAME, clients.filter(name_key__contains=" "), "name_key", "pk"),
    )
    groups: dict[frozenset[int], tuple[Likeness, list[tuple[int, int | None]]]] = {}
    for likeness, rows, key, owner in shared:
        for ids in _who_share(rows, key, owner):
            if len(groups) == SHOWN_ALIKE:
                break
            if members := to_compare(ids, apart):
                groups.setdefault(frozenset(pk for pk, _ in members), (likeness, members))
    wanted = {pk for ids in groups for pk in ids}
    in_use = Prefetch("cars", Car.objects.filter(is_active=True))
    known = clients.filter(pk__in=wanted).prefetch_related("phones", in_use).in_bulk()
    return [
        Group(likeness, [(known[pk], known[first] if first else None) for pk, first in members])
        for likeness, members in groups.values()
    ]


def _who_share(rows: Any, key: str, owner: str) -> Iterator[list[int]]:
    """The ids of those who have one value of the key, for each that more than one has."""
    owners = rows.order_by().values(key).annotate(owners=Count(owner, distinct=True))
    doubled = owners.filter(owners__gt=1).values(key)
    for _, group in groupby(
        rows.filter(**{f"{key}__in": doubled}).order_by(key).values_list(key, owner), itemgetter(0)
    ):
        yield [client_id for _, client_id in group]


# --- all that is kept of one ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """Everything that is kept about a person, in all branches."""

    clients: Sequence[Client]
    phones: Sequence[Phone]
    cars: Sequence[Car]
    visits: Sequence[Visit]
    cases: Sequence[Case]
    waits: Sequence[Wait]
    consents: Sequence[Consent]
    keepings: Sequence[Keeping]
    changes: Sequence[ClientChange]
    reveals: Sequence[PhoneReveal]
    words: Sequence[Entry]  # of the journal, with what was said
    drafts: Sequence[Draft]
    import_rows: Sequence[ImportRow]


def all_kept(client: Client) -> Kept:
    ids = _person(client)
    visits = Visit.objects.filter(client__in=ids).order_by("starts_at")
    whole = visits.select_related("branch", "bay", "advisor", "car", "removal_reason")
    attempts = Prefetch("attempts", Attempt.objects.select_related("phone", "started_by"))
    cases = Case.objects.filter(visit__client__in=ids).select_related("visit", "late_reason", "opened_by")
    waits = Wait.objects.filter(client__in=ids).select_related("branch", "car").order_by("added_at")
    said = Entry.objects.filter(words__isnull=False).select_related("words", "user").order_by("pk")
    of_visits = said.filter(visit_id__in=visits.order_by().values("pk"))
    of_waits = said.filter(visit_id=None, data__wait__in=[wait.pk for wait in waits])
    return Kept(
        clients=list(Client.objects.filter(pk__in=ids).order_by("pk")),
        phones=list(Phone.objects.filter(client__in=ids)),
        cars=list(Car.objects.filter(client__in=ids).order_by("pk")),
        visits=list(whole.prefetch_related(Prefetch("works", VisitWork.objects.order_by("position", "pk")))),
        cases=list(cases.prefetch_related(attempts).order_by("opened_at")),
        waits=list(waits),
        consents=list(Consent.objects.filter(client__in=ids).select_related("user", "text").order_by("pk")),
        keepings=list(Keeping.objects.filter(client__in=ids).select_related("user").order_by("pk")),
        changes=list(_changes_of(ids).order_by("pk")),
        reveals=list(PhoneReveal.objects.filter(client__in=ids).select_related("user", "phone").order_by("pk")),
        words=[*of_visits, *of_waits],
        drafts=list(Draft.objects.filter(case__visit__client__in=ids).select_related("user").order_by("pk")),
        import_rows=rows_about(traces_of(ids)),
    )


# --- acts ----------------------------------------------------------------------------------------------------------


def acts_of(branch: Branch) -> list[Erasure]:
    return list(Erasure.objects.filter(network=branch.network).select_related("user")[:SHOWN_AT_ONCE])


def act_seen(branch: Branch, act_id: int) -> Erasure:
    act = Erasure.objects.filter(pk=act_id, network=branch.network).select_related("user", "network").first()
    if act is None:
        raise NotFound
    return act


def log_of(act: Erasure) -> list[Entry]:
    """What the event log has of the erasure, in every branch."""
    entries = Entry.objects.filter(kind="client_erased", branch__network=act.network_id, data__act=act.number)
    return list(entries.select_related("branch", "user").order_by("pk"))
