"""The console command `vovremya`: its words, and which function of `commands` does what they say.

Help comes at once: Django wakes for the command that was chosen, and that command's module is imported after it.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from vovremya.config import measuring
from vovremya.config.commands import OFF, Failed
from vovremya.config.measuring import loopback_address
from vovremya.kernel.refusal import Refusal

DESCRIPTION = "Vovremya: the working day of a car service's late-client desk."
MORE = """\
environment:
  VOVREMYA_DATABASE      the SQLite file (var/vovremya.sqlite3)
  VOVREMYA_DATABASE_URL  a PostgreSQL instead: postgresql://user:password@host/name
  VOVREMYA_HOSTS         names the pages are asked for by, with commas (127.0.0.1,localhost,[::1])
  VOVREMYA_HTTPS=1       cookies over HTTPS only: for a server behind a proxy that speaks HTTPS
  VOVREMYA_SECRET_KEY    the secret of sessions and second steps (made once and kept beside the database)
  VOVREMYA_TRIAL=1       a new database becomes a trial: its clock may be moved

first steps:
  vovremya demo
  vovremya init --network "Автосеть" --branch SEV --name "Север" --zone Europe/Moscow --admin ivanova
  vovremya import schedule.xlsx --branch SEV --dry-run
  vovremya COMMAND --help
"""
ROLES = ("operator", "master", "supervisor", "manager", "administrator")
MOST_WORKERS = 64
OWN_DATABASE = "var/vovremya.sqlite3"
DEMO_DATABASE = "var/demo.sqlite3"

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_SPAN = re.compile(r"([+-]?)((?:\d+[dhms])+)")
_SIGNED_OPTIONS = {"--clock-offset", "--shift"}


Result = TypeVar("Result")

#: What a command needs of the environment before Django reads it.
Environment = Callable[[argparse.Namespace], AbstractContextManager[None]]


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["import"]:
            return _import(given[1:])
        if given[:1] == ["manage"]:  # for those who change the program: makemigrations and the like
            return _manage(given[1:])
        return _done(parser().parse_args(_with_signs_attached(given)))
    except Failed as failed:
        print(f"vovremya: {failed}", file=sys.stderr)
    except Refusal as refusal:
        print(f"vovremya: refused: {refusal}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from vovremya.config.failing import told_at_console

        if not (told := told_at_console(error)):
            raise
        print(f"vovremya: {told}", file=sys.stderr)
    return 1


def _done(chosen: argparse.Namespace) -> int:
    environment: Environment = chosen.environment
    with environment(chosen):
        _wake_django()
        module, _, function = chosen.does.rpartition(".")
        run: Callable[[argparse.Namespace], int] = getattr(import_module(module), function)
        return run(chosen)


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
        name: str, does: str, summary: str, more: str = "", environment: Environment = lambda _chosen: nullcontext()
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}")
        added.set_defaults(does=f"vovremya.config.commands.{does}", environment=environment)
        return added

    serve = command(
        "serve",
        "serving.serve",
        "serve the pages, the live feed and the watch",
        "In one process, or with --workers in several that are kept running. See docs/operation.md.",
        environment=_with_figures_laid_together,
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
        "serving.watch",
        "watch alone: announce what comes true, seal, tidy up",
        "For machines of its own. Any number of copies may run.",
    )
    _add_operation(watch)

    demo = command(
        "demo",
        "demo.demo",
        "serve a demo network with a day around now",
        f"Its database is {DEMO_DATABASE}, its logins work in the demo alone.",
        environment=_of_the_demo,
    )
    _add_address(demo)
    demo.add_argument("--fresh", action="store_true", help="throw the demo's database away and fill it anew")

    init = command(
        "init",
        "directory.init",
        "make a new database: a network, a branch with bays, an administrator",
        "Asks for the password.",
    )
    init.add_argument("--network", required=True, metavar="NAME")
    init.add_argument("--branch", required=True, metavar="CODE", help="short, Latin, part of the address: SEV")
    init.add_argument("--name", required=True, help="the branch as the staff call it")
    init.add_argument("--zone", required=True, help="its time zone: Europe/Moscow")
    init.add_argument("--bays", type=int, default=6, metavar="N", help="how many bays to begin with (%(default)s)")
    init.add_argument("--admin", required=True, metavar="LOGIN")

    add_staff = command("add-staff", "staff.add_staff", "take on a member of staff", "Asks for the password.")
    add_staff.add_argument("login")
    add_staff.add_argument("--name", required=True, help="in full: «Иванова Ольга Петровна»")
    add_staff.add_argument("--role", required=True, choices=ROLES)
    add_staff.add_argument("--branch", required=True, action="append", metavar="CODE", help="may be given again")

    switch_off = command(
        "switch-off",
        "staff.switch_off",
        "take a login's access away",
        "Its open sessions and boards end at once.",
    )
    switch_off.add_argument("login")

    let_in = command(
        "let-in",
        "staff.let_in",
        "let somebody in again: a temporary password, and no more failures counted",
        "For an administrator who is locked out; a login that is off is switched on.",
    )
    let_in.add_argument("login")
    let_in.add_argument(
        "--without-second-step", action="store_true", help="of who has lost the telephone and the recovery codes"
    )

    campaign = command(
        "campaign",
        "directory.announce_campaign",
        "tell the desks which cars their maker asks to come: a recall, a service action",
        "Booking shows it at such a car. Run again it adds cars or sets another last day; one in the past ends it.",
    )
    campaign.add_argument("branch", metavar="CODE", help="a branch of the network that is told")
    campaign.add_argument("work", metavar="WORK", help="the code of the work; an unknown one is added to the directory")
    campaign.add_argument("--name", help="of a new work: «Замена подушки безопасности»")
    campaign.add_argument("--norm", type=int, metavar="MINUTES", help="of a new work")
    campaign.add_argument("--vins", type=Path, metavar="FILE", help="a VIN a line")
    campaign.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="its last day: 2027-01-31")

    zone = command(
        "change-zone",
        "directory.move_to_zone",
        "give a branch another time zone",
        "Planned visits keep their time on the wall clock. Shows them and asks before anything is changed.",
    )
    zone.add_argument("branch", metavar="CODE")
    zone.add_argument("zone", help="Asia/Omsk")
    zone.add_argument("--keep-instants", action="store_true", help="the visits keep their instant, not the wall time")
    zone.add_argument("--yes", action="store_true", help="do not ask")

    reminders = command(
        "reminders",
        "reminders.show_or_set",
        "show when a branch reminds its clients of a visit, or set it",
        "A new branch reminds of nothing. What is not named stays as it is; visits to come are taken along.",
    )
    reminders.add_argument("branch", metavar="CODE")
    reminders.add_argument(
        "--day-before", type=or_off(minute), metavar="TIME", help="on the last day of calls before: 12:00, or off"
    )
    reminders.add_argument("--before", type=or_off(span), metavar="SPAN", help="so long before the visit: 2h, or off")
    reminders.add_argument(
        "--calls", type=minutes_between, metavar="FROM-UNTIL", help="nobody is called else: 9:00-20:00"
    )

    commands.add_parser("import", help="bring in a schedule exported from another system", add_help=False)

    backup = command(
        "backup",
        "copies.back_up",
        "copy the database into a file, while others go on writing",
        "The copy is checked before it gets its name. On PostgreSQL it is made by pg_dump.",
    )
    where = backup.add_mutually_exclusive_group(required=True)
    where.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a new file: a copy never replaces another")
    where.add_argument("--into", type=Path, metavar="FOLDER", help="a file there that is called by the instant, in UTC")
    backup.add_argument(
        "--keep", type=copies, metavar="N", help="with --into: of the copies called so, remove all but the newest N"
    )

    restore = command(
        "restore",
        "copies.restore",
        "put a copy back, brought up to date",
        "Stop the servers first. A SQLite file that was there is kept beside it; on PostgreSQL name an empty database.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="made by `vovremya backup`")
    restore.add_argument(
        "--erasures", type=Path, metavar="RECORD", help="whom it brings back and this record names is erased anew"
    )

    erasures = command(
        "erasures",
        "erasures.keep",
        "tell of the clients that were erased, and make it last",
        "Internal numbers alone, nothing of the people. See docs/erasure.md.",
    )
    erasures.add_argument("--save", type=Path, metavar="RECORD", help="write the record, to be kept with the copies")
    erasures.add_argument("--again", type=Path, metavar="RECORD", help="erase anew whom an older copy has brought back")
    erasures.add_argument(
        "--scrub", action="store_true", help="make the bytes go from the files now, and not in the night"
    )

    move_to = command(
        "move-to",
        "moving.move",
        "move the installation from its SQLite file to PostgreSQL",
        "Copies while the servers work, waits until they are stopped, copies the rest, compares every row. Cut off, it "
        "goes on where it was when it is run again. The file stays beside under another name. See docs/moving.md.",
        environment=_of_the_new_database,
    )
    move_to.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="an empty database: postgresql://vovremya@host/vovremya, the password from PGPASSWORD or ~/.pgpass; "
        "without it the one that VOVREMYA_DATABASE_URL names",
    )

    command(
        "check",
        "copies.check",
        "check what must always hold on the database, and the seals of the journal",
        "Names every problem; exits with 1 if there is any. Reads only, a server may be running.",
    )

    clock = command(
        "clock", "clock.show_or_move", "show the shown time, or move it in a trial or demo", "Servers follow at once."
    )
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


def copies(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
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


def minute(text: str) -> int:
    """«12:00», of the day."""
    found = _CLOCK.fullmatch(text.strip())
    if not found or int(found[1]) * 60 + int(found[2]) > 24 * 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of the day like 12:00")
    return int(found[1]) * 60 + int(found[2])


def minutes_between(text: str) -> tuple[int, int]:
    """«9:00-20:00»."""
    since, dash, until = text.partition("-")
    if not dash:
        raise argparse.ArgumentTypeError(f"{text!r} is no time from and until like 9:00-20:00")
    return minute(since), minute(until)


def or_off(read: Callable[[str], Result]) -> Callable[[str], Result | str]:
    return lambda text: OFF if text == OFF else read(text)


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


# --- the environment ---------------------------------------------------------------------------------------------


def _with_figures_laid_together(chosen: argparse.Namespace) -> AbstractContextManager[None]:
    """Those of a supervisor's processes, which inherit the folder."""
    return measuring.shared_folder() if chosen.workers > 1 else nullcontext()


@contextmanager
def _of_the_demo(_chosen: argparse.Namespace) -> Iterator[None]:
    if os.environ.get("VOVREMYA_DATABASE_URL"):
        raise Failed("the demo has a file of its own and never takes a PostgreSQL: unset VOVREMYA_DATABASE_URL for it")
    os.environ["VOVREMYA_DEMO"] = "1"
    os.environ.setdefault("VOVREMYA_DATABASE", DEMO_DATABASE)
    os.environ.setdefault("VOVREMYA_LOG_LEVEL", "WARNING")  # who looks round wants the logins, not every request
    yield


@contextmanager
def _of_the_new_database(chosen: argparse.Namespace) -> Iterator[None]:
    if chosen.url and urlsplit(chosen.url).password:
        raise Failed(
            "everybody can read a command line: give the password by PGPASSWORD, or all by VOVREMYA_DATABASE_URL"
        )
    url = chosen.url or os.environ.get("VOVREMYA_DATABASE_URL", "")
    if not url.startswith(("postgresql://", "postgres://")):
        raise Failed("name the new database: `vovremya move-to postgresql://…`, or by VOVREMYA_DATABASE_URL")
    os.environ["VOVREMYA_DATABASE_URL"] = url
    yield


def _take_the_database_there_is() -> None:
    """Where only the demo has been tried so far, its branches are those that are meant."""
    is_named = os.environ.get("VOVREMYA_DATABASE_URL") or "VOVREMYA_DATABASE" in os.environ
    if is_named or Path(OWN_DATABASE).exists():
        return
    if not Path(DEMO_DATABASE).exists():
        raise Failed(f"there is no database at {OWN_DATABASE}: `vovremya init` or `vovremya demo` first")
    print(f"vovremya: there is no {OWN_DATABASE}; taking the demo's database, {DEMO_DATABASE}", file=sys.stderr)
    os.environ["VOVREMYA_DATABASE"] = DEMO_DATABASE


def _wake_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
    import django

    django.setup()


# --- commands with words of their own ----------------------------------------------------------------------------


def _import(arguments: list[str]) -> int:
    if not {"-h", "--help"} & set(arguments):
        _take_the_database_there_is()
    _wake_django()
    from vovremya.exchange.console import command

    return command(arguments)


def _manage(arguments: list[str]) -> int:
    _wake_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["vovremya manage", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main())
