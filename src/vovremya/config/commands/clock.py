"""`vovremya clock`: the shown time of a trial or demo."""

import argparse
from datetime import UTC

from vovremya.config.commands.readying import follow_clock, require_up_to_date, set_clock
from vovremya.kernel import clock


def show_or_move(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    offset = None if chosen.shift is None else clock.now() - clock.real_now() + chosen.shift
    set_clock(offset, chosen.speed)
    print(f"{clock.now().astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {clock.speed():g} shown seconds a second")
    return 0
