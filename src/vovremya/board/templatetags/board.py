"""Words and figures for the templates of the board."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from vovremya.board.queries.booking import FreeTime
from vovremya.board.queries.week import SmallBar
from vovremya.board.texts import SLOT_REASONS, visits_word
from vovremya.ui.dates import decimal
from vovremya.visits.rules.words import CallResult, CaseKind, Confirmation, Outcome, Status
from vovremya.visits.texts import CONFIRMATIONS, CONTACTS, OUTCOMES, RESULTS, STATUSES

register = template.Library()

_NOT_FAILURES = frozenset({CallResult.ANSWERED, CallResult.UNKNOWN})


@register.filter
def status_word(status: str) -> str:
    return str(STATUSES[Status(status)])


@register.filter
def outcome_word(outcome: str) -> str:
    return str(OUTCOMES[Outcome(outcome)]) if outcome else ""


@register.filter
def contact_word(kind: str) -> str:
    return str(CONTACTS[CaseKind(kind)])


@register.filter
def confirmation_word(confirmation: str) -> str:
    return str(CONFIRMATIONS[Confirmation(confirmation)])


@register.filter
def result_word(result: str) -> str:
    return str(RESULTS[CallResult(result)]) if result else gettext("идёт звонок")


@register.filter
def is_failure(result: str) -> bool:
    return bool(result) and CallResult(result) not in _NOT_FAILURES


@register.filter
def hours(minutes: int | None) -> str:
    """Labour hours from minutes: 90 → 1,5."""
    return "" if minutes is None else decimal(f"{minutes / 60:.1f}".removesuffix(".0"))


@register.filter
def coefficient(value: Decimal) -> str:
    """1.20 → 1,2."""
    return decimal(f"{value.normalize():f}")


@register.filter
def count_of_visits(count: int) -> str:
    return f"{count} {visits_word(count)}"


@register.filter
def strip(bars: Sequence[SmallBar]) -> SafeString:
    """A small picture of a day: a week of a branch has thousands of bars, and a loop of the template is slow."""
    return mark_safe(  # noqa: S308  # numbers and codes
        "".join(
            f'<i class="s-{bar.state}{" on-top" if bar.is_overbooked else ""}"'
            f' style="--s:{bar.begins};--d:{bar.lasts}"></i>'
            for bar in bars
        )
    )


@register.filter
def typed_in(typed: Mapping[str, str], name: str) -> str:
    """What stands in a field of that name."""
    return typed.get(name, "")


@register.filter
def slot_reason(free: FreeTime) -> str:
    """Why the time is worth offering."""
    return str(SLOT_REASONS[free.reason_code])


@register.filter
def beside(texts: dict[str, str], placed: str) -> list[str]:
    """Refusals of fields that the window does not show (it names those it does): said at its head."""
    return [text for name, text in texts.items() if name not in placed.split()]


@register.filter
def word_of(words: Mapping[str, str], code: str) -> str:
    return words[code]


@register.filter
def as_json(value: object) -> str:
    """Escaped by the template where it stands in an attribute."""
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)


@register.filter
def as_overbooking(value: str) -> str:
    """What the button «Записать сверх» sends beside the form."""
    return json.dumps({"overbook": value})


@register.filter
def with_eta_time(text: str) -> SafeString:
    """The card fills the promised time while it is typed."""
    before, _, after = text.partition("{eta}")
    return format_html("{}<span data-eta-time></span>{}", before, after)
