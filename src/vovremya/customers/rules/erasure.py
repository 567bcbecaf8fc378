"""Erasing a person: on what grounds, what is looked for, how long things are kept. Pure."""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from vovremya.customers.rules.names import fold_name
from vovremya.kernel import phones, plates, vin


class Ground(StrEnum):
    REQUEST = "request"  # the person asked for it
    WITHDRAWN = "withdrawn"  # consent was withdrawn, and there is no other basis
    EXPIRED = "expired"  # the time of keeping is over
    UNLAWFUL = "unlawful"  # should not have been taken down at all


#: Acts and the record of erasures, by which an older copy is erased anew.
ACTS_KEPT_FOR = timedelta(days=3 * 366)
#: Rewriting the files holds up writers for seconds: between these hours of the first branch, unless it is asked for.
QUIET_FROM_HOUR, QUIET_UNTIL_HOUR = 2, 5

_DIGITS = re.compile(r"\D")
_SHORTEST_PART = 6


@dataclass(frozen=True)
class Obstacle:
    """What has to be ended before a person can be erased."""

    code: str
    count: int


@dataclass(frozen=True)
class Traces:
    """By what a person is found in texts that nothing else connects with them."""

    names: frozenset[str] = frozenset()  # folded
    number_keys: frozenset[str] = frozenset()  # last ten digits
    plate_keys: frozenset[str] = frozenset()
    vins: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        names: Iterable[str],
        numbers: Iterable[str],
        plate_texts: Iterable[str],
        vins: Iterable[str],
        emails: Iterable[str],
    ) -> "Traces":
        return cls(
            names=frozenset(filter(None, map(fold_name, names))),
            number_keys=frozenset(filter(None, map(phones.search_key, numbers))),
            plate_keys=frozenset(filter(None, map(plates.search_key, plate_texts))),
            vins=frozenset(filter(None, map(vin.normalise, vins))),
            emails=frozenset(filter(None, map(str.casefold, emails))),
        )

    def are_in(self, texts: Collection[str]) -> bool:
        """Whether any of them stands in one of the cells of a row; a name counts where a cell says nothing else."""
        return any(self._are_in_cell(text) for text in texts)

    def _are_in_cell(self, text: str) -> bool:
        digits, key, latin = _DIGITS.sub("", text), plates.search_key(text), vin.normalise(text)
        return (
            any(_holds(digits, number) for number in self.number_keys)
            or any(_holds(key, plate) for plate in self.plate_keys)
            or any(_holds(latin, each) for each in self.vins)
            or any(_holds(text.casefold(), email) for email in self.emails)
            or fold_name(text) in self.names
        )


def _holds(text: str, trace: str) -> bool:
    """A short trace would stand in many texts by chance."""
    return trace in text if len(trace) >= _SHORTEST_PART else trace == text


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def is_quiet(local: datetime) -> bool:
    return QUIET_FROM_HOUR <= local.hour < QUIET_UNTIL_HOUR
