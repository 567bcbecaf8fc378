"""The directories in the browser: narrowed, put in order by keys and by pointer, a step heard as it is typed."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Seat
from tests.browser.screen import follow
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial


def test_works_are_narrowed_put_in_order_and_changed_by_the_administrator(trial: Trial, seat: Seat) -> None:
    screen = seat("administrator")
    page, keys = screen.page, screen.page.keyboard
    follow(page.get_by_role("link", name="Настройки"))
    follow(page.get_by_role("link", name="Справочники", exact=True))
    expect_accessible(page)
    rows = page.locator("#works tbody tr:visible th")
    # By keys: the row goes up and down under its handle, and back by the message.
    first, second = (rows.nth(place).inner_text() for place in (0, 1))
    name = second.rpartition(" ")[0]
    handle = page.get_by_role("button", name=f"Порядок: {name}")
    handle.press("ArrowUp")
    screen.expect_toast("Порядок изменён.")
    expect(rows.first).to_have_text(second)
    expect(handle).to_be_focused()
    page.get_by_role("button", name="Отменить").press("Enter")
    expect(rows.first).to_have_text(first)
    # By pointer: to below the third.
    third = rows.nth(2).inner_text()
    handle.hover()
    page.mouse.down()
    box = rows.nth(2).bounding_box()
    assert box
    page.mouse.move(box["x"] + 600, box["y"] + box["height"] - 2, steps=4)
    with page.expect_response("**/order/work_order/"):
        page.mouse.up()
    expect(rows.nth(1)).to_have_text(third)
    expect(rows.nth(2)).to_have_text(second)
    page.reload()
    expect(rows.nth(2)).to_have_text(second)
    # Narrowed, and so it stays when a window has changed a row.
    search = page.get_by_label("Найти работу")
    search.fill("шиномонтаж")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Изменить: Шиномонтаж").press("Enter")
    window = _window(page)
    expect(window.get_by_label("Название")).to_be_focused()
    expect_accessible(page)
    window.get_by_label("Норма, часов").fill("1,25")
    keys.press("Control+Enter")
    screen.expect_toast("Настройки сохранены.")
    expect(window).to_be_hidden()
    expect(page.get_by_role("row", name="Шиномонтаж")).to_contain_text("1,2")
    expect(rows).to_have_count(1)
    search.fill("такой нет")
    expect(page.get_by_text("Такой работы нет.")).to_be_visible()


def test_bays_and_their_groups_are_put_in_order_by_keys_and_by_pointer(trial: Trial, seat: Seat) -> None:
    screen = seat("supervisor")
    page = screen.page
    follow(page.get_by_role("link", name="Настройки"))
    page.get_by_role("button", name="Группа постов").press("Enter")
    _window(page).get_by_label("Название").fill("Мойка")
    page.keyboard.press("Control+Enter")
    screen.expect_toast("Настройки сохранены.")
    expect_accessible(page)
    bays, groups = page.locator(".of-bays tbody th"), page.locator(".of-bays thead th:first-child")
    expect(bays).to_have_text(["Пост 1", "Пост 2", "Пост 3"])
    handle = page.get_by_role("button", name="Порядок: Пост 1")
    with page.expect_response("**/order/bay_order/"):
        handle.press("ArrowDown")
    expect(bays).to_have_text(["Пост 2", "Пост 1", "Пост 3"])
    expect(handle).to_be_focused()
    with page.expect_response("**/order/group_order/"):
        page.get_by_role("button", name="Порядок: Мойка").press("ArrowUp")
    expect(groups).to_have_text(["Мойка", "Слесарный"])
    # By pointer the whole group goes back down, its bays with it; and one bay to the top of them.
    with page.expect_response("**/order/group_order/"):
        page.get_by_role("button", name="Порядок: Мойка").drag_to(bays.last, target_position={"x": 150, "y": 20})
    expect(groups).to_have_text(["Слесарный", "Мойка"])
    with page.expect_response("**/order/bay_order/"):
        page.get_by_role("button", name="Порядок: Пост 3").drag_to(bays.first, target_position={"x": 150, "y": 2})
    page.reload()
    expect(groups).to_have_text(["Слесарный", "Мойка"])
    expect(bays).to_have_text(["Пост 3", "Пост 2", "Пост 1"])


def test_every_page_and_window_of_the_directories_by_keys(trial: Trial, seat: Seat) -> None:
    trial.book_late()
    screen = seat("administrator")
    page, keys = screen.page, screen.page.keyboard
    window = _window(page)

    def look_at(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).press("Enter")
        expect(window.get_by_role("button", name="Отмена")).to_be_visible()
        expect_accessible(page)

    page.goto("/office/SEV/directories/reasons/")
    expect_accessible(page)
    look_at("Причина удаления")
    keys.press("Escape")
    page.goto("/office/SEV/directories/script/")
    expect_accessible(page)
    look_at("Изменить: Когда приедет")
    window.get_by_label("Что сказать").fill("Ждём {nickname} к {eta}")
    expect(window.locator("#said")).to_contain_text("Ждём {nickname} к 10:25")
    expect(window.locator("#said")).to_contain_text("Таких слов программа не знает: {nickname}")
    expect_accessible(page)
    keys.press("Control+Enter")
    screen.expect_toast("Настройки сохранены.")
    page.goto("/office/SEV/directories/policy/")
    expect_accessible(page)
    look_at("Изменить: Сроки и попытки")
    window.get_by_label("Опаздывает через, мин").fill("15")
    keys.press("Control+Enter")
    expect(window.get_by_role("alert")).to_contain_text("Уже опаздывают и доживут по прежним срокам: 1")
    expect_accessible(page)
    keys.press("Control+Enter")
    screen.expect_toast("Настройки сохранены.")
    page.goto("/office/SEV/branches/")
    expect_accessible(page)
    look_at("Филиал")
    keys.press("Escape")
    look_at("Часовой пояс: Север")
    window.get_by_label("Часовой пояс").fill("Asia/Omsk")
    expect(window.locator("#zone-now")).to_contain_text("Омск, UTC+6")
    keys.press("Escape")
    page.goto("/office/SEV/settings/")
    look_at("Праздники")
    keys.press("Escape")
    look_at("Не работает: Пост 2")
    day = trial.today.isoformat()
    window.get_by_label("С", exact=True).fill(f"{day}T12:00")
    window.get_by_label("До", exact=True).fill(f"{day}T18:00")
    window.get_by_label("Почему").fill("Ремонт подъёмника")
    keys.press("Control+Enter")
    screen.expect_toast("Настройки сохранены.")
    page.goto("/office/SEV/settings/history/")
    expect_accessible(page)
    screen.open_board()
    expect(screen.board.get_by_text("не работает: Ремонт подъёмника")).to_be_visible()
    expect_accessible(page)


def _window(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Настройки", exact=True)
