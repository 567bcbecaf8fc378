"""The values of single cells: dates, times and durations as people and spreadsheets write them."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class Unit(StrEnum):
    HOURS = "hours"
    MINUTES = "minutes"


class Unreadable(ValueError):
    """The cell is not what its column holds."""


class DurationRefused(ValueError):
    """The cell is no duration to work with; `code` says in which way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(cell: Cell) -> str:
    """The cell as one line of text: `79997922960.0` is a phone number and no fraction."""
    match cell:
        case None:
            return ""
        case str() if cell.isprintable():
            return " ".join(cell.split())
        case str():
            visible = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in cell)
            return " ".join(visible.split())
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return f"{cell:%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case time():
            return f"{cell:%H:%M}"
        case timedelta():
            return f"{cell // _HOUR}:{cell % _HOUR // _MINUTE:02}"
        case _:
            return str(cell)


_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cs"}
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Moment:
    """What a cell says of when: a day, a time of day, the end of a span, any of them."""

    day: date | None = None
    at: time | None = None
    until: time | None = None


#: No time and no duration is written longer; what tells them apart takes time with the square of a text's length.
_LONGEST_READ = 60

_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count local days
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050  # the same years


def moment(cell: Cell) -> Moment:
    """Whatever the cell says of day and time; an empty cell says nothing."""
    match cell:
        case None | "":
            return Moment()
        case bool():
            raise Unreadable
        case datetime():
            return _of_datetime(cell)
        case date():
            return Moment(day=_checked(cell))
        case time():
            return Moment(at=_to_minute(cell))
        case timedelta():
            return Moment(at=_time_of(cell))
        case int() | float():
            return _of_number(cell)
        case _:
            return _of_text(_short_text(cell))


def _short_text(cell: Cell) -> str:
    text = text_of(cell)
    if len(text) > _LONGEST_READ:
        raise Unreadable
    return text


def _of_datetime(value: datetime) -> Moment:
    try:
        rounded = (value + _MINUTE / 2).replace(second=0, microsecond=0, tzinfo=None)
    except OverflowError:  # the last minute of the year 9999: for other programs a day without end
        raise Unreadable from None
    if rounded.year <= 1900:  # a time of day on the spreadsheet's day nought
        return Moment(at=rounded.time())
    return Moment(day=_checked(rounded.date()), at=rounded.time())


def _of_number(number: float) -> Moment:
    """Below one a part of the day, up to 23 an hour, else the serial number of a day with a part of it."""
    if 0 <= number < 1:
        return Moment(at=_time_of(number * _DAY))
    if number in range(1, 24):
        return Moment(at=_clock(int(number), 0))
    if not _FIRST_SERIAL <= number < _LAST_SERIAL:
        raise Unreadable
    value = _SERIAL_ZERO + timedelta(days=number)
    return Moment(day=value.date()) if float(number).is_integer() else _of_datetime(value)


def _to_minute(value: time) -> time:
    return _time_of(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))


def _time_of(since_midnight: timedelta) -> time:
    minutes = round(since_midnight / _MINUTE)
    return _clock(minutes // 60, minutes % 60)


def _clock(hour: int, minute: int) -> time:
    if not (0 <= hour < 24 and 0 <= minute < 60):
        raise Unreadable
    return time(hour, minute)


def _checked(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Unreadable
    return day


_MONTHS = {"янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9}
_MONTHS |= {"окт": 10, "ноя": 11, "дек": 12}
_WEEKDAY = re.compile(
    r"\(?\b(понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс)\b\.?,?\)?"
)
_DATE_FORMS = (
    re.compile(r"(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4}|\d{2})(?!\d)(?:\s*г(?:ода|\.)?)?"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?P<day>\d{1,2})\s+(?P<name>[а-я]+)\.?\s+(?P<year>\d{4})(?:\s*г(?:ода|\.)?)?"),
)
_TIME = r"(\d{1,2})(?:(?:\s*[:.ч]\s*|(?<=\d\d)-)(\d{2})(?::\d{2}(?:\.\d+)?)?)?(?:\s*(?:мин|ч|час\w*)\.?)?"
_TIME_FORM = re.compile(rf"(?:в|с)?\s*{_TIME}(?:\s*(?:[-–—]|до|по)\s*{_TIME})?")
_NUMBER_FORM = re.compile(r"0[.,]\d|0[.,]\d{3,}|\d{5}(?:[.,]\d+)?")


@lru_cache(maxsize=4096)  # a file has few days and times
def _of_text(text: str) -> Moment:
    text = _WEEKDAY.sub(" ", text.lower().replace("ё", "е")).strip(" ,")
    if _NUMBER_FORM.fullmatch(text):
        return _of_number(float(text.replace(",", ".")))
    day, rest = _leading_date(text)
    rest = rest.strip(" ,t-–")
    if not rest:
        if day is None:
            raise Unreadable
        return Moment(day)
    found = _TIME_FORM.fullmatch(rest)
    if not found or (found[3] and not found[2] and not found[4] and re.search("[-–—]", rest)):
        raise Unreadable  # «8-10» is ten past eight to one and from eight to ten to another
    hour, minute, end_hour, end_minute = (int(part) if part else 0 for part in found.groups())
    until = _clock(end_hour, end_minute) if found[3] else None
    return Moment(day, _clock(hour, minute), until)


def _leading_date(text: str) -> tuple[date | None, str]:
    for form in _DATE_FORMS:
        if found := form.match(text):
            parts = found.groupdict()
            month = _MONTHS.get(parts["name"][:3], 0) if "name" in parts else int(parts["month"])
            year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
            try:
                return _checked(date(year, month, int(parts["day"]))), text[found.end() :]
            except ValueError:
                raise Unreadable from None
    return None, text


LONGEST = timedelta(days=31)
_BARE_MINUTES_FROM = 15  # nobody books fifteen hours in a column without a unit, everybody fifteen minutes
_DURATION_FORMS = (
    re.compile(r"(?P<hours>\d+):(?P<minutes>[0-5]\d)(?::\d{2})?"),
    re.compile(r"(?P<hours>\d+(?:[.,]\d+)?)\s*(?:н\s*/?\s*ч|норм[ао]-?\s*час\w*|ч|час\w*|h)\.?"),
    re.compile(r"(?P<hours>\d+)\s*(?:ч|час\w*)\.?\s*(?P<minutes>\d+)\s*(?:мин\w*|м)?\.?"),
    re.compile(r"(?P<minutes>\d+)\s*(?:мин\w*|м|min)\.?"),
    re.compile(r"(?P<bare>[-−–]?\d+(?:[.,]\d+)?)"),
)


def duration(cell: Cell, unit: Unit | None = None) -> timedelta | None:
    """«1,5», «1.5 ч», «90 мин», «1:30» as whole minutes; None for an empty cell."""
    match cell:
        case None | "":
            return None
        case time():
            return _sound(timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second))
        case timedelta():
            return _sound(cell)
        case bool():
            raise DurationRefused("duration_unreadable")
        case int() | float():
            return _sound(_bare(cell, unit))
        case str():
            return _duration_of_text(text_of(cell).lower(), unit)
        case _:
            raise DurationRefused("duration_unreadable")


def _duration_of_text(text: str, unit: Unit | None) -> timedelta:
    if len(text) > _LONGEST_READ:
        raise DurationRefused("duration_unreadable")
    for form in _DURATION_FORMS:
        if found := form.fullmatch(text):
            parts = {name: _number(value) for name, value in found.groupdict().items()}
            if "bare" in parts:
                return _sound(_bare(parts["bare"], unit))
            return _sound(_bare(parts.get("hours", 0) * 60 + parts.get("minutes", 0), Unit.MINUTES))
    raise DurationRefused("duration_unreadable")


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-").replace("–", "-"))


def _bare(number: float, unit: Unit | None) -> timedelta:
    if unit is None:
        unit = Unit.MINUTES if number >= _BARE_MINUTES_FROM else Unit.HOURS
    if not math.isfinite(number):
        raise DurationRefused("duration_unreadable")
    longest = LONGEST / _MINUTE + 1
    return max(min(number * (60 if unit is Unit.HOURS else 1), longest), -1.0) * _MINUTE


def _sound(length: timedelta) -> timedelta:
    minutes = round(length / _MINUTE)
    if length < timedelta(0):
        raise DurationRefused("duration_negative")
    if minutes == 0:
        raise DurationRefused("duration_zero")
    if length > LONGEST:
        raise DurationRefused("duration_too_long")
    return minutes * _MINUTE
