"""The console command `vovremya`. Django is set up by the command that needs it, so that help comes at once."""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, timedelta
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from vovremya.config import measuring
from vovremya.config.measuring import loopback_address
from vovremya.kernel.refusal import Refusal

if TYPE_CHECKING:
    import socket

    from vovremya.visits.actions.turn import Outage

DESCRIPTION = "Vovremya: the working day of a car service's late-client desk."
MORE = """\
environment:
  VOVREMYA_DATABASE    the SQLite file (var/vovremya.sqlite3)
  VOVREMYA_HOSTS       names the pages are asked for by, with commas (127.0.0.1,localhost,[::1])
  VOVREMYA_HTTPS=1     cookies over HTTPS only: for a server behind a proxy that speaks HTTPS
  VOVREMYA_SECRET_KEY  the secret of the sessions (made once and kept beside the database)
  VOVREMYA_TRIAL=1     a new database becomes a trial: its clock may be moved

first steps:
  vovremya demo
  vovremya init --network "Автосеть" --branch SEV --name "Север" --zone Europe/Moscow --admin ivanova
  vovremya import schedule.xlsx --branch SEV --dry-run
  vovremya COMMAND --help
"""
ROLES = ("operator", "master", "supervisor", "manager", "administrator")
SHORTEST_PASSWORD = 8
MOST_WORKERS = 64
OWN_DATABASE = "var/vovremya.sqlite3"
DEMO_DATABASE = "var/demo.sqlite3"
#: A demo that nobody served for so long shows a day that is over: it is filled anew.
DEMO_KEPT_FOR = timedelta(hours=1)

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"([+-]?)((?:\d+[dhms])+)")
_SIGNED_OPTIONS = {"--clock-offset", "--shift"}


class Failed(Exception):
    """Ends the command with a message for whoever sits at the console."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["import"]:
            return _import(given[1:])
        if given[:1] == ["manage"]:  # for those who change the program: makemigrations and the like
            return _manage(given[1:])
        chosen = parser().parse_args(_with_signs_attached(given))
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)
    except Failed as failed:
        print(f"vovremya: {failed}", file=sys.stderr)
    except Refusal as refusal:
        print(f"vovremya: refused: {refusal}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


# --- the words of the command ------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="vovremya",
        description=DESCRIPTION,
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], summary: str, more: str = ""
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}")
        added.set_defaults(run=run)
        return added

    serve = command(
        "serve",
        _serve,
        "serve the pages, the live feed and the watch",
        "In one process, or with --workers in several that are kept running. See docs/operation.md.",
    )
    _add_address(serve)
    serve.add_argument("--workers", type=workers, default=1, metavar="N", help="web processes (%(default)s)")
    serve.add_argument("--no-watch", action="store_true", help="leave the watch to `vovremya watch` elsewhere")
    _add_operation(serve)
    serve.add_argument(
        "--clock-offset", type=span, metavar="SPAN", help="trials only: show this much later or earlier: 2h30m, -1d"
    )
    serve.add_argument("--clock-speed", type=speed, metavar="N", help="trials only: shown seconds per real second: 60")

    watch = command(
        "watch",
        _watch,
        "watch alone: announce what comes true, seal, tidy up",
        "For machines of its own. Any number of copies may run.",
    )
    _add_operation(watch)

    demo = command(
        "demo",
        _demo,
        "serve a demo network with a day around now",
        f"Its database is {DEMO_DATABASE}, its logins work in the demo alone.",
    )
    _add_address(demo)
    demo.add_argument("--fresh", action="store_true", help="throw the demo's database away and fill it anew")

    init = command(
        "init", _init, "make a new database: a network, a branch with bays, an administrator", "Asks for the password."
    )
    init.add_argument("--network", required=True, metavar="NAME")
    init.add_argument("--branch", required=True, metavar="CODE", help="short, Latin, part of the address: SEV")
    init.add_argument("--name", required=True, help="the branch as the staff call it")
    init.add_argument("--zone", required=True, help="its time zone: Europe/Moscow")
    init.add_argument("--bays", type=int, default=6, metavar="N", help="how many bays to begin with (%(default)s)")
    init.add_argument("--admin", required=True, metavar="LOGIN")

    add_staff = command("add-staff", _add_staff, "take on a member of staff", "Asks for the password.")
    add_staff.add_argument("login")
    add_staff.add_argument("--name", required=True, help="in full: «Иванова Ольга Петровна»")
    add_staff.add_argument("--role", required=True, choices=ROLES)
    add_staff.add_argument("--branch", required=True, action="append", metavar="CODE", help="may be given again")

    switch_off = command(
        "switch-off", _switch_off, "take a login's access away", "Its open sessions and boards end within a minute."
    )
    switch_off.add_argument("login")

    zone = command(
        "change-zone",
        _change_zone,
        "give a branch another time zone",
        "Planned visits keep their time on the wall clock. Shows them and asks before anything is changed.",
    )
    zone.add_argument("branch", metavar="CODE")
    zone.add_argument("zone", help="Asia/Omsk")
    zone.add_argument("--keep-instants", action="store_true", help="the visits keep their instant, not the wall time")
    zone.add_argument("--yes", action="store_true", help="do not ask")

    commands.add_parser("import", help="bring in a schedule exported from another system", add_help=False)

    backup = command(
        "backup",
        _backup,
        "copy the database into a file, while others go on writing",
        "The copy is checked before it gets its name. On PostgreSQL it is made by pg_dump.",
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file: a copy never replaces another")

    restore = command(
        "restore",
        _restore,
        "put a copy back, brought up to date",
        "Stop the servers first. A SQLite file that was there is kept beside it; on PostgreSQL name an empty database.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="made by `vovremya backup`")

    command(
        "check",
        _check,
        "check what must always hold on the database, and the seals of the journal",
        "Names every problem; exits with 1 if there is any. Reads only, a server may be running.",
    )

    clock = command("clock", _clock, "show the shown time, or move it in a trial or demo", "Servers follow at once.")
    clock.add_argument("--shift", type=span, metavar="SPAN", help="move it on or back: 11m, -1h30m")
    clock.add_argument("--speed", type=speed, metavar="N", help="shown seconds per real second")
    return whole


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    command.add_argument("--port", type=int, default=8000, help="the port to listen at (%(default)s)")


def _add_operation(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--metrics",
        type=loopback_address,
        metavar="ADDRESS",
        help="tell Prometheus the figures at a loopback address: 127.0.0.1:9464",
    )
    command.add_argument("--supervised", help=argparse.SUPPRESS)  # what a supervisor leaves to its processes


def workers(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_WORKERS}")
    return int(text)


def span(text: str) -> timedelta:
    """«2h30m», «-1d», «90s»."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time like 2h30m or -1d")
    sign, parts = found.groups()
    whole = sum(
        (timedelta(**{_UNITS[unit]: int(number)}) for number, unit in re.findall(r"(\d+)([dhms])", parts)),
        timedelta(),
    )
    return -whole if sign == "-" else whole


def speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0 and up to 3600")
    return number


def _with_signs_attached(given: list[str]) -> list[str]:
    """`--shift -1h` as `--shift=-1h`: argparse takes what begins with a minus for another option."""
    attached: list[str] = []
    for word in given:
        if attached and attached[-1] in _SIGNED_OPTIONS and _SPAN.fullmatch(word):
            attached[-1] += f"={word}"
        else:
            attached.append(word)
    return attached


# --- serving -----------------------------------------------------------------------------------------------------


def _serve(chosen: argparse.Namespace) -> int:
    if chosen.supervised:
        return _serve_supervised(chosen)
    if chosen.workers > 1:
        with measuring.shared_folder():
            return _serve_in_many(chosen)
    _set_up("web" if chosen.no_watch else "web and watch")
    with _taken(chosen.host, chosen.port) as taken, _figures_told(chosen.metrics):
        _make_ready_to_serve(chosen)
        _serve_until_told(taken, with_watch=not chosen.no_watch)
    return 0


def _serve_in_many(chosen: argparse.Namespace) -> int:
    """The supervisor makes the database ready, so that none of its processes need to."""
    _set_up("supervisor")
    import asyncio

    from vovremya.config import serving
    from vovremya.config.supervision import Role, Supervisor

    with _taken(chosen.host, chosen.port) as taken, _figures_told(chosen.metrics):
        _make_ready_to_serve(chosen)
        roles = [Role(f"web-{number}", ("serve",), takes_address=True) for number in range(1, chosen.workers + 1)]
        if not chosen.no_watch:
            serving.sweep(_tell_outage)
            roles.append(Role("watch", ("watch",)))
        serving.leave_database()
        asyncio.run(Supervisor(roles, taken, lambda: _tell_address(taken)).run())
    return 0


def _serve_supervised(chosen: argparse.Namespace) -> int:
    from vovremya.config import serving
    from vovremya.config.supervision import Inherited, Line

    left = Inherited.read(chosen.supervised)
    line = Line(left.line)
    _set_up(left.name)
    assert left.address is not None
    with serving.inherited(left.address) as taken:
        _require_up_to_date()
        _follow_clock()
        serving.serve(taken, with_watch=False, on_outage=_tell_outage, on_ready=line.tell_ready)
    return 0


def _watch(chosen: argparse.Namespace) -> int:
    name: str = "watch"
    tell_ready: Callable[[], None] = partial(_tell, "The watch is on.")
    if chosen.supervised:
        from vovremya.config.supervision import Inherited, Line

        left = Inherited.read(chosen.supervised)
        name, tell_ready = left.name, Line(left.line).tell_ready
    _set_up(name)
    from vovremya.config import serving

    with _figures_told(chosen.metrics):
        _require_up_to_date()
        _require_guards()
        _follow_clock()
        serving.watch(on_outage=_tell_outage, on_ready=tell_ready)
    return 0


def _make_ready_to_serve(chosen: argparse.Namespace) -> None:
    _make_ready()
    _require_installation()
    _follow_clock()
    _set_clock(chosen.clock_offset, chosen.clock_speed)


@contextmanager
def _figures_told(address: "tuple[str, int] | None") -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(measuring.told_at(address))
        except OSError as error:
            raise Failed(f"cannot tell the figures at {':'.join(map(str, address or ()))}: {error}") from None
        yield


def _demo(chosen: argparse.Namespace) -> int:
    os.environ["VOVREMYA_DEMO"] = "1"
    os.environ.setdefault("VOVREMYA_DATABASE", DEMO_DATABASE)
    os.environ.setdefault("VOVREMYA_LOG_LEVEL", "WARNING")  # who looks round wants the logins, not every request
    _set_up("demo")
    from vovremya.demo.build import fill
    from vovremya.demo.player import DayPlayer
    from vovremya.directory.models import Network
    from vovremya.kernel import clock

    with _taken(chosen.host, chosen.port) as taken:
        _throw_old_demo_away(is_fresh_wanted=chosen.fresh)
        _make_ready()
        _follow_clock()
        if not Network.objects.exists():
            print("Filling the demo network…", flush=True)
            fill(clock.now())
            _follow_clock()
        player = DayPlayer()
        player.start()
        try:
            _serve_until_told(taken, more=_demo_logins())
        finally:
            player.stop()
    return 0


def _taken(host: str, port: int) -> "socket.socket":
    from vovremya.config import serving

    try:
        return serving.take(host, port)
    except (OSError, OverflowError) as error:
        raise Failed(f"cannot listen at {host}:{port}: {error}. Another port: --port {port + 1}") from None


def _make_ready() -> None:
    from django.core.management import call_command

    from vovremya.config import serving

    if not serving.are_pages_built():
        raise Failed("the page assets are not built: run `make assets`")
    if serving.pending_migrations():
        with serving.migrating_alone():
            if pending := serving.pending_migrations():
                print(f"Bringing the database up to date: {pending} migrations…", flush=True)
                call_command("migrate", verbosity=0, interactive=False)
    _require_guards()


def _require_guards() -> None:
    from vovremya.config import serving

    if missing := serving.missing_guards():
        raise Failed(
            f"the database does not guard itself: {', '.join(missing)} missing. "
            "`vovremya manage migrate` puts its rules in again"
        )


def _require_installation() -> None:
    from django.conf import settings

    from vovremya.directory.actions import create_installation
    from vovremya.directory.models import Installation

    if Installation.objects.exists():
        return
    if not settings.TRIAL:
        raise Failed("this database is empty: see `vovremya init --help`, or look round with `vovremya demo`")
    create_installation(Installation.Kind.TRIAL)


def _serve_until_told(taken: "socket.socket", *, with_watch: bool = True, more: str = "") -> None:
    from vovremya.config import serving

    serving.serve(taken, with_watch=with_watch, on_outage=_tell_outage, on_ready=lambda: _tell_address(taken, more))


def _tell_outage(outage: "Outage") -> None:
    _tell(
        f"Nobody watched from {outage.began_at:%d.%m. %H:%M} to {outage.ended_at:%d.%m. %H:%M} UTC: "
        "deadlines missed in that time are marked so."
    )


def _tell_address(taken: "socket.socket", more: str = "") -> None:
    from vovremya.config import serving

    _tell(f"Vovremya is at {serving.address_of(taken)} (Ctrl+C stops it).{more}")


def _tell(words: str) -> None:
    print(words, flush=True)


# --- the demo ----------------------------------------------------------------------------------------------------


def _throw_old_demo_away(*, is_fresh_wanted: bool) -> None:
    """A demo is worth keeping while its day lasts; nothing but a demo is ever thrown away."""
    from django.db import connection

    from vovremya.config import serving
    from vovremya.directory.models import Installation
    from vovremya.kernel import clock
    from vovremya.watch.queries import last_beat_at

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
        if not is_fresh_wanted and beat_at and clock.real_now() - beat_at < DEMO_KEPT_FOR:
            return
        if _is_being_served():
            raise Failed(f"another demo is being served from {path}: stop it first")
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_being_served() -> bool:
    """Whether the heart still beats: a server that has just been stopped left a beat that looks alive."""
    from vovremya.kernel import clock
    from vovremya.watch.queries import is_watch_alive, last_beat_at
    from vovremya.watch.rules import BEATS_EVERY

    if not is_watch_alive(clock.real_now()):
        return False
    print("Listening whether it is served already…", flush=True)
    beat_at = last_beat_at()
    time.sleep(BEATS_EVERY.total_seconds() + 1)
    return last_beat_at() != beat_at


def _is_demo() -> bool:
    from vovremya.directory.models import Installation

    kinds = list(Installation.objects.values_list("kind", flat=True))
    return kinds in ([], [Installation.Kind.DEMO])


def _demo_logins() -> str:
    from vovremya.demo.network import PASSWORD
    from vovremya.directory.queries import demo_logins

    logins = demo_logins()
    widest = max(len(login.username) for login in logins)
    lines = [f"  {login.username:<{widest}}  {', '.join(login.roles)}, {login.branch}" for login in logins]
    return "\n".join(["", f"Logins of the demo, all with the password «{PASSWORD}»:", *lines])


# --- the clock ---------------------------------------------------------------------------------------------------


def _follow_clock() -> None:
    """In production nothing but the real time is ever read."""
    from vovremya.directory.models import Installation
    from vovremya.directory.queries import clock_anchor
    from vovremya.kernel import clock

    is_real = Installation.objects.filter(kind=Installation.Kind.PRODUCTION).exists()
    clock.follow(None if is_real else clock_anchor)


def _set_clock(offset: timedelta | None, speed: float | None) -> None:
    from vovremya.directory.actions import move_clock
    from vovremya.directory.models import Installation
    from vovremya.directory.queries import installation
    from vovremya.kernel import clock

    if offset is None and speed is None:
        return
    if installation().kind == Installation.Kind.PRODUCTION:
        raise Failed("the clock of a database in production is the real one: it can be moved in trials and demos")
    real_now = clock.real_now()
    shown_at = clock.now() if offset is None else real_now + offset
    move_clock(shown_at=shown_at, speed=clock.speed() if speed is None else speed, real_now=real_now)
    _follow_clock()


def _clock(chosen: argparse.Namespace) -> int:
    _set_up()
    from vovremya.kernel import clock

    _require_up_to_date()
    _follow_clock()
    offset = None if chosen.shift is None else clock.now() - clock.real_now() + chosen.shift
    _set_clock(offset, chosen.speed)
    print(f"{clock.now().astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {clock.speed():g} shown seconds a second")
    return 0


# --- a database and its staff ------------------------------------------------------------------------------------


def _init(chosen: argparse.Namespace) -> int:
    _set_up()
    from django.conf import settings
    from django.db import transaction

    from vovremya.directory.actions import add_user, create_installation, open_branch, open_network
    from vovremya.directory.models import Installation
    from vovremya.directory.rules import PROGRAM, Role
    from vovremya.kernel import clock
    from vovremya.schedule.actions import set_week_hours
    from vovremya.schedule.rules.hours import DayHours

    _make_ready()
    if Installation.objects.exists():
        raise Failed("this database is in use already: VOVREMYA_DATABASE names another")
    password = _password_for(chosen.admin)
    now = clock.real_now()
    with transaction.atomic():
        create_installation(Installation.Kind.TRIAL if settings.TRIAL else Installation.Kind.PRODUCTION)
        branch = open_branch(
            open_network(chosen.network),
            code=chosen.branch,
            name=chosen.name,
            zone=chosen.zone,
            bay_names=[f"Пост {number}" for number in range(1, chosen.bays + 1)],
            now=now,
        )
        set_week_hours(branch.pk, [DayHours(8 * 60, 20 * 60)] * 7, actor=PROGRAM, now=now)
        add_user(
            username=chosen.admin,
            full_name=chosen.admin,
            short_name=chosen.admin,
            password=password,
            roles={branch.pk: [Role.ADMINISTRATOR]},
            actor=PROGRAM,
        )
    print(
        f"Made: «{branch.name}», {chosen.bays} bays, 8:00 to 20:00 daily. Next: `vovremya add-staff --help`, `serve`."
    )
    return 0


def _add_staff(chosen: argparse.Namespace) -> int:
    _set_up()
    from vovremya.directory.actions import add_user
    from vovremya.directory.queries import branch_by_code
    from vovremya.directory.rules import PROGRAM, Role

    _require_up_to_date()
    branches = [branch_by_code(code, PROGRAM) for code in chosen.branch]
    add_user(
        username=chosen.login,
        full_name=chosen.name,
        short_name=chosen.name.split()[0],
        password=_password_for(chosen.login),
        roles={branch.pk: [Role(chosen.role)] for branch in branches},
        actor=PROGRAM,
    )
    print(f"{chosen.login}: {chosen.role} in {', '.join(branch.name for branch in branches)}")
    return 0


def _change_zone(chosen: argparse.Namespace) -> int:
    _set_up()
    from zoneinfo import ZoneInfo

    from vovremya.directory.models import Branch
    from vovremya.directory.rules import PROGRAM
    from vovremya.kernel import clock
    from vovremya.kernel.refusal import BadInput
    from vovremya.visits.actions.zone import affected_by_zone, change_zone

    _require_up_to_date()
    _follow_clock()
    branch = Branch.objects.filter(code=chosen.branch).first()
    if branch is None:
        raise Failed(f"there is no branch {chosen.branch!r}")
    now, keeps_wall_times = clock.now(), not chosen.keep_instants
    try:
        affected = affected_by_zone(branch.pk, chosen.zone, keeps_wall_times=keeps_wall_times, actor=PROGRAM, now=now)
    except BadInput as refusal:
        raise Failed(f"there is no time zone {chosen.zone!r}") from refusal
    old, new = ZoneInfo(branch.zone), ZoneInfo(chosen.zone)
    for each in affected:
        before, after = each.visit.starts_at.astimezone(old), each.starts_at.astimezone(new)
        print(f"  visit {each.visit.pk}: {before:%d.%m %H:%M %z} -> {after:%d.%m %H:%M %z}")
    if not chosen.yes and input(f"Change {branch.name} from {branch.zone} to {chosen.zone}? [y/N] ").lower() != "y":
        print("Nothing was changed.")
        return 1
    change_zone(branch.pk, chosen.zone, actor=PROGRAM, now=now, keeps_wall_times=keeps_wall_times)
    print(f"{branch.name} is in {chosen.zone} now; visits to come that went along: {len(affected)}.")
    return 0


def _switch_off(chosen: argparse.Namespace) -> int:
    _set_up()
    from vovremya.directory.actions import switch_off
    from vovremya.directory.models import User
    from vovremya.directory.rules import PROGRAM, fold_username
    from vovremya.kernel import clock

    _require_up_to_date()
    _follow_clock()
    user = User.objects.filter(username=fold_username(chosen.login)).first()
    if user is None:
        raise Failed(f"there is no login {chosen.login!r}")
    switch_off(user, PROGRAM, clock.now())
    print(f"{chosen.login} is switched off.")
    return 0


def _password_for(login: str) -> str:
    """From the keyboard, twice; from a pipe, its first line."""
    if sys.stdin.isatty():
        password = getpass(f"Password for {login}: ")
        if getpass("Once more: ") != password:
            raise Failed("these were two different passwords")
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        raise Failed(f"a password has at least {SHORTEST_PASSWORD} characters")
    return password


# --- checking, importing, Django ---------------------------------------------------------------------------------


def _backup(chosen: argparse.Namespace) -> int:
    _set_up()
    from vovremya.config import keeping

    _require_up_to_date()
    try:
        keeping.back_up(chosen.file)
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    print(f"Copied and checked: {chosen.file}, {chosen.file.stat().st_size / 1e6:.1f} MB.")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    _set_up()
    from django.db import connection

    from vovremya.config import keeping
    from vovremya.kernel import clock
    from vovremya.watch.models import Heartbeat

    if Heartbeat._meta.db_table in connection.introspection.table_names() and _is_being_served():
        raise Failed("this database is being served: stop its servers and watches first")
    try:
        before = keeping.put_back(chosen.file, clock.real_now())
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    print(f"Put back: {chosen.file}." + (f" What was there before is kept as {before}." if before else ""))
    return 0


def _check(_chosen: argparse.Namespace) -> int:
    _set_up()
    from vovremya.config.checking import problems_found

    problems = 0
    for problem in problems_found():
        problems += 1
        print(problem)
    print("Nothing is wrong." if not problems else f"Problems: {problems}.")
    return 1 if problems else 0


def _import(arguments: list[str]) -> int:
    if not {"-h", "--help"} & set(arguments):
        _take_the_database_there_is()
    _set_up()
    from vovremya.exchange.console import command

    return command(arguments)


def _take_the_database_there_is() -> None:
    """Where only the demo has been tried so far, its branches are those that are meant."""
    if "VOVREMYA_DATABASE" in os.environ or Path(OWN_DATABASE).exists():
        return
    if not Path(DEMO_DATABASE).exists():
        raise Failed(f"there is no database at {OWN_DATABASE}: `vovremya init` or `vovremya demo` first")
    print(f"vovremya: there is no {OWN_DATABASE}; taking the demo's database, {DEMO_DATABASE}", file=sys.stderr)
    os.environ["VOVREMYA_DATABASE"] = DEMO_DATABASE


def _manage(arguments: list[str]) -> int:
    _set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["vovremya manage", *arguments])
    return 0


def _require_up_to_date() -> None:
    from vovremya.config import serving
    from vovremya.directory.models import Installation

    if serving.pending_migrations() or not Installation.objects.exists():
        raise Failed("this database is empty or not up to date: `vovremya serve` or `vovremya init` first")


def _set_up(serving_as: str = "") -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
    import django

    django.setup()
    if serving_as:
        from vovremya.config import logs

        logs.name_process(serving_as)
        logs.hear_uncaught_errors()


if __name__ == "__main__":
    sys.exit(main())
