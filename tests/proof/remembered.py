"""Whether a database holds what operators were told, once and whole, and nothing of what was refused.

Asked in a process of its own, by the presses that were answered. Models are imported by the functions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tests.proof.presses import CLIENT, Deed

#: The journal's word for each press.
KINDS = {
    "answer": "call_ended",
    "fail": "call_ended",
    "save": "card_saved",
    "dial": "call_started",
    "check-in": "client_arrived",
    "undo-check-in": "arrival_undone",
    "remove": "visit_removed",
    "restore": "visit_restored",
    "move": "visit_moved",
    "book": "visit_booked",
}
#: Opening and closing a card bear no key: what is done twice comes to the same.
_WITHOUT_KEY = {"card_opened", "card_taken", "card_freed", "lease_lapsed"}
_STATUS_AFTER = {
    "check-in": "arrived",
    "undo-check-in": "planned",
    "remove": "removed",
    "restore": "planned",
    "move": "planned",
    "book": "planned",
}


def faults_of(deeds: Sequence[Deed]) -> dict[str, list[str]]:
    """By what was asked, in words for whoever mends it."""
    done = [deed for deed in deeds if not deed.refused]
    return {
        "acknowledged presses that the journal lacks": list(_lost(done)),
        "presses written twice, or though refused": [*_surplus(done), *_unheard(deeds)],
        "facts that are not as the last press left them": [*_strayed(done), *_miscounted_calls(done)],
        "facts without their entry, entries without their key": list(_halves(deeds)),
    }


def sound_file() -> str:
    """What SQLite itself says."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return "ok"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        return ", ".join(row[0] for row in cursor.fetchall())


def _acts_by_key() -> Mapping[tuple[str, str], UUID]:
    from vovremya.journal.models import RequestKey

    keys = RequestKey.objects.values_list("user__username", "key", "entry__action_id")
    return {(username, key): act for username, key, act in keys}


def _told_by_act() -> Mapping[UUID, set[tuple[str, int | None]]]:
    from vovremya.journal.models import Entry

    told: dict[UUID, set[tuple[str, int | None]]] = defaultdict(set)
    for act, kind, visit_id in Entry.objects.values_list("action_id", "kind", "visit_id"):
        told[act].add((kind, visit_id))
    return told


def _booked_by_client() -> Mapping[str, int]:
    from vovremya.visits.models import Visit

    return dict(Visit.objects.filter(client__name__startswith=CLIENT).values_list("client__name", "pk"))


def _visit_of(deed: Deed, booked: Mapping[str, int]) -> int:
    return deed.visit or booked.get(deed.client, 0)


def _lost(done: Sequence[Deed]) -> Iterator[str]:
    """A key leads to an entry of its action, not always to the one that tells of the press."""
    acts, told, booked = _acts_by_key(), _told_by_act(), _booked_by_client()
    for deed in done:
        act = acts.get((deed.username, deed.key))
        if act is None:
            yield f"{deed.key} {deed.action}: no such key"
        elif (KINDS[deed.action], _visit_of(deed, booked)) not in told[act]:
            yield f"{deed.key} {deed.action} of {_visit_of(deed, booked)}: {told[act]}"


def _surplus(done: Sequence[Deed]) -> Iterator[str]:
    """Of each kind there are as many entries about a visit as presses that were answered as done."""
    from vovremya.journal.models import Entry

    booked = _booked_by_client()
    told: Counter[tuple[int | None, str]] = Counter((_visit_of(deed, booked), KINDS[deed.action]) for deed in done)
    users = {deed.username for deed in done}
    written = Counter(
        Entry.objects.filter(user__username__in=users, kind__in=KINDS.values()).values_list("visit_id", "kind")
    )
    for place, count in written.items():
        if count > told[place]:
            yield f"{place[1]} of {place[0]}: {count} times for {told[place]} presses"


def _unheard(deeds: Sequence[Deed]) -> Iterator[str]:
    """A key is kept of what was done, and of nothing else."""
    users = {deed.username for deed in deeds}
    done = {(deed.username, deed.key) for deed in deeds if not deed.refused}
    for username, key in _acts_by_key():
        if username in users and (username, key) not in done:
            yield f"{key}: kept though it was not answered as done"


def _strayed(done: Sequence[Deed]) -> Iterator[str]:
    from vovremya.visits.models import Visit

    booked = _booked_by_client()
    status: dict[int, str] = {}
    starts_at: dict[int, datetime | None] = {}
    for deed in done:
        visit_id = _visit_of(deed, booked)
        status[visit_id] = _STATUS_AFTER.get(deed.action, status.get(visit_id, "planned"))
        starts_at[visit_id] = deed.starts_at or starts_at.get(visit_id)
    visits = Visit.objects.in_bulk(status)
    for visit_id, expected in status.items():
        visit = visits.get(visit_id)
        if visit is None:
            yield f"visit {visit_id} is gone"
        elif visit.status != expected or starts_at[visit_id] not in (None, visit.starts_at):
            yield f"visit {visit_id}: {visit.status} at {visit.starts_at}, not {expected} at {starts_at[visit_id]}"


def _miscounted_calls(done: Sequence[Deed]) -> Iterator[str]:
    from vovremya.visits.models import Attempt

    dialled = Counter(deed.visit for deed in done if deed.action == "dial")
    ended = Counter(deed.visit for deed in done if deed.action in ("answer", "fail"))
    kept = list(Attempt.objects.values_list("case__visit_id", "result"))
    for visit_id in dialled | ended:
        results = [result for visit, result in kept if visit == visit_id]
        counted = len([result for result in results if result not in ("", "unknown")])
        if (len(results), counted) != (dialled[visit_id], ended[visit_id]):
            yield f"visit {visit_id}: {len(results)} calls, {counted} results; {dialled[visit_id]}, {ended[visit_id]}"


def _halves(deeds: Sequence[Deed]) -> Iterator[str]:
    from vovremya.customers.models import Client
    from vovremya.journal.models import Entry, RequestKey

    users = {deed.username for deed in deeds}
    acts = RequestKey.objects.filter(user__username__in=users).values("entry__action_id")
    by_presses = Entry.objects.filter(user__username__in=users).exclude(kind__in=_WITHOUT_KEY)
    for entry in by_presses.exclude(action_id__in=acts):
        yield f"entry {entry.pk} {entry.kind} of {entry.visit_id}: no key"
    for client in Client.objects.filter(name__startswith=CLIENT, visits=None):
        yield f"client {client.name}: no visit"
    for name, count in Counter(Client.objects.filter(name__startswith=CLIENT).values_list("name", flat=True)).items():
        if count > 1:
            yield f"client {name}: {count} times"
