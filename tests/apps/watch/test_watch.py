"""The watch: one turn after the other, whatever fails; what was missed while nobody watched."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from vovremya.directory.actions import create_installation, move_clock
from vovremya.directory.models import Installation
from vovremya.visits.actions.turn import Outage
from vovremya.watch import actions, queries
from vovremya.watch.loop import ANNOUNCED_AT_ONCE, Duty, Watch, WatchThread, usual_duties
from vovremya.watch.rules import ALIVE_FOR

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Announcer:
    """Stands for the visits: remembers what it was asked, and says how many were due."""

    def __init__(self, *due: int) -> None:
        self.due = list(due)
        self.outages: list[Outage | None] = []

    def __call__(self, now: datetime, limit: int, outage: Outage | None) -> int:
        self.outages.append(outage)
        return self.due.pop(0) if self.due else 0


def watch(announce: Announcer, *duties: Duty, next_change: datetime | None = None) -> Watch:
    return Watch(announce, lambda: next_change, duties, lambda: NOW, lambda: NOW, lambda: 1.0)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def _installed(db: None) -> None:
    create_installation()


@pytest.mark.usefixtures("_installed")
class TestBeginning:
    def test_first_start_knows_no_outage(self) -> None:
        announce = Announcer()
        assert watch(announce).begin() is None
        assert announce.outages == [None]

    def test_short_absence_is_no_outage(self) -> None:
        actions.beat(NOW - timedelta(seconds=29))
        assert watch(Announcer()).begin() is None

    def test_long_absence_is_told_to_the_first_sweep_and_to_no_other(self) -> None:
        actions.beat(NOW - timedelta(minutes=40))
        announce = Announcer()
        watching = watch(announce)
        watching.begin()
        watching.turn()
        assert announce.outages == [Outage(NOW - timedelta(minutes=40), NOW), None]

    def test_first_sweep_goes_on_until_nothing_is_due(self) -> None:
        announce = Announcer(ANNOUNCED_AT_ONCE, ANNOUNCED_AT_ONCE, 3)
        watch(announce).begin()
        assert len(announce.outages) == 3

    def test_watch_is_alive_from_its_first_sweep_on(self) -> None:
        assert not queries.is_watch_alive(NOW)
        watch(Announcer()).begin()
        assert queries.is_watch_alive(NOW)
        assert not queries.is_watch_alive(NOW + ALIVE_FOR)


def test_outage_is_counted_in_the_shown_time(db: None) -> None:
    create_installation(Installation.Kind.DEMO)
    move_clock(shown_at=NOW + timedelta(hours=5), speed=2.0, real_now=NOW)
    actions.beat(NOW - timedelta(minutes=10))
    assert watch(Announcer()).begin() == Outage(NOW + timedelta(hours=4, minutes=40), NOW + timedelta(hours=5))


class TestTurn:
    def test_duty_comes_again_after_its_time(self) -> None:
        done: list[datetime] = []
        watching = watch(Announcer(), Duty("a", timedelta(seconds=5), lambda now, _: done.append(now)))
        for seconds in (0, 4, 5, 6, 10):
            watching.real_now = partial(later, seconds)
            watching.turn()
        assert len(done) == 3

    def test_clock_set_far_back_does_not_stop_a_duty(self) -> None:
        done: list[datetime] = []
        watching = watch(Announcer(), Duty("a", timedelta(seconds=5), lambda now, _: done.append(now)))
        watching.turn()
        watching.real_now = partial(later, -86400)
        watching.turn()
        assert len(done) == 2

    def test_duty_that_fails_does_not_keep_the_others(self, caplog: pytest.LogCaptureFixture) -> None:
        done: list[datetime] = []

        def fail(*_instants: datetime) -> None:
            raise ZeroDivisionError

        every = timedelta(seconds=5)
        watching = watch(Announcer(), Duty("a", every, fail), Duty("b", every, lambda now, _: done.append(now)))
        watching.turn()
        assert done == [NOW]
        assert "the watch failed at: a" in caplog.text

    def test_failed_announcements_do_not_stop_the_heart(self, caplog: pytest.LogCaptureFixture) -> None:
        def fail(*_asked: object) -> int:
            raise ZeroDivisionError

        beats: list[datetime] = []
        duty = Duty("heartbeat", timedelta(seconds=5), lambda now, _: beats.append(now))
        Watch(fail, lambda: None, [duty], lambda: NOW, lambda: NOW, lambda: 1.0).turn()
        assert beats

    def test_no_rest_while_more_is_due(self) -> None:
        assert watch(Announcer(ANNOUNCED_AT_ONCE)).turn() == timedelta(0)

    def test_rests_until_the_next_change(self) -> None:
        soon = NOW + timedelta(seconds=0.2)
        assert watch(Announcer(), next_change=soon).turn() == timedelta(seconds=0.2)

    @pytest.mark.usefixtures("_installed")
    def test_usual_duties_can_all_be_done(self, caplog: pytest.LogCaptureFixture) -> None:
        watch(Announcer(), *usual_duties()).turn()
        assert caplog.text == ""
        assert queries.is_watch_alive(NOW)


class TestThread:
    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("vovremya.watch.loop.BEGUN_ANEW_AFTER_SECONDS", 0.01)

    def test_dead_watch_is_begun_anew(self, caplog: pytest.LogCaptureFixture) -> None:
        lives: list[int] = []
        is_at_work = threading.Event()

        def run(is_over: threading.Event) -> None:
            lives.append(len(lives))
            if len(lives) < 3:
                raise SystemExit
            is_at_work.set()
            is_over.wait()

        caplog.set_level(logging.ERROR)
        thread = WatchThread(run)
        thread.start()
        assert is_at_work.wait(5)
        thread.stop()
        assert lives == [0, 1, 2]
        assert "the watch died and is begun anew" in caplog.text

    def test_stops_at_once_when_asked(self) -> None:
        ended = threading.Event()

        def run(is_over: threading.Event) -> None:
            is_over.wait()
            ended.set()

        thread = WatchThread(run)
        thread.start()
        thread.stop()
        assert ended.is_set()
