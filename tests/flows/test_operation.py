"""Many processes on one address: any of them may die, all of them end gracefully, a dead watch is told of."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from django.conf import settings

from tests.flows import deeds
from tests.flows.serving import ENDS_WITHIN_SECONDS, WITHIN_SECONDS, Browser, Ear, Site, serving, until
from tests.flows.test_server import signed_in
from tests.races.arena import Arena
from vovremya.config.supervision import KILLED_AFTER_SECONDS
from vovremya.watch.rules import ALIVE_FOR

#: From the last beat of the watch to the boards that say so.
TOLD_WITHIN_SECONDS = 15.0


def process_of(site: Site, name: str) -> psutil.Process:
    """The supervisor's process of that name: «web-1», «watch»."""
    for child in psutil.Process(site.process.pid).children():
        with suppress(psutil.Error):
            if any(word.startswith(f"{name}:") for word in child.cmdline()):
                return child
    raise LookupError(name)


def is_there_another(site: Site, name: str, than: psutil.Process) -> bool:
    with suppress(LookupError):
        return process_of(site, name).pid != than.pid
    return False


@contextmanager
def frozen(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def does_answer(site: Site, path: str = "/healthz") -> bool:
    with suppress(OSError):
        return Browser(site).get(path)[0] == 200
    return False


@pytest.fixture
def visit_id(station: Arena) -> int:
    return station.alone(partial(deeds.book, "10:30"))


class TestDeath:
    def test_whichever_is_killed_the_rest_goes_on_and_it_is_begun_anew(self, station: Arena) -> None:
        visit_ids = station.alone(partial(deeds.book_several, "10:30", "11:30", "12:30"))
        with serving(station, "--workers", "2") as site:
            browser, master = signed_in(site), signed_in(site, "master")
            for name, visit_id in zip(("web-1", "web-2", "watch"), visit_ids, strict=True):
                victim = process_of(site, name)
                victim.kill()
                # The kernel gives every connection to who is left; none is refused.
                assert all(does_answer(site) for _ in range(20))
                until(lambda name=name, victim=victim: is_there_another(site, name, victim))  # type: ignore[misc]
                with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                    ear.next("hello")
                    assert master.post(f"/visits/{visit_id}/check-in/", {"request_key": name})[0] < 300
                    assert ear.next("bars").data["visit"] == visit_id
                until(lambda name=name: any(f"{name} ended with -9" in line for line in site.printed))  # type: ignore[misc]

    def test_all_web_processes_at_once_leave_the_address_and_come_again(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            for name in ("web-1", "web-2"):
                process_of(site, name).kill()
            assert does_answer(site), "whoever asks meanwhile waits and is answered by the next"

    def test_killed_supervisor_takes_its_processes_with_it(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            children = psutil.Process(site.process.pid).children()
            assert len(children) == 3
            site.process.kill()
            _, alive = psutil.wait_procs(children, timeout=10)
            assert not alive
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", site.port), timeout=2)


class TestFeedAcrossProcesses:
    def test_what_one_process_saves_is_on_boards_of_all(self, station: Arena, visit_id: int) -> None:
        with serving(station, "--workers", "2") as site, ExitStack() as boards:
            browser, master = signed_in(site), signed_in(site, "master")
            cursor = browser.cursor_of("SEV")
            ears: list[Ear] = []
            webs = [process_of(site, "web-1"), process_of(site, "web-2")]
            for idle in webs:  # while one sleeps, the other takes the stream
                with frozen(idle):
                    ear = boards.enter_context(browser.listening("SEV", cursor))
                    ear.next("hello")
                    ears.append(ear)
            with frozen(webs[0]):  # and the write goes through a known one
                status, _ = master.post(f"/visits/{visit_id}/check-in/", {"request_key": "one"})
                assert status < 300
                assert ears[0].next("bars").data["visit"] == visit_id
            assert ears[1].next("bars", within_seconds=2).data["visit"] == visit_id


class SlowRequest:
    """A press of a button of which the second half is still on its way."""

    def __init__(self, site: Site, browser: Browser, path: str) -> None:
        body = f"csrfmiddlewaretoken={browser.cookies['csrftoken']}&request_key=one&filling={'a' * 5000}".encode()
        head = [
            f"POST {path} HTTP/1.1",
            "Host: localhost",
            f"Cookie: {browser.cookie_header['Cookie']}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        self._rest = body[3000:]
        self.connection = socket.create_connection(("127.0.0.1", site.port), timeout=WITHIN_SECONDS)
        self.connection.sendall("\r\n".join([*head, "", ""]).encode() + body[:3000])

    def finish(self) -> str:
        self.connection.sendall(self._rest)
        with self.connection:
            return self.connection.recv(65536).decode(errors="replace")


def is_listened_to(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class TestEnd:
    @pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "supervised"])
    def test_streams_are_ended_and_a_request_under_way_is_answered(
        self, station: Arena, visit_id: int, options: tuple[str, ...]
    ) -> None:
        with serving(station, *options) as site, ExitStack() as stack:
            master = signed_in(site, "master")
            ear = stack.enter_context(master.listening("SEV", master.cursor_of("SEV")))
            ear.next("hello")
            master.get("/SEV/")
            slow = SlowRequest(site, master, f"/visits/{visit_id}/check-in/")
            assert does_answer(site)  # later than the slow one, which is in somebody's hands by now
            began_at = time.monotonic()
            site.process.terminate()
            ear.ends()
            until(lambda: not is_listened_to(site.port), within_seconds=5)
            answer = slow.finish()
            assert site.process.wait(10) == 0
            assert time.monotonic() - began_at < 6
            assert answer.startswith("HTTP/1.1 2"), answer[:300]
        assert "client_arrived" in [kind for kind, _ in station.alone(partial(deeds.journal_of, visit_id))]
        assert not [line for line in site.printed if "exception" in line], site.printed


class TestWatch:
    def test_sleeping_watch_is_told_of_within_fifteen_seconds_and_when_it_is_back(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            browser = signed_in(site)
            watch = process_of(site, "watch")
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                assert ear.next("beat").data["watch_ok"] is True
                watch.suspend()
                asleep_at = time.time()
                seconds = told_of(ear, watch_ok=False) - asleep_at
                watch.resume()
                told_of(ear, watch_ok=True)
            print(f"a sleeping watch was told of after {seconds:.1f} s")
            assert seconds < TOLD_WITHIN_SECONDS

    def test_killed_watch_of_its_own_is_told_of_and_another_takes_over(self, station: Arena) -> None:
        with serving(station, "--workers", "2", "--no-watch") as site, ExitStack() as stack:
            browser = signed_in(site)
            first = stack.enter_context(serving(station, command="watch"))
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                told_of(ear, watch_ok=True)
                first.process.kill()
                killed_at = time.time()
                seconds = told_of(ear, watch_ok=False) - killed_at
                with serving(station, command="watch") as second:
                    told_of(ear, watch_ok=True)
                    assert second.stop() == 0
            print(f"a killed watch was told of after {seconds:.1f} s")
            assert seconds < TOLD_WITHIN_SECONDS

    def test_killed_watch_of_a_supervisor_is_back_before_anybody_need_be_told(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            browser = signed_in(site)
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                ear.next("beat")
                process_of(site, "watch").kill()
                tells_until = time.monotonic() + ALIVE_FOR.total_seconds() + 5
                while time.monotonic() < tells_until:
                    assert ear.next("beat").data["watch_ok"] is True


def told_of(ear: Ear, *, watch_ok: bool) -> float:
    """When the boards hear it, by the wall clock."""
    gives_up_at = time.monotonic() + 30
    while (beat := ear.next("beat")).data["watch_ok"] is not watch_ok:
        assert time.monotonic() < gives_up_at
    return beat.at


@contextmanager
def database_away(station: Arena) -> Iterator[None]:
    if url := station.environment["VOVREMYA_DATABASE_URL"]:
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        return
    database = Path(station.environment["VOVREMYA_DATABASE"])
    away = database.rename(database.with_suffix(".away"))
    yield
    assert not database.exists(), "asking must not make a new, empty one"
    away.rename(database)


class TestReadiness:
    def test_database_that_is_gone_is_said_and_its_return_too(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            browser = Browser(site)
            assert browser.get("/readyz") == (200, "ready\n")
            with database_away(station):
                began_at = time.monotonic()
                assert browser.get("/readyz") == (503, "the database does not answer\n")
                assert time.monotonic() - began_at < 3
                assert browser.get("/healthz") == (200, "ok\n")
            until(lambda: browser.get("/readyz") == (200, "ready\n"))


class TestFigures:
    def test_processes_lay_their_figures_together_at_an_address_of_their_own(
        self, station: Arena, visit_id: int
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with serving(station, "--workers", "2", "--metrics", f"127.0.0.1:{port}") as site, ExitStack() as boards:
            browser, master = signed_in(site), signed_in(site, "master")
            cursor = browser.cursor_of("SEV")
            for _ in range(4):
                boards.enter_context(browser.listening("SEV", cursor)).next("hello")
            master.post(f"/visits/{visit_id}/check-in/", {"request_key": "one"})
            until(lambda: figure(port, "vovremya_told_after_seconds_count") >= 1)
            assert figure(port, "vovremya_open_boards") == 4
            assert figure(port, 'vovremya_actions_total{action="step",result="done"}') == 1
            assert figure(port, 'vovremya_entries_recorded_total{kind="client_arrived"}') == 1
            until(lambda: figure(port, "vovremya_watch_turned_at_seconds") > time.time() - 5)
            assert Browser(site).get("/metrics")[0] != 200
            process_of(site, "web-1").kill()
            process_of(site, "web-2").kill()
            until(lambda: figure(port, "vovremya_open_boards") == 0)
            assert figure(port, 'vovremya_actions_total{action="step",result="done"}') == 1
            assert figure(port, 'vovremya_restarts_total{process="web-1"}') == 1


def figure(port: int, name: str) -> float:
    page = Browser(Site(process=None, port=port)).get("/metrics")[1]  # type: ignore[arg-type]
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


class TestLines:
    def test_every_request_has_its_line_with_its_id(self, station: Arena) -> None:
        with serving(station, "--workers", "2") as site:
            connection = site.connection()
            connection.request("GET", "/login/?next=/SEV/", headers={"X-Request-ID": "proxy-000042"})
            assert connection.getresponse().headers["X-Request-ID"] == "proxy-000042"
            connection.close()
            until(lambda: any("proxy-000042" in line for line in site.printed))
            told = json.loads(next(line for line in site.printed if "proxy-000042" in line))
        assert (told["route"], told["status"], told["method"]) == ("login", 200, "GET")
        assert told["process"] in ("web-1", "web-2")
        assert "next" not in json.dumps(told)


def test_watch_alone_waits_for_a_database_that_is_made(empty_station: Arena) -> None:
    said = "empty or not up to date|cannot be opened"
    with pytest.raises(AssertionError, match=said), serving(empty_station, command="watch"):
        pass


def test_frozen_process_is_killed_in_the_end(station: Arena) -> None:
    with serving(station, "--workers", "2") as site:
        os.kill(process_of(site, "web-2").pid, signal.SIGSTOP)
        assert site.stop(KILLED_AFTER_SECONDS + ENDS_WITHIN_SECONDS) == 0
