"""The live feed: what a client hears from its opening to its end."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.apps.conftest import Hire
from tests.apps.live.conftest import (
    AT,
    Pencil,
    Scenario,
    Station,
    cookies_of,
    in_the_test,
    rezone,
    set_anew,
    touch,
    until,
)
from vovremya.board.live import hub as hub_room
from vovremya.board.live import reading
from vovremya.directory.actions import move_clock
from vovremya.directory.actions.access import end_sessions_of
from vovremya.directory.actions.staff import switch_off
from vovremya.directory.models import Branch, Session, User
from vovremya.directory.queries import clock_anchor
from vovremya.directory.rules import PROGRAM
from vovremya.journal.queries import entries_after, latest_cursor
from vovremya.kernel import clock
from vovremya.waitlist.queries import Glance
from vovremya.watch.actions import beat

pytestmark = pytest.mark.committed

Play = Callable[[Scenario], None]


def is_up_to_date(branch: Branch, event: Mapping[str, str]) -> bool:
    """Whether nothing is left to be told after it."""
    return not entries_after(branch.pk, event["cursor"]).entries


class TestOpening:
    def test_says_the_time_and_the_place_in_the_feed(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with station.listening(branch, cursor) as listener:
                hello = await listener.hears("hello")
            assert listener.status == 200
            assert listener.headers[b"content-type"].startswith(b"text/event-stream")
            assert hello["cursor"] == cursor
            assert hello["speed"] == 1.0
            assert abs(hello["now"] - clock.to_milliseconds(clock.real_now())) < 5000
            assert hello["build"]

        play(scenario)

    def test_tells_what_was_missed_each_visit_once(self, play: Play, branch: Branch, pencil: Pencil) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            for visit_id in (1, 2, 1):
                await in_the_test(touch, branch, visit_id)
            async with station.listening(branch, cursor) as listener:
                last = await listener.hears("bars", 2)
            assert sorted(listener.visits[:2]) == [1, 2]
            assert await in_the_test(is_up_to_date, branch, last)

        play(scenario)

    def test_line_lost_amid_the_missed_visits_loses_none(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            for visit_id in (1, 2, 3):
                await in_the_test(touch, branch, visit_id)
            async with station.listening(branch, cursor) as listener:
                await listener.hears("bars", 3)
            second = listener.all("bars")[1]["cursor"]
            async with station.listening(branch, second) as listener:
                await listener.hears("bars", 3)
            assert set(listener.visits) == {1, 2, 3}

        play(scenario)

    @pytest.mark.parametrize(("asked_for", "language"), [("en", "en"), ("ru", "ru"), ("", "ru"), ("../etc", "ru")])
    def test_tells_what_was_missed_in_the_language_of_the_page(
        self, play: Play, branch: Branch, asked_for: str, language: str
    ) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            await in_the_test(touch, branch, 1)
            async with station.listening(branch, cursor, language=asked_for) as listener:
                assert (await listener.hears("bars"))["language"] == language

        play(scenario)

    def test_board_that_missed_nothing_is_welcomed_by_one_question(
        self, branch: Branch, pencil: Pencil, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        cursor = latest_cursor()
        with django_assert_num_queries(1):
            (hello,) = reading.opening_frames(branch.pk, cursor, "build", pencil, "ru")
        assert cursor in hello.decode()

    @pytest.mark.parametrize("cursor", ["", "elsewhere.0.0", "nonsense", "elsewhere.0.-1"])
    def test_foreign_cursor_means_reload(self, play: Play, branch: Branch, cursor: str) -> None:
        async def scenario(station: Station) -> None:
            await in_the_test(touch, branch, 1)
            async with station.listening(branch, cursor) as listener:
                await listener.hears("reload")
            assert await in_the_test(is_up_to_date, branch, listener.all("hello")[0])
            assert listener.visits == []

        play(scenario)

    @pytest.mark.parametrize("limit", ["LONGEST_REPLAY", "MOST_DRAWN"])
    def test_too_much_missed_means_reload(
        self, play: Play, branch: Branch, limit: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, limit, 2)

        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            for visit_id in (1, 2, 3):
                await in_the_test(touch, branch, visit_id)
            async with station.listening(branch, cursor) as listener:
                await listener.hears("reload")
            assert [kind for kind, _data in listener.heard[:2]] == ["hello", "reload"]

        play(scenario)


class TestWall:
    def test_without_a_session_bye(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            for cookies in ({}, {"sessionid": "made-up"}):
                async with station.listening(branch, cookies=cookies) as listener:
                    await until(lambda listener=listener: listener.has_ended)  # type: ignore[misc]
                assert [kind for kind, _ in listener.heard] == ["bye"]

        play(scenario)

    def test_foreign_branch_is_not_found(self, play: Play, other_branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(other_branch) as listener:
                pass
            assert (listener.status, listener.heard) == (404, [])

        play(scenario)

    def test_nothing_of_another_branch_is_heard(self, play: Play, branch: Branch, other_branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with station.listening(branch, cursor) as listener:
                await in_the_test(touch, other_branch, 7)
                await in_the_test(touch, branch, 8)
                await listener.hears("bars")
            assert listener.visits == [8]
            assert station.pencil.drawn == [8]

        play(scenario)

    def test_only_reading_is_allowed(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch, method="POST") as listener:
                pass
            assert listener.status == 405

        play(scenario)


class TestNews:
    def test_change_is_drawn_once_for_all_clients(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with station.listening(branch, cursor) as one, station.listening(branch, cursor) as two:
                await in_the_test(touch, branch, 5)
                await one.hears("bars")
                await two.hears("bars")
            assert station.pencil.drawn == [5]
            assert one.all("bars") == two.all("bars")
            assert await in_the_test(is_up_to_date, branch, one.all("bars")[0])

        play(scenario)

    def test_change_is_drawn_once_in_each_language_that_is_listened_in(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with (
                station.listening(branch, cursor) as russian,
                station.listening(branch, cursor, language="en") as english,
                station.listening(branch, cursor, language="en") as another,
            ):
                await in_the_test(touch, branch, 5)
                for listener, language in ((russian, "ru"), (english, "en"), (another, "en")):
                    assert (await listener.hears("bars"))["language"] == language
            assert station.pencil.drawn == [5, 5]

        play(scenario)

    def test_entry_without_a_visit_is_not_told(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                await in_the_test(touch, branch, None)
                await in_the_test(touch, branch, 5)
                await listener.hears("bars")
            assert listener.visits == [5]

        play(scenario)

    def test_calls_of_the_waiting_list_are_counted_anew_after_news_and_told_to_whoever_comes_later(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts = [0, 2]

        def at_a_glance(_branch_id: int, _now: datetime, _real_now: datetime) -> Glance:
            if not counts:
                raise ValueError("a wish that nobody can read")
            return Glance(counts.pop(0))

        monkeypatch.setattr(reading, "at_a_glance", at_a_glance)
        monkeypatch.setattr(hub_room, "COUNTS_CALLS_AFTER_SECONDS", 0.0)

        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with station.listening(branch, cursor) as first:
                assert await first.hears("calls") == {"count": 0}
                await in_the_test(touch, branch, None)
                assert await first.hears("calls", 2) == {"count": 2}
                async with station.listening(branch, cursor) as later:
                    assert await later.hears("calls") == {"count": 2}
                await in_the_test(touch, branch, 5)
                await first.hears("bars")
                assert await first.hears("calls", 3) == {"count": 0}, "bars are told whatever the list is like"

        play(scenario)

    def test_a_list_that_is_as_it_was_is_not_told_of_again(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        glances = [Glance(1, ("one",)), Glance(1, ("one",)), Glance(1, ("other",)), Glance(2, ("last",))]
        looked: list[Glance] = []

        def at_a_glance(*_asked: object) -> Glance:
            looked.append(glances[min(len(looked), 3)])
            return looked[-1]

        def has_looked(times: int) -> bool:
            return len(looked) >= times

        monkeypatch.setattr(reading, "at_a_glance", at_a_glance)
        monkeypatch.setattr(hub_room, "COUNTS_CALLS_AFTER_SECONDS", 0.0)

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as first:
                for number in range(1, 5):
                    await until(partial(has_looked, number))
                    await in_the_test(touch, branch, None)
                told = [(await first.hears("calls", number))["count"] for number in (1, 2, 3)]
                assert told == [1, 1, 2], "the second look was told to nobody"

        play(scenario)

    def test_the_list_is_looked_through_no_oftener_than_it_may(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[object] = []

        def at_a_glance(*asked: object) -> Glance:
            looked.append(asked)
            return Glance(len(looked))

        monkeypatch.setattr(reading, "at_a_glance", at_a_glance)
        monkeypatch.setattr(hub_room, "COUNTS_CALLS_AFTER_SECONDS", 60.0)

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as first:
                await first.hears("calls")
                for number in range(1, 4):
                    await in_the_test(touch, branch, number)
                    await first.hears("bars", number)
                assert len(looked) == 1

        play(scenario)

    @pytest.mark.django_db(transaction=True)
    def test_commit_of_the_own_process_wakes_the_hub(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_room, "LOOKS_EVERY_SECONDS", 60)
        monkeypatch.setattr(hub_room, "LOOKS_EVERY_SECONDS_WHERE_WOKEN", 60)

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                await in_the_test(touch, branch, 5)
                await listener.hears("bars")

        play(scenario)

    def test_flood_means_reload_and_no_oftener_than_the_pages_can_bear(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_room, "MOST_DRAWN", 2)
        monkeypatch.setattr(hub_room, "RELOADS_EVERY_SECONDS", 0.5)

        def pour(station: Station) -> None:
            for visit_id in range(10):
                touch(branch, visit_id)

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                await in_the_test(pour, station)
                await listener.hears("reload")
                await in_the_test(pour, station)
                await asyncio.sleep(0.25)
                await in_the_test(touch, branch, 5)  # told alone it would take the cursor past the flood
                assert len(listener.all("reload")) == 1
                await listener.hears("reload", 2)
                assert listener.visits == []
                await in_the_test(touch, branch, 5)
                await listener.hears("bars")

        play(scenario)

    @pytest.mark.parametrize("change", [rezone, set_anew])
    def test_other_zone_or_settings_mean_reload_to_that_branch_alone(
        self, play: Play, branch: Branch, other_branch: Branch, change: Callable[[Branch], None]
    ) -> None:
        async def scenario(station: Station) -> None:
            cursor = await in_the_test(latest_cursor)
            async with station.listening(branch, cursor) as listener, station.listening(other_branch, cursor) as other:
                await in_the_test(change, branch)
                await listener.hears("reload")
                assert other.all("reload") == []
            async with station.listening(branch, cursor) as late:
                await late.hears("reload")

        play(scenario)

    def test_slow_client_is_told_to_reload(self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hub_room, "KEPT_FOR_SLOW_CLIENT", 3)

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                listener.is_stuck = True
                for visit_id in range(6):
                    await in_the_test(touch, branch, visit_id)
                    await until(lambda: len(station.pencil.drawn) == visit_id + 1)  # noqa: B023
                listener.is_stuck = False
                await listener.hears("reload")
            assert len(listener.visits) < 6

        play(scenario)

    def test_bar_that_cannot_be_drawn_means_reload(
        self, play: Play, branch: Branch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                station.pencil.breaks = True
                await in_the_test(touch, branch, 5)
                await listener.hears("reload")
                station.pencil.breaks = False
                await in_the_test(touch, branch, 6)
                await listener.hears("bars")
            assert listener.visits == [6]
            assert "drawing bars" in caplog.text

        play(scenario)

    def test_database_that_was_away_is_asked_again(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(hub_room, "TRIES_AGAIN_AFTER_SECONDS", 0.05)

        def gone(_cursor: str) -> reading.News:
            raise OSError

        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                with monkeypatch.context() as patch:
                    patch.setattr(reading, "read_news", gone)
                    await asyncio.sleep(0.3)
                    await in_the_test(touch, branch, 5)
                await listener.hears("bars")
            assert "the live feed failed" in caplog.text

        play(scenario)


class TestTime:
    def test_beats_tell_whether_the_watch_is_alive(
        self, play: Play, branch: Branch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_room, "BEATS_EVERY_SECONDS", 0.2)

        async def scenario(station: Station) -> None:
            async with station.listening(branch) as listener:
                assert (await listener.hears("beat"))["watch_ok"] is False
                await in_the_test(beat, clock.real_now())
                times = len(listener.all("beat"))
                assert (await listener.hears("beat", times + 2))["watch_ok"] is True

        play(scenario)

    def test_moved_clock_is_told_at_once(self, play: Play, branch: Branch) -> None:
        def move() -> None:
            move_clock(shown_at=AT + timedelta(days=400), speed=60.0, real_now=clock.real_now())

        async def scenario(station: Station) -> None:
            clock.follow(lambda: anchors[-1])
            async with station.listening(branch) as listener:
                await listener.hears("beat")
                times = len(listener.all("beat"))
                await in_the_test(move)
                anchors.append(await in_the_test(clock_anchor))
                told = await listener.hears("beat", times + 1)
            assert told["speed"] == 60.0
            assert told["now"] >= clock.to_milliseconds(AT + timedelta(days=400))

        anchors = [clock_anchor()]
        try:
            play(scenario)
        finally:
            clock.follow(None)

    def test_running_fast_is_no_news(self) -> None:
        told = reading.ClockReading(AT, 60.0, 100.0)
        assert told.foresaw(reading.ClockReading(AT + timedelta(minutes=4), 60.0, 104.0))
        assert not told.foresaw(reading.ClockReading(AT + timedelta(minutes=6), 60.0, 104.0))
        assert not told.foresaw(reading.ClockReading(AT + timedelta(minutes=4), 1.0, 104.0))


class TestEnd:
    def test_switched_off_user_is_told_bye_at_once(self, play: Play, branch: Branch, operator: User) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch, await in_the_test(latest_cursor)) as listener:
                await in_the_test(switch_off, operator, PROGRAM, AT)
                await listener.hears("bye")
                await until(lambda: listener.has_ended)

        play(scenario)

    def test_logout_ends_the_streams_of_that_session_alone(
        self, play: Play, branch: Branch, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_room, "CHECKS_SESSIONS_EVERY_SECONDS", 0.1)
        elsewhere = cookies_of(operator)

        async def scenario(station: Station) -> None:
            async with (
                station.listening(branch) as here,
                station.listening(branch, cookies=elsewhere) as there,
            ):
                session = Session.objects.filter(session_key=station.cookies["sessionid"])
                await in_the_test(session.delete)
                await here.hears("bye")
                await asyncio.sleep(0.3)
                assert there.all("bye") == []

        play(scenario)

    def test_session_that_an_administrator_ends_is_told_bye_at_once_and_no_other(
        self, play: Play, branch: Branch, operator: User
    ) -> None:
        elsewhere = cookies_of(operator)

        async def scenario(station: Station) -> None:
            async with (
                station.listening(branch) as here,
                station.listening(branch, cookies=elsewhere) as there,
            ):
                key = station.cookies["sessionid"]
                await in_the_test(end_sessions_of, operator.pk, [key], actor=PROGRAM, now=AT)
                await here.hears("bye")
                assert there.all("bye") == []
                await in_the_test(end_sessions_of, operator.pk, None, actor=PROGRAM, now=AT)
                await there.hears("bye")

        play(scenario)

    def test_lost_membership_ends_the_stream(
        self, play: Play, branch: Branch, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub_room, "CHECKS_SESSIONS_EVERY_SECONDS", 0.1)

        async def scenario(station: Station) -> None:
            async with station.listening(branch) as listener:
                await in_the_test(operator.memberships.all().delete)
                await listener.hears("bye")

        play(scenario)

    def test_client_that_left_is_forgotten(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch):
                assert len(station.hub._everybody()) == 1
            assert station.hub._everybody() == []

        play(scenario)

    def test_stopping_server_ends_the_streams_without_bye(self, play: Play, branch: Branch) -> None:
        async def scenario(station: Station) -> None:
            async with station.listening(branch) as listener:
                station.hub.end_all()
                await until(lambda: listener.has_ended)
            assert listener.all("bye") == []

        play(scenario)


def test_users_of_two_branches_hear_each_their_own(
    play: Play, branch: Branch, other_branch: Branch, hire: Hire
) -> None:
    cookies = cookies_of(hire("petrova", other_branch))

    async def scenario(station: Station) -> None:
        cursor = await in_the_test(latest_cursor)
        async with (
            station.listening(branch, cursor) as here,
            station.listening(other_branch, cursor, cookies=cookies) as there,
        ):
            await in_the_test(touch, branch, 1)
            await in_the_test(touch, other_branch, 2)
            await here.hears("bars")
            await there.hears("bars")
        assert (here.visits, there.visits) == ([1], [2])

    play(scenario)
