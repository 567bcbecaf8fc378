"""Desks that book, import, move, drag, remove and restore all day, by the actions.

Models are imported by the functions, each in a process of its own.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.races.hiring import hire_desks
from tests.races.outcome import outcome
from vovremya.directory.rules import Actor

if TYPE_CHECKING:
    from vovremya.customers.models import Car
    from vovremya.visits.actions.booking import Plan
    from vovremya.visits.models import Visit

DESKS = 6
FIVE_MINUTES = timedelta(minutes=5)
FIVE_MINUTES_OF_DAY = 12 * 10
LONGEST_CHOICE = 60
ROWS_OF_A_FILE, NUMBERS_IN_FILES = 3, 40


def furnish() -> None:
    """As many supervisors as race, who may do everything, each with a client's car of their own."""
    from tests.cast import assemble
    from vovremya.directory.rules import Role

    cast = assemble()
    hire_desks(cast, DESKS, Role.SUPERVISOR, "Старший")
    for number in range(DESKS):
        cast.register(f"Ким {number}", f"+7 999 000-00-{number:02}", plate=f"А{number:03}АА 77")


def book_move_and_remove(seed: int, attempts: int) -> Counter[str]:
    """What desks do all day, here all of them about one day of three bays, each about anybody's visits."""
    from tests.cast import MORNING
    from vovremya.customers.models import Car
    from vovremya.directory.models import Bay, User
    from vovremya.directory.queries import actor_of

    actor = actor_of(User.objects.get(username=f"desk{seed}"))
    cars = list(Car.objects.select_related("client").order_by("id"))
    bay_ids = list(Bay.objects.order_by("id").values_list("id", flat=True))
    desk = _Desk(random.Random(seed), _share_of(seed), actor, MORNING, cars, bay_ids, min(actor.branch_ids))
    came_about: Counter[str] = Counter()
    for _ in range(attempts):
        name, act = desk.next_act()
        came_about[f"{name}: {outcome(act)}"] += 1
    return came_about


def _share_of(seed: int) -> Iterator[int]:
    """Each number under a hundred comes up as often, shared out among the desks: a race of a few tries has all acts."""
    chance = random.Random("acts")
    hundreds = (chance.sample(range(100), 100) for _ in count())
    return islice(chain.from_iterable(hundreds), seed, None, DESKS)


@dataclass
class _Desk:
    chance: random.Random
    numbers: Iterator[int]
    actor: Actor
    now: datetime
    cars: "list[Car]"
    bay_ids: list[int]
    branch_id: int

    def next_act(self) -> tuple[str, Callable[[], object]]:
        """Something to try, as it looked a moment ago."""
        from vovremya.visits.actions import reception, removal

        number = next(self.numbers)
        if 32 <= number < 36:
            return "change the hours", self._change_hours
        if 36 <= number < 40:
            return "import", self._import
        if number < 40 or not (visit := self._some("planned")):
            return self._booking(is_overbooked=number < 6)
        by: dict[str, Any] = {"actor": self.actor, "now": self.now}
        if 50 <= number < 60:
            return self._dragging(visit, is_taken_back=number < 53)
        if 60 <= number < 68:
            return self._applying_a_plan(visit)
        if number == 68:
            return self._offering(visit)
        if number < 72:
            return self._moving(visit, number)
        if number < 83:
            said = removal.RemovalInput(self._reason_id(), override="Так надо")
            return "remove", partial(removal.remove, visit.pk, said, plan_version=visit.plan_version, **by)
        if number < 90 and (removed := self._some("removed")):
            return "restore", partial(removal.restore, removed.pk, **by)
        arrived = self._some("arrived")
        if number < 94 or not arrived:
            return "check in", partial(reception.check_in, visit.pk, plan_version=visit.plan_version, **by)
        if number < 97:
            return "undo the check-in", partial(reception.undo_check_in, arrived.pk, **by)
        return self._changing_bay(arrived)

    def _booking(self, *, is_overbooked: bool) -> tuple[str, Callable[[], object]]:
        from vovremya.visits.actions.booking import Details, book

        car = self.chance.choice(self.cars)
        act = partial(
            book,
            self.branch_id,
            car.client,
            car,
            self._some_plan(),
            Details(),
            actor=self.actor,
            now=self.now,
            is_overbooked=is_overbooked,
        )
        return "book the next lane" if is_overbooked else "book", act

    def _change_hours(self) -> None:
        """Another closing: what it strands is confirmed as shown, and shown again where others have changed it."""
        from vovremya.schedule.rules.stranding import digest_of
        from vovremya.visits.actions.branch_settings import change_setting
        from vovremya.visits.refusals import WouldStrand
        from vovremya.visits.rules.settings import Setting, SettingOf

        of = SettingOf(self.branch_id, Setting.WEEK_HOURS)
        change = partial(change_setting, of, [[540, self.chance.choice((1200, 1260))]] * 7)
        try:
            change(actor=self.actor, now=self.now)
        except WouldStrand as refused:
            change(actor=self.actor, now=self.now, confirmed=digest_of(refused.facts["stranded"]))  # type: ignore[arg-type]

    def _import(self) -> None:
        """A file of the other program, of records that other files move elsewhere; what is refused is so in words."""
        from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
        from vovremya.directory.queries import branch_by_code
        from vovremya.directory.rules import PROGRAM
        from vovremya.exchange import actions, queries

        folder = Path(os.environ["VOVREMYA_DATABASE"]).parent
        path = folder / f"{self.actor.user_id}-{self.chance.randrange(10**9)}.csv"
        write_csv(path, [HEADINGS, *(visit_row(**self._some_record()) for _ in range(ROWS_OF_A_FILE))])
        run = actions.begin(path, branch_by_code("SEV", PROGRAM), actor=PROGRAM, now=self.now)
        while actions.apply_next(run, ROWS_OF_A_FILE, actor=PROGRAM, now=self.now, real_now=self.now).rows:
            pass
        assert all(row.problems for row in queries.refused_rows(run))

    def _some_record(self) -> dict[str, str]:
        from tests.cast import MOSCOW

        number, plan = self.chance.randrange(NUMBERS_IN_FILES), self._some_plan()
        starts_at = plan.starts_at.astimezone(MOSCOW)
        return {
            "Номер": f"ЗН-{number}",
            "Дата": f"{starts_at:%d.%m.%Y}",
            "Время": f"{starts_at:%H:%M}",
            "Пост": f"Пост {self.bay_ids.index(plan.bay_id) + 1}",
            "Клиент": f"Чужой {number}",
            "Телефон": f"8 (955) 000-00-{number:02}",
            "Госномер": f"Е{number:03}КХ77",
        }

    def _moving(self, visit: "Visit", number: int) -> tuple[str, Callable[[], object]]:
        from vovremya.visits.actions.booking import move

        is_overbooked, with_chain = number < 45, number >= 69
        act = partial(
            move,
            visit.pk,
            self._some_plan(),
            actor=self.actor,
            now=self.now,
            plan_version=visit.plan_version,
            is_overbooked=is_overbooked,
            with_chain=with_chain,
        )
        if is_overbooked:
            return "move to the next lane", act
        return "move with what follows" if with_chain else "move", act

    def _dragging(self, visit: "Visit", *, is_taken_back: bool) -> tuple[str, Callable[[], object]]:
        from vovremya.visits.actions.by_hand import ByHand, move_by_hand, undo_move_by_hand

        by: dict[str, Any] = {"actor": self.actor, "now": self.now, "real_now": self.now}
        later_by, longer_by = (FIVE_MINUTES * self.chance.randrange(-most, most) for most in (12, 4))
        shift = ByHand(self.chance.choice(self.bay_ids), later_by, longer_by)
        if self._is_near():
            shift = ByHand(visit.bay_id, self._a_little(), timedelta(0))

        def drag() -> None:
            move_by_hand(visit.pk, shift, plan_version=visit.plan_version, **by)

        def drag_and_take_back() -> None:
            drag()
            undo_move_by_hand(visit.pk, plan_version=visit.plan_version + 1, **by)

        return ("drag and take back", drag_and_take_back) if is_taken_back else ("drag", drag)

    def _applying_a_plan(self, visit: "Visit") -> tuple[str, Callable[[], object]]:
        """One gives way a little, or up to three go elsewhere together."""
        from vovremya.visits.actions.wave import Shift, Words, apply_plan

        some = {each.pk: each for each in (visit, self._some("planned"), self._some("planned")) if each}
        plans = [(each, self._some_plan()) for each in some.values()]
        late, *others = [Shift(each.pk, each.plan_version, plan.bay_id, plan.starts_at) for each, plan in plans]
        if self._is_near():
            late, others = replace(late, bay_id=visit.bay_id, starts_at=visit.starts_at + self._a_little()), []
        by: dict[str, Any] = {"actor": self.actor, "now": self.now, "real_now": self.now}
        words = Words("Перенос", "Сдвиг")
        return "apply a plan", partial(
            apply_plan, late, others, words, arrives_at=visit.starts_at, from_card=False, **by
        )

    def _offering(self, visit: "Visit") -> tuple[str, Callable[[], object]]:
        """A sooner time, to a client who is put on the waiting list for it and agrees."""
        from vovremya.waitlist.actions.keeping import WishedFor, want_sooner
        from vovremya.waitlist.actions.offering import OfferedTime, accept, offer
        from vovremya.waitlist.queries import wait_of_visit

        by: dict[str, Any] = {"actor": self.actor, "now": self.now}
        plan = self._some_plan()

        def offer_and_accept() -> None:
            wait = wait_of_visit(visit.pk) or want_sooner(visit, WishedFor(), **by)
            time = OfferedTime(plan.bay_id, plan.starts_at, plan.ends_at)
            offered = offer(wait.pk, time, real_now=self.now, **by)
            accept(offered.pk, plan_version=visit.plan_version, real_now=self.now, **by)

        return "offer", offer_and_accept

    def _changing_bay(self, visit: "Visit") -> tuple[str, Callable[[], object]]:
        from vovremya.visits.actions.booking import change_arrived

        bay_id = self.chance.choice(self.bay_ids)
        ends_at = visit.starts_at + FIVE_MINUTES * self.chance.randrange(6, 18)
        act = partial(
            change_arrived,
            visit.pk,
            bay_id,
            ends_at,
            actor=self.actor,
            now=self.now,
            plan_version=visit.plan_version,
        )
        return "change the bay", act

    def _is_near(self) -> bool:
        """Most of what is moved: the day is so full that of ten that go anywhere three get there."""
        return self.chance.random() < 0.7

    def _a_little(self) -> timedelta:
        return FIVE_MINUTES * self.chance.choice((-1, 1))

    def _some(self, status: str) -> "Visit | None":
        """One of the latest visits that stand so."""
        from vovremya.visits.models import Visit

        visits = list(Visit.objects.filter(status=status).order_by("-id")[:LONGEST_CHOICE])
        return self.chance.choice(visits) if visits else None

    def _some_plan(self) -> "Plan":
        from tests.cast import TOMORROW, at
        from vovremya.visits.actions.booking import Plan

        starts_at = at("09:00", TOMORROW) + FIVE_MINUTES * self.chance.randrange(FIVE_MINUTES_OF_DAY)
        return Plan(
            self.chance.choice(self.bay_ids), starts_at, starts_at + FIVE_MINUTES * self.chance.randrange(6, 18)
        )

    def _reason_id(self) -> int:
        from vovremya.directory.models import RemovalReason

        return RemovalReason.objects.get(code="expensive").pk


def occupations_and_visits() -> tuple[int, int]:
    """What stands in the bays, and what ought to: each visit that was not removed, once."""
    from vovremya.schedule.models import Occupation
    from vovremya.visits.models import Visit

    return Occupation.objects.filter(of="visit").count(), Visit.objects.exclude(status="removed").count()
