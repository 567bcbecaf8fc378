"""The day by keys alone, in either layout."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.browser.trial import Trial

#: What the Russian layout types on the keys that we use.
RUSSIAN = {
    "KeyB": "и", "KeyC": "с", "KeyD": "в", "KeyE": "у", "KeyG": "п", "KeyJ": "о", "KeyL": "д", "KeyN": "т",
    "KeyP": "з", "KeyQ": "й", "KeyR": "к", "KeyW": "ц", "KeyY": "н",
}  # fmt: skip
MOST_KEYS = 7


class Keys:
    """Two hands on a keyboard, and a count of what they press."""

    def __init__(self, screen: Screen, layout: str) -> None:
        self._keyboard = screen.context.new_cdp_session(screen.page)
        self._layout = layout
        self.pressed = 0

    def press(self, *codes: str) -> None:
        for code in codes:
            self.pressed += 1
            self._send(code)

    def _send(self, code: str) -> None:
        modifiers = 0
        if code.startswith("Ctrl+"):
            code, modifiers = code.removeprefix("Ctrl+"), 2
        named = {"Enter": (13, "Enter", "\r"), "Escape": (27, "Escape", ""), "Space": (32, " ", " ")}
        if code in named:
            number, key, text = named[code]
        else:
            letter = code[-1].lower()
            key = RUSSIAN.get(code, letter) if self._layout == "russian" else letter
            number, text = ord(code[-1]), key
        pressed = {"code": code, "key": key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self._keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "" if modifiers else text, **pressed})
        self._keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})


@pytest.fixture(params=["russian", "latin"])
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_from_the_yellow_bar_to_the_finish_in_seven_keys(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    keys = Keys(screen, layout)
    keys.press("Enter")  # «Ремонты»
    expect(screen.repairs).to_be_visible()
    keys.press("KeyY")  # Н: набрать
    expect(screen.card).to_be_visible()
    keys.press("Digit1")  # дозвонились
    expect(screen.card.get_by_role("group", name="Когда приедет")).to_be_visible()
    keys.press("KeyQ", "KeyL", "Ctrl+Enter")  # Й: 5 мин; Д: «Да»; опрос завершён
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:33")
    assert keys.pressed <= MOST_KEYS


def test_keys_pressed_faster_than_the_server_answers_are_not_lost(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    Keys(screen, layout).press("Enter", "KeyY", "Digit1", "KeyQ", "KeyL", "Ctrl+Enter")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "ожидается к 10:33")


def test_two_failures_and_the_removal_by_keys(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    keys = Keys(screen, layout)
    keys.press("Enter", "KeyY", "Digit4", "KeyC")  # набрать, занят, С: сохранить
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "повтор в 10:33")
    trial.set_clock("10:33:01")
    screen.expect_bar(visit, "повтор")
    keys.press("Enter", "KeyY", "Digit2", "KeyC")
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "основание для удаления")
    keys.press("Enter", "KeyE")  # У: удалить запись
    expect(screen.removal.get_by_role("radio", name="Не дозвонились", exact=True)).to_be_focused()
    keys.press("Ctrl+Enter")
    expect(screen.removal).to_be_hidden()
    expect(screen.bar(visit)).to_have_count(0)


def test_move_by_keys(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    keys = Keys(screen, layout)
    keys.press("Enter", "KeyY", "Digit1")
    expect(screen.card.get_by_role("group", name="Когда приедет")).to_be_visible()
    keys.press("KeyG", "Ctrl+Enter")  # П: «Перенос», опрос завершён: to the booking
    expect(screen.booking).to_be_visible()
    expect(screen.booking.get_by_role("radio").first).to_be_focused()
    keys.press("Space", "Enter", "Ctrl+Enter")  # this time, «Перенести», опрос завершён
    screen.expect_back_on_board(visit)


@pytest.mark.parametrize("window", ["move", "booking"])
def test_arrows_walk_through_the_free_times(trial: Trial, seat: Seat, window: str) -> None:
    visit = trial.book("10:15")
    screen = seat()
    screen.bar(visit).focus()
    screen.page.keyboard.press("KeyP" if window == "booking" else "Enter")
    if window == "move":
        expect(screen.repairs).to_be_visible()
        screen.page.keyboard.press("KeyG")
    times = screen.booking.get_by_role("radiogroup", name="Свободное время").get_by_role("radio")
    times.first.focus()
    for place in (1, 2, 3):
        with screen.page.expect_response(lambda response: response.request.method == "POST"):
            screen.page.keyboard.press("ArrowRight")
        expect(screen.booking).not_to_have_attribute("aria-busy", "true")
        expect(times.nth(place)).to_be_checked()
        expect(times.nth(place)).to_be_focused()


def test_check_in_by_keys(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    screen.bar(visit).focus()
    Keys(screen, layout).press("Enter", "KeyB")  # И: прибыл
    screen.expect_back_on_board(visit)
    screen.expect_bar(visit, "прибыл")


def test_next_contact_and_the_card_straight_from_the_board(trial: Trial, screen: Screen, layout: str) -> None:
    visit = trial.book_late()
    expect(screen.queue.locator(".qi")).to_have_count(1)
    keys = Keys(screen, layout)
    keys.press("KeyC")  # С: следующий контакт
    expect(screen.bar(visit)).to_be_focused()
    keys.press("KeyJ")  # О: оповещение
    expect(screen.card).to_be_visible()


def test_letters_typed_into_a_field_are_text(trial: Trial, screen: Screen, layout: str) -> None:
    card = screen.reach(trial.book_late())
    card.get_by_label("Комментарий").focus()
    Keys(screen, layout).press("KeyL", "KeyG")
    expect(card.get_by_label("Комментарий")).to_have_value("дп" if layout == "russian" else "lg")
    expect(card.get_by_role("listbox", name="Ответ").get_by_role("option", selected=True)).to_have_count(0)


def test_arrows_walk_the_board_and_its_keys_are_listed(trial: Trial, seat: Seat) -> None:
    first, second = trial.book_late(), trial.book("13:00")
    below = trial.book("10:30", bay=1)
    screen = seat()
    screen.bar(first).focus()
    keyboard = screen.page.keyboard
    steps: list[tuple[str, Callable[[], None]]] = [
        ("ArrowRight", lambda: expect(screen.bar(second)).to_be_focused()),
        ("ArrowLeft", lambda: expect(screen.bar(first)).to_be_focused()),
        ("ArrowDown", lambda: expect(screen.bar(below)).to_be_focused()),
        ("ArrowUp", lambda: expect(screen.bar(first)).to_be_focused()),
    ]
    for key, expected in steps:
        keyboard.press(key)
        expected()
    keyboard.press("?")
    keys = screen.page.get_by_role("dialog", name="Клавиши")
    expect(keys).to_contain_text("следующий в очереди «Контакты»")
    keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_focused_bar_is_not_hidden_by_the_heads(trial: Trial, seat: Seat) -> None:
    visits = [trial.book("09:00"), trial.book("20:00")]
    screen = seat()
    for visit in visits:
        screen.bar(visit).focus()
        expect(screen.bar(visit)).to_be_in_viewport(ratio=0.9)
