"""`vovremya init`, `add-staff`, `switch-off`, `change-zone`, `campaign`: a network, who works in it, where its branches
lie, and what makers ask for."""

import argparse
import sys
from getpass import getpass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from vovremya.config.commands import Failed
from vovremya.config.commands.readying import follow_clock, make_installation, make_ready, require_up_to_date
from vovremya.directory import actions
from vovremya.directory.defaults import BAY
from vovremya.directory.models import Branch, User, Work
from vovremya.directory.queries import branch_by_code, has_branches, has_staff
from vovremya.directory.rules import PROGRAM, Role, fold_username
from vovremya.kernel import clock
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions import campaigns
from vovremya.visits.actions.zone import affected_by_zone, change_zone

SHORTEST_PASSWORD = 8


def init(chosen: argparse.Namespace) -> int:
    make_ready()
    if has_staff() or has_branches():
        raise Failed("this database is in use already: VOVREMYA_DATABASE names another")
    password = _password_for(chosen.admin)
    now = clock.real_now()
    with transaction.atomic():
        make_installation()
        branch = actions.open_branch(
            actions.open_network(chosen.network),
            code=chosen.branch,
            name=chosen.name,
            zone=chosen.zone,
            bay_names=[BAY.format(number=number) for number in range(1, chosen.bays + 1)],
            now=now,
        )
        set_week_hours(branch.pk, [DayHours(8 * 60, 20 * 60)] * 7, actor=PROGRAM, now=now)
        actions.add_user(
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


def add_staff(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    branches = [branch_by_code(code, PROGRAM) for code in chosen.branch]
    actions.add_user(
        username=chosen.login,
        full_name=chosen.name,
        short_name=chosen.name.split()[0],
        password=_password_for(chosen.login),
        roles={branch.pk: [Role(chosen.role)] for branch in branches},
        actor=PROGRAM,
    )
    print(f"{chosen.login}: {chosen.role} in {', '.join(branch.name for branch in branches)}")
    return 0


def switch_off(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    user = User.objects.filter(username=fold_username(chosen.login)).first()
    if user is None:
        raise Failed(f"there is no login {chosen.login!r}")
    actions.switch_off(user, PROGRAM, clock.now())
    print(f"{chosen.login} is switched off.")
    return 0


def move_to_zone(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
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


def announce_campaign(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    branch = branch_by_code(chosen.branch, PROGRAM)
    vins = _lines_of(chosen.vins) if chosen.vins else []
    with transaction.atomic():
        work = Work.objects.filter(network=branch.network, code=chosen.work).first()
        if work is None:
            if not (chosen.name and chosen.norm):
                raise Failed(f"there is no work {chosen.work!r}: a new one takes --name and --norm")
            work = actions.add_work(branch.network, chosen.work, chosen.name, chosen.norm)
        try:
            campaign = campaigns.announce_campaign(
                branch, work, vins, until=chosen.until, actor=PROGRAM, now=clock.now()
            )
        except Refusal as refusal:
            raise Failed(f"no VIN: {refusal.facts['vin']!r}; such lines: {refusal.facts['count']}") from refusal
    until = f"until {campaign.until}" if campaign.until else "until all have come"
    print(f"«{work.name}»: {campaign.cars.count()} cars, {until}.")
    return 0


def _lines_of(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path} cannot be read: {error}") from error
    return [line.strip() for line in lines if line.strip()]


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
