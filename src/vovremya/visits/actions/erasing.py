"""Erasing a person: asked for or due, done, done again after an older copy, and made to go from the files.

What is kept of a visit is figures: dates, bay, length, states, results. An erasure is tried before it is confirmed and
undone, so what is told to go is what goes.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models, transaction
from django.db.models import Min, Q, QuerySet

from vovremya.customers.actions.card import locked_clients
from vovremya.customers.actions.erasing import (
    erase_clients,
    forget_old_acts,
    forget_old_reveals,
    note_scrubbed,
    note_words_forgotten,
    write_act,
)
from vovremya.customers.models import Client, Erasure, Retention
from vovremya.customers.queries.erasing import traces_of, with_merged
from vovremya.customers.rules.erasure import Ground, Obstacle, is_quiet, months_before
from vovremya.customers.signals import client_erased, erasure_considered, words_expired
from vovremya.directory.models import Branch
from vovremya.directory.rules import PROGRAM, Actor, Right
from vovremya.journal.actions import Request, forget_requests, forget_words, record
from vovremya.journal.models import Entry, RequestKey, Seal
from vovremya.kernel import clock
from vovremya.kernel.refusal import Refusal
from vovremya.storage.scrubbing import scrub
from vovremya.visits.actions.clients import draw_anew, lock_client
from vovremya.visits.actions.turn import lock_cars_and_visits_of, lock_visits, pressed
from vovremya.visits.models import Attempt, Case, Draft, Visit
from vovremya.visits.queries import due_clients
from vovremya.visits.rules.journal_facts import ClientChanged, ClientErased, ClientKept, ClientsMerged
from vovremya.visits.rules.words import Status

logger = logging.getLogger(__name__)

ERASED_AT_ONCE = 50
_WEEK, _WEEKS_AT_ONCE = timedelta(days=7), 8
_REVEALS_AT_ONCE = 1_000
#: They hold no words by construction.
_WITHOUT_WORDS = (Entry, Seal)
#: What says so of a client names nothing of the person, while the press that brought it about did.
_ABOUT_CLIENTS = tuple(fact.kind for fact in (ClientChanged, ClientKept, ClientsMerged))


class ErasureBlocked(Refusal):
    """Something has to be ended first: `obstacles` says what."""

    code = "erasure_blocked"

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        self.obstacles = obstacles
        super().__init__()


@dataclass(frozen=True)
class Considered:
    """What an erasure would do."""

    obstacles: Sequence[Obstacle]
    erased: Mapping[str, int]  # how many of what
    visits: int  # of which the figures stay
    calls: int


class _OnlyTried(Exception):
    pass


def consider_erasure(client_id: int, *, branch: Branch, actor: Actor, now: datetime) -> Considered:
    """What would go and what would stay, and what stands in the way. Nothing is written."""
    found: list[Considered] = []
    try:
        with transaction.atomic():
            client_ids = _locked(client_id, branch, actor)
            visits = Visit.objects.filter(client__in=client_ids)
            visit_count, calls = visits.count(), Attempt.objects.filter(case__visit__in=visits).count()
            obstacles = _obstacles_to(client_ids, now)
            found.append(Considered(obstacles, _erase(client_ids, now), visit_count, calls))
            raise _OnlyTried
    except _OnlyTried:
        return found[0]


def erase_client(
    client_id: int,
    ground: Ground,
    *,
    requested_on: date | None,
    branch: Branch,
    actor: Actor,
    now: datetime,
    request: Request | None = None,
) -> Erasure:
    """Erase the person and write the act. Raises `ErasureBlocked`, `NotAllowed`, `NotFound`."""
    with pressed(request, actor) as entries:
        client_ids = _locked(client_id, branch, actor)
        act = _erase_by_an_act(client_ids, ground, requested_on, branch, actor, now)
        entries += _tell(act, client_ids, actor, now)
    return act


def _obstacles_to(client_ids: Collection[int], now: datetime) -> list[Obstacle]:
    """What is still to be done with the person."""
    visits = Visit.objects.filter(client__in=client_ids)
    counts = {
        "visit_to_come": visits.filter(status=Status.PLANNED, day_ends_at__gt=now).count(),
        "car_here": visits.filter(status__in=(Status.ARRIVED, Status.IN_WORK)).count(),
        "open_contact": Case.objects.filter(visit__in=visits, ended_at=None).count(),
    }
    found = [Obstacle(code, count) for code, count in counts.items() if count]
    answers: Any = erasure_considered.send(Client, client_ids=client_ids, now=now)
    for _, told in answers:
        found += told
    return found


def erase_again(told: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Whom these acts have erased and an older copy of the database has brought back; returns how many acts."""
    return sum(_erase_by_act(each, now) for each in told)


def _erase_by_act(told: Mapping[str, Any], now: datetime) -> bool:
    """By id and registration together: after an older copy another person may have been given the id."""
    with transaction.atomic():
        ids = [
            client_id
            for client_id, created_ms in told["clients"]
            if Client.objects.filter(
                pk=client_id, created_at=clock.from_milliseconds(created_ms), erased_at=None
            ).exists()
        ]
        if not ids:
            return False
        lock_cars_and_visits_of(ids)
        first, *_ = clients = locked_clients(ids)
        act = Erasure.objects.filter(number=told["number"]).first() or Erasure(
            number=told["number"],
            network_id=first.network_id,
            clients=told["clients"],
            ground=told["ground"],
            requested_on=date.fromisoformat(told["requested_on"]) if told["requested_on"] else None,
            at=clock.from_milliseconds(told["at"]),
        )
        client_ids = [client.pk for client in clients]
        act.erased = dict(_erase(client_ids, now))
        act.again_at, act.scrubbed_at = now, None
        write_act(act)
        _tell(act, client_ids, PROGRAM, now)
        return True


# --- by the time of keeping ----------------------------------------------------------------------------------------


def carry_out_retention(now: datetime) -> int:
    """A batch of what is due; called by the watch. One that fails is said in the log and does not hold up others."""
    done = 0
    for retention in Retention.objects.select_related("network"):
        branch = retention.network.branches.first()
        if branch is None:
            continue
        today = now.astimezone(ZoneInfo(branch.zone)).date()
        for client_id in list(due_clients(retention, today).values_list("pk", flat=True)[:ERASED_AT_ONCE]):
            done += _erase_expired(client_id, branch, today, now)
        if retention.words_months:
            done += _forget_old_words(retention, _instant(today, retention.words_months, now))
        if retention.reveals_months:
            before = _instant(today, retention.reveals_months, now)
            done += forget_old_reveals(retention.network_id, before, _REVEALS_AT_ONCE)
    forget_old_acts(now)
    return done


def _erase_expired(client_id: int, branch: Branch, today: date, now: datetime) -> bool:
    try:
        with transaction.atomic():
            client_ids = _locked(client_id, branch, PROGRAM)
            if not _is_due(client_id, branch.network_id, today):
                return False
            act = _erase_by_an_act(client_ids, Ground.EXPIRED, None, branch, PROGRAM, now)
            _tell(act, client_ids, PROGRAM, now)
    except Refusal:  # something is still to be done with the person, or was done meanwhile: not due yet
        return False
    except Exception:
        logger.exception("client %s, whose time of keeping is over, cannot be erased", client_id)
        return False
    return True


def _is_due(client_id: int, network_id: int, today: date) -> bool:
    """Asked under the locks: the batch was read before somebody may have kept the client, or lengthened the time."""
    retention = Retention.objects.get(network=network_id)
    return due_clients(retention, today).filter(pk=client_id).exists()


def _instant(today: date, months: int, now: datetime) -> datetime:
    return now - (today - months_before(today, months))


def _forget_old_words(retention: Retention, before: datetime) -> int:
    """What was said of visits that are long over, a week of them at a time; the figures stay. How far it has come is
    kept, so that nothing is gone through twice."""
    visits = Visit.objects.filter(branch__network=retention.network_id)
    since = retention.words_until or visits.aggregate(first=Min("starts_at"))["first"] or before
    weeks = 0
    while since < before and weeks < _WEEKS_AT_ONCE:
        until = min(since + _WEEK, before)
        with transaction.atomic():
            lock_visits(Q(branch__network=retention.network_id, starts_at__gte=since, starts_at__lt=until))
            old = visits.filter(starts_at__gte=since, starts_at__lt=until)
            forget_words(Entry.objects.filter(visit_id__in=old.values("pk")))
            _blank_words(old)
            words_expired.send(Client, network_id=retention.network_id, since=since, until=until)
            if not note_words_forgotten(retention, until):
                break
        since, weeks = until, weeks + 1
    return weeks


# --- the bytes -----------------------------------------------------------------------------------------------------


def scrub_when_quiet(real_now: datetime) -> bool:
    """Make what was erased go from the files while nobody works; called by the watch."""
    first = Branch.objects.first()
    return first is not None and is_quiet(real_now.astimezone(ZoneInfo(first.zone))) and scrub_erased(real_now)


def scrub_erased(real_now: datetime) -> bool:
    """Make what was erased go from the files of the database, and note it in the acts. False: nothing was to be done,
    or somebody was in the way."""
    waiting = list(Erasure.objects.filter(scrubbed_at=None).values_list("pk", flat=True))
    if not waiting or not scrub(_tables_with_words()):
        return False
    note_scrubbed(waiting, real_now)
    return True


@cache
def _tables_with_words() -> tuple[str, ...]:
    wordy = (models.CharField, models.TextField, models.JSONField)
    return tuple(
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("vovremya.")
        and model not in _WITHOUT_WORDS
        and any(isinstance(field, wordy) for field in model._meta.concrete_fields)
    )


# --- what is done --------------------------------------------------------------------------------------------------


def _locked(client_id: int, branch: Branch, actor: Actor) -> list[int]:
    """The person's clients, those merged included. Raises `Refusal` where one was merged into them meanwhile: visits
    are locked before clients, so it is not to be locked late."""
    client_ids = with_merged(client_id)
    lock_client(client_id, branch=branch, actor=actor, right=Right.ANSWER_PERSON, with_ids=client_ids)
    if with_merged(client_id) != client_ids:
        raise Refusal("client_merged_meanwhile")
    return client_ids


def _erase_by_an_act(
    client_ids: list[int], ground: Ground, requested_on: date | None, branch: Branch, actor: Actor, now: datetime
) -> Erasure:
    if obstacles := _obstacles_to(client_ids, now):
        raise ErasureBlocked(obstacles)
    known = Client.objects.filter(pk__in=client_ids).order_by("pk").values_list("pk", "created_at")
    clients = [[pk, clock.to_milliseconds(created_at)] for pk, created_at in known]
    return write_act(
        Erasure(
            number=f"{now.astimezone(ZoneInfo(branch.zone)):%Y-%m-%d}/{client_ids[0]}",
            network_id=branch.network_id,
            clients=clients,
            ground=ground,
            requested_on=requested_on,
            branch_id=branch.pk,
            user_id=actor.user_id,
            at=now,
            erased=dict(_erase(client_ids, now)),
        )
    )


def _tell(act: Erasure, client_ids: Collection[int], actor: Actor, now: datetime) -> list[Entry]:
    """Every branch that had to do with the person, so that its boards are drawn anew."""
    action_id = uuid.uuid4()
    branch_ids = set(Visit.objects.filter(client__in=client_ids).values_list("branch_id", flat=True))
    branch_ids |= {act.branch_id} if act.branch_id else set()
    draw_anew(client_ids, actor, now, action_id)
    fact = ClientErased(act.clients[0][0], act.number, is_again=act.again_at is not None)
    return [
        record(
            fact,
            branch_id=branch_id,
            actor=actor if actor.sees(branch_id) else PROGRAM,
            at=now,
            now=now,
            action_id=action_id,
        )
        for branch_id in sorted(branch_ids)
    ]


def _erase(client_ids: Collection[int], now: datetime) -> Counter[str]:
    traces = traces_of(client_ids)
    erased = _erase_of_visits(client_ids)
    answers: Any = client_erased.send(Client, client_ids=client_ids, traces=traces, now=now)
    for _, told in answers:
        erased.update(told)
    erased.update(erase_clients(client_ids, now))
    return +erased


def _erase_of_visits(client_ids: Collection[int]) -> Counter[str]:
    visits = Visit.objects.filter(client__in=client_ids)
    cases = Case.objects.filter(visit__in=visits)
    entries = Entry.objects.filter(visit_id__in=visits.values("pk"))
    erased: Counter[str] = Counter()
    erased["visit_words"] = _with_words(visits).count()
    erased["contact_words"] = cases.exclude(comment="").count()
    erased["journal_words"] = forget_words(entries)
    erased["drafts"] = Draft.objects.filter(case__in=cases).delete()[0]
    _blank_words(visits)
    Attempt.objects.filter(Q(case__in=cases) | Q(phone__client__in=client_ids)).update(phone=None)
    forget_requests(entries)
    forget_requests(_own_entries(client_ids))
    return erased


def _own_entries(client_ids: Collection[int]) -> QuerySet[Entry]:
    """Of presses that are still remembered, about the clients and no visit: a card, two that are merged."""
    about = Q(data__client__in=client_ids) | Q(data__kept__in=client_ids) | Q(data__gone__in=client_ids)
    remembered = RequestKey.objects.values("entry")
    return Entry.objects.filter(about, kind__in=_ABOUT_CLIENTS, pk__in=remembered)


def _with_words(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.exclude(reason="", parts="", comment="", removal_comment="")


def _blank_words(visits: QuerySet[Visit]) -> None:
    Case.objects.filter(visit__in=visits).exclude(comment="").update(comment="")
    visits.update(reason="", parts="", comment="", removal_comment="")
