"""Erasing a person: what stands in the way, what goes and what stays, the time of keeping, the older copy."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.apps.visits.desk import Desk
from tests.cast import TOMORROW, Cast, at
from vovremya.config.checking import problems_found
from vovremya.customers.actions import reveal
from vovremya.customers.actions.card import value_of
from vovremya.customers.actions.erasing import note_words_forgotten
from vovremya.customers.models import (
    Campaign,
    CampaignCar,
    Car,
    Client,
    Erasure,
    Keeping,
    Merge,
    Phone,
    PhoneReveal,
    Retention,
)
from vovremya.customers.queries.erasing import told_of_acts
from vovremya.customers.rules.card import Facet, FacetOf, seen_as
from vovremya.customers.rules.erasure import Ground, Obstacle
from vovremya.customers.signals import erasure_considered
from vovremya.directory.models import Work
from vovremya.directory.rules import PROGRAM
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry, RequestKey, Words
from vovremya.kernel.refusal import Refusal
from vovremya.visits.actions import contact, erasing, matters, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.booking import Details, Plan
from vovremya.visits.actions.clients import change_client, compared, lock_client, merge, undo_merge
from vovremya.visits.actions.erasing import ErasureBlocked, carry_out_retention, consider_erasure, erase_client
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.actions.keeping import keep_client, set_retention
from vovremya.visits.models import Attempt, Case, Matter, Visit
from vovremya.visits.queries import due_clients
from vovremya.visits.rules.words import CallResult
from vovremya.waitlist.actions import keeping
from vovremya.waitlist.models import Wait

LATER = at("12:00")
VIN = "XTAGA1234R1234567"


def erase(cast: Cast, now: datetime = LATER) -> Erasure:
    return erase_client(
        cast.late_client.pk,
        Ground.REQUEST,
        requested_on=date(2026, 11, 21),
        branch=cast.branch,
        actor=cast.supervisor,
        now=now,
    )


def obstacles(cast: Cast) -> dict[str, int]:
    considered = consider_erasure(cast.late_client.pk, branch=cast.branch, actor=cast.supervisor, now=LATER)
    return {each.code: each.count for each in considered.obstacles}


def talk_and_leave(desk: Desk) -> None:
    """Called, comes, is served."""
    desk.dial("10:12")
    desk.result("10:13", CallResult.ANSWERED)
    desk.finish("10:14")
    desk.check_in("10:20")
    Visit.objects.filter(pk=desk.visit_id).update(status="done", work_started_at=at("10:21"), work_ended_at=at("11:00"))


class TestObstacles:
    def test_what_is_still_to_be_done_stands_in_the_way(self, desk: Desk, cast: Cast) -> None:
        desk.open("10:12")
        cast.book("12:00", on=TOMORROW)
        tomorrow = cast.book("15:00", on=TOMORROW)
        keeping.want_sooner(tomorrow, keeping.WishedFor(), actor=cast.operator, now=at("09:00"))
        assert obstacles(cast) == {"visit_to_come": 3, "open_contact": 1, "open_wait": 1}
        with pytest.raises(ErasureBlocked):
            erase(cast)
        assert Client.objects.get(pk=cast.late_client.pk).erased_at is None

    def test_a_car_that_is_here_stands_in_the_way(self, desk: Desk, cast: Cast) -> None:
        desk.check_in("10:12")
        assert obstacles(cast) == {"car_here": 1}

    def test_considering_writes_nothing(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        considered = consider_erasure(cast.late_client.pk, branch=cast.branch, actor=cast.supervisor, now=LATER)
        assert (considered.obstacles, considered.visits, considered.calls) == ([], 1, 1)
        assert Client.objects.get(pk=cast.late_client.pk).name == "Смирнова Анна Викторовна"
        assert Words.objects.exists()
        assert dict(considered.erased) == erase(cast).erased, "what was told to go is what goes"


class TestErasing:
    def test_words_and_numbers_go_and_figures_stay(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        act = erase(cast)
        visit = Visit.objects.get(pk=desk.visit_id)
        assert (visit.starts_at, visit.bay, visit.status, visit.reason) == (at("10:00"), cast.bays[0], "done", "")
        assert [(each.result, each.phone) for each in Attempt.objects.all()] == [("answered", None)]
        assert (Case.objects.get().comment, Case.objects.get().outcome) == ("", "confirmed")
        assert not Words.objects.exists()
        assert not RequestKey.objects.exists()
        assert not Phone.objects.exists()
        assert [(each.phone, each.client_id) for each in PhoneReveal.objects.all()] == [(None, cast.late_client.pk)]
        car = Car.objects.get(pk=cast.late_car.pk)
        assert (car.plate, car.plate_key, car.title) == ("", "", "Hyundai Solaris")
        assert (act.number, act.ground, act.requested_on) == (
            f"2026-11-22/{cast.late_client.pk}",
            "request",
            date(2026, 11, 21),
        )
        told = Entry.objects.get(kind="client_erased")
        assert (told.user_id, told.data["act"]) == (cast.supervisor.user_id, act.number)
        assert list(problems_found()) == []

    def test_nothing_is_added_after_all_is_gone(self, desk: Desk, cast: Cast) -> None:
        announce_due(at("10:21"))
        tomorrow = at("09:00", TOMORROW)
        removed = cast.book("15:00").pk
        who: dict[str, Any] = {"actor": cast.supervisor, "now": tomorrow}
        expensive = removal.RemovalInput(cast.reason("expensive"), is_said_by_client=True)
        removal.remove(removed, expensive, **{**who, "now": at("10:22")}, plan_version=1)
        Case.objects.filter(ended_at=None).update(ended_at=at("10:30"), outcome="overtaken")
        erase(cast, tomorrow)
        matter, branch_id = Matter.objects.first(), cast.branch.pk
        assert matter is not None
        said = replace(expensive, comment="Смирнова: дорого")
        for press in (
            lambda: contact.add_number(desk.visit_id, "89120000009", **who),
            lambda: matters.look_over(matter.pk, branch_id, "Смирнову вела Петрова", **who),
            lambda: removal.remove(desk.visit_id, said, **who, plan_version=1),
            lambda: removal.restore(removed, **who),
        ):
            with pytest.raises(Refusal, match="client_erased"):
                press()
        assert not Words.objects.exists()
        assert not Phone.objects.exists()
        matters.look_over(matter.pk, branch_id, "", **who)
        removal.remove(desk.visit_id, expensive, **who, plan_version=1)
        assert {visit.status for visit in Visit.objects.all()} == {"removed"}

    def test_nobody_is_erased_twice(self, cast: Cast) -> None:
        erase(cast)
        with pytest.raises(Refusal, match="client_erased"):
            erase(cast)

    def test_what_is_another_s_too_stays_with_the_other(self, cast: Cast) -> None:
        husband, _ = cast.register("Смирнов Пётр", "+7 912 345-67-89")
        Car.objects.filter(pk=cast.late_car.pk).update(vin=VIN)
        sold = Car.objects.create(client=husband, make="Hyundai", vin=VIN)
        campaign = Campaign.objects.create(network=cast.network, work=Work.objects.all()[0])
        CampaignCar.objects.create(campaign=campaign, vin=VIN)
        erase(cast)
        assert husband.phones.get().number == "+79123456789"
        assert Car.objects.get(pk=sold.pk).vin == CampaignCar.objects.get().vin == VIN

    def test_a_campaign_forgets_the_car_of_nobody_else(self, cast: Cast) -> None:
        Car.objects.filter(pk=cast.late_car.pk).update(vin=VIN)
        campaign = Campaign.objects.create(network=cast.network, work=Work.objects.all()[0])
        CampaignCar.objects.create(campaign=campaign, vin=VIN)
        erase(cast)
        assert not CampaignCar.objects.exists()

    def test_no_press_about_the_card_is_remembered(self, cast: Cast) -> None:
        of = FacetOf(cast.late_client.pk, Facet.PERSON)
        before = value_of(of)
        do: dict[str, Any] = {"branch": cast.branch, "actor": cast.supervisor, "now": LATER}
        asked = iter(Request.of(f"key {number}", "press", {"name": "Смирнова"}) for number in range(3))
        change_client(of, {**before, "comment": "Тише"}, seen=seen_as(before), **do, request=next(asked))
        keep_client(of.client_id, date(2028, 1, 1), "Спор о гарантии", **do, request=next(asked))
        twin, _ = cast.register("Смирнова А. В.")
        seen = seen_as(compared(of.client_id, twin.pk))
        merge(of.client_id, twin.pk, value_of(of), seen=seen, **do, request=next(asked))
        assert RequestKey.objects.count() == 3
        erase(cast)
        assert not RequestKey.objects.exists()

    def test_who_is_merged_into_the_client_at_that_moment_is_not_left_behind(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        twin, _ = cast.register("Смирнова А. В.")

        def merge_and_lock(*given: Any, **named: Any) -> Client:
            Client.objects.filter(pk=twin.pk).update(merged_into=cast.late_client)
            return lock_client(*given, **named)

        monkeypatch.setattr(erasing, "lock_client", merge_and_lock)
        with pytest.raises(Refusal, match="client_merged_meanwhile"):
            erase(cast)
        monkeypatch.undo()
        assert not Client.objects.filter(erased_at__isnull=False).exists()

    def test_the_check_finds_a_card_that_was_merged_into_one_that_is_erased(self, cast: Cast) -> None:
        erase(cast)
        twin, _ = cast.register("Смирнова А. В.")
        assert list(problems_found()) == []
        Client.objects.filter(pk=twin.pk).update(merged_into=cast.late_client)
        assert list(problems_found()) == [f"Client {twin.pk} is erased, and something of the person is still there."]

    @pytest.mark.parametrize("left", ["phone", "comment", "reason", "wait", "keeping"])
    def test_the_check_finds_what_is_left_of_an_erased_client(self, desk: Desk, cast: Cast, left: str) -> None:
        talk_and_leave(desk)
        erase(cast)
        if left == "phone":
            Phone.objects.create(client=cast.late_client, number="+79120000001", number_key="9120000001")
        elif left == "comment":
            Client.objects.filter(pk=cast.late_client.pk).update(comment="Тише")
        elif left == "reason":
            Visit.objects.filter(pk=desk.visit_id).update(reason="Стучит")
        elif left == "keeping":
            cast.late_client.keepings.create(
                until=TOMORROW, reason="Спор о гарантии", at=LATER, user_id=cast.supervisor.user_id or 0
            )
        else:
            Wait.objects.create(
                branch=cast.branch,
                client=cast.late_client,
                duration_minutes=60,
                until_on=TOMORROW,
                added_at=LATER,
                reason="Стучит",
            )
        assert list(problems_found()), left


class TestAnOlderCopy:
    def test_brings_the_client_back_and_the_record_erases_anew(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        told = told_of_acts([erase(cast)])
        Erasure.objects.all().delete()
        Client.objects.filter(pk=cast.late_client.pk).update(name="Смирнова", name_key="смирнова", erased_at=None)
        assert erasing.erase_again(told, LATER + timedelta(days=1)) == 1
        act = Erasure.objects.get()
        assert (act.number, act.at, act.again_at) == (told[0]["number"], LATER, LATER + timedelta(days=1))
        assert Client.objects.get(pk=cast.late_client.pk).name_key == ""
        assert erasing.erase_again(told, LATER) == 0

    def test_another_who_was_given_the_number_since_is_left_alone(self, cast: Cast) -> None:
        told = told_of_acts([erase(cast)])
        Client.objects.filter(pk=cast.late_client.pk).update(
            name="Кот", name_key="кот", erased_at=None, created_at=LATER
        )
        assert erasing.erase_again(told, LATER) == 0


MONTHS = {"client_months": 12, "words_months": None, "reveals_months": None}
IN_A_YEAR = datetime(2027, 11, 24, 9, tzinfo=UTC)


def retain(cast: Cast, **months: int | None) -> Retention:
    return set_retention(cast.branch, {**MONTHS, **months}, actor=cast.administrator, now=LATER)


def keep_the_late_client(cast: Cast) -> None:
    until, reason = date(2028, 1, 1), "Спор о гарантии"
    keep_client(cast.late_client.pk, until, reason, branch=cast.branch, actor=cast.supervisor, now=IN_A_YEAR)


def merge_into_another(cast: Cast) -> Merge:
    kept, _ = cast.register("Смирнова А. В.", "+7 912 345-67-89")
    called, seen = value_of(FacetOf(kept.pk, Facet.PERSON)), seen_as(compared(kept.pk, cast.late_client.pk))
    by: dict[str, Any] = {"branch": cast.branch, "actor": cast.supervisor, "now": LATER}
    return merge(kept.pk, cast.late_client.pk, called, seen=seen, **by)


class TestTheTimeOfKeeping:
    def test_nothing_is_erased_before_it_is_decided(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        assert carry_out_retention(IN_A_YEAR) == 0

    def test_who_has_not_been_here_for_so_long_is_erased_with_an_act(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        retain(cast)
        assert carry_out_retention(at("10:00") + timedelta(days=364)) == 0
        assert carry_out_retention(IN_A_YEAR) == 1
        assert (Erasure.objects.get().ground, Erasure.objects.get().user) == ("expired", None)
        assert carry_out_retention(IN_A_YEAR) == 0

    def test_who_is_kept_for_a_reason_or_came_again_stays(self, cast: Cast) -> None:
        retain(cast)
        guest, _ = cast.register("Кот Иван")
        Visit.objects.filter(pk=cast.book("12:00", client=guest).pk).update(
            starts_at=IN_A_YEAR, ends_at=LATER.replace(year=2028)
        )
        assert list(due_clients(Retention.objects.get(), IN_A_YEAR.date())) == [cast.late_client]
        who: dict[str, Any] = {"branch": cast.branch, "actor": cast.supervisor, "now": IN_A_YEAR}
        for until, reason in (
            (None, "Спор"),
            (date(2027, 1, 1), "Спор"),
            (date(2028, 1, 1), " "),
            (date(2028, 1, 1), "я" * 201),
        ):
            with pytest.raises(Refusal):
                keep_client(cast.late_client.pk, until, reason, **who)
        keep_client(cast.late_client.pk, date(2028, 1, 1), "Спор о гарантии", **who)
        assert list(due_clients(Retention.objects.get(), IN_A_YEAR.date())) == []

    @pytest.mark.parametrize("is_kept_by", ["reason", "longer time"])
    def test_who_is_kept_while_the_batch_goes_on_stays(self, cast: Cast, is_kept_by: str) -> None:
        retain(cast)
        guest, _ = cast.register("Кот Иван")

        def keep_the_next(client_ids: Collection[int], **_signal: object) -> Sequence[Obstacle]:
            if is_kept_by == "longer time":
                retain(cast, client_months=24)
            elif guest.pk not in client_ids:
                until, reason = date(2028, 1, 1), "Спор о гарантии"
                keep_client(guest.pk, until, reason, branch=cast.branch, actor=cast.supervisor, now=IN_A_YEAR)
            return ()

        erasure_considered.connect(keep_the_next)
        try:
            assert carry_out_retention(IN_A_YEAR) == 1
        finally:
            erasure_considered.disconnect(keep_the_next)
        assert list(Client.objects.filter(erased_at=None)) == [guest]

    @pytest.mark.parametrize("fate", ["client_erased", "client_merged"])
    def test_who_was_erased_or_merged_meanwhile_is_kept_no_longer(self, cast: Cast, fate: str) -> None:
        if fate == "client_erased":
            erase(cast)
        else:
            merge_into_another(cast)
        with pytest.raises(Refusal, match=fate):
            keep_the_late_client(cast)
        assert not Keeping.objects.exists()

    @pytest.mark.parametrize("is_of_older_release", [False, True])
    def test_who_is_kept_is_kept_under_the_card_that_they_are_merged_into(
        self, cast: Cast, is_of_older_release: bool
    ) -> None:
        retain(cast)
        keep_the_late_client(cast)
        made = merge_into_another(cast)
        if is_of_older_release:
            Keeping.objects.update(client=made.gone)
            del made.moved["keepings"]
            made.save()
        assert carry_out_retention(IN_A_YEAR) == 0
        undo_merge(made.pk, branch=cast.branch, actor=cast.supervisor, now=LATER)
        assert Keeping.objects.get().client == cast.late_client
        assert list(due_clients(Retention.objects.get(), IN_A_YEAR.date())) == [made.kept]

    def test_who_is_waited_for_is_not_erased_and_holds_up_nobody(self, cast: Cast) -> None:
        retain(cast)
        guest, _ = cast.register("Кот Иван")
        wanted = keeping.Wanted(cast.late_client, cast.late_car, 60)
        wished = keeping.WishedFor(until_on=date(2027, 12, 1))
        keeping.put_on_list(cast.branch.pk, wanted, wished, actor=cast.operator, now=LATER)
        assert carry_out_retention(IN_A_YEAR) == 1
        assert list(Client.objects.filter(erased_at=None)) == [cast.late_client]
        assert Client.objects.get(pk=guest.pk).erased_at

    def test_old_words_go_a_week_at_a_time_and_the_client_stays(self, desk: Desk, cast: Cast) -> None:
        talk_and_leave(desk)
        retain(cast, client_months=None, words_months=6)
        recent = cast.book("12:00", on=TOMORROW, now=LATER)
        Visit.objects.filter(pk=recent.pk).update(starts_at=IN_A_YEAR - timedelta(days=30), ends_at=IN_A_YEAR)
        while carry_out_retention(IN_A_YEAR):
            pass
        assert (Visit.objects.get(pk=desk.visit_id).reason, Case.objects.get().comment) == ("", "")
        assert Visit.objects.get(pk=recent.pk).reason
        assert not Words.objects.filter(entry__visit_id=desk.visit_id).exists()
        assert Client.objects.get(pk=cast.late_client.pk).name == "Смирнова Анна Викторовна"

    def test_what_is_said_of_an_old_visit_afterwards_goes_as_well(self, desk: Desk, cast: Cast) -> None:
        retain(cast, client_months=None, words_months=6)
        while carry_out_retention(IN_A_YEAR):
            pass
        until = Retention.objects.get().words_until
        wanted = NewVisit(
            cast.late_client,
            None,
            Plan(cast.bays[1].pk, at("09:00"), at("10:00")),
            Details(comment="Просит звонить жене"),
        )
        (brought,) = book_imported(cast.branch.pk, [wanted], actor=cast.supervisor, now=IN_A_YEAR)
        assert Retention.objects.get().words_until == brought.starts_at
        while carry_out_retention(IN_A_YEAR):
            pass
        assert Visit.objects.get(pk=brought.pk).comment == ""
        assert not Words.objects.filter(entry__visit_id=brought.pk).exists()
        assert Retention.objects.get().words_until == until
        removed = removal.RemovalInput(
            reason_id=cast.reason("expensive"), comment="Приезжал муж", override="Наведён порядок"
        )
        removal.remove(desk.visit_id, removed, actor=cast.supervisor, now=IN_A_YEAR, plan_version=1)
        assert Words.objects.filter(entry__visit_id=desk.visit_id).exists()
        while carry_out_retention(IN_A_YEAR):
            pass
        assert not Words.objects.filter(entry__visit_id=desk.visit_id).exists()

    def test_what_is_said_while_words_are_forgotten_is_not_passed_over(self, desk: Desk, cast: Cast) -> None:
        retain(cast, client_months=None, words_months=6)
        carry_out_retention(IN_A_YEAR)
        began = Retention.objects.get()
        Retention.objects.update(words_until=at("08:00"))
        assert not note_words_forgotten(began, IN_A_YEAR)
        assert Retention.objects.get().words_until == at("08:00")

    def test_the_access_log_is_forgotten_in_its_time(self, desk: Desk, cast: Cast) -> None:
        reveal(cast.late_phone, cast.operator, cast.branch.pk, "show", LATER)
        retain(cast, client_months=None, reveals_months=6)
        carry_out_retention(LATER + timedelta(days=100))
        assert PhoneReveal.objects.exists()
        carry_out_retention(IN_A_YEAR)
        assert not PhoneReveal.objects.exists()

    def test_months_that_cannot_be_are_refused_at_their_field(self, cast: Cast) -> None:
        with pytest.raises(Refusal) as refused:
            retain(cast, client_months=0)
        assert refused.value.field == "client_months"


def test_bytes_go_in_the_small_hours_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []

    def scrub(_tables: object) -> bool:
        done.append(True)
        return True

    monkeypatch.setattr(erasing, "scrub", scrub)
    night = at("03:00", TOMORROW)
    assert not erasing.scrub_when_quiet(night), "nobody was erased"
    act = erase(cast)
    assert not erasing.scrub_when_quiet(LATER)
    assert erasing.scrub_when_quiet(night)
    act.refresh_from_db()
    assert (act.scrubbed_at, done) == (night, [True])
    assert not erasing.scrub_when_quiet(night)


def test_every_table_with_words_is_written_anew() -> None:
    tables = erasing._tables_with_words()
    wanted = {"customers_client", "customers_phone", "customers_car", "visits_visit", "visits_case", "visits_draft"}
    wanted |= {"waitlist_wait", "journal_words", "journal_requestkey", "exchange_importrow", "customers_clientchange"}
    assert wanted <= set(tables)
    assert "journal_entry" not in tables


def test_an_erasure_asks_the_same_number_of_queries_whatever_was_said(
    desk: Desk, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    talk_and_leave(desk)
    with django_assert_max_num_queries(75):
        erase_client(
            cast.late_client.pk, Ground.REQUEST, requested_on=None, branch=cast.branch, actor=PROGRAM, now=IN_A_YEAR
        )
