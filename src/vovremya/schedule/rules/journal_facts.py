"""What the schedule writes into the journal."""

from dataclasses import dataclass
from typing import ClassVar

from vovremya.journal.rules import Fact


@dataclass(frozen=True)
class HoursChanged(Fact):
    kind: ClassVar[str] = "hours_changed"
    open_days: int
