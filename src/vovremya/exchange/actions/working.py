"""Who of several watches has an import in hand. Not a fact: by real time, and it lapses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from vovremya.directory.rules import PROGRAM
from vovremya.exchange.actions.applying import queue_for_run
from vovremya.exchange.actions.bringing import break_off
from vovremya.exchange.models import ImportRun

Stage = ImportRun.Stage

#: To open a file can take as long as its process may live; after that work shows itself every moment.
OPENED_WITHIN = timedelta(seconds=150)
SHOWS_ITSELF_WITHIN = timedelta(seconds=20)
_OPENING = (Stage.LOOKING, Stage.READING)


@dataclass
class Grip:
    """An import in one watch's hands."""

    run: ImportRun
    until: datetime

    def keep(self, real_now: datetime) -> bool:
        """False where somebody has stopped it, or another watch has it now."""
        until = real_now + SHOWS_ITSELF_WITHIN
        held = ImportRun.objects.filter(pk=self.run.pk, stage=self.run.stage, worked_until=self.until)
        is_kept = bool(held.update(worked_until=until))
        self.until = until
        return is_kept

    def let_go(self) -> None:
        ImportRun.objects.filter(pk=self.run.pk, worked_until=self.until).update(worked_until=None)


def take_in_hand(run: ImportRun, real_now: datetime) -> Grip | None:
    """None where another watch was quicker."""
    until = real_now + (OPENED_WITHIN if run.stage in _OPENING else SHOWS_ITSELF_WITHIN)
    free = ImportRun.objects.filter(Q(worked_until=None) | Q(worked_until__lte=real_now), pk=run.pk, stage=run.stage)
    return Grip(run, until) if free.update(worked_until=until) else None


def set_aside(run: ImportRun, code: str, now: datetime) -> None:
    """It cannot go on, and must not keep the others from it. What was applied stays, and can be taken back."""
    with transaction.atomic():
        queue_for_run(run)
        if run.stage not in ImportRun.UNDER_WAY:
            return
        run.refusal = {"code": code, "facts": {}}
        run.save(update_fields=("refusal",))
        break_off(run, actor=PROGRAM, now=now)
