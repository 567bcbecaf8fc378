"""What a booking tells of a car."""

from datetime import datetime
from decimal import Decimal

from vovremya.customers.actions import keep_coefficient
from vovremya.directory.rules import Actor, Right
from vovremya.visits.actions.turn import turn_on
from vovremya.visits.rules.journal_facts import CoefficientChanged


def change_coefficient(visit_id: int, coefficient: Decimal, *, actor: Actor, now: datetime) -> None:
    """How the labour on the visit's car stands to the norm, from now on and in the whole network."""
    with turn_on(visit_id, actor=actor, right=Right.BOOK, now=now) as turn:
        car = turn.visit.car
        if car is None or car.coefficient == coefficient:
            return
        old = car.coefficient or Decimal(1)
        keep_coefficient(car, coefficient)
        turn.record(CoefficientChanged(old=f"{old.normalize():f}", new=f"{coefficient.normalize():f}"))
