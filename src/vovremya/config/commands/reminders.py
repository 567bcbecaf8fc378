"""`vovremya reminders`: when a branch reminds its clients."""

import argparse
from dataclasses import asdict, replace
from datetime import timedelta

from vovremya.config.commands import OFF, Failed
from vovremya.config.commands.readying import follow_clock, require_up_to_date
from vovremya.directory.models import Branch
from vovremya.directory.rules import PROGRAM
from vovremya.kernel import clock
from vovremya.kernel.refusal import BadInput
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.actions.reminding import RemindersWanted, reminders_of
from vovremya.visits.rules.settings import Setting, SettingOf

_PROBLEMS = {
    "calls_end_before_they_begin": "calls end after they begin, within the day",
    "reminder_outside_of_calls": "the day before is a time at which clients are called",
    "reminder_at_odd_time": "a reminder is made 15 minutes to 12 hours before the visit",
}


def show_or_set(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    follow_clock()
    now = clock.now()
    branch = Branch.objects.filter(code=chosen.branch).first()
    if branch is None:
        raise Failed(f"there is no branch {chosen.branch!r}")
    known = reminders_of(branch.pk)
    wanted = _as_chosen(known, chosen)
    if wanted != known:
        try:
            change_setting(SettingOf(branch.pk, Setting.REMINDERS), asdict(wanted), actor=PROGRAM, now=now)
        except BadInput as refusal:
            raise Failed(_PROBLEMS[next(iter(refusal.problems.values()))]) from refusal
    print(f"{branch.name}: {_words(wanted)}")
    return 0


def _as_chosen(known: RemindersWanted, chosen: argparse.Namespace) -> RemindersWanted:
    wanted = known
    if chosen.day_before is not None:
        wanted = replace(wanted, day_before_minute=None if chosen.day_before == OFF else chosen.day_before)
    if chosen.before is not None:
        minutes = None if chosen.before == OFF else chosen.before // timedelta(minutes=1)
        wanted = replace(wanted, before_minutes=minutes)
    if chosen.calls is not None:
        wanted = replace(wanted, calls_from_minute=chosen.calls[0], calls_until_minute=chosen.calls[1])
    return wanted


def _words(wanted: RemindersWanted) -> str:
    calls = f"calls from {_clock(wanted.calls_from_minute)} to {_clock(wanted.calls_until_minute)}"
    times = [
        *([f"the day before at {_clock(wanted.day_before_minute)}"] if wanted.day_before_minute is not None else []),
        *([f"{wanted.before_minutes} minutes before the visit"] if wanted.before_minutes is not None else []),
    ]
    return f"clients are reminded {' and '.join(times)}; {calls}" if times else "clients are not reminded"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
