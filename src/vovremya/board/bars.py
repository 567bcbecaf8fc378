"""The bar: one function draws it, for the page and for the live update.

A plain f-string with escaping: measured ten times as fast as a template, and 3,000 of them make a page. What many bars
share (a timeline, a clock time, the name of a bay) is drawn once.
"""

from datetime import date, datetime, timedelta
from functools import cache
from html import escape
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from vovremya.board.queries.day import Bar, bar_of_visit
from vovremya.board.rules import dates_shown_on, shown_period
from vovremya.board.texts import PART_FLAGS
from vovremya.kernel.clock import to_milliseconds
from vovremya.schedule.queries import calendar_of
from vovremya.schedule.rules.hours import instant_at
from vovremya.visits.models import Visit
from vovremya.visits.rules.timeline import Timeline, state_at
from vovremya.visits.texts import STATES

_MINUTE = timedelta(minutes=1)


class BarDrawing:
    """Draws bars on the board of the day that begins at `midnight_at`; places are whole minutes from there."""

    def __init__(self, *, midnight_at: datetime, zone: ZoneInfo, now: datetime) -> None:
        self._midnight_at = midnight_at
        self._now = now
        self._safe = cache(escape)
        self._no_plate = escape(gettext("без номера"))
        # Looked up in the catalogue once each, not once a bar.
        self._state_word = cache(lambda state: str(STATES[state]))
        self._flag_word = cache(lambda flag: str(PART_FLAGS[flag]))
        self._clock = cache(lambda instant: instant.astimezone(zone).strftime("%H:%M"))
        # By identity, the timeline kept with it: bars share the object, and to hash it takes as long as to draw it.
        self._played: dict[int, tuple[str, str, str, str, Timeline]] = {}

    def draw(self, bar: Bar) -> str:
        timeline_id = id(bar.timeline)
        if timeline_id not in self._played:
            self._played[timeline_id] = self._play(bar.timeline)
        state, word, timer, timeline, _ = self._played[timeline_id]
        safe = self._safe
        starts = (bar.starts_at - self._midnight_at) // _MINUTE
        lasts = max((bar.ends_at - bar.starts_at) // _MINUTE, 1)
        start = self._clock(bar.starts_at)
        plate = escape(bar.plate) if bar.plate else self._no_plate
        client = escape(bar.client)
        car = safe(bar.car)
        second_line = " · ".join([part for part in (client, safe(bar.works)) if part])
        words = [self._flag_word(flag) for flag in bar.flags if flag in PART_FLAGS]
        more_words = "".join(f", {each}" for each in words)
        second_line = " · ".join([*words, second_line])
        # What is empty or stands in the row is left out: a browser reads each attribute of thousands of bars.
        more = f' data-advisor="{bar.advisor_id}"' if bar.advisor_id else ""
        if bar.flags:
            more += f' data-flags="{" ".join(bar.flags)}"'
        if words:
            more += f' data-part="{", ".join(words)}"'
        if bar.holder:
            more += f' data-holder="{safe(bar.holder)}"'
        return (
            f'<button class="bar s-{state}" id="bar-{bar.visit_id}" data-visit="{bar.visit_id}"'
            f' data-version="{bar.version}" data-bay="{bar.bay_id}" data-plate="{plate}" data-client="{client}"'
            f' data-start="{start}" data-bay-name="{safe(bar.bay_name)}"{more} data-timeline=\'{timeline}\''
            f' style="--s:{starts};--d:{lasts};--lane:{bar.lane}" tabindex="-1"'
            f' aria-label="{plate}, {client}, {start}, {word}{more_words}">'
            f'<span class="a"><b>{plate}</b><span>{car}</span><i class="sign"></i>{timer}</span>'
            f'<span class="b">{second_line}</span></button>'
        )

    def _play(self, timeline: Timeline) -> tuple[str, str, str, str, Timeline]:
        """The state that the bar is in, its word, its timer, and the whole timeline as the browser plays it on."""
        current = state_at(timeline, self._now)
        word = self._state_word(current.state).format(time=self._clock(current.counts_to) if current.counts_to else "")
        changes = [
            f'[{to_milliseconds(at)},"{state}",{to_milliseconds(counts_to) if counts_to else "null"}]'
            for at, state, counts_to in timeline
        ]
        timer = "<time></time>" if current.counts_to else ""
        return current.state, word, timer, f"[{','.join(changes)}]", timeline


def draw_visit(visit_id: int, now: datetime) -> dict[str, object]:
    """The visit on every board that shows it, for the live update; no bars where it has left them all."""
    visit = Visit.objects.select_related("branch").get(pk=visit_id)
    zone = ZoneInfo(visit.branch.zone)
    bar = bar_of_visit(visit_id, now)
    bars: dict[str, dict[str, object]] = {}
    if bar is None:
        return {"visit": visit_id, "version": visit.version, "bars": bars}
    calendar = calendar_of(visit.branch_id)
    for on in dates_shown_on((bar.starts_at, bar.ends_at), _dates_around(bar, zone), calendar.day):
        if of_day := bar.on_board(shown_period(on, calendar.day)):
            html = BarDrawing(midnight_at=instant_at(on, 0, zone), zone=zone, now=now).draw(of_day)
            bars[on.isoformat()] = {"bay": bar.bay_id, "html": html}
    return {"visit": visit_id, "version": bar.version, "bars": bars}


def _dates_around(bar: Bar, zone: ZoneInfo) -> list[date]:
    """The dates that the bar touches, by the branch's clock, and the one before and after."""
    first = bar.starts_at.astimezone(zone).date() - timedelta(days=1)
    last = bar.ends_at.astimezone(zone).date() + timedelta(days=1)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
