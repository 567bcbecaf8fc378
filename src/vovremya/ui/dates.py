"""Dates and figures as they are written in the language of who reads them. A clock has 24 hours in every one."""

from datetime import date, datetime

from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.translation import gettext


def day_and_month(on: date) -> str:
    """«24.11»"""
    return formatted(on, gettext("d.m"))


def whole_date(on: date) -> str:
    """«24.11.2026»"""
    return formatted(on, gettext("d.m.Y"))


def day_and_time(at: datetime) -> str:
    """«24.11 10:28», by the clock that the instant is given in."""
    return formatted(at, gettext("d.m H:i"))


def date_and_time(at: datetime) -> str:
    """«24.11.2026 10:28»"""
    return formatted(at, gettext("d.m.Y H:i"))


def decimal(figures: str) -> str:
    """What Python writes as `1.5`: «1,5»."""
    return figures.replace(".", get_format("DECIMAL_SEPARATOR"))
