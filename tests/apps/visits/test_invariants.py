"""`broken_invariants` finds nothing in a life well led, and names what is wrong in another."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tests.apps.visits.desk import Desk, watch
from tests.cast import at
from vovremya.directory.models import User
from vovremya.directory.rules import Actor
from vovremya.journal import append_only
from vovremya.journal.models import Entry
from vovremya.schedule import no_overlap
from vovremya.schedule.models import Occupation
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
from vovremya.visits.rules.words import CallResult

QUERIES = 31


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A contact in its second call, with a card in hand."""
    desk.call("10:12", CallResult.BUSY)
    desk.dial("10:18")
    return desk


def user(actor: Actor) -> User:
    assert actor.user_id
    return User.objects.get(pk=actor.user_id)


def found() -> dict[str, int | None]:
    return {broken.invariant: broken.visit_id for broken in broken_invariants()}


def test_a_life_well_led_breaks_nothing(busy: Desk) -> None:
    busy.result("10:18:20", CallResult.BUSY)
    busy.remove("10:20", "unreached")
    busy.restore("10:30")
    busy.called("10:31")
    busy.check_in("10:32")
    busy.undo_check_in("10:33")
    watch("10:50")
    assert found() == {}


def test_the_check_asks_the_same_number_of_queries_of_any_day(
    busy: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for bay in (1, 2):
        Desk(busy.cast, busy.cast.book("10:00", bay=bay).pk).open("10:20", busy.cast.second_operator)
    with django_assert_num_queries(QUERIES):
        broken_invariants()


def visit(**changes: object) -> Callable[[Desk], object]:
    return lambda desk: Visit.objects.filter(pk=desk.visit_id).update(**changes)


def case(**changes: object) -> Callable[[Desk], object]:
    return lambda desk: Case.objects.filter(visit_id=desk.visit_id).update(**changes)


def attempts(**changes: object) -> Callable[[Desk], object]:
    return lambda desk: Attempt.objects.filter(case__visit_id=desk.visit_id, result="").update(**changes)


def end_case(desk: Desk) -> None:
    case(ended_at=at("10:19"), outcome="confirmed")(desk)


def erase_attempt(desk: Desk) -> None:
    Attempt.objects.filter(result="busy").delete()


def make_a_second_live_attempt(desk: Desk) -> None:
    other = Desk(desk.cast, desk.cast.book("10:00", bay=1).pk)
    other.open("10:19", desk.cast.second_operator)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_attempt_per_operator")
    Attempt.objects.create(case=other.case, started_at=at("10:19"), started_by=user(desk.cast.operator))


def overlap(desk: Desk) -> None:
    other = desk.cast.book("11:00")
    no_overlap.take_out(connection)
    Occupation.objects.filter(visit_id=other.pk).update(starts_at=at("10:30"))


def occupy_elsewhere(desk: Desk) -> None:
    own = Occupation.objects.get(visit_id=desk.visit_id)
    own.pk, own.bay = None, desk.cast.bays[2]
    own.save(force_insert=True)


def announce_twice(desk: Desk) -> None:
    entry = desk.entry("turned_late")
    entry.pk = None
    entry.save(force_insert=True)


def forget_the_booking(desk: Desk) -> None:
    append_only.take_out(connection)
    Entry.objects.filter(kind="visit_booked").delete()


def remove_by_hand(desk: Desk) -> None:
    Case.objects.filter(visit_id=desk.visit_id).update(ended_at=at("10:19"), outcome="expired")
    Occupation.objects.filter(visit_id=desk.visit_id).delete()
    visit(status="removed", removed_at=at("10:19"), removal_reason=desk.cast.reason("unreached"))(desk)


def leave_a_lease(desk: Desk) -> None:
    end_case(desk)
    assert Lease.objects.exists()


def leave_a_draft(desk: Desk) -> None:
    Draft.objects.create(case=desk.case, user=user(desk.cast.operator), saved_at=at("10:18"))
    Lease.objects.all().delete()
    end_case(desk)


BREACHES: tuple[tuple[str, Callable[[Desk], object]], ...] = (
    ("visit_whose_status_lacks_its_instant", visit(status="arrived")),
    ("visit_whose_status_lacks_its_instant", visit(arrived_at=at("10:19"))),
    ("visit_whose_status_lacks_its_instant", visit(status="in_work", arrived_at=at("10:19"))),
    ("visit_without_its_booking_in_the_journal", forget_the_booking),
    ("removal_without_its_ground", remove_by_hand),
    ("visit_that_the_watch_would_forget", visit(next_change_at=None)),
    ("visit_that_the_watch_would_forget", attempts(started_at=at("10:17:30"))),
    ("announcement_made_twice", announce_twice),
    ("open_case_of_a_visit_that_is_not_planned", visit(status="no_show")),
    ("open_case_of_another_plan", visit(plan_version=7)),
    ("open_case_after_its_day", visit(day_ends_at=at("10:15"))),
    ("ended_case_without_who_when_or_why", end_case),
    ("case_that_waits_for_two_things", case(reached_at=at("10:18"))),
    ("grounds_that_the_attempts_do_not_give", case(grounds="failures")),
    ("grounds_that_the_attempts_do_not_give", attempts(result="busy", counts=True, started_at=at("10:17"))),
    ("grounds_without_a_lateness", case(kind="move", known_starts_at=at("09:00"), grounds="failures")),
    ("other_call_of_a_late_client", case(kind="move", known_starts_at=at("09:00"))),
    ("open_reminder_that_is_not_due", case(kind="remind")),
    ("confirmation_without_its_reminder", visit(confirmation="confirmed")),
    ("confirmation_without_its_reminder", visit(confirmation="unconfirmed")),
    ("reminder_after_its_visit", visit(remind_at=at("09:00"), remind_pauses_at=at("10:05"))),
    ("lease_or_draft_of_an_ended_case", leave_a_lease),
    ("lease_or_draft_of_an_ended_case", leave_a_draft),
    ("two_live_attempts_of_an_operator", make_a_second_live_attempt),
    ("live_attempt_of_an_ended_case", end_case),
    ("attempt_out_of_its_time", attempts(started_at=at("10:11"))),
    ("attempt_out_of_its_time", attempts(ended_at=at("10:19"))),
    ("attempt_out_of_its_time", attempts(result="busy", ended_at=at("10:17"))),
    ("attempt_that_vanished", erase_attempt),
    ("occupations_that_overlap", overlap),
    ("visit_that_is_not_where_it_stands", visit(starts_at=at("10:00") + timedelta(minutes=5))),
    ("visit_that_is_not_where_it_stands", visit(ends_at=at("11:05"))),
    ("visit_that_is_not_where_it_stands", visit(lane=1)),
    ("work_outside_its_visit", occupy_elsewhere),
)


@pytest.mark.parametrize(("invariant", "breach"), BREACHES)
def test_a_breach_is_named_with_its_visit(busy: Desk, invariant: str, breach: Callable[[Desk], object]) -> None:
    assert found() == {}
    breach(busy)
    assert invariant in found()


def test_a_second_open_case_or_call_is_refused_by_the_database_and_found_without_it(busy: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_open_case_per_visit")
        cursor.execute("DROP INDEX one_live_attempt_per_case")
        cursor.execute("DROP INDEX one_live_attempt_per_operator")
    first = busy.case
    Attempt.objects.create(case=first, started_at=at("10:19"), started_by=user(busy.cast.second_operator))
    first.pk = None
    first.save(force_insert=True)
    assert {"two_open_cases_of_a_visit", "two_live_attempts_about_a_visit"} <= set(found())
