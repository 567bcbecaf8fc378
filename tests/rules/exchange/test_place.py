import pytest

from vovremya.exchange.rules.folding import fold, fold_surname_and_initial
from vovremya.exchange.rules.place import Bay, Place

PLACE = Place.of(
    "Europe/Moscow",
    bays=[
        ("Пост 1", Bay(1)),
        ("Пост 4 (диагностика)", Bay(4)),
        ("Мойка (малая)", Bay(6)),
        ("Мойка (большая)", Bay(7)),
        ("Подъёмник 5", Bay(5)),
    ],
    advisors=[
        (1, "Орлов В.", "Орлов Виктор Петрович"),
        (2, "Котова Л.", ""),
        (3, "Ким А.", ""),
        (4, "Ким А. Б.", ""),
    ],
)


@pytest.mark.parametrize(
    ("written", "bay"),
    [
        ("Пост 1", 1),
        ("пост №1", 1),
        ("ПОСТ-1.", 1),
        ("Пост 4 (диагностика)", 4),
        ("Пост 4", 4),
        ("подъемник 5", 5),
        ("Мойка (малая)", 6),
        ("Мойка", None),  # which one?
        ("Пост 99", None),
        ("", None),
    ],
)
def test_bay_is_found_by_its_name(written: str, bay: int | None) -> None:
    found = PLACE.bay_named(written)
    assert (found.id if found else None) == bay


@pytest.mark.parametrize(
    ("written", "advisor"),
    [
        ("Орлов В.", 1),
        ("орлов виктор петрович", 1),
        ("Орлов Виктор", 1),
        ("Орлов В.П.", 1),
        ("Орлов", None),
        ("Котова Людмила", 2),
        ("Ким А.", 3),
        ("Ким Анна", None),  # which one?
        ("", None),
    ],
)
def test_advisor_is_found_by_name_or_initials(written: str, advisor: int | None) -> None:
    assert PLACE.advisor_named(written) == advisor


def test_folding() -> None:
    assert fold(" Подъёмник  №5.") == "подъемник5"
    assert fold_surname_and_initial("Орлов В.П.") == "орлов в"
    assert fold_surname_and_initial("Орлов") == ""
