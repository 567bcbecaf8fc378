"""When a car was given at all."""

import pytest

from vovremya.customers.rules import CarGiven


@pytest.mark.parametrize(
    ("given", "expected"),
    [(CarGiven(), True), (CarGiven(year=2019, mileage=40_000), True), (CarGiven(plate="М347ВС 77"), False)],
)
def test_a_car_is_given_by_make_model_plate_or_vin(given: CarGiven, expected: bool) -> None:
    assert given.is_empty is expected
