"""Statements built once say what the query sets would, whatever values come."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.apps.conftest import Hire
from vovremya.directory.models import Branch, Membership, Policy, User
from vovremya.journal.models import Entry, Words
from vovremya.storage.statements import Deleting, Reading, Taking, Writing

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def operator(hire: Hire, branch: Branch, other_branch: Branch) -> User:
    return hire("operator", branch, other_branch)


def policy(branch: Branch, number: int, in_force_from: datetime) -> Policy:
    return Writing(Policy).create(Policy(branch=branch, number=number, in_force_from=in_force_from))


def entry(branch: Branch, at: datetime, **fields: object) -> Entry:
    written = Entry(branch=branch, at=at, recorded_at=at, kind="visit_booked", action_id=uuid.uuid4(), **fields)
    return Writing(Entry).create(written)


def test_reads_the_instances_that_the_query_set_would(branch: Branch, now: datetime) -> None:
    policy(branch, 8, now)
    policy(branch, 9, now + AN_HOUR)
    begun = Reading(lambda of, by: Policy.objects.filter(branch_id=of, in_force_from__lte=by).order_by("-number"))
    read: list[Policy] = []
    for until in (now - AN_HOUR, now, now + AN_HOUR):
        expected = Policy.objects.filter(branch=branch, in_force_from__lte=until).order_by("-number")
        read = begun.all(branch.pk, until)
        assert read == list(expected)
        assert [each.in_force_from for each in read] == [each.in_force_from for each in expected]
        assert all(each.voicemail_counts is True for each in read)
    assert begun.first(branch.pk, now + AN_HOUR) == read[0]
    assert begun.first(branch.pk + 1, now) is None


def test_reads_what_is_selected_along_and_what_is_not_there(branch: Branch, operator: User, now: datetime) -> None:
    by_kind = Reading(lambda kind: Entry.objects.select_related("user", "branch").filter(kind=kind).order_by("id"))
    entry(branch, now, user=operator, data={"bay_id": 1})
    entry(branch, now)
    with CaptureQueriesContext(connection) as captured:
        by_person, by_program = by_kind.all("visit_booked")
        assert (by_person.user, by_person.branch) == (operator, branch)
        assert (by_program.user, by_program.branch) == (None, branch)
    assert len(captured) == 1
    assert by_person.data == {"bay_id": 1}
    assert by_person.user_id == operator.pk


def test_reads_tuples_where_values_are_asked_for(branch: Branch, now: datetime) -> None:
    policy(branch, 8, now)
    found = Reading(lambda number: Policy.objects.filter(number=number).values_list("in_force_from", "attempts"))
    assert found.all(8) == [(now, 2)]


def test_nothing_equals_none(branch: Branch, now: datetime) -> None:
    entry(branch, now)
    assert Reading(lambda user_id: Entry.objects.filter(user_id=user_id)).all(None) == []


def test_a_number_that_no_column_holds_finds_nothing(branch: Branch) -> None:
    by_id = Reading(lambda branch_id: Branch.objects.filter(pk=branch_id))
    assert by_id.all(branch.pk) == [branch]
    assert by_id.all(2**63) == by_id.all(10**30) == []


def test_the_query_is_built_once(branch: Branch) -> None:
    built = []

    def by_id(branch_id: int):  # type: ignore[no-untyped-def]
        built.append(branch_id)
        return Branch.objects.filter(pk=branch_id)

    reading = Reading(by_id)
    assert reading.all(branch.pk) == [branch]
    assert reading.all(branch.pk + 1) == []
    assert len(built) == 1


def test_deletes_what_the_query_finds_and_counts_it(branch: Branch, other_branch: Branch, operator: User) -> None:
    at_branch = Deleting(lambda user_id, branch_id: Membership.objects.filter(user_id=user_id, branch_id=branch_id))
    assert at_branch.delete(operator.pk, branch.pk) == 1
    assert at_branch.delete(operator.pk, branch.pk) == 0
    assert [left.branch for left in Membership.objects.filter(user=operator)] == [other_branch]


def test_writes_a_row_as_django_would(branch: Branch, now: datetime) -> None:
    data = {"bay_id": 7, "was_late": True, "words": "«так»"}
    written = entry(branch, now, data=data)
    Writing(Words).create(Words(entry=written, text="Обещал быть", salt="соль"))
    read = Entry.objects.select_related("words").get(pk=written.pk)
    assert (read.branch, read.at, read.action_id, read.data) == (branch, now, written.action_id, data)
    assert read.words.text == "Обещал быть"
    assert written == read
    assert not written._state.adding


def test_what_the_database_gives_is_left_to_it(branch: Branch, now: datetime) -> None:
    by_django = Entry.objects.create(branch=branch, at=now, recorded_at=now, kind="visit_moved", action_id=uuid.uuid4())
    assert Entry.objects.get(pk=entry(branch, now).pk).xid == Entry.objects.get(pk=by_django.pk).xid


def test_saves_the_whole_row_and_no_other(branch: Branch, now: datetime) -> None:
    changed, other = policy(branch, 8, now), policy(branch, 20, now)
    changed.attempts, changed.voicemail_counts, changed.in_force_from = 5, False, now + AN_HOUR
    Writing(Policy).save(changed)
    read = Policy.objects.get(pk=changed.pk)
    assert (read.number, read.attempts, read.voicemail_counts, read.in_force_from) == (8, 5, False, now + AN_HOUR)
    assert Policy.objects.get(pk=other.pk).attempts == 2


def test_saves_only_what_is_not_as_it_was_read(branch: Branch, now: datetime) -> None:
    changed = policy(branch, 8, now)
    as_read = dict(vars(changed))
    Policy.objects.filter(pk=changed.pk).update(number=9)
    Writing(Policy).save(changed, as_read)
    changed.attempts = 5
    Writing(Policy).save(changed, as_read)
    read = Policy.objects.get(pk=changed.pk)
    assert (read.number, read.attempts) == (9, 5)


@pytest.mark.parametrize("knows_returning", [True, False])
def test_takes_rows_as_they_were(
    branch: Branch, now: datetime, monkeypatch: pytest.MonkeyPatch, knows_returning: bool
) -> None:
    for number in (8, 9, 10):
        policy(branch, number, now)
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", knows_returning)
    above = Taking(lambda number: Policy.objects.filter(number__gt=number).values_list("number", "in_force_from"))
    with CaptureQueriesContext(connection) as captured:
        taken = above.take(8)
    assert sorted(taken) == [(9, now), (10, now)]
    assert len(captured) == (1 if knows_returning else 2)
    assert above.take(8) == []
    assert Policy.objects.filter(number=8).exists()
