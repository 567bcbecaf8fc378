# ruff: noqa: DTZ001 - the cells of a spreadsheet know no zone

import contextlib
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.exchange.rules.cells import (
    Cell,
    DurationRefused,
    Moment,
    Unit,
    Unreadable,
    duration,
    moment,
    text_of,
)

FIRST = date(2026, 12, 1)
EIGHT = time(8, 0)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  Пост \u00a0 1\n", "Пост 1"),
        ("скрытый\u200bпробел", "скрытый пробел"),
        (79997922960.0, "79997922960"),
        (1.5, "1.5"),
        (7, "7"),
        (True, "True"),
        (datetime(2026, 12, 1, 8, 5), "01.12.2026 08:05"),
        (FIRST, "01.12.2026"),
        (time(8, 5), "08:05"),
        (timedelta(hours=26, minutes=5), "26:05"),
    ],
)
def test_a_cell_is_one_line_of_text(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (None, Moment()),
        ("", Moment()),
        # Cells of a spreadsheet.
        (FIRST, Moment(FIRST)),
        (datetime(2026, 12, 1, 8, 0), Moment(FIRST, EIGHT)),
        (datetime(2026, 12, 1, 7, 59, 59, 999000), Moment(FIRST, EIGHT)),
        (datetime(1899, 12, 31, 8, 0), Moment(at=EIGHT)),
        (time(8, 0), Moment(at=EIGHT)),
        (time(7, 59, 59), Moment(at=EIGHT)),
        (timedelta(hours=8), Moment(at=EIGHT)),
        (46357, Moment(FIRST)),
        (46357.0, Moment(FIRST)),
        (46357 + 1 / 3, Moment(FIRST, EIGHT)),
        (1 / 3, Moment(at=EIGHT)),
        (0, Moment(at=time(0, 0))),
        (8.0, Moment(at=EIGHT)),
        # Dates in words and figures.
        ("01.12.2026", Moment(FIRST)),
        ("1.12.26", Moment(FIRST)),
        ("01/12/2026", Moment(FIRST)),
        ("01-12-2026 г.", Moment(FIRST)),
        ("2026-12-01", Moment(FIRST)),
        ("2026.12.01", Moment(FIRST)),
        ("1 декабря 2026", Moment(FIRST)),
        ("1 дек. 2026 года", Moment(FIRST)),
        ("1 мая 2026", Moment(date(2026, 5, 1))),
        ("3 Марта 2026г", Moment(date(2026, 3, 3))),
        ("вт, 01.12.2026", Moment(FIRST)),
        ("01.12.2026 (вторник)", Moment(FIRST)),
        ("46357", Moment(FIRST)),
        ("29.02.2028", Moment(date(2028, 2, 29))),
        # Times.
        ("8:00", Moment(at=EIGHT)),
        ("08:00:00", Moment(at=EIGHT)),
        ("8.00", Moment(at=EIGHT)),
        ("08-00", Moment(at=EIGHT)),
        ("8 ч", Moment(at=EIGHT)),
        ("8ч00", Moment(at=EIGHT)),
        ("в 8:00", Moment(at=EIGHT)),
        ("0.33333", Moment(at=EIGHT)),
        ("0,5", Moment(at=time(12, 0))),
        ("0.30", Moment(at=time(0, 30))),
        ("8:00-9:30", Moment(at=EIGHT, until=time(9, 30))),
        ("8:00 — 9:30", Moment(at=EIGHT, until=time(9, 30))),
        ("с 8 до 10", Moment(at=EIGHT, until=time(10, 0))),
        ("08-00 по 09-30", Moment(at=EIGHT, until=time(9, 30))),
        # Both.
        ("01.12.2026 08:00", Moment(FIRST, EIGHT)),
        ("01.12.2026, 8:00", Moment(FIRST, EIGHT)),
        ("01.12.2026 в 8.00", Moment(FIRST, EIGHT)),
        ("01.12.2026 - 08:00", Moment(FIRST, EIGHT)),
        ("2026-12-01T08:00:00.000", Moment(FIRST, EIGHT)),
        ("46357,3333333", Moment(FIRST, EIGHT)),
        ("1 декабря 2026 г. 8:00-9:30", Moment(FIRST, EIGHT, time(9, 30))),
    ],
)
def test_moment_is_read(cell: Cell, read: Moment) -> None:
    assert moment(cell) == read


@pytest.mark.parametrize(
    "cell",
    [
        "25:70",
        "24:00",
        "8:60",
        "32.13.2026",
        "29.02.2027",
        "01.12.1926",
        "1 брюмера 2026",
        "скоро",
        "8-10",  # ten past eight to one, from eight to ten to another
        "08:00 завтра",
        "вт",
        True,
        date(1926, 12, 1),
        datetime(2126, 12, 1, 8, 0),
        datetime(9999, 12, 31, 23, 59, 59),
        "10:00" + " " * 3 + "x" * 80,
        8.3,
        -1,
        24,
        1e300,
        float("nan"),
        float("inf"),
        timedelta(hours=25),
    ],
)
def test_moment_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        moment(cell)


@pytest.mark.parametrize(
    ("cell", "unit", "minutes"),
    [
        (None, None, None),
        ("", None, None),
        (1.5, None, 90),
        (2, None, 120),
        (0.7, Unit.HOURS, 42),
        (90, None, 90),  # nobody books ninety hours
        (15, None, 15),
        (14, None, 14 * 60),
        (60, Unit.HOURS, 60 * 60),
        (2, Unit.MINUTES, 2),
        ("1,5", None, 90),
        ("1.5 ч", None, 90),
        ("2ч.", None, 120),
        ("1,5 н/ч", None, 90),
        ("2 часа", None, 120),
        ("90 мин", None, 90),
        ("90мин.", Unit.HOURS, 90),
        ("1:30", None, 90),
        ("01:30:00", None, 90),
        ("1 ч 30 мин", None, 90),
        ("1ч30", None, 90),
        (time(1, 30), None, 90),
        (timedelta(hours=26), None, 26 * 60),
        ("744", Unit.HOURS, 744 * 60),
    ],
)
def test_duration_is_whole_minutes(cell: Cell, unit: Unit | None, minutes: int | None) -> None:
    assert duration(cell, unit) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("много", "duration_unreadable"),
        (True, "duration_unreadable"),
        (FIRST, "duration_unreadable"),
        (float("nan"), "duration_unreadable"),
        (-1.0, "duration_negative"),
        ("-1", "duration_negative"),
        ("−0,5", "duration_negative"),
        (0, "duration_zero"),
        ("0:00", "duration_zero"),
        (time(0, 0), "duration_zero"),
        ("745 ч", "duration_too_long"),
        (1e300, "duration_too_long"),
        ("9" * 400, "duration_unreadable"),
        ("9" * 40 + " ч 9 мин", "duration_too_long"),
        ("1час" + "1" * 30_000 + "!", "duration_unreadable"),  # not letter by letter
    ],
)
def test_duration_is_refused_by_name(cell: Cell, code: str) -> None:
    with pytest.raises(DurationRefused) as refused:
        duration(cell)
    assert refused.value.code == code


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.times())
def test_what_is_shown_is_read_back(day: date, at: time) -> None:
    shown = datetime.combine(day, at.replace(second=0, microsecond=0))
    assert moment(text_of(shown)) == Moment(day, shown.time())


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.times(), st.timedeltas(), st.dates()))
def test_no_cell_breaks_the_reading(cell: Cell) -> None:
    for read, refusal in ((moment, Unreadable), (duration, DurationRefused)):
        with contextlib.suppress(refusal):
            read(cell)
