"""The append-only record, its feed, request keys and seals."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from tests.apps.conftest import Hire
from vovremya.directory.models import Branch, Installation
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Actor
from vovremya.journal import actions, append_only, queries
from vovremya.journal.models import Entry, RequestKey, Seal, Words
from vovremya.journal.rules import Fact
from vovremya.journal.texts import REFUSALS
from vovremya.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

SETTLED = actions.SETTLED_AFTER


@dataclass(frozen=True)
class Noted(Fact):
    kind: ClassVar[str] = "noted"
    number: int = 1


def note(
    branch: Branch,
    now: datetime,
    number: int = 1,
    *,
    words: str = "",
    visit_id: int | None = None,
    actor: Actor = PROGRAM,
) -> Entry:
    return actions.record(
        Noted(number),
        branch_id=branch.pk,
        actor=actor,
        at=now,
        now=now,
        action_id=uuid.uuid4(),
        visit_id=visit_id,
        words=words,
    )


def numbers(feed: queries.Feed) -> list[object]:
    return [entry.data["number"] for entry in feed.entries]


class TestRecord:
    def test_words_stand_beside_the_entry_and_can_be_erased_without_it(self, branch: Branch, now: datetime) -> None:
        entry = note(branch, now, words="Смирнова просила перезвонить")
        assert "Смирнова" not in str(Entry.objects.values().get())
        assert list(queries.altered_words()) == []
        Words.objects.all().delete()
        entry.refresh_from_db()
        assert entry.words_digest

    def test_altered_words_are_noticed(self, branch: Branch, now: datetime) -> None:
        entry = note(branch, now, words="пробка")
        Words.objects.update(text="забыл")
        assert list(queries.altered_words()) == [entry.pk]

    def test_the_history_of_a_visit_is_read_in_one_query(
        self, branch: Branch, hire: Hire, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        operator = actor_of(hire("ivanova", branch))
        note(branch, now, 1, visit_id=7, actor=operator, words="пробка")
        note(branch, now, 2, visit_id=7)
        note(branch, now, 3, visit_id=8)
        with django_assert_num_queries(1):
            lines = queries.history_of(7)
        assert [(line.entry.data["number"], line.user_name, line.words) for line in lines] == [
            (1, "Иванова", "пробка"),
            (2, "", ""),
        ]


class TestAppendOnly:
    def test_the_database_refuses_to_change_or_delete_an_entry(self, branch: Branch, now: datetime) -> None:
        entry = note(branch, now)
        for table_write in (
            lambda: Entry.objects.update(kind="other"),
            lambda: Entry.objects.all().delete(),
            lambda: connection.cursor().execute("DELETE FROM journal_entry"),
        ):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                table_write()
        entry.refresh_from_db()
        assert entry.kind == "noted"

    def test_a_missing_trigger_is_named_and_the_next_migrate_puts_it_in_again(self, db: None) -> None:
        assert append_only.missing(connection) == []
        append_only.take_out(connection)
        assert {"journal_entry_is_never_changed", "journal_entry_is_never_deleted"} <= {
            *append_only.missing(connection)
        }
        call_command("migrate", verbosity=0)
        assert append_only.missing(connection) == []


@pytest.mark.committed
class TestFeed:
    def test_what_comes_after_a_cursor_is_read_once_and_in_order(self, branch: Branch, now: datetime) -> None:
        note(branch, now, 1)
        cursor = queries.latest_cursor(branch.pk)
        assert numbers(queries.entries_after(branch.pk, cursor)) == []
        note(branch, now, 2)
        note(branch, now, 3)
        first = queries.entries_after(branch.pk, cursor, limit=1)
        rest = queries.entries_after(branch.pk, first.cursor)
        assert (numbers(first), numbers(rest)) == ([2], [3])
        assert queries.entries_after(branch.pk, rest.cursor).cursor == rest.cursor

    def test_a_branch_hears_nothing_of_another(self, branch: Branch, other_branch: Branch, now: datetime) -> None:
        cursor = queries.latest_cursor()
        note(other_branch, now)
        assert numbers(queries.entries_after(branch.pk, cursor)) == []
        assert numbers(queries.entries_after(None, cursor)) == [1]

    def test_what_was_read_holds_until_the_branch_has_an_entry(
        self, branch: Branch, other_branch: Branch, now: datetime
    ) -> None:
        note(branch, now)
        cursor = queries.latest_cursor(branch.pk)
        note(other_branch, now)
        assert queries.is_current(branch.pk, cursor)
        note(branch, now)
        assert not queries.is_current(branch.pk, cursor)

    def test_what_was_read_from_another_database_does_not_hold(self, branch: Branch, now: datetime) -> None:
        note(branch, now)
        cursor = queries.latest_cursor(branch.pk)
        Installation.objects.update(epoch="restored")
        assert not queries.is_current(branch.pk, cursor)

    def test_what_was_told_on_another_timeline_does_not_hold(
        self, branch: Branch, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A standby took over: its transactions bear the numbers of those that it never got."""
        note(branch, now)
        cursor = queries.latest_cursor(branch.pk)
        taken_over = "epoch || '-' || 'FFFFFFFF'"
        monkeypatch.setattr(queries, "_line", lambda: taken_over)
        assert not queries.is_current(branch.pk, cursor)
        with pytest.raises(queries.ForeignCursor):
            queries.entries_after(branch.pk, cursor)
        assert queries.is_current(branch.pk, queries.latest_cursor(branch.pk))

    @pytest.mark.parametrize(
        "cursor", ["", "5", "other.0.5", "{line}.", "{line}.5", "{line}.0.-1", "{line}.x.1", "{line}.0.²"]
    )
    def test_a_cursor_that_is_not_of_this_database_means_reading_anew(self, branch: Branch, cursor: str) -> None:
        with pytest.raises(queries.ForeignCursor):
            queries.entries_after(branch.pk, cursor.replace("{line}", queries.line_of_history()))

    def test_a_cursor_beyond_every_number_finds_nothing(self, branch: Branch) -> None:
        assert not queries.entries_after(branch.pk, f"{queries.line_of_history()}.{'9' * 40}.{'9' * 40}").entries


class TestRequestKeys:
    @pytest.fixture
    def user_id(self, hire: Hire, branch: Branch) -> int:
        return hire("ivanova", branch).pk

    def test_a_repeated_request_gives_the_first_answer(self, user_id: int, branch: Branch, now: datetime) -> None:
        request = actions.Request.of("key", "check_in", {"visit": 7})
        assert actions.replayed(user_id, request) is None
        entry = note(branch, now)
        actions.remember(user_id, request, entry)
        assert actions.replayed(user_id, actions.Request.of("key", "check_in", {"visit": 7})) == entry

    @pytest.mark.parametrize(("action", "body"), [("check_in", {"visit": 8}), ("remove", {"visit": 7})])
    def test_the_same_key_for_anything_else_is_refused(
        self, user_id: int, branch: Branch, now: datetime, action: str, body: dict[str, object]
    ) -> None:
        actions.remember(user_id, actions.Request.of("key", "check_in", {"visit": 7}), note(branch, now))
        with pytest.raises(Refusal, match="request_key_reused") as refused:
            actions.replayed(user_id, actions.Request.of("key", action, body))
        assert refused.value.code in REFUSALS

    def test_a_key_is_its_users_own(self, user_id: int, hire: Hire, branch: Branch, now: datetime) -> None:
        request = actions.Request.of("key", "check_in", {})
        actions.remember(user_id, request, note(branch, now))
        assert actions.replayed(hire("petrova", branch).pk, request) is None

    def test_keys_are_kept_for_48_hours(self, user_id: int, branch: Branch, now: datetime) -> None:
        actions.remember(user_id, actions.Request.of("key", "check_in", {}), note(branch, now))
        assert actions.forget_old_request_keys(now + timedelta(hours=48)) == 0
        assert actions.forget_old_request_keys(now + timedelta(hours=48, milliseconds=1)) == 1
        assert not RequestKey.objects.exists()
        assert Entry.objects.exists()


class TestSeals:
    @pytest.fixture
    def entries(self, branch: Branch, now: datetime) -> list[Entry]:
        """Five sealed entries: two by the first seal, three by the second; the triggers are out."""
        first = [note(branch, now, number) for number in range(2)]
        assert actions.seal_settled(now + SETTLED) == 2
        rest = [note(branch, now + SETTLED, number) for number in range(2, 5)]
        assert actions.seal_settled(now + 2 * SETTLED) == 3
        append_only.take_out(connection)
        return first + rest

    def test_entries_are_sealed_once_and_after_they_have_settled(self, branch: Branch, now: datetime) -> None:
        note(branch, now)
        assert actions.seal_settled(now + SETTLED - timedelta(milliseconds=1)) == 0
        assert actions.seal_settled(now + SETTLED) == 1
        assert actions.seal_settled(now + SETTLED) == 0

    def test_a_long_run_is_sealed_in_batches(
        self, branch: Branch, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "SEALED_AT_ONCE", 2)
        for number in range(3):
            note(branch, now, number)
        assert [actions.seal_settled(now + SETTLED) for _ in range(3)] == [2, 1, 0]
        assert list(queries.broken_seals()) == []

    def test_each_branch_has_a_chain_of_its_own(self, branch: Branch, other_branch: Branch, now: datetime) -> None:
        for place in (branch, other_branch, branch):
            note(place, now)
        assert actions.seal_settled(now + SETTLED) == 3
        note(other_branch, now + SETTLED)
        assert actions.seal_settled(now + 2 * SETTLED) == 1
        assert list(Seal.objects.order_by("id").values_list("branch", "count")) == [
            (branch.pk, 2),
            (other_branch.pk, 1),
            (other_branch.pk, 1),
        ]
        assert list(queries.broken_seals()) == []

    def test_untouched_entries_keep_their_seals_whole(self, entries: list[Entry]) -> None:
        assert list(queries.broken_seals()) == []

    @pytest.mark.parametrize("place", range(5))
    def test_a_changed_entry_is_named(self, entries: list[Entry], place: int) -> None:
        Entry.objects.filter(pk=entries[place].pk).update(data={"number": 99})
        (broken,) = queries.broken_seals()
        assert broken.first_bad_entry_id == entries[place].pk

    def test_a_deleted_entry_breaks_its_seal(self, entries: list[Entry]) -> None:
        Entry.objects.filter(pk=entries[1].pk).delete()
        (broken,) = queries.broken_seals()
        assert (broken.from_entry_id, broken.to_entry_id) == (entries[0].pk, entries[1].pk)

    def test_an_entry_moved_to_another_branch_breaks_the_seals(
        self, entries: list[Entry], other_branch: Branch
    ) -> None:
        Entry.objects.filter(pk=entries[2].pk).update(branch=other_branch)
        assert [broken.from_entry_id for broken in queries.broken_seals()] == [entries[2].pk]

    def test_a_forged_seal_breaks_the_chain(self, entries: list[Entry]) -> None:
        Seal.objects.filter(from_entry_id=entries[0].pk).update(digest="0" * 64)
        assert len(list(queries.broken_seals())) == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite tells how it looks")
def test_what_lies_behind_a_cursor_is_found_without_looking_through_the_journal(branch: Branch) -> None:
    cursor = queries.latest_cursor()
    with CaptureQueriesContext(connection) as captured:
        queries.is_current(branch.pk, cursor)
        queries.entries_after(None, cursor)
        queries.entries_after(branch.pk, cursor)
    of_journal = [query["sql"] for query in captured if "journal_entry" in query["sql"]]
    with connection.cursor() as asking:
        for statement in of_journal:
            asking.execute(f"EXPLAIN QUERY PLAN {statement}")
            found = [plan for *_, plan in asking.fetchall() if "journal_entry" in plan]
            assert all("xid=? AND id>?" in plan for plan in found), found
    assert len(of_journal) == 3
