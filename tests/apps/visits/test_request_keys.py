"""One press of a button happens once, however often it is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.apps.visits.desk import COMMENT, Desk
from tests.cast import MOSCOW, TODAY, at
from vovremya.journal.actions import Request
from vovremya.journal.models import RequestKey
from vovremya.kernel.refusal import Refusal
from vovremya.visits.actions import booking, contact, reception, removal
from vovremya.visits.actions.booking import Details, Plan
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Attempt, Visit
from vovremya.visits.rules.words import Answer, CallResult


def pressed(action: str, **body: object) -> Request:
    return Request.of("key-of-the-form", action, body)


def again(act: Callable[[], object], desk: Desk) -> str:
    """The kind of the entry that the second sending is answered from; nothing may change meanwhile."""
    before = (Visit.objects.values().get(pk=desk.visit_id), desk.journal(), Attempt.objects.count())
    with pytest.raises(AlreadyDone) as done:
        act()
    assert (Visit.objects.values().get(pk=desk.visit_id), desk.journal(), Attempt.objects.count()) == before
    return done.value.entry.kind


def test_a_call_dialled_twice_rings_once(desk: Desk) -> None:
    def dial() -> object:
        return desk.dial("10:12", request=pressed("dial"))

    dial()
    assert again(dial, desk) == "call_started"


def test_a_result_sent_twice_counts_once(desk: Desk) -> None:
    desk.dial("10:12")
    version = desk.case.version

    def busy() -> object:
        return desk.result("10:13", CallResult.BUSY, case_version=version, request=pressed("result"))

    busy()
    assert again(busy, desk) == "call_ended"


def test_a_card_finished_twice_ends_once(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    version = desk.case.version
    card = CardInput(Answer.YES, "5", comment=COMMENT)

    def finish() -> object:
        who: dict[str, Any] = {"actor": desk.cast.operator, "now": at("10:13"), "real_now": at("10:13")}
        return contact.finish(desk.visit_id, card, **who, case_version=version, zone=MOSCOW, request=pressed("finish"))

    finish()
    assert again(finish, desk) == "card_finished"


def test_a_visit_booked_twice_is_one(desk: Desk) -> None:
    def book() -> object:
        plan = Plan(desk.cast.bays[1].pk, at("15:00"), at("16:00"))
        return booking.book(
            desk.cast.branch.pk,
            desk.cast.late_client,
            None,
            plan,
            Details(),
            actor=desk.cast.operator,
            now=at("08:00"),
            request=pressed("book"),
        )

    book()
    assert again(book, desk) == "visit_booked"
    assert Visit.objects.filter(on=TODAY).count() == 2


def test_moves_removals_and_arrivals_happen_once(desk: Desk) -> None:
    cast = desk.cast
    form = removal.RemovalInput(cast.reason("expensive"), is_said_by_client=True)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("visit_moved", lambda: desk.move("09:00", "14:00", plan_version=1, request=pressed("move"))),
        (
            "client_arrived",
            lambda: reception.check_in(desk.visit_id, actor=cast.master, now=at("13:59"), request=pressed("in")),
        ),
        (
            "arrival_undone",
            lambda: reception.undo_check_in(desk.visit_id, actor=cast.master, now=at("14:01"), request=pressed("out")),
        ),
        (
            "visit_removed",
            lambda: removal.remove(
                desk.visit_id, form, actor=cast.operator, now=at("14:02"), plan_version=2, request=pressed("remove")
            ),
        ),
        ("visit_restored", lambda: desk.restore("14:03", request=pressed("restore"))),
    ]
    for kind, step in steps:
        RequestKey.objects.all().delete()
        step()
        assert again(step, desk) == kind


def test_the_key_of_a_refused_request_may_be_sent_again(desk: Desk) -> None:
    with pytest.raises(Refusal):
        desk.dial("10:09", request=pressed("dial"))
    assert not RequestKey.objects.exists()
    desk.dial("10:11", request=pressed("dial"))


def test_a_key_with_another_body_is_refused(desk: Desk) -> None:
    desk.dial("10:12", request=pressed("dial", phone=1))
    with pytest.raises(Refusal, match="request_key_reused"):
        desk.dial("10:13", request=pressed("dial", phone=2))


def test_the_keys_of_two_operators_are_their_own(desk: Desk) -> None:
    desk.dial("10:12", request=pressed("dial"))
    with pytest.raises(Refusal, match="call_in_progress"):
        desk.dial("10:12", desk.cast.second_operator, request=pressed("dial"))
