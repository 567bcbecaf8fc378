"""What one member of staff sees at a workplace, by the names that people know."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from vovremya.visits.models import Visit

#: The telephone of the workplace: keeps the numbers instead of asking the system to call them.
TELEPHONE = """
window.dialled = [];
document.addEventListener("vovremya:dial", (event) => {
  event.preventDefault();
  window.dialled.push(event.detail.tel);
}, true);
"""
DESCRIBED_WITHIN_MS = 2_000
#: Chromium reports every answer above 399, htmx every line that breaks; the page deals with both.
_NO_FAULTS = ("Failed to load resource", "net::ERR", "htmx: htmx:error: Failed to fetch")


class Screen:
    def __init__(self, context: BrowserContext, branch_code: str, scripts: Sequence[str] = ()) -> None:
        self.context = context
        self.page: Page = context.new_page()
        for script in filter(None, scripts):
            self.page.add_init_script(script)
        self.faults: list[str] = []
        self._said: list[str] = []
        self._branch_code = branch_code
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        self._said.append(f"{message.type}: {message.text}")
        if message.type == "error" and not message.text.startswith(_NO_FAULTS):
            self.faults.append(message.text)

    def described(self) -> str:
        """For whoever reads of a failed test."""
        try:
            shown = self.page.locator("body").inner_text(timeout=DESCRIBED_WITHIN_MS)
        except Error as error:
            shown = error.message
        return "\n".join([self.page.url, *self.faults, *self._said, shown])

    def open_board(self, on: date | None = None) -> "Screen":
        self.page.goto(
            f"/{self._branch_code}/" + (f"?day={on.isoformat()}" if on else ""), wait_until="domcontentloaded"
        )
        expect(self.page.locator("#line")).to_have_text("на связи")
        return self

    def another_tab(self) -> "Screen":
        """The same browser, another tab with the same board."""
        return Screen(self.context, self._branch_code).open_board()

    # --- «График» ----------------------------------------------------------------------------------------------

    @property
    def board(self) -> Locator:
        return self.page.get_by_role("main", name="График")

    @property
    def queue(self) -> Locator:
        return self.page.get_by_role("complementary", name="Контакты")

    def bar(self, visit: Visit) -> Locator:
        return self.board.locator(f"#bar-{visit.pk}")

    def expect_bar(self, visit: Visit, words: str) -> None:
        """«опаздывает»: the last part of the bar's name."""
        name = self.name_of(visit, words)
        expect(self.bar(visit)).to_have_accessible_name(name)

    def name_of(self, visit: Visit, words: str) -> str:
        bar = self.bar(visit)
        parts = [bar.get_attribute(f"data-{name}") for name in ("plate", "client", "start")]
        return ", ".join([*(part for part in parts if part), words])

    def expect_time(self, clock_time: str) -> None:
        expect(self.page.locator("[data-clock]")).to_have_text(clock_time)

    def expect_back_on_board(self, visit: Visit) -> None:
        """Every window is closed, and the bar of the visit is selected and has the focus."""
        for window in (self.repairs, self.card, self.booking, self.removal):
            expect(window).to_be_hidden()
        expect(self.bar(visit)).to_be_focused()
        expect(self.bar(visit)).to_have_attribute("aria-current", "true")

    # --- the windows -------------------------------------------------------------------------------------------

    @property
    def repairs(self) -> Locator:
        return self._window("Ремонты")

    @property
    def card(self) -> Locator:
        """Of a contact, whatever it is about."""
        return self.page.locator("#late-notice")

    @property
    def booking(self) -> Locator:
        return self._window("Предварительная запись")

    @property
    def removal(self) -> Locator:
        return self._window("Удалить запись")

    def _window(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)

    def open_repairs(self, visit: Visit) -> Locator:
        self.bar(visit).dblclick()
        expect(self.repairs).to_be_visible()
        return self.repairs

    def open_card(self, visit: Visit) -> Locator:
        press(self.open_repairs(visit), "Оповещение об опоздании")
        expect(self.card).to_be_visible()
        return self.card

    def dial(self) -> Locator:
        """«Набрать» in the window on top; the card comes by itself."""
        press(self.card if self.card.is_visible() else self.repairs, "Набрать")
        expect(self.card.get_by_role("cell", name="идёт звонок")).to_be_visible()
        return self.card

    def reach(self, visit: Visit) -> Locator:
        """The card of a client who has answered the call."""
        self.open_repairs(visit)
        card = self.dial()
        choose(card, "Дозвонились")
        expect(card.get_by_role("group", name="Когда приедет")).to_be_visible()
        return card

    @property
    def dialled(self) -> list[str]:
        numbers: Any = self.page.evaluate("window.dialled")
        return [str(number) for number in numbers]

    def kill_tab(self) -> None:
        """As when the machine goes dark: no question, no last word to the server."""
        self.context.set_offline(True)
        self.page.close(run_before_unload=False)

    def expect_toast(self, text: str) -> None:
        expect(self.page.locator("#toasts").get_by_text(text)).to_be_visible()


def press(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def follow(link: Locator) -> None:
    """By its key, until the page behind it is there."""
    with link.page.expect_navigation():
        link.press("Enter")


def choose(place: Locator, name: str) -> None:
    """One of the choices: its words are what a hand presses."""
    place.locator("label", has=place.page.get_by_role("radio", name=name, exact=True)).click()


def rect(place: Locator) -> dict[str, float]:
    """Where it stands, read in one go: a bar may be drawn anew at any moment."""
    found: dict[str, float] = place.evaluate("(one) => one.getBoundingClientRect().toJSON()")
    return found


def answer(card: Locator, name: str) -> Locator:
    return card.get_by_role("listbox", name="Ответ").get_by_role("option", name=name, exact=True)
