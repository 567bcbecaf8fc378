"""«Импорт», «Календари» and the lists as files, by the keyboard, in a real browser and with the thread that imports."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
from tests.browser.conftest import Seat
from tests.browser.screen import follow
from tests.browser.test_accessibility import expect_accessible
from tests.browser.trial import Trial
from vovremya.exchange.actions.bringing import PIECE_BYTES
from vovremya.exchange.reading import open_table

IMPORTS = "/office/SEV/import/"
_EMPTY_LINE = f"{' ' * 9_999}\n"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).press("Enter")


def test_file_goes_all_the_way_and_back(trial: Trial, seat: Seat, tmp_path: Path) -> None:
    day = f"{trial.today:%d.%m.%Y}"
    rows = [visit_row(Дата=day, Время="19:00"), visit_row(Номер="ЗН-2", Дата=day, Время="?", Клиент="<b>Ким</b>")]
    path = write_csv(tmp_path / "Запись <i>.csv", [HEADINGS, *rows])
    with path.open("a") as file:
        file.write(_EMPTY_LINE * (PIECE_BYTES // len(_EMPTY_LINE) + 1))  # so that it goes in pieces
    screen = seat("supervisor")
    page = screen.page
    page.goto(IMPORTS)
    expect_accessible(page)
    page.get_by_label("Файл с расписанием").set_input_files(path)
    press(page, "Загрузить файл")
    expect(page.get_by_label("Клиент", exact=True)).to_have_value("client")
    expect_accessible(page)
    elsewhere = screen.context.new_page()
    elsewhere.goto(page.url)

    press(page, "Пробный прогон")
    start = page.get_by_role("button", name="Загрузить", exact=True)
    expect(start).to_be_focused()
    expect(page.get_by_text("<b>Ким</b>")).to_be_visible()
    expect_accessible(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("новые: 1")).to_be_visible()
    expect_accessible(page)
    elsewhere.reload()
    expect(elsewhere.get_by_text("новые: 1")).to_be_visible()
    page.get_by_role("link", name="Открыть запись строки 2").press("Enter")
    expect(screen.repairs).to_contain_text("Смирнова")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        press(page, "Не загруженные в XLSX")
    download.value.save_as(tmp_path / "again.xlsx")
    assert [cells[4] for _, cells in open_table(tmp_path / "again.xlsx").rows] == ["Клиент", "<b>Ким</b>"]

    page.get_by_role("link", name="Отменить импорт…").press("Enter")
    expect(page.get_by_text("Записей будет убрано: 1.")).to_be_visible()
    expect_accessible(page)
    press(page, "Отменить импорт")
    expect(page.get_by_text("убраны: 1")).to_be_visible()
    page.get_by_role("link", name="Все импорты").press("Enter")
    expect(page.locator("#imports")).to_contain_text("отменён")
    expect_accessible(page)
    page.get_by_label("Файл с расписанием").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b""})
    press(page, "Загрузить файл")
    expect(page.get_by_role("alert")).to_contain_text("Файл пуст.")
    expect(page.get_by_label("Файл с расписанием")).to_be_focused()
    expect_accessible(page)


def test_calendar_is_shared_and_revoked_and_the_day_taken_along(trial: Trial, seat: Seat, tmp_path: Path) -> None:
    trial.book("19:00")
    page = seat("supervisor").page
    follow(page.get_by_role("link", name="Настройки"))
    follow(page.get_by_role("link", name="Календари"))
    page.get_by_label("Для кого ссылка").fill("Телефон Орлова")
    press(page, "Сделать ссылку")
    expect(page.get_by_label("Чьи записи")).to_have_attribute("aria-invalid", "true")
    expect_accessible(page)
    page.get_by_label("Чьи записи").select_option("Пост 1")
    press(page, "Сделать ссылку")
    address = page.get_by_label("Адрес календаря")
    expect(address).to_be_focused()
    expect_accessible(page)
    calendar = page.request.get(address.input_value())
    assert "М347ВС77" in calendar.text()
    page.get_by_text("Отозвать…").press("Enter")
    press(page, "Отозвать ссылку")
    expect(page.locator("#list")).to_contain_text("отозвана")
    expect_accessible(page)

    page.goto(f"/SEV/sheet/?day={trial.today.isoformat()}")
    with page.expect_download() as download:
        press(page, "Выгрузить в CSV")
    assert download.value.suggested_filename == f"zapis-SEV-{trial.today.isoformat()}.csv"
    download.value.save_as(tmp_path / "day.csv")
    assert "'+79123456789" in (tmp_path / "day.csv").read_text("utf-8-sig")
