"""The window «Сдвиг записей»: whom a late client hits, what can be done about it, and doing it with one key."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from vovremya.board.queries.wave import Wave, arrival_on, read_plan, wave_of
from vovremya.board.queries.windows import VisitWindow, eta_in_card, visit_window
from vovremya.board.texts import (
    MOVED_COMMENT,
    REBOOKED_COMMENT,
    REFUSALS,
    SHIFTED_COMMENT,
    WAVE_ADVANTAGES,
    WAVE_CAUSES,
    WAVE_NOBODY_SHIFTED,
    WAVE_PLANS,
    WAVE_TALK_FIRST,
    calls_ahead,
)
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
)
from vovremya.board.views.repairs import window_context
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.schedule.queries import Asker
from vovremya.schedule.refusals import BayTaken
from vovremya.schedule.rules.wave import PlanKind
from vovremya.ui.dates import day_and_month
from vovremya.visits.actions.wave import Words, apply_plan, rebook_elsewhere
from vovremya.visits.models import Visit
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.arrival import BadEta, read_eta
from vovremya.visits.rules.steps import Step
from vovremya.visits.rules.words import CaseKind

_MINUTE = timedelta(minutes=1)
#: Who has said nothing is taken to need so long yet.
_GUESSED = timedelta(minutes=10)
_ROUNDED_TO = timedelta(minutes=5)


@at_desk
def wave_window(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    window = visit_window(visit_id, desk.actor, desk.now)
    desk.actor.require(window.visit.branch_id, Right.MOVE)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("board", code=window.visit.branch.code)
        return _draw(request, desk, window, request.GET)
    told: list[int] = []
    with pressing() as press:
        told = _apply(request, desk, window)
    if refusal := press.refusal:
        return _draw(request, desk, window, request.POST, refusal)
    return _done(request, window, told)


def _apply(request: HttpRequest, desk: Desk, window: VisitWindow) -> list[int]:
    """Returns the visits whose clients are to be called."""
    late_by = request.POST.get("late", "")
    if request.POST.get("plans_for", late_by) != late_by:
        raise BadInput({"plan": "plan_of_other_arrival"})  # pressed before those for what was typed have come
    read = read_plan(request.POST.get("plan", ""))
    if read is None:
        raise BadInput({"plan": "plan_needed"})
    kind, branch_id, (late, *others) = read
    if late.visit_id != window.visit.pk:
        raise BadInput({"plan": "plan_needed"})
    if window.steps.get(Step.WAVE) == "wave_not_today":
        raise WrongMoment("wave_not_today")
    if kind is PlanKind.OTHER_BRANCH:
        branch = next((each for each in _other_branches(desk, window) if each.pk == branch_id), None)
        if branch is None:
            raise BadInput({"plan": "plan_needed"})
        rebook_elsewhere(
            late,
            branch.pk,
            _words(str(REBOOKED_COMMENT), late.starts_at, ZoneInfo(branch.zone), branch=branch.name),
            actor=desk.actor,
            now=desk.now,
            real_now=desk.real_now,
            request=asked(request, "wave"),
        )
        return []
    return apply_plan(
        late,
        others,
        Words(_words(str(MOVED_COMMENT), late.starts_at, window.zone), SHIFTED_COMMENT.format(visit=late.visit_id)),
        arrives_at=_arrival(request.POST, desk, window),
        from_card=_is_on_the_line(window),
        actor=desk.actor,
        now=desk.now,
        real_now=desk.real_now,
        request=asked(request, "wave"),
    )


def _done(request: HttpRequest, window: VisitWindow, told: list[int]) -> HttpResponse:
    visit_id = window.visit.pk
    kind, _, shifts = read_plan(request.POST.get("plan", "")) or (None, None, [])
    others = len(shifts) - 1
    is_elsewhere = kind is PlanKind.OTHER_BRANCH
    parts = [gettext("Клиент перезаписан в другой филиал.") if is_elsewhere else gettext("План применён.")]
    if others > 0:
        parts.append(gettext("Сдвинуто других записей: {count}.").format(count=others))
    if told:
        parts.append(calls_ahead(len(told)))
    moved: dict[str, object] = {"vovremya:moved": {"visits": [each.visit_id for each in shifts]}}
    toast: dict[str, object] = {"vovremya:toast": {"text": " ".join(parts), "undo": None}}
    if _is_on_the_line(window):
        # The card comes back with the outcome and the comment made ready, as from «Перепланировать».
        card = opening("late-notice", reverse("late_notice", args=(visit_id,)), visit_id)
        return nothing({"vovremya:close": {"windows": ["wave"], "visit": visit_id}} | card | moved | toast)
    return nothing(closing(visit_id, "wave", "late-notice", "repairs") | moved | toast)


def _draw(
    request: HttpRequest,
    desk: Desk,
    window: VisitWindow,
    asked_for: Mapping[str, str],
    refusal: Refusal | None = None,
) -> HttpResponse:
    errors = _errors(refusal, window.zone) if refusal else Errors()
    why_not = window.steps.get(Step.WAVE, "not_planned")
    found, arrives_at, typed = None, None, str(asked_for.get("late", ""))
    if not why_not:
        try:
            arrives_at = _arrival(asked_for, desk, window)
            typed = typed or str(-(-(arrives_at - window.visit.starts_at) // _MINUTE))
            found = _found(desk, window, arrives_at)
        except BadEta as bad:
            errors = Errors(fields={"late": errors_of(bad, window.zone).fields["eta"]}, code=bad.code)
    context = {
        **window_context(window),
        "wave": found,
        "arrives_at": arrives_at,
        "late": typed,
        "why_not": _why_not(why_not, window),
        "plan_names": _plan_names(found),
        "advantage": WAVE_ADVANTAGES[found.advantage] if found and found.advantage else "",
        "causes": WAVE_CAUSES,
        "talk_first": WAVE_TALK_FIRST,
        "chosen": asked_for.get("plan", ""),
        "errors": errors,
    }
    is_list_alone = request.GET.get("part") == "plans"
    template = "board/wave_plans.html" if is_list_alone else "board/wave.html"
    return answer(request, template, context, status=422 if refusal else 200)


def _found(desk: Desk, window: VisitWindow, arrives_at: datetime) -> Wave:
    asker = Asker(real_now=desk.real_now, user_id=desk.actor.user_id, visit_id=window.visit.pk)
    return wave_of(
        window,
        arrives_at,
        is_on_the_line=_is_on_the_line(window),
        asker=asker,
        branches=_other_branches(desk, window),
    )


def _arrival(asked_for: Mapping[str, str], desk: Desk, window: VisitWindow) -> datetime:
    """What is typed into the window counts from the planned start; else what the client says in the open card."""
    starts_at = window.visit.starts_at
    if typed := asked_for.get("late", "").strip():
        arrives_at = read_eta(typed, answered_at=starts_at, zone=window.zone)
        if arrives_at < desk.now.replace(second=0, microsecond=0):
            raise BadEta("eta_past", field="eta")
        return arrival_on(arrives_at, desk.now)
    if promised := _promised_in_card(desk, window):
        return arrival_on(promised, desk.now)
    guessed = max(desk.now, starts_at) + _GUESSED - starts_at
    return arrival_on(starts_at + -(-guessed // _ROUNDED_TO) * _ROUNDED_TO, desk.now)


def _promised_in_card(desk: Desk, window: VisitWindow) -> datetime | None:
    case = window.standing.case
    text = eta_in_card(case, desk.actor)
    if case is None or case.reached_at is None or not text:
        return None
    try:
        return read_eta(text, answered_at=case.reached_at, zone=window.zone)
    except BadEta:
        return None


def _is_on_the_line(window: VisitWindow) -> bool:
    case = window.standing.case
    return case is not None and case.kind == CaseKind.LATE and case.reached_at is not None


def _other_branches(desk: Desk, window: VisitWindow) -> list[Branch]:
    visit, actor = window.visit, desk.actor
    if not actor.may(Right.REMOVE, visit.branch_id):
        return []
    return [
        branch
        for branch in desk.branches
        if branch.pk != visit.branch_id
        and branch.is_active
        and branch.network_id == visit.branch.network_id
        and actor.may(Right.BOOK, branch.pk)
    ]


def _plan_names(found: Wave | None) -> dict[str, str]:
    is_nobody_shifted = found is not None and any(
        each.plan.kind is PlanKind.SHIFT and not each.moves for each in found.plans
    )
    names = WAVE_PLANS | ({"shift": WAVE_NOBODY_SHIFTED} if is_nobody_shifted else {})
    return {kind: str(name) for kind, name in names.items()}


def _why_not(code: str, window: VisitWindow) -> str:
    if code == "not_planned":
        return REFUSALS[f"not_planned_{window.visit.status}"].format(by="")
    return str(REFUSALS.get(code, ""))


def _errors(refusal: Refusal, zone: ZoneInfo) -> Errors:
    """The plans below are made anew: the refusal says what has changed meanwhile."""
    if isinstance(refusal, BayTaken):
        taken = Visit.objects.filter(pk__in=refusal.facts["visit_ids"]).select_related("car", "client")
        words = [f"{each.starts_at.astimezone(zone):%H:%M} {each.car or each.client.name}" for each in taken]
        refusal.facts["visits"] = ", ".join(words) or gettext("время держит другой оператор")
    errors = errors_of(refusal, zone)
    if refusal.code in ("plan_changed", "bay_taken"):
        errors.form = f"{errors.form} {gettext('Варианты пересчитаны.')}"
    return errors


def _words(template: str, starts_at: datetime, zone: ZoneInfo, **more: str) -> str:
    local = starts_at.astimezone(zone)
    return template.format(day=day_and_month(local), time=f"{local:%H:%M}", **more)
