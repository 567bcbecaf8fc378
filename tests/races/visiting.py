"""Racers about the same late visits. Models are imported by the functions: see `arena`."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import partial

from vovremya.directory.rules import Actor

DESKS = 5
VISITS = 24


def furnish() -> None:
    """Late visits, three at a time, and as many operators as race."""
    from django.core.management import call_command

    from tests.cast import assemble
    from vovremya.directory.actions import add_user
    from vovremya.directory.rules import PROGRAM, Role

    call_command("migrate", verbosity=0)
    cast = assemble()
    for number in range(DESKS):
        add_user(
            username=f"desk{number}",
            full_name=f"Оператор {number}",
            short_name=f"Оператор {number}",
            password="right password",
            roles={cast.branch.pk: [Role.OPERATOR]},
            actor=PROGRAM,
        )
    for number in range(VISITS):
        client, _ = cast.register(f"Ким {number}", f"+7 999 000-{number:04}"[:16])
        cast.book(f"{9 + number // 12:02}:{number // 3 % 4 * 15:02}", minutes=15, bay=number % 3, client=client)


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
    from django.db import transaction
    from django.db.models import QuerySet

    QuerySet.select_for_update = lambda visits, **_: visits  # type: ignore[method-assign]
    transaction.atomic = lambda *_, **__: nullcontext()  # type: ignore[assignment]
    return dial_everybody(seed, times)


def drop_the_guards_of_the_database() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for index in ("one_open_case_per_visit", "one_live_attempt_per_case", "one_live_attempt_per_operator"):
            cursor.execute(f"DROP INDEX {index}")


def end_every_visit_otherwise(seed: int, _times: int) -> Counter[str]:
    """The supervisor removes, the operator confirms, the master moves, the reception checks in (hard case 19)."""
    from tests.cast import MOSCOW, at
    from vovremya.directory.models import RemovalReason, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions import booking, contact, reception, removal
    from vovremya.visits.models import Case, Visit
    from vovremya.visits.rules.words import Answer

    now = at("11:01")
    who = {name: actor_of(User.objects.get(username=name)) for name in ("supervisor", "master")}
    expensive = removal.RemovalInput(RemovalReason.objects.get(code="expensive").pk)
    card = contact.CardInput(Answer.YES, "5", comment="Едет")
    versions = dict(Case.objects.values_list("visit_id", "version"))

    def plan_of(visit: Visit) -> booking.Plan:
        day = at("09:00", visit.on.replace(day=23)) - at("09:00", visit.on)
        return booking.Plan(visit.bay_id, visit.starts_at + day, visit.ends_at + day)

    acts: list[Callable[[Visit], object]] = [
        lambda visit: removal.remove(visit.pk, expensive, actor=who["supervisor"], now=now, plan_version=1),
        lambda visit: booking.move(visit.pk, plan_of(visit), actor=who["master"], now=now, plan_version=1),
        lambda visit: reception.check_in(visit.pk, actor=who["master"], now=now, plan_version=1),
        lambda visit: contact.finish(
            visit.pk, card, actor=_desk(0), now=now, real_now=now, case_version=versions[visit.pk], zone=MOSCOW
        ),
    ]
    act = acts[seed % len(acts)]
    return _come_about(partial(act, visit) for visit in Visit.objects.order_by("id"))


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
    from django.db import IntegrityError

    from vovremya.kernel.refusal import Refusal
    from vovremya.visits.actions.turn import AlreadyDone

    came_about = Counter[str]()
    for act in acts:
        try:
            act()
        except AlreadyDone:
            came_about["already done"] += 1
        except Refusal as refusal:
            came_about[refusal.code] += 1
        except IntegrityError:
            came_about["collided"] += 1  # only where nothing keeps them apart
        else:
            came_about["done"] += 1
    return came_about


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
            while connection.vendor == "postgresql" and not kept.done() and not _does_somebody_wait():
                pass
        return kept.result(timeout=30)


def _does_somebody_wait() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone() != (0,))
