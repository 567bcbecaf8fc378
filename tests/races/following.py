"""Writers who commit in another order than they were given their numbers, and one who follows the journal."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from vovremya.journal.rules import Fact

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FOLLOWS_FOR_SECONDS = 40.0
#: What is not told so long after all is written has been passed over.
PASSED_OVER_AFTER_SECONDS = 2.0
WRITERS = 5

#: What became visible after a place, and the place after it.
Look = Callable[[str], tuple[Sequence[int], str]]


@dataclass(frozen=True)
class Noted(Fact):
    kind: ClassVar[str] = "noted"


def write_or_follow(seed: int, attempts: int) -> Counter[str]:
    """The first of the racers follows as the feed does, the others write."""
    return _write(seed, attempts) if seed else _followed(_by_cursor, _beginning(), WRITERS * attempts)


def write_or_follow_by_number(seed: int, attempts: int) -> Counter[str]:
    """What the cursor replaces: the newest number seen, and whatever has a larger one."""
    return _write(seed, attempts) if seed else _followed(_by_number, "0", WRITERS * attempts)


def _write(seed: int, attempts: int) -> Counter[str]:
    from django.db import transaction

    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM
    from vovremya.journal.actions import record

    chance, branch_id = random.Random(seed), Branch.objects.values_list("id", flat=True)[0]
    for _ in range(attempts):
        with transaction.atomic():
            record(Noted(), branch_id=branch_id, actor=PROGRAM, at=AT, now=AT, action_id=uuid.uuid4())
            time.sleep(chance.random() * 0.01)  # whatever else an action does before it commits
    return Counter(written=attempts)


def _followed(look: Look, place: str, expected: int) -> Counter[str]:
    told: Counter[int] = Counter()
    gives_up_at, is_written = time.monotonic() + FOLLOWS_FOR_SECONDS, False
    while told.total() < expected and time.monotonic() < gives_up_at:
        entry_ids, place = look(place)
        told.update(entry_ids)
        if not entry_ids and not is_written and _all_are_written(expected):
            is_written = True
            gives_up_at = time.monotonic() + PASSED_OVER_AFTER_SECONDS
    return Counter(told=len(told), told_again=told.total() - len(told))


def _beginning() -> str:
    from vovremya.journal.queries import line_of_history

    return f"{line_of_history()}.0.0"


def _by_cursor(cursor: str) -> tuple[Sequence[int], str]:
    from vovremya.journal.queries import entries_after

    feed = entries_after(None, cursor)
    return [entry.pk for entry in feed.entries], feed.cursor


def _by_number(last: str) -> tuple[Sequence[int], str]:
    from vovremya.journal.models import Entry

    entry_ids = list(Entry.objects.filter(id__gt=int(last)).order_by("id").values_list("id", flat=True))
    return entry_ids, str(entry_ids[-1]) if entry_ids else last


def _all_are_written(expected: int) -> bool:
    from vovremya.journal.models import Entry

    return Entry.objects.count() >= expected
