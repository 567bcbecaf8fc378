import re
from pathlib import Path

import pytest

from vovremya.exchange.rules.cells import Cell, Unit
from vovremya.exchange.rules.headings import Column, Heading, find_layout, missing_columns, recognise


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Дата", Column.DATE),
        ("ДАТА ВИЗИТА", Column.DATE),
        ("Время", Column.TIME),
        ("Начало", Column.START),
        ("Дата и время", Column.START),
        ("Дата/время", Column.START),
        ("Окончание", Column.FINISH),
        ("Пост", Column.BAY),
        ("Подъёмник", Column.BAY),
        ("Подъемник", Column.BAY),
        ("Пост/Подъёмник", Column.BAY),
        ("Рабочее  место", Column.BAY),
        ("Клиент", Column.CLIENT),
        ("Ф.И.О.", Column.CLIENT),
        ("Клиент (ФИО)", Column.CLIENT),
        ("Контрагент:", Column.CLIENT),
        ("Телефон", Column.PHONE),
        ("Телефон 2", Column.PHONE),
        ("Контактный тел.", Column.PHONE),
        ("Моб. тел.", Column.PHONE),
        ("№ телефона", Column.PHONE),
        ("Авто", Column.CAR),
        ("Марка, модель", Column.CAR),
        ("А/м", Column.CAR),
        ("Марка", Column.MAKE),
        ("Модель", Column.MODEL),
        ("Госномер", Column.PLATE),
        ("Гос. №", Column.PLATE),
        ("Гос.№", Column.PLATE),
        ("г/н", Column.PLATE),
        ("Рег. знак", Column.PLATE),
        ("VIN", Column.VIN),
        ("VIN-код", Column.VIN),
        ("Вид ремонта", Column.REPAIR_KIND),
        ("Причина обращения", Column.REASON),
        ("Работы", Column.WORKS),
        ("Вид работ", Column.WORKS),
        ("Мастер", Column.ADVISOR),
        ("Мастер-приёмщик", Column.ADVISOR),
        ("Комментарий", Column.COMMENT),
        ("Примечание", Column.COMMENT),
        ("№ записи", Column.RECORD),
        ("Номер", Column.RECORD),
        ("Заказ-наряд", Column.RECORD),
        ("Заказ-наряд №", Column.RECORD),
    ],
)
def test_heading_is_recognised_in_its_spellings(heading: str, column: Column) -> None:
    assert recognise(heading) == Heading(column)


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("Н/ч", Column.NORM, Unit.HOURS),
        ("Норма", Column.NORM, Unit.HOURS),
        ("Норма, н/ч", Column.NORM, Unit.HOURS),
        ("Длительность", Column.LASTS, None),
        ("Длительность, ч", Column.LASTS, Unit.HOURS),
        ("Длительность (час.)", Column.LASTS, Unit.HOURS),
        ("Длительность, мин.", Column.LASTS, Unit.MINUTES),
        ("Продолжительность (минут)", Column.LASTS, Unit.MINUTES),
    ],
)
def test_unit_is_read_from_the_heading(heading: str, column: Column, unit: Unit | None) -> None:
    assert recognise(heading) == Heading(column, unit)


@pytest.mark.parametrize("heading", ["", None, 5, "№", "№ п/п", "Сумма", "Скидка, ч", "Почему не загружено", "Итого"])
def test_other_headings_are_left_alone(heading: Cell) -> None:
    assert recognise(heading) is None


def test_heading_is_found_under_title_rows() -> None:
    layout = find_layout(
        [
            (1, ["Запись на сервис, филиал «Север», 01.12.2026", "", ""]),
            (2, ["Клиент", "Дата", "Пост", "Автомобиль"]),  # the upper row of a heading of two
            (3, ["Клиент", "Дата", "Пост", "Марка", "Модель"]),
            (4, ["Иванов", "01.12.2026", "Пост 1", "LADA", "Vesta"]),
        ]
    )
    assert layout is not None
    assert layout.row == 3
    assert layout.places[Column.MODEL] == (4,)
    assert layout.title(Column.BAY) == "Пост"
    assert layout.title(Column.VIN) == ""


@pytest.mark.parametrize("rows", [[], [(1, ["Товар", "Цена"])], [(1, ["Дата", "Клиент"])]])
def test_what_has_no_heading_is_no_table_of_visits(rows: list[tuple[int, list[Cell]]]) -> None:
    assert find_layout(rows) is None


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        (["Дата", "Пост", "Клиент"], []),
        (["Начало", "Пост", "Клиент"], []),
        (["Время", "Телефон", "VIN"], [Column.DATE, Column.BAY, Column.CLIENT]),
    ],
)
def test_columns_that_no_visit_can_do_without(headings: list[Cell], missing: list[Column]) -> None:
    layout = find_layout([(1, headings)])
    assert layout is not None
    assert missing_columns(layout) == missing


def test_several_columns_of_one_kind_are_kept_in_their_order() -> None:
    layout = find_layout([(1, ["Телефон 2", "Дата", "Длительность, мин", "Клиент", "Телефон 1"])])
    assert layout is not None
    assert layout.places[Column.PHONE] == (0, 4)
    assert layout.units == {2: Unit.MINUTES}


@pytest.mark.parametrize(
    ("row", "repeats"),
    [
        (["Дата", "Клиент", "Пост"], True),
        (["", "КЛИЕНТ", ""], True),
        (["Дата", "Иванов", "Пост"], False),
        (["", "", "", "Дата"], False),
        (["", "", ""], False),
    ],
)
def test_repeated_heading_is_known(row: list[str], repeats: bool) -> None:
    layout = find_layout([(1, ["Дата", "Клиент", "Пост"])])
    assert layout is not None
    assert layout.repeats_in(row) is repeats


def test_headings_named_in_the_documentation_are_known() -> None:
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    named = [heading.strip() for row in rows[1:] for heading in re.split(r",(?! ч)", row)]
    assert len(named) > 40
    assert [heading for heading in named if recognise(heading) is None] == []
