"""Whether the watch is alive, and since when it was not."""

from datetime import datetime

from vovremya.directory.queries import clock_anchor
from vovremya.visits.actions.turn import Outage
from vovremya.watch.models import Heartbeat
from vovremya.watch.rules import is_alive, was_away


def last_beat_at() -> datetime | None:
    """Of whichever copy beat last."""
    return Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()


def is_watch_alive(real_now: datetime) -> bool:
    return is_alive(last_beat_at(), real_now)


def outage_before(real_now: datetime) -> Outage | None:
    """The time nobody watched, if it was long enough to matter, as the shown time has it."""
    beat_at = last_beat_at()
    if beat_at is None or not was_away(beat_at, real_now):
        return None
    anchor = clock_anchor()
    if anchor is None:
        return Outage(beat_at, real_now)
    return Outage(anchor.shown(beat_at), anchor.shown(real_now))
