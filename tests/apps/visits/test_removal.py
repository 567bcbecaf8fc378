"""«Удалить запись» and taking it back (M6, M11; hard case 2)."""

import pytest

from tests.apps.visits.desk import Desk, watch
from tests.cast import TOMORROW, at
from vovremya.kernel.refusal import BadInput, NotAllowed
from vovremya.schedule.models import Occupation
from vovremya.schedule.refusals import BayTaken
from vovremya.visits.actions import removal
from vovremya.visits.actions.booking import Plan
from vovremya.visits.refusals import CallInProgress, Conflict, NotPlanned, WrongMoment
from vovremya.visits.rules.removal import NoGround
from vovremya.visits.rules.words import CallResult, State


def give_grounds(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    desk.call("10:18", CallResult.BUSY)


def test_not_reached_is_a_reason_after_the_second_failure_only(desk: Desk) -> None:
    with pytest.raises(NoGround, match="failures_needed"):
        desk.remove("10:11", "unreached")
    give_grounds(desk)
    visit = desk.remove("10:20", "unreached")
    assert (visit.status, visit.removed_at, visit.removed_by_id) == (
        "removed",
        at("10:20"),
        desk.cast.operator.user_id,
    )
    assert (desk.case.outcome, desk.state("10:20")) == ("unreached", State.REMOVED)
    assert not Occupation.objects.filter(visit_id=desk.visit_id).exists()


def test_a_refusal_in_the_call_is_the_client_s_own_word(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.remove("10:13", "expensive", comment="Нашёл дешевле")
    assert (desk.case.outcome, desk.case.answer, desk.case.comment) == ("refused", "no", "Нашёл дешевле")
    assert desk.entry("visit_removed").data == {"reason": "expensive", "group": "client", "is_override": False}


def test_a_refusal_without_a_contact_is_taken_at_its_word(desk: Desk) -> None:
    with pytest.raises(NoGround, match="client_words_needed"):
        desk.remove("09:00", "expensive")
    desk.remove("09:00", "expensive", is_said_by_client=True)
    assert desk.visit.status == "removed"


def test_some_reasons_ask_for_a_comment(desk: Desk) -> None:
    with pytest.raises(NoGround, match="comment_needed"):
        desk.remove("09:00", "unhappy_before", is_said_by_client=True)


def test_reasons_of_the_station_are_the_master_s(desk: Desk) -> None:
    with pytest.raises(NoGround, match="reason_not_for_role"):
        desk.remove("09:00", "no_parts", comment="Нет фильтра")
    desk.open("10:11")
    desk.remove("10:12", "no_parts", desk.cast.master, comment="Нет фильтра")
    assert desk.case.outcome == "removed"


def test_a_duplicate_is_the_operator_s_too(desk: Desk) -> None:
    desk.remove("09:00", "duplicate", comment="Записан дважды")
    assert desk.visit.removal_comment == "Записан дважды"


def test_a_supervisor_overrides_in_writing(desk: Desk) -> None:
    desk.remove("09:00", "unreached", desk.cast.supervisor, override="Звонил сам")
    assert desk.visit.removal_comment == "Звонил сам"
    assert desk.entry("visit_removed").data["is_override"] is True


def test_an_operator_s_override_is_none(desk: Desk) -> None:
    give_grounds(desk)
    desk.remove("10:20", "unreached", override="Так решила")
    assert desk.entry("visit_removed").data["is_override"] is False


def test_who_did_not_come_all_day_may_be_removed(desk: Desk) -> None:
    next_morning = at("08:00", TOMORROW)
    form = removal.RemovalInput(desk.cast.reason("no_show"))
    removal.remove(desk.visit_id, form, actor=desk.cast.operator, now=next_morning, plan_version=1)
    assert desk.visit.status == "removed"


@pytest.mark.parametrize("reason_id", [None, 9999])
def test_a_removal_has_a_reason(desk: Desk, reason_id: int | None) -> None:
    form = removal.RemovalInput(reason_id, is_said_by_client=True)
    with pytest.raises(BadInput) as refused:
        removal.remove(desk.visit_id, form, actor=desk.cast.operator, now=at("09:00"), plan_version=1)
    assert refused.value.problems == {"reason": "reason_needed"}


def test_what_was_moved_meanwhile_is_not_removed(desk: Desk) -> None:
    desk.move("09:00", "14:00")
    with pytest.raises(Conflict, match="plan_changed"):
        desk.remove("09:01", "expensive", plan_version=1, is_said_by_client=True)


def test_nobody_removes_what_a_colleague_is_calling_about(desk: Desk) -> None:
    desk.dial("10:12")
    with pytest.raises(CallInProgress):
        desk.remove("10:12:30", "expensive", desk.cast.second_operator, is_said_by_client=True)


def test_an_arrived_visit_is_not_removed(desk: Desk) -> None:
    desk.check_in("10:05")
    with pytest.raises(NotPlanned):
        desk.remove("10:06", "expensive", is_said_by_client=True)


# --- restoring -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["operator", "master", "supervisor"])
def test_on_the_same_day_the_desk_restores(desk: Desk, name: str) -> None:
    desk.remove("09:00", "expensive", is_said_by_client=True)
    visit = desk.restore("09:30", desk.cast.actor(name))
    assert (visit.status, visit.plan_version) == ("planned", 2)
    assert Occupation.objects.filter(visit_id=desk.visit_id).exists()


def test_on_another_day_a_supervisor_restores(desk: Desk) -> None:
    desk.remove("09:00", "expensive", is_said_by_client=True)
    tomorrow = at("09:00", TOMORROW)
    with pytest.raises(NotAllowed):
        removal.restore(desk.visit_id, actor=desk.cast.operator, now=tomorrow)
    removal.restore(desk.visit_id, actor=desk.cast.supervisor, now=tomorrow)
    assert desk.standing.state(tomorrow) is State.NOT_ARRIVED


def test_a_restored_visit_is_as_late_as_it_would_have_been(desk: Desk) -> None:
    watch("10:11")
    desk.remove("10:12", "expensive", is_said_by_client=True)
    desk.restore("10:40")
    assert desk.state("10:40") is State.OVERDUE
    assert desk.journal("turned_late", "deadline_missed") == [("turned_late", "10:10"), ("deadline_missed", "10:20")]


def test_a_visit_whose_bay_is_taken_meanwhile_is_restored_elsewhere(desk: Desk) -> None:
    desk.remove("09:00", "expensive", is_said_by_client=True)
    desk.cast.book("10:00", client=desk.cast.register("Петров Пётр")[0])
    with pytest.raises(BayTaken):
        desk.restore("09:30")
    plan = Plan(desk.cast.bays[1].pk, at("10:00"), at("11:00"))
    assert desk.restore("09:30", plan=plan).bay_id == desk.cast.bays[1].pk


def test_what_is_not_removed_is_not_restored(desk: Desk) -> None:
    with pytest.raises(WrongMoment, match="not_removed"):
        desk.restore("09:30", desk.cast.supervisor)
    with pytest.raises(NotAllowed):
        desk.restore("09:30")
