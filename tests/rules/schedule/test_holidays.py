"""The public holidays of Russia, as the production calendars of those years have them."""

from datetime import date

import pytest

from vovremya.schedule.rules.holidays import Holiday, days_off, eves, is_decreed

NEW_YEAR = [f"0{day}.01" for day in range(1, 9)]


@pytest.mark.parametrize(
    ("year", "named", "carried", "shorter"),
    [
        (
            2025,
            ["23.02", "08.03", "01.05", "09.05", "12.06", "04.11"],
            ["02.05", "08.05", "13.06", "03.11", "31.12"],
            ["07.03", "30.04", "11.06", "01.11"],
        ),
        (
            2026,
            ["23.02", "08.03", "01.05", "09.05", "12.06", "04.11"],
            ["09.01", "09.03", "11.05", "31.12"],
            ["30.04", "08.05", "11.06", "03.11"],
        ),
        (
            2027,
            ["23.02", "08.03", "01.05", "09.05", "12.06", "04.11"],
            ["22.02", "03.05", "10.05", "14.06", "05.11", "31.12"],
            ["20.02", "30.04", "11.06", "03.11"],
        ),
    ],
)
def test_days_off_are_those_of_the_law_and_of_the_decree(
    year: int, named: list[str], carried: list[str], shorter: list[str]
) -> None:
    off = days_off(year)
    assert [each.on for each in off] == sorted(each.on for each in off)
    is_carried = {f"{each.on:%d.%m}": each.holiday is Holiday.CARRIED for each in off}
    assert {on for on, it in is_carried.items() if not it} == {*NEW_YEAR, *named}
    assert {on for on, it in is_carried.items() if it} == set(carried)
    assert [f"{each.on:%d.%m}" for each in eves(year)] == shorter
    assert {each.holiday for each in eves(year)} == {Holiday.EVE}
    assert is_decreed(year)


def test_a_year_without_its_decree_has_the_days_of_the_law_and_those_that_follow_from_them() -> None:
    off = {each.on: each.holiday for each in days_off(2028)}
    assert not is_decreed(2028)
    assert off[date(2028, 1, 7)] is Holiday.CHRISTMAS
    assert off[date(2028, 11, 6)] is Holiday.CARRIED, "the fourth is a Saturday"
    assert date(2028, 1, 10) not in off, "the weekend days of January are the government's to carry"
    assert date(2028, 12, 31) not in {each.on for each in eves(2028)}, "a Sunday"
    assert date(2029, 12, 31) in {each.on for each in eves(2029)}
