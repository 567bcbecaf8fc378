"""What can happen to an import as a whole, or to a calendar, in the past tense: entries of the branch. Pure."""

from dataclasses import dataclass
from typing import ClassVar

from vovremya.journal.rules import Fact


@dataclass(frozen=True)
class ImportEnded(Fact):
    kind: ClassVar[str] = "import_ended"
    run: int
    source: str
    is_whole: bool  # else it was stopped
    imported: int
    changed: int
    unchanged: int
    refused: int


@dataclass(frozen=True)
class ImportTakenBack(Fact):
    kind: ClassVar[str] = "import_taken_back"
    run: int
    taken_back: int
    kept: int


@dataclass(frozen=True)
class CalendarShared(Fact):
    kind: ClassVar[str] = "calendar_shared"
    link: int
    bay_id: int | None
    advisor_id: int | None


@dataclass(frozen=True)
class CalendarRevoked(Fact):
    kind: ClassVar[str] = "calendar_revoked"
    link: int
