"""`vovremya backup`, `restore` and `check`: copies of the database, and whether all is well with one."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.db import DatabaseError, connection

from vovremya.config import keeping
from vovremya.config.checking import problems_found
from vovremya.config.commands import Failed, tell
from vovremya.config.commands.erasures import read_record
from vovremya.config.commands.readying import require_up_to_date
from vovremya.config.commands.stillness import is_being_served
from vovremya.config.failing import is_damaged
from vovremya.customers.models import Erasure
from vovremya.customers.queries.erasing import told_of_acts
from vovremya.kernel import clock
from vovremya.watch.models import Heartbeat

Told = TypeVar("Told")


def back_up(chosen: argparse.Namespace) -> int:
    if chosen.keep and not chosen.into:
        raise Failed("--keep goes with --into FOLDER: which of other files may be removed cannot be known")
    require_up_to_date()
    file: Path = keeping.dated(chosen.into, clock.real_now()) if chosen.into else chosen.file
    try:
        keeping.back_up(file)
        print(f"Copied and checked: {file}, {file.stat().st_size / 1e6:.1f} MB.")
        for old in keeping.thin_out(chosen.into, chosen.keep) if chosen.keep else ():
            print(f"Removed: {old}.")
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    return 0


def restore(chosen: argparse.Namespace) -> int:
    if _unless_damaged(_is_served_here, "whether a server or watch is running cannot be seen: none may be"):
        raise Failed("this database is being served: stop its servers and watches first")
    try:
        lost = "whom it says were erased cannot be read: the copy may bring them back, unless --erasures names them"
        here = _unless_damaged(erased_here, lost) or ()
        told = [*here, *(read_record(chosen.erasures) if chosen.erasures else ())]
        before = keeping.put_back(chosen.file, clock.real_now(), told)
    except keeping.CopyFailed as failed:
        raise Failed(str(failed)) from failed
    print(f"Put back: {chosen.file}." + (f" What was there before is kept as {before}." if before else ""))
    return 0


def _unless_damaged(read: Callable[[], Told], lost: str) -> Told | None:
    """What the database says that is about to be replaced; a copy is wanted most where it says nothing any more."""
    try:
        return read()
    except (DatabaseError, ValueError) as error:
        if not (is_damaged(error) or isinstance(error, ValueError)):  # values that cannot be any
            raise
        connection.close()
        tell(f"The database here is damaged; {lost}.")
        return None


def _is_served_here() -> bool:
    return Heartbeat._meta.db_table in connection.introspection.table_names() and is_being_served()


def erased_here() -> Sequence[dict[str, Any]]:
    """The record of the database that is about to be replaced, if it is one that keeps it."""
    if Erasure._meta.db_table not in connection.introspection.table_names():
        return ()
    return told_of_acts(Erasure.objects.order_by("at", "pk"))


def check(_chosen: argparse.Namespace) -> int:
    problems = 0
    for problem in problems_found():
        problems += 1
        print(problem)
    print("Nothing is wrong." if not problems else f"Problems: {problems}.")
    return 1 if problems else 0
