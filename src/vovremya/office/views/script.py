"""The steps of the conversation: each in its window, with how it will be said; and the script of another branch."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
)
from vovremya.directory.models import Branch
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.office.queries.script import other_branches, said, sample_values
from vovremya.office.texts.directories import MOMENTS, PLACEHOLDERS, SCRIPT_COPIED, STEP_REMOVED
from vovremya.office.texts.settings import SETTING_SAVED
from vovremya.office.views.settings import NEW, editable, made_id, saved, told_refusal, zone_of
from vovremya.visits.actions.branch_settings import change_setting, digest_as_shown, value_of
from vovremya.visits.refusals import ChangedMeanwhile
from vovremya.visits.rules.settings import Setting, SettingOf, Value, digest_of_value

_LONGEST_STEP = 1000


@at_desk
def step_window(request: HttpRequest, desk: Desk, code: str, step: str) -> HttpResponse:
    """A step as it is, as it was typed, and as it is said."""
    branch = editable(desk, code)
    of = SettingOf(branch.pk, Setting.SCRIPT)
    steps = value_of(of)
    known = next((each for each in steps if str(each["id"]) == step), None)
    if request.method != "POST":
        if known is None and step != NEW:
            raise NotFound
        if "HX-Request" not in request.headers:
            return redirect("directory", code=branch.code, name="script")
        return _draw(request, desk, branch, known or {"moment": "", "text": ""}, _seen(known))
    is_removed = request.POST.get("remove") == "yes"
    change_id = None
    with pressing() as press:
        _require_as_shown(request, step, known)
        typed = {"id": known and known["id"], **_typed(request)}
        change_id = made_id(
            partial(
                change_setting,
                of,
                _with_step(steps, known, None if is_removed else typed),
                actor=desk.actor,
                now=desk.now,
                seen=digest_as_shown(Setting.SCRIPT, steps),
                request=asked(request, "step"),
            )
        )
    if press.refusal:
        return _draw(request, desk, branch, _typed(request), _seen(known), press.refusal)
    return nothing(saved(branch, change_id, STEP_REMOVED if is_removed else SETTING_SAVED))


@require_safe
@at_desk
def step_said(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """While it is typed."""
    branch = editable(desk, code)
    text = request.GET.get("text", "")[:_LONGEST_STEP]
    return answer(request, "office/step_said.html", {"said": said(text, sample_values(branch, desk.user))})


@at_desk
def script_copied(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The script of another branch in place of this one's, which the history keeps."""
    branch = editable(desk, code)
    others = other_branches(desk.branches, branch)
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("directory", code=branch.code, name="script")
        return _draw_copying(request, branch, others)
    change_id = None
    with pressing() as press:
        source = next((other for other in others if other.code == request.POST.get("like")), None)
        if source is None:
            raise BadInput({"like": "branch_needed"})
        copied = [{**step, "id": None} for step in value_of(SettingOf(source.pk, Setting.SCRIPT))]
        change_id = made_id(
            partial(
                change_setting,
                SettingOf(branch.pk, Setting.SCRIPT),
                copied,
                actor=desk.actor,
                now=desk.now,
                request=asked(request, "script"),
            )
        )
    if press.refusal:
        return _draw_copying(request, branch, others, errors_of(press.refusal, zone_of(branch)))
    return nothing(saved(branch, change_id, SCRIPT_COPIED))


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {"moment": request.POST.get("moment", ""), "text": request.POST.get("text", "").strip()[:_LONGEST_STEP]}


def _with_step(steps: Value, known: Value, step: Value) -> Value:
    """The script with the step in its place, or without it. One that is new stands after those of its moment."""
    if known is not None:
        return [step if each == known else each for each in steps if each != known or step is not None]
    if step is None:
        return steps
    same = [place for place, each in enumerate(steps, start=1) if each["moment"] == step["moment"]]
    place = same[-1] if same else len(steps)
    return [*steps[:place], step, *steps[place:]]


def _seen(known: Value) -> str:
    return digest_of_value(known) if known else ""


def _require_as_shown(request: HttpRequest, step: str, known: Value) -> None:
    """Whoever has changed or removed this very step meanwhile is not written over unseen."""
    if step != NEW and request.POST.get("seen") != _seen(known):
        raise ChangedMeanwhile([known] if known else [], None)


def _draw(
    request: HttpRequest,
    desk: Desk,
    branch: Branch,
    typed: Mapping[str, Any],
    seen: str,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {
        "branch": branch,
        "address": request.path,
        "is_new": not seen,
        "typed": typed,
        "seen": seen,
        "moments": [(moment, *words) for moment, words in MOMENTS.items()],
        "placeholders": PLACEHOLDERS.items(),
        "said": said(typed["text"], sample_values(branch, desk.user)),
        "errors": told_refusal(refusal, branch, SettingOf(branch.pk, Setting.SCRIPT)),
    }
    return answer(request, "office/step.html", context, status=422 if refusal else 200)


def _draw_copying(
    request: HttpRequest, branch: Branch, others: list[Branch], errors: Errors | None = None
) -> HttpResponse:
    context = {"branch": branch, "address": request.path, "others": others, "errors": errors or Errors()}
    return answer(request, "office/script_copied.html", context, status=422 if errors else 200)
