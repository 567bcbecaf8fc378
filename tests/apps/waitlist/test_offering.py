"""From a time that becomes free to the client who agrees to it, and everything that may come between."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.apps.waitlist.list_desk import ListDesk
from tests.cast import TOMORROW, Cast, at
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.schedule.actions import hold, release_holds
from vovremya.schedule.models import Occupation
from vovremya.schedule.refusals import BayTaken
from vovremya.schedule.rules.occupied import Occupied
from vovremya.visits.actions.booking import Details, Plan, book
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Visit
from vovremya.visits.refusals import Conflict, WrongMoment
from vovremya.visits.rules.words import Status
from vovremya.waitlist.actions import keeping, offering
from vovremya.waitlist.actions.offering import OfferedTime
from vovremya.waitlist.actions.watching import lapse_offers
from vovremya.waitlist.invariants import broken_waits
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.queries import at_a_glance, on_list
from vovremya.waitlist.refusals import NotWaiting, OfferedByOther, OfferEnded
from vovremya.waitlist.rules.words import Ending, OfferAnswer


@pytest.fixture(autouse=True)
def _nothing_is_broken(db: None) -> Iterator[None]:
    """Whatever a test did, what must hold holds behind it."""
    yield
    assert broken_waits() == []


def test_what_becomes_free_is_offered_to_whom_it_fits_best(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    longest, best, urgent = desk.wait(0, 30), desk.wait(1, 60, "08:11"), desk.wait(2, 30, "08:12", is_urgent=True)
    assert desk.called() == []
    desk.remove(ten)
    assert desk.called() == [("22 10:00", [urgent.pk, best.pk, longest.pk])]
    assert at_a_glance(desk.cast.branch.pk, at("08:21"), at("08:21")).count_of_calls == 1


def test_who_agrees_is_booked_with_all_that_was_asked_for(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    visit = desk.accept(desk.offer(wait))
    assert (visit.starts_at, visit.ends_at, visit.bay_id) == (at("10:00"), at("11:00"), desk.cast.bays[0].pk)
    assert (visit.client, visit.car, visit.reason) == (wait.client, wait.car, "Масло")
    assert visit.advisor == desk.cast.advisor
    wait.refresh_from_db()
    assert (wait.ending, wait.ended_by_id, wait.visit) == (Ending.SERVED, desk.cast.operator.user_id, visit)
    assert desk.called("08:24") == []
    assert desk.journal() == [
        "wait_begun",
        "visit_removed",
        "time_offered",
        "visit_booked",
        "offer_answered",
        "wait_ended",
    ]
    assert not Occupation.objects.filter(of=Occupation.Of.HOLD).exists()


def test_who_has_a_visit_is_moved_and_what_was_left_goes_to_the_next(desk: ListDesk) -> None:
    visits = desk.full_day()
    evening, next_one = visits["20:00"], desk.wait(1, clock="08:11")
    wait = desk.sooner(evening)
    desk.remove(visits["10:00"])
    assert desk.called() == [("22 10:00", [wait.pk, next_one.pk])]
    moved = desk.accept(desk.offer(wait))
    assert (moved.pk, moved.starts_at, moved.status) == (evening.pk, at("10:00"), Status.PLANNED)
    assert desk.called("08:24") == [("22 20:00", [next_one.pk])]


def test_who_refuses_or_is_not_reached_is_not_offered_it_again(desk: ListDesk) -> None:
    visits = desk.full_day()
    first, second = desk.wait(0), desk.wait(1, clock="08:11")
    desk.remove(visits["10:00"])
    offering.decline(desk.offer(first).pk, OfferAnswer.REFUSED, actor=desk.cast.operator, now=at("08:23"))
    assert desk.called() == [("22 10:00", [second.pk])]
    offering.decline(desk.offer(second).pk, OfferAnswer.UNREACHED, actor=desk.cast.operator, now=at("08:24"))
    assert desk.called() == []
    with pytest.raises(WrongMoment, match="asked_already"):
        desk.offer(first, to="10:00")
    desk.remove(visits["14:00"], "08:30")
    assert desk.called("08:31") == [("22 14:00", [first.pk, second.pk])], "another time is another matter"


def test_a_wrong_answer_is_taken_back(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    offered = desk.offer(wait)
    offering.decline(offered.pk, OfferAnswer.REFUSED, actor=desk.cast.operator, now=at("08:23"))
    offering.take_back_answer(offered.pk, actor=desk.cast.operator, now=at("08:24"))
    assert desk.called() == [("22 10:00", [wait.pk])]
    with pytest.raises(WrongMoment, match="nothing_to_take_back"):
        offering.take_back_answer(offered.pk, actor=desk.cast.operator, now=at("08:24"))
    desk.accept(desk.offer(wait))


def test_of_two_desks_that_offer_one_time_the_second_is_told_who_has_it(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    first, second = desk.wait(0), desk.wait(1)
    desk.remove(ten)
    desk.offer(first)
    with pytest.raises(BayTaken) as refused:
        desk.offer(second, by=desk.cast.second_operator)
    (holder,) = cast(Sequence[Occupied], refused.value.facts["in_the_way"])
    assert (holder.held_by_id, holder.held_until) == (desk.cast.operator.user_id, at("08:27"))
    with pytest.raises(OfferedByOther) as told:
        desk.offer(first, by=desk.cast.second_operator)
    assert told.value.facts == {"who": "Иванова", "until": at("08:27")}
    assert desk.called() == [("22 10:00", [first.pk, second.pk])], "the call is still there, in hand"


def test_a_time_that_is_held_no_longer_goes_to_whoever_is_first(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    first, second = desk.wait(0), desk.wait(1)
    desk.remove(ten)
    slow = desk.offer(first)
    quick = desk.offer(second, "08:28", by=desk.cast.second_operator)
    desk.accept(quick, "08:29", by=desk.cast.second_operator)
    with pytest.raises(BayTaken):
        desk.accept(slow, "08:30")
    assert Wait.objects.get(pk=first.pk).ending == ""


def test_a_call_that_nobody_ended_lapses_and_may_still_be_answered(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    offered = desk.offer(wait)
    assert lapse_offers(at("08:26:59"), at("08:26:59")) == 0
    assert lapse_offers(at("08:27"), at("08:27")) == 1
    assert lapse_offers(at("08:27"), at("08:27")) == 0
    offered.refresh_from_db()
    assert offered.answer == OfferAnswer.LAPSED
    assert desk.called("08:28") == [("22 10:00", [wait.pk])]
    desk.accept(offered, "08:28")


def test_the_last_of_ones_own_calls_counts(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.wait()
    desk.remove(visits["10:00"])
    first, second = desk.offer(wait), desk.offer(wait, to="10:00")
    first.refresh_from_db()
    assert (first.answer, second.answer) == (OfferAnswer.GIVEN_UP, "")
    late = desk.offer(wait, "08:40")
    second.refresh_from_db()
    assert (second.answer, late.answer) == (OfferAnswer.LAPSED, "")
    with pytest.raises(OfferEnded):
        desk.accept(first)


def test_a_visit_that_was_moved_meanwhile_is_not_moved_again_unseen(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.sooner(visits["20:00"])
    desk.remove(visits["10:00"])
    offered = desk.offer(wait)
    with pytest.raises(Conflict, match="plan_changed"):
        desk.accept(offered, plan_version=7)
    assert TimeOffer.objects.get(pk=offered.pk).answer == "", "nothing of it was done"


def test_a_time_that_was_booked_meanwhile_is_offered_to_nobody(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    desk.cast.book("10:00", now=at("08:21"))
    assert desk.called("08:22") == []
    with pytest.raises(BayTaken) as refused:
        desk.offer(wait)
    assert refused.value.facts["visit_ids"]


def test_a_press_that_comes_twice_is_done_once(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    offered = desk.offer(wait, request=Request.of("one", "offer", {}))
    with pytest.raises(AlreadyDone):
        desk.offer(wait, request=Request.of("one", "offer", {}))
    visit = desk.accept(offered, request=Request.of("two", "accept", {}))
    with pytest.raises(AlreadyDone) as done:
        desk.accept(offered, request=Request.of("two", "accept", {}))
    assert done.value.entry.visit_id == visit.pk


@pytest.mark.parametrize(
    ("starts", "ends", "bay", "refusal"),
    [("08:00", "09:00", 0, WrongMoment), ("11:00", "10:00", 0, WrongMoment), ("10:00", "11:00", None, BadInput)],
)
def test_no_time_is_offered_that_cannot_be(
    desk: ListDesk, starts: str, ends: str, bay: int | None, refusal: type[Exception]
) -> None:
    bay_id = 0 if bay is None else desk.cast.bays[bay].pk
    time = OfferedTime(bay_id, at(starts), at(ends))
    with pytest.raises(refusal):
        offering.offer(desk.wait().pk, time, **desk.who("08:30"))


@pytest.mark.parametrize("name", ["master", "manager", "administrator", "stranger"])
def test_the_list_is_kept_by_those_who_may(desk: ListDesk, name: str) -> None:
    visits = desk.full_day()
    wait, other = desk.wait(), desk.sooner(visits["20:00"])
    desk.remove(visits["10:00"])
    offered, actor = desk.offer(wait), desk.cast.actor(name)
    refused = NotFound if name == "stranger" else NotAllowed
    by: dict[str, Any] = {"actor": actor, "now": at("08:30")}
    for act in (
        lambda: desk.wait(1, by=actor),
        lambda: desk.sooner(visits["15:00"], by=actor),
        lambda: keeping.change_wishes(wait.pk, keeping.WishedFor(), comment="", **by),
        lambda: keeping.withdraw(wait.pk, "Передумал", **by),
        lambda: keeping.put_back(wait.pk, **by),
        lambda: desk.offer(other, by=actor),
        lambda: desk.accept(offered, by=actor),
        lambda: offering.decline(offered.pk, OfferAnswer.REFUSED, **by),
        lambda: offering.take_back_answer(offered.pk, **by),
    ):
        with pytest.raises(refused):
            act()


def test_nothing_is_offered_to_who_has_left_whether_or_not_the_watch_has_seen_it(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.sooner(visits["20:00"])
    desk.remove(visits["10:00"])
    desk.remove(visits["20:00"])
    assert desk.called() == []
    with pytest.raises(NotWaiting, match="not_waiting_gone") as refused:
        desk.offer(wait)
    assert refused.value.facts["visit"] == visits["20:00"], "what was done to it says who was first"
    with pytest.raises(NotFound):
        offering.decline(0, OfferAnswer.REFUSED, actor=desk.cast.operator, now=at("08:30"))


def test_who_was_booked_meanwhile_for_another_time_is_moved(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.wait(not_after_minute=12 * 60)
    booked = _book(desk.cast, wait, "14:00", bay=1)
    assert desk.called("08:16") == []
    desk.remove(visits["10:00"])
    moved = desk.accept(desk.offer(wait), plan_version=booked.plan_version)
    assert (moved.pk, moved.starts_at) == (booked.pk, at("10:00"))
    assert Visit.objects.filter(client=wait.client, status=Status.PLANNED).count() == 1


def _book(of: Cast, wait: Wait, clock: str, bay: int) -> Visit:
    plan = Plan(of.bays[bay].pk, at(clock), at(clock) + timedelta(hours=1))
    return book(of.branch.pk, wait.client, wait.car, plan, Details(), actor=of.operator, now=at("08:15"))


def test_what_is_moved_within_its_bay_group_keeps_its_advisor(desk: ListDesk) -> None:
    visit = desk.cast.book("15:00", on=TOMORROW, bay=1)
    Visit.objects.filter(pk=visit.pk).update(advisor=None)
    full = desk.full_day()
    wait = desk.sooner(Visit.objects.get(pk=visit.pk))
    desk.remove(full["10:00"])
    assert desk.accept(desk.offer(wait)).advisor_id is None


def test_words_of_an_offer_are_no_part_of_the_record(desk: ListDesk) -> None:
    desk.full_day()
    desk.wait()
    entry = Entry.objects.get(kind="wait_begun")
    assert entry.data == {"wait": Wait.objects.get().pk, "is_urgent": False}
    assert entry.words.text == "Звонить после десяти"


def test_the_same_day_is_offered_in_order(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.wait()
    desk.remove(visits["14:00"])
    desk.remove(visits["10:00"])
    assert desk.called() == [("22 10:00", [wait.pk]), ("22 14:00", [wait.pk])]


# --- whose hold it is ------------------------------------------------------------------------------------------------


def held() -> list[datetime]:
    holds = Occupation.objects.filter(of=Occupation.Of.HOLD).order_by("held_until")
    return [until for until in holds.values_list("held_until", flat=True) if until]


def test_a_call_that_lapses_leaves_the_next_call_its_time(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    first, second = desk.wait(0), desk.wait(1)
    desk.remove(ten)
    lapsed = desk.offer(first)
    desk.offer(second, "08:28")
    assert lapse_offers(at("08:28"), at("08:28")) == 1
    assert held() == [at("08:33")]
    offering.decline(lapsed.pk, OfferAnswer.GIVEN_UP, actor=desk.cast.operator, now=at("08:29"))
    assert held() == [at("08:33")], "the old window was closed"


def test_an_answer_taken_back_leaves_the_next_call_its_time(desk: ListDesk) -> None:
    ten = desk.full_day()["10:00"]
    first, second = desk.wait(0), desk.wait(1)
    desk.remove(ten)
    refused = desk.offer(first)
    offering.decline(refused.pk, OfferAnswer.REFUSED, actor=desk.cast.operator, now=at("08:22"))
    assert held() == []
    desk.offer(second)
    offering.take_back_answer(refused.pk, actor=desk.cast.operator, now=at("08:22"))
    assert held() == [at("08:27")]


def let_all_go(desk: ListDesk) -> object:
    return release_holds(desk.cast.operator.user_id or 0)


def book_something(desk: ListDesk) -> object:
    to = Plan(desk.cast.bays[1].pk, at("12:00"), at("13:00"))
    client, car = desk.cast.register("Гость", "+7 912 000-02-09")
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at("08:23"), "real_now": at("08:23")}
    return book(desk.cast.branch.pk, client, car, to, Details(), **by)


def hold_two_more(desk: ListDesk) -> object:
    by: dict[str, Any] = {"user_id": desk.cast.operator.user_id, "real_now": at("08:23")}
    return [hold(desk.cast.bays[number], at("12:00"), at("13:00"), **by) for number in (1, 2)]


@pytest.mark.parametrize("let_go", [let_all_go, book_something, hold_two_more])
def test_a_time_that_was_let_go_is_not_said_to_be_held(desk: ListDesk, let_go: Callable[[ListDesk], object]) -> None:
    ten = desk.full_day()["10:00"]
    wait = desk.wait()
    desk.remove(ten)
    offered = desk.offer(wait)
    (listed,) = on_list(desk.cast.branch.pk, at("08:23"))
    assert listed.under_way(at("08:23")) == offered
    let_go(desk)
    (listed,) = on_list(desk.cast.branch.pk, at("08:24"))
    assert listed.under_way(at("08:24")) is None
    desk.offer(wait, "08:24", by=desk.cast.second_operator)
    assert TimeOffer.objects.get(pk=offered.pk).answer == OfferAnswer.LAPSED


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite queues everybody as it is")
def test_whoever_offers_another_time_queues_for_the_bay_before_the_old_hold_is_let_go(desk: ListDesk) -> None:
    visits = desk.full_day()
    wait = desk.wait()
    desk.remove(visits["10:00"])
    desk.offer(wait)
    with CaptureQueriesContext(connection) as captured:
        desk.offer(wait, "08:23", to="10:00")
    asked = [query["sql"] for query in captured]
    queues = next(i for i, sql in enumerate(asked) if 'FROM "directory_bay"' in sql and "FOR NO KEY UPDATE" in sql)
    lets_go = next(i for i, sql in enumerate(asked) if sql.startswith('DELETE FROM "schedule_occupation"'))
    assert queues < lets_go
