"""What «Предварительная запись» offers: free times by the client's wishes, clients and cars by phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from vovremya.board.rules import FIRST_DAY, LAST_DAY
from vovremya.customers.models import Client
from vovremya.customers.queries import find
from vovremya.directory.models import Branch
from vovremya.directory.queries import bays_of
from vovremya.schedule.queries import Asker, free_slots
from vovremya.schedule.rules.slots import PartOfDay, SlotReason, Wish
from vovremya.visits.models import Visit
from vovremya.visits.queries import is_client_of

SHOWN_SLOTS = 24
STEP_MINUTES = 15
SHORTEST_SEARCH = 3


@dataclass(frozen=True)
class Wishes:
    """What the client asks for; empty is anything."""

    duration_minutes: int
    on: date | None = None
    part: PartOfDay | None = None
    group_id: int | None = None
    bay_id: int | None = None
    advisor_id: int | None = None


@dataclass(frozen=True)
class FreeTime:
    """A slot as the list shows it. `value` is what the form sends back."""

    value: str
    starts_at: datetime
    ends_at: datetime
    bay_name: str
    advisor_id: int | None
    advisor: str
    is_without_idle: bool


def free_times(
    branch: Branch, wishes: Wishes, *, now: datetime, asker: Asker, limit: int = SHOWN_SLOTS
) -> list[FreeTime]:
    """Soonest first. Where the day wished for has nothing free, the list is empty: the form says so."""
    bays = {bay.pk: bay for bay in bays_of(branch)}
    wish = Wish(
        duration_minutes=wishes.duration_minutes,
        from_on=wishes.on,
        until_on=wishes.on,
        part_of_day=wishes.part,
        group_id=wishes.group_id,
        bay_id=wishes.bay_id,
        step_minutes=STEP_MINUTES,
        ignored_visit_id=asker.visit_id,
    )
    slots = free_slots(branch.pk, wish, now=now, asker=asker, limit=SHOWN_SLOTS * 4)
    times = [
        FreeTime(
            value=slot_value(slot.bay_id, slot.starts_at, slot.ends_at),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            bay_name=bays[slot.bay_id].name,
            advisor_id=advisor.pk if (advisor := bays[slot.bay_id].group.advisor) else None,
            advisor=advisor.name if advisor else "",
            is_without_idle=slot.reason_code in (SlotReason.FILLS_GAP, SlotReason.AFTER_PREVIOUS),
        )
        for slot in slots
        if slot.bay_id in bays
    ]
    if wishes.advisor_id:
        times = [time for time in times if time.advisor_id == wishes.advisor_id]
    return times[:limit]


def slot_value(bay_id: int, starts_at: datetime, ends_at: datetime) -> str:
    return f"{bay_id} {starts_at.isoformat()} {ends_at.isoformat()}"


def read_slot(value: str) -> tuple[int, datetime, datetime] | None:
    """The slot that a form sends back; None for anything else."""
    bay, *times = value.split(" ")
    if not (bay.isascii() and bay.isdigit() and len(bay) < 19):  # no column holds more
        return None
    try:
        starts_at, ends_at = map(datetime.fromisoformat, times)
    except ValueError:
        return None
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        return None
    is_sensible = all(FIRST_DAY < each.date() < LAST_DAY for each in (starts_at, ends_at))
    return (int(bay), starts_at, ends_at) if is_sensible else None


def clients_by_text(branch: Branch, text: str) -> list[Client]:
    if len(text) < SHORTEST_SEARCH:
        return []
    return find(text, branch.network, is_client_of(branch.pk))[:8]


def client_chosen(branch: Branch, client_id: int, typed: str) -> Client | None:
    """One whom the branch knows, or whom the search finds: a mere id opens nobody from behind the wall."""
    client = Client.objects.prefetch_related("phones", "cars").filter(pk=client_id, network=branch.network).first()
    if client is None or Visit.objects.filter(branch=branch, client=client).exists():
        return client
    return client if client in clients_by_text(branch, typed) else None


def by_day(times: Sequence[FreeTime], zone: ZoneInfo) -> list[tuple[date, list[FreeTime]]]:
    days: dict[date, list[FreeTime]] = {}
    for time in times:
        days.setdefault(time.starts_at.astimezone(zone).date(), []).append(time)
    return list(days.items())
