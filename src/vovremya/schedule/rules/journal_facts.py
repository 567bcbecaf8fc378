"""What the schedule writes into the journal."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from vovremya.journal.rules import Fact


@dataclass(frozen=True)
class HoursChanged(Fact):
    kind: ClassVar[str] = "hours_changed"
    open_days: int


@dataclass(frozen=True)
class ExceptionChanged(Fact):
    kind: ClassVar[str] = "exception_changed"
    on: date
    is_open: bool | None = None  # None: as its weekday again


@dataclass(frozen=True)
class BayHoursChanged(Fact):
    kind: ClassVar[str] = "bay_hours_changed"
    bay_id: int
    open_days: int  # none: as its branch


@dataclass(frozen=True)
class ShiftsChanged(Fact):
    kind: ClassVar[str] = "shifts_changed"
    advisor_id: int
    days: int  # none: whenever the branch is open
