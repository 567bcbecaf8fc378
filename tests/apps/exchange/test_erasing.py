"""What imports keep of a person, for how long, and what of it stands in the way of an erasure."""

from datetime import timedelta

import pytest

from tests.apps.exchange.conftest import Importer
from tests.apps.exchange.files import HEADINGS, visit_row
from tests.cast import MORNING, Cast
from vovremya.customers.models import Client
from vovremya.customers.queries.erasing import traces_of
from vovremya.exchange import actions, queries
from vovremya.exchange.actions.applying import ROWS_KEPT_FOR
from vovremya.exchange.actions.erasing import erase_rows, tell_of_staged_rows
from vovremya.exchange.models import ImportRow, ImportRun

Stage, State = ImportRun.Stage, ImportRow.State
TWO_HOURS = timedelta(hours=2)


@pytest.fixture
def client(importer: Importer) -> Client:
    """Whom a file has brought."""
    importer.bring(visit_row())
    return Client.objects.get(name="Смирнова Анна Викторовна", phones__number="+79123456789")


def in_the_way(client: Client, after: timedelta = TWO_HOURS) -> list[str]:
    return [obstacle.code for obstacle in tell_of_staged_rows([client.pk], now=MORNING + after)]


def browsed(importer: Importer) -> ImportRun:
    """An import from the browser with one row about her applied, one that waits for its bay and one to come."""
    rows = [visit_row(Номер=f"ЗН-{hour}", Время=f"{hour}:00") for hour in (12, 14)]
    run = importer.begin(importer.file(visit_row(Номер="ЗН-2", Госномер="А001АА77"), *rows))
    ImportRun.objects.filter(pk=run.pk).update(source=ImportRun.Source.BROWSER)
    importer.apply_next(run, 2)
    run.refresh_from_db()
    assert queries.counts_of(run) == {"staged": 1, "deferred": 1, "imported": 1}
    return run


def test_rows_of_an_import_that_has_ended_stand_in_nobodys_way(importer: Importer, client: Client, cast: Cast) -> None:
    run = browsed(importer)
    assert in_the_way(client) == ["row_being_imported"]
    actions.stop(run, actor=cast.supervisor, now=MORNING)
    assert in_the_way(client) == []
    assert queries.counts_of(run) == run.counts == {"staged": 1, "refused": 1, "imported": 1}, "none waits for a bay"
    erase_rows([client.pk], traces_of([client.pk]))
    assert queries.rows_about(traces_of([client.pk])) == []


def test_import_broken_off_at_the_console_counts_as_long_as_the_same_command_goes_on_with_it(
    importer: Importer, client: Client
) -> None:
    path = importer.file(visit_row(Номер="ЗН-2", Время="12:00"))
    run = importer.begin(path)
    assert in_the_way(client) == ["row_being_imported"]
    importer.now = later = MORNING + ROWS_KEPT_FOR + TWO_HOURS
    actions.forget_old_rows(later)
    assert in_the_way(client, ROWS_KEPT_FOR) == []
    anew = importer.begin(path)
    assert (anew.pk == run.pk, queries.counts_of(anew)) == (False, {"staged": 1}), "it is read anew"


def test_file_that_was_broken_off_while_it_was_read_at_the_console_is_never_applied(
    importer: Importer, client: Client
) -> None:
    run = importer.begin(importer.file(visit_row(Номер="ЗН-2", Время="12:00")))
    ImportRun.objects.filter(pk=run.pk).update(staged_at=None)
    assert in_the_way(client, timedelta(0)) == ["row_being_imported"], "it may be being read"
    assert in_the_way(client) == []


def test_row_that_was_taken_for_the_headings_is_erased_and_forgotten(importer: Importer, client: Client) -> None:
    for titles in (list(HEADINGS), [str(value) for value in visit_row()]):
        ImportRun.objects.create(branch=importer.cast.branch, titles=titles, stage=Stage.DONE, started_at=MORNING)
    headed, unheaded = ImportRun.objects.order_by("pk")[1:]
    erased = erase_rows([client.pk], traces_of([client.pk]))
    headed.refresh_from_db()
    unheaded.refresh_from_db()
    assert (erased["import_rows"], headed.titles, unheaded.titles) == (1, list(HEADINGS), [""] * len(HEADINGS))
    actions.forget_old_rows(MORNING + ROWS_KEPT_FOR + TWO_HOURS)
    assert set(map(str, ImportRun.objects.values_list("titles", flat=True))) == {"[]"}
