"""Lists as tables that are taken along: the same rows as on the screen, and what our own import would read of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vovremya.board.queries.lists import not_arrived_visits, removed_visits
from vovremya.board.queries.waitlist import Row, waitlist
from vovremya.customers.models import Car, Client
from vovremya.directory.models import Branch
from vovremya.exchange.models import ListExport
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.texts import COLUMNS
from vovremya.schedule.queries import Asker
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status
from vovremya.visits.texts import STATUSES

Table = list[Sequence[str]]
Words = str | Promise
List = ListExport.List

MOST_EXPORTED = 5_000

_STATE = _("Состояние")
_REMOVAL = (_("Удалена"), _("Причина удаления"), _("Комментарий к удалению"), _("Кто удалил"))
_WAITING = (_("Ждёт с"), _("Запись"), _("Пожелания"), _("Срочно"))


@dataclass(frozen=True)
class Asked:
    """Which list, narrowed as on the screen, by whom and when."""

    list: List
    branch: Branch
    now: datetime
    asker: Asker
    today: date
    on: date | None = None
    text: str = ""
    show: str = ""
    with_phones: bool = False


def table_of(asked: Asked) -> Table:
    """The heading first. A fixed number of queries."""
    match asked.list:
        case List.DAY:
            return _of_visits(_visits_of_day(asked), asked)
        case List.NOT_ARRIVED:
            return _of_visits(not_arrived_visits(asked.branch, asked.now, MOST_EXPORTED), asked)
        case List.REMOVED:
            return _of_removed(removed_visits(asked.branch, asked.on, asked.text, MOST_EXPORTED), asked)
        case List.WAITLIST:
            return _of_waitlist(asked)
        case _:
            raise ValueError(asked.list)


def _visits_of_day(asked: Asked) -> Sequence[Visit]:
    visits = Visit.objects.filter(branch=asked.branch, on=asked.on or asked.today).exclude(status=Status.REMOVED)
    return list(visits.select_related("client", "car", "bay", "advisor").order_by("starts_at", "pk"))


def _of_visits(visits: Sequence[Visit], asked: Asked) -> Table:
    rows = _rows_of_visits(visits, asked)
    states = [str(STATUSES[Status(visit.status)]) for visit in visits]
    return _with(rows, (_STATE,), [[state] for state in states])


def _of_removed(visits: Sequence[Visit], asked: Asked) -> Table:
    zone = ZoneInfo(asked.branch.zone)
    told = [
        [
            _day_and_time(visit.removed_at, zone) if visit.removed_at else "",
            visit.removal_reason.name if visit.removal_reason else "",
            visit.removal_comment,
            str(visit.removed_by or ""),
        ]
        for visit in visits
    ]
    return _with(_rows_of_visits(visits, asked), _REMOVAL, told)


def _with(table: Table, titles: Sequence[Words], columns: Sequence[Sequence[str]]) -> Table:
    """More columns behind those that an import knows."""
    heading, *rows = table
    return [[*heading, *map(str, titles)], *([*row, *more] for row, more in zip(rows, columns, strict=True))]


def _rows_of_visits(visits: Sequence[Visit], asked: Asked) -> Table:
    """Under the headings of an import."""
    prefetch_related_objects(list(visits), "works", *(["client__phones"] if asked.with_phones else []))
    zone = ZoneInfo(asked.branch.zone)
    rows: list[Mapping[Column, str]] = [
        {
            Column.RECORD: visit.external_number,
            **_when(visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)),
            Column.BAY: visit.bay.name,
            **_whose(visit.client, visit.car, with_phones=asked.with_phones),
            Column.REASON: visit.reason,
            Column.WORKS: "; ".join(work.name for work in visit.works.all()),
            Column.REPAIR_KIND: str(visit.get_repair_kind_display()),
            Column.ADVISOR: visit.advisor.name if visit.advisor else "",
            Column.COMMENT: visit.comment,
        }
        for visit in visits
    ]
    columns = [column for column in _OF_VISIT if asked.with_phones or column is not Column.PHONE]
    return [[str(COLUMNS[column]) for column in columns], *([row[column] for column in columns] for row in rows)]


_OF_VISIT = (
    Column.RECORD,
    Column.DATE,
    Column.TIME,
    Column.FINISH,
    Column.BAY,
    Column.CLIENT,
    Column.PHONE,
    Column.MAKE,
    Column.MODEL,
    Column.PLATE,
    Column.VIN,
    Column.REASON,
    Column.WORKS,
    Column.REPAIR_KIND,
    Column.ADVISOR,
    Column.COMMENT,
)


def _when(starts_at: datetime, ends_at: datetime) -> dict[Column, str]:
    is_same_day = starts_at.date() == ends_at.date()
    return {
        Column.DATE: f"{starts_at:%d.%m.%Y}",
        Column.TIME: f"{starts_at:%H:%M}",
        Column.FINISH: f"{ends_at:%H:%M}" if is_same_day else f"{ends_at:%d.%m.%Y %H:%M}",
    }


def _whose(client: Client, car: Car | None, *, with_phones: bool) -> dict[Column, str]:
    return {
        Column.CLIENT: client.name,
        Column.PHONE: _numbers(client) if with_phones else "",
        Column.MAKE: car.make if car else "",
        Column.MODEL: car.model if car else "",
        Column.PLATE: car.plate if car else "",
        Column.VIN: car.vin if car else "",
    }


def _numbers(client: Client) -> str:
    return "; ".join(phone.number for phone in client.phones.all() if not phone.is_wrong)


def _of_waitlist(asked: Asked) -> Table:
    listed = waitlist(
        asked.branch, show=asked.show, text=asked.text, now=asked.now, asker=asked.asker, today=asked.today
    )
    rows = listed.rows[:MOST_EXPORTED]
    if asked.with_phones:
        prefetch_related_objects([row.wait for row in rows], "client__phones")
    zone = ZoneInfo(asked.branch.zone)
    heading = [_WAITING[0], COLUMNS[Column.CLIENT], COLUMNS[Column.PHONE], COLUMNS[Column.CAR], COLUMNS[Column.PLATE]]
    heading += [_WAITING[1], _WAITING[2], COLUMNS[Column.WORKS], _WAITING[3], COLUMNS[Column.COMMENT]]
    table = [list(map(str, heading)), *(_of_wait(row, zone, with_phones=asked.with_phones) for row in rows)]
    if asked.with_phones:
        return list(table)
    place = heading.index(COLUMNS[Column.PHONE])
    return [[*cells[:place], *cells[place + 1 :]] for cells in table]


def _of_wait(row: Row, zone: ZoneInfo, *, with_phones: bool) -> list[str]:
    wait, car = row.wait, row.wait.car
    return [
        _day_and_time(wait.added_at, zone),
        wait.client.name,
        _numbers(wait.client) if with_phones else "",
        car.title if car else "",
        car.plate if car else "",
        _day_and_time(row.visit.starts_at, zone) if row.visit else "",
        row.wishes,
        row.works,
        str(_("да")) if wait.is_urgent else "",
        wait.comment,
    ]


def _day_and_time(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%d.%m.%Y %H:%M}"
