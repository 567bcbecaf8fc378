"""What becomes of the rows: imported, changed, unchanged or refused, each whole or not at all."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from tests.apps.exchange.conftest import Importer
from tests.apps.exchange.files import HEADINGS, Value, visit_row
from tests.cast import MORNING, Cast, at
from vovremya.customers.models import Car, Client, Phone
from vovremya.exchange import actions, texts
from vovremya.exchange.actions import applying
from vovremya.exchange.actions.applying import ROWS_KEPT_FOR
from vovremya.exchange.models import ImportedRecord, ImportRow, ImportRun
from vovremya.exchange.rules.journal_facts import ImportEnded
from vovremya.exchange.rules.rows import Problem
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.schedule.actions import close_bay, hold
from vovremya.schedule.models import Occupation
from vovremya.schedule.queries import Closure
from vovremya.visits.actions import importing, reception, removal
from vovremya.visits.actions.booking import Plan, edit, move
from vovremya.visits.actions.removal import RemovalInput
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Status

DAY = date(2026, 12, 1)
HOUR = timedelta(hours=1)


def unnumbered(**changes: Value) -> list[Value]:
    return visit_row(Номер="", **changes)


def written() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but those of the imports' own bookkeeping, and that they ended."""
    models = [model for model in apps.get_models() if model not in (ImportRun, ImportRow)]
    rows = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
    return rows | {"Entry": [entry for entry in rows["Entry"] if entry["kind"] != ImportEnded.kind]}


def texts_of(problems: Sequence[Problem]) -> list[str]:
    return [texts.problem_text(problem) for problem in problems]


def move_by_hand(cast: Cast, visit: Visit, clock: str) -> None:
    starts_at = at(clock, DAY)
    plan = Plan(visit.bay_id, starts_at, starts_at + (visit.ends_at - visit.starts_at), visit.advisor_id)
    move(visit.pk, plan, actor=cast.operator, now=MORNING, plan_version=visit.plan_version)


class TestNewVisits:
    def test_row_becomes_client_car_and_visit(self, importer: Importer, cast: Cast) -> None:
        row = visit_row(Клиент="Ким Олег", Телефон="89990000001, 89990000002", Госномер="а001аа77", Комментарий="ждёт")
        assert importer.bring(row) == {"imported": 1}
        visit = Visit.objects.get()
        assert (visit.client.name, visit.car and visit.car.plate) == ("Ким Олег", "А001АА77")
        assert [phone.number for phone in visit.client.phones.all()] == ["+79990000001", "+79990000002"]
        assert (visit.starts_at, visit.ends_at) == (at("08:00", DAY), at("09:30", DAY))
        assert (visit.bay, visit.advisor, visit.on) == (cast.bays[0], cast.advisor, DAY)
        assert (visit.source, visit.repair_kind, visit.comment) == ("import", "maintenance", "ждёт")
        assert [(work.name, work.norm_minutes) for work in visit.works.all()] == [("ТО-60", 90)]
        assert (visit.next_change_at, visit.external_number) == (at("08:10:00.001", DAY), "ЗН-1")
        occupation = Occupation.objects.get()
        assert (occupation.visit_id, occupation.starts_at, occupation.bay) == (visit.pk, visit.starts_at, visit.bay)
        entry = Entry.objects.get(visit_id=visit.pk)
        assert (entry.kind, entry.words.text) == ("visit_booked", "ждёт")

    def test_known_client_and_car_are_found(self, importer: Importer, cast: Cast) -> None:
        importer.bring(visit_row())
        visit = Visit.objects.get()
        assert (visit.client, visit.car) == (cast.late_client, cast.late_car)
        assert (Client.objects.count(), Phone.objects.count(), Car.objects.count()) == (1, 1, 1)

    def test_what_could_not_be_read_is_kept_in_the_comment(self, importer: Importer) -> None:
        row = visit_row(Телефон="12345", VIN="123", Мастер="Сидоров", Комментарий="ждёт")
        assert importer.bring(row) == {"imported": 1}
        kept = "ждёт; VIN из файла: 123; Телефон из файла: 12345; Мастер из файла: Сидоров"
        assert Visit.objects.get().comment == kept
        assert texts_of(importer.remarks()) == [
            "VIN «123» не разобрать; загружено без него",
            "Телефон «12345» не разобрать; загружено без него",
            "Мастера «Сидоров» нет в филиале; загружено без мастера",
        ]

    def test_second_visit_in_a_row_follows_the_first(self, importer: Importer) -> None:
        second = visit_row(Номер="ЗН-2", Время="09:30", Пост="Пост 2")
        assert importer.bring(second, visit_row()) == {"imported": 2}
        first = Visit.objects.get(external_number="ЗН-1")
        assert Visit.objects.get(external_number="ЗН-2").follows == first

    def test_many_rows_take_a_fixed_number_of_queries(
        self, importer: Importer, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        rows = [
            visit_row(Номер=f"ЗН-{number}", Время=f"{number:02}:00", Норма="1", Клиент=f"Ким {number}", Госномер="")
            for number in range(24)
        ]
        run = importer.begin(importer.file(*rows))
        with django_assert_max_num_queries(45):
            assert importer.apply_next(run, 100).settled == 24

    def test_importing_is_the_supervisors_right(self, importer: Importer, cast: Cast) -> None:
        path = importer.file(visit_row())
        with pytest.raises(NotAllowed):
            importer.begin(path, by=cast.operator)
        run = importer.begin(path)
        with pytest.raises(NotAllowed):
            actions.apply_next(run, 1, actor=cast.operator, now=MORNING, real_now=MORNING)
        with pytest.raises(NotAllowed):
            importing.book_imported(cast.branch.pk, [], actor=cast.operator, now=MORNING)
        with pytest.raises(NotFound):
            importing.book_imported(cast.branch.pk, [], actor=cast.stranger, now=MORNING)


class TestRefusals:
    def test_overlapping_row_is_refused_with_that_visit_named_and_leaves_nothing(self, importer: Importer) -> None:
        importer.bring(visit_row())
        before = written()
        row = visit_row(Номер="ЗН-2", Время="09:00", Клиент="Ким", Госномер="А001АА77")
        assert importer.bring(row) == {"refused": 1}
        named = "Пост занят: запись № ЗН-1, М347ВС77, 01.12.2026 08:00–09:30, Пост 1"
        assert texts_of(importer.problems()) == [named]
        assert written() == before

    def test_of_two_rows_for_one_place_the_later_is_refused(self, importer: Importer) -> None:
        later = unnumbered(Время="08:30", Госномер="А001АА77")
        assert importer.bring(later, visit_row()) == {"imported": 1, "refused": 1}
        assert sorted(importer.states()) == [(2, "refused"), (3, "imported")]
        named = "Пост занят: запись № ЗН-1, М347ВС77, 01.12.2026 08:00–09:30, Пост 1"
        assert texts_of(importer.problems()) == [named]

    def test_visit_over_midnight_is_named_with_both_days(self, importer: Importer) -> None:
        importer.bring(visit_row(Номер="", Время="23:00", Норма="3"))
        importer.bring(visit_row(Номер="ЗН-2", Дата="02.12.2026", Время="00:30", Норма="1"))
        (text,) = texts_of(importer.problems())
        assert text.endswith("М347ВС77, 01.12.2026 23:00–02.12.2026 02:00, Пост 1")

    def test_closed_bay_and_held_time_are_named(self, importer: Importer, cast: Cast) -> None:
        close_bay(cast.bays[0], [Closure(at("08:00", DAY), at("12:00", DAY), "ремонт подъёмника")])
        assert cast.operator.user_id
        hold(cast.bays[1], at("08:00", DAY), at("10:00", DAY), user_id=cast.operator.user_id, real_now=importer.now)
        assert importer.bring(visit_row(), visit_row(Номер="ЗН-2", Пост="Пост 2")) == {"refused": 2}
        closed, held = texts_of(importer.problems())
        assert closed == "Пост закрыт: ремонт подъёмника"
        assert held.startswith("Это время сейчас держит оператор")

    def test_lapsed_hold_gives_way(self, importer: Importer, cast: Cast) -> None:
        assert cast.operator.user_id
        an_hour_ago = importer.now - HOUR
        hold(cast.bays[0], at("08:00", DAY), at("10:00", DAY), user_id=cast.operator.user_id, real_now=an_hour_ago)
        assert importer.bring(visit_row()) == {"imported": 1}

    def test_number_that_stands_twice_in_a_file_is_refused_the_second_time(self, importer: Importer) -> None:
        assert importer.bring(visit_row(), visit_row(Время="15:00")) == {"imported": 1, "refused": 1}
        assert texts_of(importer.problems()) == ["Запись с этим номером уже есть в строке 2"]

    def test_row_that_the_program_refuses_does_not_stop_the_others(
        self, importer: Importer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse_the_second(branch_id: int, wanted: Sequence[Any], **who: Any) -> list[Visit]:
            booked = importing.book_imported(branch_id, wanted, **who)
            if any(each.external_number == "ЗН-2" for each in wanted):
                raise IntegrityError("taken by another process meanwhile")
            return booked

        monkeypatch.setattr(applying, "book_imported", refuse_the_second)
        rows = [visit_row(Номер=f"ЗН-{number}", Время=f"{8 + 2 * number}:00") for number in range(1, 4)]
        assert importer.bring(*rows) == {"imported": 2, "refused": 1}
        assert [visit.external_number for visit in Visit.objects.order_by("pk")] == ["ЗН-1", "ЗН-3"]
        assert texts_of(importer.problems()) == [
            "Во время импорта эту запись или этот пост изменили; импортируйте строку ещё раз"
        ]


class TestSameFileAgain:
    @pytest.mark.parametrize("row", [visit_row(), unnumbered()])
    def test_same_file_twice_changes_nothing(self, importer: Importer, row: list[Value]) -> None:
        path = importer.file(row, visit_row(Номер="ЗН-9", Время="10:00", Телефон="нет"))
        assert importer.import_file(path) == {"imported": 2}
        before = written()
        assert importer.import_file(path) == {"unchanged": 2}
        assert written() == before

    @pytest.mark.parametrize("row", [visit_row(), unnumbered()])
    def test_what_was_changed_in_the_program_stays(self, importer: Importer, cast: Cast, row: list[Value]) -> None:
        path = importer.file(row)
        importer.import_file(path)
        visit = Visit.objects.get()
        move_by_hand(cast, visit, "14:00")
        edit(visit.pk, applying._details(_read("перезвонить")), actor=cast.operator, now=MORNING)
        before = written()
        assert importer.import_file(path) == {"unchanged": 1}
        assert written() == before

    def test_two_visits_of_one_car_on_one_day_find_each_their_own(self, importer: Importer) -> None:
        path = importer.file(unnumbered(), unnumbered(Время="15:00"))
        assert importer.import_file(path) == {"imported": 2}
        assert importer.import_file(path) == {"unchanged": 2}
        assert importer.bring(unnumbered(), unnumbered(Время="16:00")) == {"unchanged": 1, "changed": 1}
        assert [visit.starts_at for visit in Visit.objects.order_by("starts_at")] == [
            at("08:00", DAY),
            at("16:00", DAY),
        ]


def _read(comment: str) -> Any:
    from vovremya.exchange.rules.rows import RowRead

    return RowRead(2, at("08:00", DAY), at("09:30", DAY), DAY, 1, "Смирнова", comment=comment)


class TestNewerFile:
    @pytest.mark.parametrize("row", [visit_row, unnumbered])
    def test_newer_file_moves_and_describes_anew(self, importer: Importer, cast: Cast, row: Any) -> None:
        importer.bring(row())
        news = row(
            Время="15:00",
            Пост="Пост 2",
            Причина_обращения="Замена масла",
            Мастер="",
            Комментарий="ждёт",
            Норма="2",
        )
        assert importer.bring(news) == {"changed": 1}
        visit = Visit.objects.get()
        assert (visit.starts_at, visit.ends_at, visit.bay) == (at("15:00", DAY), at("17:00", DAY), cast.bays[1])
        assert (visit.advisor, visit.reason, visit.comment) == (None, "Замена масла", "ждёт")
        assert (visit.repair_kind, visit.works.get().name) == ("commercial", "Замена масла")
        assert visit.plan_version == 2
        assert {"visit_moved", "visit_changed"} <= set(Entry.objects.values_list("kind", flat=True))
        assert importer.bring(news) == {"unchanged": 1}

    def test_move_made_in_the_program_survives_a_file_that_says_other_news(
        self, importer: Importer, cast: Cast
    ) -> None:
        """Hard case 23."""
        importer.bring(visit_row())
        move_by_hand(cast, Visit.objects.get(), "14:00")
        assert importer.bring(visit_row(Комментарий="ждёт")) == {"changed": 1}
        visit = Visit.objects.get()
        assert (visit.starts_at, visit.comment) == (at("14:00", DAY), "ждёт")

    def test_file_that_moves_the_visit_itself_moves_it(self, importer: Importer, cast: Cast) -> None:
        importer.bring(visit_row())
        move_by_hand(cast, Visit.objects.get(), "14:00")
        assert importer.bring(visit_row(Время="11:00")) == {"changed": 1}
        assert Visit.objects.get().starts_at == at("11:00", DAY)

    def test_file_that_catches_up_with_the_program_changes_nothing(self, importer: Importer, cast: Cast) -> None:
        importer.bring(visit_row())
        move_by_hand(cast, Visit.objects.get(), "14:00")
        assert importer.bring(visit_row(Время="14:00")) == {"unchanged": 1}

    def test_new_number_and_name_of_the_client(self, importer: Importer, cast: Cast) -> None:
        importer.bring(visit_row())
        assert importer.bring(visit_row(Телефон="8 (912) 345-67-89, 89990000001")) == {"changed": 1}
        assert [phone.number for phone in cast.late_client.phones.all()] == ["+79123456789", "+79990000001"]
        assert importer.bring(visit_row(Клиент="Смирнов Пётр", Телефон="89990000001")) == {"changed": 1}
        visit = Visit.objects.get()
        assert (visit.client.name, visit.car and visit.car.plate) == ("Смирнов Пётр", "М347ВС77")

    def test_what_the_newer_file_has_no_column_for_stays(self, importer: Importer, cast: Cast) -> None:
        importer.bring(visit_row(Комментарий="ждёт", Норма="2"))
        move_by_hand(cast, Visit.objects.get(), "14:00")
        told = {
            "Номер": "ЗН-1",
            "Дата": "01.12.2026",
            "Время": "08:00",
            "Пост": "Пост 1",
            "Клиент": "Смирнова Анна Викторовна",
        }
        told |= {"Автомобиль": "Hyundai Solaris"}
        importer.headings = ("№ записи", "Дата", "Время", "Пост", "Клиент", "Автомобиль")
        before = written()
        assert importer.bring([*told.values()]) == {"unchanged": 1}
        assert written() == before
        assert importer.bring([*(told | {"Время": "16:00"}).values()]) == {"changed": 1}
        visit = Visit.objects.get()
        assert (visit.starts_at, visit.ends_at) == (at("16:00", DAY), at("18:00", DAY))
        assert (visit.comment, visit.advisor, visit.reason) == ("ждёт", cast.advisor, "ТО-60")
        assert (visit.works.get().name, visit.works.get().norm_minutes) == ("ТО-60", 120)
        assert visit.client == cast.late_client
        # Another name says another client, who can be rung as the one before.
        importer.bring([*(told | {"Время": "16:00", "Клиент": "Ким Олег"}).values()])
        client = Visit.objects.get().client
        assert (client.name, client.phones.get().number) == ("Ким Олег", "+79123456789")
        importer.headings = HEADINGS
        assert importer.bring(visit_row(Время="16:00", Комментарий="", Норма="2")) == {"changed": 1}
        assert Visit.objects.get().comment == ""

    def test_works_without_their_norm_keep_the_one_that_is_known(self, importer: Importer) -> None:
        importer.bring(visit_row(Норма="2"))
        place = HEADINGS.index("Н/ч")
        importer.headings = [*HEADINGS[:place], *HEADINGS[place + 1 :]]
        row = visit_row(Причина_обращения="Замена масла")
        assert importer.bring([*row[:place], *row[place + 1 :]]) == {"changed": 1}
        work = Visit.objects.get().works.get()
        assert (work.name, work.norm_minutes) == ("Замена масла", 120)

    def test_long_reason_is_no_longer_than_a_work_where_it_stands_for_one(self, importer: Importer) -> None:
        assert importer.bring(visit_row(Причина_обращения="Стук " * 100)) == {"imported": 1}
        visit = Visit.objects.get()
        assert (len(visit.reason), len(visit.works.get().name)) == (499, 300)

    def test_visit_that_cannot_move_is_not_changed_at_all(self, importer: Importer) -> None:
        importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="12:00"))
        before = written()
        assert importer.bring(visit_row(Время="11:00", Комментарий="ждёт")) == {"refused": 1}
        assert written() == before

    def test_place_that_another_row_leaves_is_free_whatever_the_order(self, importer: Importer) -> None:
        importer.bring(visit_row())
        moved_away, takes_its_place = visit_row(Время="14:00"), visit_row(Номер="ЗН-2", Госномер="А001АА77")
        assert importer.bring(takes_its_place, moved_away) == {"imported": 1, "changed": 1}

    @pytest.mark.parametrize("status", [Status.ARRIVED, Status.REMOVED])
    def test_visit_no_longer_planned_is_not_touched(self, importer: Importer, cast: Cast, status: Status) -> None:
        importer.bring(visit_row())
        visit = Visit.objects.get()
        if status is Status.ARRIVED:
            reception.check_in(visit.pk, actor=cast.operator, now=at("08:00", DAY))
        else:
            technical = RemovalInput(reason_id=cast.reason("duplicate"), comment="дубль")
            removal.remove(visit.pk, technical, actor=cast.supervisor, now=MORNING, plan_version=1)
        before = written()
        assert importer.bring(visit_row(Время="11:00")) == {"unchanged": 1}
        word = "прибыл" if status is Status.ARRIVED else "удалён"
        assert texts_of(importer.remarks()) == [f"Запись уже не по плану ({word}); оставлена как есть"]
        assert written() == before


class TestMadeInTheProgram:
    def test_file_without_numbers_knows_a_visit_made_by_phone(self, importer: Importer, cast: Cast) -> None:
        visit = cast.book("14:00", on=DAY)
        assert importer.bring(unnumbered()) == {"unchanged": 1}
        assert texts_of(importer.remarks()) == ["Такая запись уже сделана в программе; оставлена как есть"]
        visit.refresh_from_db()
        assert visit.starts_at == at("14:00", DAY)
        assert importer.bring(unnumbered(Комментарий="ждёт")) == {"changed": 1}
        visit.refresh_from_db()
        assert (visit.starts_at, visit.comment) == (at("14:00", DAY), "ждёт")

    def test_each_such_visit_is_known_by_one_row(self, importer: Importer, cast: Cast) -> None:
        cast.book("14:00", on=DAY)
        assert importer.bring(unnumbered(), unnumbered(Время="10:00")) == {"unchanged": 1, "imported": 1}

    def test_number_given_by_other_means_is_known(self, importer: Importer, cast: Cast) -> None:
        visit = cast.book("14:00", on=DAY)
        Visit.objects.filter(pk=visit.pk).update(external_number="ЗН-1")
        assert importer.bring(visit_row()) == {"unchanged": 1}
        assert ImportedRecord.objects.get().visit == visit


class TestInterruption:
    def test_import_goes_on_where_it_stopped(self, importer: Importer) -> None:
        rows = [visit_row(Номер=f"ЗН-{number}", Время=f"{8 + 2 * number}:00") for number in range(5)]
        path = importer.file(*rows)
        run = importer.begin(path)
        importer.apply_next(run, 2)
        assert Visit.objects.count() == 2
        assert importer.begin(path) == run
        assert importer.import_file(path) == {"imported": 5}
        assert ImportRun.objects.count() == 1
        assert importer.import_file(path) == {"unchanged": 5}

    def test_transaction_broken_off_leaves_rows_and_visits_as_they_were(
        self, importer: Importer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = importer.begin(importer.file(visit_row()))
        before = written()

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(applying._Chunk, "_settle", die)
            with pytest.raises(KeyboardInterrupt):
                importer.apply_next(run, 10)
        assert written() == before
        assert importer.states() == [(2, "staged")]
        assert importer.apply_next(run, 10).settled == 1

    def test_file_not_read_to_its_end_is_read_anew(self, importer: Importer) -> None:
        path = importer.file(visit_row())
        unread = importer.begin(path)
        ImportRun.objects.filter(pk=unread.pk).update(staged_at=None)
        assert importer.begin(path) != unread

    def test_nothing_of_applied_rows_is_kept_and_of_old_imports_only_their_counts(self, importer: Importer) -> None:
        importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="?"))
        applied, refused = ImportRow.objects.order_by("number")
        assert (applied.values, applied.cells) == ({}, [])
        assert refused.cells[2] == "?"
        importer.now += ROWS_KEPT_FOR + HOUR
        importer.bring(visit_row(Номер="ЗН-3", Дата="05.12.2027"))
        assert importer.states() == [(2, "imported")]
        assert [run.counts for run in ImportRun.objects.order_by("pk")] == [
            {"imported": 1, "refused": 1},
            {"imported": 1},
        ]
        assert ImportRow.objects.count() == 1


class TestPreview:
    def test_preview_says_what_the_import_then_does_and_writes_nothing(self, importer: Importer) -> None:
        importer.bring(visit_row(), visit_row(Номер="ЗН-2", Время="10:00"))
        rows = [
            visit_row(),  # unchanged
            visit_row(Номер="ЗН-2", Время="16:00"),  # moves away …
            visit_row(Номер="ЗН-3", Время="10:00", Госномер="А001АА77"),  # … and leaves its place
            visit_row(Номер="ЗН-4", Время="10:30", Госномер="А002АА77"),  # overlaps the row above
            visit_row(Номер="ЗН-5", Время="?"),
            visit_row(Номер="ЗН-6", Время="20:00", VIN="123"),
        ]
        before = written()
        seen = importer.preview(*rows)
        assert written() == before
        assert ImportRun.objects.count() == 1
        expected = {"unchanged": 1, "changed": 1, "imported": 2, "refused": 2}
        assert {state.value: count for state, count in seen.counts.items()} == expected
        assert [row.number for row in seen.refused] == [5, 6]
        assert [row.number for row in seen.remarked] == [7]
        assert importer.bring(*rows) == expected
        assert importer.problems() == [problem for row in seen.refused for problem in row.problems]
        assert importer.remarks() == [problem for row in seen.remarked for problem in row.problems]


def test_table_without_rows_imports_nothing(importer: Importer) -> None:
    assert importer.bring() == {}
    assert importer.preview().counts.total() == 0


def test_headings_of_another_program_are_understood(importer: Importer) -> None:
    importer.headings = ("Контрагент", "Контактный тел.", "Марка", "Модель", "Гос. №", "Начало", "Подъемник")
    row = ["Ким О.", "89990000001", "LADA", "Vesta", "а931рм799", "01.12.2026 08:20", "Пост 2"]
    assert importer.bring(row) == {"imported": 1}
    assert Visit.objects.get().starts_at == at("08:20", DAY)
