"""Whole numbers in any cell of a list that is taken along."""

import pytest

from vovremya.exchange.numbers import numbers_in, without_numbers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("8 (912) 345-67-89", "+7 912 ···-··-89"),
        ("+79123456789", "+7 912 ···-··-89"),
        ("Муж +7 913 000-11-22, звонить ему", "Муж +7 913 ···-··-22, звонить ему"),
        ("8 912 345-67-89 8 913 000-11-22", "+7 912 ···-··-89, +7 913 ···-··-22"),
        ("тел. 8_912_345_67_89, жена", "+7 912 ···-··-89"),  # where it stands cannot be told
        ("Поста «89123456789» нет в филиале", "Поста «+7 912 ···-··-89» нет в филиале"),
    ],
)
def test_numbers_are_masked_where_they_stand(text: str, masked: str) -> None:
    assert (without_numbers(text), numbers_in(masked)) == (masked, ())


@pytest.mark.parametrize(
    "text",
    ["", "8.9.2026 08:00", "20.12.2026 08:00", "запись № ЗН-1, 31.12.2026 10:28–11:58, Пост 2", "X9FMXXEEBMCG01011"],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert (without_numbers(text), numbers_in(text)) == (text, ())
