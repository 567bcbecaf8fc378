"""Names of clients: how they are folded for search, shortened for lists, and said aloud. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

_PATRONYMIC = re.compile(r".+(вич|ьич|мич|вна|чна|шна)|оглы|кызы|улы", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"[«»\"]|\b(ООО|ОАО|ЗАО|ПАО|НАО|АО|ИП|ГУП|МУП|ФГУП|ФГБУ|ГБУ|МБУ|ГКУ|МКУ|АНО|НКО|ТСЖ|СНТ|КФХ)\b"
)


def fold_name(text: str) -> str:
    """«Смирнова  АННА» and «смирнова анна», «Артём» and «Артем», «ООО „Волна“» and «ООО Волна» are one."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(re.findall(r"[\w-]+", folded))


def is_organisation(name: str) -> bool:
    return _ORGANISATION.search(name) is not None


@dataclass(frozen=True)
class _PersonName:
    surname: str
    first: str
    patronymic: str


def _parsed(name: str) -> _PersonName:
    """Written surname first, unless a patronymic in the second place shows the first name in front."""
    words = name.split()
    if len(words) > 1 and _PATRONYMIC.fullmatch(words[1]):
        return _PersonName(" ".join(words[2:]), words[0], words[1])
    return _PersonName("".join(words[:1]), "".join(words[1:2]), " ".join(words[2:]))


@lru_cache(maxsize=8192)  # a board asks for the same names again and again
def name_on_bar(name: str) -> str:
    """«Смирнова Анна Викторовна» → «Смирнова Анна»; an organisation as it is."""
    if is_organisation(name):
        return name
    parsed = _parsed(name)
    return f"{parsed.surname} {parsed.first}".strip()


def short_name(name: str) -> str:
    """«Смирнова Анна Викторовна» → «Смирнова А. В.»; an organisation as it is."""
    parsed = _parsed(name)
    if is_organisation(name) or not parsed.surname:
        return name
    initials = (f"{word[0]}." for word in (parsed.first, parsed.patronymic) if word)
    return " ".join((parsed.surname, *initials))


def calling_name(name: str, representative: str = "") -> str:
    """How the operator addresses the client: name and patronymic, or the name; for an organisation its
    representative."""
    if is_organisation(name):
        return calling_name(representative) if representative and representative != name else name
    parsed = _parsed(name)
    is_written_out = len(parsed.first.rstrip(".")) > 1
    return f"{parsed.first} {parsed.patronymic}".strip() if is_written_out else name


@dataclass(frozen=True)
class CarGiven:
    """A car as it was typed or imported."""

    make: str = ""
    model: str = ""
    plate: str = ""
    vin: str = ""
    year: int | None = None
    mileage: int | None = None
    warranty_until: date | None = None
    coefficient: Decimal | None = None  # of its labour to the norm

    @property
    def is_empty(self) -> bool:
        return not any((self.make, self.model, self.plate, self.vin))
