"""The page of the waiting list: whom to call about what became free, and who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from vovremya.board.queries.booking import slot_value
from vovremya.board.queries.lists import part_of_plate
from vovremya.board.texts import OVER_NIGHT, PARTS_OF_DAY, SLOT_REASONS, WEEKDAYS_WITHIN, waits_words, wishes_words
from vovremya.customers.queries import find
from vovremya.directory.models import Branch, User
from vovremya.directory.queries import bays_of
from vovremya.schedule.models import Occupation
from vovremya.schedule.queries import Asker, held_on
from vovremya.schedule.rules.slots import Slot
from vovremya.ui.dates import day_and_month, decimal
from vovremya.visits.models import Visit
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.queries import OnList, calls_to_make, ended_waits, has_waited_at, on_list
from vovremya.waitlist.rules.fitting import Call, Fit
from vovremya.waitlist.rules.words import Ending, OfferAnswer
from vovremya.waitlist.texts import ANSWERS, ENDINGS

_PARTS = dict(PARTS_OF_DAY)
_SHOWN_OFFERS = 3


@dataclass(frozen=True)
class ShownOffer:
    starts_at: datetime
    word: str


@dataclass(frozen=True)
class Row:
    """One who waits, or waited."""

    wait: Wait
    visit: Visit | None
    wishes: str
    works: str
    offers: Sequence[ShownOffer] = ()
    ending: str = ""


@dataclass(frozen=True)
class ShownFit:
    """One whom a time fits; `value` is what the button sends, `offer` the call that is under way."""

    row: Row
    starts_at: datetime
    ends_at: datetime
    value: str
    why: Sequence[str]
    offer: TimeOffer | None


@dataclass(frozen=True)
class ShownCall:
    """A time that became free, and whom to call, the best first; `holder` has it in hand."""

    key: str
    bay_name: str
    starts_at: datetime
    ends_at: datetime
    freed_at: datetime
    fits: Sequence[ShownFit]
    holder: User | None = None
    held_until: datetime | None = None
    is_mine: bool = False
    whom: str = ""

    @property
    def more(self) -> int:
        return len(self.fits) - 1


@dataclass(frozen=True)
class Waitlist:
    calls: Sequence[ShownCall]
    rows: Sequence[Row]


def waitlist(branch: Branch, *, show: str, text: str, now: datetime, asker: Asker, today: date) -> Waitlist:
    """In a fixed number of queries."""
    if show == "ended":
        return Waitlist((), [ended_row(wait) for wait in _found(branch, text, ended_waits(branch.pk, now))])
    listed = on_list(branch.pk, now)
    rows = {each.wait.pk: row_of(each) for each in listed}
    calls = _calls(branch, listed, rows, calls_to_make(branch.pk, listed, now), asker, today)
    shown = [each for each in listed if _is_shown(each, show)]
    found = {wait.pk for wait in _found(branch, text, [each.wait for each in shown])}
    return Waitlist(calls, [rows[each.wait.pk] for each in shown if each.wait.pk in found])


def row_of(listed: OnList) -> Row:
    minutes = listed.waiting.wish.duration_minutes
    offers = [
        ShownOffer(
            offer.starts_at,
            gettext("звонит {who}").format(who=offer.offered_by)
            if offer.pk in listed.held_offers
            else str(ANSWERS[OfferAnswer(offer.answer or OfferAnswer.LAPSED)]),
        )
        for offer in listed.offers[-_SHOWN_OFFERS:]
    ]
    return Row(listed.wait, listed.visit, wishes_of(listed.wait), _works(listed.wait, listed.visit, minutes), offers)


def ended_row(wait: Wait) -> Row:
    works = _works(wait, wait.visit, wait.duration_minutes)
    return Row(wait, wait.visit, wishes_of(wait), works, ending=str(ENDINGS[Ending(wait.ending)]))


def wishes_of(wait: Wait) -> str:
    said = {
        "weekdays": [str(WEEKDAYS_WITHIN[number]) for number in wait.weekdays],
        "days": [day_and_month(date.fromisoformat(day)) for day in wait.days],
        "part": [_PARTS[wait.part_of_day].lower()] if wait.part_of_day else [],
        "after": _said_of_clock(gettext("не раньше {time}"), wait.not_before_minute),
        "before": _said_of_clock(gettext("не позже {time}"), wait.not_after_minute),
        "bay": [wait.bay.name] if wait.bay else [wait.group.name] if wait.group else [],
        "advisor": [wait.advisor.name] if wait.advisor else [],
        "on_site": [gettext("ждёт на месте")] if (wait.visit or wait).waits_on_site else [],
    }
    return wishes_words(said, wait.until_on)


def why_fits(listed: OnList, slot: Slot | None, zone: ZoneInfo, today: date) -> list[str]:
    """In the order in which it counts."""
    fitness = [str(OVER_NIGHT if slot.is_continued else SLOT_REASONS[slot.reason_code])] if slot else []
    waits = waits_words(listed.wait.added_at.astimezone(zone).date(), today)
    return [*([gettext("срочно")] if listed.wait.is_urgent else []), *fitness, waits]


def _said_of_clock(said: str, minute: int | None) -> list[str]:
    return [] if minute is None else [said.format(time=f"{minute // 60:02}:{minute % 60:02}")]


def _works(wait: Wait, visit: Visit | None, minutes: int | None) -> str:
    names = [work.name for work in (visit.works.all() if visit else wait.works.all())]
    hours = gettext("{hours} ч").format(hours=decimal(f"{minutes / 60:.1f}".removesuffix(".0"))) if minutes else ""
    return " · ".join(part for part in (", ".join(names) or (visit or wait).reason, hours) if part)


def _is_shown(listed: OnList, show: str) -> bool:
    match show:
        case "urgent":
            return listed.wait.is_urgent
        case "visit":
            return listed.visit is not None
        case "none":
            return listed.visit is None
        case _:
            return True


def _found(branch: Branch, text: str, waits: Sequence[Wait]) -> Sequence[Wait]:
    if not text:
        return waits
    found = {client.pk for client in find(text, branch.network, has_waited_at(branch.pk))}
    plate_key = part_of_plate(text)
    return [
        wait
        for wait in waits
        if wait.client_id in found or (plate_key and wait.car and plate_key in wait.car.plate_key)
    ]


def _calls(
    branch: Branch, listed: Sequence[OnList], rows: dict[int, Row], calls: Sequence[Call], asker: Asker, today: date
) -> list[ShownCall]:
    if not calls:
        return []
    zone = ZoneInfo(branch.zone)
    names = {bay.pk: bay.name for bay in bays_of(branch)}
    by_id = {each.wait.pk: each for each in listed}
    held = held_on(branch.pk, asker.real_now)

    def shown(fit: Fit) -> ShownFit:
        each, slot = by_id[fit.waiting.wait_id], fit.slot
        value = slot_value(slot.bay_id, slot.starts_at, slot.ends_at)
        offer = each.under_way(asker.real_now)
        why = why_fits(each, slot, zone, today)
        return ShownFit(rows[each.wait.pk], slot.starts_at, slot.ends_at, value, why, offer)

    found = []
    for call in calls:
        fits = [shown(fit) for fit in call.fits]
        hold = next((each for each in held if _is_in_hand(each, call.fits[0].slot)), None)
        whom = [
            fit.row.wait.client.name for fit in fits if fit.offer and hold and fit.offer.held_until == hold.held_until
        ]
        found.append(
            ShownCall(
                key=f"{call.freed.bay_id}-{int(call.freed.starts_at.timestamp() / 60)}",
                bay_name=names[call.freed.bay_id],
                starts_at=call.freed.starts_at,
                ends_at=call.freed.ends_at,
                freed_at=call.freed.freed_at,
                fits=fits,
                holder=hold.held_by if hold else None,
                held_until=hold.held_until if hold else None,
                is_mine=hold is not None and hold.held_by_id == asker.user_id,
                whom=", ".join(whom),
            )
        )
    return found


def _is_in_hand(hold: Occupation, slot: Slot) -> bool:
    return hold.bay_id == slot.bay_id and hold.starts_at < slot.ends_at and hold.ends_at > slot.starts_at


def coming_days(today: date, count: int, wished: Sequence[date]) -> list[date]:
    """To choose from: those to come, and whichever was chosen before."""
    return sorted({today + timedelta(days=number) for number in range(count)} | set(wished))
