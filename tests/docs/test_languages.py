"""Every word of the screen is in the catalogues, and English has all of them."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools.catalogues import LANGUAGES, PROGRAM, catalogue_of, collected, messages_of_program, read

CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
#: Nor is a date written with dots in every language: see `ui/dates`.
UNTRANSLATED = re.compile(rf"{CYRILLIC.pattern}|%d\.%m")

#: Where there is what nobody translates, and why.
DATA = {
    "board/conversation.py": "what falls away from the script of the installation where there is nothing to fill in",
    "board/static_src/eta.ts": "how people write minutes and hours",
    "config/commands/directory.py": "dates in the console",
    "config/commands/serving.py": "dates in the console",
    "config/console.py": "examples of names",
    "customers/actions/erasing.py": "what stands in place of a name that was erased",
    "customers/rules/names.py": "parts of names",
    "demo/build.py": "the demo's people",
    "demo/network.py": "the demo's people",
    "demo/orders.py": "the demo's people",
    "demo/people.py": "the demo's people",
    "demo/scenes.py": "the demo's people",
    "directory/defaults.py": "what a new installation is given, and edits",
    "directory/passwords.py": "keys of the keyboard, and words that are too common",
    "directory/rules.py": "letters of plates and codes; who the record says has acted",
    "exchange/console.py": "the console, which tells of a Russian file in its own words",
    "exchange/folder.py": "names of files beside those of the station",
    "exchange/rules/cells.py": "how files write dates and durations",
    "exchange/rules/folding.py": "how files write names",
    "exchange/rules/headings.py": "headings of files",
    "exchange/rules/rows.py": "words of files",
    "exchange/writing.py": "written into a file",
    "guide/reading.py": "the manual, which is a Russian book",
    "guide/rules/contents.py": "the manual",
    "guide/rules/finding.py": "words of the manual",
    "guide/tables.py": "the manual",
    "guide/texts.py": "the manual",
    "kernel/phones.py": "words between numbers",
    "kernel/plates.py": "letters of plates",
    "office/queries/exports.py": "dates as an import reads them again",
    "office/static_src/narrowing.ts": "how Russian words are compared",
    "training/actions.py": "the training branch's people",
    "training/day.py": "the training branch's people",
    "visits/rules/arrival.py": "how people write minutes and hours",
}
#: What is counted, or comes before what is: it goes with the number («1 минута», «5 минут»), unless it is shortened.
COUNTED = re.compile(
    r"(?:{\w+}|%\(\w+\)\w) (?:минут|секунд|час(?!т)|ден|дня|дней|недел|месяц|год|лет|раз\b|звон|попыт|визит|запис|мест"
    r"|строк|колон|сеанс|пост(?!о)|постов|работ|импорт|клиент|человек|\w+ных |\w+ых )"
)
#: Their numbers are constants of the program.
OF_ONE_NUMBER = {
    "Пауза — от 0 до {most} минут.",
    "Таблица больше {rows} строк или {columns} колонок.",
    "Уже лежат {count} незаконченных импортов: закончите их или остановите.",
}
TRANSLATED = {f"{name}{lazy}" for name in ("gettext", "ngettext", "pgettext", "npgettext") for lazy in ("", "_lazy")}
#: The catalogue of the scripts: both languages beside each other, kept whole by its types.
OF_THE_SCRIPTS = "ui/static_src/texts.ts"


def sources(*patterns: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in sorted(PROGRAM.rglob(pattern)):
            place = path.relative_to(PROGRAM).as_posix()
            if "/migrations/" not in place:
                yield place, path.read_text()


def untranslated_in_python(source: str) -> Iterator[str]:
    """Constants that are neither given to gettext nor said to whoever reads the code."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr):  # a text that stands alone is a docstring
            skipped.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATED | {"_"}:
            skipped.update(node.args)
        elif isinstance(node, ast.Constant) and node not in skipped and UNTRANSLATED.search(str(node.value)):
            yield str(node.value)


def untranslated_in_template(source: str) -> Iterator[str]:
    for translated in (
        r"{#.*?#}",
        r"{% blocktranslate.*?{% endblocktranslate %}",
        r"{% translate .*?%}",
        r"""_\((["']).*?\1\)""",
    ):
        source = re.sub(translated, "", source, flags=re.DOTALL)
    yield from (line.strip() for line in source.splitlines() if CYRILLIC.search(line))
    # Days stand before months in one language and without a name of theirs in none but ours.
    yield from re.findall(r"""date:["'][^"']*d\.m[^"']*["']""", source)


def untranslated_in_script(source: str) -> Iterator[str]:
    without_comments = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)
    yield from (line.strip() for line in without_comments.splitlines() if CYRILLIC.search(line))


def test_no_word_stands_outside_the_catalogues() -> None:
    found = {
        **{place: list(untranslated_in_python(source)) for place, source in sources("*.py")},
        **{place: list(untranslated_in_template(source)) for place, source in sources("templates/**/*.html")},
        **{place: list(untranslated_in_script(source)) for place, source in sources("static_src/*.ts", "*.css")},
    }
    del found[OF_THE_SCRIPTS]
    assert {place: texts for place, texts in found.items() if texts and place not in DATA} == {}
    assert {place for place in DATA if not found[place]} == set(), "these have nothing of the kind any more"


@pytest.mark.parametrize(
    ("untranslated", "source"),
    [
        (untranslated_in_python, 'TITLES = {"bay": "Пост"}'),
        (untranslated_in_python, 'said = f"Пост {number}"'),
        (untranslated_in_python, 'said = f"{gettext(name)} занят"'),
        (untranslated_in_python, 'said = f"{at:%d.%m.%Y}"'),
        (untranslated_in_template, "<p>{{ bay }} занят</p>"),
        (untranslated_in_template, '<a title="Пост">{% translate "Пост" %}</a>'),
        (untranslated_in_template, '{{ plate|default:"без номера" }}'),
        (untranslated_in_template, '{{ at|date:"d.m H:i" }}'),
        (untranslated_in_script, 'element.title = "Пост"; // «Пост»'),
    ],
)
def test_word_outside_the_catalogues_is_found(untranslated: Callable[[str], Iterator[str]], source: str) -> None:
    assert list(untranslated(source))


@pytest.fixture(scope="module")
def found() -> Catalog:
    return messages_of_program()


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{[^{}]*}|%\(\w+\)\w|\[", text))


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_as_collected(language: str, found: Catalog) -> None:
    assert catalogue_of(language).read_text() == collected(language, found), "make catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_whole(language: str) -> None:
    """Every message is translated, in every form that the language has, with what is filled in."""
    for message in read(language):
        if not message.id:
            continue
        original = message.id if isinstance(message.id, str) else message.id[1]
        assert not message.fuzzy, message.id
        assert all(forms(message)), message.id
        assert {frozenset(placeholders(form)) for form in forms(message)} == {frozenset(placeholders(original))}


def test_word_that_goes_with_a_number_has_its_forms(found: Catalog) -> None:
    of_one_form = {message.id for message in found if isinstance(message.id, str) and COUNTED.search(message.id)}
    assert of_one_form == OF_ONE_NUMBER


def test_english_speaks_no_russian_but_names() -> None:
    """Of a client whom the message names, and whom the board shows by that name."""
    for message in read("en"):
        named = {word[:5] for word in re.findall(r"[А-ЯЁ][а-яё]+", str(message.id))}
        words = {word for form in forms(message) for word in re.findall(r"[а-яёА-ЯЁ]+", form)} if message.id else set()
        assert [word for word in words if not word[0].isupper() or word[:5] not in named] == [], message.id


def test_keys_bear_the_letters_of_their_places() -> None:
    """A key goes by its place: the Latin letter is that of the same key."""
    latin = dict(zip("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM", strict=True))
    shown = {str(message.id): message.string for message in read("en") if message.context == "key"}
    assert shown == {letter: latin[letter] for letter in shown}
    texts = (PROGRAM / OF_THE_SCRIPTS).read_text()
    of_the_scripts = re.findall(r'([A-Z]): either\("(\w)", "(\w)"\)', texts)
    assert of_the_scripts
    assert [
        (code, letter) for code, russian, letter in of_the_scripts if latin[russian] != letter or code != letter
    ] == []


def test_placeholders_are_those_of_the_message() -> None:
    assert placeholders("%(count)s, {at:time}[, {reason}]") == {"%(count)s", "{at:time}", "{reason}", "["}


def test_program_has_a_folder_a_language() -> None:
    assert {path.name for path in Path(PROGRAM / "locale").iterdir()} == set(LANGUAGES)
