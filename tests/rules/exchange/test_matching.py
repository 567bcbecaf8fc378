from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from vovremya.exchange.rules.busy import Busy
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.matching import (
    Book,
    Change,
    Identities,
    Known,
    Leave,
    Part,
    Refuse,
    digests,
    identity,
    judged,
    news,
    placed,
)
from vovremya.exchange.rules.pace import AIM_SECONDS, Pace, pause_after
from vovremya.exchange.rules.rows import RowRead

ROW = RowRead(
    row=2,
    starts_at=datetime(2026, 12, 1, 5, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 6, tzinfo=UTC),
    on=date(2026, 12, 1),
    bay=1,
    client="Смирнова Анна",
    phones=("+79123456789",),
    make="Hyundai",
    model="Solaris",
    plate="М347ВС77",
    works="ТО-60",
)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"client": "СМИРНОВА  АННА", "comment": "ждёт"}, True),
        ({"starts_at": datetime(2026, 12, 1, 9, tzinfo=UTC)}, True),
        ({"vin": "XTA217230D0123456"}, True),  # the plate tells enough
        ({"client": "Ким"}, False),
        ({"plate": "А001АА77"}, False),
        ({"on": date(2026, 12, 2)}, False),
    ],
)
def test_visit_is_known_by_client_car_and_day(changes: dict[str, Any], is_same: bool) -> None:
    assert (identity(replace(ROW, **changes)) == identity(ROW)) is is_same


def test_visit_is_known_by_the_number_of_its_record_alone() -> None:
    assert identity(replace(ROW, record="ЗН-1", client="Ким")) == "№ЗН-1"
    assert "Смирнова" not in identity(ROW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"plate": "", "vin": "XTA217230D0123456"}, {"plate": "", "vin": "XTA217230D0123457"}),
        ({"plate": ""}, {"plate": "", "model": "Rio"}),
    ],
)
def test_car_is_known_by_vin_or_by_make_and_model(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert identity(replace(ROW, **one)) != identity(replace(ROW, **other))


def test_rows_alike_are_told_apart_by_their_order() -> None:
    identities = Identities()
    first, second = identities.key(ROW), identities.key(ROW)
    assert (first, second) == (identity(ROW), f"{identity(ROW)}#2")
    assert identities.earlier_row(ROW) is None
    numbered = replace(ROW, record="ЗН-1", row=5)
    assert identities.earlier_row(numbered) is None
    identities.key(numbered)
    assert identities.earlier_row(numbered) == 5


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, set()),
        ({"row": 9}, set()),
        ({"phones": ("+79123456789",)}, set()),
        ({"bay": 2}, {Part.PLAN}),
        ({"ends_at": datetime(2026, 12, 1, 7, tzinfo=UTC)}, {Part.PLAN}),
        ({"advisor": 3}, {Part.ADVISOR}),
        ({"client": "Ким"}, {Part.CLIENT}),
        ({"phones": ()}, {Part.CLIENT}),
        ({"vin": "XTA217230D0123456"}, {Part.CAR}),
        ({"norm_minutes": 60}, {Part.WORKS}),
        ({"reason": "стук"}, {Part.REASON}),
        ({"repair_kind": "body"}, {Part.REPAIR_KIND}),
        ({"comment": "ждёт", "works": "ТО-15"}, {Part.COMMENT, Part.WORKS}),
    ],
)
def test_what_a_file_says_anew(changes: dict[str, Any], parts: set[Part]) -> None:
    assert news(digests(replace(ROW, **changes)), digests(ROW)) == parts


@pytest.mark.parametrize(
    ("unsaid", "changes", "parts"),
    [
        ((Column.COMMENT, Column.ADVISOR, Column.REASON), {"comment": "", "advisor": None, "reason": ""}, set()),
        ((Column.PHONE,), {"phones": ()}, set()),
        ((Column.PHONE,), {"phones": (), "client": "Ким"}, {Part.CLIENT}),
        ((Column.PLATE, Column.VIN), {"plate": "", "vin": ""}, set()),
        ((Column.NORM,), {"norm_minutes": None}, set()),
        ((Column.NORM,), {"norm_minutes": None, "works": "ТО-15"}, {Part.WORKS}),
        ((Column.LASTS,), {"ends_at": datetime(2026, 12, 1, 9, tzinfo=UTC)}, set()),
        ((Column.LASTS,), {"bay": 2}, {Part.PLAN}),
    ],
)
@pytest.mark.parametrize("is_of_older_release", [False, True])
def test_what_a_file_has_no_column_for_is_no_news(
    unsaid: tuple[Column, ...], changes: dict[str, Any], parts: set[Part], is_of_older_release: bool
) -> None:
    full = replace(ROW, comment="ждёт", advisor=3, reason="стук", norm_minutes=90, vin="XTA217230D0123456")
    known = digests(full)
    if is_of_older_release:
        known = {name: digest for name, digest in known.items() if name in set(Part)}
        parts = set()  # it kept no more than the digest of the whole
    assert news(digests(replace(full, unsaid=unsaid, **changes)), known) == parts


def test_what_an_older_release_has_kept_is_compared_as_a_whole() -> None:
    known = {name: digest for name, digest in digests(ROW).items() if name in set(Part)}
    assert news(digests(ROW), known) == set()
    assert news(digests(replace(ROW, bay=2, phones=())), known) == {Part.PLAN, Part.CLIENT}


def test_what_is_said_for_the_first_time_is_news() -> None:
    known = digests(replace(ROW, unsaid=(Column.PHONE, Column.COMMENT), phones=()))
    assert news(digests(ROW), known) == {Part.CLIENT, Part.COMMENT}


KNOWN = Known(visit_id=7, is_planned=True, status="planned", lasts=timedelta(hours=2), digests=digests(ROW))


@pytest.mark.parametrize(
    ("row", "known", "decision"),
    [
        (ROW, None, Book(ROW)),
        (ROW, KNOWN, Leave(ROW, 7)),
        (ROW, replace(KNOWN, is_planned=False, status="arrived"), Leave(ROW, 7)),
        (ROW, replace(KNOWN, digests=None), Leave(ROW, 7, "already_in_program", is_adopted=True)),
        (replace(ROW, bay=2), KNOWN, Change(replace(ROW, bay=2), 7, frozenset({Part.PLAN}))),
        (
            replace(ROW, bay=2),
            replace(KNOWN, is_planned=False, status="arrived"),
            Leave(replace(ROW, bay=2), 7, "not_planned", "arrived"),
        ),
    ],
)
def test_what_becomes_of_a_row(row: RowRead, known: Known | None, decision: Book | Change | Leave) -> None:
    assert judged(row, digests(row), known) == decision


def test_moved_visit_lasts_as_it_did_where_the_file_does_not_say() -> None:
    row = replace(ROW, bay=2, unsaid=(Column.LASTS,))
    decision = judged(row, digests(row), KNOWN)
    assert isinstance(decision, Change)
    assert decision.row.ends_at - decision.row.starts_at == KNOWN.lasts


def test_row_takes_its_place_or_is_refused() -> None:
    busy: Busy[str | RowRead] = Busy()
    busy.take(1, ROW.starts_at, ROW.ends_at, "visit 7", visit_id=7)
    other = replace(ROW, bay=2)
    move, comment = Change(other, 7, frozenset({Part.PLAN})), Change(ROW, 7, frozenset({Part.COMMENT}))
    assert placed(Leave(ROW, 7), busy) == Leave(ROW, 7)
    assert placed(comment, busy) == comment
    assert placed(Book(ROW), busy) == Refuse(ROW, "visit 7")
    assert placed(move, busy) == move
    assert placed(Book(ROW), busy) == Book(ROW)
    assert placed(Book(other), busy) == Refuse(other, other)


@pytest.mark.parametrize(
    ("pace", "rows", "seconds", "following"),
    [
        (100, 100, AIM_SECONDS, 100),
        (100, 100, AIM_SECONDS * 2, 50),
        (100, 100, AIM_SECONDS / 10, 151),  # grows gently
        (100, 100, 60.0, 40),  # but not below what the transaction itself costs
        (400, 400, 0.0, 500),
        (100, 3, AIM_SECONDS, 40),
    ],
)
def test_pace_follows_the_time_measured(pace: int, rows: int, seconds: float, following: int) -> None:
    assert Pace(pace).after(rows, seconds) == Pace(following)


@pytest.mark.parametrize(("seconds", "pause"), [(0.0, 0.026), (0.06, 0.026), (0.15, 0.06), (2.0, 0.1)])
def test_longer_a_transaction_the_longer_others_may_write_after_it(seconds: float, pause: float) -> None:
    assert pause_after(seconds) == pytest.approx(pause)
