"""The production layout, as far as it can be tried beside the tests: nginx in front, units that systemd takes."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from tests.flows import deeds
from tests.flows.serving import Browser, Site, serving, until
from tests.flows.test_operation import is_listened_to
from tests.races.arena import Arena
from vovremya.config.console import parser

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
IMPORT_FOLDER = DEPLOY / "systemd" / "import-folder.conf"
PROGRAM = "/opt/vovremya/bin/vovremya"
NAME = "vovremya.example"
CERTIFIED = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}")

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


class Named(HTTPSConnection):
    """Asks as a browser does that was sent to the site by its name."""

    def request(self, method: str, url: str, body: Any = None, headers: Mapping[str, Any] = {}, **more: Any) -> None:
        super().request(method, url, body, {"Host": NAME, "Origin": f"https://{NAME}", **headers}, **more)


@dataclass
class ProxiedSite(Site):
    plain_port: int = 0

    def connection(self) -> HTTPConnection:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return Named("127.0.0.1", self.port, timeout=20, context=context)


@contextmanager
def behind_nginx(site: Site, folder: Path) -> Iterator[ProxiedSite]:
    """The site's file as it is, but for addresses and places."""
    subprocess.run(
        [*CERTIFIED, "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    text = (DEPLOY / "nginx" / "vovremya.conf").read_text(encoding="utf-8")
    text = re.sub(r"listen \[::\].*;\n", "", text)
    for old, new in {
        "listen 443 ": f"listen 127.0.0.1:{ports[0]} ",
        "listen 80;": f"listen 127.0.0.1:{ports[1]};",
        "127.0.0.1:8000 ": f"127.0.0.1:{site.port} ",
        "/etc/vovremya/tls": str(folder),
        "/var/log/nginx": str(folder),
    }.items():
        assert old in text
        text = text.replace(old, new)
    main = f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; pid {folder}/pid; error_log {folder}/error.log info;
        events {{ worker_connections 256; }}
        http {{
            access_log {folder}/access.log;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            {text}
        }}
    """
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    nginx = subprocess.Popen(["nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"])
    try:
        until(lambda: is_listened_to(ports[0]))
        yield ProxiedSite(process=site.process, port=ports[0], plain_port=ports[1])
    finally:
        nginx.terminate()
        nginx.wait(10)


@pytest.fixture
def public_station(station: Arena) -> Arena:
    return Arena({**station.environment, "VOVREMYA_HOSTS": NAME, "VOVREMYA_HTTPS": "1"})


@needs_nginx
@needs_openssl
def test_login_board_and_feed_through_nginx(public_station: Arena, tmp_path: Path) -> None:
    visit_id = public_station.alone(partial(deeds.book, "10:30"))
    with serving(public_station, "--workers", "2") as site, behind_nginx(site, tmp_path) as proxied:
        browser, master = Browser(proxied), Browser(proxied)
        browser.sign_in("operator")  # a POST over HTTPS with its Origin: the proxy's scheme is believed
        master.sign_in("master")
        with browser.listening("SEV", browser.cursor_of("SEV")) as ear:
            ear.next("hello")
            asked_at = time.time()
            assert master.post(f"/visits/{visit_id}/check-in/", {"request_key": "one"})[0] < 300
            bars = ear.next("bars")
            assert bars.data["visit"] == visit_id
            assert bars.at - asked_at < 1.5, "events are not gathered on the way"
            ear.next("beat")
            assert site.stop() == 0
            ear.ends()
        assert browser.get("/SEV/")[0] == 502


@needs_nginx
@needs_openssl
def test_proxy_hands_its_id_on_and_the_refusal_of_a_large_body_is_ours(public_station: Arena, tmp_path: Path) -> None:
    with serving(public_station, "--workers", "2") as site, behind_nginx(site, tmp_path) as proxied:
        connection = proxied.connection()
        connection.request("GET", "/readyz")
        assert connection.getresponse().read() == b"ready\n"
        connection.request("GET", "/login/")
        answer = connection.getresponse()
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"]
        answer.read()
        connection.request("POST", "/login/", b"a" * 1_000_001)
        answer = connection.getresponse()
        assert answer.status == 413
        assert "Слишком много данных" in answer.read().decode()
        connection.close()


@needs_nginx
@needs_openssl
def test_no_address_that_was_asked_for_reaches_the_proxys_logs(public_station: Arena, tmp_path: Path) -> None:
    asked = ("/calendar/SECRET.ics", "/invitation/SECRET/", "/SEV/?q=SECRET")
    with serving(public_station) as site, behind_nginx(site, tmp_path) as proxied:
        for path in asked:
            assert Browser(proxied).get(path)[0] < 500
            plain = HTTPConnection("127.0.0.1", proxied.plain_port, timeout=20)
            plain.request("GET", path, headers={"Host": NAME})
            assert plain.getresponse().headers["Location"] == f"https://{NAME}{path}"
            plain.close()
        assert site.stop() == 0
        for path in asked:
            assert Browser(proxied).get(path)[0] == 502
    logs = {log.name: log.read_text(encoding="utf-8") for log in tmp_path.glob("*.log")}
    assert "error.log" in logs
    assert not [name for name, text in logs.items() if "SECRET" in text]


def verified(unit: Path, folder: Path) -> Path:
    """A copy of the unit that systemd has taken without a word."""
    program = folder / "vovremya"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = folder / unit.name
    # The program is not installed where the tests run; nobody else's unit is to be looked at.
    text = unit.read_text(encoding="utf-8").replace(PROGRAM, str(program))
    copy.write_text(re.sub(r"^After=.*\n|^Wants=.*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    taken = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=60, check=False
    )
    assert (taken.returncode, taken.stderr) == (0, "")
    return copy


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_unit_starts_what_the_command_takes(unit: Path) -> None:
    started = re.findall(rf"^ExecStart={PROGRAM} (.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    assert started
    for words in started:
        parser().parse_args(shlex.split(words))


def test_who_brings_files_may_write_to_the_import_folder_and_read_the_reports(station: Arena, tmp_path: Path) -> None:
    (mask,) = re.findall(r"^UMask=(\d+)$", IMPORT_FOLDER.read_text(encoding="utf-8"), re.MULTILINE)
    root = tmp_path / "import"
    root.mkdir()
    bringing = 54321 if os.geteuid() == 0 else os.getegid()
    os.chown(root, -1, bringing)
    root.chmod(0o2770)
    branch = root / "SEV"
    importing = Arena({**station.environment, "VOVREMYA_IMPORT_FOLDER": str(root)})
    with serving(importing, command="watch", through=("sh", "-c", f'umask {mask} && exec "$@"', "sh")):
        until((branch / "refused").is_dir)
        (branch / "schedule.csv").write_bytes(b"%PDF-1.7 nothing")
        until(lambda: any((branch / "refused").glob("*отчёт.txt")))
    (report,) = (branch / "refused").glob("*отчёт.txt")
    made = {path: path.stat() for path in (branch, branch / "working", branch / "refused", report)}
    assert {state.st_gid for state in made.values()} == {bringing}
    assert [oct(state.st_mode & 0o7777) for state in made.values()] == ["0o2770"] * 3 + ["0o660"]


@needs_systemd
def test_systemd_takes_what_opens_an_import_folder_to_the_watch(tmp_path: Path) -> None:
    opened = tmp_path / "vovremya-watch.service.d" / IMPORT_FOLDER.name
    opened.parent.mkdir()
    shutil.copy(IMPORT_FOLDER, opened)
    verified(DEPLOY / "systemd" / "vovremya-watch.service", tmp_path)


@needs_systemd
def test_systemd_takes_the_timer_of_the_copies(tmp_path: Path) -> None:
    verified(DEPLOY / "systemd" / "vovremya-backup.service", tmp_path)
    verified(DEPLOY / "systemd" / "vovremya-backup.timer", tmp_path)


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_systemd_takes_the_unit_and_finds_it_closed_up(unit: Path, tmp_path: Path) -> None:
    copy = verified(unit, tmp_path)
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", copy],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert exposure is not None, judged.stdout + judged.stderr
    print(exposure[0])
    assert float(exposure[1]) < 2.5
