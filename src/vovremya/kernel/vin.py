"""Vehicle identification numbers. The check digit is not demanded: cars made for Russia do without it."""

import re

from vovremya.kernel.plates import CYRILLIC, LATIN

_TO_LATIN = str.maketrans(CYRILLIC, LATIN)
_VALID = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


def normalise(text: str) -> str:
    """Capitals without gaps, Cyrillic twins as the Latin letters they stand for."""
    return re.sub(r"[\W_]+", "", text.upper()).translate(_TO_LATIN)


def is_valid(text: str) -> bool:
    """Seventeen characters, none of them I, O or Q."""
    return _VALID.fullmatch(normalise(text)) is not None
