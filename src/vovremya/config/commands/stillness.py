"""Whether anybody serves the database, which some commands want for themselves."""

import time

from vovremya.config.commands import tell
from vovremya.kernel import clock
from vovremya.watch.queries import is_watch_alive, last_beat_at
from vovremya.watch.rules import BEATS_EVERY


def is_being_served() -> bool:
    """Whether the heart still beats: a server that has just been stopped left a beat that looks alive."""
    if not is_watch_alive(clock.real_now()):
        return False
    tell("Listening whether it is served already…")
    beat_at = last_beat_at()
    time.sleep(BEATS_EVERY.total_seconds() + 1)
    return last_beat_at() != beat_at
