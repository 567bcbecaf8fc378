"""A page of the manual: from its Markdown to sections that are shown, linked to and looked through.

`# Title` comes first; a line «Слова: …» after it holds words that readers may ask with and the text does not use.
`key` is a key, a fenced block `program` is one of `TABLES`, `[words](page)` leads to another page, `![what](name)` is a
picture of `static/guide/`. Anything else is CommonMark with tables; HTML in it is shown as text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from importlib.resources import files
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from vovremya.guide.tables import TABLES

PICTURES = files("vovremya.guide") / "static" / "guide"
_MORE_WORDS = "Слова: "


@dataclass(frozen=True)
class Section:
    anchor: str  # empty at the head of the page
    heading: str
    html: SafeString

    @cached_property
    def text(self) -> str:
        """Without its heading."""
        body = self.html.rpartition("</h3>")[2]
        return " ".join(unescape(strip_tags(body.replace("><", "> <"))).split())


@dataclass(frozen=True)
class Page:
    name: str
    title: str
    more_words: str
    sections: Sequence[Section]


def read_page(name: str, source: str) -> Page:
    title, _line, body = source.partition("\n")
    body = body.lstrip()
    more_words = ""
    if body.startswith(_MORE_WORDS):
        said, _line, body = body.partition("\n")
        more_words = said.removeprefix(_MORE_WORDS)
    return Page(name, title.removeprefix("# ").strip(), more_words, _sections(_MARKDOWN.parse(body)))


def _sections(tokens: list[Token]) -> list[Section]:
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    sections = []
    for since, until in zip([0, *starts], [*starts, len(tokens)], strict=True):
        if since == until:
            continue
        heading = tokens[since + 1].content if since in starts else ""
        anchor = anchor_of(heading)
        if anchor:
            tokens[since].attrSet("id", anchor)
            tokens[since].tag = tokens[since + 2].tag = "h3"  # below the title of the page, which is below the frame's
        sections.append(Section(anchor, heading, mark_safe(_render(tokens[since:until]))))  # noqa: S308  # our own pages, no HTML in them
    return sections


def anchor_of(heading: str) -> str:
    return re.sub(r"\W+", "-", heading.casefold()).strip("-")


def _render(tokens: Sequence[Token]) -> str:
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


# --- what our pages have that others have not ---


def _key(_self: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    return format_html("<kbd>{}</kbd>", tokens[place].content)


def _table(_self: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    return f'<div class="guide-table" tabindex="0">{TABLES[tokens[place].content.strip()]()}</div>'


def _link(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    page, sign, anchor = str(token.attrGet("href")).partition("#")
    token.attrSet("href", f"{reverse('help_page', args=[page])}{sign}{anchor}")
    return self.renderToken(tokens, place, options, env)


def _picture(_self: RendererHTML, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    name = f"{tokens[place].attrGet('src')}.webp"
    width, height = size_of((PICTURES / name).read_bytes())
    address = escape(static(f"guide/{name}"))
    alt = escape(tokens[place].content)
    return f'<img class="picture" src="{address}" alt="{alt}" width="{width}" height="{height}" loading="lazy">'


def size_of(webp: bytes) -> tuple[int, int]:
    """Of an extended WebP, as Chromium takes it; a page that knows it does not jump when the picture comes."""
    return int.from_bytes(webp[24:27], "little") + 1, int.from_bytes(webp[27:30], "little") + 1


def _reader() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    for token, draw in {"code_inline": _key, "fence": _table, "link_open": _link, "image": _picture}.items():
        markdown.add_render_rule(token, draw)
    return markdown


_MARKDOWN = _reader()
