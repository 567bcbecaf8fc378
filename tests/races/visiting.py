"""Racers about the same late visits. Models are imported by the functions: see `arena`."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

from tests.races.arena import meet
from tests.races.hiring import hire_desks
from tests.races.outcome import DONE, outcome
from vovremya.directory.rules import Actor

DESKS = 5
VISITS = 24
MINUTES = 3

ENDS = ("remove", "move", "check in", "finish")
#: «Сорвался»: it ends the talk and not the contact.
DROP = "drop"
#: What of two who come at one moment the second is told, by what the first has done.
TOLD_AFTER = {
    "remove": {"not_planned_removed"},
    "move": {"plan_changed", "case_ended"},
    "check in": {"not_planned_arrived"},
    "finish": {"plan_changed", "case_ended"},
    DROP: {"conflict", "client_words_needed"},
}


def furnish(visits: int = VISITS) -> None:
    """Late visits, three at a time, and as many operators as race."""
    from tests.cast import assemble
    from vovremya.directory.rules import Role

    cast = assemble()
    hire_desks(cast, DESKS, Role.OPERATOR, "Оператор")
    for number in range(visits):
        client, _ = cast.register(f"Ким {number}", f"+7 999 000-{number:04}"[:16])
        hours, minutes = divmod(number // 3 * MINUTES, 60)
        cast.book(f"{9 + hours:02}:{minutes:02}", minutes=MINUTES, bay=number % 3, client=client)


def reach_everybody() -> None:
    """One operator has spoken to every client; the answers are not given yet."""
    from tests.cast import at
    from vovremya.customers.models import Phone
    from vovremya.visits.actions import contact
    from vovremya.visits.models import Case, Visit
    from vovremya.visits.rules.words import CallResult

    operator, now = _desk(0), at("11:00")
    for visit in Visit.objects.all():
        phone = Phone.objects.get(client_id=visit.client_id)
        contact.dial(visit.pk, phone.pk, actor=operator, now=now, real_now=now)
        version = Case.objects.get(visit=visit).version
        contact.record_attempt(
            visit.pk, CallResult.ANSWERED, actor=operator, now=now, real_now=now, case_version=version
        )


def dial_everybody(seed: int, times: int) -> Counter[str]:
    """Each desk dials each client, all in the same order and all at the same time of the clock."""
    from tests.cast import at
    from vovremya.customers.models import Phone
    from vovremya.visits.actions import contact
    from vovremya.visits.models import Visit

    actor, now = _desk(seed), at("11:00")
    phones = dict(Phone.objects.values_list("client_id", "id"))
    calls = [(visit.pk, phones[visit.client_id]) for visit in Visit.objects.order_by("id")] * times
    return _come_about(partial(contact.dial, *call, actor=actor, now=now, real_now=now) for call in calls)


def dial_everybody_without_a_lock(seed: int, times: int) -> Counter[str]:
    """The same action, with nothing that keeps two of them apart."""
    take_the_locks_off()
    return dial_everybody(seed, times)


def take_the_locks_off() -> None:
    """In this process."""
    from django.db import transaction
    from django.db.models import QuerySet

    QuerySet.select_for_update = lambda visits, **_: visits  # type: ignore[method-assign]
    transaction.atomic = lambda *_, **__: nullcontext()  # type: ignore[assignment]


def drop_the_guards_of_the_database() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for index in ("one_open_case_per_visit", "one_live_attempt_per_case", "one_live_attempt_per_operator"):
            cursor.execute(f"DROP INDEX {index}")


def act_on_every_visit(names: Sequence[str], seed: int, _times: int) -> list[str]:
    """Each racer does one thing to every visit, all of them to one visit at one moment (hard case 19).

    The supervisor removes, the master moves and checks in, the operator confirms or loses the line.
    """
    from tests.cast import MOSCOW, at
    from vovremya.directory.models import RemovalReason, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions import booking, contact, reception, removal
    from vovremya.visits.models import Case, Visit
    from vovremya.visits.rules.words import Answer, CallResult

    now = at("11:01")
    who = {name: actor_of(User.objects.get(username=name)) for name in ("supervisor", "master")}
    expensive = removal.RemovalInput(RemovalReason.objects.get(code="expensive").pk)
    card = contact.CardInput(Answer.YES, "5", comment="Едет")
    versions = dict(Case.objects.values_list("visit_id", "version"))
    desk = _desk(0)

    def plan_of(visit: Visit) -> booking.Plan:
        day = at("09:00", visit.on.replace(day=23)) - at("09:00", visit.on)
        return booking.Plan(visit.bay_id, visit.starts_at + day, visit.ends_at + day)

    def in_hand(visit: Visit) -> dict[str, Any]:
        return {"actor": desk, "now": now, "real_now": now, "case_version": versions[visit.pk]}

    acts: dict[str, Callable[[Visit], object]] = {
        "remove": lambda visit: removal.remove(visit.pk, expensive, actor=who["supervisor"], now=now, plan_version=1),
        "move": lambda visit: booking.move(visit.pk, plan_of(visit), actor=who["master"], now=now, plan_version=1),
        "check in": lambda visit: reception.check_in(visit.pk, actor=who["master"], now=now, plan_version=1),
        "finish": lambda visit: contact.finish(visit.pk, card, zone=MOSCOW, **in_hand(visit)),
        DROP: lambda visit: contact.record_attempt(visit.pk, CallResult.DROPPED, **in_hand(visit)),
    }
    act, came_about = acts[names[seed]], []
    for visit in Visit.objects.order_by("id"):
        meet()
        came_about.append(outcome(partial(act, visit)))
    return came_about


def act_on_every_visit_without_locks(names: Sequence[str], seed: int, times: int) -> list[str]:
    take_the_locks_off()
    return act_on_every_visit(names, seed, times)


def is_allowed(came_about: Mapping[str, str]) -> bool:
    """Whether these may come of acts at one moment: one ends the contact, the others are told so by whom and when.

    A lost line leaves a move and an arrival what they were; the answer and the removal stood on the talk.
    """
    done = {name for name, word in came_about.items() if word == DONE}
    ends = done - {DROP}
    could_go_on = came_about.keys() & {"move", "check in"} if DROP in done else came_about.keys() - {DROP}
    told = {code for name in done for code in TOLD_AFTER[name]}
    is_each_told = all(word in told for name, word in came_about.items() if name not in done)
    return is_each_told and len(ends) == min(len(could_go_on), 1) and ends <= could_go_on


def send_one_request(_seed: int, times: int) -> Counter[str]:
    """The same press of the same button, again and again, from everywhere."""
    from tests.cast import TOMORROW, at
    from vovremya.customers.models import Client
    from vovremya.directory.models import Bay
    from vovremya.journal.actions import Request
    from vovremya.visits.actions import booking

    starts_at, bay = at("12:00", TOMORROW), Bay.objects.order_by("id").first()
    client = Client.objects.order_by("id").first()
    assert bay is not None
    assert client is not None
    plan = booking.Plan(bay.pk, starts_at, starts_at.replace(minute=30))
    request = Request.of("pressed once", "book", {"start": "12:00"})
    details = booking.Details()
    return _come_about(
        lambda: booking.book(
            bay.branch_id, client, None, plan, details, actor=_desk(0), now=at("11:00"), request=request
        )
        for _ in range(times)
    )


def attempts_by_visit() -> Counter[int]:
    from vovremya.visits.models import Attempt

    return Counter(Attempt.objects.values_list("case__visit_id", flat=True))


def ended_by_visit() -> Counter[int]:
    """How many of the four ends each visit has come to, by the journal."""
    from django.db.models import Q

    from vovremya.journal.models import Entry

    ends = ("visit_removed", "visit_moved", "client_arrived")
    is_end = Q(kind__in=ends) | Q(kind="card_finished", data__outcome="confirmed")
    visit_ids = Entry.objects.filter(is_end).values_list("visit_id", flat=True)
    return Counter(visit_id for visit_id in visit_ids if visit_id)


def visits_of_tomorrow() -> int:
    from tests.cast import TOMORROW
    from vovremya.visits.models import Visit

    return Visit.objects.filter(on=TOMORROW).count()


def broken() -> list[str]:
    from vovremya.visits.invariants import broken_invariants

    return [str(each) for each in broken_invariants()]


def _desk(number: int) -> Actor:
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of

    return actor_of(User.objects.get(username=f"desk{number}"))


def _come_about(acts: Iterable[Callable[[], object]]) -> Counter[str]:
    return Counter(outcome(act) for act in acts)


def save_draft_while_its_contact_ends() -> bool:
    """The draft comes when the arrival has ended the contact and is not committed yet. True if it was kept."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, transaction

    from tests.cast import at
    from vovremya.visits.actions import contact
    from vovremya.visits.actions.reception import check_in
    from vovremya.visits.models import Case

    case, operator, now = Case.objects.order_by("pk")[0], _desk(0), at("11:00")

    def keep() -> bool:
        try:
            return contact.save_draft(case.pk, actor=operator, sequence=99, body={"comment": "Едет"}, real_now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_hand:
        with transaction.atomic():
            check_in(case.visit_id, actor=operator, now=now)
            kept = other_hand.submit(keep)
            while connection.vendor == "postgresql" and not kept.done() and not does_somebody_wait():
                pass
        return kept.result(timeout=30)


def take_the_visits_while_the_zone_waits_for_the_branch() -> int:
    """As a change of a setting takes them: how many there are. Fails where the zone has them already."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, transaction

    from tests.cast import MORNING
    from vovremya.directory.actions import lock_branch
    from vovremya.directory.rules import PROGRAM
    from vovremya.visits.actions.branch_settings import change_zone
    from vovremya.visits.models import Visit

    branch_id = Visit.objects.values_list("branch_id", flat=True)[0]

    def change() -> None:
        try:
            change_zone(branch_id, "Europe/Samara", actor=PROGRAM, now=MORNING)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_hand:
        with transaction.atomic():
            lock_branch(branch_id)
            changed = other_hand.submit(change)
            while connection.vendor == "postgresql" and not changed.done() and not does_somebody_wait():
                pass
            taken = len(Visit.objects.select_for_update(nowait=True).filter(starts_at__gt=MORNING))
        changed.result(timeout=30)
    return taken


def take_the_visit_while_its_rebooking_waits_for_the_other_branch() -> int:
    """Both branches are to be changed by us at once. Fails where the rebooking has its visit already."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, transaction

    from tests.cast import TODAY, at
    from vovremya.directory.actions import lock_branch
    from vovremya.directory.models import Bay, BayGroup, Branch
    from vovremya.directory.rules import Role
    from vovremya.visits.actions.wave import Shift, rebook_elsewhere
    from vovremya.visits.models import Visit

    visit = Visit.objects.order_by("pk")[0]
    elsewhere = Branch.objects.exclude(pk=visit.branch_id)[0]
    group = BayGroup.objects.create(branch=elsewhere, name="Слесарный")
    bay = Bay.objects.create(branch=elsewhere, group=group, name="Пост 1")
    roles = {branch_id: frozenset({Role.OPERATOR}) for branch_id in (visit.branch_id, elsewhere.pk)}
    actor, now = Actor(_desk(0).user_id, "Оператор", roles), at("11:00")
    late = Shift(visit.pk, visit.plan_version, bay.pk, at("05:00", TODAY + timedelta(days=1)))

    def rebook() -> None:
        try:
            rebook_elsewhere(late, elsewhere.pk, "Завтра", actor=actor, now=now, real_now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_hand:
        with transaction.atomic():
            lock_branch(elsewhere.pk)
            rebooked = other_hand.submit(rebook)
            while connection.vendor == "postgresql" and not rebooked.done() and not does_somebody_wait():
                pass
            taken = len(Visit.objects.select_for_update(nowait=True).filter(pk=visit.pk))
        rebooked.result(timeout=30)
    return taken


def does_somebody_wait() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone() != (0,))
