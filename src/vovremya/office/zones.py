"""Time zones by the words that people choose them by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: The zones of Russia from west to east, each by its largest city.
CITIES: Mapping[str, str | Promise] = {
    "Europe/Kaliningrad": _("Калининград"),
    "Europe/Moscow": _("Москва"),
    "Europe/Simferopol": _("Симферополь"),
    "Europe/Volgograd": _("Волгоград"),
    "Europe/Kirov": _("Киров"),
    "Europe/Astrakhan": _("Астрахань"),
    "Europe/Samara": _("Самара"),
    "Europe/Saratov": _("Саратов"),
    "Europe/Ulyanovsk": _("Ульяновск"),
    "Asia/Yekaterinburg": _("Екатеринбург"),
    "Asia/Omsk": _("Омск"),
    "Asia/Barnaul": _("Барнаул"),
    "Asia/Novokuznetsk": _("Новокузнецк"),
    "Asia/Novosibirsk": _("Новосибирск"),
    "Asia/Tomsk": _("Томск"),
    "Asia/Krasnoyarsk": _("Красноярск"),
    "Asia/Irkutsk": _("Иркутск"),
    "Asia/Chita": _("Чита"),
    "Asia/Yakutsk": _("Якутск"),
    "Asia/Vladivostok": _("Владивосток"),
    "Asia/Sakhalin": _("Южно-Сахалинск"),
    "Asia/Magadan": _("Магадан"),
    "Asia/Srednekolymsk": _("Среднеколымск"),
    "Asia/Kamchatka": _("Петропавловск-Камчатский"),
    "Asia/Anadyr": _("Анадырь"),
}


@dataclass(frozen=True)
class Zone:
    name: str  # IANA
    words: str


def zones_of_russia(at: datetime) -> Sequence[Zone]:
    """With the distance from UTC at that instant: «Москва (UTC+3)»."""
    return [Zone(name, f"{city} ({distance_words(name, at)})") for name, city in CITIES.items()]


@cache
def other_zones() -> Sequence[str]:
    """Those with a place in their name; the others are aliases, or of no place."""
    return sorted(name for name in available_timezones() - CITIES.keys() if "/" in name and not name.startswith("Etc/"))


def distance_words(zone: str, at: datetime) -> str:
    """«UTC+3», «UTC+5:30»"""
    distance = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert distance is not None
    hours, minutes = divmod(abs(round(distance.total_seconds() / 60)), 60)
    sign = "−" if distance.days < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")
