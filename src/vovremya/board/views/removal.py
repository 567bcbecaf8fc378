"""«Удалить запись» with its reason (M6, M11), and taking a removal back."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from vovremya.board.queries.windows import VisitWindow, typed_in_card, visit_seen, visit_window
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    closing,
    errors_of,
    nothing,
    opening,
    pressing,
    whole_number,
)
from vovremya.board.views.repairs import draw_repairs, window_context
from vovremya.directory.models import RemovalReason
from vovremya.directory.queries import removal_reasons_of
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import NotAllowed, NotFound, Refusal
from vovremya.schedule.refusals import BayTaken
from vovremya.visits.actions.removal import RemovalInput, remove, restore
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Case
from vovremya.visits.rules.words import Grounds, State


@at_desk
def removal_window(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    window = visit_window(visit_id, desk.actor, desk.now)
    desk.actor.require(window.visit.branch_id, Right.REMOVE, Right.REMOVE_FOR_STATION)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("board", code=window.visit.branch.code)
        return _draw(request, desk, window, Errors())
    with pressing() as press:
        remove(
            visit_id,
            RemovalInput(
                reason_id=whole_number(request.POST.get("reason")),
                comment=request.POST.get("comment", "")[:4000],
                is_said_by_client=request.POST.get("said_by_client") == "yes",
                override=request.POST.get("override", "")[:4000],
                late_reason_id=whole_number(typed_in_card(window.standing.case, desk.actor).get("reason")),
            ),
            actor=desk.actor,
            now=desk.now,
            plan_version=whole_number(request.POST.get("plan_version")) or 0,
            request=asked(request, "remove"),
        )
    if refusal := press.refusal:
        refusal.facts.setdefault("attempts", window.standing.policy.attempts)
        return _draw(request, desk, window, errors_of(refusal, window.zone))
    undo = reverse("restore", args=(visit_id,)) if desk.actor.may(Right.RESTORE_TODAY, window.visit.branch_id) else ""
    return nothing(
        closing(visit_id, "removal", "booking", "late-notice", "repairs", toast=gettext("Запись удалена."), undo=undo)
    )


@require_POST
@at_desk
def restored(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """Back on its bay; where that is taken meanwhile, on to choosing a time."""
    visit = visit_seen(visit_id, desk.actor)
    try:
        restore(visit_id, actor=desk.actor, now=desk.now, real_now=desk.real_now, request=asked(request, "restore"))
    except AlreadyDone:
        pass
    except (NotAllowed, NotFound):
        raise
    except BayTaken:
        return nothing(opening("booking", reverse("move", args=(visit_id,)) + "?restore=1", visit_id))
    except Refusal as refusal:
        return draw_repairs(request, desk, visit_id, errors_of(refusal, ZoneInfo(visit.branch.zone)))
    return nothing(closing(visit_id, "repairs", toast=gettext("Запись восстановлена.")))


def _draw(request: HttpRequest, desk: Desk, window: VisitWindow, errors: Errors) -> HttpResponse:
    visit, case = window.visit, window.standing.case
    reasons = [reason for reason in removal_reasons_of(visit.branch) if _is_offered(reason, desk, visit.branch_id)]
    chosen = request.POST.get("reason") or str(_preset(reasons, case, window.state) or "")
    is_reached = case is not None and case.reached_at is not None
    context = {
        **window_context(window),
        "groups": _grouped(reasons),
        "chosen": chosen,
        "typed": request.POST or {"comment": typed_in_card(case, desk.actor).get("comment", "")},
        "is_reached": is_reached,
        "has_grounds": case is not None and case.grounds != Grounds.NONE,
        "may_override": desk.actor.may(Right.OVERRIDE, visit.branch_id),
        "errors": errors,
    }
    return answer(request, "board/removal.html", context, status=422 if errors else 200)


def _is_offered(reason: RemovalReason, desk: Desk, branch_id: int) -> bool:
    may_remove = desk.actor.may(Right.REMOVE, branch_id)
    if reason.group in (RemovalReason.Group.CLIENT, RemovalReason.Group.NO_CONTACT):
        return may_remove
    return desk.actor.may(Right.REMOVE_FOR_STATION, branch_id) or (may_remove and reason.is_for_operator)


def _preset(reasons: list[RemovalReason], case: Case | None, state: State) -> int | None:
    """The grounds name their reason: the operator only confirms."""
    if case and case.grounds == Grounds.WRONG_NUMBERS:
        code = "wrong_number"
    elif (case and case.grounds) or state is State.NOT_ARRIVED:
        code = "unreached" if case and case.grounds else "no_show"
    else:
        return None
    in_group = [reason for reason in reasons if reason.group == RemovalReason.Group.NO_CONTACT]
    return next((reason.pk for reason in in_group if reason.code == code), in_group[0].pk if in_group else None)


def _grouped(reasons: list[RemovalReason]) -> list[tuple[str, list[RemovalReason]]]:
    groups: dict[str, list[RemovalReason]] = {}
    for reason in reasons:
        groups.setdefault(str(RemovalReason.Group(reason.group).label), []).append(reason)
    return list(groups.items())
