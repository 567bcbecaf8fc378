"""What must be true of imports, exports and calendars at any time; asked by `vovremya check`."""

from collections.abc import Iterator

from django.db.models import F

from vovremya.exchange.models import CalendarLink, FilePiece, ImportRow, ImportRun

_NEEDED = (
    ImportRun.Stage.UPLOADING,
    ImportRun.Stage.LOOKING,
    ImportRun.Stage.HEADINGS,
    ImportRun.Stage.READING,
    ImportRun.Stage.CHECKING,
    ImportRun.Stage.CHECKED,
)


def broken_exchange() -> Iterator[str]:
    """Each breach in plain words. Three queries."""
    kept = FilePiece.objects.exclude(run__stage__in=_NEEDED)
    for run_id in sorted(set(kept.values_list("run_id", flat=True))):
        yield f"A file is kept that nobody needs any more: import {run_id}"
    strange = ImportRow.objects.exclude(visit=None).exclude(visit__branch=F("run__branch"))
    for run_id, number in strange.order_by("run_id", "number").values_list("run_id", "number"):
        yield f"A row is tied to a visit of another branch: import {run_id}, row {number}"
    bays = CalendarLink.objects.exclude(bay=None).exclude(bay__branch=F("branch"))
    advisors = CalendarLink.objects.exclude(advisor=None).exclude(advisor__branch=F("branch"))
    for link_id in sorted((bays | advisors).values_list("pk", flat=True)):
        yield f"A calendar shows another branch: link {link_id}"
