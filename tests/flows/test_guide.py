"""The manual in the program: every page and picture is there, every screen leads to one, and the search finds them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.flows.doors import DOORS
from tests.flows.seat import Seat
from vovremya.board.texts import LEGEND, RESULT_KEYS
from vovremya.directory.rules import is_branch_code
from vovremya.guide.queries import SOURCES, find, pages
from vovremya.guide.reading import PICTURES, read_page, size_of
from vovremya.guide.rules.contents import OPEN_PAGES, PAGES, SCREENS
from vovremya.guide.tables import TABLES
from vovremya.guide.texts import RESULTS, STATES
from vovremya.office.urls import first_steps
from vovremya.visits.rules.case import PolicyFacts
from vovremya.visits.rules.next_step import is_countable
from vovremya.visits.rules.words import CallResult

SRC = Path(__file__).parents[2] / "src" / "vovremya"
LINK = re.compile(r'<a href="([^"]+)"')
PICTURE = re.compile(r'src="/static/(guide/[^"]+)"')


def html_of(name: str) -> str:
    return "".join(section.html for section in pages()[name].sections)


# --- the pages ---------------------------------------------------------------------------------------------------


def test_every_file_of_pages_is_in_the_contents() -> None:
    assert {file.name.removesuffix(".md") for file in SOURCES.iterdir()} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(name: str) -> None:
    page = pages()[name]
    assert page.title
    assert len({section.anchor for section in page.sections}) == len(page.sections)
    assert all(section.text for section in page.sections)
    for link in LINK.findall(html_of(name)):
        address, _, anchor = link.partition("#")
        target = address.removeprefix("/help/").removesuffix("/")
        assert target in PAGES, link
        assert not anchor or anchor in {section.anchor for section in pages()[target].sections}, link
    for picture in PICTURE.findall(html_of(name)):
        assert finders.find(picture), picture


def test_every_picture_is_shown_somewhere_and_together_they_are_light() -> None:
    shown = {picture for name in PAGES for picture in PICTURE.findall(html_of(name))}
    files = [file for file in PICTURES.iterdir() if file.name.endswith(".webp")]
    assert {f"guide/{file.name}" for file in files} == shown
    assert sum(len(file.read_bytes()) for file in files) < 700_000
    assert all(file.read_bytes()[12:16] == b"VP8X" for file in files), "size_of reads no other kind"
    assert all(200 < side < 1200 for file in files for side in size_of(file.read_bytes()))


def test_html_in_a_page_is_shown_and_not_obeyed() -> None:
    page = read_page("any", "# Заголовок\n\n<script>alert(1)</script> и `<b>` [никуда](day)\n")
    assert "<script>" not in page.sections[0].html
    assert "<kbd>&lt;b&gt;</kbd>" in page.sections[0].html


# --- what the program tells of itself -------------------------------------------------------------------------------


def test_every_state_and_every_result_is_explained() -> None:
    assert list(STATES) == [state for state, _word in LEGEND]
    assert list(RESULTS) == [result for result in CallResult if result is not CallResult.UNKNOWN]
    assert len(RESULTS) == len(RESULT_KEYS)


def test_what_is_said_to_count_is_what_counts() -> None:
    assert {result for result, (counts, _words) in RESULTS.items() if counts} == {
        result for result in CallResult if is_countable(result, PolicyFacts())
    }


def test_every_table_of_the_program_stands_on_a_page() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in SOURCES.iterdir())
    assert set(re.findall(r"```program\n(\w+)\n```", sources)) == set(TABLES)


def test_the_page_of_keys_has_every_key_of_the_board() -> None:
    script = (SRC / "board" / "static_src" / "keys.ts").read_text(encoding="utf-8")
    words_of_scripts = (SRC / "ui" / "static_src" / "texts.ts").read_text(encoding="utf-8")
    _, _, of_keys = words_of_scripts.partition("  keys: {")
    russian = dict(re.findall(r'(\w+): either\("([^"]+)"', of_keys))
    found = re.findall(r'shown: (?:"([^"]+)"|texts\.keys\.(\w+)), text: texts\.keys\.(\w+)', script)
    listed = [(shown or russian[letter], russian[words]) for shown, letter, words in found]
    assert len(listed) > 20
    text = (SOURCES / "keys.md").read_text(encoding="utf-8")
    for shown, words in listed:
        keys = " ".join(f"`{key}`" for key in shown.split())
        assert keys in text, keys
        assert words in text or shown in ("F1", "?"), words


# --- the screens -------------------------------------------------------------------------------------------------


def test_every_screen_has_its_page_and_there_are_no_others() -> None:
    screens = {name.split()[0] for name, door in DOORS.items() if door.reads is not None}
    screens |= {pattern.name for pattern in first_steps if pattern.name} | {"login", "account", "training"}
    assert set(SCREENS) == screens


def test_every_link_to_help_names_a_screen() -> None:
    named = re.compile(r"""help_link\.html" with screen="(\w+)"|'help_for' '(\w+)'""")
    templates = SRC.glob("*/templates/**/*.html")
    screens = {one or other for file in templates for one, other in named.findall(file.read_text(encoding="utf-8"))}
    assert len(screens) > 10
    assert screens <= set(SCREENS)


def test_every_window_has_its_link() -> None:
    windows = [
        text
        for text in (file.read_text(encoding="utf-8") for file in SRC.glob("*/templates/**/*.html"))
        if 'class="window-head"' in text
    ]
    assert len(windows) > 10
    assert all("ui/help_link.html" in text for text in windows)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_leads_to_its_page(screen: str) -> None:
    answer = Client().get(reverse("help_for", args=[screen]))
    assert answer.headers["Location"] == f"/help/{SCREENS[screen]}/"


def test_of_a_screen_that_nothing_tells_of_the_contents_are_shown() -> None:
    assert Client().get("/help/for/nothing/").headers["Location"] == "/help/"


# --- who reads it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["operator", "manager", "administrator", "stranger"])
def test_everybody_who_is_signed_in_reads_it(seat: Callable[[str], Seat], name: str) -> None:
    screen = seat(name)
    assert [screen.get(f"/help/{page}/", as_page=True).status for page in PAGES] == [200] * len(PAGES)
    assert "Клиент опаздывает: что делать" in screen.get("/help/", as_page=True).text
    assert screen.get("/help/no-such-page/", as_page=True).status == 404
    assert screen.post("/help/day/").status == 405


def test_who_is_signed_out_reads_how_to_come_in(db: None) -> None:
    http = Client()
    for name in PAGES:
        answer = http.get(f"/help/{name}/")
        assert answer.status_code == (200 if name in OPEN_PAGES else 302), name
    for address in ("/help/", "/help/search/?q=пароль"):
        assert http.get(address).headers["Location"].startswith("/login/")


def test_a_board_is_never_hidden_by_the_manual() -> None:
    assert not is_branch_code("help")


def test_a_page_and_the_search_ask_the_database_only_who_reads(
    seat: Callable[[str], Seat], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    screen = seat("operator")
    for address in ("/help/card/", "/help/search/?q=запись"):
        with django_assert_num_queries(2):
            screen.get(address, as_page=True)


# --- the search ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("как перенести запись", "move"),
        ("не берёт трубку", "not-reached"),
        ("забыл пароль", "login"),
        ("распечатать", "sheet"),
        ("неверные номера", "not-reached"),
        ("овербукинг", "overbooking"),
        ("красная полоса", "states"),
        ("клиент приехал", "arrived-meanwhile"),
        ("восстановление удалённой", "removed"),
    ],
)
def test_what_an_operator_asks_is_found_first(query: str, page: str) -> None:
    assert find(query)[0].page.name == page


def test_results_show_the_passage_and_lead_to_its_place(seat: Callable[[str], Seat]) -> None:
    answer = seat("operator").get("/help/search/?q=неверный+номер", as_page=True)
    assert "<mark>номер</mark>" in answer.html
    assert "/help/not-reached/#" in answer.html


@pytest.mark.parametrize(
    ("query", "words"), [("вертолёт", "Ничего не нашлось"), ("", "Поиск в справке"), ("«»", "Ничего")]
)
def test_a_search_without_results_says_what_to_do(seat: Callable[[str], Seat], query: str, words: str) -> None:
    assert words in seat("operator").get(f"/help/search/?q={query}", as_page=True).text
