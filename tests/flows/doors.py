"""The addresses of the board: what each asks for, what must have happened before, what a press there sends.

One table for the walls and for the windows: a new address without a row fails both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from tests.cast import MOSCOW, TOMORROW, Cast, at
from tests.flows.seat import StoppedClock
from vovremya.customers.actions.card import value_of
from vovremya.customers.models import Client, ClientChange, Erasure, Merge, Phone
from vovremya.customers.rules.card import Facet, FacetOf, seen_as
from vovremya.customers.rules.erasure import Ground
from vovremya.directory.actions import staff
from vovremya.directory.models import Bay, Membership, Session, SettingChange, StaffChange
from vovremya.directory.rules import Right
from vovremya.exchange.actions.calendars import Subject, share_calendar
from vovremya.exchange.actions.exporting import note_export
from vovremya.exchange.models import CalendarLink, ImportRow, ImportRun
from vovremya.journal.models import Entry
from vovremya.schedule.models import Occupation
from vovremya.visits.actions import by_hand, clients, contact, erasing, matters, reception, removal
from vovremya.visits.actions.announcements import announce_due
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.models import Matter, Visit
from vovremya.visits.rules.settings import Setting, SettingOf
from vovremya.visits.rules.words import Answer, CallResult
from vovremya.waitlist.actions import keeping, offering
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.rules.words import OfferAnswer

STAFF = ("operator", "master", "supervisor", "manager", "administrator")


@dataclass
class Scene:
    """The late visit of 10:00 at 10:12, with what an address needs of it."""

    cast: Cast
    visit: Visit
    clock: StoppedClock

    @property
    def phone(self) -> Phone:
        return self.cast.late_phone

    @property
    def who(self) -> dict[str, Any]:
        """The operator, now."""
        return {"actor": self.cast.operator, "now": at("10:12"), "real_now": at("10:12")}

    @property
    def case_version(self) -> int:
        return self.visit.cases.get().version

    def open_card(self) -> None:
        contact.open_card(self.visit.pk, **self.who)
        self.clock.let_pass(contact.LEASE_LASTS)  # so that anybody may take it over
        contact.release_card(self.visit.pk, actor=self.cast.operator, now=at("10:12"))

    def reach(self) -> None:
        contact.open_card(self.visit.pk, **self.who)
        contact.record_attempt(self.visit.pk, CallResult.ANSWERED, **self.who, case_version=self.case_version)
        contact.release_card(self.visit.pk, actor=self.cast.operator, now=at("10:12"))

    def give_grounds(self) -> None:
        for clock in ("10:12", "10:17"):
            self.clock.show(clock)
            who: dict[str, Any] = {"actor": self.cast.operator, "now": at(clock), "real_now": at(clock)}
            contact.open_card(self.visit.pk, **who)
            contact.record_attempt(self.visit.pk, CallResult.BUSY, **who, case_version=self.case_version)
            contact.release_card(self.visit.pk, actor=self.cast.operator, now=at(clock))

    def finish(self) -> None:
        self.reach()
        card = contact.CardInput(Answer.YES, "5", comment="Едет")
        version = self.case_version
        contact.finish(self.visit.pk, card, **self.who, case_version=version, zone=MOSCOW)

    def arrive(self) -> None:
        reception.check_in(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def begin_work(self) -> None:
        self.arrive()
        reception.start_work(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def end_work(self) -> None:
        self.begin_work()
        reception.end_work(self.visit.pk, actor=self.cast.master, now=at("10:12"))

    def remove(self) -> None:
        form = removal.RemovalInput(self.cast.reason("expensive"), is_said_by_client=True)
        removal.remove(self.visit.pk, form, actor=self.cast.operator, now=at("10:12"), plan_version=1)

    def let_the_day_end(self) -> None:
        self.clock.show("09:00", TOMORROW)

    def miss(self) -> None:
        self.let_the_day_end()
        reception.mark_no_show(self.visit.pk, actor=self.cast.operator, now=at("09:00", TOMORROW))

    def move_by_hand(self) -> None:
        shift = by_hand.ByHand(self.cast.bays[1].pk, timedelta(minutes=60), timedelta(0))
        by_hand.move_by_hand(self.visit.pk, shift, **self.who, plan_version=1)

    def change_pause(self) -> None:
        of = SettingOf(self.cast.branch.pk, Setting.PAUSE)
        change_setting(of, 10, actor=self.cast.supervisor, now=at("10:12"))

    def miss_the_deadline(self) -> None:
        self.clock.show("10:21")
        announce_due(at("10:21"))

    def look_over(self) -> None:
        self.miss_the_deadline()
        matters.look_over(
            Matter.objects.get().pk, self.cast.branch.pk, "Сбой связи", actor=self.cast.supervisor, now=at("10:21")
        )

    def rename_operator(self) -> None:
        names = staff.Names("Иванова Ольга Петровна", "Иванова О.", "operator")
        staff.name(self.cast.operator.user_id or 0, names, actor=self.cast.administrator, now=at("10:12"))

    def look_after_both(self) -> None:
        for actor in (self.cast.supervisor, self.cast.administrator):
            role = next(iter(actor.roles[self.cast.branch.pk]))
            assert actor.user_id
            Membership.objects.create(user_id=actor.user_id, branch=self.cast.other_branch, role=role)

    def wait_for_sooner(self) -> None:
        """The visit of tomorrow is to be sooner, and this afternoon has become free."""
        evening = self.cast.book("15:00", bay=1, now=at("10:12"), client=self.cast.register("Гость", "89120000009")[0])
        tomorrow = self.cast.book("10:00", on=TOMORROW, now=at("10:12"))
        keeping.want_sooner(tomorrow, keeping.WishedFor(), actor=self.cast.operator, now=at("10:12"))
        form = removal.RemovalInput(self.cast.reason("expensive"), is_said_by_client=True)
        removal.remove(evening.pk, form, actor=self.cast.operator, now=at("10:12"), plan_version=1)

    def call_about_it(self) -> None:
        self.wait_for_sooner()
        time = offering.OfferedTime(self.cast.bays[1].pk, at("15:00"), at("16:00"))
        offering.offer(self.wait_id, time, **self.who)

    def be_refused(self) -> None:
        self.call_about_it()
        offering.decline(self.offer_id, OfferAnswer.REFUSED, actor=self.cast.operator, now=at("10:12"))

    def withdraw(self) -> None:
        self.wait_for_sooner()
        keeping.withdraw(self.wait_id, "Передумал", actor=self.cast.operator, now=at("10:12"))

    @property
    def wait_id(self) -> int:
        return next(iter(Wait.objects.values_list("pk", flat=True)), 0)

    @property
    def offer_id(self) -> int:
        return next(iter(TimeOffer.objects.values_list("pk", flat=True)), 0)

    def begin_import(self, stage: ImportRun.Stage = ImportRun.Stage.UPLOADING, state: str = "staged") -> ImportRun:
        """A file of the supervisor's, one piece of one byte, with a row at that stage."""
        run = ImportRun.objects.create(
            branch=self.cast.branch,
            source=ImportRun.Source.BROWSER,
            stage=stage,
            user_id=self.cast.supervisor.user_id,
            file_name="Запись.csv",
            file_size=1,
            titles=["Дата", "Пост", "Клиент"],
            chosen={"sheet": "", "row": 1, "columns": {"0": "date"}},
            seen=[{"sheet": "", "row": 1, "rows": [[1, ["Дата", "Пост", "Клиент"]], [2, ["?", "Пост 1", "Ким"]]]}],
            started_at=at("10:00"),
        )
        ImportRow.objects.create(run=run, number=2, state=state, cells=["?", "Пост 1", "Ким"])
        return run

    def send_file(self) -> None:
        self.begin_import()

    def look_into_file(self) -> None:
        self.begin_import(ImportRun.Stage.HEADINGS)

    def try_import(self) -> None:
        self.begin_import(ImportRun.Stage.CHECKED)

    def take_bays_away(self) -> None:
        """As of a branch that is new."""
        for model in (Occupation, Visit, Bay):
            model._default_manager.all().delete()

    def import_in_vain(self) -> None:
        self.begin_import(ImportRun.Stage.DONE, "refused")

    def import_file(self) -> None:
        run = self.begin_import(ImportRun.Stage.DONE, "imported")
        run.rows.update(visit=self.visit, entry_id=Entry.objects.latest("pk").pk)

    def take_list_along(self) -> None:
        rows = [["Телефон"], ["+7 912 345-67-89"]]
        note_export(self.cast.branch, "day", rows, actor=self.cast.operator, now=at("10:12"))

    def share_calendar(self) -> None:
        subject = Subject(bay_id=self.cast.bays[0].pk)
        share_calendar(self.cast.branch, subject, "Телефон", actor=self.cast.supervisor, now=at("10:00"))

    @property
    def calendar_id(self) -> int:
        return next(iter(CalendarLink.objects.values_list("pk", flat=True)), 0)

    @property
    def import_id(self) -> int:
        return next(iter(ImportRun.objects.values_list("pk", flat=True)), 0)

    # --- clients ---

    @property
    def who_on_cards(self) -> dict[str, Any]:
        return {"branch": self.cast.branch, "actor": self.cast.supervisor, "now": at("10:12")}

    def rename(self) -> None:
        of = FacetOf(self.cast.late_client.pk, Facet.PERSON)
        value = value_of(of)
        clients.change_client(of, {**value, "comment": "Просит тише"}, seen=seen_as(value), **self.who_on_cards)

    def come_twice(self) -> None:
        """The client of the visit has another card."""
        other, _ = self.cast.register("Смирнова Анна", "89123456789")
        self.cast.book("13:00", bay=1, now=at("10:12"), client=other)

    def merge(self) -> None:
        self.come_twice()
        kept, gone = self.cast.late_client.pk, self.twin_id
        person = value_of(FacetOf(kept, Facet.PERSON))
        clients.merge(kept, gone, person, seen=seen_as(clients.compared(kept, gone)), **self.who_on_cards)

    def be_told_apart(self) -> None:
        self.come_twice()
        clients.tell_apart(self.cast.late_client.pk, self.twin_id, **self.who_on_cards)

    def be_done(self) -> None:
        """Nothing is to be done with the client any more."""
        self.end_work()

    def be_erased(self) -> None:
        self.be_done()
        erasing.erase_client(self.cast.late_client.pk, Ground.REQUEST, requested_on=None, **self.who_on_cards)

    @property
    def twin_id(self) -> int:
        return next(iter(Client.objects.filter(name="Смирнова Анна").values_list("pk", flat=True)), 0)

    def slot(self) -> str:
        return f"{self.cast.bays[1].pk} {at('15:00').isoformat()} {at('16:00').isoformat()}"

    def plan(self) -> str:
        visit = self.visit
        return f"shift 0 {visit.pk}.{visit.plan_version}.{visit.bay_id}.{int(at('10:40').timestamp())}"


def nothing(_scene: Scene) -> None:
    pass


def empty(_scene: Scene) -> dict[str, object]:
    return {}


Rights = tuple[Right, ...]
#: For whoever works in the branch.
ALL = (Right.SEE_BOARD,)


@dataclass(frozen=True)
class Door:
    """What an address asks for: any of these rights to read, any of those to write; None: there is no such way."""

    reads: Rights | None = None
    writes: Rights | None = None
    set_up: Callable[[Scene], None] = nothing
    form: Callable[[Scene], dict[str, object]] = empty
    path: Callable[[Scene], dict[str, object]] = lambda scene: {"visit_id": scene.visit.pk}
    query: str | Callable[[Scene], str] = ""
    takes_card: bool = False  # reading opens the card and holds it


EDITORS = (Right.EDIT_BRANCH, Right.EDIT_NETWORK)
SUPERVISE = (Right.LOOK_OVER,)
ADMINISTER = (Right.EDIT_NETWORK,)
CONTACT, MOVE, KEEP = (Right.CONTACT,), (Right.MOVE,), (Right.KEEP_WAITLIST,)
IMPORT, EDIT = (Right.IMPORT,), (Right.EDIT_BRANCH,)
CLIENTS, ANSWER = (Right.SEE_CLIENTS,), (Right.ANSWER_PERSON,)
PERSONAL = (Right.EDIT_NETWORK, Right.ANSWER_PERSON)
REMOVE = (Right.REMOVE, Right.REMOVE_FOR_STATION)
PLANS = (Right.MOVE, Right.RESTORE_TODAY)


def with_version(scene: Scene, **more: object) -> dict[str, object]:
    return {"case_version": scene.case_version, **more}


def of_branch(scene: Scene) -> dict[str, object]:
    return {"code": scene.cast.branch.code}


def last_change_id() -> int:
    """Of who is signed out, nothing was changed before."""
    return SettingChange.objects.values_list("pk", flat=True).first() or 0


def of_wait(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "wait_id": scene.wait_id}


def of_offer(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "offer_id": scene.offer_id}


def of_matter(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "matter_id": next(iter(Matter.objects.values_list("pk", flat=True)), 0)}


def of_person(scene: Scene) -> dict[str, object]:
    """The operator, as a member of staff."""
    return {**of_branch(scene), "user_id": scene.cast.operator.user_id}


def last_staff_change_id() -> int:
    return StaffChange.objects.values_list("pk", flat=True).first() or 0


def roles_typed(scene: Scene) -> dict[str, object]:
    branch_id = scene.cast.branch.pk
    return {"branch": branch_id, f"roles_{branch_id}": ["operator", "master"]}


def of_import(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "run_id": scene.import_id}


def import_step(name: str) -> Door:
    return Door(writes=IMPORT, set_up=Scene.try_import, path=lambda scene: {**of_import(scene), "step": name})


def of_client(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "client_id": scene.cast.late_client.pk}


def first_id(model: type[ClientChange] | type[Merge] | type[Erasure]) -> int:
    return next(iter(model.objects.values_list("pk", flat=True)), 0)


def of_act(scene: Scene) -> dict[str, object]:
    return {**of_branch(scene), "act_id": first_id(Erasure)}


def compared_as(scene: Scene) -> str:
    return seen_as(clients.compared(scene.cast.late_client.pk, scene.twin_id))


def person_seen(scene: Scene) -> str:
    return seen_as(value_of(FacetOf(scene.cast.late_client.pk, Facet.PERSON)))


def step(name: str, right: Right, set_up: Callable[[Scene], None] = nothing) -> Door:
    return Door(writes=(right,), set_up=set_up, path=lambda scene: {"visit_id": scene.visit.pk, "step": name})


DOORS = {
    "home": Door(reads=ALL, path=lambda _: {}),
    "repairs": Door(reads=ALL),
    "visit_history": Door(reads=ALL),
    "visit_news": Door(reads=ALL),
    "show_number": Door(
        writes=(Right.SEE_PHONE,), path=lambda scene: {"visit_id": scene.visit.pk, "phone_id": scene.phone.pk}
    ),
    "add_number": Door(writes=(Right.CHANGE_CLIENT,), form=lambda _: {"phone": "8 912 000-00-07"}),
    "dial": Door(writes=(Right.CONTACT, Right.SEE_PHONE), form=lambda scene: {"phone": scene.phone.pk}),
    "late_notice": Door(reads=ALL, writes=ALL, takes_card=True),
    "offers": Door(reads=ALL, set_up=Scene.reach, query="?eta=60"),
    "client_warned": Door(writes=CONTACT),
    "result": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda scene: with_version(scene, result="answered")),
    "save_card": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda scene: with_version(scene, result="busy")),
    "finish": Door(
        writes=CONTACT,
        set_up=Scene.reach,
        form=lambda scene: with_version(scene, answer="yes", eta="5", comment="Едет"),
    ),
    "call_back_later": Door(writes=CONTACT, set_up=Scene.reach, form=with_version),
    "keep_waiting": Door(writes=CONTACT, set_up=Scene.give_grounds),
    "add_note": Door(
        writes=CONTACT,
        set_up=Scene.open_card,
        form=lambda scene: {"case": scene.visit.cases.get().pk, "comment": "Приедет завтра"},
    ),
    "take_over": Door(writes=CONTACT, set_up=Scene.open_card),
    "release_card": Door(writes=CONTACT, set_up=Scene.open_card),
    "lease": Door(writes=CONTACT, set_up=Scene.open_card),
    "draft": Door(writes=CONTACT, set_up=Scene.open_card, form=lambda _: {"comment": "Думает", "sequence": 1}),
    "reopen": Door(writes=(Right.REOPEN,), set_up=Scene.finish),
    "move": Door(
        reads=PLANS, writes=MOVE, form=lambda scene: {"slot": scene.slot(), "plan_version": scene.visit.plan_version}
    ),
    "wave": Door(reads=MOVE, writes=MOVE, form=lambda scene: {"late": "40", "plan": scene.plan()}),
    "slots_for_move": Door(reads=PLANS, writes=MOVE, form=lambda scene: {"slot": scene.slot()}),
    "overbooking_of_move": Door(reads=(Right.OVERBOOK,)),
    "change_bay": Door(
        reads=(Right.CHANGE_BAY_OF_ARRIVED,),
        writes=(Right.CHANGE_BAY_OF_ARRIVED,),
        set_up=Scene.arrive,
        form=lambda scene: {"bay": scene.cast.bays[1].pk, "duration": 90, "plan_version": 1},
    ),
    "by_hand": Door(
        reads=ALL,
        writes=MOVE,
        form=lambda scene: {"bay": scene.cast.bays[1].pk, "later": 60, "longer": "-15", "plan_version": 1},
        query="?day=2026-11-22",
    ),
    "undo_by_hand": Door(
        writes=MOVE,
        set_up=Scene.move_by_hand,
        path=lambda scene: {"visit_id": scene.visit.pk, "plan_version": 2},
    ),
    "remove": Door(
        reads=REMOVE,
        writes=REMOVE,
        form=lambda scene: {
            "reason": scene.cast.reason("duplicate"),
            "comment": "Записан дважды",
            "plan_version": scene.visit.plan_version,
        },
    ),
    "restore": Door(writes=(Right.RESTORE_TODAY, Right.RESTORE_ANY_DAY), set_up=Scene.remove),
    "step check-in": step("check-in", Right.CHECK_IN),
    "step undo-check-in": step("undo-check-in", Right.CHECK_IN, Scene.arrive),
    "step start-work": step("start-work", Right.WORK, Scene.arrive),
    "step undo-start-work": step("undo-start-work", Right.WORK, Scene.begin_work),
    "step end-work": step("end-work", Right.WORK, Scene.begin_work),
    "step undo-end-work": step("undo-end-work", Right.WORK, Scene.end_work),
    "step no-show": step("no-show", Right.MARK_NO_SHOW, Scene.let_the_day_end),
    "step undo-no-show": step("undo-no-show", Right.MARK_NO_SHOW, Scene.miss),
    "board": Door(reads=ALL, path=of_branch),
    "week": Door(reads=ALL, path=of_branch, query="?day=2026-11-22"),
    "capacity": Door(reads=ALL, path=of_branch),
    "start": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        set_up=Scene.take_bays_away,
        path=of_branch,
        form=lambda _: {"name_0": "Слесарный", "bays_0": "2"},
    ),
    "office": Door(reads=(*EDITORS, Right.ANSWER_PERSON), path=of_branch),
    "clients": Door(reads=CLIENTS, path=of_branch),
    "duplicates": Door(reads=(Right.MERGE_CLIENTS,), path=of_branch, set_up=Scene.come_twice),
    "client": Door(reads=CLIENTS, path=of_client, set_up=Scene.merge),
    "client_file": Door(writes=ANSWER, path=of_client),
    "client_erasure": Door(
        reads=ANSWER,
        writes=ANSWER,
        set_up=Scene.be_done,
        path=of_client,
        form=lambda _: {"ground": "request", "confirmed": "yes"},
    ),
    "client_keeping": Door(
        reads=ANSWER, writes=ANSWER, path=of_client, form=lambda _: {"until": "2027-11-22", "reason": "Гарантия"}
    ),
    "client_number": Door(
        writes=(Right.SEE_PHONE,), path=lambda scene: {**of_client(scene), "phone_id": scene.phone.pk}
    ),
    "client_merge": Door(
        reads=(Right.MERGE_CLIENTS,),
        writes=(Right.MERGE_CLIENTS,),
        set_up=Scene.come_twice,
        path=lambda scene: {**of_client(scene), "other_id": scene.twin_id},
        form=lambda scene: {"name": "own", "seen": compared_as(scene)},
    ),
    "merge_undone": Door(
        writes=(Right.MERGE_CLIENTS,),
        set_up=Scene.merge,
        path=lambda scene: {**of_client(scene), "merge_id": first_id(Merge)},
    ),
    "told_apart": Door(
        writes=(Right.MERGE_CLIENTS,),
        set_up=Scene.come_twice,
        path=lambda scene: {**of_client(scene), "other_id": scene.twin_id},
    ),
    "told_apart_undone": Door(
        writes=(Right.MERGE_CLIENTS,),
        set_up=Scene.be_told_apart,
        path=lambda scene: {**of_client(scene), "other_id": scene.twin_id},
    ),
    "client_change_taken_back": Door(
        writes=(Right.CHANGE_CLIENT,),
        set_up=Scene.rename,
        path=lambda scene: {**of_client(scene), "change_id": first_id(ClientChange)},
    ),
    "client_consent": Door(
        reads=(Right.CHANGE_CLIENT,),
        writes=(Right.CHANGE_CLIENT,),
        path=lambda scene: {**of_client(scene), "purpose": "advertising"},
        form=lambda _: {"channel": "call", "given": "yes", "number": "1"},
    ),
    "client_facet": Door(
        reads=(Right.CHANGE_CLIENT,),
        writes=(Right.CHANGE_CLIENT,),
        path=lambda scene: {**of_client(scene), "facet": "person", "subject": "own"},
        form=lambda scene: {
            "name": "Смирнова Анна Викторовна",
            "kind": "person",
            "email": "a@b.test",
            "seen": person_seen(scene),
        },
    ),
    "personal": Door(reads=PERSONAL, path=of_branch),
    "retention": Door(
        reads=(Right.EDIT_NETWORK,),
        writes=(Right.EDIT_NETWORK,),
        path=of_branch,
        form=lambda _: {"client_months": "36"},
    ),
    "consent_text": Door(
        reads=(Right.EDIT_NETWORK,),
        writes=(Right.EDIT_NETWORK,),
        path=lambda scene: {**of_branch(scene), "purpose": "messages"},
        form=lambda _: {"text": "Согласен"},
    ),
    "erasure_act": Door(reads=PERSONAL, path=of_act, set_up=Scene.be_erased),
    "erasure_log": Door(reads=PERSONAL, path=of_act, set_up=Scene.be_erased),
    "outside": Door(reads=ALL, path=of_branch),
    "calendars": Door(
        reads=EDIT,
        writes=EDIT,
        set_up=Scene.share_calendar,
        path=of_branch,
        form=lambda scene: {"name": "Телефон мастера", "subject": f"bay-{scene.cast.bays[0].pk}"},
    ),
    "calendar_revoked": Door(
        writes=EDIT,
        set_up=Scene.share_calendar,
        path=lambda scene: {**of_branch(scene), "link_id": scene.calendar_id},
    ),
    "export": Door(writes=ALL, path=lambda scene: {**of_branch(scene), "name": "day", "kind": "csv"}),
    "imports": Door(
        reads=IMPORT,
        writes=IMPORT,
        set_up=Scene.import_in_vain,
        path=of_branch,
        form=lambda _: {"name": "Запись.csv", "size": "1"},
    ),
    "import_run": Door(reads=IMPORT, set_up=Scene.look_into_file, path=of_import),
    "import_piece": Door(
        writes=IMPORT,
        set_up=Scene.send_file,
        path=of_import,
        form=lambda _: {"number": "0", "piece": SimpleUploadedFile("piece", b"?"), "last": "yes"},
    ),
    "import_columns": Door(
        writes=IMPORT,
        set_up=Scene.look_into_file,
        path=of_import,
        form=lambda _: {"sheet": "", "row": "1", "column-0": "date", "column-1": "bay", "column-2": "client"},
    ),
    "import_step start": import_step("start"),
    "import_step stop": import_step("stop"),
    "import_step back": import_step("back"),
    "import_taken_back": Door(reads=IMPORT, writes=IMPORT, set_up=Scene.import_file, path=of_import),
    "import_refused": Door(
        writes=IMPORT, set_up=Scene.import_in_vain, path=lambda scene: {**of_import(scene), "kind": "csv"}
    ),
    "settings": Door(reads=EDITORS, path=of_branch),
    "settings_history": Door(reads=EDITORS, path=of_branch, set_up=Scene.change_pause),
    "setting_taken_back": Door(
        reads=EDITORS,
        writes=EDITORS,
        set_up=Scene.change_pause,
        path=lambda scene: {**of_branch(scene), "change_id": last_change_id()},
    ),
    "setting": Door(
        reads=EDITORS,
        writes=EDITORS,
        path=lambda scene: {**of_branch(scene), "setting": "pause", "subject": "branch"},
        form=lambda _: {"pause": "15"},
    ),
    "attention": Door(reads=SUPERVISE, path=of_branch, set_up=Scene.miss_the_deadline),
    "matter": Door(
        reads=SUPERVISE,
        writes=SUPERVISE,
        set_up=Scene.miss_the_deadline,
        path=of_matter,
        form=lambda _: {"note": "Оператор был один"},
    ),
    "matter_open_again": Door(writes=SUPERVISE, set_up=Scene.look_over, path=of_matter),
    "access_log": Door(reads=(Right.SEE_ACCESS_LOG,), path=of_branch, set_up=Scene.give_grounds),
    "export_log": Door(reads=(Right.SEE_ACCESS_LOG,), path=of_branch, set_up=Scene.take_list_along),
    "staff": Door(reads=(Right.SEE_STAFF,), path=of_branch, query="?q=Иванова&role=operator"),
    "person": Door(reads=(Right.SEE_STAFF,), path=of_person, set_up=Scene.rename_operator),
    "new_person": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=of_branch,
        form=lambda scene: {**roles_typed(scene), "full_name": "Кошкина Вера", "username": "koshkina", "by": "link"},
    ),
    "brought_in": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=of_branch,
        form=lambda scene: {**roles_typed(scene), "username": "stranger"},
    ),
    "person_names": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=of_person,
        form=lambda _: {"full_name": "Иванова Ольга", "short_name": "Иванова О.", "username": "operator"},
    ),
    "person_roles": Door(reads=ADMINISTER, writes=ADMINISTER, path=of_person, form=roles_typed),
    "person_let_in": Door(reads=ADMINISTER, writes=ADMINISTER, path=of_person, form=lambda _: {"by": "temporary"}),
    "person_switched": Door(writes=ADMINISTER, path=of_person, form=lambda _: {"state": "off"}),
    "person_second_step": Door(reads=ADMINISTER, writes=ADMINISTER, path=of_person),
    "staff_sessions": Door(writes=ADMINISTER, path=of_person),
    "staff_change_taken_back": Door(
        writes=ADMINISTER,
        set_up=Scene.rename_operator,
        path=lambda scene: {**of_branch(scene), "change_id": last_staff_change_id()},
    ),
    "settings_taken_back": Door(
        writes=EDITORS,
        set_up=Scene.change_pause,
        path=lambda scene: {**of_branch(scene), "changes": str(last_change_id())},
    ),
    "holidays": Door(
        reads=EDITORS,
        writes=EDITORS,
        path=of_branch,
        form=lambda _: {"year": "2026", "days": "2026-12-31", "how": "closed"},
    ),
    "directories": Door(reads=EDITORS, path=of_branch),
    "directory": Door(reads=EDITORS, path=lambda scene: {**of_branch(scene), "name": "works"}),
    "directory reasons": Door(reads=EDITORS, path=lambda scene: {**of_branch(scene), "name": "reasons"}),
    "directory script": Door(reads=EDITORS, path=lambda scene: {**of_branch(scene), "name": "script"}),
    "directory policy": Door(reads=EDITORS, path=lambda scene: {**of_branch(scene), "name": "policy"}),
    "setting work": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=lambda scene: {**of_branch(scene), "setting": "work", "subject": "new"},
        form=lambda _: {"name": "Полировка", "norm": "2", "is_active": "yes"},
    ),
    "setting zone": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=lambda scene: {**of_branch(scene), "setting": "zone", "subject": "branch"},
        form=lambda _: {"zone": "Europe/Samara"},
    ),
    "put_in_order": Door(
        writes=ADMINISTER,
        path=lambda scene: {**of_branch(scene), "setting": "late_reason_order"},
        form=lambda scene: {"moved": scene.cast.late_reason("traffic")},
    ),
    "step_said": Door(reads=EDITORS, path=of_branch, query=f"?{urlencode({'text': '{eta}'})}"),
    "script_copied": Door(
        reads=EDITORS,
        writes=EDITORS,
        set_up=Scene.look_after_both,
        path=of_branch,
        form=lambda scene: {"like": scene.cast.other_branch.code},
    ),
    "script_step": Door(
        reads=EDITORS,
        writes=EDITORS,
        path=lambda scene: {**of_branch(scene), "step": "new"},
        form=lambda _: {"moment": "late", "text": "Ждём вас"},
    ),
    "branches": Door(reads=ADMINISTER, path=of_branch),
    "branch_opened": Door(
        reads=ADMINISTER,
        writes=ADMINISTER,
        path=of_branch,
        form=lambda _: {"code": "YUG", "name": "Юг", "zone": "Europe/Moscow", "bays": "2", "week": "daily"},
    ),
    "sheet": Door(reads=ALL, path=of_branch, query="?day=2026-11-22"),
    "search": Door(reads=ALL, path=of_branch, query="?q=Смирнова"),
    "removed": Door(reads=ALL, path=of_branch, set_up=Scene.remove),
    "not_arrived": Door(reads=ALL, path=of_branch, set_up=Scene.let_the_day_end),
    "waitlist": Door(reads=ALL, path=of_branch, set_up=Scene.wait_for_sooner),
    "put_on_waitlist": Door(
        writes=KEEP, path=of_branch, form=lambda _: {"name": "Кот Иван", "phone": "8 912 000-00-08", "weekday": "1"}
    ),
    "want_sooner": Door(
        reads=KEEP, writes=KEEP, set_up=lambda scene: scene.clock.show("09:00"), form=lambda _: {"urgent": "yes"}
    ),
    "wait": Door(reads=KEEP, writes=KEEP, set_up=Scene.wait_for_sooner, path=of_wait, form=lambda _: {"part": "day"}),
    "withdraw_wait": Door(writes=KEEP, set_up=Scene.wait_for_sooner, path=of_wait, form=lambda _: {"why": "Передумал"}),
    "put_back": Door(writes=KEEP, set_up=Scene.withdraw, path=of_wait),
    "offer_time": Door(
        reads=KEEP,
        writes=KEEP,
        set_up=Scene.wait_for_sooner,
        path=of_wait,
        form=lambda scene: {"slot": scene.slot()},
        query=lambda scene: f"?{urlencode({'slot': scene.slot()})}",
    ),
    "dial_waiting": Door(
        writes=KEEP,
        set_up=Scene.wait_for_sooner,
        path=lambda scene: {**of_wait(scene), "phone_id": scene.phone.pk},
    ),
    "time_offer": Door(
        reads=KEEP,
        writes=KEEP,
        set_up=Scene.call_about_it,
        path=of_offer,
        form=lambda _: {"answer": "refused"},
    ),
    "offer_given_up": Door(writes=KEEP, set_up=Scene.call_about_it, path=of_offer),
    "answer_taken_back": Door(writes=KEEP, set_up=Scene.be_refused, path=of_offer),
    "booking": Door(
        reads=(Right.BOOK,),
        writes=(Right.BOOK,),
        path=of_branch,
        form=lambda scene: {"slot": scene.slot(), "name": "Кот Иван", "phone": "8 912 000-00-08"},
    ),
    "slots_for_booking": Door(
        reads=(Right.BOOK,), writes=(Right.BOOK,), path=of_branch, form=lambda scene: {"slot": scene.slot()}
    ),
    "overbooking_of_new": Door(reads=(Right.OVERBOOK,), path=of_branch),
    "release_holds": Door(writes=(Right.BOOK, Right.MOVE), path=of_branch),
    "field_checked": Door(
        reads=(Right.BOOK,),
        path=lambda scene: {**of_branch(scene), "field": "phone"},
        query="?phone=9123456789",
    ),
    "clients_found": Door(reads=(Right.BOOK,), path=of_branch, query="?who=9123456789"),
}

#: Open without a login, to whoever has the secret that stands in the address.
BEHIND_A_SECRET = ("calendar_feed",)


def address(name: str, scene: Scene) -> str:
    return reverse(name.split()[0], kwargs=DOORS[name].path(scene))


def address_to_read(name: str, scene: Scene) -> str:
    """With what is asked for there."""
    query = DOORS[name].query
    return address(name, scene) + (query if isinstance(query, str) else query(scene))


def may(scene: Scene, name: str, rights: Rights) -> bool:
    """Whether that member of staff has any of the rights."""
    return any(scene.cast.actor(name).may(right, scene.cast.branch.pk) for right in rights)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All that is written in the database, but for who is signed in; by bare statements, since it is asked so often."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model is not Session and model._meta.app_label != "axes":
                cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # names of our own
                rows[model._meta.label] = cursor.fetchall()
    return rows
