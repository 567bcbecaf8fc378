"""The other language: chosen in the menu, and heard on the live board from then on."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.trial import Trial
from vovremya.visits.actions.reception import check_in


def test_board_goes_on_in_the_language_that_is_chosen_and_others_in_theirs(trial: Trial, seat: Seat) -> None:
    visit, other = trial.book_late(), seat("second_operator")
    screen = seat()
    bar = screen.page.locator(f"#bar-{visit.pk}")
    screen.page.locator(".user summary").click()
    screen.page.get_by_role("button", name="English").click()
    expect(screen.page.locator("#line")).to_have_text("online")
    expect(screen.page.locator("html")).to_have_attribute("lang", "en")
    # What the script writes by itself: the queue, the state that the bar has come to, the figures.
    expect(screen.page.get_by_role("complementary", name="Contacts")).to_contain_text("Late · 1")
    expect(bar).to_have_accessible_name(re.compile(", late$"))
    expect(screen.page.locator("[data-words=visits]")).to_have_text("visit")
    # A key is the same, and bears the Latin letter of its place.
    bar.press("Enter")
    expect(screen.page.get_by_role("button", name="Late notice", exact=True)).to_contain_text("J")
    screen.page.keyboard.press("j")
    expect(screen.card.get_by_role("heading", name="Late notice")).to_be_visible()
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("Escape")
    # What the feed tells.
    trial.act(check_in, visit.pk, by=trial.cast.master)
    expect(bar).to_have_accessible_name(re.compile(", arrived$"))
    expect(other.bar(visit)).to_have_accessible_name(re.compile(", прибыл$"))
    screen.page.locator(".user summary").click()
    screen.page.get_by_role("button", name="Русский").click()
    expect(screen.page.locator("#line")).to_have_text("на связи")
    expect(bar).to_have_accessible_name(re.compile(", прибыл$"))
