"""What the feed asks the database, away from the event loop, and what it makes of the answers."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import override

from vovremya.board.live import frames
from vovremya.directory.queries import actor_of, branch_by_code, user_of_session
from vovremya.journal.models import Entry
from vovremya.journal.queries import ForeignCursor, entries_after, is_current, latest_cursor
from vovremya.journal.rules import StaffChanged
from vovremya.kernel import clock, metrics
from vovremya.kernel.refusal import Refusal
from vovremya.visits.rules.journal_facts import SettingChanged, TrainingDayEnded, ZoneChanged
from vovremya.waitlist.queries import at_a_glance
from vovremya.watch.queries import is_watch_alive

logger = logging.getLogger(__name__)

#: Draws a visit as it stands at an instant: its version, and its bar by day.
Draw = Callable[[int, datetime], Mapping[str, object]]

READ_AT_ONCE = 500
LONGEST_REPLAY = 2000
#: More bars at once than this are quicker fetched with their page than told one by one.
MOST_DRAWN = 50
_CLOCK_TOLERANCE_SECONDS = 0.5


class SignedOut(Refusal):
    code = "signed_out"


def admitted_branch(session_key: str, branch_code: str) -> int:
    """The branch whose feed the session may follow. Raises `SignedOut`, or `NotFound` behind the wall."""
    user = user_of_session(session_key) if session_key else None
    if user is None:
        raise SignedOut
    return branch_by_code(branch_code, actor_of(user)).pk


def is_still_admitted(session_key: str, branch_id: int) -> bool:
    user = user_of_session(session_key)
    return user is not None and actor_of(user).sees(branch_id)


@dataclass(frozen=True)
class ClockReading:
    now: datetime
    speed: float
    read_at: float  # seconds of the process's steady clock

    def foresaw(self, later: "ClockReading") -> bool:
        """Whether a browser that counts on from this reading shows what the later one says."""
        expected = self.now + timedelta(seconds=(later.read_at - self.read_at) * self.speed)
        tolerance = timedelta(seconds=_CLOCK_TOLERANCE_SECONDS * max(self.speed, 1.0))
        return self.speed == later.speed and abs(later.now - expected) < tolerance


def read_clock() -> ClockReading:
    return ClockReading(clock.now(), clock.speed(), time.monotonic())


def read_beat(reading: ClockReading) -> bytes:
    return frames.beat(now=reading.now, speed=reading.speed, watch_ok=is_watch_alive(clock.real_now()))


@dataclass(frozen=True)
class News:
    """What the journal has got since the last look."""

    cursor: str
    previous_cursor: str = ""
    visits: Mapping[int, Sequence[int]] = field(default_factory=dict)  # by branch, each visit once
    recorded_at: Mapping[int, datetime] = field(default_factory=dict)  # by visit; what was missed has no delay
    is_all: bool = True
    has_gap: bool = False  # the database is another one than before: nothing can be told but to reload
    has_changed_staff: bool = False  # somebody's access may have been taken away
    branch_ids: Collection[int] = ()  # where anything happened
    changed: Collection[int] = ()  # branches with another zone, other settings, or whose training is over: drawn anew


def read_news(cursor: str) -> News:
    try:
        feed = entries_after(None, cursor, READ_AT_ONCE)
    except ForeignCursor:
        return News(latest_cursor(), has_gap=True)
    return News(
        cursor=feed.cursor,
        previous_cursor=cursor,
        visits=visits_by_branch(feed.entries),
        recorded_at={entry.visit_id: entry.recorded_at for entry in feed.entries if entry.visit_id is not None},
        is_all=len(feed.entries) < READ_AT_ONCE,
        has_changed_staff=any(entry.kind == StaffChanged.kind for entry in feed.entries),
        branch_ids={entry.branch_id for entry in feed.entries},
        changed=changed_branches(feed.entries),
    )


def visits_by_branch(entries: Iterable[Entry]) -> dict[int, list[int]]:
    """The visits that the entries are about, each once."""
    visits: dict[int, dict[int, None]] = {}
    for entry in entries:
        if entry.visit_id is not None:
            visits.setdefault(entry.branch_id, {})[entry.visit_id] = None
    return {branch_id: list(visit_ids) for branch_id, visit_ids in visits.items()}


def changed_branches(entries: Iterable[Entry]) -> set[int]:
    changes = (ZoneChanged.kind, SettingChanged.kind, TrainingDayEnded.kind)
    return {entry.branch_id for entry in entries if entry.kind in changes}


@dataclass(frozen=True)
class Calls:
    """What is told of the waiting list, and whether anything else than before."""

    frame: bytes
    seen: object = None


def read_calls(branch_id: int) -> Calls:
    """What the head of the board says of the waiting list; a row that cannot be read holds up no bar."""
    try:
        glance = at_a_glance(branch_id, clock.now(), clock.real_now())
    except ValueError:
        logger.exception("counting the calls of the waiting list failed")
        return Calls(frames.calls(count=0))
    return Calls(frames.calls(count=glance.count_of_calls), glance.seen)


def drawn_frames(
    visit_ids: Sequence[int], news: News, draw: Draw, languages: Iterable[str]
) -> Mapping[str, Sequence[bytes]]:
    """By language an event a visit. Only the last bears the new cursor: whoever loses the line before it is told all
    again."""
    try:
        now = clock.now()
        drawn = {language: _drawn_in(language, visit_ids, now, draw) for language in languages}
    except Exception:
        logger.exception("drawing bars for the feed failed")
        return {language: [frames.RELOAD] for language in languages}
    _count_delays(visit_ids, news)
    cursors = [news.previous_cursor] * (len(visit_ids) - 1) + [news.cursor]
    return {
        language: [frames.bars(cursor=cursor, drawn=bars) for cursor, bars in zip(cursors, visits, strict=True)]
        for language, visits in drawn.items()
    }


def _drawn_in(language: str, visit_ids: Sequence[int], now: datetime, draw: Draw) -> Sequence[Mapping[str, object]]:
    with override(language):
        return [draw(visit_id, now) for visit_id in visit_ids]


def _count_delays(visit_ids: Sequence[int], news: News) -> None:
    now = clock.now()
    for visit_id in visit_ids:
        if recorded_at := news.recorded_at.get(visit_id):
            metrics.told_after.observe((now - recorded_at).total_seconds())


def opening_frames(branch_id: int, cursor: str, build: str, draw: Draw, language: str) -> list[bytes]:
    """What a client hears first: the time, and all that it has missed since its cursor."""
    reading = read_clock()
    missed = _missed_news(branch_id, cursor)
    hello = frames.hello(
        now=reading.now,
        speed=reading.speed,
        cursor=missed.cursor if missed.has_gap else cursor,
        build=build,
    )
    if missed.has_gap:
        return [hello, frames.RELOAD]
    visit_ids = missed.visits.get(branch_id, ())
    return [hello, *(drawn_frames(visit_ids, missed, draw, (language,))[language] if visit_ids else ())]


def _missed_news(branch_id: int, cursor: str) -> News:
    try:
        if is_current(branch_id, cursor):  # thousands come back at once after a restart, and most have missed nothing
            return News(cursor, previous_cursor=cursor)
        feed = entries_after(branch_id, cursor, LONGEST_REPLAY + 1)
    except ForeignCursor:
        return News(latest_cursor(), has_gap=True)
    visits = visits_by_branch(feed.entries)
    is_too_much = len(feed.entries) > LONGEST_REPLAY or len(visits.get(branch_id, ())) > MOST_DRAWN
    if is_too_much or changed_branches(feed.entries):
        return News(latest_cursor(), has_gap=True)
    return News(feed.cursor, previous_cursor=cursor, visits=visits)
