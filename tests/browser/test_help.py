"""The manual beside the work: what is open and typed stays."""

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.trial import Trial


def test_help_is_read_over_an_open_card_and_leads_back_to_what_was_typed(trial: Trial, seat: Seat) -> None:
    screen = seat()
    card = screen.open_card(trial.book_late())
    comment = card.get_by_label("Комментарий")
    comment.fill("Перезвонит после")
    keys, help_panel = screen.page.keyboard, screen.page.get_by_role("dialog", name="Справка")
    keys.press("F1")  # in a field with text, too
    expect(help_panel.get_by_role("heading", name="Карточка контакта")).to_be_visible()
    help_panel.get_by_role("link", name="напоминания о визите").click()
    expect(help_panel.get_by_role("heading", name="Напоминания о визите")).to_be_visible()
    help_panel.get_by_role("searchbox").fill("неверный номер")
    keys.press("Enter")
    help_panel.get_by_role("link", name="Не дозвонились → Если неверный номер").press("Enter")
    expect(help_panel.get_by_role("heading", name="Если неверный номер")).to_be_in_viewport()
    keys.press("1")  # no result of a call: the card below does not hear
    keys.press("Escape")
    expect(help_panel).to_be_hidden()
    expect(comment).to_be_focused()
    expect(comment).to_have_value("Перезвонит после")
    expect(card.get_by_role("radio", name="Дозвонились")).not_to_be_checked()

    card.get_by_role("button", name="Набрать").focus()
    keys.press("?")
    listed = screen.page.get_by_role("dialog", name="Клавиши")
    expect(listed).to_contain_text("Не отвечает")
    expect(listed).not_to_contain_text("масштаб")
    listed.get_by_role("link", name="Все клавиши").click()
    expect(listed).to_be_hidden()
    expect(help_panel.get_by_role("heading", name="Самый короткий путь")).to_be_visible()
