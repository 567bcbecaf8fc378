"""A row of the table: read whole, or refused with every problem it has."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from vovremya.exchange.rules.cells import LONGEST, Cell, DurationRefused, Moment, Unreadable, duration, moment, text_of
from vovremya.exchange.rules.folding import fold
from vovremya.exchange.rules.headings import Column, Layout
from vovremya.exchange.rules.place import Bay, Place
from vovremya.kernel import phones, plates, vin

SheetRow = tuple[int, Sequence[Cell]]

DEFAULT_LENGTH = timedelta(hours=1)  # what a visit is booked for where the file does not say
LONGEST_TEXT = 2_000
_LONGEST = {
    Column.RECORD: 64,
    Column.CLIENT: 200,
    Column.CAR: 200,
    Column.MAKE: 100,
    Column.MODEL: 100,
    Column.PLATE: 20,
    Column.WORKS: 300,
}
_MINUTE = timedelta(minutes=1)
#: What a file need not speak of at all, with the columns that tell it.
TOLD_BY: Mapping[Column, tuple[Column, ...]] = {
    Column.LASTS: (Column.LASTS, Column.FINISH, Column.NORM),
    Column.PHONE: (Column.PHONE,),
    Column.CAR: (Column.CAR, Column.MAKE, Column.MODEL),
    Column.PLATE: (Column.PLATE,),
    Column.VIN: (Column.VIN,),
    Column.WORKS: (Column.WORKS, Column.REASON, Column.REPAIR_KIND),
    Column.NORM: (Column.NORM,),
    Column.REASON: (Column.REASON,),
    Column.REPAIR_KIND: (Column.REPAIR_KIND, Column.WORKS, Column.REASON),
    Column.ADVISOR: (Column.ADVISOR,),
    Column.COMMENT: (Column.COMMENT,),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell; the words for it are in `texts.py`."""

    column: Column
    code: str
    value: str = ""


@dataclass(frozen=True)
class RowRefused:
    """Nothing of the row is taken."""

    row: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class RowRead:
    """A row that can be booked. `remarks` name what was left out of it or assumed."""

    row: int
    starts_at: datetime
    ends_at: datetime
    on: date
    bay: int
    client: str
    record: str = ""
    phones: tuple[str, ...] = ()
    make: str = ""
    model: str = ""
    plate: str = ""
    vin: str = ""
    works: str = ""
    norm_minutes: int | None = None
    reason: str = ""
    repair_kind: str = ""
    advisor: int | None = None
    comment: str = ""
    unsaid: tuple[Column, ...] = ()  # for what the file has no column: see `TOLD_BY`
    remarks: tuple[Problem, ...] = ()

    def as_data(self) -> dict[str, object]:
        """As JSON values, for the staging table; the number and the remarks are kept beside them."""
        return {
            field.name: _as_json(getattr(self, field.name))
            for field in fields(self)
            if field.name not in ("row", "remarks") and getattr(self, field.name) not in ("", None, ())
        }

    @classmethod
    def from_data(cls, row: int, data: Mapping[str, Any]) -> "RowRead":
        return cls(
            row=row,
            **{
                **data,
                "starts_at": datetime.fromisoformat(data["starts_at"]),
                "ends_at": datetime.fromisoformat(data["ends_at"]),
                "on": date.fromisoformat(data["on"]),
                "phones": tuple(data.get("phones", ())),
                "unsaid": tuple(map(Column, data.get("unsaid", ()))),
            },
        )


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the file, with each cell as one line of text beside it."""

    number: int
    cells: Sequence[Cell]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, number: int, cells: Sequence[Cell]) -> "TableRow":
        return cls(number, cells, tuple(map(text_of, cells)))


def visit_rows(layout: Layout, rows: Iterable[SheetRow]) -> Iterator[TableRow]:
    """Every row that holds a visit; empty rows, repeated headings and totals are none."""
    below = (TableRow.of(number, cells) for number, cells in rows if number > layout.row)
    return (row for row in below if not _is_passed_over(layout, row.texts))


_TOTALS = re.compile(r"(итого|всего|итог|total)\b|стр(аница|\.)\s*\d", re.IGNORECASE)


def _is_passed_over(layout: Layout, texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    if not filled or layout.repeats_in(texts):
        return True
    return _TOTALS.match(filled[0]) is not None and 2 * len(filled) <= len(layout.titles)


def read_row(layout: Layout, row: TableRow, place: Place) -> RowRead | RowRefused:
    return _Reading(layout, row, place).read()


_Value = TypeVar("_Value")


@dataclass
class _Reading:
    """One pass over a row that gathers its problems instead of stopping at the first."""

    layout: Layout
    row: TableRow
    place: Place
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def read(self) -> RowRead | RowRefused:
        start = self._start()
        bay = self._bay()
        norm = self._duration(Column.NORM)
        ends_at = self._end(start, bay, norm)
        client = self._client()
        make, model = self._make_and_model()
        plate, vin_code = plates.normalise(self._text(Column.PLATE)), self._vin()
        if not (make or model or plate or vin_code):
            self._refuse(Column.CAR, "car_missing")
        works, reason, kind = (self._text(column) for column in (Column.WORKS, Column.REASON, Column.REPAIR_KIND))
        read_phones = self._phones()
        advisor = self._advisor()
        record = self._text(Column.RECORD)
        comment = self._text(Column.COMMENT)
        if start is None or bay is None or ends_at is None or self.problems:
            return RowRefused(self.row.number, tuple(self.problems))
        return RowRead(
            row=self.row.number,
            starts_at=start.astimezone(UTC),
            ends_at=ends_at,
            on=start.date(),
            bay=bay.id,
            client=client,
            record=record,
            phones=read_phones,
            make=make,
            model=model,
            plate=plate,
            vin=vin_code,
            works=works or (reason or kind)[: _LONGEST[Column.WORKS]],
            norm_minutes=None if norm is None else norm // _MINUTE,
            reason=reason,
            repair_kind=repair_kind(kind) or repair_kind(works or reason),
            advisor=advisor,
            comment=comment,
            unsaid=tuple(column for column in TOLD_BY if not self._tells(column)),
            remarks=tuple(self.remarks),
        )

    def _refuse(self, column: Column, code: str, value: str = "") -> None:
        self.problems.append(Problem(column, code, value))

    def _remark(self, column: Column, code: str, value: str = "") -> None:
        self.remarks.append(Problem(column, code, value))

    def _filled(self, column: Column) -> list[int]:
        """Where the column's cells with something in them stand."""
        texts = self.row.texts
        return [place for place in self.layout.places.get(column, ()) if place < len(texts) and texts[place]]

    def _text(self, column: Column) -> str:
        """All cells of the column's places; «Телефон 1» and «Телефон 2» are one column to us."""
        texts = [self.row.texts[place] for place in self._filled(column)]
        text = (texts[0] if texts else "") if column is Column.RECORD else "; ".join(dict.fromkeys(texts))
        if len(text) > _LONGEST.get(column, LONGEST_TEXT):
            self._refuse(column, "cell_too_long", f"{text[:30]}…")
            return ""
        return text

    def _required(self, column: Column, code: str) -> str:
        text = self._text(column)
        if not text and not any(problem.column is column for problem in self.problems):
            self._refuse(column, code)
        return text

    # When.

    def _start(self) -> datetime | None:
        dated = self._moment(Column.DATE, "date_unreadable", lambda read: read.day is not None)
        timed = self._moment(Column.TIME, "time_unreadable", lambda read: read.at is not None)
        start = self._moment(Column.START, "moment_unreadable", lambda read: True)
        if dated is None or timed is None or start is None:
            return None
        day = dated.day or start.day or timed.day
        at = next((read.at for read in (timed, start, dated) if read.at is not None), None)
        if day is None:
            self._refuse(self._first_of(Column.DATE, Column.START), "date_missing")
        if at is None:
            self._refuse(self._first_of(Column.TIME, Column.START, Column.DATE), "time_missing")
        if day is None or at is None:
            return None
        return self._local(day, at)

    def _moment(self, column: Column, code: str, suffices: Callable[[Moment], bool]) -> Moment | None:
        """What the column says; an empty cell says nothing, an unreadable one is a problem and None."""
        for place in self._filled(column):
            try:
                read = moment(self.row.cells[place])
            except Unreadable:
                read = None
            if read is None or not suffices(read):
                self._refuse(column, code, _short(self.row.texts[place]))
                return None
            return read
        return Moment()

    def _first_of(self, *columns: Column) -> Column:
        return next(column for column in columns if self.layout.has(column))

    def _local(self, day: date, at: time) -> datetime | None:
        local = datetime.combine(day, at, self.place.zone)
        if local.astimezone(UTC).astimezone(self.place.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            self._refuse(self._first_of(Column.TIME, Column.START, Column.DATE), "time_skipped", f"{at:%H:%M}")
            return None
        return local

    def _end(self, start: datetime | None, bay: Bay | None, norm: timedelta | None) -> datetime | None:
        """By the duration, else by the finish, else by the norm on that bay."""
        lasts = self._duration(Column.LASTS)
        finish = self._moment(Column.FINISH, "moment_unreadable", lambda read: read.at is not None)
        if start is None or bay is None or finish is None:
            return None
        if lasts is None:
            lasts = self._until_finish(start, finish)
        if lasts is None and norm is not None:
            lasts = self._bounded(max(round(norm * bay.coefficient / _MINUTE), 1) * _MINUTE, Column.NORM)
        if lasts is None:
            lasts = DEFAULT_LENGTH
            self._remark(self._length_column(), "duration_assumed")
        return start.astimezone(UTC) + lasts

    def _tells(self, column: Column) -> bool:
        return any(map(self.layout.has, TOLD_BY[column])) or (column is Column.LASTS and self._span_end() is not None)

    def _span_end(self) -> time | None:
        """The end of «8:00-9:30»."""
        spans = [self._moment(column, "", lambda read: True) for column in (Column.TIME, Column.START)]
        return next((span.until for span in spans if span and span.until), None)

    def _until_finish(self, start: datetime, finish: Moment) -> timedelta | None:
        """«8:00-9:30» in the time or a finish of its own; an end before the start is on the next day."""
        until = finish.at or self._span_end()
        if until is None:
            return None
        end = datetime.combine(finish.day or start.date(), until, self.place.zone)
        if finish.day is None and end <= start:
            end += timedelta(days=1)
        lasts = end.astimezone(UTC) - start.astimezone(UTC)
        if lasts <= timedelta(0):
            self._refuse(Column.FINISH, "finish_before_start", f"{end:%d.%m.%Y %H:%M}")
        return self._bounded(lasts, Column.FINISH, f"{end:%d.%m.%Y %H:%M}")

    def _bounded(self, lasts: timedelta, column: Column, value: str = "") -> timedelta:
        if lasts > LONGEST:
            self._refuse(column, "duration_too_long", value or f"{lasts / timedelta(hours=1):g}")
        return lasts

    def _duration(self, column: Column) -> timedelta | None:
        for place in self._filled(column):
            try:
                return duration(self.row.cells[place], self.layout.units.get(place))
            except DurationRefused as refused:
                self._refuse(column, refused.code, _short(self.row.texts[place]))
        return None

    def _length_column(self) -> Column:
        lengths = (Column.LASTS, Column.FINISH, Column.NORM)
        return next((column for column in lengths if self.layout.has(column)), Column.LASTS)

    # Where, who and what.

    def _bay(self) -> Bay | None:
        name = self._required(Column.BAY, "bay_missing")
        bay = self.place.bay_named(name)
        if name and bay is None:
            self._refuse(Column.BAY, "bay_unknown", name)
        return bay

    def _advisor(self) -> int | None:
        name = self._text(Column.ADVISOR)
        advisor = self.place.advisor_named(name)
        if name and advisor is None:
            self._remark(Column.ADVISOR, "advisor_unknown", name)
        return advisor

    def _client(self) -> str:
        name = self._required(Column.CLIENT, "client_missing")
        if name and not fold(name):
            self._refuse(Column.CLIENT, "client_missing")
        return name

    def _phones(self) -> tuple[str, ...]:
        found = phones.find(self._text(Column.PHONE))
        for unread in found.unread:
            self._remark(Column.PHONE, "phone_unreadable", unread)
        return found.numbers

    def _vin(self) -> str:
        typed = self._text(Column.VIN)
        if typed and not vin.is_valid(typed):
            self._remark(Column.VIN, "vin_unreadable", typed)
            return ""
        return vin.normalise(typed)

    def _make_and_model(self) -> tuple[str, str]:
        whole, make, model = (self._text(column) for column in (Column.CAR, Column.MAKE, Column.MODEL))
        if not (make or model):
            make, model = make_and_model(whole)
        if max(len(make), len(model)) > _LONGEST[Column.MODEL]:
            self._refuse(Column.CAR, "cell_too_long", f"{whole[:30]}…")
        return make, model


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


_TWO_WORD_MAKES = ("alfa romeo", "aston martin", "great wall", "land rover", "mercedes benz", "rolls royce")


def make_and_model(car: str) -> tuple[str, str]:
    """«Chery Tiggo 7 Pro» → («Chery», «Tiggo 7 Pro»)."""
    words = car.split()
    taken = 2 if " ".join(words[:2]).lower() in _TWO_WORD_MAKES else 1
    return " ".join(words[:taken]), " ".join(words[taken:])


_REPAIR_KINDS = (
    ("recall", r"отзывн"),
    ("warranty", r"гарант"),
    ("body", r"кузов|страхов|каско|осаго|дтп"),
    ("pre_sale", r"предпродаж"),
    ("internal", r"внутрен"),
    ("maintenance", r"то\b|техобслуж|техническое обслуж|плановое то\b"),
    ("commercial", r"коммерч|платн"),
)


def repair_kind(text: str) -> str:
    """The kind of repair that the words begin with, or nothing."""
    plain = text.lower().replace("ё", "е")
    return next((kind for kind, words in _REPAIR_KINDS if re.match(words, plain)), "")
