"""«Настройки»: leads to the first section that is open to who asks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from vovremya.board.views.answering import Desk, at_desk
from vovremya.board.views.pages import branch_seen
from vovremya.directory.rules import Right, rights_of
from vovremya.kernel.refusal import NotAllowed
from vovremya.office.sections import open_sections


@require_safe
@at_desk
def office(_request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = branch_seen(desk, code)
    sections = open_sections(rights_of(desk.actor.roles[branch.pk]))
    if not sections:
        raise NotAllowed(right=Right.EDIT_BRANCH)
    return redirect(sections[0].name, code=branch.code)
