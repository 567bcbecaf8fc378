"""Settings of a branch: what a change would strand is told before it is saved, and every change can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from vovremya.directory.actions import name_bay_groups_of_branch
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, SettingChange, Work
from vovremya.directory.rules import Actor
from vovremya.journal.actions import Request
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound
from vovremya.schedule.rules.stranding import Why, digest_of
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book, move
from vovremya.visits.actions.branch_settings import change_setting, digest_as_shown, take_back_change, value_of
from vovremya.visits.actions.reception import check_in
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.invariants import broken_invariants
from vovremya.visits.models import Visit
from vovremya.visits.queries import off_schedule, work_lasts
from vovremya.visits.refusals import ChangedMeanwhile, WouldStrand, WrongMoment
from vovremya.visits.rules.settings import Setting, SettingOf

NINE_TO_NINE, TILL_NOON = [540, 1260], [540, 720]


def setting(cast: Cast, kind: Setting, subject_id: int | None = None, **more: Any) -> SettingOf:
    return SettingOf(cast.branch.pk, kind, subject_id, **more)


def change(
    cast: Cast, of: SettingOf, value: object, *, by: Actor | None = None, confirmed: str = ""
) -> SettingChange | None:
    return change_setting(of, value, actor=by or cast.supervisor, now=MORNING, confirmed=confirmed)


def stranded(cast: Cast, of: SettingOf, value: object) -> list[tuple[int, tuple[Why, ...]]]:
    """What the change is refused for; it leaves everything as it was."""
    before = value_of(of), SettingChange.objects.count(), Entry.objects.count()
    with pytest.raises(WouldStrand) as refused:
        change(cast, of, value)
    assert (value_of(of), SettingChange.objects.count(), Entry.objects.count()) == before
    return [(each.planned.visit_id, each.reasons) for each in refused.value.facts["stranded"]]  # type: ignore[attr-defined]


def confirm(cast: Cast, of: SettingOf, value: object) -> SettingChange:
    with pytest.raises(WouldStrand) as refused:
        change(cast, of, value)
    done = change(cast, of, value, confirmed=digest_of(refused.value.facts["stranded"]))  # type: ignore[arg-type]
    assert done
    return done


# --- what is stranded ----------------------------------------------------------------------------------------------


def test_each_change_is_refused_with_the_visits_it_strands(cast: Cast) -> None:
    afternoon = cast.book("15:00", on=TOMORROW).pk
    bay, group_id = cast.bays[0], cast.bays[0].group_id
    given = value_of(setting(cast, Setting.BAY, bay.pk))
    other = BayGroup.objects.create(branch=cast.branch, name="Кузовной")
    work = Work.objects.get(network=cast.network, code="to-60")
    closed = [(afternoon, (Why.BRANCH_CLOSED,))]
    assert stranded(cast, setting(cast, Setting.WEEK_HOURS), [TILL_NOON] * 7) == closed
    assert stranded(cast, setting(cast, Setting.EXCEPTION, on=TOMORROW), {"hours": None, "title": ""}) == closed
    lunch = [[540, 1260, 900, 960], *[NINE_TO_NINE] * 6]  # TOMORROW is a Monday
    assert stranded(cast, setting(cast, Setting.WEEK_HOURS), lunch) == [(afternoon, (Why.LUNCH,))]
    own = [TILL_NOON] * 7
    assert stranded(cast, setting(cast, Setting.BAY_HOURS, bay.pk), own) == [(afternoon, (Why.BAY_CLOSED,))]
    retired = given | {"is_active": False}
    assert stranded(cast, setting(cast, Setting.BAY, bay.pk), retired) == [(afternoon, (Why.BAY_RETIRED,))]
    away = [(afternoon, (Why.ADVISOR_AWAY,))]
    assert stranded(cast, setting(cast, Setting.SHIFTS, cast.advisor.pk), own) == away
    advisor = value_of(setting(cast, Setting.ADVISOR, cast.advisor.pk)) | {"is_active": False}
    with pytest.raises(BadInput) as leads:
        change(cast, setting(cast, Setting.ADVISOR, cast.advisor.pk), advisor)
    assert leads.value.problems == {"is_active": "advisor_leads"}
    assert change(cast, setting(cast, Setting.GROUP, group_id), {"name": "Слесарный", "advisor_id": None})
    assert stranded(cast, setting(cast, Setting.ADVISOR, cast.advisor.pk), advisor) == away
    of_work = setting(cast, Setting.WORK_GROUPS, work.pk)
    assert stranded(cast, of_work, [other.pk]) == [(afternoon, (Why.OTHER_GROUP,))]
    assert change(cast, of_work, [group_id])
    assert stranded(cast, setting(cast, Setting.BAY, bay.pk), given | {"group_id": other.pk}) == [
        (afternoon, (Why.OTHER_GROUP,))
    ]


def test_a_confirmed_list_is_saved_and_stays_in_sight_until_it_is_empty(cast: Cast) -> None:
    visit = cast.book("15:00", on=TOMORROW)
    of = setting(cast, Setting.WEEK_HOURS)
    done = confirm(cast, of, [TILL_NOON] * 7)
    entry = Entry.objects.filter(kind="setting_changed").get()
    assert entry.data == {"setting": "week_hours", "change_id": done.pk, "stranded": 1}
    assert [each.planned.visit_id for each in off_schedule(cast.branch.pk, MORNING)] == [visit.pk]
    plan = Plan(visit.bay_id, at("10:00", TOMORROW), at("11:00", TOMORROW), cast.advisor.pk)
    visit.refresh_from_db()
    move(visit.pk, plan, actor=cast.operator, now=MORNING, plan_version=visit.plan_version)
    assert off_schedule(cast.branch.pk, MORNING) == []
    assert broken_invariants() == []


def test_a_list_that_has_changed_meanwhile_is_shown_again(cast: Cast) -> None:
    first = cast.book("15:00", on=TOMORROW)
    of = setting(cast, Setting.WEEK_HOURS)
    with pytest.raises(WouldStrand) as refused:
        change(cast, of, [TILL_NOON] * 7)
    confirmed = digest_of(refused.value.facts["stranded"])  # type: ignore[arg-type]
    client, _ = cast.register("Кот Иван", "+7 912 000-00-01")
    second = cast.book("17:00", on=TOMORROW, client=client)
    with pytest.raises(WouldStrand) as again:
        change(cast, of, [TILL_NOON] * 7, confirmed=confirmed)
    shown = again.value.facts["stranded"]
    assert [each.planned.visit_id for each in shown] == [first.pk, second.pk]  # type: ignore[attr-defined]
    # What strands nobody after all needs no confirmation.
    Visit.objects.all().update(status="removed")
    assert change(cast, of, [TILL_NOON] * 7, confirmed=confirmed)


def test_visits_that_stood_outside_before_and_those_of_the_past_are_not_asked_about(cast: Cast) -> None:
    yesterday = TODAY - timedelta(days=1)
    cast.book("15:00", on=yesterday, now=at("08:00", yesterday))
    cast.book("15:00", on=TOMORROW)
    confirm(cast, setting(cast, Setting.WEEK_HOURS), [TILL_NOON] * 7)
    assert change(cast, setting(cast, Setting.WEEK_HOURS), [[540, 719]] * 7)


def test_of_a_car_that_is_here_only_the_bay_matters(cast: Cast) -> None:
    visit = cast.book("10:00")
    check_in(visit.pk, actor=cast.master, now=at("10:00"))
    assert change(cast, setting(cast, Setting.EXCEPTION, on=TODAY), {"hours": None, "title": "Авария"})
    given = value_of(setting(cast, Setting.BAY, cast.bays[0].pk))
    retired = stranded(cast, setting(cast, Setting.BAY, cast.bays[0].pk), given | {"is_active": False})
    assert retired == [(visit.pk, (Why.BAY_RETIRED,))]


def test_groups_of_another_branch_do_not_count(cast: Cast) -> None:
    elsewhere = BayGroup.objects.create(branch=cast.other_branch, name="Слесарный")
    work = Work.objects.get(network=cast.network, code="to-60")
    work.bay_groups.set([elsewhere])
    cast.book("15:00", on=TOMORROW)
    of = setting(cast, Setting.WORK_GROUPS, work.pk)
    assert change(cast, of, [cast.bays[0].group_id, elsewhere.pk])
    assert (value_of(of), off_schedule(cast.branch.pk, MORNING)) == ([cast.bays[0].group_id], [])
    assert set(work.bay_groups.all()) == {elsewhere, cast.bays[0].group}


def test_groups_that_another_branch_names_at_the_same_moment_stay_named(cast: Cast) -> None:
    mine, theirs = (BayGroup.objects.create(branch=each, name="Кузовной") for each in (cast.branch, cast.other_branch))
    work = Work.objects.get(network=cast.network, code="to-60")
    work.bay_groups.set([cast.bays[0].group])
    asked_of_groups = 0

    def other_branch_names_theirs(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """After the groups were first looked at."""
        nonlocal asked_of_groups
        asked_of_groups += "directory_work_bay_groups" in sql
        if asked_of_groups == 2:
            work.bay_groups.through.objects.create(work=work, baygroup=theirs)
        return execute(sql, *rest)

    with connection.execute_wrapper(other_branch_names_theirs):
        name_bay_groups_of_branch(work, cast.branch.pk, [mine.pk])
    assert set(work.bay_groups.all()) == {mine, theirs}


# --- history, and back ---------------------------------------------------------------------------------------------


def test_a_change_is_taken_back_unless_somebody_has_changed_it_since(cast: Cast) -> None:
    of = setting(cast, Setting.WEEK_HOURS)
    first = change(cast, of, [TILL_NOON] * 7)
    second = change(cast, of, [[600, 720]] * 7)
    assert first
    assert second
    with pytest.raises(WrongMoment, match="setting_changed_since"):
        take_back_change(first.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    back = take_back_change(second.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert back
    assert (back.takes_back, back.before, back.after) == (second, [[600, 720]] * 7, [TILL_NOON] * 7)
    assert take_back_change(first.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of) == [NINE_TO_NINE] * 7
    with pytest.raises(NotFound):
        take_back_change(first.pk, cast.other_branch.pk, actor=cast.stranger, now=MORNING)


def test_taking_back_strands_like_any_change(cast: Cast) -> None:
    of = setting(cast, Setting.EXCEPTION, on=TOMORROW)
    longer = change(cast, of, {"hours": [540, 1380], "title": "Чёрная пятница"})
    assert longer
    visit = cast.book("21:30", on=TOMORROW)
    with pytest.raises(WouldStrand):
        take_back_change(longer.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of) == {"hours": [540, 1380], "title": "Чёрная пятница"}
    move(
        visit.pk,
        Plan(visit.bay_id, at("10:00", TOMORROW), at("11:00", TOMORROW)),
        actor=cast.operator,
        now=MORNING,
        plan_version=1,
    )
    assert take_back_change(longer.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of) is None


def test_no_group_goes_back_to_an_advisor_who_has_left(cast: Cast) -> None:
    group = setting(cast, Setting.GROUP, cast.bays[0].group_id)
    without = change(cast, group, {"name": "Слесарный", "advisor_id": None})
    leaver = setting(cast, Setting.ADVISOR, cast.advisor.pk)
    assert change(cast, leaver, value_of(leaver) | {"is_active": False})
    assert without
    with pytest.raises(BadInput) as refused:
        take_back_change(without.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert refused.value.problems == {"advisor": "advisor_has_left"}
    assert change(cast, leaver, value_of(leaver) | {"is_active": True})
    assert take_back_change(without.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)


def test_bays_groups_and_advisors_are_added_changed_and_retired(cast: Cast) -> None:
    group = change(cast, setting(cast, Setting.GROUP), {"name": " Мойка ", "advisor_id": cast.advisor.pk})
    assert group
    bay = change(
        cast,
        setting(cast, Setting.BAY),
        {"name": "Мойка 1", "group_id": group.subject_id, "mechanic": "", "coefficient": 1.5, "is_active": True},
    )
    advisor = change(
        cast,
        setting(cast, Setting.ADVISOR),
        {"name": "Белова Т.", "full_name": "", "arrivals_per_quarter_hour": 2, "is_active": True},
    )
    assert bay
    assert advisor
    bay_id, advisor_id = bay.subject_id or 0, advisor.subject_id or 0
    assert (bay.before, BayGroup.objects.latest("pk").name) == (None, "Мойка")
    assert Bay.objects.get(pk=bay_id).coefficient == 1.5
    assert Advisor.objects.get(pk=advisor_id).arrivals_per_quarter_hour == 2
    for added in (bay, advisor):
        assert take_back_change(added.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert not Bay.objects.get(pk=bay_id).is_active, "retired: something may have been done on it"
    assert not Advisor.objects.get(pk=advisor_id).is_active
    with pytest.raises(BadInput) as in_use:
        take_back_change(group.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert in_use.value.problems == {"name": "group_in_use"}
    renamed = change(cast, setting(cast, Setting.GROUP, group.subject_id), {"name": "Уход", "advisor_id": None})
    assert renamed
    assert renamed.before == {"name": "Мойка", "advisor_id": cast.advisor.pk, "position": 1}


def test_bay_comes_back_to_its_place_in_the_group_it_was_taken_from(cast: Cast) -> None:
    places = list(Bay.objects.filter(branch=cast.branch).values_list("pk", flat=True))
    other = BayGroup.objects.create(branch=cast.branch, name="Кузовной", position=1)
    of = setting(cast, Setting.BAY, places[0])
    given = {name: part for name, part in value_of(of).items() if name != "position"}
    assert change(cast, of, given) is None, "a form that does not ask for the place changes nothing of it"
    moved = change(cast, of, given | {"group_id": other.pk})
    assert moved
    assert list(Bay.objects.filter(branch=cast.branch).values_list("pk", flat=True)) == [*places[1:], places[0]]
    assert take_back_change(moved.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert list(Bay.objects.filter(branch=cast.branch).values_list("pk", flat=True)) == places


def test_bay_is_saved_whose_place_somebody_has_changed_meanwhile(cast: Cast) -> None:
    bay = cast.bays[0]
    of = setting(cast, Setting.BAY, bay.pk)
    seen = digest_as_shown(Setting.BAY, value_of(of))
    named = {name: part for name, part in value_of(of).items() if name != "position"}
    order = setting(cast, Setting.BAY_ORDER)
    assert change(cast, order, [*value_of(order)[1:], bay.pk])
    assert change_setting(of, named | {"name": "Яма"}, actor=cast.supervisor, now=MORNING, seen=seen)
    assert value_of(order)[-1] == bay.pk
    with pytest.raises(ChangedMeanwhile):
        change_setting(of, named | {"name": "Подъёмник"}, actor=cast.supervisor, now=MORNING, seen=seen)


def test_change_from_before_places_were_kept_is_taken_back(cast: Cast) -> None:
    of = setting(cast, Setting.BAY, cast.bays[1].pk)
    renamed = change(cast, of, value_of(of) | {"name": "Яма"})
    assert renamed
    named = {name: part for name, part in value_of(of).items() if name != "position"}
    SettingChange.objects.update(before=named | {"name": "Пост 2"}, after=named)
    assert take_back_change(renamed.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of)["name"] == "Пост 2"


def test_group_that_was_deleted_comes_back_to_its_place(cast: Cast) -> None:
    first = change(cast, setting(cast, Setting.GROUP), {"name": "Мойка", "advisor_id": None})
    assert first
    assert change(cast, setting(cast, Setting.GROUP), {"name": "Шины", "advisor_id": None})
    names = [group.name for group in BayGroup.objects.filter(branch=cast.branch)]
    dropped = change(cast, setting(cast, Setting.GROUP, first.subject_id), None)
    assert dropped
    assert change(cast, setting(cast, Setting.GROUP), {"name": "Покраска", "advisor_id": None})
    assert take_back_change(dropped.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert [group.name for group in BayGroup.objects.filter(branch=cast.branch)] == [*names, "Покраска"]


def test_a_group_that_nothing_holds_to_is_deleted_and_comes_back_as_the_same(cast: Cast) -> None:
    added = change(cast, setting(cast, Setting.GROUP), {"name": "Мойка", "advisor_id": None})
    assert added
    of = setting(cast, Setting.GROUP, added.subject_id)
    wash = Work.objects.get(code="wash")
    wash.bay_groups.set([added.subject_id])  # type: ignore[list-item]
    with pytest.raises(BadInput):  # it would be done on every bay from then on
        change(cast, of, None)
    wash.bay_groups.clear()
    dropped = change(cast, of, None)
    assert dropped
    assert (value_of(of), BayGroup.objects.filter(pk=added.subject_id or 0).exists()) == (None, False)
    take_back_change(dropped.pk, cast.branch.pk, actor=cast.supervisor, now=MORNING)
    assert value_of(of) == {"name": "Мойка", "advisor_id": None, "position": 1}
    elsewhere = BayGroup.objects.create(branch=cast.other_branch, name="Чужая")
    with pytest.raises(NotFound):
        change(cast, setting(cast, Setting.GROUP, elsewhere.pk), {"name": "Наша", "advisor_id": None})
    elsewhere.refresh_from_db()
    assert elsewhere.name == "Чужая"


def test_the_same_again_is_no_change(cast: Cast) -> None:
    assert change(cast, setting(cast, Setting.WEEK_HOURS), [NINE_TO_NINE] * 7) is None
    assert change(cast, setting(cast, Setting.EXCEPTION, on=TOMORROW), None) is None
    assert change(cast, setting(cast, Setting.SHIFTS, cast.advisor.pk), None) is None
    assert SettingChange.objects.count() == 0


BAY = {"name": "Пост 9", "group_id": 1, "mechanic": "", "coefficient": 1.0, "is_active": True}
ADVISOR = {"name": "Белова Т.", "full_name": "", "arrivals_per_quarter_hour": None, "is_active": True}


@pytest.mark.parametrize(
    ("kind", "value", "problems"),
    [
        (Setting.BAY, BAY | {"name": " "}, {"name": "title_empty"}),
        (Setting.BAY, BAY | {"name": "Пост 1"}, {"name": "bay_name_taken"}),
        (Setting.BAY, BAY | {"group_id": 999}, {"group": "group_unknown"}),
        (Setting.BAY, BAY | {"coefficient": 0.0}, {"coefficient": "coefficient_unfit"}),
        (Setting.BAY, BAY | {"coefficient": float("nan")}, {"coefficient": "coefficient_unfit"}),
        (Setting.GROUP, {"name": "", "advisor_id": None}, {"name": "title_empty"}),
        (Setting.GROUP, {"name": "Мойка", "advisor_id": 999}, {"advisor": "advisor_unknown"}),
        (Setting.ADVISOR, ADVISOR | {"name": ""}, {"name": "title_empty"}),
        (Setting.ADVISOR, ADVISOR | {"arrivals_per_quarter_hour": 0}, {"arrivals": "arrivals_unfit"}),
        (Setting.PAUSE, 241, {"pause": "pause_unfit"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    cast: Cast, kind: Setting, value: object, problems: dict[str, str]
) -> None:
    with pytest.raises(BadInput) as refused:
        change(cast, setting(cast, kind), value)
    assert refused.value.problems == problems


@pytest.mark.parametrize("kind", [Setting.BAY, Setting.BAY_HOURS, Setting.SHIFTS, Setting.WORK_GROUPS, Setting.GROUP])
def test_what_is_another_branch_s_is_not_found(cast: Cast, kind: Setting) -> None:
    with pytest.raises(NotFound):
        change(cast, setting(cast, kind, 999), None)


@pytest.mark.parametrize("name", ["operator", "master", "manager"])
def test_settings_are_for_supervisor_and_administrator(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        change(cast, setting(cast, Setting.PAUSE), 10, by=cast.actor(name))
    with pytest.raises(NotFound):
        change(cast, setting(cast, Setting.PAUSE), 10, by=cast.stranger)
    assert change(cast, setting(cast, Setting.PAUSE), 10, by=cast.administrator)
    assert Branch.objects.get(pk=cast.branch.pk).pause_minutes == 10


# --- visits go along -----------------------------------------------------------------------------------------------


def test_visits_to_come_take_their_closing_from_the_new_hours(cast: Cast) -> None:
    visit, version = cast.book("10:00", on=TOMORROW), 1
    over_night = book(
        cast.branch.pk,
        cast.late_client,
        None,
        Plan(cast.bays[1].pk, at("17:00", TOMORROW), at("11:00", TOMORROW + timedelta(days=1))),
        Details(works=(PlannedWork("Кузов", "body", 360),)),
        actor=cast.operator,
        now=MORNING,
    )
    assert change(cast, setting(cast, Setting.WEEK_HOURS), [[540, 1320]] * 7)
    visit.refresh_from_db()
    over_night.refresh_from_db()
    assert (visit.closes_at, over_night.closes_at) == (at("22:00", TOMORROW), at("22:00", TOMORROW))
    assert work_lasts(over_night) == timedelta(hours=6), "what it has of the bay, and not what it would get now"
    assert visit.version > version
    assert Entry.objects.filter(visit_id=visit.pk, kind="visit_changed").get().data == {"fields": "hours"}
    assert broken_invariants() == []


def test_a_press_sent_twice_changes_once(cast: Cast) -> None:
    of, request = setting(cast, Setting.PAUSE), Request.of("key", "setting", {"pause": 10})
    change_setting(of, 10, actor=cast.supervisor, now=MORNING, request=request)
    with pytest.raises(AlreadyDone) as done:
        change_setting(of, 10, actor=cast.supervisor, now=MORNING, request=request)
    assert done.value.entry.kind == "setting_changed"
    assert SettingChange.objects.count() == 1
