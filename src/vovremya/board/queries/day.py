"""What the board shows of a day: a fixed number of queries, whatever the number of visits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from vovremya.board.rules import Period, shown_period
from vovremya.customers.rules import name_on_bar
from vovremya.directory.models import Bay, Branch
from vovremya.directory.queries import bays_of
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.visits.queries import LEADING
from vovremya.visits.rules.case import AttemptFacts, CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.timeline import Timeline, is_deadline_missed, state_timeline
from vovremya.visits.rules.words import CallResult, Grounds, Status

# The hot read of the product: one row a visit, joined once.
_VISITS = """
SELECT v.id, v.version, v.status, v.starts_at, v.ends_at, v.day_ends_at, v.closes_at, v.expected_at,
       v.bay_id, b.name, b.group_id, v.lane, v.advisor_id, v.reason, v.external_number,
       c.name, c.name_key, car.plate, car.plate_key, car.make, car.model, car.vin,
       EXISTS (SELECT 1 FROM customers_phone p WHERE p.client_id = c.id AND NOT p.is_wrong),
       leader.status,
       k.id, k.retry_at, k.reached_at, k.first_reached_at, k.grounds, k.expected_at,
       policy.late_after_minutes, policy.contact_within_minutes, policy.retry_after_minutes, policy.attempts,
       policy.near_within_minutes, policy.voicemail_counts,
       lease_user.short_name,
       EXISTS (SELECT 1 FROM visits_draft d WHERE d.case_id = k.id)
  FROM visits_visit v
  JOIN directory_bay b ON b.id = v.bay_id
  JOIN customers_client c ON c.id = v.client_id
  LEFT JOIN customers_car car ON car.id = v.car_id
  LEFT JOIN visits_visit leader ON leader.id = v.follows_id
  LEFT JOIN visits_case k ON k.visit_id = v.id AND k.ended_at IS NULL
  JOIN directory_policy policy ON policy.id = COALESCE(k.policy_id, v.policy_id)
  LEFT JOIN visits_lease lease ON lease.case_id = k.id
  LEFT JOIN directory_user lease_user ON lease_user.id = lease.user_id
 WHERE v.status NOT IN ('removed') AND {where}
 ORDER BY v.starts_at, v.id
"""
_ATTEMPTS = """
SELECT a.case_id, a.started_at, a.result, a.ended_at, a.counts
  FROM visits_attempt a JOIN visits_case k ON k.id = a.case_id JOIN visits_visit v ON v.id = k.visit_id
 WHERE k.ended_at IS NULL AND {where}
 ORDER BY a.started_at, a.id
"""
_WORKS = """
SELECT w.visit_id, w.name
  FROM visits_visitwork w JOIN visits_visit v ON v.id = w.visit_id
 WHERE {where}
 ORDER BY w.visit_id, w.position
"""

_OF_DAY = "v.branch_id = %s AND v.starts_at < %s AND v.ends_at > %s AND v.starts_at > %s"
_OF_VISIT = "v.id = %s"

#: No visit lasts longer; bounds the index range of a day's read.
LONGEST_VISIT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Bar:
    """Everything a bar shows; the same for every role, so no phone is in it."""

    visit_id: int
    version: int
    starts_at: datetime
    ends_at: datetime
    bay_id: int
    bay_name: str
    group_id: int
    lane: int
    advisor_id: int | None
    client: str
    plate: str
    car: str
    works: str
    search: str
    flags: tuple[str, ...]
    holder: str
    timeline: Timeline


@dataclass(frozen=True)
class BoardDay:
    """A branch's day as the board lays it out."""

    branch: Branch
    zone: ZoneInfo
    day: BusinessDay
    bays: Sequence[Bay]
    bars: Mapping[int, Sequence[Bar]]  # by bay
    shown: Period


def board_day(branch: Branch, on: date, now: datetime) -> BoardDay:
    calendar = calendar_of(branch.pk)
    shown = shown_period(on, calendar.day)
    bars: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars_between(branch.pk, *shown, now):
        bars[bar.bay_id].append(bar)
    return BoardDay(branch, calendar.zone, calendar.day(on), bays_of(branch), bars, shown)


def bars_between(branch_id: int, starts_at: datetime, ends_at: datetime, now: datetime) -> list[Bar]:
    """The bars that touch a period, with visits that run into it over midnight."""
    return _bars(_OF_DAY, [branch_id, ends_at, starts_at, starts_at - LONGEST_VISIT], now)


def bar_of_visit(visit_id: int, now: datetime) -> Bar | None:
    """The bar of one visit; None where it is on no board."""
    return next(iter(_bars(_OF_VISIT, [visit_id], now)), None)


def _bars(where: str, parameters: list[Any], now: datetime) -> list[Bar]:
    attempts: dict[int, list[AttemptFacts]] = defaultdict(list)
    for case_id, started_at, result, ended_at, counts in _rows(_ATTEMPTS, where, parameters):
        known = CallResult(result) if result else None
        attempts[case_id].append(AttemptFacts(_at(started_at), known, _maybe_at(ended_at), bool(counts)))
    works: dict[int, list[str]] = defaultdict(list)
    for visit_id, name in _rows(_WORKS, where, parameters):
        works[visit_id].append(name)
    return [_bar(row, attempts, works, now) for row in _rows(_VISITS, where, parameters)]


def _bar(
    row: Sequence[Any],
    attempts: Mapping[int, list[AttemptFacts]],
    works: Mapping[int, list[str]],
    now: datetime,
) -> Bar:
    (visit_id, version, status, starts_at, ends_at, day_ends_at, closes_at, expected_at, bay_id, bay_name,
     group_id, lane, advisor_id, reason, number, client, name_key, plate, plate_key, make, model, vin, has_phone,
     leader_status, case_id, retry_at, reached_at, first_reached_at, grounds, _eta, late_after,
     contact_within, retry_after, allowed_attempts, near_within, voicemail_counts,
     holder, has_draft) = row  # fmt: skip
    case = None
    if case_id is not None:
        case = CaseFacts(
            attempts=tuple(attempts.get(case_id, ())),
            retry_at=_maybe_at(retry_at),
            reached_at=_maybe_at(reached_at),
            first_reached_at=_maybe_at(first_reached_at),
            grounds=Grounds(grounds),
        )
    facts = VisitFacts(
        status=Status(status),
        starts_at=_at(starts_at),
        day_ends_at=_at(day_ends_at),
        closes_at=_maybe_at(closes_at),
        expected_at=_maybe_at(expected_at),
        follows_another=leader_status in LEADING,
        case=case,
    )
    policy = _policy(late_after, contact_within, retry_after, allowed_attempts, near_within, bool(voicemail_counts))
    flags = {
        "missed": is_deadline_missed(facts, policy, now),
        "calling": case is not None and case.unfinished_attempt is not None,
        "no_phone": not has_phone and facts.status is Status.PLANNED,
        "unread_draft": bool(has_draft) and holder is None,
        "overbooked": lane > 0,
    }
    plate = plate or ""
    return Bar(
        visit_id=visit_id,
        version=version,
        starts_at=facts.starts_at,
        ends_at=_at(ends_at),
        bay_id=bay_id,
        bay_name=bay_name,
        group_id=group_id,
        lane=lane,
        advisor_id=advisor_id,
        client=name_on_bar(client),
        plate=plate,
        car=f"{make or ''} {model or ''}".strip(),
        works=", ".join(works.get(visit_id, ())) or reason,
        search=" ".join(part for part in (plate_key, vin, name_key, number.lower()) if part),
        flags=tuple(name for name, is_on in flags.items() if is_on),
        holder=holder or "",
        timeline=state_timeline(facts, policy),
    )


@lru_cache(maxsize=64)
def _policy(
    late_after: int, contact_within: int, retry_after: int, attempts: int, near_within: int, voicemail_counts: bool
) -> PolicyFacts:
    """The same for nearly all bars of a board."""
    return PolicyFacts(
        late_after=timedelta(minutes=late_after),
        contact_within=timedelta(minutes=contact_within),
        retry_after=timedelta(minutes=retry_after),
        attempts=attempts,
        near_within=timedelta(minutes=near_within),
        voicemail_counts=voicemail_counts,
    )


def _rows(sql: str, where: str, parameters: list[Any]) -> Iterable[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(where=where), [_parameter(value) for value in parameters])
        return list(cursor.fetchall())


def _parameter(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _at(value: Any) -> datetime:
    """An instant as the driver gives it: without a zone on SQLite, aware on PostgreSQL."""
    moment: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _maybe_at(value: Any) -> datetime | None:
    return None if value is None else _at(value)
