"""`vovremya check` names what is not right about imports and calendars."""

from tests.cast import MORNING, Cast
from vovremya.exchange.actions.calendars import Subject, share_calendar
from vovremya.exchange.invariants import broken_exchange
from vovremya.exchange.models import CalendarLink, FilePiece, ImportRow, ImportRun


def test_every_breach_is_named(cast: Cast) -> None:
    assert list(broken_exchange()) == []
    run = ImportRun.objects.create(branch=cast.other_branch, stage=ImportRun.Stage.CHECKED, started_at=MORNING)
    FilePiece.objects.create(run=run, number=0, content=b"?")
    row = ImportRow.objects.create(run=run, number=7, state="imported")
    subject = Subject(bay_id=cast.bays[0].pk)
    link, _ = share_calendar(cast.branch, subject, "Орлов", actor=cast.supervisor, now=MORNING)
    assert list(broken_exchange()) == []
    ImportRun.objects.update(stage=ImportRun.Stage.DONE)
    ImportRow.objects.update(visit=cast.book("10:00"))
    CalendarLink.objects.update(branch=cast.other_branch)
    assert list(broken_exchange()) == [
        f"A file is kept that nobody needs any more: import {run.pk}",
        f"A row is tied to a visit of another branch: import {run.pk}, row {row.number}",
        f"A calendar shows another branch: link {link.pk}",
    ]
