"""Imports of the release before have no stage of their own: it is read off what became of them."""

from importlib import import_module

from django.apps import apps

from tests.apps.exchange.conftest import Importer
from tests.apps.exchange.files import visit_row
from vovremya.exchange import queries
from vovremya.exchange.models import ImportRow, ImportRun


def test_what_has_ended_before_is_done_with_its_counts_and_is_not_taken_back(importer: Importer) -> None:
    importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="?"))
    broken_off = importer.begin(importer.file(visit_row(Номер="ЗН-3", Время="12:00")))
    ImportRun.objects.update(stage="applying", counts={})
    ImportRow.objects.update(visit=None, entry_id=None)
    migration = import_module("vovremya.exchange.migrations.0002_imports_in_the_browser")
    migration.tell_what_has_ended(apps, None)
    ended, left = ImportRun.objects.order_by("pk")
    assert (ended.stage, ended.counts) == ("done", {"imported": 1, "refused": 1})
    assert (left, left.stage) == (broken_off, "applying")
    assert not queries.has_rows_to_take_back(ended), "nobody knows which visits it wrote"
