"""The card of a client, and two that were one person: what customers write, with the visits brought along.

A client belongs to the network: whoever has the right in the branch where it is pressed changes it for all. Bars that
show the client are drawn anew in every branch.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from vovremya.customers.actions.card import facet_of, locked_clients, value_of, write_facet
from vovremya.customers.actions.consents import keep_mark
from vovremya.customers.actions.merging import bring_back, bring_over, forget_apart, keep_apart, keep_merge
from vovremya.customers.models import Client, ClientChange, Consent, Merge, PhoneReveal
from vovremya.customers.rules.card import Facet, FacetOf, Value, numbers_of, seen_as
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.customers.signals import clients_merged, merge_undone
from vovremya.directory.models import Branch
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request, record
from vovremya.journal.models import Entry
from vovremya.journal.rules import Fact
from vovremya.kernel.refusal import NotFound, Refusal
from vovremya.visits.actions.booking import realign_followers
from vovremya.visits.actions.contact.grip import person
from vovremya.visits.actions.turn import lock_cars_and_visits_of, pressed, turn_on
from vovremya.visits.models import Attempt, Visit
from vovremya.visits.rules.journal_facts import (
    ClientChanged,
    ClientDisclosed,
    ClientsMerged,
    ClientsToldApart,
    ConsentMarked,
    VisitChanged,
)
from vovremya.visits.rules.words import Status

#: Bars of older visits are drawn anew when somebody opens their day.
_SHOWN_FOR = timedelta(days=1)


def change_client(
    of: FacetOf,
    value: Value,
    *,
    seen: str,
    branch: Branch,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> ClientChange | None:
    """Let the facet have this value; None where it has it already. `seen` says what the form was drawn from.

    Raises `Refusal` where somebody has changed it meanwhile, `BadInput` at the field.
    """
    with pressed(request, actor) as entries:
        lock_client(of.client_id, branch=branch, actor=actor, right=Right.CHANGE_CLIENT)
        before = value_of(of)
        if value != before and seen_as(before) != seen:
            raise Refusal("client_changed_meanwhile")
        return _change(of, before, value, branch, actor, now, entries)


def take_back_client_change(
    change_id: int, *, branch: Branch, actor: Actor, now: datetime, request: Request | None = None
) -> ClientChange | None:
    """Back to what it was before that change. Refused where somebody has changed it since."""
    with pressed(request, actor) as entries:
        change = ClientChange.objects.filter(pk=change_id, client__network=branch.network_id).first()
        if change is None:
            raise NotFound
        of = facet_of(change)
        lock_client(of.client_id, branch=branch, actor=actor, right=Right.CHANGE_CLIENT)
        before = value_of(of)
        if before != change.after:
            raise Refusal("client_changed_since")
        return _change(of, before, change.before, branch, actor, now, entries, takes_back=change)


def mark_consent(
    client_id: int,
    purpose: Purpose,
    channel: Channel,
    *,
    is_given: bool,
    number: int = 0,
    branch: Branch,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Consent:
    """Take down that the client agrees, or does not any more; from that moment it holds in the whole network.
    `number` is that of the wording."""
    with pressed(request, actor) as entries:
        client = lock_client(client_id, branch=branch, actor=actor, right=Right.CHANGE_CLIENT)
        mark = keep_mark(client, purpose, channel, is_given=is_given, number=number, actor=actor, now=now)
        fact = ConsentMarked(client.pk, purpose, is_given)
        entries.append(_record(fact, branch.pk, actor, now, uuid.uuid4()))
    return mark


def merge(
    kept_id: int,
    gone_id: int,
    called: Value,
    *,
    seen: str,
    branch: Branch,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Merge:
    """The two are one person, `called` as it says; everything of the gone one is the kept one's from now.

    `seen` says what both were when they were compared: one that was changed meanwhile is refused.
    """
    action_id = uuid.uuid4()
    with pressed(request, actor) as entries:
        kept, gone = _lock_both(kept_id, gone_id, branch, actor)
        if seen_as(compared(kept_id, gone_id)) != seen:
            raise Refusal("client_changed_meanwhile")
        change = write_facet(FacetOf(kept_id, Facet.PERSON), called, actor=actor, now=now)
        moved = _bring_over(kept, gone)
        made = keep_merge(Merge(kept=kept, gone=gone, moved=moved, person_change=change, at=now, user_id=person(actor)))
        draw_anew([kept_id], actor, now, action_id, in_a_row=bool(moved["visits_by_car"]))
        entries.append(_tell_of_merge(made, branch, actor, now, action_id))
    return made


def compared(kept_id: int, gone_id: int) -> Value:
    """What two are called, as whoever merges them has it before the eyes."""
    return [value_of(FacetOf(each, Facet.PERSON)) for each in sorted((kept_id, gone_id))]


def undo_merge(merge_id: int, *, branch: Branch, actor: Actor, now: datetime, request: Request | None = None) -> Merge:
    """Everything goes back that went over. Refused, with what stands in the way, where it is not as it was."""
    action_id = uuid.uuid4()
    with pressed(request, actor) as entries:
        found = Merge.objects.filter(pk=merge_id, kept__network=branch.network_id).first()
        if found is None:
            raise NotFound
        lock_client(found.kept_id, branch=branch, actor=actor, right=Right.MERGE_CLIENTS)
        made = Merge.objects.select_for_update().get(pk=merge_id)
        _require_as_merged(made)
        change = made.person_change
        _bring_back(made)
        if change:
            write_facet(facet_of(change), change.before, actor=actor, now=now, takes_back=change)
        made.undone_at, made.undone_by_id = now, actor.user_id
        keep_merge(made)
        is_of_cars = bool(made.moved["visits_by_car"])
        draw_anew([made.kept_id, made.gone_id], actor, now, action_id, in_a_row=is_of_cars)
        entries.append(_tell_of_merge(made, branch, actor, now, action_id))
    return made


def tell_apart(
    one_id: int, other_id: int, *, branch: Branch, actor: Actor, now: datetime, request: Request | None = None
) -> None:
    """They are different people, whatever they share: nobody is asked to compare them any more."""
    with pressed(request, actor) as entries:
        one, other = _lock_both(one_id, other_id, branch, actor)
        if keep_apart(one, other, user_id=person(actor), now=now):
            entries.append(_record(ClientsToldApart(one.pk, other.pk), branch.pk, actor, now, uuid.uuid4()))


def take_back_telling_apart(
    one_id: int, other_id: int, *, branch: Branch, actor: Actor, now: datetime, request: Request | None = None
) -> None:
    """They may be one person after all."""
    with pressed(request, actor) as entries:
        one, other = _lock_both(one_id, other_id, branch, actor)
        if forget_apart(one, other):
            fact = ClientsToldApart(one.pk, other.pk, is_undone=True)
            entries.append(_record(fact, branch.pk, actor, now, uuid.uuid4()))


def disclose(client_id: int, *, branch: Branch, actor: Actor, now: datetime, request: Request | None = None) -> None:
    """All that is kept about the client goes into a file: by right, and never without a trace."""
    with pressed(request, actor) as entries:
        client = lock_client(client_id, branch=branch, actor=actor, right=Right.ANSWER_PERSON)
        PhoneReveal.objects.create(
            user_id=person(actor), client=client, branch_id=branch.pk, purpose=PhoneReveal.Purpose.FILE, at=now
        )
        entries.append(_record(ClientDisclosed(client.pk), branch.pk, actor, now, uuid.uuid4()))


def _bring_over(kept: Client, gone: Client) -> dict[str, object]:
    """Ids of what went over, by kind."""
    visits = Visit.objects.filter(client=gone)
    visit_ids = list(visits.values_list("pk", flat=True))
    of_client, same_cars = bring_over(kept, gone)
    by_car = {str(car): list(visits.filter(car=car).values_list("pk", flat=True)) for car in same_cars}
    for gone_car, kept_car in same_cars.items():
        visits.filter(car=gone_car).update(car=kept_car)
    visits.update(client=kept)
    moved: dict[str, object] = {**of_client, "visits": visit_ids, "visits_by_car": by_car}
    answers: Any = clients_merged.send(Client, kept_id=kept.pk, gone_id=gone.pk, same_cars=same_cars)
    for _, told in answers:
        moved |= told
    return moved


def _require_as_merged(made: Merge) -> None:
    if made.undone_at:
        raise Refusal("merge_undone_already")
    if made.kept.merges.filter(undone_at=None, pk__gt=made.pk).exists():
        raise Refusal("merge_has_later")
    change = made.person_change
    if change and value_of(facet_of(change)) != change.after:
        raise Refusal("merge_person_changed")
    if Visit.objects.filter(pk__in=made.moved["visits"]).exclude(client=made.kept_id).exists():
        raise Refusal("merge_visits_changed")


def _bring_back(made: Merge) -> None:
    bring_back(made)
    Visit.objects.filter(pk__in=made.moved["visits"]).update(client=made.gone_id)
    for car_id, visit_ids in made.moved["visits_by_car"].items():
        Visit.objects.filter(pk__in=visit_ids).update(car_id=int(car_id))
    merge_undone.send(Client, gone_id=made.gone_id, moved=made.moved)


def _change(
    of: FacetOf,
    before: Value,
    value: Value,
    branch: Branch,
    actor: Actor,
    now: datetime,
    entries: list[Entry],
    takes_back: ClientChange | None = None,
) -> ClientChange | None:
    action_id = uuid.uuid4()
    if of.facet is Facet.PHONES:
        _let_calls_go(of.client_id, set(numbers_of(before)) - set(numbers_of(value)))
    change = write_facet(of, value, actor=actor, now=now, takes_back=takes_back)
    if change:
        draw_anew([of.client_id], actor, now, action_id)
        fact = ClientChanged(of.client_id, of.facet, change.pk)
        entries.append(_record(fact, branch.pk, actor, now, action_id))
    return change


def _let_calls_go(client_id: int, numbers: Collection[str]) -> None:
    """Calls to a number that is removed stay, without the number; not while one is under way."""
    attempts = Attempt.objects.filter(phone__client=client_id, phone__number__in=numbers)
    if attempts.filter(result="").exists():
        raise Refusal("phone_in_call")
    attempts.update(phone=None)


def lock_client(
    client_id: int, *, branch: Branch, actor: Actor, right: Right, with_ids: Collection[int] = ()
) -> Client:
    """The client, and those of `with_ids`: the cars and the visits first, as those who book do.

    Raises `NotAllowed`, `NotFound`, and `Refusal` where the client was erased or merged meanwhile.
    """
    actor.require(branch.pk, right)
    client_ids = {client_id, *with_ids}
    lock_cars_and_visits_of(client_ids)
    client = next((each for each in locked_clients(client_ids) if each.pk == client_id), None)
    if client is None or client.network_id != branch.network_id:
        raise NotFound
    if client.erased_at:
        raise Refusal("client_erased")
    if client.merged_into_id:
        raise Refusal("client_merged")
    return client


def _lock_both(kept_id: int, gone_id: int, branch: Branch, actor: Actor) -> tuple[Client, Client]:
    if kept_id == gone_id:
        raise NotFound
    kept = lock_client(kept_id, branch=branch, actor=actor, right=Right.MERGE_CLIENTS, with_ids=[gone_id])
    return kept, lock_client(gone_id, branch=branch, actor=actor, right=Right.MERGE_CLIENTS)


def _tell_of_merge(made: Merge, branch: Branch, actor: Actor, now: datetime, action_id: uuid.UUID) -> Entry:
    fact = ClientsMerged(made.kept_id, made.gone_id, is_undone=made.undone_at is not None)
    return _record(fact, branch.pk, actor, now, action_id)


def _record(fact: Fact, branch_id: int, actor: Actor, now: datetime, action_id: uuid.UUID) -> Entry:
    return record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=action_id)


def draw_anew(
    client_ids: Collection[int], actor: Actor, now: datetime, action_id: uuid.UUID, *, in_a_row: bool = False
) -> None:
    """The bars of these clients on boards that may be open; `in_a_row`: who follows whom may be another now."""
    here = Q(status__in=(Status.PLANNED, Status.ARRIVED, Status.IN_WORK)) | Q(ends_at__gt=now - _SHOWN_FOR)
    visits = Visit.objects.filter(here, client__in=client_ids).order_by("pk").values_list("pk", "branch_id")
    for visit_id, branch_id in list(visits):
        who = actor if actor.sees(branch_id) else PROGRAM
        with turn_on(visit_id, actor=who, right=None, now=now, action_id=action_id) as turn:
            turn.record(VisitChanged(fields="client"))
        if in_a_row and turn.visit.status == Status.PLANNED:
            realign_followers(turn.visit, now, who, action_id)
