"""Desks that keep the waiting list: who does what at which time of the branch's clock. Real time runs along."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.cast import MORNING, MOSCOW, TODAY, Cast, at
from vovremya.directory.rules import Actor
from vovremya.journal.models import Entry
from vovremya.visits.actions import removal
from vovremya.visits.actions.booking import Details
from vovremya.visits.models import Visit
from vovremya.waitlist.actions import keeping, offering
from vovremya.waitlist.actions.keeping import Wanted, WishedFor
from vovremya.waitlist.actions.offering import OfferedTime
from vovremya.waitlist.models import FreedTime, TimeOffer, Wait
from vovremya.waitlist.queries import calls_to_make, on_list
from vovremya.waitlist.rules.fitting import Call

#: Who is put onto the list before anything becomes free.
EARLY = "08:10"
#: From when, and for how many hours.
FULL_DAY = {"09:00": 1, "10:00": 1, "11:00": 3, "14:00": 1, "15:00": 5, "20:00": 1}
CLIENTS = ("Кот Иван", "Ёж Пётр", "Лось Олег")


@dataclass
class ListDesk:
    cast: Cast

    def full_day(self, on: date = TODAY) -> dict[str, Visit]:
        """The first bay, taken from opening to closing by six clients; by when they come."""
        return {clock: self._book(number, clock, hours, on) for number, (clock, hours) in enumerate(FULL_DAY.items())}

    def _book(self, number: int, clock: str, hours: int, on: date) -> Visit:
        client, _ = self.cast.register(f"Гость {number}", f"+7 912 000-02-{number:02}")
        return self.cast.book(clock, minutes=60 * hours, client=client, on=on)

    def wait(
        self, number: int = 0, minutes: int = 60, clock: str = EARLY, by: Actor | None = None, **wishes: Any
    ) -> Wait:
        """A client without a visit."""
        client, car = self.cast.register(CLIENTS[number], f"+7 912 000-01-{number:02}", plate=f"А00{number}АА 77")
        wished = WishedFor(**{"bay_id": self.cast.bays[0].pk, **wishes})
        wanted = Wanted(client, car, minutes, details=Details(reason="Масло", comment="Звонить после десяти"))
        return keeping.put_on_list(self.cast.branch.pk, wanted, wished, actor=by or self.cast.operator, now=at(clock))

    def sooner(self, visit: Visit, clock: str = EARLY, by: Actor | None = None, **wishes: Any) -> Wait:
        return keeping.want_sooner(visit, WishedFor(**wishes), actor=by or self.cast.operator, now=at(clock))

    def remove(self, visit: Visit, clock: str = "08:20") -> Visit:
        said = removal.RemovalInput(self.cast.reason("expensive"), is_said_by_client=True)
        version = Visit.objects.get(pk=visit.pk).plan_version
        return removal.remove(visit.pk, said, actor=self.cast.operator, now=at(clock), plan_version=version)

    def calls(self, clock: str = "08:21") -> list[Call]:
        now = at(clock)
        return calls_to_make(self.cast.branch.pk, on_list(self.cast.branch.pk, now), now)

    def called(self, clock: str = "08:21") -> list[tuple[str, list[int]]]:
        """The time offered first, and whom it fits, the best first."""
        return [
            (
                f"{call.fits[0].slot.starts_at.astimezone(MOSCOW):%d %H:%M}",
                [fit.waiting.wait_id for fit in call.fits],
            )
            for call in self.calls(clock)
        ]

    def offer(self, wait: Wait, clock: str = "08:22", by: Actor | None = None, to: str = "", **more: Any) -> TimeOffer:
        """The best time there is for that client, or that of today."""
        time = self._time_for(wait, clock)
        if to:
            starts_at = at(to)
            time = replace(time, starts_at=starts_at, ends_at=starts_at + (time.ends_at - time.starts_at))
        return offering.offer(wait.pk, time, **self.who(clock, by), **more)

    def _time_for(self, wait: Wait, clock: str) -> OfferedTime:
        for call in self.calls(clock):
            for fit in call.fits:
                if fit.waiting.wait_id == wait.pk:
                    return OfferedTime(fit.slot.bay_id, fit.slot.starts_at, fit.slot.ends_at)
        return OfferedTime(self.cast.bays[0].pk, at("10:00"), at("11:00"))

    def accept(self, offer: TimeOffer, clock: str = "08:23", by: Actor | None = None, **more: Any) -> Visit:
        visit = Wait.objects.get(pk=offer.wait_id).visit
        more.setdefault("plan_version", visit.plan_version if visit else 0)
        return offering.accept(offer.pk, **self.who(clock, by), **more)

    def who(self, clock: str, by: Actor | None = None) -> dict[str, Any]:
        return {"actor": by or self.cast.operator, "now": at(clock), "real_now": at(clock)}

    def freed(self) -> list[tuple[int, str, str]]:
        """Bay and wall times of what was noted as free."""
        bay_ids = [bay.pk for bay in self.cast.bays]
        return [
            (
                bay_ids.index(each.bay_id),
                f"{each.starts_at.astimezone(MOSCOW):%H:%M}",
                f"{each.ends_at.astimezone(MOSCOW):%H:%M}",
            )
            for each in FreedTime.objects.order_by("id")
        ]

    def journal(self) -> list[str]:
        return [
            entry.kind
            for entry in Entry.objects.filter(branch=self.cast.branch, recorded_at__gt=MORNING).order_by("id")
        ]
