"""The demo's day goes on: clients come or turn late, mechanics work, and nobody's contact is meddled with."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from vovremya.demo import player
from vovremya.demo.network import SEV
from vovremya.demo.player import BranchPlayer, DayPlayer, branch_players
from vovremya.directory.models import User
from vovremya.directory.queries import actor_of
from vovremya.kernel.refusal import Refusal
from vovremya.visits.actions import contact, reception
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Case, Visit
from vovremya.visits.queries import standing_of
from vovremya.visits.rules.words import CallResult, State, Status

# Each test takes back what it did to the demo.
pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def moscow(players: list[BranchPlayer]) -> list[BranchPlayer]:
    return [each for each in players if each.desk.station.plan is SEV]


@pytest.fixture
def players(morning: datetime) -> list[BranchPlayer]:
    return branch_players()


def play(players: list[BranchPlayer], since: datetime, minutes: int) -> Iterator[datetime]:
    """Each moment at which the player looked."""
    now = since
    while now < since + minutes * MINUTE:
        for each in players:
            each.turn(now)
        yield now
        now += timedelta(seconds=30)


def visit_of(plate: str, morning: datetime) -> Visit:
    return Visit.objects.get(car__plate=plate, starts_at__range=(morning - 40 * MINUTE, morning))


def test_the_day_goes_on_for_an_hour(players: list[BranchPlayer], morning: datetime) -> None:
    planned_before = set(Visit.objects.filter(status=Status.PLANNED).values_list("pk", flat=True))
    turned_late: dict[int, datetime] = {}
    for now in play(players, morning, 60):
        due = Visit.objects.filter(branch__code="SEV", status=Status.PLANNED, starts_at__lte=now - 10 * MINUTE)
        for visit_id in due.values_list("pk", flat=True):
            turned_late.setdefault(visit_id, now)
    came = Visit.objects.filter(pk__in=planned_before, branch__code="SEV").exclude(status=Status.PLANNED)
    assert came.count() >= 5
    assert came.filter(status__in=(Status.IN_WORK, Status.DONE)).count() >= 3
    assert Visit.objects.filter(branch__code="SEV", booked_at__gt=morning).exists()
    soon = [at for at in turned_late.values() if morning < at < morning + 17 * MINUTE]
    assert broken_invariants() == []
    assert len(soon) >= 4
    assert len(turned_late) >= 9


def test_those_late_at_the_beginning_stay_so_for_a_while(players: list[BranchPlayer], morning: datetime) -> None:
    for _ in play(players, morning, 7):
        pass
    assert {visit_of(plate, morning).status for plate in ("М347ВС", "О613КТ", "С745ЕМ", "Н700ЕК")} == {Status.PLANNED}


def test_nobody_comes_whose_contact_has_been_begun(players: list[BranchPlayer], morning: datetime) -> None:
    operator = actor_of(User.objects.get(username="operator"))
    begun = [visit_of("М347ВС", morning), visit_of("О613КТ", morning)]
    for visit in begun:
        case = contact.open_card(visit.pk, actor=operator, now=morning, real_now=morning)
        contact.record_attempt(
            visit.pk, CallResult.BUSY, actor=operator, now=morning, real_now=morning, case_version=case.version
        )
    begun_before = set(Case.objects.filter(ended_at=None).values_list("visit_id", flat=True))
    for _ in play(players, morning + MINUTE, 45):
        pass
    assert not Visit.objects.filter(pk__in=begun_before).exclude(status=Status.PLANNED).exists()


def test_whoever_promised_to_come_mostly_does(
    players: list[BranchPlayer], morning: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The dice are cast by the numbers of the visits, which are others in each run: here what mostly happens does.
    monkeypatch.setattr(player, "_happens", lambda _visit, _about, share: share > 0.5)
    promised = Visit.objects.filter(status=Status.PLANNED, expected_at__isnull=False)
    ids = list(promised.values_list("pk", flat=True))
    for _ in play(players, morning, 50):
        pass
    came = Visit.objects.filter(pk__in=ids).exclude(status=Status.PLANNED).count()
    assert came == len(ids) > 0


def test_a_bay_takes_one_car_at_a_time(players: list[BranchPlayer], morning: datetime) -> None:
    for _ in play(players, morning, 40):
        at_work = list(Visit.objects.filter(status=Status.IN_WORK).values_list("bay_id", flat=True))
        assert len(at_work) == len(set(at_work))


def test_late_clients_whom_nobody_calls_do_not_pile_up(moscow: list[BranchPlayer], morning: datetime) -> None:
    *_, now = play(moscow, morning, 90)
    visits = Visit.objects.filter(branch__code="SEV", status=Status.PLANNED, starts_at__lt=now)
    standings = [standing_of(visit) for visit in visits.select_related("policy", "follows")]
    untouched = [each for each in standings if each.state(now) in (State.LATE, State.OVERDUE)]
    assert len(untouched) <= 12


def test_a_refusal_is_not_the_end_of_the_day(
    players: list[BranchPlayer], morning: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Refusal("somebody_was_quicker")

    with monkeypatch.context() as patch:
        patch.setattr(reception, "check_in", refuse)
        for _ in play(players, morning, 12):
            pass
    arrived_before = Visit.objects.filter(arrived_at__gt=morning).count()
    for _ in play(players, morning + 12 * MINUTE, 12):
        pass
    assert arrived_before == 0
    assert Visit.objects.filter(arrived_at__gt=morning).exists()


def test_the_thread_outlives_whatever_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Semaphore(0)

    def stumble() -> list[BranchPlayer]:
        tried.release()
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(player, "branch_players", stumble)
    monkeypatch.setattr(player, "_LOOKS_EVERY_SECONDS", 0.01)
    day = DayPlayer()
    day.start()
    assert tried.acquire(timeout=5)
    assert tried.acquire(timeout=5)
    day.stop()
    day.join(timeout=5)
    assert not day.is_alive()
    assert "The day player stumbled" in caplog.text
