"""`vovremya serve` and `vovremya watch`: in one process, or in several under a supervisor."""

import argparse
import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from vovremya.config import logs, measuring, serving
from vovremya.config.commands import Failed, tell
from vovremya.config.commands.readying import (
    first_run_words,
    follow_clock,
    make_installation,
    make_ready,
    require_guards,
    require_up_to_date,
    set_clock,
)
from vovremya.config.supervision import Inherited, Line, Role, Supervisor
from vovremya.visits.actions.turn import Outage


def serve(chosen: argparse.Namespace) -> int:
    if chosen.supervised:
        return _serve_supervised(Inherited.read(chosen.supervised))
    if chosen.workers > 1:
        return _serve_in_many(chosen)
    logs.begin_process("web" if chosen.no_watch else "web and watch")
    with taken(chosen.host, chosen.port) as address, _figures_told(chosen.metrics):
        _make_ready_to_serve(chosen)
        serve_until_told(address, with_watch=not chosen.no_watch, more=first_run_words(serving.address_of(address)))
    return 0


def _serve_in_many(chosen: argparse.Namespace) -> int:
    """The supervisor makes the database ready, so that none of its processes need to."""
    logs.begin_process("supervisor")
    with taken(chosen.host, chosen.port) as address, _figures_told(chosen.metrics):
        _make_ready_to_serve(chosen)
        roles = [Role(f"web-{number}", ("serve",), takes_address=True) for number in range(1, chosen.workers + 1)]
        if not chosen.no_watch:
            serving.sweep(_tell_outage)
            roles.append(Role("watch", ("watch",)))
        more = first_run_words(serving.address_of(address))
        serving.leave_database()
        asyncio.run(Supervisor(roles, address, lambda: _tell_address(address, more)).run())
    return 0


def _serve_supervised(left: Inherited) -> int:
    line = Line(left.line)
    logs.begin_process(left.name)
    assert left.address is not None
    serving.never_make_database()
    with serving.inherited(left.address) as address:
        require_up_to_date()
        follow_clock()
        serving.serve(address, with_watch=False, on_outage=_tell_outage, on_ready=line.tell_ready)
    return 0


def watch(chosen: argparse.Namespace) -> int:
    name = "watch"
    tell_ready: Callable[[], None] = partial(tell, "The watch is on.")
    if chosen.supervised:
        left = Inherited.read(chosen.supervised)
        name, tell_ready = left.name, Line(left.line).tell_ready
    logs.begin_process(name)
    serving.never_make_database()
    with _figures_told(chosen.metrics):
        require_up_to_date()
        require_guards()
        follow_clock()
        serving.watch(on_outage=_tell_outage, on_ready=tell_ready)
    return 0


def _make_ready_to_serve(chosen: argparse.Namespace) -> None:
    make_ready()
    make_installation()
    follow_clock()
    set_clock(chosen.clock_offset, chosen.clock_speed)


@contextmanager
def _figures_told(address: measuring.Address | None) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(measuring.told_at(address))
        except OSError as error:
            raise Failed(f"cannot tell the figures at {':'.join(map(str, address or ()))}: {error}") from None
        yield


def taken(host: str, port: int) -> socket.socket:
    """The address, before anything else is done."""
    try:
        return serving.take(host, port)
    except (OSError, OverflowError) as error:
        raise Failed(f"cannot listen at {host}:{port}: {error}. Another port: --port {port + 1}") from None


def serve_until_told(address: socket.socket, *, with_watch: bool = True, more: str = "") -> None:
    on_ready = partial(_tell_address, address, more)
    serving.serve(address, with_watch=with_watch, on_outage=_tell_outage, on_ready=on_ready)


def _tell_outage(outage: Outage) -> None:
    tell(
        f"Nobody watched from {outage.began_at:%d.%m. %H:%M} to {outage.ended_at:%d.%m. %H:%M} UTC: "
        "deadlines missed in that time are marked so."
    )


def _tell_address(address: socket.socket, more: str = "") -> None:
    tell(f"Vovremya is at {serving.address_of(address)} (Ctrl+C stops it).{more}")
