"""Finding in the manual: which words are forms of one, what a text says of those asked for. Pure.

«Звонок» and «звонка», «запись» and «записей», «удалить» and «удаление»: a form shares its beginning with the word, and
at least half of the longer of the two. That is plainer than a dictionary of endings, knows the vowels that flee, and
what it takes for kindred without being so stands far below in the list.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"\w+")
_MOST_WORDS = 8
_SHORTEST_STEM = 3
_KINDRED_FROM = 0.5
_PASSAGE = 200
_WEIGHT_OF_TITLE = 8.0
_WEIGHT_OF_HEADING = 4.0
#: Further mentions say less and less.
_MENTIONS = 4


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("ё", "е"))


#: What questions are made of; with «не» and «нет» they would find every page.
_EMPTY_WORDS = frozenset(
    words_of("а без в во для до если за и из или к как ко ли на над не нет о об от по под при с со у что это")
)


def words_asked(query: str) -> list[str]:
    """What a question is about."""
    words = words_of(query)
    return [word for word in words if word not in _EMPTY_WORDS][:_MOST_WORDS] or words[:_MOST_WORDS]


@lru_cache(maxsize=50_000)
def kinship(asked: str, word: str) -> float:
    """How sure it is that both are forms of one word: 1 for the same, 0 for none. What is being typed counts too."""
    if asked == word:
        return 1.0
    shorter, longer = sorted((asked, word), key=len)
    shared = next((place for place, letter in enumerate(shorter) if letter != longer[place]), len(shorter))
    share = shared / len(longer)
    if len(asked) >= _SHORTEST_STEM and word.startswith(asked):
        return max(share, _KINDRED_FROM)
    return share if shared >= _SHORTEST_STEM and share >= _KINDRED_FROM else 0.0


@dataclass(frozen=True)
class Passage:
    """Words with those found among them: (text, whether it was asked for)."""

    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Text:
    """What is looked through as one: a section of a page."""

    title: str
    heading: str
    body: str
    more_words: str = ""  # others say it so; never shown


def relevance(text: Text, asked: Sequence[str]) -> float:
    """0 unless every word is there in some form."""
    parts = (
        (words_of(text.title), _WEIGHT_OF_TITLE),
        (words_of(text.heading), _WEIGHT_OF_HEADING),
        (words_of(text.more_words), _WEIGHT_OF_HEADING),
        (words_of(text.body), 1.0),
    )
    total = 0.0
    for word in asked:
        of_word = sum(weight * _mentioned(word, words) for words, weight in parts)
        if not of_word:
            return 0.0
        total += of_word
    return total


def _mentioned(asked: str, words: Iterable[str]) -> float:
    found = sorted((kinship(asked, word) for word in words), reverse=True)
    return sum(share / (place + 1) for place, share in enumerate(found[:_MENTIONS]))


def passage(body: str, asked: Sequence[str]) -> Passage:
    """The stretch of the text where most of it is said, with the words found."""
    found = [(each.start(), each.end()) for each in _WORD.finditer(body) if _is_asked(each.group(), asked)]
    if not found:
        return Passage(((_cut(body, 0, _PASSAGE), False),))
    first = max(found, key=lambda place: _said_from(place[0], found))[0]
    since = _word_start(body, max(0, first - _PASSAGE // 4))
    until = min(len(body), since + _PASSAGE)
    pieces: list[tuple[str, bool]] = [("…" if since else "", False)]
    at = since
    for starts, ends in found:
        if since <= starts and ends <= until:
            pieces += [(body[at:starts], False), (body[starts:ends], True)]
            at = ends
    pieces.append((_cut(body, at, until), False))
    return Passage(tuple(piece for piece in pieces if piece[0]))


def _is_asked(word: str, asked: Sequence[str]) -> bool:
    (folded, *_others) = words_of(word)
    return any(kinship(each, folded) for each in asked)


def _said_from(start: int, found: Sequence[tuple[int, int]]) -> int:
    return sum(start <= starts and ends <= start + _PASSAGE * 3 // 4 for starts, ends in found)


def _word_start(body: str, at: int) -> int:
    return body.rfind(" ", 0, at) + 1 if at else 0


def _cut(body: str, since: int, until: int) -> str:
    """To the end of a word, with a sign that it goes on."""
    if until >= len(body):
        return body[since:]
    return body[since:until].rpartition(" ")[0] + " …"
