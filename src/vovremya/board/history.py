"""The history of a visit in plain words, drawn from the journal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from vovremya.board.texts import HISTORY, UNDONE
from vovremya.directory.models import Bay, RemovalReason
from vovremya.journal.models import Entry
from vovremya.journal.queries import Line, history_of, line_of
from vovremya.kernel.clock import from_milliseconds
from vovremya.ui.dates import day_and_time
from vovremya.visits.rules.journal_facts import HANDS
from vovremya.visits.rules.words import CallResult, Outcome
from vovremya.visits.texts import OUTCOMES, RESULTS
from vovremya.waitlist.rules.words import Ending, OfferAnswer
from vovremya.waitlist.texts import ANSWERS, ENDINGS


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    text: str
    who: str
    words: str
    kind: str


@dataclass(frozen=True)
class Change:
    """Who changed a visit last."""

    who: str
    at: datetime
    words: str  # «Орлов В., 10:12: запись перенесена»


class _Shown(datetime):
    """An instant that prints itself in the branch's zone: {starts_at:day_time}, {until:time}."""

    def __format__(self, form: str) -> str:
        return day_and_time(self) if form == "day_time" else self.strftime("%H:%M")


def history(visit_id: int, branch_id: int, zone: ZoneInfo) -> list[HistoryLine]:
    """Newest first."""
    bays, reasons = _bay_names(branch_id), _reason_names(branch_id)
    lines = [_line(line, bays, reasons, zone) for line in history_of(visit_id)]
    return lines[::-1]


def lines_of(entries: Sequence[Entry], branch_id: int, zone: ZoneInfo) -> list[HistoryLine]:
    """Of entries of several visits; each was read with its user and its words."""
    bays, reasons = _bay_names(branch_id), _reason_names(branch_id)
    return [_line(line_of(entry), bays, reasons, zone) for entry in entries]


def last_change(visit_id: int, zone: ZoneInfo) -> Change | None:
    """For a refusal: the last that somebody did to the visit or to its case."""
    done = (line for line in reversed(history_of(visit_id)) if line.user_name and line.entry.kind not in HANDS)
    return _change(next(done, None), zone)


def last_news(visit_id: int, zone: ZoneInfo) -> tuple[int | None, Change | None]:
    """For a notice: who did the last thing of all, taking the card included, and what; None for the program."""
    line = history_of(visit_id)[-1]
    return line.entry.user_id, _change(line, zone)


def _change(line: Line | None, zone: ZoneInfo) -> Change | None:
    if line is None:
        return None
    branch_id = line.entry.branch_id
    shown = _line(line, _bay_names(branch_id), _reason_names(branch_id), zone)
    words = f"{shown.who}, {shown.at:%H:%M}: {shown.text[:1].lower()}{shown.text[1:]}"
    return Change(shown.who, shown.at, words)


def _bay_names(branch_id: int) -> dict[int, str]:
    return dict(Bay.objects.filter(branch_id=branch_id).values_list("id", "name"))


def _reason_names(branch_id: int) -> dict[str, str]:
    return dict(RemovalReason.objects.filter(network__branches=branch_id).values_list("code", "name"))


def _line(line: Line, bays: Mapping[int, str], reasons: Mapping[str, str], zone: ZoneInfo) -> HistoryLine:
    entry = line.entry
    return HistoryLine(
        at=entry.at.astimezone(zone),
        text=_text(entry.kind, dict(entry.data), bays, reasons, zone),
        who=line.user_name,
        words=line.words,
        kind=entry.kind,
    )


def _text(
    kind: str,
    data: dict[str, object],
    bays: Mapping[int, str],
    reasons: Mapping[str, str],
    zone: ZoneInfo,
) -> str:
    values: dict[str, object] = {
        name: _instant(value, zone) if name.endswith("_at") or name == "until" else value
        for name, value in data.items()
    }
    values["bay"] = bays.get(_number(data.get("bay_id")), gettext("другой пост"))
    values["old_bay"] = bays.get(_number(data.get("old_bay_id")), gettext("другой пост"))
    if kind == "visit_removed":
        values["reason"] = reasons.get(str(data.get("reason")), str(data.get("reason")))
    if kind == "call_ended":
        values["result"] = RESULTS[CallResult(str(data["result"]))].lower()
    if kind == "card_finished":
        values["outcome"] = OUTCOMES[Outcome(str(data["outcome"]))]
    if kind == "wait_ended":
        values["ending"] = ENDINGS[Ending(str(data["ending"]))]
    if kind == "offer_answered":
        values["answer"] = ANSWERS[OfferAnswer(str(data["answer"]))]
    said = UNDONE if data.get("is_undone") else HISTORY
    texts = [str(said.get(kind, kind)), *_tails(kind, data)]
    told = ", ".join(text.format(**values) for text in texts)
    return f"{told} ({gettext('программа не работала')})" if data.get("by_outage") else told


def _tails(kind: str, data: Mapping[str, object]) -> Iterator[str]:
    """What is said besides."""
    if kind in ("visit_booked", "visit_moved") and data.get("lane"):
        yield gettext("сверх занятого времени")
    if kind == "call_ended" and data.get("retry_at"):
        yield gettext("повтор в {retry_at:time}")
    if kind == "call_ended" and data.get("grounds"):
        yield gettext("основание для удаления")
    if kind == "card_finished" and data.get("expected_at"):
        yield gettext("ожидается к {expected_at:time}")
    if kind == "client_arrived" and data.get("late_minutes"):
        yield gettext("опоздание {late_minutes} мин")


def _instant(value: object, zone: ZoneInfo) -> object:
    if not isinstance(value, int):
        return value
    local = from_milliseconds(value).astimezone(zone)
    return _Shown.fromtimestamp(local.timestamp(), zone)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
