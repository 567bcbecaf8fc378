"""The visit that the tables speak of: planned for 10:00, at a branch open till 20:00, on a day till midnight."""

from datetime import UTC, date, datetime, timedelta

from vovremya.visits.rules.case import AttemptFacts, CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.reminding import Reminder
from vovremya.visits.rules.timeline import BEGINNING, Timeline
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, Status

POLICY = PolicyFacts()
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def at(clock: str, on: date = date(2026, 11, 22)) -> datetime:
    """«10:20», «10:20:00.001»."""
    return datetime.fromisoformat(f"{on} {clock}").replace(tzinfo=UTC)


START = at("10:00")
LATE_FROM = at("10:10:00.001")
DEADLINE = at("10:20")
OVERDUE_FROM = at("10:20:00.001")
CLOSING = at("20:00")
DAY_END = at("00:00", date(2026, 11, 23))


def visit(
    case: CaseFacts | None = None,
    *,
    status: Status = Status.PLANNED,
    starts_at: datetime = START,
    expected_at: datetime | None = None,
    closes_at: datetime | None = CLOSING,
    day_ends_at: datetime = DAY_END,
    follows_another: bool = False,
    reminder: Reminder | None = None,
    confirmation: Confirmation = Confirmation.NONE,
) -> VisitFacts:
    return VisitFacts(
        status=status,
        starts_at=starts_at,
        day_ends_at=day_ends_at,
        closes_at=closes_at,
        expected_at=expected_at,
        follows_another=follows_another,
        reminder=reminder,
        confirmation=confirmation,
        case=case,
    )


def attempt(started_at: datetime, result: CallResult | None = CallResult.BUSY, *, counts: bool = False) -> AttemptFacts:
    ended_at = None if result is None else started_at + 20 * SECOND
    return AttemptFacts(started_at, result, ended_at, counts)


def failure(started_at: datetime) -> AttemptFacts:
    return attempt(started_at, counts=True)


def case(
    *attempts: AttemptFacts,
    retry_at: datetime | None = None,
    reached_at: datetime | None = None,
    first_reached_at: datetime | None = None,
    last_reached_at: datetime | None = None,
    grounds: Grounds = Grounds.NONE,
    kind: CaseKind = CaseKind.LATE,
    known_starts_at: datetime | None = None,
) -> CaseFacts:
    return CaseFacts(
        attempts=attempts,
        retry_at=retry_at,
        reached_at=reached_at,
        first_reached_at=first_reached_at or reached_at,
        last_reached_at=last_reached_at or first_reached_at or reached_at,
        grounds=grounds,
        kind=kind,
        known_starts_at=known_starts_at,
    )


def told(timeline: Timeline) -> list[tuple[str, str]]:
    """The timeline as it reads in a table; the first state holds from «…»."""
    return [
        ("…" if change.at == BEGINNING else change.at.strftime("%H:%M:%S.%f")[:12], change.state.value)
        for change in timeline
    ]
