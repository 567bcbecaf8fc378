"""«Справочники»: works, reasons, the script, the minutes and attempts, each on a page of its own; and their order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    told_of,
    whole_number,
)
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import NotFound, Refusal
from vovremya.office.queries.network import (
    late_reasons_set,
    minutes_of,
    policy_versions,
    removal_reasons_set,
    works_set,
)
from vovremya.office.queries.script import other_branches, script_shown
from vovremya.office.queries.settings import names_of
from vovremya.office.setting_words import ORDERED
from vovremya.office.texts.settings import ORDER_CHANGED, ORDER_CHANGED_MEANWHILE
from vovremya.office.views.framing import office_frame
from vovremya.office.views.settings import editable, made_id, saved, zone_of
from vovremya.visits.actions.branch_settings import change_setting, digest_as_shown, rights_to_change, value_of
from vovremya.visits.refusals import ChangedMeanwhile
from vovremya.visits.rules.settings import Setting, SettingOf, moved_before

Content = Callable[[Desk, Branch], Mapping[str, object]]


@dataclass(frozen=True)
class Page:
    name: str
    words: Promise
    content: Content


def _works(desk: Desk, branch: Branch) -> Mapping[str, object]:
    return {"works": works_set(branch, names_of(branch))}


def _reasons(_desk: Desk, branch: Branch) -> Mapping[str, object]:
    return {"late_reasons": late_reasons_set(branch), "removal_reasons": removal_reasons_set(branch)}


def _script(desk: Desk, branch: Branch) -> Mapping[str, object]:
    return {"steps": script_shown(branch, desk.user), "others": other_branches(desk.branches, branch)}


def _policy(_desk: Desk, branch: Branch) -> Mapping[str, object]:
    versions = policy_versions(branch)
    return {"versions": versions, "minutes": minutes_of(versions[0].policy), "policy": versions[0].policy}


PAGES = (
    Page("works", _("Работы"), _works),
    Page("reasons", _("Причины"), _reasons),
    Page("script", _("Сценарий разговора"), _script),
    Page("policy", _("Сроки и попытки"), _policy),
)
_ORDERS = frozenset({*ORDERED, Setting.SCRIPT})


@require_safe
@at_desk
def directories_page(_request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    return redirect("directory", code=editable(desk, code).code, name=PAGES[0].name)


@require_safe
@at_desk
def directory_page(request: HttpRequest, desk: Desk, code: str, name: str) -> HttpResponse:
    branch = editable(desk, code)
    page = next((page for page in PAGES if page.name == name), None)
    if page is None:
        raise NotFound
    context = {
        **office_frame(desk, branch, "directories"),
        "pages": PAGES,
        "page": page,
        "may_edit_network": desk.actor.may(Right.EDIT_NETWORK, branch.pk),
        **page.content(desk, branch),
    }
    return render(request, f"office/directory_{name}.html", context)


@require_POST
@at_desk
def put_in_order(request: HttpRequest, desk: Desk, code: str, setting: str) -> HttpResponse:
    """One is moved just before another, or to the end: whatever others moved meanwhile stays moved."""
    branch = editable(desk, code)
    known = next((each for each in _ORDERS if each == setting), None)
    moved_id = whole_number(request.POST.get("moved"))
    if known is None or moved_id is None:
        raise NotFound
    desk.actor.require(branch.pk, *rights_to_change(known))
    of, before_id = SettingOf(branch.pk, known), whole_number(request.POST.get("before"))
    value = value_of(of)
    change_id = None
    with pressing() as press:
        change_id = made_id(
            partial(
                change_setting,
                of,
                _moved(known, value, moved_id, before_id),
                actor=desk.actor,
                now=desk.now,
                seen=digest_as_shown(known, value),
                request=asked(request, "order"),
            )
        )
    if press.refusal:
        drawn_anew: dict[str, object] = {"vovremya:close": {"windows": []}}
        return nothing({**told_of(_told(press.refusal, branch)), **drawn_anew}, status=422)
    return nothing(saved(branch, change_id, ORDER_CHANGED))


def _told(refusal: Refusal, branch: Branch) -> Errors:
    """A message has no room for a whole list; it is drawn anew behind it."""
    if isinstance(refusal, ChangedMeanwhile):
        return Errors(form=str(ORDER_CHANGED_MEANWHILE), code=refusal.code)
    return errors_of(refusal, zone_of(branch))


def _moved(setting: Setting, value: list[object], moved_id: int, before_id: int | None) -> list[object]:
    if setting is not Setting.SCRIPT:
        return moved_before(value, moved_id, before_id)  # type: ignore[arg-type,return-value]
    steps = {step["id"]: step for step in value}  # type: ignore[index]
    return [steps[pk] for pk in moved_before(list(steps), moved_id, before_id)]
