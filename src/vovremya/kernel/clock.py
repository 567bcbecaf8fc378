"""The only reader of the time.

Domain time (`now`) may be shifted and sped up by an anchor in demos and trials; real time
(`real_now`) never is: leases, drafts, heartbeats, sessions and throttling run on it.
Both are aware, in UTC, and whole milliseconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Anchor:
    """At the real instant `real_at` the shown time was `shown_at`, running at `speed`."""

    real_at: datetime
    shown_at: datetime
    speed: float = 1.0

    def shown(self, real: datetime) -> datetime:
        return whole_milliseconds(self.shown_at + (real - self.real_at) * self.speed)


AnchorSource = Callable[[], Anchor | None]
_ANCHOR_READ_EVERY_SECONDS = 0.2


class _AnchorCache:
    """Re-reads the anchor a few times a second, so that every process follows a moved clock."""

    def __init__(self) -> None:
        self.source: AnchorSource | None = None
        self.anchor: Anchor | None = None
        self.read_at = float("-inf")

    def current(self) -> Anchor | None:
        if self.source is not None and time.monotonic() - self.read_at > _ANCHOR_READ_EVERY_SECONDS:
            self.anchor = self.source()
            self.read_at = time.monotonic()
        return self.anchor


_cache = _AnchorCache()


def follow(source: AnchorSource | None) -> None:
    """Take the anchor from `source` from now on; `None` returns to real time."""
    _cache.source = source
    _cache.anchor = None
    _cache.read_at = float("-inf")


def real_now() -> datetime:
    return whole_milliseconds(datetime.now(UTC))


def now() -> datetime:
    """The domain's time: real time unless an anchor is followed."""
    anchor = _cache.current()
    real = real_now()
    return anchor.shown(real) if anchor else real


def speed() -> float:
    """Shown seconds per real second."""
    anchor = _cache.current()
    return anchor.speed if anchor else 1.0


def whole_milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def to_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, as the browser counts."""
    return (instant - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
