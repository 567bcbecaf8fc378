"""Leases, taking over, drafts (hard case 3; the lease lasts 90 s of real time)."""

from datetime import timedelta

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import at
from vovremya.visits.actions import contact
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.models import Draft, Lease
from vovremya.visits.refusals import CallInProgress, CardHeld, WrongMoment
from vovremya.visits.rules.words import CallResult


def keep_draft(desk: Desk, sequence: int, comment: str) -> bool:
    return contact.save_draft(
        desk.case.pk,
        actor=desk.cast.operator,
        sequence=sequence,
        body={"comment": comment},
        real_now=at("10:12"),
    )


def test_the_second_operator_reads_what_the_first_one_holds(desk: Desk) -> None:
    desk.open("10:11")
    desk.open("10:12", desk.cast.second_operator)
    assert desk.holder == "Иванова"
    with pytest.raises(CardHeld) as refused:
        desk.dial("10:12", desk.cast.second_operator)
    assert refused.value.facts == {"who": "Иванова", "since": at("10:11")}


@pytest.mark.parametrize(("clock", "is_lapsed"), [("10:12:29.999", False), ("10:12:30", True)])
def test_a_lapsed_card_may_be_taken_over_by_anyone(desk: Desk, clock: str, is_lapsed: bool) -> None:
    desk.open("10:11")
    if not is_lapsed:
        with pytest.raises(CardHeld):
            desk.take_over(clock, desk.cast.second_operator)
    else:
        desk.take_over(clock, desk.cast.second_operator)
        assert desk.holder == "Петрова"
        assert desk.entry("card_taken_over").data["before_lapse"] is False


def test_a_supervisor_takes_over_before_the_lapse(desk: Desk) -> None:
    desk.open("10:11")
    desk.take_over("10:11:30", desk.cast.supervisor)
    assert desk.holder == "Кузнецова"
    assert desk.entry("card_taken_over").data == {
        "from_user_id": desk.cast.operator.user_id,
        "before_lapse": True,
    }
    assert Lease.objects.get().taken_at == at("10:11:30")


def test_a_lapsed_card_is_taken_over_knowingly_and_not_by_opening_it(desk: Desk) -> None:
    desk.open("10:11")
    desk.open("10:20", desk.cast.second_operator)
    assert desk.holder == "Иванова"


def test_nobody_takes_a_card_in_a_live_call(desk: Desk) -> None:
    desk.dial("10:12")
    with pytest.raises(CallInProgress):
        desk.take_over("10:12:10", desk.cast.supervisor)
    contact.lapse_leases(at("10:13:45"), at("10:13:45"))
    with pytest.raises(CallInProgress):
        desk.take_over("10:13:50", desk.cast.second_operator)
    desk.open("10:13:50", desk.cast.second_operator)
    assert desk.holder == ""


def test_who_has_lost_the_card_cannot_write_into_it(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.take_over("10:12:30", desk.cast.supervisor)
    with pytest.raises(CardHeld):
        desk.finish("10:13")
    with pytest.raises(CardHeld):
        desk.save("10:13", CardInput(comment="Едет"))


def test_a_card_whose_lease_lapsed_unnoticed_is_taken_up_again_by_working_on_it(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    contact.lapse_leases(at("10:20"), at("10:20"))
    assert desk.finish("10:20", eta="10").outcome == "confirmed"


def test_an_ended_case_is_not_taken_over(desk: Desk) -> None:
    with pytest.raises(WrongMoment, match="case_ended"):
        desk.take_over("10:12")


def test_the_lease_is_renewed_by_its_holder_alone(desk: Desk) -> None:
    case = desk.open("10:11")
    assert contact.renew_lease(case.pk, actor=desk.cast.operator, real_now=at("10:11:30"))
    assert Lease.objects.get().until == at("10:13")
    assert not contact.renew_lease(case.pk, actor=desk.cast.second_operator, real_now=at("10:12"))


def test_the_watch_frees_lapsed_cards_once(desk: Desk) -> None:
    desk.open("10:11")
    assert contact.lapse_leases(at("10:12:30") - timedelta(milliseconds=1), at("10:12:29")) == 0
    assert contact.lapse_leases(at("10:12:30"), at("10:12:30")) == 1
    assert contact.lapse_leases(at("10:12:35"), at("10:12:35")) == 0
    assert desk.holder == ""
    assert desk.entry("lease_lapsed").data["from_user_id"] == desk.cast.operator.user_id


def test_a_draft_outlives_the_lease_and_is_seen_by_the_next(desk: Desk) -> None:
    desk.open("10:11")
    keep_draft(desk, 1, "Едет, про")
    contact.lapse_leases(at("10:13"), at("10:13"))
    desk.open("10:14", desk.cast.second_operator)
    draft = Draft.objects.get()
    assert (draft.user_id, draft.body) == (desk.cast.operator.user_id, {"comment": "Едет, про"})


def test_a_late_write_of_a_draft_is_dropped(desk: Desk) -> None:
    desk.open("10:11")
    kept = [keep_draft(desk, 1, "Е"), keep_draft(desk, 3, "Едет"), keep_draft(desk, 2, "Ед"), keep_draft(desk, 3, "?")]
    assert kept == [True, True, False, False]
    assert Draft.objects.get().body == {"comment": "Едет"}


def test_a_draft_of_an_ended_case_or_behind_the_wall_is_dropped(desk: Desk) -> None:
    case = desk.open("10:11")
    assert not contact.save_draft(case.pk, actor=desk.cast.stranger, sequence=1, body={}, real_now=at("10:12"))
    desk.check_in("10:12")
    assert not keep_draft(desk, 1, "Едет")


def test_a_draft_is_no_fact(desk: Desk) -> None:
    desk.open("10:11")
    before = desk.journal()
    keep_draft(desk, 1, "Едет")
    assert desk.journal() == before
