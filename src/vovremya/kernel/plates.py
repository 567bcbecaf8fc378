"""Number plates: Russian forms in Cyrillic whatever they were typed in, foreign ones as typed."""

import re

LATIN = "ABEKMHOPCTYX"
CYRILLIC = "АВЕКМНОРСТУХ"  # the only letters of Russian plates, each with a Latin twin
_TO_CYRILLIC = str.maketrans(LATIN, CYRILLIC)

_SERIES = f"[{CYRILLIC}]"
_REGION = r"(?:\d{2}|[1-9]\d{2})"
_FORMS = (
    rf"{_SERIES}\d{{3}}{_SERIES}{{2}}{_REGION}?",  # cars; the region is often left out in speech and lists
    rf"{_SERIES}{{2}}\d{{3}}{_REGION}",  # taxis and buses
    rf"{_SERIES}{{2}}\d{{4}}{_REGION}",  # trailers
    rf"\d{{4}}{_SERIES}{{2}}{_REGION}",  # motorcycles, the army
    rf"{_SERIES}\d{{4}}{_REGION}",  # police
    rf"{_SERIES}{{2}}\d{{3}}{_SERIES}{_REGION}",  # transit
)
_RUSSIAN = re.compile("|".join(_FORMS))
_COUNTRY = re.compile(r"[\W_](RUS|РУС)[\W_]*$|(?<=\d)(RUS|РУС)$")


def normalise(text: str) -> str:
    """«m347bc 77 RUS» → «М347ВС77»; a foreign plate is kept as typed, in capitals."""
    typed = " ".join(text.upper().split())
    folded = _folded(_COUNTRY.sub("", typed))
    return folded if _RUSSIAN.fullmatch(folded) else typed


def is_russian(text: str) -> bool:
    return _RUSSIAN.fullmatch(normalise(text)) is not None


def search_key(text: str) -> str:
    """One key for every writing of a plate, or of its part: Latin twins are folded into Cyrillic."""
    return _folded(_COUNTRY.sub("", text.upper().strip())).lower()


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).translate(_TO_CYRILLIC)
