"""What the network and its branches are made of: works, reasons, the script, minutes, zones, closures, new branches."""

from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from tests.apps.visits.desk import Desk
from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from vovremya.directory.models import (
    Advisor,
    Bay,
    BayGroup,
    Branch,
    LateReason,
    Membership,
    Policy,
    RemovalReason,
    ScriptStep,
    SettingChange,
    Work,
)
from vovremya.directory.rules import Actor
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal
from vovremya.schedule.actions import hold
from vovremya.schedule.models import BranchException, Occupation
from vovremya.schedule.refusals import BayTaken
from vovremya.schedule.rules.stranding import Why
from vovremya.visits.actions.booking import Details, Plan, book, move
from vovremya.visits.actions.branch_settings import (
    Wanted,
    change_setting,
    change_settings,
    take_back_change,
    value_of,
)
from vovremya.visits.actions.branches import Opening, open_branch
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.actions.policies import Minutes
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule
from vovremya.visits.refusals import ChangedMeanwhile, Touched, WouldStrand, WrongMoment
from vovremya.visits.rules.settings import Setting, SettingOf, digest_of_value
from vovremya.visits.rules.words import State


def setting(cast: Cast, kind: Setting, subject_id: int | None = None, **more: Any) -> SettingOf:
    return SettingOf(cast.branch.pk, kind, subject_id, **more)


def change(cast: Cast, of: SettingOf, value: object, *, by: Actor | None = None, **more: Any) -> SettingChange | None:
    return change_setting(of, value, actor=by or cast.administrator, now=more.pop("now", MORNING), **more)


def subject_of(made: SettingChange | None) -> int:
    assert made
    assert made.subject_id
    return made.subject_id


def refused_for(cast: Cast, of: SettingOf, value: object, **more: Any) -> WouldStrand:
    """It leaves everything as it was."""
    before = value_of(of), SettingChange.objects.count(), Entry.objects.count()
    with pytest.raises(WouldStrand) as refused:
        change(cast, of, value, **more)
    assert (value_of(of), SettingChange.objects.count(), Entry.objects.count()) == before
    return refused.value


def touched(refusal: WouldStrand) -> Touched:
    found = refusal.facts["touched"]
    assert isinstance(found, Touched)
    return found


def stranded(refusal: WouldStrand) -> list[tuple[int, tuple[Why, ...]]]:
    found = refusal.facts["stranded"]
    assert isinstance(found, tuple)
    return [(each.planned.visit_id, each.reasons) for each in found]


# --- works and reasons ---------------------------------------------------------------------------------------------

WORK = {"name": "Полировка", "norm_minutes": 120, "code": "", "is_active": True}
REASON = {"name": "Метель", "group": "client", "counts_as_no_show": True, "ask_again_in_days": 2}
REASON |= {"needs_comment": False, "is_for_operator": True, "is_active": True}


def test_a_work_is_added_changed_retired_and_taken_back_for_the_whole_network(cast: Cast) -> None:
    added = change(cast, setting(cast, Setting.WORK), WORK)
    assert added
    work = Work.objects.get(pk=subject_of(added))
    assert (work.code, work.norm_minutes, added.network_id, added.branch_id) == ("work-1", 120, cast.network.pk, None)
    of = setting(cast, Setting.WORK, work.pk)
    changed = change(cast, of, {**WORK, "code": "work-1", "name": "Полировка кузова", "is_active": False})
    assert changed
    # From the other branch it is the same setting.
    elsewhere = SettingOf(cast.other_branch.pk, Setting.WORK, work.pk)
    assert value_of(elsewhere) == changed.after
    take_back_change(changed.pk, cast.branch.pk, actor=cast.administrator, now=MORNING)
    assert value_of(of) == added.after
    take_back_change(added.pk, cast.branch.pk, actor=cast.administrator, now=MORNING)
    assert not Work.objects.get(pk=work.pk).is_active, "something may have been booked for it"
    assert broken_invariants() == []


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"name": "  "}, {"name": "title_empty"}),
        ({"name": "шиномонтаж"}, {"name": "work_name_taken"}),
        ({"norm_minutes": 4}, {"norm": "norm_unfit"}),
        ({"code": "tyres"}, {"code": "work_code_taken"}),
    ],
)
def test_a_work_that_cannot_be_is_refused_at_its_field(
    cast: Cast, value: dict[str, object], problems: dict[str, str]
) -> None:
    with pytest.raises(BadInput) as refused:
        change(cast, setting(cast, Setting.WORK), WORK | value)
    assert refused.value.problems == problems


def test_the_name_of_a_retired_work_may_be_given_again_and_its_code_stays(cast: Cast) -> None:
    tyres = Work.objects.get(code="tyres")
    of = setting(cast, Setting.WORK, tyres.pk)
    change(cast, of, {**value_of(of), "is_active": False, "code": "other"})
    tyres.refresh_from_db()
    assert (tyres.code, tyres.is_active) == ("tyres", False)
    assert change(cast, setting(cast, Setting.WORK), WORK | {"name": "Шиномонтаж"})
    with pytest.raises(BadInput):
        change(cast, of, {**value_of(of), "is_active": True})


def test_reasons_are_added_changed_and_taken_back(cast: Cast) -> None:
    late = change(cast, setting(cast, Setting.LATE_REASON), {"name": "Метель", "is_active": True})
    removal = change(cast, setting(cast, Setting.REMOVAL_REASON), REASON)
    assert late
    assert removal
    reason = RemovalReason.objects.get(pk=subject_of(removal))
    assert (reason.group, reason.ask_again_in_days, reason.position) == ("client", 2, RemovalReason.objects.count() - 1)
    assert LateReason.objects.get(pk=subject_of(late)).position == LateReason.objects.count() - 1
    for wrong, problem in (
        ({"group": "nobody"}, {"group": "reason_group_unknown"}),
        ({"ask_again_in_days": 0}, {"ask_again": "ask_again_unfit"}),
        ({"name": "Дорого"}, {"name": "reason_name_taken"}),
    ):
        with pytest.raises(BadInput) as refused:
            change(cast, setting(cast, Setting.REMOVAL_REASON), {**REASON, "name": "Буран", **wrong})
        assert refused.value.problems == problem
    for made in (late, removal):
        take_back_change(made.pk, cast.branch.pk, actor=cast.administrator, now=MORNING)
    assert not RemovalReason.objects.get(pk=reason.pk).is_active
    assert not LateReason.objects.get(pk=subject_of(late)).is_active


def test_what_is_moved_in_its_list_keeps_what_was_added_meanwhile(cast: Cast) -> None:
    of = setting(cast, Setting.WORK_ORDER)
    ids = value_of(of)
    wash = Work.objects.get(code="wash").pk
    moved = change(cast, of, [wash, *(each for each in ids if each != wash)])
    assert value_of(of)[0] == wash
    added = change(cast, setting(cast, Setting.WORK), WORK)
    assert added
    assert moved
    assert value_of(of)[-1] == added.subject_id, "behind those that are in order"
    change(cast, of, ids)  # as somebody saw it who does not know of the new one
    assert value_of(of) == [*ids, added.subject_id]
    # Whoever sees but some of them moves these alone.
    change(cast, of, [ids[2], ids[0]])
    assert value_of(of)[:4] == [ids[2], ids[1], ids[0], ids[3]]
    with pytest.raises(NotFound):
        change(cast, SettingOf(cast.other_branch.pk, Setting.WORK_ORDER), ids)


def test_bays_and_their_groups_stand_as_they_were_put(cast: Cast) -> None:
    bays, groups = setting(cast, Setting.BAY_ORDER), setting(cast, Setting.GROUP_ORDER)
    first, second, third = (bay.pk for bay in cast.bays)
    washing = change(cast, setting(cast, Setting.GROUP), {"name": "Мойка", "advisor_id": None})
    assert washing
    box = change(cast, setting(cast, Setting.BAY), {"name": "Бокс", "group_id": washing.subject_id})
    assert box
    assert value_of(bays) == [first, second, third, box.subject_id]
    of_third = setting(cast, Setting.BAY, third)
    renamed = change(cast, of_third, {**value_of(of_third), "name": "Яма"})
    assert renamed
    moved = change(cast, bays, [third, first, second, box.subject_id], by=cast.supervisor)
    assert moved
    assert value_of(bays) == [third, first, second, box.subject_id]
    change(cast, groups, [washing.subject_id, cast.bays[0].group_id])
    assert value_of(bays) == [box.subject_id, third, first, second], "a bay stays in its group"
    # What was done to a bay before can be taken back, and leaves it where it is.
    take_back_change(renamed.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert Bay.objects.get(pk=third).name == "Пост 3"
    assert value_of(bays) == [box.subject_id, third, first, second]
    with pytest.raises(NotFound):
        change(cast, SettingOf(cast.other_branch.pk, Setting.BAY_ORDER), [first])
    elsewhere = BayGroup.objects.create(branch=cast.other_branch, name="Чужая")
    foreign = Bay.objects.create(branch=cast.other_branch, group=elsewhere, name="Чужой")
    change(cast, bays, [foreign.pk, second, first])
    assert value_of(bays) == [box.subject_id, third, second, first], "another branch's is none of them"
    for name in ("operator", "master"):
        with pytest.raises(NotAllowed):
            change(cast, bays, [second, first], by=cast.actor(name))


@pytest.mark.parametrize("kind", [Setting.WORK, Setting.REMOVAL_REASON_ORDER, Setting.ZONE, Setting.BRANCH])
def test_what_is_the_network_s_is_the_administrator_s(cast: Cast, kind: Setting) -> None:
    for name in ("operator", "master", "supervisor", "manager"):
        with pytest.raises(NotAllowed):
            change(cast, setting(cast, kind), "", by=cast.actor(name))


def test_nobody_is_written_over_unseen(cast: Cast) -> None:
    of = setting(cast, Setting.PAUSE)
    seen = digest_of_value(value_of(of))
    change(cast, of, 15, by=cast.supervisor)
    with pytest.raises(ChangedMeanwhile) as refused:
        change(cast, of, 20, seen=seen)
    assert refused.value.facts["value"] == 15
    assert str(refused.value.facts["change"].user) == "Кузнецова"  # type: ignore[attr-defined]
    assert change(cast, of, 15, seen=seen) is None, "both want the same"
    assert change(cast, of, 20, seen=digest_of_value(15))


def test_changes_of_norms_made_before_are_of_the_work_and_of_the_network(cast: Cast) -> None:
    tyres = Work.objects.get(code="tyres")
    old = SettingChange(branch=cast.branch, setting="norm", subject_id=tyres.pk, before=45, after=60, at=MORNING)
    old.save()
    import_module("vovremya.directory.migrations.0008_norms_are_the_networks").widen(apps, None)
    old.refresh_from_db()
    assert (old.branch_id, old.network_id, old.setting) == (None, cast.network.pk, "work")
    assert old.after == value_of(setting(cast, Setting.WORK, tyres.pk))
    take_back_change(old.pk, cast.branch.pk, actor=cast.administrator, now=MORNING)
    tyres.refresh_from_db()
    assert tyres.norm_minutes == 45


# --- the script ----------------------------------------------------------------------------------------------------


def test_the_script_is_written_whole_and_its_steps_keep_their_ids(cast: Cast) -> None:
    of = setting(cast, Setting.SCRIPT)
    steps = value_of(of)
    greeting = steps[0] | {"text": "Добрый день!"}
    new = {"id": None, "moment": "late", "text": "Мы вас ждём."}
    made = change(cast, of, [greeting, new, *steps[2:]], by=cast.supervisor)
    assert made
    now_there = value_of(of)
    assert [step["text"] for step in now_there[:2]] == ["Добрый день!", "Мы вас ждём."]
    assert now_there[0]["id"] == steps[0]["id"]
    take_back_change(made.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of) == steps, "the step that was left out is there again"
    for wrong, problem in ((" ", {"text": "step_empty"}), ("Да", {"moment": "moment_unknown"})):
        with pytest.raises(BadInput) as refused:
            change(cast, of, [{"id": None, "moment": "late" if not wrong.strip() else "noon", "text": wrong}])
        assert refused.value.problems == problem
    foreign = ScriptStep.objects.filter(branch=cast.other_branch)[0]
    with pytest.raises(NotFound):
        change(cast, of, [{"id": foreign.pk, "moment": "late", "text": "Чужой"}])
    foreign.refresh_from_db()
    assert foreign.branch_id == cast.other_branch.pk


# --- minutes and attempts ------------------------------------------------------------------------------------------


def minutes(**changed: object) -> dict[str, object]:
    return {**asdict(Minutes()), **changed}


def test_new_minutes_are_a_version_that_planned_visits_go_by_and_late_ones_do_not(cast: Cast) -> None:
    of, late = setting(cast, Setting.POLICY), Desk(cast, cast.book("10:00").pk)
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    soon = Desk(cast, cast.book("15:00", bay=1, client=client).pk)
    now = at("10:12")
    refusal = refused_for(cast, of, minutes(late_after_minutes=20), by=cast.supervisor, now=now)
    assert (touched(refusal).count, touched(refusal).late) == (1, 1)
    made = change(cast, of, minutes(late_after_minutes=20), by=cast.supervisor, now=now, confirmed=refusal.digest)
    assert made
    newest = Policy.objects.filter(branch=cast.branch).latest("number")
    assert (newest.number, newest.late_after_minutes, newest.in_force_from) == (2, 20, now)
    assert (soon.visit.policy_id, late.visit.policy.number) == (newest.pk, 1)
    assert soon.visit.next_change_at == at("15:20:00.001")
    assert late.state("10:12") is State.LATE
    confirmed = refused_for(cast, of, minutes(), now=now).digest
    take_back_change(made.pk, cast.branch.pk, actor=cast.supervisor, now=now, confirmed=confirmed)
    assert soon.visit.policy.number == 3
    assert broken_invariants() == []


def test_whoever_would_have_been_late_already_by_the_new_minutes_keeps_the_old(cast: Cast) -> None:
    desk, now = Desk(cast, cast.book("10:00").pk), at("10:07")
    change(cast, setting(cast, Setting.POLICY), minutes(late_after_minutes=5), now=now, confirmed=None)
    assert desk.visit.policy.late_after_minutes == 10
    assert desk.visit.next_change_at == at("10:10:00.001")


@pytest.mark.parametrize("name", ["late_after_minutes", "attempts", "near_within_minutes"])
def test_minutes_out_of_bounds_are_refused_at_their_field(cast: Cast, name: str) -> None:
    for value in (0, 1000):
        with pytest.raises(BadInput) as refused:
            change(cast, setting(cast, Setting.POLICY), minutes(**{name: value}))
        assert refused.value.problems == {name: "policy_unfit"}


# --- a bay out of use ----------------------------------------------------------------------------------------------


def closed(since: str, until: str, note: str = "Ремонт") -> dict[str, str]:
    return {"from": at(since, TOMORROW).isoformat(), "until": at(until, TOMORROW).isoformat(), "note": note}


def test_a_bay_is_closed_over_its_visits_and_they_come_back_when_it_opens(cast: Cast) -> None:
    visit, bay = cast.book("12:00", on=TOMORROW), cast.bays[0]
    desk, of = Desk(cast, visit.pk), setting(cast, Setting.CLOSURES, bay.pk)
    refusal = refused_for(cast, of, [closed("10:00", "14:00")], by=cast.supervisor)
    assert stranded(refusal) == [(visit.pk, (Why.BAY_OUT_OF_USE,))]
    made = change(cast, of, [closed("10:00", "14:00")], by=cast.supervisor, confirmed=refusal.digest)
    assert made
    assert (desk.visit.lane, desk.visit.starts_at) == (1, at("12:00", TOMORROW))
    assert desk.entry("visit_changed").data == {"fields": "bay"}
    assert [each.planned.visit_id for each in off_schedule(cast.branch.pk, MORNING)] == [visit.pk]
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    with pytest.raises(BayTaken):
        cast.book("13:00", on=TOMORROW, client=client)
    take_back_change(made.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert (desk.visit.lane, Occupation.objects.filter(of="closure").count()) == (0, 0)
    assert off_schedule(cast.branch.pk, MORNING) == []
    assert broken_invariants() == []


def test_a_visit_moved_away_leaves_the_closure_whole(cast: Cast) -> None:
    visit = cast.book("12:00", on=TOMORROW)
    change(cast, setting(cast, Setting.CLOSURES, cast.bays[0].pk), [closed("10:00", "14:00")], confirmed=None)
    visit.refresh_from_db()
    plan = Plan(cast.bays[1].pk, visit.starts_at, visit.ends_at, cast.advisor.pk)
    move(visit.pk, plan, actor=cast.operator, now=MORNING, plan_version=visit.plan_version)
    closure = Occupation.objects.get(of="closure")
    assert (closure.lane, closure.starts_at, closure.note) == (0, at("10:00", TOMORROW), "Ремонт")
    assert Visit.objects.get(pk=visit.pk).lane == 0


def test_closing_wins_over_a_time_that_is_held(cast: Cast) -> None:
    user_id = cast.operator.user_id
    assert user_id
    hold(cast.bays[0], at("12:00", TOMORROW), at("13:00", TOMORROW), user_id=user_id, real_now=MORNING)
    assert change(cast, setting(cast, Setting.CLOSURES, cast.bays[0].pk), [closed("10:00", "14:00")])
    assert not Occupation.objects.filter(of="hold").exists()


def test_a_bay_breaks_down_in_the_middle_of_a_work(cast: Cast) -> None:
    done, running = Desk(cast, cast.book("09:00").pk), Desk(cast, cast.book("10:00", minutes=120).pk)
    for desk in (done, running):
        desk.check_in("09:00")
    broken = [{"from": at("09:00").isoformat(), "until": at("18:00").isoformat(), "note": "Подъёмник"}]
    of = setting(cast, Setting.CLOSURES, cast.bays[0].pk)
    assert change(cast, of, broken, by=cast.supervisor, now=at("10:42:30"))
    assert value_of(of) == [broken[0] | {"from": at("10:42").isoformat()}], "what was done before was done"
    assert (done.visit.lane, running.visit.lane, running.visit.status) == (0, 1, "arrived")
    over = [{"from": at("09:00").isoformat(), "until": at("10:00").isoformat(), "note": ""}]
    with pytest.raises(BadInput) as refused:
        change(cast, of, over, now=at("10:43"))
    assert refused.value.problems == {"closures": "ends_in_past"}
    assert broken_invariants() == []


@pytest.mark.parametrize(
    ("closures", "problem"),
    [
        ([closed("14:00", "14:00")], "ends_before_start"),
        ([closed("10:00", "12:00"), closed("11:00", "13:00")], "closures_overlap"),
        ([closed("10:00", "12:00") | {"until": (at("12:00", TOMORROW) + timedelta(days=40)).isoformat()}],
         "closure_too_long"),
    ],
)  # fmt: skip
def test_closures_that_cannot_be_are_refused(cast: Cast, closures: list[dict[str, str]], problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        change(cast, setting(cast, Setting.CLOSURES, cast.bays[0].pk), closures)
    assert refused.value.problems == {"closures": problem}


# --- the zone ------------------------------------------------------------------------------------------------------

SAMARA = "Europe/Samara"  # an hour ahead of Moscow


def test_hard_case_13_the_visits_are_shown_and_confirmed_and_the_zone_is_taken_back_the_same_way(cast: Cast) -> None:
    desk = Desk(cast, cast.book("11:00").pk)
    refusal = refused_for(cast, setting(cast, Setting.ZONE), SAMARA)
    (affected,) = touched(refusal).affected
    assert (affected.visit.pk, affected.starts_at, touched(refusal).zone) == (desk.visit_id, at("10:00"), SAMARA)
    made = change(cast, setting(cast, Setting.ZONE), SAMARA, confirmed=refusal.digest)
    assert made
    assert desk.visit.starts_at == at("10:00"), "11:00 by the new clock"
    take_back_change(made.pk, cast.branch.pk, actor=cast.administrator, now=MORNING, confirmed=None)
    assert (desk.visit.starts_at, Branch.objects.get(pk=cast.branch.pk).zone) == (at("11:00"), "Europe/Moscow")
    instants = change(cast, setting(cast, Setting.ZONE_OF_INSTANTS), SAMARA, confirmed=None)
    assert instants
    assert desk.visit.starts_at == at("11:00")
    take_back_change(instants.pk, cast.branch.pk, actor=cast.administrator, now=MORNING, confirmed=None)
    assert desk.visit.starts_at == at("11:00"), "taken back as it was made"


# --- branches ------------------------------------------------------------------------------------------------------


def test_a_retired_branch_takes_no_new_visits_and_stays_readable(cast: Cast) -> None:
    desk, of = Desk(cast, cast.book("11:00").pk), setting(cast, Setting.BRANCH)
    retired = {**value_of(of), "is_active": False}
    refusal = refused_for(cast, of, retired)
    assert stranded(refusal) == [(desk.visit_id, (Why.BRANCH_RETIRED,))]
    made = change(cast, of, retired, confirmed=refusal.digest)
    assert made
    client, car = cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    plan = Plan(cast.bays[1].pk, at("12:00"), at("13:00"), cast.advisor.pk)
    with pytest.raises(WrongMoment) as refused:
        book(cast.branch.pk, client, car, plan, Details(), actor=cast.operator, now=MORNING)
    assert refused.value.code == "branch_retired"
    with pytest.raises(WrongMoment):
        book_imported(cast.branch.pk, [NewVisit(client, car, plan, Details())], actor=cast.supervisor, now=MORNING)
    assert desk.visit.status == "planned", "who is booked there is called by people"
    desk.remove("08:10", "expensive", is_said_by_client=True)
    with pytest.raises(WrongMoment):
        desk.restore("08:30")
    take_back_change(made.pk, cast.branch.pk, actor=cast.administrator, now=MORNING)
    desk.restore("08:30")
    assert broken_invariants() == []


def test_a_new_branch_is_opened_after_another_by_whoever_then_administers_it(cast: Cast) -> None:
    change(cast, setting(cast, Setting.BAY_HOURS, cast.bays[0].pk), [[600, 900], *[None] * 6])
    change(cast, setting(cast, Setting.SHIFTS, cast.advisor.pk), [[540, 900], *[None] * 6])
    change(cast, setting(cast, Setting.POLICY), minutes(attempts=3))
    tyres = Work.objects.get(code="tyres")
    tyres.bay_groups.set([cast.bays[0].group])
    wanted = Opening(
        "YUG", " Юг ", "Asia/Omsk", like_id=cast.branch.pk,
        with_hours=True, with_bays=True, with_advisors=True, with_talk=True,
    )  # fmt: skip
    branch = open_branch(cast.branch.pk, wanted, actor=cast.administrator, now=MORNING)
    assert (branch.name, branch.zone, branch.network_id) == ("Юг", "Asia/Omsk", cast.network.pk)
    assert list(Membership.objects.filter(branch=branch).values_list("user_id", "role")) == [
        (cast.administrator.user_id, "administrator")
    ]
    own = SettingOf(branch.pk, Setting.WEEK_HOURS)
    assert value_of(own) == value_of(setting(cast, Setting.WEEK_HOURS))
    bays = list(Bay.objects.filter(branch=branch).order_by("name"))
    assert [bay.name for bay in bays] == ["Пост 1", "Пост 2", "Пост 3"]
    assert bays[0].own_hours.get().opens_minute == 600
    advisor = Advisor.objects.get(branch=branch)
    assert (advisor.pk != cast.advisor.pk, advisor.shifts.get().closes_minute) == (True, 900)
    assert bays[0].group.advisor == advisor
    assert set(tyres.bay_groups.all()) == {cast.bays[0].group, bays[0].group}
    assert Policy.objects.get(branch=branch).attempts == 3
    assert ScriptStep.objects.filter(branch=branch).count() == ScriptStep.objects.filter(branch=cast.branch).count()
    entry = Entry.objects.get(kind="branch_opened")
    assert (entry.branch_id, entry.data) == (branch.pk, {"like": cast.branch.pk})
    assert broken_invariants() == []


def test_a_new_branch_may_begin_with_nothing_but_its_hours_and_bays(cast: Cast) -> None:
    key = Request.of("one-press", "open", {})
    wanted = Opening("YUG", "Юг", "Europe/Moscow", bay_count=2)
    branch = open_branch(cast.branch.pk, wanted, actor=cast.administrator, now=MORNING, request=key)
    assert [bay.name for bay in Bay.objects.filter(branch=branch)] == ["Пост 1", "Пост 2"]
    assert value_of(SettingOf(branch.pk, Setting.WEEK_HOURS)) == [None] * 7
    with pytest.raises(AlreadyDone):
        open_branch(cast.branch.pk, wanted, actor=cast.administrator, now=MORNING, request=key)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "sev"}, "branch_code_taken"),
        ({"code": "login"}, "branch_code_unfit"),
        ({"code": "Юг"}, "branch_code_unfit"),
        ({"name": " "}, "title_empty"),
        ({"zone": "Moscow"}, "zone_unknown"),
    ],
)
def test_a_branch_that_cannot_be_is_not_opened(cast: Cast, changed: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {"code": "YUG", "name": "Юг", "zone": "Europe/Moscow", **changed}
    with pytest.raises(Refusal) as refused:
        open_branch(cast.branch.pk, Opening(**given), actor=cast.administrator, now=MORNING)
    assert (refused.value.code, Branch.objects.count()) == (code, 2)


def test_only_the_administrator_opens_a_branch_and_after_none_that_is_not_seen(cast: Cast) -> None:
    wanted = Opening("YUG", "Юг", "Europe/Moscow")
    for name in ("operator", "master", "supervisor", "manager"):
        with pytest.raises(NotAllowed):
            open_branch(cast.branch.pk, wanted, actor=cast.actor(name), now=MORNING)
    with pytest.raises(NotFound):
        open_branch(cast.other_branch.pk, wanted, actor=cast.administrator, now=MORNING)
    foreign = Opening("YUG", "Юг", "Europe/Moscow", like_id=cast.other_branch.pk, with_bays=True)
    with pytest.raises(NotFound):
        open_branch(cast.branch.pk, foreign, actor=cast.administrator, now=MORNING)


# --- several at once -----------------------------------------------------------------------------------------------


def test_days_of_several_branches_are_set_together_or_not_at_all(cast: Cast) -> None:
    visit = cast.book("12:00", on=TOMORROW)
    both = Actor(
        cast.administrator.user_id,
        "Белов",
        {branch.pk: cast.administrator.roles[cast.branch.pk] for branch in (cast.branch, cast.other_branch)},
    )
    shut = {"hours": None, "title": "Праздник"}
    wanted = [
        Wanted(SettingOf(branch.pk, Setting.EXCEPTION, on=on), shut)
        for branch in (cast.branch, cast.other_branch)
        for on in (TOMORROW, TODAY + timedelta(days=2))
    ]
    with pytest.raises(WouldStrand) as refused:
        change_settings(wanted, actor=both, now=MORNING)
    assert stranded(refused.value) == [(visit.pk, (Why.BRANCH_CLOSED,))]
    assert not BranchException.objects.exists()
    made = change_settings(wanted, actor=both, now=MORNING, confirmed=refused.value.digest)
    assert ([each.branch_id for each in made], BranchException.objects.count()) == (
        [cast.branch.pk, cast.branch.pk, cast.other_branch.pk, cast.other_branch.pk],
        4,
    )
    with pytest.raises(NotFound):
        change_settings(wanted, actor=cast.administrator, now=MORNING)
    assert broken_invariants() == []
