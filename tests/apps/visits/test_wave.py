"""What is done about a late client and those that it hits: the visit of 10:00, and whoever comes to its bay next."""

from typing import Any

import pytest

from tests.apps.visits.desk import Desk, watch
from tests.cast import MOSCOW, TOMORROW, Cast, at
from vovremya.directory.models import Bay, BayGroup, Branch
from vovremya.directory.rules import Actor, Role
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotAllowed, NotFound, Refusal
from vovremya.schedule.refusals import BayTaken
from vovremya.visits.actions import booking, contact
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.actions.wave import Shift, Words, apply_plan, rebook_elsewhere
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Case, Visit
from vovremya.visits.refusals import Conflict, WrongMoment
from vovremya.visits.rules.words import Answer, CallResult, Outcome, State

WORDS = Words("Перенос на 10:40", "Сдвиг из-за опоздания")
NOW = "10:15"


@pytest.fixture
def follower(cast: Cast, desk: Desk) -> Desk:
    """Another client, at eleven on the same bay."""
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    return Desk(cast, cast.book("11:00", client=client, car=car).pk)


def shift(desk: Desk, clock: str = "", *, bay: int = 0, version: int = 0) -> Shift:
    visit = desk.visit
    starts_at = at(clock) if clock else visit.starts_at
    return Shift(visit.pk, version or visit.plan_version, desk.cast.bays[bay].pk, starts_at)


def apply(late: Shift, *others: Shift, desk: Desk, by: Actor | None = None, **more: Any) -> list[int]:
    more = {"arrives_at": at("10:40"), "from_card": False, **more}
    return apply_plan(late, others, WORDS, actor=by or desk.cast.operator, now=at(NOW), real_now=at(NOW), **more)


def told_of_a_move(desk: Desk, follower: Desk) -> Case:
    """The follower is shifted by 40 minutes and does not know."""
    assert apply(shift(desk, "10:40"), shift(follower, "11:40"), desk=desk) == [follower.visit_id]
    return follower.case


def places(*desks: Desk) -> list[str]:
    return [f"{desk.visit.starts_at.astimezone(MOSCOW):%H:%M} {desk.visit.bay.name}" for desk in desks]


# --- the plan is done whole --------------------------------------------------------------------------------------


def test_the_late_one_comes_later_and_those_after_it_too(desk: Desk, follower: Desk) -> None:
    told = apply(shift(desk, "10:40"), shift(follower, "11:40"), desk=desk)
    assert places(desk, follower) == ["10:40 Пост 1", "11:40 Пост 1"]
    assert told == [follower.visit_id]
    moves = Entry.objects.filter(kind="visit_moved")
    assert moves.count() == 2
    assert moves.values("action_id").distinct().count() == 1
    assert broken_invariants() == []


def test_places_may_be_changed_in_a_ring(desk: Desk, follower: Desk) -> None:
    apply(shift(desk, "11:00"), shift(follower, "12:00"), desk=desk, arrives_at=at("11:00"))
    assert places(desk, follower) == ["11:00 Пост 1", "12:00 Пост 1"]
    assert broken_invariants() == []


def test_another_bay_is_no_news_to_a_client(desk: Desk, follower: Desk) -> None:
    assert apply(shift(desk, "10:40"), shift(follower, bay=1), desk=desk) == []
    assert places(desk, follower) == ["10:40 Пост 1", "11:00 Пост 2"]
    assert not follower.visit.cases.exists()


def test_from_the_card_the_contact_ends_as_moved(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    assert apply(shift(desk, "11:30"), desk=desk, from_card=True) == []
    assert desk.case.outcome == Outcome.MOVED
    assert desk.case.comment == WORDS.late


def test_who_is_not_on_the_line_is_told_of_any_time_but_the_arrival(desk: Desk) -> None:
    assert apply(shift(desk, "11:30"), desk=desk) == [desk.visit_id]
    assert desk.case.known_starts_at == at("10:40")
    assert desk.state(NOW) is State.TO_TELL


def test_the_late_client_s_own_next_work_needs_no_call(cast: Cast, desk: Desk) -> None:
    own = Desk(cast, cast.book("11:00", bay=1).pk)
    assert apply(shift(desk, "10:40"), shift(own, "11:40", bay=1), desk=desk) == []
    assert own.visit.follows == desk.visit


# --- what has changed meanwhile ----------------------------------------------------------------------------------


def test_a_visit_changed_meanwhile_refuses_the_whole_plan(desk: Desk, follower: Desk) -> None:
    plan = [shift(desk, "10:40"), shift(follower, "11:40")]
    follower.move("10:13", "15:00")
    with pytest.raises(Conflict) as refused:
        apply(*plan, desk=desk)
    assert refused.value.facts["visit"] == follower.visit
    assert places(desk, follower) == ["10:00 Пост 1", "15:00 Пост 1"]
    assert broken_invariants() == []


def test_a_place_taken_meanwhile_refuses_the_whole_plan(cast: Cast, desk: Desk, follower: Desk) -> None:
    plan = [shift(desk, "10:40"), shift(follower, "11:40")]
    stranger, car = cast.register("Пёс Олег", "+7 912 000-00-02", plate="А002АА77")
    cast.book("12:30", client=stranger, car=car)
    with pytest.raises(BayTaken):
        apply(*plan, desk=desk)
    assert places(desk, follower) == ["10:00 Пост 1", "11:00 Пост 1"]


def test_who_has_come_meanwhile_stays_where_he_is(desk: Desk, follower: Desk) -> None:
    plan = [shift(desk, "10:40"), shift(follower, "11:40")]
    follower.check_in("10:14")
    with pytest.raises(Refusal, match="not_planned_arrived"):
        apply(*plan, desk=desk)


def test_the_same_press_is_done_once(desk: Desk, follower: Desk) -> None:
    request = Request.of("key", "wave", {})
    plan = [shift(desk, "10:40"), shift(follower, "11:40")]
    apply(*plan, desk=desk, request=request)
    with pytest.raises(AlreadyDone):
        apply(*plan, desk=desk, request=request)
    assert places(desk, follower) == ["10:40 Пост 1", "11:40 Пост 1"]


def test_nobody_is_put_off_to_another_day_unasked(desk: Desk) -> None:
    other_day = Shift(desk.visit_id, 1, desk.cast.bays[0].pk, at("10:00", TOMORROW))
    with pytest.raises(WrongMoment, match="not_reached"):
        apply(other_day, desk=desk)
    desk.call("10:12", CallResult.ANSWERED)
    apply(other_day, desk=desk, from_card=True)
    assert desk.visit.on == TOMORROW


def test_a_visit_of_another_branch_has_no_part_in_it(cast: Cast, desk: Desk) -> None:
    elsewhere = booked_elsewhere(cast)
    network_operator = with_roles(cast, cast.branch, cast.other_branch)
    with pytest.raises(NotFound):
        apply(shift(desk, "10:40"), shift(Desk(cast, elsewhere.pk)), desk=desk, by=network_operator)


# --- the call about the move -------------------------------------------------------------------------------------


def test_the_client_is_told_and_the_plan_stays(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    assert follower.state("10:16") is State.TO_TELL
    follower.dial("10:16", phone_id=follower.visit.client.phones.get().pk)
    follower.result("10:16:20", CallResult.ANSWERED)
    with pytest.raises(Refusal, match="bad_input"):
        follower.finish("10:17", card=CardInput(answer=Answer.YES))
    follower.finish("10:17", card=CardInput(answer=Answer.YES, comment="Согласен"))
    assert follower.case.outcome == Outcome.TOLD
    assert follower.state("10:18") is State.PLANNED
    assert follower.visit.expected_at is None
    assert broken_invariants() == []


def test_who_is_not_reached_is_called_again_and_never_removed_for_it(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    phone_id = follower.visit.client.phones.get().pk
    for clock in ("10:16", "10:22", "10:28"):
        follower.call(clock, CallResult.BUSY, phone_id=phone_id)
    assert follower.case.grounds == ""
    assert follower.case.retry_at == at("10:33:20")
    assert follower.state("10:34") is State.TO_TELL
    with pytest.raises(Refusal, match="failures_needed"):
        follower.remove("10:35", "unreached")


def test_whom_the_new_time_does_not_suit_is_moved_or_refuses(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    follower.call("10:16", CallResult.ANSWERED, phone_id=follower.visit.client.phones.get().pk)
    follower.move("10:17", "15:00", from_card=True, comment="Удобнее в три")
    assert follower.case.outcome == Outcome.MOVED
    assert broken_invariants() == []


def test_a_second_shift_does_not_forget_what_the_client_knows(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    again = apply(shift(desk, "10:50"), shift(follower, "11:50"), desk=desk, arrives_at=at("10:50"))
    assert again == [follower.visit_id]
    assert follower.case.known_starts_at == at("11:00")
    assert [case.outcome for case in follower.visit.cases.order_by("round")] == [Outcome.CLOSED_BY_PLAN, ""]
    back = [shift(desk, "12:00"), shift(follower, "11:00")]
    assert apply(*back, desk=desk, arrives_at=at("12:00")) == []
    assert follower.state(NOW) is State.PLANNED


def test_another_bay_leaves_the_call_to_be_made(desk: Desk, follower: Desk) -> None:
    case = told_of_a_move(desk, follower)
    assert apply(shift(desk), shift(follower, bay=2), desk=desk) == [follower.visit_id]
    assert follower.case == case
    assert broken_invariants() == []


def test_the_lateness_overtakes_the_call(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    follower.open("11:45")
    watch("11:51")
    (moved,) = follower.visit.cases.all()
    assert (moved.outcome, moved.ended_at, moved.ended_by) == (Outcome.OVERTAKEN, at("11:50:00.001"), None)
    assert follower.state("11:51") is State.LATE
    assert follower.open("11:52").round == 2
    assert follower.is_missed("12:01")
    assert broken_invariants() == []


def test_the_lateness_overtakes_the_call_though_the_watch_sleeps(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    assert follower.open("11:55").kind == "late"
    assert [case.outcome for case in follower.visit.cases.order_by("round")] == [Outcome.OVERTAKEN, ""]


def test_a_call_about_a_move_is_not_opened_again(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    follower.call("10:16", CallResult.ANSWERED, phone_id=follower.visit.client.phones.get().pk)
    follower.finish("10:17", card=CardInput(answer=Answer.YES, comment="Согласен"))
    with pytest.raises(WrongMoment, match="nothing_to_reopen"):
        contact.reopen(follower.visit_id, actor=desk.cast.supervisor, now=at("10:20"))


def test_an_arrival_taken_back_when_the_client_is_late_leaves_the_call_ended(desk: Desk, follower: Desk) -> None:
    told_of_a_move(desk, follower)
    follower.check_in("11:00")
    follower.undo_check_in("11:10")
    assert follower.state("11:11") is State.TO_TELL
    follower.check_in("11:12")
    follower.undo_check_in("11:55")
    assert follower.state("11:56") is State.LATE
    assert follower.case.outcome == Outcome.OVERTAKEN
    assert broken_invariants() == []


# --- another branch ----------------------------------------------------------------------------------------------


def bay_elsewhere(cast: Cast) -> Bay:
    group, _ = BayGroup.objects.get_or_create(branch=cast.other_branch, name="Слесарный")
    return Bay.objects.get_or_create(branch=cast.other_branch, group=group, name="Пост 1")[0]


def booked_elsewhere(cast: Cast) -> Visit:
    client, _ = cast.register("Ёж Пётр", "+7 912 000-00-03")
    plan = booking.Plan(bay_elsewhere(cast).pk, at("06:00", TOMORROW), at("07:00", TOMORROW))
    return booking.book(cast.other_branch.pk, client, None, plan, booking.Details(), actor=cast.stranger, now=at(NOW))


def with_roles(cast: Cast, *branches: Branch) -> Actor:
    roles = {branch.pk: frozenset({Role.OPERATOR}) for branch in branches}
    return Actor(user_id=cast.operator.user_id, name="Иванова", roles=roles)


def rebook(desk: Desk, by: Actor) -> Visit:
    late = Shift(desk.visit_id, desk.visit.plan_version, bay_elsewhere(desk.cast).pk, at("05:00", TOMORROW))
    branch_id = desk.cast.other_branch.pk
    return rebook_elsewhere(late, branch_id, "Восток, завтра", actor=by, now=at(NOW), real_now=at(NOW))


def test_the_client_goes_to_another_branch_with_all_that_was_written_down(cast: Cast, desk: Desk) -> None:
    both = with_roles(cast, cast.branch, cast.other_branch)
    desk.call("10:12", CallResult.ANSWERED)
    booked = rebook(desk, both)
    assert (booked.branch, booked.client, booked.car) == (cast.other_branch, cast.late_client, cast.late_car)
    assert booked.reason == desk.visit.reason
    assert [work.code for work in booked.works.all()] == ["to-60"]
    assert desk.visit.status == "removed"
    reason = desk.visit.removal_reason
    assert reason is not None
    assert reason.code == "other_branch"
    assert desk.case.outcome == Outcome.MOVED
    assert desk.entry("visit_removed").action_id == Entry.objects.get(visit_id=booked.pk).action_id
    assert broken_invariants() == []


def test_another_branch_wants_a_talk_and_the_right_there(cast: Cast, desk: Desk) -> None:
    both = with_roles(cast, cast.branch, cast.other_branch)
    with pytest.raises(WrongMoment, match="not_reached"):
        rebook(desk, both)
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(NotFound):
        rebook(desk, cast.operator)
    with pytest.raises(NotAllowed):
        rebook(desk, cast.master)
    assert desk.visit.status == "planned"


def test_a_car_with_a_next_work_does_not_go_to_another_branch_by_half(cast: Cast, desk: Desk) -> None:
    cast.book("11:00", bay=1)
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(WrongMoment, match="moves_with_its_next"):
        rebook(desk, with_roles(cast, cast.branch, cast.other_branch))
