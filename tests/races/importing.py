"""Racers for imports: all import the file that lies beside the database. Models are imported by the functions."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.apps.exchange.files import Value

ROWS = 120


def file() -> Path:
    return Path(os.environ["VOVREMYA_DATABASE"]).with_name("visits.csv")


def furnish() -> None:
    from tests.apps.exchange.files import HEADINGS, write_csv
    from tests.cast import assemble

    assemble()
    places = [(day, bay, hour) for day in range(1, 29) for bay in (1, 2, 3) for hour in (9, 12, 15)][:ROWS]
    write_csv(file(), [HEADINGS, *(_row(number, *place) for number, place in enumerate(places))])


def _row(number: int, day: int, bay: int, hour: int, **changes: "Value") -> "list[Value]":
    from tests.apps.exchange.files import visit_row

    sound: dict[str, Value] = {
        "Номер": f"ЗН-{number}" if number % 2 else "",
        "Дата": f"{day:02}.12.2026",
        "Время": f"{hour}:00",
        "Пост": f"Пост {bay}",
        "Клиент": f"Ким {number}",
        "Телефон": f"+7999000{number:04}",
        "Госномер": f"А{number:03}АА77",
    }
    return visit_row(**sound | changes)


def import_it(_seed: int, rows_at_once: int) -> Counter[str]:
    """As the command does, in smaller bites; what became of the rows of this process's own run."""
    from tests.cast import MORNING
    from vovremya.directory.queries import branch_by_code
    from vovremya.directory.rules import PROGRAM
    from vovremya.exchange import actions, queries

    run = actions.begin(file(), branch_by_code("SEV", PROGRAM), actor=PROGRAM, now=MORNING)
    while actions.apply_next(run, rows_at_once, actor=PROGRAM, now=MORNING, real_now=MORNING).rows:
        pass
    return Counter({str(state): count for state, count in queries.counts_of(run).items()})


def take_the_bays_while_a_newer_file_waits_for_a_visit() -> int:
    """It moves two, the second of which is in our hands. Fails where it has a bay for the first already."""
    from vovremya.visits.models import Visit

    return _bays_taken_before(
        [_row(1, 28, 1, 9), _row(3, 28, 2, 9)],
        lambda: Visit.objects.select_for_update(no_key=True).get(external_number="ЗН-3"),
    )


def take_the_bays_while_new_visits_in_a_row_wait_for_the_branch() -> int:
    """The branch is in our hands. Fails where the newer file has a bay already."""
    from vovremya.directory.actions import lock_branch
    from vovremya.directory.models import Branch

    branch_id = Branch.objects.get(code="SEV").pk
    rows = [_row(202, 28, 1, 9), _row(202, 28, 2, 10, Время="10:30")]
    return _bays_taken_before(rows, lambda: lock_branch(branch_id))


def _bays_taken_before(rows: "list[list[Value]]", take: Callable[[], object]) -> int:
    """A newer file of these rows is imported by the other hand while ours has taken something and wants the bays."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, transaction

    from tests.apps.exchange.files import HEADINGS, write_csv
    from tests.races.visiting import does_somebody_wait
    from vovremya.directory.models import Bay

    write_csv(file(), [HEADINGS, *rows])

    def import_newer() -> None:
        try:
            import_it(0, len(rows))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other_hand:
        with transaction.atomic():
            take()
            imported = other_hand.submit(import_newer)
            while connection.vendor == "postgresql" and not imported.done() and not does_somebody_wait():
                pass
            taken = len(
                Bay.objects.select_for_update(of=("self",), no_key=True, nowait=True).filter(branch__code="SEV")
            )
        imported.result(timeout=30)
    return taken


def visits() -> Counter[str]:
    """How often each car stands on the board, and how many visits there are with all that belongs to one."""
    from vovremya.exchange.models import ImportedRecord
    from vovremya.journal.models import Entry
    from vovremya.schedule.models import Occupation
    from vovremya.visits.models import Visit

    cars = Visit.objects.values_list("car__plate", flat=True)
    return Counter(
        visits=len(cars),
        cars=len(set(cars)),
        clients=Visit.objects.values("client").distinct().count(),
        occupations=Occupation.objects.count(),
        entries=Entry.objects.filter(kind="visit_booked").count(),
        records=ImportedRecord.objects.count(),
    )


def broken() -> list[str]:
    from vovremya.visits.invariants import broken_invariants

    return [str(each) for each in broken_invariants()]


def begin_taking_back() -> None:
    from tests.cast import MORNING
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of
    from vovremya.exchange import actions
    from vovremya.exchange.models import ImportRun

    supervisor = actor_of(User.objects.get(username="supervisor"))
    actions.begin_taking_back(ImportRun.objects.get(), actor=supervisor, now=MORNING, real_now=MORNING)


def take_back_or_work(seed: int, is_guarded: int) -> list[int]:
    """One takes the import back, the last visit first; the other works on the first ones, and has begun before. Which
    were worked on."""
    from unittest.mock import patch

    from tests.races.arena import meet
    from vovremya.visits.actions import importing
    from vovremya.visits.models import Visit

    if not is_guarded:
        patch.object(importing, "touched_since", return_value={}).start()
    visit_ids = list(Visit.objects.order_by("pk").values_list("pk", flat=True))
    if seed == 0:
        meet()
        _take_back()
        return []
    first, *others = visit_ids
    begun = [first] if _is_worked_on(first) else []
    meet()
    return begun + [visit_id for visit_id in others if _is_worked_on(visit_id)]


def _take_back() -> None:
    from tests.cast import MORNING
    from vovremya.directory.queries import actor_of
    from vovremya.exchange import actions
    from vovremya.exchange.models import ImportRun

    run = ImportRun.objects.select_related("taken_back_by", "branch").get()
    assert run.taken_back_by is not None
    while actions.take_back_next(run, 5, actor=actor_of(run.taken_back_by), now=MORNING, real_now=MORNING):
        pass


def _is_worked_on(visit_id: int) -> bool:
    from tests.cast import MORNING
    from vovremya.directory.models import User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.booking import Details, edit
    from vovremya.visits.refusals import NotPlanned

    operator = actor_of(User.objects.get(username="operator"))
    try:
        edit(visit_id, Details(comment="Перезвонить"), actor=operator, now=MORNING)
    except NotPlanned:
        return False
    return True


def standing() -> list[int]:
    from vovremya.visits.models import Visit
    from vovremya.visits.rules.words import Status

    return list(Visit.objects.filter(status=Status.PLANNED).order_by("pk").values_list("pk", flat=True))
