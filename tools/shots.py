"""The pictures of the documentation and of the manual in the program: `make shots` plays scenes on the running program,
at one moment of the demo. `make shots ARGS=manual` takes those of the manual alone.

The clock of that demo all but stands, so that the same program gives the same pictures.
"""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.browser import NAMES, find

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PICTURES_OF_MANUAL = ROOT / "src" / "vovremya" / "guide" / "static" / "guide"
MOMENT = datetime(2026, 11, 23, 7, 42, 15, tzinfo=UTC)  # a Monday, 10:42 in Moscow
STANDING = 0.0001  # shown seconds a second: a clock may not stop altogether
THEMES = ("light", "dark")
SIZES = ((1366, 768), (1920, 1080))
# A page of the manual is narrow: its pictures come from a small screen, and all together they weigh little.
SIZE_OF_MANUAL = (1180, 720)
QUALITY_OF_MANUAL = 72
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The words of its date fields are Russian where Debian's chromium-l10n is; without windows it has English ones alone.
WITH_WINDOWS = ("chromium", *NAMES)
STARTS_WITHIN = 120
# The telephone of the workplace: nothing may be dialled from here.
NO_TELEPHONE = "document.addEventListener('vovremya:dial', (event) => event.preventDefault(), true);"


# --- the program ---


def furnish(database: Path) -> None:
    """A demo at the moment of the pictures."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
        "VOVREMYA_DATABASE": str(database),
        "VOVREMYA_DEMO": "1",
        "VOVREMYA_SECRET_KEY": "of the pictures",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from vovremya.demo.build import fill
    from vovremya.directory.actions import create_installation, move_clock
    from vovremya.directory.models import Installation
    from vovremya.kernel import clock

    call_command("migrate", verbosity=0)
    create_installation(Installation.Kind.DEMO)
    move_clock(shown_at=MOMENT, speed=STANDING, real_now=clock.real_now())
    fill(MOMENT)
    connections.close_all()


@contextmanager
def running(database: Path) -> Iterator[str]:
    """The program on a copy of the database, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(database, folder)
        command = [str(Path(sys.executable).with_name("vovremya")), "serve", "--port", address.rpartition(":")[2]]
        server = subprocess.Popen(command, env={**os.environ, "VOVREMYA_DATABASE": copy}, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://{address}/login/", server)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    gives_up_at = monotonic() + STARTS_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except urllib.error.URLError:
            if server.poll() is not None or monotonic() > gives_up_at:
                raise SystemExit("The program did not start.") from None
            sleep(0.3)


# --- the scenes ---


class Workplace:
    """The operator's screen in one theme and size."""

    def __init__(self, browser: Browser, address: str, theme: str, size: tuple[int, int]) -> None:
        self._suffix = f"{theme}-{size[0]}"
        context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            locale="ru-RU",
            reduced_motion="reduce",
        )
        context.add_init_script(NO_TELEPHONE)
        self.page: Page = context.new_page()

    def take(self, name: str, part: Locator | None = None) -> None:
        """The whole screen, or a part of it."""
        self.page.evaluate("document.fonts.ready")
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)
        path = PICTURES / f"{name}-{self._suffix}.png"
        (part or self.page).screenshot(path=path)
        print(path.relative_to(ROOT), flush=True)

    def take_for_manual(self, name: str, part: Locator | None = None, *, height: int = SIZE_OF_MANUAL[1]) -> None:
        """The upper part of the screen, or of a part of it, as a WebP."""
        self.page.evaluate("document.fonts.ready")
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)
        box = part.bounding_box() if part else None
        x, y, width, whole = (box["x"], box["y"], box["width"], box["height"]) if box else (0, 0, *SIZE_OF_MANUAL)
        clip = {"x": x, "y": y, "width": width, "height": min(whole, height), "scale": 1}
        session = self.page.context.new_cdp_session(self.page)
        asked = {"format": "webp", "quality": QUALITY_OF_MANUAL, "clip": clip}
        path = PICTURES_OF_MANUAL / f"{name}.webp"
        path.write_bytes(base64.b64decode(session.send("Page.captureScreenshot", asked)["data"]))
        print(path.relative_to(ROOT), flush=True)

    def sign_in(self, username: str) -> None:
        self.page.goto("/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", "demo")
        self.page.click("button[type=submit]")

    def open_board(self) -> None:
        self.page.goto("/SEV/")
        expect(self.page.locator("#line")).to_have_text("на связи")
        expect(self.page.locator(".kpi.calls")).to_be_visible()  # they are counted a moment later

    def window(self, name: str) -> Locator:
        found = self.page.get_by_role("dialog", name=name, exact=True)
        expect(found).to_be_visible()
        return found

    def repairs_of(self, plate: str) -> Locator:
        self.page.locator(f".bar[data-plate={plate}]").first.press("Enter")
        return self.window("Ремонты")


def press(window: Locator, name: str) -> None:
    window.get_by_role("button", name=name).first.click()


def play(at: Workplace, *, is_whole: bool) -> None:
    page = at.page
    if is_whole:
        page.goto("/login/")
        at.take("login")
    at.sign_in("operator")
    at.open_board()
    at.take("board")
    if is_whole:
        late_visit(at)
        unreached_visit(at)
        page.goto("/SEV/removed/")
        at.take("removed")


def late_visit(at: Workplace) -> None:
    """The client answers, comes in half an hour, and is offered another time."""
    repairs = at.repairs_of("М347ВС")
    at.take("repairs", repairs)
    press(repairs, "Оповещение об опоздании")
    card = at.window("Оповещение об опоздании")
    press(card, "Набрать")
    expect(card.get_by_role("cell", name="идёт звонок")).to_be_visible()
    card.get_by_role("radio", name="Дозвонились").click()  # what it was stands there no longer
    card.get_by_role("radio", name="30 мин").check()
    card.get_by_label("Причина опоздания").select_option(label="Пробка")
    at.take("late-notice")
    press(card, "Перепланировать")
    at.take("move", at.window("Предварительная запись"))


def unreached_visit(at: Workplace) -> None:
    """Two calls have failed; the operator decides."""
    at.open_board()
    press(at.repairs_of("Е410КХ"), "Удалить запись")
    at.take("removal", at.window("Удалить запись"))


# --- the scenes of the manual ---


def play_manual(at: Workplace) -> None:
    at.sign_in("operator")
    at.open_board()
    at.take_for_manual("board", height=520)
    at.take_for_manual("queue", at.page.get_by_role("complementary", name="Контакты"), height=470)
    card_in_manual(at)
    plans_in_manual(at)
    booking_in_manual(at)
    lists_in_manual(at)


def card_in_manual(at: Workplace) -> None:
    repairs = at.repairs_of("М347ВС")
    at.take_for_manual("repairs", repairs)
    press(repairs, "Оповещение об опоздании")
    card = at.window("Оповещение об опоздании")
    press(card, "Набрать")
    expect(card.get_by_role("cell", name="идёт звонок")).to_be_visible()
    card.get_by_role("radio", name="Дозвонились").click()  # what it was stands there no longer
    card.get_by_role("radio", name="10 мин").check()
    card.get_by_label("Причина опоздания").select_option(label="Пробка")
    card.get_by_role("option", name="Да").click()
    at.take_for_manual("card", card)
    press(card, "Перепланировать")
    at.take_for_manual("move", at.window("Предварительная запись"), height=440)


def plans_in_manual(at: Workplace) -> None:
    at.open_board()
    press(at.repairs_of("О613КТ"), "Сдвиг записей")
    wave = at.window("Сдвиг записей")
    wave.get_by_label("Опоздание").fill("60")
    expect(wave.get_by_role("radio").first).to_be_visible()
    at.take_for_manual("wave", wave, height=520)
    at.open_board()
    bar = at.page.locator(".bar[data-plate=Р156ОН]").first
    bar.press("KeyV")
    for _ in range(3):
        at.page.keyboard.press("ArrowRight")
    box = bar.bounding_box() or {"x": 0.0, "y": 0.0}
    at.take_for_manual("by-hand", at.page.get_by_role("main", name="График"), height=int(box["y"]) + 130)
    at.page.keyboard.press("Escape")
    press(at.repairs_of("Е410КХ"), "Удалить запись")
    at.take_for_manual("removal", at.window("Удалить запись"), height=520)


def booking_in_manual(at: Workplace) -> None:
    at.open_board()
    at.page.keyboard.press("KeyP")
    booking = at.window("Предварительная запись")
    booking.get_by_label("Клиент:").fill("Мельникова")
    booking.locator("#clients-found").get_by_role("radio").first.check()
    booking.get_by_label("Работы", exact=True).select_option(index=1)
    booking.get_by_role("radiogroup", name="Свободное время").get_by_role("radio").first.check()
    expect(at.page.locator("#read-out")).to_contain_text("Записываю вас")
    # Long enough to show what one says at the top and what is read out at the bottom.
    at.page.set_viewport_size({"width": SIZE_OF_MANUAL[0], "height": 1000})
    booking.evaluate("(window) => { for (const part of window.querySelectorAll('*')) part.scrollTop = 0; }")
    at.take_for_manual("booking", booking, height=1000)
    at.page.set_viewport_size({"width": SIZE_OF_MANUAL[0], "height": SIZE_OF_MANUAL[1]})


def lists_in_manual(at: Workplace) -> None:
    heights = {"waiting": 460, "not-arrived": 260, "removed": 280, "week": 460, "capacity": 380}
    for address, height in heights.items():
        at.page.goto(f"/SEV/{address}/")
        at.take_for_manual("waitlist" if address == "waiting" else address, height=height)
    at.page.goto("/SEV/sheet/")
    at.take_for_manual("sheet", at.page.locator(".sheet").first, height=400)
    at.page.context.clear_cookies()
    at.sign_in("supervisor")
    at.page.goto("/office/SEV/settings/")
    at.take_for_manual("settings", height=520)
    at.page.goto("/office/SEV/staff/")
    at.take_for_manual("staff", height=420)
    at.page.goto("/office/SEV/clients/?q=Смирнова Анна")
    at.page.get_by_role("link", name="Смирнова Анна Викторовна").first.click()
    expect(at.page.get_by_role("heading", name="Телефоны")).to_be_visible()
    at.take_for_manual("client", height=560)


def main(only: Sequence[str]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "demo.sqlite3"
        furnish(database)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find(WITH_WINDOWS), args=CHROMIUM, env={**os.environ, "LANGUAGE": "ru"}
            )
            with running(database) as address:
                play_manual(Workplace(browser, address, "light", SIZE_OF_MANUAL))
            for size in SIZES if "manual" not in only else ():
                for theme in THEMES:
                    with running(database) as address:
                        play(Workplace(browser, address, theme, size), is_whole=size == SIZES[0])
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
