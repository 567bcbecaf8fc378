"""What came true by itself is written down once, dated by the timeline, whoever notices it first."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.apps.visits.desk import Desk, watch
from tests.cast import TOMORROW, at
from vovremya.journal.models import Entry
from vovremya.visits.actions import announcements
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.contact.holding import reopen
from vovremya.visits.actions.reception import mark_no_show
from vovremya.visits.actions.turn import Outage
from vovremya.visits.models import Visit
from vovremya.visits.queries import Standing, earliest_change, standing_from
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.words import CallResult

SPOKEN = ("turned_late", "deadline_missed", "retry_came_due", "client_did_not_arrive", "call_ended", "card_finished")


def test_the_watch_says_each_thing_at_its_instant(desk: Desk) -> None:
    for clock in ("10:10", "10:10:00.001", "10:15", "10:20", "10:20:00.001", "10:30", "23:59:59.999"):
        watch(clock)
    announce_due(at("00:00", TOMORROW))
    assert desk.journal(*SPOKEN) == [
        ("turned_late", "10:10"),
        ("deadline_missed", "10:20"),
        ("client_did_not_arrive", "00:00"),
    ]
    assert desk.entry("turned_late").at == at("10:10:00.001")
    assert desk.visit.next_change_at is None


def test_what_the_watch_says_is_nobody_s_doing(desk: Desk) -> None:
    desk.open("10:30")
    entries = Entry.objects.filter(visit_id=desk.visit_id, kind__in=SPOKEN)
    assert {entry.user_id for entry in entries} == {None}
    assert {entry.recorded_at for entry in entries} == {at("10:30")}


def test_who_read_the_clock_earlier_and_got_the_lock_later_has_nothing_announced_again(desk: Desk) -> None:
    desk.open("10:11")
    desk.release("10:10")
    watch("10:12")
    assert desk.journal("turned_late") == [("turned_late", "10:10")]


def test_day_that_was_announced_as_over_opens_no_contact_for_who_read_the_clock_earlier(desk: Desk) -> None:
    desk.call("23:50", CallResult.BUSY)
    announce_due(at("00:00", TOMORROW))
    assert desk.case.outcome == "expired"
    with pytest.raises(WrongMoment, match="not_late"):
        desk.open("23:59:59.999")
    with pytest.raises(WrongMoment, match="day_over"):
        desk.called("23:59:59.999")
    with pytest.raises(WrongMoment, match="nothing_to_reopen"):
        reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("23:59:59.999"))


def test_with_the_watch_off_for_an_hour_any_action_says_the_same(desk: Desk) -> None:
    desk.dial("10:19:30")
    twin = Desk(desk.cast, desk.cast.book("10:00", bay=1, now=at("08:01")).pk)
    Visit.objects.filter(pk=twin.visit_id).update(car=None)
    twin.dial("10:19:30", desk.cast.second_operator, is_repeat_confirmed=True)
    for minute in range(20, 60):
        announce_due(at(f"10:{minute}:01"))
        Visit.objects.filter(pk=twin.visit_id).update(next_change_at=at("23:00"))
    twin.check_in("11:20")
    desk.check_in("11:20")
    assert twin.journal(*SPOKEN) == desk.journal(*SPOKEN)
    assert ("call_ended", "10:21") in twin.journal(*SPOKEN)


def test_a_call_over_the_day_s_end_ends_with_the_day_whoever_looks_first(desk: Desk) -> None:
    desk.dial("23:59:30")
    announce_due(at("00:10", TOMORROW))
    assert desk.attempts[0].ended_at == at("00:00", TOMORROW)
    assert desk.case.outcome == "expired"
    assert desk.case.ended_by_id is None
    assert [kind for kind, _ in desk.journal(*SPOKEN)][-3:] == ["call_ended", "card_finished", "client_did_not_arrive"]


def test_an_expired_case_is_the_day_s_end_s_doing_though_an_operator_finds_it(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    tomorrow = at("08:00", TOMORROW)
    assert desk.visit.next_change_at
    mark_no_show(desk.visit_id, actor=desk.cast.operator, now=tomorrow)
    assert (desk.case.outcome, desk.case.ended_at, desk.case.ended_by_id) == (
        "expired",
        at("00:00", TOMORROW),
        None,
    )


def test_a_second_watch_finds_nothing_left_to_do(desk: Desk) -> None:
    assert watch("10:11") == 1
    assert watch("10:11") == 0
    assert desk.journal("turned_late") == [("turned_late", "10:10")]


def test_a_copy_that_comes_second_leaves_the_visit_alone(desk: Desk) -> None:
    watch("10:11")
    version = desk.visit.version
    announcements._announce(desk.visit_id, at("10:11"), None)
    assert announcements._announce_together([desk.visit_id], at("10:11"), None) == (0, [])
    assert desk.visit.version == version


def test_a_deadline_missed_by_an_outage_is_marked_so(desk: Desk) -> None:
    outage = Outage(at("10:15"), at("10:30"))
    watch("10:30", outage=outage)
    assert desk.entry("deadline_missed").data == {"by_outage": True}
    assert desk.entry("turned_late").data == {}


def test_a_visit_that_fails_is_set_aside_and_blocks_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    healthy = Desk(desk.cast, desk.cast.book("10:00", bay=1).pk)
    read = standing_from

    def is_broken(visit: Visit, *rest: Any) -> Standing:
        if visit.pk == desk.visit_id:
            raise RuntimeError("broken row")
        return read(visit, *rest)

    monkeypatch.setattr("vovremya.visits.actions.turn.standing_from", is_broken)
    with caplog.at_level(logging.CRITICAL):
        assert watch("10:11") == 2
    assert healthy.journal("turned_late")
    assert desk.visit.next_change_at == at("10:16")
    monkeypatch.undo()
    watch("10:16")
    assert desk.entry("turned_late").at == at("10:10:00.001")


def test_the_watch_sleeps_until_the_earliest_change_of_all(desk: Desk) -> None:
    desk.cast.book("09:30", bay=1)
    assert earliest_change() == at("09:40:00.001")
    watch("09:41")
    assert earliest_change() == at("09:50:00.001")


def test_an_action_raises_the_version_and_a_draft_does_not(desk: Desk) -> None:
    versions = [desk.visit.version]
    desk.open("10:11")
    versions.append(desk.visit.version)
    watch("10:21")
    versions.append(desk.visit.version)
    assert versions == [1, 2, 3]
    assert desk.visit.announced_until - at("10:21") == timedelta(0)
