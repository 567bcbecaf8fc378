"""The settings of a branch in plain words: what each is, and what its value says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from vovremya.board.texts import RETIRED, WEEKDAYS, day_words
from vovremya.office.texts.settings import SETTING_TITLES
from vovremya.schedule.rules.hours import MINUTES_OF_DAY
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
    return f"{SETTING_TITLES[of.setting]}: {subject}" if subject else SETTING_TITLES[of.setting]


def value_words(setting: Setting, value: Value, names: Names) -> str:
    match setting:
        case Setting.WEEK_HOURS:
            return week_words(value)
        case Setting.BAY_HOURS:
            return "как филиал" if value is None else week_words(value)
        case Setting.SHIFTS:
            return "всегда, когда филиал открыт" if value is None else week_words(value)
        case Setting.EXCEPTION:
            return exception_words(value)
        case Setting.PAUSE:
            return f"{value} мин" if value else "нет"
        case Setting.REMINDERS:
            return _reminders_words(value)
        case Setting.WORK_GROUPS:
            return ", ".join(names.groups.get(group_id, "?") for group_id in value) or "все посты"
        case Setting.NORM:
            return f"{hours_of_minutes(value)} н/ч"
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
        return "закрыто"
    opens, closes, *lunch = hours
    if closes - opens == MINUTES_OF_DAY:
        words = "круглосуточно" if opens == 0 else f"сутки с {clock_words(opens)}"
    else:
        words = f"{clock_words(opens)}–{clock_words(closes)}"
    return f"{words}, обед {clock_words(lunch[0])}–{clock_words(lunch[1])}" if lunch else words


def exception_words(value: Value) -> str:
    if value is None:
        return "как обычно"
    return f"{hours_words(value['hours'])}, {value['title']}" if value["title"] else hours_words(value["hours"])


def clock_words(minute: int) -> str:
    """Midnight at the end of a day is 24:00."""
    within_day = minute if minute == MINUTES_OF_DAY else minute % MINUTES_OF_DAY
    return f"{within_day // 60:02}:{within_day % 60:02}"


def hours_of_minutes(minutes: int) -> str:
    """90 is «1,5»."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def date_words(on: date) -> str:
    return f"{day_words(on)} {on.year}"


def _days_words(numbers: Sequence[int]) -> str:
    if len(numbers) == len(WEEKDAYS):
        return "ежедневно"
    if len(numbers) > 2:
        return f"{WEEKDAYS[numbers[0]]}–{WEEKDAYS[numbers[-1]]}"
    return ", ".join(WEEKDAYS[number] for number in numbers)


def _reminders_words(value: Value) -> str:
    """«накануне в 12:00 и за 120 мин до визита, звонки 09:00–20:00»."""
    at, before = value["day_before_minute"], value["before_minutes"]
    times = [*([f"накануне в {clock_words(at)}"] if at is not None else []), *([f"за {before} мин"] if before else [])]
    if not times:
        return "нет"
    calls = f"{clock_words(value['calls_from_minute'])}–{clock_words(value['calls_until_minute'])}"
    return f"{' и '.join(times)}, звонки {calls}"


def _bay_words(value: Value, names: Names) -> str:
    if value is None:
        return "не было"
    parts = [
        value["name"],
        names.groups.get(value["group_id"], ""),
        value["mechanic"],
        "" if value["coefficient"] == 1 else f"коэффициент {value['coefficient']:g}".replace(".", ","),
        "" if value["is_active"] else RETIRED,
    ]
    return ", ".join(filter(None, parts))


def _group_words(value: Value, names: Names) -> str:
    if value is None:
        return "не было"
    advisor = names.advisors.get(value["advisor_id"], "")
    return f"{value['name']}, мастер-приёмщик {advisor}" if advisor else value["name"]


def _advisor_words(value: Value) -> str:
    if value is None:
        return "не было"
    arrivals = value["arrivals_per_quarter_hour"]
    parts = [
        value["name"],
        value["full_name"],
        f"приёмок за 15 минут: {arrivals}" if arrivals else "",
        "" if value["is_active"] else "не принимает",
    ]
    return ", ".join(filter(None, parts))
