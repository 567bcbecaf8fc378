"""«Требует внимания» and «Журнал доступа»: page by page, in a fixed number of queries each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from vovremya.board.history import HistoryLine, lines_of
from vovremya.customers.models import Phone, PhoneReveal
from vovremya.directory.models import Branch, User
from vovremya.exchange.models import ListExport
from vovremya.journal.models import Entry
from vovremya.kernel import phones
from vovremya.office.queries.places import Page, Place, Row, of_day, page_of
from vovremya.office.texts.attention import CONTRADICTIONS, LISTS, MATTERS, PURPOSES
from vovremya.visits.models import Matter, Visit
from vovremya.visits.rules.matters import Contradiction, MatterKind


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to."""

    on: date | None = None
    user_id: int | None = None
    kind: str = ""
    number: str = ""  # of a client, as it was typed
    with_looked_over: bool = False


@dataclass(frozen=True)
class ShownMatter:
    matter: Matter
    title: str
    line: HistoryLine
    why: str  # the result contradicts its call
    found: str  # what was said when it was looked over
    looked_by: str


@dataclass(frozen=True)
class Matters:
    rows: Sequence[ShownMatter]
    next: Place | None


def matters(branch: Branch, asked: Asked, before: Place | None) -> Matters:
    rows = Matter.objects.filter(branch=branch)
    if not asked.with_looked_over:
        rows = rows.filter(looked_at=None)
    if asked.kind in {*MatterKind}:
        rows = rows.filter(kind=asked.kind)
    page = page_of(_narrowed(rows, branch, asked).select_related(*_WITH_MATTER), before)
    entries = [matter.entry for matter in page.rows]
    lines = lines_of(entries, branch.pk, ZoneInfo(branch.zone))
    return Matters([_shown(matter, line) for matter, line in zip(page.rows, lines, strict=True)], page.next)


_WITH_MATTER = ("visit__client", "visit__car", "entry__user", "entry__words", "look__user", "look__words")


def _narrowed(rows: QuerySet[Row], branch: Branch, asked: Asked) -> QuerySet[Row]:
    """By whom and on which day: `rows` have `user_id` and `at`."""
    if asked.user_id is not None:
        rows = rows.filter(user_id=asked.user_id)
    return rows.filter(of_day(asked.on, branch.zone)) if asked.on else rows


def _shown(matter: Matter, line: HistoryLine) -> ShownMatter:
    contradiction = matter.entry.data.get("contradiction")
    look = matter.look
    return ShownMatter(
        matter,
        str(MATTERS[MatterKind(matter.kind)]),
        line,
        str(CONTRADICTIONS[Contradiction(contradiction)]) if contradiction else "",
        _words_of(look),
        str(look.user) if look and look.user else "",
    )


def _words_of(entry: Entry | None) -> str:
    return entry.words.text if entry and hasattr(entry, "words") else ""


def matter_seen(branch: Branch, matter_id: int) -> ShownMatter | None:
    matter = Matter.objects.filter(branch=branch, pk=matter_id).select_related(*_WITH_MATTER).first()
    if matter is None:
        return None
    (line,) = lines_of([matter.entry], branch.pk, ZoneInfo(branch.zone))
    return _shown(matter, line)


def count_of_matters(branch_id: int) -> int:
    """That wait for a look; so many at most are counted, since more of them say no more."""
    return Matter.objects.filter(branch_id=branch_id, looked_at=None)[:COUNTED].count()


COUNTED = 100


@dataclass(frozen=True)
class ShownReveal:
    reveal: PhoneReveal
    what: str
    number: str  # masked: whoever reads the log learns no number from it; empty of one that was removed
    visit: Visit | None


@dataclass(frozen=True)
class AccessLog:
    rows: Sequence[ShownReveal]
    next: Place | None


def access_log(branch: Branch, asked: Asked, before: Place | None) -> AccessLog:
    """Who saw or dialled which number from this branch."""
    rows = PhoneReveal.objects.filter(branch_id=branch.pk).select_related("user", "client", "phone")
    if asked.number:
        rows = rows.filter(phone__in=_phones_of(branch, asked.number))
    page: Page[PhoneReveal] = page_of(_narrowed(rows, branch, asked), before)
    visits = _visits(branch, [reveal.visit_id for reveal in page.rows if reveal.visit_id])
    shown = [
        ShownReveal(
            reveal,
            str(PURPOSES[PhoneReveal.Purpose(reveal.purpose)]),
            phones.masked(reveal.phone.number) if reveal.phone else "",
            visits.get(reveal.visit_id or 0),
        )
        for reveal in page.rows
    ]
    return AccessLog(shown, page.next)


@dataclass(frozen=True)
class ShownExport:
    export: ListExport
    what: str


@dataclass(frozen=True)
class ExportLog:
    rows: Sequence[ShownExport]
    next: Place | None


def export_log(branch: Branch, asked: Asked, before: Place | None) -> ExportLog:
    """Who took which list along as a file from this branch."""
    rows = ListExport.objects.filter(branch=branch).select_related("user")
    page = page_of(_narrowed(rows, branch, asked), before)
    return ExportLog([ShownExport(row, str(LISTS[ListExport.List(row.list)])) for row in page.rows], page.next)


def _phones_of(branch: Branch, typed: str) -> list[int]:
    """By the exact number alone, as everywhere."""
    keys = {number: phones.search_key(number) for number in phones.find(typed).numbers}
    found = Phone.objects.filter(number_key__in=keys.values(), number__in=keys, client__network_id=branch.network_id)
    return list(found.values_list("pk", flat=True))


def _visits(branch: Branch, ids: Sequence[int]) -> Mapping[int, Visit]:
    return Visit.objects.filter(branch=branch).in_bulk(ids)


def people_of(branch: Branch) -> list[User]:
    """To narrow a list to: whoever has, or had while it was switched off, a role here."""
    people = User.objects.filter(memberships__branch=branch).distinct()
    return sorted(people, key=lambda user: user.short_name)
