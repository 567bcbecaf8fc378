"""The minutes and attempts of a branch as a value: a version of its policy follows the other."""

from dataclasses import asdict
from datetime import datetime

from vovremya.directory.models import Policy
from vovremya.directory.rules import Actor
from vovremya.visits.actions.policies import Minutes, set_minutes, visits_touched
from vovremya.visits.refusals import Touched
from vovremya.visits.rules.settings import SettingOf, Value, digest_of_value


def read(of: SettingOf) -> Value:
    policy = Policy.objects.filter(branch_id=of.branch_id).latest("number")
    return {name: getattr(policy, name) for name in Minutes.__dataclass_fields__}


def write(of: SettingOf, value: Value, _actor: Actor, now: datetime) -> None:
    set_minutes(of.branch_id, Minutes(**value), now)


def touches(of: SettingOf, value: Value, now: datetime) -> Touched | None:
    """How many turns late meanwhile with every minute: what is confirmed is the minutes, as their effect was told."""
    taking, keeping = visits_touched(of.branch_id, Minutes(**value), now)
    if not taking and not keeping:
        return None
    return Touched(f"policy {digest_of_value(asdict(Minutes(**value)))}", taking, late=keeping)
