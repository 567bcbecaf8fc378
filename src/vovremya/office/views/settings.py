"""«Настройки филиала»: hours, special days, bays, advisors; what a change would strand; the history, and back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.texts import WEEKDAYS_WHOLE
from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    read_day,
    told_of,
    whole_number,
)
from vovremya.board.views.pages import branch_seen, frame
from vovremya.directory.models import Branch, SettingChange
from vovremya.directory.queries import advisors_of
from vovremya.directory.rules import Right
from vovremya.directory.texts import ROLES
from vovremya.kernel.refusal import NotFound, Refusal
from vovremya.office.queries.network import zones_at
from vovremya.office.queries.settings import (
    Confirming,
    branch_settings,
    confirming,
    history_of_settings,
    names_of,
    outside_now,
    shown_change,
)
from vovremya.office.setting_words import Names, title_of, value_words
from vovremya.office.texts.directories import MINUTES, REASON_GROUNDS, REASON_GROUPS, VOICEMAIL
from vovremya.office.texts.settings import NEW_TITLES, SETTING_SAVED, SETTING_TAKEN_BACK, SETTING_TITLES, WINDOW_TITLES
from vovremya.office.views.framing import office_frame
from vovremya.office.views.setting_fields import read, typed_again, typed_as
from vovremya.visits.actions.branch_settings import (
    EDITORS,
    change_setting,
    changes_seen_from,
    digest_as_shown,
    rights_to_change,
    setting_of,
    take_back_change,
    take_back_changes,
    value_of,
)
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.refusals import ChangedMeanwhile, WouldStrand
from vovremya.visits.rules.settings import Setting, SettingOf, Value

#: The address of something that is still to be added, and of what the branch has one of.
NEW, BRANCH = "new", "branch"

_OF_BRANCH = frozenset(
    {
        Setting.WEEK_HOURS,
        Setting.PAUSE,
        Setting.REMINDERS,
        Setting.SECOND_STEP,
        Setting.POLICY,
        Setting.BRANCH,
        Setting.ZONE,
    }
)
_ADDED = frozenset(
    {
        Setting.BAY,
        Setting.GROUP,
        Setting.ADVISOR,
        Setting.EXCEPTION,
        Setting.WORK,
        Setting.LATE_REASON,
        Setting.REMOVAL_REASON,
    }
)
#: To which page a window belongs, where there is no page behind it.
_PAGES = {
    Setting.POLICY: "policy",
    Setting.WORK: "works",
    Setting.WORK_GROUPS: "works",
    Setting.LATE_REASON: "reasons",
    Setting.REMOVAL_REASON: "reasons",
}


@require_safe
@at_desk
def settings_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = editable(desk, code)
    context = {
        **office_frame(desk, branch, "settings"),
        "settings": branch_settings(branch, desk.now),
    }
    return render(request, "office/settings.html", context)


@require_safe
@at_desk
def settings_history(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Newest first; of one setting, or by one of the staff, where that is asked for."""
    branch = editable(desk, code)
    setting = next((each for each in Setting if each == request.GET.get("setting")), None)
    user_id = whole_number(request.GET.get("user"))
    older_than = whole_number(request.GET.get("before"))
    context = {
        **office_frame(desk, branch, "settings"),
        "history": history_of_settings(branch, desk.actor, setting=setting, user_id=user_id, older_than=older_than),
        "titles": SETTING_TITLES.items(),
        "setting": setting or "",
        "user_id": user_id,
        "is_narrowed": bool(setting or user_id or older_than),
    }
    return render(request, "office/settings_history.html", context)


@require_safe
@at_desk
def outside_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """«Записи вне расписания»: until the list is empty."""
    branch = branch_seen(desk, code)
    context = {
        **frame(desk, branch, "outside"),
        "outside": outside_now(branch, desk.now),
        "zone": branch.zone,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return render(request, "office/outside.html", context)


@at_desk
def setting_window(request: HttpRequest, desk: Desk, code: str, setting: str, subject: str) -> HttpResponse:
    """One setting: as it is, as it was typed, and with the visits that it would strand or take along."""
    branch = editable(desk, code)
    of, zone = _setting_of(branch, setting, subject), ZoneInfo(branch.zone)
    desk.actor.require(branch.pk, *rights_to_change(of.setting))
    value = None if subject == NEW else value_of(of)
    if value is None and of.setting is Setting.GROUP and subject != NEW:
        raise NotFound
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return _page_of(of.setting, branch)
        return _draw(request, desk, branch, of, typed_as(of.setting, value, zone, desk.now), seen_of(of, value))
    change_id = None
    with pressing() as press:
        wanted, wanted_value = read(request.POST, of, zone)
        if of.setting is Setting.CLOSURES:
            wanted_value = [*_over(value, desk.now), *wanted_value]
        change_id = made_id(
            partial(
                change_setting,
                wanted,
                wanted_value,
                actor=desk.actor,
                now=desk.now,
                confirmed=request.POST.get("confirmed", ""),
                seen=request.POST.get("seen") or None,
                request=asked(request, "setting"),
            )
        )
    if press.refusal:
        is_news = isinstance(press.refusal, ChangedMeanwhile)
        seen = seen_of(of, value_of(of)) if is_news else request.POST.get("seen", "")
        return _draw(request, desk, branch, of, typed_again(of.setting, request.POST), seen, press.refusal)
    return nothing(saved(branch, change_id, SETTING_SAVED))


def _over(value: Value, now: datetime) -> list[Value]:
    """Closures that have ended are not in the window."""
    return [each for each in value if datetime.fromisoformat(each["until"]) <= now]


def seen_of(of: SettingOf, value: Value) -> str:
    """What the window says that it has shown; nothing of what is still to be added."""
    is_added = of.setting in _ADDED and of.subject_id is None and of.on is None
    return "" if is_added else digest_as_shown(of.setting, value)


def _page_of(setting: Setting, branch: Branch) -> HttpResponse:
    if setting in (Setting.BRANCH, Setting.ZONE):
        return redirect("branches", code=branch.code)
    if setting in _PAGES:
        return redirect("directory", code=branch.code, name=_PAGES[setting])
    return redirect("settings", code=branch.code)


@at_desk
def setting_taken_back(request: HttpRequest, desk: Desk, code: str, change_id: int) -> HttpResponse:
    """A change of the history is taken back: in its window, or at once by the message about it."""
    branch = editable(desk, code)
    change = changes_seen_from(branch.pk).filter(pk=change_id).select_related("user").first()
    if change is None:
        raise NotFound
    desk.actor.require(branch.pk, *rights_to_change(Setting(change.setting)))
    address = reverse("setting_taken_back", args=(branch.code, change_id))
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("settings_history", code=branch.code)
        return _draw_taking_back(request, desk, branch, change)
    back_id = None
    with pressing() as press:
        back_id = made_id(
            partial(
                take_back_change,
                change_id,
                branch.pk,
                actor=desk.actor,
                now=desk.now,
                confirmed=request.POST.get("confirmed", ""),
                request=asked(request, "take back"),
            )
        )
    if not press.refusal:
        return nothing(saved(branch, back_id, SETTING_TAKEN_BACK))
    if "in_window" in request.POST:
        return _draw_taking_back(request, desk, branch, change, press.refusal)
    if isinstance(press.refusal, WouldStrand):
        return nothing({"vovremya:open": {"window": "settings", "url": address}})
    return nothing(told_of(errors_of(press.refusal, ZoneInfo(branch.zone))), status=422)


@require_POST
@at_desk
def settings_taken_back(request: HttpRequest, desk: Desk, code: str, changes: str) -> HttpResponse:
    """Several that were made together, by the message about them: «12-13-14»."""
    branch = editable(desk, code)
    change_ids = [number for text in changes.split("-") if (number := whole_number(text))]
    with pressing() as press:
        take_back_changes(change_ids, actor=desk.actor, now=desk.now, request=asked(request, "take back"))
    if press.refusal:
        return nothing(told_of(errors_of(press.refusal, zone_of(branch))), status=422)
    return nothing(saved(branch, None, SETTING_TAKEN_BACK))


def editable(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, *EDITORS)
    return branch


def made_id(change: Callable[[], SettingChange | None]) -> int | None:
    """Of the change that is made, or was by the same press before; None where all is as it was."""
    try:
        made = change()
    except AlreadyDone as done:
        return int(done.entry.data["change_id"])
    return made.pk if made else None


def saved(
    branch: Branch, change_id: int | None, text: str | Promise, *, several: Sequence[int] = ()
) -> dict[str, object]:
    """The window closes, and the page behind it is drawn anew. What was not changed cannot be taken back."""
    undo = reverse("setting_taken_back", args=(branch.code, change_id)) if change_id else None
    if several:
        undo = reverse("settings_taken_back", args=(branch.code, "-".join(map(str, several))))
    return {
        "vovremya:close": {"windows": ["settings"]},
        "vovremya:toast": {"text": str(text), "undo": undo},
    }


def _setting_of(branch: Branch, setting: str, subject: str) -> SettingOf:
    """`NotFound` for anything that no such setting is about, and for what has another window than this."""
    known = next((each for each in _FORMS if each == setting), None)
    if known is None:
        raise NotFound
    if known in _OF_BRANCH and subject == BRANCH:
        return SettingOf(branch.pk, known)
    if known in _ADDED and subject == NEW:
        return SettingOf(branch.pk, known)
    if known is Setting.EXCEPTION and (on := read_day(subject)):
        return SettingOf(branch.pk, known, on=on)
    if known not in _OF_BRANCH and known is not Setting.EXCEPTION and (subject_id := whole_number(subject)):
        return SettingOf(branch.pk, known, subject_id)
    raise NotFound


# --- drawing -------------------------------------------------------------------------------------------------------


def _draw(
    request: HttpRequest,
    desk: Desk,
    branch: Branch,
    of: SettingOf,
    typed: Mapping[str, Any],
    seen: str,
    refusal: Refusal | None = None,
) -> HttpResponse:
    names = names_of(branch)
    errors, confirming = confirming_of(refusal, branch, of, names)
    is_new = of.setting in _ADDED and of.on is None and of.subject_id is None
    context = {
        "branch": branch,
        "zone": branch.zone,
        "title": WINDOW_TITLES.get(of.setting) or (NEW_TITLES[of.setting] if is_new else title_of(of, names)),
        "form": f"office/{_FORMS[of.setting]}.html",
        "setting": of.setting,
        "is_new": is_new,
        "address": request.path,
        "typed": typed,
        "seen": seen,
        "days": days_shown(typed, errors),
        "has_lunch": of.setting is Setting.WEEK_HOURS,
        "groups": names.groups.items(),
        "advisors": advisors_of(branch),
        "role_names": ROLES.items(),
        "minutes": [
            (name, *words, typed.get(name, ""), errors.fields.get(name, "")) for name, words in MINUTES.items()
        ],
        "voicemail": VOICEMAIL,
        "reason_groups": [(group, words, REASON_GROUNDS[group]) for group, words in REASON_GROUPS.items()],
        "zones": zones_at(desk.now) if of.setting is Setting.ZONE else (),
        "errors": errors,
        "confirming": confirming,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return answer(request, "office/setting.html", context, status=422 if refusal else 200)


def _draw_taking_back(
    request: HttpRequest, desk: Desk, branch: Branch, change: SettingChange, refusal: Refusal | None = None
) -> HttpResponse:
    names = names_of(branch)
    errors, confirming = confirming_of(refusal, branch, setting_of(change, branch.pk), names)
    context = {
        "branch": branch,
        "zone": branch.zone,
        "shown": shown_change(change, branch, names, desk.actor),
        "address": request.path,
        "errors": errors,
        "confirming": confirming,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return answer(request, "office/setting_back.html", context, status=422 if refusal else 200)


def confirming_of(
    refusal: Refusal | None, branch: Branch, of: SettingOf, names: Names
) -> tuple[Errors, Confirming | None]:
    """What is said of the refusal, and what there is to confirm."""
    if refusal is None:
        return Errors(), None
    zone = ZoneInfo(branch.zone)
    if isinstance(refusal, WouldStrand):
        return Errors(), confirming(refusal)
    if isinstance(refusal, ChangedMeanwhile):
        change = refusal.facts["change"]
        assert isinstance(change, SettingChange | None)
        refusal.facts["change"] = _who_and_when(change, zone)
        refusal.facts["value"] = value_words(of.setting, refusal.facts["value"], names)
    return errors_of(refusal, zone), None


def told_refusal(refusal: Refusal | None, branch: Branch, of: SettingOf) -> Errors:
    """What is said of it where nothing is to be confirmed."""
    errors, _ = confirming_of(refusal, branch, of, names_of(branch)) if refusal else (Errors(), None)
    return errors


def zone_of(branch: Branch) -> ZoneInfo:
    return ZoneInfo(branch.zone)


def _who_and_when(change: SettingChange | None, zone: ZoneInfo) -> str:
    return (
        f"{change.user or gettext('программа')}, {change.at.astimezone(zone):%H:%M}" if change else gettext("программа")
    )


_FORMS: Mapping[Setting, str] = {
    Setting.WEEK_HOURS: "setting_week",
    Setting.BAY_HOURS: "setting_week",
    Setting.SHIFTS: "setting_week",
    Setting.EXCEPTION: "setting_exception",
    Setting.BAY: "setting_bay",
    Setting.GROUP: "setting_group",
    Setting.ADVISOR: "setting_advisor",
    Setting.PAUSE: "setting_pause",
    Setting.REMINDERS: "setting_reminders",
    Setting.WORK_GROUPS: "setting_work_groups",
    Setting.SECOND_STEP: "setting_second_step",
    Setting.CLOSURES: "setting_closures",
    Setting.POLICY: "setting_policy",
    Setting.BRANCH: "setting_branch",
    Setting.ZONE: "setting_zone",
    Setting.WORK: "setting_work",
    Setting.LATE_REASON: "setting_late_reason",
    Setting.REMOVAL_REASON: "setting_removal_reason",
}


def days_shown(typed: Mapping[str, Any], errors: Errors) -> list[dict[str, Any]]:
    """The rows of a week."""
    return [
        {
            "number": number,
            "name": name,
            "is_open": typed.get(f"open_{number}") == "yes",
            **{part: typed.get(f"{part}_{number}", "") for part in ("from", "to", "lunch_from", "lunch_to")},
            "error": errors.fields.get(f"day_{number}", ""),
        }
        for number, name in enumerate(WEEKDAYS_WHOLE)
    ]
