"""The table of rights, action by action: every role that lacks the right is refused, and so is the stranger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import MOSCOW, TOMORROW, Cast, at
from vovremya.customers.actions.card import value_of
from vovremya.customers.models import Merge
from vovremya.customers.rules.card import Facet, FacetOf, seen_as
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.customers.rules.erasure import Ground
from vovremya.directory.actions import add_user
from vovremya.directory.models import Work
from vovremya.directory.rules import RIGHTS, Actor, Right, Role
from vovremya.kernel.refusal import NotAllowed, NotFound, Refusal
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions import booking, by_hand, clients, contact, erasing, keeping, reception, removal, wave
from vovremya.visits.actions.booking import Details, FileNews, Plan
from vovremya.visits.actions.branch_settings import change_zone
from vovremya.visits.actions.by_hand import ByHand
from vovremya.visits.actions.campaigns import announce_campaign
from vovremya.visits.actions.cars import change_coefficient
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.actions.wave import Shift, Words
from vovremya.visits.models import Visit
from vovremya.visits.rules.words import CallResult

STAFF = ("operator", "master", "supervisor", "manager", "administrator")
NOW = at("10:12")


@dataclass(frozen=True)
class Case:
    name: str
    rights: tuple[Right, ...]  # any of them
    act: Callable[[Desk, Actor], object]


def who(actor: Actor) -> dict[str, Any]:
    return {"actor": actor, "now": NOW, "real_now": NOW}


MONTHS = ("client_months", "words_months", "reveals_months")


def on_card(desk: Desk, actor: Actor) -> dict[str, Any]:
    return {"branch": desk.cast.branch, "actor": actor, "now": NOW}


def client(desk: Desk) -> int:
    return desk.cast.late_client.pk


def numbers_seen(desk: Desk) -> str:
    return seen_as(value_of(FacetOf(client(desk), Facet.PHONES)))


def rename_client(desk: Desk) -> int:
    of = FacetOf(client(desk), Facet.PERSON)
    value = value_of(of)
    renamed = {**value, "name": "Смирнова Анна"}
    change = clients.change_client(of, renamed, seen=seen_as(value), **on_card(desk, desk.cast.supervisor))
    assert change
    return change.pk


def twin(desk: Desk) -> int:
    other, _ = desk.cast.register("Смирнова Анна", "89123456789")
    return other.pk


def merged(desk: Desk, actor: Actor) -> Merge:
    other_id = twin(desk)
    person = value_of(FacetOf(client(desk), Facet.PERSON))
    seen = seen_as(clients.compared(client(desk), other_id))
    return clients.merge(client(desk), other_id, person, seen=seen, **on_card(desk, actor))


def an_hour_later(desk: Desk) -> ByHand:
    return ByHand(desk.cast.bays[1].pk, timedelta(hours=1), timedelta(0))


CASES = (
    Case(
        "announce_campaign",
        (Right.EDIT_NETWORK,),
        lambda d, a: announce_campaign(
            d.cast.branch, Work.objects.all()[0], ["XTAGA1234R1234567"], until=None, actor=a, now=NOW
        ),
    ),
    Case(
        "change_coefficient",
        (Right.BOOK,),
        lambda d, a: change_coefficient(d.visit_id, Decimal("1.2"), actor=a, now=NOW),
    ),
    Case("open_card", (Right.CONTACT,), lambda d, a: contact.open_card(d.visit_id, **who(a))),
    Case("take_over", (Right.CONTACT,), lambda d, a: contact.take_over(d.visit_id, **who(a))),
    Case("release_card", (Right.CONTACT,), lambda d, a: contact.release_card(d.visit_id, actor=a, now=NOW)),
    Case("dial", (Right.CONTACT,), lambda d, a: contact.dial(d.visit_id, d.cast.late_phone.pk, **who(a))),
    Case(
        "record_attempt",
        (Right.CONTACT,),
        lambda d, a: contact.record_attempt(d.visit_id, CallResult.BUSY, **who(a), case_version=1),
    ),
    Case("client_called", (Right.CONTACT,), lambda d, a: contact.client_called(d.visit_id, **who(a))),
    Case(
        "add_number",
        (Right.CHANGE_CLIENT,),
        lambda d, a: contact.add_number(d.visit_id, "+7 912 000-00-09", actor=a, now=NOW),
    ),
    Case(
        "call_back_later",
        (Right.CONTACT,),
        lambda d, a: contact.call_back_later(d.visit_id, "", **who(a), case_version=1, zone=MOSCOW),
    ),
    Case("keep_waiting", (Right.CONTACT,), lambda d, a: contact.keep_waiting(d.visit_id, actor=a, now=NOW)),
    Case(
        "finish",
        (Right.CONTACT,),
        lambda d, a: contact.finish(d.visit_id, CardInput(), **who(a), case_version=1, zone=MOSCOW),
    ),
    Case(
        "save_card",
        (Right.CONTACT,),
        lambda d, a: contact.save_card(d.visit_id, CardInput(), **who(a), case_version=1),
    ),
    Case("add_note", (Right.CONTACT,), lambda d, a: contact.add_note(d.case.pk, "Слово", actor=a, now=NOW)),
    Case("reopen", (Right.REOPEN,), lambda d, a: contact.reopen(d.visit_id, actor=a, now=NOW)),
    Case("book", (Right.BOOK,), lambda d, a: d.cast.book("15:00", by=a)),
    Case("overbook", (Right.OVERBOOK,), lambda d, a: d.cast.book("10:30", by=a, is_overbooked=True)),
    Case("edit", (Right.BOOK,), lambda d, a: booking.edit(d.visit_id, Details(), actor=a, now=NOW)),
    Case("move", (Right.MOVE,), lambda d, a: d.move("10:12", "15:00", a)),
    Case(
        "move_overbooked",
        (Right.OVERBOOK,),
        lambda d, a: d.move("10:12", "15:00", a, is_overbooked=True),
    ),
    Case("apply_plan", (Right.MOVE,), lambda d, a: applied(d, a)),
    Case(
        "rebook_elsewhere",
        (Right.REMOVE,),
        lambda d, a: wave.rebook_elsewhere(shift(d), d.cast.branch.pk, "", **who(a)),
    ),
    Case(
        "change_arrived",
        (Right.CHANGE_BAY_OF_ARRIVED,),
        lambda d, a: booking.change_arrived(
            d.visit_id, d.cast.bays[1].pk, at("12:00"), actor=a, now=NOW, plan_version=1
        ),
    ),
    Case(
        "move_by_hand",
        (Right.MOVE,),
        lambda d, a: by_hand.move_by_hand(d.visit_id, an_hour_later(d), **who(a), plan_version=1),
    ),
    Case(
        "undo_move_by_hand",
        (Right.MOVE,),
        lambda d, a: by_hand.undo_move_by_hand(d.visit_id, **who(a), plan_version=1),
    ),
    Case(
        "change_by_import",
        (Right.IMPORT,),
        lambda d, a: booking.change_by_import(d.visit_id, FileNews(fields={"comment": "Ждёт"}), actor=a, now=NOW),
    ),
    Case("check_in", (Right.CHECK_IN,), lambda d, a: reception.check_in(d.visit_id, actor=a, now=NOW)),
    Case("undo_check_in", (Right.CHECK_IN,), lambda d, a: reception.undo_check_in(d.visit_id, actor=a, now=NOW)),
    Case("start_work", (Right.WORK,), lambda d, a: reception.start_work(d.visit_id, actor=a, now=NOW)),
    Case("undo_start_work", (Right.WORK,), lambda d, a: reception.undo_start_work(d.visit_id, actor=a, now=NOW)),
    Case("end_work", (Right.WORK,), lambda d, a: reception.end_work(d.visit_id, actor=a, now=NOW)),
    Case("undo_end_work", (Right.WORK,), lambda d, a: reception.undo_end_work(d.visit_id, actor=a, now=NOW)),
    Case(
        "mark_no_show",
        (Right.MARK_NO_SHOW,),
        lambda d, a: reception.mark_no_show(d.visit_id, actor=a, now=at("08:00", TOMORROW)),
    ),
    Case("undo_no_show", (Right.MARK_NO_SHOW,), lambda d, a: reception.undo_no_show(d.visit_id, actor=a, now=NOW)),
    Case(
        "remove",
        (Right.REMOVE, Right.REMOVE_FOR_STATION),
        lambda d, a: d.remove("10:12", "duplicate", a, comment="Дважды"),
    ),
    Case(
        "restore",
        (Right.RESTORE_TODAY, Right.RESTORE_ANY_DAY),
        lambda d, a: removed(d) and removal.restore(d.visit_id, actor=a, now=NOW),
    ),
)


def shift(desk: Desk) -> Shift:
    return Shift(desk.visit_id, 1, desk.cast.bays[0].pk, at("10:40"))


def applied(desk: Desk, actor: Actor) -> object:
    words = Words("Перенос", "Сдвиг")
    return wave.apply_plan(shift(desk), [], words, **who(actor), arrives_at=at("10:40"), from_card=False)


def removed(desk: Desk) -> bool:
    desk.remove("10:11", "duplicate", comment="Дважды")
    return True


def finished(desk: Desk) -> bool:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:13")
    return True


def refused_as(act: Callable[[Desk, Actor], object], desk: Desk, actor: Actor) -> type[Refusal] | None:
    try:
        act(desk, actor)
    except Refusal as refusal:
        return type(refusal)
    return None


def may(actor: Actor, cast: Cast, rights: tuple[Right, ...]) -> bool:
    return any(actor.may(right, cast.branch.pk) for right in rights)


@pytest.mark.parametrize("name", STAFF)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_action_is_for_those_who_have_its_right(desk: Desk, case: Case, name: str) -> None:
    if case.name == "add_note":
        desk.open("10:11")
    actor = desk.cast.actor(name)
    is_refused = refused_as(case.act, desk, actor) is NotAllowed
    assert is_refused is not may(actor, desk.cast, case.rights)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_stranger_finds_nothing_and_changes_nothing(desk: Desk, case: Case) -> None:
    desk.open("10:11")
    if case.name == "restore":
        removed(desk)
    before = Visit.objects.values().get(pk=desk.visit_id)
    act = (lambda d, a: removal.restore(d.visit_id, actor=a, now=NOW)) if case.name == "restore" else case.act
    assert refused_as(act, desk, desk.cast.stranger) is NotFound
    assert Visit.objects.values().get(pk=desk.visit_id) == before


#: What a right opens beyond the ordinary step; whoever lacks it is refused, each by the word that fits.
SPECIAL = (
    Case("take over a card in hand", (Right.TAKE_OVER,), lambda d, a: d.take_over("10:11:30", a)),
    Case("remove without its ground", (Right.OVERRIDE,), lambda d, a: d.remove("10:12", "unreached", a, override="Да")),
    Case(
        "open an ended contact again",
        (Right.REOPEN,),
        lambda d, a: finished(d) and contact.reopen(d.visit_id, actor=a, now=at("10:20")),
    ),
    Case(
        "set the hours of the branch",
        (Right.EDIT_BRANCH, Right.EDIT_NETWORK),
        lambda d, a: set_week_hours(d.cast.branch.pk, [DayHours(0, 1440)] * 7, actor=a, now=NOW),
    ),
    Case(
        "set the zone of the branch",
        (Right.EDIT_NETWORK,),
        lambda d, a: change_zone(d.cast.branch.pk, "Europe/Samara", actor=a, now=NOW),
    ),
    Case(
        "set when the branch reminds",
        (Right.EDIT_BRANCH, Right.EDIT_NETWORK),
        lambda d, a: d.cast.remind(RemindersWanted(720), NOW, a),
    ),
    Case(
        "take on a member of staff",
        (Right.EDIT_NETWORK,),
        lambda d, a: add_user(
            username="novikova",
            full_name="Новикова Нина",
            short_name="Новикова",
            password="long and nobody's",
            roles={d.cast.branch.pk: [Role.OPERATOR]},
            actor=a,
        ),
    ),
    Case(
        "change the card of a client",
        (Right.CHANGE_CLIENT,),
        lambda d, a: clients.change_client(FacetOf(client(d), Facet.PHONES), [], seen=numbers_seen(d), **on_card(d, a)),
    ),
    Case(
        "take a change of a client back",
        (Right.CHANGE_CLIENT,),
        lambda d, a: clients.take_back_client_change(rename_client(d), **on_card(d, a)),
    ),
    Case(
        "take down a consent",
        (Right.CHANGE_CLIENT,),
        lambda d, a: clients.mark_consent(client(d), Purpose.RECORDING, Channel.CALL, is_given=False, **on_card(d, a)),
    ),
    Case("merge two clients", (Right.MERGE_CLIENTS,), lambda d, a: merged(d, a)),
    Case(
        "take two clients apart again",
        (Right.MERGE_CLIENTS,),
        lambda d, a: clients.undo_merge(merged(d, d.cast.supervisor).pk, **on_card(d, a)),
    ),
    Case(
        "tell two clients apart",
        (Right.MERGE_CLIENTS,),
        lambda d, a: clients.tell_apart(client(d), twin(d), **on_card(d, a)),
    ),
    Case(
        "take back that two clients are different people",
        (Right.MERGE_CLIENTS,),
        lambda d, a: clients.take_back_telling_apart(client(d), twin(d), **on_card(d, a)),
    ),
    Case(
        "write out all that is kept of a client",
        (Right.ANSWER_PERSON,),
        lambda d, a: clients.disclose(client(d), **on_card(d, a)),
    ),
    Case(
        "consider an erasure",
        (Right.ANSWER_PERSON,),
        lambda d, a: erasing.consider_erasure(client(d), **on_card(d, a)),
    ),
    Case(
        "erase a client",
        (Right.ANSWER_PERSON,),
        lambda d, a: erasing.erase_client(
            d.cast.register("Кот Иван")[0].pk, Ground.REQUEST, requested_on=None, **on_card(d, a)
        ),
    ),
    Case(
        "keep a client longer",
        (Right.ANSWER_PERSON,),
        lambda d, a: keeping.keep_client(client(d), date(2030, 1, 1), "Спор", **on_card(d, a)),
    ),
    Case(
        "say how long clients are kept",
        (Right.EDIT_NETWORK,),
        lambda d, a: keeping.set_retention(d.cast.branch, dict.fromkeys(MONTHS, 36), actor=a, now=NOW),
    ),
    Case(
        "word a consent",
        (Right.EDIT_NETWORK,),
        lambda d, a: keeping.word_consent(d.cast.branch, Purpose.MESSAGES, "Согласен", actor=a, now=NOW),
    ),
)


@pytest.mark.parametrize("name", [*STAFF, "stranger"])
@pytest.mark.parametrize("case", SPECIAL, ids=lambda case: case.name)
def test_what_needs_a_special_right_is_refused_to_everybody_else(desk: Desk, case: Case, name: str) -> None:
    if case.name.startswith("take over"):
        desk.open("10:11", desk.cast.second_operator)
    actor = desk.cast.actor(name)
    is_refused = refused_as(case.act, desk, actor) is not None
    assert is_refused is not may(actor, desk.cast, case.rights)


def test_the_rights_are_those_of_the_state_machine() -> None:
    may_do = {role: RIGHTS[role] for role in Role}
    assert Right.CONTACT in may_do[Role.OPERATOR]
    assert not {Right.CONTACT, Right.BOOK, Right.REMOVE} & may_do[Role.MASTER]
    assert may_do[Role.OPERATOR] | may_do[Role.MASTER] < may_do[Role.SUPERVISOR]
    assert may_do[Role.MANAGER] == {Right.SEE_BOARD, Right.SEE_REPORTS}
    over_the_staff = {Right.SEE_STAFF, Right.SEE_ACCESS_LOG, Right.SEE_CLIENTS, Right.ANSWER_PERSON}
    assert may_do[Role.ADMINISTRATOR] == {Right.SEE_BOARD, Right.IMPORT, Right.EDIT_NETWORK} | over_the_staff


def test_a_far_promise_is_a_supervisor_s_right(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(Refusal, match="bad_input"):
        desk.finish("10:13", eta="40")
    desk.take_over("10:14", desk.cast.supervisor)
    desk.finish("10:15", eta="40", by=desk.cast.supervisor)
    assert desk.entry("card_finished").data["is_far"] is True


def test_a_plan_of_another_branch_s_bay_is_refused(desk: Desk) -> None:
    plan = Plan(9999, at("15:00"), at("16:00"))
    with pytest.raises(Refusal):
        booking.move(desk.visit_id, plan, actor=desk.cast.operator, now=NOW, plan_version=1)
