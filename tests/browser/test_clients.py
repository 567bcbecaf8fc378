"""«Клиенты» by keys alone, under axe at every step: found, changed, taken back, merged, and erased with an act."""

from playwright.sync_api import expect

from tests.browser.conftest import Seat
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial


def test_client_is_changed_merged_and_erased_by_keys(trial: Trial, seat: Seat) -> None:
    twin, _ = trial.register("Константинопольская-Преображенская Анна Владиславовна", "89123456789")
    trial.book("10:15", client=twin)
    screen = seat("supervisor")
    page, keys = screen.page, screen.page.keyboard
    page.get_by_role("link", name="Клиенты", exact=True).press("Enter")
    expect(page.get_by_role("searchbox", name="Кого искать")).to_be_focused()
    expect_accessible(page)
    keys.type("+7 912 345-67-89")
    keys.press("Enter")
    page.get_by_role("link", name="Смирнова Анна Викторовна").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Смирнова Анна Викторовна")
    expect_accessible(page)
    window = page.get_by_role("dialog", name="Учётная карточка")
    for name in ("Номера и порядок", "Автомобиль", "Отметить: Запись разговоров"):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        expect(window.get_by_role("button", name="Отмена")).to_be_visible()
        expect_accessible(page)
        keys.press("Escape")
        expect(window).to_be_hidden()

    page.get_by_role("button", name="Изменить", exact=True).press("Enter")
    window.get_by_label("Почта").fill("анна")
    keys.press("Control+Enter")
    expect(window.get_by_label("Почта")).to_have_attribute("aria-invalid", "true")
    expect_accessible(page)
    window.get_by_label("Почта").fill("anna@b.test")
    keys.press("Control+Enter")
    expect(page.locator("#list dd").filter(has_text="anna@b.test")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Отменить").press("Enter")
    expect(page.locator("#list dd").filter(has_text="anna@b.test")).to_have_count(0)

    page.get_by_role("button", name="Сравнить с «Константинопольская").press("Enter")
    expect(window.get_by_role("button", name="Объединить")).to_be_visible()
    expect_accessible(page)
    keys.press("Control+Enter")
    expect(page.get_by_text("объединена с карточкой «Константинопольская")).to_be_visible()
    page.get_by_role("button", name="Стереть данные").press("Enter")
    expect(window.get_by_role("alert")).to_contain_text("предстоящая запись")
    expect_accessible(page)
    keys.press("Escape")
    page.get_by_role("button", name="Разъединить").press("Enter")
    expect(page.get_by_role("button", name="Сравнить с «Константинопольская")).to_be_visible()

    page.get_by_role("button", name="Стереть данные").press("Enter")
    window.get_by_role("radio", name="требование человека").press("Space")
    window.get_by_role("checkbox", name="Стереть насовсем").press("Space")
    expect_accessible(page)
    window.get_by_role("button", name="Стереть данные").press("Enter")
    expect(page.get_by_role("heading", name="об уничтожении персональных данных")).to_be_visible()
    expect_accessible(page)
    page.get_by_role("link", name="Персональные данные").first.press("Enter")
    expect(page.get_by_text("ближайшей ночью")).to_be_visible()
    expect_accessible(page)
