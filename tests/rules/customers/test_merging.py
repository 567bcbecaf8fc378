"""Which clients may be one person, and which cars are one."""

import pytest

from vovremya.customers.rules.merging import is_like_name, same_cars, to_compare


def car(pk: int, plate_key: str = "", vin: str = "") -> dict[str, object]:
    return {"pk": pk, "plate_key": plate_key, "vin": vin}


def test_cars_are_one_by_vin_and_then_by_plate() -> None:
    kept = [car(1, "м347вс77", "Z94"), car(2, "а001аа77")]
    gone = [car(11, "а001аа77", "Z94"), car(12, "а001аа77"), car(13, "х999хх99"), car(14)]
    assert same_cars(kept, gone) == {11: 1, 12: 2}


@pytest.mark.parametrize(
    ("apart", "left"),
    [
        ([], [(1, None), (2, 1), (3, 1)]),
        ([(1, 2)], [(1, None), (2, None), (3, 1)]),
        ([(1, 2), (1, 3)], [(2, None), (3, 2)]),
        ([(1, 2), (1, 3), (2, 3)], []),
    ],
)
def test_each_is_compared_with_the_first_who_may_be_the_same(
    apart: list[tuple[int, int]], left: list[tuple[int, int | None]]
) -> None:
    assert to_compare([3, 1, 2, 1], {frozenset(pair) for pair in apart}) == left


@pytest.mark.parametrize(
    ("one", "other", "is_like"),
    [
        ("смирнова анна викторовна", "смирнова а в", True),
        ("смирнова анна", "смирнова анна викторовна", True),
        ("смирнова анна", "смирнова ольга", False),
        ("смирнова анна", "смирнов анна", False),
        ("смирнова", "смирнова анна", False),
        ("ооо волна", "ооо волна плюс", True),
    ],
)
def test_names_are_like_where_each_word_begins_one_of_the_other(one: str, other: str, *, is_like: bool) -> None:
    assert is_like_name(one, other) is is_like
    assert is_like_name(other, one) is is_like
