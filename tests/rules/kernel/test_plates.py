import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.kernel import plates


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("М347ВС77", "М347ВС77"),
        ("m347bc77", "М347ВС77"),  # Latin
        ("м 347 вс 77", "М347ВС77"),
        ("М347ВС-777 RUS", "М347ВС777"),
        ("M347BC777RUS", "М347ВС777"),
        ("м347вс 77 рус.", "М347ВС77"),
        ("М347ВС", "М347ВС"),  # no region
        ("ам12377", "АМ12377"),  # taxi
        ("AM1234 178", "АМ1234178"),  # trailer
        ("1234ав77", "1234АВ77"),  # motorcycle
        ("а1234 77", "А123477"),  # police
        ("ам123к77", "АМ123К77"),  # transit
    ],
)
def test_russian_plate_is_kept_in_cyrillic_capitals(typed: str, kept: str) -> None:
    assert plates.normalise(typed) == kept
    assert plates.is_russian(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1234 ab-7", "1234 AB-7"),  # Belarus
        ("  kz 123  abc 02 ", "KZ 123 ABC 02"),
        ("М347ВС077", "М347ВС077"),  # no region begins with a nought and has three digits
        ("Ж347ВС77", "Ж347ВС77"),  # not a letter of plates
        ("транзит", "ТРАНЗИТ"),
        ("", ""),
    ],
)
def test_foreign_plate_is_kept_as_typed_in_capitals(typed: str, kept: str) -> None:
    assert plates.normalise(typed) == kept
    assert not plates.is_russian(typed)


@pytest.mark.parametrize("typed", ["М347ВС77", "m347bc77", "M 347 BC 77 RUS", "м-347-вс-77", "Мm347bC77"[1:]])
def test_search_key_is_one_for_every_writing(typed: str) -> None:
    assert plates.search_key(typed) == "м347вс77"


def test_search_key_of_a_part_and_of_a_foreign_plate() -> None:
    assert plates.search_key("47b") == "47в"
    assert plates.search_key("1234 AB-7") == plates.search_key("1234ав7")


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = plates.normalise(typed)
    assert plates.normalise(once) == once
