"""When a bay is out of use, as a value: all its closures, with their notes."""

from datetime import datetime

from vovremya.directory.models import Bay
from vovremya.directory.rules import Actor
from vovremya.schedule.queries import Closure, closures_of
from vovremya.visits.actions.branch_settings.days import own
from vovremya.visits.actions.closing import close_for
from vovremya.visits.rules.settings import SettingOf, Value


def read(of: SettingOf) -> Value:
    bay: Bay = own(Bay.objects.filter(branch_id=of.branch_id), of)
    return [closure.as_value() for closure in closures_of(bay.pk)]


def write(of: SettingOf, value: Value, actor: Actor, now: datetime) -> int:
    bay: Bay = own(Bay.objects.filter(branch_id=of.branch_id), of)
    close_for(bay, [_closure(each) for each in value], actor=actor, now=now)
    return bay.pk


def _closure(value: Value) -> Closure:
    return Closure(datetime.fromisoformat(value["from"]), datetime.fromisoformat(value["until"]), value["note"])
