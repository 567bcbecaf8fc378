"""What has to be so before a command works on a database: up to date, guarded, in use; and the clock it follows."""

from datetime import timedelta

from django.conf import settings

from vovremya.config import serving, upgrading
from vovremya.config.commands import Failed, tell
from vovremya.directory.actions import create_installation, move_clock
from vovremya.directory.models import Installation
from vovremya.directory.queries import clock_anchor, first_code, has_staff, installation
from vovremya.kernel import clock


def make_ready() -> None:
    if not serving.are_pages_built():
        raise Failed("the page assets are not built: run `make assets`")
    upgrading.bring_up_to_date(tell)
    require_guards()


def require_guards() -> None:
    if missing := serving.missing_guards():
        raise Failed(
            f"the database does not guard itself: {', '.join(missing)} missing. "
            "`vovremya manage migrate` puts its rules in again"
        )


def require_up_to_date() -> None:
    if serving.pending_migrations() or not Installation.objects.exists():
        raise Failed("this database is empty or not up to date: `vovremya serve` or `vovremya init` first")


def make_installation() -> None:
    """Say what an empty database is to be; its first administrator comes by the browser, or by `vovremya init`."""
    if not Installation.objects.exists():
        create_installation(Installation.Kind.TRIAL if settings.TRIAL else Installation.Kind.PRODUCTION)


def first_run_words(address: str) -> str:
    """For whoever sits at the console, while nobody works here yet."""
    if has_staff():
        return ""
    return f"\nNobody works here yet. The first administrator begins at {address}/setup/?code={first_code()}"


def follow_clock() -> None:
    """In production nothing but the real time is ever read."""
    is_real = Installation.objects.filter(kind=Installation.Kind.PRODUCTION).exists()
    clock.follow(None if is_real else clock_anchor)


def set_clock(offset: timedelta | None, speed: float | None) -> None:
    if offset is None and speed is None:
        return
    if installation().kind == Installation.Kind.PRODUCTION:
        raise Failed("the clock of a database in production is the real one: it can be moved in trials and demos")
    real_now = clock.real_now()
    shown_at = clock.now() if offset is None else real_now + offset
    move_clock(shown_at=shown_at, speed=clock.speed() if speed is None else speed, real_now=real_now)
    follow_clock()
