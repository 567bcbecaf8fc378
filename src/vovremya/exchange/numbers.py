"""Whole numbers in the texts of a list that is taken along: counted, and masked for those who may not see them."""

import re

from vovremya.exchange.rules.cells import Unreadable, moment
from vovremya.kernel import phones

_LIKE_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
_FEWEST_DIGITS = 10


def numbers_in(text: str) -> tuple[str, ...]:
    """Cheap, for a list of thousands of cells. A day and a time, «8.9.2026 08:00», may look like a number."""
    if sum(map(str.isdigit, text)) < _FEWEST_DIGITS or _is_moment(text):
        return ()
    return phones.find(text).numbers


def without_numbers(text: str) -> str:
    """The words around them stay."""
    numbers = numbers_in(text)
    shown = _LIKE_NUMBER.sub(lambda like: _masked(phones.find(like[0]).numbers) or like[0], text) if numbers else text
    return _masked(numbers) if numbers and phones.find(shown).numbers else shown


def _masked(numbers: tuple[str, ...]) -> str:
    return ", ".join(map(phones.masked, numbers))


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except Unreadable:
        return False
    return True
