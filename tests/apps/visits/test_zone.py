"""A branch's clock is set to another zone (hard case 13)."""

from zoneinfo import ZoneInfo

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import Cast, at
from vovremya.directory.models import Branch
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.schedule.models import Occupation
from vovremya.visits.actions.branch_settings import change_zone
from vovremya.visits.actions.zone import affected_by_zone
from vovremya.visits.invariants import broken_invariants

SAMARA = "Europe/Samara"  # an hour ahead of Moscow
NOW = at("09:30")


def at_samara(clock: str) -> object:
    return at(clock, zone=ZoneInfo(SAMARA))


def test_hard_case_13_wall_times_stay_by_default(cast: Cast) -> None:
    first, second = (Desk(cast, cast.book(clock).pk) for clock in ("11:00", "12:00"))
    change_zone(cast.branch.pk, SAMARA, actor=cast.administrator, now=NOW)
    assert Branch.objects.get(pk=cast.branch.pk).zone == SAMARA
    assert (first.visit.starts_at, second.visit.starts_at) == (at_samara("11:00"), at_samara("12:00"))
    assert first.visit.closes_at == at_samara("21:00")
    assert set(Occupation.objects.values_list("lane", flat=True)) == {0}
    assert second.visit.follows_id == first.visit_id
    assert broken_invariants() == []


def test_hard_case_13_or_the_instants_stay(cast: Cast) -> None:
    desk = Desk(cast, cast.book("11:00").pk)
    change_zone(cast.branch.pk, SAMARA, actor=cast.administrator, now=NOW, keeps_wall_times=False)
    assert (desk.visit.starts_at, desk.visit.closes_at) == (at("11:00"), at_samara("21:00"))
    assert desk.entry("visit_changed").data == {"fields": "zone"}
    assert broken_invariants() == []


def test_hard_case_13_the_administrator_sees_the_visits_affected(cast: Cast) -> None:
    cast.book("09:30")
    later = cast.book("11:00")
    before = Entry.objects.count()
    affected = affected_by_zone(cast.branch.pk, SAMARA, keeps_wall_times=True, now=NOW)
    assert [(each.visit, each.starts_at) for each in affected] == [(later, at_samara("11:00"))]
    assert (Entry.objects.count(), Branch.objects.get(pk=cast.branch.pk).zone) == (before, "Europe/Moscow")


def test_hard_case_13_a_visit_that_has_begun_keeps_its_time_and_another_takes_the_next_lane(cast: Cast) -> None:
    begun = Desk(cast, cast.book("09:15", minutes=120).pk)
    later = Desk(cast, cast.book("11:15").pk)
    change_zone(cast.branch.pk, SAMARA, actor=cast.administrator, now=NOW)
    assert begun.visit.starts_at == at("09:15")
    assert (later.visit.starts_at, later.visit.lane) == (at("10:15"), 1)


def test_hard_case_13_the_change_is_written_down_once_with_one_action(cast: Cast) -> None:
    desk = Desk(cast, cast.book("11:00").pk)
    change_zone(cast.branch.pk, SAMARA, actor=cast.administrator, now=NOW)
    entry = Entry.objects.get(kind="zone_changed")
    assert entry.data == {"old": "Europe/Moscow", "new": SAMARA}
    assert desk.entry("visit_moved").action_id == entry.action_id


@pytest.mark.parametrize("name", ["operator", "master", "supervisor", "manager"])
def test_hard_case_13_only_the_administrator_sets_the_clock(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        change_zone(cast.branch.pk, SAMARA, actor=cast.actor(name), now=NOW)
    with pytest.raises(NotFound):
        change_zone(cast.branch.pk, SAMARA, actor=cast.stranger, now=NOW)


def test_hard_case_13_a_zone_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput):
        change_zone(cast.branch.pk, "Europe/Samra", actor=cast.administrator, now=NOW)
