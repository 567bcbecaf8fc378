"""Phone numbers: found in any writing, kept as E.164, shown in the Russian manner."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from vovremya.kernel.refusal import Refusal

REGION = "RU"


class PhoneEmpty(Refusal):
    """There is no number in the text."""

    code = "phone_empty"


class PhoneUnreadable(Refusal):
    """There are digits in the text, but they make no phone number."""

    code = "phone_unreadable"


class PhoneNotSingle(Refusal):
    """One number was asked for and several were given."""

    code = "phone_not_single"


@dataclass(frozen=True)
class Found:
    """What a cell holds: the numbers in their order, and the pieces with digits that are not numbers."""

    numbers: tuple[str, ...]
    unread: tuple[str, ...] = ()


def parse(text: str) -> str:
    """The one number in the text, as E.164."""
    found = find(text)
    if len(found.numbers) > 1:
        raise PhoneNotSingle(field="phone", text=text)
    if found.numbers and not found.unread:
        return found.numbers[0]
    if not found.unread:
        raise PhoneEmpty(field="phone")
    raise PhoneUnreadable(field="phone", text=text)


# What stands between two numbers: «;», «,», «/» and the like, or a word («доб.», «и», a name).
_BETWEEN = re.compile(r"[;,/|\\\n\r]+|[^\W\d_]+\.?:?")
_EXTENSION = re.compile(
    r"(?:доб(?:авочный)?\.?|вн(?:утр)?\.?|ext\.?|#)\s*[:№]?\s*(\d{1,6})(?![\d\s()-]*\d)", re.IGNORECASE
)
_LONGEST_PAIR = 100  # two numbers in the widest writing
_NOISE_DIGITS = 4  # an hour, a flat, a year beside the number: not a number itself


def find(text: str) -> Found:
    """Every number of a cell: «+79996982340; доб. 8 999 0432896» holds two."""
    text = unicodedata.normalize("NFKC", text)
    extensions = [match.group(0).strip() for match in _EXTENSION.finditer(text)]
    numbers: list[str] = []
    unread: list[str] = []
    for piece in _BETWEEN.split(_EXTENSION.sub(";", text)):
        for part in _parts(piece):
            number = _as_e164(part)
            if number is None:
                unread += [part] if len(_digits(part)) > _NOISE_DIGITS else []
            elif number not in numbers:
                numbers.append(number)
    if not numbers:
        return Found((), (text.strip(),) if _digits(text) else ())
    return Found(tuple(numbers), (*unread, *extensions))


def _parts(piece: str) -> list[str]:
    """A piece without separators, cut before each «+»; two numbers beside one another are told apart."""
    parts = [part.strip() for part in re.split(r"(?=\+)", piece) if _digits(part)]
    return [number for part in parts for number in _cut_where_two(part)]


def _cut_where_two(part: str) -> list[str]:
    if len(part) > _LONGEST_PAIR or _as_e164(part) is not None:
        return [part]
    for gap in re.finditer(r"\s+", part):
        halves = [part[: gap.start()], part[gap.end() :]]
        if all(_as_e164(half) is not None for half in halves):
            return halves
    return [part]


# Every Russian number by its shape: the library's tables lag behind, a code handed out yesterday is one too.
_RUSSIAN = re.compile(r"(?:\+7|7|8)?([3489]\d{9})")


def _as_e164(part: str) -> str | None:
    digits = _digits(part)
    if russian := _RUSSIAN.fullmatch(f"+{digits}" if part.startswith("+") else digits):
        return f"+7{russian[1]}"
    candidates = [f"+{digits}"] if part.startswith("+") else [digits, f"+{digits}"]
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def display(number: str) -> str:
    """`+7 912 555-01-47`; a foreign number as its own country writes it."""
    if russian := re.fullmatch(r"\+7(\d{3})(\d{3})(\d\d)(\d\d)", number):
        return "+7 {} {}-{}-{}".format(*russian.groups())
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


_CODE_GROUPS = re.compile(r"\+\d+\D\d+\D|\+\d+\D?")
_SHOWN_LAST = 2


def masked(number: str) -> str:
    """`+7 912 ···-··-47`: enough to recognise a number one knows, not enough to dial it."""
    shown = display(number)
    head = _CODE_GROUPS.match(shown)
    start = head.end() if head else 0
    end = len(shown) - _SHOWN_LAST
    return shown[:start] + re.sub(r"\d", "·", shown[start:end]) + shown[max(start, end) :]


def search_key(text: str) -> str:
    """The last ten digits: the same for `8 (912) 555-01-47`, `+79125550147` and `912 5550147`."""
    return _digits(text)[-10:]


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
