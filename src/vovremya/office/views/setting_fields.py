"""The forms of the settings: a value as it is typed, and read when it is saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from vovremya.board.rules import FIRST_DAY, LAST_DAY
from vovremya.board.views.answering import read_day, whole_number
from vovremya.board.views.free_times import read_time
from vovremya.directory.rules import Role
from vovremya.kernel.refusal import BadInput
from vovremya.office.setting_words import clock_words, hours_of_minutes
from vovremya.schedule.rules.hours import MINUTES_OF_DAY, hours_by_clock, minute_of
from vovremya.visits.rules.policy import LIMITS
from vovremya.visits.rules.settings import Setting, SettingOf, Value, value_of_hours

_LONGEST_TEXT = 200
_MOST_HOURS = 1_000


def typed_as(setting: Setting, value: Value, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
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
    if setting is Setting.SECOND_STEP:
        return {"roles": value}
    if setting in (Setting.ZONE, Setting.ZONE_OF_INSTANTS):
        return {"zone": value, "keeps": "wall"}
    if setting is Setting.CLOSURES:
        return {"closures": _closures_typed(value, zone, now)}
    if setting is Setting.WORK:
        norm = hours_of_minutes(value["norm_minutes"]) if value else ""
        return {"is_active": True, **(value or {}), "norm": norm}
    return dict(value or _NEW[setting])


#: As the form of something new begins.
_NEW: Mapping[Setting, dict[str, Any]] = {
    Setting.BAY: {"is_active": True, "coefficient": 1.0},
    Setting.GROUP: {},
    Setting.ADVISOR: {"is_active": True},
    Setting.LATE_REASON: {"is_active": True},
    Setting.REMOVAL_REASON: {"is_active": True, "is_for_operator": True},
}
#: What of each is a box that is ticked or not.
_TICKED: Mapping[Setting, Sequence[str]] = {
    Setting.BAY: ("is_active",),
    Setting.ADVISOR: ("is_active",),
    Setting.WORK: ("is_active",),
    Setting.BRANCH: ("is_active",),
    Setting.LATE_REASON: ("is_active",),
    Setting.REMOVAL_REASON: ("is_active", "counts_as_no_show", "needs_comment", "is_for_operator"),
    Setting.POLICY: ("voicemail_counts",),
}


def _closures_typed(value: Value, zone: ZoneInfo, now: datetime) -> list[dict[str, str]]:
    """Those that are not over, and room for one more."""
    rows = []
    for each in value:
        begins, ends = (datetime.fromisoformat(each[name]).astimezone(zone) for name in ("from", "until"))
        if ends > now:
            rows.append({"from": f"{begins:%Y-%m-%dT%H:%M}", "until": f"{ends:%Y-%m-%dT%H:%M}", "note": each["note"]})
    return [*rows, {"from": "", "until": "", "note": ""}]


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


def typed_again(setting: Setting, typed: QueryDict) -> dict[str, Any]:
    if setting is Setting.WORK_GROUPS:
        return {"groups": [whole_number(text) for text in typed.getlist("groups")]}
    if setting is Setting.SECOND_STEP:
        return {"roles": typed.getlist("roles")}
    if setting is Setting.CLOSURES:
        rows = zip(*(typed.getlist(name) for name in _OF_CLOSURE), strict=False)
        return {"closures": [dict(zip(_OF_CLOSURE, row, strict=True)) for row in rows]}
    again: dict[str, Any] = {name: typed.get(name, "") for name in typed}
    for name in _TICKED.get(setting, ()):
        again[name] = typed.get(name) == "yes"
    for name in ("group_id", "advisor_id"):
        again[name] = whole_number(typed.get(name))
    return again


# --- reading what was typed ----------------------------------------------------------------------------------------


def read(typed: QueryDict, of: SettingOf, zone: ZoneInfo) -> tuple[SettingOf, Value]:
    """The setting, whose date may be typed, and the value. Raises `BadInput` at what cannot be read."""
    match of.setting:
        case Setting.EXCEPTION:
            return _read_exception(typed, of)
        case Setting.ZONE | Setting.ZONE_OF_INSTANTS:
            keeps_instants = typed.get("keeps") == "instants"
            setting = Setting.ZONE_OF_INSTANTS if keeps_instants else Setting.ZONE
            return replace(of, setting=setting), typed.get("zone", "").strip()
        case Setting.CLOSURES:
            return of, _read_closures(typed, zone)
    return of, _READERS[of.setting](typed)


def read_week(typed: QueryDict) -> Value:
    return [read_hours(typed, f"_{number}", field=f"day_{number}") for number in range(7)]


def _read_own_week(typed: QueryDict) -> Value:
    """No day at all: as the branch."""
    week = read_week(typed)
    return week if any(week) else None


def read_hours(typed: Mapping[str, str], number: str = "", field: str = "hours") -> Value:
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
    return of, {"hours": read_hours(typed), "title": typed.get("title", "").strip()[:_LONGEST_TEXT]}


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
    if typed.get("remove") == "yes":
        return None
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


_OF_CLOSURE = ("from", "until", "note")


def _read_closures(typed: QueryDict, zone: ZoneInfo) -> Value:
    """A row that is left empty, or emptied, is none."""
    closures = []
    for begins, ends, note in zip(*(typed.getlist(name) for name in _OF_CLOSURE), strict=False):
        if not (begins or ends):
            continue
        try:
            since, until = (
                datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) for text in (begins, ends)
            )
        except (ValueError, OverflowError) as error:  # before the year 1, or after 9999
            raise BadInput({"closures": "closure_unreadable"}) from error
        if not all(FIRST_DAY < each.date() < LAST_DAY for each in (since, until)):
            raise BadInput({"closures": "closure_unreadable"})
        closures.append({"from": since.isoformat(), "until": until.isoformat(), "note": note.strip()[:_LONGEST_TEXT]})
    return sorted(closures, key=lambda each: each["from"])


def _read_work(typed: QueryDict) -> Value:
    return {
        "name": _text(typed, "name", _LONGEST_TEXT),
        "norm_minutes": _norm_minutes(typed.get("norm", "")),
        "code": _text(typed, "code", 40),
        "is_active": typed.get("is_active") == "yes",
    }


def _norm_minutes(text: str) -> int:
    try:
        hours = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise BadInput({"norm": "norm_unfit"}) from error
    if not (hours.is_finite() and 0 <= hours <= _MOST_HOURS):
        raise BadInput({"norm": "norm_unfit"})
    return round(hours * 60)


def _read_late_reason(typed: QueryDict) -> Value:
    return {"name": _text(typed, "name", 100), "is_active": typed.get("is_active") == "yes"}


def _read_removal_reason(typed: QueryDict) -> Value:
    ask_again = typed.get("ask_again_in_days", "").strip()
    if ask_again and whole_number(ask_again) is None:
        raise BadInput({"ask_again": "number_unreadable"})
    return {
        "name": _text(typed, "name", 100),
        "group": typed.get("group", ""),
        "ask_again_in_days": whole_number(ask_again),
        **{name: typed.get(name) == "yes" for name in _TICKED[Setting.REMOVAL_REASON]},
    }


def _read_policy(typed: QueryDict) -> Value:
    minutes = {name: whole_number(typed.get(name, "").strip()) for name in LIMITS}
    if unreadable := [name for name, number in minutes.items() if number is None]:
        raise BadInput(dict.fromkeys(unreadable, "number_unreadable"))
    return {**minutes, "voicemail_counts": typed.get("voicemail_counts") == "yes"}


def _read_branch(typed: QueryDict) -> Value:
    return {
        "name": _text(typed, "name", _LONGEST_TEXT),
        "address": _text(typed, "address", 300),
        "is_active": typed.get("is_active") == "yes",
    }


def _read_work_groups(typed: QueryDict) -> Value:
    return sorted({number for text in typed.getlist("groups") if (number := whole_number(text))})


def _text(typed: QueryDict, name: str, longest: int) -> str:
    return typed.get(name, "").strip()[:longest]


def _read_second_step(typed: QueryDict) -> Value:
    return sorted(role for role in Role if role in typed.getlist("roles"))


_READERS: Mapping[Setting, Callable[[QueryDict], Value]] = {
    Setting.WEEK_HOURS: read_week,
    Setting.SECOND_STEP: _read_second_step,
    Setting.BAY_HOURS: _read_own_week,
    Setting.SHIFTS: _read_own_week,
    Setting.BAY: _read_bay,
    Setting.GROUP: _read_group,
    Setting.ADVISOR: _read_advisor,
    Setting.PAUSE: _read_pause,
    Setting.REMINDERS: _read_reminders,
    Setting.WORK_GROUPS: _read_work_groups,
    Setting.WORK: _read_work,
    Setting.LATE_REASON: _read_late_reason,
    Setting.REMOVAL_REASON: _read_removal_reason,
    Setting.POLICY: _read_policy,
    Setting.BRANCH: _read_branch,
}
