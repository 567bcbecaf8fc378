"""«XLSX» and «CSV» of the lists: a press, since whole numbers leave the program, and it is kept who took them along."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_POST

from vovremya.board.views.answering import Desk, at_desk, read_day
from vovremya.board.views.pages import branch_seen
from vovremya.directory.rules import Right
from vovremya.exchange.actions.exporting import note_export
from vovremya.exchange.models import ListExport
from vovremya.exchange.writing import as_download
from vovremya.kernel.refusal import NotFound
from vovremya.office.queries.exports import Asked, table_of
from vovremya.schedule.queries import Asker, calendar_of

List = ListExport.List

#: Each list by its address, and the beginning of its file's name.
FILES = {
    "day": (List.DAY, "zapis"),
    "not-arrived": (List.NOT_ARRIVED, "ne-priehali"),
    "removed": (List.REMOVED, "udalennye"),
    "waitlist": (List.WAITLIST, "list-ozhidaniya"),
}


@require_POST
@at_desk
def export(request: HttpRequest, desk: Desk, code: str, name: str, kind: str) -> FileResponse:
    """The list as it is shown, with whole numbers for those who may see them."""
    branch = branch_seen(desk, code)
    if name not in FILES:
        raise NotFound
    listed, file_name = FILES[name]
    today = calendar_of(branch.pk).day_of(desk.now).on
    on = read_day(request.POST.get("day"))
    asked = Asked(
        listed,
        branch,
        desk.now,
        Asker(desk.real_now, desk.user.pk),
        today,
        on=on,
        text=request.POST.get("q", "").strip()[:100],
        show=request.POST.get("show", ""),
        with_phones=desk.actor.may(Right.SEE_PHONE, branch.pk),
    )
    table = table_of(asked)
    response = as_download(table, kind, f"{file_name}-{branch.code}-{on or today}")
    note_export(branch, listed, table, actor=desk.actor, now=desk.now)
    return response
