"""Board equivalence: the boards as they were before an action, plus what the feed tells of it, are what a page shows.

The browser's rule is taken over word for word: a newer version wins, a day that is not told of loses its bar.
"""

import gzip
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.utils.translation import override

from tests.apps.visits.desk import Desk
from tests.cast import MORNING, TODAY, TOMORROW, Cast, at
from tests.flows.seat import Seat, StoppedClock
from vovremya.board import snapshots
from vovremya.board.bars import BarDrawing, draw_visit
from vovremya.board.live.reading import visits_by_branch
from vovremya.customers.actions.card import value_of
from vovremya.customers.models import Client, ClientChange, Merge
from vovremya.customers.rules.card import Facet, FacetOf, Value, seen_as
from vovremya.customers.rules.erasure import Ground
from vovremya.directory.actions.access import choose_language
from vovremya.directory.models import Bay, BayGroup, User
from vovremya.directory.rules import PROGRAM, Actor, Language, Role
from vovremya.journal.queries import entries_after, latest_cursor
from vovremya.kernel import clock as kernel_clock
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits import actions
from vovremya.visits.actions import (
    announcements,
    booking,
    by_hand,
    clients,
    contact,
    erasing,
    importing,
    reception,
    wave,
)
from vovremya.visits.actions.booking import Details, FileNews, Plan
from vovremya.visits.actions.by_hand import ByHand
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.actions.wave import Shift, Words
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import Answer, CallResult
from vovremya.waitlist import actions as waitlist_actions
from vovremya.waitlist.actions import keeping, offering
from vovremya.waitlist.models import TimeOffer

pytestmark = pytest.mark.committed

DAYS = tuple(TODAY + timedelta(days=number) for number in (-1, 0, 1, 2))
NOW = "10:12"


# --- the browser -------------------------------------------------------------------------------------------------


@dataclass
class Day:
    """The bars of one board, kept as the page keeps them (bars.ts)."""

    bars: dict[int, str] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)

    def apply(self, on: str, event: Mapping[str, Any]) -> None:
        visit, version = event["visit"], event["version"]
        if visit in self.versions and version <= self.versions[visit]:
            return
        self.versions[visit] = version
        drawn = event["bars"].get(on)
        if drawn is None:
            self.bars.pop(visit, None)
        else:
            self.bars[visit] = drawn["html"]


def boards(seat: Seat) -> dict[str, Day]:
    """Every board as a fresh page shows it."""
    shown = {}
    for on in DAYS:
        html = seat.http.get(f"/SEV/?day={on}").content.decode()
        board = html[: html.index("<aside")]  # beside the board of another day stand the bars of today
        bars = {int(_attribute(bar, "visit")): bar for bar in re.findall(r'<button class="bar .*?</button>', board)}
        shown[on.isoformat()] = Day(bars, {visit: int(_attribute(bar, "version")) for visit, bar in bars.items()})
    return shown


def _attribute(bar: str, name: str) -> str:
    found = re.search(f'data-{name}="([^"]*)"', bar)
    assert found
    return found[1]


def told_since(cursor: str, cast: Cast) -> list[dict[str, object]]:
    entries = entries_after(cast.branch.pk, cursor).entries
    visit_ids = visits_by_branch(entries).get(cast.branch.pk, [])
    return [draw_visit(visit_id, kernel_clock.now()) for visit_id in visit_ids]


@dataclass
class Screen:
    """An open board that hears of what is done."""

    cast: Cast
    seat: Seat

    def shows_what_a_fresh_page_shows_after(self, act: Callable[[], object]) -> None:
        shown, cursor = boards(self.seat), latest_cursor()
        act()
        for event in told_since(cursor, self.cast):
            for on, day in shown.items():
                day.apply(on, event)
        fresh = boards(self.seat)
        for on, day in fresh.items():
            assert shown[on].bars == day.bars


@pytest.fixture
def screen(cast: Cast, operator: Seat) -> Screen:
    return Screen(cast, operator)


@pytest.fixture
def desk(cast: Cast, visit: Visit) -> Desk:
    return Desk(cast, visit.pk)


# --- the actions -------------------------------------------------------------------------------------------------


def nothing(_desk: Desk) -> None:
    pass


def on_card(desk: Desk) -> dict[str, Any]:
    return {"branch": desk.cast.branch, "actor": desk.cast.supervisor, "now": at(NOW)}


def changed(desk: Desk, of: FacetOf, **fields: Value) -> object:
    value = value_of(of)
    return clients.change_client(of, {**value, **fields}, seen=seen_as(value), **on_card(desk))


def renamed(desk: Desk) -> object:
    return changed(desk, FacetOf(desk.cast.late_client.pk, Facet.PERSON), name="Смирнова-Кот Анна")


def other_plate(desk: Desk) -> object:
    return changed(desk, FacetOf(desk.cast.late_client.pk, Facet.CAR, desk.cast.late_car.pk), plate="А001АА77")


def twin_with_a_visit_in_a_row(desk: Desk) -> Visit:
    """The same car under another name: when it is one client's, its visits follow each other."""
    twin, car = desk.cast.register("Кот Анна", "89120000001", plate="М347ВС 77")
    return desk.cast.book("11:00", bay=1, client=twin, car=car)


def merged(desk: Desk) -> object:
    kept, twin = desk.cast.late_client.pk, Client.objects.get(name="Кот Анна").pk
    person = value_of(FacetOf(twin, Facet.PERSON))
    return clients.merge(kept, twin, person, seen=seen_as(clients.compared(kept, twin)), **on_card(desk))


def erased(desk: Desk) -> object:
    return erasing.erase_client(desk.cast.late_client.pk, Ground.REQUEST, requested_on=None, **on_card(desk))


def act_about(desk: Desk) -> dict[str, Any]:
    client = desk.cast.late_client
    known = [[client.pk, kernel_clock.to_milliseconds(client.created_at)]]
    return {"number": "1", "clients": known, "ground": "request", "requested_on": None, "at": 0, "erased": {}}


@dataclass(frozen=True)
class Story:
    """An action with what went before it; the boards are compared at the time of the action."""

    action: str
    act: Callable[[Desk], object]
    before: Callable[[Desk], object] = nothing
    clock: str = NOW
    on: date = TODAY
    name: str = ""

    def __str__(self) -> str:
        return f"{self.action} {self.name}".strip()


def who(desk: Desk) -> dict[str, Any]:
    return {"actor": desk.cast.operator, "now": at(NOW), "real_now": at(NOW)}


def second_visit(desk: Desk) -> Desk:
    """The late client's other visit of the day, with the same car."""
    return Desk(desk.cast, desk.cast.book("09:40", bay=1).pk)


def follower(desk: Desk) -> Desk:
    """The next job of the car, right after the first."""
    return Desk(desk.cast, desk.cast.book("11:00", bay=1).pk)


def two_late_visits(desk: Desk) -> None:
    second_visit(desk)


def late_leader_and_follower(desk: Desk) -> None:
    follower(desk)


def reached(desk: Desk) -> None:
    desk.call("10:11", CallResult.ANSWERED)


def reached_about_two(desk: Desk) -> None:
    second_visit(desk)
    reached(desk)


def finished(desk: Desk) -> None:
    reached(desk)
    desk.finish("10:12")


def reminding(desk: Desk) -> object:
    """The late client is to be reminded of another visit, at half past eleven."""
    desk.visit_id = desk.cast.book("11:30", bay=1).pk
    return desk.cast.remind(RemindersWanted(before_minutes=90), at("09:59"))


def reached_to_remind(desk: Desk) -> object:
    reminding(desk)
    return desk.call("10:11", CallResult.ANSWERED)


def reminded(desk: Desk) -> object:
    return desk.finish(NOW, card=CardInput(Answer.YES, comment="Приедет"))


def unreminded(desk: Desk) -> object:
    return desk.result("10:18", CallResult.BUSY)


def with_next_client(desk: Desk) -> None:
    """Another client, right after on the same bay."""
    client, car = desk.cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    desk.cast.book("11:00", client=client, car=car)


def shift_both(desk: Desk) -> object:
    bay, late, other = desk.cast.bays[0].pk, desk.visit, Visit.objects.latest("pk")
    shifts = [Shift(late.pk, 1, bay, at("10:40")), Shift(other.pk, 1, bay, at("11:40"))]
    return wave.apply_plan(shifts[0], shifts[1:], Words("", ""), **who(desk), arrives_at=at("10:40"), from_card=False)


def reached_beside_another_branch(desk: Desk) -> None:
    reached(desk)
    group = BayGroup.objects.create(branch=desk.cast.other_branch, name="Слесарный")
    Bay.objects.create(branch=desk.cast.other_branch, group=group, name="Пост 1")


def rebook_elsewhere(desk: Desk) -> object:
    branch, bay = desk.cast.other_branch, Bay.objects.get(branch=desk.cast.other_branch)
    roles = {each.pk: frozenset({Role.OPERATOR}) for each in (desk.cast.branch, branch)}
    actor = Actor(desk.cast.operator.user_id, "Иванова", roles)
    to = Shift(desk.visit_id, 1, bay.pk, at("05:00", TOMORROW))
    return wave.rebook_elsewhere(to, branch.pk, "", **{**who(desk), "actor": actor})


def with_grounds(desk: Desk) -> None:
    desk.call("10:12", CallResult.BUSY)
    desk.call("10:18", CallResult.BUSY)


def no_number_left(desk: Desk) -> None:
    second_visit(desk)
    desk.call("10:11", CallResult.WRONG_NUMBER)


def other_call(desk: Desk) -> None:
    """The operator is on the line about another client."""
    client, car = desk.cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    other = Desk(desk.cast, desk.cast.book("09:50", bay=2, client=client, car=car).pk)
    other.dial("10:11", phone_id=client.phones.get().pk)


def arrived(desk: Desk) -> None:
    desk.check_in("10:11")


def in_work(desk: Desk) -> None:
    arrived(desk)
    reception.start_work(desk.visit_id, actor=desk.cast.master, now=at("10:11"))


def done(desk: Desk) -> None:
    in_work(desk)
    reception.end_work(desk.visit_id, actor=desk.cast.master, now=at("10:12"))


def removed(desk: Desk) -> None:
    desk.remove("10:11", "duplicate", comment="Дважды")


def leader_removed(desk: Desk) -> None:
    follower(desk)
    removed(desk)


def missed(desk: Desk) -> object:
    return reception.mark_no_show(desk.visit_id, actor=desk.cast.operator, now=at("08:30", TOMORROW))


def held_by_another(desk: Desk) -> None:
    desk.open("10:11", desk.cast.second_operator)


def drafted(desk: Desk) -> None:
    desk.open("10:11")
    contact.save_draft(
        desk.case.pk, actor=desk.cast.operator, sequence=1, body={"comment": "Едет"}, real_now=at("10:11")
    )


def import_one(desk: Desk) -> object:
    client, car = desk.cast.register("Кот Иван", "+7 912 000-00-01", plate="А001АА77")
    plan = Plan(desk.cast.bays[1].pk, at("13:00"), at("14:00"))
    new = importing.NewVisit(client, car, plan, Details(reason="ТО"))
    return importing.book_imported(desk.cast.branch.pk, [new], actor=desk.cast.supervisor, now=at(NOW))


def import_news(desk: Desk, news: FileNews) -> object:
    return booking.change_by_import(desk.visit_id, news, actor=desk.cast.supervisor, now=at(NOW))


def edit(desk: Desk) -> object:
    details = Details(reason="Гремит слева", comment="Срочно")
    return booking.edit(desk.visit_id, details, actor=desk.cast.operator, now=at(NOW))


def change_arrived(desk: Desk) -> object:
    bay = desk.cast.bays[2].pk
    version = desk.visit.plan_version
    return booking.change_arrived(
        desk.visit_id, bay, at("12:30"), actor=desk.cast.master, now=at(NOW), plan_version=version
    )


def moved_by_hand(desk: Desk) -> object:
    shift = ByHand(desk.cast.bays[2].pk, timedelta(hours=3), timedelta(minutes=-15))
    return by_hand.move_by_hand(desk.visit_id, shift, **who(desk), plan_version=1)


def late_and_moved_by_hand(desk: Desk) -> None:
    follower(desk)
    reached(desk)
    moved_by_hand(desk)


def moved_back(desk: Desk) -> object:
    return by_hand.undo_move_by_hand(desk.visit_id, **who(desk), plan_version=2)


def moved_to(desk: Desk, starts_at: datetime, ends_at: datetime) -> object:
    plan = Plan(desk.cast.bays[1].pk, starts_at, ends_at)
    version = desk.visit.plan_version
    return booking.move(desk.visit_id, plan, actor=desk.cast.operator, now=at(NOW), plan_version=version)


def over_the_night(desk: Desk) -> object:
    return moved_to(desk, at("19:00"), at("11:00", TOMORROW))


def into_the_day(desk: Desk) -> object:
    return moved_to(desk, at("12:00"), at("16:00"))


def by_master(act: Callable[..., object]) -> Callable[[Desk], object]:
    return lambda desk: act(desk.visit_id, actor=desk.cast.master, now=at(NOW))


def add_number(desk: Desk) -> object:
    return contact.add_number(desk.visit_id, "8 912 000-00-07", actor=desk.cast.operator, now=at(NOW))


def say_busy(result: CallResult) -> Story:
    return Story("record_attempt", lambda d: d.result(NOW, result), lambda d: d.dial("10:11"), name=result)


def called_about_a_sooner_time(desk: Desk) -> None:
    """The visit of tomorrow may come this afternoon."""
    by: dict[str, Any] = {"actor": desk.cast.operator, "now": at(NOW)}
    visit = desk.cast.book("12:00", on=TOMORROW, now=at(NOW))
    wait = keeping.want_sooner(visit, keeping.WishedFor(), **by)
    time = offering.OfferedTime(desk.cast.bays[1].pk, at("15:00"), at("16:00"))
    offering.offer(wait.pk, time, **by, real_now=at(NOW))


def agreed_to_come_sooner(desk: Desk) -> object:
    offered = TimeOffer.objects.get()
    return offering.accept(offered.pk, actor=desk.cast.operator, now=at(NOW), real_now=at(NOW), plan_version=1)


STORIES = (
    Story("announce_due", lambda _: announcements.announce_due(at("10:21")), clock="10:21"),
    Story("announce_due", lambda _: announcements.announce_due(at("00:30", TOMORROW)), lambda d: d.open("10:12"),
          "00:30", TOMORROW, name="the day is over"),
    Story("book", lambda d: d.cast.book("12:00", now=at(NOW))),
    Story("book", follower, name="in a row"),
    Story("book", lambda d: d.cast.book("10:30", by=d.cast.supervisor, now=at(NOW), is_overbooked=True),
          name="over another"),
    Story("book", lambda d: d.cast.book("12:00", on=TOMORROW, now=at(NOW)), name="for tomorrow"),
    Story("book", lambda d: d.cast.book("19:00", minutes=16 * 60, bay=1, now=at(NOW)), name="over the night"),
    Story("book_imported", import_one),
    Story("move", lambda d: d.move(NOW, "15:00")),
    Story("move", lambda d: d.move(NOW, "", starts_at=at("12:00", TOMORROW)), name="to tomorrow"),
    Story("move", lambda d: d.move(NOW, "10:00", d.cast.master, bay=2), lambda d: d.open("10:11"), name="of the bay"),
    Story("move", lambda d: d.move(NOW, "15:00", from_card=True, comment="Перенос"), reached, name="from the card"),
    Story("move", lambda d: d.move(NOW, "15:00", with_chain=True), late_leader_and_follower, name="with its chain"),
    Story("move", lambda d: d.move(NOW, "15:00"), late_leader_and_follower, name="away from its follower"),
    Story("move_by_hand", moved_by_hand),
    Story("move_by_hand", moved_by_hand, late_leader_and_follower, name="away from its follower"),
    Story("undo_move_by_hand", moved_back, late_and_moved_by_hand),
    Story("apply_plan", shift_both, with_next_client),
    Story("rebook_elsewhere", rebook_elsewhere, reached_beside_another_branch),
    Story("move", over_the_night, name="over the night"),
    Story("move", into_the_day, over_the_night, name="out of the night"),
    Story("change_arrived", change_arrived, arrived),
    Story("change_by_import", lambda d: import_news(d, FileNews(fields={"advisor_id": None}))),
    Story("change_by_import", lambda d: import_news(d, FileNews(Plan(d.cast.bays[1].pk, at("16:00"), at("17:00")))),
          name="of the plan"),
    Story("edit", edit),
    Story("open_card", lambda d: d.open(NOW)),
    Story("open_card", lambda d: d.open(NOW), lambda d: d.open("10:11"), name="again"),
    Story("open_card", lambda d: d.open(NOW), held_by_another, name="to read"),
    Story("take_over", lambda d: d.take_over(NOW, d.cast.supervisor), held_by_another),
    Story("release_card", lambda d: d.release(NOW), drafted),
    Story("release_card", lambda d: d.release(NOW), lambda d: d.dial("10:11"), name="in a call"),
    Story("release_card", lambda d: d.release(NOW), held_by_another, name="of another"),
    Story("release_card", lambda d: d.release(NOW), name="that is not open"),
    Story("renew_lease", lambda d: contact.renew_lease(d.case.pk, actor=d.cast.operator, real_now=at(NOW)),
          lambda d: d.open("10:11")),
    Story("save_draft", drafted, lambda d: d.open("10:11")),
    Story("lapse_leases", lambda _: contact.lapse_leases(at("10:20"), at(NOW)), drafted),
    Story("dial", lambda d: d.dial(NOW)),
    Story("dial", lambda d: d.dial(NOW), other_call, name="after another"),
    *(say_busy(result) for result in CallResult if result is not CallResult.UNKNOWN),
    Story("record_attempt", lambda d: d.result("10:18", CallResult.BUSY),
          lambda d: (d.call("10:12", CallResult.BUSY), d.dial("10:18")), "10:18", name="for the second time"),
    Story("record_attempt", lambda d: d.result(NOW, CallResult.WRONG_NUMBER),
          lambda d: (second_visit(d), d.dial("10:11")), name="wrong number of two visits"),
    Story("client_called", lambda d: d.called("09:50"), clock="09:50", name="beforehand"),
    Story("client_called", lambda d: d.called("10:20"), with_grounds, "10:20"),
    Story("add_number", add_number),
    Story("add_number", add_number, no_number_left, name="of two visits"),
    Story("call_back_later", lambda d: d.later(NOW, "20"), reached),
    Story("keep_waiting", lambda d: contact.keep_waiting(d.visit_id, actor=d.cast.operator, now=at("10:20")),
          with_grounds, "10:20"),
    Story("finish", lambda d: d.finish(NOW), reached),
    Story("finish", lambda d: d.finish(NOW, also_visit_ids=(Visit.objects.latest("pk").pk,)), reached_about_two,
          name="about two visits"),
    Story("open_card", lambda d: d.open(NOW), reminding, name="to remind"),
    Story("finish", reminded, reached_to_remind, name="of a reminder"),
    Story("record_attempt", unreminded,
          lambda d: (reminding(d), d.call("10:12", CallResult.BUSY), d.dial("10:18")), "10:18", name="to remind"),
    Story("reopen", lambda d: contact.reopen(d.visit_id, actor=d.cast.supervisor, now=at(NOW)),
          lambda d: (reached_to_remind(d), reminded(d)), name="of a reminder"),
    Story("add_note", lambda d: contact.add_note(d.case.pk, "Ждёт", actor=d.cast.operator, now=at(NOW)), finished),
    Story("save_card", lambda d: d.save(NOW, CardInput(answer=Answer.YES, comment="Думает")), reached),
    Story("reopen", lambda d: contact.reopen(d.visit_id, actor=d.cast.supervisor, now=at(NOW)), finished),
    Story("check_in", lambda d: d.check_in(NOW)),
    Story("check_in", lambda d: d.check_in(NOW), reached, name="in a contact"),
    Story("undo_check_in", lambda d: d.undo_check_in("10:25"), arrived, "10:25"),
    Story("start_work", by_master(reception.start_work), arrived),
    Story("undo_start_work", by_master(reception.undo_start_work), in_work),
    Story("end_work", by_master(reception.end_work), in_work),
    Story("undo_end_work", by_master(reception.undo_end_work), done),
    Story("mark_no_show", missed, late_leader_and_follower, "08:30", TOMORROW),
    Story("undo_no_show",
          lambda d: reception.undo_no_show(d.visit_id, actor=d.cast.operator, now=at("08:30", TOMORROW)),
          lambda d: (follower(d), missed(d)), "08:30", TOMORROW),
    Story("accept", agreed_to_come_sooner, called_about_a_sooner_time),
    Story("remove", removed, clock="10:11"),
    Story("remove", removed, late_leader_and_follower, "10:11", name="of the first of two in a row"),
    Story("restore", lambda d: d.restore("10:25"), removed, "10:25"),
    Story("restore", lambda d: d.restore("10:25"), leader_removed, "10:25", name="before its follower"),
    Story("change_client", renamed),
    Story("change_client", other_plate, name="another plate"),
    Story("take_back_client_change",
          lambda d: clients.take_back_client_change(ClientChange.objects.get().pk, **on_card(d)), renamed),
    Story("merge", merged, twin_with_a_visit_in_a_row),
    Story("undo_merge", lambda d: clients.undo_merge(Merge.objects.get().pk, **on_card(d)),
          lambda d: (twin_with_a_visit_in_a_row(d), merged(d))),
    Story("erase_client", erased, done),
    Story("erase_again", lambda d: erasing.erase_again([act_about(d)], at(NOW))),
)  # fmt: skip

#: They do nothing by themselves: actions are made of them.
PARTS = {"bring_back_plan", "realign_followers", "replan", "take_back_move", "remove_for_other_branch", "shift"}
PARTS |= {"plan_reminder", "remind_by_new_hours", "remind_from", "remind_no_more", "reminders_of", "set_reminders"}
PARTS |= {"compared", "draw_anew", "tell_of_open_waits", "erase_words", "forget_old_words", "bring_over", "bring_back"}
PARTS |= {"value_of", "setting_of", "rights_to_change", "changes_seen_from", "beside", "require_in_use", "note_matters"}
PARTS |= {"digest_as_shown", "take_to_zone", "close_for", "set_minutes", "visits_touched", "write_in_batches"}
PARTS |= {"as_it_is", "take_back_booking", "change_works", "remove_as_mistake", "lock_client", "keep_as_draft"}
#: Of the whole branch, midnight, hours and all visits to come included: its boards are drawn anew.
BEYOND_ONE_BOARD = {"affected_by_zone", "change_zone", "change_setting", "change_settings"}
BEYOND_ONE_BOARD |= {"take_back_change", "take_back_changes", "open_branch", "found_first_branch", "equip"}
#: No board shows it.
BESIDE_THE_BOARD = {"announce_campaign", "change_coefficient", "look_over", "open_again"}
BESIDE_THE_BOARD |= {"carry_out_retention", "scrub_erased", "scrub_when_quiet"}
BESIDE_THE_BOARD |= {"mark_consent", "disclose", "consider_erasure", "set_retention", "word_consent", "keep_client"}
BESIDE_THE_BOARD |= {"tell_apart", "take_back_telling_apart"}
#: Nor the waiting list, until somebody agrees to a time.
BESIDE_THE_BOARD |= {"put_on_list", "want_sooner", "change_wishes", "withdraw", "put_back", "note_freed"}
BESIDE_THE_BOARD |= {"offer", "decline", "take_back_answer", "let_go", "lapse_offers", "forget_past_freed_times"}
ROOMS_OF_PARTS = {"turn", "grip", "closures", "days", "minutes", "network", "orders"}


def test_every_action_has_its_story() -> None:
    rooms = (actions, waitlist_actions)
    found = [module for room in rooms for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    modules = [module.name for module in found if module.name.rpartition(".")[2] not in ROOMS_OF_PARTS]
    public = {
        name
        for module in modules
        for name, function in inspect.getmembers(import_module(module), inspect.isfunction)
        if function.__module__ == module and not name.startswith("_")
    }
    assert {story.action for story in STORIES} == public - PARTS - BEYOND_ONE_BOARD - BESIDE_THE_BOARD


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_open_board_shows_what_a_fresh_page_shows(
    screen: Screen, desk: Desk, clock: StoppedClock, story: Story
) -> None:
    story.before(desk)
    clock.show(story.clock, story.on)
    screen.shows_what_a_fresh_page_shows_after(lambda: story.act(desk))


def test_each_language_hears_what_its_fresh_page_shows(
    cast: Cast, operator: Seat, second_operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    choose_language(User.objects.get(username="second"), Language.ENGLISH)
    clock.show(NOW)
    seats = {"ru": operator, "en": second_operator}
    shown = {language: boards(seat) for language, seat in seats.items()}
    cursor = latest_cursor()
    reception.check_in(visit.pk, actor=cast.master, now=at(NOW))
    for language, seat in seats.items():
        with override(language):
            (event,) = told_since(cursor, cast)
        for on, fresh in boards(seat).items():
            shown[language][on].apply(on, event)
            assert shown[language][on].bars == fresh.bars
    for language, word in (("ru", "прибыл"), ("en", "arrived")):
        assert f', {word}"' in shown[language][TODAY.isoformat()].bars[visit.pk]


# --- the board that is kept ------------------------------------------------------------------------------------


def pages(seat: Seat) -> list[str]:
    """Every board as it is sent, without what is another at every request."""
    days = [seat.http.get("/SEV/"), *(seat.http.get(f"/SEV/?day={on}") for on in DAYS)]
    return [re.sub(PER_REQUEST, "", day.content.decode()) for day in days]


PER_REQUEST = re.compile(
    r'(?<=csrf-token" content=")\w+|(?<=csrfmiddlewaretoken" value=")\w+|(?<=data-cursor=")[\w.-]+'
)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_kept_board_is_the_one_that_would_be_drawn_anew(
    operator: Seat, desk: Desk, clock: StoppedClock, story: Story
) -> None:
    story.before(desk)
    pages(operator)
    clock.show(story.clock, story.on)
    pages(operator)
    story.act(desk)
    kept = pages(operator)
    snapshots.forget_all()
    assert kept == pages(operator)


@pytest.mark.committed
def test_board_that_is_kept_is_not_drawn_anew(
    operator: Seat, visit: Visit, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.show(NOW)
    drawn = pages(operator)
    clock.let_pass(timedelta(seconds=59))
    monkeypatch.setattr(BarDrawing, "draw", None)
    assert pages(operator) == drawn


def test_only_the_boards_used_last_are_kept(
    operator: Seat, visit: Visit, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.show(NOW)
    snapshots.forget_all()
    operator.board()
    (size,) = (snapshot.size for snapshot in snapshots.kept.everything().values())
    monkeypatch.setattr(snapshots.kept, "most", 3 * size)
    for number in range(1, 30):
        operator.board(TODAY + timedelta(days=number))
        operator.board()
    assert {on for _, on, _ in snapshots.kept.everything()} >= {None, TODAY + timedelta(days=29)}
    assert sum(snapshot.size for snapshot in snapshots.kept.everything().values()) <= 3 * size
    snapshots.forget_all()
    assert not snapshots.kept.everything()


def test_kept_board_is_drawn_anew_at_the_instant_when_a_bar_turns(
    operator: Seat, visit: Visit, clock: StoppedClock
) -> None:
    for clock_time, state in (
        ("10:09:59", "planned"),
        ("10:10:00.001", "late"),
        ("10:20:00.001", "overdue"),
        ("10:05", "planned"),
    ):
        clock.show(clock_time)
        assert operator.bar(visit).state == state


def test_kept_board_shows_a_draft_that_comes_after_its_card_was_closed(
    operator: Seat, desk: Desk, visit: Visit, clock: StoppedClock
) -> None:
    clock.show(NOW)
    desk.open("10:11")
    case = desk.case
    desk.release("10:11")
    assert "unread_draft" not in operator.bar(visit).flags
    contact.save_draft(case.pk, actor=desk.cast.operator, sequence=1, body={"comment": "Едет"}, real_now=at(NOW))
    assert "unread_draft" in operator.bar(visit).flags


def test_kept_board_goes_to_nobody_behind_the_wall_and_shows_who_looks(
    operator: Seat, supervisor: Seat, seat: Callable[[str], Seat], clock: StoppedClock
) -> None:
    clock.show(NOW)
    for each in (operator, supervisor, operator):
        html = each.http.get("/SEV/").content.decode()
        others = {operator, supervisor} - {each}
        assert each.actor.name in html
        assert not any(other.actor.name in html for other in others)
    assert seat("stranger").http.get("/SEV/").status_code == 404


def test_compressed_board_is_the_plain_one(operator: Seat, visit: Visit, clock: StoppedClock) -> None:
    clock.show(NOW)
    packed = operator.http.get("/SEV/", headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    html = gzip.decompress(packed.content).decode()
    assert re.sub(PER_REQUEST, "", html) == pages(operator)[0]


# --- over midnight -----------------------------------------------------------------------------------------------


@pytest.fixture
def round_the_clock(cast: Cast) -> None:
    set_week_hours(cast.branch.pk, [DayHours(0, 1440)] * 7, actor=PROGRAM, now=MORNING)


@pytest.mark.usefixtures("round_the_clock")
@pytest.mark.parametrize("clock_time", ["21:30", "23:30", "23:55"])
def test_visit_over_midnight_is_told_to_both_boards(
    screen: Screen, cast: Cast, clock: StoppedClock, clock_time: str
) -> None:
    clock.show("20:00")
    visits: list[Visit] = []
    screen.shows_what_a_fresh_page_shows_after(lambda: visits.append(cast.book(clock_time, now=at("20:00"))))
    clock.set(at(clock_time) + timedelta(minutes=12))
    desk = Desk(cast, visits[0].pk)
    now = kernel_clock.now()
    screen.shows_what_a_fresh_page_shows_after(
        lambda: contact.open_card(desk.visit_id, actor=cast.operator, now=now, real_now=now)
    )
    noon = Plan(cast.bays[1].pk, at("12:00", TOMORROW), at("13:00", TOMORROW))
    screen.shows_what_a_fresh_page_shows_after(
        lambda: booking.move(desk.visit_id, noon, actor=cast.operator, now=now, plan_version=1)
    )


# --- messages that overtake one another --------------------------------------------------------------------------


def test_late_message_does_not_bring_a_removed_visit_back(screen: Screen, desk: Desk, clock: StoppedClock) -> None:
    clock.show(NOW)
    shown = boards(screen.seat)[TODAY.isoformat()]
    old = draw_visit(desk.visit_id, at(NOW)) | {"version": 2}
    removed(desk)
    shown.apply(TODAY.isoformat(), draw_visit(desk.visit_id, at(NOW)))
    assert desk.visit_id not in shown.bars
    shown.apply(TODAY.isoformat(), old)
    assert desk.visit_id not in shown.bars
