"""The settings of a branch in plain words: what each is, and what its value says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.translation import gettext

from vovremya.board.texts import RETIRED, WEEKDAYS, day_words
from vovremya.office.texts import SETTING_TITLES
from vovremya.schedule.rules.hours import MINUTES_OF_DAY
from vovremya.ui.dates import decimal
from vovremya.visits.rules.settings import Setting, SettingOf, Value


@dataclass(frozen=True)
class Names:
    """Of what settings are about, by id."""

    bays: Mapping[int, str]
    groups: Mapping[int, str]
    advisors: Mapping[int, str]
    works: Mapping[int, str]


def title_of(of: SettingOf, names: Names, value: Value = None) -> str:
    """«Часы поста: Пост 1»."""
    known: Mapping[Setting, Mapping[int, str]] = {
        Setting.BAY: names.bays,
        Setting.BAY_HOURS: names.bays,
        Setting.GROUP: names.groups,
        Setting.ADVISOR: names.advisors,
        Setting.SHIFTS: names.advisors,
        Setting.WORK_GROUPS: names.works,
        Setting.NORM: names.works,
    }
    named = value.get("name", "") if isinstance(value, dict) else ""
    subject = date_words(of.on) if of.on else named or known.get(of.setting, {}).get(of.subject_id or 0, "")
    return f"{SETTING_TITLES[of.setting]}: {subject}" if subject else str(SETTING_TITLES[of.setting])


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
        case Setting.NORM:
            return gettext("{hours} н/ч").format(hours=hours_of_minutes(value))
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
