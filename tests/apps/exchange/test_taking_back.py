"""Taking back a whole import: what it made is removed, what it changed is put back, and nobody's work is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.apps.exchange.conftest import Importer
from tests.apps.exchange.files import visit_row
from tests.apps.exchange.test_importing import DAY, move_by_hand
from tests.cast import MORNING, Cast, at
from vovremya.customers.models import Client
from vovremya.exchange import actions, queries
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.refusals import ImportTouched, NotAtThisStage
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.visits.actions import contact, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.booking import Details, edit
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Case, Visit
from vovremya.visits.rules.words import Status


def begin(importer: Importer) -> ImportRun:
    run = ImportRun.objects.latest("pk")
    actions.begin_taking_back(run, actor=importer.cast.supervisor, now=importer.now, real_now=importer.now)
    return run


def go_on(importer: Importer, run: ImportRun) -> dict[str, int]:
    who = {"actor": importer.cast.supervisor, "now": importer.now, "real_now": importer.now}
    while actions.take_back_next(run, 1, **who):  # type: ignore[arg-type]
        pass
    return queries.counts_of(run)


def take_back(importer: Importer) -> dict[str, int]:
    return go_on(importer, begin(importer))


def standing() -> list[tuple[object, ...]]:
    """All that an import can change of the visits that stand."""
    visits = Visit.objects.exclude(status=Status.REMOVED).order_by("pk")
    return [
        (
            visit.starts_at,
            visit.ends_at,
            visit.bay_id,
            visit.lane,
            visit.client_id,
            visit.car_id,
            visit.advisor_id,
            visit.reason,
            visit.repair_kind,
            visit.comment,
            visit.external_number,
            visit.policy_id,
            visit.imported_starts_at,
            [(work.name, work.norm_minutes) for work in visit.works.all()],
        )
        for visit in visits
    ]


def test_visits_that_swapped_places_are_put_back(importer: Importer) -> None:
    importer.bring(visit_row(Комментарий="а"), visit_row(Номер="ЗН-2", Время="12:00", Госномер="", Клиент="Ким"))
    before, records = standing(), list(ImportedRecord.objects.order_by("key").values_list("key", "digests"))
    news = visit_row(Время="16:00", Пост="Пост 2", Причина_обращения="Колодки", Мастер="", Клиент="Кот Иван")
    changed = importer.bring(news, visit_row(Номер="ЗН-2", Время="08:00", Госномер="", Клиент="Ким"))
    assert changed == {"changed": 2}
    assert standing() != before
    assert Client.objects.filter(name="Кот Иван").exists()
    assert take_back(importer) == {"taken_back": 2}
    assert standing() == before
    assert list(ImportedRecord.objects.order_by("key").values_list("key", "digests")) == records
    assert not Client.objects.filter(name="Кот Иван").exists(), "whom nothing holds any more"
    assert broken_invariants() == []


def test_what_was_made_is_removed_can_be_restored_and_imported_again(importer: Importer, cast: Cast) -> None:
    rows = [visit_row(), visit_row(Номер="ЗН-2", Время="?")]
    importer.bring(*rows)
    assert take_back(importer) == {"taken_back": 1, "refused": 1}
    visit = Visit.objects.get()
    assert (visit.status, visit.removal_comment) == (
        Status.REMOVED,
        f"Отмена импорта № {ImportRun.objects.get().pk}: 1.csv",
    )
    assert broken_invariants() == []
    assert importer.bring(*rows) == {"imported": 1, "refused": 1}
    importer.bring(visit_row(Номер="ЗН-1", Время="12:00"))
    removal.restore(visit.pk, actor=cast.supervisor, now=MORNING)
    assert Visit.objects.filter(status=Status.PLANNED).count() == 2


def test_visit_that_was_only_adopted_is_as_unknown_as_before(importer: Importer, cast: Cast) -> None:
    cast.book("10:00", on=DAY)
    row = visit_row(Номер="", Время="10:00")
    assert importer.bring(row, visit_row(Номер="ЗН-2", Время="15:00", Клиент="Ким")) == {"unchanged": 1, "imported": 1}
    assert ImportedRecord.objects.count() == 2
    assert take_back(importer) == {"unchanged": 1, "taken_back": 1}
    assert ImportedRecord.objects.count() == 0


def _edit(cast: Cast, visit: Visit) -> None:
    edit(visit.pk, Details(comment="Перезвонить"), actor=cast.operator, now=MORNING)


def _move(cast: Cast, visit: Visit) -> None:
    move_by_hand(cast, visit, "14:00")


@pytest.mark.parametrize("touch", [_edit, _move])
def test_touched_visit_is_in_the_way_of_all(
    importer: Importer, cast: Cast, touch: Callable[[Cast, Visit], None]
) -> None:
    importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="12:00"))
    touch(cast, Visit.objects.get(external_number="ЗН-2"))
    before = standing()
    with pytest.raises(ImportTouched):
        take_back(importer)
    (obstacle,) = queries.obstacles_to_taking_back(ImportRun.objects.get(), MORNING)
    assert obstacle.touched is not None
    assert (obstacle.row.number, obstacle.touched.user_id) == (3, cast.operator.user_id)
    assert standing() == before


def test_time_alone_touches_nothing(importer: Importer) -> None:
    importer.bring(visit_row())
    importer.now = at("08:30", DAY)
    assert announce_due(importer.now, 100, None) == 1
    assert take_back(importer) == {"taken_back": 1}
    assert broken_invariants() == []


def test_old_place_that_is_taken_meanwhile_is_in_the_way(importer: Importer, cast: Cast) -> None:
    importer.bring(visit_row(Время="10:00"))
    importer.bring(visit_row(Время="12:00"))
    cast.book("10:00", on=DAY, client=cast.register("Ким", "+79990000001")[0])
    (obstacle,) = queries.obstacles_to_taking_back(ImportRun.objects.latest("pk"), MORNING)
    assert (obstacle.touched, obstacle.taken_by and obstacle.taken_by.bay_id) == (None, cast.bays[0].pk)
    with pytest.raises(ImportTouched):
        take_back(importer)


def test_visit_touched_while_the_rest_is_taken_back_stays_as_it_is(importer: Importer, cast: Cast) -> None:
    importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="12:00"))
    run = begin(importer)
    visit = Visit.objects.get(external_number="ЗН-1")
    move_by_hand(cast, visit, "15:00")
    assert go_on(importer, run) == {"taken_back": 1, "kept": 1}
    visit.refresh_from_db()
    assert (visit.status, visit.starts_at) == (Status.PLANNED, at("15:00", DAY))
    kept = ImportRow.objects.get(state="kept")
    assert kept.problems == [["record", "touched_meanwhile", ""]]
    assert broken_invariants() == []


def test_contact_that_the_move_had_closed_goes_on(importer: Importer, cast: Cast) -> None:
    importer.bring(visit_row())
    importer.now = at("08:12", DAY)
    visit = Visit.objects.get()
    contact.open_card(visit.pk, actor=cast.operator, now=importer.now, real_now=importer.now)
    importer.bring(visit_row(Время="12:00"))
    assert Case.objects.get().ended_at is not None
    assert take_back(importer) == {"taken_back": 1}
    assert Case.objects.get().ended_at is None
    assert broken_invariants() == []


def test_only_an_import_that_has_ended_is_taken_back_by_one_who_may_and_once(importer: Importer, cast: Cast) -> None:
    run = importer.begin(importer.file(visit_row()))
    with pytest.raises(NotAtThisStage):
        begin(importer)
    while importer.apply_next(run, 10).rows:
        pass
    for actor, refused in ((cast.operator, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(refused):
            actions.begin_taking_back(run, actor=actor, now=MORNING, real_now=MORNING)
        with pytest.raises(refused):
            actions.take_back_next(run, 1, actor=actor, now=MORNING, real_now=MORNING)
    take_back(importer)
    importer.now += timedelta(minutes=1)
    with pytest.raises(NotAtThisStage):
        begin(importer)
