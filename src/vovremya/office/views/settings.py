"""«Настройки филиала»: hours, special days, bays, advisors; what a change would strand; the history, and back."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

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
    require,
    told_of,
    whole_number,
)
from vovremya.board.views.free_times import read_time
from vovremya.board.views.pages import branch_seen, frame
from vovremya.directory.models import Branch, SettingChange
from vovremya.directory.queries import advisors_of
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.office.queries.settings import (
    Outside,
    branch_settings,
    changes_of,
    names_of,
    outside,
    outside_now,
    shown_change,
)
from vovremya.office.setting_words import clock_words, hours_of_minutes, title_of
from vovremya.office.texts import NEW_TITLES, SETTING_SAVED, SETTING_TAKEN_BACK
from vovremya.office.views.framing import office_frame
from vovremya.schedule.rules.hours import MINUTES_OF_DAY, hours_by_clock, minute_of
from vovremya.visits.actions.branch_settings import (
    EDITORS,
    change_setting,
    rights_to_change,
    setting_of,
    take_back_change,
    value_of,
)
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.refusals import WouldStrand
from vovremya.visits.rules.settings import Setting, SettingOf, Value, value_of_hours

#: The address of something that is still to be added, and of what the branch has one of.
NEW, BRANCH = "new", "branch"

_OF_BRANCH = frozenset({Setting.WEEK_HOURS, Setting.PAUSE, Setting.REMINDERS})
_ADDED = frozenset({Setting.BAY, Setting.GROUP, Setting.ADVISOR, Setting.EXCEPTION})
_LONGEST_TEXT = 200
_MOST_HOURS = 1_000


@require_safe
@at_desk
def settings_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _editable(desk, code)
    context = {
        **office_frame(desk, branch, "settings"),
        "settings": branch_settings(branch, desk.now),
        "may_set_norms": desk.actor.may(Right.EDIT_NETWORK, branch.pk),
    }
    return render(request, "office/settings.html", context)


@require_safe
@at_desk
def settings_history(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _editable(desk, code)
    context = {**office_frame(desk, branch, "settings"), "changes": changes_of(branch)}
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
    """One setting: as it is, as it was typed, and with the visits that it would strand."""
    branch = _editable(desk, code)
    of = _setting_of(branch, setting, subject)
    require(desk, branch.pk, *rights_to_change(of.setting))
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("settings", code=branch.code)
        value = None if subject == NEW else value_of(of)
        return _draw(request, desk, branch, of, _typed_as(of.setting, value))
    change_id = None
    with pressing() as press:
        read, value = _read(request.POST, of)
        change_id = _change_id(
            partial(
                change_setting,
                read,
                value,
                actor=desk.actor,
                now=desk.now,
                confirmed=request.POST.get("confirmed", ""),
                request=asked(request, "setting"),
            )
        )
    if press.refusal:
        return _draw(request, desk, branch, of, _typed_again(of.setting, request.POST), press.refusal)
    return nothing(_saved(branch, change_id, SETTING_SAVED))


@at_desk
def setting_taken_back(request: HttpRequest, desk: Desk, code: str, change_id: int) -> HttpResponse:
    """A change of the history is taken back: in its window, or at once by the message about it."""
    branch = _editable(desk, code)
    change = SettingChange.objects.filter(pk=change_id, branch=branch).select_related("user").first()
    if change is None:
        raise NotFound
    require(desk, branch.pk, *rights_to_change(setting_of(change).setting))
    address = reverse("setting_taken_back", args=(branch.code, change_id))
    if request.method != "POST":
        if "HX-Request" not in request.headers:
            return redirect("settings_history", code=branch.code)
        return _draw_taking_back(request, desk, branch, change)
    back_id = None
    with pressing() as press:
        back_id = _change_id(
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
        return nothing(_saved(branch, back_id, SETTING_TAKEN_BACK))
    if "in_window" in request.POST:
        return _draw_taking_back(request, desk, branch, change, press.refusal)
    if isinstance(press.refusal, WouldStrand):
        return nothing({"vovremya:open": {"window": "settings", "url": address}})
    return nothing(told_of(errors_of(press.refusal, ZoneInfo(branch.zone))), status=422)


def _editable(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    require(desk, branch.pk, *EDITORS)
    return branch


def _change_id(change: Callable[[], SettingChange | None]) -> int | None:
    """Of the change that is made, or was by the same press before; None where all is as it was."""
    try:
        made = change()
    except AlreadyDone as done:
        return int(done.entry.data["change_id"])
    return made.pk if made else None


def _saved(branch: Branch, change_id: int | None, text: str | Promise) -> dict[str, object]:
    """The window closes, and the page behind it is drawn anew. What was not changed cannot be taken back."""
    undo = reverse("setting_taken_back", args=(branch.code, change_id)) if change_id else None
    return {
        "vovremya:close": {"windows": ["settings"]},
        "vovremya:toast": {"text": str(text), "undo": undo},
    }


def _setting_of(branch: Branch, setting: str, subject: str) -> SettingOf:
    """`NotFound` for anything that no such setting is about."""
    known = next((each for each in Setting if each == setting), None)
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
    refusal: Refusal | None = None,
) -> HttpResponse:
    errors, stranded = _errors(refusal, branch)
    names = names_of(branch)
    is_new = of.setting in _ADDED and of.on is None and of.subject_id is None
    context = {
        "branch": branch,
        "zone": branch.zone,
        "title": NEW_TITLES[of.setting] if is_new else title_of(of, names),
        "form": f"office/{_FORMS[of.setting]}.html",
        "setting": of.setting,
        "is_new": is_new,
        "address": request.path,
        "typed": typed,
        "days": days_shown(typed, errors),
        "has_lunch": of.setting is Setting.WEEK_HOURS,
        "groups": names.groups.items(),
        "advisors": advisors_of(branch),
        "errors": errors,
        "stranded": stranded,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return answer(request, "office/setting.html", context, status=422 if refusal else 200)


def _draw_taking_back(
    request: HttpRequest, desk: Desk, branch: Branch, change: SettingChange, refusal: Refusal | None = None
) -> HttpResponse:
    errors, stranded = _errors(refusal, branch)
    context = {
        "branch": branch,
        "zone": branch.zone,
        "shown": shown_change(change, names_of(branch)),
        "address": request.path,
        "errors": errors,
        "stranded": stranded,
        "may_move": desk.actor.may(Right.MOVE, branch.pk),
    }
    return answer(request, "office/setting_back.html", context, status=422 if refusal else 200)


def _errors(refusal: Refusal | None, branch: Branch) -> tuple[Errors, Outside | None]:
    if refusal is None:
        return Errors(), None
    if isinstance(refusal, WouldStrand):
        return Errors(), outside(refusal.facts["stranded"])  # type: ignore[arg-type]
    return errors_of(refusal, ZoneInfo(branch.zone)), None


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
    Setting.WORK_GROUPS: "setting_work",
    Setting.NORM: "setting_norm",
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


def _typed_as(setting: Setting, value: Value) -> dict[str, Any]:
    """As the form of the setting shows its value."""
    if setting in (Setting.WEEK_HOURS, Setting.BAY_HOURS, Setting.SHIFTS):
        typed: dict[str, Any] = {}
        for number, hours in enumerate(value or ()):
            typed |= {f"{name}_{number}": text for name, text in _hours_typed(hours).items()}
        return typed
    if setting is Setting.EXCEPTION:
        value = value or {"hours": None, "title": ""}
        return {"title": value["title"], **_hours_typed(value["hours"])}
    if setting is Setting.PAUSE:
        return {"pause": value}
    if setting is Setting.REMINDERS:
        return _reminders_typed(value)
    if setting is Setting.WORK_GROUPS:
        return {"groups": value}
    if setting is Setting.NORM:
        return {"norm": hours_of_minutes(value)}
    return dict(value or {"is_active": True, "coefficient": 1.0})


def _reminders_typed(value: Value) -> dict[str, Any]:
    day_before = value["day_before_minute"]
    return {
        "day_before": "" if day_before is None else clock_words(day_before),
        "before": value["before_minutes"] or "",
        "calls_from": clock_words(value["calls_from_minute"]),
        "calls_until": _last_time(value["calls_until_minute"]),
    }


def _last_time(minute: int) -> str:
    """A field for a time of day knows no 24:00."""
    return clock_words(minute).replace("24:00", "00:00")


def _hours_typed(hours: Value) -> dict[str, str]:
    if hours is None:
        return {}
    names = ("from", "to", "lunch_from", "lunch_to")
    return {"open": "yes", **dict(zip(names, map(_last_time, hours), strict=False))}


def _typed_again(setting: Setting, typed: QueryDict) -> dict[str, Any]:
    if setting is Setting.WORK_GROUPS:
        return {"groups": [whole_number(text) for text in typed.getlist("groups")]}
    again: dict[str, Any] = {name: typed.get(name, "") for name in typed}
    if setting in (Setting.BAY, Setting.ADVISOR):
        again["is_active"] = typed.get("is_active") == "yes"
    for name in ("group_id", "advisor_id"):
        again[name] = whole_number(typed.get(name))
    return again


# --- reading what was typed ----------------------------------------------------------------------------------------


def _read(typed: QueryDict, of: SettingOf) -> tuple[SettingOf, Value]:
    """The setting, whose date may be typed, and the value. Raises `BadInput` at what cannot be read."""
    if of.setting is Setting.EXCEPTION:
        return _read_exception(typed, of)
    return of, _READERS[of.setting](typed)


def read_week(typed: QueryDict) -> Value:
    return [_read_hours(typed, f"_{number}", field=f"day_{number}") for number in range(7)]


def _read_own_week(typed: QueryDict) -> Value:
    """No day at all: as the branch."""
    week = read_week(typed)
    return week if any(week) else None


def _read_hours(typed: QueryDict, number: str = "", field: str = "hours") -> Value:
    if typed.get(f"open{number}") != "yes":
        return None
    opens, closes, lunch_from, lunch_to = (
        read_time(typed.get(f"{name}{number}", "")) for name in ("from", "to", "lunch_from", "lunch_to")
    )
    if opens is None or closes is None or (lunch_from is None) is not (lunch_to is None):
        raise BadInput({field: "hours_needed"})
    try:
        return value_of_hours(
            hours_by_clock(opens, closes, (lunch_from, lunch_to) if lunch_from and lunch_to else None)
        )
    except ValueError as error:
        raise BadInput({field: "lunch_outside"}) from error


def _read_exception(typed: QueryDict, of: SettingOf) -> tuple[SettingOf, Value]:
    on = of.on or read_day(typed.get("on"))
    if on is None:
        raise BadInput({"on": "day_needed"})
    of = SettingOf(of.branch_id, of.setting, on=on)
    if typed.get("remove") == "yes":
        return of, None
    return of, {"hours": _read_hours(typed), "title": typed.get("title", "").strip()[:_LONGEST_TEXT]}


def _read_bay(typed: QueryDict) -> Value:
    coefficient = typed.get("coefficient", "").strip().replace(",", ".")
    try:
        number = float(coefficient or 1)
    except ValueError as error:
        raise BadInput({"coefficient": "coefficient_unfit"}) from error
    return {
        "name": _text(typed, "name", 100),
        "group_id": whole_number(typed.get("group_id")) or 0,
        "mechanic": _text(typed, "mechanic", 100),
        "coefficient": number,
        "is_active": typed.get("is_active") == "yes",
    }


def _read_group(typed: QueryDict) -> Value:
    return {"name": _text(typed, "name", 100), "advisor_id": whole_number(typed.get("advisor_id"))}


def _read_advisor(typed: QueryDict) -> Value:
    arrivals = typed.get("arrivals_per_quarter_hour", "").strip()
    if arrivals and whole_number(arrivals) is None:
        raise BadInput({"arrivals": "arrivals_unfit"})
    return {
        "name": _text(typed, "name", 100),
        "full_name": _text(typed, "full_name", _LONGEST_TEXT),
        "arrivals_per_quarter_hour": whole_number(arrivals),
        "is_active": typed.get("is_active") == "yes",
    }


def _read_pause(typed: QueryDict) -> Value:
    minutes = whole_number(typed.get("pause"))
    if minutes is None:
        raise BadInput({"pause": "number_unreadable"})
    return minutes


def _read_reminders(typed: QueryDict) -> Value:
    day_before, before = typed.get("day_before", "").strip(), typed.get("before", "").strip()
    if before and whole_number(before) is None:
        raise BadInput({"before": "number_unreadable"})
    return {
        "day_before_minute": _minute(day_before, "day_before") if day_before else None,
        "before_minutes": whole_number(before),
        "calls_from_minute": _minute(typed.get("calls_from", ""), "calls"),
        "calls_until_minute": _minute(typed.get("calls_until", ""), "calls") or MINUTES_OF_DAY,
    }


def _minute(text: str, field: str) -> int:
    read = read_time(text)
    if read is None:
        raise BadInput({field: "hours_needed"})
    return minute_of(read)


def _read_norm(typed: QueryDict) -> Value:
    try:
        hours = Decimal(typed.get("norm", "").strip().replace(",", "."))
    except InvalidOperation as error:
        raise BadInput({"norm": "norm_unfit"}) from error
    if not (hours.is_finite() and 0 <= hours <= _MOST_HOURS):
        raise BadInput({"norm": "norm_unfit"})
    return round(hours * 60)


def _read_work_groups(typed: QueryDict) -> Value:
    return sorted({number for text in typed.getlist("groups") if (number := whole_number(text))})


def _text(typed: QueryDict, name: str, longest: int) -> str:
    return typed.get(name, "").strip()[:longest]


_READERS: Mapping[Setting, Callable[[QueryDict], Value]] = {
    Setting.WEEK_HOURS: read_week,
    Setting.BAY_HOURS: _read_own_week,
    Setting.SHIFTS: _read_own_week,
    Setting.BAY: _read_bay,
    Setting.GROUP: _read_group,
    Setting.ADVISOR: _read_advisor,
    Setting.PAUSE: _read_pause,
    Setting.REMINDERS: _read_reminders,
    Setting.WORK_GROUPS: _read_work_groups,
    Setting.NORM: _read_norm,
}
