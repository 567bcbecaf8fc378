"""One key for every way to write a heading, a bay or a person's name."""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)  # a file names the same bays, advisors and cars over and over
def fold(text: str) -> str:
    """«Подъёмник  №5.» → «подъемник5»: case, «ё», spaces and punctuation do not tell names apart."""
    composed = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return re.sub(r"[\W_]+", "", composed.replace("№", ""))


def without_brackets(text: str) -> str:
    """«Пост 4 (диагностика)» → «Пост 4»."""
    return re.sub(r"\([^()]*\)", " ", text)


def fold_surname_and_initial(name: str) -> str:
    """«Орлов В.», «Орлов В. П.» and «Орлов Виктор Петрович» → «орлов в»; nothing for a single word."""
    words = [fold(word) for word in re.split(r"[\s.]+", name) if fold(word)]
    return f"{words[0]} {words[1][0]}" if len(words) > 1 else ""
