"""After an erasure no byte of the client is left: in the files of the database, in a copy, in the log, in the acts."""

import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from tests.flows import canary
from tests.flows.serving import Browser, Site, console, serving
from tests.races.arena import Arena, new_arena


def stored(station: Arena) -> Iterator[bytes]:
    """The raw files of the database."""
    if not settings.DATABASE_URL:
        path = Path(station.environment["VOVREMYA_DATABASE"])
        yield from (file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        return
    import psycopg

    with psycopg.connect(station.environment["VOVREMYA_DATABASE_URL"], autocommit=True) as server:
        server.execute("CHECKPOINT")
        found = server.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert found
    folder, oid = found
    yield from (file.read_bytes() for file in Path(folder, "base", str(oid)).iterdir())


def copied_out(station: Arena, folder: Path) -> bytes:
    """A fresh copy, in plain words where the copy is compressed."""
    copy = folder / "fresh.backup"
    done = console(station, "backup", str(copy))
    assert done.returncode == 0, done.stderr
    if not settings.DATABASE_URL:
        return copy.read_bytes()
    url = station.environment["VOVREMYA_DATABASE_URL"]
    return subprocess.run(["pg_dump", url], capture_output=True, check=True, env={**os.environ}).stdout


def test_no_byte_of_an_erased_client_is_left(station: Arena, tmp_path: Path) -> None:
    everything = set(canary.NEEDLES)
    client_id = station.alone(partial(canary.live, tmp_path))
    assert canary.found_in(stored(station)) == everything, "the search finds what is there"
    older = tmp_path / "older.backup"
    assert console(station, "backup", str(older)).returncode == 0

    with serving(station) as site:
        _look_at(site, client_id)
        station.alone(partial(canary.erase, client_id))
        done = console(station, "erasures", "--scrub", "--save", str(tmp_path / "record.json"))
        assert done.returncode == 0, done.stderr
        assert canary.found_in(stored(station)) == set(), "while it is served"
    assert "client_facet" in "".join(site.printed)
    assert canary.found_in(["".join(site.printed).encode()]) == set(), "nor is there any in the log"
    assert canary.found_in(stored(station)) == set()
    assert canary.found_in([copied_out(station, tmp_path)]) == set()
    assert canary.found_in([(tmp_path / "record.json").read_bytes(), done.stdout.encode()]) == set()
    checked = console(station, "check")
    assert checked.returncode == 0, checked.stdout

    # An older copy brings her back, and the record erases her anew.
    elsewhere = new_arena(_made(tmp_path / "elsewhere"))
    restored = console(elsewhere, "restore", str(older), "--erasures", str(tmp_path / "record.json"))
    assert restored.returncode == 0, restored.stderr
    assert canary.found_in(stored(elsewhere)) == set()
    assert elsewhere.alone(canary.acts) == station.alone(canary.acts)


def _look_at(site: Site, client_id: int) -> None:
    """Search for her by everything, open her card, press and be refused."""
    browser = Browser(site)
    browser.sign_in("supervisor")
    for text in (canary.NUMBER, canary.SECOND_PLATE, canary.VIN, "Канарейкина"):
        for address in ("/SEV/search", "/office/SEV/clients/"):
            status, html = browser.get(f"{address}?{urlencode({'q': text})}")
            assert (status, "Канарейкина" in html) == (200, True), (address, text)
    address = f"/office/SEV/clients/{client_id}/"
    assert canary.EMAIL in browser.get(address)[1]
    window = {"HX-Request": "true"}
    refused = {"name": canary.NAME, "kind": "cat", "email": canary.EMAIL, "comment": canary.WORD, "seen": "x"}
    assert browser.post(f"{address}person/own/", refused, window)[0] == 422
    assert "+79988776655" in browser.post(f"{address}file/", {}, window)[1]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_who_writes_at_that_moment_is_not_held_up_for_long(station: Arena) -> None:
    assert station.alone(canary.scrub_beside_a_writer) == (False, True)
