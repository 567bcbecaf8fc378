"""Which column is what, by its heading, in Russian or in English; where the heading stands under the title rows."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vovremya.exchange.rules.cells import Cell, Unit, text_of
from vovremya.exchange.rules.folding import fold, without_brackets


class Column(StrEnum):
    RECORD = "record"
    DATE = "date"
    TIME = "time"
    START = "start"
    FINISH = "finish"
    LASTS = "lasts"
    NORM = "norm"
    BAY = "bay"
    CLIENT = "client"
    PHONE = "phone"
    CAR = "car"
    MAKE = "make"
    MODEL = "model"
    PLATE = "plate"
    VIN = "vin"
    REASON = "reason"
    WORKS = "works"
    REPAIR_KIND = "repair_kind"
    ADVISOR = "advisor"
    COMMENT = "comment"


# The spellings met in exports of dealer management systems. «№ п/п» and a bare «№» number the lines of
# the list and not the records, so they are known to no column.
_SPELLINGS: Mapping[Column, str] = {
    Column.RECORD: """
        номер; номер записи; номер заявки; номер заказа; номер заказ-наряда; заказ-наряд; запись;
        код записи; id; id записи; номер документа; документ
    """,
    Column.DATE: "дата; дата записи; дата визита; дата приезда; дата приема; дата заезда; день",
    Column.TIME: """
        время; время записи; время визита; время приезда; время начала; время приема; время заезда;
        час; время с
    """,
    Column.START: """
        начало; начало работ; начало записи; дата и время; дата время; дата начала; дата и время
        записи; дата и время начала; дата и время визита; дата и время приезда; дата/время; плановое
        начало; начало план
    """,
    Column.FINISH: """
        окончание; конец; завершение; окончание работ; время окончания; дата окончания; время по;
        дата и время окончания; плановое окончание
    """,
    Column.LASTS: "длительность; продолжительность; длительность работ; время работ; время работы",
    Column.NORM: """
        н/ч; норма; норма времени; нормо-часы; нормо-час; нормочасов; количество н/ч; кол-во н/ч;
        трудоемкость; норма н/ч
    """,
    Column.BAY: "пост; подъемник; рабочее место; бокс; место; ресурс; рабочий пост; цех",
    Column.CLIENT: """
        клиент; фио; ф.и.о.; фио клиента; контрагент; заказчик; владелец; имя клиента; имя;
        наименование клиента
    """,
    Column.PHONE: """
        телефон; телефоны; тел; контактный тел; контактный телефон; контакты; контакт; номер
        телефона; телефон клиента; моб; моб тел; мобильный; мобильный телефон; сотовый; доп телефон;
        дополнительный телефон; рабочий телефон; домашний телефон; номер тел; контактные телефоны
    """,
    Column.CAR: """
        авто; автомобиль; машина; а/м; тс; транспортное средство; марка и модель; марка модель;
        марка/модель; модель автомобиля; автомобиль клиента; марка, модель
    """,
    Column.MAKE: "марка; марка авто; марка автомобиля; марка тс; производитель",
    Column.MODEL: "модель; модель авто; модель тс",
    Column.PLATE: """
        госномер; гос номер; гос; г/н; грз; рег знак; гос рег знак; гос знак; рег номер;
        регистрационный знак; регистрационный номер; государственный номер; государственный
        регистрационный знак; номер автомобиля; номер авто; номер а/м; номер тс; госномер авто
    """,
    Column.VIN: "vin; вин; vin код; vin номер; номер vin; vin-код; идентификационный номер",
    Column.REASON: """
        причина обращения; причина; причина визита; жалоба; жалобы клиента; обращение; со слов
        клиента
    """,
    Column.WORKS: """
        работы; работа; вид работ; виды работ; перечень работ; услуга; услуги; состав работ;
        описание работ
    """,
    Column.REPAIR_KIND: "вид ремонта; тип ремонта; вид обслуживания; вид заказа",
    Column.ADVISOR: """
        мастер; приемщик; мастер-приемщик; мастер-консультант; консультант; сервисный консультант;
        менеджер
    """,
    Column.COMMENT: "комментарий; комментарии; примечание; примечания; заметки; коммент",
}


#: In English as the program writes them itself, and their nearest kin.
_ENGLISH_SPELLINGS: Mapping[Column, str] = {
    Column.RECORD: "visit no; record no; order no",
    Column.DATE: "date",
    Column.TIME: "time",
    Column.START: "start; date and time",
    Column.FINISH: "end; finish",
    Column.LASTS: "duration",
    Column.NORM: "lab. h; labour hours; norm",
    Column.BAY: "bay",
    Column.CLIENT: "client; customer",
    Column.PHONE: "phone; telephone",
    Column.CAR: "car",
    Column.MAKE: "make",
    Column.MODEL: "model",
    Column.PLATE: "plate; registration number",
    Column.REASON: "reason for the visit; reason",
    Column.WORKS: "works; work",
    Column.REPAIR_KIND: "kind of repair",
    Column.ADVISOR: "advisor; service advisor",
    Column.COMMENT: "comment; comments",
}


def _heading_key(text: str) -> str:
    return fold(text.replace("№", "номер"))


_COLUMN_BY_KEY = {
    _heading_key(spelling): column
    for of_language in (_SPELLINGS, _ENGLISH_SPELLINGS)
    for column, spellings in of_language.items()
    for spelling in spellings.split(";")
}
# «Гос. №» loses nothing by its sign, a bare «№» does: it counts lines.
_LINE_NUMBERS = {_heading_key(text) for text in ("№ п/п", "п/п", "№ п.п.", "№ строки")}

_UNIT_AT_END = re.compile(r"[\s,.(]+(?:(?P<hours>н/?ч|ч|час\w*)|(?P<minutes>мин\w*))\.?\)?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    column: Column
    unit: Unit | None = None


def recognise(cell: Cell) -> Heading | None:
    """«Контактный тел.» → phone, «Длительность, мин» → duration in minutes, «Сумма» → nothing."""
    text = text_of(cell)
    if not isinstance(cell, str) or text.strip(" .:") == "№" or _heading_key(text) in _LINE_NUMBERS:
        return None
    unit = _UNIT_AT_END.search(text)
    if unit and (column := _column_of(text[: unit.start()])):
        return Heading(column, Unit.HOURS if unit["hours"] else Unit.MINUTES)
    if column := _column_of(text):
        return Heading(column, Unit.HOURS if column is Column.NORM else None)
    return None


def _column_of(text: str) -> Column | None:
    """By the whole text, without brackets, without a number («Телефон 2»), by a part («Пост/Бокс»)."""
    plain = without_brackets(text)
    for writing in (text, plain, re.sub(r"[\d№]+\s*$", "", plain), *re.split(r"[/,|]", plain)):
        if column := _COLUMN_BY_KEY.get(_heading_key(writing)):
            return column
    return None


@dataclass(frozen=True)
class Layout:
    """The heading row: its number in the sheet, and what stands in which place."""

    row: int
    titles: tuple[str, ...]
    places: Mapping[Column, tuple[int, ...]]
    units: Mapping[int, Unit]

    def has(self, *columns: Column) -> bool:
        return any(column in self.places for column in columns)

    def title(self, column: Column) -> str:
        """The heading as the file has it, for messages; empty where the file has no such column."""
        return self.titles[self.places[column][0]] if column in self.places else ""

    def repeats_in(self, texts: Sequence[str]) -> bool:
        """Printed lists repeat the heading on every page."""
        filled = [(place, text) for place, text in enumerate(texts) if text]
        return bool(filled) and all(
            place < len(self.titles) and fold(text) == fold(self.titles[place]) for place, text in filled
        )


@dataclass(frozen=True)
class Chosen:
    """What was said of a table: in which sheet and row its heading stands, and which place holds what."""

    sheet: str
    row: int
    columns: Mapping[int, Column]

    def layout(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> Layout | None:
        """None where there is no such row."""
        titles = next((tuple(map(text_of, cells)) for number, cells in rows if number == self.row), None)
        if titles is None:
            return None
        places: dict[Column, tuple[int, ...]] = {}
        units: dict[int, Unit] = {}
        for place, column in sorted(self.columns.items()):
            places[column] = (*places.get(column, ()), place)
            if unit := _unit_of(titles[place] if place < len(titles) else "", column):
                units[place] = unit
        return Layout(self.row, titles, places, units)

    def as_data(self) -> dict[str, object]:
        return {"sheet": self.sheet, "row": self.row, "columns": columns_as_data(self.columns)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Chosen":
        return cls(data["sheet"], data["row"], columns_from_data(data["columns"]))


def columns_as_data(columns: Mapping[int, Column]) -> dict[str, str]:
    return {str(place): str(column) for place, column in columns.items()}


def columns_from_data(data: Mapping[str, str]) -> dict[int, Column]:
    return {int(place): Column(column) for place, column in data.items()}


def _unit_of(title: str, column: Column) -> Unit | None:
    if column is Column.NORM:
        return Unit.HOURS
    unit = _UNIT_AT_END.search(title)
    return (Unit.HOURS if unit["hours"] else Unit.MINUTES) if unit and column is Column.LASTS else None


def signature(titles: Sequence[str]) -> str:
    """The same for tables whose headings are the same, however they are spelled."""
    return hashlib.sha256("\n".join(map(_heading_key, titles)).rstrip("\n").encode()).hexdigest()


def columns_guessed(titles: Sequence[Cell]) -> dict[int, Column]:
    return {place: heading.column for place, title in enumerate(titles) if (heading := recognise(title))}


def columns_of(layout: Layout) -> dict[int, Column]:
    return {place: column for column, places in layout.places.items() for place in places}


def missing_among(columns: Set[Column]) -> list[Column]:
    """What no visit can be read without."""
    return [alternatives[0] for alternatives in _REQUIRED if columns.isdisjoint(alternatives)]


SEARCHED_ROWS = 60  # a heading further down than this is not looked for
_FEWEST_COLUMNS = 3
_REQUIRED: tuple[tuple[Column, ...], ...] = (
    (Column.DATE, Column.START),
    (Column.BAY,),
    (Column.CLIENT,),
)


def find_layout(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Layout | None:
    """The row that knows the most columns, the first of equals; None where no row looks like a heading."""
    layouts = [_layout_of(number, cells) for number, cells in rows]
    best = max(layouts, key=lambda layout: len(layout.places), default=None)
    if best is None or len(best.places) < _FEWEST_COLUMNS:
        return None
    return best


def missing_columns(layout: Layout) -> list[Column]:
    return missing_among(layout.places.keys())


def _layout_of(number: int, cells: Sequence[Cell]) -> Layout:
    places: dict[Column, tuple[int, ...]] = {}
    units: dict[int, Unit] = {}
    for place, cell in enumerate(cells):
        if heading := recognise(cell):
            places[heading.column] = (*places.get(heading.column, ()), place)
            if heading.unit:
                units[place] = heading.unit
    return Layout(number, tuple(text_of(cell) for cell in cells), places, units)
