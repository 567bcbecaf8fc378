"""What asks for a supervisor's look is noted when it happens, looked over once, and open again."""

import uuid
from typing import Any

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import Cast, at
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotAllowed, NotFound
from vovremya.visits.actions import contact, matters, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.models import Matter
from vovremya.visits.refusals import WrongMoment
from vovremya.visits.rules.words import CallResult

pytestmark = pytest.mark.django_db


def noted() -> list[tuple[str, int | None]]:
    return list(Matter.objects.order_by("pk").values_list("kind", "user_id"))


def called(desk: Desk, cast: Cast, result: CallResult, at_clock: str, dialled_at: str | None = None) -> None:
    who: dict[str, Any] = {"actor": cast.operator}
    begins = at(dialled_at or at_clock)
    contact.open_card(desk.visit_id, **who, now=begins, real_now=begins)
    if dialled_at:
        contact.dial(desk.visit_id, cast.late_phone.pk, **who, now=begins, real_now=begins)
    ends = at(at_clock)
    version = desk.case.version
    contact.record_attempt(desk.visit_id, result, **who, now=ends, real_now=ends, case_version=version)


def test_results_that_contradict_their_call_are_noted_with_who_chose_them(desk: Desk, cast: Cast) -> None:
    called(desk, cast, CallResult.BUSY, "10:12:20", dialled_at="10:12")
    assert noted() == []
    called(desk, cast, CallResult.ANSWERED, "10:18:02", dialled_at="10:18")
    assert noted() == [("contradiction", cast.operator.user_id)]
    entry = Matter.objects.get().entry
    assert entry.data["contradiction"] == "answered_at_once"
    assert entry.visit_id == desk.visit_id


def test_result_of_a_call_that_nobody_dialled_is_taken_and_noted(desk: Desk, cast: Cast) -> None:
    called(desk, cast, CallResult.NO_ANSWER, "10:12")
    assert noted() == [("contradiction", cast.operator.user_id)]
    assert desk.attempts[0].counts, "there are calls by another telephone"


def test_missed_deadline_is_noted_by_the_watch_and_by_whoever_acts_first(desk: Desk, cast: Cast) -> None:
    other = cast.book("10:00", bay=1, client=cast.register("Кот Иван", "89120000001")[0])
    announce_due(at("10:21"))
    assert noted() == [("deadline_missed", None)] * 2
    assert {matter.at for matter in Matter.objects.all()} == {at("10:20:00.001")}
    assert set(Matter.objects.values_list("visit_id", flat=True)) == {desk.visit_id, other.pk}


def test_restored_and_overbooked_visits_and_overrides_are_noted(desk: Desk, cast: Cast) -> None:
    form = removal.RemovalInput(cast.reason("expensive"), override="Клиент в больнице")
    removal.remove(desk.visit_id, form, actor=cast.supervisor, now=at("09:00"), plan_version=1)
    removal.restore(desk.visit_id, actor=cast.supervisor, now=at("09:01"), real_now=at("09:01"))
    cast.book("10:00", by=cast.supervisor, is_overbooked=True, client=cast.register("Кот", "89120000001")[0])
    assert [kind for kind, _ in noted()] == ["override", "restored", "overbooked"]
    assert {user for _, user in noted()} == {cast.supervisor.user_id}


@pytest.fixture
def matter(desk: Desk, cast: Cast) -> Matter:
    announce_due(at("10:21"))
    return Matter.objects.get()


def test_matter_is_looked_over_once_with_words_beside_the_journal_and_comes_back(matter: Matter, cast: Cast) -> None:
    who: dict[str, Any] = {"actor": cast.supervisor, "now": at("11:00")}
    key = Request.of(str(uuid.uuid4()), "look over", {"note": "x"})
    looked = matters.look_over(matter.pk, cast.branch.pk, " Смирнову вела Петрова ", **who, request=key)
    assert looked.look is not None
    assert (looked.look.words.text, looked.look.data) == (
        "Смирнову вела Петрова",
        {"matter": matter.pk, "about": "deadline_missed"},
    )
    with pytest.raises(AlreadyDone):
        matters.look_over(matter.pk, cast.branch.pk, " Смирнову вела Петрова ", **who, request=key)
    with pytest.raises(WrongMoment, match="matter_is_looked_over"):
        matters.look_over(matter.pk, cast.branch.pk, "", **who)
    matters.open_again(matter.pk, cast.branch.pk, **who)
    with pytest.raises(WrongMoment, match="matter_is_open"):
        matters.open_again(matter.pk, cast.branch.pk, **who)
    matter.refresh_from_db()
    assert (matter.looked_at, matter.look) == (None, None)
    kinds = [entry.kind for entry in Entry.objects.filter(visit_id=matter.visit_id).order_by("pk")]
    assert kinds[-2:] == ["matter_looked_over", "matter_open_again"]


def test_only_a_supervisor_of_the_branch_looks_over(matter: Matter, cast: Cast) -> None:
    for actor, branch_id, refusal in (
        (cast.operator, cast.branch.pk, NotAllowed),
        (cast.administrator, cast.branch.pk, NotAllowed),
        (cast.stranger, cast.branch.pk, NotFound),
        (cast.supervisor, cast.other_branch.pk, NotFound),
    ):
        with pytest.raises(refusal):
            matters.look_over(matter.pk, branch_id, "", actor=actor, now=at("11:00"))
    with pytest.raises(NotFound):
        matters.look_over(999, cast.branch.pk, "", actor=cast.supervisor, now=at("11:00"))
