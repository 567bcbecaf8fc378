"""What the board shows of a day: a fixed number of queries, whatever the number of visits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from vovremya.board.rules import shown_period
from vovremya.customers.rules import name_on_bar
from vovremya.directory.models import Bay, Branch
from vovremya.directory.queries import bays_of
from vovremya.schedule.queries import Calendar, Closure, calendar_of, closures_between, own_hours_of_bays
from vovremya.schedule.rules.hours import BusinessDay, narrowed
from vovremya.schedule.rules.occupied import Period
from vovremya.visits.queries import LEADING
from vovremya.visits.rules.case import AttemptFacts, CaseFacts, PolicyFacts, VisitFacts
from vovremya.visits.rules.reminding import Reminder
from vovremya.visits.rules.timeline import Timeline, missed_from, state_at, state_timeline
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, State, Status

# The hot read of the product: one row a visit, joined once. COALESCE gives an instant as it is stored: the driver for
# SQLite would make an object of each, a third of the time of the whole read, where a day has only a few instants.
# The visits found come first: PostgreSQL thinks of so many joins in their order, and would else join all that ever was;
# of an EXISTS it would make a table of everybody's phones.
_VISITS = """
SELECT v.id, v.version, COALESCE(v.starts_at, NULL), COALESCE(v.ends_at, NULL),
       v.bay_id, b.name, v.lane, v.advisor_id, v.reason, c.name, car.plate, car.make, car.model,
       (SELECT 1 FROM customers_phone p WHERE p.client_id = c.id AND NOT p.is_wrong LIMIT 1) IS NOT NULL,
       lease_user.short_name,
       EXISTS (SELECT 1 FROM visits_draft d WHERE d.case_id = k.id),
       k.id, COALESCE(k.retry_at, NULL), COALESCE(k.reached_at, NULL), COALESCE(k.first_reached_at, NULL), k.grounds,
       k.kind, COALESCE(k.known_starts_at, NULL),
       v.status, COALESCE(v.day_ends_at, NULL), COALESCE(v.closes_at, NULL), COALESCE(v.expected_at, NULL),
       COALESCE(v.remind_at, NULL), COALESCE(v.remind_pauses_at, NULL), COALESCE(v.remind_resumes_at, NULL),
       v.confirmation,
       leader.status,
       policy.late_after_minutes, policy.contact_within_minutes, policy.retry_after_minutes, policy.attempts,
       policy.near_within_minutes, policy.voicemail_counts
  FROM ({ids}) found
  JOIN visits_visit v ON v.id = found.id
  JOIN directory_bay b ON b.id = v.bay_id
  JOIN customers_client c ON c.id = v.client_id
  LEFT JOIN customers_car car ON car.id = v.car_id
  LEFT JOIN visits_visit leader ON leader.id = v.follows_id
  LEFT JOIN visits_case k ON k.visit_id = v.id AND k.ended_at IS NULL
  JOIN directory_policy policy ON policy.id = COALESCE(k.policy_id, v.policy_id)
  LEFT JOIN visits_lease lease ON lease.case_id = k.id
  LEFT JOIN directory_user lease_user ON lease_user.id = lease.user_id
 WHERE v.status NOT IN ('removed')
"""
_ATTEMPTS = """
SELECT a.case_id, COALESCE(a.started_at, NULL), a.result, COALESCE(a.ended_at, NULL), a.counts
  FROM visits_attempt a JOIN visits_case k ON k.id = a.case_id JOIN visits_visit v ON v.id = k.visit_id
 WHERE k.ended_at IS NULL AND v.id IN ({ids})
 ORDER BY a.started_at, a.id
"""
_WORKS = """
SELECT w.visit_id, w.name
  FROM visits_visitwork w
 WHERE w.visit_id IN ({ids})
 ORDER BY w.visit_id, w.position
"""
_PARTS = """
SELECT visit_id, COALESCE(starts_at, NULL), COALESCE(ends_at, NULL)
  FROM schedule_occupation WHERE visit_id IN ({ids}) ORDER BY starts_at
"""
#: Their places in a row of `_VISITS`.
_ENDS_AT, _CLOSES_AT = 3, 25

#: Visits that run on past their business day are few, and have an index of their own: all others have begun lately.
_OF_PERIOD = """
  SELECT id FROM visits_visit WHERE branch_id = %s AND starts_at > %s AND starts_at < %s AND ends_at > %s
  UNION ALL
  SELECT id FROM visits_visit
   WHERE branch_id = %s AND ends_at > %s AND ends_at < %s AND starts_at <= %s AND ends_at > day_ends_at
"""
#: Those to be reminded of have an index of their own; whoever has been called leaves it.
_TO_REMIND = """
  SELECT id FROM visits_visit WHERE branch_id = %s AND status = 'planned' AND remind_at <= %s AND starts_at >= %s
"""
_OF_VISIT = "SELECT id FROM visits_visit WHERE id = %s"

#: No visit lasts longer.
LONGEST_VISIT = timedelta(days=31)
#: No business day is longer: it closes at most 24 hours after it opens.
LONGEST_IN_ITS_DAY = timedelta(hours=48)


class Bar(NamedTuple):
    """Everything a bar shows; the same for every role, so no phone is in it."""

    visit_id: int
    version: int
    starts_at: datetime
    ends_at: datetime
    bay_id: int
    bay_name: str
    lane: int
    advisor_id: int | None
    client: str
    plate: str
    car: str
    works: str
    flags: tuple[str, ...]
    holder: str
    timeline: Timeline
    turns_at: datetime | None  # when it next looks different if nothing happens
    case_id: int | None  # of the open contact
    parts: tuple[Period, ...] = ()  # of a work that lasts over nights, one a day

    def on_board(self, shown: Period) -> "Bar | None":
        """As the board of a day shows it: of a work over nights the part of that day, if there is one."""
        if not self.parts:
            return self
        touching = [part for part in self.parts if part[0] < shown[1] and part[1] > shown[0]]
        if not touching:
            return None
        starts_at, ends_at = touching[-1]  # over midnight the end of the night's part is seen too
        flags = (
            *self.flags,
            *(("continued",) if starts_at > self.starts_at else ()),
            *(("goes_on",) if ends_at < self.ends_at else ()),
        )
        return self._replace(starts_at=starts_at, ends_at=ends_at, flags=flags)


@dataclass(frozen=True)
class BoardDay:
    """A branch's day as the board lays it out."""

    branch: Branch
    zone: ZoneInfo
    day: BusinessDay
    bays: Sequence[Bay]
    bars: Mapping[int, Sequence[Bar]]  # by bay
    shown: Period
    own_days: Mapping[int, BusinessDay]  # of the bays that have hours of their own
    closures: Mapping[int, Sequence[Closure]]  # by bay

    def day_of(self, bay: Bay) -> BusinessDay:
        return self.own_days.get(bay.pk, self.day)


def board_day(branch: Branch, on: date, now: datetime, calendar: Calendar | None = None) -> BoardDay:
    """Who has read the calendar gives it."""
    calendar = calendar or calendar_of(branch.pk)
    shown = shown_period(on, calendar.day)
    bars: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars_between(branch.pk, *shown, now):
        if of_day := bar.on_board(shown):
            bars[bar.bay_id].append(of_day)
    day = calendar.day(on)
    own_days = {pk: narrowed(day, own, calendar.zone) for pk, own in own_hours_of_bays(branch.pk).items()}
    # Who is still booked on a bay that was retired is seen until moved.
    bays, closures = bays_of(branch, with_retired=bars), closures_between(branch.pk, *shown)
    return BoardDay(branch, calendar.zone, day, bays, bars, shown, own_days, closures)


def bars_between(branch_id: int, starts_at: datetime, ends_at: datetime, now: datetime) -> list[Bar]:
    """The bars that touch a period, with visits that run into it over midnight."""
    begun_before = starts_at - LONGEST_IN_ITS_DAY
    begun_lately = [branch_id, begun_before, ends_at, starts_at]
    running_on = [branch_id, starts_at, starts_at + LONGEST_VISIT, begun_before]
    return _bars(_OF_PERIOD, [*begun_lately, *running_on], now)


def bars_to_remind(branch_id: int, after: datetime, now: datetime) -> list[Bar]:
    """Of the visits that begin after that instant, those whose clients are to be reminded now."""
    bars = _bars(_TO_REMIND, [branch_id, now, after], now)
    return [bar for bar in bars if state_at(bar.timeline, now).state is State.TO_REMIND]


def bar_of_visit(visit_id: int, now: datetime) -> Bar | None:
    """The bar of one visit; None where it is on no board."""
    return next(iter(_bars(_OF_VISIT, [visit_id], now)), None)


def unread_drafts(case_ids: Collection[int]) -> frozenset[int]:
    """Of these contacts, those with a draft: keeping one is no fact, so no entry tells of it."""
    if not case_ids:
        return frozenset()
    places = ", ".join(["%s"] * len(case_ids))
    drafts = f"SELECT case_id FROM visits_draft WHERE case_id IN ({places})"  # noqa: S608  # places for numbers
    with connection.cursor() as cursor:
        cursor.execute(drafts, list(case_ids))
        return frozenset(case_id for (case_id,) in cursor.fetchall())


def _bars(ids: str, parameters: list[Any], now: datetime) -> list[Bar]:
    attempts: dict[int, list[AttemptFacts]] = defaultdict(list)
    for case_id, started_at, result, ended_at, counts in _rows(_ATTEMPTS, ids, parameters):
        known = CallResult(result) if result else None
        attempts[case_id].append(AttemptFacts(_at(started_at), known, _maybe_at(ended_at), bool(counts)))
    works: dict[int, list[str]] = defaultdict(list)
    for visit_id, name in _rows(_WORKS, ids, parameters):
        works[visit_id].append(name)
    rows = sorted(_rows(_VISITS, ids, parameters), key=itemgetter(2, 0))  # by start and id
    return _made_of(rows, attempts, works, _parts_of([row[0] for row in rows if _is_after_closing(row)]), now)


def _is_after_closing(row: Sequence[Any]) -> bool:
    """Whether it ends after the closing that follows its start."""
    return row[_CLOSES_AT] is not None and bool(row[_ENDS_AT] > row[_CLOSES_AT])


def _parts_of(visit_ids: Collection[int]) -> dict[int, tuple[Period, ...]]:
    """By visit, what works over nights occupy. They are few: most days no query."""
    if not visit_ids:
        return {}
    parts: dict[int, list[Period]] = defaultdict(list)
    places = ", ".join(["%s"] * len(visit_ids))
    for visit_id, starts_at, ends_at in _rows(_PARTS, places, list(visit_ids)):
        parts[visit_id].append((_at(starts_at), _at(ends_at)))
    return {visit_id: tuple(periods) for visit_id, periods in parts.items() if len(periods) > 1}


def _made_of(
    rows: Sequence[Sequence[Any]],
    attempts: Mapping[int, list[AttemptFacts]],
    works: Mapping[int, list[str]],
    parts: Mapping[int, tuple[Period, ...]],
    now: datetime,
) -> list[Bar]:
    instant = cache(_at)
    # Most visits of a day share what their timeline is made of with others: it is made once.
    future = cache(_future)
    bars = []
    for row in rows:
        (visit_id, version, starts_at, ends_at, bay_id, bay_name, lane, advisor_id, reason,
         client, plate, make, model, has_phone, holder, has_draft,
         case_id, retry_at, reached_at, first_reached_at, grounds, kind, known_starts_at, *rest) = row  # fmt: skip
        case = None
        if case_id is not None:
            case = CaseFacts(
                attempts=tuple(attempts.get(case_id, ())),
                retry_at=_maybe_at(retry_at),
                reached_at=_maybe_at(reached_at),
                first_reached_at=_maybe_at(first_reached_at),
                grounds=Grounds(grounds),
                kind=CaseKind(kind),
                known_starts_at=_maybe_at(known_starts_at),
            )
        timeline, is_missed, turns_at = future(now, case, starts_at, *rest)
        flags = (
            *(("missed",) if is_missed else ()),
            *(("calling",) if case and case.unfinished_attempt else ()),
            *(("no_phone",) if not has_phone and rest[0] == Status.PLANNED else ()),
            *(("unread_draft",) if has_draft and holder is None else ()),
            *(("overbooked",) if lane > 0 else ()),
        )
        bar = Bar(
            visit_id, version, instant(starts_at), instant(ends_at), bay_id, bay_name, lane, advisor_id,
            client=name_on_bar(client),
            plate=plate or "",
            car=f"{make or ''} {model or ''}".strip(),
            works=", ".join(works.get(visit_id, ())) or reason,
            flags=flags,
            holder=holder or "",
            timeline=timeline,
            turns_at=turns_at,
            case_id=case_id,
            parts=parts.get(visit_id, ()),
        )  # fmt: skip
        bars.append(bar)
    return bars


def _future(
    now: datetime,
    case: CaseFacts | None,
    starts_at: Any,
    status: str,
    day_ends_at: Any,
    closes_at: Any,
    expected_at: Any,
    remind_at: Any,
    remind_pauses_at: Any,
    remind_resumes_at: Any,
    confirmation: str,
    leader_status: str | None,
    *minutes: int,
) -> tuple[Timeline, bool, datetime | None]:
    """The timeline, whether the deadline of the contact has been missed by now, and when the bar turns next."""
    facts = VisitFacts(
        status=Status(status),
        starts_at=_at(starts_at),
        day_ends_at=_at(day_ends_at),
        closes_at=_maybe_at(closes_at),
        expected_at=_maybe_at(expected_at),
        follows_another=leader_status in LEADING,
        reminder=_reminder(remind_at, remind_pauses_at, remind_resumes_at),
        confirmation=Confirmation(confirmation),
        case=case,
    )
    policy = _policy(*minutes)
    timeline, missed_at = state_timeline(facts, policy), missed_from(facts, policy)
    turns = [instant for instant in (missed_at, *(change.at for change in timeline)) if instant and instant > now]
    return timeline, missed_at is not None and missed_at <= now, min(turns, default=None)


def _reminder(due_at: Any, pauses_at: Any, resumes_at: Any) -> Reminder | None:
    return None if due_at is None else Reminder(_at(due_at), _maybe_at(pauses_at), _maybe_at(resumes_at))


@lru_cache(maxsize=64)
def _policy(
    late_after: int, contact_within: int, retry_after: int, attempts: int, near_within: int, voicemail_counts: int
) -> PolicyFacts:
    """The same for nearly all bars of a board."""
    return PolicyFacts(
        late_after=timedelta(minutes=late_after),
        contact_within=timedelta(minutes=contact_within),
        retry_after=timedelta(minutes=retry_after),
        attempts=attempts,
        near_within=timedelta(minutes=near_within),
        voicemail_counts=bool(voicemail_counts),
    )


def _rows(sql: str, ids: str, parameters: list[Any]) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(ids=ids), [_parameter(value) for value in parameters])
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
