"""«Обучение»: what there is to practise and what of it is done; for administrators, whether there is any."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import Desk, at_desk
from vovremya.board.views.pages import frame
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.training import actions
from vovremya.training.queries import deeds_of, is_open, training_branch
from vovremya.training.rules import LESSONS, done_lessons
from vovremya.training.texts import LESSONS as WORDS


@require_safe
@at_desk
def training(request: HttpRequest, desk: Desk) -> HttpResponse:
    branch = training_branch()
    is_in = branch is not None and desk.actor.sees(branch.pk)
    shown = branch if branch is not None and is_in else next(iter(desk.branches), None)
    context = {
        **(frame(desk, shown, "training") if shown else {}),
        "is_in": is_in,
        "is_open": is_open(branch),
        "lessons": _lessons(desk) if is_in else [],
        "may_begin": branch is not None and any(desk.actor.may(right, branch.pk) for right in actions.BEGINNERS),
        "beside": _beside(desk),
    }
    return render(request, "training/training.html", context)


def _beside(desk: Desk) -> Branch | None:
    """The first real branch that the administrator sees to; None where nobody is one."""
    own = (branch for branch in desk.branches if not branch.is_training)
    return next((branch for branch in own if desk.actor.may(Right.EDIT_NETWORK, branch.pk)), None)


def _lessons(desk: Desk) -> list[dict[str, object]]:
    done = done_lessons(deeds_of(desk.user.pk))
    words = ((lesson.code, WORDS[lesson.code]) for lesson in LESSONS)
    return [
        {"title": title, "text": text, "page": page, "is_done": code in done} for code, (title, text, page) in words
    ]


@require_POST
@at_desk
def begun_anew(_request: HttpRequest, desk: Desk) -> HttpResponse:
    actions.begin_day_anew(actor=desk.actor, now=desk.now)
    return redirect("training")


@require_POST
@at_desk
def opened(_request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    actions.open_training(desk.branch(code), actor=desk.actor, now=desk.now)
    return redirect("training")


@require_POST
@at_desk
def newcomers_let_in(_request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    actions.let_newcomers_in(desk.branch(code), actor=desk.actor)
    return redirect("training")


@require_POST
@at_desk
def closed(_request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    actions.close_training(desk.branch(code), actor=desk.actor, now=desk.now)
    return redirect("training")
