"""`vovremya add-staff`, `switch-off`, `let-in`: who works here, and the way in for an administrator who has lost it."""

import argparse
import sys
from getpass import getpass

from django.db import transaction

from vovremya.config.commands import Failed
from vovremya.config.commands.readying import follow_clock, require_up_to_date
from vovremya.directory.actions import access, staff
from vovremya.directory.models import User
from vovremya.directory.queries import branch_by_code
from vovremya.directory.rules import PROGRAM, Role, fold_username
from vovremya.kernel import clock
from vovremya.kernel.refusal import BadInput, Refusal

_PROBLEMS = {
    "password_too_short": "a password has at least 10 characters",
    "password_too_common": "this password is among the first that are guessed",
    "password_entirely_numeric": "a password is more than digits",
    "password_too_similar": "the password is too like the name or the login",
    "username_taken": "there is such a login already",
    "text_too_long": "a name has at most 200 characters, a login 100",
}


def add_staff(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    branches = [branch_by_code(code, PROGRAM) for code in chosen.branch]
    names = staff.Names(chosen.name, "", chosen.login)
    password, now = password_for(chosen.login, chosen.name), clock.now()
    try:
        with transaction.atomic():
            roles = {branch.pk: [Role(chosen.role)] for branch in branches}
            user = staff.take_on(names, roles, actor=PROGRAM, now=now)
            access.give_password(user.pk, password, actor=PROGRAM, now=now)
    except BadInput as refusal:
        raise Failed(_PROBLEMS[next(iter(refusal.problems.values()))]) from refusal
    print(f"{chosen.login}: {chosen.role} in {', '.join(branch.name for branch in branches)}")
    return 0


def switch_off(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    staff.switch_off(_user(chosen.login), PROGRAM, clock.now())
    print(f"{chosen.login} is switched off.")
    return 0


def let_in(chosen: argparse.Namespace) -> int:
    """Whatever keeps somebody out, in one go: the password, too many failures, a login switched off, a second step."""
    require_up_to_date()
    follow_clock()
    user, now = _user(chosen.login), clock.now()
    with transaction.atomic():
        staff.switch_on(user.pk, actor=PROGRAM, now=now)
        if chosen.without_second_step:
            access.take_second_step_away(user.pk, actor=PROGRAM, now=now)
        access.forget_failures(user.pk)
        password = access.give_temporary_password(user.pk, actor=PROGRAM, now=now, real_now=clock.real_now())
    print(f"{chosen.login} signs in with {password} within three days, and changes it at once.")
    return 0


def password_for(login: str, full_name: str = "") -> str:
    """From the keyboard, twice; from a pipe, its first line."""
    if sys.stdin.isatty():
        password = getpass(f"Password for {login}: ")
        if getpass("Once more: ") != password:
            raise Failed("these were two different passwords")
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        access.check_password_fits(User(username=fold_username(login), full_name=full_name), password, "password")
    except Refusal as refusal:
        raise Failed(_PROBLEMS[refusal.code]) from refusal
    return password


def _user(login: str) -> User:
    user = User.objects.filter(username=fold_username(login)).first()
    if user is None:
        raise Failed(f"there is no login {login!r}")
    return user
