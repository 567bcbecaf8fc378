"""When the client is reminded of a visit to come, and what comes of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.visits.facts import POLICY, SECOND, case, failure, told, visit
from tests.rules.visits.facts import at as at_ten
from vovremya.schedule.rules.hours import BusinessDay, DayHours, WeekHours, business_day
from vovremya.visits.rules.announcement import announcement
from vovremya.visits.rules.case import CaseFacts, VisitFacts
from vovremya.visits.rules.next_step import (
    CallAgainAt,
    NextStep,
    OfferNextNumber,
    Unconfirmed,
    counts_as_failure,
    next_step,
)
from vovremya.visits.rules.reminding import (
    LAST_CALLS,
    Reminder,
    ReminderPolicy,
    next_reminder,
    reminder_from,
    speaks_of_the_way,
)
from vovremya.visits.rules.timeline import state_at, state_timeline
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Grounds, State, kind_in

MOSCOW = ZoneInfo("Europe/Moscow")
#: Open from nine to nine, on Sundays closed; the first days of the year, too.
WEEK = WeekHours(
    [DayHours(540, 1260)] * 6 + [None],
    {date(2026, 12, 31) + timedelta(days=number): None for number in range(9)},
)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BOTH = ReminderPolicy(day_before_minute=12 * 60, before=timedelta(hours=2))
DAY_BEFORE = ReminderPolicy(day_before_minute=12 * 60)
HOURS_BEFORE = ReminderPolicy(before=timedelta(hours=2))


def at(text: str) -> datetime:
    """«27 10:00», «1.12 10:00»: by the branch's clock, of November unless said."""
    day, clock = text.split()
    on, _, month = day.partition(".")
    return (
        datetime.fromisoformat(f"2026-{int(month or 11):02}-{int(on):02}T{clock}")
        .replace(tzinfo=MOSCOW)
        .astimezone(UTC)
    )


def shown(reminder: Reminder | None) -> str:
    instants = [each and f"{each.astimezone(MOSCOW):%-d %H:%M}" for each in reminder or ()]
    return ", ".join(each or "–" for each in instants)


def day_of(on: date) -> BusinessDay:
    return business_day(on, WEEK, MOSCOW)


def found(starts: str, policy: ReminderPolicy, after: str = "", *, known: str = "") -> Reminder | None:
    return next_reminder(
        at(starts),
        policy,
        after=at(after) if after else LONG_AGO,
        known_since=at(known) if known else None,
        day_of=day_of,
        zone=MOSCOW,
    )


@pytest.mark.parametrize(
    ("starts", "policy", "expected"),
    [
        # Friday: on Thursday at noon, till eight in the evening, and again from nine in the morning.
        ("27 14:00", DAY_BEFORE, "26 12:00, 26 20:00, 27 09:00"),
        ("27 14:00", BOTH, "26 12:00, 26 20:00, 27 09:00"),
        ("27 14:00", HOURS_BEFORE, "27 12:00, –, –"),
        # Nobody can be called in the morning before a visit at opening.
        ("27 09:00", DAY_BEFORE, "26 12:00, 26 20:00, –"),
        # Two hours before are in the night: in the last hour of calls of the evening.
        ("27 10:00", HOURS_BEFORE, "26 19:00, 26 20:00, 27 09:00"),
        # Or so late that nobody is called any more: in the last hour of the day itself.
        ("27 20:55", ReminderPolicy(before=timedelta(minutes=30)), "27 19:00, 27 20:00, –"),
        # Monday: on Saturday, since on Sunday the branch is closed; after the holidays, before them.
        ("30 14:00", BOTH, "28 12:00, 28 20:00, 30 09:00"),
        # The hour lies outside of the opening hours, or of those of calling.
        ("27 14:00", ReminderPolicy(day_before_minute=8 * 60, calls_from_minute=480), "26 09:00, 26 20:00, 27 09:00"),
        ("27 14:00", ReminderPolicy(day_before_minute=20 * 60), "26 19:00, 26 20:00, 27 09:00"),
        ("27 14:00", ReminderPolicy(), ""),
    ],
)
def test_the_client_is_reminded_in_the_hours_of_calling(starts: str, policy: ReminderPolicy, expected: str) -> None:
    assert shown(found(starts, policy)) == expected


def test_holidays_are_looked_back_over() -> None:
    starts_at = datetime(2027, 1, 9, 14, tzinfo=MOSCOW).astimezone(UTC)
    reminder = next_reminder(starts_at, BOTH, after=LONG_AGO, known_since=None, day_of=day_of, zone=MOSCOW)
    assert reminder is not None
    assert shown(reminder) == "30 12:00, 30 20:00, 9 09:00"


def test_a_branch_that_has_been_closed_for_weeks_reminds_on_the_day() -> None:
    def only_that_day(on: date) -> BusinessDay:
        hours = DayHours(540, 1260) if on == date(2026, 11, 27) else None
        return business_day(on, WeekHours([hours] * 7), MOSCOW)

    reminder = next_reminder(at("27 14:00"), BOTH, after=LONG_AGO, known_since=None, day_of=only_that_day, zone=MOSCOW)
    assert shown(reminder) == "27 12:00, –, –"
    assert (
        next_reminder(at("27 10:00"), BOTH, after=LONG_AGO, known_since=None, day_of=only_that_day, zone=MOSCOW) is None
    )


@pytest.mark.parametrize(
    ("after", "known", "expected"),
    [
        ("26 11:59", "", "26 12:00"),
        ("26 12:00", "", "27 12:00"),  # what is due at this moment has been
        ("27 12:00", "", ""),
        # Who has agreed within twelve hours knows.
        ("25 23:59", "25 23:59", "26 12:00"),
        ("26 00:01", "26 00:01", "27 12:00"),
        ("26 23:00", "26 23:00", "27 12:00"),
        ("27 00:01", "27 00:01", ""),
    ],
)
def test_who_has_just_agreed_is_not_reminded_and_what_has_been_due_is_not_due_again(
    after: str, known: str, expected: str
) -> None:
    reminder = found("27 14:00", BOTH, after, known=known)
    assert (f"{reminder.due_at.astimezone(MOSCOW):%-d %H:%M}" if reminder else "") == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [("26 15:00", "26 15:00, 26 20:00, 27 09:00"), ("26 22:00", "26 22:00, –, –"), ("27 11:00", "27 11:00, –, –")],
)
def test_who_is_called_again_is_so_from_that_moment_on(due: str, expected: str) -> None:
    assert shown(reminder_from(at(due), at("27 14:00"), BOTH, day_of=day_of, zone=MOSCOW)) == expected


@given(
    st.integers(0, 60 * 24 * 60 - 1),
    st.none() | st.integers(0, 1439),
    st.none() | st.integers(15, 720),
    st.integers(0, 22),
    st.integers(1, 23),
)
def test_whatever_the_branch_decides_nobody_is_called_at_night_or_after_the_visit(
    minutes: int, day_before: int | None, before: int | None, opens: int, lasts: int
) -> None:
    starts_at = at("1 00:00") + timedelta(minutes=minutes)
    policy = ReminderPolicy(
        day_before,
        None if before is None else timedelta(minutes=before),
        calls_from_minute=opens * 60,
        calls_until_minute=min(opens + lasts, 24) * 60,
    )
    reminder = next_reminder(starts_at, policy, after=LONG_AGO, known_since=None, day_of=day_of, zone=MOSCOW)
    if reminder is None:
        return
    local = reminder.due_at.astimezone(MOSCOW)
    assert policy.calls_from_minute <= local.hour * 60 + local.minute < policy.calls_until_minute
    assert day_of(local.date()).is_open(reminder.due_at)
    instants = [each for each in (*reminder, starts_at) if each]
    assert instants == sorted(set(instants))


def test_a_branch_reminds_at_one_time_at_both_or_not_at_all() -> None:
    assert [policy.reminds for policy in (BOTH, DAY_BEFORE, HOURS_BEFORE, ReminderPolicy())] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.LATE, CaseKind.LATE),
        (State.TO_REMIND, CaseKind.REMIND),
        (State.UNCONFIRMED, CaseKind.REMIND),
        (State.TO_TELL, CaseKind.MOVE),
        (State.CONFIRMED, None),
        (State.PLANNED, None),
    ],
)
def test_each_state_asks_for_its_kind_of_contact(state: State, kind: CaseKind | None) -> None:
    assert kind_in(state) is kind


def test_who_calls_shortly_before_the_visit_speaks_of_the_way() -> None:
    assert [speaks_of_the_way(at("27 14:00"), at(now)) for now in ("27 11:59", "27 12:00")] == [False, True]


# --- the states -----------------------------------------------------------------------------------------------------

LATENESS = [("10:10:00.001", "late"), ("10:20:00.001", "overdue"), ("00:00:00.000", "not_arrived")]
#: From the planned start on there is nothing to remind of.
BEGUN = ("10:00:00.000", "planned")
REMINDER = Reminder(at_ten("06:00"), at_ten("07:00"), at_ten("08:30"))


def states(facts: VisitFacts) -> list[tuple[str, str]]:
    return told(state_timeline(facts, POLICY))


def reminding(
    reminder: Reminder = REMINDER, confirmation: Confirmation = Confirmation.NONE, **facts: object
) -> VisitFacts:
    contact = case(kind=CaseKind.REMIND, **facts) if facts else None  # type: ignore[arg-type]
    return visit(contact, reminder=reminder, confirmation=confirmation)


def test_the_reminder_is_due_but_for_its_pause_until_the_visit_begins() -> None:
    due = [("06:00:00.000", "to_remind"), ("07:00:00.000", "planned"), ("08:30:00.000", "to_remind")]
    assert states(reminding()) == [("…", "planned"), *due, BEGUN, *LATENESS]
    timeline = state_timeline(reminding(), POLICY)
    assert {state_at(timeline, at_ten(clock)).counts_to for clock in ("06:00", "09:00")} == {at_ten("10:00")}
    unpaused = states(reminding(Reminder(at_ten("08:00"))))
    assert unpaused == [("…", "planned"), ("08:00:00.000", "to_remind"), BEGUN, *LATENESS]
    not_resumed = states(reminding(Reminder(at_ten("06:00"), at_ten("07:00"))))
    assert not_resumed == [("…", "planned"), *due[:2], BEGUN, *LATENESS]


def test_after_a_failure_the_timer_runs_to_the_next_call_and_then_to_the_visit() -> None:
    timeline = state_timeline(reminding(retry_at=at_ten("06:20")), POLICY)
    assert told(timeline)[1:4] == [
        ("06:00:00.000", "to_remind"),
        ("06:20:00.000", "to_remind"),
        ("07:00:00.000", "planned"),
    ]
    counted = [state_at(timeline, at_ten(clock)).counts_to for clock in ("06:10", "06:20")]
    assert counted == [at_ten("06:20"), at_ten("10:00")]


def test_a_next_call_that_falls_into_the_pause_waits_for_its_end() -> None:
    paused = states(reminding(retry_at=at_ten("07:10")))
    assert paused[1:4] == [
        ("06:00:00.000", "to_remind"),
        ("07:00:00.000", "planned"),
        ("08:30:00.000", "to_remind"),
    ]


@pytest.mark.parametrize("retry", ["10:00", "10:15"])
def test_a_next_call_after_the_visit_has_begun_is_none(retry: str) -> None:
    assert states(reminding(Reminder(at_ten("08:00")), retry_at=at_ten(retry))) == [
        ("…", "planned"),
        ("08:00:00.000", "to_remind"),
        BEGUN,
        *LATENESS,
    ]


def test_in_the_talk_no_timer_and_no_pause_runs() -> None:
    talk = reminding(reached_at=at_ten("06:59"))
    assert states(talk) == [("…", "planned"), ("06:00:00.000", "to_remind"), *LATENESS]
    assert state_at(state_timeline(talk, POLICY), at_ten("07:30")).counts_to is None


def test_what_came_of_it_is_said_until_the_lateness_begins() -> None:
    assert states(visit(confirmation=Confirmation.CONFIRMED)) == [("…", "confirmed"), *LATENESS]
    assert states(visit(confirmation=Confirmation.UNCONFIRMED)) == [("…", "unconfirmed"), *LATENESS]
    again = states(reminding(Reminder(at_ten("08:00")), Confirmation.UNCONFIRMED))
    begun = ("10:00:00.000", "unconfirmed")
    assert again == [("…", "unconfirmed"), ("08:00:00.000", "to_remind"), begun, *LATENESS]


@pytest.mark.parametrize(
    "contact",
    [
        case(),
        case(retry_at=at_ten("10:18")),
        case(reached_at=at_ten("10:12")),
        case(grounds=Grounds.FAILURES),
        case(kind=CaseKind.MOVE, known_starts_at=at_ten("09:00")),
    ],
)
def test_while_the_client_is_called_about_anything_else_nobody_reminds(contact: CaseFacts) -> None:
    other = visit(contact, reminder=REMINDER)
    assert State.TO_REMIND not in {change.state for change in state_timeline(other, POLICY)}


def test_a_promised_arrival_needs_no_reminder() -> None:
    promised = visit(reminder=REMINDER, expected_at=at_ten("10:05"))
    assert State.TO_REMIND not in {change.state for change in state_timeline(promised, POLICY)}


def test_of_two_visits_in_a_row_of_a_car_the_client_is_reminded_of_the_first() -> None:
    following = visit(reminder=REMINDER, follows_another=True)
    assert states(following) == [("…", "planned"), ("00:00:00.000", "not_arrived")]
    in_hand = visit(case(kind=CaseKind.REMIND), reminder=Reminder(at_ten("08:00")), follows_another=True)
    assert state_at(state_timeline(in_hand, POLICY), at_ten("09:00")).state is State.TO_REMIND


def test_the_journal_tells_of_the_reminder_of_its_resumption_and_of_the_next_call() -> None:
    timeline = state_timeline(reminding(retry_at=at_ten("06:20")), POLICY)
    said = [announcement(change, timeline, by_outage=False) for change in timeline]
    assert [fact.kind if fact else None for fact in said[:5]] == [
        None,
        "reminder_came_due",
        "retry_came_due",
        None,
        "reminder_came_due",
    ]


# --- the calls ------------------------------------------------------------------------------------------------------


def after(result: CallResult, facts: CaseFacts, *, has_another_number: bool = False) -> NextStep:
    return next_step(
        result,
        started_at=at_ten("06:10"),
        ended_at=at_ten("06:10") + 20 * SECOND,
        case=facts,
        policy=POLICY,
        has_another_number=has_another_number,
    )


def test_as_many_failures_as_the_policy_says_leave_the_visit_unconfirmed_and_give_no_grounds() -> None:
    first = case(kind=CaseKind.REMIND)
    second = case(failure(at_ten("06:04")), retry_at=at_ten("06:09"), kind=CaseKind.REMIND)
    assert after(CallResult.BUSY, first) == CallAgainAt(at_ten("06:15:20"))
    assert after(CallResult.BUSY, second) == Unconfirmed(is_by_failures=True)
    assert counts_as_failure(after(CallResult.BUSY, second))


def test_without_a_right_number_left_the_visit_is_unconfirmed_at_once() -> None:
    facts = case(kind=CaseKind.REMIND)
    assert after(CallResult.WRONG_NUMBER, facts, has_another_number=True) == OfferNextNumber()
    assert after(CallResult.WRONG_NUMBER, facts) == Unconfirmed(is_by_failures=False)
    assert not counts_as_failure(Unconfirmed(is_by_failures=False))


def test_the_last_calls_are_within_the_hours() -> None:
    short = ReminderPolicy(day_before_minute=9 * 60 + 30, calls_from_minute=9 * 60, calls_until_minute=9 * 60 + 30)
    assert short.calls_until_minute - short.calls_from_minute < LAST_CALLS / timedelta(minutes=1)
    assert shown(found("27 14:00", short)) == "26 09:00, 26 09:30, 27 09:00"
