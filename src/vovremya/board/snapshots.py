"""Boards as this process has drawn them last, in each language, good for everybody until the journal or the time says
otherwise.

What a board shows changes by entries of its branch, which the cursor tells; by the timelines, which say when the next
bar turns; at the end of the business day; by a draft left behind in a contact that nobody holds, which is asked for
each time. What no entry tells of, such as a car that another branch has got to know better, is seen within a minute.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.utils.translation import get_language

from vovremya.board.grid import draw_ahead, draw_grid, draw_list
from vovremya.board.queries.day import bars_to_remind, board_day, unread_drafts
from vovremya.board.texts import LEGEND, STATE_FILTERS, day_words, visits_word
from vovremya.directory.models import Branch
from vovremya.directory.queries import advisors_of
from vovremya.journal.queries import is_current, latest_cursor
from vovremya.kernel.clock import to_milliseconds
from vovremya.schedule.queries import calendar_of
from vovremya.ui.packing import Piece, pack
from vovremya.visits.texts import STATES

LASTS = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MOST_BYTES = 64_000_000
_MOST_FRAMES = 64
_SHORTEST_PACKED = 500

#: Marks a place in the page that is filled at every request or compressed apart: nobody can type it into a name.
_SECRET = secrets.token_hex(8)
_PLACE = re.compile(f"{_SECRET}:(\\w+);")


def _place(name: str) -> str:
    return f"{_SECRET}:{name};"


#: What of a page is another at every request, or in every snapshot.
_PLACES = {
    name: _place(name)
    for name in (
        *("csrf_token", "now_ms", "speed", "time_words", "live_name"),
        *("cursor", "visit_count", "visits_word", "heads", "rows", "today_bars", "ahead_bars"),
    )
}
#: The same on every board.
_CONSTANTS = {
    "legend": LEGEND,
    "state_filters": STATE_FILTERS,
    "state_words": {str(state): word for state, word in STATES.items()},
}

#: The page around the grid: what stands for its places are their names.
Frame = Sequence[Piece | bytes | str]


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Kept(Generic[Key, Value]):
    """The last used, as many as weigh no more than `most` together."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Key, value: Value, weight: int = 1) -> None:
        with self._lock:
            _, old_weight = self._kept.pop(key, (None, 0))
            self._kept[key] = value, weight
            self._weight += weight - old_weight
            while self._weight > self.most:
                _, (_, oldest_weight) = self._kept.popitem(last=False)
                self._weight -= oldest_weight

    def everything(self) -> dict[Key, Value]:
        with self._lock:
            return {key: value for key, (value, _) in self._kept.items()}

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._weight = 0


@dataclass(frozen=True)
class Snapshot:
    branch_id: int
    cursor: str
    since: datetime
    until: datetime
    real_until: datetime
    unheld_case_ids: frozenset[int]
    drafted_case_ids: frozenset[int]
    shown: Mapping[str, Hashable]  # in the frame
    content: Mapping[str, Piece | bytes]  # of its places

    def is_good(self, now: datetime, real_now: datetime) -> bool:
        return (
            self.since <= now < self.until
            and real_now < self.real_until
            and is_current(self.branch_id, self.cursor)
            and unread_drafts(self.unheld_case_ids) == self.drafted_case_ids
        )

    @property
    def size(self) -> int:
        pieces = [piece for piece in self.content.values() if isinstance(piece, Piece)]
        return sum(len(piece.plain) + len(piece.packed) for piece in pieces)

    def page(
        self, looker: Hashable, words: Mapping[str, str], draw_frame: Callable[[dict[str, Any]], str]
    ) -> list[Piece | bytes]:
        """The page in parts. `looker`: all that the frame shows of the one who looks at it."""
        key = looker, get_language(), *self.shown.values()
        frame = _frames.get(key)
        if frame is None:
            frame = _frame(draw_frame({**self.shown, **_CONSTANTS, **_PLACES}))
            _frames.keep(key, frame)
        content = {**self.content, **{name: word.encode() for name, word in words.items()}}
        return [content[part] if isinstance(part, str) else part for part in frame]


def _frame(html: str) -> Frame:
    texts, names = (_PLACE.split(html)[start::2] for start in (0, 1))
    frame: list[Piece | bytes | str] = [_packed(texts[0])]
    for name, text in zip(names, texts[1:], strict=True):
        frame += (name, _packed(text))
    return frame


def _packed(text: str) -> Piece | bytes:
    return pack(text.encode()) if len(text) >= _SHORTEST_PACKED else text.encode()


kept: _Kept[tuple[int, date | None, str | None], Snapshot] = _Kept(_MOST_BYTES)
_frames: _Kept[Hashable, Frame] = _Kept(_MOST_FRAMES)
forget_all = kept.forget


def of(branch: Branch, asked_on: date | None, *, now: datetime, real_now: datetime) -> Snapshot:
    """The board of a day; of today where none is asked for."""
    key = branch.pk, asked_on, get_language()
    snapshot = kept.get(key)
    if snapshot is None or not snapshot.is_good(now, real_now):
        snapshot = _drawn(branch, asked_on, now, real_now)
        kept.keep(key, snapshot, snapshot.size)
    return snapshot


def _drawn(branch: Branch, asked_on: date | None, now: datetime, real_now: datetime) -> Snapshot:
    # The cursor first: what is written after it arrives by the feed.
    cursor = latest_cursor()
    calendar = calendar_of(branch.pk)
    today = calendar.day_of(now)
    on = asked_on or today.on
    shown = board_day(branch, on, now, calendar)
    is_today = on == today.on
    shown_today = shown if is_today else board_day(branch, today.on, now, calendar)
    grid = draw_grid(shown, now)
    ahead = bars_to_remind(branch.pk, today.ends_at, now)
    bars = [*ahead, *(bar for day in (shown, shown_today) for of_bay in day.bars.values() for bar in of_bay)]
    return Snapshot(
        branch_id=branch.pk,
        cursor=cursor,
        since=max(now, today.starts_at),
        until=min([today.ends_at, *(bar.turns_at for bar in bars if bar.turns_at)]),
        real_until=real_now + LASTS,
        unheld_case_ids=frozenset(bar.case_id for bar in bars if bar.case_id and not bar.holder),
        drafted_case_ids=frozenset(bar.case_id for bar in bars if bar.case_id and "unread_draft" in bar.flags),
        shown={
            "from_minute": grid.from_minute,
            "to_minute": grid.to_minute,
            "hours": grid.hours,
            "groups": grid.groups,
            "bay_count": grid.bay_count,
            "day": shown.day.on,
            "is_today": is_today,
            "is_past": on < today.on,
            "is_empty": not grid.visit_count,
            "today": today.on,
            "today_ends_ms": to_milliseconds(today.ends_at),
            "day_words": day_words(on),
            "day_before": on - _DAY,
            "day_after": on + _DAY,
            "midnight_ms": to_milliseconds(shown.day.midnight_at),
            "advisors": tuple((advisor.pk, advisor.name) for advisor in advisors_of(branch)),
        },
        content={
            "cursor": cursor.encode(),
            "visit_count": str(grid.visit_count).encode(),
            "visits_word": visits_word(grid.visit_count).encode(),
            "heads": _packed(grid.heads),
            "rows": _packed(grid.rows),
            "today_bars": b"" if is_today else _packed(draw_list(shown_today, now)),
            "ahead_bars": _packed(draw_ahead(ahead, shown_today, now)),
        },
    )
