"""The one-press steps of the reception: arrived, work, no-show, and taking them back."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from vovremya.board.queries.windows import visit_seen
from vovremya.board.texts import STEPS_DONE
from vovremya.board.views.answering import Desk, asked, at_desk, closing, errors_of, nothing, pressing
from vovremya.board.views.repairs import draw_repairs
from vovremya.visits.actions import reception
from vovremya.visits.models import Visit

STEPS: dict[str, Callable[..., Visit]] = {
    "check-in": reception.check_in,
    "undo-check-in": reception.undo_check_in,
    "start-work": reception.start_work,
    "undo-start-work": reception.undo_start_work,
    "end-work": reception.end_work,
    "undo-end-work": reception.undo_end_work,
    "no-show": reception.mark_no_show,
    "undo-no-show": reception.undo_no_show,
}
_UNDONE_BY = {
    "check-in": "undo-check-in",
    "start-work": "undo-start-work",
    "end-work": "undo-end-work",
    "no-show": "undo-no-show",
}


@require_POST
@at_desk
def step_taken(request: HttpRequest, desk: Desk, visit_id: int, step: str) -> HttpResponse:
    """Take the step, go back to the board, offer to undo it; a refusal is said in «Ремонты»."""
    if step not in STEPS:
        raise Http404
    visit = visit_seen(visit_id, desk.actor)
    with pressing() as press:
        STEPS[step](visit_id, actor=desk.actor, now=desk.now, request=asked(request, step))
    if refusal := press.refusal:
        return draw_repairs(request, desk, visit_id, errors=errors_of(refusal, ZoneInfo(visit.branch.zone)))
    undo = f"/visits/{visit_id}/{_UNDONE_BY[step]}/" if step in _UNDONE_BY else ""
    return nothing(closing(visit_id, "late-notice", "repairs", toast=STEPS_DONE[step], undo=undo))
