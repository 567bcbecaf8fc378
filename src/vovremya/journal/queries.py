"""Reading the journal: the feed with its cursor, the history of a visit, the check of the seals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Max, QuerySet
from django.db.models.expressions import RawSQL

from vovremya.journal.models import Entry, Seal, Words
from vovremya.journal.rules import first_difference, row_digest, seal_digest, words_digest
from vovremya.kernel.refusal import Refusal
from vovremya.storage.statements import Reading


class ForeignCursor(Refusal):
    """The cursor is of another database, or of before this one was restored or taken over: read everything anew."""

    code = "foreign_cursor"


@dataclass(frozen=True)
class Feed:
    """Entries in the order in which they became visible, and the cursor after them."""

    entries: list[Entry]
    cursor: str


def line_of_history() -> str:
    """What a cursor is good for: this database, and on PostgreSQL its timeline.

    A standby that was made the primary may lack what the old one has told of, and gives the same numbers to others.
    """
    with connection.cursor() as asking:
        asking.execute(f"SELECT {_line()} FROM directory_installation")  # noqa: S608
        return str(asking.fetchone()[0])


def _line() -> str:
    is_postgresql = connection.vendor == "postgresql"
    return "epoch || '-' || left(pg_walfile_name(pg_current_wal_lsn()), 8)" if is_postgresql else "epoch"


def latest_cursor(branch_id: int | None = None) -> str:
    """Where the feed of the branch (of all branches) stands. Take it first, then read the facts."""
    if connection.vendor == "postgresql":
        return _cursor(line_of_history(), _Position(_oldest_transaction_under_way(), 0))
    entries = Entry.objects.all() if branch_id is None else Entry.objects.filter(branch_id=branch_id)
    latest = entries.order_by("-id").values_list("id", flat=True).first()
    return _cursor(line_of_history(), _Position(0, latest or 0))


def entries_after(branch_id: int | None, cursor: str, limit: int = 500) -> Feed:
    """What became visible in the branch (None: in all) after the cursor. Raises `ForeignCursor`.

    On SQLite writers stand in line, so the id is the order of visibility. On PostgreSQL an entry may appear behind
    one with a larger id: only what no transaction under way can still get in front of is told.
    """
    line = line_of_history()
    position = _position(cursor, line)
    found = _after(limit, branch_id is not None).all(*position, *(() if branch_id is None else (branch_id,)))
    return Feed(found, _cursor(line, _Position(found[-1].xid, found[-1].pk)) if found else cursor)


#: What lies after a place. PostgreSQL finds it in the index by a comparison of rows. SQLite would find it by the first
#: word of one and go through the whole journal from there; its entries all bear 0 there, so equality says the same.
_BEHIND = {
    "postgresql": "(journal_entry.xid, journal_entry.id) > (%s, %s)",
    "sqlite": "journal_entry.xid = %s AND journal_entry.id > %s",
}
_HAS_NEWS = """
SELECT EXISTS (SELECT 1 FROM journal_entry WHERE branch_id = %s AND {behind})
  FROM directory_installation WHERE {line} = %s
"""


def is_current(branch_id: int, cursor: str) -> bool:
    """Whether no visible entry of the branch lies after the cursor: what was read after it was taken still holds."""
    line = cursor.partition(".")[0]
    position = _position(cursor, line)
    with connection.cursor() as asking:
        has_news = _HAS_NEWS.format(behind=_BEHIND[connection.vendor], line=_line())
        asking.execute(has_news, [branch_id, position.xid, position.entry_id, line])
        return [bool(found) for (found,) in asking.fetchall()] == [False]


class _Position(NamedTuple):
    """Of an entry in the order of visibility; `xid` is 0 on SQLite."""

    xid: int
    entry_id: int


_OLDEST_UNDER_WAY = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", (), BigIntegerField())


def _oldest_transaction_under_way() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def longest_writing_seconds() -> float:
    """How long the oldest transaction that writes has been under way; on SQLite such a one hides nothing."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT COALESCE(EXTRACT(EPOCH FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
             WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
            """
        )
        return float(cursor.fetchone()[0])


@cache
def _after(limit: int, is_of_branch: bool) -> Reading[Entry]:
    """What is behind an xid and an id, of all branches or of one."""

    def in_order(xid: int, entry_id: int) -> QuerySet[Entry]:
        entries = Entry.objects.filter(RawSQL(_BEHIND[connection.vendor], (xid, entry_id), BooleanField()))  # noqa: S611  # words of our own
        if connection.vendor == "postgresql":
            entries = entries.filter(xid__lt=_OLDEST_UNDER_WAY)
        return entries.order_by("xid", "id")

    if is_of_branch:
        return Reading(lambda xid, entry_id, branch_id: in_order(xid, entry_id).filter(branch_id=branch_id)[:limit])
    return Reading(lambda xid, entry_id: in_order(xid, entry_id)[:limit])


def _cursor(line: str, position: _Position) -> str:
    return f"{line}.{position.xid}.{position.entry_id}"


def _position(cursor: str, line: str) -> _Position:
    cursor_line, *numbers = cursor.split(".")
    if cursor_line != line or len(numbers) != 2 or not all(_is_number(number) for number in numbers):
        raise ForeignCursor
    xid, entry_id = (min(int(number), 2**63 - 1) for number in numbers)
    return _Position(xid, entry_id)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


@dataclass(frozen=True)
class Line:
    """An entry of the history with what belongs to it."""

    entry: Entry
    words: str
    user_name: str  # empty: the program itself


def history_of(visit_id: int) -> list[Line]:
    entries = Entry.objects.filter(visit_id=visit_id).select_related("user", "words").order_by("id")
    return [line_of(entry) for entry in entries]


def line_of(entry: Entry) -> Line:
    """Of an entry that was read with its user and its words."""
    words = entry.words.text if hasattr(entry, "words") else ""
    return Line(entry=entry, words=words, user_name=str(entry.user) if entry.user else "")


def last_entry_ids(visit_ids: Iterable[int]) -> dict[int, int]:
    """How far the journal of each visit goes. One query."""
    entries = Entry.objects.filter(visit_id__in=list(visit_ids)).values_list("visit_id").order_by()
    return {visit_id: last_id for visit_id, last_id in entries.annotate(last_id=Max("id")) if visit_id is not None}


_SEALED_FIELDS = (
    "id",
    "branch_id",
    "at",
    "recorded_at",
    "kind",
    "visit_id",
    "case_id",
    "user_id",
    "action_id",
    "data",
    "words_digest",
)


@dataclass(frozen=True)
class DigestedEntry:
    entry_id: int
    digest: str


def digested_entries(branch_id: int, after_id: int, up_to: int | None, limit: int) -> list[DigestedEntry]:
    """Entries of a branch in order, as the seals see them."""
    entries = Entry.objects.filter(branch_id=branch_id, id__gt=after_id).order_by("id")
    if up_to is not None:
        entries = entries.filter(id__lte=up_to)
    return [DigestedEntry(values[0], row_digest(values)) for values in entries.values_list(*_SEALED_FIELDS)[:limit]]


@dataclass(frozen=True)
class BrokenSeal:
    branch_id: int
    from_entry_id: int
    to_entry_id: int
    first_bad_entry_id: int | None  # None: the rows are as they were and the seal itself is not, or one is gone


def broken_seals() -> Iterator[BrokenSeal]:
    """Seals that do not fit the entries under them, or the seal before."""
    branch_id, previous_digest, sealed_up_to = None, "", 0
    for seal in Seal.objects.order_by("branch_id", "from_entry_id").iterator():
        if seal.branch_id != branch_id:
            branch_id, previous_digest, sealed_up_to = seal.branch_id, "", 0
        # From the end of the seal before: a row slipped in between two seals is found too.
        rows = digested_entries(seal.branch_id, sealed_up_to, seal.to_entry_id, limit=seal.count + 1)
        digests = [row.digest for row in rows]
        if seal.previous_digest != previous_digest or seal.digest != seal_digest(previous_digest, digests):
            place = first_difference(seal.row_digests, digests)
            bad = rows[place].entry_id if place is not None and place < len(rows) else None
            yield BrokenSeal(seal.branch_id, seal.from_entry_id, seal.to_entry_id, bad)
        previous_digest, sealed_up_to = seal.digest, seal.to_entry_id


def forgotten(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those whose words were said, and erased since."""
    return entries.filter(words=None).exclude(words_digest="")


def altered_words() -> Iterator[int]:
    """Ids of entries whose words are not those that were written with them."""
    for words in Words.objects.select_related("entry").iterator():
        if words_digest(words.text, words.salt) != words.entry.words_digest:
            yield words.entry_id
