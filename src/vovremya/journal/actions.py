"""Writing the journal: entries, request keys, seals. Entries are only ever added."""

import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from vovremya.directory.models import Branch, StaffChange
from vovremya.directory.rules import Actor
from vovremya.journal.models import Entry, RequestKey, Seal, Words
from vovremya.journal.queries import digested_entries, longest_writing_seconds
from vovremya.journal.rules import (
    ROW_DIGEST_KEPT,
    Fact,
    StaffChanged,
    body_digest,
    seal_digest,
    words_digest,
)
from vovremya.journal.signals import entry_recorded
from vovremya.kernel.refusal import Refusal
from vovremya.storage.statements import Reading, Writing

REQUEST_KEYS_KEPT_FOR = timedelta(hours=48)
SETTLED_AFTER = timedelta(minutes=2)
#: A transaction under way for longer may still add an entry below those that have settled.
LONGEST_WRITING_SECONDS = 30.0
SEALED_AT_ONCE = 1000

_ENTRIES, _WORDS, _REQUEST_KEYS = Writing(Entry), Writing(Words), Writing(RequestKey)
_REQUEST_KEY = Reading(
    lambda user_id, key: RequestKey.objects.select_related("entry").filter(user_id=user_id, key=key),
)


def record(
    fact: Fact,
    *,
    branch_id: int,
    actor: Actor,
    at: datetime,
    now: datetime,
    action_id: uuid.UUID,
    visit_id: int | None = None,
    case_id: int | None = None,
    words: str = "",
) -> Entry:
    """Write down what became true at `at`, in the caller's transaction. Free text goes into `words` only."""
    salt = secrets.token_hex(16) if words else ""
    entry = _ENTRIES.create(
        Entry(
            branch_id=branch_id,
            at=at,
            recorded_at=now,
            kind=fact.kind,
            visit_id=visit_id,
            case_id=case_id,
            user_id=actor.user_id,
            action_id=action_id,
            data=fact.as_data(),
            words_digest=words_digest(words, salt) if words else "",
        )
    )
    if words:
        _WORDS.create(Words(entry=entry, text=words, salt=salt))
    entry_recorded.send(Entry, entry=entry)
    return entry


@dataclass(frozen=True)
class AboutVisit:
    """One of many entries that are written together."""

    branch_id: int
    visit_id: int
    fact: Fact
    at: datetime
    action_id: uuid.UUID
    case_id: int | None = None
    words: str = ""


def record_many(told: Sequence[AboutVisit], *, actor: Actor, now: datetime) -> list[Entry]:
    """Like `record` for each of them, in a fixed number of queries."""
    salts = [secrets.token_hex(16) if each.words else "" for each in told]
    entries = [
        Entry(
            branch_id=each.branch_id,
            at=each.at,
            recorded_at=now,
            kind=each.fact.kind,
            visit_id=each.visit_id,
            case_id=each.case_id,
            user_id=actor.user_id,
            action_id=each.action_id,
            data=each.fact.as_data(),
            words_digest=words_digest(each.words, salt) if each.words else "",
        )
        for each, salt in zip(told, salts, strict=True)
    ]
    Entry.objects.bulk_create(entries)
    Words.objects.bulk_create(
        Words(entry=entry, text=each.words, salt=salt)
        for entry, each, salt in zip(entries, told, salts, strict=True)
        if each.words
    )
    for entry in entries:
        entry_recorded.send(Entry, entry=entry)
    return entries


def record_staff_change(
    change: StaffChange, branch_ids: Collection[int], actor: Actor, now: datetime, **_signal: object
) -> None:
    """The directory below changed a member of staff: every branch that it is about is told, and each open board of
    these looks whether its session may still follow."""
    action_id = uuid.uuid4()
    fact = StaffChanged(user=change.person_id, what=change.what, change=change.pk)
    for branch_id in branch_ids:
        record(fact, branch_id=branch_id, actor=actor, at=now, now=now, action_id=action_id)


@dataclass(frozen=True)
class Request:
    """What one press of a button asks for: its key is made with the form, its digest of what was sent."""

    key: str
    action: str
    body_digest: str

    @classmethod
    def of(cls, key: str, action: str, body: Mapping[str, object]) -> "Request":
        return cls(key, action, body_digest(body))


def replayed(user_id: int, request: Request) -> Entry | None:
    """The entry that this very request has brought about. Refused: its key with anything else in it."""
    _queue_for(user_id, request.key)
    known = _REQUEST_KEY.first(user_id, request.key)
    if known is None:
        return None
    if (known.action, known.body_digest) != (request.action, request.body_digest):
        raise Refusal("request_key_reused")
    return known.entry


def _queue_for(user_id: int, key: str) -> None:
    """The same press sent twice at one moment: the second waits for what becomes of the first. SQLite queues all."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [key, user_id])


def remember(user_id: int, request: Request, entry: Entry) -> None:
    """Inside the action's transaction, and only when it succeeded."""
    _REQUEST_KEYS.create(
        RequestKey(
            user_id=user_id,
            key=request.key,
            action=request.action,
            body_digest=request.body_digest,
            entry=entry,
            at=entry.recorded_at,
        )
    )


def forget_old_request_keys(now: datetime) -> int:
    deleted, _ = RequestKey.objects.filter(at__lt=now - REQUEST_KEYS_KEPT_FOR).delete()
    return deleted


def seal_settled(now: datetime) -> int:
    """Seal a batch of entries of every branch where some have settled. Returns how many were sealed."""
    if longest_writing_seconds() > LONGEST_WRITING_SECONDS:
        return 0
    seals = Seal.objects.filter(branch=OuterRef("pk")).order_by("-from_entry_id")
    settled = Entry.objects.filter(
        branch=OuterRef("pk"), id__gt=OuterRef("sealed_up_to"), recorded_at__lte=now - SETTLED_AFTER
    )
    branches = Branch.objects.annotate(sealed_up_to=Coalesce(Subquery(seals.values("to_entry_id")[:1]), 0))
    # Not `Exists`: PostgreSQL would make a join of it, with every entry that there has ever been.
    first_settled = Subquery(settled.order_by("id").values("id")[:1])
    due = branches.annotate(first_settled=first_settled).filter(first_settled__isnull=False)
    branch_ids = list(due.values_list("id", flat=True))
    return sum(_seal_unless_sealed(branch_id) for branch_id in branch_ids)


def _seal_unless_sealed(branch_id: int) -> int:
    try:
        with transaction.atomic():
            return _seal(branch_id)
    except IntegrityError:  # another copy of the watch has sealed the same entries at this moment
        return 0


def _seal(branch_id: int) -> int:
    previous = Seal.objects.filter(branch_id=branch_id).order_by("from_entry_id").last()
    sealed_up_to = previous.to_entry_id if previous else 0
    rows = digested_entries(branch_id, sealed_up_to, up_to=None, limit=SEALED_AT_ONCE)
    if not rows:  # another copy of the watch was quicker
        return 0
    previous_digest = previous.digest if previous else ""
    Seal.objects.create(
        branch_id=branch_id,
        from_entry_id=rows[0].entry_id,
        to_entry_id=rows[-1].entry_id,
        count=len(rows),
        previous_digest=previous_digest,
        digest=seal_digest(previous_digest, (row.digest for row in rows)),
        row_digests="".join(row.digest[:ROW_DIGEST_KEPT] for row in rows),
    )
    return len(rows)


def forget_words(entries: QuerySet[Entry]) -> int:
    """The words of these entries and their salts go; the entries stay whole, with a digest that nothing leads to."""
    return Words.objects.filter(entry__in=entries).delete()[0]


def forget_requests(entries: QuerySet[Entry]) -> int:
    """The digests of what was sent go before their time: unsalted, they would tell whoever guesses right."""
    return RequestKey.objects.filter(entry__in=entries).delete()[0]
