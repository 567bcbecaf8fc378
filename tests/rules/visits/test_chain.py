"""Two visits in a row of one car (hard case 11)."""

from datetime import datetime

import pytest

from tests.rules.visits.facts import at
from vovremya.visits.rules.chain import is_in_a_row


@pytest.mark.parametrize(
    ("second_starts_at", "expected"),
    [(at("11:00"), True), (at("11:15"), True), (at("11:15:00.001"), False), (at("10:59"), False)],
)
def test_a_car_left_for_a_quarter_of_an_hour_still_stays(second_starts_at: datetime, expected: bool) -> None:
    assert is_in_a_row(at("11:00"), second_starts_at) is expected
