"""The pages of the manual, read from the package once a process, and what is found in them. No database has a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vovremya.guide.reading import Page, Section, read_page
from vovremya.guide.rules.contents import CHAPTERS, PAGES
from vovremya.guide.rules.finding import Passage, Text, passage, relevance, words_asked

SOURCES = files("vovremya.guide") / "pages"
_MOST_FOUND = 20


@cache
def pages() -> Mapping[str, Page]:
    return {name: read_page(name, (SOURCES / f"{name}.md").read_text(encoding="utf-8")) for name in PAGES}


def chapters() -> Sequence[tuple[str, Sequence[Page]]]:
    return [(chapter.name, [pages()[name] for name in chapter.pages]) for chapter in CHAPTERS]


@dataclass(frozen=True)
class Found:
    page: Page
    section: Section
    passage: Passage


def find(query: str) -> list[Found]:
    """The best first; a section is found by the words of its page as well."""
    asked = words_asked(query)
    if not asked:
        return []
    weighed = [
        (relevance(_text_of(page, section), asked), page, section)
        for page in pages().values()
        for section in page.sections
    ]
    best = sorted((each for each in weighed if each[0]), key=lambda each: -each[0])[:_MOST_FOUND]
    return [Found(page, section, passage(section.text, asked)) for _relevance, page, section in best]


def _text_of(page: Page, section: Section) -> Text:
    is_head = section is page.sections[0]
    return Text(page.title, section.heading, section.text, page.more_words if is_head else "")
