"""What imports have of a person who is erased: connected to the signals of the customers.

Whatever else of a file is kept belongs here too: `traces` says by what a person is found in it.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q

from vovremya.customers.queries.erasing import traces_of
from vovremya.customers.rules.erasure import Obstacle, Traces
from vovremya.exchange import queries
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun

State = ImportRow.State


def tell_of_staged_rows(client_ids: Collection[int], now: datetime, **_signal: Any) -> list[Obstacle]:
    """A row that is still to be applied would bring the person back; in a file that is not read yet nobody can look."""
    going_on = queries.runs_going_on(now)
    waiting = ImportRow.objects.filter(run__in=going_on, state__in=(State.STAGED, State.DEFERRED))
    rows = len(queries.rows_about(traces_of(client_ids), waiting))
    files = going_on.filter(Q(pieces__isnull=False) | ~Q(seen=[])).distinct().count()
    found = {"row_being_imported": rows, "file_being_imported": files}
    return [Obstacle(code, count) for code, count in found.items() if count]


def erase_rows(client_ids: Collection[int], traces: Traces, **_signal: Any) -> Counter[str]:
    """Raw cells that name the person, and the digests by which a newer file is compared with them."""
    rows = [row.pk for row in queries.rows_about(traces)]
    empty: dict[str, Any] = {"values": {}, "cells": [], "problems": [], "remarks": [], "key": ""}
    ImportRow.objects.filter(pk__in=rows).update(state=State.REFUSED, **empty)
    ImportRow.objects.filter(visit__client__in=client_ids).update(before={})
    records = ImportedRecord.objects.filter(visit__client__in=client_ids)
    # By a number of the other program a file read again still finds the visit; a digest of who it was goes.
    for record in records.exclude(key__startswith="№"):
        ImportedRecord.objects.filter(pk=record.pk).update(key=f"erased {record.pk}")
    records.update(digests={})
    return Counter({"import_rows": len(rows) + _erase_titles(traces)})


def _erase_titles(traces: Traces) -> int:
    """As many stay as there were: the refused rows are written below them."""
    runs = queries.titles_about(traces)
    for run in runs:
        ImportRun.objects.filter(pk=run.pk).update(titles=[""] * len(run.titles))
    return len(runs)
