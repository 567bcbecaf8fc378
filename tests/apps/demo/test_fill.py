"""Whatever the hour, the demo shows every state, and nothing in it is impossible."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction

from vovremya.customers.models import Client, Phone
from vovremya.demo.build import fill
from vovremya.directory.models import Branch, Membership, User
from vovremya.directory.rules import Role
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import Refusal
from vovremya.schedule.models import Occupation
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Attempt, Case, Visit
from vovremya.visits.queries import Standing, standing_of
from vovremya.visits.rules.words import Outcome, State
from vovremya.waitlist.invariants import broken_waits
from vovremya.waitlist.queries import calls_to_make, on_list

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def standings(branch_code: str) -> list[Standing]:
    visits = Visit.objects.filter(branch__code=branch_code).select_related("policy", "follows", "client")
    return [standing_of(visit) for visit in visits]


def in_state(state: State, now: datetime, branch_code: str = "SEV") -> list[Standing]:
    return [standing for standing in standings(branch_code) if standing.state(now) is state]


def test_the_board_of_the_operator_begins_with_every_state(now: datetime) -> None:
    count = Counter(standing.state(now) for standing in standings("SEV"))
    assert count[State.LATE] >= 3
    assert 1 <= count[State.OVERDUE] <= 2
    assert count[State.WAITING] == 1
    assert count[State.RETRY_DUE] == 1
    assert count[State.GROUNDS] == 1
    assert count[State.EXPECTED] >= 2
    assert count[State.TO_REMIND] >= 3
    assert count[State.CONFIRMED] == 2
    assert count[State.UNCONFIRMED] == 1
    assert count[State.ARRIVED] >= 1
    assert count[State.IN_WORK] >= 3
    assert count[State.DONE] >= 15
    assert count[State.PLANNED] >= 50
    assert count[State.REMOVED] >= 3


def test_another_branch_shows_a_client_who_gave_no_answer_yet(now: datetime) -> None:
    assert in_state(State.UNDECIDED, now, "KGD")


@pytest.mark.parametrize("branch_code", ["KGD", "VVO"])
def test_the_other_branches_have_late_clients_too(now: datetime, branch_code: str) -> None:
    assert in_state(State.LATE, now, branch_code)
    assert in_state(State.PLANNED, now, branch_code)


def test_late_clients_still_have_two_to_nine_minutes(now: datetime) -> None:
    left = sorted(
        timer - now
        for standing in in_state(State.LATE, now)
        for change in standing.timeline
        if change.state is State.LATE and (timer := change.counts_to)
    )
    assert len([each for each in left if 2 * MINUTE <= each <= 9 * MINUTE]) >= 3


def test_somebody_turns_yellow_within_a_minute_and_another_within_six(now: datetime) -> None:
    soon = sorted(
        change.at - now
        for standing in standings("SEV")
        for change in standing.timeline
        if change.state is State.LATE and change.at > now
    )
    assert soon[0] <= MINUTE + timedelta(milliseconds=1)
    assert soon[1] <= 6 * MINUTE


def test_nothing_is_impossible(now: datetime) -> None:
    assert broken_invariants() == []
    assert broken_waits() == []


def test_some_wait_for_a_sooner_time_and_one_has_just_become_free(now: datetime) -> None:
    branch_id = Branch.objects.get(code="SEV").pk
    listed = on_list(branch_id, now)
    assert {each.visit is None for each in listed} == {True, False}
    assert any(each.wait.is_urgent for each in listed)
    assert any(len(call.fits) > 1 for call in calls_to_make(branch_id, listed, now))


def test_no_two_visits_overlap_on_a_bay(now: datetime) -> None:
    for branch in Branch.objects.all():
        for bay in branch.bays.all():
            taken = Occupation.objects.filter(bay=bay, lane=0).order_by("starts_at")
            assert all(earlier.ends_at <= later.starts_at for earlier, later in pairwise(taken)), bay


def test_the_journal_runs_in_the_order_of_time(now: datetime) -> None:
    recorded = list(Entry.objects.order_by("id").values_list("recorded_at", flat=True))
    assert recorded == sorted(recorded)
    assert recorded[-1] <= now


def test_every_call_ended_with_a_result_that_somebody_chose(now: datetime) -> None:
    assert Attempt.objects.count() >= 10
    assert not Attempt.objects.filter(result__in=("", "unknown")).exists()


def test_contacts_of_the_day_ended_in_many_ways(now: datetime) -> None:
    outcomes = set(Case.objects.exclude(outcome="").values_list("outcome", flat=True))
    assert outcomes >= {Outcome.CONFIRMED, Outcome.MOVED, Outcome.REFUSED, Outcome.UNREACHED}


def test_nobody_holds_a_card_when_the_demo_begins(now: datetime) -> None:
    assert not Case.objects.filter(ended_at=None, lease__isnull=False).exists()


def test_one_late_client_has_no_phone_and_a_family_shares_one(now: datetime) -> None:
    yellow_soon = {
        standing.visit.client_id for standing in standings("SEV") if standing.state(now + 6 * MINUTE) is State.LATE
    }
    assert Client.objects.filter(pk__in=yellow_soon, phones=None).count() == 1
    shared = Counter(Phone.objects.values_list("number", flat=True)).most_common(1)[0]
    assert shared[1] == 2


def test_one_client_is_late_with_two_cars(now: datetime) -> None:
    late = Counter(standing.visit.client_id for standing in in_state(State.LATE, now))
    assert late.most_common(1)[0][1] == 2


def test_the_second_of_two_visits_in_a_row_does_not_turn_late(now: datetime) -> None:
    followers = Visit.objects.filter(follows__isnull=False, starts_at__gt=now)
    assert followers.exists()
    assert all(standing_of(visit).state(visit.starts_at + 15 * MINUTE) is State.PLANNED for visit in followers)


def test_a_client_has_arrived_while_the_bay_is_still_busy(now: datetime) -> None:
    arrived = [standing.visit for standing in in_state(State.ARRIVED, now)]
    busy = {standing.visit.bay_id: standing.visit.ends_at for standing in in_state(State.IN_WORK, now)}
    assert any(visit.bay_id in busy and busy[visit.bay_id] < now for visit in arrived)


def test_every_role_has_a_login_with_the_known_password(now: datetime) -> None:
    users = {user.username: user for user in User.objects.all()}
    assert set(users) == {"operator", "operator2", "master", "supervisor", "manager", "admin", "stranger"}
    assert all(user.is_demo for user in users.values())
    (password,) = {user.password for user in users.values()}
    assert Argon2PasswordHasher().verify("demo", password)
    assert {Role(role) for role in Membership.objects.values_list("role", flat=True)} == set(Role)


def test_the_stranger_belongs_to_another_branch_alone(now: datetime) -> None:
    def branches_of(username: str) -> set[str]:
        found = Membership.objects.filter(user__username=username).values_list("branch__code", flat=True)
        return set(found)

    assert branches_of("stranger") == {"VVO"}
    assert branches_of("operator") == {"SEV", "KGD"}


def test_numbers_and_plates_are_plainly_invented(now: datetime) -> None:
    assert all(phone.number.startswith("+7900000") for phone in Phone.objects.all())
    assert not Visit.objects.filter(car__plate__regex=r"\d{2,3}$", branch__code="SEV").exists()


def test_a_filled_demo_is_not_filled_again(now: datetime) -> None:
    with transaction.atomic(), pytest.raises(Refusal, match="database_not_empty"):
        fill(now)
