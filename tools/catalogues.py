"""The words of the program in its languages: gettext's catalogues, one a language, in src/vovremya/locale.

Russian is the message itself, so the Russian catalogue holds nothing but what has several forms.

    python tools/catalogues.py collect    looks for messages through the program and brings the catalogues up to date
    python tools/catalogues.py build      makes of them what the program reads
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROGRAM = Path(__file__).resolve().parent.parent / "src" / "vovremya"
LOCALE = PROGRAM / "locale"
LANGUAGES = ("ru", "en")

#: What the calls are given before anything else: see `babel.messages.extract`.
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_KEYWORDS |= {f"{name}_lazy": given for name, given in _KEYWORDS.items() if name != "_"}

Message = tuple[str | tuple[str, str], str | None]  # with its plural; its context


def catalogue_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    path = catalogue_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages_of_program() -> Catalog:
    """Each with the files that say it."""
    found = Catalog()
    for path in sorted(PROGRAM.rglob("*.py")):
        for message, context in _messages_of_python(path.read_text()):
            found.add(message, locations=[(_place(path), 0)], context=context)
    for path in sorted(PROGRAM.rglob("templates/**/*.html")):
        for message, context in _messages_of_template(path.read_text()):
            found.add(message, locations=[(_place(path), 0)], context=context)
    return found


def _place(path: Path) -> str:
    return str(path.relative_to(PROGRAM))


def _messages_of_python(source: str) -> Iterator[Message]:
    """By the syntax tree, which looks into f-strings too."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEYWORDS):
            continue
        texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        name = node.func.id.removesuffix("_lazy")
        context = texts.pop(0) if name in ("pgettext", "npgettext") else None
        if name in ("ngettext", "npgettext"):
            yield (texts[0], texts[1]), context
        elif texts:
            yield texts[0], context


def _messages_of_template(source: str) -> Iterator[Message]:
    # To build the catalogues, which a wheel does, Django is not needed.
    from django.utils.translation.template import templatize

    # Where a line of a page begins means nothing to Python.
    lines = "\n".join(line.strip() for line in templatize(source).splitlines())
    for _line, message, _comments, context in extract("python", BytesIO(lines.encode()), _KEYWORDS):
        yield message, context  # type: ignore[misc]  # a pair where there is a plural


def collect() -> None:
    found = messages_of_program()
    for language in LANGUAGES:
        path = catalogue_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(collected(language, found))


def collected(language: str, found: Catalog) -> str:
    """The catalogue as it is to stand in its file. Neither dates nor numbers of lines: what says nothing new must not
    change."""
    catalogue = read(language)
    catalogue.update(found, no_fuzzy_matching=True)
    return written(language, catalogue)


def written(language: str, catalogue: Catalog) -> str:
    if language == "ru":
        for message in list(catalogue):
            if message.id and not message.pluralizable:
                catalogue.delete(message.id, message.context)
    file = BytesIO()
    write_po(file, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=True, ignore_obsolete=True)
    return f'{_HEADER}"Plural-Forms: {catalogue.plural_forms}\\n"\n\n{file.getvalue().decode()}'


_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"""


def build() -> None:
    for language in LANGUAGES:
        with catalogue_of(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(language))


WORDS = {"collect": collect, "build": build}

if __name__ == "__main__":
    if sys.argv[1:] not in [[word] for word in WORDS]:
        sys.exit(__doc__)
    WORDS[sys.argv[1]]()
