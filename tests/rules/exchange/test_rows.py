import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from vovremya.exchange.rules.cells import Cell
from vovremya.exchange.rules.headings import Column, Layout, find_layout
from vovremya.exchange.rules.place import Bay, Place
from vovremya.exchange.rules.rows import (
    Problem,
    RowRead,
    RowRefused,
    TableRow,
    make_and_model,
    read_row,
    repair_kind,
    visit_rows,
)

PLACE = Place.of(
    "Europe/Moscow",
    bays=[("Пост 1", Bay(1)), ("Пост 4 (диагностика)", Bay(4)), ("Подъёмник 5", Bay(5, coefficient=1.5))],
    advisors=[(1, "Орлов В.", "Орлов Виктор Петрович"), (2, "Котова Л.", "")],
)
FIRST = date(2026, 12, 1)


def moscow(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def layout_of(*headings: str) -> Layout:
    layout = find_layout([(1, headings)])
    assert layout is not None
    return layout


def reading(cells: dict[str, Cell], place: Place = PLACE) -> RowRead | RowRefused:
    """A row under the usual headings, sound but for what is given; spell a heading with «_» for a space."""
    usual: dict[str, Cell] = {
        "Дата": "01.12.2026",
        "Время": "8:00",
        "Пост": "Пост 1",
        "Клиент": "Иванов Пётр",
        "Автомобиль": "LADA Vesta",
        "Н/ч": "1",
    }
    row = {key.replace("_", " "): cell for key, cell in {**usual, **cells}.items() if cell is not None}
    return read_row(layout_of(*row), TableRow.of(7, list(row.values())), place)


def taken(**cells: Cell) -> RowRead:
    row = reading(cells)
    assert isinstance(row, RowRead), row
    return row


def refused(**cells: Cell) -> tuple[Problem, ...]:
    row = reading(cells)
    assert isinstance(row, RowRefused), row
    return row.problems


def test_whole_row_is_read() -> None:
    row = taken(
        Телефон="8 (912) 345-67-89; доб. 8 912 3456780",
        Госномер="m347bc 77",
        VIN="xta217230d0123456",
        Причина_обращения="стук спереди",
        Работы="Диагностика ходовой",
        Вид_ремонта="Гарантийный",
        Мастер="орлов в.",
        Комментарий="ждёт в зале",
        Номер="ЗН-1",
    )
    assert row == RowRead(
        row=7,
        starts_at=moscow(8),
        ends_at=moscow(9),
        on=FIRST,
        bay=1,
        client="Иванов Пётр",
        record="ЗН-1",
        phones=("+79123456789", "+79123456780"),
        make="LADA",
        model="Vesta",
        plate="М347ВС77",
        vin="XTA217230D0123456",
        works="Диагностика ходовой",
        norm_minutes=60,
        reason="стук спереди",
        repair_kind="warranty",
        advisor=1,
        comment="ждёт в зале",
    )


@pytest.mark.parametrize(
    ("cells", "starts_at", "ends_at"),
    [
        ({"Дата": FIRST, "Время": 1 / 3}, moscow(8), moscow(9)),
        ({"Дата": "01.12.2026 8:00", "Время": None}, moscow(8), moscow(9)),
        ({"Дата": None, "Время": "01.12.2026 8:00", "Начало": ""}, moscow(8), moscow(9)),
        ({"Дата": None, "Время": None, "Начало": "01.12.2026 8:00"}, moscow(8), moscow(9)),
        ({"Время": None, "Начало": "8:00"}, moscow(8), moscow(9)),
        ({"Время": "9:00", "Начало": "8:00"}, moscow(9), moscow(10)),
        ({"Время": "8:00-9:30", "Н/ч": ""}, moscow(8), moscow(9, 30)),
        ({"Время": None, "Начало": "8:00-9:30", "Н/ч": ""}, moscow(8), moscow(9, 30)),
        ({"Окончание": "9:45"}, moscow(8), moscow(9, 45)),
        ({"Время": "22:00", "Окончание": "1:00"}, moscow(22), moscow(1, day=2)),
        ({"Окончание": "02.12.2026 10:00"}, moscow(8), moscow(10, day=2)),
        ({"Окончание": "9:45", "Длительность": "2 ч"}, moscow(8), moscow(10)),
        ({"Пост": "Подъёмник 5", "Н/ч": "2"}, moscow(8), moscow(11)),  # × 1.5
        ({"Н/ч": "2", "Длительность,_мин": 30}, moscow(8), moscow(8, 30)),
    ],
)
def test_plan_of_the_row(cells: dict[str, Cell], starts_at: datetime, ends_at: datetime) -> None:
    row = taken(**cells)
    assert (row.starts_at, row.ends_at) == (starts_at, ends_at)
    assert row.on == FIRST


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"Н/ч": ""}, Column.NORM),
        ({"Н/ч": None}, Column.LASTS),
        ({"Окончание": "", "Н/ч": None}, Column.FINISH),
    ],
)
def test_visit_without_a_duration_takes_an_hour_and_says_so(cells: dict[str, Cell], column: Column) -> None:
    row = taken(**cells)
    assert row.ends_at == moscow(9)
    assert row.norm_minutes is None
    assert row.remarks == (Problem(column, "duration_assumed"),)


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"Дата": "32.13.2026"}, [Problem(Column.DATE, "date_unreadable", "32.13.2026")]),
        ({"Дата": "8:00"}, [Problem(Column.DATE, "date_unreadable", "8:00")]),
        ({"Дата": ""}, [Problem(Column.DATE, "date_missing")]),
        ({"Дата": None, "Начало": "8:00"}, [Problem(Column.START, "date_missing")]),
        ({"Время": "25:70"}, [Problem(Column.TIME, "time_unreadable", "25:70")]),
        ({"Время": "x" * 80}, [Problem(Column.TIME, "time_unreadable", "x" * 59 + "…")]),
        ({"Время": ""}, [Problem(Column.TIME, "time_missing")]),
        ({"Время": None}, [Problem(Column.DATE, "time_missing")]),
        ({"Время": None, "Начало": "скоро"}, [Problem(Column.START, "moment_unreadable", "скоро")]),
        ({"Пост": ""}, [Problem(Column.BAY, "bay_missing")]),
        ({"Пост": "Пост 99"}, [Problem(Column.BAY, "bay_unknown", "Пост 99")]),
        ({"Клиент": " "}, [Problem(Column.CLIENT, "client_missing")]),
        ({"Клиент": "???"}, [Problem(Column.CLIENT, "client_missing")]),
        ({"Автомобиль": "я" * 120}, [Problem(Column.CAR, "cell_too_long", "я" * 30 + "…")]),
        ({"Клиент": "я" * 201}, [Problem(Column.CLIENT, "cell_too_long", "я" * 30 + "…")]),
        ({"Автомобиль": ""}, [Problem(Column.CAR, "car_missing")]),
        ({"Н/ч": "много"}, [Problem(Column.NORM, "duration_unreadable", "много")]),
        ({"Н/ч": -1.0}, [Problem(Column.NORM, "duration_negative", "-1")]),
        ({"Длительность": "0"}, [Problem(Column.LASTS, "duration_zero", "0")]),
        ({"Окончание": "потом"}, [Problem(Column.FINISH, "moment_unreadable", "потом")]),
        (
            {"Окончание": "30.11.2026 9:00"},
            [Problem(Column.FINISH, "finish_before_start", "30.11.2026 09:00")],
        ),
        (
            {"Окончание": "10.12.2062 9:00"},
            [Problem(Column.FINISH, "duration_too_long", "10.12.2062 09:00")],
        ),
    ],
)
def test_row_is_refused_with_column_and_reason(cells: dict[str, Cell], problems: list[Problem]) -> None:
    assert list(refused(**cells)) == problems


def test_all_problems_of_a_row_are_named_at_once() -> None:
    problems = refused(Дата="", Время="25:70", Пост="Пост 99", Клиент="", Автомобиль="", **{"Н/ч": "много"})
    assert [problem.code for problem in problems] == [
        "time_unreadable",
        "bay_unknown",
        "duration_unreadable",
        "client_missing",
        "car_missing",
    ]


@pytest.mark.parametrize(
    ("cells", "remark"),
    [
        ({"Телефон": "12345"}, Problem(Column.PHONE, "phone_unreadable", "12345")),
        ({"VIN": "123"}, Problem(Column.VIN, "vin_unreadable", "123")),
        ({"Мастер": "Сидоров П."}, Problem(Column.ADVISOR, "advisor_unknown", "Сидоров П.")),
    ],
)
def test_visit_is_taken_without_what_it_can_do_without(cells: dict[str, Cell], remark: Problem) -> None:
    row = taken(**cells)
    assert (row.phones, row.vin, row.advisor) == ((), "", None)
    assert row.remarks == (remark,)


def test_hour_that_the_clocks_skip_is_refused() -> None:
    berlin = Place.of("Europe/Berlin", bays=[("Пост 1", Bay(1))], advisors=[])
    row = reading({"Дата": "28.03.2027", "Время": "02:30"}, berlin)
    assert row == RowRefused(7, (Problem(Column.TIME, "time_skipped", "02:30"),))


def test_several_columns_of_a_kind_are_read_together() -> None:
    row = taken(Телефон_1="89123456789", Телефон_2="89123456780", Комментарий="первое", Примечание="второе")
    assert row.phones == ("+79123456789", "+79123456780")
    assert row.comment == "первое; второе"
    assert taken(Номер="12", Заказ_наряд=None, Документ="ЗН-12").record == "12"


@pytest.mark.parametrize(
    ("cells", "make", "model"),
    [
        ({"Автомобиль": "Chery Tiggo 7 Pro"}, "Chery", "Tiggo 7 Pro"),
        ({"Автомобиль": "LADA Vesta", "Марка": "Лада"}, "Лада", ""),
        ({"Автомобиль": None, "Марка": "ГАЗ", "Модель": "ГАЗель NEXT"}, "ГАЗ", "ГАЗель NEXT"),
        ({"Автомобиль": None, "Госномер": "М347ВС77"}, "", ""),
    ],
)
def test_car_of_the_row(cells: dict[str, Cell], make: str, model: str) -> None:
    row = taken(**cells)
    assert (row.make, row.model) == (make, model)


@pytest.mark.parametrize(
    ("car", "parts"),
    [
        ("Land Rover Discovery", ("Land Rover", "Discovery")),
        ("BMW X3", ("BMW", "X3")),
        ("УАЗ", ("УАЗ", "")),
        ("", ("", "")),
    ],
)
def test_make_and_model(car: str, parts: tuple[str, str]) -> None:
    assert make_and_model(car) == parts


@pytest.mark.parametrize(
    ("cells", "works", "kind"),
    [
        ({"Работы": "ТО-60", "Причина_обращения": "стук"}, "ТО-60", "maintenance"),
        ({"Причина_обращения": "Отзывная кампания 23V-114"}, "Отзывная кампания 23V-114", "recall"),
        ({"Вид_ремонта": "Кузовной"}, "Кузовной", "body"),
        ({"Вид_ремонта": "Слесарный", "Работы": "Гарантийная замена"}, "Гарантийная замена", "warranty"),
        ({"Работы": "Шиномонтаж"}, "Шиномонтаж", ""),
    ],
)
def test_works_and_kind_of_repair(cells: dict[str, Cell], works: str, kind: str) -> None:
    row = taken(**cells)
    assert (row.works, row.repair_kind) == (works, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ТО", "maintenance"),
        ("Тормоза", ""),
        ("Предпродажная", "pre_sale"),
        ("Внутренний", "internal"),
        ("Платный", "commercial"),
    ],
)
def test_kind_of_repair_by_its_words(text: str, kind: str) -> None:
    assert repair_kind(text) == kind


def test_rows_without_a_visit_are_passed_over() -> None:
    layout = layout_of("Дата", "Время", "Пост", "Клиент", "Авто")
    visit: list[Cell] = ["01.12.2026", "8:00", "Пост 1", "Итого Мария", "LADA"]
    rows: list[tuple[int, list[Cell]]] = [
        (1, ["Дата", "Время", "Пост", "Клиент", "Авто"]),
        (2, visit),
        (3, ["", "", "", "", ""]),
        (4, []),
        (5, ["Дата", "Время", "Пост", "Клиент", "Авто"]),
        (6, visit),
        (7, ["Итого записей:", 60.0, "", "", ""]),
        (8, ["", "", "", "Всего", 3]),
        (9, ["Страница 1 из 2"]),
        (10, ["итого", "8:00", "Пост 1", "Иванов", "LADA"]),
    ]
    read_rows = [read_row(layout, row, PLACE) for row in visit_rows(layout, rows)]
    assert [(row.row, type(row)) for row in read_rows] == [(2, RowRead), (6, RowRead), (10, RowRefused)]


def test_row_goes_through_the_staging_table_whole() -> None:
    row = taken(Телефон="89123456789", Комментарий="ждёт", Номер="ЗН-1", VIN="123")
    assert RowRead.from_data(7, json.loads(json.dumps(row.as_data()))) == replace(row, remarks=())
