"""The parts of the manual that the program tells of itself: a fenced block `program` of a page names one of them.

They are drawn from the very tables that the program works by, so they cannot say what is no longer so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from vovremya.board.texts import ETA_CHOICES, LEGEND, RESULT_KEYS, STATE_FILTERS, STEPS
from vovremya.directory.defaults import LATE_REASONS, REMOVAL_REASONS
from vovremya.directory.models import RemovalReason
from vovremya.directory.rules import RIGHTS, Right, Role
from vovremya.directory.texts import RIGHTS as RIGHT_WORDS
from vovremya.directory.texts import ROLES
from vovremya.guide.texts import RESULTS as RESULT_MEANINGS
from vovremya.guide.texts import STATES as STATE_MEANINGS
from vovremya.ui.templatetags.ui import icon
from vovremya.visits.texts import RESULTS

Row = Sequence[object]


def table(heads: Sequence[str], rows: Iterable[Row]) -> SafeString:
    """The first column heads its row."""
    columns = format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads))
    lines = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        ((first, format_html_join("", "<td>{}</td>", ((cell,) for cell in others))) for first, *others in rows),
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", columns, lines)


def key(letter: str) -> SafeString:
    return format_html("<kbd>{}</kbd>", letter) if letter else SafeString()


def states() -> SafeString:
    return table(
        ("Полоса", "Что это значит"),
        (
            (format_html('<span class="state-chip s-{}">{}{}</span>', state, icon(state), word), STATE_MEANINGS[state])
            for state, word in LEGEND
        ),
    )


def results() -> SafeString:
    return table(
        ("Результат", "Клавиша", "Попытка считается", "Что дальше"),
        (
            (str(RESULTS[result]), key(letter), "да" if counts else "нет", words)
            for letter, (result, (counts, words)) in zip(RESULT_KEYS, RESULT_MEANINGS.items(), strict=True)
        ),
    )


def arrivals() -> SafeString:
    return table(
        ("Когда приедет", "Клавиша"), ((str(words), key(str(letter))) for _value, words, _code, letter in ETA_CHOICES)
    )


def steps() -> SafeString:
    """The buttons of «Ремонты» that have a key."""
    rows = ((str(words), key(str(letter))) for words, _code, letter, _sign in STEPS.values() if str(letter))
    return table(("Кнопка", "Клавиша"), (("Набрать", key("Н")), *rows))


def filters() -> SafeString:
    return format_html("<p>{}.</p>", ", ".join(f"«{words}»" for _states, words in STATE_FILTERS))


def late_reasons() -> SafeString:
    return format_html("<p>{}.</p>", ", ".join(LATE_REASONS.values()).capitalize())


def removal_reasons() -> SafeString:
    def named(group: str) -> str:
        return ", ".join(
            f"{reason.name.lower()}{' *' if reason.needs_comment else ''}"
            for reason in REMOVAL_REASONS
            if reason.group == group
        )

    rows = ((group.label, named(group)) for group in RemovalReason.Group)
    return format_html("{}<p>* нужен комментарий.</p>", table(("Группа", "Причины"), rows))


def rights() -> SafeString:
    yes, no = (
        format_html('<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>', sign, word)
        for sign, word in (("✓", "да"), ("—", "нет"))
    )
    return table(
        ("Что можно", *(str(ROLES[role]) for role in Role)),
        ((str(RIGHT_WORDS[right]), *(yes if right in RIGHTS[role] else no for role in Role)) for right in Right),
    )


TABLES: Mapping[str, Callable[[], SafeString]] = {
    "states": states,
    "results": results,
    "arrivals": arrivals,
    "steps": steps,
    "filters": filters,
    "late_reasons": late_reasons,
    "removal_reasons": removal_reasons,
    "rights": rights,
}
