"""By what a person is found in texts, and when the time of keeping is over."""

from datetime import date, datetime

import pytest

from vovremya.customers.rules.erasure import Traces, is_quiet, months_before

TRACES = Traces.of(
    ["Смирнова Анна Викторовна", ""],
    ["+79123456789"],
    ["М347ВС 77", ""],
    ["XTAGA1234R1234567", ""],
    ["Anna@b.test", ""],
)


@pytest.mark.parametrize(
    "cells",
    [
        ["8 (912) 345-67-89"],
        ["тел. 912 345 67 89, жена"],
        ["m347bc 77 RUS"],
        ["М 347 ВС77"],
        ["xtaga1234r1234567"],
        ["почта ANNA@B.TEST"],
        ["ТО-60", "СМИРНОВА  Анна Викторовна"],
    ],
)
def test_a_person_is_found_in_any_spelling(cells: list[str]) -> None:
    assert TRACES.are_in(cells)


@pytest.mark.parametrize(
    "cells", [[], ["Смирнова Анна"], ["8 912 345-67-80"], ["М347ВС"], ["Смирнова Анна Викторовна и сын"]]
)
def test_others_are_left_alone(cells: list[str]) -> None:
    assert not TRACES.are_in(cells)


def test_a_short_trace_counts_where_a_cell_says_nothing_else() -> None:
    traces = Traces.of([], ["112"], ["77"], [], [])
    assert traces.are_in(["77"])
    assert not traces.are_in(["М347ВС77", "8 (912) 112-00-00"])


def test_nobody_leaves_no_traces() -> None:
    assert not Traces().are_in(["что угодно", ""])


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 22), 36, date(2023, 11, 22)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 30), 1, date(2028, 2, 29)),
        (date(2026, 7, 31), 1, date(2026, 6, 30)),
        (date(2026, 1, 5), 1, date(2025, 12, 5)),
    ],
)
def test_months_before_a_day_end_with_the_month(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


@pytest.mark.parametrize(("hour", "quiet"), [(1, False), (2, True), (4, True), (5, False), (14, False)])
def test_files_are_written_anew_in_the_small_hours(hour: int, *, quiet: bool) -> None:
    assert is_quiet(datetime(2026, 11, 22, hour)) is quiet  # noqa: DTZ001
