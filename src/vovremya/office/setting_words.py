"""The settings of a branch in plain words: what each is, and what its value says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from vovremya.board.texts import RETIRED, WEEKDAYS, day_words
from vovremya.directory.models import RemovalReason
from vovremya.directory.rules import Role
from vovremya.directory.texts import ROLES
from vovremya.office.texts.directories import MINUTES, MOMENTS, REASON_GROUPS, VOICEMAIL
from vovremya.office.texts.settings import SETTING_TITLES
from vovremya.schedule.rules.hours import MINUTES_OF_DAY
from vovremya.ui.dates import date_and_time, decimal
from vovremya.visits.rules.settings import Setting, SettingOf, Value


@dataclass(frozen=True)
class Names:
    """Of what settings are about, by id."""

    bays: Mapping[int, str]
    groups: Mapping[int, str]
    advisors: Mapping[int, str]
    works: Mapping[int, str]
    late_reasons: Mapping[int, str] = field(default_factory=dict)
    removal_reasons: Mapping[int, str] = field(default_factory=dict)
    branches: Mapping[int, str] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))  # in which instants are told


#: So many names stand in one line at most.
_NAMED = 6


def title_of(of: SettingOf, names: Names, value: Value = None) -> str:
    """«Часы поста: Пост 1»."""
    known: Mapping[Setting, Mapping[int, str]] = {
        Setting.BAY: names.bays,
        Setting.BAY_HOURS: names.bays,
        Setting.GROUP: names.groups,
        Setting.ADVISOR: names.advisors,
        Setting.SHIFTS: names.advisors,
        Setting.WORK_GROUPS: names.works,
        Setting.CLOSURES: names.bays,
        Setting.WORK: names.works,
        Setting.LATE_REASON: names.late_reasons,
        Setting.REMOVAL_REASON: names.removal_reasons,
    }
    named = value.get("name", "") if isinstance(value, dict) else ""
    subject = date_words(of.on) if of.on else named or known.get(of.setting, {}).get(of.subject_id or 0, "")
    title = str(SETTING_TITLES[of.setting])
    return f"{title}: {subject}" if subject else title


def changed_words(setting: Setting, before: Value, after: Value, names: Names) -> tuple[str, str]:
    """What it was and what it became; of a long list only what is another now."""
    if setting is Setting.SCRIPT:
        return _script_words(before, after), _script_words(after, before)
    if setting in ORDERED:
        moved = _moved(before, after)
        named = ORDERED[setting](names)
        return _places_words(before, moved, named), _places_words(after, moved, named)
    return value_words(setting, before, names), value_words(setting, after, names)


def value_words(setting: Setting, value: Value, names: Names) -> str:
    match setting:
        case Setting.WEEK_HOURS:
            return week_words(value)
        case Setting.BAY_HOURS:
            return gettext("как филиал") if value is None else week_words(value)
        case Setting.SHIFTS:
            return gettext("всегда, когда филиал открыт") if value is None else week_words(value)
        case Setting.EXCEPTION:
            return exception_words(value)
        case Setting.PAUSE:
            return gettext("{minutes} мин").format(minutes=value) if value else gettext("нет")
        case Setting.REMINDERS:
            return _reminders_words(value)
        case Setting.WORK_GROUPS:
            return ", ".join(names.groups.get(group_id, "?") for group_id in value) or gettext("все посты")
        case Setting.SECOND_STEP:
            return ", ".join(str(ROLES[role]) for role in Role if role in value) or gettext("никому не обязателен")
        case Setting.CLOSURES:
            return closures_words(value, names.zone)
        case Setting.POLICY:
            return _policy_words(value)
        case Setting.BRANCH:
            return _joined([value["name"], value["address"], "" if value["is_active"] else str(RETIRED)])
        case Setting.ZONE | Setting.ZONE_OF_INSTANTS:
            return str(value)
        case Setting.WORK:
            return _work_words(value)
        case Setting.LATE_REASON:
            return _none_yet() if value is None else _joined([value["name"], _retired_words(value)])
        case Setting.REMOVAL_REASON:
            return removal_reason_words(value)
        case Setting.SCRIPT:
            return _script_words(value, [])
        case (
            Setting.BAY_ORDER
            | Setting.GROUP_ORDER
            | Setting.WORK_ORDER
            | Setting.LATE_REASON_ORDER
            | Setting.REMOVAL_REASON_ORDER
            | Setting.BRANCH_ORDER
        ):
            return _places_words(value, value[:_NAMED], ORDERED[setting](names))
        case Setting.BAY:
            return _bay_words(value, names)
        case Setting.GROUP:
            return _group_words(value, names)
        case Setting.ADVISOR:
            return _advisor_words(value)


def week_words(week: Sequence[Value]) -> str:
    """«Пн–Пт 09:00–18:00; Сб, Вс закрыто»."""
    runs = [(hours, [number for number, _ in days]) for hours, days in groupby(enumerate(week), key=lambda day: day[1])]
    return "; ".join(f"{_days_words(numbers)} {hours_words(hours)}" for hours, numbers in runs)


def hours_words(hours: Value) -> str:
    if hours is None:
        return gettext("закрыто")
    opens, closes, *lunch = hours
    if closes - opens == MINUTES_OF_DAY:
        words = gettext("круглосуточно") if opens == 0 else gettext("сутки с {time}").format(time=clock_words(opens))
    else:
        words = f"{clock_words(opens)}–{clock_words(closes)}"
    if not lunch:
        return words
    return gettext("{hours}, обед {lunch}").format(
        hours=words, lunch=f"{clock_words(lunch[0])}–{clock_words(lunch[1])}"
    )


def exception_words(value: Value) -> str:
    if value is None:
        return gettext("как обычно")
    return f"{hours_words(value['hours'])}, {value['title']}" if value["title"] else hours_words(value["hours"])


def clock_words(minute: int) -> str:
    """Midnight at the end of a day is 24:00."""
    within_day = minute if minute == MINUTES_OF_DAY else minute % MINUTES_OF_DAY
    return f"{within_day // 60:02}:{within_day % 60:02}"


def hours_of_minutes(minutes: int) -> str:
    """90 is «1,5»."""
    return decimal(f"{minutes / 60:.2f}".rstrip("0").rstrip("."))


def date_words(on: date) -> str:
    return gettext("{day} {year}").format(day=day_words(on), year=on.year)


def _days_words(numbers: Sequence[int]) -> str:
    if len(numbers) == len(WEEKDAYS):
        return gettext("ежедневно")
    if len(numbers) > 2:
        return f"{WEEKDAYS[numbers[0]]}–{WEEKDAYS[numbers[-1]]}"
    return ", ".join(str(WEEKDAYS[number]) for number in numbers)


def _reminders_words(value: Value) -> str:
    """«накануне в 12:00 и за 120 мин до визита, звонки 09:00–20:00»."""
    at, before = value["day_before_minute"], value["before_minutes"]
    if at is None and not before:
        return gettext("нет")
    if at is None:
        said = gettext("за {before} мин, звонки {calls}")
    elif not before:
        said = gettext("накануне в {at}, звонки {calls}")
    else:
        said = gettext("накануне в {at} и за {before} мин, звонки {calls}")
    calls = f"{clock_words(value['calls_from_minute'])}–{clock_words(value['calls_until_minute'])}"
    return said.format(at="" if at is None else clock_words(at), before=before, calls=calls)


def closures_words(value: Value, zone: ZoneInfo) -> str:
    """«22.12 10:00 – 23.12 18:00, ремонт подъёмника»."""
    return "; ".join(_closure_words(each, zone) for each in value) or gettext("работает")


def _closure_words(value: Value, zone: ZoneInfo) -> str:
    begins, ends = (datetime.fromisoformat(value[name]).astimezone(zone) for name in ("from", "until"))
    return _joined([f"{date_and_time(begins)} – {date_and_time(ends)}", value["note"]])


def _policy_words(value: Value) -> str:
    minutes = [f"{name}: {value[each]}" for each, (name, _) in MINUTES.items()]
    counted = gettext("да") if value["voicemail_counts"] else gettext("нет")
    return "; ".join([*minutes, f"{VOICEMAIL[0]}: {counted}"])


def _work_words(value: Value) -> str:
    if value is None:
        return _none_yet()
    norm = gettext("%(hours)s н/ч") % {"hours": hours_of_minutes(value["norm_minutes"])}
    return _joined([value["name"], norm, value["code"], _retired_words(value)])


def removal_reason_words(value: Value) -> str:
    if value is None:
        return _none_yet()
    group = str(REASON_GROUPS[RemovalReason.Group(value["group"])])
    return _joined([value["name"], group, removal_reason_marks(value), _retired_words(value)])


def removal_reason_marks(value: Mapping[str, Value]) -> str:
    """What is particular about the reason."""
    days = value["ask_again_in_days"]
    return _joined(
        [
            gettext("считается неявкой") if value["counts_as_no_show"] else "",
            gettext("спросить снова через %(days)s дн.") % {"days": days} if days else "",
            gettext("нужен комментарий") if value["needs_comment"] else "",
            "" if value["is_for_operator"] else gettext("не для оператора"),
        ]
    )


def _none_yet() -> str:
    return gettext("не было")


def _retired_words(value: Value) -> str:
    return "" if value["is_active"] else gettext("выведено из списка")


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))


# --- long lists ------------------------------------------------------------------------------------------------------

#: The settings that put rows in order, and what these are called.
ORDERED = {
    Setting.BAY_ORDER: lambda names: names.bays,
    Setting.GROUP_ORDER: lambda names: names.groups,
    Setting.WORK_ORDER: lambda names: names.works,
    Setting.LATE_REASON_ORDER: lambda names: names.late_reasons,
    Setting.REMOVAL_REASON_ORDER: lambda names: names.removal_reasons,
    Setting.BRANCH_ORDER: lambda names: names.branches,
}


def _moved(before: Value, after: Value) -> list[int]:
    """The one that alone was moved, or whoever stands elsewhere now."""
    elsewhere = [each for each, other in zip(after, before, strict=False) if each != other]
    for each in elsewhere:
        if [pk for pk in before if pk != each] == [pk for pk in after if pk != each]:
            return [each]
    return elsewhere[:_NAMED]


def _places_words(value: Value, moved: Sequence[int], names: Mapping[int, str]) -> str:
    places = {pk: place for place, pk in enumerate(value, start=1)}
    return "; ".join(
        gettext("%(name)s: место %(place)s") % {"name": names.get(pk, "?"), "place": places[pk]}
        for pk in moved
        if pk in places
    )


def _script_words(value: Value, other: Value) -> str:
    """The steps that are not so in the other."""
    known = {step["id"]: step for step in other}
    steps = [step for step in value if known.get(step["id"]) != step]
    if not steps and [step["id"] for step in value] != [step["id"] for step in other]:
        steps = value
    return "\n".join(f"{moment_words(step['moment'])}: «{step['text']}»" for step in steps) or "—"


def moment_words(moment: str) -> str:
    return str(MOMENTS[moment][0])  # type: ignore[index]


def _bay_words(value: Value, names: Names) -> str:
    if value is None:
        return gettext("не было")
    parts = [
        value["name"],
        names.groups.get(value["group_id"], ""),
        value["mechanic"],
        ""
        if value["coefficient"] == 1
        else gettext("коэффициент {value}").format(value=decimal(f"{value['coefficient']:g}")),
        "" if value["is_active"] else str(RETIRED),
    ]
    return ", ".join(filter(None, parts))


def _group_words(value: Value, names: Names) -> str:
    if value is None:
        return gettext("не было")
    advisor = names.advisors.get(value["advisor_id"], "")
    if not advisor:
        return str(value["name"])
    return gettext("{group}, мастер-приёмщик {name}").format(group=value["name"], name=advisor)


def _advisor_words(value: Value) -> str:
    if value is None:
        return gettext("не было")
    arrivals = value["arrivals_per_quarter_hour"]
    parts = [
        value["name"],
        value["full_name"],
        gettext("приёмок за 15 минут: {count}").format(count=arrivals) if arrivals else "",
        "" if value["is_active"] else gettext("не принимает"),
    ]
    return ", ".join(filter(None, parts))
