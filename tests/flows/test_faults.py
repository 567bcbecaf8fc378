"""Disk, database and line fail under a served station: told in words, done once, found again without a restart."""

import errno
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flows import deeds
from tests.flows.serving import Browser, Site, console, serving, until
from tests.flows.test_server import signed_in
from tests.proof.outages import FailingDisk, LeftOut
from tests.proof.proxy import Proxy, proxied
from tests.races.arena import Arena
from vovremya.config.asgi import THREADS


@pytest.fixture
def visit_id(station: Arena) -> int:
    return station.alone(partial(deeds.book, "10:30"))


def arrivals(*visit_ids: int) -> int:
    from vovremya.journal.models import Entry

    return Entry.objects.filter(visit_id__in=visit_ids, kind="client_arrived").count()


class Failing:
    """A station whose database can be made to fail: its disk's writes, or its line."""

    def __init__(self, station: Arena, folder: Path, stack: ExitStack) -> None:
        self.is_postgresql = bool(station.environment["VOVREMYA_DATABASE_URL"])
        if self.is_postgresql:
            url = urlsplit(station.environment["VOVREMYA_DATABASE_URL"])
            self._proxy = stack.enter_context(proxied(url.port or 5432))
            own = url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{self._proxy.port}")
            environment = {"VOVREMYA_DATABASE_URL": own.geturl()}
        else:
            self._disk = FailingDisk(folder, Path(station.environment["VOVREMYA_DATABASE"]).parent)
            environment = self._disk.environment
        self.served = Arena({**station.environment, **environment})

    def fails(self) -> AbstractContextManager[None]:
        return self._proxy.cut() if self.is_postgresql else self._disk.failing(errno.EROFS)

    @property
    def words(self) -> str:
        return "База данных не отвечает" if self.is_postgresql else "База данных не принимает записи"

    @property
    def readiness(self) -> str:
        return "the database does not answer\n" if self.is_postgresql else "the database takes no writes\n"


@pytest.fixture
def failing(station: Arena, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failing]:
    with ExitStack() as stack:
        try:
            yield Failing(station, tmp_path_factory.mktemp("shim"), stack)
        except LeftOut as why:
            pytest.skip(str(why))


def test_failing_database_is_told_of_and_found_again_without_a_restart(failing: Failing) -> None:
    visit_ids = failing.served.alone(partial(deeds.book_several, *(f"{hour}:30" for hour in range(10, 10 + THREADS))))
    with serving(failing.served) as site:
        master = signed_in(site, "master")

        def press(visit_id: int) -> tuple[int, str]:
            return master.post(f"/visits/{visit_id}/check-in/", {"request_key": f"of {visit_id}"})

        with ThreadPoolExecutor(THREADS) as hands, failing.fails():
            # At once, so that the server opens connections meanwhile, which are good for reading alone.
            answers = list(hands.map(press, visit_ids))
            assert {status for status, _ in answers} == {503}
            assert all(f"<span data-failure>{failing.words}</span>" in page for _, page in answers)
            assert Browser(site).get("/readyz") == (503, failing.readiness)
            assert Browser(site).get("/healthz") == (200, "ok\n")
            # Who looks at the board meanwhile leaves no such connection to the presses that come afterwards.
            seen = list(hands.map(lambda _: master.get("/SEV/")[0], range(3 * THREADS)))
            assert set(seen) == {503 if failing.is_postgresql else 200}
        until(lambda: Browser(site).get("/readyz") == (200, "ready\n"))
        with ThreadPoolExecutor(THREADS) as hands:
            assert [status for status, _ in hands.map(press, visit_ids)] == [204] * THREADS
        assert not re.search("Кот|9120000001|А001АА", "".join(site.printed))
    assert failing.served.alone(partial(arrivals, *visit_ids)) == THREADS


def through(proxy: Proxy, site: Site) -> Site:
    return Site(site.process, proxy.port, site.printed)


def test_press_whose_answer_is_lost_is_done_once_when_repeated(station: Arena, visit_id: int) -> None:
    with serving(station) as site, proxied(site.port) as proxy:
        master = signed_in(through(proxy, site), "master")
        press = partial(master.post, f"/visits/{visit_id}/check-in/", {"request_key": "one"})
        proxy.break_answer_to(b"/check-in/")
        with pytest.raises((OSError, HTTPException)):
            press()
        assert proxy.broken_answers == 1
        assert station.alone(partial(arrivals, visit_id)) == 1, "it was done: only the answer is lost"
        assert press()[0] == 204
    assert station.alone(partial(arrivals, visit_id)) == 1


def test_server_that_cannot_write_ends_with_a_plain_word(failing: Failing) -> None:
    with failing.fails():
        ended = console(failing.served, "serve", "--port", "0")
    assert ended.returncode == 1
    assert "vovremya: the database cannot be opened, or does not answer" in ended.stderr
    assert "File" not in ended.stderr, "a trace is for those who can mend the program"
