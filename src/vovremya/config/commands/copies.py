"""`vovremya backup`, `restore` and `check`: copies of the database, and whether all is well with one."""

import argparse

from django.db import connection

from vovremya.config import keeping
from vovremya.config.checking import problems_found
from vovremya.config.commands import Failed
from vovremya.config.commands.readying import require_up_to_date
from vovremya.config.commands.stillness import is_being_served
from vovremya.kernel import clock
from vovremya.watch.models import Heartbeat


def back_up(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    try:
        keeping.back_up(chosen.file)
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    print(f"Copied and checked: {chosen.file}, {chosen.file.stat().st_size / 1e6:.1f} MB.")
    return 0


def restore(chosen: argparse.Namespace) -> int:
    if Heartbeat._meta.db_table in connection.introspection.table_names() and is_being_served():
        raise Failed("this database is being served: stop its servers and watches first")
    try:
        before = keeping.put_back(chosen.file, clock.real_now())
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    print(f"Put back: {chosen.file}." + (f" What was there before is kept as {before}." if before else ""))
    return 0


def check(_chosen: argparse.Namespace) -> int:
    problems = 0
    for problem in problems_found():
        problems += 1
        print(problem)
    print("Nothing is wrong." if not problems else f"Problems: {problems}.")
    return 1 if problems else 0
