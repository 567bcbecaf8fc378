"""Long lists that only grow, page by page from the newest: each page begins where the one before ended, so that the
thousandth costs what the first does."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Model, Q, QuerySet

from vovremya.kernel.clock import from_milliseconds, to_milliseconds

ON_A_PAGE = 50
_LAST_MILLISECOND, _LAST_ID = 10**14, 2**63 - 1

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Place:
    """Between two rows of such a list."""

    at: datetime
    row_id: int

    def __str__(self) -> str:
        return f"{to_milliseconds(self.at)}.{self.row_id}"


def read_place(text: str) -> Place | None:
    """None for whatever names no place: the list begins at its beginning."""
    instant, _, row_id = text.partition(".")
    if not (instant.isascii() and instant.isdigit() and row_id.isascii() and row_id.isdigit()):
        return None
    if len(text) > 40 or int(instant) > _LAST_MILLISECOND or int(row_id) > _LAST_ID:
        return None
    return Place(from_milliseconds(int(instant)), int(row_id))


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: Place | None


def page_of(rows: QuerySet[Row], before: Place | None) -> Page[Row]:
    """`rows` have `at`."""
    if before is not None:
        # The first half is what an index finds; of one instant the ids go on.
        rows = rows.filter(at__lte=before.at).filter(Q(at__lt=before.at) | Q(pk__lt=before.row_id))
    found = list(rows.order_by("-at", "-pk")[: ON_A_PAGE + 1])
    shown = found[:ON_A_PAGE]
    last = Place(shown[-1].at, shown[-1].pk) if len(found) > ON_A_PAGE else None  # type: ignore[attr-defined]
    return Page(shown, last)


def of_day(on: date, zone: str) -> Q:
    """Whatever happened that day by the clock of the branch."""
    begins, ends = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (on, on + timedelta(days=1)))
    return Q(at__gte=begins, at__lt=ends)
