"""When the watch counts as alive, when it was away too long, and how long it may rest. Pure."""

from datetime import datetime, timedelta

BEATS_EVERY = timedelta(seconds=2)
#: Four beats missed. The feed tells it every 4 s, so that every board knows within 15 s of the last beat.
ALIVE_FOR = timedelta(seconds=9)
OUTAGE_FROM = timedelta(seconds=30)

LONGEST_REST = timedelta(seconds=0.5)  # another process may have brought the next change forward
SHORTEST_REST = timedelta(seconds=0.01)


def is_alive(last_beat_at: datetime | None, real_now: datetime) -> bool:
    """A beat from the future, left by a clock that was set back, proves nothing."""
    return last_beat_at is not None and abs(real_now - last_beat_at) < ALIVE_FOR


def was_away(last_beat_at: datetime | None, real_now: datetime) -> bool:
    """Before the very first beat there was nothing to be away from."""
    return last_beat_at is not None and real_now - last_beat_at > OUTAGE_FROM


def lag(change_at: datetime | None, now: datetime) -> timedelta:
    """How long the next change to be announced is overdue."""
    return max(now - change_at, timedelta(0)) if change_at is not None else timedelta(0)


def rest_before(change_at: datetime | None, now: datetime, speed: float) -> timedelta:
    """How long, in real time, to rest before the next change of the shown time."""
    if change_at is None:
        return LONGEST_REST
    return min(max((change_at - now) / speed, SHORTEST_REST), LONGEST_REST)
