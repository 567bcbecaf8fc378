"""What can be offered to a late client: the own bay from the arrival on, and the nearest free times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from vovremya.board.queries.windows import VisitWindow
from vovremya.directory.models import Bay
from vovremya.directory.rules import Actor
from vovremya.schedule.queries import Asker, bay_free_from, free_slots
from vovremya.schedule.rules.slots import Slot, Wish
from vovremya.visits.models import Visit
from vovremya.visits.queries import arrivals_between, work_lasts

#: Who has named no time of arrival is offered none sooner than this after the call.
LEAD = timedelta(minutes=10)

#: Who is late today is offered nothing later; the window of pre-booking looks further.
OFFERED_DAYS = timedelta(days=14)


@dataclass(frozen=True)
class Offer:
    bay_id: int
    bay_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Offers:
    """The first offer is the same bay from the arrival on, where it fits that day; then the soonest of its group."""

    own_bay: Offer | None
    soonest: Sequence[Offer]

    @property
    def two(self) -> Sequence[Offer]:
        """The two to read out: two choices, not one and its neighbour."""
        offers = [self.own_bay] if self.own_bay else []
        for offer in self.soonest:
            if not any(_is_nearly(offer, other) for other in offers):
                offers.append(offer)
        return offers[:2]


def _is_nearly(offer: Offer, other: Offer) -> bool:
    """The same bay at times that overlap: who can take one has no use for the other."""
    return offer.bay_id == other.bay_id and offer.starts_at < other.ends_at and offer.ends_at > other.starts_at


def offers_for(
    window: VisitWindow, actor: Actor, now: datetime, real_now: datetime, arrives_at: datetime | None = None
) -> Offers:
    """Times from the promised arrival on; without one, from shortly after the call. What is planned is no offer."""
    visit = window.visit
    asker = Asker(real_now=real_now, user_id=actor.user_id, visit_id=visit.pk)
    # The minute that is said aloud: who comes at 10:58 and some seconds is offered 10:58.
    since = max(arrives_at.replace(second=0, microsecond=0), now) if arrives_at else now + LEAD
    names = dict(Bay.objects.filter(branch_id=visit.branch_id).values_list("id", "name"))
    own = own_bay_from(since, visit, asker)
    wish = Wish(
        duration_minutes=max(5, int(work_lasts(visit) / timedelta(minutes=1))),
        group_id=visit.bay.group_id,
        waits_on_site=visit.waits_on_site,
        until_on=since.astimezone(window.zone).date() + OFFERED_DAYS,
        ignored_visit_id=visit.pk,
        step_minutes=15,
    )
    arrivals = partial(arrivals_between, visit.branch_id, ignoring=visit.pk)
    slots = free_slots(visit.branch_id, wish, now=since, asker=asker, arrivals_between=arrivals, limit=24)
    soonest = [_offer(slot, names) for slot in slots if slot.starts_at != visit.starts_at]
    return Offers(own_bay=own if own and own.starts_at != visit.starts_at else None, soonest=soonest)


def own_bay_from(since: datetime, visit: Visit, asker: Asker) -> Offer | None:
    """The visit's own bay, as soon as it can take the work; None where that is not the same day."""
    lasts = work_lasts(visit)
    starts_at = bay_free_from(visit.branch_id, visit.bay_id, since, lasts, asker=asker, days=1)
    return Offer(visit.bay_id, visit.bay.name, starts_at, starts_at + lasts) if starts_at else None


def _offer(slot: Slot, names: dict[int, str]) -> Offer:
    return Offer(slot.bay_id, names.get(slot.bay_id, ""), slot.starts_at, slot.ends_at)
