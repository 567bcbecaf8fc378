"""Lets disk, database and lines fail under two operators who are about to save, and looks what becomes of it.

    python -m tests.proof.faults --seconds 60
    python -m tests.proof.faults --seconds 30 --database postgresql

One server for all the faults, never restarted, and two real browsers behind a proxy. At each fault one operator
presses «Опрос завершён» in a filled card, the other «Записать»; a visit turns late meanwhile. Afterwards each presses
once more.

It has been seen to fail: at a page that kept its dumb connections (one press did not save), at a draft that outlived
its contact behind a frozen PostgreSQL (`vovremya check`), at a window that took a time that was up for a lost line.
"""

import argparse
import errno
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import django
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from tests.flows import deeds
from tests.flows.serving import Browser, Site, console, serving
from tests.proof import scenes
from tests.proof.outages import FailingDisk, LeftOut, faulty_disk, frozen, full, slow_and_reset, small_disk, stopped
from tests.proof.proxy import Proxy, proxied
from tests.proof.report import Finding, Section, add_write, told
from tests.proof.scenes import Scene
from tests.races.arena import Arena, sqlite_arena
from tools.browser import find
from tools.postgres import Cluster, cluster
from tools.shots import CHROMIUM, NO_TELEPHONE

#: The window gives up after 25 s itself.
_TELLS_WITHIN_SECONDS = 32.0
_BACK_WITHIN_SECONDS = 45.0
_BOARDS_TELL_WITHIN_SECONDS = 16.0
_LATENCY = 0.5
_SIZE = ViewportSize(width=1366, height=768)
_COMMENT = "Едет с дачи, сказала дочь"
_CLIENT = "Гришин Олег Павлович"
_PHONE = "8 (905) 123-45-67"
#: None of this may be in a line of the log.
_PERSONAL = ("Гришин", "9051234567", "123-45-67", "Смирнова", "9123456789", "дачи", "М347ВС")
_NOT_WRITABLE, _NO_ANSWER, _READY = "the database takes no writes", "the database does not answer", "ready"

Fails = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Fault:
    name: str
    fails: Fails
    words: str = ""  # that one of the windows must say; none where a press may go through
    readiness: str = _READY  # what `/readyz` must say; nothing where it may say either
    does_reach_server: bool = True  # else the server answers 503, and is asked for that apart
    banner: str = ""  # what the board must say of it: `lost` or `watch`


@dataclass
class Verdict:
    fault: Fault
    words: list[str] = field(default_factory=list)
    back_after: float = 0.0
    misses: list[str] = field(default_factory=list)

    def must(self, what: str, *, holds: bool) -> None:
        if not holds:
            self.misses.append(what)

    @property
    def finding(self) -> Finding:
        said = ", ".join(f"«{words}»" for words in dict.fromkeys(self.words)) or "no word needed"
        found = f"{said}; all there after {self.back_after:.0f} s" if not self.misses else "; ".join(self.misses)
        return Finding(self.fault.name, found, "told, kept, saved once, live again", not self.misses)


# --- two operators -------------------------------------------------------------------------------------------------


class Desk:
    """A browser of its own with the board open, behind the proxy."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.window: Locator = page.locator("dialog#late-notice")

    def open_board(self) -> None:
        self.page.goto("/SEV/", wait_until="domcontentloaded")
        expect(self.page.locator("#line")).to_have_text("на связи")
        self.page.evaluate("window.wasHereBefore = true")

    def fill_card(self, scene: Scene) -> None:
        self.page.locator(f"#bar-{scene.late}").dblclick()
        self.page.locator("dialog#repairs").get_by_role("button", name="Набрать", exact=True).click()
        self.window = self.page.locator("dialog#late-notice")
        self._choose("result", "answered")
        self._choose("eta", "5")
        self.window.get_by_role("option", name="Да", exact=True).click()
        self.window.get_by_label("Комментарий").fill(_COMMENT)
        expect(self.window.get_by_text(re.compile("Черновик сохранён"))).to_be_visible()

    def fill_booking(self) -> None:
        self.page.get_by_role("link", name="Запись", exact=True).click()
        self.window = self.page.locator("dialog#booking")
        self.window.get_by_label("Имя или организация").fill(_CLIENT)
        self.window.get_by_label("Телефон", exact=True).fill(_PHONE)
        self.window.get_by_label("Комментарий").fill(_COMMENT)
        slots = self.window.get_by_role("radiogroup", name="Свободное время")
        slots.locator("label", has=self.page.get_by_role("radio", name=re.compile("^16:00"))).first.click()
        expect(slots.get_by_role("radio", name=re.compile("^16:00")).first).to_be_checked()

    def _choose(self, name: str, value: str) -> None:
        self.window.locator("label", has=self.page.locator(f"input[name={name}][value='{value}']")).click()

    def press(self, name: str) -> None:
        self.window.get_by_role("button", name=re.compile(f"^{name}")).click(no_wait_after=True)

    @property
    def failure(self) -> Locator:
        return self.window.locator(".failure[role=alert]")

    @property
    def is_done(self) -> bool:
        return not self.window.is_visible()

    def hear(self, until: float) -> str:
        """What the window says of the press; nothing where it was done, or never said."""
        while time.monotonic() < until and not self.is_done:
            if self.failure.is_visible():
                return self.failure.locator("span").inner_text()
            self.page.wait_for_timeout(100)
        return ""

    @property
    def alerts(self) -> str:
        """What else the window may say: at a field, above the form."""
        return " ".join(self.window.locator("[role=alert], .error").all_inner_texts())

    @property
    def has_text(self) -> bool:
        kept = self.window.get_by_label("Комментарий").input_value() == _COMMENT
        name = self.window.get_by_label("Имя или организация")
        return kept and (not name.count() or name.input_value() == _CLIENT)

    def repeat(self) -> bool:
        """One press of «Повторить», where there is one; whether the window is done with afterwards."""
        if self.hear(time.monotonic() + _TELLS_WITHIN_SECONDS):
            self.failure.get_by_role("button", name="Повторить").click()
        with suppress(AssertionError):
            expect(self.window).to_be_hidden(timeout=_TELLS_WITHIN_SECONDS * 1000)
        return self.is_done

    @property
    def is_live(self) -> bool:
        return self.page.locator("#line").inner_text() == "на связи" and not self.banner("lost").count()

    @property
    def is_same_page(self) -> bool:
        return bool(self.page.evaluate("window.wasHereBefore === true"))

    def banner(self, kind: str) -> Locator:
        return self.page.locator(f"[data-banner={kind}]")

    def shoot(self, folder: Path | None, name: str) -> None:
        if folder is None:
            return
        for theme in ("light", "dark"):
            self.page.evaluate("(theme) => document.documentElement.dataset.bsTheme = theme", theme)
            self.page.screenshot(path=folder / f"{name}-{theme}.png")


# --- one fault -----------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    arena: Arena
    site: Site
    seconds: float
    card: Desk
    booking: Desk
    plain: Browser  # a third operator, of whom only the answers matter
    shots: Path | None = None
    played: int = 0

    @property
    def desks(self) -> tuple[Desk, Desk]:
        return self.card, self.booking

    def play(self, fault: Fault) -> Verdict:
        self.played += 1
        verdict = Verdict(fault)
        scene = self.arena.alone(partial(scenes.set_up, self.played))
        for desk in self.desks:
            desk.open_board()
        self.card.fill_card(scene)
        self.booking.fill_booking()
        scene = self.arena.alone(partial(scenes.add_turning, scene, self.seconds / 2))
        with fault.fails():
            self._suffer(verdict, scene, time.monotonic() + self.seconds)
        healed_at = time.monotonic()
        self._recover(verdict, healed_at)
        self._count(verdict, scene)
        verdict.back_after = time.monotonic() - healed_at
        return verdict

    def _suffer(self, verdict: Verdict, scene: Scene, ends_at: float) -> None:
        fault = verdict.fault
        self.card.press("Опрос завершён")
        self.booking.press("Записать")
        if not fault.does_reach_server:
            self._ask_plainly(verdict, scene)
        waits_until = min(time.monotonic() + _TELLS_WITHIN_SECONDS, max(ends_at, time.monotonic() + 2.0))
        heard = [desk.hear(waits_until) for desk in self.desks]
        verdict.words += [words for words in heard if words]
        if fault.words and self.seconds >= _TELLS_WITHIN_SECONDS:
            # A browser may send a press again by itself where the line broke; its key saves it once.
            is_told = all(words or desk.is_done for words, desk in zip(heard, self.desks, strict=True))
            verdict.must("a window said nothing", holds=is_told)
        verdict.must(f"the windows said {heard}", holds=all(re.search(fault.words, words) for words in heard if words))
        for desk in self.desks:
            verdict.must("typed text lost", holds=desk.is_done or desk.has_text)
        answers = self._readiness(3.0)
        verdict.must(f"/readyz said {answers}", holds=not fault.readiness or fault.readiness in answers)
        self.card.shoot(self.shots, f"{self.played}-card")
        self.booking.shoot(self.shots, f"{self.played}-booking")
        self.card.page.wait_for_timeout(max(ends_at - time.monotonic(), 0) * 1000)
        if fault.banner and self.seconds >= _BOARDS_TELL_WITHIN_SECONDS:
            is_told = all(desk.banner(fault.banner).count() == 1 for desk in self.desks)
            verdict.must(f"a board does not say «{fault.banner}»", holds=is_told)
        self.card.shoot(self.shots, f"{self.played}-card-at-the-end")

    def _ask_plainly(self, verdict: Verdict, scene: Scene) -> None:
        try:
            status, page = self.plain.post(
                f"/visits/{scene.turning}/check-in/", {"request_key": f"plain-{self.played}"}
            )
        except OSError:
            verdict.must("a request was not answered at all", holds=False)
            return
        verdict.must(f"a press was answered {status}", holds=status == 503)
        verdict.must("the answer has no words", holds="data-failure" in page)
        verdict.must("the answer tells of the inside", holds=not re.search("Traceback|Error|sqlite|psycopg", page))

    def _readiness(self, within_seconds: float) -> set[str]:
        answers, until = set(), time.monotonic() + within_seconds
        while time.monotonic() < until:
            with suppress(OSError):
                answers.add(Browser(self.site).get("/readyz")[1].strip())
            self.card.page.wait_for_timeout(200)
        return answers

    def _recover(self, verdict: Verdict, healed_at: float) -> None:
        until = healed_at + _BACK_WITHIN_SECONDS
        for desk in self.desks:
            while time.monotonic() < until and not desk.is_live:
                desk.page.wait_for_timeout(100)
            verdict.must("the board did not come back", holds=desk.is_live)
            verdict.must("the page was loaded anew", holds=desk.is_same_page)
        for desk in self.desks:
            is_done = desk.repeat()
            verdict.must(f"one press did not save: «{'' if is_done else desk.alerts}»", holds=is_done)
        while time.monotonic() < until and self._readiness(0.2) != {_READY}:
            pass
        verdict.must("not ready again", holds=self._readiness(0.2) == {_READY})
        verdict.must("the server was restarted", holds=self.site.process.poll() is None)

    def _count(self, verdict: Verdict, scene: Scene) -> None:
        until = time.monotonic() + _BACK_WITHIN_SECONDS
        outcome = self.arena.alone(partial(scenes.outcome_of, scene, _CLIENT))
        while not outcome.turned_late_at and time.monotonic() < until:
            outcome = self.arena.alone(partial(scenes.outcome_of, scene, _CLIENT))
        verdict.must(f"contacts finished: {outcome.finished}", holds=outcome.finished == 1)
        verdict.must(f"visits booked: {outcome.booked}", holds=outcome.booked == 1)
        verdict.must(f"clients registered: {outcome.registered}", holds=outcome.registered == 1)
        verdict.must("the typed comment was not saved", holds=outcome.comment == _COMMENT)
        is_at_instant = list(outcome.turned_late_at) == [scene.turns_at]
        verdict.must(f"announced {outcome.turned_late_at} for {scene.turns_at}", holds=is_at_instant)
        bar = self.booking.page.locator(f"#bar-{scene.late}")
        with suppress(AssertionError):
            expect(bar).to_have_accessible_name(re.compile("ожидается к"), timeout=_BACK_WITHIN_SECONDS * 1000)
        name = bar.get_attribute("aria-label") or bar.inner_text()
        verdict.must(f"the other board shows «{name}»", holds="ожидается к" in name)


# --- the faults ----------------------------------------------------------------------------------------------------


def of_lines(proxy: Proxy) -> list[Fault]:
    """Between the browsers and the server."""
    no_line = "Нет связи с сервером|Сервер не ответил вовремя|Сервер не отвечает"
    return [
        Fault("browsers cut off, connections refused", proxy.cut, no_line, banner="lost"),
        Fault("browsers in a black hole", proxy.lost, no_line, banner="lost"),
        Fault("cable pulled and put in again", proxy.held, no_line, banner="lost"),
        Fault(f"{_LATENCY} s each way and resets every 0.7 s", partial(slow_and_reset, proxy, _LATENCY), no_line),
        Fault("saved, and the line reset amid the answer", partial(broken_answers, proxy), no_line),
    ]


@contextmanager
def broken_answers(proxy: Proxy) -> Iterator[None]:
    before = proxy.broken_answers
    proxy.break_answer_to(b"/finish/ HTTP")
    proxy.break_answer_to(b"POST /SEV/booking/ HTTP")
    yield
    assert proxy.broken_answers == before + 2, "the answers were not broken"


def of_disk(disk: Path, failing: FailingDisk | None) -> list[Fault]:
    away = partial(Fault, readiness=_NOT_WRITABLE, does_reach_server=False, banner="watch")
    faults = [away("disk full, by filling a file system of 48 MB", partial(emptied_and_full, disk), "кончилось место")]
    if failing is not None:
        words = "не принимает записи"
        faults += [
            away("I/O errors at every write (EIO)", partial(failing.failing, errno.EIO), words),
            away("file system turned read-only (EROFS)", partial(failing.failing, errno.EROFS), words),
        ]
    return faults


@contextmanager
def emptied_and_full(disk: Path) -> Iterator[None]:
    """First the log of the database is emptied, or there would be room in it."""
    scenes.empty_log(disk / "race.sqlite3")
    with full(disk):
        yield


def of_database(own: Cluster, proxy: Proxy) -> list[Fault]:
    """Between the server and PostgreSQL."""
    words = "База данных не отвечает|Сервер не ответил вовремя"
    silent = partial(Fault, words=words, readiness=_NO_ANSWER, banner="lost")
    return [
        silent("database stopped and started", partial(stopped, own), does_reach_server=False),
        silent("database frozen (SIGSTOP)", partial(frozen, own)),
        silent("database's connections cut and refused", proxy.cut, does_reach_server=False),
        silent("database's line pulled and put in again", proxy.held),
        Fault("database 0.25 s away each way, resets every 0.7 s", partial(slow_and_reset, proxy, 0.25), words, ""),
        Fault("COMMIT done, and the line reset amid its answer", partial(broken_commits, proxy), words, ""),
    ]


@contextmanager
def broken_commits(proxy: Proxy) -> Iterator[None]:
    before = proxy.broken_answers
    for _ in range(4):
        proxy.break_answer_to(b"COMMIT")
    yield
    assert proxy.broken_answers == before + 4, "the answers were not broken"


# --- the run -------------------------------------------------------------------------------------------------------


@contextmanager
def seated(site: Site, proxy: Proxy) -> Iterator[tuple[Desk, Desk]]:
    path = find()
    if path is None:
        raise SystemExit("no Chromium found: `make browser` installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        desks = []
        for login in ("operator", "second"):
            context = browser.new_context(
                base_url=f"http://127.0.0.1:{proxy.port}", viewport=_SIZE, locale="ru-RU", reduced_motion="reduce"
            )
            signed_in = Browser(site)
            signed_in.sign_in(login)
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": f"http://127.0.0.1:{proxy.port}"}
                    for name, value in signed_in.cookies.items()
                ]
            )
            page = context.new_page()
            page.add_init_script(NO_TELEPHONE)
            desks.append(Desk(page))
        try:
            yield desks[0], desks[1]
        finally:
            browser.close()


def tried(
    arena: Arena, served: Arena, chosen: argparse.Namespace, faults_of: Callable[[Proxy], Sequence[Fault]]
) -> list[Finding]:
    """Every fault in turn on one server."""
    verdicts: list[Verdict] = []
    with serving(served) as site, proxied(site.port) as proxy, seated(site, proxy) as desks:
        plain = Browser(site)
        plain.sign_in("master")
        trial = Trial(arena, site, chosen.seconds, *desks, plain, chosen.shots)
        for fault in faults_of(proxy):
            if chosen.only and not re.search(chosen.only, fault.name):
                continue
            try:
                verdict = trial.play(fault)
            except (BrowserError, AssertionError) as error:
                verdict = Verdict(fault, misses=[str(error).splitlines()[0]])
            print(f"{verdict.finding}", file=sys.stderr, flush=True)
            verdicts.append(verdict)
        printed = "".join(site.printed)
    checked = console(arena, "check").stdout.strip()
    named = sorted(word for word in _PERSONAL if word in printed)
    return [
        *(verdict.finding for verdict in verdicts),
        Finding("names, numbers and typed text in the log", ", ".join(named) or "0", "0", not named),
        Finding("`vovremya check` at the end", checked, "Nothing is wrong.", checked == "Nothing is wrong."),
    ]


def turned_read_only(folder: Path) -> Finding:
    """The one fault that no program outlives: the kernel lets the file system go back only when nobody uses it."""
    name = "ext4 turned read-only by its kernel, repaired, server begun anew"
    misses: list[str] = []

    def must(what: str, holds: object) -> None:
        if not holds:
            misses.append(what)

    try:
        with faulty_disk(folder) as disk:
            arena = Arena({**sqlite_arena(disk.folder).environment, "VOVREMYA_DEMO": "1"})
            arena.alone(deeds.furnish)
            before, meanwhile = arena.alone(partial(deeds.book_several, "12:00", "13:00"))
            with serving(arena) as site:
                master = Browser(site)
                master.sign_in("master")
                must("saved before", _arrives(master, before) == 204)
                disk.turn_read_only()
                must("not told in words", _arrives(master, meanwhile) == 503)
                must("/readyz did not say so", _NOT_WRITABLE in Browser(site).get("/readyz")[1])
                must("the board cannot be read", master.get("/SEV/")[0] == 200)
            disk.repair()
            with serving(arena) as site:
                master.site = site
                must("not saved afterwards", _arrives(master, meanwhile) == 204)
            must("lost or doubled", arena.alone(partial(scenes.arrivals_of, before, meanwhile)) == [1, 1])
            must("check found something", console(arena, "check").stdout.strip() == "Nothing is wrong.")
    except LeftOut as why:
        return Finding(name, f"left out: {why}")
    return Finding(name, "; ".join(misses) or "503 in words, the board stays readable", "told, saved once", not misses)


def _arrives(master: Browser, visit_id: int) -> int:
    return master.post(f"/visits/{visit_id}/check-in/", {"request_key": f"arrival {visit_id}"})[0]


def on_sqlite(folder: Path, chosen: argparse.Namespace) -> list[Finding]:
    with ExitStack() as stack:
        left_out: list[Finding] = []
        disk, failing = folder / "disk", None
        try:
            disk = stack.enter_context(small_disk(disk))
            has_own_disk = True
        except LeftOut as why:
            has_own_disk = False
            left_out.append(Finding("disk full", f"left out: {why}"))
        try:
            failing = FailingDisk(folder, disk)
        except LeftOut as why:
            left_out.append(Finding("I/O errors, read-only", f"left out: {why}"))
        arena = Arena({**sqlite_arena(disk).environment, "VOVREMYA_DEMO": "1"})
        arena.alone(deeds.furnish)
        served = Arena({**arena.environment, **(failing.environment if failing else {})})
        of_disks = of_disk(disk, failing)[0 if has_own_disk else 1 :]
        findings = tried(arena, served, chosen, lambda proxy: [*of_disks, *of_lines(proxy)])
        return [*findings, turned_read_only(folder), *left_out]


def on_postgresql(folder: Path, chosen: argparse.Namespace) -> list[Finding]:
    with cluster() as own, proxied(own.port) as between:
        direct = own.create("vovremya")
        through = urlsplit(own.url("vovremya", port=between.port)).geturl()
        arena = Arena({**sqlite_arena(folder).environment, "VOVREMYA_DATABASE_URL": direct, "VOVREMYA_DEMO": "1"})
        arena.alone(deeds.furnish)
        served = Arena({**arena.environment, "VOVREMYA_DATABASE_URL": through})
        return tried(arena, served, chosen, lambda _: of_database(own, between))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=60.0, help="how long each fault lasts")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--only", help="faults whose name this expression finds")
    options.add_argument("--shots", type=Path, help="a folder for pictures of the windows at each fault")
    add_write(options)
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
    os.environ.setdefault("VOVREMYA_SECRET_KEY", "only for faults")
    django.setup()  # the cast knows the password
    began = time.monotonic()
    try_all, name = (on_sqlite, "SQLite") if chosen.database == "sqlite" else (on_postgresql, "PostgreSQL")
    with tempfile.TemporaryDirectory() as folder:
        findings = try_all(Path(folder), chosen)
    section = Section(
        f"faults_{name.lower()}",
        f"Disk, database and lines that fail, {name}",
        f"Each fault for {chosen.seconds:.0f} s on one server that is never restarted, with two real browsers: one "
        "operator presses «Опрос завершён» in a filled card, another «Записать», and a visit turns late meanwhile. "
        "What holds: the window says so, what was typed stays, `/readyz` tells the truth, no answer tells of the "
        "inside; afterwards one press saves one row, the board is live without being loaded anew, and the visit is "
        "announced once with its own instant.",
        findings,
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
