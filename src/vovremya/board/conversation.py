"""The script of the conversation, filled with names and times (M7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override

from vovremya.board.queries.offers import Offers
from vovremya.board.queries.windows import VisitWindow
from vovremya.customers.rules import calling_name
from vovremya.directory.models import Branch, ScriptStep, User
from vovremya.directory.queries import script_of
from vovremya.directory.rules import Language, fill_script
from vovremya.ui.dates import day_and_month
from vovremya.visits.rules.words import CaseKind

_Moment = ScriptStep.Moment
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)

#: Which fields of the card show that a step is behind us, and when it is shown at all.
_DONE_BY: Mapping[str, str] = {
    _Moment.GREETING: "eta reason answer",
    _Moment.LATE: "reason eta answer",
    _Moment.SHIFTED: "answer",
    _Moment.REMIND: "answer",
    _Moment.ETA: "eta answer",
    _Moment.NEAR: "answer",
    _Moment.MOVE: "answer",
}
_WHEN: dict[str, str] = {
    _Moment.NEAR: "eta_kind=near",
    _Moment.FITS: "eta_kind=far",
    _Moment.MOVE: "eta_kind=far,unknown",
    _Moment.REFUSAL: "answer=no",
    _Moment.COMING: "answer=yes",
    _Moment.GOODBYE: "answer=no,move",
}

#: To a client who is told of a move or reminded, of a lateness and its minutes nothing is said.
_OF_EVERY_CALL = frozenset({_Moment.GREETING, _Moment.MOVE, _Moment.REFUSAL, _Moment.COMING, _Moment.GOODBYE})
_SAID: Mapping[CaseKind, frozenset[str]] = {
    CaseKind.LATE: frozenset(_Moment) - {_Moment.SHIFTED, _Moment.REMIND},
    CaseKind.MOVE: _OF_EVERY_CALL | {_Moment.SHIFTED},
    CaseKind.REMIND: _OF_EVERY_CALL | {_Moment.REMIND},
}
_WHEN_NOT_LATE: dict[str, str] = {_Moment.MOVE: "answer=move"}

#: A call-back time is asked for in a place of its own; who calls us knows whom he calls and why.
_UNSAID = frozenset({_Moment.CALL_BACK})
_UNSAID_WHEN_CLIENT_CALLS = frozenset({_Moment.CALL_BACK, _Moment.GREETING, _Moment.LATE})


@dataclass(frozen=True)
class SpokenStep:
    text: str
    done_by: str
    when: str  # data-when: empty is always
    has_eta_time: bool


def script_steps(window: VisitWindow, offers: Offers, user: User) -> list[SpokenStep]:
    values = {language: _values_in(language, window, offers, user) for language in Language}
    case = window.standing.case
    kind = CaseKind(case.kind) if case else CaseKind.LATE
    unsaid = _UNSAID_WHEN_CLIENT_CALLS if _has_client_called(window) else _UNSAID
    steps = [step for step in script_of(window.visit.branch) if step.moment in _SAID[kind] - unsaid]
    when = _WHEN if kind is CaseKind.LATE else _WHEN | _WHEN_NOT_LATE
    return [
        SpokenStep(
            text=as_said(step.text, values[_language_of(step.text)]),
            done_by=_DONE_BY.get(step.moment, ""),
            when=when.get(step.moment, ""),
            has_eta_time="{eta}" in step.text,
        )
        for step in steps
        if _is_sayable(step.text, values[_language_of(step.text)])
    ]


def _has_client_called(window: VisitWindow) -> bool:
    case = window.standing.case
    return case is not None and case.is_incoming


def _language_of(text: str) -> Language:
    """The client hears one language, that of the script, whichever the operator reads the screen in."""
    return Language.RUSSIAN if _CYRILLIC.search(text) else Language.ENGLISH


def _values_in(language: Language, window: VisitWindow, offers: Offers, user: User) -> dict[str, str]:
    with override(language):
        return _values(window, offers, user)


def _values(window: VisitWindow, offers: Offers, user: User) -> dict[str, str]:
    visit, zone = window.visit, window.zone
    client = visit.client
    values = {
        "client_name": calling_name(client.name, client.representative),
        "operator": first_name(user),
        "branch": spoken_branch(visit.branch),
        "time": f"{visit.starts_at.astimezone(zone):%H:%M}",
        "day": spoken_day(visit.starts_at, window.now, zone),
        "car": visit.car.title if visit.car else "",
        "late_min": str(window.late_minutes),
        "advisor": visit.advisor.full_name or visit.advisor.name if visit.advisor else "",
    }
    if window.standing.case and (known_starts_at := window.standing.case.known_starts_at):
        values["known_time"] = f"{known_starts_at.astimezone(zone):%H:%M}"
    if offers.own_bay:
        values["t1"] = f"{offers.own_bay.starts_at.astimezone(zone):%H:%M}"
        values["t2"] = f"{offers.own_bay.ends_at.astimezone(zone):%H:%M}"
    for name, offer in zip(("slot_1", "slot_2"), offers.two, strict=False):
        values[name] = _when(offer.starts_at, window.now, zone)
    return values


def _when(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    said = gettext("{day} в {time}")
    return said.format(day=spoken_day(instant, now, zone), time=f"{instant.astimezone(zone):%H:%M}")


def spoken_day(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    return {0: gettext("сегодня"), 1: gettext("завтра")}.get(days) or day_and_month(local)


def spoken_branch(branch: Branch) -> str:
    """Its name stands in quotes already."""
    return branch.name.replace("«", "„").replace("»", "“")


def first_name(user: User) -> str:
    """«Петрова Мария» introduces herself as «Мария»."""
    words = user.full_name.split()
    return words[1] if len(words) > 1 else user.full_name


def _is_sayable(text: str, values: Mapping[str, str]) -> bool:
    """A sentence with a time that we do not have is left out."""
    return all(f"{{{name}}}" not in text or name in values for name in ("t1", "t2", "slot_1", "slot_2"))


def as_said(text: str, values: Mapping[str, str]) -> str:
    """Fills known names; `{eta}` stays for the card, which knows it as it is typed."""
    text = fill_script(text, values)
    for empty in (", автомобиль .", " Вас встретит мастер-приёмщик ."):
        text = text.replace(empty, "." if empty.startswith(",") else "")
    return text
