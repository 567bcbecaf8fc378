"""What somebody says of a table's columns, how it is remembered, and what they are shown to say it by."""

import pytest

from vovremya.exchange.rules.cells import Cell, Unit
from vovremya.exchange.rules.headings import (
    Chosen,
    Column,
    columns_guessed,
    columns_of,
    find_layout,
    missing_among,
    signature,
)
from vovremya.exchange.rules.sample import guessed_heading, shown_cell

ROWS: list[tuple[int, list[Cell]]] = [
    (1, ["Список", ""]),
    (3, ["Когда", "Где", "Кто", "Тел. 1", "Сколько, мин", "Нормо-часы", "Тел. 2"]),
    (4, ["01.12.2026", "Пост 1", "Ким", "", 90, 1.5, ""]),
]
CHOSEN = Chosen(
    "Запись",
    3,
    {
        0: Column.START,
        1: Column.BAY,
        2: Column.CLIENT,
        3: Column.PHONE,
        4: Column.LASTS,
        5: Column.NORM,
        6: Column.PHONE,
        9: Column.VIN,
    },
)


def test_columns_stand_where_it_was_said_with_the_units_of_their_headings() -> None:
    layout = CHOSEN.layout(ROWS)
    assert layout is not None
    assert (layout.row, layout.titles[2]) == (3, "Кто")
    assert layout.places[Column.PHONE] == (3, 6)
    assert layout.units == {4: Unit.MINUTES, 5: Unit.HOURS}
    assert columns_of(layout) == CHOSEN.columns


def test_length_without_a_unit_in_its_heading_has_none() -> None:
    chosen = Chosen("", 1, {0: Column.LASTS, 1: Column.CLIENT})
    layout = chosen.layout([(1, ["Сколько", "Клиент, ч"])])
    assert layout is not None
    assert layout.units == {}


def test_length_in_hours_says_so() -> None:
    layout = Chosen("", 1, {0: Column.LASTS}).layout([(1, ["Сколько, ч"])])
    assert layout is not None
    assert layout.units == {0: Unit.HOURS}


def test_row_that_is_not_there_has_no_headings() -> None:
    assert Chosen("", 2, {}).layout(ROWS) is None


def test_what_was_said_is_the_same_after_it_was_kept() -> None:
    assert Chosen.from_data(CHOSEN.as_data()) == CHOSEN


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ({Column.DATE, Column.BAY, Column.CLIENT}, []),
        ({Column.START, Column.BAY, Column.CLIENT}, []),
        ({Column.TIME, Column.BAY}, [Column.DATE, Column.CLIENT]),
        (set(), [Column.DATE, Column.BAY, Column.CLIENT]),
    ],
)
def test_what_no_visit_can_be_read_without(columns: set[Column], missing: list[Column]) -> None:
    assert missing_among(columns) == missing


def test_headings_spelled_otherwise_are_the_same_and_others_are_not() -> None:
    assert signature(["Дата", "№ поста"]) == signature([" ДАТА:", "номер  поста", ""])
    assert signature(["Дата", "Пост"]) != signature(["Пост", "Дата"])
    assert signature(["Дата", "", "Пост"]) != signature(["Дата", "Пост"])


def test_headings_are_guessed_as_they_are_found() -> None:
    titles = ["Дата", "Пост", "Клиент", "Сумма"]
    layout = find_layout([(1, titles)])
    assert layout is not None
    assert columns_guessed(titles) == columns_of(layout) == {0: Column.DATE, 1: Column.BAY, 2: Column.CLIENT}


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Ким Олег", "Ким Олег"),
        ("8 (912) 345-67-89", "+7 912 ···-··-89"),
        (79123456789.0, "+7 912 ···-··-89"),
        ("+79123456789; 8 912 3456780 жена", "+7 912 ···-··-89, +7 912 ···-··-80"),
        ("М347ВС77", "М347ВС77"),
        (None, ""),
        ("я" * 60, "я" * 60),
        ("я" * 61, "я" * 59 + "…"),
    ],
)
def test_cell_is_shown_short_and_without_whole_numbers(cell: Cell, shown: str) -> None:
    assert shown_cell(cell) == shown


@pytest.mark.parametrize(
    ("rows", "row"),
    [(ROWS, 3), ([(1, ["а", "", ""]), (2, ["а", "б"])], 1), ([], 1), ([(7, ["а", "б", "в"]), (8, ["а", "б", "в"])], 7)],
)
def test_unknown_heading_is_looked_for_in_the_first_row_of_several_texts(
    rows: list[tuple[int, list[Cell]]], row: int
) -> None:
    assert guessed_heading(rows) == row
