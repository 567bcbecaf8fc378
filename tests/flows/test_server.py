"""The server process: live across processes and restarts, the watch after an outage, slow clients, its end."""

import re
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from tests.flows import deeds
from tests.flows.serving import Browser, Site, console, serving, until
from tests.proof.wire import exchanged
from tests.races.arena import Arena
from vovremya.config.serving import ENDS_WITHIN_SECONDS

on_sqlite = pytest.mark.skipif(bool(settings.DATABASE_URL), reason="a demo is always a file of its own")


@pytest.fixture
def visit_id(station: Arena) -> int:
    return station.alone(partial(deeds.book, "10:30"))


def signed_in(site: Site, username: str = "operator") -> Browser:
    browser = Browser(site)
    browser.sign_in(username)
    return browser


class TestLive:
    def test_what_another_process_writes_is_on_the_board_within_a_second(self, station: Arena, visit_id: int) -> None:
        with serving(station) as site:
            browser = signed_in(site)
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                ear.next("hello")
                done_at = station.alone(partial(deeds.check_in, visit_id))
                bars = ear.next("bars")
            assert bars.data["visit"] == visit_id
            assert bars.at - done_at < 1.0
            (drawn,) = bars.data["bars"].values()
            assert "прибыл" in drawn["html"]

    def test_what_one_operator_does_is_on_the_others_board_within_a_second(self, station: Arena, visit_id: int) -> None:
        with serving(station) as site:
            browser, master = signed_in(site), signed_in(site, "master")
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                ear.next("hello")
                asked_at = time.time()
                status, _ = master.post(f"/visits/{visit_id}/check-in/", {"request_key": "one"})
                assert status < 300
                assert ear.next("bars").at - asked_at < 1.0

    def test_change_while_the_server_was_down_is_told_after_it(self, station: Arena, visit_id: int) -> None:
        with serving(station) as site:
            browser = signed_in(site)
            cursor = browser.cursor_of("SEV")
            with browser.listening("SEV", cursor) as ear:
                assert ear.next("hello").data["cursor"] == cursor
                assert site.stop() == 0
                ear.ends()
        station.alone(partial(deeds.check_in, visit_id))
        with serving(station) as site:
            browser.site = site
            with browser.listening("SEV", cursor) as ear:
                assert ear.next("bars").data["visit"] == visit_id

    def test_stranger_hears_nothing(self, station: Arena) -> None:
        with serving(station) as site:
            browser = signed_in(site, "stranger")
            with browser.listening("SEV", "") as ear:
                assert ear.status == 404

    def test_user_switched_off_from_the_console_is_told_bye(self, station: Arena) -> None:
        with serving(station) as site:
            browser = signed_in(site)
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                ear.next("hello")
                assert console(station, "switch-off", "Operator").returncode == 0
                ear.next("bye")
                ear.ends()
            assert browser.get("/SEV/")[0] == 302
            let_in = console(station, "let-in", "Operator", "--without-second-step")
            assert let_in.stdout.startswith("Operator signs in with "), let_in.stderr
            password = let_in.stdout.split()[4]
            again = Browser(site)
            again.sign_in("operator", password)
            assert again.get("/SEV/")[0] == 302, "to a new password, before all else"
            assert "no login" in console(station, "let-in", "nobody").stderr

    def test_clock_moved_from_the_console_is_told_at_once(self, station: Arena) -> None:
        with serving(station) as site:
            browser = signed_in(site)
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                began = ear.next("beat").data["now"]
                moved = console(station, "clock", "--shift", "11m", "--speed", "2")
                assert moved.returncode == 0, moved.stderr
                told = ear.next("beat", within_seconds=5).data
                while told["speed"] == 1.0:  # a regular beat came between
                    told = ear.next("beat", within_seconds=5).data
            assert told["speed"] == 2.0
            assert 11 * 60_000 <= told["now"] - began < 12 * 60_000


class TestWatch:
    def test_visit_turns_late_though_nobody_touches_it(self, station: Arena) -> None:
        visit_id = station.alone(partial(deeds.book, "09:51"))
        with serving(station, "--clock-speed", "60") as site:
            browser = signed_in(site)
            with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
                assert ear.next("beat").data["watch_ok"] is True
                until(lambda: "turned_late" in kinds_of(station, visit_id))

    def test_deadline_missed_while_the_server_was_down_is_marked_before_anybody_is_served(self, station: Arena) -> None:
        visit_id = station.alone(partial(deeds.book, "09:30"))
        station.alone(partial(deeds.show, "09:45"))
        with serving(station):
            pass
        assert "turned_late" in kinds_of(station, visit_id)
        station.alone(partial(deeds.show, "10:00"))
        station.alone(partial(deeds.age_heartbeat, 12))
        with serving(station) as site:
            journal = station.alone(partial(deeds.journal_of, visit_id))
        assert journal[-1][0] == "deadline_missed"
        assert journal[-1][1]["by_outage"] is True
        assert "marked so" in "".join(site.printed)


def kinds_of(station: Arena, visit_id: int) -> list[str]:
    return [kind for kind, _ in station.alone(partial(deeds.journal_of, visit_id))]


#: With its token in a cookie, so that the page would read the form to the end before it answers.
DRIPPING = b"\r\n".join(
    (
        b"POST /login/ HTTP/1.1",
        b"Host: localhost",
        b"Cookie: csrftoken=abcdefghijklmnopqrstuvwxyzabcdef",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: 900000",
        b"",
        b"csrf",
    )
)


class TestSlowClients:
    def test_twenty_dripping_uploads_do_not_hold_up_the_board(self, station: Arena) -> None:
        with serving(station) as site, ExitStack() as uploads:
            browser = signed_in(site)
            browser.get("/SEV/")
            for _ in range(20):
                upload = uploads.enter_context(socket.create_connection(("127.0.0.1", site.port)))
                upload.sendall(DRIPPING)
            seconds = []
            for _ in range(20):
                began_at = time.monotonic()
                assert browser.get("/SEV/")[0] == 200
                seconds.append(time.monotonic() - began_at)
            print(f"board behind 20 dripping uploads: median {statistics.median(seconds) * 1000:.0f} ms")
            assert statistics.median(seconds) < 0.3

    def test_body_beyond_the_limit_is_refused_in_russian(self, station: Arena) -> None:
        with serving(station) as site:
            connection = site.connection()
            connection.request("POST", "/login/", b"a" * 1_000_001)
            answer = connection.getresponse()
            assert answer.status == 413
            assert "Слишком много данных" in answer.read().decode()
            connection.close()

    def test_torn_body_is_refused_without_stumbling_and_once(self, station: Arena) -> None:
        torn = b" HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"
        with serving(station) as site:
            for method, path in (("HEAD", "/"), ("POST", "/healthz"), ("POST", "/readyz"), ("POST", "/login/")):
                assert exchanged(site.port, f"{method} {path}".encode() + torn, method).status == 400
            assert (
                exchanged(site.port, b"CONNECT /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "CONNECT").status == 405
            )
            assert Browser(site).get("/healthz")[0] == 200
            assert site.stop() == 0
            assert not [line for line in site.printed if "ProtocolError" in line], site.printed

    def test_refused_body_may_be_sent_to_its_end(self, station: Arena) -> None:
        """A proxy that is cut off while it hands the body on never reads why, and says 502 instead."""
        with serving(station) as site, socket.create_connection(("127.0.0.1", site.port), timeout=20) as proxy:
            proxy.sendall(b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n\r\n")
            assert proxy.recv(12) == b"HTTP/1.1 413"
            for _ in range(30):
                proxy.sendall(b"a" * 100_000)
            answer = b"".join(iter(partial(proxy.recv, 65536), b""))
            assert "Слишком много данных" in answer.decode()

    def test_health_is_told_to_anybody(self, station: Arena) -> None:
        with serving(station) as site:
            assert Browser(site).get("/healthz") == (200, "ok\n")

    def test_built_files_are_kept_for_ever(self, station: Arena) -> None:
        with serving(station) as site:
            _, page = Browser(site).get("/login/")
            (script,) = re.findall(r'src="(/static/ui/app\.[^"]+)"', page)
            connection = site.connection()
            connection.request("GET", script)
            answer = connection.getresponse()
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
            connection.close()


class TestEnd:
    def test_ends_quickly_and_gracefully_with_streams_open(self, station: Arena) -> None:
        with serving(station) as site:
            browser = signed_in(site)
            with browser.listening("SEV", "") as ear:
                ear.next("hello")
                began_at = time.monotonic()
                assert site.stop() == 0
                assert time.monotonic() - began_at < ENDS_WITHIN_SECONDS, "nobody waits for a stream to end"
            assert not [line for line in site.printed if "Traceback" in line or "ERROR" in line], site.printed


class TestFirstRun:
    def test_of_several_who_begin_at_once_one_is_the_first(self, empty_station: Arena) -> None:
        with serving(empty_station) as site:
            until(lambda: "/setup/?code=" in site.printed[-1])
            code = site.printed[-1].partition("code=")[2].strip()
            assert console(empty_station, "check").returncode == 0
            administrator = {"full_name": "Белова", "password": "long password", "password_again": "long password"}
            forms = [{**administrator, "username": f"belova{number}", "code": code} for number in range(4)]
            browsers = [Browser(site) for _ in forms]
            for browser in browsers:
                browser.get("/setup/")
            with ThreadPoolExecutor(len(forms)) as threads:
                made = list(threads.map(lambda who, form: who.post("/setup/", form)[0], browsers, forms))
            assert sorted(made) == [302, 404, 404, 404]
            founder = browsers[made.index(302)]
            branch = {"network": "Сеть", "name": "Север", "zone": "Europe/Moscow"}
            branch |= {"open_0": "yes", "from_0": "08:00", "to_0": "20:00"}
            with ThreadPoolExecutor(2) as threads:
                founded = list(threads.map(lambda _: founder.post("/setup/branch/", branch)[0], range(2)))
            assert sorted(founded) == [302, 404]
            assert founder.get("/SEVER/")[0] == 200
        with serving(empty_station) as site:
            assert "/setup/" not in "".join(site.printed)


class TestConsole:
    def test_port_in_use_is_said_plainly(self, station: Arena) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            refused = console(station, "serve", "--port", str(port))
        assert refused.returncode == 1
        assert f"--port {port + 1}" in refused.stderr

    @pytest.mark.parametrize("option", [("--clock-offset", "-1d"), ("--clock-speed", "60")])
    def test_clock_of_a_production_database_is_not_moved(self, station: Arena, option: tuple[str, str]) -> None:
        station.alone(deeds.become_production)
        refused = console(station, "serve", "--port", "0", *option)
        assert refused.returncode == 1
        assert "in production" in refused.stderr
        assert console(station, "clock", "--shift", "1h").returncode == 1

    @on_sqlite
    def test_demo_is_never_made_of_another_database(self, station: Arena) -> None:
        station.alone(deeds.become_production)
        refused = console(station, "demo", "--port", "0", "--fresh")
        assert refused.returncode == 1
        assert "no demo's database" in refused.stderr

    @on_sqlite
    def test_demo_being_served_is_not_thrown_away(self, station: Arena) -> None:
        with serving(station):
            refused = console(station, "demo", "--port", "0", "--fresh")
            assert refused.returncode == 1
            assert "another demo is being served" in refused.stderr

    def test_new_installation_can_be_made_staffed_and_checked(self, empty_station: Arena) -> None:
        names = ("--network", "Сеть", "--branch", "SEV", "--name", "Север", "--zone", "Europe/Moscow")
        made = console(empty_station, "init", *names, "--admin", "belov", typed="long password\n")
        assert made.returncode == 0, made.stderr
        again = console(empty_station, "init", *names, "--admin", "belov", typed="long password\n")
        assert "in use already" in again.stderr
        staff = ("add-staff", "ivanova", "--name", "Иванова Ольга", "--role", "operator", "--branch", "SEV")
        assert "at least 10 characters" in console(empty_station, *staff, typed="short\n").stderr
        assert console(empty_station, *staff, typed="long password\n").returncode == 0
        checked = console(empty_station, "check")
        assert (checked.returncode, checked.stdout) == (0, "Nothing is wrong.\n"), checked.stderr

    def test_campaign_of_a_maker_is_told_from_a_file(self, station: Arena, tmp_path: Path) -> None:
        vins = tmp_path / "vins.txt"
        vins.write_text("XTAGA1234R1234567\n\nхтаga1234r1234568\n", encoding="utf-8")
        words = ("campaign", "SEV", "R-14", "--vins", str(vins))
        assert "takes --name and --norm" in console(station, *words).stderr
        told = console(station, *words, "--name", "Замена подушки", "--norm", "60", "--until", "2027-01-31")
        assert told.stdout == "«Замена подушки»: 2 cars, until 2027-01-31.\n", told.stderr
        vins.write_text("итого: 2\n", encoding="utf-8")
        assert "no VIN: 'итого: 2'" in console(station, *words).stderr

    def test_bad_branch_is_refused_whole(self, empty_station: Arena) -> None:
        names = ("--network", "Сеть", "--branch", "login", "--name", "Север", "--zone", "Europe/Moscow")
        refused = console(empty_station, "init", *names, "--admin", "belov", typed="long password\n")
        assert "branch_code_unfit" in refused.stderr
        again = [*names[:3], "SEV", *names[4:]]
        made = console(empty_station, "init", *again, "--admin", "belov", typed="long password\n")
        assert made.returncode == 0, made.stderr

    def test_check_names_a_forged_entry(self, station: Arena, visit_id: int) -> None:
        assert console(station, "check").returncode == 0
        station.alone(deeds.forge_entry)
        checked = console(station, "check")
        assert checked.returncode == 1
        assert "not as it was sealed" in checked.stdout
