"""Branches behind the wall, policies, reasons, the shown clock."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.apps.conftest import Hire
from vovremya.directory import queries
from vovremya.directory.actions import (
    create_installation,
    install_branch_defaults,
    install_defaults,
    move_clock,
)
from vovremya.directory.actions.access import forget_expired_sessions
from vovremya.directory.models import Bay, BayGroup, Branch, Installation, Network, Policy, RemovalReason, Session
from vovremya.directory.rules import PROGRAM, Role
from vovremya.directory.texts import REFUSALS
from vovremya.kernel.refusal import NotFound, Refusal

pytestmark = pytest.mark.django_db


def test_an_actor_is_read_in_one_query(
    hire: Hire, branch: Branch, other_branch: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = hire("ivanova", branch, other_branch, role=Role.SUPERVISOR)
    with django_assert_num_queries(1):
        actor = queries.actor_of(user)
    assert actor.branch_ids == {branch.pk, other_branch.pk}
    assert actor.name == "Иванова"


def test_a_branch_behind_the_wall_is_not_found_like_one_that_does_not_exist(
    hire: Hire, branch: Branch, other_branch: Branch
) -> None:
    actor = queries.actor_of(hire("ivanova", branch))
    assert queries.branch_by_code("SEV", actor) == branch
    for code in ("VOS", "NONE"):
        with pytest.raises(NotFound):
            queries.branch_by_code(code, actor)
    assert queries.branches_of(actor) == [branch]
    assert queries.branches_of(PROGRAM) == [branch, other_branch]


def test_a_policy_is_in_force_from_its_instant_on(branch: Branch, now: datetime) -> None:
    later = Policy.objects.create(branch=branch, number=2, late_after_minutes=15, in_force_from=now + HOUR)
    assert queries.policy_in_force(branch.pk, now).number == 1
    assert queries.policy_in_force(branch.pk, now + HOUR - timedelta(milliseconds=1)).number == 1
    assert queries.policy_in_force(branch.pk, now + HOUR) == later
    assert queries.policy_in_force(branch.pk, now - HOUR).number == 1, "before the first, the first"


HOUR = timedelta(hours=1)


def test_bays_come_in_the_order_of_the_board_without_those_out_of_use(branch: Branch) -> None:
    last = BayGroup.objects.create(branch=branch, name="Кузовной", position=2)
    first = BayGroup.objects.create(branch=branch, name="Слесарный", position=1)
    Bay.objects.create(branch=branch, group=last, name="Пост 3")
    Bay.objects.create(branch=branch, group=first, name="Пост 2", position=2)
    Bay.objects.create(branch=branch, group=first, name="Пост 1", position=1)
    Bay.objects.create(branch=branch, group=first, name="Старый", is_active=False)
    assert [bay.name for bay in queries.bays_of(branch)] == ["Пост 1", "Пост 2", "Пост 3"]


def test_a_new_network_has_the_glossarys_reasons_and_works(branch: Branch) -> None:
    assert [reason.name for reason in queries.late_reasons_of(branch)] == [
        "Пробка",
        "Задержался на работе",
        "Забыл",
        "Перепутал время",
        "Поломка",
        "ДТП",
        "Другое",
    ]
    reasons = queries.removal_reasons_of(branch)
    by_group = {group: len([reason for reason in reasons if reason.group == group]) for group in RemovalReason.Group}
    assert by_group == {"client": 14, "no_contact": 3, "station": 5, "technical": 3}
    assert len(queries.works_of(branch)) >= 25


def test_station_and_technical_reasons_need_a_comment_and_are_not_the_operators_but_for_two(
    branch: Branch,
) -> None:
    reasons = [reason for reason in queries.removal_reasons_of(branch) if reason.group in {"station", "technical"}]
    assert all(reason.needs_comment for reason in reasons)
    assert {reason.code for reason in reasons if reason.is_for_operator} == {"duplicate", "operator_error"}


def test_a_new_branch_has_the_manuals_minutes_and_a_script(branch: Branch, now: datetime) -> None:
    policy = queries.policy_in_force(branch.pk, now)
    assert (
        policy.late_after_minutes,
        policy.contact_within_minutes,
        policy.retry_after_minutes,
        policy.near_within_minutes,
        policy.attempts,
    ) == (10, 10, 5, 10, 2)
    assert queries.script_of(branch)[0].text.startswith("Здравствуйте! {client_name}?")


def test_installing_the_defaults_again_changes_nothing(branch: Branch, now: datetime) -> None:
    reason = RemovalReason.objects.get(code="expensive")
    reason.name = "Слишком дорого"
    reason.save()
    install_defaults(branch.network)
    install_branch_defaults(branch, now + HOUR)
    assert RemovalReason.objects.get(code="expensive").name == "Слишком дорого"
    assert RemovalReason.objects.count() == 25
    assert branch.policies.count() == 1
    assert len(queries.script_of(branch)) == 12


def test_there_is_one_installation_in_a_database(installation: Installation) -> None:
    assert queries.installation() == installation
    with pytest.raises(Refusal, match="installation_exists"):
        create_installation(Installation.Kind.PRODUCTION)


def test_the_shown_clock_moves_in_a_demo(installation: Installation, now: datetime) -> None:
    assert queries.clock_anchor() is None
    move_clock(shown_at=now + HOUR, speed=60, real_now=now)
    anchor = queries.clock_anchor()
    assert anchor is not None
    assert anchor.shown(now + timedelta(seconds=1)) == now + HOUR + timedelta(minutes=1)


def test_the_clock_of_production_is_never_moved(installation: Installation, now: datetime) -> None:
    move_clock(shown_at=now + HOUR, speed=1, real_now=now)
    Installation.objects.update(kind=Installation.Kind.PRODUCTION)
    assert queries.clock_anchor() is None
    with pytest.raises(Refusal, match="clock_is_real"):
        move_clock(shown_at=now, speed=1, real_now=now)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_clock_that_stands_or_runs_backwards_is_refused(
    installation: Installation, now: datetime, speed: float
) -> None:
    with pytest.raises(Refusal) as refused:
        move_clock(shown_at=now, speed=speed, real_now=now)
    assert refused.value.code in REFUSALS


def test_expired_sessions_are_forgotten(now: datetime) -> None:
    Session.objects.create(session_key="old", expire_date=now - HOUR, began_at=now, seen_at=now)
    Session.objects.create(session_key="live", expire_date=now + HOUR, began_at=now, seen_at=now)
    assert forget_expired_sessions(now) == 1
    assert Session.objects.get().session_key == "live"


def test_another_networks_reasons_are_its_own(branch: Branch) -> None:
    foreign = Network.objects.create(name="Другая сеть")
    RemovalReason.objects.create(network=foreign, code="foreign", name="Чужая", group="client")
    assert "foreign" not in {reason.code for reason in queries.removal_reasons_of(branch)}
