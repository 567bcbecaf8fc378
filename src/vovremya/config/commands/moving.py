"""`vovremya move-to`: from the SQLite file to PostgreSQL. Django's own connection is the one to PostgreSQL."""

import argparse

from django.conf import settings

from vovremya.config import moving
from vovremya.config.commands import Failed, tell
from vovremya.kernel import clock


def move(_chosen: argparse.Namespace) -> int:
    try:
        moved = moving.move(settings.DATABASE_PATH, tell, clock.real_now())
    except moving.MoveFailed as failed:
        raise Failed(str(failed)) from failed
    if moved.problems:
        tell("Every row is as it was, and so are these problems:\n" + "\n".join(moved.problems))
    tell(f"Moved. Set VOVREMYA_DATABASE_URL for the servers and start them; the file is kept as {moved.kept_as}.")
    return 0
