"""`vovremya demo`: a network with a day around now, filled anew when its day is over."""

import argparse
from datetime import timedelta
from pathlib import Path

from django.db import connection

from vovremya.config import logs, serving
from vovremya.config.commands import Failed, tell
from vovremya.config.commands.readying import follow_clock, make_ready
from vovremya.config.commands.serving import serve_until_told, taken
from vovremya.config.commands.stillness import is_being_served
from vovremya.demo.build import fill
from vovremya.demo.network import PASSWORD
from vovremya.demo.player import DayPlayer
from vovremya.directory.models import Installation, Network
from vovremya.directory.queries import demo_logins
from vovremya.kernel import clock
from vovremya.watch.queries import last_beat_at

#: A demo that nobody served for so long shows a day that is over: it is filled anew.
KEPT_FOR = timedelta(hours=1)


def demo(chosen: argparse.Namespace) -> int:
    logs.begin_process("demo")
    with taken(chosen.host, chosen.port) as address:
        _throw_old_demo_away(is_fresh_wanted=chosen.fresh)
        make_ready()
        follow_clock()
        if not Network.objects.exists():
            tell("Filling the demo network…")
            fill(clock.now())
            follow_clock()
        player = DayPlayer()
        player.start()
        try:
            serve_until_told(address, more=_logins())
        finally:
            player.stop()
    return 0


def _throw_old_demo_away(*, is_fresh_wanted: bool) -> None:
    """A demo is worth keeping while its day lasts; nothing but a demo is ever thrown away."""
    path = Path(str(connection.settings_dict["NAME"]))
    if not path.exists():
        return
    tables = connection.introspection.table_names()
    if not tables:
        return
    if Installation._meta.db_table not in tables or not _is_demo():
        raise Failed(f"{path} is no demo's database: name another with VOVREMYA_DATABASE")
    if not serving.pending_migrations():
        beat_at = last_beat_at()
        if not is_fresh_wanted and beat_at and clock.real_now() - beat_at < KEPT_FOR:
            return
        if is_being_served():
            raise Failed(f"another demo is being served from {path}: stop it first")
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_demo() -> bool:
    kinds = list(Installation.objects.values_list("kind", flat=True))
    return kinds in ([], [Installation.Kind.DEMO])


def _logins() -> str:
    logins = demo_logins()
    widest = max(len(login.username) for login in logins)
    lines = [f"  {login.username:<{widest}}  {', '.join(login.roles)}, {login.branch}" for login in logins]
    return "\n".join(["", f"Logins of the demo, all with the password «{PASSWORD}»:", *lines])
